"""Whether the databases and the cache answer, for those who watch over the service: soon, and without secrets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

from data.cache_store import current_store
from data.database import schema_is_current
from data.errors import DataError
from data.validation import driver_errors

PATIENCE_SECONDS = 3.0
"""What has not answered by then does not answer."""


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """What is known of a database."""

    answers: bool
    schema_is_current: bool | None
    """None: unknown, because it does not answer."""


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of everything that answers depend on."""

    databases: Mapping[str, DatabaseHealth]
    """By name, the default one first."""
    cache_kind: str
    cache_answers: bool


class HealthCheck:
    """Asks each database and the cache, each in a thread of its own, and never a second time while it is silent.

    Args:
        databases: Name -> URL, the default one first.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite://")
        >>> HealthCheck({"default": "sqlite://"}).ask().databases
        {'default': DatabaseHealth(answers=True, schema_is_current=True)}
    """

    def __init__(self, databases: Mapping[str, str]) -> None:
        self._databases = dict(databases)
        self._lock = threading.Lock()
        self._asked: dict[str, Future[Any]] = {}

    def ask(self) -> Health:
        """How everything is now; takes 3 s at most."""
        store = current_store()
        found = {
            name: self._asking(f"database {name}", partial(_look_at, url))
            for name, url in self._databases.items()
        }
        cache = self._asking("cache", store.answers)
        wait([cache, *found.values()], PATIENCE_SECONDS)
        silent = DatabaseHealth(answers=False, schema_is_current=None)
        return Health(
            {name: future.result() if future.done() else silent for name, future in found.items()},
            store.kind,
            cache.done() and cache.result(),
        )

    def _asking(self, name: str, question: Callable[[], object]) -> Future[Any]:
        with self._lock:
            future = self._asked.get(name)
            if future is None or future.done():
                future = self._asked[name] = Future()
                threading.Thread(target=_answer, args=(future, question), name=name, daemon=True).start()
            return future


def _answer(future: Future[Any], question: Callable[[], object]) -> None:
    try:
        future.set_result(question())
    except BaseException as error:  # noqa: BLE001  # raised again where the answer is awaited
        future.set_exception(error)


def _look_at(db_url: str) -> DatabaseHealth:
    try:
        with driver_errors():
            return DatabaseHealth(answers=True, schema_is_current=schema_is_current(db_url))
    except DataError:
        return DatabaseHealth(answers=False, schema_is_current=None)
