"""Lists of a file's changes and rejections, as CSV for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data.fields import ATTRIBUTE, MACHINE_FIELDS
from data.results import CHANGES_FILE, REJECTED_FILE, MachineChange
from data.spreadsheets import harmless
from data.workbook.spool import Rejection

_LABELS = {field.key: field.label for field in MACHINE_FIELDS}
_REJECTED = ("Tab", "Row", "Column", "Text", "Reason")
_CHANGES = ("vCenter", "Change", "Machine", "Place", "Field", "Before", "After")

Write = Callable[[str, MachineChange], None]
"""Takes the name of a vCenter and a change of one of its machines."""


def list_rejections(directory: Path, rejections: Iterable[Rejection]) -> None:
    """Write `rejected.csv`: the rows and cells of a file that are not taken over as they are."""
    with _file(directory / REJECTED_FILE, _REJECTED) as write:
        for rejection in rejections:
            write((rejection.tab, rejection.row, rejection.column, rejection.text, rejection.reason))


@contextmanager
def changes_listed(directory: Path) -> Iterator[Write]:
    """Write `changes.csv`: a line for each changed value, one for each machine that is new or gone.

    Without a change there is no file.
    """
    with _file(directory / CHANGES_FILE, _CHANGES) as write:

        def write_change(vcenter: str, change: MachineChange) -> None:
            start = (vcenter, change.kind.value, change.name, change.place)
            for detail in change.details:
                write((*start, _label(detail.field), detail.before, detail.after))
            if not change.details:
                write(start)

        yield write_change


def _label(field: str) -> str:
    return field.removeprefix(ATTRIBUTE) if field.startswith(ATTRIBUTE) else _LABELS.get(field, field)


@contextmanager
def _file(path: Path, titles: Iterable[str]) -> Iterator[Callable[[Iterable[Any]], None]]:
    """A file that has its name only when it is complete, and only if it has a line."""
    unfinished = path.with_suffix(".part")
    lines = 0

    def write(cells: Iterable[Any]) -> None:
        nonlocal lines
        lines += 1
        writer.writerow(list(map(_safe, cells)))

    try:
        with unfinished.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(titles)
            yield write
        if lines:
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _safe(cell: Any) -> Any:
    """A cell that no spreadsheet runs."""
    return harmless(cell) if isinstance(cell, str) else cell
