"""Jobs that a page asks for: their phases, what they leave, and what can happen to them."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from data import jobs, models
from data.database import DatabaseManager
from data.errors import (
    ConflictError,
    DatabaseUnavailableError,
    DiskFullError,
    FileRefusedError,
    NotFoundError,
)
from data.ingest import import_file, locking, remove_demo
from data.ingest.locking import import_lock
from data.jobs import asking, kinds, processes, rows, running
from data.jobs.processes import Process, columns_of, process_of
from data.models import imports, vcenters
from data.models import jobs as job_rows
from data.results import Job, RetentionRule
from data.scope import Scope
from data.vocabulary import JobPhase
from tests.data.workbooks import table, vm, write_workbook

NOW = datetime(2026, 11, 23, 12)


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., Path]:
    """A workbook in a directory of its own, as uploads lie."""
    count = iter(range(100))

    def make(*vms: dict[str, Any], created: datetime = datetime(2026, 9, 1, 9, 30)) -> Path:
        directory = tmp_path / "uploads" / str(next(count))
        directory.mkdir(parents=True)
        return write_workbook(directory / "export.xlsx", {"vInfo": table(*vms)}, created=created)

    return make


@pytest.fixture
def job(manager: DatabaseManager) -> Callable[..., Job]:
    """How far a job is."""

    def get(job_id: int, **options: Any) -> Job:
        with manager.get_session() as session:
            return jobs.get_job(session, Scope(), job_id=job_id, **options)

    return get


@pytest.fixture
def previewed(db_url: str, upload: Callable[..., Path]) -> Callable[..., int]:
    """A job that waits in its preview."""

    def make(*vms: dict[str, Any], **more: Any) -> int:
        job_id = jobs.create_job(db_url, path=upload(*(vms or (vm("a", 1),)), **more), file_name="x.xlsx")
        assert jobs.run_job(db_url, job_id).phase == JobPhase.PREVIEW
        return job_id

    return make


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing, in a session of its own as those of jobs are."""
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    ) as process:
        yield process
        process.kill()


def count(manager: DatabaseManager, of: Any) -> int:
    with manager.get_session() as session:
        return session.scalar(select(func.count()).select_from(of)) or 0


def change(manager: DatabaseManager, job_id: int, **values: Any) -> None:
    with manager.session_scope() as session:
        session.execute(update(job_rows).where(job_rows.c.id == job_id).values(**values))


def store(db_url: str, job_id: int, *, replace: bool = False, **options: Any) -> Job:
    """Confirm a preview, and run it to its end."""
    jobs.confirm_job(db_url, job_id, vcenter=None, exported_at=None, replace=replace)
    return jobs.run_job(db_url, job_id, **options)


def test_a_job_shows_a_preview_and_stores_after_the_confirmation(
    db_url: str, upload: Callable[..., Path], job: Callable[..., Job], manager: DatabaseManager
) -> None:
    path = upload(vm("a", 1))
    job_id = jobs.create_job(db_url, path=path, file_name="vc01.xlsx")
    assert (job(job_id).phase, job(job_id).file_name) == (JobPhase.UPLOADED, "vc01.xlsx")

    seen = jobs.run_job(db_url, job_id)
    assert (seen.phase, seen.progress_pct) == (JobPhase.PREVIEW, 45)
    assert seen.preview
    (state,) = seen.preview.states
    assert (state.machines, state.vcenter) == (1, "vc1.example.com")
    assert state.exported_at == datetime(2026, 9, 1, 9, 30)
    assert path.exists()
    assert count(manager, imports) == 0

    jobs.confirm_job(db_url, job_id, vcenter="Lab", exported_at=datetime(2026, 9, 2))
    assert job(job_id).phase == JobPhase.CONFIRMED
    done = jobs.run_job(db_url, job_id)
    assert (done.phase, done.progress_pct, done.message) == (
        JobPhase.DONE, 100, "1 machine of Lab, exported 2026-09-02 00:00: stored.",
    )  # fmt: skip
    assert done.outcome
    assert (done.outcome.file_name, done.outcome.states[0].vcenter) == ("vc01.xlsx", "Lab")
    assert done.preview == seen.preview
    assert not path.parent.exists()


