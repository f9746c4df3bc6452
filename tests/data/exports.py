"""Exports that are no .xlsx, for tests: .xls, CSV files, archives, the former dashboard's database."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlwt
from xlwt.CompoundDoc import XlsDoc

Rows = Iterable[Sequence[Any]]


def _xls(tabs: Mapping[str, Rows]) -> xlwt.Workbook:
    workbook = xlwt.Workbook()
    dates = xlwt.easyxf(num_format_str="yyyy/mm/dd hh:mm:ss")
    for tab, rows in tabs.items():
        sheet = workbook.add_sheet(tab)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write(number, column, cell, dates)
                elif cell not in {"", None}:
                    sheet.write(number, column, cell)
    return workbook


def write_xls(path: Path, tabs: Mapping[str, Rows]) -> Path:
    """A workbook as RVTools wrote it until 3.8."""
    _xls(tabs).save(str(path))
    return path


def write_locked_xls(path: Path, *, kind: int) -> Path:
    """What protects an .xls with a password: the record behind its first one (0 scrambles, 1 encrypts)."""
    records = _xls({"vInfo": [["VM"], ["web"]]}).get_biff_data()
    first = 4 + int.from_bytes(records[2:4], "little")
    lock = b"\x2f\x00\x06\x00" + kind.to_bytes(2, "little") + bytes(4)
    XlsDoc().save(str(path), records[:first] + lock + records[first:])
    return path


def csv_text(rows: Rows, *, delimiter: str = ",", quoted: bool = False) -> str:
    """Rows as a CSV file holds them."""
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def write_csv(path: Path, rows: Rows, *, encoding: str = "utf-8", **how: Any) -> Path:
    """One CSV file."""
    path.write_bytes(csv_text(rows, **how).encode(encoding))
    return path


def write_zip(path: Path, parts: Mapping[str, bytes | str], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    """An archive of these parts."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


PREDECESSOR_TABLE = """
CREATE TABLE virtual_machines (
    id INTEGER NOT NULL PRIMARY KEY, vm VARCHAR(255) NOT NULL, powerstate VARCHAR(50), template BOOLEAN,
    poweron DATETIME, cpus INTEGER, memory INTEGER, provisioned_mib FLOAT, network_1 VARCHAR(255),
    datacenter VARCHAR(255), cluster VARCHAR(255), os_config VARCHAR(255), vm_id VARCHAR(50),
    vm_uuid VARCHAR(100) UNIQUE, nb_last_backup DATETIME, code_ccx VARCHAR(100), imported_at DATETIME NOT NULL
)
"""


def write_predecessor(path: Path, *machines: Mapping[str, Any], before: str = "") -> Path:
    """A database as the former dashboard left it; `before` is SQL that runs first."""
    with sqlite3.connect(path) as connection:
        connection.executescript(before or PREDECESSOR_TABLE)
        for machine in machines:
            row = {"imported_at": "2026-09-01 08:00:00.000000"} | dict(machine)
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f"INSERT INTO virtual_machines ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
            )
    connection.close()
    return path
