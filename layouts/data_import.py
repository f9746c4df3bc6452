"""Data Import: nothing but its frame yet."""

from __future__ import annotations

from enum import StrEnum

from dash import dcc, html
from dash.development.base_component import Component

from data.scope import Scope
from layouts.shared.components import page_frame, skeleton_lines


class Ids(StrEnum):
    """The ids of the page."""

    SCOPE = "data-import-scope"
    SENTENCE = "data-import-sentence"
    BODY = "data-import-body"


def layout(**query: str | list[str]) -> Component:
    return page_frame(
        "data_import",
        sentence_id=Ids.SENTENCE,
        scope_store=dcc.Store(id=Ids.SCOPE, data=Scope.from_query(query).query()),
        children=[html.Div(skeleton_lines(4), id=Ids.BODY)],
    )


def body() -> Component:
    return html.Div("Soon.")
