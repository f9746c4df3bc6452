"""The databases that are measured. The servers are throw-away ones, with the memory and the care of a real one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from data.database import get_engine
from scripts.servers import SERVERS, Server

SQLITE = "sqlite"
OPTIONS = {
    "postgresql": {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "shared_buffers": "1GB",
        "max_wal_size": "4GB",
    },
    "mariadb": {
        "innodb_buffer_pool_size": "1G",
        "innodb_flush_log_at_trx_commit": "1",
        "innodb_log_file_size": "1G",
    },
}
"""What an operator sets: memory, a log that need not be emptied in the middle of an import, and nothing is lost."""
ENGINES = (SQLITE, *OPTIONS)
_PASSWORD = "password"  # noqa: S105  # the name of a file


def make_server(kind: str) -> Server:
    """A server with the settings of an operator; not started."""
    return SERVERS[kind](**OPTIONS[kind])


def keep(server: Server, folder: Path) -> None:
    """Stop a server, and keep what it holds."""
    server.stop()
    shutil.copytree(server.directory / "data", folder / "data")
    (folder / _PASSWORD).write_text(server.password)


def restored(kind: str, folder: Path) -> Server:
    """A server that holds what was kept; not started."""
    server = make_server(kind)
    owner = server.directory.stat()
    shutil.copytree(folder / "data", server.directory / "data")
    for path in (server.directory / "data", *(server.directory / "data").rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    server.password = (folder / _PASSWORD).read_text()
    (server.directory / "log").touch()  # a server with a log has been set up
    return server


@contextmanager
def copied(kind: str, kept: Path, folder: Path) -> Iterator[str]:
    """The URL of a copy of a kept database, which is gone afterwards."""
    if kind == SQLITE:
        database = folder / "inventory.db"
        with closing(sqlite3.connect(kept)) as source, closing(sqlite3.connect(database)) as target:
            source.backup(target)
        yield f"sqlite:///{database}"
        return
    with restored(kind, kept) as server:
        yield server.url()


def version(db_url: str) -> str:
    """The engine and its version."""
    if make_url(db_url).get_backend_name() == SQLITE:
        return f"SQLite {sqlite3.sqlite_version}"
    with get_engine(db_url).connect() as connection:
        numbers = connection.dialect.server_version_info or ()
    kind = make_url(db_url).get_backend_name()
    settings = ", ".join(f"{name}={value}" for name, value in OPTIONS[kind].items())
    return f"{SERVERS[kind].title} {'.'.join(map(str, numbers))} ({settings})"