def test_a_job_for_a_stored_file_ends_unchanged(db_url: str, upload: Callable[..., Path]) -> None:
    for phase in (JobPhase.DONE, JobPhase.UNCHANGED):
        job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
        done = jobs.run_job(db_url, job_id)
        if done.phase == JobPhase.PREVIEW:
            jobs.confirm_job(db_url, job_id, vcenter=None, exported_at=None)
            done = jobs.run_job(db_url, job_id)
        assert done.phase == phase
    assert done.preview
    assert done.preview.unchanged


def test_a_refused_file_fails_its_job_with_the_sentence_and_is_removed(
    db_url: str, upload: Callable[..., Path]
) -> None:
    path = upload(vm("a", 1))
    path.write_bytes(b"no workbook\0")
    with pytest.raises(FileRefusedError) as refusal:
        import_file(db_url, path)
    done = jobs.run_job(db_url, jobs.create_job(db_url, path=path, file_name="x.xlsx"))
    assert (done.phase, done.message) == (JobPhase.FAILED, str(refusal.value))
    assert not path.parent.exists()


def test_a_full_disk_is_told_and_the_files_go_before_anything_is_written(
    db_url: str, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def sweep(_url: str) -> None:
        assert not path.parent.exists()
        raise DatabaseUnavailableError("The database does not answer: the disk is full.")

    monkeypatch.setattr(kinds, "preview_file", fill)
    monkeypatch.setattr(running, "sweep", sweep)
    path = upload(vm("a", 1))
    job_id = jobs.create_job(db_url, path=path, file_name="x.xlsx")
    with pytest.raises(DatabaseUnavailableError):
        jobs.run_job(db_url, job_id)
    with DatabaseManager(db_url).get_session() as session:
        done = jobs.get_job(session, Scope(), job_id=job_id)
    assert (done.phase, done.message) == (JobPhase.FAILED, str(DiskFullError()))


def test_a_bug_fails_the_job_with_a_reference_that_is_in_the_log(
    db_url: str,
    upload: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object, **_more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(kinds, "preview_file", broken)
    done = jobs.run_job(db_url, jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx"))
    reference = done.message.removeprefix("Something went wrong. Reference ").removesuffix(".")
    assert (done.phase, len(reference)) == (JobPhase.FAILED, 8)
    assert reference in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_discarded_preview_stores_nothing_and_removes_the_file(
    db_url: str, upload: Callable[..., Path], job: Callable[..., Job], manager: DatabaseManager
) -> None:
    path = upload(vm("a", 1))
    job_id = jobs.create_job(db_url, path=path, file_name="x.xlsx")
    jobs.run_job(db_url, job_id)
    jobs.discard_job(db_url, job_id)
    assert job(job_id).phase == JobPhase.DISCARDED
    assert not path.parent.exists()
    with pytest.raises(ConflictError):
        jobs.confirm_job(db_url, job_id, vcenter=None, exported_at=None)
    assert jobs.run_job(db_url, job_id).phase == JobPhase.DISCARDED
    assert count(manager, imports) == 0


def test_a_stored_import_cannot_be_discarded_or_run_again(db_url: str, upload: Callable[..., Path]) -> None:
    job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
    jobs.run_job(db_url, job_id)
    jobs.confirm_job(db_url, job_id, vcenter=None, exported_at=None)
    jobs.run_job(db_url, job_id)
    with pytest.raises(ConflictError):
        jobs.discard_job(db_url, job_id)
    assert jobs.run_job(db_url, job_id).phase == JobPhase.DONE


def test_a_file_that_changed_after_its_preview_is_not_stored(
    db_url: str, upload: Callable[..., Path], manager: DatabaseManager
) -> None:
    path = upload(vm("a", 1))
    job_id = jobs.create_job(db_url, path=path, file_name="x.xlsx")
    jobs.run_job(db_url, job_id)
    path.write_bytes(upload(vm("b", 2)).read_bytes())
    jobs.confirm_job(db_url, job_id, vcenter=None, exported_at=None)
    done = jobs.run_job(db_url, job_id)
    assert (done.phase, "no longer the one that was previewed" in done.message) == (JobPhase.FAILED, True)
    assert count(manager, imports) == 0


@pytest.mark.parametrize("act", [jobs.run_job, jobs.discard_job, jobs.cancel_job])
def test_an_unknown_job_is_not_found(db_url: str, act: Callable[[str, int], object]) -> None:
    with pytest.raises(NotFoundError, match=r"There is no job 7\."):
        act(db_url, 7)


def test_the_demo_job_loads_two_vcenters_of_four_months(
    db_url: str, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "DEMO_MACHINES", 40)
    done = jobs.run_job(db_url, jobs.create_demo_job(db_url))
    assert done.phase == JobPhase.DONE, done.message
    assert done.message == "The demo estate is loaded: 40 machines in 2 vCenters, 4 months."
    assert (count(manager, vcenters), count(manager, imports)) == (2, 8)
    again = jobs.run_job(db_url, jobs.create_demo_job(db_url))
    assert (again.phase, again.message) == (
        JobPhase.FAILED,
        "A demo estate is loaded already. Remove it first.",
    )
    remove_demo(db_url)
    assert count(manager, vcenters) == 0


def test_a_started_job_runs_in_a_process_of_its_own(
    upload: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    db_url: str,
    job: Callable[..., Job],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("VMWARE_INV_DB_URL", db_url)
    monkeypatch.setenv("VMWARE_INV_INSTANCE_DIR", str(tmp_path / "instance"))
    job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
    jobs.start_job("default", job_id)
    assert jobs.started[-1].wait(timeout=60) == 0
    assert job(job_id).phase == JobPhase.PREVIEW


def test_a_job_whose_process_cannot_start_is_told_as_failed_when_it_has_ended(
    upload: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    db_url: str,
    job: Callable[..., Job],
) -> None:
    monkeypatch.setenv("VMWARE_INV_PORT", "none")
    job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
    jobs.start_job("default", job_id)
    assert jobs.started[-1].wait(timeout=60) != 0
    assert job(job_id).phase == JobPhase.FAILED
    assert job(job_id).message.startswith("The import ended unexpectedly and nothing was stored.")


def test_a_job_that_cannot_have_a_process_is_told_as_failed_at_once(
    upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, db_url: str, job: Callable[..., Job]
) -> None:
    def refuse(*_: object, **_more: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(processes.subprocess, "Popen", refuse)
    job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
    jobs.start_job("default", job_id)
    assert (job(job_id).phase, job(job_id).message) == (
        JobPhase.FAILED,
        "It cannot be started: Resource temporarily unavailable. Try again.",
    )


def test_a_job_that_another_process_took_is_left_to_it(
    db_url: str, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = jobs.create_demo_job(db_url)

    def take_it_first(*_: object) -> Process:
        change(manager, job_id, phase=JobPhase.STORING, message="Mine.")
        return process_of(os.getpid())

    monkeypatch.setattr(running, "process_of", take_it_first)
    left = jobs.run_job(db_url, job_id)
    assert (left.phase, left.message) == (JobPhase.STORING, "Mine.")


def test_progress_never_goes_back_from_reading_to_the_end(
    db_url: str, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []
    write = running._Tracker._write

    def note(tracker: Any, phase: str, **values: Any) -> bool:
        seen.append((phase, tracker._pct))
        return write(tracker, phase, **values)

    monkeypatch.setattr(running._Tracker, "_write", note)
    job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
    jobs.run_job(db_url, job_id)
    store(db_url, job_id)
    progress = [pct for _phase, pct in seen]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0, 100)
    phases = list(dict.fromkeys(phase for phase, _pct in seen))
    assert phases == [
        JobPhase.READING, JobPhase.PREVIEW, JobPhase.STORING, JobPhase.PUBLISHING, JobPhase.DONE,
    ]  # fmt: skip


def test_storing_does_not_read_the_file_again(
    db_url: str, previewed: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = previewed(vm("a", 1))
    monkeypatch.setattr("data.workbook.process.subprocess", None)
    assert store(db_url, job_id).phase == JobPhase.DONE


def test_a_revised_preview_is_of_what_the_operator_says(
    db_url: str, previewed: Callable[..., int], manager: DatabaseManager
) -> None:
    job_id = previewed(vm("a", 1))
    jobs.revise_job(db_url, job_id, vcenter="Lab", exported_at=datetime(2026, 9, 3))
    seen = jobs.run_job(db_url, job_id)
    assert (seen.phase, seen.progress_pct) == (JobPhase.PREVIEW, 45)
    assert seen.preview
    (state,) = seen.preview.states
    assert (state.vcenter, state.exported_at) == ("Lab", datetime(2026, 9, 3))
    assert count(manager, imports) == 0


def test_only_a_preview_can_be_revised(db_url: str, previewed: Callable[..., int]) -> None:
    job_id = previewed(vm("a", 1))
    store(db_url, job_id)
    with pytest.raises(ConflictError):
        jobs.revise_job(db_url, job_id, vcenter=None, exported_at=None)


def test_a_confirmed_replacement_leaves_one_state(
    db_url: str, previewed: Callable[..., int], manager: DatabaseManager
) -> None:
    store(db_url, previewed(vm("a", 1)))
    store(db_url, previewed(vm("a", 1), created=datetime(2026, 9, 2)))
    assert count(manager, imports) == 2
    done = store(db_url, previewed(vm("a", 1), created=datetime(2026, 9, 3)), replace=True)
    assert done.phase == JobPhase.DONE
    with manager.get_session() as session:
        assert list(session.scalars(select(imports.c.exported_at))) == [datetime(2026, 9, 3)]


def test_the_retention_rule_is_applied_at_the_end_of_an_import(
    db_url: str, previewed: Callable[..., int], manager: DatabaseManager
) -> None:
    for day in (1, 20):
        store(db_url, previewed(vm("a", 1), created=datetime(2026, 8, day)))
    rule = RetentionRule(days=5, months=1)
    done = store(db_url, previewed(vm("a", 1), created=datetime(2026, 9, 1)), retention=rule)
    assert done.phase == JobPhase.DONE
    with manager.get_session() as session:
        kept = list(session.scalars(select(imports.c.exported_at).order_by(imports.c.id)))
    assert kept == [datetime(2026, 8, 20), datetime(2026, 9, 1)]


def test_an_import_that_waits_for_another_is_queued_and_says_for_which(
    db_url: str,
    previewed: Callable[..., int],
    job: Callable[..., Job],
    manager: DatabaseManager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, job_id = previewed(vm("a", 1)), previewed(vm("b", 2))
    change(manager, other, phase=JobPhase.STORING, heartbeat_at=datetime.now(UTC).replace(tzinfo=None))
    seen: list[Job] = []
    with ExitStack() as held:
        held.enter_context(import_lock(db_url, lambda: None))

        def let_go(_seconds: float) -> None:
            seen.append(job(job_id))
            held.close()

        monkeypatch.setattr(locking, "time", SimpleNamespace(sleep=let_go))
        assert store(db_url, job_id).phase == JobPhase.DONE
    assert [(job.phase, job.message) for job in seen] == [(JobPhase.QUEUED, "Waiting for x.xlsx to finish.")]


@pytest.mark.parametrize("at", ["Looking at the machines.", "Storing vInfo, 1 rows."])
def test_a_cancelled_job_stops_and_leaves_nothing(
    db_url: str,
    upload: Callable[..., Path],
    manager: DatabaseManager,
    monkeypatch: pytest.MonkeyPatch,
    at: str,
) -> None:
    """Another thread cancels it at some message, as the page would."""
    path = upload(vm("a", 1))
    job_id = jobs.create_job(db_url, path=path, file_name="x.xlsx")
    report, cancelling = running._Tracker.report, []

    def cancel_meanwhile(tracker: Any, phase: JobPhase, pct: int, message: str) -> None:
        if message == at and not cancelling:
            cancelling.append(threading.Thread(target=jobs.cancel_job, args=(db_url, job_id)))
            cancelling[0].start()
            assert tracker._stopped.wait(timeout=60)
        report(tracker, phase, pct, message)

    monkeypatch.setattr(running._Tracker, "report", cancel_meanwhile)
    done = jobs.run_job(db_url, job_id)
    if done.phase == JobPhase.PREVIEW:
        done = store(db_url, job_id)
    cancelling[0].join(timeout=60)
    assert (done.phase, done.message) == (JobPhase.CANCELLED, "Cancelled. Nothing was stored.")
    assert not path.parent.exists()
    for table_ in (imports, vcenters, models.machines, models.virtual_machines, models.machine_texts):
        assert count(manager, table_) == 0


def test_a_job_that_did_not_begin_is_cancelled_at_once(
    db_url: str, upload: Callable[..., Path], job: Callable[..., Job]
) -> None:
    path = upload(vm("a", 1))
    job_id = jobs.create_job(db_url, path=path, file_name="x.xlsx")
    jobs.cancel_job(db_url, job_id)
    assert job(job_id).phase == JobPhase.CANCELLED
    assert jobs.run_job(db_url, job_id).phase == JobPhase.CANCELLED
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (JobPhase.PUBLISHING, "is being published"),
        (JobPhase.PREVIEW, "waits for you"),
        (JobPhase.DONE, "is over"),
    ],
)
def test_what_cannot_be_stopped_says_why(
    db_url: str, previewed: Callable[..., int], manager: DatabaseManager, phase: JobPhase, words: str
) -> None:
    job_id = previewed(vm("a", 1))
    change(manager, job_id, phase=phase)
    with pytest.raises(ConflictError, match=words):
        jobs.cancel_job(db_url, job_id)


def test_a_cancelled_job_whose_process_hangs_is_killed(
    previewed: Callable[..., int],
    manager: DatabaseManager,
    job: Callable[..., Job],
    monkeypatch: pytest.MonkeyPatch,
    sleeper: subprocess.Popen[bytes],
) -> None:
    monkeypatch.setattr(asking, "GRACE_SECONDS", 0)
    job_id = previewed(vm("a", 1))
    change(manager, job_id, phase=JobPhase.STORING, **columns_of(process_of(sleeper.pid)))
    jobs.cancel_job(manager.db_url, job_id)
    assert sleeper.wait(timeout=10) == -9
    assert job(job_id).phase == JobPhase.CANCELLED


def test_another_process_with_the_number_of_a_job_is_left_alone(
    db_url: str,
    previewed: Callable[..., int],
    manager: DatabaseManager,
    job: Callable[..., Job],
    sleeper: subprocess.Popen[bytes],
) -> None:
    job_id = previewed(vm("a", 1))
    real = process_of(sleeper.pid)
    assert real.started
    gone = Process(real.id, real.host, f"1@{real.started.rpartition('@')[2]}")
    change(manager, job_id, phase=JobPhase.STORING, **columns_of(gone))
    assert job(job_id).phase == JobPhase.FAILED
    jobs.cancel_job(db_url, job_id)
    jobs.sweep_jobs(db_url)
    assert sleeper.poll() is None


def test_a_job_whose_process_is_gone_is_told_as_failed_at_once(
    db_url: str,
    previewed: Callable[..., int],
    job: Callable[..., Job],
    manager: DatabaseManager,
    sleeper: subprocess.Popen[bytes],
) -> None:
    job_id = previewed(vm("a", 1))
    change(manager, job_id, phase=JobPhase.STORING, heartbeat_at=NOW, **columns_of(process_of(sleeper.pid)))
    assert job(job_id, now=NOW).phase == JobPhase.STORING
    sleeper.kill()
    sleeper.wait()
    assert job(job_id, now=NOW).phase == JobPhase.FAILED


def test_a_process_elsewhere_is_gone_after_half_a_minute_without_a_sign(
    db_url: str, previewed: Callable[..., int], job: Callable[..., Job], manager: DatabaseManager
) -> None:
    job_id = previewed(vm("a", 1))
    elsewhere = columns_of(Process(os.getpid(), "another.example.com", None))
    change(manager, job_id, phase=JobPhase.STORING, heartbeat_at=NOW, **elsewhere)
    assert job(job_id, now=NOW + timedelta(seconds=29)).phase == JobPhase.STORING
    assert job(job_id, now=NOW + timedelta(seconds=31)).phase == JobPhase.FAILED


def test_the_first_reader_of_a_dead_job_has_it_swept_once(
    db_url: str,
    previewed: Callable[..., int],
    job: Callable[..., Job],
    manager: DatabaseManager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sweeps: list[None] = []
    monkeypatch.setattr(rows, "_swept", set())  # by database and job, and these have had others
    monkeypatch.setattr(rows, "start_sweep", lambda: sweeps.append(None))
    job_id = previewed(vm("a", 1))
    change(manager, job_id, phase=JobPhase.STORING, heartbeat_at=NOW)
    assert [job(job_id).phase for _ in range(3)] == [JobPhase.FAILED] * 3
    assert len(sweeps) == 1


def test_a_dead_job_is_noted_and_what_it_wrote_is_removed(
    db_url: str,
    previewed: Callable[..., int],
    job: Callable[..., Job],
    manager: DatabaseManager,
    tmp_path: Path,
) -> None:
    store(db_url, previewed(vm("a", 1)))
    job_id = previewed(vm("a", 1), vm("b", 2), created=datetime(2026, 9, 2))
    change(manager, job_id, phase=JobPhase.STORING, heartbeat_at=NOW)
    with manager.session_scope() as session:
        draft = dict(session.execute(select(imports)).mappings().one())
        draft |= {"id": 9, "status": "unpublished"}
        session.execute(imports.insert().values(**draft))
        row = dict(session.execute(select(models.virtual_machines)).mappings().one())
        session.execute(models.virtual_machines.insert().values(**row | {"id": 99, "import_id": 9}))
    jobs.sweep_jobs(db_url)
    assert job(job_id).message.startswith("The import ended unexpectedly")
    assert (count(manager, imports), count(manager, models.virtual_machines)) == (1, 1)
    assert [path for path in (tmp_path / "uploads").iterdir() if any(path.iterdir())] == []


def test_a_preview_waits_for_its_operator_for_a_day(
    db_url: str,
    previewed: Callable[..., int],
    job: Callable[..., Job],
    manager: DatabaseManager,
    tmp_path: Path,
) -> None:
    job_id = previewed(vm("a", 1))
    change(manager, job_id, heartbeat_at=NOW)
    jobs.sweep_jobs(db_url, now=NOW + timedelta(hours=23))
    assert job(job_id).phase == JobPhase.PREVIEW
    jobs.sweep_jobs(db_url, now=NOW + timedelta(hours=25))
    assert job(job_id).phase == JobPhase.DISCARDED
    assert list((tmp_path / "uploads").iterdir()) == []


def test_an_ended_job_is_forgotten_after_a_week(
    db_url: str, previewed: Callable[..., int], job: Callable[..., Job], manager: DatabaseManager
) -> None:
    job_id = previewed(vm("a", 1))
    store(db_url, job_id)
    change(manager, job_id, heartbeat_at=NOW)
    jobs.sweep_jobs(db_url, now=NOW + timedelta(days=6))
    assert job(job_id).phase == JobPhase.DONE
    jobs.sweep_jobs(db_url, now=NOW + timedelta(days=8))
    with pytest.raises(NotFoundError):
        job(job_id)


def test_directories_of_no_job_go_after_a_day(
    db_url: str, previewed: Callable[..., int], tmp_path: Path
) -> None:
    previewed(vm("a", 1))
    directory = tmp_path / "uploads"
    (lost := directory / "lost").mkdir()
    made = datetime.fromtimestamp(lost.stat().st_mtime, UTC).replace(tzinfo=None)
    jobs.sweep_uploads([db_url], directory, now=made + timedelta(hours=23))
    assert lost.exists()
    jobs.sweep_uploads([db_url], directory, now=made + timedelta(hours=25))
    assert sorted(path.name for path in directory.iterdir()) == ["0"]


def test_reports_on_an_import_are_kept_with_its_job_and_nothing_else_is(
    db_url: str, previewed: Callable[..., int], job: Callable[..., Job], tmp_path: Path
) -> None:
    store(db_url, previewed(vm("a", 1)))
    job_id = previewed(vm("b", 2), created=datetime(2026, 9, 2))
    assert job(job_id).files == ("changes.csv",)
    store(db_url, job_id)
    path = jobs.job_file(db_url, job_id, "changes.csv")
    assert "b" in path.read_text(encoding="utf-8-sig")
    assert [file.name for file in path.parent.iterdir()] == ["changes.csv"]
    for name in ("export.xlsx", "../1/changes.csv", ""):
        with pytest.raises(NotFoundError):
            jobs.job_file(db_url, job_id, name)


def test_an_export_job_leaves_a_file_in_a_directory_of_its_own(
    db_url: str, previewed: Callable[..., int], tmp_path: Path
) -> None:
    store(db_url, previewed(vm("a", 1)))
    payload = {"scope": "", "columns": ["name"], "titles": ["Name"]}
    job_id = jobs.create_export_job(db_url, payload=payload)
    done = jobs.run_job(db_url, job_id, directory=tmp_path / "exports")
    assert (done.kind, done.phase, done.progress_pct) == ("export", JobPhase.DONE, 100)
    path = jobs.job_file(db_url, job_id, done.files[0])
    assert path.stat().st_size > 0
    assert path.parent.parent == tmp_path / "exports"


def test_a_removal_job_removes_states(
    db_url: str, previewed: Callable[..., int], manager: DatabaseManager
) -> None:
    store(db_url, previewed(vm("a", 1)))
    store(db_url, previewed(vm("a", 1), created=datetime(2026, 9, 2)))
    job_id = jobs.create_removal_job(db_url, import_ids=[1], what="vc1, 1 Sep 2026")
    done = jobs.run_job(db_url, job_id)
    assert (done.kind, done.phase, done.message) == (
        "removal", JobPhase.DONE, "Removed: vc1, 1 Sep 2026.",
    )  # fmt: skip
    with manager.get_session() as session:
        assert list(session.scalars(select(imports.c.id))) == [2]


def test_open_jobs_are_those_that_wait_run_or_show_a_preview(
    db_url: str, previewed: Callable[..., int], manager: DatabaseManager
) -> None:
    done, shown, dead = previewed(vm("a", 1)), previewed(vm("b", 2)), previewed(vm("c", 3))
    store(db_url, done)
    change(manager, dead, phase=JobPhase.STORING, heartbeat_at=NOW)
    waits = jobs.create_demo_job(db_url)
    with manager.get_session() as session:
        assert [job.id for job in jobs.list_open_jobs(session, Scope())] == [shown, waits]


def test_a_preview_of_an_earlier_version_asks_for_the_file_again(
    db_url: str, previewed: Callable[..., int], job: Callable[..., Job], manager: DatabaseManager
) -> None:
    job_id = previewed(vm("a", 1))
    change(manager, job_id, result={"preview": {"file_name": "x.xlsx", "vcenter": "vc1"}})
    assert (job(job_id).phase, job(job_id).preview) == (JobPhase.FAILED, None)
