"""Notes jobs whose process is gone, and removes what they and old jobs leave behind."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, select, update

from data.database import DatabaseManager
from data.errors import DatabaseUnavailableError
from data.ingest import needs_sweep, sweep
from data.jobs.processes import columns_of, start_sweep, utc_now
from data.jobs.rows import (
    DEAD_AFTER,
    clear_directory,
    directory_of,
    ending_of,
    files_of,
    is_dead,
    process_in,
)
from data.models import jobs
from data.vocabulary import FINAL_PHASES, JobPhase

log = logging.getLogger(__name__)

PREVIEW_KEPT = timedelta(hours=24)
JOB_KEPT = timedelta(days=7)
DIRECTORY_KEPT = timedelta(days=1)


def sweep_jobs(db_url: str, *, now: datetime | None = None) -> None:
    """Note ended jobs, then remove unpublished rows, which takes a minute for 100,000 machines.

    Rows stay while an import runs: it sweeps them itself before it begins.

    Args:
        db_url: the database.
        now: UTC; by default the time it is.
    """
    note_ended(db_url, now=now)
    sweep(db_url)


def start_sweep_if_needed(db_urls: Iterable[str]) -> None:
    """Let a process sweep if one of the databases needs it."""
    for db_url in db_urls:
        try:
            is_needed = needs_sweep(db_url)
        except DatabaseUnavailableError:
            continue
        if is_needed:
            start_sweep()
            return


def note_ended(db_url: str, *, now: datetime | None = None) -> None:
    """Fail jobs whose process is gone, discard previews that nobody came back to, forget old jobs.

    Args:
        db_url: the database.
        now: UTC; by default the time it is.
    """
    now = now or utc_now()
    manager = DatabaseManager(db_url)
    with manager.get_session() as session:
        rows = session.execute(select(jobs)).all()
    for row in rows:
        since = now - (row.heartbeat_at or row.created_at)
        if is_dead(row, now):
            _fail(manager, row)
        elif row.phase == JobPhase.PREVIEW and since > PREVIEW_KEPT:
            _discard(manager, row)
        elif row.phase in FINAL_PHASES:
            _tidy(manager, row, since)


def sweep_uploads(db_urls: Iterable[str], directory: Path, *, now: datetime | None = None) -> None:
    """Remove directories that belong to no job of any database, a day after they were made.

    Does nothing as long as one of the databases does not answer.

    Args:
        db_urls: all databases.
        directory: where uploads lie.
        now: UTC; by default the time it is.
    """
    known: set[Path | None] = set()
    places = [jobs.c.payload[key].as_string().label(key) for key in ("path", "directory")]
    for db_url in db_urls:
        try:
            with DatabaseManager(db_url).get_session() as session:
                known |= {directory_of(dict(row)) for row in session.execute(select(*places)).mappings()}
        except DatabaseUnavailableError:
            return
    oldest = ((now or utc_now()) - DIRECTORY_KEPT).replace(tzinfo=UTC).timestamp()
    for path in directory.iterdir() if directory.is_dir() else ():
        if path.is_dir() and path.resolve() not in known and path.stat().st_mtime < oldest:
            log.info("Removing %s: no job has it", path)
            shutil.rmtree(path, ignore_errors=True)


def _fail(manager: DatabaseManager, row: Row[Any]) -> None:
    process = process_in(row)
    if process and process.is_alive and not process.kill():
        log.warning("Job %d hangs in process %d, which cannot be ended", row.id, process.id)
        return
    log.warning("Job %d: its process is gone", row.id)
    with manager.get_session() as session:
        phase, message = ending_of(session, row)
    if _change(manager, row, {"phase": phase, "message": message, **columns_of(None)}):
        clear_directory(row.payload)


def _discard(manager: DatabaseManager, row: Row[Any]) -> None:
    values = {
        "phase": JobPhase.DISCARDED,
        "message": "Nobody confirmed it for a day. Nothing was stored.",
        "result": None,
    }
    if _change(manager, row, values):
        clear_directory(row.payload)


def _tidy(manager: DatabaseManager, row: Row[Any], since: timedelta) -> None:
    """End a process that did not notice that its job is over; forget the job itself when it is old."""
    process = process_in(row)
    if process and (since < DEAD_AFTER or (process.is_alive and not process.kill())):
        return
    if process:
        _change(manager, row, columns_of(None))
    is_old = since > JOB_KEPT
    clear_directory(row.payload, keep=() if is_old else files_of(row))
    if is_old:
        with manager.session_scope() as session:
            session.execute(delete(jobs).where(jobs.c.id == row.id))


def _change(manager: DatabaseManager, row: Row[Any], values: dict[str, Any]) -> bool:
    """Change a job unless somebody else did since it was read."""
    same = update(jobs).where(
        jobs.c.id == row.id,
        jobs.c.phase == row.phase,
        jobs.c.heartbeat_at.is_not_distinct_from(row.heartbeat_at),
    )
    with manager.session_scope() as session:
        return bool(session.connection().execute(same.values(values)).rowcount)
