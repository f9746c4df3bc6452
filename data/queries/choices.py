"""What there is to choose from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, select
from sqlalchemy.orm import Session

from data.amounts import Amount, bounds_of, shown_as
from data.conditions import kind_of, parse_condition
from data.models.sorting import ascending
from data.queries.conditions import content_of, texts_of
from data.queries.connections import CONNECTIONS, count_connections
from data.queries.matching import contains, day_of
from data.queries.scoping import DEFAULT_LIMITS, machines_in, state_ids, vm
from data.results import AttentionLimits, Choice
from data.scope import FILTER_OF, Scope, split_condition
from data.vocabulary import Kind, PowerState

_FLAGS = {None: None, False: "no", True: "yes"}


def list_choices(
    session: Session, scope: Scope, *, limits: AttentionLimits, field: str, search: str = "", limit: int = 100
) -> list[Choice]:
    """The values of a column among the machines that pass all other filters, the most frequent first.

    A value is written as it is typed into a condition, which finds the number of machines that it is said to have:
    numbers with one decimal and their unit, times as days, flags as "yes" and "no".

    Args:
        session: To ask.
        scope: The part of the estate; its own filters of the column do not count.
        limits: Where the attention checks begin.
        field: A key of `MACHINE_FIELDS`, `attr:` and the name of a custom attribute, "datastore" or "network".
        search: Only values that contain this text, ignoring case.
        limit: How many at most.

    Raises:
        InvalidInputError: there is no such column, or the scope holds a condition that cannot be used.
    """
    machines = machines_in(_without(scope, field), limits)
    if field in CONNECTIONS:
        found = count_connections(session, field, machines)
    elif kind_of(field) in {Kind.NAME, Kind.TEXT}:
        return _list_texts(
            session, _values(field, machines), texts_of(field, state_ids(scope)), search, limit
        )
    else:
        values = _values(field, machines)
        counted = select(values.c.value, func.count()).group_by(values.c.value)
        found = _written(field, dict(session.execute(counted).all()))
    choices = [
        Choice(value, number)
        for value, number in found.items()
        if not search or (value is not None and search.casefold() in value.casefold())
    ]
    return sorted(choices, key=lambda choice: (-choice.machines, choice.value or ""))[:limit]


def _list_texts(
    session: Session, values: Subquery, texts: Select[Any], search: str, limit: int
) -> list[Choice]:
    counted = select(values.c.value, func.count().label("machines")).group_by(values.c.value).subquery()
    wanted = select(counted)
    if search:
        wanted = wanted.where(contains(counted.c.value, search, texts))
    order = counted.c.machines.desc(), ascending(counted.c.value)
    rows = session.execute(wanted.order_by(*order).limit(limit))
    return [Choice(value, number) for value, number in rows]


def _without(scope: Scope, field: str) -> Scope:
    exclusion = f"{field.removesuffix('_config')}:"
    others = scope.with_(
        exclude=tuple(value for value in scope.exclude if not value.startswith(exclusion)),
        where=tuple(text for text in scope.where if split_condition(text)[0] != field),
    )
    return others.with_(**{FILTER_OF[field]: ()}) if field in FILTER_OF else others


def _values(field: str, machines: list[ColumnElement[bool]]) -> Subquery:
    """The values of machines, one per row; NULL for each machine without."""
    content = content_of(field)
    if kind_of(field) is Kind.DATETIME:
        content = day_of(content)
    if field == "power_state":
        content = case((content.in_(list(PowerState)), content))
    return select(content.label("value")).where(*machines).subquery()


def _written(field: str, found: dict[Any, int]) -> dict[str | None, int]:
    """The values as they are typed, with the machines that each finds: numbers are found by what they are shown as."""
    kind = kind_of(field)
    if kind is Kind.BOOLEAN:
        return {_FLAGS[value]: number for value, number in found.items()}
    if kind is Kind.DATETIME:
        return found
    numbers = sorted(value for value in found if value is not None)
    sums = list(accumulate((found[value] for value in numbers), initial=0))
    written: dict[str | None, int] = {None: found[None]} if None in found else {}
    for text in {shown_as(value, kind) for value in numbers}:
        match parse_condition(field, text).values:
            case [Amount() as amount]:
                bounds = bounds_of(amount, kind)
                start = (bisect_left if bounds.has_low else bisect_right)(numbers, bounds.low)
                stop = (bisect_right if bounds.has_high else bisect_left)(numbers, bounds.high)
                written[text] = sums[stop] - sums[start]
    return written


def list_datacenters(
    session: Session, scope: Scope, *, limits: AttentionLimits = DEFAULT_LIMITS
) -> list[str]:
    """Names of the datacenters of the machines in a scope, in alphabetical order. One statement."""
    return _names(session, scope, limits, vm.datacenter)


def list_clusters(session: Session, scope: Scope, *, limits: AttentionLimits = DEFAULT_LIMITS) -> list[str]:
    """Names of the clusters of the machines in a scope, in alphabetical order. One statement."""
    return _names(session, scope, limits, vm.cluster)


def list_power_states(
    session: Session, scope: Scope, *, limits: AttentionLimits = DEFAULT_LIMITS
) -> list[str]:
    """The power states of the machines in a scope, as RVTools writes them, in alphabetical order. One statement."""
    return _names(session, scope, limits, vm.power_state)


def _names(session: Session, scope: Scope, limits: AttentionLimits, column: ColumnElement[str]) -> list[str]:
    statement = select(column).distinct().where(*machines_in(scope, limits), column.is_not(None))
    return sorted(session.scalars(statement), key=lambda name: (name.casefold(), name))
