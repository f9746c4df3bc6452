"""What is said of import jobs: their steps while they run, what became of them, and those that others have open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash import html
from dash.development.base_component import Component

from data.results import ImportedState, Job, StateDifference
from data.scope import Scope
from data.vocabulary import JobKind, JobPhase
from layouts.shared.components import icon, link
from layouts.shared.formats import count, counted, listed, moment
from layouts.shared.import_preview import warnings
from layouts.shared.sitemap import href

UPLOAD_PCT = 20
"""Of the progress of an import, how much its upload is. The job is the rest, so that the bar never goes back."""
CSV_FILES = " CSV files"
"""Ends the name of a set of files."""
MAX_OTHERS = 5
"""Open jobs of others that are named."""
READING = frozenset({JobPhase.UPLOADED, JobPhase.READING})
_FOLLOWED = frozenset({JobKind.IMPORT, JobKind.DEMO, JobKind.REMOVAL})
"""Kinds of jobs that the page follows."""


# While it runs
def step(job: Job) -> str:
    """What a running job is at, in words."""
    if job.phase == JobPhase.QUEUED:
        return f"{job.file_name} {_agreeing(job, 'waits', 'wait')} for another import"
    verb = {JobKind.DEMO: "Loading", JobKind.REMOVAL: "Removing"}.get(JobKind(job.kind))
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
    if job.kind != JobKind.IMPORT:
        return job.progress_pct
    return UPLOAD_PCT + job.progress_pct * (100 - UPLOAD_PCT) // 100


# What became of it
def outcome_title(job: Job) -> str:
    """What became of a job; empty while it is open and after it was discarded."""
    done, was_not = {JobKind.DEMO: ("loaded", "loaded"), JobKind.REMOVAL: ("removed", "removed")}.get(
        JobKind(job.kind), ("stored", "imported")
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


def result(job: Job) -> Component:
    """What became of a job that ended, state by state."""
    symbol, tone = _OUTCOMES[JobPhase(job.phase)]
    outcome = job.outcome if job.preview else None  # that of the demo estate tells of its last state alone
    states = outcome.states if outcome and job.phase == JobPhase.DONE else ()
    return html.Section(
        [
            html.Span(icon(symbol), className=f"import-symbol is-{tone}"),
            html.Div(
                [
                    html.H2(outcome_title(job), className="card-title"),
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
    is_cancelled = job.phase == JobPhase.CANCELLED and job.kind == JobKind.IMPORT
    if job.message and not is_cancelled:  # the job is still tidying up when it is first seen so
        yield job.message
    is_said = "stored" in job.message or "published" in job.message
    if is_cancelled or (job.phase == JobPhase.FAILED and job.kind == JobKind.IMPORT and not is_said):
        yield "Nothing of this file was stored."


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


# Those of others
def open_jobs(jobs: Sequence[Job], others: Sequence[Job], scope: Scope) -> list[Component]:
    """A line with the open imports that are not of this visit, each with a link that shows it; nothing without any.

    Args:
        jobs: Those of this visit.
        others: All that are open.
        scope: Tells the database that links lead to.
    """
    mine = {job.id for job in jobs}
    theirs = [job for job in others if job.id not in mine and job.kind in _FOLLOWED]
    if not theirs:
        return []
    place = Scope(database=scope.database).query()
    named: list[Component | str] = []
    for job in theirs[:MAX_OTHERS]:
        address = f"{href('data_import')}?{'&'.join(filter(None, (place, f'job={job.id}')))}"
        named += [", " if named else " ", link(job.file_name, address), f" ({_standing(job)})"]
    more = len(theirs) - MAX_OTHERS
    words = "1 other import is open:" if len(theirs) == 1 else f"{len(theirs)} other imports are open:"
    end = f" and {more} more." if more > 0 else "."
    return [html.P([icon("hourglass-split"), html.Span([words, *named, end])], className="partial-note")]


def _standing(job: Job) -> str:
    if job.phase == JobPhase.PREVIEW:
        return "waits for an answer"
    if job.phase == JobPhase.QUEUED:
        return "waits for another import"
    verb = {JobKind.DEMO: "loaded", JobKind.REMOVAL: "removed"}.get(JobKind(job.kind)) or (
        "read" if job.phase in READING else "stored"
    )
    return f"is being {verb}"
