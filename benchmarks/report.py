"""The table of figures, on the screen and in RESULTS.md."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEADERS = ("figure", "predecessor", "measured", "floor", "ratio", "target", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    target: float | None = None
    """The most that it may be; None if nothing is asked of it."""
    at_least: bool = False
    """The target is the least that it may be."""
    floor: float | None = None
    """What hand-written SQL takes, in the same unit."""
    predecessor: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the target is met, if there is one."""
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def cells(self) -> tuple[str, ...]:
        """The line as texts, in the order of the headers."""
        words = "at least" if self.at_least else "at most"
        return (
            self.name,
            self.predecessor,
            f"{_number(self.value)} {self.unit}",
            "" if self.floor is None else f"{_number(self.floor)} {self.unit}",
            "" if self.floor is None else f"{self.value / self.floor:.2f}",
            "" if self.target is None else f"{words} {_number(self.target)} {self.unit}",
            "" if self.target is None else "ok" if self.is_met else "**missed**",
        )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def table(figures: Iterable[Figure]) -> str:
    """The figures as a table that reads well as Markdown and on a terminal."""
    lines = [HEADERS, *(figure.cells() for figure in figures)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADERS))]
    rows = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([rows[0], rule, *rows[1:]])


def write(size: int, figures: Sequence[Figure], facts: Sequence[str]) -> None:
    """Put the table of this size into RESULTS.md, in place of the one before; the other sizes stay."""
    begin, end = f"<!-- {size} -->", f"<!-- end of {size} -->"
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=RESULTS.parent,
    ).stdout.strip()
    said = [f"{time.strftime('%Y-%m-%d %H:%M')}, commit {commit or 'unknown'}", *facts]
    section = "\n".join(
        [begin, f"## {size:,} machines", "", *(f"- {fact}" for fact in said), "", table(figures), end]
    )
    text = RESULTS.read_text() if RESULTS.exists() else _INTRODUCTION
    if begin in text:
        before, _, rest = text.partition(begin)
        text = before + section + rest.partition(end)[2]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    RESULTS.write_text(text)


_INTRODUCTION = """# Figures

Written by `make bench SIZE=…`. An estate of three vCenters with two states each, the newest holding so many machines;
SQLite; gunicorn with two workers; server, clients and browser on the same machine.

- *floor*: the hand-written statements of `floor.sql` over the same tables and indexes, each of their numbers equal to
  the page's. Page and floor alternate 15 times; medians.
- *cold*: no answer of this generation is cached. *warm*: the answer is cached.
- *server*: from the entry into the WSGI app to the last byte of the callback's answer, compressed.
- *first visit*: a new browser profile, until the last chart is drawn. *warm visit*: the same browser again.
- The targets are those for 100,000 machines, except that all tabs of 10,000 machines are to be imported in 45 s. The
  predecessor's figures were measured at 100,000.
"""
