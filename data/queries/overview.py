"""Everything the Overview shows, from statements that read only indexes of the machines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.queries.checks import find_attention
from data.queries.groups import (
    count_clusters,
    count_datacenters,
    split_datacenters,
    top_clusters,
    top_operating_systems,
)
from data.queries.infrastructure import get_datastores, get_hosts
from data.queries.quality import get_data_quality
from data.queries.scoping import machines_in, vm
from data.queries.states import State, find_exports, find_states
from data.queries.tallies import (
    Tally,
    count_machines,
    count_power,
    find_tallies,
    known_sum,
    of_templates,
    sum_resources,
)
from data.results import AttentionLimits, Change, Infrastructure, Overview, TopShares
from data.scope import Scope
from data.vocabulary import AttentionRule, PowerState


def get_overview(session: Session, scope: Scope, *, limits: AttentionLimits) -> Overview:
    """The estate on one page, in nine statements at most, whatever its size."""
    states = find_states(session, scope)
    exports = find_exports(session, states)
    earlier = {state.before_id for state in states if state.before_id is not None}
    all_tallies = find_tallies(session, scope, limits, exports.states | earlier)
    with_templates = [tally for tally in all_tallies if tally.import_id in exports.states]
    now = of_templates(with_templates, scope.templates)
    by_id = {state.id: state for state in states}
    datacenters, other_datacenters = split_datacenters(now, by_id)
    quality = get_data_quality(session, scope, limits=limits)
    hosts = get_hosts(session, scope, exports)
    datastores = get_datastores(session, scope, exports, free_pct=limits.datastore_free_pct)
    things = {
        AttentionRule.HOST_MAINTENANCE: hosts.in_maintenance,
        AttentionRule.DATASTORE_SPACE: datastores.short_of_space,
    }
    return Overview(
        counts=count_power(with_templates, scope.templates, exports),
        totals=sum_resources(now),
        quality=quality,
        change=_change(states, of_templates(all_tallies, scope.templates)),
        infrastructure=Infrastructure(
            datacenters=count_datacenters(now, exports),
            clusters=count_clusters(now, exports),
            hosts=hosts.hosts,
            host_cores=hosts.cores,
            host_memory_mib=hosts.memory_mib,
            datastores=datastores.datastores,
            datastore_capacity_mib=datastores.capacity_mib,
            datastore_free_mib=datastores.free_mib,
        ),
        datacenters=datacenters,
        other_datacenters=other_datacenters,
        clusters=top_clusters(now, by_id),
        operating_systems=_operating_systems(session, scope, limits, exports.states),
        attention=find_attention(
            session, scope, limits, states=states, exports=exports, quality=quality, things=things
        ),
    )


def _operating_systems(
    session: Session, scope: Scope, limits: AttentionLimits, states: Collection[int]
) -> TopShares:
    statement = (
        select(vm.os_config, func.count())
        .where(*machines_in(scope, limits, states))
        .group_by(vm.import_id, vm.os_config)
    )
    numbers: Counter[str | None] = Counter()
    for name, number in session.execute(statement):
        numbers[name] += number
    return top_operating_systems(numbers)


def _change(states: Sequence[State], tallies: Iterable[Tally]) -> Change:
    """Over the vCenters with two states; each figure over those of them of which both states know it."""
    by_state: dict[int, list[Tally]] = defaultdict(list)
    for tally in tallies:
        by_state[tally.import_id].append(tally)
    compared = [(state.id, state.before_id) for state in states if state.before_id is not None]

    def compare(figure: Callable[[list[Tally]], float | None]) -> tuple[float, float]:
        pairs = [(figure(by_state[now]), figure(by_state[before])) for now, before in compared]
        known = [(now, before) for now, before in pairs if now is not None and before is not None]
        return sum(now for now, _ in known), sum(before for _, before in known)

    machines_now, machines_before = compare(count_machines)
    powered_on_now, powered_on_before = compare(_powered_on)
    vcpus_now, vcpus_before = compare(lambda group: _sum(tally.vcpus for tally in group))
    memory_mib_now, memory_mib_before = compare(lambda group: _sum(tally.memory_mib for tally in group))
    in_use_mib_now, in_use_mib_before = compare(lambda group: _sum(tally.in_use_mib for tally in group))
    times = [state.before_exported_at for state in states if state.before_exported_at is not None]
    return Change(
        machines_now=int(machines_now),
        machines_before=int(machines_before),
        oldest_before=min(times, default=None),
        left_out=tuple(sorted(state.vcenter for state in states if state.before_id is None)),
        powered_on_now=int(powered_on_now),
        powered_on_before=int(powered_on_before),
        vcpus_now=int(vcpus_now),
        vcpus_before=int(vcpus_before),
        memory_mib_now=memory_mib_now,
        memory_mib_before=memory_mib_before,
        in_use_mib_now=in_use_mib_now,
        in_use_mib_before=in_use_mib_before,
    )


def _powered_on(group: Collection[Tally]) -> int | None:
    if group and all(tally.power_state is None for tally in group):
        return None
    return count_machines(tally for tally in group if tally.power_state == PowerState.ON)


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum over those that know; 0 over none at all, None if none of some knows."""
    listed = list(values)
    return known_sum(listed) if listed else 0
