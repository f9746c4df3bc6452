"""Conditions on single columns as SQL: which machines `data.conditions` means."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Double, Numeric, Select, and_, literal, or_, select

from data.amounts import Amount, bounds_of, value_of
from data.conditions import Ago, Condition, Operator, Period, Value, kind_of
from data.fields import ATTRIBUTE
from data.models import imports, virtual_machines
from data.queries.matching import attribute_of, contains, days_before, is_like, matches
from data.vocabulary import Kind, PowerState

_vm = virtual_machines.c
_COMPARISONS: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}
_TEXT_TESTS: dict[Operator, Callable[[ColumnElement[Any], str, Select[Any]], ColumnElement[bool]]] = {
    Operator.PATTERN: matches,
    Operator.CONTAINS: contains,
    Operator.LIKE: is_like,
}
States = Select[int | None] | Collection[int]
"""Ids of imports, as a statement or as they are."""


def holds(condition: Condition, states: States) -> ColumnElement[bool]:
    """Whether a condition holds for a machine. One without a value fulfils what is negated, and nothing else.

    Args:
        condition: What must be so.
        states: Those to which the machines belong that are asked.
    """
    content = content_of(condition.key)
    tests = _tests(condition, content, states)
    if None in condition.values:
        tests.append(content.is_(None))
        if condition.key == "power_state":  # those that nobody knows are offered as “(none)”
            tests.append(content.not_in(list(PowerState)))
    found = or_(*tests)
    return found.is_not(True) if condition.is_negated else found


def content_of(key: str) -> ColumnElement[Any]:
    """What a machine says in a column, or as a custom attribute."""
    return (
        attribute_of(_vm.attributes, key.removeprefix(ATTRIBUTE)) if key.startswith(ATTRIBUTE) else _vm[key]
    )


def texts_of(key: str, states: States) -> Select[Any]:
    """All texts of a column in some states."""
    return select(content_of(key)).distinct().where(_vm.import_id.in_(states))


def _tests(condition: Condition, content: ColumnElement[Any], states: States) -> list[ColumnElement[bool]]:
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
    if texts and condition.operator is Operator.ONE_OF:
        return [content.in_(texts)]
    if texts:
        return [_TEXT_TESTS[condition.operator](content, texts[0], texts_of(condition.key, states))]
    return [_compared(content, kind, condition.operator, value) for value in values]


def _compared(content: ColumnElement[Any], kind: Kind, by: Operator, value: Value) -> ColumnElement[bool]:
    match value:
        case Amount():
            return _amount(content, kind, by, value)
        case Period():
            return _period(content, by, value)
        case Ago():
            return _ago(content, by, value)
    return content.is_(value)


def _amount(content: ColumnElement[Any], kind: Kind, by: Operator, amount: Amount) -> ColumnElement[bool]:
    if by is not Operator.ONE_OF:
        return _order(content, by, _number(value_of(amount, kind), kind))
    bounds = bounds_of(amount, kind)
    low, high = _number(bounds.low, kind), _number(bounds.high, kind)
    if bounds.low == bounds.high:
        return content == low
    from_low = Operator.AT_LEAST if bounds.has_low else Operator.MORE
    to_high = Operator.AT_MOST if bounds.has_high else Operator.LESS
    return and_(_order(content, from_low, low), _order(content, to_high, high))


def _number(value: float, kind: Kind) -> ColumnElement[Any]:
    """Compared as it is: not rounded to the type of the column, nor a large whole number of a column to a float."""
    return literal(Decimal(value), Numeric()) if kind is Kind.INTEGER else literal(value, Double())


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
