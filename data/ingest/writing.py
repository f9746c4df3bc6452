"""Writes many rows in transactions that end soon, so that nobody else waits long for the database."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from data.database import DatabaseManager, get_engine
from data.errors import DatabaseUnavailableError
from data.ingest.inserting import Row, inserting
from data.ingest.locking import ImportLock
from data.servers import is_collision, refresh_statistics

__all__ = ["BatchWriter", "Row"]

log = logging.getLogger(__name__)
T = TypeVar("T")

TARGET_SECONDS = 0.2
"""A transaction aims at this. When the machine is slow it ends after the step in which this time is over."""
FREE_SECONDS = 0.02
"""Nobody has an SQLite database for so long after a transaction: who waits for it asks every hundredth of a second."""
FIRST_BATCH, SMALLEST_BATCH, LARGEST_BATCH = 500, 50, 20_000
STEPS, SMALLEST_STEP = 8, 25
"""How many statements a transaction is made of, and how many rows each has at least."""
ATTEMPTS = 4
"""How often a transaction is begun that a server ends in favour of another one."""
MANY_ROWS = 5000
"""A server is asked to look anew at a table of which so many rows were written: plans depend on what it knows."""

Written = Callable[[int], None]
"""Told after each batch how many rows were written in all."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """How large transactions are."""

    target_seconds: float
    free_seconds: float
    steps: int


_SQLITE = _Pace(TARGET_SECONDS, FREE_SECONDS, STEPS)
_SERVER = _Pace(1.0, 0.0, 1)
"""There nobody waits for one who writes rows that nobody sees."""


class BatchWriter:
    """Writes many rows, each batch in a transaction of its own. The size of a batch follows the time it takes.

    Args:
        manager: the database.
        lock: the import lock; before a transaction ends it is made sure that nobody else has it.
    """

    def __init__(self, manager: DatabaseManager, lock: ImportLock | None = None) -> None:
        self.manager = manager
        self.lock = lock or ImportLock()
        self.longest_seconds = 0.0
        """The longest transaction so far."""
        self._engine = get_engine(manager.db_url)
        self._is_file = self._engine.dialect.name == "sqlite"
        self._pace = _SQLITE if self._is_file else _SERVER
        self._free_until = 0.0
        self._rows: Counter[str] = Counter()
        """Written, by table."""

    def insert(
        self, table: Table, keys: Sequence[str], rows: Iterable[Row], written: Written | None = None
    ) -> int:
        """Insert rows of values in the order of `keys`; returns how many.

        Raises:
            RowTooLargeError: a row is larger than the server takes.
        """
        total = self._in_batches(rows, inserting(self._engine, table, keys), written)
        self._rows[table.name] += total
        return total

    def clear_flags(self, table: Table, import_id: int) -> None:
        """Take `is_current` from the rows of an import."""
        self._for_rows(table, import_id, update(table).where(table.c.is_current).values(is_current=False))

    def set_flags(self, table: Table, import_id: int) -> None:
        """Give `is_current` to the rows of an import."""
        self._for_rows(table, import_id, update(table).where(~table.c.is_current).values(is_current=True))

    def delete(self, table: Table, import_id: int) -> None:
        """Delete the rows of an import."""
        self._for_rows(table, import_id, delete(table))

    def run(self, statement: Any, parameters: Iterable[dict[str, Any]]) -> int:
        """Run a statement once for each set of parameters; returns how often."""
        return self._in_batches(parameters, lambda connection, batch: connection.execute(statement, batch))

    def refresh_statistics(self) -> None:
        """Let a server look anew at the tables that have changed much. It does without if that fails."""
        changed = [name for name, rows in self._rows.items() if rows >= MANY_ROWS]
        if self._is_file or not changed:
            return
        try:
            refresh_statistics(self._engine, changed)
        except (DatabaseUnavailableError, SQLAlchemyError):
            log.warning("The statistics of %s are not refreshed", ", ".join(changed), exc_info=True)

    def _for_rows(self, table: Table, import_id: int, statement: Any) -> None:
        of_import = table.c.import_id == import_id
        if not self._is_file:
            whole = statement.where(of_import)
            self._rows[table.name] += self._write(lambda connection: connection.execute(whole).rowcount)[1]
            return
        with self.manager.get_session() as session:
            ids = list(session.scalars(select(table.c.id).where(of_import)))
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
                seconds, count = self._write(partial(self._write_some, batch, done, write))
                done += count
                size = _next_size(count, seconds, self._pace.target_seconds)
            total += len(batch)
            if written:
                written(total)
        return total

    def _write_some(
        self,
        batch: list[T],
        first: int,
        write: Callable[[Connection, list[T]], object],
        connection: Connection,
    ) -> int:
        """Write from a batch until its time is up; returns how many."""
        pace, started = self._pace, time.perf_counter()
        done, step = first, max(SMALLEST_STEP, -(-(len(batch) - first) // pace.steps))
        while done < len(batch) and time.perf_counter() - started < pace.target_seconds:
            write(connection, batch[done : done + step])
            done = min(done + step, len(batch))
        return done - first

    def _write(self, write: Callable[[Connection], int]) -> tuple[float, int]:
        """Write in a transaction, again if a server ends it in favour of another one; returns how long that took."""
        time.sleep(max(0.0, self._free_until - time.perf_counter()))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.manager.session_scope(is_bulk=True) as session:
                    connection = session.connection()
                    started = time.perf_counter()
                    count = write(connection)
                    self.lock.make_sure()
                break
            except (DatabaseUnavailableError, SQLAlchemyError) as error:
                if attempt == ATTEMPTS or not is_collision(error):
                    raise
                log.info("Another transaction went first: trying again")
        ended = time.perf_counter()
        self._free_until = ended + self._pace.free_seconds
        self.longest_seconds = max(self.longest_seconds, ended - started)
        return ended - started, count


def _next_size(size: int, seconds: float, target: float) -> int:
    factor = min(2.0, max(0.25, target / max(seconds, 1e-6)))
    return min(LARGEST_BATCH, max(SMALLEST_BATCH, int(size * factor)))
