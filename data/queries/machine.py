"""One machine with all that hangs on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Table, select
from sqlalchemy.orm import Session

from data.errors import NotFoundError
from data.fields import MACHINE_FIELDS
from data.models import (
    disks,
    import_tabs,
    imports,
    network_adapters,
    partitions,
    vcenters,
    virtual_machines,
    vm_snapshots,
)
from data.queries.scoping import state_ids, stored_by, visible, vm
from data.results import Adapter, Disk, MachineDetail, Partition, Snapshot
from data.scope import Scope
from data.units import SECONDS_PER_DAY

_FIELD_KEYS = dict.fromkeys(field.key for field in MACHINE_FIELDS)


def get_machine(session: Session, scope: Scope, *, machine_id: int) -> MachineDetail:
    """A machine in the newest state that has it, as of the scope's day; its filters do not count.

    Raises:
        NotFoundError: no visible vCenter has or had it.
    """
    row = _newest(session, scope, machine_id)
    exported_at: datetime = row["exported_at"]
    tabs = set(session.scalars(select(import_tabs.c.tab).where(import_tabs.c.import_id == row["import_id"])))

    def children(tab: str, table: Table, *keys: str) -> list[tuple[Any, ...]] | None:
        if tab not in tabs:
            return None
        of_machine = table.c.virtual_machine_id == row["id"]
        statement = select(*(table.c[key] for key in keys)).where(of_machine).order_by(table.c.id)
        return [tuple(child) for child in session.execute(statement)]

    found_disks = children("vDisk", disks, *_DISK_KEYS)
    found_partitions = children("vPartition", partitions, *_PARTITION_KEYS)
    found_adapters = children("vNetwork", network_adapters, *_ADAPTER_KEYS)
    found_snapshots = children("vSnapshot", vm_snapshots, *_SNAPSHOT_KEYS)
    return MachineDetail(
        machine_id=machine_id,
        vcenter=row["vcenter"],
        exported_at=exported_at,
        is_current=row["is_in_scope"],
        fields={key: row[key] for key in _FIELD_KEYS if row[key] is not None},
        attributes=row["attributes"] or {},
        disks=None if found_disks is None else tuple(Disk(*disk) for disk in found_disks),
        partitions=None if found_partitions is None else tuple(Partition(*one) for one in found_partitions),
        adapters=None if found_adapters is None else tuple(Adapter(*adapter) for adapter in found_adapters),
        snapshots=None
        if found_snapshots is None
        else tuple(_snapshot(exported_at, *one) for one in found_snapshots),
    )


_DISK_KEYS = ("label", "capacity_mib", "thin", "datastore", "path", "controller", "disk_mode", "raw")
_PARTITION_KEYS = ("mount_point", "capacity_mib", "consumed_mib", "free_pct")
_ADAPTER_KEYS = (
    "label", "adapter", "network", "switch", "mac_address", "ipv4_address", "ipv6_address", "connected",
)  # fmt: skip
_SNAPSHOT_KEYS = ("snapshot_name", "description", "taken_at", "size_mib")


def _snapshot(
    exported_at: datetime,
    name: str | None,
    description: str | None,
    taken_at: datetime | None,
    size_mib: float | None,
) -> Snapshot:
    age_days = None if taken_at is None else (exported_at - taken_at).total_seconds() / SECONDS_PER_DAY
    return Snapshot(name, description, taken_at, age_days, size_mib)


def _newest(session: Session, scope: Scope, machine_id: int) -> RowMapping:
    everywhere = Scope(as_of=scope.as_of)
    statement = (
        select(
            virtual_machines,
            imports.c.exported_at,
            vcenters.c.name.label("vcenter"),
            vm.import_id.in_(state_ids(everywhere)).label("is_in_scope"),
        )
        .join_from(virtual_machines, imports, vm.import_id == imports.c.id)
        .join(vcenters, imports.c.vcenter_id == vcenters.c.id)
        .where(vm.machine_id == machine_id, stored_by(everywhere), *visible(everywhere))
        .order_by(imports.c.exported_at.desc(), imports.c.id.desc())
        .limit(1)
    )
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"No machine has the id {machine_id}.")
    return row
