"""The callbacks behind a page's filter chips."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import ALL, MATCH, Input, Output, State
from dash.development.base_component import Component

from callbacks.shared.reading import limits, read
from callbacks.shared.wiring import CallbackGroup
from data.errors import InvalidInputError
from data.queries.choices import list_choices
from data.queries.estate import get_estate_status
from data.queries.states import list_state_days
from data.results import Choice
from data.scope import FILTER_OF, MAX_TEXT, Scope
from layouts.shared.components import partial_state
from layouts.shared.filters import Filter, FilterIds, checks_list, choices_list, days_list

CHOICES = 100
"""How many values a panel lists at most."""
UNLISTED = "Values are listed when all filters can be used."
_FIELDS = {
    Filter.DATACENTER: "datacenter",
    Filter.CLUSTER: "cluster",
    Filter.HOST: "host",
    Filter.POWER: "power_state",
    Filter.OS: "os_config",
    Filter.FOLDER: "folder",
    Filter.DATASTORE: "datastore",
    Filter.NETWORK: "network",
}
"""Filter -> the machine's field whose values it offers."""


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
    if one is Filter.AS_OF:
        return days_list(read(list_state_days, _of_vcenters(scope)), scope.as_of)
    field = _FIELDS[one]
    try:
        choices = read(list_choices, scope, limits=limits(), field=field, search=search, limit=CHOICES)
    except InvalidInputError:  # another filter cannot be used, and is marked
        return [partial_state(UNLISTED)]
    chosen = () if search else getattr(scope, FILTER_OF[field])
    return choices_list(one, choices, chosen, limit=CHOICES)


def first_day_after(scope: Scope) -> date | None:
    """The first day that has a state, if the day of the scope lies before it: then there is nothing to see."""
    if scope.as_of is None:
        return None
    days = read(list_state_days, _of_vcenters(scope))
    return days[-1].day if days and scope.as_of < days[-1].day else None


def _of_vcenters(scope: Scope) -> Scope:
    return Scope(database=scope.database, vcenters=scope.vcenters)


def _draw_vcenters(scope: Scope, search: str) -> list[Component]:
    newest = read(get_estate_status, Scope(database=scope.database)).vcenters
    states = read(get_estate_status, Scope(database=scope.database, as_of=scope.as_of)).vcenters
    names = {str(state.id): state.name for state in newest}
    choices = [Choice(str(s.id), s.machines) for s in states if search.casefold() in s.name.casefold()]
    return choices_list(
        Filter.VCENTER, choices, () if search else [str(one) for one in scope.vcenters], names=names
    )
