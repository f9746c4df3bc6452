"""The table of figures, on the screen and in RESULTS.md."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEADERS = ("figure", "predecessor", "measured", "floor", "ratio", "target", "")
BESIDE_SQLITE = ("figure", "SQLite", "measured", "× SQLite", "floor", "ratio", "target", "")
_VARYING = re.compile(r"(?<=slowest sort):.*|,? from [\d,]+ MiB$| ?\([^()]*\)")
"""What a figure's name says of this run alone."""


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
            f"{number(self.value)} {self.unit}",
            "" if self.floor is None else f"{number(self.floor)} {self.unit}",
            "" if self.floor is None else f"{self.value / self.floor:.2f}",
            "" if self.target is None else f"{words} {number(self.target)} {self.unit}",
            "" if self.target is None else "ok" if self.is_met else "**missed**",
        )

    def beside(self, sqlite: Mapping[str, float]) -> tuple[str, ...]:
        """The line of another engine, with the figure of SQLite where it is known."""
        name, _, measured, *rest = self.cells()
        known = sqlite.get(key_of(self.name))
        if known is None:
            return name, "", measured, "", *rest
        ratio = f"{self.value / known:.2f}" if known else ""
        return name, f"{number(known)} {self.unit}", measured, ratio, *rest


def key_of(name: str) -> str:
    """What is the same in the name of a figure from run to run.

    Example:
        >>> key_of("VM Explorer, first block, slowest sort: cluster asc"), key_of("growth of a worker, from 157 MiB")
        ('VM Explorer, first block, slowest sort', 'growth of a worker')
        >>> key_of("CSV of all machines, all 145 columns (133 MiB)")
        'CSV of all machines, all 145 columns'
    """
    return _VARYING.sub("", name)


def sqlite_figures(size: int) -> dict[str, float]:
    """What RESULTS.md says of SQLite at a size, by the key of the figure; nothing if it was not measured."""
    text = RESULTS.read_text() if RESULTS.exists() else ""
    begin, end = _marks(str(size))
    lines = [
        [cell.strip() for cell in line.split("|")]
        for line in text.partition(begin)[2].partition(end)[0].splitlines()
        if line.startswith("| ")
    ]
    if not lines:
        return {}
    name, measured = (lines[0].index(header) for header in ("figure", "measured"))
    return {key_of(line[name]): float(line[measured].split()[0].replace(",", "")) for line in lines[1:]}


def number(value: float) -> str:
    """As it stands in a table."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def table(figures: Iterable[Figure], sqlite: Mapping[str, float] | None = None) -> str:
    """The figures as a table that reads well as Markdown and on a terminal.

    Args:
        figures: Those of one run.
        sqlite: Those of SQLite, to stand beside them; None if they are themselves of SQLite.
    """
    if sqlite is None:
        return grid([HEADERS, *(figure.cells() for figure in figures)])
    return grid([BESIDE_SQLITE, *(figure.beside(sqlite) for figure in figures)])


def grid(lines: Sequence[Sequence[str]]) -> str:
    """A table of which the first line holds the headers."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([rows[0], rule, *rows[1:]])


def write(key: str, title: str, facts: Sequence[str], content: str) -> None:
    """Put a section into RESULTS.md, in place of the one before of the same key; the others stay."""
    begin, end = _marks(key)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=RESULTS.parent,
    ).stdout.strip()
    said = [f"{time.strftime('%Y-%m-%d %H:%M')}, commit {commit or 'unknown'}", *facts]
    section = "\n".join([begin, f"## {title}", "", *(f"- {fact}" for fact in said), "", content, end])
    text = RESULTS.read_text() if RESULTS.exists() else _INTRODUCTION
    if begin in text:
        before, _, rest = text.partition(begin)
        text = before + section + rest.partition(end)[2]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    RESULTS.write_text(text)


def _marks(key: str) -> tuple[str, str]:
    """Where the section of a key begins and ends."""
    return f"<!-- {key} -->", f"<!-- end of {key} -->"


_INTRODUCTION = """# Figures

Written by `make bench SIZE=… DB=…`. An estate of three vCenters with two states each, the newest holding so many
machines; SQLite where nothing else is said; gunicorn with two workers; database, server, clients and browser on the
same machine.

- *floor*: the hand-written statements of `floor.sql` over the same tables and indexes, each of their numbers equal to
  the page's. Page and floor alternate 15 times; medians.
- *SQLite*, in the tables of other engines: its figure at this size, from the same file when they were measured.
- *cold*: no answer of this generation is cached. *warm*: the answer is cached.
- *server*: from the entry into the WSGI app to the last byte of the callback's answer, compressed.
- *first visit*: a new browser profile, until the last chart is drawn. *warm visit*: the same browser again.
- The targets are those for 100,000 machines, except that all tabs of 10,000 machines are to be imported in 45 s. The
  predecessor's figures were measured at 100,000.

The sections about operators are written by `python -m benchmarks.operators --size … --minutes 5 --stop-redis 20
--stop-database 20`: fifty browsers, each of which acts every 8 s on average (35 % open a page, 30 % filter or sort,
20 % search, 12 % look at a machine, 3 % take a CSV of 1,000 rows) and sends the requests that Chromium sends then; two
workers of gunicorn that are never renewed, a database server and Redis, all on the same machine. Each round begins with
a cold cache.

- *failed*: no complete answer with a status of 2xx, after one more attempt where a connection broke before the first
  byte; or an answer that holds the app's message instead of what was asked for. While the database is away such a
  message, or a status of 503, is a *clear* one.
- *back to normal*: from the moment the server accepts connections again to the beginning of the first second in which
  all requests that are sent succeed.
- The percentiles leave out the scripts and styles of first visits, and whatever failed.
- *memory* of a worker: what no file backs, shared pages divided among those that share them.
"""
