"""Conditions on single columns: their chips, the panel in which one is made, and the field under a column's header.

A condition is text (see `data.conditions`). Whoever makes one, the fields of the panel or a person who types, gives
text to `assets/conditions.js`; what can be used is put into the page's scope store, and everything follows from that.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from operator import itemgetter
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from data.amounts import DEFAULT_UNITS, UNITS, Amount, shown_as, value_of
from data.conditions import (
    EXPECTED,
    WITH,
    WITHOUT,
    Condition,
    Operator,
    Period,
    Value,
    kind_of,
    label_of,
)
from data.fields import ATTRIBUTE, MACHINE_FIELD_TABS, MACHINE_FIELDS
from data.results import Choice
from data.scope import MAX_CONDITION, NONE
from data.vocabulary import Kind
from layouts.shared import formats
from layouts.shared.choices import counted_list, group, listbox, option
from layouts.shared.components import Column, data_table, hidden, icon, partial_state

CONDITION_FIELD: dict[str, Any] = {
    "filter": True,
    "floatingFilter": True,
    "floatingFilterComponent": "conditionField",
    "suppressFloatingFilterButton": True,
    "suppressHeaderFilterButton": True,
}
"""What gives every column of a grid its field under the header. The grid itself filters nothing."""

_LABELS = {field.key: field.label for field in MACHINE_FIELDS}
_SIZES = {Kind.MIB, Kind.KIB}
_WITHOUT_RANGE = {Kind.NAME, Kind.TEXT, Kind.BOOLEAN}
YES, NO = "yes", "no"
_ENDS = {
    Operator.AT_LEAST: ("from",),
    Operator.AT_MOST: ("to",),
    Operator.BETWEEN: ("from", "to"),
    Operator.ONE_OF: ("exact",),
}
"""The fields of a range that make a condition."""
_NONE_FORMS = ((WITHOUT, "without a value"), (WITH, "with one"))


@dataclass(frozen=True, slots=True)
class ConditionIds:
    """The ids of the conditions of a page's filter bar."""

    page: str
    """The page's key."""

    def _id(self, part: str) -> str:
        return f"{self.page.replace('_', '-')}-condition-{part}"

    @property
    def chips(self) -> str:
        """Holds a chip for each condition."""
        return self._id("chips")

    @property
    def text(self) -> str:
        """The field of the panel in which the condition is typed."""
        return self._id("text")

    @property
    def search(self) -> str:
        """The field that searches values or columns."""
        return self._id("search")

    @property
    def request(self) -> str:
        """A store: what the panel asks for, as {"key", "text", "search", "is_search"}; no key: the columns."""
        return self._id("request")

    @property
    def fields(self) -> str:
        """The fields of the panel that are drawn for a column."""
        return self._id("fields")

    @property
    def values(self) -> str:
        """The list of values or columns."""
        return self._id("values")

    @property
    def question(self) -> str:
        """A store: conditions of which it is asked whether they can be used, as {"where": [...]}."""
        return self._id("question")

    @property
    def answer(self) -> str:
        """A store: the answer, as {"asked": [...], "problems": {condition: sentence}}."""
        return self._id("answer")


def condition_box(ids: ConditionIds, *, has_opener: bool = True) -> list[Component]:
    """The chips of the conditions, and the panel; its own button begins a new condition.

    Args:
        ids: The page's.
        has_opener: Whether there is that button. Without it the panel opens from the chips alone.
    """
    labels: dict[str, Any] = {"data-labels": json.dumps(_LABELS, separators=(",", ":"))}
    state: dict[str, Any] = {"aria-haspopup": "dialog", "aria-expanded": "false"}
    opener = html.Button(
        [icon("plus-lg"), html.Span("Add filter")],
        type="button",
        className="chip-label panel-opener",
        **state,
    )
    return [
        html.Span(id=ids.chips, className="condition-chips", **labels),
        html.Span(
            [
                dcc.Store(id=ids.request),
                dcc.Store(id=ids.question),
                dcc.Store(id=ids.answer),
                html.Span(opener, className="chip", hidden=not has_opener),
                _frame(ids),
                html.P(className="condition-bubble", role="alert"),
            ],
            className="chip-box condition-box",
        ),
    ]


