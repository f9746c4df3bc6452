"""The callbacks behind the history of imports: what is stored, what is done to it, and two states compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Input, Output, State, no_update, set_props
from dash.exceptions import PreventUpdate

from callbacks.shared.reading import database_names, database_url, drawn, drawn_parts, read, retention
from callbacks.shared.wiring import CallbackGroup
from data import jobs
from data.errors import NotFoundError
from data.ingest.states import set_hidden, set_pinned
from data.queries.comparison import compare_states
from data.queries.imports import list_imports, list_vcenters
from data.results import StoredImport
from data.scope import Scope, as_id
from data.vocabulary import FINAL_PHASES, JobPhase
from layouts.shared import comparison as page
from layouts.shared.components import Content, partial_state
from layouts.shared.errors import ErrorHandler
from layouts.shared.formats import moment
from layouts.shared.history_ids import Action, HistoryIds
from layouts.shared.ids import Shell
from layouts.shared.import_history import history_section

_NOT_DONE = frozenset({JobPhase.FAILED, JobPhase.CANCELLED})


def wire_history(group: CallbackGroup, scope_id: str) -> None:
    """Fill the history in and let its buttons work.

    Args:
        group: The page's callbacks.
        scope_id: The store with the scope as query text; tells the database.
    """
    scope, refresh = Input(scope_id, "data"), Input(Shell.REFRESH, "data")
    group.clientside("history", "show", Output(HistoryIds.FIND, "value"), Input(HistoryIds.VIEW, "data"))
    group(Output(HistoryIds.BODY, "children"), scope, refresh, Input(HistoryIds.WHOLE, "data"))(draw_history)
    drawn_anew = Output(HistoryIds.ACTION, "clear_data")  # never written: it ties the callback to its page
    group.clientside("history", "redrawn", drawn_anew, Input(HistoryIds.BODY, "children"))
    group(
        Output(HistoryIds.FORM, "children"),
        Output(HistoryIds.FIGURES, "children"),
        Output(HistoryIds.RANGE, "children"),
        Output(HistoryIds.COMPARED, "children"),
        Output(HistoryIds.NARROWING, "hidden"),
        scope,
        Input(HistoryIds.VIEW, "data"),
        refresh,
    )(draw_comparison)
    group(
        Output(HistoryIds.JOB, "data"),
        Output(HistoryIds.POLL, "disabled"),
        Input(HistoryIds.ACTION, "data"),
        State(scope_id, "data"),
        State(Shell.REFRESH, "data"),
        prevent_initial_call=True,
    )(act)
    group(
        Output(HistoryIds.POLL, "disabled", allow_duplicate=True),
        Input(HistoryIds.POLL, "n_intervals"),
        State(HistoryIds.JOB, "data"),
        State(scope_id, "data"),
        State(Shell.REFRESH, "data"),
        prevent_initial_call=True,
    )(follow_removal)


def draw_history(query: str, _refreshes: int, whole: list[str] | None) -> Any:
    """The stored states and the vCenters; of some vCenters all states."""
    scope = _everything(query)
    vcenters = read(list_vcenters, scope)
    in_full = [one.id for one in vcenters if str(one.id) in map(str, whole or [])]

    def build() -> Content:
        return history_section(read(list_imports, scope, rule=retention()), vcenters, retention(), in_full)

    return drawn("data_import.history", scope, build, retention(), in_full)


def draw_comparison(query: str, view_query: str, _refreshes: int) -> Sequence[Any]:
    """The choice of two states, and how they differ once they are chosen."""
    scope, asked = _everything(query), page.ComparisonView.from_query_string(view_query)
    choices = page.comparable(read(list_imports, scope, rule=retention()))
    view = page.resolved(asked, choices)
    form = page.comparison_form(view, choices)
    if view.before is None or view.after is None:
        lost = [partial_state("One of these states is not stored any more. Choose others.")]
        return form, [], "", lost if asked.is_chosen else [], True

    def build() -> list[Content]:
        found = read(
            compare_states,
            scope,
            before=view.before or 0,
            after=view.after or 0,
            kinds=view.kinds,
            text=view.text,
            start=view.start,
            stop=view.start + page.CHANGES_PER_PAGE,
            with_noise=view.with_noise,
            rule=retention(),
        )
        words = page.range_words(found, view)
        return [page.figures(found, view), words, page.changes_list(found, view, scope.database)]

    figures, words, changes = drawn_parts("data_import.comparison", scope, build, view.query())
    return form, figures, words, changes, False


def act(action: dict[str, Any], query: str, refreshes: int) -> tuple[Any, Any]:
    """Do what a button says; a deletion runs as a job that the page follows."""
    scope, key = _everything(query), as_id(action["key"]) or 0
    db_url, what = database_url(scope), Action(action["do"])
    if what is Action.DELETE:
        state = _state(scope, key)
        job_id = jobs.create_removal_job(db_url, import_ids=[key], what=_named(state))
        jobs.start_job(scope.database or database_names()[0], job_id)
        _say(f"Deleting {_named(state)}.")
        return job_id, False
    if what in {Action.PIN, Action.UNPIN}:
        state = _state(scope, key)
        set_pinned(db_url, import_id=key, is_pinned=what is Action.PIN)
        stays = "stays until it is unpinned" if what is Action.PIN else "is no longer pinned"
        _say(f"The state {stays}: {moment(state.exported_at)} of {state.vcenter}.")
    else:
        name = next((one.name for one in read(list_vcenters, scope) if one.id == key), "The vCenter")
        set_hidden(db_url, vcenter_id=key, is_hidden=what is Action.HIDE)
        _say(f"{name} is {'hidden' if what is Action.HIDE else 'shown again'}.")
    set_props(Shell.REFRESH, {"data": refreshes + 1})
    return no_update, no_update


def follow_removal(_ticks: int, job_id: int | None, query: str, refreshes: int) -> bool:
    """Tell when the deletion is done, and draw the page anew; a job that is not there (any more) is left alone."""
    try:
        job = read(jobs.get_job, _everything(query), job_id=as_id(job_id) or 0)
    except NotFoundError:
        return True
    if job.phase not in FINAL_PHASES:
        raise PreventUpdate
    message = ErrorHandler.show_warning(job.message) if job.phase in _NOT_DONE else None
    set_props(Shell.TOASTS, {"children": message or ErrorHandler.show_success(job.message)})
    set_props(Shell.REFRESH, {"data": refreshes + 1})
    return True


def _everything(query: str) -> Scope:
    return Scope(database=Scope.from_query_string(query).database)


def _state(scope: Scope, import_id: int) -> StoredImport:
    for stored in read(list_imports, scope, rule=retention()):
        if stored.id == import_id:
            return stored
    raise NotFoundError("This state is not stored any more.")


def _named(state: StoredImport) -> str:
    return f"the state of {moment(state.exported_at)} of {state.vcenter}"


def _say(text: str) -> None:
    set_props(Shell.TOASTS, {"children": ErrorHandler.show_success(text)})
