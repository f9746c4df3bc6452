"""What there is to choose from."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from data.queries.scoping import DEFAULT_LIMITS, machines_in, vm
from data.results import AttentionLimits
from data.scope import Scope


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
