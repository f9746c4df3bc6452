"""Where the rows of a workbook wait between reading and storing: one file per tab, so that memory stays small."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

import msgspec

from data.vocabulary import Kind
from data.workbook.headers import fields_read

_PYTHON_TYPES: dict[Kind, type] = {
    Kind.NAME: str,
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
    Kind.DATETIME: datetime,
}
"""Of the values of a kind; numbers of the other kinds are floats."""

_LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Tab:
    """What was found in one tab. Its rows are in the spool."""

    name: str
    is_stored: bool
    """False: a tab that is only counted."""
    rows: int
    skipped: int = 0
    """Rows that are no data: repeated headers, notes, totals."""
    keys: tuple[str, ...] = ()
    """Fields of a row, in order."""
    headers: int = 0
    headers_read: int = 0
    attributes: tuple[str, ...] = ()
    filled: dict[str, int] = field(default_factory=dict)
    """Rows with a value, by field key, or by `attr:` and the attribute's name."""
    sources: tuple[tuple[str | None, str | None], ...] = ()
    """The distinct VI SDK Server and UUID that its rows name."""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What was found in a workbook."""

    tabs: tuple[Tab, ...]
    document_created: datetime | None
    """From the document properties."""


class SpoolWriter:
    """Writes the rows of one tab."""

    def __init__(self, directory: Path, tab: str) -> None:
        self._file: BinaryIO = (directory / tab).open("wb")
        self._encoder = msgspec.msgpack.Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Append rows: values of the tab's keys, then the attributes or None."""
        block = self._encoder.encode(rows)
        self._file.write(len(block).to_bytes(_LENGTH_BYTES) + block)


class Workbook:
    """A workbook that was read: its content, and its rows as often as they are needed."""

    def __init__(self, content: Content, directory: Path) -> None:
        self.content = content
        self.tabs = {tab.name: tab for tab in content.tabs if tab.is_stored}
        """The tabs that are stored, by name."""
        self._directory = directory

    def position(self, tab: str, key: str) -> int | None:
        """Where the field stands in a row of the tab; None if the tab or the column is absent."""
        found = self.tabs.get(tab)
        return found.keys.index(key) if found and key in found.keys else None

    def blocks(self, tab: str) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a tab, some at a time: the values of its keys, then a dict of the attributes or None."""
        if tab not in self.tabs:
            return
        kinds = {typed.key: typed.kind for typed in fields_read(tab)}
        values = [_PYTHON_TYPES.get(kinds[key], float) | None for key in self.tabs[tab].keys]
        row = types.GenericAlias(tuple, (*values, dict[str, str] | None))
        decoder = msgspec.msgpack.Decoder(types.GenericAlias(list, (row,)))
        with (self._directory / tab).open("rb") as file:
            while length := file.read(_LENGTH_BYTES):
                yield decoder.decode(file.read(int.from_bytes(length)))

    def rows(self, tab: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a tab one by one; none if the tab is absent."""
        for block in self.blocks(tab):
            yield from block
