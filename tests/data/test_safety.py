"""Whatever is killed, and whenever: the old state or the new one is there, whole, and the next start is clean."""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import psutil
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, insert, select, update

from data import jobs, models
from data.database import DatabaseManager
from data.demo import write_demo
from data.generations import current_generation
from data.ingest import import_file, needs_sweep
from data.ingest.storing import STATE_TABLES, TAB_TABLES
from data.models import imports, vcenters
from data.models import jobs as job_rows
from data.queries.estate import get_stats
from data.results import Job
from data.scope import Scope
from data.vocabulary import RUNNING_PHASES, ImportStatus, JobPhase
from layouts.data_import import UPLOAD_PATH
from tests.data.dying import run_job
from tests.test_entry_points import serving

MACHINES = 1500
SEED = 20261123
KILLS_OF_JOBS, KILLS_OF_WORKERS = 20, 10
LONGEST_DELAY_SECONDS = 0.02
pytestmark = pytest.mark.timeout(600)  # they start dozens of processes
LONGEST_WAIT_SECONDS = 1.0
"""Of a label that is written while an import runs."""
PATIENCE_SECONDS = 60
PUBLISHING = "UPDATE imports SET status"
"""How the statement begins that makes a state visible."""

Counts = dict[datetime, dict[str, int]]
"""Export time of a state -> table -> rows."""


@dataclass(frozen=True)
class Case:
    """A directory with a database and uploads, to be spoilt by a test."""

    directory: Path

    @property
    def db_url(self) -> str:
        return f"sqlite:///{self.directory / 'inventory.db'}"

    @property
    def uploads(self) -> Path:
        return self.directory / "uploads"

    def copy(self, directory: Path) -> Case:
        """The same with files of its own."""
        DatabaseManager(self.db_url).clear_cache()
        shutil.copytree(self.directory, directory)
        case = Case(directory)
        with DatabaseManager(case.db_url).session_scope() as session:
            for row in session.execute(select(job_rows)).all():
                path = str(row.payload["path"]).replace(str(self.directory), str(directory))
                mine = update(job_rows).where(job_rows.c.id == row.id)
                session.execute(mine.values(payload=row.payload | {"path": path}))
        DatabaseManager(case.db_url).clear_cache()
        return case

    def ask_for(self, file: Path) -> int:
        """A job that will import a file."""
        path = self.uploads / file.stem / "export.xlsx"
        path.parent.mkdir(parents=True)
        shutil.copy(file, path)
        return jobs.create_job(self.db_url, path=path, file_name=file.name)

    def start(self) -> None:
        """What a start of the program does: to the database after a minute, to the uploads after two days."""
        now = datetime.now(UTC).replace(tzinfo=None)
        jobs.sweep_jobs(self.db_url, now=now + timedelta(minutes=1))
        jobs.sweep_uploads([self.db_url], self.uploads, now=now + timedelta(days=2))


@dataclass(frozen=True)
class Series:
    """An old state is stored and a job will import a new one; and what is right before and after."""

    waiting: Case
    """The job waits to be read."""
    confirmed: Case
    """It was read and confirmed."""
    job_id: int
    old: Counts
    new: Counts
    figures: tuple[dict[str, Any], dict[str, Any]]
    """Of the old state and of the new one."""
    moments: tuple[int, int]
    """Of reading and of storing."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Monthly exports of one vCenter, the oldest first."""
    directory = tmp_path_factory.mktemp("exports") / "demo"
    return write_demo(directory, vms=MACHINES, seed=5, months=3, vcenters=1, newest=datetime(2026, 11, 1, 6))


