"""What a page asks of jobs: to begin, to go on, to end."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, insert, select, update

from data.database import DatabaseManager
from data.errors import ConflictError, NotFoundError
from data.jobs.processes import POLL_SECONDS, columns_of, note_asked, start_sweep, utc_now
from data.jobs.rows import (
    WAITING,
    clear_directory,
    host_elsewhere,
    process_in,
)
from data.models import jobs
from data.vocabulary import RUNNING_PHASES, JobKind, JobPhase
from data.workbook.cells import to_text

GRACE_SECONDS = 3.0
"""A cancelled process that has not let go of its job by then is killed."""
CANCELLED = "Cancelled. Nothing was stored."


def create_job(db_url: str, *, path: Path, file_name: str) -> int:
    """A job that will import an uploaded file; returns its id.

    Args:
        db_url: the database that the file goes into.
        path: the file, in a directory of its own, which the job removes when it is over.
        file_name: its name on the operator's machine.
    """
    return _create(
        db_url, JobKind.IMPORT, {"path": str(path.resolve()), "file_name": file_name}, "Waiting to be read."
    )


def create_demo_job(db_url: str) -> int:
    """A job that will load the demo estate; returns its id."""
    return _create(db_url, JobKind.DEMO, {"file_name": "Demo estate"}, "Waiting to begin.")


def create_removal_job(db_url: str, *, import_ids: Sequence[int], what: str) -> int:
    """A job that will remove states; returns its id.

    Args:
        db_url: the database.
        import_ids: of the states.
        what: they are, in words, such as "vc01, 1 Sep 2026".
    """
    payload = {"file_name": what, "import_ids": list(import_ids)}
    return _create(db_url, JobKind.REMOVAL, payload, "Waiting to begin.")


def create_export_job(db_url: str, *, payload: dict[str, Any]) -> int:
    """A job that will write a file to be fetched; returns its id.

    Args:
        db_url: the database.
        payload: what `data.exports.write_export` is asked for.
    """
    return _create(db_url, JobKind.EXPORT, {"file_name": "Export", "export": payload}, "Waiting to begin.")


def confirm_job(
    db_url: str, job_id: int, *, vcenter: str | None, exported_at: datetime | None, replace: bool = False
) -> None:
    """The operator has seen the preview and wants the file stored. `start_job` has to follow.

    Args:
        db_url: the database.
        job_id: of a job in its preview.
        vcenter: name of the vCenter, if the operator says it.
        exported_at: wall-clock time of the export, if the operator says it.
        replace: drop all other states of the vCenter.

    Raises:
        ConflictError: the job is not in its preview (any more), or another host has its file.
    """
    said = {"vcenter": to_text(vcenter), "exported_at": _text(exported_at), "replace": replace}
    _go_on(db_url, job_id, JobPhase.CONFIRMED, "Waiting to be stored.", said)


def revise_job(db_url: str, job_id: int, *, vcenter: str | None, exported_at: datetime | None) -> None:
    """Show the preview again, with what the operator says now and the headers mapped since. `start_job` has to follow.

    Args and errors are those of `confirm_job`.
    """
    said = {"vcenter": to_text(vcenter), "exported_at": _text(exported_at)}
    _go_on(db_url, job_id, JobPhase.UPLOADED, "Waiting to be compared.", said)


def discard_job(db_url: str, job_id: int) -> None:
    """The operator does not want the file. It is removed; nothing was stored.

    Raises:
        ConflictError: it is being stored, or was.
        NotFoundError: there is no such job.
    """
    row = _row(db_url, job_id)
    before = [JobPhase.UPLOADED, JobPhase.READING, JobPhase.PREVIEW, JobPhase.DISCARDED]
    values = {"phase": JobPhase.DISCARDED, "message": "Discarded. Nothing was stored."}
    if not _change(db_url, job_id, before, values):
        raise ConflictError("This import cannot be discarded any more.")
    clear_directory(row.payload)


def cancel_job(db_url: str, job_id: int) -> None:
    """Stop a job that waits or runs. Afterwards its process is gone, or has let go of the job.

    Takes a second as a rule, and three more if the process hangs: then it is killed.

    Raises:
        ConflictError: it is being published, is over, or cannot be stopped half-way.
        NotFoundError: there is no such job.
    """
    row = _row(db_url, job_id)
    stoppable = (
        WAITING | {JobPhase.QUEUED} if row.kind == JobKind.REMOVAL else RUNNING_PHASES - {JobPhase.PUBLISHING}
    )
    if not _change(db_url, job_id, stoppable, {"phase": JobPhase.CANCELLED, "message": "Stopping."}):
        raise ConflictError(_why_not(_row(db_url, job_id)))
    had_begun = row.phase not in WAITING
    until = time.monotonic() + (GRACE_SECONDS if had_begun else 0)
    row = _row(db_url, job_id)
    while _has_job(row) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        row = _row(db_url, job_id)
    process = process_in(row)
    if process and _has_job(row) and process.kill() and had_begun:
        start_sweep()
    _change(db_url, job_id, [JobPhase.CANCELLED], {"message": CANCELLED, **columns_of(None)})
    clear_directory(row.payload)


def _has_job(row: Row[Any]) -> bool:
    process = process_in(row)
    return process is not None and process.is_alive is not False


def _why_not(row: Row[Any]) -> str:
    if row.phase == JobPhase.PUBLISHING:
        return "The state is being published and cannot be stopped any more."
    if row.kind == JobKind.REMOVAL and row.phase in RUNNING_PHASES:
        return "The removal has begun and cannot be stopped any more."
    return "This job is over, or waits for you: there is nothing to stop."


def _create(db_url: str, kind: JobKind, payload: dict[str, Any], message: str) -> int:
    values = {
        "kind": kind,
        "phase": JobPhase.UPLOADED,
        "progress_pct": 0,
        "message": message,
        "created_at": utc_now(),
        "payload": payload | {"host": socket.gethostname()},
    }
    with DatabaseManager(db_url).session_scope() as session:
        job_id: int
        (job_id,) = session.connection().execute(insert(jobs).values(values)).inserted_primary_key  # type: ignore[misc]  # one row has one
    note_asked(db_url, job_id)
    return job_id


def _go_on(db_url: str, job_id: int, phase: JobPhase, message: str, said: dict[str, Any]) -> None:
    row = _row(db_url, job_id)
    if row.phase == JobPhase.PREVIEW and (host := host_elsewhere(row.payload)):
        raise ConflictError(f"The file lies on host {host}. Go on there, or import it here once more.")
    payload = row.payload | said
    values = {"phase": phase, "message": message, "heartbeat_at": utc_now(), "payload": payload}
    if not _change(db_url, job_id, [JobPhase.PREVIEW], values):
        raise ConflictError("This import is not waiting for a confirmation any more.")
    note_asked(db_url, job_id)


def _change(db_url: str, job_id: int, before: Sequence[str] | frozenset[JobPhase], values: Any) -> bool:
    """Change a job that is in one of some phases; returns whether it was."""
    ready = update(jobs).where(jobs.c.id == job_id, jobs.c.phase.in_(before)).values(values)
    with DatabaseManager(db_url).session_scope() as session:
        return bool(session.connection().execute(ready).rowcount)


def _row(db_url: str, job_id: int) -> Row[Any]:
    with DatabaseManager(db_url).get_session() as session:
        row = session.execute(select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFoundError(f"There is no job {job_id}.")
    return row


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
