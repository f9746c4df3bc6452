"""Moves a whole inventory into another database, of any kind: all of it or nothing.

Rows go in under states that nobody sees. When what the target gives back is what was read, one short transaction
shows them. Whoever dies before leaves what an interrupted import leaves: the next sweep removes it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager, describe
from data.errors import ConflictError, InvalidInputError, NoInventoryError
from data.generations import raise_generation
from data.ingest.locking import import_lock
from data.ingest.upkeep import sweep_locked
from data.ingest.writing import BatchWriter, Row
from data.progress import OnProgress, unheard
from data.servers import resume_ids
from data.vocabulary import ImportStatus, JobPhase

log = logging.getLogger(__name__)

READ_ROWS = 2_000
"""So many are read at a time."""


class _Pass(NamedTuple):
    """One reading of all tables."""

    what: str
    first_pct: int
    last_pct: int


COPYING, CHECKING = _Pass("Copying", 0, 65), _Pass("Checking", 65, 99)

NOT_COPIED = (models.jobs, models.generations)
"""Jobs belong to processes and files of their machine; the generation is the target's own."""
DRAFTS: dict[Table, dict[str, Any]] = {
    models.vcenters: {"current_import_id": None},
    models.imports: {"status": ImportStatus.UNPUBLISHED},
}
"""What decides whether rows are seen, and its value until they are complete."""
HIDDEN = tuple(
    table for table in models.metadata.sorted_tables if "import_id" in table.c or table is models.machines
)
"""Nobody sees their rows before the states are published; those that are pointed to come first."""
SHOWN = tuple(
    table
    for table in models.metadata.sorted_tables
    if table not in DRAFTS and table not in HIDDEN and table not in NOT_COPIED
)
"""Seen as they are: labels, what the operator mapped. They are written when all is published."""
TABLES = (*DRAFTS, *HIDDEN, *SHOWN)
WORDS = {models.vcenters: "vCenters", models.imports: "states", models.header_mappings: "mapped headers"}
"""What tables are called on the pages, if not as in the database."""

_NEGATIVE_ZERO, _ZERO = b"\xcb\x80" + bytes(7), b"\xcb" + bytes(8)
_packed = msgspec.msgpack.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """What was read from a table, and what the copy of it gives back."""

    table: str
    rows: int
    checksum: str
    """The same for the same rows in any order, in any database."""
    rows_copied: int
    checksum_copied: str
    same: bool


