"""Runs jobs in processes that are killed at a chosen moment. Those processes import this module: it holds no tests."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from data import jobs
from data.database import get_engine
from data.jobs.running import _Tracker
from data.results import RetentionRule

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.data.dying"])


def run_job(
    directory: Path, job_id: int, *, moment: int = 0, delay: float = 0, after: str = ""
) -> tuple[int, int]:
    """Run a job as its process does, in one that may be killed.

    Args:
        directory: holds the database `inventory.db`, and gets what is temporary.
        job_id: of a job that waits.
        moment: when it is killed, counted in statements, commits and reports of progress of its main thread.
        delay: seconds from that moment to the kill.
        after: kill it at the first statement after the commit of one that begins so.

    Returns:
        Its exit status, which is -9 if it was killed, and how many moments there were.
    """
    counted = _context.Value("i", 0)
    how = {"moment": moment, "delay": delay, "after": after, "counted": counted}
    process = _context.Process(target=_run, args=(directory, job_id), kwargs=how)
    process.start()
    process.join()
    return process.exitcode or 0, counted.value


def _run(directory: Path, job_id: int, *, moment: int, delay: float, after: str, counted: Any) -> None:
    os.setsid()
    tempfile.tempdir = str(directory / "temporary")
    db_url = f"sqlite:///{directory / 'inventory.db'}"

    def count() -> None:
        counted.value += 1
        if counted.value == moment:
            threading.Thread(target=_kill, args=(delay,)).start()

    _watch(db_url, count, after)
    jobs.run_job(db_url, job_id, retention=RetentionRule())


def _kill(delay: float = 0.0) -> None:
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGKILL)


def _watch(db_url: str, count: Callable[[], None], after: str) -> None:
    engine, report = get_engine(db_url), _Tracker.report
    said = committed = False

    def is_main() -> bool:
        return threading.current_thread() is threading.main_thread()

    def on_statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal said
        if is_main():
            if committed:
                _kill()
            said = said or bool(after and statement.startswith(after))
            count()

    def on_commit(_connection: object) -> None:
        if is_main():
            count()

    def on_return(*_: object) -> None:
        nonlocal committed
        committed = committed or (said and is_main())

    def counting_report(tracker: Any, *told: Any) -> None:
        count()
        report(tracker, *told)

    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    event.listen(engine, "checkin", on_return)
    _Tracker.report = counting_report
