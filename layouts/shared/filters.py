"""The row of filter chips: what narrows the estate, and the panels in which it is chosen.

The page's scope store is the truth; `assets/filters.js` shows it on the chips and changes it, and everything
else follows from the store. A panel asks for its values when it is opened, never before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from data.results import AttentionLimits, Choice
from data.scope import MAX_TEXT, NONE
from data.vocabulary import AttentionRule, Templates
from layouts.shared import formats
from layouts.shared.attention import check_text
from layouts.shared.components import hidden, icon, partial_state


class Filter(StrEnum):
    """What a chip narrows by: a parameter of the URL, except `CREATED`, which stands for two."""

    VCENTER = "vcenter"
    DATACENTER = "datacenter"
    CLUSTER = "cluster"
    HOST = "host"
    POWER = "power"
    OS = "os"
    FOLDER = "folder"
    CREATED = "created"
    ATTENTION = "attention"
    TEMPLATES = "templates"
    TEXT = "q"
    EXCLUDE = "exclude"
    AS_OF = "as_of"


@dataclass(frozen=True, slots=True)
class FilterIds:
    """The ids of a page's filter bar."""

    page: str
    """The page's key."""

    @property
    def _prefix(self) -> str:
        return self.page.replace("_", "-")

    @property
    def bar(self) -> str:
        """The row of chips."""
        return f"{self._prefix}-filters"

    @property
    def search(self) -> str:
        """The field of the text search, where the page has one."""
        return f"{self._prefix}-filter-text"

    def date(self, end: str) -> str:
        """The field of the first ("from") or last ("to") day."""
        return f"{self._prefix}-filter-{end}"

    def request(self, of: object) -> dict[str, Any]:
        """A store: the values that a panel asks for, as {"search": text}."""
        return {"type": f"{self._prefix}-filter-request", "filter": of}

    def choices(self, of: object) -> dict[str, Any]:
        """The list of values in a panel."""
        return {"type": f"{self._prefix}-filter-choices", "filter": of}

    def choices_search(self, of: object) -> dict[str, Any]:
        """The field in a panel that searches its values."""
        return {"type": f"{self._prefix}-filter-choices-search", "filter": of}


LABELS = {
    Filter.VCENTER: "vCenter",
    Filter.DATACENTER: "Datacenter",
    Filter.CLUSTER: "Cluster",
    Filter.HOST: "Host",
    Filter.POWER: "Power",
    Filter.OS: "OS",
    Filter.FOLDER: "Folder",
    Filter.CREATED: "Created",
    Filter.ATTENTION: "Attention",
    Filter.TEMPLATES: "Templates",
    Filter.TEXT: "Text",
    Filter.EXCLUDE: "Other",
    Filter.AS_OF: "As of",
}
_WORDS: dict[Filter, dict[str, str]] = {
    Filter.POWER: {str(state): word for state, word in formats.POWER_WORDS.items()} | {NONE: "Unknown"},
    Filter.TEMPLATES: {Templates.EXCLUDE: "hidden", Templates.INCLUDE: "shown", Templates.ONLY: "only"},
    Filter.EXCLUDE: {"datacenter": "datacenters", "cluster": "clusters", "os": "operating systems"},
}
"""Values that are shown under another name; a blank one is "(none)" everywhere else."""
_NAMED_BY_PANEL = (Filter.VCENTER, Filter.ATTENTION)
"""The filters whose values are ids: the script asks for the panel's list to name them on the chip."""
_WITHOUT_PANEL = (Filter.TEXT, Filter.EXCLUDE, Filter.AS_OF)


def filter_bar(page: str, scope_id: str, shown: Sequence[Filter], *, has_search: bool = False) -> Component:
    """The chips of a page. A filter that is not shown has a chip as soon as the scope holds it.

    Args:
        page: The page's key.
        scope_id: The store with the page's scope as the query of a URL.
        shown: The filters that are always offered, in their order.
        has_search: Whether the row begins with the field of the text search.
    """
    ids = FilterIds(page)
    hidden_ones = [one for one in Filter if one not in shown and not (has_search and one is Filter.TEXT)]
    parts: list[Component] = [_chip(ids, one, is_optional=False) for one in shown]
    parts += [_chip(ids, one, is_optional=True) for one in hidden_ones]
    attributes: dict[str, Any] = {"aria-label": "Filters", "data-scope": scope_id, "data-query": ""}
    return html.Div(
        [
            *([_search(ids)] if has_search else []),
            *parts,
            html.Button("Clear filters", type="button", className="chip-clear", hidden=True),
        ],
        id=ids.bar,
        className="chips",
        role="group",
        **attributes,
    )


def _search(ids: FilterIds) -> Component:
    return html.Div(
        [
            icon("search"),
            html.Label("Search machines", htmlFor=ids.search, className="visually-hidden"),
            dbc.Input(
                id=ids.search,
                type="search",
                placeholder="Name, IP address, host, UUID or note",
                autocomplete="off",
                maxlength=MAX_TEXT,
            ),
        ],
        className="search-field",
        role="search",
    )


