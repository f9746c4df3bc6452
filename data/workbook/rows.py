"""Finds the table in a sheet: the header row, the rows of data, and what is neither."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from data.workbook.headers import Layout, layout_of

HEADER_ROWS_SEARCHED = 20
BATCH_ROWS = 2000
PLACEHOLDER = "This tab page is empty"
"""So begins the only row of vFileInfo when RVTools did not look for files."""
_NUMBERS = (float, int)

Row = Sequence[Any]


def find_layout(tab: str, rows: Iterator[Row]) -> tuple[Layout, int] | None:
    """The layout of the first row that looks like a header, and its row number; the iterator stands behind it.

    None if none of the first rows has a header of the tab.
    """
    for number, row in enumerate(islice(rows, HEADER_ROWS_SEARCHED), 1):
        layout = layout_of(tab, row)
        wanted = 1 if sum(1 for header in layout.headers if header) == 1 else 2
        if len(layout.fields) >= wanted and layout.keys:
            return layout, number
    return None


class TableRows:
    """The data rows of a sheet in batches, with their row numbers. Everything else is skipped and counted.

    Skipped are repeated header rows, rows that name nothing, and captions: rows at the end of a block that have
    numbers besides a name at most, below rows that say more (notes and totals under the table).
    """

    def __init__(self, layout: Layout, rows: Iterable[Row], first_number: int) -> None:
        self.skipped = 0
        self._layout = layout
        self._rows = enumerate(rows, first_number)
        self._captions: deque[tuple[int, Row]] = deque()
        self._has_data = False

    def batches(self) -> Iterator[tuple[tuple[int, ...], tuple[Row, ...]]]:
        """Row numbers and rows, up to `BATCH_ROWS` at a time."""
        rows = self._data()
        while batch := tuple(islice(rows, BATCH_ROWS)):
            numbers, cells = zip(*batch, strict=True)
            yield numbers, cells

    def _data(self) -> Iterator[tuple[int, Row]]:
        keys = self._layout.keys
        for number, row in self._rows:
            if not any(_filled(row[at]) for at in keys):
                self._block_ends(row)
            elif self._is_header(row):
                self.skipped += 1
            elif self._says_more(row):
                self._has_data = True
                while self._captions:
                    yield self._captions.popleft()
                yield number, row
            else:
                self._captions.append((number, row))
        if self._has_data:
            self.skipped += len(self._captions)
        else:
            yield from self._captions

    def _block_ends(self, row: Row) -> None:
        self.skipped += any(map(_filled, row)) and not any(str(cell).startswith(PLACEHOLDER) for cell in row)
        if self._has_data:
            self.skipped += len(self._captions)
            self._captions.clear()

    def _says_more(self, row: Row) -> bool:
        """Whether a row has more than a name and numbers."""
        names = self._layout.names
        return any(
            cell.__class__ not in _NUMBERS and _filled(cell) and at not in names
            for at, cell in enumerate(row)
        )

    def _is_header(self, row: Row) -> bool:
        at = self._layout.keys[0]
        headers = self._layout.headers
        if row[at].__class__ is not str or row[at].strip() != headers[at]:
            return False
        same = sum(
            1 for cell, header in zip(row, headers, strict=True) if header and str(cell).strip() == header
        )
        return same > sum(1 for header in headers if header) / 2


def _filled(cell: object) -> bool:
    return cell != "" and cell is not None and not (isinstance(cell, str) and cell.isspace())
