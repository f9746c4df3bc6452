"""The fastest way into each database for rows that nobody sees yet, within the transaction of a connection.

SQLite takes prepared statements. PostgreSQL takes `COPY` as text, which psycopg writes while the server stores what
it has already; in binary it takes a tenth less time, but numbers have to be of exactly the column's type. MariaDB and
MySQL take `INSERT` with many rows in a statement of up to a mebibyte. `LOAD DATA LOCAL INFILE` takes a sixth less
time, but lets the server ask for any file that this process may read: it stays off.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Dialect, Engine, Table, event, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from data.errors import RowTooLargeError

Row = tuple[Any, ...]
Insert = Callable[[Connection, Iterable[Row]], int]
"""Inserts rows; returns how many."""

STATEMENT_BYTES = 1 << 20
"""Of an `INSERT`: larger ones are not faster."""
ROWS_AT_A_TIME = 500
"""That are turned into text together."""
_WRITE = "write_rows"
"""Execution option: what writes, instead of the driver's `execute`. Its errors are handled like the driver's."""
_PROGRAM_LIMIT = "54"
_MYSQL_TOO_LARGE = {1118, 1153, 1301, 3140}
"""SQLSTATE class of PostgreSQL, and codes of MariaDB, for rows that are larger than the server takes."""


def inserting(engine: Engine, table: Table, keys: Sequence[str]) -> Insert:
    """How rows of values in the order of `keys` are inserted into a table.

    Raises:
        RowTooLargeError: when it is called, a row is larger than the server takes.
    """
    ways = {"postgresql": _copying, "mysql": _in_large_statements, "mariadb": _in_large_statements}
    if way := ways.get(engine.dialect.name):
        if not event.contains(engine, "do_execute", _write_instead):
            event.listen(engine, "do_execute", _write_instead)
        return _explained(way(engine.dialect, table, keys), table)
    return _prepared(engine.dialect, table, keys)


def _write_instead(cursor: Any, _statement: str, _parameters: object, context: Any) -> bool:
    write = context.execution_options.get(_WRITE)
    if write is not None:
        write(cursor)
    return write is not None


def _run(connection: Connection, statement: str, write: Callable[[Any], None]) -> None:
    """Let `write` do with the driver's cursor what the statement stands for in errors and logs."""
    connection.exec_driver_sql(statement, execution_options={_WRITE: write})


def _explained(write: Insert, table: Table) -> Insert:
    def explained(connection: Connection, rows: Iterable[Row]) -> int:
        try:
            return write(connection, rows)
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None) or ""
            code = next(iter(getattr(error.orig, "args", ())), None)
            if state.startswith(_PROGRAM_LIMIT) or code in _MYSQL_TOO_LARGE:
                raise RowTooLargeError(table.name) from error
            raise

    return explained


def _prepared(dialect: Dialect, table: Table, keys: Sequence[str]) -> Insert:
    """One `executemany` of the driver, without a dictionary per row; types as SQLAlchemy binds them."""
    compiled = insert(table).inline().compile(dialect=dialect, column_keys=list(keys))
    text, order = str(compiled), [keys.index(name) for name in compiled.positiontup or ()]

    def write(connection: Connection, rows: Iterable[Row]) -> int:
        columns = list(zip(*rows, strict=True))
        bound = [_bound(table.c[keys[at]].type, dialect, columns[at]) for at in order]
        parameters = list(zip(*bound, strict=True))
        connection.exec_driver_sql(text, parameters)
        return len(parameters)

    return write


def _bound(kind: TypeEngine[Any], dialect: Dialect, values: Sequence[Any]) -> Sequence[Any]:
    """A column of values as the driver takes them."""
    bind = None if isinstance(kind, Boolean) else kind.dialect_impl(dialect).bind_processor(dialect)
    return values if bind is None else [None if value is None else bind(value) for value in values]


def _copying(dialect: Dialect, table: Table, keys: Sequence[str]) -> Insert:
    statement = f"COPY {_names(dialect, table, keys)} FROM STDIN"
    jsons = [at for at, key in enumerate(keys) if isinstance(table.c[key].type, JSON)]

    def write(connection: Connection, rows: Iterable[Row]) -> int:
        count = 0

        def copy(cursor: Any) -> None:
            nonlocal count
            with cursor.copy(statement) as target:
                for row in _with_json(rows, jsons) if jsons else rows:
                    target.write_row(row)
                    count += 1

        _run(connection, statement, copy)
        return count

    return write


def _with_json(rows: Iterable[Row], places: Sequence[int]) -> Iterator[Sequence[Any]]:
    for row in rows:
        values = list(row)
        for at in places:
            values[at] = None if values[at] is None else _json(values[at])
        yield values


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _in_large_statements(dialect: Dialect, table: Table, keys: Sequence[str]) -> Insert:
    statement = f"INSERT INTO {_names(dialect, table, keys)} VALUES"
    start = f"{statement} ".encode()

    def write(connection: Connection, rows: Iterable[Row]) -> int:
        most = connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one() - len(start) - 2
        literals = [_literals(table.c[key].type) for key in keys]
        rows, count, size = iter(rows), 0, 0
        waiting: list[bytes] = []

        def flush() -> None:
            data = start + b",".join(waiting)
            _run(connection, statement, lambda cursor: cursor.execute(data))
            waiting.clear()

        while block := list(islice(rows, ROWS_AT_A_TIME)):
            columns = zip(*block, strict=True)
            texts = [of_column(values) for of_column, values in zip(literals, columns, strict=True)]
            for line in map(",".join, zip(*texts, strict=True)):
                part = f"({line})".encode()
                if len(part) > most:
                    raise RowTooLargeError(table.name, len(part), most)
                if waiting and size + len(part) > min(STATEMENT_BYTES, most):
                    flush()
                    size = 0
                waiting.append(part)
                size += len(part) + 1
            count += len(block)
        if waiting:
            flush()
        return count

    return write


def _literals(kind: TypeEngine[Any]) -> Callable[[Sequence[Any]], list[str]]:
    """Turns a column of values into literals of MariaDB."""
    if isinstance(kind, JSON):
        return lambda values: ["NULL" if value is None else _quoted(_json(value)) for value in values]
    return lambda values: list(map(_literal, values))


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, datetime):
        return f"'{value}'"
    return repr(value)


def _quoted(text: str) -> str:
    """A literal where backslashes escape, as in every session of `data.servers`."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _names(dialect: Dialect, table: Table, keys: Sequence[str]) -> str:
    quoted = dialect.identifier_preparer.quote
    return f"{quoted(table.name)} ({', '.join(map(quoted, keys))})"
