"""Data Import: takes files, follows the jobs that read and store them, and lists what was imported."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs

from dash import Input, Output, State, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Blueprint, request

from callbacks.shared.demo import wire_demo
from callbacks.shared.reading import database_names, database_url, read
from callbacks.shared.shell import wire_scope
from callbacks.shared.uploads import max_upload_mib, receive_file, shown_name
from callbacks.shared.wiring import CallbackGroup
from data.errors import InvalidInputError, NotFoundError
from data.ingest import jobs
from data.queries.imports import list_imports
from data.results import Job
from data.scope import Scope
from data.validation import DataValidator
from data.vocabulary import JobPhase
from layouts import data_import as page
from layouts.shared.errors import ErrorHandler
from layouts.shared.ids import Shell
from layouts.shared.import_questions import MAX_NAME, PreviewIds

callback = CallbackGroup()
routes = Blueprint("data_import", __name__)
wire_scope(callback, page.Ids.SCOPE, page.Ids.VIEW)
wire_demo(callback, page.Ids.LOAD_DEMO, page.Ids.SCOPE)

NAMESPACE = "data_import"
callback.clientside(
    NAMESPACE,
    "begin",
    Output(page.Ids.VIEW, "data"),
    Input(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    State(Shell.VISIT, "data"),
)
callback.clientside(
    NAMESPACE,
    "follow",
    Output(page.Ids.DROP, "hidden"),
    Output(page.Ids.PROGRESS, "hidden"),
    Output(page.Ids.POLL, "disabled"),
    Output(Shell.VISIT, "data", allow_duplicate=True),
    Input(page.Ids.STAGE, "data"),
    State(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    State(Shell.VISIT, "data"),
    prevent_initial_call=True,
)
callback.clientside(
    NAMESPACE,
    "turn",
    Output(page.Ids.TURN, "data"),
    Input(page.Ids.PHASE, "data"),
    prevent_initial_call=True,
)
callback.clientside(NAMESPACE, "cancel", Input(page.Ids.CANCEL, "n_clicks"), prevent_initial_call=True)


@routes.post(page.UPLOAD_PATH)
def upload() -> dict[str, int]:
    """Take a file and start the job that reads it. Answers with the job's id."""
    scope = Scope(database=request.args.get("db", ""))
    db_url = database_url(scope)
    path = receive_file()
    try:
        job_id = jobs.create_job(db_url, path=path, file_name=shown_name(request.args.get("name", "")))
    except BaseException:
        shutil.rmtree(path.parent)
        raise
    jobs.start_job(_database_name(scope), job_id)
    return {"job": job_id}


@callback(
    Output(page.Ids.SENTENCE, "children"),
    Output(page.Ids.LIVE, "children"),
    Output(page.Ids.LIMIT, "children"),
    Output(page.Ids.BODY, "children"),
    Output(page.Ids.STAGE, "data"),
    Input(page.Ids.SCOPE, "data"),
    Input(page.Ids.VIEW, "data"),
    Input(page.Ids.TURN, "data"),
    Input(Shell.REFRESH, "data"),
)
def update_body(
    query: str, view: str, _turn: str | None, _refreshes: int
) -> tuple[str, str, Component, Component, str]:
    scope = Scope.from_query_string(query)
    found = list(_jobs(scope, view))
    history = read(list_imports, Scope(database=scope.database))
    return (
        page.sentence(found, history),
        page.announcement(found),
        page.limit(max_upload_mib()),
        page.body(found, history, scope),
        page.stage(found),
    )


