"""Data Import: choose exports, see what each would change, store it or not; and what is stored already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.results import HeaderMapping, ImportedState, ImportPreview, Job, StateDifference, StoredImport
from data.scope import Scope
from data.vocabulary import JobPhase
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
from layouts.shared.formats import count, counted, listed, moment, size
from layouts.shared.import_history import history_frame, newest_first
from layouts.shared.import_preview import file_size, preview_body, warnings
from layouts.shared.sitemap import href

PAGE = "data_import"
UPLOAD_PATH = f"{href(PAGE)}/upload"
"""Where the browser sends a file: POST, the file as body, `name` and `db` in the query."""
MAX_JOBS = 20
EARLIER = 6
"""States that stand beside a preview."""
UPLOAD_PCT = 20
"""Of the progress of an import, how much its upload is. The job is the rest, so that the bar never goes back."""
IMPORT, DEMO, REMOVAL = "import", "demo", "removal"
"""Kinds of jobs that the page follows."""
CSV_FILES = " CSV files"
"""Ends the name of a set of files."""
MAX_OTHERS = 5
"""Open jobs of others that are named."""
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
    if job.phase in RUNNING:
        return f"{step(job)}."
    if job.phase == JobPhase.PREVIEW and job.preview:
        found = counted(job.preview.machines, "machine") if job.preview.states else "a question first"
        return f"The preview of {job.file_name} is ready: {found}."
    return " ".join(filter(None, (_outcome_title(job), job.message)))


def step(job: Job) -> str:
    """What a running job is at, in words."""
    if job.phase == JobPhase.QUEUED:
        return f"{job.file_name} {_agreeing(job, 'waits', 'wait')} for another import"
    verb = {DEMO: "Loading", REMOVAL: "Removing"}.get(job.kind)
    if verb is None:
        verb = _VERBS.get(JobPhase(job.phase), "Storing")
    return f"{verb} {job.file_name}"


_VERBS = dict.fromkeys((*READING, JobPhase.PREVIEW), "Reading") | {JobPhase.PUBLISHING: "Publishing"}


def progress_pct(job: Job) -> int:
    """How far a job is, its upload counted.

    Example:
        >>> [progress_pct(Job(7, kind, "reading", 50, "", "a.xlsx", None, None)) for kind in ("import", "demo")]
        [60, 50]
    """
    if job.kind != IMPORT:
        return job.progress_pct
    return UPLOAD_PCT + job.progress_pct * (100 - UPLOAD_PCT) // 100


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
    results = [_result(job) for job in jobs if _outcome_title(job)]
    if at is Stage.CHOOSING and any(job.phase in {JobPhase.DONE, JobPhase.UNCHANGED} for job in jobs):
        results.append(_ways_on(scope))
    preview = jobs[-1].preview if at is Stage.PREVIEW else None
    rest: list[Component] = []
    if preview:
        rest = [preview_body(jobs[-1], preview, scope.database, *_earlier(preview, history))]
    elif at is Stage.CHOOSING:
        rest = [import_questions.mappings_card(mappings)] if history else [_nothing_yet()]
    return html.Div([*_others(jobs, others, scope), *results, *rest], className="import-body")


def _others(jobs: Sequence[Job], others: Sequence[Job], scope: Scope) -> list[Component]:
    """Open imports that are not of this visit, each with a link that shows it."""
    mine = {job.id for job in jobs}
    theirs = [job for job in others if job.id not in mine and job.kind in {IMPORT, DEMO, REMOVAL}]
    if not theirs:
        return []
    place = Scope(database=scope.database).query()
    named: list[Component | str] = []
    for job in theirs[:MAX_OTHERS]:
        address = f"{href(PAGE)}?{'&'.join(filter(None, (place, view_of([job.id]))))}"
        named += [", " if named else " ", link(job.file_name, address), f" ({_standing(job)})"]
    more = len(theirs) - MAX_OTHERS
    words = "1 other import is open:" if len(theirs) == 1 else f"{len(theirs)} other imports are open:"
    end = f" and {more} more." if more > 0 else "."
    return [html.P([icon("hourglass-split"), html.Span([words, *named, end])], className="partial-note")]


def _standing(job: Job) -> str:
    if job.phase == JobPhase.PREVIEW:
        return "waits for an answer"
    if job.phase == JobPhase.QUEUED:
        return "waits its turn"
    return "is being read" if job.phase in READING else "is being stored"


# Results
def _outcome_title(job: Job) -> str:
    """What became of a job; empty while it is open and after it was discarded."""
    done, was_not = {DEMO: ("loaded", "loaded"), REMOVAL: ("removed", "removed")}.get(
        job.kind, ("stored", "imported")
    )
    endings = {
        JobPhase.DONE: f"{_agreeing(job, 'is', 'are')} {done}",
        JobPhase.UNCHANGED: f"{_agreeing(job, 'changes', 'change')} nothing",
        JobPhase.FAILED: f"{_agreeing(job, 'was', 'were')} not {was_not}",
        JobPhase.CANCELLED: f"{_agreeing(job, 'was', 'were')} cancelled",
    }
    ending = endings.get(JobPhase(job.phase))
    return f"{job.file_name} {ending}" if ending else ""


def _agreeing(job: Job, one: str, many: str) -> str:
    """The verb that fits what is imported: a set of files goes by their number."""
    return many if job.file_name.endswith(CSV_FILES) else one


def _result(job: Job) -> Component:
    symbol, tone = _OUTCOMES[JobPhase(job.phase)]
    outcome = job.outcome if job.preview else None  # that of the demo estate tells of its last state alone
    states = outcome.states if outcome and job.phase == JobPhase.DONE else ()
    return html.Section(
        [
            html.Span(icon(symbol), className=f"import-symbol is-{tone}"),
            html.Div(
                [
                    html.H2(_outcome_title(job), className="card-title"),
                    *(
                        [html.Ul([_stored(state) for state in states], className="import-states")]
                        if states
                        else []
                    ),
                    *([] if states else map(html.P, _messages(job))),
                    warnings(outcome.warnings if outcome else ()),
                ]
            ),
        ],
        className="card-box import-result",
    )


def _messages(job: Job) -> Iterator[str]:
    """What a job that ended says, and of a file that is not stored that it is not, unless that was said."""
    is_cancelled = job.phase == JobPhase.CANCELLED and job.kind == IMPORT
    if job.message and not is_cancelled:  # the job is still tidying up when it is first seen so
        yield job.message
    is_said = "stored" in job.message or "published" in job.message
    if is_cancelled or (job.phase == JobPhase.FAILED and job.kind == IMPORT and not is_said):
        yield "Nothing of this file was stored."


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
