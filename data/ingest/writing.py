"""Writes in transactions of at most half a second, so that nobody else waits long for the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Boolean, Connection, Dialect, Table, bindparam, delete, insert, select, update
from sqlalchemy.types import TypeEngine

from data.database import DatabaseManager, get_engine

T = TypeVar("T")

TARGET_SECONDS = 0.2
"""A transaction aims at this. When the machine is slow it ends after the step in which this time is over."""
FREE_SECONDS = 0.02
"""Nobody has the database for so long after a transaction: who waits for it asks every hundredth of a second."""
FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 500, 50, 20_000
STEPS, SMALLEST_STEP = 8, 25
"""How many statements a transaction is made of, and how many rows each has at least."""

Row = tuple[Any, ...]
Written = Callable[[int], None]
"""Told after each batch how many rows were written in all."""


class BatchWriter:
    """Writes many rows, each batch in a transaction of its own. The size of a batch follows the time it takes."""

    def __init__(self, manager: DatabaseManager) -> None:
        self.manager = manager
        self.longest_seconds = 0.0
        """The longest transaction so far."""
        self._free_until = 0.0

    def insert(
        self, table: Table, keys: Sequence[str], rows: Iterable[Row], written: Written | None = None
    ) -> int:
        """Insert rows of values in the order of `keys`; returns how many."""
        dialect = get_engine(self.manager.db_url).dialect
        return self._in_batches(rows, _inserting(dialect, table, keys), written)

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
        with self.manager.get_session() as session:
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
            done = 0
            while done < len(batch):
                seconds, count = self._write_some(batch, done, write)
                done += count
                size = _next_size(count, seconds)
            total += len(batch)
            if written:
                written(total)
        return total

    def _write_some(
        self, batch: list[T], first: int, write: Callable[[Connection, list[T]], object]
    ) -> tuple[float, int]:
        """Write from a batch in one transaction until its time is up; returns how long that took, and how many."""
        time.sleep(max(0.0, self._free_until - time.perf_counter()))
        done, step = first, max(SMALLEST_STEP, (len(batch) - first) // STEPS)
        with self.manager.session_scope() as session:
            connection = session.connection()
            started = time.perf_counter()
            while done < len(batch) and time.perf_counter() - started < TARGET_SECONDS:
                write(connection, batch[done : done + step])
                done = min(done + step, len(batch))
        ended = time.perf_counter()
        self._free_until = ended + FREE_SECONDS
        self.longest_seconds = max(self.longest_seconds, ended - started)
        return ended - started, done - first


def _next_size(size: int, seconds: float) -> int:
    factor = min(2.0, max(0.25, TARGET_SECONDS / max(seconds, 1e-6)))
    return min(LARGEST_BATCH, max(SMALLEST_BATCH, int(size * factor)))


def _inserting(
    dialect: Dialect, table: Table, keys: Sequence[str]
) -> Callable[[Connection, list[Row]], object]:
    """Inserts with one `executemany` of the driver, without a dictionary per row; types as SQLAlchemy binds them."""
    if not dialect.positional:
        statement = insert(table)
        return lambda connection, rows: connection.execute(
            statement, [dict(zip(keys, row, strict=True)) for row in rows]
        )
    compiled = insert(table).inline().compile(dialect=dialect, column_keys=list(keys))
    text, order = str(compiled), [keys.index(name) for name in compiled.positiontup or ()]

    def write(connection: Connection, rows: list[Row]) -> None:
        columns = list(zip(*rows, strict=True))
        bound = [_bound(table.c[keys[at]].type, dialect, columns[at]) for at in order]
        connection.exec_driver_sql(text, list(zip(*bound, strict=True)))

    return write


def _bound(kind: TypeEngine[Any], dialect: Dialect, values: Sequence[Any]) -> Sequence[Any]:
    """A column of values as the driver takes them."""
    bind = None if isinstance(kind, Boolean) else kind.dialect_impl(dialect).bind_processor(dialect)
    return values if bind is None else [None if value is None else bind(value) for value in values]
