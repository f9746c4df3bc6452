"""The utilities that every page stands on, each proved on the real thing."""

import doctest
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from data.cache import (
    CACHE_TTL_SHORT,
    clear_all_caches,
    get_cache_uses,
    get_clusters,
    get_data_quality_metrics,
    get_datacenters,
    get_label_keys,
    get_label_values,
    get_power_states,
    get_resource_totals,
    get_vm_counts,
)
from data.database import DatabaseManager, get_engine, get_session_factory
from data.errors import DatabaseUnavailableError, DataError, NotFoundError
from data.ingest import import_file
from data.models import vcenters
from layouts import overview
from layouts.shared.errors import ErrorHandler, shows_tracebacks
from layouts.shared.sitemap import PAGES, PageNavigator
from layouts.shared.state import SessionKeys, StateManager
from tests.callbacks.calling import call
from tests.layouts.drawn import text as words

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "tests" / "samples" / "workshop-805-vms-3-tabs.xlsx"
NAMES = select(vcenters.c.name)


def test_database_manager_session_scope(manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        session.execute(insert(vcenters).values(name="kept"))
    with pytest.raises(IntegrityError), manager.session_scope() as session:
        session.execute(insert(vcenters), [{"name": "rolled back"}, {"name": "kept"}])
    with manager.get_session() as session:
        assert session.scalars(NAMES).all() == ["kept"]
    assert get_engine(manager.db_url).pool.checkedout() == 0


def test_database_manager_connection_pooling(manager: DatabaseManager) -> None:
    pool = get_engine(manager.db_url).pool
    together = threading.Barrier(4)

    def ask(_: int) -> int:
        with manager.get_session() as session:
            answer = session.scalar(text("SELECT 7"))
            together.wait()  # each holds a connection of its own now
            return answer

    for _ in range(3):
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(ask, range(4))) == [7] * 4
    assert (pool.checkedin(), pool.checkedout()) == (4, 0)


def test_error_handler_show_error(caplog: pytest.LogCaptureFixture) -> None:
    message = ErrorHandler.show_error(NotFoundError("No machine has the id 7."), context="Machine")
    assert "No machine has the id 7." in words(message)
    assert "Machine" in words(message)

    secret = "postgresql://operator:very-secret@db"
    with caplog.at_level(logging.ERROR):
        message = ErrorHandler.show_error(RuntimeError(secret))
    assert secret not in words(message)
    (reference,) = re.findall(r"[0-9a-f]{8}", words(message))[:1]
    assert reference in caplog.text

    token = shows_tracebacks.set(True)
    assert "RuntimeError" in words(ErrorHandler.show_error(RuntimeError("boom")))
    shows_tracebacks.reset(token)


@pytest.fixture
def at_work(server: Flask) -> Iterator[Flask]:
    """The app at work, with an empty cache."""
    with server.app_context():
        clear_all_caches()
        yield server


