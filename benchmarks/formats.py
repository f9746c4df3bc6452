"""The same machines in every format that can be imported."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import xlwt  # type: ignore[import-untyped]  # ships no types
from python_calamine import CalamineWorkbook

from benchmarks.estate import import_files
from benchmarks.report import Figure
from benchmarks.series import SIZE, series_workbooks
from data.units import BYTES_PER_MIB
from data.workbook.predecessor import HEADERS

MAX_SECONDS = 45
"""What an import of 10,000 machines may take, whatever the format."""
FORMER = "CREATE TABLE virtual_machines (id INTEGER PRIMARY KEY, {}, imported_at TEXT)"

Sheets = dict[str, list[list[Any]]]


def measure_formats(seed: int, folder: Path) -> Iterator[Figure]:
    """Import 10,000 machines from each format into an empty database."""
    source = series_workbooks(seed)[-1]
    with CalamineWorkbook.from_path(source) as workbook:
        sheets = {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}
    writers: dict[str, tuple[str, Callable[[Path], object]]] = {
        ".xlsx, all tabs": ("export.xlsx", lambda path: shutil.copy(source, path)),
        ".xls, all tabs": ("export.xls", lambda path: _write_xls(path, sheets)),
        "zip of CSV files, all tabs": ("export.zip", lambda path: _write_zip(path, sheets)),
        "vInfo as CSV": ("vInfo.csv", lambda path: path.write_text(_csv(sheets["vInfo"]), encoding="utf-8")),
        "database of the former dashboard": ("former.db", lambda path: _write_former(path, sheets["vInfo"])),
    }
    for name, (file_name, write) in writers.items():
        path = folder / file_name
        write(path)
        print(f"Importing {name}", flush=True)
        database = folder / f"{file_name}.inventory"
        found = import_files(f"sqlite:///{database}", folder / "instance", [path], "--vcenter", "vc-bench")
        size = path.stat().st_size / BYTES_PER_MIB
        title = f"import of {SIZE:,} machines: {name} ({size:,.1f} MiB)"
        yield Figure(title, found.seconds, "s", MAX_SECONDS)
        yield Figure(f"{title}: reader's memory", found.reader_mib, "MiB", 1024)


def _write_xls(path: Path, sheets: Sheets) -> None:
    workbook = xlwt.Workbook()
    date = xlwt.easyxf(num_format_str="yyyy/mm/dd hh:mm:ss")
    plain = xlwt.easyxf()
    for name, rows in sheets.items():
        sheet = workbook.add_sheet(f"tab{name}")
        for number, row in enumerate(rows[:65_536]):
            for at, cell in enumerate(row):
                if cell != "":
                    sheet.write(number, at, cell, date if isinstance(cell, datetime) else plain)
    workbook.save(str(path))


def _write_zip(path: Path, sheets: Sheets) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in sheets.items():
            archive.writestr(f"RVTools_tab{name}.csv", _csv(rows))


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(map(_texts, rows))
    return text.getvalue()


def _texts(row: Sequence[Any]) -> list[str]:
    return [f"{cell:%Y/%m/%d %H:%M:%S}" if isinstance(cell, datetime) else str(cell) for cell in row]


def _write_former(path: Path, vinfo: list[list[Any]]) -> None:
    headers = vinfo[0]
    columns = {column: headers.index(header) for column, header in HEADERS.items() if header in headers}
    rows = (
        [
            cell.isoformat(" ") if isinstance(cell, datetime) else cell
            for cell in map(row.__getitem__, columns.values())
        ]
        for row in vinfo[1:]
    )
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    with closing(sqlite3.connect(path)) as former, former:
        former.execute(FORMER.format(names))
        former.executemany(
            f"INSERT INTO virtual_machines ({names}, imported_at) VALUES ({marks}, '2026-11-16 07:00:00')",
            rows,
        )
