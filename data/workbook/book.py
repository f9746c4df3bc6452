"""Opens a file of any kind that an export comes in, as sheets of cells. Only in the process of the reader."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from data.errors import FileRefusedError
from data.vocabulary import FileFormat
from data.workbook.container import (
    EXPECTED,
    MAX_SHEETS,
    READ_ERRORS,
    Container,
    check_file,
    document_created,
    measure_parts,
    members,
    open_zip,
    part_name,
    recognise,
)
from data.workbook.csv_sheets import CsvSheet
from data.workbook.packing import pack_csvs
from data.workbook.predecessor import PredecessorSheet
from data.workbook.sheets import Book, DamagedRow, Sheet, shown

__all__ = ["Book", "DamagedRow", "Sheet", "check_file", "open_book", "pack_csvs"]

T = TypeVar("T")


@contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """Open an export; its content decides what it is, never its name.

    Raises:
        FileRefusedError: it is no export that can be read; also raised while rows are read.
    """
    match recognise(path):
        case Container.XLSX:
            measure_parts(
                path
            )  # calamine believes what it unpacks; `zipfile`, which reads CSV files, does not
            with _workbook(path, ".xlsx") as sheets:
                yield Book(FileFormat.XLSX, sheets, document_created(path))
        case Container.XLS:
            with _workbook(path, ".xls") as sheets:
                yield Book(FileFormat.XLS, sheets, document_created(path))
        case Container.CSV:
            sheet = CsvSheet(shown(path.stem), lambda: path.open("rb"), path.stat().st_size)
            yield Book(FileFormat.CSV, (sheet,), None)
        case Container.CSV_ARCHIVE:
            with open_zip(path) as archive:
                yield Book(FileFormat.CSV_SET, tuple(_csv_sheets(archive)), None)
        case Container.WORKBOOK_ARCHIVE:
            with _unpacked(path) as inner, open_book(inner) as book:
                yield book
        case Container.SQLITE:
            machines = PredecessorSheet(path)
            yield Book(FileFormat.PREDECESSOR, (machines,), machines.created)


@contextmanager
def _workbook(path: Path, suffix: str) -> Iterator[tuple[Sheet, ...]]:
    with tempfile.TemporaryDirectory(prefix="rvtools-") as directory:
        named = Path(directory, f"book{suffix}")
        named.symlink_to(path.resolve())  # calamine believes the suffix
        with _asked(lambda: CalamineWorkbook.from_path(named)) as workbook:
            if len(workbook.sheets_metadata) > MAX_SHEETS:
                raise FileRefusedError(
                    f"The workbook has more than {MAX_SHEETS} sheets: no export is like that."
                )
            yield tuple(
                _Worksheet(workbook, at, shown(sheet.name))
                for at, sheet in enumerate(workbook.sheets_metadata)
                if sheet.typ is SheetTypeEnum.WorkSheet
            )


def _csv_sheets(archive: zipfile.ZipFile) -> Iterator[CsvSheet]:
    for part in members(archive, ".csv"):
        yield CsvSheet(shown(part_name(part)), partial(_open_part, archive, part), part.file_size)


def _open_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> BinaryIO:
    return cast(BinaryIO, archive.open(part))


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The one workbook in an archive, as a file."""
    with tempfile.TemporaryDirectory(prefix="rvtools-") as directory:
        target = Path(directory, "workbook")
        try:
            with open_zip(path) as archive, target.open("wb") as file:
                (part,) = members(archive, ".xlsx", ".xlsm", ".xls")
                with archive.open(part) as packed:
                    shutil.copyfileobj(packed, file, 1 << 20)
        except READ_ERRORS:
            raise FileRefusedError(f"The archive is damaged and cannot be unpacked. {EXPECTED}") from None
        if recognise(target) not in {Container.XLSX, Container.XLS}:
            raise FileRefusedError(f"The workbook in the archive is none. {EXPECTED}")
        yield target


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
    raise FileRefusedError(f"The file is damaged or incomplete and cannot be read ({shown(reason)}).")
