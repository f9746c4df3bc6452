"""What is in an export and what storing it would change, with the questions that only the operator can answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from data.results import ImportPreview, TabSummary
from data.vocabulary import ExportedAtSource
from layouts.shared.components import (
    Column,
    Content,
    Tone,
    card,
    data_table,
    definition_list,
    dot,
    hidden,
    partial_state,
    table_box,
    tile,
    tiles,
)
from layouts.shared.formats import UNKNOWN, change, count, counted, listed, moment

RVTOOLS_TABS = 27
MAX_NAME = 255
"""Characters of the name of a vCenter."""
NEW_VCENTER = " "
"""The choice of a vCenter that is not known yet: no name, since names have no blanks around them."""
MAX_NAMES = 8
"""Names of attributes that are listed."""


class PreviewIds(StrEnum):
    """The ids of the questions and the buttons."""

    VCENTER = "data-import-vcenter"
    NEW_VCENTER = "data-import-new-vcenter"
    EXPORTED_AT = "data-import-exported-at"
    REFUSED = "data-import-refused"
    """What is wrong with what was entered."""
    STORE = "data-import-store"
    DISCARD = "data-import-discard"


def controls() -> list[Component]:
    """Every control that a callback names, for the frame of the page, which must hold them."""
    return [
        *_vcenter_question((), is_asked=False),
        _time_question(None, is_asked=False),
        html.P(id=PreviewIds.REFUSED),
        _buttons(),
    ]


def preview_body(preview: ImportPreview, *beside: Component) -> Component:
    """What would change, tab by tab what was read, and the way to store it.

    Args:
        preview: Of one export.
        beside: Further cards, in the narrow column.
    """
    return html.Div(
        [
            html.Div([_changes(preview), _tabs(preview.tabs)], className="import-main"),
            html.Div([_this_export(preview), *beside], className="import-side"),
        ],
        className="import-columns",
    )


def _changes(preview: ImportPreview) -> Component:
    difference = preview.difference
    if difference is None:
        note = "Not known before you say which vCenter it is"
        numbers = [tile("Machines", count(preview.machines), "in this export")]
    elif difference.compared_with is None:
        note = f"The first state of {preview.vcenter}"
        numbers = [tile("New machines", change(difference.new), "all of this export", tone="good")]
    else:
        note = f"Compared with the state of {moment(difference.compared_with)} of {preview.vcenter}"
        numbers = [
            tile("New machines", change(difference.new), tone="good" if difference.new else ""),
            tile("Gone", change(-difference.gone), tone="bad" if difference.gone else ""),
            tile("Renamed", count(difference.renamed), "same identity"),
            tile("Moved", count(difference.moved), "host, cluster or folder"),
            tile("Resized", count(difference.resized), "vCPU, memory or disk"),
            tile("Unchanged", count(difference.unchanged)),
        ]
    return card("What would change", note, tiles(numbers))


def _tabs(tabs: Sequence[TabSummary]) -> Component:
    """What was read tab by tab; the tabs that are only counted, folded."""
    columns = (
        Column("Tab"),
        Column("Rows", is_number=True),
        Column("Columns read", is_number=True),
        Column("Remarks"),
    )
    counted_only = [tab for tab in tabs if not tab.stored and not tab.remarks]
    read = [tab for tab in tabs if tab not in counted_only]
    table = data_table(columns, map(_tab_row, read), caption="What the export holds, tab by tab")
    if not counted_only:
        return table_box(table)
    rows = [(tab.tab, count(tab.rows)) for tab in counted_only]
    fold = html.Details(
        [
            html.Summary(f"{counted(len(rows), 'further tab')}, counted and not stored yet"),
            data_table(columns[:2], rows, caption="Tabs that are counted only"),
        ],
        className="table-twin import-counted",
    )
    return html.Div([table_box(table), fold])


def _tab_row(tab: TabSummary) -> Sequence[Content]:
    tone, word = _tab_state(tab)
    read = f"{count(tab.headers_read)} of {count(tab.headers)}" if tab.stored else UNKNOWN
    remarks = list(_remarks(tab))
    return (
        [dot(tone), tab.tab, hidden(f" {word}")],
        count(tab.rows),
        read,
        html.Ul([html.Li(remark) for remark in remarks], className="import-remarks") if remarks else [],
    )


def _tab_state(tab: TabSummary) -> tuple[Tone, str]:
    if not tab.stored or tab.refused or tab.orphans or tab.remarks:
        return "warning", "(with remarks)"
    return ("on", "(read)") if tab.rows else ("muted", "(empty)")


def _remarks(tab: TabSummary) -> Iterator[str]:
    if tab.stored and not tab.rows:
        yield "Empty in this export."
    if tab.attributes:
        shown, more = tab.attributes[:MAX_NAMES], len(tab.attributes) - MAX_NAMES
        names = f"{', '.join(shown)} and {more} more" if more > 0 else listed(shown)
        yield f"{counted(len(tab.attributes), 'further column')} kept as attributes: {names}."
    if tab.orphans:
        verb = "row names a machine" if tab.orphans == 1 else "rows name machines"
        yield f"{count(tab.orphans)} {verb} that vInfo does not have; kept apart."
    yield from (_without_tab(remark, tab.tab) for remark in tab.remarks)


def _without_tab(remark: str, tab: str) -> str:
    """Remarks begin with their tab; in its own row that is left out."""
    if not remark.startswith((f"{tab},", f"{tab}:")):
        return remark
    rest = remark[len(tab) + 1 :].lstrip()
    return rest[:1].upper() + rest[1:]


def _this_export(preview: ImportPreview) -> Component:
    facts: list[tuple[str, Content]] = [
        ("Exported", _exported(preview)),
        ("RVTools", preview.rvtools_version or UNKNOWN),
        ("Machines", count(preview.machines)),
        ("Tabs", f"{len(preview.tabs)} of {RVTOOLS_TABS}"),
        ("Rows refused", count(sum(tab.refused for tab in preview.tabs))),
    ]
    if not preview.needs_vcenter:
        facts.insert(0, ("vCenter", known_by(preview.vcenter or UNKNOWN, preview.vcenter_source)))
    missing = f"Not in this export: {listed(preview.missing_tabs)}. Figures from there stay unknown."
    return card(
        "This export",
        None,
        definition_list(facts),
        *([partial_state(missing)] if preview.missing_tabs else []),
        warnings(preview.warnings),
        *_vcenter_question(preview.known_vcenters, is_asked=preview.needs_vcenter),
        _time_question(preview.exported_at, is_asked=preview.exported_at is None),
        html.P(id=PreviewIds.REFUSED, className="import-problem", role="alert"),
        _buttons(),
    )


def _exported(preview: ImportPreview) -> Content:
    when = moment(preview.exported_at) if preview.exported_at else "The time of the import"
    return known_by(when, preview.exported_at_source)


def known_by(what: str, source: str) -> Content:
    """A fact and how it is known."""
    tone = " is-warning" if source == ExportedAtSource.ASSUMED else ""
    word = html.Span(SOURCES.get(source, source), className=f"badge-soft{tone}")
    return [html.Span(what), " ", word] if source else what


SOURCES = {"given": "as you said", "new": "not named in the export"}
"""Words for how a vCenter or a time is known, where the source's own name does not do."""


