"""Engines, sessions and the schema: how the program reaches a database.

There is one engine per URL and process. Errors that mean "the database does not answer" leave this module as
`DatabaseUnavailableError`; no message or log line holds a user name or a password.
"""

from __future__ import annotations

import fcntl
import functools
import logging
import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    String,
    column,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, DisconnectionError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from data.errors import DatabaseUnavailableError, InvalidInputError, SchemaTooNewError
from data.models import metadata
from data.patterns import TOO_SLOW, Search

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

SCHEMA_REVISION = "0003"
"""The newest revision in `migrations/`, kept here because asking alembic takes a third of a second."""
MAX_ENGINES = 16
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
MIGRATIONS = Path(__file__).parents[1] / "migrations"

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

SQLITE_REASONS = {
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


class _Entry(NamedTuple):
    engine: Engine
    reads: sessionmaker[Session]
    writes: sessionmaker[Session]


_entries: OrderedDict[str, _Entry] = OrderedDict()
_lock = threading.Lock()
_inherited: list[object] = []


def get_engine(db_url: str) -> Engine:
    """The engine of a database: one per URL and process, also after a fork. At most 16 are kept.

    An in-memory SQLite database lives as long as its engine.

    Raises:
        DatabaseUnavailableError: the URL cannot be read, or its driver is not installed.

    Example:
        >>> get_engine("sqlite://") is get_engine("sqlite://")
        True
    """
    return _entry(db_url).engine


def get_session_factory(db_url: str) -> sessionmaker[Session]:
    """Makes sessions on the engine of `db_url`. For reading; who writes uses `DatabaseManager.session_scope`.

    Example:
        >>> with get_session_factory("sqlite://")() as session:
        ...     session.scalar(text("SELECT 1"))
        1
    """
    return _entry(db_url).reads


class DatabaseManager:
    """Sessions on one database.

    Example:
        >>> manager = DatabaseManager("sqlite://")
        >>> with manager.session_scope() as session:
        ...     session.scalar(text("SELECT 1 + 1"))
        2
        >>> manager.test_connection()
        (True, 'The database SQLite in memory answers.')
    """

    def __init__(self, db_url: str) -> None:
        self.db_url = db_url

    def __str__(self) -> str:
        return describe(self.db_url)

    def get_session(self) -> Session:
        """A session for reading; the caller closes it. Its statements see one state of an SQLite database."""
        return _entry(self.db_url).reads()

    @contextmanager
    def session_scope(self) -> Iterator[Session]:
        """A session that writes: committed at the end, rolled back on an exception, closed in any case.

        On SQLite it takes the write lock with its first statement, waiting up to 5 s for another writer.
        """
        with _entry(self.db_url).writes() as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def test_connection(self) -> tuple[bool, str]:
        """Whether the database answers, and a sentence about it without credentials."""
        try:
            with self.get_session() as session:
                session.execute(text("SELECT 1"))
        except DatabaseUnavailableError as error:
            return False, str(error)
        except DatabaseError as error:
            return False, f"The database {self} refuses: {_without_password(self.db_url, error.orig)}."
        return True, f"The database {self} answers."

    def clear_cache(self) -> None:
        """Close the pooled connections and forget the engine; the next use makes a new one."""
        with _lock:
            entry = _entries.pop(self.db_url, None)
        if entry:
            entry.engine.dispose()


def with_session(function: Callable[Concatenate[Session, P], T]) -> Callable[Concatenate[str, P], T]:
    """Turn a function of a session into one of a database URL, in a `session_scope` of its own.

    Example:
        >>> @with_session
        ... def add(session: Session, a: int, b: int) -> int:
        ...     return session.scalar(text("SELECT :a + :b"), {"a": a, "b": b})
        >>> add("sqlite://", 1, 2)
        3
    """

    @functools.wraps(function)
    def wrapper(db_url: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with DatabaseManager(db_url).session_scope() as session:
            return function(session, *args, **kwargs)

    return wrapper


def describe(db_url: str | URL) -> str:
    """A database in words that hold no credentials.

    Example:
        >>> describe("postgresql+psycopg://me:secret@db.example.org/estate?password=secret")
        'PostgreSQL on db.example.org, estate'
        >>> describe("sqlite:////srv/inventory.db"), describe("nonsense")
        ('SQLite /srv/inventory.db', 'of an unreadable URL')
    """
    try:
        url = make_url(db_url)
    except (ArgumentError, ValueError):
        return "of an unreadable URL"
    kind = KINDS.get(url.get_backend_name(), url.get_backend_name())
    if url.get_backend_name() == "sqlite":
        return f"{kind} in memory" if _is_in_memory(url) else f"{kind} {url.database}"
    port = f":{url.port}" if url.port else ""
    return f"{kind} on {url.host or 'this machine'}{port}, {url.database or 'default database'}"


def used_bytes(session: Session) -> int | None:
    """Bytes of the pages in use, free ones not counted; None for other databases than SQLite.

    Example:
        >>> with get_session_factory("sqlite://")() as session:
        ...     isinstance(used_bytes(session), int)
        True
    """
    if session.get_bind().dialect.name != "sqlite":
        return None
    pages, free, size = (
        session.scalar(text(f"PRAGMA {name}")) or 0 for name in ("page_count", "freelist_count", "page_size")
    )
    return int(pages - free) * int(size)


def upgrade_schema(db_url: str) -> None:
    """Create the schema, or bring it up to date. Takes milliseconds when there is nothing to do.

    Processes that start together do it one after the other. Makes the directory of an SQLite file, too.

    Raises:
        SchemaTooNewError: a newer version of the program wrote the database.
        DatabaseUnavailableError: it does not answer, or holds tables of another program.

    Example:
        >>> upgrade_schema("sqlite://")
        >>> inspect(get_engine("sqlite://")).has_table("virtual_machines")
        True
    """
    engine = get_engine(db_url)
    file = _file_of(engine.url)
    if file:
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DatabaseUnavailableError(f"{file.parent} cannot be made: {error.strerror}.") from error
    if file and not file.exists():
        DatabaseManager(db_url).clear_cache()
        engine = get_engine(db_url)
    elif _revision(engine) == SCHEMA_REVISION:
        return
    with _upgrade_lock(file), engine.connect() as connection, connection.begin():
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  # 0.3 s that most starts do not need
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    revision = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    name = describe(connection.engine.url)
    if revision and revision not in known:
        raise SchemaTooNewError(
            f"The database {name} was written by a newer version of this program (schema {revision}). "
            "Start that version, or use another database."
        )
    foreign = sorted(set(metadata.tables) & set(inspect(connection).get_table_names()))
    if foreign and not revision:
        raise DatabaseUnavailableError(
            f"The database {name} already holds tables of another program ({', '.join(foreign[:3])}). "
            "Use an empty database."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.info("The schema of %s is now at %s", name, SCHEMA_REVISION)


def _revision(engine: Engine | Connection) -> str | None:
    """The revision of the schema; None for a database without one."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    statement = select(column("version_num", String)).select_from(table("alembic_version"))
    if isinstance(engine, Connection):
        return engine.scalar(statement)
    with engine.connect() as connection:
        return connection.scalar(statement)


@contextmanager
def _upgrade_lock(file: Path | None) -> Iterator[None]:
    if file is None:
        yield
        return
    with file.with_name(f"{file.name}.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _entry(db_url: str) -> _Entry:
    with _lock:
        entry = _entries.get(db_url)
        if entry:
            _entries.move_to_end(db_url)
            return entry
        engine = _make_engine(db_url)
        writing = engine.execution_options(writes=True)
        entry = _Entry(engine, _factory(engine), _factory(writing))
        _entries[db_url] = entry
        dropped = _entries.popitem(last=False)[1] if len(_entries) > MAX_ENGINES else None
    if dropped:
        dropped.engine.dispose()
    return entry


def _factory(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


def _make_engine(db_url: str) -> Engine:
    try:
        url = make_url(db_url)
        if _is_in_memory(url):
            engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        else:
            engine = create_engine(
                url, pool_size=5, max_overflow=10, pool_timeout=30, pool_recycle=3600, pool_pre_ping=True
            )
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise DatabaseUnavailableError("The URL of the database cannot be read.") from error
    except ModuleNotFoundError as error:
        raise DatabaseUnavailableError(f"The database needs {error.name}, which is not installed.") from error
    event.listen(engine, "handle_error", _unavailable)
    event.listen(engine, "connect", functools.partial(_log_connection, "opened", describe(url)))
    event.listen(engine, "close", functools.partial(_log_connection, "closed", describe(url)))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "connect", _add_functions)
        event.listen(engine, "begin", _begin)
        if file := _file_of(url):
            _watch_file(engine, file)
    return engine


def _log_connection(what: str, name: str, *_: object) -> None:
    log.info("Connection to %s %s", name, what)


def _is_in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and _file_of(url) is None


def _file_of(url: URL) -> Path | None:
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


def _begin(connection: Connection) -> None:
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
        raise _translated(connection.engine.url, error, lost=False) or error from error


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


def _watch_file(engine: Engine, file: Path) -> None:
    """Notice that the file of an SQLite database is gone or was replaced; make no empty one instead."""
    name = describe(engine.url)
    seen = False

    def check(*_: object) -> None:
        if seen and not file.exists():
            raise DatabaseUnavailableError(f"The database {name} does not answer: its file is gone.")

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


def _unavailable(context: ExceptionContext) -> Exception | None:
    if context.engine is None:
        return None
    if str(context.original_exception) == FUNCTION_FAILED:
        return InvalidInputError(TOO_SLOW)
    lost = context.is_disconnect or context.connection is None
    return _translated(context.engine.url, context.original_exception, lost=lost)


def _translated(url: URL, error: BaseException, *, lost: bool) -> DatabaseUnavailableError | None:
    """The error as one the operator can act on; None if it is about a statement."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorname", "")
        reason = next((words for name, words in SQLITE_REASONS.items() if code.startswith(name)), None)
    else:
        reason = _without_password(url, error) if lost else None
    if reason is None:
        return None
    return DatabaseUnavailableError(f"The database {describe(url)} does not answer: {reason}.")


def _without_password(url: URL | str, error: object) -> str:
    """The first line of a driver's message, without the password should it hold it."""
    line = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
    url = make_url(url)
    secrets = [url.password, *(value for name, value in url.query.items() if "pass" in name)]
    for secret in filter(None, secrets):
        line = line.replace(str(secret), "***")
    return line


def _forget_connections() -> None:
    """In a forked process: new pools. The parent's connections must be neither used nor closed here."""
    global _lock  # noqa: PLW0603  # another thread of the parent may have held it
    _lock = threading.Lock()
    for entry in _entries.values():
        _inherited.append(entry.engine.pool)
        entry.engine.dispose(close=False)


os.register_at_fork(after_in_child=_forget_connections)
