"""Removes what interrupted imports and removed estates leave behind."""

from __future__ import annotations

import logging

from sqlalchemy import bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.generations import raise_generation
from data.ingest.locking import import_lock, import_lock_if_free
from data.ingest.publishing import retire
from data.ingest.storing import STATE_TABLES
from data.ingest.writing import BatchWriter
from data.vocabulary import ImportStatus

log = logging.getLogger(__name__)


def sweep(db_url: str) -> None:
    """Remove unpublished imports that nobody works on, and stale flags. Does nothing while an import runs.

    An import holds the lock from its first row to its publication: with the lock in hand, an unpublished import
    is one that was interrupted.
    """
    with import_lock_if_free(db_url) as is_free:
        if is_free:
            sweep_locked(db_url)


def sweep_locked(db_url: str) -> None:
    """The same for who holds the import lock."""
    manager = DatabaseManager(db_url)
    writer = BatchWriter(manager)
    with manager.get_session() as session:
        columns = models.imports.c
        abandoned = list(
            session.scalars(select(columns.id).where(columns.status == ImportStatus.UNPUBLISHED))
        )
        stale = _stale_states(session)
    if abandoned:
        log.info("Removing %d unfinished imports", len(abandoned))
        _remove(manager, writer, abandoned)
    for import_id in stale:
        retire(writer, import_id)


def remove_demo(db_url: str) -> None:
    """Remove the demo estate. It disappears at once; its rows go in the background of this call.

    Waits for an import that is running.
    """
    manager = DatabaseManager(db_url)
    with import_lock(db_url, lambda: None):
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
        sweep_locked(db_url)


def _stale_states(session: Session) -> list[int]:
    """States whose machines still have the flag although they are no longer the newest."""
    machines, vcenters = models.virtual_machines.c, models.vcenters.c
    current = select(vcenters.current_import_id).where(vcenters.current_import_id.is_not(None))
    flagged = select(machines.import_id).where(machines.is_current, machines.import_id.not_in(current))
    return list(session.scalars(flagged.distinct()))


def _remove(manager: DatabaseManager, writer: BatchWriter, import_ids: list[int]) -> None:
    for import_id in import_ids:
        for table in STATE_TABLES:
            writer.delete(table, import_id)
    machines, rows = models.machines, models.virtual_machines
    with manager.get_session() as session:
        left = or_(machines.c.first_import_id.in_(import_ids), machines.c.last_import_id.in_(import_ids))
        nowhere = ~exists().where(rows.c.machine_id == machines.c.id)
        orphaned = list(session.scalars(select(machines.c.id).where(left, nowhere)))
    writer.run(
        delete(machines).where(machines.c.id == bindparam("row_id")), ({"row_id": i} for i in orphaned)
    )
    with manager.session_scope() as session:
        session.execute(delete(models.imports).where(models.imports.c.id.in_(import_ids)))
        unused = ~exists().where(models.imports.c.vcenter_id == models.vcenters.c.id)
        session.execute(delete(models.vcenters).where(unused))
        raise_generation(session)