def _chip(ids: FilterIds, one: Filter, *, is_optional: bool) -> Component:
    label = LABELS[one]
    panel = _panel(ids, one)
    caption = [html.Span(label), html.Span(className="chip-value")]
    head: Component
    if panel is None:
        head = html.Span(caption, className="chip-label")
    else:
        state: dict[str, Any] = {"aria-haspopup": "dialog", "aria-expanded": "false"}
        head = html.Button(
            [*caption, icon("chevron-down")], type="button", className="chip-label panel-opener", **state
        )
    parts: list[Component] = [html.Span([head, *_remove(one, label)], className="chip")]
    if panel is not None:
        parts.append(panel)
    attributes: dict[str, Any] = {"data-filter": one}
    if one in _WORDS:
        attributes["data-words"] = json.dumps(_WORDS[one])
    if one in _NAMED_BY_PANEL:
        attributes["data-named"] = ""
    if is_optional:
        attributes |= {"data-optional": "", "hidden": True}
    return html.Span(parts, className="chip-box", **attributes)


def _remove(one: Filter, label: str) -> list[Component]:
    if one is Filter.TEMPLATES:
        return []
    attributes: dict[str, Any] = {"aria-label": f"Remove the filter “{label}”"}
    return [html.Button(icon("x-lg"), type="button", className="chip-remove", hidden=True, **attributes)]


def _panel(ids: FilterIds, one: Filter) -> Component | None:
    if one in _WITHOUT_PANEL:
        return None
    attributes: dict[str, Any] = {"aria-label": LABELS[one]}
    return html.Div(_panel_content(ids, one), className="panel", role="dialog", hidden=True, **attributes)


def _panel_content(ids: FilterIds, one: Filter) -> list[Component]:
    if one is Filter.CREATED:
        return [_day(ids, "from", "From"), _day(ids, "to", "Until")]
    if one is Filter.TEMPLATES:
        words = {Templates.EXCLUDE: "Hidden", Templates.INCLUDE: "Shown", Templates.ONLY: "Only templates"}
        return [_listbox(one, [_option(switch, word) for switch, word in words.items()])]
    return [
        dcc.Store(id=ids.request(one)),
        *([_choices_search(ids, one)] if one is not Filter.ATTENTION else []),
        html.Div(partial_state("Loading …"), id=ids.choices(one)),
    ]


def _choices_search(ids: FilterIds, one: Filter) -> Component:
    field = dbc.Input(
        id=ids.choices_search(one), type="search", placeholder="Find a value", autocomplete="off", size="sm"
    )
    return html.Label([hidden(f"{LABELS[one]}: find a value"), field], className="panel-search")


def _day(ids: FilterIds, end: str, label: str) -> Component:
    """The script makes it a date field, which Dash's inputs do not know."""
    field = ids.date(end)
    return html.Div(
        [
            html.Label(label, htmlFor=field),
            dbc.Input(id=field, type="text", placeholder="2026-01-31", autocomplete="off", className="day"),
        ],
        className="field",
    )


def choices_list(
    one: Filter,
    choices: Sequence[Choice],
    chosen: Collection[str],
    *,
    names: Mapping[str, str] | None = None,
    limit: int = 0,
) -> list[Component]:
    """The values of a panel: the chosen ones first, even those that no machine has any more.

    Args:
        one: The filter.
        choices: What the data offers; a value of None stands for machines without one.
        chosen: The values that the scope holds.
        names: What values are called, where they are ids.
        limit: How many values were asked for; as many choices mean that there may be more.
    """
    words = {**_WORDS.get(one, {}), **(names or {})}
    machines = {NONE if choice.value is None else choice.value: choice.machines for choice in choices}
    order = (*chosen, *(value for value in machines if value not in chosen))
    if not order:
        return [partial_state("No value found.")]
    rows = [
        _option(
            value, words.get(value) or value or formats.NONE, machines.get(value), is_chosen=value in chosen
        )
        for value in order
    ]
    more = limit and len(choices) >= limit
    return [
        _listbox(one, rows),
        *([partial_state(f"The {limit} most frequent ones; search for others.")] if more else []),
    ]


def checks_list(chosen: Collection[AttentionRule], limits: AttentionLimits) -> list[Component]:
    """The values of the panel of checks. They are not counted: Overview does that."""
    rows = [_option(rule, check_text(rule, limits), is_chosen=rule in chosen) for rule in AttentionRule]
    return [_listbox(Filter.ATTENTION, rows)]


def _listbox(one: Filter, rows: Sequence[Component]) -> Component:
    many = "false" if one is Filter.TEMPLATES else "true"
    attributes: dict[str, Any] = {"aria-label": LABELS[one], "aria-multiselectable": many}
    return html.Div(list(rows), className="choices", role="listbox", **attributes)


def _option(value: str, name: str, machines: int | None = None, *, is_chosen: bool = False) -> Component:
    counted = [html.Span(formats.count(machines), className="choice-count")] if machines is not None else []
    attributes: dict[str, Any] = {"data-value": value, "aria-selected": "true" if is_chosen else "false"}
    return html.Div(
        [name, *counted],
        className="choice",
        role="option",
        tabIndex=-1,
        **attributes,
    )
