"""Writes in transactions of at most half a second, so that nobody else waits long for the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Boolean, Connection, Dialect, Table, bindparam, delete, insert, select, update
from sqlalchemy.types import TypeEngine

from data.database import DatabaseManager

T = TypeVar("T")

TARGET_SECONDS = 0.2
"""A transaction aims at this, so that it stays under half a second on a slow moment, too."""
FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 500, 50, 20_000

Row = tuple[Any, ...]
Written = Callable[[int], None]
"""Told after each batch how many rows were written in all."""


class BatchWriter:
    """Writes many rows, each batch in a transaction of its own. The size of a batch follows the time it takes."""

    def __init__(self, manager: DatabaseManager) -> None:
        self._manager = manager
        self.longest_seconds = 0.0
        """The longest transaction so far."""

    def insert(
        self, table: Table, keys: Sequence[str], rows: Iterable[Row], written: Written | None = None
    ) -> int:
        """Insert rows of values in the order of `keys`; returns how many."""

        def write(connection: Connection, batch: list[Row]) -> None:
            _insert(connection, table, keys, batch)

        return self._in_batches(rows, write, written)

    def clear_flags(self, table: Table, import_id: int) -> None:
        """Take `is_current` from the rows of an import."""
        self._for_rows(table, import_id, update(table).values(is_current=False))

    def set_flags(self, table: Table, import_id: int) -> None:
        """Give `is_current` to the rows of an import."""
        self._for_rows(table, import_id, update(table).values(is_current=True))

    def delete(self, table: Table, import_id: int) -> None:
        """Delete the rows of an import."""
        self._for_rows(table, import_id, delete(table))

    def run(self, statement: Any, parameters: Iterable[dict[str, Any]]) -> int:
        """Run a statement once for each set of parameters; returns how often."""
        return self._in_batches(parameters, lambda connection, batch: connection.execute(statement, batch))

    def _for_rows(self, table: Table, import_id: int, statement: Any) -> None:
        with self._manager.get_session() as session:
            ids = list(session.scalars(select(table.c.id).where(table.c.import_id == import_id)))
        by_id = statement.where(table.c.id == bindparam("row_id"))
        self.run(by_id, ({"row_id": row_id} for row_id in ids))

    def _in_batches(
        self,
        items: Iterable[T],
        write: Callable[[Connection, list[T]], object],
        written: Written | None = None,
    ) -> int:
        items, size, total = iter(items), FIRST_BATCH, 0
        while batch := list(islice(items, size)):
            with self._manager.session_scope() as session:
                connection = session.connection()
                started = time.perf_counter()
                write(connection, batch)
            seconds = time.perf_counter() - started
            self.longest_seconds = max(self.longest_seconds, seconds)
            size = _next_size(len(batch), seconds)
            total += len(batch)
            if written:
                written(total)
        return total


def _next_size(size: int, seconds: float) -> int:
    factor = min(2.0, max(0.25, TARGET_SECONDS / max(seconds, 1e-6)))
    return min(LARGEST_BATCH, max(SMALLEST_BATCH, int(size * factor)))


def _insert(connection: Connection, table: Table, keys: Sequence[str], rows: list[Row]) -> None:
    """One `executemany` of the driver, without a dictionary per row; types as SQLAlchemy binds them."""
    dialect = connection.dialect
    if not dialect.positional:
        connection.execute(insert(table), [dict(zip(keys, row, strict=True)) for row in rows])
        return
    columns = [
        _bound(table.c[key].type, dialect, values)
        for key, values in zip(keys, zip(*rows, strict=True), strict=True)
    ]
    statement = insert(table).inline().compile(dialect=dialect, column_keys=list(keys))
    order = [keys.index(name) for name in statement.positiontup or ()]
    connection.exec_driver_sql(str(statement), list(zip(*(columns[at] for at in order), strict=True)))


def _bound(kind: TypeEngine[Any], dialect: Dialect, values: Sequence[Any]) -> Sequence[Any]:
    """A column of values as the driver takes them."""
    bind = None if isinstance(kind, Boolean) else kind.dialect_impl(dialect).bind_processor(dialect)
    return values if bind is None else [None if value is None else bind(value) for value in values]
