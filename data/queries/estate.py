"""The estate as a whole: what the frame of every page and the command line say of it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Select, Table, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from data.models import disks, partitions, virtual_machines, vm_snapshots
from data.queries.attention import has_column
from data.queries.groups import count_clusters, count_datacenters
from data.queries.infrastructure import get_datastores, get_hosts
from data.queries.matching import sum_of
from data.queries.scoping import DEFAULT_LIMITS, passes, vm
from data.queries.states import Exports, find_exports, find_states
from data.queries.tallies import count_power, find_tallies, of_templates, sum_resources
from data.results import EstateStats, EstateStatus, VCenterState
from data.scope import Scope
from data.vocabulary import PowerState, Templates

_CHILDREN = {"vDisk": disks, "vPartition": partitions, "vSnapshot": vm_snapshots}


def get_estate_status(session: Session, scope: Scope) -> EstateStatus:
    """The newest states, or those as of the scope's day, under its template switch alone. Two statements."""
    states = find_states(session, scope)
    rows = session.execute(
        select(vm.import_id, vm.power_state, func.count(), has_column(vm.import_id, "power_state"))
        .where(vm.import_id.in_([state.id for state in states]), passes(scope.templates))
        .group_by(vm.import_id, vm.datacenter, vm.cluster, vm.power_state)
    )
    machines: Counter[int] = Counter()
    powers: Counter[str | None] = Counter()
    knows_power = False
    for import_id, power, number, has_power in rows:
        machines[import_id] += number
        powers[power] += number
        knows_power |= has_power
    return EstateStatus(
        vcenters=tuple(
            VCenterState(
                state.vcenter_id,
                state.vcenter,
                state.is_demo,
                state.exported_at,
                state.exported_at_source,
                state.imported_at,
                machines[state.id],
            )
            for state in states
        ),
        machines=machines.total(),
        powered_on=powers[PowerState.ON] if knows_power or not machines else None,
        has_demo=any(state.is_demo for state in states),
    )


def get_stats(session: Session, *, include_templates: bool = False) -> EstateStats:
    """The figures of the newest states of all visible vCenters. Eight statements at most.

    Args:
        session: To ask.
        include_templates: Count templates as machines, too. Figures of hosts and datastores do not change.
    """
    scope = Scope(templates=Templates.INCLUDE if include_templates else Templates.EXCLUDE)
    states = find_states(session, scope)
    exports = find_exports(session, [state.id for state in states])
    with_templates = find_tallies(session, scope, DEFAULT_LIMITS, exports.states)
    tallies = of_templates(with_templates, scope.templates)
    counts = count_power(with_templates, scope.templates, exports)
    totals = sum_resources(tallies)
    hosts = get_hosts(session, scope, exports)
    datastores = get_datastores(session, scope, exports, free_pct=0)
    children = _count_children(session, exports, scope.templates)
    return EstateStats(
        vms=counts.total,
        powered_on=counts.powered_on,
        powered_off=counts.powered_off,
        suspended=counts.suspended,
        templates=counts.templates,
        vcpus=totals.vcpus,
        memory_mib=totals.memory_mib,
        provisioned_mib=totals.provisioned_mib,
        in_use_mib=totals.in_use_mib,
        datacenters=count_datacenters(tallies, exports),
        clusters=count_clusters(tallies, exports),
        hosts=hosts.hosts,
        host_cores=hosts.cores,
        host_memory_mib=hosts.memory_mib,
        datastores=datastores.datastores,
        datastore_capacity_mib=datastores.capacity_mib,
        disks=children["vDisk"][0],
        disk_capacity_mib=children["vDisk"][1],
        partitions=children["vPartition"][0],
        vm_snapshots=children["vSnapshot"][0],
        vcenters=len(states),
        imports=sum(state.states for state in states),
    )


def _count_children(
    session: Session, exports: Exports, templates: Templates
) -> dict[str, tuple[int | None, float | None]]:
    """Tab -> the number of its rows, those of no known machine included, and their capacity. One statement."""
    statements = [_children(tab, table, exports, templates) for tab, table in _CHILDREN.items()]
    found = {row[0]: (row[1], row[2]) for row in session.execute(union_all(*statements))}
    return {tab: found[tab] if exports.with_tab(tab) else (None, None) for tab in _CHILDREN}


def _children(
    tab: str, table: Table, exports: Exports, templates: Templates
) -> Select[str, int, float | None]:
    capacity = sum_of(table.c.capacity_mib) if "capacity_mib" in table.c else null()
    statement = (
        select(literal(tab), func.count(), capacity)
        .select_from(table.outerjoin(virtual_machines, table.c.virtual_machine_id == vm.id))
        .where(table.c.import_id.in_(exports.with_tab(tab)))
    )
    if templates is Templates.EXCLUDE:
        statement = statement.where(func.coalesce(vm.template, table.c.template).is_not(True))
    return statement
