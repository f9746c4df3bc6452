"""Machine: the callbacks."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Input, Output, State
from orjson import Fragment

from callbacks.shared.filters import wire_filters
from callbacks.shared.machine_detail import draw_tab
from callbacks.shared.machine_history import find_later
from callbacks.shared.palette import wire_recent
from callbacks.shared.reading import drawn_parts, read
from callbacks.shared.shell import wire_scope
from callbacks.shared.wiring import CallbackGroup
from data.errors import NotFoundError
from data.queries.machine import get_machine
from data.scope import Scope, as_id
from layouts import machine as page
from layouts.shared.components import Content
from layouts.shared.filters import as_of_words
from layouts.shared.ids import Shell
from layouts.shared.machine_detail import name_of, summary
from layouts.shared.machine_table import View

callback = CallbackGroup()
wire_scope(callback, page.Ids.SCOPE, page.Ids.VIEW)
wire_filters(callback, page.PAGE, page.Ids.SCOPE)
wire_recent(
    callback,
    title_id=page.Ids.TITLE,
    proof_id=page.Ids.SUMMARY,
    machine_id=page.Ids.MACHINE,
    scope_id=page.Ids.SCOPE,
)


@callback(
    Output(page.Ids.TITLE, "children"),
    Output(page.Ids.SENTENCE, "children"),
    Output(page.Ids.SUMMARY, "children"),
    Output(page.Ids.BODY, "children"),
    Input(page.Ids.MACHINE, "data"),
    Input(page.Ids.SCOPE, "data"),
    Input(page.Ids.VIEW, "data"),
    Input(Shell.REFRESH, "data"),
)
def update_body(machine_id: str, query: str, view: str, _refreshes: int) -> Sequence[Content | Fragment]:
    scope, seen = Scope.from_query_string(query), View.from_query_string(view)

    def build() -> list[Content]:
        machine = read(get_machine, scope, machine_id=_number(machine_id))
        content = draw_tab(machine, scope, seen)
        return [name_of(machine), page.sentence(machine, scope), summary(machine), content]

    try:
        return drawn_parts("machine", scope, build, machine_id, seen.tab, seen.with_noise)
    except NotFoundError:
        return _nothing(machine_id, scope)


def _nothing(machine_id: str, scope: Scope) -> Sequence[Content]:
    """Why there is nothing to show: the machine came later, or never was."""
    number = as_id(machine_id)
    later = None if number is None else find_later(scope, number)
    if later:
        return later.name, f"Not there{as_of_words(scope)}", [], page.not_yet(later, scope)
    return "Machine", "Nothing is known of it", [], page.not_found(machine_id, scope)


def _number(machine_id: str) -> int:
    number = as_id(machine_id)
    if number is None:
        raise NotFoundError(f"No machine has the id “{machine_id}”.")
    return number


callback.clientside(
    "detail",
    "noteView",
    Output(page.Ids.MACHINE, "clear_data"),  # never written: an output ties the callback to its page
    Input(page.Ids.VIEW, "data"),
    State(page.Ids.VIEW, "id"),
)
