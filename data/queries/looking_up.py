"""Texts that Python looks through before a statement runs, for databases that cannot ask it meanwhile.

A parameter of a statement may be a `LookedUp`. When the statement is about to run, the texts are read on the same
connection, in the same transaction, and the keys of those that fit take its place.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, event

from data.generations import current_generation

MAX_CHARACTERS = 32_000_000
"""Of all answers that are kept: some dozens, or a few with 100,000 names each."""
BLOCK_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Probe:
    """What is asked of each text."""

    of: Callable[[str], Callable[[str], bool]]
    """Makes the test of what was typed; anew for each question, so that it can limit its time."""
    typed: str


@dataclass(frozen=True, slots=True, eq=False)
class LookedUp:
    """The keys of the rows whose text fits, found when they are needed."""

    rows: Select[Any]
    """The text, and after it the key unless that is the text itself."""
    probe: Probe


_kept: OrderedDict[object, str] = OrderedDict()
_lock = threading.Lock()


@event.listens_for(Engine, "before_cursor_execute", retval=True)
def _look_up(
    connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, is_many: bool
) -> tuple[str, Any]:
    """Put what is found into the place of each `LookedUp`."""
    if is_many:
        return statement, parameters
    values = parameters.values() if isinstance(parameters, dict) else parameters
    if not any(isinstance(value, LookedUp) for value in values):
        return statement, parameters
    if isinstance(parameters, dict):
        return statement, {name: _found(connection, value) for name, value in parameters.items()}
    return statement, tuple(_found(connection, value) for value in parameters)


def _found(connection: Connection, value: Any) -> Any:
    """The keys as one text, from memory if the data is still the same. Any other value as it is."""
    if not isinstance(value, LookedUp):
        return value
    asked = value.rows.compile(dialect=connection.dialect)
    parameters = tuple((name, repr(one)) for name, one in asked.params.items())
    database = connection.engine.url, current_generation(connection)
    key = (*database, asked.string, parameters, value.probe)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    fits = value.probe.of(value.probe.typed)
    with connection.execute(value.rows, execution_options={"yield_per": BLOCK_ROWS}) as rows:
        keys = [row[-1] for row in rows if row[0] is not None and fits(row[0])]
    found = _array(keys) if connection.dialect.name == "postgresql" else json.dumps(list(map(_digest, keys)))
    with _lock:
        _kept[key] = found
        while sum(map(len, _kept.values())) > MAX_CHARACTERS:
            _kept.popitem(last=False)
    return found


def _array(keys: Iterable[str | int]) -> str:
    """An array of PostgreSQL as text."""
    return "{" + ",".join(map(_element, keys)) + "}"


def _element(key: str | int) -> str:
    if isinstance(key, int):
        return str(key)
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _digest(key: str | int) -> str | int:
    """Of a text, as MariaDB makes it."""
    return key if isinstance(key, int) else hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
