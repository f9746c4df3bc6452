"""What the row of a job says: how far it is, whether its process still lives, which files it left."""

from __future__ import annotations

import shutil
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from data.database import DatabaseManager
from data.errors import NotFoundError
from data.jobs.processes import Process, start_sweep, utc_now
from data.models import imports, jobs
from data.results import ImportPreview, ImportResult, Job
from data.scope import Scope
from data.vocabulary import FINAL_PHASES, RUNNING_PHASES, ImportStatus, JobKind, JobPhase

T = TypeVar("T")

WAITING = frozenset({JobPhase.UPLOADED, JobPhase.CONFIRMED})
"""A process is to take it, and has not yet."""
DEAD_AFTER = timedelta(seconds=30)
"""Without a sign of life for so long, a process of which nothing else is known is gone."""
HUNG_AFTER = timedelta(minutes=2)
"""A process that is known to be there may be silent for so long: the machine is busy, or the database locked."""
ENDINGS = {
    JobKind.IMPORT: "The import ended unexpectedly and nothing was stored. Import the file again.",
    JobKind.DEMO: "Loading the demo estate ended unexpectedly. Remove it and load it again.",
    JobKind.EXPORT: "The export ended unexpectedly. Start it again.",
    JobKind.REMOVAL: "The removal ended unexpectedly. Look at the list of imports: remove again what is still there.",
}
STORED = "The file is stored. Its job ended unexpectedly afterwards; what it left to do is made good."
_TOLD = (
    *(column for column in jobs.c if column is not jobs.c.payload),
    jobs.c.payload["file_name"].as_string().label("file_name"),
)
"""What a page learns of a job. The rest of what was asked for may be megabytes: the ids of selected machines."""
_swept: set[tuple[str, int, str]] = set()


def get_job(session: Session, _scope: Scope, *, job_id: int, now: datetime | None = None) -> Job:
    """How far a job is. One whose process died is told as failed, and a sweep is started that notes it.

    Args:
        session: to ask.
        _scope: jobs belong to no part of the estate.
        job_id: of the job.
        now: UTC; by default the time it is.

    Raises:
        NotFoundError: there is no such job.
    """
    row = session.execute(select(*_TOLD).where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFoundError(f"There is no job {job_id}.")
    return _told(session, row, now)


def list_open_jobs(session: Session, _scope: Scope) -> list[Job]:
    """The jobs that run, wait, or show a preview, the oldest first."""
    rows = session.execute(select(*_TOLD).where(jobs.c.phase.not_in(FINAL_PHASES)).order_by(jobs.c.id)).all()
    told = (_told(session, row, None) for row in rows)
    return [job for job in told if job.phase not in FINAL_PHASES]


def job_file(db_url: str, job_id: int, name: str) -> Path:
    """Where a file of a job lies.

    Raises:
        NotFoundError: the job has no such file, or not any more.
    """
    with DatabaseManager(db_url).get_session() as session:
        row = session.execute(select(jobs).where(jobs.c.id == job_id)).first()
    path = directory_of(row.payload) if row else None
    if row and name in files_of(row) and (host := host_elsewhere(row.payload)):
        raise NotFoundError(f"“{name}” of job {job_id} lies on host {host}. It can only be fetched there.")
    if row is None or path is None or name not in files_of(row) or not (path / name).is_file():
        raise NotFoundError(f"Job {job_id} has no file “{name}” any more.")
    return path / name


def is_dead(row: Row[Any], now: datetime) -> bool:
    """Whether the process that has the job is gone or hangs, so that nobody will go on with it."""
    if row.phase not in RUNNING_PHASES:
        return False
    process = process_in(row)
    alive = process.is_alive if process else None
    silent = now - (row.heartbeat_at or row.created_at)
    return alive is False or silent > (HUNG_AFTER if alive else DEAD_AFTER)


def ending_of(session: Session, row: Row[Any]) -> tuple[JobPhase, str]:
    """What became of a job whose process is gone, and what to say of it."""
    if row.kind == JobKind.IMPORT and row.phase == JobPhase.PUBLISHING and _is_stored(session, row):
        return JobPhase.DONE, STORED
    return JobPhase.FAILED, ENDINGS[JobKind(row.kind)]


def _is_stored(session: Session, row: Row[Any]) -> bool:
    """Whether the states of the file are published, which they become together."""
    same = imports.c.sha256 == row.result["preview"]["sha256"], imports.c.status == ImportStatus.PUBLISHED
    states = list(session.scalars(select(imports.c.file_states).where(*same)))
    return len(states) >= max(states, default=1)


def process_in(row: Row[Any]) -> Process | None:
    """The process that has the job."""
    if row.process_id is None:
        return None
    return Process(row.process_id, row.process_host, row.process_started)


def files_of(row: Row[Any]) -> tuple[str, ...]:
    """Names of the files that can be fetched."""
    return tuple((row.result or {}).get("files", ()))


def directory_of(payload: dict[str, Any]) -> Path | None:
    """The directory of a job: that of its upload, or its own."""
    if path := payload.get("path"):
        return Path(path).parent
    return Path(directory) if (directory := payload.get("directory")) else None


def host_elsewhere(payload: dict[str, Any]) -> str | None:
    """The host on which the files of a job lie; None if they are within reach: of this host, or on a shared disk."""
    directory = directory_of(payload)
    is_here = _is_of_this_host(payload) or (directory is not None and directory.is_dir())
    return None if is_here else payload["host"]


def _is_of_this_host(payload: dict[str, Any]) -> bool:
    here = socket.gethostname()
    return bool(payload.get("host", here) == here)


def clear_directory(payload: dict[str, Any], keep: tuple[str, ...] = ()) -> None:
    """Remove what lies in a job's directory, and with nothing to keep the directory itself.

    That of a job of another host is left to that host.
    """
    directory = directory_of(payload)
    if directory is None or not directory.is_dir() or not _is_of_this_host(payload):
        return
    if not keep:
        shutil.rmtree(directory, ignore_errors=True)
        return
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in keep:
            path.unlink(missing_ok=True)


def _told(session: Session, row: Row[Any], now: datetime | None) -> Job:
    result = row.result or {}
    phase, message = row.phase, row.message
    preview = _converted(result.get("preview"), ImportPreview)
    if is_dead(row, now or utc_now()):
        phase, message = ending_of(session, row)
        _sweep_once(session, row)
    elif phase == JobPhase.PREVIEW and preview is None:
        phase, message = JobPhase.FAILED, "This preview is of an earlier version. Import the file again."
    return Job(
        id=row.id,
        kind=row.kind,
        phase=phase,
        progress_pct=row.progress_pct,
        message=message,
        file_name=row.file_name,
        preview=preview,
        outcome=_converted(result.get("outcome"), ImportResult),
        files=files_of(row),
    )


def _converted(value: Any, kind: type[T]) -> T | None:
    """The record in a row; None if there is none, or one that another version of the program wrote."""
    try:
        return msgspec.convert(value, kind) if value is not None else None
    except msgspec.ValidationError:
        return None


def _sweep_once(session: Session, row: Row[Any]) -> None:
    """The first reader in this process that finds a job dead lets it be noted, and its rows removed."""
    key = (str(session.get_bind().engine.url), row.id, row.phase)
    if key not in _swept:
        _swept.add(key)
        start_sweep()
