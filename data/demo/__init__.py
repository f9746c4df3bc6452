"""An invented estate of any size, written as RVTools 4.7 would export it."""

from data.demo.series import write_demo

__all__ = ["write_demo"]
