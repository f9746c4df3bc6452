"""Engines, sessions and the schema: how the program reaches a database.

There is one engine per URL and process. Errors that mean "the database does not answer" leave this module as
`DatabaseUnavailableError`; no message or log line holds a user name or a password. What SQLite and the servers need
of their own is in `data.sqlite` and `data.servers`.
"""

from __future__ import annotations

import fcntl
import functools
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

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
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from data import servers, sqlite
from data.errors import DatabaseUnavailableError, InvalidInputError, SchemaTooNewError
from data.models import metadata
from data.patterns import TOO_SLOW

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

SCHEMA_REVISION = "0003"
"""The newest revision in `migrations/`, kept here because asking alembic takes a third of a second."""
MAX_ENGINES = 16
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
MIGRATIONS = Path(__file__).parents[1] / "migrations"
UPGRADE_SECONDS = 0.2
"""How often a process that waits for another one's upgrade looks whether it has ended."""
UNFINISHED = "unfinished_upgrade"
"""A table that is there while MariaDB's first schema is made: unlike the others it cannot take that back."""


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
        """A session for reading; the caller closes it. Its statements see one state of the database."""
        return _entry(self.db_url).reads()

    @contextmanager
    def session_scope(self, *, is_bulk: bool = False) -> Iterator[Session]:
        """A session that writes: committed at the end, rolled back on an exception, closed in any case.

        One at a time writes into a database: it waits up to 5 s for another one on SQLite, 10 s on a server.

        Args:
            is_bulk: It writes only rows that nobody else sees or changes; on a server others need not wait for it.
        """
        with _entry(self.db_url).writes() as session:
            try:
                if not is_bulk and session.get_bind().dialect.name != "sqlite":
                    servers.wait_for_turn(session)
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
        except DatabaseError:
            log.exception("The database %s refuses", self)
            return False, f"The database {self} refuses."
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
        return f"{kind} in memory" if sqlite.is_in_memory(url) else f"{kind} {url.database}"
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


def schema_is_current(db_url: str) -> bool:
    """Whether the schema is the one that this program works with; changes nothing.

    Raises:
        DatabaseUnavailableError: the database does not answer.

    Example:
        >>> upgrade_schema("sqlite://")
        >>> schema_is_current("sqlite://")
        True
    """
    return _revision(get_engine(db_url)) == SCHEMA_REVISION


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
    file = sqlite.file_of(engine.url)
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
    with _upgrade_lock(file), engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            _prepare_server(connection)
        with connection.begin():
            _upgrade(connection)


def _prepare_server(connection: Connection) -> None:
    """Look whether the server will do, wait for another process that upgrades, and clear up after one that died."""
    connection.execution_options(
        isolation_level="READ COMMITTED"
    )  # which waits on for revisions that take long
    name = describe(connection.engine.url)
    servers.check(connection, name)
    connection.detach()
    while not servers.take_lock(connection, "upgrade"):
        time.sleep(UPGRADE_SECONDS)
    if inspect(connection).has_table(UNFINISHED):
        log.warning("The schema of %s was left unfinished; it is made anew", name)
        metadata.drop_all(connection)
        for table_name in ("alembic_version", UNFINISHED):
            connection.execute(text(f"DROP TABLE IF EXISTS {table_name}"))
    connection.commit()


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
    with _marked(connection, is_first=revision is None):
        command.upgrade(config, "head")
    log.info("The schema of %s is now at %s", name, SCHEMA_REVISION)


@contextmanager
def _marked(connection: Connection, *, is_first: bool) -> Iterator[None]:
    """Mark a schema on MariaDB as unfinished while it is made."""
    if not is_first or connection.dialect.name not in servers.MYSQL:
        yield
        return
    connection.execute(text(f"CREATE TABLE {UNFINISHED} (id INTEGER)"))
    yield
    connection.execute(text(f"DROP TABLE {UNFINISHED}"))


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
        is_file = engine.dialect.name == "sqlite"
        writing = engine.execution_options(writes=True) if is_file else servers.writing(engine)
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
        url = servers.normalised(make_url(db_url))
        if sqlite.is_in_memory(url):
            engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        else:
            options = {} if url.get_backend_name() == "sqlite" else servers.options_of(url)
            engine = create_engine(
                url,
                pool_size=5,
                max_overflow=10,
                pool_timeout=30,
                pool_recycle=3600,
                pool_pre_ping=True,
                **options,
            )
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise DatabaseUnavailableError(
            "The URL of the database cannot be read. "
            "It begins with sqlite:///, postgresql+psycopg:// or mariadb+pymysql://."
        ) from error
    except ModuleNotFoundError as error:
        raise DatabaseUnavailableError(_missing(error.name or "")) from error
    name = describe(url)
    event.listen(engine, "handle_error", _unavailable)
    event.listen(engine, "connect", functools.partial(_log_connection, "opened", name))
    event.listen(engine, "close", functools.partial(_log_connection, "closed", name))
    if engine.dialect.name == "sqlite":
        sqlite.prepare(engine, name)
    else:
        servers.prepare(engine)
    return engine


def _missing(module: str) -> str:
    said = f"The database needs {module}, which is not installed"
    file = servers.REQUIREMENTS.get(module)
    return f"{said}: pip install -r {file}." if file else f"{said}."


def _log_connection(what: str, name: str, *_: object) -> None:
    log.info("Connection to %s %s", name, what)


def _unavailable(context: ExceptionContext) -> Exception | None:
    """The error of a driver as one that the operator can act on; None if it is about a statement."""
    if context.engine is None:
        return None
    error = context.original_exception
    if str(error) == sqlite.FUNCTION_FAILED:
        return InvalidInputError(TOO_SLOW)
    if context.engine.dialect.name == "sqlite":
        reason = sqlite.reason_of(error)
    else:
        reason = servers.reason_of(error, is_lost=context.is_disconnect or context.connection is None)
    if reason is None:
        return None
    return DatabaseUnavailableError.of(describe(context.engine.url), reason)


def _forget_connections() -> None:
    """In a forked process: new pools. The parent's connections must be neither used nor closed here."""
    global _lock  # noqa: PLW0603  # another thread of the parent may have held it
    _lock = threading.Lock()
    for entry in _entries.values():
        _inherited.append(entry.engine.pool)
        entry.engine.dispose(close=False)


os.register_at_fork(after_in_child=_forget_connections)
