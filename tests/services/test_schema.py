"""The schema on PostgreSQL and MariaDB: the same tables, made safely, for texts that are compared exactly."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, event, insert, inspect, make_url, select, text
from sqlalchemy.exc import IntegrityError

from data import servers
from data.database import SCHEMA_REVISION, UNFINISHED, DatabaseManager, get_engine, upgrade_schema
from data.errors import DatabaseUnavailableError, SchemaTooNewError
from data.models import generations, jobs, metadata, vcenters
from scripts.servers import Server

ALIKE = [
    "web",
    "Web",
    "wéb",
    "wēb",
    "web ",
    "web\u200b",
    "we\u0301b",
    "straße",
    "strasse",
    "İ",
    "i",
    "😀",
    "😁",
]
"""Names that are equal, or nearly, under one collation or another."""
COLUMNS = {
    "postgresql": (
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, collation_name"
        " FROM information_schema.columns WHERE table_schema = 'public'"
    ),
    "mariadb": (
        "SELECT table_name, column_name, column_type, character_maximum_length, is_nullable, collation_name"
        " FROM information_schema.columns WHERE table_schema = database()"
    ),
}
KEYS = {
    "postgresql": (
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION"
        " SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    ),
    "mariadb": (
        "SELECT table_name, index_name, column_name, seq_in_index, non_unique FROM information_schema.statistics"
        " WHERE table_schema = database() UNION"
        " SELECT table_name, constraint_name, column_name, ordinal_position, referenced_table_name"
        " FROM information_schema.key_column_usage WHERE table_schema = database()"
    ),
}


@pytest.fixture(params=["postgresql", "mariadb"], scope="module")
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


@contextmanager
def _database(server: Server, name: str) -> Iterator[str]:
    url = server.create_database(name)
    try:
        yield url
    finally:
        DatabaseManager(url).clear_cache()
        server.execute(f"DROP DATABASE {name}")


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """A new database without tables."""
    with _database(server, "empty_test") as url:
        yield url


@pytest.fixture(scope="module")
def migrated(server: Server) -> Iterator[str]:
    """A database with the newest schema; tests of this module share it, so what one writes another may find."""
    with _database(server, "migrated_test") as url:
        upgrade_schema(url)
        yield url


def _rows(engine: Engine, statement: str) -> set[tuple[object, ...]]:
    with engine.connect() as connection:
        return {
            tuple(row)
            for row in connection.execute(text(statement))
            if row[0] not in {"alembic_version", UNFINISHED}
        }


def _tables(url: str) -> set[str]:
    return set(inspect(get_engine(url)).get_table_names())


def test_the_revisions_make_exactly_the_tables_of_the_program(server: Server, migrated: str) -> None:
    assert _tables(migrated) == {*metadata.tables, "alembic_version"}
    kind = get_engine(migrated).dialect.name
    with _database(server, "made_test") as made:
        metadata.create_all(get_engine(made))
        for statement in (COLUMNS[kind], KEYS[kind]):
            assert _rows(get_engine(migrated), statement) == _rows(get_engine(made), statement) != set()


def test_every_text_is_compared_exactly_whatever_the_database_does_by_itself(migrated: str) -> None:
    kind = get_engine(migrated).dialect.name
    texts = {row for row in _rows(get_engine(migrated), COLUMNS[kind]) if row[5] is not None}
    assert len(texts) > 200
    wrong = [row[:2] for row in texts if row[5] not in {"C", "utf8mb4_nopad_bin", "utf8mb4_bin"}]
    assert wrong == []
    json = {
        (table.name, c.name) for table in metadata.tables.values() for c in table.c if str(c.type) == "JSON"
    }
    assert {row[:2] for row in texts if row[5] == "utf8mb4_bin"} <= json


def test_names_that_differ_in_case_accent_or_blank_are_different_names(migrated: str) -> None:
    with DatabaseManager(migrated).session_scope() as session:
        session.execute(insert(vcenters), [{"name": name} for name in ALIKE])
    with DatabaseManager(migrated).get_session() as session:
        names = vcenters.c.name
        ours = names.in_(ALIKE)
        assert session.scalars(select(names).where(ours).order_by(names)).all() == sorted(ALIKE)
        for name in ALIKE:
            assert session.scalars(select(names).where(names == name)).all() == [name]
        assert len(session.execute(select(names).where(ours).group_by(names)).all()) == len(ALIKE)
        assert len(session.execute(select(names).where(ours).distinct()).all()) == len(ALIKE)
    with pytest.raises(IntegrityError), DatabaseManager(migrated).session_scope() as session:
        session.execute(insert(vcenters).values(name="we\u0301b"))


def test_long_texts_large_numbers_and_small_fractions_of_a_second_are_kept(migrated: str) -> None:
    message, when = "😀" * 100_000, datetime(2026, 11, 23, 23, 59, 59, 999_999)
    with DatabaseManager(migrated).session_scope() as session:
        session.execute(
            insert(jobs).values(
                kind="import",
                phase="done",
                message=message,
                created_at=when,
                progress_pct=2**62,
                payload={"a": "ä😀"},
            )
        )
    with DatabaseManager(migrated).get_session() as session:
        row = session.execute(select(jobs)).one()
    assert (row.message, row.created_at, row.progress_pct, row.payload) == (
        message,
        when,
        2**62,
        {"a": "ä😀"},
    )


def test_processes_that_start_together_upgrade_one_after_the_other(empty: str) -> None:
    program = [sys.executable, "-c", f"from data.database import upgrade_schema; upgrade_schema({empty!r})"]
    running = [subprocess.Popen(program, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in running] == [""] * 3
    with get_engine(empty).connect() as connection:
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [SCHEMA_REVISION]
        assert connection.execute(select(generations)).all() == [("inventory", 0)]


def test_the_lock_of_an_upgrade_is_free_afterwards(migrated: str) -> None:
    with get_engine(migrated).connect() as connection:
        connection.detach()
        assert servers.take_lock(connection, "upgrade")


def test_a_lock_is_one_connections_until_that_is_gone(migrated: str) -> None:
    engine = get_engine(migrated)
    with engine.connect() as one, engine.connect() as other:
        one.detach()
        other.detach()
        assert servers.take_lock(one, "import")
        assert not servers.take_lock(other, "import")
        assert servers.take_lock(other, "upgrade")
        one.close()
        while not servers.take_lock(other, "import"):  # the server notices in its own time
            pass


@pytest.mark.parametrize("statements", [1, 60])
def test_a_first_schema_that_was_interrupted_is_made_at_the_next_start(empty: str, statements: int) -> None:
    engine, left = get_engine(empty), statements

    def interrupt(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        nonlocal left
        left -= statement.lstrip().startswith("CREATE")
        if left < 0:
            raise InterruptedError

    event.listen(engine, "before_cursor_execute", interrupt)
    with pytest.raises(InterruptedError):
        upgrade_schema(empty)
    event.remove(engine, "before_cursor_execute", interrupt)
    upgrade_schema(empty)
    assert _tables(empty) == {*metadata.tables, "alembic_version"}


def test_a_schema_that_is_up_to_date_is_left_alone(migrated: str, count_statements) -> None:
    with count_statements(get_engine(migrated)) as statements:
        upgrade_schema(migrated)
    assert not [statement for statement in statements if statement.startswith(("CREATE", "INSERT", "UPDATE"))]


def test_a_database_of_a_newer_program_is_refused(migrated: str) -> None:
    set_version = text("UPDATE alembic_version SET version_num = :version")
    with DatabaseManager(migrated).session_scope() as session:
        session.execute(set_version, {"version": "9999"})
    with pytest.raises(SchemaTooNewError, match=r"newer version of this program \(schema 9999\)"):
        upgrade_schema(migrated)
    with DatabaseManager(migrated).session_scope() as session:
        session.execute(set_version, {"version": SCHEMA_REVISION})


def test_a_database_of_another_program_is_refused_and_left_alone(empty: str) -> None:
    with get_engine(empty).begin() as connection:
        connection.execute(text("CREATE TABLE virtual_machines (id INTEGER)"))
    with pytest.raises(DatabaseUnavailableError, match="tables of another program"):
        upgrade_schema(empty)
    assert _tables(empty) == {"virtual_machines"}


def test_what_an_open_session_reads_is_one_state(migrated: str) -> None:
    manager, lab = DatabaseManager(migrated), select(vcenters.c.name).where(vcenters.c.name == "lab")
    with manager.get_session() as reading:
        assert reading.scalars(lab).all() == []
        with manager.session_scope() as writing:
            writing.execute(insert(vcenters).values(name="lab"))
        assert reading.scalars(lab).all() == []
    with manager.get_session() as reading:
        assert reading.scalars(lab).all() == ["lab"]


def test_a_database_that_does_not_hold_all_of_unicode_is_refused(postgresql_server: Server) -> None:
    postgresql_server.execute(
        "CREATE DATABASE ascii_test ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        " LOCALE_PROVIDER libc"
    )
    url = postgresql_server.url("ascii_test")
    try:
        with pytest.raises(DatabaseUnavailableError, match="has the encoding SQL_ASCII"):
            upgrade_schema(url)
    finally:
        DatabaseManager(url).clear_cache()
        postgresql_server.execute("DROP DATABASE ascii_test")


def test_a_mariadb_that_is_called_mysql_is_refused(mariadb_server: Server) -> None:
    url = make_url(mariadb_server.url()).set(drivername="mysql+pymysql").render_as_string(hide_password=False)
    with pytest.raises(DatabaseUnavailableError, match=r"begin its URL with mariadb\+pymysql://"):
        upgrade_schema(url)
    DatabaseManager(url).clear_cache()


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"password": "wrong-secret"}, "it does not let this user in"),
        ({"username": "nobody-known"}, "it does not let this user in"),
        ({"database": "no_such_database"}, "the server has no such database"),
        ({"port": 1}, "nobody listens there"),
    ],
)
def test_a_server_that_does_not_let_us_in_says_why_without_credentials(
    server: Server, part: dict[str, object], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = make_url(server.url()).set(**part)
    ok, message = DatabaseManager(url.render_as_string(hide_password=False)).test_connection()
    assert (ok, message.rpartition(": ")[2]) == (False, f"{reason}.")
    for secret in (url.password, url.username if "username" in part else url.password):
        assert str(secret) not in message + caplog.text
