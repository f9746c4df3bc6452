"""The content of a state: machines with what hangs on them, hosts, clusters, datastores.

Every row carries its import and `is_current`. The flag is a hint for the indexes; the truth is
`vcenters.current_import_id` (see `data.queries.scoping`).
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from data import fields
from data.models.schema import columns, metadata
from data.vocabulary import Kind


def _state_columns() -> list[Column[object]]:
    return [
        Column("id", Integer, primary_key=True),
        Column("import_id", ForeignKey("imports.id", ondelete="CASCADE"), nullable=False),
        Column("vcenter_id", Integer, nullable=False),
        Column("is_current", Boolean, nullable=False),
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

SORTED_COLUMNS = fields.DEFAULT_COLUMNS
_TEXT_KINDS = {Kind.NAME, Kind.TEXT}
_kinds = {field.key: field.kind for field in fields.MACHINE_FIELDS}
for _key in SORTED_COLUMNS:
    _column = virtual_machines.c[_key]
    Index(
        f"ix_virtual_machines_current_{_key}",
        virtual_machines.c.is_current,
        _column.collate("NOCASE") if _kinds[_key] in _TEXT_KINDS else _column,
        virtual_machines.c.id,
        virtual_machines.c.import_id,
        virtual_machines.c.template,
    )

machine_texts = Table(
    "machine_texts",
    metadata,
    Column("id", ForeignKey("virtual_machines.id", ondelete="CASCADE"), primary_key=True),
    Column("import_id", ForeignKey("imports.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("text", Text, nullable=False, doc="name, DNS, IP, host, UUID, annotation: case-folded, one per line"),
)
"""What the text search reads: narrow, so that a scan of all machines is fast."""


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


def _of_a_vcenter(name: str, tab: tuple[fields.Field, ...]) -> Table:
    return Table(
        name,
        metadata,
        *_state_columns(),
        *columns(tab),
        Column("attributes", JSON, doc="headers without a typed column: name -> text"),
        Index(f"ix_{name}_import_id", "import_id"),
    )


disks = _of_a_machine(
    "disks", fields.VDISK, Column("datastore", Text(), doc="the name in brackets of its path")
)
partitions = _of_a_machine("partitions", fields.VPARTITION)
network_adapters = _of_a_machine("network_adapters", fields.VNETWORK)
vm_snapshots = _of_a_machine("vm_snapshots", fields.VSNAPSHOT)
hosts = _of_a_vcenter("hosts", fields.VHOST)
clusters = _of_a_vcenter("clusters", fields.VCLUSTER)
datastores = _of_a_vcenter("datastores", fields.VDATASTORE)
sources = _of_a_vcenter("sources", fields.VSOURCE)
