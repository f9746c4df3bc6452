"""Machine: one machine on a page of its own."""

from __future__ import annotations

from enum import StrEnum

from dash import dcc, html
from dash.development.base_component import Component

from data.results import MachineDetail
from data.scope import Scope
from layouts.shared import formats
from layouts.shared.components import Content, empty_state, icon, page_frame, skeleton_lines
from layouts.shared.machine_detail import copy_button, gone_note, name_of, pills, place, tabs
from layouts.shared.machine_table import View
from layouts.shared.sitemap import href

PAGE = "machine"


class Ids(StrEnum):
    """The ids of the page."""

    SCOPE = "machine-scope"
    VIEW = "machine-view"
    """A store: the tab as the query of a URL."""
    MACHINE = "machine-id"
    """A store: the machine's id as the URL has it."""
    TITLE = "machine-title"
    SENTENCE = "machine-sentence"
    BODY = "machine-body"


def layout(machine_id: str = "", **query: str | list[str]) -> Component:
    scope = Scope.from_query(query)
    view = View(tab=View.from_query(query).tab)
    return page_frame(
        PAGE,
        title_id=Ids.TITLE,
        sentence_id=Ids.SENTENCE,
        scope_store=dcc.Store(id=Ids.SCOPE, data=scope.query()),
        actions=[_back(scope), copy_button("")],
        children=[
            dcc.Store(id=Ids.VIEW, data=view.query()),
            dcc.Store(id=Ids.MACHINE, data=str(machine_id)[:20]),
            html.Div(skeleton_lines(12), id=Ids.BODY, className="machine"),
        ],
    )


def _back(scope: Scope) -> Component:
    return html.A(
        [icon("arrow-left"), " VM Explorer"], href=href("vm_explorer", scope), className="btn btn-secondary"
    )


def sentence(machine: MachineDetail) -> str:
    """Where the machine is and as of when."""
    return f"{place(machine)}, exported {formats.moment(machine.exported_at)}"


def title(machine: MachineDetail) -> Content:
    """The name of the machine."""
    return name_of(machine)


def body(machine: MachineDetail, tab: str) -> list[Component]:
    """Everything below the heading."""
    note = gone_note(machine)
    return [
        *([note] if note else []),
        pills(machine),
        html.Section(
            [html.H2("Everything known", className="visually-hidden"), *tabs(machine, tab, Ids.VIEW)],
            className="card-box",
        ),
    ]


def not_found(machine_id: str, scope: Scope) -> Component:
    """No state holds such a machine."""
    return empty_state(
        "pc-display",
        "There is no such machine",
        f"No machine has the id “{machine_id}”. It may have been removed, or the link is old.",
        html.A(
            "VM Explorer",
            href=href("vm_explorer", Scope(database=scope.database)),
            className="btn btn-primary",
        ),
    )
