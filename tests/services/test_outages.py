"""A database server that is stopped, killed or hangs under use: what operators and probes are told, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url

from app import create_app
from data import patience
from data.database import DatabaseManager, get_engine, upgrade_schema
from data.errors import DatabaseUnavailableError
from data.ingest import import_file
from data.settings import Settings
from scripts.servers import MariaDBServer, PostgreSQLServer, Server
from tests.callbacks.calling import call
from tests.serving import Answer, Product, of_both_workers, product

pytestmark = pytest.mark.services

SAMPLE = Path(__file__).parents[1] / "samples/workshop-805-vms-3-tabs.xlsx"
BODY, ROWS, STATUS = (
    "overview-body.children",
    "vm-explorer-grid.getRowsResponse",
    "shell-quick-stats.children",
)
BLOCK = {"startRow": 0, "endRow": 100, "sortModel": [], "filterModel": {}}
EXPORT = "/export/machines.csv"
SOON_SECONDS = 4
QUESTIONS: dict[str, Callable[[Product], Answer]] = {
    "body": lambda asked: asked.call(BODY, "", 0, patience_seconds=SOON_SECONDS),
    "rows": lambda asked: asked.call(ROWS, BLOCK, "", "", patience_seconds=SOON_SECONDS),
    "status": lambda asked: asked.call(STATUS, 0, "default", "", patience_seconds=SOON_SECONDS),
    "palette": lambda asked: asked.get("/find?q=a", patience_seconds=SOON_SECONDS),
    "export": lambda asked: asked.get(EXPORT, patience_seconds=SOON_SECONDS),
    "readiness": lambda asked: asked.get("/health/ready", patience_seconds=SOON_SECONDS),
}
STOPPED = {
    "The database does not answer: nobody listens there.",
    "The database does not answer: it is starting or stopping.",
    "The database does not answer: the connection was lost.",
}


@pytest.fixture(scope="module", params=[PostgreSQLServer, MariaDBServer], ids=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of these tests alone, with some machines."""
    with request.param() as started:
        upgrade_schema(started.url())
        import_file(started.url(), SAMPLE)
        DatabaseManager(started.url()).clear_cache()
        yield started


@pytest.fixture(autouse=True)
def _running(server: Server) -> Iterator[None]:
    yield
    server.resume()
    server.stop()
    server.start()


def assert_told(answer: Answer, name: str, server: Server, sentences: set[str]) -> None:
    """A status, a sentence, and nothing that is not for everybody."""
    assert answer.status == 503
    if name == "readiness":
        assert '"status":"unavailable"' in answer.text
    else:
        assert answer.headers["x-unavailable"] in sentences
        assert (answer.headers["x-unavailable"] if name != "status" else "cannot be read") in answer.text
    url = make_url(server.url())
    for secret in ("Traceback", url.password, url.username, url.host, url.port, url.drivername):
        assert str(secret).lower() not in answer.text.replace("nventory", "").lower()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_meanwhile_each_answer_is_a_sentence_and_the_first_ones_afterwards_are_whole(
    server: Server, tmp_path: Path, end: str
) -> None:
    with product(tmp_path, server.url()) as asked:
        before = {name: question(asked) for name, question in QUESTIONS.items()}
        assert {answer.status for answer in before.values()} == {200}
        for _ in range(2):
            getattr(server, end)()
            for name, question in QUESTIONS.items():
                for answer in of_both_workers(lambda question=question: question(asked)):
                    assert_told(answer, name, server, STOPPED)
            assert asked.get("/").status == 200
            assert asked.get("/health/live").status == 200
            server.start()
            for name, question in QUESTIONS.items():
                for answer in of_both_workers(lambda question=question: question(asked)):
                    assert (answer.status, answer.text) == (200, before[name].text)


def test_workers_that_were_never_asked_before_the_outage_do_not_differ(
    server: Server, tmp_path: Path
) -> None:
    with product(tmp_path, server.url()) as asked:
        server.stop()
        for answer in of_both_workers(lambda: QUESTIONS["body"](asked)):
            assert_told(answer, "body", server, STOPPED)
        server.start()
        assert {answer.status for answer in of_both_workers(lambda: QUESTIONS["body"](asked))} == {200}


def test_a_server_that_hangs_is_told_in_seconds_and_asked_again_when_it_goes_on(
    server: Server, tmp_path: Path
) -> None:
    silent = {"The database does not answer: it does not respond in time."}
    with product(tmp_path, server.url()) as asked:
        assert asked.call(BODY, "", 0).status == 200
        server.pause()
        # The first ones find out with a connection they had and with a new one; then one at a time tries.
        first = of_both_workers(lambda: asked.call(BODY, "", 0, patience_seconds=6 * patience.ANSWER_SECONDS))
        for answer in first + of_both_workers(lambda: QUESTIONS["body"](asked)):
            assert_told(answer, "body", server, silent)
        assert asked.get("/health/live").status == 200
        server.resume()
        of_both_workers(
            lambda: QUESTIONS["body"](asked)
        )  # in each worker one tries, the others are still refused
        assert {answer.status for answer in of_both_workers(lambda: QUESTIONS["body"](asked))} == {200}


@pytest.fixture
def app(server: Server, tmp_path: Path) -> Iterator[Flask]:
    """The product within this process."""
    yield create_app(Settings(db_url=server.url(), instance_dir=tmp_path / "instance", log_level="error"))
    DatabaseManager(server.url()).clear_cache()


def test_twenty_outages_under_parallel_requests_leave_no_connection_checked_out(
    server: Server, app: Flask
) -> None:
    questions: tuple[Callable[[], int], ...] = (
        lambda: call(app, BODY, "", 0).status_code,
        lambda: call(app, ROWS, BLOCK, f"q={next(numbers)}", "").status_code,  # which nobody has asked before
        lambda: app.test_client().get(f"{EXPORT}?q={next(numbers) % 10}").status_code,
    )
    numbers, is_over, answered = iter(range(10**9)), threading.Event(), threading.Semaphore(0)

    def operate() -> set[int]:
        seen = set()
        for question in cycle(questions):
            if is_over.is_set():
                return seen
            try:
                seen.add(question())
            except DatabaseUnavailableError:  # a file that breaks off
                seen.add(0)
            answered.release()
        return seen

    with ThreadPoolExecutor(6) as threads:
        operators = [threads.submit(operate) for _ in range(6)]
        try:
            for end in (server.stop, server.kill) * 10:
                answered.acquire()
                end()
                for _ in range(6):
                    answered.acquire()
                server.start()
        finally:
            is_over.set()
        seen = set().union(*(operator.result() for operator in operators))
    assert {200, 503} <= seen <= {0, 200, 503}
    assert get_engine(server.url()).pool.checkedout() == 0
    assert questions[1]() == 200


@pytest.mark.parametrize("is_writing", [False, True], ids=["reads", "writes"])
def test_a_question_that_takes_long_is_given_up_only_if_it_reads(
    server: Server, monkeypatch: pytest.MonkeyPatch, is_writing: bool
) -> None:
    monkeypatch.setattr(patience, "READ_SECONDS", 0.2)
    manager = DatabaseManager(server.url())
    sleep = "SELECT pg_sleep(1)" if isinstance(server, PostgreSQLServer) else "SELECT SLEEP(1)"
    with manager.session_scope() if is_writing else manager.get_session() as session:
        if is_writing:
            session.connection().exec_driver_sql(sleep)
        else:
            with pytest.raises(DatabaseUnavailableError, match="does not respond in time"):
                session.connection().exec_driver_sql(sleep)
    assert manager.test_connection()[0]
    manager.clear_cache()
