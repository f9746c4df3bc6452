"""Data Import: choose exports, see what each would change, store it or not; and what was imported before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.results import ImportedState, Job, StateDifference, StoredImport
from data.scope import Scope
from data.units import BYTES_PER_MIB
from data.vocabulary import JobPhase
from layouts.shared import import_questions
from layouts.shared.components import (
    Column,
    Content,
    card,
    data_table,
    empty_state,
    icon,
    link,
    page_frame,
    skeleton_lines,
)
from layouts.shared.formats import count, counted, listed, moment, size
from layouts.shared.import_preview import SOURCES, preview_body, warnings
from layouts.shared.sitemap import href

PAGE = "data_import"
UPLOAD_PATH = f"{href(PAGE)}/upload"
"""Where the browser sends a file: POST, the file as body, `name` and `db` in the query."""
MAX_JOBS = 20
EARLIER = 6
"""States that stand beside a preview."""
READING = frozenset({JobPhase.UPLOADED, JobPhase.READING})
RUNNING = READING | {
    JobPhase.QUEUED,
    JobPhase.CONFIRMED,
    JobPhase.STORING,
    JobPhase.PUBLISHING,
    JobPhase.WRITING,
}


class Ids(StrEnum):
    """The ids of the page."""

    SCOPE = "data-import-scope"
    VIEW = "data-import-view"
    """A store: the jobs of this visit as query text, the newest last."""
    PHASE = "data-import-phase"
    """A store: the job that was followed last, and its phase."""
    TURN = "data-import-turn"
    """A store: the same, written only when it changes; then the body is drawn anew."""
    STAGE = "data-import-stage"
    """A store: a value of `Stage`."""
    POLL = "data-import-poll"
    SENTENCE = "data-import-sentence"
    BODY = "data-import-body"
    LIVE = "data-import-live"
    """What is read out when a job gets to its next phase."""

    DROP = "data-import-drop"
    LIMIT = "data-import-limit"
    PROBLEM = "data-import-problem"
    """Why a file could not be uploaded."""
    WAITING = "data-import-waiting"
    """The files that come next."""
    PROGRESS = "data-import-progress"
    MESSAGE = "data-import-message"
    AMOUNT = "data-import-amount"
    BAR = "data-import-bar"
    CANCEL = "data-import-cancel"
    """Ends an upload."""

    LOAD_DEMO = "data-import-load-demo"


class Stage(StrEnum):
    """What the page is at."""

    CHOOSING = ""
    RUNNING = "running"
    PREVIEW = "preview"


def job_ids(query: Mapping[str, str | list[str]]) -> tuple[int, ...]:
    """The jobs that a URL names, the newest last. Whatever cannot be a job is ignored."""
    given = query.get("job", [])
    texts = [given] if isinstance(given, str) else given
    return tuple(int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10)[
        -MAX_JOBS:
    ]


def view_of(ids: Iterable[int]) -> str:
    """The jobs as query text."""
    return "&".join(f"job={number}" for number in ids)


def stage(jobs: Sequence[Job]) -> Stage:
    """What the page is at: only the newest job can be open."""
    if jobs and jobs[-1].phase in RUNNING:
        return Stage.RUNNING
    return Stage.PREVIEW if jobs and jobs[-1].phase == JobPhase.PREVIEW else Stage.CHOOSING


# The frame
def layout(**query: str | list[str]) -> Component:
    jobs = job_ids(query)
    return page_frame(
        PAGE,
        sentence_id=Ids.SENTENCE,
        scope_store=dcc.Store(id=Ids.SCOPE, data=Scope.from_query(query).query()),
        children=[
            dcc.Store(id=Ids.VIEW, data=view_of(jobs)),
            dcc.Store(id=Ids.PHASE),
            dcc.Store(id=Ids.TURN),
            dcc.Store(id=Ids.STAGE),
            dcc.Interval(id=Ids.POLL, interval=700, disabled=True),
            html.P(id=Ids.LIVE, className="visually-hidden", role="status"),
            html.P(id=Ids.PROBLEM, className="import-problem", role="alert"),
            _drop_zone(is_hidden=bool(jobs)),
            _progress(),
            html.Div(_skeleton(), id=Ids.BODY),
        ],
    )


def _drop_zone(*, is_hidden: bool) -> Component:
    """A label around a file input, which the script puts into the empty box: Dash has none."""
    return html.Label(
        [
            icon("file-earmark-arrow-up"),
            html.Span("Drop RVTools exports here, or choose files", className="drop-title"),
            html.Span(
                [
                    html.Span("Excel workbooks (.xlsx) of RVTools 3.9 to 4.7"),
                    html.Span(id=Ids.LIMIT),
                    html.Span(". You see what would change before anything is stored."),
                ],
                className="muted",
            ),
            html.Span(className="drop-input"),
        ],
        id=Ids.DROP,
        className="drop-zone",
        hidden=is_hidden,
        **_attribute("data-upload", UPLOAD_PATH),
    )


def limit(max_mib: int) -> Component:
    """The end of the drop zone's sentence; the script reads the number."""
    return html.Span(f", up to {size(max_mib)} each", **_attribute("data-max-mib", str(max_mib)))


