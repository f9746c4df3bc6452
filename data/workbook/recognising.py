"""Which sheet of a file is which tab of RVTools: by its name, else by its headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice

from data.fields import TABS, VM_KEY, normalised
from data.results import HeaderMapping, UnknownSheet
from data.workbook.headers import NO_MAPPINGS, header_text, known_headers, tab_name
from data.workbook.redaction import redact
from data.workbook.rows import HEADER_ROWS_SEARCHED, Row, filled
from data.workbook.sheets import Sheet

MACHINES = "vInfo"
"""The tab without which nothing works."""
MAX_COLUMNS = 200
"""Of a sheet that is no tab of RVTools."""
_MAX_COMPARED = 2000
"""Columns that are compared with RVTools' headers."""
_MIN_HEADERS, _MIN_OF_SHEET, _MIN_OF_TAB = 3, 0.6, 0.4
"""A sheet of another name is a tab if it has so many headers of it, which make up so much of its own headers and of
the tab's. A price list with a column "Name" does not."""

Mappings = Mapping[str, Mapping[str, str]]
"""Tab -> header, as `normalised` gives it -> key of the field."""


def by_tab(mappings: Sequence[HeaderMapping]) -> Mappings:
    """The mappings of each tab; those of tabs that do not exist are dropped."""
    found: dict[str, dict[str, str]] = {tab: {} for tab in TABS}
    for mapping in mappings:
        found.get(mapping.tab, {})[mapping.header] = mapping.field
    return found


@dataclass
class Found:
    """A sheet and what it is."""

    sheet: Sheet
    remark: str = ""
    """Why it is no tab although it looks like one."""
    head: list[Row] = field(default_factory=list)
    """Its first rows, once they were looked at."""
    _rest: Iterator[Row] | None = None

    def look(self, *, keep: bool) -> None:
        """Read the first rows; with `keep` the others are read on from there, else the sheet is opened again."""
        rows = self.sheet.rows()
        self.head = list(islice(rows, HEADER_ROWS_SEARCHED))
        self._rest = rows if keep else None

    def rows(self) -> Iterator[Row]:
        """All rows, from the top."""
        if self._rest is None:
            return self.sheet.rows()
        rows, self._rest = chain(self.head, self._rest), None
        return rows


class Recognised:
    """The tabs in a file and its other sheets."""

    def __init__(self, sheets: Sequence[Sheet], mappings: Mappings) -> None:
        self._mappings = mappings
        self.tabs: dict[str, Found] = {}
        """Tab -> its sheet; not in any order."""
        self.others: list[Found] = []
        unnamed = []
        for sheet in sheets:
            found, tab = Found(sheet), tab_name(sheet.name)
            if tab is None:
                unnamed.append(found)
                self.others.append(found)
            elif tab in self.tabs:
                found.remark = _second(sheet.name, tab)
                self.others.append(found)
            else:
                self.tabs[tab] = found
        for found in unnamed:
            found.look(keep=len(unnamed) == 1)
        self._recognise_by_headers(unnamed)
        if MACHINES not in self.tabs:
            self._take_machines()

    def _recognise_by_headers(self, unnamed: list[Found]) -> None:
        for found in unnamed:
            tab = _tab_of(found.head, self._mappings)
            if tab is None:
                continue
            if tab in self.tabs:
                found.remark = _second(found.sheet.name, tab)
            else:
                self.tabs[tab] = found
                self.others.remove(found)

    def _take_machines(self) -> None:
        """Without a sheet of machines, take the one that knows most of a machine besides its name."""
        mapped = self._mappings[MACHINES]
        best = max(self.others, key=lambda found: _machine_headers(found.head, mapped), default=None)
        if best and _machine_headers(best.head, mapped):
            self._make_machines(best)

    def _make_machines(self, found: Found) -> None:
        found.remark = ""
        self.tabs[MACHINES] = found
        self.others.remove(found)

    def disown_machines(self) -> None:
        """The sheet that was taken for vInfo names no machines: take one that surely does, if there is one.

        A list of names and owners does not: the column of names in the sheet itself is better asked for.
        """
        self.others.append(self.tabs.pop(MACHINES))
        self._look_at_others()
        sure = (found for found in self.others if _tab_of(found.head, self._mappings) == MACHINES)
        if (found := next(sure, None)) is not None:
            self._make_machines(found)

    def unknown_sheets(self) -> tuple[UnknownSheet, ...]:
        """The sheets that may hold machines under a header that is not known."""
        self._look_at_others()
        found = []
        for other in self.others:
            _number, headers = header_row(other.head)
            names = tuple(redact(header) for header in headers[:MAX_COLUMNS] if header)
            if len(names) >= 2:
                found.append(UnknownSheet(other.sheet.name, names))
        return tuple(found)

    def _look_at_others(self) -> None:
        for other in self.others:
            if not other.head:
                other.look(keep=False)


