"""The page at every address that has none."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.shared.components import empty_state, link
from layouts.shared.sitemap import PAGES


def layout(**_query: object) -> Component:
    """Say so, and where to go on."""
    return html.Div(
        [
            html.Div(html.H1("Page not found"), className="page-head"),
            empty_state(
                "signpost-split",
                "There is no page at this address",
                "The link may be old, or mistyped.",
                *[link(page.title, page.path, "btn btn-secondary") for page in PAGES if page.in_menu],
            ),
        ],
        className="page",
    )
