"""The panel in which the columns of VM Explorer are chosen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from data.fields import ATTRIBUTE, DEFAULT_COLUMNS, MACHINE_FIELD_TABS
from layouts.shared.choices import group, listbox
from layouts.shared.components import hidden, icon, partial_state
from layouts.shared.machine_table import DEFAULT_PINS, column_definition, title


class ColumnIds(StrEnum):
    """The ids of the panel."""

    LIST = "vm-explorer-columns"
    SEARCH = "vm-explorer-columns-search"
    SHOWN = "vm-explorer-columns-shown"
    CHOSEN = "vm-explorer-columns-chosen"
    """The list of the columns that are shown."""
    LAYOUTS = "vm-explorer-layouts"
    LAYOUT_NAME = "vm-explorer-layout-name"
    REQUEST = "vm-explorer-columns-request"
    """A store: raised to ask for the list of columns."""


def column_chooser() -> Component:
    """The button and its panel. The list comes when the panel is opened; the rest is filled by `assets/columns.js`."""
    state: dict[str, Any] = {"aria-haspopup": "dialog", "aria-expanded": "false"}
    label: dict[str, Any] = {"aria-label": "Columns"}
    standard: dict[str, Any] = {
        "data-columns": json.dumps(DEFAULT_COLUMNS),
        "data-pins": json.dumps(DEFAULT_PINS),
    }
    return html.Span(
        [
            dcc.Store(id=ColumnIds.REQUEST),
            html.Button(
                [icon("layout-three-columns"), " Columns"],
                type="button",
                className="btn btn-secondary panel-opener",
                **state,
            ),
            html.Div(
                [_search(), _layouts(), _shown(), html.Div(partial_state("Loading …"), id=ColumnIds.LIST)],
                className="panel columns-panel",
                role="dialog",
                hidden=True,
                **label,
            ),
        ],
        className="chip-box",
        **standard,
    )


def _search() -> Component:
    field = dbc.Input(
        id=ColumnIds.SEARCH, type="search", placeholder="Find a column", autocomplete="off", size="sm"
    )
    return html.Div(
        [
            html.Label([hidden("Find a column"), field]),
            html.Button("Default columns", type="button", className="chip-clear columns-default"),
        ],
        className="panel-search",
    )


def _layouts() -> Component:
    """What a person keeps under a name."""
    field = dbc.Input(
        id=ColumnIds.LAYOUT_NAME,
        placeholder="Name of this layout",
        autocomplete="off",
        size="sm",
        maxlength=60,
    )
    label: dict[str, Any] = {"aria-label": "Saved layouts"}
    return html.Details(
        [
            html.Summary("Saved layouts"),
            html.Ul(id=ColumnIds.LAYOUTS, className="columns-rows", **label),
            html.Div(
                [
                    html.Label([hidden("Name of this layout"), field]),
                    html.Button(
                        "Save this layout", type="button", className="btn btn-secondary btn-sm layout-save"
                    ),
                ],
                className="layout-new",
            ),
        ],
        className="columns-layouts",
    )


def _shown() -> Component:
    label: dict[str, Any] = {"aria-label": "Columns that are shown, in their order"}
    return html.Div(
        [
            html.Div("Shown", className="choices-heading"),
            html.Ul(id=ColumnIds.CHOSEN, className="columns-rows", **label),
            html.P(
                "Alt+↑ and Alt+↓ move a column, P keeps it at the left, Del hides it.",
                className="columns-help",
            ),
        ],
        id=ColumnIds.SHOWN,
        hidden=True,
    )


def columns_list(attributes: Sequence[str]) -> Component:
    """Every column there is, by the tab it comes from, and after them the custom attributes."""
    groups: dict[str, list[str]] = {}
    for key, tab in MACHINE_FIELD_TABS.items():
        groups.setdefault(tab, []).append(key)
    if attributes:
        groups["Attributes"] = [f"{ATTRIBUTE}{name}" for name in attributes]
    return listbox(
        "Columns", [group(name, [_column_option(key) for key in keys]) for name, keys in groups.items()]
    )


def _column_option(key: str) -> Component:
    attributes: dict[str, Any] = {
        "data-value": key,
        "data-definition": json.dumps(column_definition(key)),
        "aria-selected": "false",
    }
    return html.Div(title(key), className="choice", role="option", tabIndex=-1, **attributes)