def _frame(ids: ConditionIds) -> Component:
    label: dict[str, Any] = {"aria-label": "Filter"}
    remove: dict[str, Any] = {"aria-label": "Remove this filter"}
    text = dbc.Input(id=ids.text, autocomplete="off", size="sm", maxlength=MAX_CONDITION)
    search = dbc.Input(id=ids.search, type="search", placeholder="Find", autocomplete="off", size="sm")
    return html.Div(
        [
            html.Div(
                [
                    html.Span(className="condition-title"),
                    html.Button("Remove", type="button", className="chip-clear condition-remove", **remove),
                ],
                className="condition-head",
            ),
            html.Label([hidden("Condition"), text], className="condition-typed"),
            html.P(className="condition-problem", role="alert"),
            html.Div(id=ids.fields),
            html.Label([hidden("Find"), search], className="panel-search"),
            html.Div(id=ids.values),
        ],
        className="panel condition-panel",
        role="dialog",
        hidden=True,
        **label,
    )


def condition_panel(key: str, condition: Condition | None) -> Component:
    """The fields that make a condition on a column, and the forms in which it can be typed.

    Args:
        key: The column.
        condition: As it stands; None for a new one, and for one that cannot be used.
    """
    kind = kind_of(key)
    forms = html.Details(
        [
            html.Summary(f"Type {EXPECTED[kind]}"),
            data_table(
                [Column("Condition"), Column("Finds machines")],
                [(html.Code(form), words) for form, words in (*_FORMS[_form(kind)], *_NONE_FORMS)],
            ),
        ],
        className="condition-forms",
    )
    made = [] if kind in _WITHOUT_RANGE else _range_fields(kind, condition)
    return _fields(key, _form(kind), chosen_values(condition), *made, forms)


def no_column_panel(key: str, reason: str) -> Component:
    """The panel of a condition on a column that there is not."""
    return _fields(key, "text", (), partial_state(reason))


def _fields(key: str, form: str, chosen: Sequence[str], *parts: Component) -> Component:
    attributes: dict[str, Any] = {"data-key": key, "data-kind": form, "data-chosen": json.dumps(chosen)}
    return html.Div(list(parts), className="condition-fields", **attributes)


def chosen_values(condition: Condition | None) -> tuple[str, ...]:
    """The values that a condition names, as the list has them; none of one that says something else."""
    if condition is None or condition.operator is not Operator.ONE_OF or condition.is_negated:
        return ()
    kind = kind_of(condition.key)
    return tuple(text for value in condition.values if (text := _value(value, kind)) is not None)


def values_list(
    key: str, choices: Sequence[Choice], chosen: Collection[str], *, limit: int = 0
) -> list[Component]:
    """The values of a column with their counts, the chosen ones first.

    Args:
        key: The column.
        choices: What the data offers; a value of None stands for machines without one.
        chosen: What the condition asks for, "" for machines without a value.
        limit: How many values were asked for; as many choices mean that there may be more.
    """
    return counted_list(label_of(key), choices, chosen, partial(_word, key), limit=limit)


def columns_list(others: Mapping[str, str], attributes: Sequence[str], search: str = "") -> list[Component]:
    """Everything by which machines can be filtered.

    Args:
        others: The filters that have a panel of their own: value -> name.
        attributes: Names of the custom attributes.
        search: Only what contains this text, ignoring case.
    """
    groups: dict[str, dict[str, str]] = {"Places": dict(others)}
    for key, tab in MACHINE_FIELD_TABS.items():
        groups.setdefault(tab, {})[key] = label_of(key)
    groups["Attributes"] = {f"{ATTRIBUTE}{name}": name for name in attributes}
    rows = (
        [_group(name, names) for name, names in groups.items() if names]
        if not search
        else [
            option(key, word, name)
            for _, key, word, name in sorted(_found(groups, search), key=itemgetter(0))
        ]
    )
    return (
        [listbox("Filter by", rows, is_single=True)] if rows else [partial_state("No column is called that.")]
    )


def _group(name: str, names: Mapping[str, str]) -> Component:
    return group(name, [option(key, word) for key, word in names.items()])


def _found(groups: Mapping[str, Mapping[str, str]], search: str) -> Iterator[tuple[bool, str, str, str]]:
    """What contains a text: whether it does not begin with it, the key, the word and the name of the group."""
    wanted = search.casefold()
    for name, names in groups.items():
        for key, word in names.items():
            if wanted in word.casefold():
                yield not word.casefold().startswith(wanted), key, word, name


def _value(value: Value, kind: Kind) -> str | None:
    """A value of a condition as the list has it; None of one that no list has."""
    match value:
        case None:
            return NONE
        case bool():
            return YES if value else NO
        case Amount():
            return shown_as(value_of(value, kind), kind)
        case Period():
            return _written(value) or None
        case str():
            return value
    return None


