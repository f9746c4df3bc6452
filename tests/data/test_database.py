"""Engines and sessions on real SQLite files, and on servers that do not answer."""

import logging
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool, StaticPool

from data import database, servers, sqlite
from data.database import DatabaseManager, describe, get_engine, get_session_factory, with_session
from data.errors import DatabaseUnavailableError
from data.models import folder_labels, vcenters

NAMES = select(vcenters.c.name).order_by(vcenters.c.name)
UNREACHABLE = "postgresql+psycopg://operator:very-secret@127.0.0.1:1/estate"


def _add(session: Session, name: str) -> None:
    session.execute(insert(vcenters).values(name=name))


def test_a_file_has_a_pool_that_is_checked_and_recycled(db_url: str) -> None:
    pool = get_engine(db_url).pool
    assert isinstance(pool, QueuePool)
    assert (pool.size(), pool._max_overflow, pool._recycle, pool._timeout) == (5, 10, 3600, 30)
    assert pool._pre_ping


def test_a_database_in_memory_is_one_connection_for_all_threads() -> None:
    url = "sqlite:///:memory:"
    assert isinstance(get_engine(url).pool, StaticPool)
    with DatabaseManager(url).session_scope() as session:
        session.execute(text("CREATE TABLE seen (id INTEGER)"))
    with ThreadPoolExecutor(1) as threads:
        count = threads.submit(
            with_session(lambda session: session.scalar(text("SELECT count(*) FROM seen"))), url
        )
    assert count.result() == 0


@pytest.mark.sqlite_only("PRAGMA")
def test_every_connection_to_a_file_is_set_up(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        values = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}


def test_threads_share_one_engine(db_url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        engines = set(threads.map(get_engine, [db_url] * 40))
    assert len(engines) == 1


def test_only_the_engines_used_last_are_kept(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / str(number)}.db" for number in range(database.MAX_ENGINES + 1)]
    first, second, *_ = [get_engine(url) for url in urls]
    assert get_engine(urls[1]) is second
    assert get_engine(urls[0]) is not first


def test_a_scope_commits_what_it_did(manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        _add(session, "lab")
    with manager.get_session() as session:
        assert session.scalars(NAMES).all() == ["lab"]


def test_a_scope_that_fails_leaves_nothing_and_frees_its_connection(manager: DatabaseManager) -> None:
    with pytest.raises(IntegrityError), manager.session_scope() as session:
        session.execute(insert(vcenters), [{"name": "lab"}, {"name": "lab"}])
    with manager.get_session() as session:
        assert session.scalars(NAMES).all() == []
    assert get_engine(manager.db_url).pool.checkedout() == 0


def test_the_statements_of_a_session_see_one_state(manager: DatabaseManager) -> None:
    with manager.get_session() as reading:
        before = reading.scalars(NAMES).all()
        with manager.session_scope() as writing:
            _add(writing, "lab")
        assert reading.scalars(NAMES).all() == before == []
    with manager.get_session() as reading:
        assert reading.scalars(NAMES).all() == ["lab"]


@pytest.mark.sqlite_only("VACUUM")
def test_a_statement_that_allows_no_transaction_can_be_run(manager: DatabaseManager) -> None:
    with get_engine(manager.db_url).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM"))
    with manager.session_scope() as session:
        _add(session, "lab")
        session.rollback()
    with manager.get_session() as session:
        assert session.scalars(NAMES).all() == []


def test_writers_take_turns_without_losing_an_update(manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        _add(session, "0")

    def add_one(_: int) -> None:
        with manager.session_scope() as session:
            value = int(session.scalars(NAMES).one())
            session.execute(vcenters.update().values(name=str(value + 1)))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_one, range(20)))
    with manager.get_session() as session:
        assert session.scalars(NAMES).all() == ["20"]


def test_a_decorated_function_gets_a_session_and_commits(db_url: str) -> None:
    @with_session
    def add(session: Session, name: str) -> list[str]:
        _add(session, name)
        return list(session.scalars(NAMES))

    assert add(db_url, "lab") == ["lab"]
    with get_session_factory(db_url)() as session:
        assert session.scalars(NAMES).all() == ["lab"]


def test_foreign_keys_are_enforced(manager: DatabaseManager) -> None:
    row = {"vcenter_id": 7, "folder": "/", "label_id": 7, "assigned_at": datetime(2026, 1, 1, tzinfo=UTC)}
    with pytest.raises(IntegrityError), manager.session_scope() as session:
        session.execute(insert(folder_labels).values(row))


def test_a_connection_that_works_is_reported_with_the_name_of_the_database(manager: DatabaseManager) -> None:
    ok, message = manager.test_connection()
    assert ok
    assert message == f"The database {describe(manager.db_url)} answers."


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+nodriver://operator:very-secret@127.0.0.1/estate",
        "nonsense",
        "mysql+pymysql://operator:very-secret@127.0.0.1:1/estate",
        UNREACHABLE,
        "sqlite:////nowhere/at/all/very-secret.db",
    ],
)
def test_a_database_that_does_not_answer_is_named_without_its_password(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ok, message = DatabaseManager(url).test_connection()
    assert not ok
    assert "operator" not in message + caplog.text
    assert "very-secret" not in (message + caplog.text).replace("very-secret.db", "")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ('FATAL: password authentication failed for user "operator"', "it does not let this user in"),
        ("(1045, \"Access denied for user 'operator'@'localhost'\")", "it does not let this user in"),
        ('FATAL: database "estate" does not exist', "the server has no such database"),
        ("[Errno -2] Name or service not known", "its host is not known"),
        ("FATAL: sorry, too many clients already", "it has no connection left"),
        ("FATAL: the database system is starting up", "it is starting or stopping"),
        ("connection to server at 10.0.0.1 failed: Connection refused", "nobody listens there"),
        ("connection timeout expired", "it does not respond in time"),
        ("(2013, 'Lost connection to MySQL server during query')", "the connection was lost"),
        ("something with very-secret in it", "it cannot be reached"),
    ],
)
def test_what_a_driver_says_of_a_lost_server_is_put_in_our_words(said: str, reason: str) -> None:
    assert servers.reason_of(Exception(said), is_lost=True) == reason


