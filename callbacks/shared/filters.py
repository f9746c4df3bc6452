"""The callbacks behind a page's filter chips."""

from __future__ import annotations

from typing import Any

from dash import ALL, MATCH, Input, Output, State
from dash.development.base_component import Component

from callbacks.shared.reading import limits, read
from callbacks.shared.wiring import CallbackGroup
from data.queries.estate import get_estate_status
from data.queries.machines import list_choices
from data.results import Choice
from data.scope import MAX_TEXT, Scope
from layouts.shared.filters import Filter, FilterIds, checks_list, choices_list

CHOICES = 100
"""How many values a panel lists at most."""
_FIELDS = {
    Filter.DATACENTER: ("datacenter", "datacenters"),
    Filter.CLUSTER: ("cluster", "clusters"),
    Filter.HOST: ("host", "hosts"),
    Filter.POWER: ("power_state", "power"),
    Filter.OS: ("os_config", "os"),
    Filter.FOLDER: ("folder", "folders"),
}
"""Filter -> the machine's field and the attribute of the scope."""


def wire_filters(group: CallbackGroup, page: str, scope_id: str) -> None:
    """Let the filter bar of a page show and change its scope store.

    Args:
        group: The page's callbacks.
        page: The page's key.
        scope_id: The store with the scope as the query of a URL.
    """
    ids = FilterIds(page)
    group.clientside(
        "filters",
        "show",
        Output(ids.bar, "data-query"),
        Input(scope_id, "data"),
        Input(ids.choices(ALL), "children"),
        State(ids.bar, "id"),
    )

    @group(
        Output(ids.choices(MATCH), "children"),
        Input(ids.request(MATCH), "data"),
        State(ids.request(MATCH), "id"),
        State(scope_id, "data"),
        prevent_initial_call=True,
    )
    def update_choices(request: dict[str, Any], request_id: dict[str, str], query: str) -> list[Component]:
        scope = Scope.from_query_string(query)
        search = str(request.get("search", ""))[:MAX_TEXT]
        return draw_choices(Filter(request_id["filter"]), scope, search)


def draw_choices(one: Filter, scope: Scope, search: str) -> list[Component]:
    """The values that a panel offers within the rest of the scope."""
    if one is Filter.VCENTER:
        return _draw_vcenters(scope, search)
    if one is Filter.ATTENTION:
        return checks_list(scope.attention, limits())
    field, attribute = _FIELDS[one]
    choices = read(list_choices, scope, limits=limits(), field=field, search=search, limit=CHOICES)
    chosen = () if search else getattr(scope, attribute)
    return choices_list(one, choices, chosen, limit=CHOICES)


def _draw_vcenters(scope: Scope, search: str) -> list[Component]:
    states = read(get_estate_status, Scope(database=scope.database)).vcenters
    names = {str(state.id): state.name for state in states}
    choices = [Choice(str(s.id), s.machines) for s in states if search.casefold() in s.name.casefold()]
    return choices_list(
        Filter.VCENTER, choices, () if search else [str(one) for one in scope.vcenters], names=names
    )
