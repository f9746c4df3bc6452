"""Files that the operator takes home: streamed, so that their size does not matter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import pandas as pd
from flask import Response, request

from callbacks.shared.reading import limits, read, stream
from data.queries.estate import get_estate_status
from data.queries.machines import stream_machines
from data.scope import Scope
from data.spreadsheets import BYTE_ORDER_MARK, harmless
from data.units import exact
from layouts.shared import formats
from layouts.shared.machine_table import View, title_with_unit


def export_machines() -> Response:
    """All machines of the scope in the order and with the columns of the view, as CSV."""
    query = request.args.to_dict(flat=False)
    scope, view = Scope.from_query(query), View.from_query(query)
    frames = stream(
        stream_machines,
        scope,
        limits=limits(),
        columns=view.columns,
        sort=view.sort,
        direction=view.direction,
    )
    name = "-".join(filter(None, ("machines", _day(scope)))) + ".csv"
    return Response(
        csv_lines([title_with_unit(column) for column in view.columns], frames, view.columns),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def csv_lines(titles: Iterable[str], frames: Iterable[pd.DataFrame], columns: Iterable[str]) -> Iterator[str]:
    """The text of a CSV file in pieces. Cells that a spreadsheet would run begin with an apostrophe.

    Args:
        titles: The headings.
        frames: The rows, in chunks.
        columns: The columns of the frames that are written, in order.
    """
    names = list(columns)
    yield BYTE_ORDER_MARK + _written([[harmless(title) for title in titles]])
    for frame in frames:
        cells = [_cells(frame[name]) for name in names]
        yield _written(zip(*cells, strict=True))


def _written(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cells(values: pd.Series[Any]) -> list[Any]:
    known = values.notna().tolist()
    return [_cell(value) if is_known else "" for value, is_known in zip(values.tolist(), known, strict=True)]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return formats.yes_no(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, int | float):
        return exact(value)
    return harmless(str(value))


def _day(scope: Scope) -> str:
    """The day that the data is of: the scope's, else that of the newest export."""
    if scope.as_of:
        return scope.as_of.isoformat()
    states = read(get_estate_status, Scope(database=scope.database)).vcenters
    return max((state.exported_at.date().isoformat() for state in states), default="")