def test_what_a_driver_says_of_a_statement_stays_an_error_about_that_statement() -> None:
    assert servers.reason_of(Exception('relation "x" does not exist'), is_lost=False) is None
    assert servers.reason_of(Exception("value too long, connection closed"), is_lost=False) is None


def test_a_database_is_described_without_credentials() -> None:
    assert describe(UNREACHABLE) == "PostgreSQL on 127.0.0.1:1, estate"


def test_connections_are_logged_without_credentials(db_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "data.database")
    manager = DatabaseManager(db_url)
    manager.test_connection()
    manager.clear_cache()
    assert [record.message.rpartition(" ")[2] for record in caplog.records] == ["opened", "closed"]


@pytest.mark.sqlite_only("the lock of the file")
def test_a_locked_database_says_so(manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    file = Path(manager.db_url.removeprefix("sqlite:///"))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with (
        pytest.raises(DatabaseUnavailableError, match="locked by another program"),
        manager.session_scope() as session,
    ):
        _add(session, "lab")
    other.close()


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    file = tmp_path / "export.xlsx"
    file.write_bytes(b"PK not a database" * 100)
    assert (
        DatabaseManager(f"sqlite:///{file}")
        .test_connection()[1]
        .endswith("its file is not an SQLite database.")
    )


@pytest.mark.sqlite_only("the file; tests/services stops servers")
def test_a_database_that_goes_away_and_comes_back_needs_no_restart(manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        _add(session, "lab")
    file = Path(manager.db_url.removeprefix("sqlite:///"))
    away = file.rename(file.with_suffix(".away"))
    assert manager.test_connection()[1].endswith("its file is gone.")
    assert not file.exists()
    away.rename(file)
    with manager.get_session() as session:
        assert session.scalars(NAMES).all() == ["lab"]


@pytest.mark.sqlite_only("the file")
def test_a_file_that_was_replaced_is_read_anew(manager: DatabaseManager, tmp_path: Path) -> None:
    file = Path(manager.db_url.removeprefix("sqlite:///"))
    copy = DatabaseManager(f"sqlite:///{shutil.copy(file, tmp_path / 'restored.db')}")
    with manager.session_scope() as session:
        _add(session, "lab")
    with copy.session_scope() as session:
        _add(session, "restored")
    copy.clear_cache()
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    (tmp_path / "restored.db").rename(file)
    with manager.get_session() as session:
        assert session.scalars(NAMES).all() == ["restored"]


FORKING = """
import os, sys
from sqlalchemy import text
from data.database import get_engine
engine = get_engine(sys.argv[1])
with engine.connect() as connection:
    connection.execute(text("SELECT 1"))
before = engine.pool
child = os.fork()
if not child:
    with engine.connect() as connection:
        answer = connection.scalar(text("SELECT count(*) FROM vcenters"))
    os._exit(0 if engine.pool is not before and answer == 0 else 1)
status = os.waitpid(child, 0)[1]
with engine.connect() as connection:
    connection.execute(text("INSERT INTO vcenters (name, is_hidden, is_demo) VALUES ('lab', false, false)"))
print(os.waitstatus_to_exitcode(status), engine.pool is before)
"""


def test_a_forked_process_makes_connections_of_its_own(db_url: str) -> None:
    ran = subprocess.run([sys.executable, "-c", FORKING, db_url], capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("0 True", "")
