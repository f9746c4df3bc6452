"""Data Import: choose exports, see what each would change, store it or not; and what is stored already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.results import HeaderMapping, ImportPreview, Job, StoredImport
from data.scope import Scope, as_id
from data.vocabulary import RUNNING_PHASES, JobPhase
from layouts.shared import import_questions
from layouts.shared.components import (
    Column,
    card,
    data_table,
    empty_state,
    icon,
    link,
    page_frame,
    skeleton_tiles,
)
from layouts.shared.formats import count, counted, moment, size
from layouts.shared.import_history import history_frame, newest_first
from layouts.shared.import_jobs import UPLOAD_PCT, open_jobs, outcome_title, result, step
from layouts.shared.import_preview import file_size, preview_body
from layouts.shared.sitemap import href

PAGE = "data_import"
UPLOAD_PATH = f"{href(PAGE)}/upload"
"""Where the browser sends a file: POST, the files as body, each `file` and `size`, and `db`, in the query."""
MAX_JOBS = 20
EARLIER = 6
"""States that stand beside a preview."""


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
    STOP = "data-import-stop"
    """Ends a job."""
    STEP = "data-import-step"
    HISTORY = "data-import-history"

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
    return tuple(one for one in map(as_id, texts) if one is not None)[-MAX_JOBS:]


def view_of(ids: Iterable[int]) -> str:
    """The jobs as query text."""
    return "&".join(f"job={number}" for number in ids)


def stage(jobs: Sequence[Job]) -> Stage:
    """What the page is at: only the newest job can be open."""
    if jobs and jobs[-1].phase in RUNNING_PHASES:
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
            html.Div(history_frame(query), id=Ids.HISTORY),
            import_questions.replace_dialog(),
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
                    html.Span(
                        "RVTools 3.8 to 4.7: Excel workbooks (.xlsx, .xlsm, .xls), CSV files, alone or the whole set, "
                        "a zip of CSV files, or the former dashboard's database"
                    ),
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
        **_attributes({"data-upload": UPLOAD_PATH, "data-upload-pct": str(UPLOAD_PCT)}),
    )


def limit(max_mib: int) -> Component:
    """The end of the drop zone's sentence; the script reads the number."""
    return html.Span(f", up to {size(max_mib)} each", **_attributes({"data-max-mib": str(max_mib)}))


def _progress() -> Component:
    return html.Section(
        [
            html.H2(id=Ids.STEP, className="card-title"),
            html.Div([html.Span(id=Ids.MESSAGE), html.Span(id=Ids.AMOUNT)], className="progress-head"),
            html.Progress(
                id=Ids.BAR,
                value="0",
                max="100",
                className="progress-line",
                **_attributes({"aria-labelledby": Ids.STEP}),
            ),
            html.P(id=Ids.WAITING, className="card-note"),
            *(
                html.Button(
                    words, id=button, type="button", className="btn btn-secondary btn-sm", hidden=True
                )
                for words, button in (("Cancel the upload", Ids.CANCEL), ("Cancel", Ids.STOP))
            ),
        ],
        id=Ids.PROGRESS,
        className="card-box import-progress",
        hidden=True,
        **_attributes({"aria-labelledby": Ids.STEP}),
    )


def _skeleton() -> list[Component]:
    """What stands there until the body comes, with every control that a callback names."""
    controls = [*import_questions.controls(), _demo_button()]
    return [skeleton_tiles(6), html.Div(controls, hidden=True)]


# What the body callback fills
def sentence(jobs: Sequence[Job], history: Sequence[StoredImport]) -> str:
    """Where the import stands, else what is stored."""
    at = stage(jobs)
    if at is Stage.PREVIEW and (preview := jobs[-1].preview):
        return f"{preview.file_name} · {file_size(preview)} · nothing is stored yet"
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
    if job.phase in RUNNING_PHASES:
        return f"{step(job)}."
    if job.phase == JobPhase.PREVIEW and job.preview:
        found = counted(job.preview.machines, "machine") if job.preview.states else "a question first"
        return f"The preview of {job.file_name} is ready: {found}."
    return " ".join(filter(None, (outcome_title(job), job.message)))


def body(
    jobs: Sequence[Job],
    history: Sequence[StoredImport],
    scope: Scope,
    *,
    others: Sequence[Job] = (),
    mappings: Sequence[HeaderMapping] = (),
) -> Component:
    """What stands between the drop zone and the history.

    Args:
        jobs: Those of this visit, the newest last.
        history: All states that are stored.
        scope: Tells the database that links lead to.
        others: Jobs that are open; those of this visit are left out.
        mappings: What the operator said of headers, for all files.
    """
    at = stage(jobs)
    results = [result(job) for job in jobs if outcome_title(job)]
    if at is Stage.CHOOSING and any(job.phase in {JobPhase.DONE, JobPhase.UNCHANGED} for job in jobs):
        results.append(_ways_on(scope))
    preview = jobs[-1].preview if at is Stage.PREVIEW else None
    rest: list[Component] = []
    if preview:
        rest = [preview_body(jobs[-1], preview, scope.database, *_earlier(preview, history))]
    elif at is Stage.CHOOSING:
        rest = [import_questions.mappings_card(mappings)] if history else [_nothing_yet()]
    return html.Div([*open_jobs(jobs, others, scope), *results, *rest], className="import-body")


def _ways_on(scope: Scope) -> Component:
    place = Scope(database=scope.database)
    return html.Div(
        [
            link("Open the Overview", href("overview", place), "btn btn-primary"),
            link("Open VM Explorer", href("vm_explorer", place), "btn btn-secondary"),
        ],
        className="import-buttons",
    )


# What was imported before
def _earlier(preview: ImportPreview, history: Sequence[StoredImport]) -> list[Component]:
    """The newest states of the vCenter that a preview is about; nothing for a file of several."""
    named = {state.vcenter for state in preview.states}
    own = [stored for stored in history if stored.vcenter in named]
    if len(named) != 1 or not own:
        return []
    columns = (Column("Exported"), Column("Machines", is_number=True), Column("State"))
    rows = [
        (moment(stored.exported_at), count(stored.machines), _marks(stored)) for stored in newest_first(own)
    ]
    note = f"The newest {EARLIER} of {counted(len(own), 'state')}" if len(own) > EARLIER else own[0].vcenter
    table = data_table(columns, rows[:EARLIER], caption="Earlier imports of this vCenter")
    return [card("Earlier imports", note, table)]


def _marks(stored: StoredImport) -> Component:
    words = [word for word, is_so in (("current", stored.is_current), ("pinned", stored.is_pinned)) if is_so]
    return html.Span(", ".join(words), className="muted")


def _nothing_yet() -> Component:
    return empty_state(
        "inboxes",
        "Nothing is imported yet",
        "Every export becomes a dated state of its vCenter. To look around first, load a demo estate of "
        "made-up machines; it can be removed in one click.",
        _demo_button(),
    )


def _demo_button() -> Component:
    return html.Button("Load the demo estate", id=Ids.LOAD_DEMO, type="button", className="btn btn-secondary")


def _attributes(given: dict[str, str]) -> dict[str, Any]:
    """Attributes that Dash knows by their beginning alone."""
    return dict(given)