def _progress() -> Component:
    return html.Section(
        [
            html.Div([html.Span(id=Ids.MESSAGE), html.Span(id=Ids.AMOUNT)], className="progress-head"),
            html.Progress(
                id=Ids.BAR,
                value="0",
                max="100",
                className="progress-line",
                **_attribute("aria-label", "Progress"),
            ),
            html.P(id=Ids.WAITING, className="card-note"),
            html.Button(
                "Cancel the upload",
                id=Ids.CANCEL,
                type="button",
                className="btn btn-secondary btn-sm",
                hidden=True,
            ),
        ],
        id=Ids.PROGRESS,
        className="card-box import-progress",
        hidden=True,
        **_attribute("aria-label", "Import under way"),
    )


def _skeleton() -> list[Component]:
    """What stands there until the body comes, with every control that a callback names."""
    controls = [*import_questions.controls(), _demo_button()]
    return [card("Earlier imports", None, skeleton_lines(5)), html.Div(controls, hidden=True)]


# What the body callback fills
def sentence(jobs: Sequence[Job], history: Sequence[StoredImport]) -> str:
    """Where the import stands, else what is stored."""
    at = stage(jobs)
    if at is Stage.PREVIEW and (preview := jobs[-1].preview):
        file_size = size(preview.file_size_bytes / BYTES_PER_MIB)
        return f"{preview.file_name} · {file_size} · nothing is stored yet"
    if at is Stage.RUNNING:
        return jobs[-1].file_name
    if not history:
        return "Nothing is imported yet"
    vcenters = counted(len({stored.vcenter for stored in history}), "vCenter")
    return f"{counted(len(history), 'state')} of {vcenters}"


def announcement(jobs: Sequence[Job]) -> str:
    """What a screen reader says when a job gets to its next phase."""
    if not jobs:
        return ""
    job = jobs[-1]
    if job.phase in RUNNING:
        return f"{'Reading' if job.phase in READING else 'Storing'} {job.file_name}."
    if job.phase == JobPhase.PREVIEW and job.preview:
        return f"The preview of {job.file_name} is ready: {counted(job.preview.machines, 'machine')}."
    return " ".join(filter(None, (_outcome_title(job), job.message)))


def body(jobs: Sequence[Job], history: Sequence[StoredImport], scope: Scope) -> Component:
    """Everything below the drop zone.

    Args:
        jobs: Those of this visit, the newest last.
        history: All states that are stored.
        scope: Tells the database that links lead to.
    """
    results = [_result(job) for job in jobs if _outcome_title(job)]
    if results and stage(jobs) is Stage.CHOOSING:
        results.append(_ways_on(scope))
    preview = jobs[-1].preview if stage(jobs) is Stage.PREVIEW else None
    if preview:
        named = {state.vcenter for state in preview.states}
        own = [stored for stored in history if stored.vcenter in named]
        rest = preview_body(jobs[-1], preview, scope.database, *_earlier(own))
    elif history:
        rest = _history(history)
    else:
        rest = _nothing_yet() if stage(jobs) is Stage.CHOOSING else html.Div()
    return html.Div([*results, rest], className="import-body")


# Results
def _outcome_title(job: Job) -> str:
    """What became of a job; empty while it is open and after it was discarded."""
    titles = {
        JobPhase.DONE: f"{job.file_name} is stored",
        JobPhase.UNCHANGED: f"{job.file_name} changes nothing",
        JobPhase.FAILED: f"{job.file_name} was not imported",
        JobPhase.CANCELLED: f"The import of {job.file_name} was cancelled",
    }
    return titles.get(JobPhase(job.phase), "")


