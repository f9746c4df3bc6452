"""Finds the table in a sheet: the header row, the rows of data, and what is neither."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from data.workbook.cells import to_text
from data.workbook.headers import NO_MAPPINGS, Layout, layout_of

HEADER_ROWS_SEARCHED = 20
BATCH_ROWS = 2000
_NUMBERS = (float, int)
_NUMBER = re.compile(r"\s*[-+]?[0-9][0-9.,' \u00a0\u202f]*%?\s*")
"""A number in a file that has only text."""

Row = Sequence[Any]
Batch = tuple[tuple[int, ...], tuple[Row, ...]]
"""Row numbers and rows."""
Leave = Callable[[int, Row, str], None]
"""Told the number and the cells of a row that is left out, and why."""

_PLACEHOLDER = "This tab page is empty"
REPEATED = "a header row once more"
NAMELESS = "names nothing: a note, a total or a row of another table"
CAPTION = "a note or a total under the table"


def find_layout(
    tab: str, rows: Iterator[Row], mapped: Mapping[str, str] = NO_MAPPINGS
) -> tuple[Layout, int, Iterator[Row]] | None:
    """The layout of the row that looks most like a header of the tab, its row number, and the rows behind it.

    None if none of the first rows has a header of the tab.
    """
    seen: list[Row] = []
    best: tuple[Layout, int] | None = None
    for number, row in enumerate(islice(rows, HEADER_ROWS_SEARCHED), 1):
        seen.append(row)
        layout = layout_of(tab, row, mapped)
        if not _is_header_row(layout):
            continue
        if len(layout.fields) >= 3 and layout.recognised >= len(layout.attributes):
            return layout, number, rows
        if best is None or len(layout.fields) > len(best[0].fields):
            best = layout, number
    return (*best, chain(seen[best[1] :], rows)) if best else None


def _is_header_row(layout: Layout) -> bool:
    """Two fields; one is enough if the row has no other cell, or if it names machines in vInfo."""
    if not layout.keys:
        return False
    return len(layout.fields) >= 2 or not layout.attributes or (layout.tab == "vInfo" and bool(layout.names))


class TableRows:
    """The data rows of a sheet in batches, with their row numbers. Everything else is left out and counted.

    Left out are repeated header rows, rows that name nothing, and captions: rows at the end of a block that have
    numbers besides a name at most, below rows that say more (notes and totals under the table).
    """

    def __init__(self, layout: Layout, rows: Iterable[Row], first_number: int, leave: Leave) -> None:
        self.skipped = 0
        self._layout = layout
        self._keys, self._names = layout.keys, layout.names
        self._rows = enumerate(rows, first_number)
        self._leave = leave
        self._captions: deque[tuple[int, Row]] = deque()
        self._has_data = False

    def batches(self) -> Iterator[Batch]:
        """Row numbers and rows, up to `BATCH_ROWS` at a time."""
        return batches_of(self._data())

    def _data(self) -> Iterator[tuple[int, Row]]:
        keys, may_be_empty = self._keys, self._layout.tab == "vFileInfo"
        for number, row in self._rows:
            if may_be_empty and self._is_placeholder(row):
                continue
            if not any(filled(row[at]) for at in keys):
                self._block_ends(number, row)
            elif self._is_header(row):
                self._skip(number, row, REPEATED)
            elif self._says_more(row):
                self._has_data = True
                while self._captions:
                    yield self._captions.popleft()
                yield number, row
            else:
                self._captions.append((number, row))
        if self._has_data:
            self._skip_captions()
        else:
            yield from self._captions

    def _skip(self, number: int, row: Row, reason: str) -> None:
        self.skipped += 1
        self._leave(number, row, reason)

    def _skip_captions(self) -> None:
        while self._captions:
            self._skip(*self._captions.popleft(), CAPTION)

    def _block_ends(self, number: int, row: Row) -> None:
        if self._has_data:
            self._skip_captions()
        if any(map(filled, row)):
            self._skip(number, row, NAMELESS)

    def _says_more(self, row: Row) -> bool:
        """Whether a row has more than a name and numbers."""
        names = self._names
        return any(
            cell.__class__ not in _NUMBERS
            and filled(cell)
            and at not in names
            and not (cell.__class__ is str and _NUMBER.fullmatch(cell))
            for at, cell in enumerate(row)
        )

    @staticmethod
    def _is_placeholder(row: Row) -> bool:
        """The sentence that RVTools writes into vFileInfo where it was not asked for files."""
        return any(str(cell).startswith(_PLACEHOLDER) for cell in row)

    def _is_header(self, row: Row) -> bool:
        at = self._keys[0]
        headers = self._layout.headers
        if row[at].__class__ is not str or row[at].strip() != headers[at]:
            return False
        same = sum(
            1 for cell, header in zip(row, headers, strict=True) if header and str(cell).strip() == header
        )
        return same > sum(1 for header in headers if header) / 2


def batches_of(rows: Iterator[tuple[int, Row]]) -> Iterator[Batch]:
    """Numbered rows, up to `BATCH_ROWS` at a time."""
    while batch := tuple(islice(rows, BATCH_ROWS)):
        numbers, cells = zip(*batch, strict=True)
        yield numbers, cells


def filled(cell: object) -> bool:
    """Whether something stands in a cell that is left when it is read."""
    if cell == "" or cell is None:
        return False
    return not isinstance(cell, str) or bool(cell.strip() if cell.isprintable() else to_text(cell))
