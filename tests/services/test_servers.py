"""scripts/servers.py, and the databases that the fixtures make on its servers."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from redis import Redis, exceptions
from sqlalchemy import Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from data import models
from data.database import DatabaseManager
from scripts.servers import (
    MariaDBServer,
    PostgreSQLServer,
    RedisServer,
    Server,
    ServerFailedError,
    ServerMissingError,
)
from tests.engines import AnyServer, MariaDBDatabases, PostgreSQLDatabases, ServerDatabases

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30
VCENTER = models.vcenters.insert().values(name="vc1")

pytestmark = pytest.mark.services


@pytest.fixture(params=[PostgreSQLServer, MariaDBServer])
def database_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param() as server:
        yield server


@contextmanager
def connecting(url: str) -> Iterator[Engine]:
    engine = create_engine(url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_server_that_was_ended_has_what_was_committed_at_the_same_url(
    database_server: Server, end: str
) -> None:
    with connecting(database_server.url()) as engine:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE things (name VARCHAR(20))"))
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO things VALUES ('kept')"))
        getattr(database_server, end)()
        with pytest.raises(OperationalError), engine.connect():
            pass
        database_server.start()
        with engine.connect() as connection:
            assert connection.scalars(text("SELECT name FROM things")).all() == ["kept"]


def test_a_server_that_hangs_takes_connections_and_goes_on_later() -> None:
    with RedisServer() as server, Redis.from_url(server.url(), socket_timeout=0.1) as redis:
        redis.set("key", "value")
        server.pause()
        with pytest.raises(exceptions.TimeoutError):
            redis.get("key")
        server.resume()
        assert redis.get("key") == b"value"
        server.kill()
        with pytest.raises(exceptions.ConnectionError):
            redis.get("key")
        server.start()
        assert redis.get("key") is None


@pytest.mark.parametrize("kind", [PostgreSQLServer, MariaDBServer])
def test_databases_ask_for_the_password(kind: type[Server]) -> None:
    with kind() as server:
        url = make_url(server.url()).set(password="another")
        with connecting(url.render_as_string(hide_password=False)) as engine, pytest.raises(OperationalError):
            engine.connect()


def test_redis_asks_for_the_password() -> None:
    with (
        RedisServer() as server,
        Redis(port=server.port, password="another") as redis,
        pytest.raises(exceptions.AuthenticationError),
    ):
        redis.get("key")


def test_texts_that_differ_in_case_are_equal_to_the_databases_of_mariadb_and_times_are_those_of_nepal() -> (
    None
):
    with MariaDBServer() as server, connecting(server.url()) as engine, engine.connect() as connection:
        assert connection.scalar(text("SELECT 'Zürich ' = 'zurich'")) == 1
        assert connection.scalar(text("SELECT @@time_zone")) == "+05:45"


def test_temporary_files_of_mariadb_are_not_among_those_of_other_servers() -> None:
    with MariaDBServer() as server, connecting(server.url()) as engine, engine.connect() as connection:
        assert connection.scalar(text("SELECT @@tmpdir")) == str(server.directory)


def test_options_of_a_server_go_before_those_that_spare_the_disk() -> None:
    with (
        PostgreSQLServer(fsync="on", work_mem="8MB") as server,
        connecting(server.url()) as engine,
        engine.connect() as connection,
    ):
        assert [connection.scalar(text(f"SHOW {name}")) for name in ("fsync", "work_mem")] == ["on", "8MB"]


def test_a_server_that_does_not_start_says_why_and_leaves_nothing() -> None:
    server = PostgreSQLServer(work_mem="much")
    with pytest.raises(ServerFailedError, match=r"PostgreSQL could not be started:(.|\n)*work_mem"), server:
        pass
    assert not server.directory.exists()


def test_a_program_that_is_missing_is_told_with_the_package_that_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MariaDBServer, "programs", ("mariadb-install-nothing",))
    with pytest.raises(
        ServerMissingError, match=r"MariaDB is not installed: there is no .*: apt install mariadb-server"
    ):
        MariaDBServer()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_servers_started_by_hand_end_with_the_command_however_it_ends(end: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.servers", "postgresql", "mariadb", "redis"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout
        said = [next(command.stdout) for _ in range(4)]
        processes = psutil.Process(command.pid).children(recursive=True)
        folders = {
            Path(process.cwd()) for process in processes if Path(process.cwd()).name.startswith("server-")
        }
        command.send_signal(end)
    assert [line.partition(":")[0] for line in said[:3]] == ["postgresql+psycopg", "mariadb+pymysql", "redis"]
    assert len(processes) > 6
    assert folders
    assert psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)[1] == []
    assert [folder for folder in folders if folder.exists()] == []


def test_every_database_of_postgresql_is_as_new(postgresql_server: AnyServer, tmp_path: Path) -> None:
    with closing(PostgreSQLDatabases(postgresql_server)) as databases:
        assert_as_new_after_each_use(databases, tmp_path)


def test_every_database_of_mariadb_is_as_new(mariadb_server: AnyServer, tmp_path: Path) -> None:
    with closing(MariaDBDatabases(mariadb_server)) as databases:
        assert_as_new_after_each_use(databases, tmp_path)


def assert_as_new_after_each_use(databases: ServerDatabases, folder: Path) -> None:
    ids, held = [], []

    def fill(manager: DatabaseManager) -> None:
        with manager.session_scope() as session:
            ids.append(session.execute(VCENTER).inserted_primary_key)
            session.execute(models.generations.update().values(value=7))

    def roll_back(manager: DatabaseManager) -> None:
        with manager.get_session() as session:
            session.execute(VCENTER)

    def change_tables(manager: DatabaseManager) -> None:
        with manager.session_scope() as session:
            session.execute(text("DROP TABLE files"))

    def stay_connected(manager: DatabaseManager) -> None:
        held.append(create_engine(manager.db_url).connect())

    first = databases.give(folder)
    new = content(first)
    databases.take_back(first)
    for use in (fill, roll_back, fill, change_tables, stay_connected, fill):
        url = databases.give(folder)
        assert content(url) == new
        use(DatabaseManager(url))
        databases.take_back(url)
    assert ids == [(1,), (1,), (1,)]
    with pytest.raises(SQLAlchemyError):
        held[0].execute(text("SELECT * FROM vcenters"))
    held[0].invalidate()


def content(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with connecting(url) as engine, engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))]
            for name in inspect(connection).get_table_names()
        }
