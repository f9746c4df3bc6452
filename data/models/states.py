"""vCenters, their dated states (imports), machine identity, import jobs and the generation of the data."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from data.fields import NAME_LENGTH
from data.models.schema import metadata

vcenters = Table(
    "vcenters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_uuid", String(64), unique=True, doc="VI SDK UUID; NULL when no export said it"),
    Column("server", String(NAME_LENGTH), index=True, doc="VI SDK Server; NULL when no export said it"),
    Column("name", String(NAME_LENGTH), nullable=False, unique=True),
    Column("is_hidden", Boolean, nullable=False, default=False),
    Column("is_demo", Boolean, nullable=False, default=False),
    Column(
        "current_import_id",
        Integer,
        doc="imports.id of the newest published state; the truth about what is current",
    ),
    Column(
        "is_settling",
        Boolean,
        nullable=False,
        default=False,
        server_default=false(),
        doc="an older state came in and `off_since` of the later ones is still being worked out",
    ),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vcenter_id", ForeignKey("vcenters.id", ondelete="CASCADE"), nullable=False),
    Column("status", String(16), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_size_bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("exported_at", DateTime, nullable=False, doc="wall-clock time of the machine that ran RVTools"),
    Column("exported_at_source", String(32), nullable=False),
    Column("imported_at", DateTime, nullable=False, doc="UTC"),
    Column("rvtools_version", String(32)),
    Column("machines", Integer, doc="rows of vInfo stored, templates included"),
    Column("warnings", JSON, nullable=False, default=list, doc="plain sentences"),
    Column(
        "is_pinned", Boolean, nullable=False, default=False, server_default=false(), doc="retention leaves it"
    ),
    Column("size_bytes", BigInteger, doc="what its rows take in the database; NULL: unknown"),
    Column(
        "file_states",
        Integer,
        nullable=False,
        default=1,
        server_default="1",
        doc="how many states the file makes: one per vCenter in it",
    ),
    Index("ix_imports_vcenter_id_exported_at", "vcenter_id", "exported_at"),
)

import_tabs = Table(
    "import_tabs",
    metadata,
    Column("import_id", ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "tab",
        String(NAME_LENGTH),
        primary_key=True,
        doc="RVTools' name, of another sheet its own; a row exists only if the export had it",
    ),
    Column(
        "rows",
        Integer,
        nullable=False,
        doc="rows stored; for vCPU, vMemory and vTools rows joined to a machine",
    ),
    Column("rows_refused", Integer, nullable=False, default=0),
    Column("orphans", Integer, nullable=False, default=0, doc="rows that name a machine vInfo does not have"),
    Column("headers", Integer, nullable=False, doc="columns of the tab in the export"),
    Column("headers_read", Integer, nullable=False, doc="of these, read into a typed column"),
    Column("attributes", JSON, nullable=False, default=list, doc="headers kept as attributes"),
)

import_columns = Table(
    "import_columns",
    metadata,
    Column("import_id", ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("tab", String(NAME_LENGTH), primary_key=True),
    Column(
        "field",
        String(NAME_LENGTH),
        primary_key=True,
        doc="key of data.fields, or 'attr:' and the attribute's name",
    ),
    Column(
        "filled", Integer, nullable=False, doc="rows with a value; a column the export lacks has no row here"
    ),
)
"""The quality profile of a state: which columns the export had and how many rows fill them."""

machines = Table(
    "machines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vcenter_id", ForeignKey("vcenters.id", ondelete="CASCADE"), nullable=False),
    Column("vm_id", String(NAME_LENGTH)),
    Column("vm_uuid", String(NAME_LENGTH)),
    Column(
        "name", String(NAME_LENGTH), nullable=False, doc="as of the last state it was seen in, like the next"
    ),
    Column("datacenter", String(NAME_LENGTH)),
    Column("first_import_id", Integer, nullable=False),
    Column("last_import_id", Integer, nullable=False),
    Index("ix_machines_vcenter_id_vm_id", "vcenter_id", "vm_id"),
)
"""The stable identity of a machine inside a vCenter. Labels, notes and plans point here."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("phase", String(32), nullable=False),
    Column("progress_pct", Integer, nullable=False, default=0),
    Column("message", Text, nullable=False, default="", doc="what is being done, or why it ended"),
    Column("created_at", DateTime, nullable=False, doc="UTC"),
    Column("heartbeat_at", DateTime, doc="UTC; NULL until the process runs"),
    Column("payload", JSON, nullable=False, default=dict, doc="what was asked for"),
    Column("result", JSON, doc="the preview, later the outcome"),
    Column("process_id", Integer, doc="of the process that runs it; NULL before and after"),
    Column("process_host", String(NAME_LENGTH), doc="the machine it runs on"),
    Column("process_started", String(32), doc="tells a later process of the same id apart"),
)

header_mappings = Table(
    "header_mappings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tab", String(32), nullable=False),
    Column("header", String(NAME_LENGTH), nullable=False, doc="as data.fields.normalised gives it"),
    Column("field", String(64), nullable=False, doc="key of one of the tab's fields"),
    Column("created_at", DateTime, nullable=False, doc="UTC"),
    UniqueConstraint("tab", "header"),
)
"""Headers that the operator mapped to a field; used for every import from then on."""

generations = Table(
    "generations",
    metadata,
    Column("subject", String(32), primary_key=True, doc="'inventory' or 'labels'"),
    Column("value", Integer, nullable=False, default=0),
)
"""Raised by every write, in the transaction of that write. Part of every cache key."""
