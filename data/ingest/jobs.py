"""Imports that a page asks for. Each runs in a process of its own and tells how far it is in its row.

An import runs twice: up to the preview, and from the confirmation to the end. A demo job runs once.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from data.database import DatabaseManager
from data.errors import ConflictError, DataError, NotFoundError
from data.ingest.demo import load_demo
from data.ingest.importing import import_file, preview_file, sha256_of
from data.models import jobs
from data.results import ImportPreview, ImportResult, Job
from data.scope import Scope
from data.vocabulary import ImportOutcome, JobPhase

log = logging.getLogger(__name__)

IMPORT, DEMO = "import", "demo"
"""Kinds of jobs."""
DEMO_MACHINES, DEMO_VCENTERS, DEMO_MONTHS, DEMO_SEED = 1200, 2, 4, 7
SECONDS_BETWEEN_WRITES = 0.5
SECONDS_UNTIL_DEAD = 60
"""A job that gave no sign for so long has lost its process: it writes every second or so."""
RUNNING = frozenset(
    {JobPhase.UPLOADED, JobPhase.READING, JobPhase.CONFIRMED, JobPhase.STORING, JobPhase.PUBLISHING}
)
_ROOT = Path(__file__).parents[2]
started: list[subprocess.Popen[bytes]] = []
"""Processes of jobs that this process started, as far as they are known to run."""


class _DiscardedError(Exception):
    """The job is not in the phase in which this process left it: it was discarded, or another process has it."""


def create_job(db_url: str, *, path: Path, file_name: str) -> int:
    """A job that will import an uploaded file; returns its id. The job removes the file when it ends.

    Args:
        db_url: the database that the file goes into.
        path: the file, in a directory of its own.
        file_name: its name on the operator's machine.
    """
    return _create(
        db_url, IMPORT, {"path": str(path.resolve()), "file_name": file_name}, "Waiting to be read."
    )


def create_demo_job(db_url: str) -> int:
    """A job that will load the demo estate; returns its id."""
    return _create(db_url, DEMO, {"file_name": "Demo estate"}, "Waiting to begin.")


def _create(db_url: str, kind: str, payload: dict[str, Any], message: str) -> int:
    with DatabaseManager(db_url).session_scope() as session:
        values = {
            "kind": kind,
            "phase": JobPhase.UPLOADED,
            "progress_pct": 0,
            "message": message,
            "created_at": _now(),
            "payload": payload,
        }
        job_id: int = session.execute(insert(jobs).values(values).returning(jobs.c.id)).scalar_one()
    return job_id


def start_job(database_name: str, job_id: int) -> None:
    """Start the process that runs the job. It goes on when this process ends.

    Args:
        database_name: a configured name; the process finds the URL itself.
        job_id: of a job that was created or confirmed.
    """
    started[:] = [process for process in started if process.poll() is None]
    command = ["-m", "flask", "--app", "app", "inventory", "job", str(job_id), "--database", database_name]
    started.append(
        subprocess.Popen(
            [sys.executable, *command], cwd=_ROOT, stdin=subprocess.DEVNULL, start_new_session=True
        )
    )


def get_job(session: Session, _scope: Scope, *, job_id: int, now: datetime | None = None) -> Job:
    """How far a job is. A job whose process died is told as failed.

    Args:
        session: to ask.
        _scope: jobs belong to no part of the estate.
        job_id: of the job.
        now: UTC; by default the time it is.

    Raises:
        NotFoundError: there is no such job.
    """
    row = session.execute(select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFoundError(f"There is no import job {job_id}.")
    result = row.result or {}
    phase, message = row.phase, row.message
    if phase in RUNNING and (now or _now()) - (row.heartbeat_at or row.created_at) > timedelta(
        seconds=SECONDS_UNTIL_DEAD
    ):
        phase, message = JobPhase.FAILED, "The import ended unexpectedly. Import the file again."
    return Job(
        id=row.id,
        phase=phase,
        progress_pct=row.progress_pct,
        message=message,
        file_name=row.payload["file_name"],
        preview=msgspec.convert(result.get("preview"), ImportPreview | None),
        outcome=msgspec.convert(result.get("outcome"), ImportResult | None),
    )


def confirm_job(db_url: str, job_id: int, *, vcenter: str | None, exported_at: datetime | None) -> None:
    """The operator has seen the preview and wants the file stored. `start_job` has to follow.

    Args:
        db_url: the database.
        job_id: of a job in its preview.
        vcenter: name of the vCenter, if the operator says it.
        exported_at: wall-clock time of the export, if the operator says it.

    Raises:
        ConflictError: the job is not in its preview (any more).
    """
    with DatabaseManager(db_url).session_scope() as session:
        row = session.execute(select(jobs.c.payload).where(jobs.c.id == job_id)).first()
        said = {"vcenter": vcenter, "exported_at": exported_at.isoformat() if exported_at else None}
        values = {
            "phase": JobPhase.CONFIRMED,
            "message": "Waiting to be stored.",
            "progress_pct": 0,
            "heartbeat_at": _now(),
            "payload": (row.payload if row else {}) | said,
        }
        ready = update(jobs).where(jobs.c.id == job_id, jobs.c.phase == JobPhase.PREVIEW)
        if not session.connection().execute(ready.values(values)).rowcount:
            raise ConflictError("This import is not waiting for a confirmation any more.")


def discard_job(db_url: str, job_id: int) -> None:
    """The operator does not want the file. It is removed; nothing was stored.

    Raises:
        ConflictError: it is being stored, or was.
        NotFoundError: there is no such job.
    """
    with DatabaseManager(db_url).session_scope() as session:
        row = session.execute(select(jobs).where(jobs.c.id == job_id)).first()
        if row is None:
            raise NotFoundError(f"There is no import job {job_id}.")
        if row.phase not in {JobPhase.UPLOADED, JobPhase.READING, JobPhase.PREVIEW, JobPhase.DISCARDED}:
            raise ConflictError("This import cannot be discarded any more.")
        discarded = {"phase": JobPhase.DISCARDED, "message": "Discarded. Nothing was stored."}
        session.execute(update(jobs).where(jobs.c.id == job_id).values(discarded))
    _remove_upload(row.payload)


def run_job(db_url: str, job_id: int) -> Job:
    """Do what a job waits for, and say in its row what came of it. Ends at the preview or at a final phase.

    Raises:
        NotFoundError: there is no such job.
    """
    manager = DatabaseManager(db_url)
    with manager.get_session() as session:
        row = session.execute(select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFoundError(f"There is no import job {job_id}.")
    run = _RUNS.get((row.kind, row.phase))
    tracker = _Tracker(manager, job_id, row.phase)
    if run and tracker.claim():
        try:
            run(db_url, row, tracker)
        except _DiscardedError:
            log.info("Import job %d was discarded while it ran", job_id)
        except DataError as error:
            log.warning("Import job %d failed: %s", job_id, error)
            tracker.finish(JobPhase.FAILED, str(error))
        except Exception:
            reference = uuid.uuid4().hex[:8]
            log.exception("Import job %d failed, reference %s", job_id, reference)
            tracker.finish(JobPhase.FAILED, f"Something went wrong. Reference {reference}.")
        if tracker.phase != JobPhase.PREVIEW:
            _remove_upload(row.payload)
    with manager.get_session() as session:
        return get_job(session, Scope(), job_id=job_id)


class _Tracker:
    """Writes the progress of a job into its row; raises when somebody has discarded the job."""

    def __init__(self, manager: DatabaseManager, job_id: int, phase: str) -> None:
        self.phase = phase
        self._manager = manager
        self._job_id = job_id
        self._written = 0.0

    def claim(self) -> bool:
        """Take the job, unless another process has it."""
        first = JobPhase.READING if self.phase == JobPhase.UPLOADED else JobPhase.STORING
        try:
            self._write(first, progress_pct=0, message="Beginning.")
        except _DiscardedError:
            return False
        return True

    def progress(self, phase: JobPhase, pct: int, message: str) -> None:
        if phase != self.phase or time.monotonic() - self._written >= SECONDS_BETWEEN_WRITES:
            self._write(phase, progress_pct=pct, message=message)

    def store(self, phase: JobPhase, pct: int, message: str) -> None:
        """Progress after the confirmation, when reading is a part of storing."""
        self.progress(JobPhase.STORING if phase == JobPhase.READING else phase, pct, message)

    def finish(self, phase: JobPhase, message: str, **result: ImportPreview | ImportResult) -> None:
        values: dict[str, Any] = {"progress_pct": 100} if phase != JobPhase.FAILED else {}
        if result:
            with self._manager.get_session() as session:
                before = session.scalar(select(jobs.c.result).where(jobs.c.id == self._job_id))
            values["result"] = (before or {}) | msgspec.to_builtins(result)
        self._write(phase, message=message, **values)

    def _write(self, phase: str, **values: Any) -> None:
        mine = update(jobs).where(jobs.c.id == self._job_id, jobs.c.phase == self.phase)
        with self._manager.session_scope() as session:
            written = session.connection().execute(mine.values(phase=phase, heartbeat_at=_now(), **values))
        if not written.rowcount:
            raise _DiscardedError
        self.phase, self._written = phase, time.monotonic()


def _preview(db_url: str, row: Row[Any], tracker: _Tracker) -> None:
    payload = row.payload
    preview = preview_file(
        db_url, Path(payload["path"]), file_name=payload["file_name"], on_progress=tracker.progress
    )
    if preview.unchanged:
        tracker.finish(JobPhase.UNCHANGED, preview.warnings[0], preview=preview)
    else:
        tracker.finish(JobPhase.PREVIEW, "Ready to be stored.", preview=preview)


def _store(db_url: str, row: Row[Any], tracker: _Tracker) -> None:
    payload = row.payload
    said = payload["exported_at"]
    if sha256_of(Path(payload["path"])) != row.result["preview"]["sha256"]:
        raise ConflictError("The file is no longer the one that was previewed. Nothing was stored.")
    outcome = import_file(
        db_url,
        Path(payload["path"]),
        vcenter=payload["vcenter"],
        exported_at=datetime.fromisoformat(said) if said else None,
        file_name=payload["file_name"],
        on_progress=tracker.store,
    )
    stored = outcome.outcome == ImportOutcome.STORED
    tracker.finish(JobPhase.DONE if stored else JobPhase.UNCHANGED, outcome.message, outcome=outcome)


def _load_demo(db_url: str, _row: Row[Any], tracker: _Tracker) -> None:
    outcomes = load_demo(
        db_url,
        vms=DEMO_MACHINES,
        seed=DEMO_SEED,
        months=DEMO_MONTHS,
        vcenters=DEMO_VCENTERS,
        on_progress=tracker.store,
    )
    machines = sum(outcome.machines or 0 for outcome in outcomes[-DEMO_VCENTERS:])
    message = (
        f"The demo estate is loaded: {machines:,} machines in {DEMO_VCENTERS} vCenters, {DEMO_MONTHS} months."
    )
    tracker.finish(JobPhase.DONE, message, outcome=outcomes[-1])


_RUNS: dict[tuple[str, str], Callable[[str, Row[Any], _Tracker], None]] = {
    (IMPORT, JobPhase.UPLOADED): _preview,
    (IMPORT, JobPhase.CONFIRMED): _store,
    (DEMO, JobPhase.UPLOADED): _load_demo,
}
"""What is to be done for a job of a kind in a phase. In every other phase there is nothing to do."""


def _remove_upload(payload: dict[str, Any]) -> None:
    """The file, and its directory unless something else lies in it."""
    if path := payload.get("path"):
        Path(path).unlink(missing_ok=True)
        try:
            Path(path).parent.rmdir()
        except OSError:
            log.debug("The directory of %s stays", path)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
