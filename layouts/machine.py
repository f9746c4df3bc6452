"""Machine: one machine on a page of its own."""

from __future__ import annotations

from enum import StrEnum

from dash import dcc, html
from dash.development.base_component import Component

from data.results import MachineDetail, MachineHistory
from data.scope import Scope
from layouts.shared import formats
from layouts.shared.components import empty_state, icon, link, page_frame, skeleton_lines
from layouts.shared.filters import as_of_words, day_bar
from layouts.shared.machine_detail import copy_button, place, tab_bar, tab_panel
from layouts.shared.machine_history import first_seen, not_there_yet
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
    SUMMARY = "machine-summary"
    BODY = "machine-body"
    """The content of the open tab."""


def layout(machine_id: str = "", **query: str | list[str]) -> Component:
    scope = Scope.from_query(query)
    asked = View.from_query(query)
    view = View(tab=asked.tab, with_noise=asked.with_noise)
    return page_frame(
        PAGE,
        title_id=Ids.TITLE,
        sentence_id=Ids.SENTENCE,
        scope_store=dcc.Store(id=Ids.SCOPE, data=scope.query()),
        actions=[day_bar(PAGE, Ids.SCOPE), _back(scope), copy_button("")],
        children=[
            dcc.Store(id=Ids.VIEW, data=view.query()),
            dcc.Store(id=Ids.MACHINE, data=str(machine_id)[:20]),
            html.Div(id=Ids.SUMMARY),
            html.Section(
                [
                    html.H2("Everything known", className="visually-hidden"),
                    tab_bar(view.tab, view_id=Ids.VIEW, panel_id=Ids.BODY),
                    tab_panel(Ids.BODY, skeleton_lines(12)),
                ],
                className="card-box machine",
            ),
        ],
    )


def _back(scope: Scope) -> Component:
    return html.A(
        [icon("arrow-left"), " VM Explorer"], href=href("vm_explorer", scope), className="btn btn-secondary"
    )


def sentence(machine: MachineDetail, scope: Scope) -> list[Component | str]:
    """Where the machine is or was, in which export, and the day that is looked back to."""
    exported = f", exported {formats.moment(machine.exported_at)}{as_of_words(scope)}"
    return [*place(machine, scope), exported]


def not_yet(later: MachineHistory, scope: Scope) -> Component:
    """No state of the scope's day has the machine, later ones do."""
    first = first_seen(later).date()
    then = Scope(database=scope.database, as_of=first)
    return empty_state(
        "calendar-x",
        f"There was no such machine on {formats.day(scope.as_of)}",
        not_there_yet(later, scope),
        link(
            f"As of {formats.day(first)}",
            href("machine", then, machine_id=later.machine_id),
            "btn btn-primary",
        ),
        link(
            "Newest",
            href("machine", then.with_(as_of=None), machine_id=later.machine_id),
            "btn btn-secondary",
        ),
    )


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
