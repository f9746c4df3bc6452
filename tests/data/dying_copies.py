"""Copies inventories in processes that are killed at a chosen moment. Those import this module: it holds no tests."""

from __future__ import annotations

import multiprocessing
import os
import signal

from data.copying import copy_inventory

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.data.dying_copies"])


def copy_until(moment: str, source: str, target: str) -> int:
    """Copy until something is told that begins so, and die; returns the status of the process, -9 if it was killed."""
    process = _context.Process(target=_copy, args=(moment, source, target))
    process.start()
    process.join()
    return process.exitcode or 0


def _copy(moment: str, source: str, target: str) -> None:
    def die(_phase: object, _pct: int, message: str) -> None:
        if message.startswith(moment):
            os.kill(os.getpid(), signal.SIGKILL)

    copy_inventory(source, target, die)
