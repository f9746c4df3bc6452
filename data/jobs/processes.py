"""Processes of jobs: starting them, knowing them again, and ending one that hangs."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update

from data.database import DatabaseManager
from data.models import jobs
from data.vocabulary import JobPhase

log = logging.getLogger(__name__)

POLL_SECONDS = 0.05
KILL_SECONDS = 5.0
"""A killed process is gone before that, unless the disk it waits for hangs."""
_ROOT = Path(__file__).parents[2]
_TELLS_STARTS = Path("/proc/self/stat").exists()
started: list[subprocess.Popen[bytes]] = []
"""Processes of jobs that this process started, as far as they are known to run."""
_asked: ContextVar[tuple[str, int] | None] = ContextVar("asked", default=None)


@dataclass(frozen=True, slots=True)
class Process:
    """A process on some machine. Its start tells it apart from a later one with the same number."""

    id: int
    host: str
    started: str | None
    """None: the system does not tell, or it was gone already."""

    @property
    def is_alive(self) -> bool | None:
        """Whether it still runs; None on another machine, even one of the same name: nobody can know."""
        if self.host != socket.gethostname():
            return None
        if not _TELLS_STARTS:
            return _answers(self.id)
        if self.started and self.started.rpartition("@")[2] != _boot():
            return None
        return self.started is not None and _start_of(self.id) == self.started

    def kill(self) -> bool:
        """End it and what it started, if it is proven to be the one; returns whether it is gone."""
        if self.is_alive is False:
            return True
        if not self.is_alive or self.started is None or self.id == os.getpid():
            return False
        log.warning("Killing process %d: it does not answer", self.id)
        try:
            if os.getpgid(self.id) == self.id:
                os.killpg(self.id, signal.SIGKILL)
            else:
                os.kill(self.id, signal.SIGKILL)
        except ProcessLookupError:
            return True
        until = time.monotonic() + KILL_SECONDS
        while self.is_alive and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        return not self.is_alive


def utc_now() -> datetime:
    """The time, as rows have it: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def process_of(process_id: int) -> Process:
    """A process of this machine that runs now."""
    return Process(process_id, socket.gethostname(), _start_of(process_id))


def note_asked(db_url: str, job_id: int) -> None:
    """Remember for this thread in which database the job is that `start_job` will start next."""
    _asked.set((db_url, job_id))


def start_job(database_name: str, job_id: int) -> None:
    """Start the process that runs the job. It goes on when this process ends.

    Args:
        database_name: a configured name; the process finds the URL itself.
        job_id: of a job that this thread has just created, confirmed or revised.
    """
    values: dict[str, object]
    try:
        process = _start("job", str(job_id), "--database", database_name)
        values = columns_of(process_of(process.pid))
    except OSError as error:
        log.error("The process of job %d cannot be started: %s", job_id, error)  # noqa: TRY400  # the cause is said
        values = {"phase": JobPhase.FAILED, "message": f"It cannot be started: {error.strerror}. Try again."}
    asked = _asked.get()
    _asked.set(None)
    if asked and asked[1] == job_id:
        waiting = jobs.c.phase.in_([JobPhase.UPLOADED, JobPhase.CONFIRMED])
        mine = update(jobs).where(jobs.c.id == job_id, jobs.c.process_id.is_(None), waiting)
        with DatabaseManager(asked[0]).session_scope() as session:
            session.execute(mine.values(heartbeat_at=utc_now(), **values))


def start_sweep() -> None:
    """Start a process that sweeps all configured databases. It goes on when this process ends."""
    _start("sweep")


def columns_of(process: Process | None) -> dict[str, object]:
    """The columns of a job's row that say which process has it."""
    if process is None:
        return {"process_id": None, "process_host": None, "process_started": None}
    return {
        "process_id": process.id,
        "process_host": process.host,
        "process_started": process.started,
    }


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    started[:] = [process for process in started if process.poll() is None]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "inventory", *arguments],
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    started.append(process)
    return process


def _start_of(process_id: int) -> str | None:
    """When a process began, in ticks since the machine did, and which start of the machine that was.

    None for a process that is gone, ended and not yet missed by its parent, or where the system does not tell.
    """
    try:
        status = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
        boot = _boot()
    except OSError:
        return None
    fields = status.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else f"{fields[19]}@{boot}"


def _boot() -> str:
    """Tells this start of this machine apart from others."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]


def _answers(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