class Fingerprint:
    """Counts rows, and sums up a hash of each, so that their order does not matter.

    Values are those that SQLAlchemy makes of a column: whether a database keeps true as 1, or times as text, makes no
    difference. Nor do the order of keys in JSON, and the sign of zero, which SQLite does not keep.

    Example:
        >>> one, other = Fingerprint(), Fingerprint()
        >>> one.add([(1, "a", {"x": "1", "y": None}), (2, -0.0, None)])
        >>> other.add([(2, 0.0, None), (1, "a", {"y": None, "x": "1"})])
        >>> one.rows, one.checksum == other.checksum
        (2, True)
    """

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Count rows."""
        for row in rows:
            packed = _packed(row).replace(_NEGATIVE_ZERO, _ZERO)
            self._sum += int.from_bytes(blake2b(packed, digest_size=8).digest())
            self.rows += 1

    @property
    def checksum(self) -> str:
        """16 hexadecimal digits."""
        return f"{self._sum % 2**64:016x}"


def copy_inventory(
    source_url: str, target_url: str, on_progress: OnProgress = unheard
) -> tuple[CopiedTable, ...]:
    """Copy everything but jobs, ids included, and publish it if the copy is the same; in the end, or in no table.

    The source may be in use: it is read as it is at one moment, and a running import is waited for. Both have
    the newest schema. Nobody else imports into the target meanwhile.

    Args:
        source_url: the database that is read.
        target_url: an empty one.
        on_progress: told about progress; whatever it raises ends the copy.

    Returns:
        Of each table what was read, and what came back. Where one differs nothing was published, and the tables that
        are written with the publication are missing.

    Raises:
        NoInventoryError: there is nothing to copy.
        ConflictError: the target is not empty.
        InvalidInputError: both are the same database, or the target does not take a row of the source.
    """
    if describe(source_url) == describe(target_url):
        raise InvalidInputError(f"Source and target are the same database, {describe(source_url)}.")
    target = DatabaseManager(target_url)
    with (
        _snapshot(DatabaseManager(source_url), on_progress) as source,
        import_lock(target_url, _waiting(on_progress)) as lock,
    ):
        sweep_locked(target_url, lock)
        with target.get_session() as session:
            _refuse_filled(session, target, (*DRAFTS, models.machines, *SHOWN))
        return _Copy(source, BatchWriter(target, lock), on_progress).run()


@contextmanager
def _snapshot(source: DatabaseManager, report: OnProgress) -> Iterator[Session]:
    """The database at one moment at which no import or removal is half done."""
    with source.get_session() as session:
        with import_lock(source.db_url, _waiting(report)) as lock:
            sweep_locked(source.db_url, lock)
            states = session.scalar(select(func.count()).select_from(models.imports))
        if not states:
            raise NoInventoryError(f"The database {source} holds no inventory: there is nothing to copy.")
        yield session


def _waiting(report: OnProgress) -> Callable[[], None]:
    return lambda: report(JobPhase.QUEUED, 0, "Waiting for an import to finish.")


def _refuse_filled(session: Session, target: DatabaseManager, tables: Iterable[Table]) -> None:
    counts = {WORDS.get(table, table.name.replace("_", " ")): _count(session, table) for table in tables}
    found = ", ".join(f"{name} ({count:,})" for name, count in counts.items() if count)
    if found:
        raise ConflictError(f"The database {target} is not empty: it holds {found}. Copy into an empty one.")


def _count(session: Session, table: Table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


class _Copy:
    """One copy, from the first row to its publication."""

    def __init__(self, source: Session, writer: BatchWriter, report: OnProgress) -> None:
        self._source = source
        self._target = writer.manager
        self._writer = writer
        self._report = report
        self._counts = {table: _count(source, table) for table in TABLES}
        self._read = {table: Fingerprint() for table in TABLES}
        self._current: list[dict[str, Any]] = []
        """The current state of each vCenter."""

    def run(self) -> tuple[CopiedTable, ...]:
        self._write_drafts()
        for table in HIDDEN:
            with self._refused(table):
                self._writer.insert(table, table.c.keys(), self._rows_of(table))
        self._report(JobPhase.STORING, COPYING.last_pct, "Gathering statistics.")
        self._writer.refresh_statistics()
        with self._target.get_session() as session:
            hidden = [self._compared(session, table) for table in HIDDEN]
        if not all(table.same for table in hidden):
            return tuple(hidden)
        return self._publish(hidden)

    def _write_drafts(self) -> None:
        """VCenters and states that nobody sees; together, so that a sweep finds the ones by the others."""
        with self._target.session_scope() as session:
            for table, values in DRAFTS.items():
                self._insert(session, table, values)
        of_vcenter = models.vcenters.c
        for row in self._source.execute(select(of_vcenter.id, of_vcenter.current_import_id)):
            self._current.append({"vcenter": row.id, "state": row.current_import_id})

    def _publish(self, hidden: list[CopiedTable]) -> tuple[CopiedTable, ...]:
        """Show everything in one transaction, unless what becomes visible is not the same."""
        self._report(JobPhase.PUBLISHING, CHECKING.last_pct, "Publishing.")
        imports, vcenters = models.imports, models.vcenters
        with self._target.session_scope() as session:
            _refuse_filled(session, self._target, SHOWN)
            for table in SHOWN:
                self._insert(session, table)
            session.execute(
                update(imports)
                .where(imports.c.status == ImportStatus.UNPUBLISHED)
                .values(status=ImportStatus.PUBLISHED)
            )
            session.connection().execute(
                update(vcenters)
                .where(vcenters.c.id == bindparam("vcenter"))
                .values(current_import_id=bindparam("state")),
                self._current,
            )
            for subject, value in self._source.execute(select(models.generations)):
                raise_generation(session, subject, above=value)
            resume_ids(session, TABLES)
            visible = [self._compared(session, table) for table in (*DRAFTS, *SHOWN)]
            if all(table.same for table in visible):
                self._writer.lock.make_sure()
            else:
                session.rollback()
        return (*visible[: len(DRAFTS)], *hidden, *visible[len(DRAFTS) :])

    def _insert(self, session: Session, table: Table, values: dict[str, Any] | None = None) -> None:
        """Copy a table in the transaction of a session."""
        rows, keys = self._rows_of(table), table.c.keys()
        with self._refused(table):
            while batch := list(islice(rows, READ_ROWS)):
                session.execute(
                    insert(table), [dict(zip(keys, row, strict=True)) | (values or {}) for row in batch]
                )

    @contextmanager
    def _refused(self, table: Table) -> Iterator[None]:
        """Say which table it is that holds what cannot be stored."""
        try:
            yield
        except DBAPIError as error:
            said = error.orig.args if error.orig else ()
            reason = next(iter(str(said[-1]).splitlines()), "") if said else "no reason given"
            raise InvalidInputError(
                f"The database {self._target} does not take a row of the table {table.name}: {reason}. "
                "Nothing was published."
            ) from error

    def _rows_of(self, table: Table) -> Iterator[Row]:
        return self._stream(self._source, table, self._read[table], COPYING)

    def _compared(self, session: Session, table: Table) -> CopiedTable:
        read, copied = self._read[table], Fingerprint()
        for _row in self._stream(session, table, copied, CHECKING):
            pass
        values = (read.rows, read.checksum, copied.rows, copied.checksum)
        return CopiedTable(str(table.name), *values, same=values[:2] == values[2:])

    def _stream(self, session: Session, table: Table, found: Fingerprint, one: _Pass) -> Iterator[Row]:
        """The rows of a table in the order of its key, read as they are used."""
        before = sum(self._counts[other] for other in TABLES[: TABLES.index(table)])
        total = sum(self._counts.values())
        result = session.execute(
            select(table).order_by(*table.primary_key.columns), execution_options={"yield_per": READ_ROWS}
        )
        for partition in result.partitions():
            rows = [tuple(row) for row in partition]
            found.add(rows)
            share = min((before + found.rows) / total, 1)
            pct = round(one.first_pct + (one.last_pct - one.first_pct) * share)
            self._report(JobPhase.STORING, pct, f"{one.what} {table.name}, {found.rows:,} rows.")
            yield from rows
