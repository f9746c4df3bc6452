"""The largest groups of machines, and what tells equal names apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from data.queries.states import Exports, State
from data.queries.tallies import Tally, count_in_state, count_machines
from data.results import PowerSplit, Share, TopShares
from data.vocabulary import PowerState

TOP_DATACENTERS = 8
TOP_CLUSTERS = 8
TOP_OPERATING_SYSTEMS = 10


def split_datacenters(
    tallies: Iterable[Tally], states: Mapping[int, State]
) -> tuple[tuple[PowerSplit, ...], PowerSplit | None]:
    """The largest datacenters, then the machines without one; and the sum of all other datacenters.

    Args:
        tallies: Of one state per vCenter.
        states: Those states, by id.
    """
    groups: dict[tuple[str, int], list[Tally]] = defaultdict(list)
    blank = []
    for tally in tallies:
        if tally.datacenter is None:
            blank.append(tally)
        else:
            groups[tally.datacenter, tally.import_id].append(tally)
    ranked = sorted(groups, key=lambda key: (-count_machines(groups[key]), key[0], states[key[1]].vcenter))
    uses = Counter(name for name, _ in groups)
    rows = []
    for name, import_id in ranked[:TOP_DATACENTERS]:
        state = states[import_id]
        context = state.vcenter if uses[name] > 1 else None
        rows.append(_split(name, groups[name, import_id], state.vcenter_id, context))
    if blank:
        rows.append(_split(None, blank))
    rest = [tally for key in ranked[TOP_DATACENTERS:] for tally in groups[key]]
    return tuple(rows), _split(None, rest) if rest else None


def _split(
    name: str | None, group: Collection[Tally], vcenter_id: int | None = None, context: str | None = None
) -> PowerSplit:
    on, off, suspended = (count_in_state(group, power) for power in PowerState)
    unknown = count_machines(group) - on - off - suspended
    return PowerSplit(name, on, off, suspended, unknown, vcenter_id, context)


def top_clusters(tallies: Iterable[Tally], states: Mapping[int, State]) -> TopShares:
    """The largest clusters. Two of one name are told apart by datacenter, and if need be by vCenter."""
    groups: Counter[tuple[str, str | None, int]] = Counter()
    blank = 0
    for tally in tallies:
        if tally.cluster is None:
            blank += tally.machines
        else:
            groups[tally.cluster, tally.datacenter, tally.import_id] += tally.machines
    names = Counter(name for name, *_ in groups)
    places = Counter((name, datacenter) for name, datacenter, _ in groups)
    shares = []
    for (name, datacenter, import_id), number in groups.items():
        state = states[import_id]
        context = None
        if names[name] > 1:
            parts = [datacenter] if datacenter else []
            parts += [state.vcenter] if places[name, datacenter] > 1 or not datacenter else []
            context = ", ".join(parts)
        shares.append(Share(name, number, context, state.vcenter_id, datacenter))
    return _top(shares, blank, TOP_CLUSTERS)


def top_operating_systems(machines_by_os: Mapping[str | None, int]) -> TopShares:
    """The most frequent operating systems."""
    shares = [Share(name, number) for name, number in machines_by_os.items() if name is not None]
    return _top(shares, machines_by_os.get(None, 0), TOP_OPERATING_SYSTEMS)


def count_datacenters(tallies: Iterable[Tally], exports: Exports) -> int | None:
    """Distinct datacenters, told apart by vCenter; None if no export says."""
    names = {(tally.import_id, tally.datacenter) for tally in tallies if tally.datacenter is not None}
    return len(names) if exports.with_column("datacenter") else None


def count_clusters(tallies: Iterable[Tally], exports: Exports) -> int | None:
    """Distinct clusters, told apart by vCenter and datacenter; None if no export says."""
    names = {
        (tally.import_id, tally.datacenter, tally.cluster) for tally in tallies if tally.cluster is not None
    }
    return len(names) if exports.with_column("cluster") else None


def _top(shares: list[Share], blank: int, number: int) -> TopShares:
    shares.sort(key=lambda share: (-share.machines, share.name or "", share.context or ""))
    return TopShares(
        top=(*shares[:number], *([Share(None, blank)] if blank else [])),
        other=sum(share.machines for share in shares[number:]),
        groups=len(shares),
    )
