"""Where the rows of a file wait between reading and storing, in files, so that memory stays small."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

import msgspec

from data.results import HeaderMapping, UnknownSheet
from data.vocabulary import FileFormat, Kind
from data.workbook.cells import to_text
from data.workbook.headers import fields_read
from data.workbook.redaction import redact, redact_cells

_PYTHON_TYPES: dict[Kind, type] = {
    Kind.NAME: str,
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
    Kind.DATETIME: datetime,
}
"""Of the values of a kind; numbers of the other kinds are floats."""

_LENGTH_BYTES = 8


MAX_REJECTIONS = 10_000
"""That are kept; all are counted."""
MAX_REJECTED_TEXT = 200
ROW_NUMBER = "row_number"
"""The only key of a sheet that is no tab of RVTools: which row of the sheet it is. Its cells are attributes."""
REJECTIONS = "rejections"
"""The spool of the rejections."""


@dataclass(frozen=True, slots=True)
class Tab:
    """What was found of one vCenter in one tab. Its rows are in the spool."""

    name: str
    """RVTools' name of the tab; of another sheet its own name."""
    is_stored: bool
    """False: nothing of it is taken over."""
    rows: int
    skipped: int = 0
    """Rows of the sheet that are no data, repeated headers, notes, totals, and those that were left out."""
    keys: tuple[str, ...] = ()
    """Fields of a row, in order; `ROW_NUMBER` alone if it is no tab of RVTools."""
    headers: int = 0
    headers_read: int = 0
    attributes: tuple[str, ...] = ()
    filled: dict[str, int] = field(default_factory=dict)
    """Rows with a value, by field key, or by `attr:` and the attribute's name."""
    sources: tuple[tuple[str | None, str | None], ...] = ()
    """The distinct VI SDK Server and UUID that its rows name."""
    remarks: tuple[str, ...] = ()
    """Of all vCenters in the sheet; they stand with the first."""
    mapped: tuple[str, ...] = ()
    """Headers that are read because the operator said what they are."""
    spools: tuple[str, ...] = ()
    """Names of the files with its rows."""

    @property
    def is_known(self) -> bool:
        """It is a tab of RVTools, not another sheet whose rows are kept as they are."""
        return self.keys != (ROW_NUMBER,)


@dataclass(frozen=True, slots=True)
class Part:
    """What is in a file of one vCenter."""

    server: str | None
    """VI SDK Server; None: not said."""
    uuid: str | None
    """VI SDK UUID as it is written; None: not said."""
    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What was found in a file."""

    format: FileFormat
    parts: tuple[Part, ...]
    """One per vCenter; none if no column is known as the machine's name."""
    document_created: datetime | None
    """From the document properties."""
    rejected: int = 0
    """Rows and cells that are not taken over as they are."""
    unknown_sheets: tuple[UnknownSheet, ...] = ()
    """Only without parts: the sheets that may hold machines."""
    mappings: tuple[HeaderMapping, ...] = ()
    """Those that were used."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is left out, or a cell that is not taken over as it is."""

    tab: str
    row: int
    """Of the sheet, counted from 1."""
    column: str
    """Its header; blank for a whole row."""
    text: str
    """What stands there, shortened and without secrets."""
    reason: str


class SpoolWriter:
    """Writes rows of one tab, or rejections."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._encoder = msgspec.msgpack.Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """All rows are written."""
        self._file.close()

    def write(self, rows: Sequence[Any]) -> None:
        """Append rows: values of the tab's keys, then the attributes or None."""
        block = self._encoder.encode(rows)
        self._file.write(len(block).to_bytes(_LENGTH_BYTES) + block)


class RejectionWriter:
    """Counts the rows and cells that are not taken over, and keeps the first of them, without secrets."""

    def __init__(self, directory: Path) -> None:
        self.count = 0
        self._kept: list[Rejection] = []
        self._path = directory / REJECTIONS

    def add_row(
        self, tab: str, number: int, headers: Sequence[str], row: Sequence[object], reason: str
    ) -> None:
        """A row is left out."""
        self.count += 1
        if len(self._kept) < MAX_REJECTIONS:
            texts = list(_beginning(row))
            clean = redact_cells(headers[: len(texts)], texts)
            text = " | ".join(text for text in clean if text)
            self._kept.append(Rejection(tab, number, "", _shortened(text), reason))

    def add_cell(self, tab: str, number: int, header: str, cell: object, reason: str) -> None:
        """A cell is left out or cut."""
        self.count += 1
        if len(self._kept) < MAX_REJECTIONS:
            [text] = redact_cells([header], [to_text(cell)])
            self._kept.append(Rejection(tab, number, redact(header), _shortened(text or ""), reason))

    def close(self) -> None:
        """Write those that were kept."""
        with SpoolWriter(self._path) as spool:
            spool.write(self._kept)


def _beginning(row: Sequence[object]) -> Iterator[str | None]:
    """The texts of the first cells, as many as can be shown."""
    length = 0
    for cell in row:
        text = to_text(cell)
        yield text
        length += len(text or "")
        if length > 2 * MAX_REJECTED_TEXT:
            return


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_REJECTED_TEXT else f"{text[: MAX_REJECTED_TEXT - 1]}…"


def read_blocks(path: Path, row: object) -> Iterator[list[Any]]:
    """What was written to a spool, block by block; `row` is the type of a row."""
    decoder = msgspec.msgpack.Decoder(types.GenericAlias(list, (row,)))
    with path.open("rb") as file:
        while length := file.read(_LENGTH_BYTES):
            yield decoder.decode(file.read(int.from_bytes(length)))


class Workbook:
    """One vCenter of a file that was read: what was found, and its rows as often as they are needed."""

    def __init__(self, part: Part, directory: Path) -> None:
        self.part = part
        self.tabs = {tab.name: tab for tab in part.tabs if tab.is_stored}
        """The tabs that are stored, by name; other sheets, too."""
        self._directory = directory

    def position(self, tab: str, key: str) -> int | None:
        """Where the field stands in a row of the tab; None if the tab or the column is absent."""
        found = self.tabs.get(tab)
        return found.keys.index(key) if found and key in found.keys else None

    def blocks(self, tab: str) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a tab, some at a time: the values of its keys, then a dict of the attributes or None."""
        if tab not in self.tabs:
            return
        found = self.tabs[tab]
        kinds = {typed.key: typed.kind for typed in fields_read(tab)} if found.is_known else {}
        values = [_PYTHON_TYPES.get(kinds[key], float) if key in kinds else int for key in found.keys]
        row = types.GenericAlias(tuple, (*(value | None for value in values), dict[str, str] | None))
        for name in found.spools:
            yield from read_blocks(self._directory / name, row)

    def rows(self, tab: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a tab one by one; none if the tab is absent."""
        for block in self.blocks(tab):
            yield from block


class Reading:
    """A file that was read: its vCenters, and what was not taken over."""

    def __init__(self, content: Content, directory: Path) -> None:
        self.content = content
        self.workbooks = tuple(Workbook(part, directory) for part in content.parts)
        self._directory = directory

    def rejections(self) -> Iterator[Rejection]:
        """The first of the rows and cells that are not taken over, in the order they were met."""
        path = self._directory / REJECTIONS
        if path.exists():
            for block in read_blocks(path, Rejection):
                yield from block
