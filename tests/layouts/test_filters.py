import json

import pytest
from dash import html

from data.results import AttentionLimits, Choice
from data.vocabulary import AttentionRule
from layouts.shared.filters import Filter, FilterIds, checks_list, choices_list, filter_bar
from tests.layouts.drawn import by_class, every, text


def options(root: object) -> list[tuple[str, str, str]]:
    """Value, words and whether chosen, of each option."""
    return [
        (getattr(row, "data-value"), text(row), getattr(row, "aria-selected"))
        for row in every(root, html.Div)
        if getattr(row, "role", None) == "option"
    ]


def boxes(bar: object) -> dict[str, html.Span]:
    return {getattr(box, "data-filter"): box for box in by_class(bar, "chip-box")}


def test_every_filter_of_a_scope_has_a_chip_and_those_not_offered_are_hidden() -> None:
    drawn = boxes(filter_bar("overview", "overview-scope", [Filter.POWER, Filter.CLUSTER]))
    assert set(drawn) == set(Filter)
    assert [one for one, box in drawn.items() if not getattr(box, "hidden", False)] == ["power", "cluster"]


def test_a_page_with_a_search_field_has_no_chip_for_the_text() -> None:
    bar = filter_bar("vm_explorer", "vm-explorer-scope", [Filter.POWER], has_search=True)
    assert Filter.TEXT not in boxes(bar)
    assert by_class(bar, "search-field")


def test_a_panel_is_closed_and_holds_no_values_until_it_asks_for_them() -> None:
    bar = filter_bar("overview", "overview-scope", [Filter.CLUSTER])
    assert all(panel.hidden for panel in by_class(bar, "panel"))
    assert options(boxes(bar)[Filter.CLUSTER]) == []


def test_every_chip_but_the_one_of_templates_can_be_removed_and_says_so() -> None:
    drawn = boxes(filter_bar("overview", "overview-scope", list(Filter)))
    removable = {one: by_class(box, "chip-remove") for one, box in drawn.items()}
    assert [one for one, found in removable.items() if not found] == ["templates"]
    assert getattr(removable["os"][0], "aria-label") == "Remove the filter “OS”"


def test_power_states_are_shown_as_words() -> None:
    words = json.loads(getattr(boxes(filter_bar("overview", "s", list(Filter)))["power"], "data-words"))
    assert words["poweredOn"] == "On"


def test_values_stand_with_their_counts_and_blank_reads_none() -> None:
    drawn = choices_list(Filter.CLUSTER, [Choice("C1", 1200), Choice(None, 3)], [])
    assert options(drawn) == [("C1", "C1 1,200", "false"), ("", "(none) 3", "false")]


def test_chosen_values_come_first_even_those_no_machine_has_any_more() -> None:
    drawn = choices_list(Filter.CLUSTER, [Choice("C1", 5), Choice("C2", 4)], ["gone", "C2"])
    assert options(drawn) == [("gone", "gone", "true"), ("C2", "C2 4", "true"), ("C1", "C1 5", "false")]


def test_a_full_list_says_that_there_may_be_more() -> None:
    choices = [Choice("C1", 5), Choice("C2", 4)]
    assert "2 most frequent" in text(choices_list(Filter.CLUSTER, choices, [], limit=2))
    assert "most frequent" not in text(choices_list(Filter.CLUSTER, choices, [], limit=3))


def test_no_value_is_said_in_words() -> None:
    assert text(choices_list(Filter.CLUSTER, [], [])) == "No value found."


def test_ids_are_shown_by_name() -> None:
    drawn = choices_list(Filter.VCENTER, [Choice("2", 7)], ["3"], names={"2": "vc-north"})
    assert options(drawn) == [("3", "3", "true"), ("2", "vc-north 7", "false")]


def test_checks_are_named_with_their_limits() -> None:
    drawn = options(checks_list([AttentionRule.NO_IP], AttentionLimits(snapshot_days=14)))
    assert ("old-snapshot", "Snapshot older than 14 days", "false") in drawn
    assert ("no-ip", "No IP address", "true") in drawn
    assert len(drawn) == len(AttentionRule)


@pytest.mark.parametrize("page", ["overview", "vm_explorer"])
def test_ids_belong_to_the_page(page: str) -> None:
    assert FilterIds(page).bar == f"{page.replace('_', '-')}-filters"