@pytest.fixture(scope="module")
def empty(_schema_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    directory = tmp_path_factory.mktemp("empty")
    (directory / "temporary").mkdir()
    shutil.copy(_schema_template, directory / "inventory.db")
    return Case(directory)


@pytest.fixture(scope="module")
def series(empty: Case, files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Series:
    parent = tmp_path_factory.mktemp("series")
    waiting = empty.copy(parent / "waiting")
    import_file(waiting.db_url, files[0])
    old, old_figures = counts(waiting), figures(waiting)
    job_id = waiting.ask_for(files[1])
    confirmed = waiting.copy(parent / "confirmed")
    _status, reading = run_job(confirmed.directory, job_id)
    jobs.confirm_job(confirmed.db_url, job_id, vcenter=None, exported_at=None)
    done = confirmed.copy(parent / "done")
    _status, storing = run_job(done.directory, job_id)
    assert job_of(done, job_id).phase == JobPhase.DONE
    assert_sound(done)
    return Series(
        waiting, confirmed, job_id, old, counts(done), (old_figures, figures(done)), (reading, storing)
    )


def counts(case: Case) -> Counts:
    """How many rows each state has in each table."""
    found: Counts = {}
    with DatabaseManager(case.db_url).get_session() as session:
        times = {row.id: row.exported_at for row in session.execute(select(imports))}
        for table in STATE_TABLES:
            by_state = select(table.c.import_id, func.count()).group_by(table.c.import_id)
            for import_id, rows in session.execute(by_state):
                found.setdefault(times[import_id], {})[table.name] = rows
    return found


def figures(case: Case) -> dict[str, Any]:
    """What pages show of the newest state."""
    with DatabaseManager(case.db_url).get_session() as session:
        newest = session.scalar(
            select(imports.c.exported_at).join(vcenters, vcenters.c.current_import_id == imports.c.id)
        )
        return {**asdict(get_stats(session)), "newest": newest}


def generation(case: Case) -> str:
    with DatabaseManager(case.db_url).get_session() as session:
        return current_generation(session)


def job_of(case: Case, job_id: int) -> Job:
    with DatabaseManager(case.db_url).get_session() as session:
        return jobs.get_job(session, Scope(), job_id=job_id)


def assert_sound(case: Case) -> None:
    """Nothing is half done: no unpublished rows, no wrong flag, no machine that no state has, nothing to settle."""
    with DatabaseManager(case.db_url).get_session() as session:
        stored = {row.id: row for row in session.execute(select(imports))}
        assert {row.status for row in stored.values()} <= {ImportStatus.PUBLISHED}
        current = set(session.scalars(select(vcenters.c.current_import_id)))
        assert current == {max(stored, key=lambda number: stored[number].exported_at)}
        assert not any(session.scalars(select(vcenters.c.is_settling)))
        for table in STATE_TABLES:
            if "is_current" in table.c:
                flags = session.execute(select(table.c.import_id, table.c.is_current).distinct())
                assert [row for row in flags if row.is_current is not (row.import_id in current)] == [], table
        rows = models.virtual_machines.c
        seen: dict[int, list[Any]] = {}
        for row in session.execute(select(rows.machine_id, rows.import_id)):
            seen.setdefault(row.machine_id, []).append((stored[row.import_id].exported_at, row.import_id))
        known = {
            row.id: (row.first_import_id, row.last_import_id)
            for row in session.execute(select(models.machines))
        }
        assert known == {machine: (min(states)[1], max(states)[1]) for machine, states in seen.items()}
        phases = set(session.scalars(select(job_rows.c.phase)))
        assert not phases & {JobPhase.READING, JobPhase.STORING, JobPhase.PUBLISHING, JobPhase.QUEUED}


def readers_have_ended(case: Case) -> None:
    """The reader of a killed job ends by itself, a moment later."""
    readers = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(case.directory) in part for part in process.info["cmdline"] or ())
    ]
    psutil.wait_procs(readers, timeout=PATIENCE_SECONDS)


def test_every_row_of_the_file_is_stored(series: Series, files: list[Path]) -> None:
    for file, stored in zip(files, (series.old, series.new), strict=False):
        book = CalamineWorkbook.from_path(file)
        rows = {name: book.get_sheet_by_name(name).height - 1 for name in book.sheet_names}
        state = stored[max(stored)]
        rows.pop("vFileInfo")  # a sentence that says how to get the tab
        tabs = {tab: table.name for tab, table in TAB_TABLES.items() if rows.get(tab)}
        assert rows["vInfo"] > 0.9 * MACHINES
        assert {tab: state.get(name) for tab, name in tabs.items()} == {tab: rows[tab] for tab in tabs}
    assert series.new.items() >= series.old.items()


def moments(series: Series) -> Iterator[tuple[Case, int, float]]:
    reading, storing = series.moments
    chance = random.Random(SEED)
    for number in sorted(chance.sample(range(1, reading + storing), KILLS_OF_JOBS)):
        delay = chance.random() * LONGEST_DELAY_SECONDS
        yield (series.waiting, number, delay) if number <= reading else (
            series.confirmed, number - reading, delay,
        )  # fmt: skip


def test_a_job_that_is_killed_leaves_the_old_state_or_the_new_one(series: Series, tmp_path: Path) -> None:
    before, after = series.figures
    seen, killed = set(), 0
    for number, (before_it, moment, delay) in enumerate(moments(series)):
        case = before_it.copy(tmp_path / str(number))
        told = generation(case)
        status, _moments = run_job(case.directory, series.job_id, moment=moment, delay=delay)
        killed += status == -signal.SIGKILL
        shown = figures(case)
        assert shown in (before, after), f"moment {moment}"
        readers_have_ended(case)
        case.start()
        assert figures(case) == shown
        assert counts(case) == (series.new if shown == after else series.old)
        assert_sound(case)
        assert (generation(case) != told) or shown == before
        job = job_of(case, series.job_id)
        assert job.phase in ({JobPhase.DONE} if shown == after else {JobPhase.FAILED, JobPhase.PREVIEW})
        assert list((case.directory / "temporary").iterdir()) == []
        left = {path.name for path in case.uploads.glob("*/*")}
        assert left <= {*job.files} or job.phase == JobPhase.PREVIEW
        seen.add(shown == after)
        DatabaseManager(case.db_url).clear_cache()
        shutil.rmtree(case.directory)
    assert killed >= KILLS_OF_JOBS - 2
    assert False in seen


