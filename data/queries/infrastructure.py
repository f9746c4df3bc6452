"""Hosts and datastores. Of the filters of a scope only those of place hold for them; templates never matter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, distinct, func, select
from sqlalchemy.orm import Session

from data.models import datastores, disks, hosts, virtual_machines
from data.queries.matching import sum_of
from data.queries.scoping import count_where, placed, vm
from data.queries.states import Exports
from data.queries.tallies import known_sum
from data.scope import Scope


@dataclass(frozen=True, slots=True)
class Hosts:
    """None where no export says."""

    hosts: int | None
    cores: int | None
    memory_mib: float | None
    in_maintenance: int


def get_hosts(session: Session, scope: Scope, exports: Exports) -> Hosts:
    """The rows of vHost; where an export lacks that tab, the distinct hosts of its machines. Two statements."""
    listed = exports.with_tab("vHost")
    named = exports.with_column("host") - listed
    cores, memory_mib = sum_of(hosts.c.cores), sum_of(hosts.c.memory_mib)
    in_maintenance = count_where(hosts.c.in_maintenance_mode.is_(True))
    place = placed(scope, hosts.c.datacenter, hosts.c.cluster, hosts.c.name, hosts.c.vcenter_id)
    row = session.execute(
        select(func.count(), cores, memory_mib, in_maintenance).where(hosts.c.import_id.in_(listed), *place)
    ).one()
    number = known_sum([row[0] if listed else None, _count_named_hosts(session, scope, named)])
    return Hosts(None if number is None else int(number), row[1], row[2], row[3])


def _count_named_hosts(session: Session, scope: Scope, states: Collection[int]) -> int | None:
    if not states:
        return None
    of_state = (
        select(func.count(distinct(vm.host)))
        .where(vm.import_id.in_(states), *_placed_machines(scope))
        .group_by(vm.import_id)
    )
    return sum(session.scalars(of_state))


@dataclass(frozen=True, slots=True)
class Datastores:
    """None where no export says."""

    datastores: int | None
    capacity_mib: float | None
    free_mib: float | None
    short_of_space: int


def get_datastores(session: Session, scope: Scope, exports: Exports, *, free_pct: float) -> Datastores:
    """The rows of vDatastore; with a filter of place those that hold a disk there. One statement.

    Args:
        session: To ask.
        scope: The part of the estate.
        exports: Of its states.
        free_pct: A datastore with less free space is short of it.
    """
    listed = exports.with_tab("vDatastore")
    store = datastores.c
    rows = select(
        func.count(),
        sum_of(store.capacity_mib),
        sum_of(store.free_mib),
        count_where(store.free_pct < free_pct),
    ).where(store.import_id.in_(listed))
    place = _placed_machines(scope)
    if place:
        used = (
            select(disks.c.import_id, disks.c.datastore)
            .distinct()
            .join_from(disks, virtual_machines, vm.id == disks.c.virtual_machine_id)
            .where(disks.c.import_id.in_(listed), *place)
            .subquery()
        )
        is_used = and_(used.c.import_id == store.import_id, used.c.datastore == store.name)
        rows = rows.join_from(datastores, used, is_used)
    row = session.execute(rows).one()
    return Datastores(row[0] if listed else None, row[1], row[2], row[3])


def _placed_machines(scope: Scope) -> list[ColumnElement[bool]]:
    return placed(scope, vm.datacenter, vm.cluster, vm.host, vm.vcenter_id)
