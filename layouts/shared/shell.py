"""The frame around every page: menu, top bar, banner, toasts. It knows no data; callbacks fill it in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from data.results import EstateStatus, VCenterState
from data.vocabulary import ExportedAtSource
from layouts.shared import cache_controls, formats
from layouts.shared.components import icon
from layouts.shared.ids import Shell
from layouts.shared.palette import palette, palette_button
from layouts.shared.sitemap import MAIN_SECTION, PAGES, Page

PRODUCT = "VMware Inventory"
INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        <script src="THEME_BOOT"></script>
        <link rel="icon" type="image/svg+xml" href="LOGO">
        {%css%}
    </head>
    <body>
        {%app_entry%}
        {%config%}
        {%scripts%}
        {%renderer%}
        <noscript>The dashboard needs JavaScript.</noscript>
    </body>
</html>
"""
"""The HTML around the app. The theme is chosen before the first paint."""


def link_id(page: Page) -> str:
    """The id of a page's link in the menu."""
    return f"menu-{page.key}"


def frame(*, databases: Sequence[str], is_debug: bool = False) -> Component:
    """The frame with an empty page in it.

    Args:
        databases: Names of the configured databases, the default one first.
        is_debug: Whether there is a panel with the client state.
    """
    return html.Div(
        [
            dcc.Store(id=Shell.PERSON, storage_type="local"),
            dcc.Store(id=Shell.VISIT, storage_type="session"),
            dcc.Store(id=Shell.REFRESH, data=0),
            dcc.Store(id=Shell.FAILURE),
            dcc.Store(id=Shell.AS_OF, data=""),
            html.A("Skip to the content", href=f"#{Shell.MAIN}", className="skip-link"),
            _menu(),
            html.Div(id=Shell.BACKDROP, className="menu-backdrop"),
            html.Div(
                [
                    _top_bar(databases),
                    _demo_banner(),
                    html.Main(dash.page_container, id=Shell.MAIN, tabIndex=-1),
                    *([_debug_panel()] if is_debug else []),
                ],
                className="shell-main",
            ),
            palette(),
            html.Div(id=Shell.CONNECTION, className="connection", role="status"),
            html.Div(id=Shell.TOASTS, className="toasts", role="status", **_aria(live="polite")),
        ],
        className="shell",
    )


def _menu() -> Component:
    pages = [page for page in PAGES if page.in_menu]
    parts: list[Component] = []
    for section, members in groupby(pages, key=lambda page: page.section):
        if section != MAIN_SECTION:
            parts.append(html.H2(section, className="menu-section"))
        parts.append(html.Ul([html.Li(_menu_link(page)) for page in members], className="menu-list"))
    return html.Nav([_brand(), *parts, _menu_foot()], id=Shell.MENU, className="menu", **_aria(label="Pages"))


def _brand() -> Component:
    return html.Div(
        [
            html.A(
                [
                    html.Span(icon("hdd-stack"), className="menu-logo"),
                    html.Span(PRODUCT, className="menu-text"),
                ],
                id="menu-brand",
                className="menu-brand",
                title=PRODUCT,
                **_leads_to(PAGES[0]),
            ),
            _icon_button(Shell.MENU_CLOSE, "x-lg", "Close the menu", "is-plain menu-close"),
        ],
        className="menu-head",
    )


def _menu_link(page: Page) -> Component:
    return html.A(
        [icon(page.icon), html.Span(page.title, className="menu-text")],
        id=link_id(page),
        className="menu-link",
        title=page.title,
        **_leads_to(page),
    )


def _menu_foot() -> Component:
    return html.Div(
        [
            html.Div(id=Shell.QUICK_STATS, className="menu-detail"),
            cache_controls.controls(),
            _icon_button(Shell.MENU_COLLAPSE, "layout-sidebar", "Narrow the menu", "is-plain menu-collapse"),
        ],
        className="menu-foot",
    )


def _top_bar(databases: Sequence[str]) -> Component:
    return html.Header(
        [
            _icon_button(
                Shell.MENU_TOGGLE, "list", "Open the menu", "menu-toggle", **_aria(expanded="false")
            ),
            palette_button(),
            html.Div(
                [
                    _database_switch(databases),
                    _freshness_pill(),
                    _icon_button(Shell.REFRESH_BUTTON, "arrow-clockwise", "Refresh"),
                    _theme_button(),
                ],
                className="topbar-end",
            ),
        ],
        className="topbar",
    )


