"""What only the operator can answer of an export: its vCenter, its time, what a header means, what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from data.fields import NAME_LENGTH, TABS, Field
from data.results import HeaderMapping, ImportPreview, StatePreview, TabSummary
from data.vocabulary import ExportedAtSource
from data.workbook.headers import fields_read
from layouts.shared.components import Column, card, data_table, question_dialog
from layouts.shared.formats import counted, listed

NEW_VCENTER = " "
"""The choice of a vCenter that is not known yet: no name, since names have no blanks around them."""
KEPT = "  "
"""The choice of the vCenter that the export says; a blank value would be that of the placeholder."""
GIVEN = str(ExportedAtSource.GIVEN)
"""How a vCenter or a time is known that the operator said."""
NEW = "new"
"""How a vCenter is known that no export names and that nobody was asked for."""
MACHINES_TAB = "vInfo"
"""What a sheet becomes in which the operator shows the names of the machines."""
FORGET = "data-import-forget"
"""Type of the ids of the buttons that forget a mapping."""


class PreviewIds(StrEnum):
    """The ids of the questions and the buttons."""

    VCENTER = "data-import-vcenter"
    NEW_VCENTER = "data-import-new-vcenter"
    EXPORTED_AT = "data-import-exported-at"
    REFUSED = "data-import-refused"
    """What is wrong with what was entered."""
    COMPARE = "data-import-compare"
    STORE = "data-import-store"
    REPLACE = "data-import-replace"
    DISCARD = "data-import-discard"

    MAP_CHOICES = "data-import-map-choices"
    """A store: of each tab its headers and fields, as options."""
    MAP_TAB = "data-import-map-tab"
    MAP_HEADER = "data-import-map-header"
    MAP_FIELD = "data-import-map-field"
    MAP_REFUSED = "data-import-map-refused"
    MAP = "data-import-map"

    DIALOG = "data-import-dialog"
    """Asks before earlier states are dropped."""
    DIALOG_TEXT = "data-import-dialog-text"
    DIALOG_CANCEL = "data-import-dialog-cancel"
    DIALOG_CONFIRM = "data-import-dialog-confirm"


def controls() -> list[Component]:
    """Every control that a callback names, for the frame of the page, which must hold them."""
    return [*questions(None), buttons(None), mapping_form(None)]


# The vCenter and the time
def questions(preview: ImportPreview | None) -> list[Component]:
    """The vCenter, where the file is of one, and the export time; folded where the export says both."""
    state = _only_state(preview)
    states = preview.states if preview else ()
    is_asked = any(_is_open(one) for one in states)
    fold = html.Details(
        [
            html.Summary(_heading(state, is_asked=is_asked)),
            *_vcenter_question(state, preview.known_vcenters if preview else ()),
            html.P(id=PreviewIds.REFUSED, className="import-problem", role="alert"),
            _time_question(states),
            html.Div(
                [
                    html.Button(
                        "Compare", id=PreviewIds.COMPARE, type="button", className="btn btn-secondary btn-sm"
                    ),
                    html.Span("Shows what would change with these answers.", className="muted"),
                ],
                className="import-compare",
            ),
        ],
        open=is_asked,
        hidden=not states,
        className="table-twin import-questions",
    )
    return [fold]


def _heading(state: StatePreview | None, *, is_asked: bool) -> str:
    if is_asked:
        return "What the export does not say"
    return "Correct the vCenter or the export time" if state else "Correct the export time"


def _is_open(state: StatePreview) -> bool:
    """Whether something is only assumed of a state."""
    return state.needs_vcenter or state.exported_at is None or state.vcenter_source == NEW


def _only_state(preview: ImportPreview | None) -> StatePreview | None:
    """The state of a file that is of one vCenter: only that one can be given another name."""
    return preview.states[0] if preview and len(preview.states) == 1 else None


def _vcenter_question(state: StatePreview | None, known: Sequence[str]) -> list[Component]:
    """A choice of the known vCenters and a field for a new name; the style sheet shows the field when it is needed."""
    is_asked = bool(state and state.needs_vcenter)
    label = "Which vCenter is it? The export does not say." if is_asked else "vCenter"
    chosen, new_name = _answered(state, known)
    kept = [] if is_asked else [{"label": _as_it_is(state), "value": KEPT}]
    options = [
        *kept,
        *({"label": name, "value": name} for name in known),
        {"label": "A new one", "value": NEW_VCENTER},
    ]
    return [
        html.Div(
            [
                html.Label(label, htmlFor=PreviewIds.VCENTER),
                dbc.Select(
                    id=PreviewIds.VCENTER,
                    options=options,
                    value=chosen,
                    placeholder="Choose a vCenter" if is_asked else None,
                ),
            ],
            className="field",
            hidden=state is None,
        ),
        html.Div(
            [
                html.Label("Name of the new vCenter", htmlFor=PreviewIds.NEW_VCENTER),
                dbc.Input(
                    id=PreviewIds.NEW_VCENTER,
                    type="text",
                    autocomplete="off",
                    maxlength=NAME_LENGTH,
                    value=new_name,
                ),
            ],
            className="field",
            hidden=state is None,
        ),
    ]


def _answered(state: StatePreview | None, known: Sequence[str]) -> tuple[str | None, str]:
    """The choice and the new name that the question begins with."""
    if state is None:
        return None, ""
    if state.needs_vcenter:
        return state.suggested_vcenter, ""
    if state.vcenter_source != GIVEN:
        return KEPT, ""
    name = state.vcenter or ""
    return (name, "") if name in known else (NEW_VCENTER, name)


def _as_it_is(state: StatePreview | None) -> str:
    if state is None or state.vcenter_source == GIVEN:
        return "As the export says"
    return f"{state.vcenter}, {'for now' if state.vcenter_source == NEW else 'as the export says'}"


def _time_question(states: Sequence[StatePreview]) -> Component:
    times = {state.exported_at for state in states}
    known = times.pop() if len(times) == 1 else None
    return html.Div(
        [
            html.Label(
                "Exported at, in the time of the machine that ran RVTools", htmlFor=PreviewIds.EXPORTED_AT
            ),
            dbc.Input(
                id=PreviewIds.EXPORTED_AT,
                type="datetime-local",
                step=1,
                value=known.isoformat(timespec="seconds") if known else "",
            ),
        ],
        className="field",
    )


# What to do with it
def buttons(preview: ImportPreview | None) -> Component:
    """The ways on. Nothing can be stored that cannot be read yet."""
    amount = len(preview.states) if preview else 0
    earlier = sum(state.earlier_states for state in preview.states) if preview else 0
    return html.Div(
        [
            html.Button(
                "Store this state" if amount < 2 else f"Store these {amount} states",
                id=PreviewIds.STORE,
                type="button",
                className="btn btn-primary",
                hidden=not amount,
            ),
            html.Button("Discard", id=PreviewIds.DISCARD, type="button", className="btn btn-secondary"),
            html.Button(
                "Store and drop earlier states…",
                id=PreviewIds.REPLACE,
                type="button",
                className="btn btn-outline-danger",
                hidden=not earlier,
            ),
        ],
        className="import-buttons",
    )


def replace_dialog() -> Component:
    """Asks before earlier states are dropped."""
    return question_dialog(PreviewIds.DIALOG, title="Drop earlier states?", confirm="Replace")


def replace_text(states: Sequence[StatePreview]) -> Component:
    """What goes when the earlier states are dropped, vCenter by vCenter."""
    lines = [
        f"{counted(state.earlier_states, 'stored state')} of {state.vcenter}"
        for state in states
        if state.earlier_states
    ]
    is_one = sum(state.earlier_states for state in states) == 1
    goes = "goes, whatever its date" if is_one else "go, whatever their date"
    return html.Div(
        [
            html.P(f"{listed(lines)} {goes}. Pinned states stay."),
            html.P("What those states say of the past is lost. This cannot be undone.", className="muted"),
        ]
    )


# What headers mean
def mapping_form(preview: ImportPreview | None) -> Component:
    """Lets the operator say what a header means that nothing reads. A tab without such headers is not offered."""
    choices = _mapping_choices(preview) if preview else {}
    tabs = list(choices)
    first = tabs[0] if tabs else None
    begun = choices[first] if first else {"headers": [], "fields": []}
    is_unknown = bool(preview and preview.unknown_sheets)
    note = (
        "No column is known as the name of the machines. Say which one it is; nothing can be read before."
        if is_unknown
        else "They are kept as attributes. If one holds what has a field here, say so; every later import reads it."
    )
    form = html.Div(
        [
            _choice("Sheet" if is_unknown else "Tab", PreviewIds.MAP_TAB, _options(tabs), first),
            _choice("Column", PreviewIds.MAP_HEADER, begun["headers"], None),
            _choice(
                "Holds",
                PreviewIds.MAP_FIELD,
                begun["fields"],
                begun["fields"][0]["value"] if len(begun["fields"]) == 1 else None,
            ),
            html.Button(
                "Use this column", id=PreviewIds.MAP, type="button", className="btn btn-secondary btn-sm"
            ),
        ],
        className="import-mapping",
    )
    title = "Which column names the machines?" if is_unknown else "Further columns"
    drawn = card(
        title,
        note,
        dcc.Store(id=PreviewIds.MAP_CHOICES, data=choices),
        form,
        html.P(id=PreviewIds.MAP_REFUSED, className="import-problem", role="alert"),
    )
    return html.Div(drawn, hidden=not choices)


def _choice(label: str, element_id: str, options: list[dict[str, str]], value: str | None) -> Component:
    return html.Div(
        [
            html.Label(label, htmlFor=element_id),
            dbc.Select(id=element_id, options=options, value=value, placeholder="Choose"),
        ],
        className="field",
    )


def _options(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"label": name, "value": name} for name in names]


def _mapping_choices(preview: ImportPreview) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Of each tab with unread headers those and the fields that nothing fills; of an unknown sheet the name alone."""
    if preview.unknown_sheets:
        name = [field for field in fields_read(MACHINES_TAB) if field.key == "name"]
        return {
            sheet.sheet: {"headers": _options(sheet.headers), "fields": _field_options(name)}
            for sheet in preview.unknown_sheets
        }
    return {
        tab.tab: {"headers": _options(tab.attributes), "fields": _field_options(_unfilled(tab))}
        for tab in preview.tabs
        if tab.attributes and tab.tab in TABS
    }


