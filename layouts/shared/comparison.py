"""Two states of a vCenter side by side: which two, how many machines differ in which way, and which ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from data.results import StateComparison, StoredImport
from data.scope import as_id
from data.vocabulary import ChangeKind
from layouts.shared.changes import change_table
from layouts.shared.components import hidden, icon, partial_state, table_box
from layouts.shared.formats import MINUS, count, counted, moment
from layouts.shared.history_ids import HistoryIds

CHANGES_PER_PAGE = 50
MAX_FIND = 100
KINDS: Mapping[ChangeKind, tuple[str, str]] = {
    ChangeKind.NEW: ("New", "not in the earlier state"),
    ChangeKind.GONE: ("Gone", "not in the later state"),
    ChangeKind.RENAMED: ("Renamed", "same identity"),
    ChangeKind.MOVED: ("Moved", "host, cluster, folder, pool"),
    ChangeKind.RESIZED: ("Resized", "vCPU, memory or disk"),
    ChangeKind.CHANGED: ("Changed", "anything else configured"),
    ChangeKind.NOISE: ("Noise", "power, usage and the like"),
}
"""The kinds of change in the order of lists, each with its word and what it means."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonView:
    """Which states are compared and which of the changes are listed: all that a link to a comparison says.

    Example:
        >>> view = ComparisonView.from_query_string("before=3&after=7&change=moved&change=eaten&from=50")
        >>> view.kinds, view.start, view.query()
        ((<ChangeKind.MOVED: 'moved'>,), 50, 'before=3&after=7&change=moved&from=50')
        >>> ComparisonView.from_query({"before": "x", "noise": "no"}).query()
        ''
    """

    vcenter: int | None = None
    """The vCenter whose states are offered, where none are compared yet."""
    before: int | None = None
    """imports.id, as the next."""
    after: int | None = None
    kinds: tuple[ChangeKind, ...] = ()
    """Only these; empty: all."""
    text: str = ""
    with_noise: bool = False
    start: int = 0
    """Number of the first change that is listed, from 0."""

    @classmethod
    def from_query(cls, query: Mapping[str, str | list[str]]) -> Self:
        """The view of a URL's query. What cannot be used is ignored."""
        kinds = _many(query, "change")
        return cls(
            vcenter=_number(query, "of"),
            before=_number(query, "before"),
            after=_number(query, "after"),
            kinds=tuple(kind for kind in KINDS if kind in kinds),
            text="".join(_many(query, "find")[:1])[:MAX_FIND].strip(),
            with_noise=_many(query, "noise")[:1] == ["1"],
            start=_number(query, "from") or 0,
        )

    @classmethod
    def from_query_string(cls, text: str) -> Self:
        """The view of a URL's query without the question mark."""
        return cls.from_query(parse_qs(text))

    def query(self) -> str:
        """The view as a URL query without the question mark; defaults are left out."""
        pairs = [
            ("of", self.vcenter),
            ("before", self.before),
            ("after", self.after),
            *(("change", kind) for kind in self.kinds),
            ("find", self.text),
            ("noise", int(self.with_noise)),
            ("from", self.start),
        ]
        return urlencode([(name, value) for name, value in pairs if value])

    @property
    def is_chosen(self) -> bool:
        """Whether two states are named."""
        return self.before is not None and self.after is not None


def comparable(imports: Sequence[StoredImport]) -> dict[int, list[StoredImport]]:
    """The states of every vCenter that has two or more, newest first; the vCenters by name."""
    found: dict[int, list[StoredImport]] = {}
    for stored in sorted(imports, key=lambda one: (one.exported_at, one.id), reverse=True):
        found.setdefault(stored.vcenter_id, []).append(stored)
    several = [states for states in found.values() if len(states) > 1]
    return {states[0].vcenter_id: states for states in sorted(several, key=lambda s: s[0].vcenter.casefold())}


