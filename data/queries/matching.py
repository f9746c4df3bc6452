"""Comparisons of text that SQL has no word for. The only place that knows how a database does them."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, func

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
