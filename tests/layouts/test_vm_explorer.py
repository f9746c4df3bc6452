import json

import pytest
from dash import html

from data.fields import DEFAULT_COLUMNS, MACHINE_FIELDS
from data.results import MachineTotals
from data.scope import Scope
from layouts import vm_explorer as page
from layouts.shared.column_chooser import columns_list
from layouts.shared.machine_table import block_rows
from tests.layouts.drawn import by_class, every, text


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [(Scope(), "7,989 machines"), (Scope(text="sql"), "1,284 of 7,989 machines")],
)
def test_the_sentence_says_how_many_machines_match(scope: Scope, sentence: str) -> None:
    assert (
        page.sentence(MachineTotals(1284 if scope.text else 7989, 7989, None, None, None), scope) == sentence
    )


def test_one_machine_is_announced_in_the_singular() -> None:
    assert page.announcement(MachineTotals(1, 5, None, None, None)) == "1 machine matches"
    assert page.announcement(MachineTotals(0, 5, None, None, None)) == "0 machines match"


def test_sums_that_no_machine_knows_are_left_out() -> None:
    assert page.sums(MachineTotals(3, 3, None, None, None)) == ""
    assert page.sums(MachineTotals(3, 3, 8, None, 2048.0)) == "Σ 8 vCPU · 2 GiB provisioned"


def test_the_grid_loads_as_many_rows_at_a_time_as_the_setting_says() -> None:
    token = block_rows.set(250)
    try:
        grid = next(part for part in every(page.layout()) if getattr(part, "id", None) == page.Ids.GRID)
    finally:
        block_rows.reset(token)
    assert grid.dashGridOptions["cacheBlockSize"] == 250
    assert grid.dashGridOptions["maxConcurrentDatasourceRequests"] == 1, (
        "the component keeps one request only"
    )


def test_a_link_seeds_the_stores_and_the_columns() -> None:
    layout = page.layout(q="sql", col=["name", "host"], sort="-host", machine="7", tab="storage", shoes="x")
    parts = {part.id: part for part in every(layout) if isinstance(getattr(part, "id", None), str)}
    assert parts[page.Ids.SCOPE].data == "q=sql"
    assert parts[page.Ids.VIEW].data == "col=name&col=host&sort=-host&machine=7&tab=storage"
    assert [one["field"] for one in parts[page.Ids.GRID].columnDefs[1:]] == ["name", "host"]


def test_the_chooser_lists_every_column_by_its_tab_and_then_the_attributes() -> None:
    chooser = columns_list(["Owner", "Zone"])
    groups = [part for part in every(chooser, html.Div) if getattr(part, "role", None) == "group"]
    assert [getattr(group, "aria-label") for group in groups] == [
        "vInfo",
        "vCPU",
        "vMemory",
        "vTools",
        "Worked out",
        "Attributes",
    ]
    keys = [getattr(part, "data-value") for part in by_class(chooser, "choice")]
    assert set(keys) == {field.key for field in MACHINE_FIELDS} | {"attr:Owner", "attr:Zone"}
    assert len(keys) == len(set(keys))


def test_without_attributes_there_is_no_group_for_them() -> None:
    assert "Attributes" not in text(columns_list([]))


def test_nothing_imported_leads_to_the_import_of_the_same_database() -> None:
    (link,) = every(page.nothing_imported(Scope(database="lab", text="sql")), html.A)
    assert link.href == "/data-import?db=lab"


def test_a_scope_without_machines_can_be_cleared() -> None:
    (button,) = every(page.no_machines(), html.Button)
    assert getattr(button, "data-clears") == "vm-explorer-filters"


def test_the_bar_of_the_selection_is_hidden_until_rows_are_selected() -> None:
    (bar,) = by_class(page.layout(), "selection-bar")
    assert bar.hidden
    assert text(bar).split() == ["Select", "all", "that", "match", "Copy", "Clear"]


def test_the_panel_of_columns_knows_what_is_usual() -> None:
    (box,) = [one for one in every(page.layout(), html.Span) if hasattr(one, "data-columns")]
    assert json.loads(getattr(box, "data-columns")) == list(DEFAULT_COLUMNS)
    assert json.loads(getattr(box, "data-pins")) == ["name"]