def _unfilled(tab: TabSummary) -> list[Field]:
    return [field for field in fields_read(tab.tab) if field.key not in tab.fields]


def _field_options(fields: Iterable[Field]) -> list[dict[str, str]]:
    options = [{"label": field.label, "value": field.key} for field in fields]
    return sorted(options, key=lambda option: option["label"].casefold())


def mappings_card(mappings: Sequence[HeaderMapping]) -> Component:
    """What the operator said of headers, each with a button that forgets it; nothing without any."""
    if not mappings:
        return html.Div(hidden=True)
    rows = [(one.header, one.tab, field_label(one), _forget(one)) for one in mappings]
    columns = (Column("Column"), Column("Tab"), Column("Holds"), Column("Actions"))
    return card(
        "Columns you explained",
        "Read as you said, in every import",
        data_table(columns, rows, caption="Columns that the operator explained"),
    )


def field_label(mapping: HeaderMapping) -> str:
    """The words for the field that a header is mapped to."""
    fields = fields_read(mapping.tab) if mapping.tab in TABS else ()
    return next((field.label for field in fields if field.key == mapping.field), mapping.field)


def _forget(mapping: HeaderMapping) -> Component:
    named: dict[str, Any] = {"aria-label": f"Forget {mapping.header} of {mapping.tab}"}
    return html.Button(
        "Forget",
        id={"type": FORGET, "tab": mapping.tab, "header": mapping.header},
        type="button",
        className="btn btn-secondary btn-sm",
        **named,
    )
