"""Empty databases for tests: SQLite files, and databases on PostgreSQL and MariaDB servers."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from data.database import DatabaseManager, upgrade_schema
from scripts.servers import SERVERS, Server, ServerMissingError

ENGINES = ("sqlite", "postgresql", "mariadb")


class ServerElsewhere:
    """A server that somebody else runs; its URL is that of an account that may make databases."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)

    def url(self, database: str | None = None) -> str:
        url = self._url.set(database=database) if database else self._url
        return url.render_as_string(hide_password=False)


AnyServer = Server | ServerElsewhere


@contextmanager
def running(name: str) -> Iterator[AnyServer]:
    """The server that the environment names, or else a throw-away one; without its programs the test is skipped."""
    url = os.environ.get(f"VMWARE_INV_TEST_{name.upper()}_URL")
    if url:
        yield ServerElsewhere(url)
        return
    try:
        server = SERVERS[name]()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with server:
        yield server


class Databases(ABC):
    """Databases of one engine with the newest schema and no rows, each for one test at a time."""

    @abstractmethod
    def give(self, folder: Path) -> str:
        """The URL of one that nobody uses."""

    @abstractmethod
    def take_back(self, url: str) -> None:
        """The test is over."""


class SQLiteFiles(Databases):
    """Copies of a file."""

    def __init__(self, template: Path) -> None:
        self._template = template

    def give(self, folder: Path) -> str:
        names = (folder / f"inventory{number}.db" for number in ("", *range(2, 100)))
        file = next(name for name in names if not name.exists())
        shutil.copy(self._template, file)
        return f"sqlite:///{file}"

    def take_back(self, url: str) -> None:
        DatabaseManager(url).clear_cache()


class ServerDatabases(Databases):
    """Databases on a server, told apart from those of other processes."""

    def __init__(self, server: AnyServer) -> None:
        self._server = server
        self._names = map(f"test_{secrets.token_hex(3)}_{{}}".format, count())
        self._engine = create_engine(server.url(), isolation_level="AUTOCOMMIT")
        self._connection = self._engine.connect()

    def _run(self, statement: str) -> None:
        self._connection.execute(text(statement))

    def _make(self) -> str:
        """The name of a new database with the newest schema."""
        name = next(self._names)
        self._run(f"CREATE DATABASE {name}")
        url = self._server.url(name)
        upgrade_schema(url)
        DatabaseManager(url).clear_cache()
        return name

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()


class PostgreSQLDatabases(ServerDatabases):
    """Copies of a database; each is dropped after its test, whoever still uses it."""

    def __init__(self, server: AnyServer) -> None:
        super().__init__(server)
        self._template = self._make()

    def give(self, folder: Path) -> str:
        name = next(self._names)
        self._run(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self._server.url(name)

    def take_back(self, url: str) -> None:
        DatabaseManager(url).clear_cache()
        self._drop(name_of(url))

    def _drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        self._drop(self._template)
        super().close()


class MariaDBDatabases(ServerDatabases):
    """Databases that are emptied after a test, which takes a fraction of the time of making one.

    One whose tables the test changed, or that somebody still uses, is dropped.
    """

    CHANGES = (
        "alter_table",
        "create_index",
        "create_table",
        "drop_db",
        "drop_index",
        "drop_table",
        "rename_table",
    )
    TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = '{}'"

    def __init__(self, server: AnyServer) -> None:
        super().__init__(server)
        self._template = self._make()
        self._tables = self._names_in(self.TABLES.format(self._template))
        self._filled = self._with_rows(self._template)
        self._free: list[str] = []
        self._known_changes = self._changes()

    def give(self, folder: Path) -> str:
        if not self._free:
            before = self._changes()
            self._free.append(self._make())
            self._known_changes += self._changes() - before
        return self._server.url(self._free.pop())

    def take_back(self, url: str) -> None:
        DatabaseManager(url).clear_cache()
        name = name_of(url)
        users = self._users(name)
        if users or self._changes() != self._known_changes:
            self._drop(name, users)
        else:
            self._empty(name)
            self._free.append(name)

    def _empty(self, name: str) -> None:
        numbered = self._names_in(f"{self.TABLES.format(name)} AND auto_increment > 1")
        self._run("SET foreign_key_checks = 0")
        for table in {*self._with_rows(name), *numbered} - set(self._filled):
            self._run(f"TRUNCATE TABLE {name}.{table}")
        for table in self._filled:
            self._run(f"DELETE FROM {name}.{table}")
            self._run(f"INSERT INTO {name}.{table} SELECT * FROM {self._template}.{table}")
        self._run("SET foreign_key_checks = 1")

    def _drop(self, name: str, users: list[str]) -> None:
        for user in users:
            self._run(f"KILL {user}")
        before = self._changes()
        self._run(f"DROP DATABASE IF EXISTS {name}")
        self._known_changes += self._changes() - before

    def _users(self, name: str) -> list[str]:
        """Numbers of the connections to a database; those that were just closed get a moment to go."""
        for _ in range(20):
            users = self._names_in(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'")
            if not users:
                break
            time.sleep(0.005)
        return users

    def _with_rows(self, name: str) -> list[str]:
        filled = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name}.{table})" for table in self._tables)
        return self._names_in(" UNION ALL ".join(filled))

    def _changes(self) -> int:
        """How often tables were made, changed or dropped on this server."""
        counters = ", ".join(f"'com_{name}'" for name in self.CHANGES)
        happened = "information_schema.global_status WHERE variable_name"
        (number,) = self._names_in(
            f"SELECT CAST(sum(variable_value) AS INTEGER) FROM {happened} IN ({counters})"
        )
        return int(number)

    def _names_in(self, statement: str) -> list[str]:
        return [str(name) for name in self._connection.scalars(text(statement))]

    def close(self) -> None:
        for name in (self._template, *self._free):
            self._run(f"DROP DATABASE {name}")
        super().close()


def name_of(url: str) -> str:
    """The name of the database."""
    return str(make_url(url).database)
