"""What SQL has no common word for. The only place of the questions that knows how a database does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any, Self

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    String,
    Text,
    TypeDecorator,
    any_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import FunctionFilter
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import UserDefinedType

from data.errors import InvalidInputError
from data.patterns import Search, compile_pattern
from data.queries.looking_up import LookedUp, Probe

MOST_DAYS = 365_000
"""Nothing is older, and the year 1 is still far."""
_questions = count()


class by_database(FunctionElement[Any]):  # noqa: N801  # named like the functions of SQL
    """The same in the words of each database."""

    inherit_cache = True

    def __init__(
        self, *, sqlite: ColumnElement[Any], postgresql: ColumnElement[Any], mariadb: ColumnElement[Any]
    ) -> None:
        self.type = sqlite.type
        super().__init__(sqlite, postgresql, mariadb)

    def self_group(self, against: object = None) -> Self:  # noqa: ARG002  # it is always in brackets
        """Itself: as “… = 1” a condition would be no more what a database has a fast way for."""
        return self


def _said(place: int) -> Any:
    def compile_one(element: by_database, compiler: Any, **options: Any) -> str:
        return f"({compiler.process(list(element.clauses)[place], **options)})"

    return compile_one


for _place, _databases in enumerate((("sqlite",), ("postgresql",), ("mysql", "mariadb"))):
    compiles(by_database, *_databases)(_said(_place))


class exact(FunctionElement[Any]):  # noqa: N801
    """A text that no column holds, compared like those that one does: as it is."""

    inherit_cache = True
    type = Text()


@compiles(exact)
def _exact(element: exact, compiler: Any, **options: Any) -> str:
    text: str = compiler.process(element.clauses, **options)
    if compiler.dialect.name == "postgresql":
        return f'{text} COLLATE "C"'
    if compiler.dialect.name == "sqlite":
        return text
    return f"{text} COLLATE {'utf8mb4_nopad_bin' if compiler.dialect.is_mariadb else 'utf8mb4_0900_bin'}"


@compiles(FunctionFilter, "mysql", "mariadb")
def _count_where(element: FunctionFilter[Any], compiler: Any, **options: Any) -> str:
    """FILTER is unknown to them; only counts are made with it."""
    return f"count(CASE WHEN {compiler.process(element.criterion, **options)} THEN 1 END)"


class _Whole(TypeDecorator[int]):
    """A sum of whole numbers, which servers give as decimal ones."""

    impl = Integer
    cache_ok = True

    def process_result_value(self, value: Any, _dialect: Any) -> int | None:
        return None if value is None else int(value)


def sum_of(values: ColumnElement[Any]) -> ColumnElement[Any]:
    """The sum of a column, in its type; NULL if it has no value."""
    return func.sum(values, type_=_Whole() if isinstance(values.type, Integer) else values.type)


def matches(
    text: ColumnElement[Any], pattern: str, among: Select[Any], key: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Whether a text holds an RE2 pattern, see `data.patterns`; not so where there is no text.

    Args:
        text: To look at.
        pattern: As it was typed.
        among: A statement that finds at least these texts, which servers have looked through beforehand.
        key: Of the row that has the text, the last column of that statement, too; otherwise the text itself.

    Raises:
        InvalidInputError: the pattern cannot be used.
    """
    compile_pattern(pattern)
    found = func.re2_matches(pattern, text, next(_questions), type_=Boolean)
    return _tested(found, text if key is None else key, LookedUp(among, Probe(Search, pattern)))


def contains(text: ColumnElement[Any], part: str, among: Select[Any]) -> ColumnElement[bool]:
    """Whether a text has a part, ignoring the case of every script; `among` as for `matches`."""
    found = _folded(text).contains(typed(part), autoescape=True)
    return _tested(found, text, LookedUp(among, Probe(_containing, part.casefold())))


def is_like(text: ColumnElement[Any], whole: str, among: Select[Any]) -> ColumnElement[bool]:
    """Whether a text is this, where `*` stands for anything, ignoring case; `among` as for `matches`."""
    parts = typed(whole).split("*")
    escaped = (part.replace("/", "//").replace("%", "/%").replace("_", "/_") for part in parts)
    found = _folded(text).like("%".join(escaped), escape="/")
    return _tested(found, text, LookedUp(among, Probe(_being_like, whole.casefold())))


def typed(text: str) -> str:
    """What an operator typed, case-folded, to be looked for with LIKE.

    Raises:
        InvalidInputError: it holds a NUL, where some databases end a text and others refuse it.
    """
    if "\0" in text:
        raise InvalidInputError("No text of the inventory holds a NUL character.")
    return text.casefold()


