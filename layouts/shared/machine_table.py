"""The table of machines: which columns it has, how they look and what a link says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

import pandas as pd

from data.fields import ATTRIBUTE, DEFAULT_COLUMNS, MACHINE_FIELDS, Field
from data.scope import as_id
from data.vocabulary import Kind, SortDirection
from layouts.shared import formats

DEFAULT_SORT = "name"
DEFAULT_PINS = ("name",)
MAX_COLUMNS = 200
NARROWEST = 40
WIDEST = 2000
"""Pixels of a column."""
SELECTION_COLUMN = "selection"
"""The id of the grid's column of checkboxes, which is no column of a view."""
block_rows: ContextVar[int] = ContextVar("block_rows", default=100)
"""How many rows the grid asks for at a time; set for each request from the setting."""
_LONGEST = 260
_FIELDS = {field.key: field for field in MACHINE_FIELDS}

_UNITS = {Kind.MIB: "MiB", Kind.KIB: "KiB", Kind.MHZ: "MHz", Kind.PCT: "%", Kind.DAYS: "days"}
_TEXTS = {Kind.NAME, Kind.TEXT}
_WIDTHS = {
    Kind.NAME: 150,
    Kind.TEXT: 180,
    Kind.INTEGER: 68,
    Kind.NUMBER: 80,
    Kind.DATETIME: 156,
    Kind.BOOLEAN: 90,
}
_WIDTHS_OF = {
    "name": 168,
    "power_state": 104,
    "primary_ip_address": 118,
    "os_config": 180,
    "datacenter": 106,
    "cluster": 118,
}
_SIZE_WIDTH = 92
_LETTER_WIDTH = 7.8
_HEADER_SPACE = 48


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """How VM Explorer shows its machines. Everything but the scope that a link to it says.

    Example:
        >>> view = View.from_query({"col": ["name", "cpus", "shoes"], "sort": "-cpus", "machine": "7"})
        >>> view.columns, view.sort, view.direction, view.machine
        (('name', 'cpus'), 'cpus', <SortDirection.DESC: 'desc'>, 7)
        >>> View(sort="cpus").query(), View().query()
        ('sort=cpus', '')
        >>> View(widths=(("host", 240),), pins=()).query()
        'width=host%3A240&pin='
    """

    columns: tuple[str, ...] = DEFAULT_COLUMNS
    """Keys of `MACHINE_FIELDS` and custom attributes, in order; at least one."""
    widths: tuple[tuple[str, int], ...] = ()
    """Columns that were given a width, with it in pixels; the others share the room that is left."""
    pins: tuple[str, ...] = DEFAULT_PINS
    """Columns that stay in place at the left. One that is not shown has no effect."""
    sort: str = DEFAULT_SORT
    direction: SortDirection = SortDirection.ASC
    machine: int | None = None
    """The machine whose detail is open."""
    tab: str = ""
    """The key of the detail's tab; empty or unknown: the first."""
    with_noise: bool = False
    """Whether the history tells of power, usage and other noise, too."""

    @classmethod
    def from_query(cls, query: Mapping[str, str | list[str]]) -> Self:
        """The view of a URL's query. What cannot be used is ignored."""
        columns = tuple(dict.fromkeys(one for one in _many(query, "col") if is_column(one)))[:MAX_COLUMNS]
        sort = _one(query, "sort")
        by = sort.removeprefix("-")
        is_usable = is_column(by)
        return cls(
            columns=columns or DEFAULT_COLUMNS,
            widths=tuple(dict(filter(None, map(_width, _many(query, "width")))).items())[:MAX_COLUMNS],
            pins=_pins(query),
            sort=by if is_usable else DEFAULT_SORT,
            direction=SortDirection.DESC if is_usable and sort.startswith("-") else SortDirection.ASC,
            machine=as_id(_one(query, "machine")),
            tab=_one(query, "tab")[:20],
            with_noise=_one(query, "noise") == "1",
        )

    @classmethod
    def from_query_string(cls, text: str) -> Self:
        """The view of a URL's query, with or without the question mark."""
        return cls.from_query(parse_qs(text.removeprefix("?"), keep_blank_values=True))

    def query(self) -> str:
        """The view as a URL query without the question mark; defaults are left out."""
        pairs = [("col", column) for column in self.columns] if self.columns != DEFAULT_COLUMNS else []
        pairs += [("width", f"{key}:{width}") for key, width in self.widths]
        pairs += [("pin", key) for key in self.pins or ("",)] if self.pins != DEFAULT_PINS else []
        order = ("-" if self.direction is SortDirection.DESC else "") + self.sort
        pairs += [("sort", order)] if order != DEFAULT_SORT else []
        pairs += [("machine", str(self.machine))] if self.machine is not None else []
        pairs += [("tab", self.tab)] if self.tab else []
        pairs += [("noise", "1")] if self.with_noise else []
        return urlencode(pairs)


