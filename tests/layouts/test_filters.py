import json
from datetime import date

import pytest
from dash import html

from data.results import AttentionLimits, Choice, StateDay
from data.scope import Scope
from data.vocabulary import AttentionRule
from layouts.shared.filters import (
    Filter,
    FilterIds,
    before_first,
    checks_list,
    choices_list,
    day_bar,
    days_list,
    filter_bar,
)
from tests.layouts.drawn import by_class, every, links, text


def options(root: object) -> list[tuple[str, str, str]]:
    """Value, words and whether chosen, of each option."""
    return [
        (getattr(row, "data-value"), text(row), getattr(row, "aria-selected"))
        for row in every(root, html.Div)
        if getattr(row, "role", None) == "option"
    ]


def boxes(bar: object) -> dict[str, html.Span]:
    found = [box for box in by_class(bar, "chip-box") if hasattr(box, "data-filter")]
    return {getattr(box, "data-filter"): box for box in found}


def test_every_filter_of_a_scope_has_a_chip_and_those_not_offered_are_hidden() -> None:
    drawn = boxes(filter_bar("overview", "overview-scope", [Filter.POWER, Filter.CLUSTER]))
    assert set(drawn) == set(Filter) - {Filter.PATTERN, Filter.WHERE}
    shown = [one for one, box in drawn.items() if not getattr(box, "hidden", False)]
    assert shown == ["as_of", "power", "cluster"], "the day comes first, on every page"


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


def test_the_bar_of_the_day_has_one_chip_and_nothing_to_clear() -> None:
    bar = day_bar("machine", "machine-scope")
    assert list(boxes(bar)) == ["as_of"]
    assert not by_class(bar, "chip-clear")
    assert [label.htmlFor for label in every(bar, html.Label)] == ["machine-filter-day"]


def test_the_way_back_from_a_day_says_where_it_leads() -> None:
    (remove,) = by_class(day_bar("machine", "machine-scope"), "chip-remove")
    assert getattr(remove, "aria-label") == "Back to the newest states"


def test_days_stand_with_their_vcenters_below_the_newest() -> None:
    days = [
        StateDay(date(2026, 9, 1), ("a", "b", "c", "d")),
        StateDay(date(2026, 8, 1), ("a", "b")),
        StateDay(date(2026, 7, 1), ("a", "b", "c")),
    ]
    assert options(days_list(days, date(2026, 8, 1))) == [
        ("", "Newest", "false"),
        ("2026-09-01", "1 Sep 2026 all 4 vCenters", "false"),
        ("2026-08-01", "1 Aug 2026 a and b", "true"),
        ("2026-07-01", "1 Jul 2026 3 vCenters", "false"),
    ]


def test_the_only_vcenter_is_not_named_beside_each_day_and_no_day_is_the_newest() -> None:
    drawn = options(days_list([StateDay(date(2026, 9, 1), ("a",))], None))
    assert drawn == [("", "Newest", "true"), ("2026-09-01", "1 Sep 2026", "false")]


def test_the_list_of_days_is_reached_by_the_tabulator() -> None:
    (newest,) = (
        row
        for row in every(days_list([StateDay(date(2026, 9, 1), ("a",))], None))
        if getattr(row, "tabIndex", -1) == 0
    )
    assert text(newest) == "Newest"


def test_without_a_state_there_is_no_day() -> None:
    assert text(days_list([], None)) == "Nothing is imported yet."


def test_a_day_before_every_state_names_the_first_and_keeps_the_filters() -> None:
    drawn = before_first("overview", Scope(as_of=date(2020, 1, 1), text="sql"), date(2026, 6, 23))
    assert "No state is as old as 1 Jan 2020 The first one was exported on 23 Jun 2026." in text(drawn)
    assert links(drawn) == {
        "As of 23 Jun 2026": Scope(as_of=date(2026, 6, 23), text="sql"),
        "Newest": Scope(text="sql"),
    }


@pytest.mark.parametrize("page", ["overview", "vm_explorer"])
def test_ids_belong_to_the_page(page: str) -> None:
    assert FilterIds(page).bar == f"{page.replace('_', '-')}-filters"