def _word(key: str, value: str) -> str:
    if value == NONE:
        return formats.NONE
    if kind_of(key) is Kind.BOOLEAN:
        return value.capitalize()
    return formats.power(value) if key == "power_state" else value


def _range_fields(kind: Kind, condition: Condition | None) -> list[Component]:
    parts, unit = _parts(condition)
    is_date = kind is Kind.DATETIME
    suffix = ""
    unit_field = []
    if kind in _SIZES:
        units = UNITS[kind]
        chosen = unit if unit in units else DEFAULT_UNITS[kind]
        choice = dbc.Select(options=list(units), value=chosen, size="sm", class_name="condition-unit")
        unit_field = [_field("Unit", choice)]
    elif kind in DEFAULT_UNITS:
        suffix = f" ({DEFAULT_UNITS[kind]})"
    without = [_toggle("Without a value", WITHOUT), _toggle("With a value", WITH)]
    return [
        html.Div(
            [
                *(
                    _field(f"{label}{suffix}", _part(name, parts.get(name, ""), is_date=is_date))
                    for name, label in (("from", "From"), ("to", "To"), ("exact", "Exactly"))
                ),
                *unit_field,
            ],
            className="condition-range",
        ),
        html.Div(without, className="condition-toggles"),
    ]


def _field(label: str, field: Component) -> Component:
    return html.Label([html.Span(label), field], className="field")


def _part(name: str, value: str, *, is_date: bool) -> Component:
    classes = f"condition-{name} day" if is_date else f"condition-{name}"
    field: Component = dbc.Input(value=value, autocomplete="off", size="sm", class_name=classes)
    return field


def _toggle(words: str, form: str) -> Component:
    """A button that is the whole condition; the script shows whether it is."""
    state: dict[str, Any] = {"aria-pressed": "false", "data-form": form}
    return html.Button(words, type="button", className="btn btn-secondary btn-sm condition-toggle", **state)


def _parts(condition: Condition | None) -> tuple[dict[str, str], str]:
    """What the fields of a range show of a condition, and the unit; nothing of one that they cannot make."""
    if condition is None or condition.is_negated or condition.operator not in _ENDS:
        return {}, ""
    ends, values = _ENDS[condition.operator], condition.values
    written = [_written(value) for value in values]
    units = {value.unit for value in values if isinstance(value, Amount)}
    if len(ends) != len(values) or len(units) > 1 or "" in written:
        return {}, ""
    return dict(zip(ends, written, strict=True)), "".join(units)


def _written(value: Value) -> str:
    """A number or a day as its field has it."""
    if isinstance(value, Amount):
        return str(value.number)
    is_day = isinstance(value, Period) and value.end - value.start == timedelta(days=1)
    return value.start.date().isoformat() if isinstance(value, Period) and is_day else ""


def _form(kind: Kind) -> str:
    if kind in {Kind.NAME, Kind.TEXT}:
        return "text"
    if kind in _SIZES:
        return "size"
    return kind if kind in {Kind.BOOLEAN, Kind.DATETIME} else "number"


_FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "text": (
        ("web", "whose value contains this, ignoring case"),
        ("!web", "whose value does not contain it"),
        ("web*", "whose whole value fits, * is anything"),
        ('= a, "b, c", (none)', "with exactly one of these"),
        ("!= a", "with none of these"),
        (r"/^web\d+$/", "whose value has a match of the pattern (RE2)"),
        (r"!/^web/", "whose value has none"),
    ),
    "number": (
        ("> 4", "with more; also <, >=, <="),
        ("2..8", "from 2 to 8"),
        ("= 2, 4", "with exactly one of these; 4 alone, too"),
        ("!= 8", "with another number"),
    ),
    "size": (
        (">= 16 GiB", "with at least this; also >, <, <="),
        ("2..8", "from 2 to 8 GiB: without a unit it is GiB"),
        ("= 512 MiB, 1 TiB", "shown as one of these"),
        ("!= 8", "shown as something else"),
    ),
    Kind.DATETIME: (
        ("2026-01", "on that day, in that month or year"),
        (">= 2026-01-31", "from then on; also >, <, <="),
        ("2026-01..2026-03", "between both, inclusive"),
        ("older than 90 days", "before the export; also newer than"),
    ),
    Kind.BOOLEAN: (
        ("yes", "where it is so; no: where it is not"),
        ("yes, (none)", "where it is so or not known"),
    ),
}
