"""Takes back what later states know from states that an operator deleted: since when machines are off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from data.ingest.publishing import SAYS_POWER, correct_off_since, off_machines
from data.ingest.writing import BatchWriter
from data.models import imports
from data.vocabulary import ImportStatus


class _State(NamedTuple):
    exported_at: datetime
    id: int


def withdraw(writer: BatchWriter, import_ids: Collection[int]) -> None:
    """Let the states that follow these say since when machines are off, as if these had never been stored.

    What states knew that the retention rule dropped stays. May be done again when it was interrupted.

    Args:
        writer: to write with.
        import_ids: of imports whose rows are about to be removed; dropped ones are passed over.
    """
    columns = imports.c
    going, left = defaultdict(list), defaultdict(list)
    with writer.manager.get_session() as session:
        for row in session.execute(
            select(columns.vcenter_id, columns.exported_at, columns.id, columns.status).where(SAYS_POWER)
        ):
            if row.status == ImportStatus.PUBLISHED:
                left[row.vcenter_id].append(_State(row.exported_at, row.id))
            elif row.status == ImportStatus.UNPUBLISHED and row.id in import_ids:
                going[row.vcenter_id].append(_State(row.exported_at, row.id))
    for vcenter_id, states in going.items():
        _withdraw(writer, sorted(states), sorted(left[vcenter_id]))


def _withdraw(writer: BatchWriter, going: Sequence[_State], left: Sequence[_State]) -> None:
    manager = writer.manager
    withdrawn = {state.exported_at for state in going} - {state.exported_at for state in left}
    before = max((state for state in left if state < going[0]), default=_State(datetime(1, 1, 1), 0))
    with manager.get_session() as session:
        was_off = off_machines(session, before.id)
    for state in (state for state in left if state > going[0]):
        with manager.get_session() as session:
            off = off_machines(session, state.id)
        has_lost = any(before < one < state for one in going)
        since: dict[int, datetime] = {}
        for machine, time in off.items():
            is_known = time > before.exported_at and time not in withdrawn
            is_start = time == state.exported_at
            stays = is_known and not (has_lost and is_start)
            since[machine] = time if stays else was_off.get(machine, state.exported_at)
        wrong = {machine: time for machine, time in since.items() if time != off[machine]}
        correct_off_since(writer, state.id, state.exported_at, wrong)
        if not wrong and state > going[-1]:
            return
        before, was_off = state, since
