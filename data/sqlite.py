"""SQLite: how its connections are set up, its transactions, its file, and its errors in words."""

from __future__ import annotations

import functools
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

from data.errors import DatabaseUnavailableError
from data.patterns import Search

BUSY_SECONDS = 5
"""How long a transaction waits for another one that writes into the same SQLite file."""
POLL_SECONDS = 0.005
PRAGMAS = (
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-65536",
    "mmap_size=1073741824",
)
"""What every SQLite connection starts with; sizes: 64 MiB of pages, 1 GiB mapped."""

FUNCTION_FAILED = "user-defined function raised exception"
"""What SQLite says of the functions below; the only one that raises does it when its time is over."""
SEARCHES = 32
"""Patterns whose time a connection counts: more than one statement has."""

REASONS = {
    "SQLITE_BUSY": "it is locked by another program",
    "SQLITE_LOCKED": "it is locked by another program",
    "SQLITE_CANTOPEN": "its file cannot be opened",
    "SQLITE_READONLY": "its file is read-only",
    "SQLITE_PERM": "its file may not be accessed",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "its file cannot be read or written",
    "SQLITE_NOTADB": "its file is not an SQLite database",
    "SQLITE_CORRUPT": "its file is damaged",
    "SQLITE_PROTOCOL": "it is locked by another program",
}
"""Primary result codes that are about the file, not about the statement."""


def prepare(engine: Engine, name: str) -> None:
    """Set up every connection and transaction of an engine. `name` is what messages call the database."""
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "connect", _add_functions)
    event.listen(engine, "begin", functools.partial(_begin, name))
    if file := file_of(engine.url):
        _watch_file(engine, file, name)


def reason_of(error: BaseException) -> str | None:
    """Why SQLite cannot be used, in words; None if the error is about a statement."""
    code = getattr(error, "sqlite_errorname", "")
    return next((words for name, words in REASONS.items() if code.startswith(name)), None)


def is_in_memory(url: URL) -> bool:
    """Whether it is an SQLite database without a file."""
    return url.get_backend_name() == "sqlite" and file_of(url) is None


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for other databases and for one in memory."""
    name = url.database or ""
    if url.get_backend_name() != "sqlite" or name in {"", ":memory:"} or url.query.get("mode") == "memory":
        return None
    return None if ":memory:" in name else Path(name.removeprefix("file:"))


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, not with the first INSERT
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _add_functions(connection: sqlite3.Connection, _record: object) -> None:
    """What `data.queries.matching` asks for. A question has a number, so that its time can be limited."""
    search_of = functools.lru_cache(maxsize=SEARCHES)(lambda pattern, _question: Search(pattern))

    def re2_matches(pattern: str, text: str | None, question: int) -> bool | None:
        return None if text is None else search_of(pattern, question)(text)

    def casefold(text: str | None) -> str | None:
        return None if text is None else text.casefold()

    connection.create_function("re2_matches", 3, re2_matches, deterministic=True)
    connection.create_function("casefold", 1, casefold, deterministic=True)


def _begin(name: str, connection: Connection) -> None:
    """One transaction for reads too: all statements of a question see the same state."""
    driver = connection.connection.driver_connection
    options = connection.get_execution_options()
    if driver is None or options.get("isolation_level") == "AUTOCOMMIT":
        return
    if driver.in_transaction:  # two sessions share the connection of a database in memory
        return
    try:
        if options.get("writes"):
            _begin_to_write(driver)
        else:
            driver.execute("BEGIN")
    except sqlite3.Error as error:
        reason = reason_of(error)
        if reason is None:
            raise
        raise DatabaseUnavailableError.of(name, reason) from error


def _begin_to_write(driver: sqlite3.Connection) -> None:
    """Take the write lock. SQLite would ask for it every tenth of a second, and miss the gaps that an import leaves."""
    until = time.monotonic() + BUSY_SECONDS
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(POLL_SECONDS)
            else:
                return
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _watch_file(engine: Engine, file: Path, name: str) -> None:
    """Notice that the file of an SQLite database is gone or was replaced; make no empty one instead."""
    seen = False

    def check(*_: object) -> None:
        if seen and not file.exists():
            raise DatabaseUnavailableError.of(name, "its file is gone")

    def remember(_connection: object, record: Any) -> None:
        nonlocal seen
        seen = True
        record.info["file"] = _identity(file)

    def compare(_connection: object, record: Any, _proxy: object) -> None:
        if record.info["file"] != _identity(file):
            raise DisconnectionError("The database file was replaced.")

    event.listen(engine, "do_connect", check)
    event.listen(engine, "connect", remember)
    event.listen(engine, "checkout", compare)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(file)  # noqa: PTH116  # half the time of Path.stat, and this runs for every session
    except OSError:
        return None
    return status.st_dev, status.st_ino
