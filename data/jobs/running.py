"""The process of a job: does its work, tells how far it is, gives a sign of life, and stops when it is told to."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec
from sqlalchemy import Row, select, update
from sqlalchemy.exc import SQLAlchemyError

from data.database import DatabaseManager
from data.errors import DatabaseUnavailableError, DataError, DiskFullError, NotFoundError, is_full
from data.ingest import sweep
from data.jobs.asking import CANCELLED
from data.jobs.kinds import RUNS, Ended, Run, Task
from data.jobs.processes import columns_of, process_of, utc_now
from data.jobs.rows import clear_directory, ending_of, files_of, get_job
from data.models import jobs
from data.results import Job, RetentionRule
from data.scope import Scope
from data.vocabulary import FINAL_PHASES, JobPhase

log = logging.getLogger(__name__)
T = TypeVar("T")

BEAT_SECONDS = 0.5
PATIENCE_SECONDS, RETRY_SECONDS = 600.0, 0.5
"""How long a job that is over waits for a database that is away, to say so there, and how often it tries."""


class _StoppedError(Exception):
    """The job is not in the phase in which this process left it: it was cancelled, discarded or given up."""


def run_job(
    db_url: str, job_id: int, *, retention: RetentionRule | None = None, directory: Path | None = None
) -> Job:
    """Do what a job waits for, and say in its row what came of it. Ends at the preview or at a final phase.

    Args:
        db_url: the database.
        job_id: of the job.
        retention: which states stay after an import; by default all.
        directory: where a job without an upload gets its own; by default among temporary files.

    Raises:
        NotFoundError: there is no such job.
    """
    manager = DatabaseManager(db_url)
    row = _row(manager, job_id)
    run = RUNS.get((row.kind, row.phase))
    tracker = _Tracker(manager, row)
    is_stopped = False
    if run and tracker.claim(run.first):
        try:
            with tracker:
                task = Task(
                    db_url,
                    row.payload,
                    row.result or {},
                    tracker.own_directory(directory),
                    retention,
                    tracker.report,
                )
                _work(run, task, tracker)
        except _StoppedError:
            log.info("Job %d was stopped", job_id)
            is_stopped = True
            _let_go(manager, job_id, run)
    row = _row(manager, job_id)
    if row.phase in FINAL_PHASES:
        clear_directory(row.payload, keep=files_of(row))
    if is_stopped or row.phase == JobPhase.FAILED:
        sweep(db_url)  # after the files: on a full disk they make room for it
    with manager.get_session() as session:
        return get_job(session, Scope(), job_id=job_id)


def _work(run: Run, task: Task, tracker: _Tracker) -> None:
    try:
        tracker.finish(run.work(task))
    except _StoppedError:
        raise
    except DatabaseUnavailableError as error:
        log.warning("Job %d failed: %s", tracker.job_id, error)
        tracker.finish(tracker.when_it_answers(partial(_ending, tracker, error)))
    except DataError as error:
        log.warning("Job %d failed: %s", tracker.job_id, error)
        tracker.finish(Ended(JobPhase.FAILED, error.shown))
    except Exception as error:
        reference = uuid.uuid4().hex[:8]
        log.exception("Job %d failed, reference %s", tracker.job_id, reference)
        unknown = f"Something went wrong. Reference {reference}."
        tracker.finish(Ended(JobPhase.FAILED, str(DiskFullError()) if is_full(error) else unknown))


def _ending(tracker: _Tracker, error: DatabaseUnavailableError) -> Ended:
    """What became of a job that lost its database: what it last asked for may have been done."""
    with tracker.manager.get_session() as session:
        phase, message = ending_of(session, _row(tracker.manager, tracker.job_id))
    return Ended(phase, message if phase == JobPhase.DONE else f"{error.shown} {message}")


def _let_go(manager: DatabaseManager, job_id: int, run: Run) -> None:
    """The job is no longer this process's: say so, then take back what it did."""
    over = update(jobs).where(jobs.c.id == job_id, jobs.c.phase.in_(FINAL_PHASES))
    cancelled = over.where(jobs.c.phase == JobPhase.CANCELLED)
    with manager.session_scope() as session:
        session.execute(cancelled.values(message=CANCELLED))
        session.execute(over.values(**columns_of(None)))
    if run.undo:
        run.undo(manager.db_url)


