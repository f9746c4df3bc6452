"""Reads files for tests, and shows what was read."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from data.workbook.process import Progress, opened
from data.workbook.spool import Reading, Workbook
from tests.data.workbooks import Rows, write_workbook


def nothing(_progress: Progress) -> None:
    """Nobody wants to know."""


@contextmanager
def read(folder: Path, tabs: Mapping[str, Rows], **options: Any) -> Iterator[Reading]:
    """Write tabs into a workbook and read it back."""
    with opened(write_workbook(folder / "x.xlsx", tabs), nothing, **options) as reading:
        yield reading


def records(workbook: Workbook, tab: str = "vInfo") -> list[dict[str, Any]]:
    """The rows of a tab by field key."""
    return [dict(zip(workbook.tabs[tab].keys, row, strict=False)) for row in workbook.rows(tab)]


def names(workbook: Workbook, tab: str = "vInfo") -> list[str]:
    """The names in a tab, in alphabetical order."""
    return sorted(record["name"] for record in records(workbook, tab))


def remarks(reading: Reading) -> list[str]:
    """Everything that is remarked on the sheets of a file."""
    return [remark for workbook in reading.workbooks for tab in workbook.part.tabs for remark in tab.remarks]


def write_csvs(
    path: Path, tabs: Mapping[str, Rows], delimiter: str = ",", *, quote_all: bool = False
) -> Path:
    """The tabs as RVTools writes them into a folder of CSV files, packed."""
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    with zipfile.ZipFile(path, "w") as archive:
        for tab, rows in tabs.items():
            text = io.StringIO()
            writer = csv.writer(text, delimiter=delimiter, quoting=quoting)
            writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
            archive.writestr(f"RVTools_tab{tab}.csv", text.getvalue().encode("utf-8-sig"))
    return path


def _csv_cell(cell: object) -> str:
    if isinstance(cell, date):
        return cell.strftime("%Y/%m/%d %H:%M:%S")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
