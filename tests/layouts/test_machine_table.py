from datetime import datetime

import pandas as pd
import pytest

from data.fields import DEFAULT_COLUMNS, MACHINE_FIELDS
from data.vocabulary import SortDirection
from layouts.shared.machine_table import (
    NARROWEST,
    SELECTION_COLUMN,
    WIDEST,
    View,
    column_definition,
    column_definitions,
    is_column,
    rows,
    title_with_unit,
)


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(columns=("name", "attr:Cost & Centre", "memory_mib"), sort="attr:Cost & Centre"),
        View(sort="memory_mib", direction=SortDirection.DESC, machine=17, tab="storage"),
        View(widths=(("host", 240), ("attr:Cost: Centre", 80)), pins=("name", "cpus")),
        View(columns=("cpus",), pins=()),
    ],
)
def test_a_view_survives_the_way_through_a_url(view: View) -> None:
    assert View.from_query_string(view.query()) == view


@pytest.mark.parametrize(
    "query",
    [
        {"col": ["shoes", "attr:", "machine_id"]},
        {"sort": "-shoes"},
        {"sort": ""},
        {"machine": "1; DROP TABLE machines"},
        {"machine": "٣"},
        {"machine": "99999999999"},
        {"utm_source": "x"},
        {"width": ["host", "host:", "host:wide", "host:-5", "shoes:100", ":100"]},
        {"pin": "name"},
    ],
)
def test_what_a_link_cannot_mean_is_ignored(query: dict[str, str | list[str]]) -> None:
    assert View.from_query(query) == View()


def test_a_column_stands_once_however_often_a_link_names_it() -> None:
    assert View.from_query({"col": ["host", "name", "host"]}).columns == ("host", "name")


def test_only_fields_of_machines_and_attributes_are_columns() -> None:
    assert all(is_column(field.key) for field in MACHINE_FIELDS)
    assert is_column("attr:Owner")
    assert not is_column("attributes")
    assert not is_column("attr:" + "x" * 300)


def test_numbers_stand_at_the_right_and_texts_share_the_rest() -> None:
    memory, host = column_definition("memory_mib"), column_definition("host")
    assert memory["type"] == "rightAligned"
    assert "flex" not in memory
    assert "type" not in host
    assert host["flex"]


def test_the_grid_starts_with_the_sort_of_the_view() -> None:
    selection, *definitions = column_definitions(View(sort="cpus", direction=SortDirection.DESC))
    assert selection["colId"] == SELECTION_COLUMN
    assert [one["field"] for one in definitions] == list(DEFAULT_COLUMNS)
    assert [one["field"] for one in definitions if "initialSort" in one] == ["cpus"]


def test_a_column_is_as_wide_as_the_link_says_and_the_others_share_the_rest() -> None:
    view = View.from_query({"col": ["name", "host"], "width": ["host:240", "cpus:99"]})
    _, name, host = column_definitions(view)
    assert (host["width"], host["flex"]) == (240, None)
    assert "width" not in name
    assert name["flex"]


@pytest.mark.parametrize(("asked", "given"), [("1", NARROWEST), ("999999", WIDEST)])
def test_no_column_is_too_narrow_to_be_pulled_or_wider_than_a_screen(asked: str, given: int) -> None:
    assert View.from_query({"width": f"host:{asked}"}).widths == (("host", given),)


@pytest.mark.parametrize(
    ("query", "pinned"),
    [({}, ["name"]), ({"pin": ""}, []), ({"pin": ["cpus", "shoes"]}, ["cpus"]), ({"pin": "host"}, [])],
)
def test_the_name_stays_at_the_left_unless_a_link_says_otherwise(
    query: dict[str, str | list[str]], pinned: list[str]
) -> None:
    view = View.from_query({"col": ["name", "cpus"], **query})
    _, *definitions = column_definitions(view)
    assert [one["field"] for one in definitions if one.get("pinned") == "left"] == pinned


def test_units_stand_in_the_headings_of_a_file() -> None:
    assert [title_with_unit(key) for key in ("memory_mib", "cpu_limit_mhz", "attr:Size")] == [
        "Memory (MiB)",
        "CPU limit (MHz)",
        "Size",
    ]


def test_a_row_is_its_id_and_its_values_as_they_read() -> None:
    columns = ["name", "power_state", "cpus", "memory_mib", "template", "created_at", "attr:Owner"]
    frame = pd.DataFrame(
        [
            [7, "a", "poweredOn", 4, 16384.0, False, datetime(2026, 11, 3, 6, 0), "data platform"],
            [8, "b", None, None, None, None, None, None],
        ],
        columns=["machine_id", *columns],
        dtype=object,
    )
    first, second = rows(frame, columns)
    assert first == {
        "machine_id": "7",
        "name": "a",
        "power_state": "On",
        "cpus": "4",
        "memory_mib": "16 GiB",
        "template": "No",
        "created_at": "3 Nov 2026, 06:00",
        "attr:Owner": "data platform",
    }
    assert [second[column] for column in columns[1:]] == ["–"] * 6


def test_no_machine_gives_no_row() -> None:
    assert rows(pd.DataFrame([], columns=["machine_id", "name"], dtype=object), ["name"]) == []
