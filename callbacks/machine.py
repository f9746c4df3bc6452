"""Machine: nothing but its frame yet."""

from __future__ import annotations

from dash import Input, Output
from dash.development.base_component import Component

from callbacks.shared.shell import wire_scope
from callbacks.shared.wiring import CallbackGroup
from layouts import machine as page
from layouts.shared.ids import Shell

callback = CallbackGroup()
wire_scope(callback, page.Ids.SCOPE)


@callback(Output(page.Ids.BODY, "children"), Input(page.Ids.SCOPE, "data"), Input(Shell.REFRESH, "data"))
def update_body(_query: str, _refreshes: int) -> Component:
    return page.body()