def test_a_file_can_be_imported_again_after_its_job_was_killed(series: Series, tmp_path: Path) -> None:
    case = series.confirmed.copy(tmp_path / "case")
    status, _moments = run_job(case.directory, series.job_id, moment=series.moments[1] // 2)
    assert status == -signal.SIGKILL
    (file,) = series.waiting.uploads.glob("*/export.xlsx")
    import_file(case.db_url, file)
    assert (counts(case), figures(case)) == (series.new, series.figures[1])
    case.start()
    assert_sound(case)


def test_a_job_that_is_killed_right_after_publishing_leaves_the_new_state(
    series: Series, tmp_path: Path
) -> None:
    case = series.confirmed.copy(tmp_path / "case")
    status, _moments = run_job(case.directory, series.job_id, after=PUBLISHING)
    assert status == -signal.SIGKILL
    assert figures(case) == series.figures[1]
    assert job_of(case, series.job_id).phase == JobPhase.DONE
    with pytest.raises(AssertionError):
        assert_sound(case)
    case.start()
    assert (counts(case), figures(case)) == (series.new, series.figures[1])
    assert_sound(case)


def test_a_server_that_starts_clears_up_what_a_killed_job_left(series: Series, tmp_path: Path) -> None:
    case = series.confirmed.copy(tmp_path / "case")
    status, _moments = run_job(case.directory, series.job_id, after=PUBLISHING)
    assert (status, needs_sweep(case.db_url)) == (-signal.SIGKILL, True)
    with serving(environment(case), "-m", "gunicorn", "app:server"):
        until = time.monotonic() + PATIENCE_SECONDS
        while needs_sweep(case.db_url) and time.monotonic() < until:
            time.sleep(0.1)
    assert_sound(case)
    assert counts(case) == series.new


def environment(case: Case) -> dict[str, str]:
    """Of a server over the database and the uploads of a case."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(case.directory),
        "PORT": "0",
        "GUNICORN_CMD_ARGS": "--graceful-timeout 1 --workers 1",
        "VMWARE_INV_INSTANCE_DIR": str(case.directory),
    }


def test_an_older_state_is_settled_by_the_next_start_if_its_job_is_killed_before(
    empty: Case, files: list[Path], tmp_path: Path
) -> None:
    case = empty.copy(tmp_path / "killed")
    import_file(case.db_url, files[1])
    job_id = case.ask_for(files[0])
    run_job(case.directory, job_id)
    jobs.confirm_job(case.db_url, job_id, vcenter=None, exported_at=None)
    whole = case.copy(tmp_path / "whole")
    assert run_job(whole.directory, job_id)[0] == 0
    status, _moments = run_job(case.directory, job_id, after=PUBLISHING)
    assert status == -signal.SIGKILL
    assert off_since(case) != off_since(whole)
    case.start()
    assert off_since(case) == off_since(whole)
    assert counts(case) == counts(whole)
    assert_sound(case)


def off_since(case: Case) -> list[Any]:
    columns = models.virtual_machines.c
    statement = select(columns.import_id, columns.machine_id, columns.off_since, columns.off_days)
    with DatabaseManager(case.db_url).get_session() as session:
        return [tuple(row) for row in session.execute(statement.order_by(columns.id))]


class Labels:
    """Writes labels one after another and notes how long each had to wait."""

    def __init__(self, case: Case) -> None:
        self._manager = DatabaseManager(case.db_url)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.waits: list[float] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _write(self) -> None:
        at = datetime(2026, 11, 1)
        with self._manager.get_session() as session:
            machines = list(session.scalars(select(models.machines.c.id)))
        while not self._ended.wait(0.01):
            number = len(self.waits)
            label = {"key": "owner", "value": str(number), "created_at": at, "updated_at": at}
            began = time.perf_counter()
            with self._manager.session_scope() as session:
                made = session.execute(insert(models.labels).values(label)).inserted_primary_key
                given = {"machine_id": machines[number], "label_id": made[0], "assigned_at": at}
                session.execute(insert(models.machine_labels).values(given))
            self.waits.append(time.perf_counter() - began)


def test_labels_are_written_while_an_import_runs_and_wait_less_than_a_second(
    series: Series, tmp_path: Path
) -> None:
    for attempt in range(2):  # a machine that is busy with something else gets a second chance
        case = series.confirmed.copy(tmp_path / str(attempt))
        with Labels(case) as labels:
            status, _moments = run_job(case.directory, series.job_id)
        assert status == 0
        assert counts(case) == series.new
        assert count_of(case, models.machine_labels) == len(labels.waits)
        if max(labels.waits) < LONGEST_WAIT_SECONDS and len(labels.waits) >= 20:
            return
    pytest.fail(f"{len(labels.waits)} labels were written, one waited {max(labels.waits):.2f} s")


def count_of(case: Case, table: Any) -> int:
    with DatabaseManager(case.db_url).get_session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


class Server:
    """gunicorn with one worker, whose worker can be killed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._arbiter = next(
            process
            for process in psutil.Process().children(recursive=True)
            if "gunicorn" in " ".join(process.cmdline()) and process.parent() == psutil.Process()
        )
        self.ask("GET", "/health")  # from now on there is a worker

    def kill_worker(self) -> None:
        """End it at once, and wait until there is another one that answers."""
        (worker,) = (
            process for process in self._arbiter.children() if "gunicorn" in " ".join(process.cmdline())
        )
        worker.kill()
        self.ask("GET", "/health")

    def ask(self, method: str, path: str, body: Any = None, size: int | None = None) -> bytes:
        """Ask until somebody answers."""
        until = time.monotonic() + PATIENCE_SECONDS
        headers = {"Sec-Fetch-Site": "same-origin"} | ({"Content-Length": str(size)} if size else {})
        while time.monotonic() < until:
            with (
                suppress(OSError, http.client.HTTPException),
                closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection,
            ):
                connection.request(method, path, body=body, headers=headers)
                answer = connection.getresponse()
                content = answer.read()
                assert answer.status in {200, 204}, content
                return content
        raise TimeoutError(path)

    def upload_and_kill(self, file: Path, part: float) -> None:
        """Send a part of a file; then the worker dies."""
        content = file.read_bytes()

        def body() -> Iterator[bytes]:
            yield content[: int(len(content) * part)]
            self.kill_worker()

        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            headers = {"Sec-Fetch-Site": "same-origin", "Content-Length": str(len(content))}
            with suppress(OSError, http.client.HTTPException):
                connection.request("POST", f"{UPLOAD_PATH}?file=x.xlsx", body=body(), headers=headers)
                connection.getresponse()


def follow(case: Case, job_id: int, marks: list[int], act: Callable[[], None]) -> Job:
    """Wait for a job to end or to show its preview; act whenever it passes a mark on the way to 100 %."""
    marks = sorted(marks)
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        job = job_of(case, job_id)
        while marks and job.progress_pct >= marks[0]:
            marks.pop(0)
            act()
        if job.phase not in RUNNING_PHASES:
            return job
        time.sleep(0.02)
    raise TimeoutError(job)


def test_jobs_go_on_when_the_web_worker_is_killed(series: Series, files: list[Path], tmp_path: Path) -> None:
    """Three times while a file is sent, seven times while two jobs run that the worker started."""
    case = series.waiting.copy(tmp_path / "case")
    jobs.discard_job(case.db_url, series.job_id)
    chance, kills = random.Random(SEED), 0
    with serving(environment(case), "-m", "gunicorn", "tests.data.confirming:make_application()") as (
        _host,
        port,
    ):
        server = Server(port)
        for _ in range(3):
            server.upload_and_kill(files[1], chance.random())
            assert figures(case) == series.figures[0]

        def kill() -> None:
            nonlocal kills
            kills += 1
            server.kill_worker()

        for file, marks_reading, marks_storing in ((files[1], 2, 2), (files[2], 1, 2)):
            answer = server.ask("POST", f"{UPLOAD_PATH}?file={file.name}", file.read_bytes())
            job_id = json.loads(answer)["job"]
            marks = [chance.randrange(0, 46) for _ in range(marks_reading)]
            assert follow(case, job_id, marks, kill).phase == JobPhase.PREVIEW
            server.ask("POST", f"/confirm/{job_id}")
            marks = [chance.randrange(45, 98) for _ in range(marks_storing)]
            assert follow(case, job_id, marks, kill).phase == JobPhase.DONE
            if file == files[1]:
                assert (counts(case), figures(case)) == (series.new, series.figures[1])
    assert kills + 3 == KILLS_OF_WORKERS
    case.start()
    assert_sound(case)
    assert len(counts(case)) == 3
    assert {path.name for path in case.uploads.glob("*/*")} <= {"changes.csv", "rejected.csv"}
