"""What the cache did, and clearing it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import Input, Output, State, ctx
from dash.development.base_component import Component

from callbacks.shared.wiring import CallbackGroup
from data.cache import clear_all_caches, clear_cache_for_function, get_cache_trouble, get_cache_uses
from data.errors import InvalidInputError
from data.results import CacheUse
from layouts.shared import cache_controls
from layouts.shared.cache_controls import Ids
from layouts.shared.errors import ErrorHandler
from layouts.shared.ids import Shell
from layouts.shared.state import SessionKeys, StateManager

callback = CallbackGroup()


class CacheManager:
    """The cache as an operator sees it.

    Example:
        >>> isinstance(CacheManager.get_cache_info(), list)
        True
    """

    @staticmethod
    def get_cache_info() -> list[CacheUse]:
        """Hits, misses, entries, age and statements avoided of each function, over all workers.

        Example:
            >>> [use.function for use in CacheManager.get_cache_info() if use.hits < 0]
            []
        """
        return get_cache_uses()

    @staticmethod
    def show_cache_controls() -> Component:
        """The button for the menu and its dialog; `update_dialog` fills it when it opens.

        Example:
            >>> CacheManager.show_cache_controls().children[0].id
            <Ids.OPEN: 'cache-open'>
        """
        return cache_controls.controls()


@callback(
    Output(Ids.DIALOG, "is_open"),
    Output(Ids.CONTENT, "children"),
    Output(Ids.FUNCTION, "options"),
    Input(Ids.OPEN, "n_clicks"),
    prevent_initial_call=True,
)
def open_dialog(_clicks: int) -> tuple[bool, Component, list[dict[str, str]]]:
    """Open the dialog with the figures of now."""
    uses = CacheManager.get_cache_info()
    return True, cache_controls.content(uses, get_cache_trouble()), cache_controls.options(uses)


@callback(
    Output(Ids.CONTENT, "children", allow_duplicate=True),
    Output(Shell.REFRESH, "data", allow_duplicate=True),
    Output(Shell.VISIT, "data", allow_duplicate=True),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Ids.CLEAR_ALL, "n_clicks"),
    Input(Ids.CLEAR_ONE, "n_clicks"),
    State(Ids.FUNCTION, "value"),
    State(Shell.REFRESH, "data"),
    State(Shell.VISIT, "data"),
    prevent_initial_call=True,
)
def clear_cache(
    _all: int | None, _one: int | None, function: str | None, refreshes: int, visit: dict[str, Any] | None
) -> tuple[Component, int, dict[str, Any], Component]:
    """Clear one answer or all, and draw the page anew."""
    if ctx.triggered_id == Ids.CLEAR_ALL:
        removed = clear_all_caches()
    elif function:
        removed = clear_cache_for_function(function)
    else:
        raise InvalidInputError("Choose the answer to clear.")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return (
        cache_controls.content(CacheManager.get_cache_info(), get_cache_trouble()),
        refreshes + 1,
        StateManager.set(visit, SessionKeys.CACHE_TIMESTAMP, now),
        ErrorHandler.show_success(f"{removed} cached answers were cleared."),
    )
