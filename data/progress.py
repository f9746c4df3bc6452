"""How work that takes long tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

from data.vocabulary import JobPhase

OnProgress = Callable[[JobPhase, int, str], None]
"""Told the phase, the progress in percent and what is being done. Whatever it raises stops the work."""


def unheard(_phase: JobPhase, _pct: int, _message: str) -> None:
    """Nobody wants to know."""
