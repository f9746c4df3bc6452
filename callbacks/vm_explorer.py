"""VM Explorer: the callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Blueprint
from orjson import Fragment

from callbacks.shared import errors
from callbacks.shared.conditions import wire_conditions
from callbacks.shared.downloads import serve_exports
from callbacks.shared.exports import wire_export
from callbacks.shared.filters import first_day_after, wire_filters
from callbacks.shared.machine_detail import draw_tab
from callbacks.shared.machine_history import find_later
from callbacks.shared.palette import wire_recent
from callbacks.shared.reading import drawn, drawn_parts, limits, read, results_per_page
from callbacks.shared.search_field import wire_search
from callbacks.shared.selection import serve_ids
from callbacks.shared.shell import wire_scope
from callbacks.shared.wiring import CallbackGroup
from data.errors import InvalidInputError, NotFoundError
from data.queries.estate import get_estate_status
from data.queries.machine import get_machine
from data.queries.machines import find_machines, list_attributes, total_machines
from data.scope import Scope
from data.vocabulary import SortDirection
from layouts import vm_explorer as page
from layouts.shared.column_chooser import ColumnIds, columns_list
from layouts.shared.components import Content
from layouts.shared.filters import before_first
from layouts.shared.ids import Shell
from layouts.shared.machine_history import not_there_yet
from layouts.shared.machine_table import View, block_rows, is_column, rows

MAX_BLOCK = 1000
"""Rows that one request may ask for."""

callback = CallbackGroup()
wire_scope(callback, page.Ids.SCOPE, page.Ids.VIEW)
wire_filters(callback, page.PAGE, page.Ids.SCOPE)
wire_search(callback, page.PAGE)
wire_conditions(callback, page.PAGE, page.Ids.SCOPE)
wire_export(callback, page.Ids.SCOPE, page.Ids.VIEW, page.Ids.SELECTION)
wire_recent(
    callback,
    title_id=page.Ids.DETAIL_TITLE,
    proof_id=page.Ids.DETAIL_ACTIONS,
    machine_id=page.Ids.MACHINE,
    scope_id=page.Ids.SCOPE,
)

routes = Blueprint("machines", __name__)
serve_exports(routes)
serve_ids(routes)


@routes.before_app_request
def choose_block_size() -> None:
    block_rows.set(results_per_page())


def _blank_block(error: Exception) -> dict[str, Any]:
    """Tell the operator, and let the grid go on: it waits for the answer to each block."""
    errors.on_error(error)
    return {"rowData": []}


@callback(
    Output(page.Ids.GRID, "getRowsResponse"),
    Input(page.Ids.GRID, "getRowsRequest"),
    State(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    prevent_initial_call=True,
    on_error=_blank_block,
)
def update_rows(request: dict[str, Any] | None, query: str, view_query: str) -> Any:
    if not request:
        return no_update
    scope, view = Scope.from_query_string(query), View.from_query_string(view_query)
    sort, direction = _order(request, view)
    start = max(0, int(request["startRow"]))
    stop = min(int(request["endRow"]), start + MAX_BLOCK)

    def build() -> dict[str, Any]:
        frame = read(
            find_machines,
            scope,
            limits=limits(),
            columns=view.columns,
            sort=sort,
            direction=direction,
            start=start,
            stop=stop,
        )
        total = read(total_machines, scope, limits=limits()).machines
        return {"rowData": rows(frame, view.columns), "rowCount": total}

    try:
        return drawn("vm_explorer.block", scope, build, view.columns, sort, direction, start, stop)
    except InvalidInputError:  # `update_totals` says so
        return {"rowData": [], "rowCount": 0}


def _order(request: dict[str, Any], view: View) -> tuple[str, SortDirection]:
    """The order that the grid asks for; that of the view where the grid does not show the sorted column."""
    for model in request.get("sortModel") or []:
        if is_column(str(model.get("colId"))) and model.get("sort") in set(SortDirection):
            return model["colId"], SortDirection(model["sort"])
    return view.sort, view.direction


@callback(
    Output(page.Ids.SENTENCE, "children"),
    Output(page.Ids.TOTALS, "children"),
    Output(page.Ids.ANNOUNCEMENT, "children"),
    Output(page.Ids.BODY, "children"),
    Input(page.Ids.SCOPE, "data"),
    Input(Shell.REFRESH, "data"),
    running=[(Output(page.Ids.BOX, "aria-busy"), "true", "false")],
)
def update_totals(query: str, _refreshes: int) -> tuple[str, str, str, list[Component]]:
    scope = Scope.from_query_string(query)
    try:
        totals = read(total_machines, scope, limits=limits())
    except InvalidInputError as error:
        return page.UNUSABLE, "", f"{page.UNUSABLE}. {error}", [page.unusable(str(error))]
    instead = [] if totals.machines else [_why_nothing(scope)]
    return page.sentence(totals, scope), page.sums(totals), page.announcement(totals), instead


def _why_nothing(scope: Scope) -> Component:
    """What stands in place of a grid without rows."""
    if first := first_day_after(scope):
        return before_first(page.PAGE, scope, first)
    is_empty = not read(get_estate_status, Scope(database=scope.database)).vcenters
    return page.nothing_imported(scope) if is_empty else page.no_machines()


@callback(
    Output(page.Ids.DETAIL_TITLE, "children"),
    Output(page.Ids.DETAIL_SUMMARY, "children"),
    Output(page.Ids.DETAIL_PANEL, "children"),
    Output(page.Ids.DETAIL_ACTIONS, "children"),
    Input(page.Ids.MACHINE, "data"),
    Input(Shell.REFRESH, "data"),
    State(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    running=[(Output(page.Ids.DETAIL, "aria-busy"), "true", "false")],
    prevent_initial_call=True,
)
def update_detail(
    shown: dict[str, Any] | None, _refreshes: int, query: str, view: str
) -> Sequence[Content | Fragment]:
    if not shown:
        raise PreventUpdate
    scope, seen = Scope.from_query_string(query), View.from_query_string(view)
    machine_id = int(shown["id"])

    def build() -> page.Detail:
        machine = read(get_machine, scope, machine_id=machine_id)
        return page.detail(machine, scope, draw_tab(machine, scope, seen), seen.tab)

    try:
        return drawn_parts("vm_explorer.detail", scope, build, machine_id, seen.tab, seen.with_noise)
    except NotFoundError as error:
        later = find_later(scope, machine_id)
        return list(
            page.no_detail(not_there_yet(later, scope), later.name) if later else page.no_detail(str(error))
        )


@callback(
    Output(ColumnIds.LIST, "children"),
    Input(ColumnIds.REQUEST, "data"),
    State(page.Ids.SCOPE, "data"),
    prevent_initial_call=True,
)
def update_columns(_request: int, query: str) -> Component:
    scope = Scope.from_query_string(query)
    return columns_list(read(list_attributes, Scope(database=scope.database, as_of=scope.as_of)))


callback.clientside(
    "explorer",
    "showView",
    Output(page.Ids.SPLIT, "className"),
    Output(page.Ids.MACHINE, "data"),
    Input(page.Ids.VIEW, "data"),
    Input(page.Ids.SCOPE, "data"),
    Input(ColumnIds.LIST, "children"),
    State(page.Ids.MACHINE, "data"),
)
callback.clientside(
    "explorer",
    "reload",
    Output(page.Ids.GRID, "id"),  # never changes: without an output Dash calls it on other pages, too
    Input(page.Ids.SCOPE, "data"),
    Input(Shell.REFRESH, "data"),
    State(page.Ids.SCOPE, "id"),
    prevent_initial_call=True,
)
