"""The bar of what can be done with the selected rows of VM Explorer. Drawn here, filled by `assets/selection.js`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.shared.components import icon
from layouts.shared.export_box import EXPORT_PATH, MAX_SELECTED, TABLE

IDS_PATH = "/machines/ids"


class SelectionIds(StrEnum):
    """The ids of the bar's parts."""

    BAR = "selection-bar"
    COUNT = "selection-count"
    ALL = "selection-all"
    COPY = "selection-copy"
    CLEAR = "selection-clear"
    ANNOUNCEMENT = "selection-announcement"


def selection_bar() -> Component:
    """How many rows are selected and what can be done with them; hidden while none is."""
    attributes: dict[str, Any] = {
        "aria-label": "Selected machines",
        "data-ids-path": IDS_PATH,
        "data-text-path": f"{EXPORT_PATH}.{TABLE}",
        "data-most": MAX_SELECTED,
    }
    return html.Div(
        [
            html.Span(id=SelectionIds.COUNT, className="selection-count"),
            _button(SelectionIds.ALL, None, "Select all that match", "Ctrl+A"),
            _button(
                SelectionIds.COPY, "copy", "Copy", "Copy the selected rows as text, with headings (Ctrl+C)"
            ),
            _button(SelectionIds.CLEAR, "x-lg", "Clear", "Escape"),
        ],
        id=SelectionIds.BAR,
        className="selection-bar",
        role="group",
        hidden=True,
        **attributes,
    )


def selection_announcement() -> Component:
    """What is told of the selection to those who hear it."""
    return html.Div(id=SelectionIds.ANNOUNCEMENT, className="visually-hidden", role="status")


def _button(button_id: SelectionIds, icon_name: str | None, text: str, hint: str) -> Component:
    mark: list[Component | str] = [icon(icon_name), " "] if icon_name else []
    return html.Button(
        [*mark, html.Span(text)], id=button_id, type="button", className="selection-button", title=hint
    )
