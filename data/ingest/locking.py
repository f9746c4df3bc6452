"""One import at a time into a database, whatever host it runs on. Held from the first row until the state is published.

SQLite: a locked file beside that of the database. Servers: a lock of the server, held by a connection of its own.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from data.database import get_engine
from data.errors import DatabaseUnavailableError
from data.servers import take_lock
from data.sqlite import file_of

POLL_SECONDS = 0.2
NAME = "import"
LOST = "the connection that keeps other imports away was lost"


class ImportLock:
    """The import lock in the hand of who has it.

    Args:
        connection: to the server, which holds the lock; None: it is a file, and cannot be lost.
    """

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection

    def make_sure(self) -> None:
        """Make sure that nobody else has the lock. Called before a transaction ends that relies on it.

        Raises:
            DatabaseUnavailableError: the server has dropped it.
        """
        if self._connection is None:
            return
        try:
            self._connection.execute(text("SELECT 1"))
        except (DatabaseUnavailableError, SQLAlchemyError) as error:
            raise DatabaseUnavailableError(f"The database does not answer: {LOST}.") from error


@contextmanager
def import_lock(db_url: str, on_wait: Callable[[], None]) -> Iterator[ImportLock]:
    """Wait until no other import writes into the database, then keep others waiting.

    The lock goes when the process ends, however it ends.

    Args:
        db_url: the database.
        on_wait: called every fifth of a second while waiting.
    """
    with _attempts(db_url) as attempt:
        while (lock := attempt()) is None:
            on_wait()
            time.sleep(POLL_SECONDS)
        yield lock


@contextmanager
def import_lock_if_free(db_url: str) -> Iterator[ImportLock | None]:
    """Take the lock if nobody has it. Yields None if somebody has."""
    with _attempts(db_url) as attempt:
        yield attempt()


@contextmanager
def _attempts(db_url: str) -> Iterator[Callable[[], ImportLock | None]]:
    """What tries to take the lock; it is given back behind the block."""
    url = make_url(db_url)
    if url.get_backend_name() != "sqlite":
        with get_engine(db_url).connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()  # or closing it would only give it back, with the lock
            yield lambda: ImportLock(connection) if take_lock(connection, NAME) else None
    elif file := file_of(url):
        with file.with_name(f"{file.name}.import.lock").open("a") as lock_file:
            yield lambda: ImportLock() if _try(lock_file.fileno()) else None
    else:
        yield ImportLock


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