def _result(job: Job) -> Component:
    symbol, tone = _OUTCOMES[JobPhase(job.phase)]
    outcome = job.outcome if job.preview else None  # that of the demo estate tells of its last state alone
    states = outcome.states if outcome and job.phase == JobPhase.DONE else ()
    is_lost = job.phase in {JobPhase.FAILED, JobPhase.CANCELLED}
    return html.Section(
        [
            html.Span(icon(symbol), className=f"import-symbol is-{tone}"),
            html.Div(
                [
                    html.H2(_outcome_title(job), className="card-title"),
                    *([html.Ul(map(_stored, states), className="import-states")] if states else []),
                    *([] if states or not job.message else [html.P(job.message)]),
                    *([html.P("Nothing of this file was stored.")] if is_lost else []),
                    warnings(outcome.warnings if outcome else ()),
                ]
            ),
        ],
        className="card-box import-result",
    )


def _ways_on(scope: Scope) -> Component:
    place = Scope(database=scope.database)
    return html.Div(
        [
            link("Open the Overview", href("overview", place), "btn btn-primary"),
            link("Open VM Explorer", href("vm_explorer", place), "btn btn-secondary"),
        ],
        className="import-buttons",
    )


def _stored(state: ImportedState) -> Component:
    machines = counted(state.machines, "machine")
    text = f"{machines} of {state.vcenter}, exported {moment(state.exported_at)}."
    since = html.Span(f" {_differences(state.difference)}", className="muted") if state.difference else ""
    return html.Li([text, since])


_OUTCOMES = {
    JobPhase.DONE: ("check-circle", "on"),
    JobPhase.UNCHANGED: ("info-circle", "muted"),
    JobPhase.FAILED: ("exclamation-octagon", "danger"),
    JobPhase.CANCELLED: ("x-circle", "muted"),
}
"""Icon and tone of a result."""


def _differences(difference: StateDifference) -> str:
    if difference.compared_with is None:
        return "It is the first state of this vCenter."
    parts = (
        (difference.new, "new"),
        (difference.gone, "gone"),
        (difference.renamed, "renamed"),
        (difference.moved, "moved"),
        (difference.resized, "resized"),
        (difference.changed, "changed"),
        (difference.unchanged, "unchanged"),
    )
    return f"Since {moment(difference.compared_with)}: {listed([f'{count(n)} {word}' for n, word in parts])}."


# What was imported before
def _earlier(own: Sequence[StoredImport]) -> list[Component]:
    """The newest states of the vCenter that a preview is about."""
    if not own:
        return []
    columns = (Column("Exported"), Column("Machines", is_number=True), Column("State"))
    rows = [
        (moment(stored.exported_at), count(stored.machines), "current" if stored.is_current else "")
        for stored in _newest_first(own)[:EARLIER]
    ]
    note = f"The newest {EARLIER} of {counted(len(own), 'state')}" if len(own) > EARLIER else own[0].vcenter
    return [
        card("Earlier imports", note, data_table(columns, rows, caption="Earlier imports of this vCenter"))
    ]


def _nothing_yet() -> Component:
    return empty_state(
        "inboxes",
        "Nothing is imported yet",
        "Every export becomes a dated state of its vCenter. To look around first, load a demo estate of "
        "made-up machines; it can be removed in one click.",
        _demo_button(),
    )


def _history(history: Sequence[StoredImport]) -> Component:
    columns = (
        Column("vCenter"),
        Column("Exported"),
        Column("How known"),
        Column("Imported (UTC)"),
        Column("Machines", is_number=True),
        Column("Warnings"),
        Column("File"),
    )
    by_vcenter = sorted(_newest_first(history), key=lambda stored: stored.vcenter.casefold())
    table = data_table(
        columns, map(_history_row, by_vcenter), caption="Every stored state, by vCenter, newest first"
    )
    return card("Earlier imports", None, html.Div(table, className="import-history", tabIndex=0))


def _history_row(stored: StoredImport) -> Sequence[Content]:
    badges = [
        html.Span(word, className="badge-soft")
        for word, is_so in (("current", stored.is_current), ("demo", stored.is_demo))
        if is_so
    ]
    return (
        stored.vcenter,
        [html.Span(moment(stored.exported_at)), *(part for badge in badges for part in (" ", badge))],
        SOURCES.get(stored.exported_at_source, stored.exported_at_source),
        moment(stored.imported_at),
        count(stored.machines),
        warnings(stored.warnings) if stored.warnings else "none",
        html.Span(stored.file_name, className="import-file"),
    )


def _newest_first(history: Iterable[StoredImport]) -> list[StoredImport]:
    return sorted(history, key=lambda stored: (stored.exported_at, stored.id), reverse=True)


def _demo_button() -> Component:
    return html.Button("Load the demo estate", id=Ids.LOAD_DEMO, type="button", className="btn btn-secondary")


def _attribute(name: str, value: str) -> dict[str, Any]:
    """A `data-` or `aria-` property."""
    return {name: value}
