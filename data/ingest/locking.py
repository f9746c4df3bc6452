"""One import at a time into a database. Held from before the first row until the state is published."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

POLL_SECONDS = 0.2


@contextmanager
def import_lock(db_url: str, on_wait: Callable[[], None]) -> Iterator[None]:
    """Wait until no other import writes into the database, then keep others waiting.

    The lock goes when the process ends, however it ends.

    Args:
        db_url: the database.
        on_wait: called every fifth of a second while waiting.
    """
    with _lock_file(db_url).open("a") as file:
        while not _try(file.fileno()):
            on_wait()
            time.sleep(POLL_SECONDS)
        yield


@contextmanager
def import_lock_if_free(db_url: str) -> Iterator[bool]:
    """Take the lock if nobody has it. Yields whether it was taken."""
    with _lock_file(db_url).open("a") as file:
        yield _try(file.fileno())


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_file(db_url: str) -> Path:
    """Beside an SQLite file; for other databases among this machine's temporary files."""
    url = make_url(db_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        return Path(f"{url.database}.import.lock")
    name = hashlib.sha256(db_url.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"vmware-inventory-{name}.import.lock")
