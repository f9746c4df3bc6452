"""What an export changes against the newest state of its vCenter."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.ingest.identity import KnownMachine
from data.ingest.survey import SIZE_KEYS, Survey
from data.models import imports, virtual_machines
from data.results import StateDifference

_PLACE_KEYS = ("datacenter", "cluster", "host", "folder")


def compare(
    session: Session,
    survey: Survey,
    found: Sequence[KnownMachine | None],
    state: int | None,
) -> StateDifference:
    """Count what is new, gone and changed. A machine can be renamed, moved and resized at once.

    Args:
        session: of the database.
        survey: of the export.
        found: who its machines are.
        state: the import to compare with; None if there is none.
    """
    columns = virtual_machines.c
    compared = [columns.machine_id, columns.name, *(columns[key] for key in (*_PLACE_KEYS, *SIZE_KEYS))]
    rows = session.execute(select(*compared).where(columns.import_id == state))
    before = {machine: (name, looks[:4], looks[4:]) for machine, name, *looks in rows}
    new = renamed = moved = resized = unchanged = 0
    for known, key, folder, sizes in zip(found, survey.keys, survey.folders, survey.sizes, strict=True):
        then = before.pop(known.id, None) if known else None
        if then is None:
            new += 1
            continue
        name, place, size = then
        changes = (
            _differ([name], [key.name]),
            _differ(place, (key.datacenter, key.cluster, key.host, folder)),
            _differ(size, sizes),
        )
        renamed += changes[0]
        moved += changes[1]
        resized += changes[2]
        unchanged += not any(changes)
    compared_with = session.scalar(select(imports.c.exported_at).where(imports.c.id == state))
    return StateDifference(compared_with, new, len(before), renamed, moved, resized, unchanged)


def _differ(then: Sequence[object], now: Sequence[object]) -> bool:
    """Whether something known before is known to be otherwise now; a value that one side lacks says nothing."""
    return any(a is not None and b is not None and a != b for a, b in zip(then, now, strict=True))
