"""Everything the Overview shows, from statements that read only indexes of the machines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.queries.change import get_change
from data.queries.checks import COUNTED, list_attention
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
from data.queries.states import Exports, State, find_exports, find_states
from data.queries.tallies import Tally, count_power, find_tallies, of_templates, sum_resources
from data.results import AttentionLimits, Infrastructure, Overview, TopShares, Unsaid
from data.scope import Scope
from data.vocabulary import AttentionRule


def get_overview(session: Session, scope: Scope, *, limits: AttentionLimits) -> Overview:
    """The estate on one page, in ten statements at most, whatever its size."""
    states = find_states(session, scope)
    by_id = {state.id: state for state in states}
    ids = list(by_id)
    earlier = [state.before_id for state in states if state.before_id is not None]
    all_exports = find_exports(session, ids + earlier)
    exports = all_exports.of(ids)
    with_templates = find_tallies(session, scope, limits, ids, COUNTED)
    tallies = of_templates(with_templates, scope.templates)
    change = get_change(session, scope, limits, states=states, tallies=tallies, exports=all_exports)
    quality = get_data_quality(session, scope, limits=limits)
    hosts = get_hosts(session, scope, exports)
    datastores = get_datastores(session, scope, exports, free_pct=limits.datastore_free_pct)
    things = {
        AttentionRule.HOST_MAINTENANCE: hosts.in_maintenance,
        AttentionRule.DATASTORE_SPACE: datastores.short_of_space,
    }
    datacenters, other_datacenters = split_datacenters(tallies, by_id)
    return Overview(
        counts=count_power(with_templates, scope.templates, exports),
        totals=sum_resources(tallies),
        quality=quality,
        change=change,
        infrastructure=Infrastructure(
            datacenters=count_datacenters(tallies, exports),
            clusters=count_clusters(tallies, exports),
            hosts=hosts.hosts,
            host_cores=hosts.cores,
            host_memory_mib=hosts.memory_mib,
            datastores=datastores.datastores,
            datastore_capacity_mib=datastores.capacity_mib,
            datastore_free_mib=datastores.free_mib,
        ),
        datacenters=datacenters,
        other_datacenters=other_datacenters,
        clusters=top_clusters(tallies, by_id),
        operating_systems=_operating_systems(session, scope, limits, ids),
        attention=list_attention(
            tallies, limits, states=states, exports=exports, quality=quality, things=things
        ),
        unsaid=_unsaid(tallies, by_id, exports),
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


def _unsaid(tallies: Iterable[Tally], states: Mapping[int, State], exports: Exports) -> tuple[Unsaid, ...]:
    """What the exports of some vCenters with machines in the scope do not say, and those of others do."""
    groups: dict[int, list[Tally]] = defaultdict(list)
    for tally in tallies:
        groups[tally.import_id].append(tally)
    totals = {state: sum_resources(group) for state, group in groups.items()}
    known = {
        "power_state": exports.with_column("power_state"),
        **{
            name: {state for state, sums in totals.items() if getattr(sums, name) is not None}
            for name in ("vcpus", "memory_mib", "in_use_mib")
        },
        "hosts": exports.with_tab("vHost"),
        "datastores": exports.with_tab("vDatastore"),
    }
    found = []
    for state in groups:
        figures = tuple(
            name for name, knowing in known.items() if state not in knowing and knowing & groups.keys()
        )
        if figures:
            found.append(Unsaid(states[state].vcenter, figures))
    return tuple(sorted(found, key=lambda unsaid: unsaid.vcenter.casefold()))