class _Tracker:
    """Holds a job: writes its progress and a sign of life into its row, and notices when it is taken away."""

    def __init__(self, manager: DatabaseManager, row: Row[Any]) -> None:
        self.job_id: int = row.id
        self.manager = manager
        self._row = row
        self._phase: str = row.phase
        self._pct: int = row.progress_pct
        self._message = "Beginning."
        self._writing = threading.Lock()
        self._stopped, self._ended = threading.Event(), threading.Event()
        self._beats = threading.Thread(target=self._beat, name=f"job {row.id}", daemon=True)

    def claim(self, first: JobPhase) -> bool:
        """Take the job, in its first phase, unless another process has it."""
        try:
            self._move(first, **columns_of(process_of(os.getpid())))
        except _StoppedError:
            return False
        return True

    def __enter__(self) -> Self:
        self._beats.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._beats.join()

    def own_directory(self, parent: Path | None) -> Path:
        """The directory of the job; made, and noted in its row, if it has none."""
        payload = self._row.payload
        if path := payload.get("path"):
            return Path(path).parent
        if parent:
            parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        payload["directory"] = tempfile.mkdtemp(dir=parent, prefix="job-")
        self._move(self._phase, payload=payload)
        return Path(payload["directory"])

    def report(self, phase: JobPhase, pct: int, message: str) -> None:
        """Progress, which never goes back. Raises when the job was taken away."""
        if self._stopped.is_set():
            raise _StoppedError
        self._pct = max(self._pct, pct)
        if phase == self._phase:
            if phase != JobPhase.QUEUED:
                self._message = message
            return
        self._message = self._waits_for() if phase == JobPhase.QUEUED else message
        self._move(phase)

    def finish(self, ended: Ended) -> None:
        """Write what came of the job."""
        self._ended.set()
        self._beats.join()
        result: dict[str, Any] = dict(self._row.result or {})
        for name in ("preview", "outcome", "files"):
            if (value := getattr(ended, name)) is not None:
                result[name] = msgspec.to_builtins(value)
        if ended.phase in {JobPhase.DONE, JobPhase.UNCHANGED}:
            self._pct = 100
        self._message = ended.message
        self.when_it_answers(lambda: self._move(ended.phase, result=result, **columns_of(None)))

    def when_it_answers(self, act: Callable[[], T]) -> T:
        """Do something with the database, as soon as it answers."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return act()
            except DatabaseUnavailableError as error:
                if time.monotonic() > until:
                    raise
                log.warning("Job %d waits: %s", self.job_id, error)
            time.sleep(RETRY_SECONDS)

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS) and not self._stopped.is_set():
            try:
                with self._writing:
                    if not self._ended.is_set() and not self._write(self._phase):
                        self._stopped.set()
            except (DatabaseUnavailableError, SQLAlchemyError) as error:
                log.warning("Job %d gives no sign of life: %s", self.job_id, error)

    def _move(self, phase: str, **values: Any) -> None:
        with self._writing:
            if not self._write(phase, **values):
                self._stopped.set()
                raise _StoppedError
            self._phase = phase

    def _write(self, phase: str, **values: Any) -> bool:
        """Write the row if it is as this process left it; returns whether it was."""
        told = {"progress_pct": self._pct, "message": self._message, "heartbeat_at": utc_now()}
        mine = update(jobs).where(jobs.c.id == self.job_id, jobs.c.phase == self._phase)
        with self.manager.session_scope(is_bulk=True) as session:
            done = session.connection().execute(mine.values(phase=phase, **told, **values))
        return bool(done.rowcount)

    def _waits_for(self) -> str:
        others = select(jobs.c.payload["file_name"].as_string()).where(
            jobs.c.id != self.job_id, jobs.c.phase.in_([JobPhase.STORING, JobPhase.PUBLISHING])
        )
        with self.manager.get_session() as session:
            names = list(session.scalars(others.order_by(jobs.c.id)))
        return f"Waiting for {names[0]} to finish." if names else "Waiting for another import to finish."


def _row(manager: DatabaseManager, job_id: int) -> Row[Any]:
    with manager.get_session() as session:
        row = session.execute(select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFoundError(f"There is no job {job_id}.")
    return row