def test_cache_ttl_expiration(
    at_work: Flask, db_url: str, monkeypatch: pytest.MonkeyPatch, count_statements
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("cachelib.file.time", lambda: now)

    def statements() -> int:
        with count_statements(get_engine(db_url)) as counted:
            get_vm_counts(db_url)
        return len(counted)

    assert statements() == 2, "the generation and the question"
    now += CACHE_TTL_SHORT - 1
    assert statements() == 1, "the generation alone"
    now += 2
    assert statements() == 2


def test_state_manager_type_safety() -> None:
    state = StateManager.set(None, SessionKeys.RESULTS_PER_PAGE, 50)
    assert StateManager.get(state, SessionKeys.RESULTS_PER_PAGE) == 50
    for wrong in ("50", 50.0, True, None, [50]):
        with pytest.raises(TypeError):
            StateManager.set(state, SessionKeys.RESULTS_PER_PAGE, wrong)
    assert state == {"results_per_page": 50}
    assert len(SessionKeys) >= 16


def test_page_navigator_valid_pages() -> None:
    for page in PAGES:
        assert PageNavigator.is_valid_page(page.key)
        assert PageNavigator.is_valid_page(page.title)
        assert PageNavigator.get_current_page(page.path) == page.key
        assert PageNavigator.get_page_category(page.key) == page.section
    assert not PageNavigator.is_valid_page("Not A Page")
    assert PageNavigator.get_page_category("Not A Page") is None


def test_page_render_with_utilities(server: Flask, db_url: str, count_statements) -> None:
    import_file(db_url, SAMPLE, vcenter="workshop")

    def render() -> str:
        answer = call(server, f"{overview.Ids.BODY}.children", "", 0)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    with count_statements(get_engine(db_url)) as cold:
        first = render()
    with count_statements(get_engine(db_url)) as warm:
        assert render() == first
    assert "795 machines in 1 datacenter" in first, "805 without the 10 templates"
    assert len(cold) <= 12
    assert ["generations" in statement for statement in warm] == [True]


WORKER = """
import os
from pathlib import Path
from flask import Flask
from callbacks.shared import reading
from data.cache_store import init_cache
from data.database import upgrade_schema
from data.queries.counts import count_machines
from data.results import AttentionLimits
from data.scope import Scope

URL = "sqlite:///inventory.db"
upgrade_schema(URL)
server = Flask("worker")
init_cache(server, Path("cache"))
reading.connect(server, databases={"default": URL}, limits=AttentionLimits())

@server.route("/")
def answer():
    counts = reading.read(count_machines, Scope())
    return f"{os.getpid()} {counts.total}"
"""


def test_cache_across_reruns(at_work: Flask, db_url: str, tmp_path: Path) -> None:
    for _ in range(3):
        call(at_work, f"{overview.Ids.BODY}.children", "", 0)
    drawn = {use.function: use for use in get_cache_uses()}["drawn.overview"]
    assert (drawn.hits, drawn.misses) == (2, 1), "across callbacks"

    (tmp_path / "worker.py").write_text(WORKER)
    options = [
        "--workers",
        "2",
        "--threads",
        "1",
        "--bind",
        "127.0.0.1:0",
        "--pythonpath",
        f"{ROOT},{tmp_path}",
    ]
    program = [sys.executable, "-m", "gunicorn", "worker:server", "--no-control-socket", *options]
    with subprocess.Popen(program, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as gunicorn:
        try:
            address, workers = _booted(gunicorn)
            answers = [_get(address, paused) for paused in (*workers, *workers)]
        finally:
            gunicorn.terminate()
    first, second = workers
    assert answers == [f"{second} 0", f"{first} 0"] * 2
    with _at_work_in(tmp_path / "cache").app_context():
        (use,) = get_cache_uses()
    assert (use.hits, use.misses) == (3, 1), "across workers"


def _booted(gunicorn: subprocess.Popen[str]) -> tuple[str, list[int]]:
    """Where gunicorn listens and the ids of its two workers, once they are there."""
    address, workers = "", []
    while len(workers) < 2:
        line = gunicorn.stderr.readline()
        assert line, "gunicorn ended"
        if found := re.search(r"Listening at: (\S+)", line):
            address = found[1]
        if found := re.search(r"Booting worker with pid: (\d+)", line):
            workers.append(int(found[1]))
    return address, workers


def _get(address: str, paused: int) -> str:
    """What another worker than the paused one answers."""
    os.kill(paused, signal.SIGSTOP)
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.read().decode()
    finally:
        os.kill(paused, signal.SIGCONT)


def _at_work_in(directory: Path) -> Flask:
    from data.cache_store import init_cache

    server = Flask("reader")
    init_cache(server, directory)
    return server


def test_database_connection_reuse(manager: DatabaseManager, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "data.database")
    for _ in range(10):
        with manager.session_scope() as session:
            session.execute(select(vcenters))
        with get_session_factory(manager.db_url)() as session:
            session.execute(select(vcenters))
    assert [record.message.endswith("opened") for record in caplog.records] == [True]


def test_each_cached_function_is_one_statement_and_right(
    at_work: Flask, db_url: str, count_statements
) -> None:
    import_file(db_url, SAMPLE, vcenter="workshop")
    answers = {}
    for function in (
        get_datacenters,
        get_clusters,
        get_power_states,
        get_vm_counts,
        get_resource_totals,
        get_data_quality_metrics,
        get_label_keys,
        get_label_values,
    ):
        with count_statements(get_engine(db_url)) as statements:
            answers[function.__name__] = function(db_url)
        assert len(statements) == 2, f"{function.__name__}: the generation and the question"
        with count_statements(get_engine(db_url)) as statements:
            assert function(db_url) == answers[function.__name__]
        assert len(statements) == 1
    assert answers["get_vm_counts"].total == 805 - (answers["get_vm_counts"].templates or 0)


def test_a_cached_function_does_not_hide_that_the_database_is_gone(at_work: Flask, db_url: str) -> None:
    get_vm_counts(db_url)
    Path(db_url.removeprefix("sqlite:///")).unlink()
    with pytest.raises(DatabaseUnavailableError):
        get_vm_counts(db_url)


def test_a_database_without_tables_is_an_error_and_not_a_zero(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such table"):
        get_vm_counts(f"sqlite:///{tmp_path / 'empty.db'}")


def test_the_examples_of_the_foundation_run(db_url: str) -> None:
    ran = doctest.testfile(
        str(ROOT / "docs" / "foundation.md"), module_relative=False, globs={"db_url": db_url}
    )
    assert ran.attempted > 20
    assert ran.failed == 0
