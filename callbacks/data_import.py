"""Data Import: takes files, follows the jobs that read and store them, and hands on what the operator says of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import parse_qs

from dash import ALL, Input, Output, State, ctx, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Blueprint, request

from callbacks.shared.demo import wire_demo
from callbacks.shared.import_answers import Answers, answers_to, given
from callbacks.shared.import_history import wire_history
from callbacks.shared.reading import database_names, database_url, forget_generation, read, retention
from callbacks.shared.shell import wire_scope
from callbacks.shared.uploads import max_upload_mib, receive_files
from callbacks.shared.wiring import CallbackGroup
from data import jobs
from data.errors import InvalidInputError, NotFoundError
from data.fields import normalised
from data.ingest.mapping import forget_mapping, list_mappings, save_mapping
from data.queries.imports import list_imports
from data.results import HeaderMapping, Job
from data.scope import Scope
from data.vocabulary import JobPhase
from layouts import data_import as page
from layouts.shared.errors import ErrorHandler
from layouts.shared.history_ids import HistoryIds
from layouts.shared.ids import Shell
from layouts.shared.import_jobs import progress_pct, step
from layouts.shared.import_questions import FORGET, MACHINES_TAB, PreviewIds, replace_text

callback = CallbackGroup()
routes = Blueprint("data_import", __name__)
wire_scope(callback, page.Ids.SCOPE, page.Ids.VIEW, HistoryIds.VIEW)
wire_demo(callback, page.Ids.LOAD_DEMO, page.Ids.SCOPE)
wire_history(callback, page.Ids.SCOPE)

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
    Output(page.Ids.HISTORY, "hidden"),
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
callback.clientside(
    NAMESPACE,
    "close",
    Output(PreviewIds.DIALOG, "is_open"),
    Input(PreviewIds.DIALOG_CANCEL, "n_clicks"),
    Input(PreviewIds.DIALOG_CONFIRM, "n_clicks"),
    prevent_initial_call=True,
)
callback.clientside(
    NAMESPACE,
    "offer",
    Output(PreviewIds.MAP_HEADER, "options"),
    Output(PreviewIds.MAP_HEADER, "value"),
    Output(PreviewIds.MAP_FIELD, "options"),
    Output(PreviewIds.MAP_FIELD, "value"),
    Input(PreviewIds.MAP_TAB, "value"),
    State(PreviewIds.MAP_CHOICES, "data"),
    prevent_initial_call=True,
)


@routes.post(page.UPLOAD_PATH)
def upload() -> dict[str, int]:
    """Take a file, or several CSV files as one, and start the job that reads it. Answers with the job's id."""
    scope = Scope(database=request.args.get("db", ""))
    db_url = database_url(scope)
    path, name = receive_files()
    try:
        job_id = jobs.create_job(db_url, path=path, file_name=name)
    except BaseException:
        shutil.rmtree(path.parent)
        raise
    _start(scope, job_id)
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
    place = Scope(database=scope.database)
    found = list(_jobs(scope, _ids(view)))
    history = read(list_imports, place, rule=retention())
    drawn = page.body(
        found,
        history,
        scope,
        others=read(jobs.list_open_jobs, place),
        mappings=read(list_mappings, place),
    )
    if page.stage(found) is page.Stage.RUNNING:  # before the first tick, when the page is opened
        parts = (page.Ids.STEP, page.Ids.MESSAGE, page.Ids.AMOUNT, page.Ids.BAR)
        for part, text in zip(parts, _progress(found[-1]), strict=True):
            set_props(part, {"value" if part is page.Ids.BAR else "children": text})
    return (
        page.sentence(found, history),
        page.announcement(found),
        page.limit(max_upload_mib()),
        drawn,
        page.stage(found),
    )


@callback(
    Output(page.Ids.STEP, "children"),
    Output(page.Ids.MESSAGE, "children"),
    Output(page.Ids.AMOUNT, "children"),
    Output(page.Ids.BAR, "value"),
    Output(page.Ids.STOP, "disabled"),
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
) -> tuple[str, str, str, str, bool, str]:
    job = _newest(Scope.from_query_string(query), view)
    reached = f"{job.id} {job.phase}"
    if reached != phase and job.phase == JobPhase.DONE:
        set_props(Shell.REFRESH, {"data": refreshes + 1})
    is_past_stopping = job.phase == JobPhase.PUBLISHING
    return *_progress(job), is_past_stopping, reached


