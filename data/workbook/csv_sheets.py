"""CSV files as sheets: any separator and encoding, line by line, with broken quoting repaired where it can be."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from data.errors import FileRefusedError
from data.workbook.container import EXPECTED, READ_ERRORS
from data.workbook.sheets import DamagedRow

DELIMITERS = ",;\t"
MAX_COLUMNS = 16_384
"""Those of Excel."""
MAX_LINE = 4_000_000
"""Characters. The longest rows of real exports have some thousands."""
MAX_CELL = 131_072
"""Characters; four times those of Excel's longest cell."""
MAX_ROW_LINES = 1000
"""Lines that one row may have, because of line breaks in its cells."""
MAX_REPAIR_LINES = 50
MAX_DAMAGED = 10_000
"""Rows that cannot be read, of which each is kept. A file with more is no export."""
_PREAMBLE_ROWS = 20
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"\']|\t)"?\s*', re.IGNORECASE)
_CHUNK = 1 << 20
_WIDE = 10
"""Columns from which on a line that has as many cells as the header is a row and no part of a note by accident."""

Row = list[str]
OpenFile = Callable[[], BinaryIO]


@dataclass
class CsvSheet:
    """One CSV file. It is opened for each `rows()`."""

    name: str
    _open: OpenFile
    _size_bytes: int
    height: int = field(default=1, init=False)
    damaged: list[DamagedRow] = field(default_factory=list, init=False)

    def rows(self) -> Iterator[Sequence[Any]]:
        """The rows from the top, all of one length."""
        try:
            with self._open() as file:
                start = file.read(_CHUNK // 8)
            with self._open() as file:
                encoding = _encoding(file)
        except READ_ERRORS:
            raise self._broken() from None
        self.height = 1 + round(self._size_bytes * start.count(b"\n") / max(len(start), 1))
        self.damaged.clear()
        return self._read(encoding)

    def _read(self, encoding: str) -> Iterator[Row]:
        try:
            with (
                self._open() as file,
                io.TextIOWrapper(file, encoding, errors="replace", newline="") as text,
            ):
                lines = _Lines(text)
                rows = _Rows(lines, _layout(lines))
                for number, row in enumerate(rows, 1):
                    if rows.remark:
                        self._remember(number, rows.text, rows.remark)
                    yield row
        except READ_ERRORS:
            raise self._broken() from None

    def _broken(self) -> FileRefusedError:
        return FileRefusedError(f"The file is damaged or incomplete: {self.name} cannot be read to its end.")

    def _remember(self, number: int, text: str, reason: str) -> None:
        if len(self.damaged) >= MAX_DAMAGED:
            raise FileRefusedError(
                f"More than {MAX_DAMAGED:,} rows of {self.name} do not have as many cells as its header; the "
                f"first is row {self.damaged[0].number:,}. Needed is a CSV file as RVTools or Excel writes it."
            )
        self.damaged.append(DamagedRow(number, text, reason))


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the rows of a file are cut into cells."""

    delimiter: str
    width: int
    header: int
    """Rows above and including the header: those before it may be short."""


class _Lines:
    """Lines of a text without their ends; some can be looked at before they are taken."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._ahead: deque[str] = deque()

    def peek(self, at: int) -> str | None:
        """The line after `at` others; None behind the end."""
        while len(self._ahead) <= at:
            line = self._text.readline(MAX_LINE)
            if not line:
                return None
            if len(line) >= MAX_LINE:
                raise FileRefusedError(
                    f"A line has more than {MAX_LINE:,} characters. Needed is a CSV file as RVTools or Excel writes it."
                )
            self._ahead.append(line.rstrip("\r\n"))
        return self._ahead[at]

    def joined(self, at: int, count: int) -> str:
        """Some lines as one text."""
        return "\n".join(self.peek(at + more) or "" for more in range(count))

    def row(self, at: int) -> str | None:
        """The lines up to the one that closes the quotes that the first one opens; None if none does."""
        quotes = length = 0
        for count in range(1, MAX_ROW_LINES + 1):
            line = self.peek(at + count - 1)
            length += len(line or "")
            if line is None or length > MAX_LINE:
                return None
            quotes += line.count('"')
            if quotes % 2 == 0:
                return self.joined(at, count) if count > 1 else line
        return None

    def take(self, count: int) -> list[str]:
        """Lines that were looked at."""
        return [self._ahead.popleft() for _ in range(count)]


class _Rows:
    """The rows of a file. Rows above the header and blank ones are filled up, others must have all their cells."""

    def __init__(self, lines: _Lines, layout: _Layout) -> None:
        self.remark = ""
        """Why the row was read as a blank one, or with blank cells at its end; usually nothing."""
        self.text = ""
        self._lines = lines
        self._layout = layout

    def __iter__(self) -> Iterator[Row]:
        layout = self._layout
        number = 0
        while self._lines.peek(0) is not None:
            number += 1
            self.remark = ""
            cells, taken = self._next(number)
            self.text = "\n".join(self._lines.take(taken))
            yield cells[: layout.width] + [""] * (layout.width - len(cells))

    def _next(self, number: int) -> tuple[Row, int]:
        """The next row, and how many lines it takes."""
        width, delimiter = self._layout.width, self._layout.delimiter
        cells, taken = _row_at(self._lines, 0, delimiter)
        first = self._lines.peek(0) or ""
        if cells is not None and _fits(cells, width) and not (taken > 1 and self._is_swallowed(taken)):
            return cells, taken
        if not first.strip(delimiter + ' "'):
            return [], 1
        if number <= self._layout.header:
            return cells or _split_loosely(first, delimiter), taken
        return self._repaired(cells if taken == 1 else None)

    def _is_swallowed(self, taken: int) -> bool:
        """Whether a row of several lines is rather several rows: a lone quote in two of them looks like that."""
        if self._layout.width < _WIDE:
            return False
        ends = (self._lines.peek(0) or "", self._lines.peek(taken - 1) or "")
        return all(len(_split_loosely(line, self._layout.delimiter)) == self._layout.width for line in ends)

    def _repaired(self, cells: Row | None) -> tuple[Row, int]:
        """The row in spite of quotes that were not doubled and of line breaks outside of quotes."""
        width, delimiter = self._layout.width, self._layout.delimiter
        for count in range(1, MAX_REPAIR_LINES + 1):
            if self._lines.peek(count - 1) is None:
                break
            text = self._lines.joined(0, count)
            if len(text) > MAX_CELL:
                break
            if count > 1 and (width < _WIDE or self._is_whole(count - 1)):
                break
            for split in (_split_all_quoted, _split_loosely):
                found = split(text, delimiter)
                if _fits(found, width):
                    return found, count
        if cells is not None and len(cells) < width:
            self.remark = f"has {len(cells):,} of {width:,} cells; the others were left empty"
            return cells, 1
        self.remark = f"does not have {width:,} cells, as the header has: a quote or a separator is wrong"
        return [], 1

    def _is_whole(self, at: int) -> bool:
        """Whether a line is a row by itself, so that it is no part of the one before."""
        line = self._lines.peek(at) or ""
        return _fits(_split_loosely(line, self._layout.delimiter), self._layout.width)


def _layout(lines: _Lines) -> _Layout:
    """Read off the header: the first line that has about as many separators as any of the first lines."""
    first = lines.peek(0)
    stated = _SEPARATOR_LINE.fullmatch(first or "")
    if stated:
        lines.take(1)
    delimiters = stated[1] if stated else DELIMITERS
    found: list[_Layout] = []
    is_text = []
    at = 0
    while len(found) < _PREAMBLE_ROWS and (line := lines.peek(at)) is not None:
        taken = 1
        best = _Layout(delimiters[0], 0, 0)
        for delimiter in delimiters:
            cells, lines_of_row = _row_at(lines, at, delimiter)
            width = len(cells or _split_loosely(line, delimiter))
            if width > best.width:
                best, taken = _Layout(delimiter, width, len(found) + 1), lines_of_row
        if best.width > MAX_COLUMNS:
            raise FileRefusedError(
                f"A CSV file has more than {MAX_COLUMNS:,} columns. Needed is one as RVTools or Excel writes it."
            )
        found.append(best)
        is_text.append("\0" not in line)
        at += taken
    narrowest = 2 if any(layout.width > 1 for layout in found) else 1
    for layout in found:
        widest = max(other.width for other in found if other.delimiter == layout.delimiter)
        if layout.width >= max(narrowest, widest / 2):
            if not is_text[layout.header - 1]:
                raise FileRefusedError(f"The file is no text, whatever its name says. {EXPECTED}")
            return layout
    return _Layout(delimiters[0], 1, 1)


def _row_at(lines: _Lines, at: int, delimiter: str) -> tuple[Row | None, int]:
    """The cells of a row by the rules of CSV, and how many lines it takes; None and one line if it breaks them."""
    text = lines.row(at)
    cells = None if text is None else _split(text, delimiter)
    return (None, 1) if text is None or cells is None else (cells, text.count("\n") + 1)


def _split(text: str, delimiter: str) -> Row | None:
    """The cells of a row by the rules of CSV; None if it breaks them."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _split_all_quoted(text: str, delimiter: str) -> Row:
    """The cells of a row of which every cell stands in quotes, whatever quotes are in them."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return []
    return [cell.replace('""', '"') for cell in text[1:-1].split(f'"{delimiter}"')]


def _split_loosely(text: str, delimiter: str) -> Row:
    """The cells of a row; a quote closes a cell only before a separator, and opens one only if one closes it."""
    closing = re.compile(rf'"(?={re.escape(delimiter)}|\Z)')
    cells, at, can_close = [], 0, True
    while True:
        closed = closing.search(text, at + 1) if can_close and text.startswith('"', at) else None
        if closed:
            cells.append(text[at + 1 : closed.start()].replace('""', '"'))
            end = closed.end()
        else:
            can_close = can_close and not text.startswith('"', at)
            end = text.find(delimiter, at)
            end = len(text) if end < 0 else end
            cells.append(text[at:end])
        if end >= len(text):
            return cells
        at = end + 1


def _fits(cells: Row, width: int) -> bool:
    """Whether a row has as many cells as the header; blank ones behind do not count."""
    return len(cells) == width or (len(cells) > width and not any(map(str.strip, cells[width:])))


def _encoding(file: BinaryIO) -> str:
    """By the mark at its beginning, else UTF-8 if all of it is, else that of Windows in western Europe."""
    start = file.read(_CHUNK)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while start:
            decoder.decode(start)
            start = file.read(_CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
