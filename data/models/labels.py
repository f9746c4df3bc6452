"""Labels: key and value pairs on machines and folders. Their pages come later; the tables answer the choices."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from data.fields import NAME_LENGTH
from data.models.schema import metadata

labels = Table(
    "labels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(100), nullable=False),
    Column("value", String(NAME_LENGTH), nullable=False),
    Column("description", Text),
    Column("color", String(7), doc="#RRGGBB"),
    Column("created_at", DateTime, nullable=False, doc="UTC"),
    Column("updated_at", DateTime, nullable=False, doc="UTC"),
    UniqueConstraint("key", "value"),
)

machine_labels = Table(
    "machine_labels",
    metadata,
    Column("machine_id", ForeignKey("machines.id", ondelete="CASCADE"), primary_key=True),
    Column("label_id", ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("assigned_at", DateTime, nullable=False, doc="UTC"),
    Column("assigned_by", String(100)),
)
"""Labels set on a machine itself; inherited ones follow from `folder_labels`."""

folder_labels = Table(
    "folder_labels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vcenter_id", ForeignKey("vcenters.id", ondelete="CASCADE"), nullable=False),
    Column("folder", Text, nullable=False),
    Column("label_id", ForeignKey("labels.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("inherit_to_machines", Boolean, nullable=False, default=True),
    Column("inherit_to_subfolders", Boolean, nullable=False, default=False),
    Column("assigned_at", DateTime, nullable=False, doc="UTC"),
    Column("assigned_by", String(100)),
)
