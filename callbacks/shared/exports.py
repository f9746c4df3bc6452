"""Excel exports: a job writes the workbook, the page follows it and offers the file."""

from __future__ import annotations

from typing import Any

import msgspec
from dash import Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.shared.downloads import selected_machines
from callbacks.shared.reading import database_names, database_url, limits, read
from callbacks.shared.wiring import CallbackGroup
from data import jobs
from data.errors import NotFoundError
from data.exports import MachineExport
from data.queries.estate import get_estate_status
from data.results import Job
from data.scope import Scope, as_id
from data.vocabulary import FINAL_PHASES
from layouts.shared.export_box import ExportIds, file_link, scope_in_words
from layouts.shared.job_files import job_file_address
from layouts.shared.machine_table import View, title_with_unit


def wire_export(group: CallbackGroup, scope_id: str, view_id: str, selection_id: str) -> None:
    """Let the menu of a page export its machines, and its box follow the job of a workbook: one for each visit.

    Args:
        group: The page's callbacks.
        scope_id: The store with the scope as query text.
        view_id: The store with columns and order as query text.
        selection_id: The store with the selected machines, as {"ids": [...]}; anything else is all.
    """
    group.clientside(
        "exports",
        "note",
        Output(ExportIds.MENU, "id"),  # never changes: without an output Dash calls it on other pages, too
        Input(scope_id, "data"),
        Input(view_id, "data"),
        Input(selection_id, "data"),
    )
    group(
        Output(ExportIds.JOB, "data"),
        Input(ExportIds.REQUEST, "data"),
        State(scope_id, "data"),
        State(view_id, "data"),
        State(ExportIds.JOB, "data"),
        prevent_initial_call=True,
    )(start_export)
    group(
        Output(ExportIds.BOX, "hidden"),
        Output(ExportIds.POLL, "disabled"),
        Output(ExportIds.MESSAGE, "children"),
        Output(ExportIds.AMOUNT, "children"),
        Output(ExportIds.BAR, "value"),
        Output(ExportIds.LINK, "children"),
        Output(ExportIds.CANCEL, "children"),
        Input(ExportIds.JOB, "data"),
        Input(ExportIds.POLL, "n_intervals"),
        prevent_initial_call=True,  # a job that the visit follows is a change of the store: it is brought back
    )(follow_export)
    group(
        Output(ExportIds.JOB, "data", allow_duplicate=True),
        Input(ExportIds.CANCEL, "n_clicks"),
        State(ExportIds.JOB, "data"),
        prevent_initial_call=True,
    )(end_export)


def start_export(
    request: dict[str, Any] | None, query: str, view_query: str, followed: dict[str, Any] | None
) -> dict[str, Any]:
    """Start the job and say which one it is. The one that is followed gives way.

    Raises:
        InvalidInputError: more machines are selected than a file may name.
    """
    if not request:
        raise PreventUpdate
    scope = Scope.from_query_string(query)
    machines = selected_machines(request["machines"])
    asked = _asked(scope, View.from_query_string(view_query), machines)
    _cancel(followed)
    job_id = jobs.create_export_job(database_url(scope), payload=msgspec.to_builtins(asked))
    jobs.start_job(scope.database or database_names()[0], job_id)
    return {"id": job_id, "db": scope.database}


def follow_export(
    followed: dict[str, Any] | None, _ticks: int | None
) -> tuple[bool, bool, str, str, str, Component | str, str]:
    """What the box shows of the job, if there is one."""
    job = _job(followed)
    if job is None or followed is None:
        return True, True, "", "", "0", "", "Cancel"
    address = job_file_address(job.id, job.files[0] if job.files else "", followed["db"])
    is_over = job.phase in FINAL_PHASES
    pct = str(job.progress_pct)
    word = "Close" if is_over else "Cancel"
    return False, is_over, job.message, f"{pct} %", pct, file_link(job, address), word


def end_export(clicks: int | None, followed: dict[str, Any] | None) -> None:
    """Stop the job while it runs; afterwards put it away."""
    if not clicks:
        raise PreventUpdate
    _cancel(followed)


def _cancel(followed: dict[str, Any] | None) -> None:
    job = _job(followed)
    if job and followed and job.phase not in FINAL_PHASES:
        jobs.cancel_job(database_url(Scope(database=followed["db"])), job.id)


def _asked(scope: Scope, view: View, machines: tuple[int, ...]) -> MachineExport:
    states = read(get_estate_status, Scope(database=scope.database)).vcenters
    return MachineExport(
        scope=scope.query(),
        columns=view.columns,
        titles=tuple(map(title_with_unit, view.columns)),
        sort=view.sort,
        direction=view.direction,
        filters=scope_in_words(scope, {state.id: state.name for state in states}, limits()),
        limits=limits(),
        machines=machines,
    )


def _job(followed: dict[str, Any] | None) -> Job | None:
    """The job that the visit follows; None without one, and when it is not there any more."""
    if not followed:
        return None
    try:
        return read(jobs.get_job, Scope(database=str(followed["db"])), job_id=as_id(followed["id"]) or 0)
    except NotFoundError:
        return None
