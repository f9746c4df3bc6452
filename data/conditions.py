"""Conditions on single columns of machines: what an operator types into the grid and a link keeps as it was typed.

`parse_condition` reads one, `data.queries.conditions` makes SQL of it, and docs/finding.md lists the forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from data.amounts import DEFAULT_UNITS, Amount, UnreadableError, read_amount, value_of
from data.errors import InvalidInputError
from data.fields import ATTRIBUTE, MACHINE_FIELDS, Field
from data.patterns import compile_pattern
from data.scope import MAX_CONDITION, MAX_VALUES, Scope, split_condition
from data.vocabulary import Kind, PowerState

MAX_CONDITIONS = 20
"""In one scope."""
MAX_NUMBERS = 20
"""Numbers or times in one list. Each is two comparisons; thousands in one statement take a database seconds to plan."""
WITHOUT, WITH = "(none)", "(any)"
"""The conditions that say only whether there is a value."""


class Operator(StrEnum):
    """What a condition does with its values."""

    CONTAINS = "contains"
    """One text, ignoring case."""
    LIKE = "like"
    """One text for the whole value, ignoring case; `*` stands for anything."""
    PATTERN = "pattern"
    """One RE2 pattern."""
    ONE_OF = "="
    """Exactly one of these texts or flags, a number that is shown as one of these, a time within one of these."""
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    BETWEEN = ".."
    """Two values, both included."""


@dataclass(frozen=True, slots=True)
class Period:
    """A year, month, day or minute."""

    start: datetime
    end: datetime
    """The first moment after it."""


@dataclass(frozen=True, slots=True)
class Ago:
    """So long before the export time of the machine's state."""

    days: int


Value = str | bool | Amount | Period | Ago | None
"""None is a machine without a value; it is only ever one of `ONE_OF`."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be so of one column."""

    key: str
    """Of `MACHINE_FIELDS`, or `attr:` and the name of a custom attribute."""
    operator: Operator
    values: tuple[Value, ...]
    """The operator's number of them, at least one."""
    is_negated: bool = False
    """The opposite: every machine that the condition would not find, those without a value among them."""


_A_SIZE = "a size such as “>= 16 GiB”, “512 MiB..1 TiB” or “= 8 GiB”"
_A_TEXT = "a text such as “web”, “!test”, “web*”, “= a, b” or “/^web[0-9]+$/”"
EXPECTED: dict[Kind, str] = {
    Kind.NAME: _A_TEXT,
    Kind.TEXT: _A_TEXT,
    Kind.INTEGER: "whole numbers such as “>= 4”, “2..8” or “= 2, 4”",
    Kind.NUMBER: "a number such as “>= 4”, “2..8” or “= 2.5”",
    Kind.MIB: _A_SIZE,
    Kind.KIB: _A_SIZE,
    Kind.MHZ: "a frequency such as “>= 2,400 MHz”, “2..3 GHz” or “= 0”",
    Kind.PCT: "a percentage such as “< 10 %”, “10..20” or “= 100”",
    Kind.DAYS: "days such as “> 90”, “7..30” or “= 0”",
    Kind.BOOLEAN: "“yes”, “no” or “(none)”",
    Kind.DATETIME: "a day, month or year such as “2026-01-31”, “2026-01..2026-03” or “older than 90 days”",
}
"""What can be typed, in words and examples."""

_FIELDS = {field.key: field for field in MACHINE_FIELDS}
_POWER = {"on": PowerState.ON, "off": PowerState.OFF, "suspended": PowerState.SUSPENDED}
"""Power states under the names that the pages give them, in upper or lower case."""


def parse_conditions(scope: Scope) -> list[Condition]:
    """The conditions of a scope.

    Raises:
        InvalidInputError: one of them cannot be used, or there are too many.
    """
    if len(scope.where) > MAX_CONDITIONS:
        raise InvalidInputError(f"At most {MAX_CONDITIONS} conditions can be used at once.")
    return [parse_condition(*split_condition(text)) for text in scope.where]


