"""What all tables share: the metadata, the SQL type of each kind of field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Double, Integer, MetaData, String, Text
from sqlalchemy.types import TypeEngine

from data.fields import NAME_LENGTH, Field
from data.vocabulary import Kind

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SQL_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.NAME: String(NAME_LENGTH),
    Kind.TEXT: Text(),
    Kind.INTEGER: Integer(),
    Kind.NUMBER: Double(),
    Kind.MIB: Double(),
    Kind.KIB: Double(),
    Kind.MHZ: Double(),
    Kind.PCT: Double(),
    Kind.DAYS: Double(),
    Kind.BOOLEAN: Boolean(),
    Kind.DATETIME: DateTime(),
}


def columns(fields: Iterable[Field]) -> list[Column[object]]:
    """One nullable column per field."""
    return [Column(field.key, SQL_TYPES[field.kind]) for field in fields]
