"""Reads a workbook tab by tab into a spool. Runs in a process of its own: see `data.workbook.process`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from data.errors import FileRefusedError
from data.fields import TABS
from data.workbook.book import Book, Sheet, open_book
from data.workbook.cells import EXPECTED, NAME_LENGTH, ColumnReader, to_text
from data.workbook.headers import Layout, tab_name
from data.workbook.process import Request
from data.workbook.rows import Row, TableRows, find_layout
from data.workbook.spool import Content, Part, SpoolWriter, Tab

MAX_EXAMPLE = 60
MAX_HEADER_LENGTH = 255
MAX_SOURCES = 20
_SOURCE_KEYS = dict.fromkeys(TABS, ("vi_sdk_server", "vi_sdk_uuid")) | {
    "vMetaData": ("server", "vi_sdk_uuid")
}

Report = Callable[[str, int, float], None]
"""Called with a tab, the rows read of it so far, and the share of the workbook that is read (0 to 1)."""


def read_workbook(path: Path, directory: Path, request: Request, report: Report) -> Content:
    """Read every tab, spool the rows of those that are stored, and say what was found.

    Raises:
        FileRefusedError: the workbook cannot be read or is not an RVTools export.
    """
    del request
    with open_book(path) as book:
        sheets = _tabs_of(book)
        tabs = []
        for done, (tab, sheet) in enumerate(sheets.items()):
            report(tab, 0, done / len(sheets))
            rows = sheet.rows()
            share_of_row = 1 / len(sheets) / max(sheet.height, 1)
            start = done / len(sheets)
            tabs.append(_read_tab(tab, rows, directory, partial(_report, report, tab, start, share_of_row)))
    if not any(tab.name == "vInfo" and tab.is_stored for tab in tabs):
        raise FileRefusedError("The tab vInfo has no header row with a column “VM”: no machine can be read.")
    sources = next((tab.sources for tab in tabs if tab.name == "vInfo"), ())
    server, uuid = sources[0] if len(sources) == 1 else (None, None)
    return Content(book.format, (Part(server, uuid, tuple(tabs)),), book.created)


def _tabs_of(book: Book) -> dict[str, Sheet]:
    """Tab -> sheet; vInfo first, since nothing works without it."""
    sheets: dict[str, Sheet] = {}
    for sheet in book.sheets:
        if name := tab_name(sheet.name):
            sheets.setdefault(name, sheet)
    if "vInfo" not in sheets:
        found = ", ".join(sheet.name for sheet in book.sheets[:10]) or "no sheet"
        raise FileRefusedError(
            f"The workbook is not an RVTools export: it has no tab vInfo (found: {found})."
        )
    return {"vInfo": sheets.pop("vInfo"), **sheets}


def _report(report: Report, tab: str, start: float, share_of_row: float, rows: int) -> None:
    report(tab, rows, start + rows * share_of_row)


def _read_tab(tab: str, rows: Iterator[Row], directory: Path, on_rows: Callable[[int], None]) -> Tab:
    if tab not in TABS:
        filled = sum(1 for row in rows if any(cell != "" for cell in row))
        return Tab(tab, is_stored=False, rows=max(filled - 1, 0))
    found = find_layout(tab, rows)
    if not found:
        remark = f"{tab} has no header row that RVTools writes; the tab is left out."
        return Tab(tab, is_stored=False, rows=0, remarks=(remark,))
    layout, header_number = found
    with SpoolWriter(directory / tab) as spool:
        reader = _TabReader(layout)
        table = TableRows(layout, rows, header_number + 1)
        for numbers, batch in table.batches():
            spool.write(reader.read(numbers, batch))
            on_rows(reader.rows)
    return reader.tab(table.skipped)


class _TabReader:
    """Converts the rows of one tab and counts what it meets."""

    def __init__(self, layout: Layout) -> None:
        self.rows = 0
        self._layout = layout
        self._columns = [(field, at, ColumnReader(field.kind)) for field, at in layout.fields]
        self._attributes = [(name[:MAX_HEADER_LENGTH], at) for name, at in layout.attributes]
        self._filled_attributes = dict.fromkeys((name for name, _at in self._attributes), 0)
        self._sources: dict[tuple[str | None, str | None], None] = {}
        keys = [field.key for field, _at in layout.fields]
        self._source_columns = [keys.index(key) if key in keys else None for key in _SOURCE_KEYS[layout.tab]]

    def read(self, numbers: tuple[int, ...], rows: tuple[Row, ...]) -> list[tuple[Any, ...]]:
        cells = list(zip(*rows, strict=True))
        columns = [column.read(cells[at], numbers) for _field, at, column in self._columns]
        self.rows += len(rows)
        server, uuid = ([None] * len(rows) if at is None else columns[at] for at in self._source_columns)
        self._sources |= dict.fromkeys(zip(server, uuid, strict=True))
        return list(zip(*columns, self._attributes_of(cells, len(rows)), strict=True))

    def _attributes_of(self, cells: list[tuple[Any, ...]], rows: int) -> list[dict[str, str] | None]:
        found: list[dict[str, str] | None] = [None] * rows
        for name, at in self._attributes:
            for row, cell in enumerate(cells[at]):
                if cell != "" and (text := to_text(cell)) is not None:
                    attributes = found[row]
                    if attributes is None:
                        attributes = found[row] = {}
                    attributes[name] = text
                    self._filled_attributes[name] += 1
        return found

    def tab(self, skipped: int) -> Tab:
        """What was found, once all rows are read."""
        layout = self._layout
        return Tab(
            name=layout.tab,
            is_stored=True,
            rows=self.rows,
            skipped=skipped,
            keys=tuple(field.key for field, _at in layout.fields),
            headers=sum(1 for header in layout.headers if header),
            headers_read=layout.recognised,
            attributes=tuple(name for name, _at in self._attributes),
            filled={field.key: column.filled for field, _at, column in self._columns}
            | {f"attr:{name}": rows for name, rows in self._filled_attributes.items()},
            sources=tuple(pair for pair in self._sources if any(pair))[:MAX_SOURCES],
            remarks=tuple(self._remarks(skipped)),
            spools=(layout.tab,),
        )

    def _remarks(self, skipped: int) -> Iterator[str]:
        for _field, at, column in self._columns:
            place = f"{self._layout.tab}, column “{self._layout.headers[at]}”"
            if column.first_refused:
                number, text = column.first_refused
                yield (
                    f"{place}: {_cells(column.refused)} not {EXPECTED.get(column.kind, 'a number')} and left empty; "
                    f"the first, in row {number:,}, is “{_shortened(text)}”."
                )
            if column.cut:
                yield f"{place}: {_cells(column.cut)} longer than {NAME_LENGTH} characters and cut."
        if skipped:
            rows = "1 row names" if skipped == 1 else f"{skipped:,} rows name"
            yield f"{self._layout.tab}: {rows} nothing to store (headers, notes or totals) and left out."


def _cells(count: int) -> str:
    return "1 cell is" if count == 1 else f"{count:,} cells are"


def _shortened(text: str) -> str:
    text = to_text(text) or ""
    return text if len(text) <= MAX_EXAMPLE else f"{text[:MAX_EXAMPLE]}…"
