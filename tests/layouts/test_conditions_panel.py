"""The panel in which a condition is made, drawn from results."""

import json
from typing import Any

import pytest
from dash import html

from data.conditions import kind_of, parse_condition
from data.fields import MACHINE_FIELDS
from data.results import AttentionLimits, Choice
from data.scope import Scope, joined_condition
from data.vocabulary import Kind
from layouts.shared.conditions import (
    ConditionIds,
    chosen_values,
    columns_list,
    condition_box,
    condition_panel,
    values_list,
)
from layouts.shared.export_box import scope_in_words
from tests.layouts.drawn import by_class, every, table, text
from tests.layouts.test_filters import options

ONE_OF_EACH_KIND = list({field.kind: field.key for field in MACHINE_FIELDS}.values())


def fields(key: str, condition: str = "") -> dict[str, str]:
    """What the fields of a range show."""
    drawn = condition_panel(key, parse_condition(key, condition) if condition else None)
    found = {part.class_name.split()[0]: part.value for part in every(drawn) if hasattr(part, "class_name")}
    return {name.removeprefix("condition-"): value for name, value in found.items() if value}


def test_the_box_names_every_column_for_the_chips_and_its_panel_is_closed() -> None:
    box = condition_box(ConditionIds("overview"))
    (chips,) = by_class(box, "condition-chips")
    assert json.loads(getattr(chips, "data-labels")) == {field.key: field.label for field in MACHINE_FIELDS}
    assert all(panel.hidden for panel in by_class(box, "panel"))


@pytest.mark.parametrize(
    ("key", "condition", "shown"),
    [
        ("memory_mib", "", {"unit": "GiB"}),
        ("memory_mib", ">= 16", {"from": "16", "unit": "GiB"}),
        ("memory_mib", "<= 1.5 TiB", {"to": "1.5", "unit": "TiB"}),
        ("memory_mib", "512 MiB..2 GiB", {"unit": "GiB"}),
        ("cpus", "2..8", {"from": "2", "to": "8"}),
        ("cpus", "4", {"exact": "4"}),
        ("cpus", "= 2, 4", {}),
        ("cpus", "!= 4", {}),
        ("cpus", "> 4", {}),
        ("cpus", "(none)", {}),
        ("created_at", "2026-01-31..2026-02-01", {"from": "2026-01-31", "to": "2026-02-01"}),
        ("created_at", "2026-01", {}),
        ("created_at", "older than 90 days", {}),
        ("name", "web", {}),
    ],
)
def test_the_fields_of_a_range_show_what_they_can_make(
    key: str, condition: str, shown: dict[str, str]
) -> None:
    assert fields(key, condition) == shown


@pytest.mark.parametrize("key", ONE_OF_EACH_KIND)
def test_every_form_in_the_panel_of_a_column_can_be_typed(key: str) -> None:
    panel = condition_panel(key, None)
    forms = [row[0] for row in table(panel)[1:]]
    assert len(forms) > 2
    for form in forms:
        parse_condition(key, form)


@pytest.mark.parametrize(
    ("key", "condition", "chosen"),
    [
        ("cluster", '= a, "b, c", (none)', ("a", "b, c", "")),
        ("cluster", "(none)", ("",)),
        ("cluster", "!= a", ()),
        ("cluster", "a", ()),
        ("template", "yes, (none)", ("yes", "")),
        ("memory_mib", "= 8 GiB, 1024 MiB", ("8 GiB", "1 GiB")),
        ("created_at", "= 2026-01-31, 2026-02", ("2026-01-31",)),
    ],
)
def test_chosen_are_the_values_that_a_condition_names(
    key: str, condition: str, chosen: tuple[str, ...]
) -> None:
    assert chosen_values(parse_condition(key, condition)) == chosen


def test_chosen_values_come_first_and_blank_reads_none() -> None:
    drawn = values_list("cluster", [Choice("C1", 1200), Choice("C2", 4), Choice(None, 3)], ("", "gone"))
    assert options(drawn) == [
        ("", "(none) 3", "true"),
        ("gone", "gone", "true"),
        ("C1", "C1 1,200", "false"),
        ("C2", "C2 4", "false"),
    ]


def test_flags_and_power_states_are_words() -> None:
    assert options(values_list("template", [Choice("yes", 2)], ())) == [("yes", "Yes 2", "false")]
    drawn = values_list("power_state", [Choice("poweredOn", 2)], ())
    assert options(drawn) == [("poweredOn", "On 2", "false")]


def test_a_full_list_of_values_says_that_there_may_be_more() -> None:
    assert "2 most frequent" in text(values_list("cluster", [Choice("a", 2), Choice("b", 1)], (), limit=2))
    assert text(values_list("cluster", [], ())) == "No value found."


def test_every_column_and_attribute_can_be_filtered_by() -> None:
    offered = {value for value, _, _ in options(columns_list({"datastore": "Datastore"}, ["Owner"]))}
    assert offered == {"datastore", "attr:Owner", *(field.key for field in MACHINE_FIELDS)}


def test_columns_are_found_by_name_those_that_begin_with_it_first() -> None:
    found = [words for _, words, _ in options(columns_list({}, ["Memory owner"], "mEmory"))]
    assert found[0] == "Memory vInfo"
    assert "Memory owner Attributes" in found
    assert found.index("Memory owner Attributes") < found.index("Suspended to memory vInfo")
    assert text(columns_list({}, [], "shoes")) == "No column is called that."


def test_the_kind_of_each_column_decides_its_fields() -> None:
    for field in MACHINE_FIELDS:
        panel: Any = condition_panel(field.key, None)
        has_range = bool(by_class(panel, "condition-range"))
        assert has_range == (kind_of(field.key) not in {Kind.NAME, Kind.TEXT, Kind.BOOLEAN})
        assert next(every(panel, html.Summary))


def test_an_export_names_conditions_patterns_and_connections() -> None:
    where = ("memory_mib: >= 16 GiB", joined_condition("attr:Cost: centre", "web"))
    scope = Scope(text="^db", is_pattern=True, where=where, datastores=("ds1", ""), networks=("lan",))
    assert scope_in_words(scope, {}, AttentionLimits()) == (
        ("Datastore", "ds1"),
        ("Datastore", "(none)"),
        ("Network", "lan"),
        ("Pattern", "^db"),
        ("Memory", ">= 16 GiB"),
        ("Cost: centre", "web"),
    )
