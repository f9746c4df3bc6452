"""One machine: what it is, what hangs on it, what it runs on, and all that the export says of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from data.errors import NotFoundError
from data.fields import DERIVED, MACHINE_FIELDS, MERGED_TABS, TABS, VINFO, VM_KEY, VM_TABS
from data.models import (
    cd_drives,
    clusters,
    datastores,
    disks,
    floppy_drives,
    health_messages,
    hosts,
    import_tabs,
    imports,
    network_adapters,
    partitions,
    resource_pools,
    usb_devices,
    vcenters,
    virtual_machines,
    vm_snapshots,
)
from data.queries.matching import sum_of
from data.queries.scoping import state_ids, stored_by, visible, vm
from data.results import (
    Adapter,
    Disk,
    MachineDatastore,
    MachineDetail,
    Partition,
    Placement,
    Snapshot,
    TabRows,
    Value,
)
from data.scope import Scope
from data.units import SECONDS_PER_DAY

WORKED_OUT = "Worked out"
"""In place of a tab: the columns that the import adds."""
_FIELD_KEYS = dict.fromkeys(field.key for field in MACHINE_FIELDS)
_MACHINE_COLUMNS = {"vInfo": VINFO, **MERGED_TABS}
_TABLES = {
    "vDisk": disks,
    "vPartition": partitions,
    "vNetwork": network_adapters,
    "vFloppy": floppy_drives,
    "vCD": cd_drives,
    "vUSB": usb_devices,
    "vSnapshot": vm_snapshots,
    "vHost": hosts,
    "vCluster": clusters,
    "vRP": resource_pools,
    "vDatastore": datastores,
    "vHealth": health_messages,
}
_OF_THE_MACHINE = {field.key for field in VM_KEY} | {"template"}
"""Columns in which the rows of a machine repeat it."""
_DATASTORE = re.compile(r"\[([^\]]+)\]")


def get_machine(session: Session, scope: Scope, *, machine_id: int) -> MachineDetail:
    """A machine in the newest state that has it, as of the scope's day; its filters do not count. Six statements.

    Raises:
        NotFoundError: no visible vCenter has or had it.
    """
    row = _newest(session, scope, machine_id)
    export = _export(session, row)
    found_disks = export.of_machine(session, "vDisk", _DISK_KEYS)
    found_partitions = export.of_machine(session, "vPartition", _PARTITION_KEYS)
    found_adapters = export.of_machine(session, "vNetwork", _ADAPTER_KEYS)
    found_snapshots = export.of_machine(session, "vSnapshot", _SNAPSHOT_KEYS)
    exported_at: datetime = row["exported_at"]
    return MachineDetail(
        machine_id=machine_id,
        vcenter=row["vcenter"],
        exported_at=exported_at,
        is_current=row["is_in_scope"],
        fields=_filled(row, _FIELD_KEYS),
        attributes=row["attributes"] or {},
        disks=None if found_disks is None else tuple(Disk(*disk.values()) for disk in found_disks),
        partitions=None
        if found_partitions is None
        else tuple(Partition(*one.values()) for one in found_partitions),
        adapters=None
        if found_adapters is None
        else tuple(Adapter(*adapter.values()) for adapter in found_adapters),
        snapshots=None
        if found_snapshots is None
        else tuple(_snapshot(exported_at, *one.values()) for one in found_snapshots),
        vcenter_id=row["vcenter_id"],
        is_only_vcenter=row["visible_vcenters"] == 1,
    )


def get_placement(session: Session, scope: Scope, *, machine_id: int) -> Placement:
    """What a machine runs on, from the export of the state that `get_machine` shows. Seven statements at most.

    A host is told apart by datacenter and cluster, a datastore by the hosts that see it; vCluster says of a cluster
    no more than its name.

    Raises:
        NotFoundError: no visible vCenter has or had it.
    """
    row = _newest(session, scope, machine_id)
    export = _export(session, row)
    found = export.named(session, "vHost", "name", row["host"])
    found = _narrowed(found, lambda host: host.get("datacenter") in {None, row["datacenter"]})
    return Placement(
        host=_narrowed(found, lambda host: host.get("cluster") in {None, row["cluster"]}),
        cluster=export.named(session, "vCluster", "name", row["cluster"]),
        resource_pool=export.named(session, "vRP", "path", row["resource_pool"]),
        datastores=tuple(_datastores(session, export, row)),
    )


def get_machine_rows(session: Session, scope: Scope, *, machine_id: int) -> list[TabRows]:
    """Every row of a machine on every tab, in the order of the workbook, in the state that `get_machine` shows.

    The columns that name the machine are left out, its own row apart. Messages of vHealth go by the machine's name
    alone. Last, what the import worked out, if anything. Ten statements at most.

    Raises:
        NotFoundError: no visible vCenter has or had it.
    """
    row = _newest(session, scope, machine_id)
    export = _export(session, row)
    found = []
    for tab in (*VM_TABS, "vHealth"):
        if tab in _MACHINE_COLUMNS:
            own = _filled(row, (field.key for field in _MACHINE_COLUMNS[tab]))
            found.append(TabRows(tab, ((own,) if own else ()) if tab in export.tabs else None))
        elif tab == "vHealth":
            found.append(export.named(session, tab, "name", row["name"]))
        else:
            rows = export.of_machine(session, tab, _own_keys(tab))
            found.append(TabRows(tab, None if rows is None else tuple(_filled(one, one) for one in rows)))
    derived = _filled(row, (field.key for field in DERIVED))
    return [*found, TabRows(WORKED_OUT, (derived,))] if derived else found


@dataclass(frozen=True, slots=True)
class _Export:
    """The export that a machine is looked up in."""

    import_id: int
    row_id: int
    """virtual_machines.id of the machine."""
    tabs: frozenset[str]

    def of_machine(self, session: Session, tab: str, keys: Iterable[str]) -> Sequence[RowMapping] | None:
        """The rows of the machine on a tab of its things, in the order of the sheet; None if there is no such tab."""
        if tab not in self.tabs:
            return None
        table = _TABLES[tab]
        statement = select(*(table.c[key] for key in keys)).where(table.c.virtual_machine_id == self.row_id)
        return session.execute(statement.order_by(table.c.id)).mappings().all()

    def named(self, session: Session, tab: str, key: str, *names: str | None) -> TabRows:
        """The rows of a tab that have one of these names in a column; None stands for no row."""
        if tab not in self.tabs:
            return TabRows(tab, None)
        wanted = [name for name in names if name]
        if not wanted:
            return TabRows(tab, ())
        table = _TABLES[tab]
        columns = [table.c[field.key] for field in TABS[tab]]
        statement = select(*columns).where(table.c.import_id == self.import_id, table.c[key].in_(wanted))
        rows = session.execute(statement.order_by(table.c.id)).mappings()
        return TabRows(tab, tuple(_filled(row, row) for row in rows))


def _export(session: Session, row: RowMapping) -> _Export:
    tabs = session.scalars(select(import_tabs.c.tab).where(import_tabs.c.import_id == row["import_id"]))
    return _Export(row["import_id"], row["id"], frozenset(tabs))


def _own_keys(tab: str) -> list[str]:
    """The columns of a tab that do not repeat the machine."""
    keys = [field.key for field in TABS[tab] if field.key not in _OF_THE_MACHINE]
    return [*keys, "datastore"] if tab == "vDisk" else keys


def _filled(row: Mapping[Any, Any], keys: Iterable[Any]) -> dict[str, Value]:
    return {key: row[key] for key in keys if row[key] is not None}


def _narrowed(found: TabRows, is_meant: Callable[[Mapping[str, Value]], bool]) -> TabRows:
    """Of several rows those that are meant, if that is not none."""
    if found.rows is None or len(found.rows) < 2:
        return found
    return TabRows(found.tab, tuple(filter(is_meant, found.rows)) or found.rows)


def _datastores(session: Session, export: _Export, row: RowMapping) -> Iterator[MachineDatastore]:
    held: dict[str, tuple[int, float | None]] = {}
    if "vDisk" in export.tabs:
        of_machine = (disks.c.virtual_machine_id == export.row_id, disks.c.datastore.is_not(None))
        sums = select(disks.c.datastore, func.count(), sum_of(disks.c.capacity_mib)).where(*of_machine)
        held = {
            name: (number, mib) for name, number, mib in session.execute(sums.group_by(disks.c.datastore))
        }
    match = _DATASTORE.match(row["path"] or "")
    configured = match[1] if match else None
    names = sorted({*held, *([configured] if configured else [])}, key=lambda name: (name.casefold(), name))
    facts = export.named(session, "vDatastore", "name", *names)
    for name in names:
        same = None if facts.rows is None else tuple(one for one in facts.rows if one["name"] == name)
        number, mib = held.get(name, (0 if "vDisk" in export.tabs else None, None))
        seen = _narrowed(
            TabRows(facts.tab, same),
            lambda one: row["host"] in str(one.get("host_list", "")).split(", "),
        )
        yield MachineDatastore(name, number, mib, name == configured, seen)


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
    (state,) = state_ids(everywhere).subquery().c  # NULL for a vCenter that had none by then
    number = select(func.count(state)).scalar_subquery()
    statement = (
        select(
            virtual_machines,
            imports.c.exported_at,
            vcenters.c.name.label("vcenter"),
            number.label("visible_vcenters"),
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
