"""The order of lists, the same on every database: text without regard to ASCII case, NULL before everything."""

from __future__ import annotations

from functools import reduce
from string import ascii_uppercase
from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class sort_key(FunctionElement[Any]):  # noqa: N801  # named like the functions of SQL
    """What a column is sorted by: of text, the text with A to Z as a to z; of anything else, itself."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.type = column.type
        super().__init__(column)


class ascending(FunctionElement[Any]):  # noqa: N801
    """A key of an order or of an index, NULL first."""

    inherit_cache = True


class descending(FunctionElement[Any]):  # noqa: N801
    """The reverse of `ascending`: NULL last."""

    inherit_cache = True


def _sql(element: FunctionElement[Any], compiler: Any, options: Any) -> str:
    sql: str = compiler.process(element.clauses, **options)
    return sql


def _is_text(key: sort_key) -> bool:
    return isinstance(key.type, String)


@compiles(sort_key, "sqlite")
def _by_collation(key: sort_key, compiler: Any, **options: Any) -> str:
    sql = _sql(key, compiler, options)
    return f'{sql} COLLATE "NOCASE"' if _is_text(key) else sql


@compiles(sort_key, "postgresql")
def _by_lower_case(key: sort_key, compiler: Any, **options: Any) -> str:
    """Under the collation C, `lower` knows the letters of ASCII alone."""
    sql = _sql(key, compiler, options)
    return f'lower({sql} COLLATE "C")' if _is_text(key) else sql


@compiles(sort_key, "mysql", "mariadb")
def _by_letters(key: sort_key, compiler: Any, **options: Any) -> str:
    """Whatever the collation, `lower` knows the letters of every script."""
    sql = _sql(key, compiler, options)
    if not _is_text(key):
        return sql
    return reduce(
        lambda text, letter: f"replace({text}, '{letter}', '{letter.lower()}')", ascii_uppercase, sql
    )


@compiles(ascending)
def _up(key: ascending, compiler: Any, **options: Any) -> str:
    return _sql(key, compiler, options)


@compiles(descending)
def _down(key: descending, compiler: Any, **options: Any) -> str:
    return f"{_sql(key, compiler, options)} DESC"


@compiles(ascending, "postgresql")
def _up_from_null(key: ascending, compiler: Any, **options: Any) -> str:
    return f"{_sql(key, compiler, options)} NULLS FIRST"


@compiles(descending, "postgresql")
def _down_to_null(key: descending, compiler: Any, **options: Any) -> str:
    return f"{_sql(key, compiler, options)} DESC NULLS LAST"
