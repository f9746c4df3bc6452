"""What all tests share: databases, Chromium for dash.testing, and what happens where a server or it is missing."""

import os
import shutil
import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from dash.testing.application_runners import ThreadedRunner
from dash.testing.composite import DashComposite
from flask import Flask
from redis import Redis
from selenium.webdriver.chrome.options import Options
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from data import jobs
from data.database import DatabaseManager, get_engine, upgrade_schema
from data.settings import Settings
from scripts.servers import SERVERS
from tests.engines import (
    ENGINES,
    AnyServer,
    Databases,
    MariaDBDatabases,
    PostgreSQLDatabases,
    SQLiteFiles,
    running,
)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMEDRIVER = shutil.which("chromedriver")
BROWSER_TESTS = Path(__file__).parent / "e2e"
DATA_TESTS = Path(__file__).parent / "data"


def pytest_setup_options() -> Options:
    """The options with which dash.testing starts Chromium."""
    os.environ.setdefault("SE_CHROMEDRIVER", CHROMEDRIVER or "")  # or selenium asks the internet for one
    options = Options()
    options.binary_location = CHROMIUM or ""
    for flag in (
        "--headless=new",
        "--no-sandbox",  # Chromium refuses to run as root with one
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
        "--window-size=1400,900",
    ):
        options.add_argument(flag)
    return options


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --engines sqlite,postgresql` leaves the tests on the other engines out."""
    parser.addoption(
        "--engines", default=",".join(ENGINES), help="the databases that tests of the data run on"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of the data, and those marked `every_engine`, run on every engine, but for those marked `sqlite_only`."""
    mark = metafunc.definition.get_closest_marker
    if "db_url" not in metafunc.fixturenames or mark("sqlite_only"):
        return
    if DATA_TESTS in metafunc.definition.path.parents or mark("every_engine"):
        chosen = str(metafunc.config.getoption("engines")).split(",")
        if unknown := set(chosen) - set(ENGINES):
            raise pytest.UsageError(f"--engines: there is no {', '.join(sorted(unknown))}")
        metafunc.parametrize("db_url", [engine for engine in ENGINES if engine in chosen], indirect=True)


def needs_a_server(item: pytest.Item) -> bool:
    """Whether a test uses PostgreSQL, MariaDB or Redis."""
    parameters = (
        item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    )
    return parameters.get("db_url", "sqlite") != "sqlite" or any(
        f"{name}_server" in getattr(item, "fixturenames", ()) for name in SERVERS
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server or a browser, and skip the latter where there is no browser."""
    ready = CHROMIUM and CHROMEDRIVER
    for item in items:
        if needs_a_server(item):
            item.add_marker("services")
        if BROWSER_TESTS in item.path.parents:
            item.add_marker("browser")
        if item.get_closest_marker("browser") and not ready:
            item.add_marker(pytest.mark.skip(reason="Chromium or chromedriver is not installed"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that was skipped for want of a browser or a server has failed."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        for marker, kind in (("browser", "browser test"), ("services", "test of a server")):
            if item.get_closest_marker(marker):
                report.outcome = "failed"
                report.longrepr = f"A {kind} must not be skipped in CI: {report.longrepr}"
    return report


class ServerOnAFreePort(ThreadedRunner):
    """dash.testing counts its ports from the same number in every process; the system knows which are free."""

    def start(self, app: object, **options: object) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        super().start(app, port=port, **options)


@pytest.fixture
def dash_thread_server() -> Iterator[ThreadedRunner]:
    """The server of `dash_duo`, safe beside those of other processes."""
    with ServerOnAFreePort() as server:
        yield server


@pytest.fixture
def dash_duo(dash_duo: DashComposite) -> DashComposite:
    """The browser, which answers at once: looking for what is not there would take it two seconds otherwise."""
    dash_duo.driver.implicitly_wait(0)
    return dash_duo


@pytest.fixture
def closed_port() -> Generator[int]:
    """A port of this machine on which nobody listens; bound, so that nobody else gets it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture(scope="session")
def _schema_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the newest schema, made once."""
    file = tmp_path_factory.mktemp("schema") / "template.db"
    url = f"sqlite:///{file}"
    upgrade_schema(url)
    with get_engine(url).connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    DatabaseManager(url).clear_cache()
    return file


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[AnyServer]:
    """PostgreSQL for tests that leave it running; who wants to stop one starts a `PostgreSQLServer` of its own."""
    with running("postgresql") as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[AnyServer]:
    """MariaDB for tests that leave it running."""
    with running("mariadb") as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[AnyServer]:
    """Redis for tests that leave it running."""
    with running("redis") as server:
        yield server


@pytest.fixture
def redis_url(redis_server: AnyServer, worker_id: str) -> str:
    """URL of an empty Redis; of one that the environment names, the database with the number of the test process."""
    url = redis_server.url() if worker_id == "master" else redis_server.url(worker_id.removeprefix("gw"))
    with Redis.from_url(url) as redis:
        redis.flushdb()
    return url


@pytest.fixture(scope="session")
def _sqlite_databases(_schema_template: Path) -> Databases:
    return SQLiteFiles(_schema_template)


@pytest.fixture(scope="session")
def _postgresql_databases(postgresql_server: AnyServer) -> Iterator[Databases]:
    with closing(PostgreSQLDatabases(postgresql_server)) as databases:
        yield databases


@pytest.fixture(scope="session")
def _mariadb_databases(mariadb_server: AnyServer) -> Iterator[Databases]:
    with closing(MariaDBDatabases(mariadb_server)) as databases:
        yield databases


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """`new_database("mariadb")`: URL of one more database for this test, with the newest schema and no rows."""
    with ExitStack() as given:

        def give(engine: str) -> str:
            databases: Databases = request.getfixturevalue(f"_{engine}_databases")
            url = databases.give(tmp_path)
            given.callback(databases.take_back, url)
            return url

        yield give


@pytest.fixture
def db_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """URL of a database of this test, with the newest schema and no rows; an SQLite file unless it is told."""
    return new_database(getattr(request, "param", "sqlite"))


@pytest.fixture
def manager(db_url: str) -> DatabaseManager:
    """Sessions on `db_url`."""
    return DatabaseManager(db_url)


@pytest.fixture
def session(manager: DatabaseManager) -> Iterator[Session]:
    """A session on `db_url`, for questions about rows that nobody else sees: nothing is committed."""
    with manager.get_session() as session:
        yield session


@contextmanager
def counted_statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that the engine runs inside the block, in order, as a list that grows."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def count_statements() -> Callable[[Engine], AbstractContextManager[list[str]]]:
    """`with count_statements(engine) as statements:` and then `len(statements)`."""
    return counted_statements


@pytest.fixture(scope="session", autouse=True)
def _no_job_outlives_the_tests() -> Iterator[None]:
    yield
    for process in jobs.started:
        process.kill()
        process.wait()


@pytest.fixture(autouse=True)
def _no_sweep_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that is found dead starts a process, which would sweep what the environment names."""
    for module in ("asking", "rows", "sweeping"):
        monkeypatch.setattr(f"data.jobs.{module}.start_sweep", lambda: None)


@pytest.fixture
def server(db_url: str, tmp_path: Path) -> Flask:
    """The app on `db_url`."""
    from app import create_app  # only here: tests of the data need no pages

    return create_app(Settings(db_url=db_url, instance_dir=tmp_path / "instance", log_level="warning"))