@callback(
    Output(page.Ids.MESSAGE, "children"),
    Output(page.Ids.AMOUNT, "children"),
    Output(page.Ids.BAR, "value"),
    Output(page.Ids.PHASE, "data"),
    Input(page.Ids.POLL, "n_intervals"),
    State(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    State(page.Ids.PHASE, "data"),
    State(Shell.REFRESH, "data"),
    prevent_initial_call=True,
)
def follow_job(
    _ticks: int, query: str, view: str, phase: str | None, refreshes: int
) -> tuple[str, str, str, str]:
    job = _newest(Scope.from_query_string(query), view)
    reached = f"{job.id} {job.phase}"
    if reached != phase and job.phase == JobPhase.DONE:
        set_props(Shell.REFRESH, {"data": refreshes + 1})
    return job.message, f"{job.progress_pct} %", str(job.progress_pct), reached


# Buttons that come with the preview answer into the preview alone and reach the rest by `set_props`: Dash calls a
# callback for a button that it draws, unless all its outputs are drawn with it.
@callback(
    output=Output(PreviewIds.REFUSED, "children"),
    inputs={"clicks": Input(PreviewIds.STORE, "n_clicks")},
    state={
        "query": State(page.Ids.SCOPE, "data"),
        "view": State(page.Ids.VIEW, "data"),
        "vcenter": State(PreviewIds.VCENTER, "value"),
        "new_vcenter": State(PreviewIds.NEW_VCENTER, "value"),
        "exported_at": State(PreviewIds.EXPORTED_AT, "value"),
    },
    running=[(Output(PreviewIds.STORE, "disabled"), True, False)],
    prevent_initial_call=True,
)
def store_state(
    *,
    clicks: int | None,
    query: str,
    view: str,
    vcenter: str | None,
    new_vcenter: str | None,
    exported_at: str | None,
) -> str:
    if not clicks:
        raise PreventUpdate
    scope = Scope.from_query_string(query)
    job = _newest(scope, view)
    try:
        name = _vcenter_name(job, vcenter, new_vcenter)
        time = _corrected_time(job, exported_at)
    except InvalidInputError as error:
        return str(error)
    jobs.confirm_job(database_url(scope), job.id, vcenter=name, exported_at=time)
    jobs.start_job(_database_name(scope), job.id)
    set_props(page.Ids.PHASE, {"data": f"{job.id} {JobPhase.CONFIRMED}"})
    return ""


@callback(
    Output(PreviewIds.REFUSED, "children", allow_duplicate=True),
    Input(PreviewIds.DISCARD, "n_clicks"),
    State(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    running=[(Output(PreviewIds.DISCARD, "disabled"), True, False)],
    prevent_initial_call=True,
)
def discard(clicks: int | None, query: str, view: str) -> str:
    if not clicks:
        raise PreventUpdate
    scope = Scope.from_query_string(query)
    job = _newest(scope, view)
    jobs.discard_job(database_url(scope), job.id)
    message = f"{job.file_name} is discarded. Nothing was stored."
    set_props(Shell.TOASTS, {"children": ErrorHandler.show_info(message)})
    left = page.view_of(number for number in _ids(view) if number != job.id)
    set_props(page.Ids.VIEW, {"data": left})
    return ""


def _ids(view: str) -> tuple[int, ...]:
    return page.job_ids(parse_qs(view))


def _jobs(scope: Scope, view: str) -> Iterator[Job]:
    """The jobs of this visit; without those that are no longer there."""
    for job_id in _ids(view):
        try:
            yield read(jobs.get_job, scope, job_id=job_id)
        except NotFoundError:
            continue


def _newest(scope: Scope, view: str) -> Job:
    found = list(_jobs(scope, view))
    if not found:
        raise NotFoundError("This import is not known any more.")
    return found[-1]


def _vcenter_name(job: Job, known: str | None, new: str | None) -> str | None:
    """The vCenter that the operator chose; None if nobody asked."""
    if job.preview is None or not job.preview.needs_vcenter:
        return None
    name = (known or "").strip() or (new or "").strip()
    if not name:
        raise InvalidInputError("Choose the vCenter, or name a new one.")
    fits, message = DataValidator.validate_string_length(
        name, maximum=MAX_NAME, name="The name of the vCenter"
    )
    if not fits:
        raise InvalidInputError(message)
    return name


def _corrected_time(job: Job, text: str | None) -> datetime | None:
    """The export time that the operator gives; None if it is the one that the export says."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError("The export time cannot be read. It looks like 2026-11-23 06:00.") from None
    return None if job.preview and time == job.preview.exported_at else time


def _database_name(scope: Scope) -> str:
    return scope.database or database_names()[0]
