"""Makes a stored import visible, in one short transaction, and what follows from that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, select, update
from sqlalchemy.orm import Session

from data import models
from data.errors import ConflictError
from data.fields import ATTRIBUTE, MERGED_TABS, VM_TABS
from data.generations import raise_generation
from data.ingest.identity import KnownMachine
from data.ingest.roster import MachineKey
from data.ingest.storing import STATE_TABLES, Draft
from data.ingest.survey import Survey, age_days
from data.ingest.vcenters import VCenterChoice
from data.ingest.writing import BatchWriter
from data.vocabulary import ImportStatus, PowerState
from data.workbook.spool import Tab, Workbook


@dataclass(frozen=True, slots=True)
class Publication:
    """An import whose rows are stored, and everything that becomes visible with it."""

    draft: Draft
    choice: VCenterChoice
    tabs: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    """Rows of `import_tabs` and `import_columns`, from `profile_of`."""
    moved: list[dict[str, Any]]
    """The machines whose identity is known better or otherwise now, from `changed_identities`."""
    size_bytes: int | None


def publish(session: Session, publication: Publication) -> None:
    """Show an import: its status, the vCenter's pointer, identities, profile and generation change together.

    All imports of a file are shown in the transaction of one session.

    Raises:
        ConflictError: somebody else removed the import.
    """
    draft, choice, imports = publication.draft, publication.choice, models.imports.c
    is_draft = imports.id == draft.import_id, imports.status == ImportStatus.UNPUBLISHED
    shown = update(models.imports).where(*is_draft)
    values: dict[str, Any] = {"status": ImportStatus.PUBLISHED, "size_bytes": publication.size_bytes}
    if session.connection().execute(shown.values(values)).rowcount != 1:
        raise ConflictError("What was stored was removed by another process. Import the file again.")
    vcenter: dict[str, Any] = {"name": choice.name, "instance_uuid": choice.uuid, "server": choice.server}
    if draft.is_newest:
        vcenter["current_import_id"] = draft.import_id
    else:
        vcenter["is_settling"] = True
    session.execute(update(models.vcenters).where(models.vcenters.c.id == draft.vcenter_id).values(vcenter))
    _note_sightings(session, draft)
    if publication.moved:
        changed: dict[str, Any] = {
            key: bindparam(f"new_{key}") for key in ("vm_id", "vm_uuid", "name", "datacenter")
        }
        machines = models.machines.c
        last_seen_here = machines.id == bindparam("machine"), machines.last_import_id == draft.import_id
        session.connection().execute(
            update(models.machines).where(*last_seen_here).values(changed), publication.moved
        )
    session.execute(insert(models.import_tabs), publication.tabs)
    session.execute(insert(models.import_columns), publication.columns)
    raise_generation(session)


def _note_sightings(session: Session, draft: Draft) -> None:
    """First and last seen of the machines in this import, by export time."""
    machines, rows = models.machines, models.virtual_machines.c
    seen = exists().where(rows.machine_id == machines.c.id, rows.import_id == draft.import_id)
    imports = models.imports.c
    others = select(imports.id).where(imports.vcenter_id == draft.vcenter_id, imports.id != draft.import_id)
    for column, stale in (
        (machines.c.last_import_id, imports.exported_at <= draft.exported_at),
        (machines.c.first_import_id, imports.exported_at > draft.exported_at),
    ):
        ids = list(session.scalars(others.where(stale)))
        if ids:
            session.execute(
                update(machines)
                .where(machines.c.vcenter_id == draft.vcenter_id, column.in_(ids), seen)
                .values({column: draft.import_id})
            )


def changed_identities(
    keys: Sequence[MachineKey], found: Sequence[KnownMachine | None]
) -> list[dict[str, Any]]:
    """What an export says otherwise of machines seen before: a new name, a VM ID that was not known.

    It holds for those that no later state has.
    """
    changes = []
    for key, known in zip(keys, found, strict=True):
        if known is None:
            continue
        vm_id, vm_uuid = key.vm_id or known.vm_id, key.vm_uuid or known.vm_uuid
        name, datacenter = key.name or known.name, key.datacenter or known.datacenter
        if (vm_id, vm_uuid, name, datacenter) != (known.vm_id, known.vm_uuid, known.name, known.datacenter):
            changes.append(
                {
                    "machine": known.id,
                    "new_vm_id": vm_id,
                    "new_vm_uuid": vm_uuid,
                    "new_name": name,
                    "new_datacenter": datacenter,
                }
            )
    return changes


def profile_of(
    workbook: Workbook, survey: Survey, import_id: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `import_tabs` and `import_columns`: what the export had and how well it is filled.

    Custom attributes of every machine tab belong to the machine and are counted once, under vInfo.
    """
    tabs: list[dict[str, Any]] = []
    columns: list[dict[str, Any]] = []
    for tab in workbook.tabs.values():
        tabs.append(
            {
                "import_id": import_id,
                "tab": tab.name,
                "rows": joined_rows(tab, survey),
                "rows_refused": tab.skipped,
                "orphans": survey.orphans(tab.name),
                "headers": tab.headers,
                "headers_read": tab.headers_read,
                "attributes": list(tab.attributes),
            }
        )
        for key, filled in _filled(workbook, tab, survey).items():
            columns.append({"import_id": import_id, "tab": tab.name, "field": key, "filled": filled})
    return tabs, columns


def joined_rows(tab: Tab, survey: Survey) -> int:
    """Rows that are stored: of tabs that complete machines only those that found one."""
    return tab.rows - survey.orphans(tab.name) if tab.name in MERGED_TABS else tab.rows


