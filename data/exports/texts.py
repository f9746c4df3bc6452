"""Machines as text, a piece at a time: CSV, JSON lines, and a table to be pasted."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
import pandas as pd

from data.fields import ATTRIBUTE
from data.spreadsheets import BYTE_ORDER_MARK, harmless
from data.units import exact

_BREAKS = re.compile(r"[\t\v\f\r\n\x1c-\x1e\x85\u2028\u2029]+")
"""What ends a cell or a row where a table is pasted."""


def csv_pieces(
    frames: Iterable[pd.DataFrame], columns: Sequence[str], titles: Sequence[str]
) -> Iterator[str]:
    """A CSV file: one heading, then a piece per frame. Cells that a spreadsheet would run begin with an apostrophe.

    Args:
        frames: The machines.
        columns: Those of the frames that are written, in order.
        titles: Their headings.
    """
    yield BYTE_ORDER_MARK + _written([[harmless(title) for title in titles]])
    for frame in frames:
        yield _written(zip(*_cells(frame, columns), strict=True))


def table_pieces(
    frames: Iterable[pd.DataFrame], columns: Sequence[str], titles: Sequence[str]
) -> Iterator[str]:
    """The same as a table to be pasted: cells between tabs, each machine in one line. Args are those of a CSV file."""
    yield _line(map(harmless, titles))
    for frame in frames:
        yield "".join(map(_line, zip(*_cells(frame, columns), strict=True)))


def json_pieces(
    frames: Iterable[pd.DataFrame], columns: Sequence[str], _titles: Sequence[str] = ()
) -> Iterator[bytes]:
    """JSON lines: an object per machine, whose keys are the columns', with custom attributes below `attributes`.

    Numbers are in the unit of their key, times in ISO 8601 as the export has them, unknown is null.
    """
    keys = [column for column in columns if not column.startswith(ATTRIBUTE)]
    attributes = [column for column in columns if column.startswith(ATTRIBUTE)]
    names = [attribute.removeprefix(ATTRIBUTE) for attribute in attributes]
    for frame in frames:
        machines = [dict(zip(keys, row, strict=True)) for row in _rows(frame, keys)]
        if names:
            for machine, row in zip(machines, _rows(frame, attributes), strict=True):
                machine["attributes"] = dict(zip(names, row, strict=True))
        yield b"".join(orjson.dumps(machine, option=orjson.OPT_APPEND_NEWLINE) for machine in machines)


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    if not columns:
        return iter([()] * len(frame))
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def _cells(frame: pd.DataFrame, columns: Sequence[str]) -> list[list[Any]]:
    return [[_cell(value) for value in frame[column].tolist()] for column in columns]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return exact(value)


def _written(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _line(cells: Iterable[Any]) -> str:
    return "\t".join(_BREAKS.sub(" ", str(cell)) for cell in cells) + "\n"
