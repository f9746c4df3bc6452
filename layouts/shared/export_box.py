"""The exports of a page: the menu, the box that follows the job of a workbook, and the scope in words for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.conditions import label_of
from data.results import AttentionLimits, Job
from data.scope import NONE, Scope, split_condition
from data.vocabulary import AttentionRule, JobPhase
from layouts.shared import formats
from layouts.shared.attention import check_text
from layouts.shared.components import icon
from layouts.shared.filters import LABELS, Filter

EXPORT_PATH = "/export/machines"
"""Where files of machines are fetched; the suffix says in which form."""
TABLE = "txt"
"""The suffix of what is copied from, not saved."""
MAX_SELECTED = 200_000
"""So many machines can be selected for a file."""
_FORMS = (
    ("csv", "CSV", "plain table"),
    ("xlsx", "Excel", "workbook with filters"),
    ("jsonl", "JSON lines", "for scripts"),
)


class ExportIds(StrEnum):
    """The ids of the parts."""

    MENU = "export-menu"
    REQUEST = "export-request"
    """A store: set to ask for a workbook, with the ids of the selected machines as {"machines"}; none: all."""
    JOB = "export-job"
    """A store of the visit: the job that is followed, as {"id", "db"}; None: nothing is exported."""
    POLL = "export-poll"
    BOX = "export-box"
    MESSAGE = "export-message"
    AMOUNT = "export-amount"
    BAR = "export-bar"
    LINK = "export-link"
    CANCEL = "export-cancel"
    """Stops the job while it runs; afterwards takes the box away."""


def export_menu(grid_id: str) -> Component:
    """Exports what a grid shows: all machines that match, or the selected ones.

    Args:
        grid_id: The grid, which knows how many match.
    """
    state: dict[str, Any] = {"aria-haspopup": "menu", "aria-expanded": "false"}
    label: dict[str, Any] = {"aria-label": "Export"}
    place: dict[str, Any] = {"data-path": EXPORT_PATH, "data-grid": grid_id}
    items = [_item(form, name, purpose) for form, name, purpose in _FORMS]
    return html.Span(
        [
            html.Button(
                [icon("download"), " Export"],
                type="button",
                className="btn btn-secondary panel-opener",
                **state,
            ),
            html.Div(
                [
                    html.P(className="export-what", role="status"),
                    html.Div(items, className="choices", role="menu", **label),
                ],
                className="panel",
                hidden=True,
            ),
            dcc.Store(id=ExportIds.REQUEST),
        ],
        id=ExportIds.MENU,
        className="chip-box export-menu",
        **place,
    )


def _item(form: str, name: str, purpose: str) -> Component:
    value: dict[str, Any] = {"data-value": form}
    return html.Div(
        [html.Span(name), html.Span(purpose, className="choice-count")],
        className="choice",
        role="menuitem",
        tabIndex=-1,
        **value,
    )


def export_box() -> Component:
    """How far the export is, and the file when it is ready. Hidden without one."""
    label: dict[str, Any] = {"aria-label": "Excel export"}
    bar: dict[str, Any] = {"aria-label": "Progress of the export"}
    return html.Section(
        [
            # None as the browser has it: nothing that is brought back, so nothing is asked
            dcc.Store(id=ExportIds.JOB, storage_type="session", data=None),
            dcc.Interval(id=ExportIds.POLL, interval=700, disabled=True),
            html.Span(id=ExportIds.MESSAGE, role="status"),
            html.Progress(id=ExportIds.BAR, value="0", max="100", className="progress-line", **bar),
            html.Span(id=ExportIds.AMOUNT, className="export-amount"),
            html.Span(id=ExportIds.LINK),
            html.Button("Cancel", id=ExportIds.CANCEL, type="button", className="btn btn-secondary btn-sm"),
        ],
        id=ExportIds.BOX,
        className="card-box export-box",
        hidden=True,
        **label,
    )


def file_link(job: Job, address: str) -> Component | str:
    """The way to the file of an export that is done; otherwise nothing.

    Args:
        job: The export.
        address: Where its first file is fetched.
    """
    if job.phase != JobPhase.DONE or not job.files:
        return ""
    return html.A(
        [icon("download"), f" {job.files[0]}"], href=address, download="", className="btn btn-primary btn-sm"
    )


def scope_in_words(
    scope: Scope, vcenters: Mapping[int, str], limits: AttentionLimits
) -> tuple[tuple[str, str], ...]:
    """What narrows the estate, as label and words.

    Args:
        scope: The part of the estate.
        vcenters: Names by id.
        limits: Where the attention checks begin.

    Example:
        >>> scope_in_words(Scope(power=("poweredOn", "")), {}, AttentionLimits())
        (('Power', 'On'), ('Power', 'Unknown'))
        >>> scope_in_words(Scope(text="^db", is_pattern=True, where=("cpus:> 4",)), {}, AttentionLimits())
        (('Pattern', '^db'), ('vCPU', '> 4'))
    """
    return tuple(
        (_label(scope, name, text), _word(name, text, vcenters, limits))
        for name, text in scope.parameters()
        if name not in {"db", Filter.PATTERN}
    )


def _label(scope: Scope, name: str, text: str) -> str:
    if name == Filter.WHERE:
        return label_of(split_condition(text)[0])
    if name == Filter.TEXT and scope.is_pattern:
        return LABELS[Filter.PATTERN]
    dates = {"created_from": "Created from", "created_to": "Created until"}
    return dates.get(name) or LABELS[Filter(name)]


def _word(name: str, text: str, vcenters: Mapping[int, str], limits: AttentionLimits) -> str:
    if name == Filter.VCENTER:
        return vcenters.get(int(text), text)
    if name == Filter.ATTENTION:
        return check_text(AttentionRule(text), limits)
    if name == Filter.POWER:
        return {str(state): word for state, word in formats.POWER_WORDS.items()}.get(text, "Unknown")
    if name == Filter.EXCLUDE:
        return f"without {text}"
    if name == Filter.WHERE:
        return split_condition(text)[1].strip()
    return formats.NONE if text == NONE else text
