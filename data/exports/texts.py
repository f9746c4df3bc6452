"""Machines as text, a piece at a time: CSV, JSON lines, and a table to be pasted."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
import pandas as pd

from data.fields import ATTRIBUTE
from data.spreadsheets import BYTE_ORDER_MARK, harmless
from data.units import exact

_BREAKS = re.compile(r"[\t\v\f\r\n\x1c-\x1e\x85\u2028\u2029]+")
"""What ends a cell or a row where a table is pasted."""
_WRITERS: dict[type, Callable[[Any], object]] = {
    str: harmless,
    bool: lambda flag: "Yes" if flag else "No",
    float: exact,
    datetime: lambda time: time.isoformat(" ", "seconds"),
}
"""How values of a type are written; others are as they are, and None is blank."""


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

    def objects(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
        for typed, free in zip(_rows(frame, keys), _rows(frame, attributes), strict=True):
            machine = dict(zip(keys, typed, strict=True))
            yield machine | {"attributes": dict(zip(names, free, strict=True))} if names else machine

    for frame in frames:
        yield b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in objects(frame))


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    if not columns:
        return iter([()] * len(frame))
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def _cells(frame: pd.DataFrame, columns: Sequence[str]) -> list[list[Any]]:
    return [
        [write(value) if (write := _WRITERS.get(type(value))) else value for value in frame[column].tolist()]
        for column in columns
    ]


def _written(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _line(cells: Iterable[Any]) -> str:
    return "\t".join("" if cell is None else _BREAKS.sub(" ", str(cell)) for cell in cells) + "\n"
