"""What the panel of conditions asks the data, and which conditions can be used."""

from typing import Any

import pytest
from dash import no_update
from flask import Flask
from sqlalchemy.orm import Session

from callbacks.shared.conditions import draw_panel, judge
from data.database import DatabaseManager
from data.generations import raise_generation
from data.scope import Scope
from tests.factories import add_machine, add_state, add_vcenter
from tests.layouts.drawn import by_class, text
from tests.layouts.test_filters import options


@pytest.fixture(autouse=True)
def _estate(manager: DatabaseManager, server: Flask) -> Any:
    """Three machines of one state."""
    with manager.session_scope() as session:
        _store(session)
    with server.test_request_context():
        yield


def _store(session: Session) -> None:
    state = add_state(session, add_vcenter(session, "vc"), machines=3, attributes=["Owner"])
    add_machine(session, state, "a", cluster="C1", cpus=2, attributes={"Owner": "web team"})
    add_machine(session, state, "b", cluster="C1", cpus=4)
    add_machine(session, state, "c", cpus=4)
    raise_generation(session)


def drawn(scope: Scope | None = None, **request: Any) -> tuple[Any, list[tuple[str, str, str]]]:
    """The fields, and the options of the list."""
    body, values = draw_panel(request, scope or Scope())
    return body, options(values)


def test_a_column_offers_its_values_with_those_of_the_condition_chosen() -> None:
    _, values = drawn(key="cluster", text="= C1")
    assert values == [("C1", "C1 2", "true"), ("", "(none) 1", "false")]
    _, numbers = drawn(key="cpus", text="")
    assert numbers == [("4", "4 2", "false"), ("2", "2 1", "false")]
    _, owners = drawn(key="attr:Owner", text="")
    assert ("web team", "web team 1", "false") in owners


def test_values_are_those_of_the_machines_that_pass_all_other_conditions() -> None:
    _, values = drawn(Scope(where=("cluster:C1", "cpus:2")), key="cpus", text="2")
    assert values == [("2", "2 1", "true"), ("4", "4 1", "false")]


def test_a_search_draws_the_list_alone() -> None:
    body, values = drawn(key="cluster", text="= C1", search="zz", is_search=True)
    assert body is no_update
    assert values == []


def test_without_a_column_every_column_is_offered_and_so_are_places() -> None:
    _, values = drawn(key="")
    offered = [value for value, _, _ in values]
    assert offered[:3] == ["vcenter", "datastore", "network"]
    assert {"cpus", "attr:Owner"} <= set(offered)


def test_an_unknown_column_says_so_and_its_panel_can_be_left() -> None:
    body, values = drawn(key="shoes", text="> 5")
    assert text(body) == "Machines have no column “shoes”."
    assert by_class(body, "condition-fields")
    assert values == []


def test_beside_a_filter_that_cannot_be_used_no_values_are_listed() -> None:
    body, values = draw_panel({"key": "cluster", "text": ""}, Scope(where=("cpus:many",)))
    assert by_class(body, "condition-forms")
    assert text(values) == "Values are listed when all filters can be used."


def test_conditions_are_judged_each_by_itself() -> None:
    asked = ["cpus:> 4", "cpus:many", "shoes:1", "name:/(/"]
    answer = judge({"where": asked})
    assert answer["asked"] == asked
    assert list(answer["problems"]) == asked[1:]
    assert answer["problems"]["cpus:many"].startswith("“many” cannot be compared with vCPU")
