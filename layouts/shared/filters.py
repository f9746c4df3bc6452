"""The row of filter chips: what narrows the estate, and the panels in which it is chosen.

The page's scope store is the truth; `assets/filters.js` shows it on the chips and changes it, and everything
else follows from the store. A panel asks for its values when it is opened, never before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from data.results import AttentionLimits, Choice, StateDay
from data.scope import NONE, Scope
from data.vocabulary import AttentionRule, Templates
from layouts.shared import formats
from layouts.shared.attention import check_text
from layouts.shared.choices import counted_list, listbox, option
from layouts.shared.components import empty_state, hidden, icon, link, partial_state
from layouts.shared.conditions import ConditionIds, condition_box
from layouts.shared.search_field import search_field
from layouts.shared.sitemap import href


class Filter(StrEnum):
    """What a chip narrows by: a parameter of the URL, except `CREATED`, which stands for two."""

    VCENTER = "vcenter"
    DATACENTER = "datacenter"
    CLUSTER = "cluster"
    HOST = "host"
    POWER = "power"
    OS = "os"
    FOLDER = "folder"
    DATASTORE = "datastore"
    NETWORK = "network"
    CREATED = "created"
    ATTENTION = "attention"
    TEMPLATES = "templates"
    TEXT = "q"
    PATTERN = "pattern"
    WHERE = "where"
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
        """The field of the first ("from") or last ("to") day, or of the day that is looked back to ("day")."""
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
    Filter.DATASTORE: "Datastore",
    Filter.NETWORK: "Network",
    Filter.CREATED: "Created",
    Filter.ATTENTION: "Attention",
    Filter.TEMPLATES: "Templates",
    Filter.TEXT: "Text",
    Filter.PATTERN: "Pattern",
    Filter.WHERE: "Condition",
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
_WITHOUT_PANEL = (Filter.TEXT, Filter.EXCLUDE)
_WITHOUT_CHIP = (Filter.PATTERN, Filter.WHERE)
"""A pattern is a way to read the text; each condition has a chip of its own, which the script makes."""
_SINGLE = (Filter.TEMPLATES, Filter.AS_OF)
"""The filters with one value at a time."""
NEWEST = ""
"""The choice of no day."""
MAX_NAMES = 2
"""Names of vCenters that stand beside a day."""


def filter_bar(page: str, scope_id: str, shown: Sequence[Filter], *, has_search: bool = False) -> Component:
    """The chips of a page, that of the day first. A filter that is not shown has a chip as soon as the scope holds it.

    Args:
        page: The page's key.
        scope_id: The store with the page's scope as the query of a URL.
        shown: The filters that are always offered, in their order.
        has_search: Whether the row begins with the field of the text search.
    """
    ids = FilterIds(page)
    always = (Filter.AS_OF, *shown)
    without = {*always, *_WITHOUT_CHIP, *([Filter.TEXT] if has_search else [])}
    hidden_ones = [one for one in Filter if one not in without]
    parts: list[Component] = [_chip(ids, one, is_optional=False) for one in always]
    parts += [_chip(ids, one, is_optional=True) for one in hidden_ones]
    clear = html.Button("Clear filters", type="button", className="chip-clear", hidden=True)
    search = search_field(ids.search) if has_search else []
    conditions = condition_box(ConditionIds(page))
    return _bar(ids, scope_id, "Filters", [*search, *parts, *conditions, clear])


def day_bar(page: str, scope_id: str) -> Component:
    """The chip of the day alone, for a page that nothing else narrows."""
    ids = FilterIds(page)
    return _bar(ids, scope_id, "Day", [_chip(ids, Filter.AS_OF, is_optional=False)])


def _bar(ids: FilterIds, scope_id: str, name: str, parts: Sequence[Component]) -> Component:
    attributes: dict[str, Any] = {"aria-label": name, "data-scope": scope_id, "data-query": ""}
    return html.Div(list(parts), id=ids.bar, className="chips", role="group", **attributes)


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
    words = "Back to the newest states" if one is Filter.AS_OF else f"Remove the filter “{label}”"
    attributes: dict[str, Any] = {"aria-label": words}
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
        return [_listbox(one, [option(switch, word) for switch, word in words.items()])]
    return [
        dcc.Store(id=ids.request(one)),
        *([_day(ids, "day", "As of the end of")] if one is Filter.AS_OF else []),
        *([_choices_search(ids, one)] if one not in {Filter.ATTENTION, Filter.AS_OF} else []),
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
    return counted_list(
        LABELS[one],
        choices,
        chosen,
        lambda value: words.get(value) or value or formats.NONE,
        limit=limit,
    )


def checks_list(chosen: Collection[AttentionRule], limits: AttentionLimits) -> list[Component]:
    """The values of the panel of checks. They are not counted: Overview does that."""
    rows = [option(rule, check_text(rule, limits), is_chosen=rule in chosen) for rule in AttentionRule]
    return [_listbox(Filter.ATTENTION, rows)]


def days_list(days: Sequence[StateDay], chosen: date | None) -> list[Component]:
    """The days that have states, each with the vCenters it has them of, and before them the way back to the newest.

    Args:
        days: The newest first.
        chosen: The day of the scope.
    """
    if not days:
        return [partial_state("Nothing is imported yet.")]
    vcenters = {name for one in days for name in one.vcenters}
    rows = [option(NEWEST, "Newest", is_chosen=chosen is None, is_in_tab_order=True)]
    rows += [
        option(
            one.day.isoformat(),
            formats.day(one.day),
            _whose(one, len(vcenters)),
            is_chosen=one.day == chosen,
        )
        for one in days
    ]
    return [_listbox(Filter.AS_OF, rows)]


def _whose(day: StateDay, vcenters: int) -> str:
    """Of which vCenters a day has states; empty where there is one only."""
    if vcenters == 1:
        return ""
    if len(day.vcenters) == vcenters:
        return f"all {vcenters} vCenters"
    return formats.listed(day.vcenters) if len(day.vcenters) <= MAX_NAMES else f"{len(day.vcenters)} vCenters"


def as_of_words(scope: Scope) -> str:
    """The end of a page's sentence when it looks back; empty when it does not.

    Example:
        >>> as_of_words(Scope(as_of=date(2026, 9, 1))), as_of_words(Scope())
        (', as of 1 Sep 2026', '')
    """
    return f", as of {formats.day(scope.as_of)}" if scope.as_of else ""


def before_first(page: str, scope: Scope, first: date) -> Component:
    """The scope's day lies before every state: nothing to show on a page, and the ways on.

    Args:
        page: The page's key.
        scope: With the day.
        first: The first day that has a state.
    """
    return empty_state(
        "calendar-x",
        f"No state is as old as {formats.day(scope.as_of)}",
        f"The first one was exported on {formats.day(first)}.",
        link(f"As of {formats.day(first)}", href(page, scope.with_(as_of=first)), "btn btn-primary"),
        link("Newest", href(page, scope.with_(as_of=None)), "btn btn-secondary"),
    )


def _listbox(one: Filter, rows: Sequence[Component]) -> Component:
    return listbox(LABELS[one], rows, is_single=one in _SINGLE)
