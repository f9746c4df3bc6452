"""The tab of all fields: every row that an export has of a machine, folded by tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from data.fields import DERIVED, TABS, Field
from data.results import MachineDetail, TabRows, Value
from data.vocabulary import Kind
from layouts.shared import formats
from layouts.shared.components import definition_list, hidden, partial_state

_ADDED = {"vDisk": (Field("datastore", "Datastore", Kind.NAME, ()),)}
"""Columns that the import adds to a tab."""
_NAMING = ("label", "mount_point", "device_node", "snapshot_name", "message_type")
"""The columns that tell the rows of a tab apart."""
ATTRIBUTES = "Attributes"
FIELD_SEARCH = "machine-field-search"
"""The id of the field of the search."""


def all_fields(machine: MachineDetail, tabs: Sequence[TabRows]) -> list[Component]:
    """What the tab shows: filled fields alone; tabs without a row and tabs that the export lacks are named.

    Args:
        machine: Gives the custom attributes.
        tabs: What the export says of it.
    """
    filled = [_folded(one.tab, one.rows) for one in tabs if one.rows]
    if machine.attributes:
        filled.append(_fold(ATTRIBUTES, len(machine.attributes), definition_list(machine.attributes.items())))
    empty = [one.tab for one in tabs if one.rows == ()]
    lacking = [one.tab for one in tabs if one.rows is None]
    notes = []
    if empty:
        notes.append(partial_state(f"Nothing of this machine in {formats.listed(empty)}."))
    if lacking:
        notes.append(partial_state(f"The export lacks {formats.listed(lacking)}."))
    return [_search(), *filled, _nothing_found(), *notes] if filled else notes


def _search() -> Component:
    """Finds fields by their name or their value. The script does it."""
    field = dbc.Input(
        id=FIELD_SEARCH, type="search", placeholder="Find a field or a value", autocomplete="off", size="sm"
    )
    return html.Label([hidden("Find a field or a value"), field], className="fold-search")


def _nothing_found() -> Component:
    return html.P("No field matches.", className="muted fold-none", hidden=True, role="status")


def _folded(tab: str, rows: Sequence[Mapping[str, Value]]) -> Component:
    fields = (*TABS.get(tab, DERIVED), *_ADDED.get(tab, ()))
    if len(rows) == 1:
        return _fold(tab, len(rows[0]), _row(fields, rows[0]))
    parts = [part for number, row in enumerate(rows, start=1) for part in _named_row(fields, row, number)]
    return _fold(tab, len(rows), *parts, noun="row")


def _named_row(fields: Sequence[Field], row: Mapping[str, Value], number: int) -> list[Component]:
    name = next((str(row[key]) for key in _NAMING if key in row), f"Row {number}")
    return [html.H3(name, className="detail-subheading"), _row(fields, row)]


def _row(fields: Sequence[Field], row: Mapping[str, Value]) -> Component:
    return definition_list((one.label, formats.typed(one, row[one.key])) for one in fields if one.key in row)


def _fold(tab: str, number: int, *content: Component, noun: str = "field") -> Component:
    key: dict[str, Any] = {"data-fold": tab}
    amount = html.Span(formats.counted(number, noun), className="fold-count")
    return html.Details(
        [html.Summary([html.Span(tab), amount]), html.Div(list(content), className="fold-content")],
        className="fold",
        **key,
    )