def parse_condition(key: str, text: str) -> Condition:
    """What was typed for a column.

    Raises:
        InvalidInputError: there is no such column, or it cannot be compared with this; says what was expected.

    Example:
        >>> parse_condition("cpus", "!= 2, (none)")  # doctest: +NORMALIZE_WHITESPACE
        Condition(key='cpus', operator=<Operator.ONE_OF: '='>,
                  values=(Amount(number=Decimal('2'), unit=''), None), is_negated=True)
    """
    label, kind = label_of(key), kind_of(key)
    if len(text) > MAX_CONDITION:
        raise InvalidInputError(f"The condition on {label} has more than {MAX_CONDITION:,} characters.")
    is_text = kind in {Kind.NAME, Kind.TEXT}
    typed = text.strip()
    is_negated = typed.startswith(("!", "≠"))
    rest = typed[is_negated:].strip()
    if rest.casefold() in {WITHOUT, WITH}:
        return Condition(key, Operator.ONE_OF, (None,), is_negated != (rest.casefold() == WITH))
    try:
        operator, values = _READERS[kind](kind, rest if is_text else " ".join(rest.split()))
    except UnreadableError:
        shown = typed if len(typed) <= 60 else f"{typed[:60]}…"
        sentence = f"“{shown}” cannot be compared with {label}: type {EXPECTED[kind]}."
        raise InvalidInputError(sentence) from None
    except InvalidInputError as error:
        raise InvalidInputError(f"The condition on {label} cannot be used. {error}") from None
    if operator is Operator.ONE_OF:
        values = list(dict.fromkeys(values))
    most = MAX_VALUES if is_text else MAX_NUMBERS
    if len(values) > most:
        raise InvalidInputError(f"The condition on {label} has more than {most} values.")
    if key == "power_state" and operator is Operator.ONE_OF:
        values = [_POWER.get(str(value).casefold(), value) for value in values]
    return Condition(key, operator, tuple(values), is_negated)


def label_of(key: str) -> str:
    """What a column is called.

    Raises:
        InvalidInputError: there is no such column.

    Example:
        >>> label_of("memory_mib"), label_of("attr:Cost centre")
        ('Memory', 'Cost centre')
    """
    return key.removeprefix(ATTRIBUTE) if key.startswith(ATTRIBUTE) else _field(key).label


def kind_of(key: str) -> Kind:
    """What a column holds; custom attributes hold text.

    Raises:
        InvalidInputError: there is no such column.

    Example:
        >>> kind_of("memory_mib"), kind_of("attr:Cost centre")
        (<Kind.MIB: 'mib'>, <Kind.TEXT: 'text'>)
    """
    return Kind.TEXT if key.startswith(ATTRIBUTE) else _field(key).kind


def _field(key: str) -> Field:
    if key not in _FIELDS:
        raise InvalidInputError(f"Machines have no column “{key}”.")
    return _FIELDS[key]


def one_of(values: Iterable[str | None]) -> str:
    """The condition that a text is exactly one of these; None stands for no value.

    Example:
        >>> one_of(["a", "b, c", None, "(none)"])
        '= a, "b, c", (none), "(none)"'
    """
    return "= " + ", ".join(WITHOUT if value is None else _quoted(value) for value in values)


_Read = tuple[Operator, list[Value]]
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_ITEM = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^",\s][^,]*))(?:,|\Z)')


def _read_text(_: Kind, text: str) -> _Read:
    quoted = _QUOTED.fullmatch(text)
    if text.startswith("="):
        return Operator.ONE_OF, _texts(text[1:])
    if len(text) > 2 and text[0] == "/" == text[-1]:
        compile_pattern(text[1:-1])
        return Operator.PATTERN, [text[1:-1]]
    if not quoted and "*" in text:
        return Operator.LIKE, [text]
    text = quoted[1].replace('""', '"') if quoted else text
    if not text:
        raise UnreadableError
    return Operator.CONTAINS, [text]


def _texts(text: str) -> list[Value]:
    found: list[Value] = []
    at, text = 0, text.strip()
    while at < len(text):
        match = _ITEM.match(text, at)
        if not match:
            raise UnreadableError
        quoted, bare = match.groups()
        value = quoted.replace('""', '"') if bare is None else bare.strip()
        found.append(None if bare is not None and value.casefold() == WITHOUT else value)
        at = match.end()
    if not found:
        raise UnreadableError
    return found


def _quoted(value: str) -> str:
    is_plain = value and value == value.strip() and value.casefold() != WITHOUT
    if is_plain and "," not in value and value[0] != '"':
        return value
    return '"{}"'.format(value.replace('"', '""'))


_FLAGS = {"yes": True, "true": True, "no": False, "false": False, WITHOUT: None, "unknown": None}


def _read_flags(_: Kind, text: str) -> _Read:
    words = [word.strip().casefold() for word in text.removeprefix("=").split(",")]
    if not all(word in _FLAGS for word in words):
        raise UnreadableError
    return Operator.ONE_OF, [_FLAGS[word] for word in words]


_COMPARISONS = {str(one): one for one in (Operator.AT_MOST, Operator.AT_LEAST, Operator.LESS, Operator.MORE)}
_COMPARISONS |= {"≤": Operator.AT_MOST, "≥": Operator.AT_LEAST}
_RANGE = re.compile(r" ?(?:\.{2,3}|…|\bto\b) ?", re.IGNORECASE)
_SEPARATOR = re.compile(r" ?(?:;|,(?= |\Z)) ?")
"""A comma within digits belongs to the number."""


