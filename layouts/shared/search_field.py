"""The field of the text search, with its switch to patterns (`assets/search.js`).

Words are searched as they are typed. A pattern goes to the server first: one that cannot be read, such as one that is
typed half, stays in the field with a sentence below, and the machines stay those of before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from data.scope import MAX_SEARCH
from layouts.shared.choices import listbox, option
from layouts.shared.components import hidden, icon

_EXAMPLES = (
    (r"^web-\d+", "begins with “web-” and a number"),
    ("web|app|db", "one of these"),
    (r"^10\.20\.\d+\.\d+$", "an IP address in 10.20.0.0/16"),
    (r"\.example\.(com|org)$", "ends with one of two domains"),
    ("^00:50:56:", "a MAC address that begins so"),
    ("(?-i)PROD", "in exactly this case"),
)


@dataclass(frozen=True, slots=True)
class SearchIds:
    """The ids of a search field."""

    field: str

    @property
    def question(self) -> str:
        """A store: the pattern that is to be read, as {"pattern", "at"}."""
        return f"{self.field}-question"

    @property
    def answer(self) -> str:
        """A store: that pattern and why it cannot be used, as {"pattern", "problem"}."""
        return f"{self.field}-answer"

    @property
    def problem(self) -> str:
        """Says why the pattern cannot be used."""
        return f"{self.field}-problem"


def search_field(field_id: str) -> list[Component]:
    """The field, and the sentence about what is typed into it."""
    ids = SearchIds(field_id)
    field = dbc.Input(
        id=ids.field,
        type="search",
        placeholder="Name, IP or note",
        autocomplete="off",
        maxlength=MAX_SEARCH,
    )
    label = html.Label("Search machines", htmlFor=ids.field, className="visually-hidden")
    return [
        html.Div([icon("search"), label, field, _switch(), _help()], className="search-field", role="search"),
        html.P(id=ids.problem, className="search-problem", role="status"),
        dcc.Store(id=ids.question),
        dcc.Store(id=ids.answer),
    ]


def _switch() -> Component:
    words = "Search with a pattern (RE2)"
    attributes: dict[str, Any] = {"aria-label": words, "aria-pressed": "false"}
    return html.Button(".*", type="button", className="search-switch", title=words, **attributes)


def _help() -> Component:
    opener: dict[str, Any] = {"aria-haspopup": "dialog", "aria-expanded": "false"}
    panel: dict[str, Any] = {"aria-label": "Help with patterns"}
    examples = [
        option(example, example, words, is_in_tab_order=number == 0)
        for number, (example, words) in enumerate(_EXAMPLES)
    ]
    return html.Span(
        [
            html.Button(
                [icon("question-circle"), hidden("Help with patterns")],
                type="button",
                className="icon-button is-plain panel-opener",
                title="Help with patterns",
                **opener,
            ),
            html.Div(
                [
                    html.P(
                        "Each line is searched: name, DNS name, IP addresses, host, lines of the note, networks, "
                        "UUIDs, MAC addresses. ^ and $ are the ends of a line. Upper and lower case are the same."
                    ),
                    listbox("Examples", examples, is_single=True),
                ],
                className="panel search-help",
                role="dialog",
                hidden=True,
                **panel,
            ),
        ],
        className="chip-box search-help-box",
        hidden=True,
    )
