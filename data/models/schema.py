"""What all tables share: the metadata, the SQL type of each kind of field, and how types look on the servers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Double, Integer, MetaData, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, CreateTable
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


# SQLite compares text byte by byte, takes whole numbers of eight bytes, texts of any length and times to the
# microsecond. What follows makes the servers do the same, for these tables and for the revisions in migrations/.


@compiles(String, "postgresql")
@compiles(Text, "postgresql")
def _exact_text(kind: String, compiler: Any, **options: Any) -> str:
    """Columns have the collation C, whatever that of the database is. A cast has none of its own."""
    name: str = getattr(compiler, f"visit_{kind.__visit_name__}")(kind, **options)
    is_column = isinstance(options.get("type_expression"), Column) and not kind.collation
    return f'{name} COLLATE "C"' if is_column else name


@compiles(Integer, "postgresql", "mysql", "mariadb")
def _long_integer(_kind: Integer, _compiler: Any, **_options: Any) -> str:
    return "BIGINT"


@compiles(CreateColumn, "postgresql")
def _long_ids(create: CreateColumn, compiler: Any, **options: Any) -> str | None:
    """SERIAL has four bytes, like the Integer of the tables."""
    column: str | None = compiler.visit_create_column(create, **options)
    return column and column.replace(" SERIAL", " BIGSERIAL", 1)


@compiles(Text, "mysql", "mariadb")
def _long_text(_kind: Text, _compiler: Any, **_options: Any) -> str:
    return "LONGTEXT"


@compiles(DateTime, "mysql", "mariadb")
def _precise_time(_kind: DateTime, _compiler: Any, **_options: Any) -> str:
    return "DATETIME(6)"


@compiles(CreateTable, "mysql", "mariadb")
def _exact_table(create: CreateTable, compiler: Any, **options: Any) -> str:
    """All of Unicode, and no two texts equal that differ in case, accents or blanks at the end."""
    collation = "utf8mb4_nopad_bin" if compiler.dialect.is_mariadb else "utf8mb4_0900_bin"
    statement: str = compiler.visit_create_table(create, **options)
    return f"{statement.rstrip()} ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {collation}"
