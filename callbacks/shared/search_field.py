"""The callbacks behind the field of the text search: whether a pattern can be used."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State

from callbacks.shared.wiring import CallbackGroup
from data.errors import InvalidInputError
from data.patterns import compile_pattern
from data.scope import MAX_SEARCH
from layouts.shared.filters import FilterIds
from layouts.shared.search_field import SearchIds


def wire_search(group: CallbackGroup, page: str) -> None:
    """Let the search field of a page's filter bar tell patterns that can be used from others.

    Args:
        group: The page's callbacks.
        page: The page's key.
    """
    bar = FilterIds(page)
    ids = SearchIds(bar.search)
    group.clientside(
        "search",
        "learn",
        Output(ids.problem, "children"),
        Input(ids.answer, "data"),
        State(bar.bar, "id"),
        prevent_initial_call=True,
    )

    @group(Output(ids.answer, "data"), Input(ids.question, "data"), prevent_initial_call=True)
    def update_answer(question: dict[str, Any]) -> dict[str, str]:
        return judge(str(question["pattern"])[: MAX_SEARCH + 1])


def judge(pattern: str) -> dict[str, str]:
    """The pattern, and why it cannot be used; empty if it can."""
    try:
        compile_pattern(pattern)
    except InvalidInputError as error:
        return {"pattern": pattern, "problem": str(error)}
    return {"pattern": pattern, "problem": ""}
