"""Opens a file of any kind that an export comes in, as sheets of cells. Only in the process of the reader."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from data.errors import FileRefusedError
from data.vocabulary import FileFormat
from data.workbook.container import check_file, document_created
from data.workbook.packing import pack_csvs

__all__ = ["Book", "DamagedRow", "Sheet", "check_file", "open_book", "pack_csvs"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A row of a CSV file whose cells cannot be told apart. `rows()` yields a blank row in its place."""

    number: int
    """As `rows()` counts, from 1."""
    text: str
    """As it stands in the file."""
    reason: str


class Sheet(Protocol):
    """A table of cells."""

    @property
    def name(self) -> str:
        """Of the sheet; of a CSV file its name without folder and suffix."""

    @property
    def height(self) -> int:
        """Rows, at least 1; near the truth once `rows()` was called."""

    @property
    def damaged(self) -> Sequence[DamagedRow]:
        """The damaged rows that `rows()` has met so far; none in a workbook."""

    def rows(self) -> Iterator[Sequence[Any]]:
        """The rows from the top, all of one length; blank cells are ""."""


@dataclass(frozen=True, slots=True)
class Book:
    """An export that is open."""

    format: FileFormat
    sheets: tuple[Sheet, ...]
    """Worksheets only, in the order of the file."""
    created: datetime | None
    """When it was made according to the document properties."""


@contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """Open an export; its content decides what it is, never its name.

    Raises:
        FileRefusedError: it is no export that can be read; also raised while rows are read.
    """
    check_file(path)
    with tempfile.TemporaryDirectory(prefix="rvtools-") as directory:
        nameless = Path(directory, "book")
        nameless.symlink_to(path.resolve())  # calamine believes a suffix; where there is none it looks inside
        workbook = _asked(lambda: CalamineWorkbook.from_path(nameless))
        with workbook:
            sheets = tuple(
                _Worksheet(workbook, at, sheet.name)
                for at, sheet in enumerate(workbook.sheets_metadata)
                if sheet.typ is SheetTypeEnum.WorkSheet
            )
            yield Book(FileFormat.XLSX, sheets, document_created(path))


@dataclass
class _Worksheet:
    """A sheet of an Excel workbook. Read when its rows are asked for, and kept as long as they are."""

    _workbook: CalamineWorkbook
    _at: int
    name: str
    height: int = 1
    damaged: tuple[DamagedRow, ...] = field(default=(), init=False)

    def rows(self) -> Iterator[Sequence[Any]]:
        """The rows from the top."""
        sheet = _asked(lambda: self._workbook.get_sheet_by_index(self._at))
        self.height = sheet.total_height + 1
        return _all_of(sheet.iter_rows())


def _all_of(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    while (row := _asked(lambda: next(rows, None))) is not None:
        yield row


def _asked(question: Callable[[], T]) -> T:
    """What calamine answers.

    Raises:
        FileRefusedError: it cannot, or gives up in one of the ways in which it does so.
    """
    try:
        return question()
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        reason = str(error)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Rust: no subclass of Exception, and not importable
            raise
        reason = "it is not built as a workbook is"
    raise FileRefusedError(f"The file is damaged or incomplete and cannot be read ({reason}).")
