"""Machine: the callbacks."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Input, Output
from orjson import Fragment

from callbacks.shared.reading import drawn_parts, read
from callbacks.shared.shell import wire_scope
from callbacks.shared.wiring import CallbackGroup
from data.errors import NotFoundError
from data.queries.machines import get_machine
from data.scope import Scope
from layouts import machine as page
from layouts.shared.components import Content
from layouts.shared.ids import Shell
from layouts.shared.machine_detail import name_of, summary, tab_content
from layouts.shared.machine_table import View

callback = CallbackGroup()
wire_scope(callback, page.Ids.SCOPE, page.Ids.VIEW)


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
    scope, tab = Scope.from_query_string(query), View.from_query_string(view).tab

    def build() -> list[Content]:
        machine = read(get_machine, scope, machine_id=_number(machine_id))
        return [name_of(machine), page.sentence(machine), summary(machine), tab_content(machine, tab)]

    try:
        return drawn_parts("machine", scope, build, machine_id, tab)
    except NotFoundError:
        return "Machine", "Nothing is known of it", [], page.not_found(machine_id, scope)


def _number(machine_id: str) -> int:
    if not (machine_id.isascii() and machine_id.isdigit() and len(machine_id) < 10):
        raise NotFoundError(f"No machine has the id “{machine_id}”.")
    return int(machine_id)
