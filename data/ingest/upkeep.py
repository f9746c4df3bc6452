"""Removes what interrupted imports and removed estates leave behind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.generations import raise_generation
from data.ingest.locking import ImportLock, import_lock, import_lock_if_free
from data.ingest.publishing import retire, settle
from data.ingest.storing import STATE_TABLES
from data.ingest.withdrawing import withdraw
from data.ingest.writing import BatchWriter
from data.progress import OnProgress, unheard
from data.vocabulary import ImportStatus, JobPhase

log = logging.getLogger(__name__)


def sweep(db_url: str) -> None:
    """Remove unpublished imports that nobody works on, clear stale flags, finish what was left half done.

    Does nothing while an import runs.

    An import holds the lock from its first row to its publication: with the lock in hand, an unpublished import
    is one that was interrupted.
    """
    with import_lock_if_free(db_url) as lock:
        if lock:
            sweep_locked(db_url, lock)


def needs_sweep(db_url: str) -> bool:
    """Whether there is something to sweep. While an import runs, there may be rows of that one only."""
    with DatabaseManager(db_url).get_session() as session:
        return any(_leftovers(session))


def sweep_locked(db_url: str, lock: ImportLock | None = None) -> None:
    """The same for who holds the import lock."""
    manager = DatabaseManager(db_url)
    with manager.get_session() as session:
        abandoned, stale, unsettled = _leftovers(session)
    if not (abandoned or stale or unsettled):
        return
    writer = BatchWriter(manager, lock)
    if abandoned:
        abandoned = _still_abandoned(manager, abandoned)
        log.info("Removing %d imports that are not or no longer published", len(abandoned))
        remove_imports(writer, abandoned)
    for import_id in stale:
        retire(writer, import_id)
    for vcenter_id in unsettled:
        settle(writer, vcenter_id)
    writer.refresh_statistics()


def _still_abandoned(manager: DatabaseManager, import_ids: Sequence[int]) -> list[int]:
    """Those of the imports that are not published once every transaction has ended that was about to.

    Who publishes and has just lost the import lock makes sure of it after it has changed these rows: either it
    notices that somebody else has the lock now, or it is waited for here.
    """
    imports = models.imports.c
    left = select(imports.id).where(imports.id.in_(import_ids), imports.status != ImportStatus.PUBLISHED)
    with manager.session_scope() as session:
        return list(session.scalars(left.with_for_update()))


def remove_demo(db_url: str, on_wait: Callable[[], None] = lambda: None) -> None:
    """Remove the demo estate: it disappears at once, then its rows go.

    Args:
        db_url: the database.
        on_wait: called every fifth of a second while an import runs; whatever it raises ends the waiting.
    """
    manager = DatabaseManager(db_url)
    with import_lock(db_url, on_wait) as lock:
        with manager.session_scope() as session:
            demo = select(models.vcenters.c.id).where(models.vcenters.c.is_demo)
            imports = models.imports
            session.execute(
                update(imports).where(imports.c.vcenter_id.in_(demo)).values(status=ImportStatus.UNPUBLISHED)
            )
            session.execute(
                update(models.vcenters).where(models.vcenters.c.is_demo).values(current_import_id=None)
            )
            raise_generation(session)
            lock.make_sure()
        sweep_locked(db_url, lock)


def _leftovers(session: Session) -> tuple[list[int], list[int], list[int]]:
    """Imports that are not published, states with a flag they should not have, vCenters to be settled."""
    imports, machines, vcenters = models.imports.c, models.virtual_machines.c, models.vcenters.c
    current = select(vcenters.current_import_id).where(vcenters.current_import_id.is_not(None))
    flagged = select(machines.import_id).where(machines.is_current, machines.import_id.not_in(current))
    return (
        list(session.scalars(select(imports.id).where(imports.status != ImportStatus.PUBLISHED))),
        list(session.scalars(flagged.distinct())),
        list(session.scalars(select(vcenters.id).where(vcenters.is_settling))),
    )


def remove_imports(writer: BatchWriter, import_ids: Sequence[int], on_progress: OnProgress = unheard) -> None:
    """Remove unpublished imports with all their rows, and what nothing refers to any more, in short transactions.

    Who calls it holds the import lock. Interrupted, it can be done again from the beginning.

    Args:
        writer: to write with.
        import_ids: of imports that nobody sees (any more).
        on_progress: told about progress, from 0 to 100 %.
    """
    manager = writer.manager
    withdraw(writer, import_ids)
    for newest_first in (False, True):
        _correct_sightings(writer, import_ids, newest_first=newest_first)
    steps = [(import_id, table) for import_id in import_ids for table in STATE_TABLES]
    for done, (import_id, table) in enumerate(steps):
        on_progress(JobPhase.STORING, 100 * done // len(steps), f"Removing rows of {table.name}.")
        writer.delete(table, import_id)
    machines, rows = models.machines, models.virtual_machines
    with manager.get_session() as session:
        left = or_(machines.c.first_import_id.in_(import_ids), machines.c.last_import_id.in_(import_ids))
        nowhere = ~exists().where(rows.c.machine_id == machines.c.id)
        orphaned = list(session.scalars(select(machines.c.id).where(left, nowhere)))
    orphan = delete(machines).where(machines.c.id == bindparam("row_id"), nowhere)
    writer.run(orphan, ({"row_id": i} for i in orphaned))
    with manager.session_scope() as session:
        session.execute(delete(models.imports).where(models.imports.c.id.in_(import_ids)))
        unused = ~exists().where(models.imports.c.vcenter_id == models.vcenters.c.id)
        session.execute(delete(models.vcenters).where(unused))
        raise_generation(session)
        writer.lock.make_sure()


def _correct_sightings(writer: BatchWriter, import_ids: Sequence[int], *, newest_first: bool) -> None:
    """Let machines that were first or last seen in these imports point to the next state that has them.

    Those that no other state has keep what they have: they go with the imports.
    """
    machines, rows, imports = models.machines, models.virtual_machines.c, models.imports.c
    pointer = machines.c.last_import_id if newest_first else machines.c.first_import_id
    by_time = (imports.exported_at, imports.id)
    # Machine by machine: both indexes are narrow, and the rows of whole states are wide.
    state = (
        select(imports.id)
        .join(models.virtual_machines, rows.import_id == imports.id)
        .where(rows.machine_id == machines.c.id, imports.status == ImportStatus.PUBLISHED)
        .order_by(*(column.desc() if newest_first else column for column in by_time))
        .limit(1)
        .scalar_subquery()
    )
    lost = select(machines.c.id.label("machine"), state.label("state")).where(pointer.in_(import_ids))
    with writer.manager.get_session() as session:
        found = [dict(row) for row in session.execute(lost).mappings() if row["state"] is not None]
    same = rows.machine_id == machines.c.id, rows.import_id == bindparam("state")
    kept = ("name", "datacenter", "vm_id", "vm_uuid") if newest_first else ()
    values: dict[str, Any] = {
        key: func.coalesce(select(rows[key]).where(*same).scalar_subquery(), machines.c[key]) for key in kept
    }
    correct = update(machines).where(machines.c.id == bindparam("machine"))
    writer.run(correct.values({pointer.name: bindparam("state"), **values}), found)
