"""Conditions on single columns as SQL: which machines `data.conditions` means."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    TableValuedAlias,
    and_,
    exists,
    literal,
    or_,
    select,
    true,
)

from data.amounts import Amount, bounds_of, value_of
from data.conditions import Ago, Condition, Operator, Period, Value, kind_of
from data.fields import ATTRIBUTE
from data.models import imports, virtual_machines
from data.queries.matching import days_before, folded, matches, pairs_of
from data.vocabulary import Kind, PowerState

_vm = virtual_machines.c
_COMPARISONS: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


def holds(condition: Condition) -> ColumnElement[bool]:
    """Whether a condition holds for a machine. One without a value fulfils what is negated, and nothing else."""
    of = _of_attribute if condition.key.startswith(ATTRIBUTE) else _of_column
    found = of(condition)
    return found.is_not(True) if condition.is_negated else found


def _of_column(condition: Condition) -> ColumnElement[bool]:
    content = _vm[condition.key]
    tests = _tests(condition, content)
    if None in condition.values:
        tests.append(content.is_(None))
        if condition.key == "power_state":  # those that nobody knows are offered as “(none)”
            tests.append(content.not_in(list(PowerState)))
    return or_(*tests)


def _of_attribute(condition: Condition) -> ColumnElement[bool]:
    pairs = pairs_of(_vm.attributes)
    named = exists().where(_is_named(pairs, condition.key))
    tests = _tests(condition, pairs.c.value)
    found = [named.where(or_(*tests))] if tests else []
    return or_(*found, *([~named] if None in condition.values else []))


def values_of_attribute(key: str, machines: Sequence[ColumnElement[bool]]) -> Select[str]:
    """The values of a custom attribute of the machines for which these conditions hold."""
    pairs = pairs_of(_vm.attributes)
    return (
        select(pairs.c.value)
        .select_from(virtual_machines.join(pairs, true()))
        .where(*machines, _is_named(pairs, key))
    )


def _is_named(pairs: TableValuedAlias, key: str) -> ColumnElement[bool]:
    return and_(pairs.c.key == key.removeprefix(ATTRIBUTE), pairs.c.value.is_not(None))


def _tests(condition: Condition, content: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """What the values of a condition say; one of it must be so."""
    kind = kind_of(condition.key)
    values = [value for value in condition.values if value is not None]
    if condition.operator is Operator.BETWEEN:
        first, last = values
        return [
            and_(
                _compared(content, kind, Operator.AT_LEAST, first),
                _compared(content, kind, Operator.AT_MOST, last),
            )
        ]
    texts = [value for value in values if isinstance(value, str)]
    if condition.operator is Operator.ONE_OF and texts:
        return [content.in_(texts)]
    return [_compared(content, kind, condition.operator, value) for value in values]


def _compared(content: ColumnElement[Any], kind: Kind, by: Operator, value: Value) -> ColumnElement[bool]:
    match value:
        case str():
            return _text(content, by, value)
        case Amount():
            return _amount(content, kind, by, value)
        case Period():
            return _period(content, by, value)
        case Ago():
            return _ago(content, by, value)
    return content.is_(value)


def _text(content: ColumnElement[Any], by: Operator, text: str) -> ColumnElement[bool]:
    if by is Operator.PATTERN:
        return matches(content, text)
    if by is Operator.CONTAINS:
        return folded(content).contains(text.casefold(), autoescape=True)
    parts = (
        part.replace("/", "//").replace("%", "/%").replace("_", "/_") for part in text.casefold().split("*")
    )
    return folded(content).like("%".join(parts), escape="/")


def _amount(content: ColumnElement[Any], kind: Kind, by: Operator, amount: Amount) -> ColumnElement[bool]:
    if by is not Operator.ONE_OF:
        return _order(content, by, _number(value_of(amount, kind)))
    bounds = bounds_of(amount, kind)
    if bounds.low == bounds.high:
        return content == _number(bounds.low)
    low = Operator.AT_LEAST if bounds.has_low else Operator.MORE
    high = Operator.AT_MOST if bounds.has_high else Operator.LESS
    return and_(_order(content, low, _number(bounds.low)), _order(content, high, _number(bounds.high)))


def _number(value: float) -> ColumnElement[float]:
    """Never as a whole number, which some databases would round to the type of the column."""
    return literal(value, Double())


def _period(content: ColumnElement[Any], by: Operator, period: Period) -> ColumnElement[bool]:
    """A comparison with a period is one with its end that makes it hold or fail for the whole of it."""
    match by:
        case Operator.LESS:
            return content < period.start
        case Operator.AT_MOST:
            return content < period.end
        case Operator.MORE:
            return content >= period.end
        case Operator.AT_LEAST:
            return content >= period.start
    return and_(content >= period.start, content < period.end)


def _ago(content: ColumnElement[Any], by: Operator, ago: Ago) -> ColumnElement[bool]:
    """Compared as moments, as ages are; alone it means the times whose age is shown as this number of days."""
    if by is not Operator.ONE_OF:
        return _order(content, by, _before_export(ago.days))
    return and_(content > _before_export(ago.days + 1), content <= _before_export(ago.days))


def _before_export(days: int) -> ColumnElement[Any]:
    state = imports.alias()
    return (
        select(days_before(state.c.exported_at, days))
        .where(state.c.id == _vm.import_id)
        .correlate(virtual_machines)
        .scalar_subquery()
    )


def _order(content: ColumnElement[Any], by: Operator, value: ColumnElement[Any]) -> ColumnElement[bool]:
    compared: ColumnElement[bool] = _COMPARISONS[by](content, value)
    return compared
