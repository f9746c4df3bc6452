"""VM Explorer: every machine in a grid that the server filters, sorts and pages, and one of them in detail."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from data.results import MachineDetail, MachineTotals
from data.scope import Scope
from layouts.shared import formats
from layouts.shared.column_chooser import column_chooser
from layouts.shared.components import (
    Content,
    empty_state,
    icon,
    page_frame,
    partial_state,
    skeleton_lines,
)
from layouts.shared.conditions import CONDITION_FIELD
from layouts.shared.export_box import export_box, export_menu
from layouts.shared.filters import Filter, FilterIds, as_of_words, filter_bar
from layouts.shared.machine_detail import (
    copy_button,
    keys_help,
    name_of,
    place,
    step_buttons,
    summary,
    tab_bar,
    tab_panel,
)
from layouts.shared.machine_links import machine_address
from layouts.shared.machine_table import (
    View,
    block_rows,
    column_definitions,
)
from layouts.shared.selection import selection_announcement, selection_bar
from layouts.shared.sitemap import href

PAGE = "vm_explorer"
UNUSABLE = "This filter cannot be used"
FILTERS = (
    Filter.DATACENTER,
    Filter.CLUSTER,
    Filter.HOST,
    Filter.POWER,
    Filter.OS,
    Filter.CREATED,
    Filter.ATTENTION,
    Filter.TEMPLATES,
)


class Ids(StrEnum):
    """The ids of the page."""

    SCOPE = "vm-explorer-scope"
    VIEW = "vm-explorer-view"
    """A store: columns, sort, machine and tab as the query of a URL."""
    SENTENCE = "vm-explorer-sentence"
    BODY = "vm-explorer-body"
    """What stands in place of the grid when there is no machine to list."""
    BOX = "vm-explorer-box"
    GRID = "vm-explorer-grid"
    RANGE = "vm-explorer-range"
    TOTALS = "vm-explorer-totals"
    ANNOUNCEMENT = "vm-explorer-announcement"
    SELECTION = "vm-explorer-selection"
    """A store: the rows that are selected, as {"ids": [...]} or {"all": true}; None: none."""
    SPLIT = "vm-explorer-split"
    DETAIL = "vm-explorer-detail"
    DETAIL_TITLE = "vm-explorer-detail-title"
    DETAIL_SUMMARY = "vm-explorer-detail-summary"
    DETAIL_PANEL = "vm-explorer-detail-panel"
    DETAIL_ACTIONS = "vm-explorer-detail-actions"
    MACHINE = "vm-explorer-machine"
    """A store: what is in detail, as {"id", "tab", "as_of"}."""


def layout(**query: str | list[str]) -> Component:
    scope = Scope.from_query(query)
    view = View.from_query(query)
    return page_frame(
        PAGE,
        sentence_id=Ids.SENTENCE,
        scope_store=dcc.Store(id=Ids.SCOPE, data=scope.query()),
        actions=[column_chooser(), export_menu(Ids.GRID)],
        children=[
            dcc.Store(id=Ids.VIEW, data=view.query()),
            dcc.Store(id=Ids.MACHINE),
            dcc.Store(id=Ids.SELECTION),
            filter_bar(PAGE, Ids.SCOPE, FILTERS, has_search=True),
            html.Div(id=Ids.ANNOUNCEMENT, className="visually-hidden", role="status"),
            selection_announcement(),
            export_box(),
            html.Div([_grid_box(view), _detail_frame(view)], id=Ids.SPLIT, className="split"),
        ],
    )


def _grid_box(view: View) -> Component:
    busy: dict[str, Any] = {"aria-busy": "false"}
    return html.Div(
        [
            _grid(view),
            html.Div(id=Ids.BODY, className="grid-instead"),
            html.Div(
                [selection_bar(), html.Span(id=Ids.RANGE), html.Span(id=Ids.TOTALS)], className="grid-foot"
            ),
        ],
        id=Ids.BOX,
        className="grid-box",
        **busy,
    )


def _grid(view: View) -> Component:
    options = {
        "cacheBlockSize": block_rows.get(),
        "maxBlocksInCache": 20,
        "maxConcurrentDatasourceRequests": 1,
        "blockLoadDebounceMillis": 40,
        "infiniteInitialRowCount": 20,
        "rowBuffer": 0,
        "suppressFieldDotNotation": True,
        "suppressMultiSort": True,
        "suppressNoRowsOverlay": True,
        "suppressDragLeaveHidesColumns": True,
        "tooltipShowDelay": 600,
        "rowClassRules": {
            "is-loading": "!params.data",
            "is-open": "isOpen(params)",
            "is-selected": "isSelected(params)",
        },
    }
    grid: Component = dag.AgGrid(
        id=Ids.GRID,
        className="grid",
        rowModelType="infinite",
        columnDefs=column_definitions(view),
        defaultColDef={
            "sortable": True,
            "sortingOrder": ["asc", "desc"],
            "resizable": True,
            **CONDITION_FIELD,
            "suppressHeaderMenuButton": True,
        },
        getRowId="params.data.machine_id",
        dashGridOptions=options,
    )
    return grid


def _detail_frame(view: View) -> Component:
    label: dict[str, Any] = {"aria-label": "Machine in detail", "aria-busy": "false"}
    close: dict[str, Any] = {"aria-label": "Close the detail"}
    live: dict[str, Any] = {"aria-live": "polite"}
    title = html.H2(id=Ids.DETAIL_TITLE, className="detail-title", **live)
    button = html.Button(
        icon("x-lg"), type="button", className="icon-button is-plain detail-close", title="Close", **close
    )
    return html.Aside(
        [
            html.Div([title, *step_buttons(), button], className="detail-head"),
            html.Div(id=Ids.DETAIL_SUMMARY),
            tab_bar(view.tab, view_id=Ids.VIEW, panel_id=Ids.DETAIL_PANEL),
            tab_panel(Ids.DETAIL_PANEL, skeleton_lines(8) if view.machine else None),
            html.Div(id=Ids.DETAIL_ACTIONS, className="detail-actions"),
        ],
        id=Ids.DETAIL,
        className="detail-panel",
        tabIndex=-1,
        **label,
    )


def sentence(totals: MachineTotals, scope: Scope) -> str:
    """How many machines match."""
    everything = formats.counted(totals.machines_all, "machine")
    counted = f"{formats.count(totals.machines)} of {everything}" if scope.is_filtered else everything
    return counted + as_of_words(scope)


def announcement(totals: MachineTotals) -> str:
    """The same for those who hear it."""
    return f"{formats.counted(totals.machines, 'machine')} {'matches' if totals.machines == 1 else 'match'}"


def sums(totals: MachineTotals) -> str:
    """What the machines that match have together; only what is known.

    Example:
        >>> sums(MachineTotals(2, 3, 9412, 1024, None))
        'Σ 9,412 vCPU · 1 GiB memory'
    """
    parts = [
        (totals.vcpus, f"{formats.count(totals.vcpus)} vCPU"),
        (totals.memory_mib, f"{formats.size(totals.memory_mib)} memory"),
        (totals.provisioned_mib, f"{formats.size(totals.provisioned_mib)} provisioned"),
    ]
    known = [text for number, text in parts if number is not None]
    return f"Σ {' · '.join(known)}" if known else ""


def no_machines() -> Component:
    """There is an inventory, and no machine of it is in the scope."""
    return empty_state(
        "funnel", "No machine matches", "No machine of the inventory passes all filters.", _clear_filters()
    )


def unusable(reason: str) -> Component:
    """A pattern or a condition cannot be read, so nothing can be listed."""
    return empty_state("funnel", UNUSABLE, reason, _clear_filters())


def _clear_filters() -> Component:
    clears: dict[str, Any] = {"data-clears": FilterIds(PAGE).bar}
    return html.Button("Clear filters", type="button", className="btn btn-primary", **clears)


def nothing_imported(scope: Scope) -> Component:
    """There is no inventory yet."""
    return empty_state(
        "inbox",
        "Nothing is imported yet",
        "Machines appear here after the first RVTools export.",
        html.A(
            "Import an export",
            href=href("data_import", Scope(database=scope.database)),
            className="btn btn-primary",
        ),
    )


class Detail(NamedTuple):
    """The parts of the panel beside the grid."""

    title: Content
    summary: list[Component]
    content: Sequence[Component]
    actions: list[Component]


def detail(machine: MachineDetail, scope: Scope, content: Sequence[Component], tab: str = "") -> Detail:
    """A machine as the panel shows it, with the content of the open tab."""
    address = machine_address(machine, scope, tab)
    return Detail(
        title=name_of(machine),
        summary=[html.P(place(machine, scope), className="detail-path"), *summary(machine)],
        content=content,
        actions=[
            html.A("Open full page", href=address, className="btn btn-primary"),
            copy_button(address),
            keys_help(),
        ],
    )


def no_detail(reason: str, title: Content = "Not found") -> Detail:
    """The panel for a machine that cannot be shown."""
    return Detail(title, [partial_state(reason)], [], [])
