"""What an operator does with stored states: delete, pin, hide.

What is seen changes in one short transaction; the rows of deleted states go afterwards, in batches. Whoever dies in
between leaves the old picture or the new one, and `data.ingest.upkeep` clears up.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.errors import ConflictError, NotFoundError
from data.generations import raise_generation
from data.ingest.locking import import_lock
from data.ingest.storing import STATE_TABLES
from data.ingest.upkeep import remove_imports, sweep_locked
from data.ingest.writing import BatchWriter
from data.progress import OnProgress, unheard
from data.vocabulary import ImportStatus, JobPhase

log = logging.getLogger(__name__)

_imports, _vcenters = models.imports.c, models.vcenters.c


@dataclass(frozen=True, slots=True)
class PublishedState:
    """A stored state of a vCenter."""

    id: int
    vcenter_id: int
    exported_at: datetime
    is_pinned: bool


def delete_states(db_url: str, import_ids: Collection[int], on_progress: OnProgress = unheard) -> None:
    """Delete stored states, all of them or none. Waits for an import that is running.

    If the newest state of a vCenter goes, the one before becomes the current one; with its last state the vCenter
    goes, too, and machines that no state has any more go with what hangs on them.

    Args:
        db_url: the database.
        import_ids: which ones.
        on_progress: told about progress.

    Raises:
        NotFoundError: one of them does not exist (any more).
        ConflictError: one of them is pinned, or is being stored or removed.
    """
    manager = DatabaseManager(db_url)
    with manager.get_session() as session:
        _check(session, import_ids)
    with import_lock(
        db_url, lambda: on_progress(JobPhase.QUEUED, 0, "Waiting for an import to finish.")
    ) as lock:
        on_progress(JobPhase.STORING, 0, "Preparing the removal.")
        sweep_locked(db_url, lock)
        with manager.get_session() as session:
            going = _check(session, import_ids)
        writer = BatchWriter(manager, lock)
        flag_promoted(writer, going)
        with manager.session_scope() as session:
            hide_states(session, _check(session, import_ids))  # meanwhile one may have been pinned
            lock.make_sure()
        remove_imports(
            writer,
            list(import_ids),
            # It cannot be undone now.
            lambda _phase, pct, message: on_progress(JobPhase.PUBLISHING, pct, message),
        )


def flag_promoted(writer: BatchWriter, going: Sequence[PublishedState]) -> None:
    """Give `is_current` to the rows of the states that become current when these go; `hide_states` comes after it."""
    with writer.manager.get_session() as session:
        current = set(session.scalars(select(_vcenters.current_import_id)))
        left = [states[-1].id for states in _left(session, going).values() if states]
    for import_id in left:
        if import_id not in current:
            _flag(writer, import_id)


def hide_states(
    session: Session, states: Sequence[PublishedState], status: ImportStatus = ImportStatus.UNPUBLISHED
) -> None:
    """Take states out of sight in the transaction of this session; the next sweep removes their rows.

    Who calls it holds the import lock, and has called `flag_promoted` before if the current state is among them.

    Args:
        session: to write with.
        states: published ones.
        status: what they are from now on; says whether what later states know from them stays.
    """
    if not states:
        return
    going = {state.id for state in states}
    log.info("Deleting the states %s", ", ".join(map(str, sorted(going))))
    session.execute(update(models.imports).where(_imports.id.in_(going)).values(status=status))
    for vcenter, left in _left(session, states).items():
        session.execute(
            update(models.vcenters)
            .where(_vcenters.id == vcenter)
            .values(current_import_id=left[-1].id if left else None)
        )
    raise_generation(session)


def published_states(session: Session) -> dict[int, list[PublishedState]]:
    """Id of a vCenter -> its stored states, the oldest export first. One statement."""
    columns = (_imports.id, _imports.vcenter_id, _imports.exported_at, _imports.is_pinned)
    statement = select(*columns).where(_imports.status == ImportStatus.PUBLISHED)
    found = defaultdict(list)
    for row in session.execute(statement.order_by(_imports.exported_at, _imports.id)):
        found[row.vcenter_id].append(PublishedState(*row))
    return dict(found)


def _check(session: Session, import_ids: Collection[int]) -> list[PublishedState]:
    columns = (_imports.id, _imports.vcenter_id, _imports.exported_at, _imports.is_pinned, _imports.status)
    found = {row.id: row for row in session.execute(select(*columns).where(_imports.id.in_(import_ids)))}
    for import_id in import_ids:
        if import_id not in found:
            raise NotFoundError(f"There is no state with the number {import_id} any more.")
        row = found[import_id]
        if row.status != ImportStatus.PUBLISHED:
            raise ConflictError(
                f"The state {import_id} is being stored or removed. Wait until that has ended."
            )
        if row.is_pinned:
            raise ConflictError(f"The state of {row.exported_at:%Y-%m-%d %H:%M} is pinned. Unpin it first.")
    return [PublishedState(*row[:4]) for row in found.values()]


def _left(session: Session, going: Sequence[PublishedState]) -> dict[int, list[PublishedState]]:
    """The vCenters that lose states -> the states they keep, the oldest first."""
    ids = {state.id for state in going}
    stored = published_states(session)
    return {
        vcenter: [state for state in stored.get(vcenter, []) if state.id not in ids]
        for vcenter in {state.vcenter_id for state in going}
    }


def _flag(writer: BatchWriter, import_id: int) -> None:
    """Give the rows of a state `is_current`, machines first.

    So a machine that has the flag tells `data.ingest.upkeep` that this was interrupted.
    """
    for table in sorted(STATE_TABLES, key=lambda table: table is not models.virtual_machines):
        if "is_current" in table.c:
            writer.set_flags(table, import_id)


def set_pinned(db_url: str, *, import_id: int, is_pinned: bool) -> None:
    """Keep a state whatever the retention rule says, or no longer.

    Raises:
        NotFoundError: there is no such state.
    """
    _set(
        db_url,
        update(models.imports)
        .where(_imports.id == import_id, _imports.status == ImportStatus.PUBLISHED)
        .values(is_pinned=is_pinned),
        f"There is no state with the number {import_id} any more.",
    )


def set_hidden(db_url: str, *, vcenter_id: int, is_hidden: bool) -> None:
    """Leave a vCenter out of every page but the history of imports, or show it again.

    Raises:
        NotFoundError: there is no such vCenter.
    """
    _set(
        db_url,
        update(models.vcenters).where(_vcenters.id == vcenter_id).values(is_hidden=is_hidden),
        f"There is no vCenter with the number {vcenter_id} any more.",
    )


def _set(db_url: str, statement: Update, otherwise: str) -> None:
    with DatabaseManager(db_url).session_scope() as session:
        if not session.connection().execute(statement).rowcount:
            raise NotFoundError(otherwise)
        raise_generation(session)