def _read_amounts(kind: Kind, text: str) -> _Read:
    operator, pieces = _read_compared(text)
    amounts = [amount for piece in pieces for amount in _amounts(kind, piece)]
    if operator is not Operator.ONE_OF and (None in amounts or len(amounts) != len(pieces)):
        raise UnreadableError
    units = [amount.unit for amount in amounts if amount and amount.unit]
    unit = units[-1] if units else DEFAULT_UNITS.get(kind, "")
    values: list[Value] = []
    for amount in reversed(amounts):  # “512..1024 MiB”: a unit holds for what stands before it, too
        unit = amount.unit or unit if amount else unit
        values.append(replace(amount, unit=unit) if amount else None)
    values.reverse()
    match values:
        case [Amount() as low, Amount() as high] if operator is Operator.BETWEEN:
            if value_of(low, kind) > value_of(high, kind):
                raise UnreadableError
    return operator, values


def _read_times(_: Kind, text: str) -> _Read:
    if match := _AGE.fullmatch(text):
        return _AGES[match[1].casefold()], [_ago(match[2])]
    operator, pieces = _read_compared(text)
    values: list[Value] = [None if piece.casefold() == WITHOUT else _time(piece) for piece in pieces]
    if operator is not Operator.ONE_OF and None in values:
        raise UnreadableError
    match values:
        case [Ago()] if text.startswith(tuple(_COMPARISONS)):
            raise UnreadableError  # “> 90 days ago” is later to one reader and longer ago to another
        case [Period() as first, Period() as last] if operator is Operator.BETWEEN:
            is_backward = first.start >= last.end
        case [Ago() as first, Ago() as last] if operator is Operator.BETWEEN:
            is_backward = first.days < last.days
        case _:
            is_backward = False
    if is_backward:
        raise UnreadableError
    return operator, values


def _read_compared(text: str) -> tuple[Operator, list[str]]:
    """The operator and the texts of its values."""
    for sign, operator in _COMPARISONS.items():
        if text.startswith(sign):
            return operator, [text.removeprefix(sign).strip()]
    rest = text.removeprefix("=").strip()
    match _RANGE.split(rest):
        case ["", ""]:
            raise UnreadableError
        case [low, ""]:
            return Operator.AT_LEAST, [low]
        case ["", high]:
            return Operator.AT_MOST, [high]
        case [low, high]:
            return Operator.BETWEEN, [low, high]
    pieces = [piece for piece in _SEPARATOR.split(rest) if piece]
    if not pieces:
        raise UnreadableError
    return Operator.ONE_OF, pieces


def _amounts(kind: Kind, text: str) -> list[Amount | None]:
    """One item of a list, or several between bare commas."""
    if text.casefold() == WITHOUT:
        return [None]
    try:
        return [read_amount(kind, text)]
    except UnreadableError:
        if "," not in text:
            raise
        return [read_amount(kind, piece.strip()) for piece in text.split(",")]


_TIME = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[ T]([0-9]{1,2}):([0-9]{2}))?)?)?")
_AGO = re.compile(r"([0-9]{1,5} ?[a-z]+) ago", re.IGNORECASE)
_AGE = re.compile(r"(older|newer) than ([0-9]{1,5} ?[a-z]+)", re.IGNORECASE)
_AGES = {"older": Operator.LESS, "newer": Operator.MORE}


def _time(text: str) -> Period | Ago:
    if match := _AGO.fullmatch(text):
        return _ago(match[1])
    match = _TIME.fullmatch(text)
    if not match:
        raise UnreadableError
    year, month, day, hour, minute = (int(part) if part else None for part in match.groups())
    try:
        start = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0)
        if month is None:
            return Period(start, start.replace(year=start.year + 1))
        if day is None:
            return Period(start, (start + timedelta(days=31)).replace(day=1))
        return Period(start, start + (timedelta(days=1) if hour is None else timedelta(minutes=1)))
    except (ValueError, OverflowError):
        raise UnreadableError from None


def _ago(age: str) -> Ago:
    return Ago(int(value_of(read_amount(Kind.DAYS, age), Kind.DAYS)))


_READERS: dict[Kind, Callable[[Kind, str], _Read]] = {
    **dict.fromkeys(Kind, _read_amounts),
    Kind.NAME: _read_text,
    Kind.TEXT: _read_text,
    Kind.BOOLEAN: _read_flags,
    Kind.DATETIME: _read_times,
}
