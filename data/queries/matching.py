"""What SQL has no common word for. The only place that knows how a database does it."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import Boolean, ColumnElement, DateTime, String, TableValuedAlias, Text, case, column, func

from data.patterns import compile_pattern

_questions = count()


def matches(text: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
    """Whether a text holds an RE2 pattern, see `data.patterns`; NULL where there is no text.

    Raises:
        InvalidInputError: the pattern cannot be used.
    """
    compile_pattern(pattern)
    return func.re2_matches(pattern, text, next(_questions), type_=Boolean)


def folded(text: ColumnElement[Any]) -> ColumnElement[str]:
    """A text as `str.casefold` makes it: for comparisons that ignore the case of every script."""
    return func.casefold(text, type_=String)


def days_before(moment: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """A time so many days earlier, to the millisecond, in the form in which times are stored."""
    return func.strftime("%Y-%m-%d %H:%M:%f000", moment, f"-{days} days", type_=DateTime)


def pairs_of(attributes: ColumnElement[Any]) -> TableValuedAlias:
    """Key and value of each pair of a JSON object; none of NULL. Any key can be looked up so, in a JSON path not."""
    return func.json_each(attributes).table_valued(column("key", Text), column("value", Text))


def in_brackets(path: ColumnElement[Any]) -> ColumnElement[str]:
    """The datastore of a path, `[datastore] folder/file`; NULL for what is none."""
    name = func.nullif(func.substr(path, 2, func.instr(path, "]") - 2), "", type_=String)
    return case((path.like("[%]%"), name))
