"""A list of values in a panel, of which one or several can be chosen (`assets/filters.js` moves and chooses)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.results import Choice
from data.scope import NONE
from layouts.shared import formats
from layouts.shared.components import partial_state


def listbox(name: str, rows: Sequence[Component], *, is_single: bool = False) -> Component:
    """The list.

    Args:
        name: What is chosen, for those who hear it.
        rows: Options, or groups of them.
        is_single: Whether one value at a time is chosen.
    """
    many = "false" if is_single else "true"
    attributes: dict[str, Any] = {"aria-label": name, "aria-multiselectable": many}
    return html.Div(list(rows), className="choices", role="listbox", **attributes)


def counted_list(
    name: str,
    choices: Sequence[Choice],
    chosen: Collection[str],
    word: Callable[[str], str],
    *,
    limit: int = 0,
) -> list[Component]:
    """Values with their counts: the chosen ones first, even those that no machine has any more.

    Args:
        name: What is chosen.
        choices: What the data offers; a value of None stands for machines without one.
        chosen: Those that are, "" for machines without a value.
        word: What a value is called.
        limit: How many values were asked for; as many choices mean that there may be more.
    """
    machines = {NONE if choice.value is None else choice.value: choice.machines for choice in choices}
    order = (*chosen, *(value for value in machines if value not in chosen))
    if not order:
        return [partial_state("No value found.")]
    rows = [
        option(
            value,
            word(value),
            formats.count(machines[value]) if value in machines else "",
            is_chosen=value in chosen,
        )
        for value in order
    ]
    more = limit and len(choices) >= limit
    return [
        listbox(name, rows),
        *([partial_state(f"The {limit} most frequent ones; search for others.")] if more else []),
    ]


def group(name: str, rows: Sequence[Component]) -> Component:
    """Options under a heading."""
    label: dict[str, Any] = {"aria-label": name}
    unread: dict[str, Any] = {"aria-hidden": "true"}
    heading = html.Div(name, className="choices-heading", **unread)
    return html.Div([heading, *rows], role="group", **label)


def option(
    value: str, name: str, note: str = "", *, is_chosen: bool = False, is_in_tab_order: bool = False
) -> Component:
    """A value.

    Args:
        value: What choosing it means.
        name: What it is called.
        note: What stands at its end, such as a count.
        is_chosen: Whether it is.
        is_in_tab_order: Whether the tabulator reaches it; a list without a search field has one such option.
    """
    noted = [html.Span(note, className="choice-count")] if note else []
    attributes: dict[str, Any] = {"data-value": value, "aria-selected": "true" if is_chosen else "false"}
    return html.Div(
        [name, *noted],
        className="choice",
        role="option",
        tabIndex=0 if is_in_tab_order else -1,
        **attributes,
    )