def is_column(key: str) -> bool:
    """Whether there can be such a column: a typed field, or any custom attribute."""
    return key in _FIELDS or (key.startswith(ATTRIBUTE) and len(ATTRIBUTE) < len(key) <= _LONGEST)


def title(key: str) -> str:
    """What a column is called on screen.

    Example:
        >>> title("memory_mib"), title("attr:Owner")
        ('Memory', 'Owner')
    """
    return key.removeprefix(ATTRIBUTE) if key.startswith(ATTRIBUTE) else _FIELDS[key].label


def title_with_unit(key: str) -> str:
    """What a column of plain numbers is called, in a file.

    Example:
        >>> title_with_unit("memory_mib"), title_with_unit("name")
        ('Memory (MiB)', 'Name')
    """
    unit = _UNITS.get(_kind(key))
    return f"{title(key)} ({unit})" if unit else title(key)


def column_definition(key: str) -> dict[str, Any]:
    """A column as the grid takes it: texts share the room that is left, numbers stand at the right."""
    kind = _kind(key)
    name = title(key)
    needed = round(_LETTER_WIDTH * len(name)) + _HEADER_SPACE
    width = max(needed, _WIDTHS_OF.get(key, _WIDTHS.get(kind, _SIZE_WIDTH)))
    definition: dict[str, Any] = {
        "field": key,
        "headerName": name,
        "headerTooltip": name,
        "initialWidth": width,
    }
    if kind in _TEXTS and key != "power_state":
        definition |= {"minWidth": min(width, 120), "flex": width, "tooltipField": key}
    if kind not in {*_TEXTS, Kind.BOOLEAN, Kind.DATETIME}:
        definition |= {"type": "rightAligned"}
    if key == "power_state":
        words = formats.POWER_WORDS.items()
        definition["cellClassRules"] = {
            f"power-{state.name.lower()}": f"params.value == '{word}'" for state, word in words
        }
    return definition


def column_definitions(view: View) -> list[dict[str, Any]]:
    """The columns of a view with their widths, places and sort, after the one that selects rows.

    `assets/columns.js` does the same when the view changes in the browser.
    """
    widths = dict(view.widths)
    definitions = [selection_column()]
    for key in view.columns:
        definition = column_definition(key)
        if key in widths:
            definition |= {"width": widths[key], "flex": None}
        if key in view.pins:
            definition["pinned"] = "left"
        if key == view.sort:
            definition["initialSort"] = view.direction
        definitions.append(definition)
    return definitions


def selection_column() -> dict[str, Any]:
    """The checkboxes before the rows, drawn and wired by `assets/selection.js`."""
    return {
        "colId": SELECTION_COLUMN,
        "headerName": "Selection",
        "headerComponent": "SelectAll",
        "cellRenderer": "SelectRow",
        "cellClass": "selection-cell",
        "headerClass": "selection-cell",
        "width": 40,
        "minWidth": 40,
        "pinned": "left",
        "lockPosition": "left",
        "lockPinned": True,
        "resizable": False,
        "sortable": False,
        "filter": False,
        "floatingFilter": False,
        "suppressMovable": True,
    }


def rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Machines as the grid shows them: the id, and every value as it reads."""
    texts = [_texts(column, frame[column]) for column in columns]
    keys = ("machine_id", *columns)
    return [
        dict(zip(keys, values, strict=True))
        for values in zip(map(str, frame["machine_id"].tolist()), *texts, strict=True)
    ]


def _texts(column: str, values: pd.Series[Any]) -> Iterable[str]:
    if column.startswith(ATTRIBUTE):
        return [str(value) if is_known else formats.UNKNOWN for value, is_known in _known(values)]
    return [formats.value(column, value if is_known else None) for value, is_known in _known(values)]


def _known(values: pd.Series[Any]) -> Iterable[tuple[Any, bool]]:
    return zip(values.tolist(), values.notna().tolist(), strict=True)


def _kind(key: str) -> Kind:
    field: Field | None = _FIELDS.get(key)
    return field.kind if field else Kind.TEXT


def _width(text: str) -> tuple[str, int] | None:
    key, _, pixels = text.rpartition(":")
    width = as_id(pixels)
    return (key, min(max(width, NARROWEST), WIDEST)) if is_column(key) and width is not None else None


def _pins(query: Mapping[str, str | list[str]]) -> tuple[str, ...]:
    if "pin" not in query:
        return DEFAULT_PINS
    return tuple(dict.fromkeys(one for one in _many(query, "pin") if is_column(one)))[:MAX_COLUMNS]


def _many(query: Mapping[str, str | list[str]], name: str) -> list[str]:
    value = query.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _one(query: Mapping[str, str | list[str]], name: str) -> str:
    return next(iter(_many(query, name)), "")
