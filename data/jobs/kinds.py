"""What jobs do, by kind: the one list of them is `RUNS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data.errors import ConflictError
from data.exports import write_export
from data.ingest import remove_demo
from data.ingest.demo import load_demo
from data.ingest.importing import import_file
from data.ingest.previewing import preview_file
from data.ingest.reading import sha256_of
from data.ingest.retention import apply_retention
from data.ingest.states import delete_states
from data.progress import OnProgress
from data.results import CHANGES_FILE, REJECTED_FILE, ImportPreview, ImportResult, RetentionRule
from data.vocabulary import ImportOutcome, JobKind, JobPhase

DEMO_MACHINES, DEMO_VCENTERS, DEMO_MONTHS, DEMO_SEED = 1200, 2, 4, 7
RETENTION_PCT = 99


@dataclass(frozen=True, slots=True)
class Task:
    """What a job has to do its work with."""

    db_url: str
    payload: dict[str, Any]
    """What was asked for."""
    result: dict[str, Any]
    """What came of it so far."""
    directory: Path
    """Of the job: its upload lies here, and here it leaves files."""
    retention: RetentionRule | None
    report: OnProgress


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a job, or of its first half."""

    phase: JobPhase
    message: str
    preview: ImportPreview | None = None
    outcome: ImportResult | None = None
    files: tuple[str, ...] | None = None
    """Names in the job's directory; None: as before."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a job of some kind goes on from some phase."""

    first: JobPhase
    """The phase while it begins."""
    work: Callable[[Task], Ended]
    undo: Callable[[str], object] | None = None
    """What to do with the database if it is cancelled; unpublished rows go in any case."""


def _preview(task: Task) -> Ended:
    payload = task.payload
    preview = preview_file(
        task.db_url,
        Path(payload["path"]),
        vcenter=payload.get("vcenter"),
        exported_at=_time(payload),
        file_name=payload["file_name"],
        on_progress=task.report,
        directory=task.directory,
        retention=task.retention,
    )
    files = tuple(name for name in (REJECTED_FILE, CHANGES_FILE) if (task.directory / name).is_file())
    if preview.unchanged:
        return Ended(JobPhase.UNCHANGED, next(iter(preview.warnings), ""), preview=preview, files=files)
    return Ended(JobPhase.PREVIEW, "Ready to be stored.", preview=preview, files=files)


def _store(task: Task) -> Ended:
    payload = task.payload
    if sha256_of(Path(payload["path"])) != task.result["preview"]["sha256"]:
        raise ConflictError("The file is no longer the one that was previewed. Nothing was stored.")

    def report(phase: JobPhase, pct: int, message: str) -> None:
        task.report(JobPhase.STORING if phase == JobPhase.READING else phase, pct, message)

    outcome = import_file(
        task.db_url,
        Path(payload["path"]),
        vcenter=payload["vcenter"],
        exported_at=_time(payload),
        replace=payload.get("replace", False),
        file_name=payload["file_name"],
        on_progress=report,
        directory=task.directory,
    )
    if outcome.outcome != ImportOutcome.STORED:
        return Ended(JobPhase.UNCHANGED, outcome.message, outcome=outcome)
    if task.retention:
        task.report(JobPhase.PUBLISHING, RETENTION_PCT, "Looking for states that the retention rule lets go.")
        apply_retention(
            task.db_url,
            task.retention,
            lambda _phase, _pct, message: task.report(JobPhase.PUBLISHING, RETENTION_PCT, message),
        )
    return Ended(JobPhase.DONE, outcome.message, outcome=outcome)


def _load_demo(task: Task) -> Ended:
    def report(phase: JobPhase, pct: int, message: str) -> None:
        task.report(JobPhase.QUEUED if phase == JobPhase.QUEUED else JobPhase.STORING, pct, message)

    outcomes = load_demo(
        task.db_url,
        vms=DEMO_MACHINES,
        seed=DEMO_SEED,
        months=DEMO_MONTHS,
        vcenters=DEMO_VCENTERS,
        on_progress=report,
        directory=task.directory,
    )
    machines = sum(outcome.machines or 0 for outcome in outcomes[-DEMO_VCENTERS:])
    message = (
        f"The demo estate is loaded: {machines:,} machines in {DEMO_VCENTERS} vCenters, {DEMO_MONTHS} months."
    )
    return Ended(JobPhase.DONE, message, outcome=outcomes[-1])


def _remove(task: Task) -> Ended:
    delete_states(task.db_url, task.payload["import_ids"], on_progress=task.report)
    return Ended(JobPhase.DONE, f"Removed: {task.payload['file_name']}.")


def _export(task: Task) -> Ended:
    files = write_export(task.db_url, task.payload["export"], task.directory, task.report)
    return Ended(JobPhase.DONE, "The file is ready.", files=files)


def _time(payload: dict[str, Any]) -> datetime | None:
    said = payload.get("exported_at")
    return datetime.fromisoformat(said) if said else None


RUNS: dict[tuple[str, str], Run] = {
    (JobKind.IMPORT, JobPhase.UPLOADED): Run(JobPhase.READING, _preview),
    (JobKind.IMPORT, JobPhase.CONFIRMED): Run(JobPhase.STORING, _store),
    (JobKind.DEMO, JobPhase.UPLOADED): Run(JobPhase.STORING, _load_demo, undo=remove_demo),
    (JobKind.EXPORT, JobPhase.UPLOADED): Run(JobPhase.WRITING, _export),
    (JobKind.REMOVAL, JobPhase.UPLOADED): Run(JobPhase.STORING, _remove),
}
"""What is to be done for a job of a kind in a phase. In every other phase there is nothing to do."""