def header_row(head: Sequence[Row]) -> tuple[int, list[str]]:
    """Row number and texts of the row that looks most like a header: the one with most cells, preferably all text.

    0 and nothing if all rows are blank.
    """
    best: tuple[tuple[bool, int], int] = ((False, 0), 0)
    for number, row in enumerate(head, 1):
        cells = [cell for cell in row if filled(cell)]
        score = len(cells) > 1 and all(isinstance(cell, str) for cell in cells), len(cells)
        if score > best[0]:
            best = score, number
    return best[1], [header_text(cell) for cell in head[best[1] - 1]] if best[1] else []


def _second(name: str, tab: str) -> str:
    return f"“{name}” is a second sheet for {tab}: only the first is read as such, this one is kept as it is."


@cache
def _size(tab: str) -> int:
    """Columns that RVTools writes in a tab, at least."""
    return len(TABS[tab])


def _headers_of(row: Row) -> set[str]:
    return {normalised(header_text(cell)) for cell in row[:_MAX_COMPARED] if filled(cell)}


def _tab_of(head: Sequence[Row], mappings: Mappings) -> str | None:
    """The tab that a row of the head is the header of, if it can be no other one."""
    for row in head:
        headers = _headers_of(row)
        if len(headers) < _MIN_HEADERS:
            continue
        scores = {tab: _hits(tab, headers, mappings[tab]) for tab in TABS}
        most = max(scores.values())
        best = [tab for tab, hits in scores.items() if hits == most]
        tab = MACHINES if MACHINES in best else best[0]
        wanted = 0 if tab == MACHINES else _MIN_OF_TAB * _size(tab)
        is_one = len(best) == 1 or (tab == MACHINES and bool(_MACHINE_NAMES & headers))
        if (
            is_one
            and most >= max(_MIN_HEADERS, _MIN_OF_SHEET * len(headers), wanted)
            and _has_key(tab, headers)
        ):
            return tab
    return None


def _hits(tab: str, headers: set[str], mapped: Mapping[str, str]) -> int:
    known = known_headers(tab)
    start = tab.lower()
    return sum(
        1
        for header in headers
        if header in known or header in mapped or (header.startswith(start) and header != start)
    )


_MACHINE_NAMES = {normalised(header) for header in VM_KEY[0].headers}


def _has_key(tab: str, headers: set[str]) -> bool:
    """A sheet of machines must name them; mapped headers are looked at when its rows are read."""
    if tab != MACHINES:
        return True
    return bool(_MACHINE_NAMES & headers) or any(header.startswith("vinfo") for header in headers)


def _machine_headers(head: Sequence[Row], mapped: Mapping[str, str] = NO_MAPPINGS) -> int:
    """How many columns of the best row say something of machines, if one of them is their name; else 0."""
    names = _MACHINE_NAMES | {header for header, key in mapped.items() if key == VM_KEY[0].key}
    rows = (_headers_of(row) for row in head)
    return max((_hits(MACHINES, headers, mapped) for headers in rows if names & headers), default=0)
