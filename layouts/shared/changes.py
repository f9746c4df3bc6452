"""What differs between two states, machine by machine: names that are links, places, values from and to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from data.fields import ATTRIBUTE, MACHINE_FIELDS
from data.results import FieldChange, MachineChange
from data.scope import Scope
from data.vocabulary import Kind
from layouts.shared import formats
from layouts.shared.components import Column, Content, data_table, hidden, icon, known, link
from layouts.shared.sitemap import href

_FIELDS = {field.key: field for field in MACHINE_FIELDS}
_UNITS = {Kind.MIB: " MiB", Kind.KIB: " KiB", Kind.MHZ: " MHz", Kind.PCT: " %", Kind.DAYS: " days"}


def field_label(key: str) -> str:
    """The words for a field or an attribute of a machine.

    Example:
        >>> field_label("memory_mib"), field_label("attr:Owner")
        ('Memory', 'Owner')
    """
    return _FIELDS[key].label if key in _FIELDS else key.removeprefix(ATTRIBUTE)


def field_value(key: str, value: str | float | bool | None) -> str:
    """A value of a `FieldChange` as it reads on screen.

    Example:
        >>> field_value("memory_mib", 4096), field_value("created_at", "2026-11-23T06:00:00")
        ('4 GiB', '23 Nov 2026, 06:00')
        >>> field_value("attr:Owner", None)
        '–'
    """
    field = _FIELDS.get(key)
    if field is None:
        return formats.UNKNOWN if value in {None, ""} else str(value)
    if field.kind is Kind.DATETIME and isinstance(value, str):
        return formats.moment(datetime.fromisoformat(value))
    return formats.value(key, value)


def field_values(change: FieldChange) -> tuple[str, str]:
    """What it was and what it is; in full where the rounded values would read the same.

    Example:
        >>> field_values(FieldChange("total_disk_mib", 3040870, 3041000))
        ('3,040,870 MiB', '3,041,000 MiB')
    """
    rounded = field_value(change.field, change.before), field_value(change.field, change.after)
    if rounded[0] != rounded[1]:
        return rounded
    return _in_full(change.field, change.before), _in_full(change.field, change.after)


def _in_full(key: str, value: str | float | bool | None) -> str:
    if isinstance(value, str | bool) or value is None:
        return field_value(key, value)
    unit = _UNITS.get(_FIELDS[key].kind, "") if key in _FIELDS else ""
    return f"{value:,}{unit}"


def field_change(change: FieldChange) -> Component:
    """One line: the field, what it was, what it is."""
    before, after = field_values(change)
    return html.Span(
        [
            html.Span(f"{field_label(change.field)}: ", className="muted"),
            html.Span(known(before)),
            " ",
            icon("arrow-right"),
            hidden("to"),
            " ",
            html.Span(known(after)),
        ],
        className="field-change",
    )


def change_table(changes: Iterable[MachineChange], database: str, *, caption: str) -> Component:
    """Machines with what changed; those that are stored link to their page.

    Args:
        changes: The machines, in their order.
        database: The database that links lead to; empty for the default one.
        caption: What the table lists, for screen readers.
    """
    listed = list(changes)
    with_details = any(change.details for change in listed)
    columns = (Column("Machine"), Column("Place"), *([Column("What changed")] if with_details else []))
    rows = [
        (_name(change, database), _place(change), *([_details(change)] if with_details else []))
        for change in listed
    ]
    return data_table(columns, rows, caption=caption)


def _name(change: MachineChange, database: str) -> Content:
    if change.machine_id is None:
        return change.name
    return link(change.name, href("machine", Scope(database=database), machine_id=change.machine_id))


def _place(change: MachineChange) -> Content:
    return known(change.place or formats.UNKNOWN)


def _details(change: MachineChange) -> Component:
    return html.Ul([html.Li(field_change(one)) for one in change.details], className="field-changes")
