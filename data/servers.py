"""PostgreSQL and MariaDB: sessions that behave like SQLite's, errors in words, locks between processes and hosts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, event, func, select, text
from sqlalchemy.orm import Session

from data import patience
from data.errors import DatabaseUnavailableError
from data.models import generations

POSTGRESQL, MYSQL = ("postgresql",), ("mysql", "mariadb")
DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
REQUIREMENTS = {"psycopg": "requirements-postgresql.txt", "pymysql": "requirements-mariadb.txt"}
OLDEST = {"postgresql": (14,), "mariadb": (10, 6), "mysql": (8,)}

LOCK_SECONDS = 10
"""How long a transaction waits for another one that writes."""
SILENT_SECONDS = 30
"""A connection on which a server acknowledges nothing for so long is lost."""

_REASONS = (
    (
        r"password|access denied|no pg_hba|role .* does not exist|authentication",
        "it does not let this user in",
    ),
    (r"permission denied|command denied", "its user has not all rights there"),
    (r"database .* does not exist|unknown database", "the server has no such database"),
    (r"resolve|name or service|getaddrinfo|nodename", "its host is not known"),
    (r"too many|connection slots", "it has no connection left"),
    (r"starting up|shutting down|shutdown|recovery|not yet accepting", "it is starting or stopping"),
    (r"lock timeout|lock wait timeout|deadlock", "it is locked by another program"),
    (r"no space left|disk full|is full", "the disk is full"),
    (r"refused", "nobody listens there"),
    (r"time[d ]*out", "it does not respond in time"),
    (
        r"terminat|gone away|lost connection|closed|reset|broken pipe|interrupted|eof",
        "the connection was lost",
    ),
)
"""What drivers say -> in our words, which hold no user, host or password."""
_COLLISIONS = {"40001", "40P01"}
DEADLOCK = 1213
"""SQLSTATEs of PostgreSQL and the code of MariaDB for a transaction that was ended in favour of another one."""
_LASTING = {"it is locked by another program", "the disk is full", "its user has not all rights there"}
"""Reasons that a server gives without closing the connection."""


def normalised(url: URL) -> URL:
    """A URL with the driver that the program comes with, where it names none."""
    backend = url.get_backend_name()
    return url.set(drivername=f"{backend}+{DRIVERS[backend]}") if url.drivername in DRIVERS else url


def options_of(url: URL) -> dict[str, Any]:
    """Arguments of `create_engine`: transactions that read see one state; no connection hangs for ever."""
    found: dict[str, Any] = {
        "isolation_level": "REPEATABLE READ",
        "json_serializer": partial(json.dumps, ensure_ascii=False),
    }
    if url.get_driver_name() == "psycopg":
        found["connect_args"] = {
            "connect_timeout": patience.ANSWER_SECONDS,
            "keepalives_idle": SILENT_SECONDS // 3,
            "keepalives_interval": SILENT_SECONDS // 6,
            "keepalives_count": 3,
            "tcp_user_timeout": SILENT_SECONDS * 1000,
            "client_encoding": "utf8",
            "prepare_threshold": None,  # plans fit the values; connection poolers do not keep statements
            "application_name": "vmware-inventory",
        }
    elif url.get_driver_name() == "pymysql":
        found["connect_args"] = {"connect_timeout": patience.ANSWER_SECONDS}
    return found


def prepare(engine: Engine) -> None:
    """Set up every connection of an engine."""
    patience.bound(engine)
    event.listen(engine, "connect", partial(_set_up, engine))


def _set_up(engine: Engine, connection: Any, _record: object) -> None:
    if engine.dialect.name in POSTGRESQL:
        before, connection.autocommit = connection.autocommit, True
        connection.execute(f"SET jit = off; SET lock_timeout = '{LOCK_SECONDS}s'")
        connection.autocommit = before
        return
    is_mariadb = "mariadb" in connection.get_server_info().lower()
    collation = "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"
    with connection.cursor() as cursor:
        cursor.execute(f"SET NAMES utf8mb4 COLLATE {collation}")
        cursor.execute(
            f"SET SESSION sql_mode = 'TRADITIONAL,ONLY_FULL_GROUP_BY', innodb_lock_wait_timeout = {LOCK_SECONDS}"
        )
        if is_mariadb:  # or EXISTS reads a whole table for what an index answers: 11 s instead of 0.5 s
            cursor.execute("SET SESSION optimizer_switch = 'exists_to_in=off'")


def writing(engine: Engine) -> Engine:
    """The engine for transactions that write: each statement sees what others committed before it."""
    return engine.execution_options(isolation_level="READ COMMITTED")


def wait_for_turn(session: Session) -> None:
    """Let no other transaction write that waits for its turn, until this one ends."""
    session.execute(select(generations.c.value).where(generations.c.subject == "inventory").with_for_update())


def reason_of(error: BaseException, *, is_lost: bool) -> str | None:
    """Why a server cannot be used, in words; None if the error is about a statement.

    Args:
        error: Of the driver.
        is_lost: There is no connection, or not any more.
    """
    said = " ".join(map(str, error.args)) or type(error).__name__
    reason = next((words for pattern, words in _REASONS if re.search(pattern, said, re.IGNORECASE)), None)
    if is_lost:
        return reason or "it cannot be reached"
    return reason if reason in _LASTING else None


def check(connection: Connection, name: str) -> None:
    """Whether a server is one that the program can use.

    Raises:
        DatabaseUnavailableError: It is too old, something else than the URL says, or its texts are not UTF-8.
    """
    dialect = connection.dialect
    kind, version = dialect.name, dialect.server_version_info or ()
    if getattr(dialect, "is_mariadb", False) and kind != "mariadb":
        raise DatabaseUnavailableError(
            f"The database {name} is MariaDB: begin its URL with mariadb+pymysql://."
        )
    if tuple(version) < OLDEST[kind]:
        needed = ".".join(map(str, OLDEST[kind]))
        raise DatabaseUnavailableError(
            f"The database {name} has version {'.'.join(map(str, version))}; {needed} or newer is needed."
        )
    if kind in POSTGRESQL and (encoding := connection.scalar(text("SHOW server_encoding"))) != "UTF8":
        raise DatabaseUnavailableError(
            f"The database {name} has the encoding {encoding}. Make one with CREATE DATABASE … ENCODING 'UTF8'."
        )


def take_lock(connection: Connection, name: str) -> bool:
    """Take a lock of the database, unless somebody has it. It goes when the connection closes, whatever closes it.

    Args:
        connection: Detached, so that it does close.
        name: Of the lock.
    """
    if connection.dialect.name in POSTGRESQL:
        key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
    of_database = text("SELECT GET_LOCK(concat(:name, '.', left(sha2(database(), 256), 32)), 0)")
    return bool(connection.scalar(of_database, {"name": name}))


def resume_ids(session: Session, tables: Iterable[Table]) -> None:
    """After rows with ids of their own: let the ids that the database gives follow them.

    PostgreSQL alone does not do that by itself.
    """
    if session.get_bind().dialect.name not in POSTGRESQL:
        return
    for table in tables:
        if "id" in table.c:
            of_table = func.pg_get_serial_sequence(table.name, "id")
            session.execute(select(func.setval(of_table, func.max(table.c.id))))


def is_collision(error: BaseException) -> bool:
    """Whether a server ended a transaction in favour of another one, so that it may be tried again.

    Args:
        error: of the driver, or one that it is the cause of.
    """
    cause = error.__cause__ or error
    return getattr(cause, "sqlstate", None) in _COLLISIONS or cause.args[:1] == (DEADLOCK,)


def refresh_statistics(engine: Engine, tables: Iterable[str]) -> None:
    """Let a server look anew at tables that have changed much, so that its plans fit them; outside of transactions.

    PostgreSQL notes what all transactions can see, too: only then it reads from an index alone.
    """
    statement = "VACUUM (ANALYZE) {}" if engine.dialect.name in POSTGRESQL else "ANALYZE TABLE {}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in tables:
            connection.exec_driver_sql(statement.format(engine.dialect.identifier_preparer.quote(name)))
