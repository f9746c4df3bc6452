"""Workbooks for tests: written as RVTools writes them, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

CREATED = datetime(2026, 9, 1, 9, 30)
UUID = "9f93bf4f-9a1b-4fb0-a2e6-5d4b0f5e0325"
Rows = Iterable[Sequence[Any]]


def write_workbook(path: Path, tabs: Mapping[str, Rows], *, created: datetime = CREATED) -> Path:
    """A workbook with these tabs; each is a list of rows, the header first."""
    with xlsxwriter.Workbook(path) as workbook:
        workbook.set_properties({"created": created})
        dates = workbook.add_format({"num_format": "yyyy/mm/dd hh:mm:ss"})
        for tab, rows in tabs.items():
            sheet = workbook.add_worksheet(tab)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(number, column, cell, dates)
                    elif isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    elif cell is not None:
                        sheet.write(number, column, cell)
    return path


def table(*records: Mapping[str, Any]) -> list[list[Any]]:
    """Rows with a header from records; a record may leave columns out."""
    headers = list(dict.fromkeys(header for record in records for header in record))
    return [headers, *([record.get(header, "") for header in headers] for record in records)]


def vm(name: str, number: int | None = None, **more: Any) -> dict[str, Any]:
    """A row of vInfo; with a number it has a VM ID and a VM UUID. Keywords with underscores are headers."""
    ids = {} if number is None else {"VM ID": f"vm-{number}", "VM UUID": f"uuid-{number}"}
    row = {
        "VM": name,
        "Powerstate": "poweredOn",
        "Template": "False",
        "CPUs": 2,
        "Memory": 4096,
        "Datacenter": "DC1",
        "Cluster": "C1",
        "Host": "esx1",
        **ids,
        "VI SDK Server": "vc1.example.com",
        "VI SDK UUID": UUID,
    }
    return row | {header.replace("_", " "): value for header, value in more.items()}
