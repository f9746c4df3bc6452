"""Makes a stored import visible, in one short transaction, and what follows from that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, insert, select, update
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.fields import VM_TABS
from data.generations import raise_generation
from data.ingest.identity import KnownMachine
from data.ingest.origin import VCenterChoice
from data.ingest.roster import MachineKey
from data.ingest.storing import STATE_TABLES, Draft
from data.ingest.survey import Survey, age_days
from data.ingest.writing import BatchWriter
from data.vocabulary import ImportStatus, PowerState
from data.workbook.spool import Tab, Workbook


def publish(
    manager: DatabaseManager,
    draft: Draft,
    choice: VCenterChoice,
    profile: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    moved: list[dict[str, Any]],
) -> None:
    """Show an import: its status, the vCenter's pointer, identities, profile and generation change together.

    Args:
        manager: the database.
        draft: the import.
        choice: what is known of the vCenter from now on.
        profile: rows of `import_tabs` and `import_columns`.
        moved: the machines whose identity is known better or otherwise now, from `changed_identities`.
    """
    tabs, columns = profile
    vcenter: dict[str, Any] = {"instance_uuid": choice.uuid, "server": choice.server}
    if draft.is_newest:
        vcenter["current_import_id"] = draft.import_id
    with manager.session_scope() as session:
        imports = models.imports.c
        session.execute(
            update(models.imports).where(imports.id == draft.import_id).values(status=ImportStatus.PUBLISHED)
        )
        session.execute(
            update(models.vcenters).where(models.vcenters.c.id == draft.vcenter_id).values(vcenter)
        )
        _note_sightings(session, draft)
        if moved:
            changed: dict[str, Any] = {
                key: bindparam(f"new_{key}") for key in ("vm_id", "vm_uuid", "name", "datacenter")
            }
            by_id = models.machines.c.id == bindparam("machine")
            session.connection().execute(update(models.machines).where(by_id).values(changed), moved)
        session.execute(insert(models.import_tabs), tabs)
        session.execute(insert(models.import_columns), columns)
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
    """What the newest state says otherwise of machines seen before: a new name, a VM ID that was not known."""
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
        for key, filled in _filled(tab, survey).items():
            columns.append({"import_id": import_id, "tab": tab.name, "field": key, "filled": filled})
    return tabs, columns


def joined_rows(tab: Tab, survey: Survey) -> int:
    """Rows that are stored: of tabs that complete machines only those that found one."""
    return tab.rows - survey.orphans(tab.name) if tab.name in survey.merged else tab.rows


def _filled(tab: Tab, survey: Survey) -> dict[str, int]:
    if tab.name not in VM_TABS:
        return tab.filled
    filled = {key: count for key, count in tab.filled.items() if not key.startswith("attr:")}
    if tab.name == "vInfo":
        if survey.has_folders:
            filled["folder"] = sum(1 for folder in survey.folders if folder is not None)
        names = Counter(name for attributes in survey.attributes for name in attributes or ())
        filled |= {f"attr:{name}": count for name, count in sorted(names.items())}
    return filled


def retire(writer: BatchWriter, import_id: int) -> None:
    """Take `is_current` from the rows of a state that is no longer the newest; machines come last.

    So a machine that still has the flag tells `data.ingest.upkeep` that this was interrupted.
    """
    for table in sorted(STATE_TABLES, key=lambda table: table is models.virtual_machines):
        if "is_current" in table.c:
            writer.clear_flags(table, import_id)


def off_machines(session: Session, import_id: int | None) -> dict[int, datetime]:
    """The machines that are off in a state: id in `machines` -> since when."""
    columns = models.virtual_machines.c
    statement = select(columns.machine_id, columns.off_since).where(
        columns.import_id == import_id, columns.power_state == PowerState.OFF, columns.off_since.is_not(None)
    )
    return {row.machine_id: row.off_since for row in session.execute(statement)}


def carry_off_since(manager: DatabaseManager, writer: BatchWriter, draft: Draft) -> None:
    """After an older state was added: correct since when machines are off in the states that follow it."""
    with manager.get_session() as session:
        later = later_states(session, draft)
        before = off_machines(session, draft.import_id)
    columns = models.virtual_machines.c
    correct = (
        update(models.virtual_machines)
        .where(columns.id == bindparam("row_id"))
        .values(off_since=bindparam("since"), off_days=bindparam("days"))
    )
    for import_id, exported_at in later:
        with manager.get_session() as session:
            rows = session.execute(
                select(columns.id, columns.machine_id, columns.off_since).where(
                    columns.import_id == import_id, columns.power_state == PowerState.OFF
                )
            ).all()
        since = {row.machine_id: before.get(row.machine_id, exported_at) for row in rows}
        wrong = [row for row in rows if row.off_since != since[row.machine_id]]
        if not wrong:
            return
        writer.run(
            correct,
            (
                {
                    "row_id": row.id,
                    "since": since[row.machine_id],
                    "days": age_days(since[row.machine_id], exported_at),
                }
                for row in wrong
            ),
        )
        before = since
    if later:
        with manager.session_scope() as session:
            raise_generation(session)


def later_states(session: Session, draft: Draft) -> list[tuple[int, datetime]]:
    """Published states of the vCenter that were exported after this one, in order."""
    columns = models.imports.c
    statement = (
        select(columns.id, columns.exported_at)
        .where(
            columns.vcenter_id == draft.vcenter_id,
            columns.status == ImportStatus.PUBLISHED,
            columns.exported_at > draft.exported_at,
        )
        .order_by(columns.exported_at, columns.id)
    )
    return [(row.id, row.exported_at) for row in session.execute(statement)]
