"""Overview: one callback fills the page."""

from __future__ import annotations

from typing import Any

from dash import Input, Output

from callbacks.shared.conditions import wire_conditions
from callbacks.shared.demo import wire_demo
from callbacks.shared.filters import first_day_after, wire_filters
from callbacks.shared.reading import drawn_parts, limits, read
from callbacks.shared.shell import wire_scope
from callbacks.shared.wiring import CallbackGroup
from data.queries.estate import get_estate_status
from data.queries.overview import get_overview
from data.scope import Scope
from layouts import overview as page
from layouts.shared.components import Content
from layouts.shared.filters import as_of_words, before_first
from layouts.shared.ids import Shell

callback = CallbackGroup()
wire_scope(callback, page.Ids.SCOPE)
wire_filters(callback, page.PAGE, page.Ids.SCOPE)
wire_conditions(callback, page.PAGE, page.Ids.SCOPE)
wire_demo(callback, page.Ids.LOAD_DEMO, page.Ids.SCOPE)


@callback(
    Output(page.Ids.SENTENCE, "children"),
    Output(page.Ids.BODY, "children"),
    Input(page.Ids.SCOPE, "data"),
    Input(Shell.REFRESH, "data"),
)
def update_body(query: str, _refreshes: int) -> Any:
    scope = Scope.from_query_string(query)
    return drawn_parts(page.PAGE, scope, lambda: _draw(scope))


def _draw(scope: Scope) -> list[Content]:
    overview = read(get_overview, scope, limits=limits())
    if overview.counts.total:
        return [page.sentence(overview, scope), page.body(overview, scope, limits())]
    if first := first_day_after(scope):
        return [f"0 machines{as_of_words(scope)}", before_first(page.PAGE, scope, first)]
    if read(get_estate_status, Scope(database=scope.database)).vcenters:
        return [f"0 machines{as_of_words(scope)}", page.no_machines()]
    return ["Nothing is imported yet", []]