def _filled(workbook: Workbook, tab: Tab, survey: Survey) -> dict[str, int]:
    if tab.name not in VM_TABS:
        return tab.filled
    filled = {key: count for key, count in tab.filled.items() if not key.startswith(ATTRIBUTE)}
    if tab.name == "vInfo":
        if survey.has_folders:
            filled["folder"] = sum(1 for folder in survey.folders if folder is not None)
        names = Counter(name for attributes in survey.attributes for name in attributes or ())
        columns = {name for of in VM_TABS if of in workbook.tabs for name in workbook.tabs[of].attributes}
        filled |= {ATTRIBUTE + name: names[name] for name in sorted(columns)}
    return filled


def retire(writer: BatchWriter, import_id: int) -> None:
    """Take `is_current` from the rows of a state that is no longer the newest; machines come last.

    So a machine that still has the flag tells `data.ingest.upkeep` that this was interrupted.
    """
    for table in sorted(STATE_TABLES, key=lambda table: table is models.virtual_machines):
        if "is_current" in table.c:
            writer.clear_flags(table, import_id)


_HAD = models.import_columns.c
SAYS_POWER = exists().where(
    _HAD.import_id == models.imports.c.id, _HAD.tab == "vInfo", _HAD.field == "power_state"
)
"""Of a row of `imports`: its export says which machines are on. One that does not interrupts no run of states."""


def off_before(session: Session, vcenter_id: int, exported_at: datetime) -> dict[int, datetime]:
    """The machines that are off in the state before an export of that time, by the last one that says so."""
    columns = models.imports.c
    before = select(columns.id).where(
        columns.vcenter_id == vcenter_id,
        columns.status == ImportStatus.PUBLISHED,
        columns.exported_at <= exported_at,
        SAYS_POWER,
    )
    return off_machines(
        session, session.scalar(before.order_by(columns.exported_at.desc(), columns.id.desc()).limit(1))
    )


def off_machines(session: Session, import_id: int | None) -> dict[int, datetime]:
    """The machines that are off in a state: id in `machines` -> since when."""
    columns = models.virtual_machines.c
    statement = select(columns.machine_id, columns.off_since).where(
        columns.import_id == import_id, columns.power_state == PowerState.OFF, columns.off_since.is_not(None)
    )
    return {row.machine_id: row.off_since for row in session.execute(statement)}


def settle(writer: BatchWriter, vcenter_id: int) -> None:
    """After an older state was added: correct since when machines are off in the states that follow it.

    The state that came last is taken for the older one. May be done again when it was interrupted.
    """
    manager = writer.manager
    with manager.get_session() as session:
        chain = _added_and_later(session, vcenter_id)
        before = off_machines(session, chain[0][0]) if chain else {}
    for (_added, earlier), (import_id, exported_at) in pairwise(chain):
        is_next = earlier == chain[0][1]
        with manager.get_session() as session:
            off = off_machines(session, import_id)
        since = {
            machine: _since(then, before.get(machine), earlier, exported_at, is_next=is_next)
            for machine, then in off.items()
        }
        wrong = {machine: time for machine, time in since.items() if time != off[machine]}
        correct_off_since(writer, import_id, exported_at, wrong)
        before = since
    with manager.session_scope() as session:
        session.execute(
            update(models.vcenters).where(models.vcenters.c.id == vcenter_id).values(is_settling=False)
        )
        raise_generation(session)
        writer.lock.make_sure()


def _since(
    stored: datetime, before: datetime | None, earlier: datetime, exported_at: datetime, *, is_next: bool
) -> datetime:
    """Since when a machine is off that is off in a state.

    States between this one and the one before may have been dropped: what is stored knows of them.

    Args:
        stored: what the state says so far.
        before: the same of the state before; None: it was not off there.
        earlier: export time of that state.
        exported_at: export time of this one.
        is_next: the state before is the one that was added.
    """
    if before is None:
        return exported_at if stored <= earlier else stored
    if is_next:
        return before if stored == exported_at else stored
    return before if stored <= earlier else stored


def correct_off_since(
    writer: BatchWriter, import_id: int, exported_at: datetime, since: dict[int, datetime]
) -> None:
    """Say of machines in a state since when they are off."""
    columns = models.virtual_machines.c
    row = columns.machine_id == bindparam("machine"), columns.import_id == import_id
    values: dict[str, Any] = {"off_since": bindparam("since"), "off_days": bindparam("days")}
    writer.run(
        update(models.virtual_machines).where(*row).values(values),
        (
            {"machine": machine, "since": time, "days": age_days(time, exported_at)}
            for machine, time in since.items()
        ),
    )


def _added_and_later(session: Session, vcenter_id: int) -> list[tuple[int, datetime]]:
    """The published state of a vCenter that was imported last and those that were exported after it, in order.

    Those that do not say which machines are on are left out; none if the last one does not.
    """
    columns = models.imports.c
    published = (columns.vcenter_id == vcenter_id, columns.status == ImportStatus.PUBLISHED)
    added = session.scalar(select(func.max(columns.id)).where(*published))
    rows = session.execute(
        select(columns.id, columns.exported_at)
        .where(*published, SAYS_POWER)
        .order_by(columns.exported_at, columns.id)
    )
    states = [(row.id, row.exported_at) for row in rows]
    time = next((exported_at for import_id, exported_at in states if import_id == added), None)
    return [state for state in states if time and (state[0] == added or state[1] > time)]