def resolved(view: ComparisonView, choices: Mapping[int, Sequence[StoredImport]]) -> ComparisonView:
    """The view with the vCenter that its states are of, and the earlier state first.

    Two states that are not stored (any more), are the same, or belong to two vCenters are not chosen.
    """
    for vcenter_id, states in choices.items():
        ids = [state.id for state in reversed(states)]
        if view.before in ids and view.after in ids and view.before != view.after:
            before, after = sorted((view.before, view.after), key=ids.index)
            return replace(view, vcenter=vcenter_id, before=before, after=after)
    vcenter = view.vcenter if view.vcenter in choices else next(iter(choices), None)
    return replace(view, vcenter=vcenter, before=None, after=None)


# The frame
def comparison_frame() -> Component:
    """The place of the comparison; the field and the switch stay while the rest is drawn anew."""
    label: dict[str, Any] = {"aria-labelledby": f"{HistoryIds.COMPARISON}-title"}
    return html.Section(
        [
            html.H2("Compare two states", id=f"{HistoryIds.COMPARISON}-title", className="card-title"),
            html.P(
                "What changed between two exports of a vCenter, machine by machine", className="card-note"
            ),
            html.Div(id=HistoryIds.FORM),
            html.Div(id=HistoryIds.FIGURES),
            html.Div([_find(), noise_switch(is_on=False)], id=HistoryIds.NARROWING, hidden=True),
            html.P(id=HistoryIds.RANGE, className="card-note comparison-range", role="status", tabIndex=-1),
            html.Div(id=HistoryIds.COMPARED),
        ],
        id=HistoryIds.COMPARISON,
        className="card-box comparison",
        **label,
    )


def _find() -> Component:
    return html.Div(
        [
            icon("search"),
            html.Label(
                "Find machines in the list of changes", htmlFor=HistoryIds.FIND, className="visually-hidden"
            ),
            dbc.Input(
                id=HistoryIds.FIND,
                type="search",
                placeholder="Find a machine",
                autocomplete="off",
                maxlength=MAX_FIND,
            ),
        ],
        className="search-field",
    )


def noise_switch(*, is_on: bool) -> Component:
    """Shows or hides what changes by itself. The script notes it in the view's store."""
    state: dict[str, Any] = {"aria-checked": "true" if is_on else "false", "data-noise": ""}
    return html.Button(
        "Show noise such as power and usage", type="button", role="switch", className="switch", **state
    )


# What is filled in
def comparison_form(view: ComparisonView, choices: Mapping[int, Sequence[StoredImport]]) -> Component:
    """The choice of a vCenter and two of its states, the two newest at first."""
    if view.vcenter is None:
        return partial_state("Needs two states of the same vCenter.")
    states = choices[view.vcenter]
    options = [
        {"label": f"{moment(one.exported_at)}{' (current)' if one.is_current else ''}", "value": str(one.id)}
        for one in states
    ]
    vcenters = [{"label": of[0].vcenter, "value": str(key)} for key, of in choices.items()]
    return html.Div(
        [
            _select("vCenter", HistoryIds.VCENTER, vcenters, str(view.vcenter)),
            _select("Earlier state", HistoryIds.BEFORE, options, str(view.before or states[1].id)),
            _select("Later state", HistoryIds.AFTER, options, str(view.after or states[0].id)),
            html.Button(
                "Compare", type="button", className="btn btn-primary", **_attribute("data-compare", "")
            ),
        ],
        className="comparison-form",
    )


def _select(label: str, element_id: str, options: list[dict[str, str]], value: str) -> Component:
    field = dbc.Select(id=element_id, options=options, value=value)
    return html.Div([html.Label(label, htmlFor=element_id), field], className="field")


def figures(comparison: StateComparison, view: ComparisonView) -> Component:
    """How many machines differ in which way. A press on a number lists those alone."""
    difference = comparison.difference
    numbers = {
        ChangeKind.NEW: difference.new,
        ChangeKind.GONE: difference.gone,
        ChangeKind.RENAMED: difference.renamed,
        ChangeKind.MOVED: difference.moved,
        ChangeKind.RESIZED: difference.resized,
        ChangeKind.CHANGED: difference.changed,
        **({ChangeKind.NOISE: comparison.noise} if view.with_noise else {}),
    }
    apart = f"{count(comparison.noise)} with noise only" if comparison.noise else "nothing differs"
    unchanged = html.Div(_figure("Unchanged", count(difference.unchanged), apart), className="tile")
    buttons = [_figure_button(kind, number, is_on=kind in view.kinds) for kind, number in numbers.items()]
    return html.Div(
        [*buttons, unchanged],
        className="comparison-figures",
        role="group",
        **_attribute("aria-label", "Changes"),
    )


