"""The frame: status of the estate, and the wiring of what happens in the browser (`assets/shell.js`)."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, set_props
from dash.development.base_component import Component

from callbacks.shared.errors import tell_unavailable
from callbacks.shared.reading import database_names, database_url, read
from callbacks.shared.wiring import CallbackGroup
from data.errors import ConflictError
from data.ingest import remove_demo
from data.queries.estate import get_estate_status
from data.scope import Scope
from layouts.shared import shell
from layouts.shared.errors import ErrorHandler, log_error
from layouts.shared.ids import LOCATION, Shell
from layouts.shared.state import StateManager

_Status = tuple[list[Component], str | None, str, str, bool, str]

callback = CallbackGroup()
debug_callback = CallbackGroup()
"""Registered only when `debug` is on."""


def wire_scope(group: CallbackGroup, scope_id: str, *view_ids: str) -> None:
    """Keep the URL and the links of the menu at what a page's stores hold.

    Args:
        group: The page's callbacks.
        scope_id: The store with the scope as query text.
        view_ids: Stores with further query text that belongs to the page alone (columns, sort, tab): it is
            written into the URL after the scope, and menu links do not carry it.
    """
    inputs = [Input(store, "data") for store in (scope_id, *view_ids)]
    # Never written: a callback without an output does not run when its page is put in place.
    output = Output(scope_id, "clear_data")
    group.clientside("shell", "syncUrl", output, *inputs)


def _cannot_tell(error: Exception) -> _Status:
    """The frame without a status. The page's body says what is wrong."""
    tell_unavailable(error)
    log_error(error, "status of the estate")
    sentence = "What is imported cannot be read now."
    return [], "", sentence, sentence, True, ""


@callback(
    Output(Shell.QUICK_STATS, "children"),
    Output(Shell.FRESHNESS_TIME, "dateTime"),
    Output(Shell.FRESHNESS_DETAIL, "children"),
    Output(Shell.FRESHNESS, "title"),
    Output(Shell.BANNER, "hidden"),
    Output(Shell.BANNER_TEXT, "children"),
    Input(Shell.REFRESH, "data"),
    Input(Shell.DATABASE, "value"),
    Input(Shell.AS_OF, "data"),
    on_error=_cannot_tell,
)
def update_status(_refreshes: int, database: str, as_of: str) -> _Status:
    scope = _scope(database).with_(as_of=Scope.from_query({"as_of": as_of or ""}).as_of)
    status = read(get_estate_status, scope)
    imported_at, sentence = shell.freshness(status, scope.as_of)
    notice = shell.demo_notice(status)
    return shell.quick_stats(status), imported_at, sentence, sentence, not notice, notice


@callback(
    Output(Shell.REFRESH, "data", allow_duplicate=True),
    Input(Shell.REMOVE_DEMO, "n_clicks"),
    State(Shell.REFRESH, "data"),
    State(Shell.DATABASE, "value"),
    running=[(Output(Shell.REMOVE_DEMO, "disabled"), True, False)],
    prevent_initial_call=True,
)
def remove_demo_estate(_clicks: int, refreshes: int, database: str) -> int:
    remove_demo(database_url(_scope(database)), on_wait=_refuse)
    set_props(Shell.TOASTS, {"children": ErrorHandler.show_success("The demo estate is removed.")})
    return refreshes + 1


def _refuse() -> None:
    """A request does not wait for an import, which can take minutes."""
    raise ConflictError("An import is running. Remove the demo estate when it has ended.")


@debug_callback(Output(Shell.DEBUG, "children"), Input(Shell.PERSON, "data"), Input(Shell.VISIT, "data"))
def update_debug_panel(person: dict[str, Any] | None, visit: dict[str, Any] | None) -> Component:
    return StateManager.show_debug_info(person=person, visit=visit)


def _scope(database: str) -> Scope:
    return Scope(database="" if database == database_names()[0] else database)


callback.clientside(
    "shell",
    "place",
    Output(Shell.DATABASE, "value"),
    Output(Shell.VISIT, "data"),
    Output(Shell.AS_OF, "data"),
    Input(LOCATION, "pathname"),
    Input(LOCATION, "search"),
    State(Shell.DATABASE, "options"),
    State(Shell.DATABASE, "value"),
    State(Shell.VISIT, "data"),
    State(Shell.AS_OF, "data"),
)
callback.clientside(
    "shell",
    "switchDatabase",
    Input(Shell.DATABASE, "value"),
    State(Shell.DATABASE, "options"),
    prevent_initial_call=True,
)
callback.clientside(
    "shell",
    "showFreshness",
    Output(Shell.FRESHNESS_TIME, "children"),
    Output(Shell.FRESHNESS_DOT, "className"),
    Output(Shell.FRESHNESS, "className"),
    Input(Shell.FRESHNESS_TIME, "dateTime"),
    prevent_initial_call=True,
)
callback.clientside(
    "shell",
    "refresh",
    Output(Shell.REFRESH, "data"),
    Output(Shell.VISIT, "data", allow_duplicate=True),
    Input(Shell.REFRESH_BUTTON, "n_clicks"),
    State(Shell.REFRESH, "data"),
    State(Shell.VISIT, "data"),
    prevent_initial_call=True,
)
callback.clientside(
    "shell",
    "cycleTheme",
    Output(Shell.PERSON, "data"),
    Input(Shell.THEME_BUTTON, "n_clicks"),
    State(Shell.PERSON, "data"),
    prevent_initial_call=True,
)
callback.clientside(
    "shell",
    "showTheme",
    Output(Shell.THEME_ICON, "className"),
    Output(Shell.THEME_BUTTON, "title"),
    Output(Shell.THEME_BUTTON, "aria-label"),
    Input(Shell.PERSON, "data"),
)
callback.clientside("shell", "showFailure", Input(Shell.FAILURE, "data"), prevent_initial_call=True)
callback.clientside("shell", "openMenu", Input(Shell.MENU_TOGGLE, "n_clicks"), prevent_initial_call=True)
callback.clientside("shell", "closeMenu", Input(Shell.MENU_CLOSE, "n_clicks"), prevent_initial_call=True)
callback.clientside("shell", "closeMenu", Input(Shell.BACKDROP, "n_clicks"), prevent_initial_call=True)
callback.clientside("shell", "showMenu", Input(Shell.PERSON, "data"))
callback.clientside(
    "shell",
    "collapse",
    Output(Shell.PERSON, "data", allow_duplicate=True),
    Input(Shell.MENU_COLLAPSE, "n_clicks"),
    State(Shell.PERSON, "data"),
    prevent_initial_call=True,
)
