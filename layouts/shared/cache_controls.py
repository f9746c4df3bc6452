"""The cache controls: a button at the foot of the menu, and a dialog that says what the cache does."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from data.results import CacheUse
from data.units import BYTES_PER_MIB, pct
from layouts.shared import formats
from layouts.shared.components import Column, data_table, icon, table_box
from layouts.shared.errors import ErrorHandler


class Ids(StrEnum):
    """Ids of the controls."""

    OPEN = "cache-open"
    DIALOG = "cache-dialog"
    TITLE = "cache-title"
    CONTENT = "cache-content"
    FUNCTION = "cache-function"
    CLEAR_ONE = "cache-clear-one"
    CLEAR_ALL = "cache-clear-all"


COLUMNS = (
    Column("Answer"),
    Column("Hits", is_number=True),
    Column("Misses", is_number=True),
    Column("From cache", is_number=True),
    Column("Held", is_number=True),
    Column("Oldest", is_number=True),
    Column("Statements avoided", is_number=True),
)


def controls() -> Component:
    """The button and its dialog, which is filled when it opens."""
    return html.Div(
        [
            html.Button(
                [icon("lightning-charge"), html.Span("Cache", className="menu-text")],
                id=Ids.OPEN,
                type="button",
                className="menu-link",
                title="Cache",
            ),
            dbc.Modal(
                [
                    dbc.ModalHeader(dbc.ModalTitle("Cache", id=Ids.TITLE), close_button=True),
                    dbc.ModalBody(
                        [
                            html.P(
                                "Answers are kept up to 30 minutes and never outlive an import. "
                                "Clear them after changing the database by other means."
                            ),
                            html.Div(id=Ids.CONTENT),
                        ]
                    ),
                    dbc.ModalFooter(
                        [
                            html.Label("Answer", htmlFor=Ids.FUNCTION, className="visually-hidden"),
                            dbc.Select(id=Ids.FUNCTION, options=[], placeholder="Choose an answer"),
                            dbc.Button("Clear this answer", id=Ids.CLEAR_ONE, color="secondary"),
                            dbc.Button("Clear everything", id=Ids.CLEAR_ALL, color="primary"),
                        ]
                    ),
                ],
                id=Ids.DIALOG,
                labelledby=Ids.TITLE,
                size="lg",
                scrollable=True,
            ),
        ]
    )


def content(uses: Sequence[CacheUse], trouble: str | None) -> Component:
    """What the dialog says: what is wrong, if anything is, and what the cache did.

    Example:
        >>> len(content((), "Redis cannot be reached: answers are computed anew instead of kept.").children)
        1
    """
    notice = [ErrorHandler.show_warning(trouble)] if trouble else []
    figures = [table(uses)] if uses or not trouble else []
    return html.Div([*notice, *figures])


def table(uses: Sequence[CacheUse]) -> Component:
    """What the cache did for each function, by name.

    Example:
        >>> table(()).children
        'Nothing was asked yet.'
    """
    if not uses:
        return html.P("Nothing was asked yet.")
    rows = [
        (
            words(use.function),
            formats.count(use.hits),
            formats.count(use.misses),
            formats.share(pct(use.hits, use.hits + use.misses)),
            _held(use),
            _seconds(use.oldest_age_seconds),
            formats.count(use.statements_avoided),
        )
        for use in uses
    ]
    return table_box(data_table(COLUMNS, rows, caption="Cached answers"))


def options(uses: Sequence[CacheUse]) -> list[dict[str, str]]:
    """The functions as choices of a select."""
    return [{"label": words(use.function), "value": use.function} for use in uses]


def words(function: str) -> str:
    """A function's name as words.

    Example:
        >>> words("counts.count_machines"), words("drawn.overview-body")
        ('Count machines', 'Page: overview body')
    """
    module, _, name = function.rpartition(".")
    plain = name.replace("_", " ").replace("-", " ").strip()
    return f"Page: {plain}" if module == "drawn" else plain.capitalize()


def _held(use: CacheUse) -> str:
    size = f" ({formats.size(use.size_bytes / BYTES_PER_MIB)})" if use.entries else ""
    return f"{formats.count(use.entries)}{size}"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return formats.UNKNOWN
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