def warnings(warnings: Sequence[str]) -> Component:
    """Warnings, folded; nothing without any."""
    if not warnings:
        return html.Span(hidden=True)
    rows = html.Ul([html.Li(warning) for warning in warnings])
    return html.Details(
        [html.Summary(counted(len(warnings), "warning")), rows], className="table-twin import-warnings"
    )


def _vcenter_question(known: Sequence[str], *, is_asked: bool) -> list[Component]:
    """A choice of the known vCenters, or a field for a new name; the style sheet shows the field when it is needed."""
    options = [
        *({"label": name, "value": name} for name in known),
        {"label": "A new one", "value": NEW_VCENTER},
    ]
    return [
        html.Div(
            [
                html.Label("Which vCenter is it? The export does not say.", htmlFor=PreviewIds.VCENTER),
                dbc.Select(
                    id=PreviewIds.VCENTER,
                    options=options,
                    placeholder="Choose a vCenter",
                ),
            ],
            className="field",
            hidden=not is_asked,
        ),
        html.Div(
            [
                html.Label("Name of the new vCenter", htmlFor=PreviewIds.NEW_VCENTER),
                dbc.Input(id=PreviewIds.NEW_VCENTER, type="text", autocomplete="off", maxlength=MAX_NAME),
            ],
            className="field",
            hidden=not is_asked,
        ),
    ]


def _time_question(exported_at: datetime | None, *, is_asked: bool) -> Component:
    field = html.Div(
        [
            html.Label(
                "Exported at, in the time of the machine that ran RVTools", htmlFor=PreviewIds.EXPORTED_AT
            ),
            dbc.Input(
                id=PreviewIds.EXPORTED_AT,
                type="datetime-local",
                step=1,
                value=exported_at.isoformat(timespec="seconds") if exported_at else "",
            ),
        ],
        className="field",
    )
    return html.Details(
        [html.Summary("Correct the export time"), field], open=is_asked, className="table-twin import-time"
    )


def _buttons() -> Component:
    return html.Div(
        [
            html.Button("Store this state", id=PreviewIds.STORE, type="button", className="btn btn-primary"),
            html.Button("Discard", id=PreviewIds.DISCARD, type="button", className="btn btn-secondary"),
        ],
        className="import-buttons",
    )
