"""All machines of a scope as an Excel workbook: what VM Explorer shows, every row of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import xlsxwriter
from sqlalchemy.orm import Session

from data.database import DatabaseManager
from data.exports.naming import file_name
from data.fields import MACHINE_FIELDS
from data.progress import OnProgress
from data.queries.machines import choose_rows, stream_rows
from data.queries.states import State, find_states
from data.results import AttentionLimits
from data.scope import Scope
from data.units import exact
from data.vocabulary import JobPhase, Kind, SortDirection

SHEET_ROWS = 1_048_575
"""Rows below the header that a sheet can hold; more machines go on in a further sheet."""
FIRST_YEAR = 1900
"""Spreadsheets know no time before it."""
_KINDS = {typed.key: typed.kind for typed in MACHINE_FIELDS}
_FORMATS = {
    Kind.INTEGER: "#,##0",
    Kind.MIB: "#,##0",
    Kind.KIB: "#,##0",
    Kind.MHZ: "#,##0",
    Kind.NUMBER: "#,##0.0",
    Kind.PCT: "0.0",
    Kind.DAYS: "0.0",
    Kind.DATETIME: "yyyy-mm-dd hh:mm:ss",
}
_WIDTHS = {Kind.NAME: 24, Kind.TEXT: 28, Kind.DATETIME: 19}
_OTHER_WIDTH, _WIDEST = 12, 60


@dataclass(frozen=True, slots=True)
class MachineExport:
    """What a job is asked to write."""

    scope: str
    """As the query of a URL."""
    columns: tuple[str, ...]
    """Keys of `MACHINE_FIELDS`, or `attr:` and the name of a custom attribute."""
    titles: tuple[str, ...]
    """Of the columns, with their units."""
    sort: str = "name"
    direction: SortDirection = SortDirection.ASC
    filters: tuple[tuple[str, str], ...] = ()
    """The scope in words: what is narrowed, and to what."""
    limits: AttentionLimits = field(default_factory=AttentionLimits)
    machines: tuple[int, ...] = ()
    """Ids of the selected ones; empty: all of the scope."""


def write_export(
    db_url: str, payload: dict[str, Any], directory: Path, report: OnProgress
) -> tuple[str, ...]:
    """Write the workbook into the directory; returns the names of the files that are ready there.

    Memory does not grow with the machines. The file has its name only when it is complete.

    Args:
        db_url: the database.
        payload: a `MachineExport` as plain data.
        directory: of the job.
        report: told about progress.

    Raises:
        InvalidInputError: there is no such column.
    """
    asked = msgspec.convert(payload, MachineExport)
    scope = Scope.from_query_string(asked.scope)
    with DatabaseManager(db_url).get_session() as session:
        states = find_states(session, scope)
        rows = choose_rows(
            session,
            scope,
            limits=asked.limits,
            sort=asked.sort,
            direction=asked.direction,
            machines=asked.machines,
        )
        name = file_name(scope, (state.exported_at for state in states), "xlsx")
        unfinished = directory / f"{name}.part"
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": True,
        }
        with xlsxwriter.Workbook(unfinished, options) as workbook:
            frames = _between_transactions(session, stream_rows(session, rows, asked.columns))
            _write_machines(workbook, asked, frames, _telling(report, len(rows.ids)))
            _write_about(workbook, asked, states, len(rows.ids))
    unfinished.rename(directory / name)
    return (name,)


def _between_transactions(session: Session, frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for frame in frames:
        session.rollback()  # what is written now takes longer than what was read
        yield frame


def _telling(report: OnProgress, total: int) -> Callable[[int], None]:
    def on_rows(rows: int) -> None:
        share = min(rows / total, 1) if total else 1
        report(JobPhase.WRITING, round(99 * share), f"Writing machines, {rows:,} of {total:,}.")

    return on_rows


def _write_machines(
    workbook: Any, asked: MachineExport, frames: Iterator[pd.DataFrame], on_rows: Callable[[int], None]
) -> None:
    header = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    styles = {kind: workbook.add_format({"num_format": style}) for kind, style in _FORMATS.items()}
    kinds = [_KINDS.get(column, Kind.TEXT) for column in asked.columns]
    sheet, written, sheets = _new_sheet(workbook, "Machines", asked.titles, kinds, header), 0, 1
    for frame in frames:
        columns = [frame[column].tolist() for column in asked.columns]
        for row in zip(*columns, strict=True):
            if written == sheets * SHEET_ROWS:
                sheets += 1
                sheet.autofilter(0, 0, SHEET_ROWS, len(kinds) - 1)
                sheet = _new_sheet(workbook, f"Machines {sheets}", asked.titles, kinds, header)
            number = written % SHEET_ROWS + 1
            for at, (value, kind) in enumerate(zip(row, kinds, strict=True)):
                _write_cell(sheet, number, at, value, styles.get(kind))
            written += 1
        on_rows(written)
    sheet.autofilter(0, 0, max(1, written - (sheets - 1) * SHEET_ROWS), len(kinds) - 1)


def _new_sheet(workbook: Any, name: str, titles: Sequence[str], kinds: Sequence[Kind], header: Any) -> Any:
    sheet = workbook.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    for at, (title, kind) in enumerate(zip(titles, kinds, strict=True)):
        sheet.set_column(at, at, max(_WIDTHS.get(kind, _OTHER_WIDTH), min(len(title) + 3, _WIDEST)))
    for at, title in enumerate(titles):
        _write_text(sheet, 0, at, title, header)
    return sheet


def _write_cell(sheet: Any, row: int, at: int, value: object, style: Any) -> None:
    """A cell of its own type; unknown stays blank. Text is never a formula or a link, and cut where it is too long."""
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124  # what is not equal to itself is no number
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, datetime) and value.year >= FIRST_YEAR:
        sheet.write_datetime(row, at, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, at, exact(value), style)
    else:
        _write_text(sheet, row, at, str(value))


def _write_text(sheet: Any, row: int, at: int, text: str, style: Any = None) -> None:
    """Text as it is; what looks like markup of the library, which it would copy into the file, gets a space."""
    is_markup = text.startswith("<r>") and text.endswith("</r>")
    sheet.write_string(row, at, f"{text} " if is_markup else text, style)


def _write_about(workbook: Any, asked: MachineExport, states: Sequence[State], written: int) -> None:
    """The sheet that says what the others are: of which states, under which filters, how many."""
    sheet = workbook.add_worksheet("About")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, _WIDEST)
    bold = workbook.add_format({"bold": True})
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    rows: list[tuple[str, str]] = [
        ("Machines", f"{written:,}"),
        *([("Selected machines", f"{len(asked.machines):,}")] if asked.machines else []),
        ("Columns", f"{len(asked.columns):,}"),
        ("Written (UTC)", now.isoformat(" ")),
        *((f"State of {state.vcenter}", f"exported {state.exported_at:%Y-%m-%d %H:%M}") for state in states),
        *(asked.filters or (("Filters", "none"),)),
    ]
    for number, (what, text) in enumerate(rows):
        _write_text(sheet, number, 0, what, bold)
        _write_text(sheet, number, 1, text)
