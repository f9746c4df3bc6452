"""The callbacks behind conditions on single columns: what the panel shows, and whether a condition can be used."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.shared.filters import CHOICES, UNLISTED
from callbacks.shared.reading import limits, read
from callbacks.shared.wiring import CallbackGroup
from data.conditions import Condition, label_of, parse_condition
from data.errors import InvalidInputError
from data.queries.choices import list_choices
from data.queries.machines import list_attributes
from data.scope import MAX_TEXT, MAX_VALUES, Scope, split_condition
from layouts.shared.components import partial_state
from layouts.shared.conditions import (
    ConditionIds,
    chosen_values,
    columns_list,
    condition_panel,
    no_column_panel,
    values_list,
)
from layouts.shared.filters import LABELS, Filter, FilterIds

PLACES = (Filter.VCENTER, Filter.DATASTORE, Filter.NETWORK)
"""Filters of the bar that have a chip only when they are set."""


def wire_conditions(group: CallbackGroup, page: str, scope_id: str) -> None:
    """Let the filter bar of a page show and change conditions on single columns.

    Args:
        group: The page's callbacks.
        page: The page's key.
        scope_id: The store with the scope as the query of a URL.
    """
    ids = ConditionIds(page)
    group.clientside(
        "conditions",
        "learn",
        Output(ids.chips, "title"),  # never changes: without an output Dash calls it on other pages, too
        Input(ids.answer, "data"),
        State(FilterIds(page).bar, "id"),
        prevent_initial_call=True,
    )
    group.clientside(
        "conditions",
        "showPanel",
        Output(ids.fields, "title"),
        Input(ids.fields, "children"),
        Input(ids.values, "children"),
        State(FilterIds(page).bar, "id"),
        prevent_initial_call=True,
    )

    @group(
        Output(ids.fields, "children"),
        Output(ids.values, "children"),
        Input(ids.request, "data"),
        State(scope_id, "data"),
        prevent_initial_call=True,
    )
    def update_panel(request: dict[str, Any], query: str) -> tuple[Any, list[Component]]:
        return draw_panel(request, Scope.from_query_string(query))

    @group(Output(ids.answer, "data"), Input(ids.question, "data"), prevent_initial_call=True)
    def update_answer(question: dict[str, Any]) -> dict[str, Any]:
        return judge(question)


def draw_panel(request: dict[str, Any], scope: Scope) -> tuple[Any, list[Component]]:
    """The fields and the list of the panel; without a column, the columns to choose from."""
    key, search = str(request.get("key", "")), str(request.get("search", ""))[:MAX_TEXT]
    if not key:
        attributes = read(list_attributes, Scope(database=scope.database, as_of=scope.as_of))
        return [], columns_list({str(one): LABELS[one] for one in PLACES}, attributes, search)
    try:
        label_of(key)
    except InvalidInputError as error:
        return no_column_panel(key, str(error)), []
    condition = _condition(key, str(request.get("text", "")))
    body = no_update if request.get("is_search") else condition_panel(key, condition)
    try:
        choices = read(list_choices, scope, limits=limits(), field=key, search=search, limit=CHOICES)
    except InvalidInputError:  # another filter cannot be used, and is marked
        return body, [partial_state(UNLISTED)]
    return body, values_list(key, choices, () if search else chosen_values(condition), limit=CHOICES)


def judge(question: dict[str, Any]) -> dict[str, Any]:
    """Which conditions cannot be used, and why."""
    asked = [str(one) for one in question.get("where", [])[:MAX_VALUES]]
    return {"asked": asked, "problems": {one: why for one in asked if (why := _problem(one))}}


def _problem(where: str) -> str:
    try:
        parse_condition(*split_condition(where))
    except InvalidInputError as error:
        return str(error)
    return ""


def _condition(key: str, text: str) -> Condition | None:
    try:
        return parse_condition(key, text)
    except InvalidInputError:
        return None