def _figure_button(kind: ChangeKind, number: int, *, is_on: bool) -> Component:
    word, note = KINDS[kind]
    signs = {ChangeKind.NEW: ("+", "good"), ChangeKind.GONE: (MINUS, "bad")}
    sign, tone = signs.get(kind, ("", "")) if number else ("", "")
    attributes: dict[str, Any] = {"data-kind": kind, "aria-pressed": "true" if is_on else "false"}
    return html.Button(
        _figure(word, f"{sign}{count(number)}", note, tone), type="button", className="tile", **attributes
    )


def _figure(label: str, number: str, note: str, tone: str = "") -> list[Component]:
    return [
        html.Span(label, className="tile-label"),
        html.Span(number, className=f"tile-number {tone and f'is-{tone}'}".strip()),
        html.Span(note, className="tile-note"),
    ]


def changes_list(comparison: StateComparison, view: ComparisonView, database: str) -> Component:
    """The changes that were asked for, one page of them, by kind.

    Args:
        comparison: What `compare_states` found.
        view: What was asked for.
        database: The database that links lead to; empty for the default one.
    """
    if not comparison.changes:
        return partial_state(_nothing(comparison, view))
    groups = groupby(comparison.changes, key=lambda change: change.kind)
    return html.Div(
        [
            *(part for kind, changes in groups for part in _group(kind, list(changes), database)),
            _pager(comparison, view),
        ]
    )


def _group(kind: ChangeKind, changes: Sequence[Any], database: str) -> list[Component]:
    word, note = KINDS[kind]
    return [
        html.H3([word, html.Span(f" {note}", className="muted")], className="detail-heading"),
        table_box(change_table(changes, database, caption=f"{word} machines")),
    ]


def range_words(comparison: StateComparison, view: ComparisonView) -> str:
    """Which changes are listed, of how many, between which exports; read out when it changes."""
    between = f"{moment(comparison.before.exported_at)} to {moment(comparison.after.exported_at)}"
    last = view.start + len(comparison.changes)
    if not comparison.changes:
        return f"No changes listed, {between}"
    if comparison.total > len(comparison.changes):
        return f"Changes {count(view.start + 1)} to {count(last)} of {count(comparison.total)}, {between}"
    return f"{counted(comparison.total, 'change')}, {between}"


def _nothing(comparison: StateComparison, view: ComparisonView) -> str:
    if comparison.total:
        return "The list of changes ends before that page."
    if view.kinds or view.text:
        return "No change is of that kind and name."
    if comparison.noise and not view.with_noise:
        return "Nothing changed but noise such as power and usage."
    return "Nothing changed."


def _pager(comparison: StateComparison, view: ComparisonView) -> Component:
    before, after = view.start - CHANGES_PER_PAGE, view.start + CHANGES_PER_PAGE
    if not view.start and after >= comparison.total:
        return html.Div()
    return html.Div(
        [
            _turn("Previous", max(before, 0), is_possible=view.start > 0),
            _turn("Next", after, is_possible=after < comparison.total),
        ],
        className="comparison-pager",
    )


def _turn(word: str, start: int, *, is_possible: bool) -> Component:
    return html.Button(
        [word, hidden(" changes")],
        type="button",
        className="btn btn-secondary btn-sm",
        disabled=not is_possible,
        **_attribute("data-start", str(start)),
    )


def _attribute(name: str, value: str) -> dict[str, Any]:
    return {name: value}


def _many(query: Mapping[str, str | list[str]], name: str) -> list[str]:
    value = query.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _number(query: Mapping[str, str | list[str]], name: str) -> int | None:
    return as_id("".join(_many(query, name)[:1]))