def _progress(job: Job) -> tuple[str, str, str, str]:
    """Of a running job its step, its message, the amount and the bar."""
    pct = progress_pct(job)
    return step(job), job.message, f"{pct} %", str(pct)


@callback(
    Input(page.Ids.STOP, "n_clicks"),
    State(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    running=[(Output(page.Ids.STOP, "disabled"), True, False)],
    prevent_initial_call=True,
)
def stop_job(_clicks: int, query: str, view: str) -> None:
    scope = Scope.from_query_string(query)
    jobs.cancel_job(database_url(scope), _newest(scope, view).id)


# Buttons that come with the preview answer into the preview alone and reach the rest by `set_props`: Dash calls a
# callback for a button that it draws, unless all its outputs are drawn with it.
_ANSWERS = {
    "query": State(page.Ids.SCOPE, "data"),
    "view": State(page.Ids.VIEW, "data"),
    "vcenter": State(PreviewIds.VCENTER, "value"),
    "new_vcenter": State(PreviewIds.NEW_VCENTER, "value"),
    "exported_at": State(PreviewIds.EXPORTED_AT, "value"),
}


@callback(
    output=Output(PreviewIds.REFUSED, "children"),
    inputs={"clicks": Input(PreviewIds.STORE, "n_clicks")},
    state=_ANSWERS,
    running=[(Output(PreviewIds.STORE, "disabled"), True, False)],
    prevent_initial_call=True,
)
def store_state(*, clicks: int | None, query: str, view: str, **entered: str | None) -> str:
    return _go_on(_store, clicks, query, view, entered)


@callback(
    output=Output(PreviewIds.REFUSED, "children", allow_duplicate=True),
    inputs={"clicks": Input(PreviewIds.COMPARE, "n_clicks")},
    state=_ANSWERS,
    running=[(Output(PreviewIds.COMPARE, "disabled"), True, False)],
    prevent_initial_call=True,
)
def compare(*, clicks: int | None, query: str, view: str, **entered: str | None) -> str:
    return _go_on(_revise, clicks, query, view, entered)


@callback(
    output=Output(PreviewIds.REFUSED, "children", allow_duplicate=True),
    inputs={"clicks": Input(PreviewIds.REPLACE, "n_clicks")},
    state=_ANSWERS,
    prevent_initial_call=True,
)
def ask_before_replacing(*, clicks: int | None, query: str, view: str, **entered: str | None) -> str:
    """Opens the dialog, unless what goes would not be what the preview shows."""
    return _go_on(_ask, clicks, query, view, entered)


@callback(
    Input(PreviewIds.DIALOG_CONFIRM, "n_clicks"),
    State(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    prevent_initial_call=True,
)
def replace_states(_clicks: int, query: str, view: str) -> None:
    """The second confirmation: what was previewed is stored, all other states of its vCenters go."""
    scope = Scope.from_query_string(query)
    job = _newest(scope, view)
    if job.preview:
        _store(scope, job, given(job.preview), replace=True)


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
    message = f"Discarded: {job.file_name}. Nothing was stored."
    set_props(Shell.TOASTS, {"children": ErrorHandler.show_info(message)})
    left = page.view_of(number for number in _ids(view) if number != job.id)
    set_props(page.Ids.VIEW, {"data": left})
    return ""


@callback(
    output=Output(PreviewIds.MAP_REFUSED, "children"),
    inputs={"clicks": Input(PreviewIds.MAP, "n_clicks")},
    state={
        "query": State(page.Ids.SCOPE, "data"),
        "view": State(page.Ids.VIEW, "data"),
        "tab": State(PreviewIds.MAP_TAB, "value"),
        "header": State(PreviewIds.MAP_HEADER, "value"),
        "field": State(PreviewIds.MAP_FIELD, "value"),
    },
    running=[(Output(PreviewIds.MAP, "disabled"), True, False)],
    prevent_initial_call=True,
)
def use_column(
    *, clicks: int | None, query: str, view: str, tab: str | None, header: str | None, field: str | None
) -> str:
    if not clicks:
        raise PreventUpdate
    if not tab or not header or not field:
        return "Choose the column, and what it holds."
    scope = Scope.from_query_string(query)
    job = _newest(scope, view)
    if job.preview is None:
        raise NotFoundError("This preview is not known any more.")
    known_tab = MACHINES_TAB if job.preview.unknown_sheets else tab
    try:
        save_mapping(database_url(scope), HeaderMapping(known_tab, normalised(header), field))
    except InvalidInputError as error:
        return str(error)
    _revise(scope, job, given(job.preview))
    return ""


@callback(
    Input({"type": FORGET, "tab": ALL, "header": ALL}, "n_clicks"),
    State(page.Ids.SCOPE, "data"),
    State(page.Ids.VIEW, "data"),
    State(Shell.REFRESH, "data"),
    prevent_initial_call=True,
)
def forget_column(clicks: list[int | None], query: str, view: str, refreshes: int) -> None:
    if not any(clicks) or not isinstance(ctx.triggered_id, dict):
        raise PreventUpdate
    scope = Scope.from_query_string(query)
    forget_mapping(database_url(scope), tab=ctx.triggered_id["tab"], header=ctx.triggered_id["header"])
    newest = next(_jobs(scope, reversed(_ids(view))), None)
    if newest and newest.phase == JobPhase.PREVIEW and newest.preview:
        _revise(scope, newest, given(newest.preview))
    else:
        forget_generation()
        set_props(Shell.REFRESH, {"data": refreshes + 1})


# Answers
def _go_on(
    how: Callable[[Scope, Job, Answers], None],
    clicks: int | None,
    query: str,
    view: str,
    entered: Mapping[str, str | None],
) -> str:
    """Go on with what was entered; says what is wrong with it."""
    if not clicks:
        raise PreventUpdate
    scope = Scope.from_query_string(query)
    job = _newest(scope, view)
    try:
        how(scope, job, answers_to(job, **entered))
    except InvalidInputError as error:
        return str(error)
    return ""


def _ask(_scope: Scope, job: Job, answers: Answers) -> None:
    if job.preview is None or answers != given(job.preview):
        raise InvalidInputError(
            "Press Compare first, to see what these answers change and which states would go."
        )
    set_props(PreviewIds.DIALOG_TEXT, {"children": replace_text(job.preview.states)})
    set_props(PreviewIds.DIALOG, {"is_open": True})


# Jobs
def _ids(view: str) -> tuple[int, ...]:
    return page.job_ids(parse_qs(view))


def _jobs(scope: Scope, ids: Iterable[int]) -> Iterator[Job]:
    """The jobs with these ids; without those that are no longer there."""
    for job_id in ids:
        try:
            yield read(jobs.get_job, scope, job_id=job_id)
        except NotFoundError:
            continue


def _newest(scope: Scope, view: str) -> Job:
    job = next(_jobs(scope, reversed(_ids(view))), None)
    if job is None:
        raise NotFoundError("This import is not known any more.")
    return job


def _start(scope: Scope, job_id: int) -> None:
    jobs.start_job(scope.database or database_names()[0], job_id)


def _store(scope: Scope, job: Job, answers: Answers, *, replace: bool = False) -> None:
    jobs.confirm_job(
        database_url(scope),
        job.id,
        vcenter=answers.vcenter,
        exported_at=answers.exported_at,
        replace=replace,
    )
    _start(scope, job.id)
    set_props(page.Ids.PHASE, {"data": f"{job.id} {JobPhase.CONFIRMED}"})


def _revise(scope: Scope, job: Job, answers: Answers) -> None:
    """Let the job make its preview again."""
    jobs.revise_job(database_url(scope), job.id, vcenter=answers.vcenter, exported_at=answers.exported_at)
    _start(scope, job.id)
    set_props(page.Ids.PHASE, {"data": f"{job.id} {JobPhase.UPLOADED}"})
