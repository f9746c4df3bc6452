"""Machines by power state, and what they have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from data.models import imports
from data.queries.attention import has_column
from data.queries.matching import sum_of
from data.queries.scoping import DEFAULT_LIMITS, count_where, machines_in, passes, state_ids, vm
from data.queries.tallies import RESOURCES
from data.results import AttentionLimits, ResourceTotals, VmCounts
from data.scope import Scope
from data.vocabulary import PowerState, Templates


def count_machines(session: Session, scope: Scope, *, limits: AttentionLimits = DEFAULT_LIMITS) -> VmCounts:
    """The machines of a scope by power state, and its templates whatever it says of them. One statement."""
    everything = scope.with_(templates=Templates.INCLUDE)
    passing = passes(scope.templates)
    in_states = [count_where(and_(passing, vm.power_state == power)) for power in PowerState]
    columns: list[ColumnElement[Any]] = [
        count_where(passing),
        *in_states,
        count_where(vm.template.is_(True)),
        _any_has(scope, "power_state"),
        _any_has(scope, "template"),
    ]
    row = tuple(session.execute(select(*columns).where(*machines_in(everything, limits))).one())
    total, on, off, suspended, templates, knows_power, knows_template = row
    if not knows_power:
        on = off = suspended = None
    return VmCounts(total, on, off, suspended, templates if knows_template else None)


def total_resources(
    session: Session, scope: Scope, *, limits: AttentionLimits = DEFAULT_LIMITS
) -> ResourceTotals:
    """What the machines of a scope have and use. One statement."""
    statement = select(*(sum_of(column) for column in RESOURCES)).where(*machines_in(scope, limits))
    return ResourceTotals(*tuple(session.execute(statement).one()))


def _any_has(scope: Scope, field: str) -> ColumnElement[bool]:
    states = select(imports.c.id).where(imports.c.id.in_(state_ids(scope)), has_column(imports.c.id, field))
    return states.correlate(None).exists()
