"""Imports that a page asks for: their phases, what they leave, and what can happen to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from data import jobs
from data.database import DatabaseManager
from data.errors import ConflictError, NotFoundError
from data.ingest import importing, remove_demo
from data.models import imports, vcenters
from data.models import jobs as job_rows
from data.results import Job
from data.scope import Scope
from data.vocabulary import JobPhase
from tests.data.workbooks import table, vm, write_workbook


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., Path]:
    """A workbook in a directory of its own, as uploads lie."""
    count = iter(range(100))

    def make(*vms: dict[str, Any]) -> Path:
        directory = tmp_path / "uploads" / str(next(count))
        directory.mkdir(parents=True)
        return write_workbook(directory / "export.xlsx", {"vInfo": table(*vms)})

    return make


@pytest.fixture
def job(manager: DatabaseManager) -> Callable[..., Job]:
    """How far a job is."""

    def get(job_id: int, **options: Any) -> Job:
        with manager.get_session() as session:
            return jobs.get_job(session, Scope(), job_id=job_id, **options)

    return get


def count(manager: DatabaseManager, of: Any) -> int:
    with manager.get_session() as session:
        return session.scalar(select(func.count()).select_from(of)) or 0


def test_a_job_shows_a_preview_and_stores_after_the_confirmation(
    db_url: str, upload: Callable[..., Path], job: Callable[..., Job], manager: DatabaseManager
) -> None:
    path = upload(vm("a", 1))
    job_id = jobs.create_job(db_url, path=path, file_name="vc01.xlsx")
    assert (job(job_id).phase, job(job_id).file_name) == (JobPhase.UPLOADED, "vc01.xlsx")

    seen = jobs.run_job(db_url, job_id)
    assert (seen.phase, seen.progress_pct) == (JobPhase.PREVIEW, 100)
    assert seen.preview
    assert (seen.preview.machines, seen.preview.vcenter) == (1, "vc1.example.com")
    assert seen.preview.exported_at == datetime(2026, 9, 1, 9, 30)
    assert path.exists()
    assert count(manager, imports) == 0

    jobs.confirm_job(db_url, job_id, vcenter="Lab", exported_at=datetime(2026, 9, 2))
    assert job(job_id).phase == JobPhase.CONFIRMED
    done = jobs.run_job(db_url, job_id)
    assert (done.phase, done.progress_pct, done.message) == (
        JobPhase.DONE, 100, "1 machine of Lab, exported 2026-09-02 00:00: stored.",
    )  # fmt: skip
    assert done.outcome
    assert (done.outcome.file_name, done.outcome.vcenter) == ("vc01.xlsx", "Lab")
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
    path.write_text("no workbook")
    done = jobs.run_job(db_url, jobs.create_job(db_url, path=path, file_name="x.xlsx"))
    assert done.phase == JobPhase.FAILED
    assert done.message.startswith("The file is not an Excel workbook")
    assert not path.parent.exists()


def test_a_bug_fails_the_job_with_a_reference_that_is_in_the_log(
    db_url: str,
    upload: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(importing, "survey", broken)
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


def test_a_job_that_is_discarded_while_it_reads_stops(
    db_url: str, upload: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
    survey = importing.survey

    def discard_meanwhile(workbook: Any) -> Any:
        jobs.discard_job(db_url, job_id)
        return survey(workbook)

    monkeypatch.setattr(importing, "survey", discard_meanwhile)
    assert jobs.run_job(db_url, job_id).phase == JobPhase.DISCARDED


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


def test_a_directory_with_other_files_survives_the_upload_in_it(
    db_url: str, upload: Callable[..., Path]
) -> None:
    path = upload(vm("a", 1))
    other = path.with_name("kept.txt")
    other.touch()
    job_id = jobs.create_job(db_url, path=path, file_name="x.xlsx")
    jobs.discard_job(db_url, job_id)
    assert not path.exists()
    assert other.exists()


@pytest.mark.parametrize("act", [jobs.run_job, jobs.discard_job])
def test_an_unknown_job_is_not_found(db_url: str, act: Callable[[str, int], object]) -> None:
    with pytest.raises(NotFoundError, match=r"There is no import job 7\."):
        act(db_url, 7)


def test_a_job_whose_process_died_is_told_as_failed(
    db_url: str, upload: Callable[..., Path], job: Callable[..., Job], manager: DatabaseManager
) -> None:
    job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
    beat = datetime(2026, 11, 23, 12)
    with manager.session_scope() as session:
        session.execute(update(job_rows).values(phase=JobPhase.STORING, heartbeat_at=beat))
    assert job(job_id, now=beat + timedelta(seconds=59)).phase == JobPhase.STORING
    assert job(job_id, now=beat + timedelta(seconds=61)).phase == JobPhase.FAILED


def test_a_preview_may_wait_for_its_operator_for_days(
    db_url: str, upload: Callable[..., Path], job: Callable[..., Job]
) -> None:
    job_id = jobs.create_job(db_url, path=upload(vm("a", 1)), file_name="x.xlsx")
    jobs.run_job(db_url, job_id)
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=3)
    assert job(job_id, now=later).phase == JobPhase.PREVIEW


def test_the_demo_job_loads_two_vcenters_of_four_months(
    db_url: str, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "DEMO_MACHINES", 40)
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
