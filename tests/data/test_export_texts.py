"""Machines as CSV, JSON lines and a table to be pasted: each cell, and a piece at a time."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from data.exports import csv_pieces, json_pieces, table_pieces

CELLS: tuple[tuple[object, str], ...] = (
    ("=1+1", "'=1+1"),
    ("+49 30 123", "'+49 30 123"),
    ("-decommissioned", "'-decommissioned"),
    ("@sum", "'@sum"),
    ("-5", "-5"),
    ("+1.5", "+1.5"),
    ("a=b", "a=b"),
    (-5, "-5"),
    (2048.0, "2048"),
    (0.5, "0.5"),
    (True, "Yes"),
    (None, ""),
    (datetime(2026, 11, 3, 6, 0), "2026-11-03 06:00:00"),
    ('a "b", c', 'a "b", c'),
)


def frame(*cells: object, columns: tuple[str, ...] = ("a",)) -> pd.DataFrame:
    return pd.DataFrame([list(cells)], columns=list(columns), dtype=object)


@pytest.mark.parametrize(
    ("cell", "written"), [*CELLS, ("\tx", "'\tx"), ("\rx", "'\rx"), ("two\nlines", "two\nlines")]
)
def test_a_cell_of_a_csv_never_becomes_a_formula_and_a_number_stays_one(cell: object, written: str) -> None:
    content = "".join(csv_pieces([frame(cell)], ["a"], ["=A"])).removeprefix("\ufeff")
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["'=A"], [written]]


@pytest.mark.parametrize(
    ("cell", "written"),
    [*CELLS, ("\tx", "' x"), ("two\r\n\tlines", "two lines"), ("\u2028=x", " =x"), ("a\x85b\x0bc", "a b c")],
)
def test_a_cell_that_is_pasted_stays_in_its_place_and_never_becomes_a_formula(
    cell: object, written: str
) -> None:
    pasted = "".join(table_pieces([frame(cell, "end", columns=("a", "b"))], ["a", "b"], ["=A", "B"]))
    assert pasted == f"'=A\tB\n{written}\tend\n"


def test_a_machine_in_json_has_the_keys_of_its_columns_and_values_of_their_types() -> None:
    columns = ("name", "memory_mib", "template", "created_at", "dns_name", "attr:Owner", "attr:Größe")
    cells = ("=1\n\u2028", 2048.0, False, datetime(2026, 1, 2, 3, 4, 5), None, "me", None)
    (line,) = b"".join(json_pieces([frame(*cells, columns=columns)], columns)).decode().split("\n")[:-1]
    assert json.loads(line) == {
        "name": "=1\n\u2028",
        "memory_mib": 2048.0,
        "template": False,
        "created_at": "2026-01-02T03:04:05",
        "dns_name": None,
        "attributes": {"Owner": "me", "Größe": None},
    }


def test_json_without_custom_attributes_has_no_word_of_them_and_with_them_alone_nothing_else() -> None:
    both = frame("web", "me", columns=("name", "attr:Owner"))
    assert list(json_pieces([both], ["name"])) == [b'{"name":"web"}\n']
    assert list(json_pieces([both], ["attr:Owner"])) == [b'{"attributes":{"Owner":"me"}}\n']


@pytest.mark.parametrize(
    ("pieces", "heading"), [(csv_pieces, ["\ufeffA\r\n"]), (table_pieces, ["A\n"]), (json_pieces, [])]
)
def test_a_file_is_written_piece_by_piece(pieces: Callable[..., Iterator[Any]], heading: list[str]) -> None:
    taken: list[int] = []

    def frames() -> Iterator[pd.DataFrame]:
        for number in range(3):
            taken.append(number)
            yield frame(number)

    written = pieces(frames(), ["a"], ["A"])
    assert [next(written) for _ in heading] == heading
    assert taken == []
    assert "0" in str(next(written))
    assert taken == [0]


@pytest.mark.parametrize(
    ("pieces", "nothing"), [(csv_pieces, "\ufeffA\r\n"), (table_pieces, "A\n"), (json_pieces, "")]
)
def test_a_file_of_no_machine_has_its_heading_alone(
    pieces: Callable[..., Iterator[Any]], nothing: str
) -> None:
    assert "".join(pieces([], ["a"], ["A"])) == nothing