def _folded(text: ColumnElement[Any]) -> ColumnElement[str]:
    return func.casefold(text, type_=String)


def _containing(part: str) -> Callable[[str], bool]:
    return lambda text: part in text.casefold()


def _being_like(whole: str) -> Callable[[str], bool]:
    first, *middle, last = whole.split("*")

    def is_like_it(text: str) -> bool:
        folded = text.casefold()
        at, end = len(first), len(folded) - len(last)
        if at > end or not (folded.startswith(first) and folded.endswith(last)):
            return False
        for part in middle:
            found = folded.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    return is_like_it


class _Array(UserDefinedType[Any]):
    """An array of PostgreSQL, given as text."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, of: str) -> None:
        self.of = of

    def get_col_spec(self, **_: Any) -> str:
        return f"{self.of}[]"


def _tested(found: ColumnElement[bool], key: ColumnElement[Any], looked_up: LookedUp) -> ColumnElement[bool]:
    """SQLite asks Python of each text. Servers are told the keys of those that fit.

    MariaDB gives a table an index only as the outcome of a sub-select, and only on what is short: digests of texts.
    """
    is_number = isinstance(key.type, Integer)
    array = bindparam("found", looked_up, _Array("BIGINT" if is_number else "TEXT"), unique=True)
    form = "BIGINT" if is_number else "CHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    rows = func.json_table(
        bindparam("found", looked_up, Text(), unique=True),
        literal_column(f"'$[*]' COLUMNS (found {form} PATH '$')"),
    ).table_valued(column("found", key.type))
    distinct = select(rows.c.found).distinct().subquery()
    is_found = distinct.c.found == (key if is_number else func.md5(key))
    return by_database(
        sqlite=found,
        postgresql=key == any_(array),
        mariadb=exists().where(is_found).correlate_except(distinct),
    )


def days_before(moment: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """A time so many days earlier, a thousand years at most."""
    days = min(days, MOST_DAYS)
    date = func.date(func.substr(moment, 1, 10), f"-{days} days", type_=String)
    return by_database(
        sqlite=type_coerce(date.concat(func.substr(moment, 11, type_=String)), DateTime()),
        postgresql=moment - func.make_interval(*map(literal_column, ("0", "0", "0", str(days)))),
        mariadb=func.adddate(moment, -days),
    )


def day_of(moment: ColumnElement[Any]) -> ColumnElement[str]:
    """The day of a time, written as in ISO 8601."""
    return by_database(
        sqlite=func.substr(moment, 1, 10, type_=String),
        postgresql=func.to_char(moment, "YYYY-MM-DD"),
        mariadb=func.date_format(moment, "%Y-%m-%d"),
    )


def attribute_of(attributes: ColumnElement[Any], name: str) -> ColumnElement[str]:
    """What a JSON object says under a name; NULL if nothing. Names may be any text."""
    pairs = func.json_each(attributes).table_valued(column("key", Text), column("value", Text))
    return by_database(
        sqlite=select(pairs.c.value).where(pairs.c.key == name).scalar_subquery(),
        postgresql=exact(func.json_extract_path_text(attributes, name)),
        mariadb=exact(func.json_value(attributes, _path_to(name))),
    )


def _path_to(name: str) -> str:
    """A JSON path. MariaDB does not find a quoted name that begins with a minus sign."""
    quoted = json.dumps(name, ensure_ascii=False)
    return f'$."\\u002d{quoted[2:]}' if name.startswith("-") else f"$.{quoted}"


def has_id(text: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """Whether a text has this part of a UUID or MAC address, in capital or small letters, with colons or dashes.

    Args:
        text: To look at.
        part: Hexadecimal digits, colons and dashes.
    """
    small: ColumnElement[str] = in_small_letters(text)
    if not part.isalnum():  # 0.1 s for 100,000 texts
        small = func.replace(small, "-", ":", type_=String)
    return small.contains(part.lower().replace("-", ":"))


def in_small_letters(text: ColumnElement[Any]) -> ColumnElement[str]:
    """A text whose letters of ASCII LIKE finds by small ones; SQLite's LIKE does not tell them apart anyway."""
    return by_database(sqlite=text, postgresql=func.lower(text), mariadb=func.lower(text))


def in_brackets(path: ColumnElement[Any]) -> ColumnElement[str]:
    """The datastore of a path, `[datastore] folder/file`; NULL for what is none."""
    by_instr = func.instr(path, "]", type_=Integer)
    end = by_database(sqlite=by_instr, postgresql=func.strpos(path, "]"), mariadb=by_instr)
    second = literal_column("2", Integer)
    name = func.nullif(func.substr(path, second, end - second), "", type_=String)
    return case((path.like("[%]%"), name))
