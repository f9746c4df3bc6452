"""The content of a state: machines with what hangs on them, hosts, clusters, datastores, networks and the rest.

Every row carries its import and `is_current`. The flag is a hint for the indexes; the truth is
`vcenters.current_import_id` (see `data.queries.scoping`). Text without a character is stored as NULL.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from data import fields
from data.fields import NAME_LENGTH
from data.models.schema import columns, metadata
from data.models.sorting import ascending, sort_key


def _state_columns() -> list[Column[object]]:
    return [
        Column("id", Integer, primary_key=True),
        Column("import_id", ForeignKey("imports.id", ondelete="CASCADE"), nullable=False),
        Column("vcenter_id", Integer, nullable=False),
        Column(
            "is_current",
            Boolean,
            nullable=False,
            doc="a hint for the indexes; the truth is vcenters.current_import_id",
        ),
    ]


virtual_machines = Table(
    "virtual_machines",
    metadata,
    *_state_columns(),
    Column("machine_id", ForeignKey("machines.id", ondelete="CASCADE"), nullable=False),
    *columns(fields.MACHINE_FIELDS),
    Column("attributes", JSON, doc="custom attributes and tags: name -> text"),
    Index("ix_virtual_machines_machine_id_import_id", "machine_id", "import_id"),
)
"""One row per machine and state. Text comparisons are exact; sorting ignores ASCII case."""

_vm = virtual_machines.c


def _is_rich(*_ddl: Any, dialect: Dialect, **_options: Any) -> bool:
    """Whether a database has partial indexes, indexes of expressions, and long ones. MariaDB has none of them."""
    return dialect.name in {"sqlite", "postgresql"}


SORTED_COLUMNS = fields.DEFAULT_COLUMNS
for _key in SORTED_COLUMNS:
    Index(
        f"ix_virtual_machines_current_{_key}",
        _vm.is_current,
        ascending(sort_key(_vm[_key])),
        _vm.id,
        _vm.import_id,
        _vm.template,
        postgresql_include=[_key] if isinstance(_vm[_key].type, String) else [],
    ).ddl_if(callable_=_is_rich)
# PostgreSQL reads an index alone only if it has the columns behind its expressions, too: a block far down a list by
# name takes 15 ms so, 125 ms otherwise.

BY_STATE = Index("ix_virtual_machines_import_id", _vm.import_id)
"""The rows of a state as they lie in the file: a sort by a column without an index reads them twice as fast
in this order as in that of another index."""

COUNTED_COLUMNS = (
    "datacenter", "cluster", "power_state", "template", "cpus", "memory_mib", "provisioned_mib", "in_use_mib",
    "unshared_mib", "tools_status", "consolidation_needed", "datastore_free_pct", "snapshot_age_days",
    "backup_age_days", "off_days", "host_in_maintenance", "vcenter_id",
)  # fmt: skip
Index("ix_virtual_machines_counted", _vm.import_id, *(_vm[key] for key in COUNTED_COLUMNS)).ddl_if(
    callable_=_is_rich
)
Index("ix_virtual_machines_import_id_os_config_template", _vm.import_id, _vm.os_config, _vm.template)
for _key in ("cluster", "dns_name", "folder", "host", "primary_ip_address"):
    _without = _vm[_key].is_(None)
    Index(
        f"ix_virtual_machines_without_{_key}",
        _vm.import_id,
        _vm[_key],
        _vm.template,
        sqlite_where=_without,
        postgresql_where=_without,
    ).ddl_if(callable_=_is_rich)
# The Overview reads only these indexes: groups come out in their order, so nothing is sorted, and none of the
# wide rows is touched. Measured with 100,000 current machines among 200,000: totals by group 27 ms, without its
# index 160 ms; operating systems 8 ms, 25 ms; machines without a DNS name 0.4 ms, 80 ms. They cost 14 MB and
# about 1 s of the import per 100,000 machines. (Collation, partial and covering indexes as SQLite has them.)

machine_texts = Table(
    "machine_texts",
    metadata,
    Column("id", ForeignKey("virtual_machines.id", ondelete="CASCADE"), primary_key=True),
    Column("import_id", ForeignKey("imports.id", ondelete="CASCADE"), nullable=False, index=True),
    Column(
        "text",
        Text,
        nullable=False,
        doc="name, DNS, all IPs, host, annotation: case-folded, one per line",
    ),
    Column(
        "exact_text",
        Text,
        nullable=False,
        doc="the same as exported, then UUIDs, networks and MAC addresses, one per line",
    ),
)
"""What the text search reads: narrow, so that a scan of all machines is fast. Words look at the first text, patterns
and parts of UUIDs and MAC addresses at the second: a word in the name of a network would find all that is in it."""


def _of_a_machine(name: str, tab: tuple[fields.Field, ...], *extra: Column[object]) -> Table:
    """A table of things that belong to a machine. `virtual_machine_id` is NULL for orphans."""
    return Table(
        name,
        metadata,
        *_state_columns(),
        Column("virtual_machine_id", ForeignKey("virtual_machines.id", ondelete="CASCADE"), index=True),
        *columns(tab),
        *extra,
        Index(f"ix_{name}_import_id", "import_id"),
    )


def _of_a_vcenter(name: str, tab: tuple[fields.Field, ...], *extra: Column[object]) -> Table:
    return Table(
        name,
        metadata,
        *_state_columns(),
        *columns(tab),
        *extra,
        Column("attributes", JSON, doc="headers without a typed column: name -> text"),
        Index(f"ix_{name}_import_id", "import_id"),
    )


disks = _of_a_machine(
    "disks", fields.VDISK, Column("datastore", Text(), doc="the name in brackets of its path")
)
partitions = _of_a_machine("partitions", fields.VPARTITION)
network_adapters = _of_a_machine("network_adapters", fields.VNETWORK)
floppy_drives = _of_a_machine("floppy_drives", fields.VFLOPPY)
cd_drives = _of_a_machine("cd_drives", fields.VCD)
usb_devices = _of_a_machine("usb_devices", fields.VUSB)
vm_snapshots = _of_a_machine("vm_snapshots", fields.VSNAPSHOT)
hosts = _of_a_vcenter("hosts", fields.VHOST)
clusters = _of_a_vcenter("clusters", fields.VCLUSTER)
datastores = _of_a_vcenter("datastores", fields.VDATASTORE)
sources = _of_a_vcenter("sources", fields.VSOURCE)
resource_pools = _of_a_vcenter("resource_pools", fields.VRP)
host_adapters = _of_a_vcenter("host_adapters", fields.VHBA)
host_nics = _of_a_vcenter("host_nics", fields.VNIC)
virtual_switches = _of_a_vcenter("virtual_switches", fields.VSWITCH)
port_groups = _of_a_vcenter("port_groups", fields.VPORT)
distributed_switches = _of_a_vcenter("distributed_switches", fields.DVSWITCH)
distributed_ports = _of_a_vcenter("distributed_ports", fields.DVPORT)
vmkernel_adapters = _of_a_vcenter("vmkernel_adapters", fields.VSC_VMK)
storage_paths = _of_a_vcenter("storage_paths", fields.VMULTIPATH)
licences = _of_a_vcenter(
    "licences",
    fields.VLICENSE,
    Column(
        "expires_at", DateTime, doc="the date that `expiration` says; NULL when it says never, or nothing"
    ),
)
files = _of_a_vcenter("files", fields.VFILEINFO)
health_messages = _of_a_vcenter("health_messages", fields.VHEALTH)
rvtools_runs = _of_a_vcenter("rvtools_runs", fields.VMETADATA)

other_rows = Table(
    "other_rows",
    metadata,
    *_state_columns(),
    Column("sheet", String(NAME_LENGTH), nullable=False),
    Column("row_number", Integer, nullable=False, doc="in the sheet, from 1"),
    Column("attributes", JSON, doc="header -> text"),
    Index("ix_other_rows_import_id", "import_id"),
)
"""Sheets that RVTools does not write."""