def _database_switch(databases: Sequence[str]) -> Component:
    return html.Div(
        [
            icon("database"),
            html.Label("Database", htmlFor=Shell.DATABASE, className="visually-hidden"),
            dbc.Select(id=Shell.DATABASE, options=list(databases), value=databases[0]),
        ],
        className="pill database-switch",
        hidden=len(databases) < 2,
    )


def _freshness_pill() -> Component:
    return html.A(
        [
            html.Span(id=Shell.FRESHNESS_DOT, className="dot is-muted"),
            html.Time("Imports", id=Shell.FRESHNESS_TIME),
            html.Span(id=Shell.FRESHNESS_DETAIL, className="visually-hidden"),
        ],
        id=Shell.FRESHNESS,
        className="pill",
        **_leads_to(next(page for page in PAGES if page.key == "data_import")),
    )


def _theme_button() -> Component:
    return html.Button(
        html.I(id=Shell.THEME_ICON, className="bi bi-circle-half", **_aria(hidden="true")),
        id=Shell.THEME_BUTTON,
        type="button",
        className="icon-button",
        title="Theme: system",
        **_aria(label="Theme: system"),
    )


def _demo_banner() -> Component:
    return html.Aside(
        [
            html.Span(id=Shell.BANNER_TEXT),
            html.Button(
                "Remove the demo estate",
                id=Shell.REMOVE_DEMO,
                type="button",
                className="btn btn-secondary btn-sm",
            ),
        ],
        id=Shell.BANNER,
        className="banner",
        hidden=True,
        **_aria(label="Demo estate"),
    )


def _debug_panel() -> Component:
    return html.Details(
        [html.Summary("Client state"), html.Div(id=Shell.DEBUG)],
        className="debug-panel",
    )


def quick_stats(status: EstateStatus) -> list[Component]:
    """The lines at the foot of the menu."""
    lines = [("Machines", status.machines), ("Powered on", status.powered_on)]
    return [
        html.Div(
            [html.Span(label), html.Span(formats.count(number), className="number")], className="menu-stat"
        )
        for label, number in lines
    ]


def freshness(status: EstateStatus, as_of: date | None = None) -> tuple[str | None, str]:
    """When the oldest vCenter was imported (ISO 8601, UTC; None: none is), and a sentence about it.

    Args:
        status: Of the newest states, or of those of the day.
        as_of: The day that is looked back to: then it stands in place of the time.
    """
    if as_of:
        return as_of.isoformat(), f"Older states are shown, as of {formats.day(as_of)}. {_oldest(status)}"
    if not status.vcenters:
        return None, "Nothing is imported yet."
    return f"{status.vcenters[0].imported_at:%Y-%m-%dT%H:%M:%S}Z", _oldest(status)


def _oldest(status: EstateStatus) -> str:
    if not status.vcenters:
        return "No state is so old."
    oldest = status.vcenters[0]
    sentence = f"{oldest.name}, exported {formats.moment(oldest.exported_at)}{_doubt(oldest)}"
    several = len(status.vcenters) > 1
    return f"Oldest of {len(status.vcenters)} vCenters: {sentence}" if several else sentence


def demo_notice(status: EstateStatus) -> str:
    """What is made up; empty if nothing is."""
    if not status.has_demo:
        return ""
    made_up = [state.name for state in status.vcenters if state.is_demo]
    if len(made_up) == len(status.vcenters):
        return "This is a demo estate: its machines are made up."
    return f"Part of this estate is a demo: the machines of {formats.listed(made_up)} are made up."


def _doubt(state: VCenterState) -> str:
    return " (assumed)" if state.exported_at_source == ExportedAtSource.ASSUMED else ""


def _leads_to(page: Page) -> dict[str, Any]:
    """Where a link leads; the script adds the scope to every link with `data-page`."""
    return {"href": page.path, "data-page": page.path}


def _icon_button(button_id: str, symbol: str, label: str, classes: str = "", **more: Any) -> Component:
    return html.Button(
        icon(symbol),
        id=button_id,
        type="button",
        className=f"icon-button {classes}".strip(),
        title=label,
        **_aria(label=label),
        **more,
    )


def _aria(**attributes: str) -> dict[str, Any]:
    return {f"aria-{name}": text for name, text in attributes.items()}
