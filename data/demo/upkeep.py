"""What administrators and vSphere do to a demo vCenter all the time: snapshots, maintenance, more room."""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random

from data.demo.catalogue import SNAPSHOT_NAMES
from data.demo.machines import least_loaded
from data.demo.model import (
    Cluster,
    Datastore,
    Host,
    Machine,
    Snapshot,
    VCenter,
    earlier,
    ordinary_machines,
    portion,
)
from data.demo.sites import add_host
from data.units import MIB_PER_GIB, MIB_PER_TIB

_SNAPSHOTS = 0.08
_MAINTENANCE = 0.02
_FULLEST = 0.8
_CROWDED = 0.95
_TIGHT_DATASTORES = 0.04


def renew_snapshots(vcenter: VCenter, rng: Random, *, days: tuple[int, ...]) -> None:
    """Drop most snapshots and take new ones, so that 8 % of the machines have some.

    `days` are upper limits for the ages of the new ones, the likeliest first.
    """
    machines = ordinary_machines(vcenter)
    for machine in machines:
        if machine.snapshots and rng.random() < 0.6:
            machine.snapshots.clear()
    without = [machine for machine in machines if not machine.snapshots]
    wanted = max(len(machines) >= 10, round(len(vcenter.machines) * _SNAPSHOTS))
    for machine in rng.sample(without, max(0, wanted - (len(machines) - len(without)))):
        for _ in range(rng.choices((1, 2, 3), weights=(80, 14, 6))[0]):
            machine.snapshots.append(_snapshot(vcenter, machine, days, rng))
        machine.snapshots.sort(key=lambda snapshot: snapshot.taken_at)


def _snapshot(vcenter: VCenter, machine: Machine, days: tuple[int, ...], rng: Random) -> Snapshot:
    limit = rng.choices(days, weights=range(2 * len(days), 0, -2))[0]
    name = rng.choice(SNAPSHOT_NAMES)
    size = 0.02 + machine.disks[0].capacity_mib * 0.4 * rng.random() ** 4
    return Snapshot(
        name=name,
        description="Created by the backup" if name.startswith("VEEAM") else "",
        taken_at=machine.since_made(earlier(rng, vcenter.at, limit)),
        size_mib=round(size, 2),
        quiesced=rng.random() < 0.3,
    )


def settle_hosts(vcenter: VCenter, rng: Random) -> None:
    """Count the load of the hosts, level it, put a few hosts into maintenance.

    Clusters that are too full get more hosts, those in which large machines still crowd a host more memory.
    """
    placed: defaultdict[Host, list[Machine]] = defaultdict(list)
    for host in vcenter.hosts:
        host.load_mib, host.maintenance = 0, False
    for machine in vcenter.machines:
        placed[machine.host].append(machine)
        machine.host.load_mib += machine.memory_mib if machine.on else 0
    for cluster in vcenter.clusters:
        _make_room(vcenter, cluster, rng)
        for host in cluster.hosts:
            _level(host, placed)
    candidates = [host for host in vcenter.hosts if len(host.cluster.hosts) >= 3]
    for host in portion(rng, candidates, _MAINTENANCE, one_from=6):
        if not any(other.maintenance for other in host.cluster.hosts):
            _evacuate(host, placed[host], rng)
    for cluster in vcenter.clusters:
        while max(host.load_mib for host in cluster.hosts) > _CROWDED * cluster.host_memory_mib:
            cluster.host_memory_mib *= 2


def _make_room(vcenter: VCenter, cluster: Cluster, rng: Random) -> None:
    """Add hosts, or memory where a host stands alone, until the machines fit without one of the hosts."""
    load = sum(host.load_mib for host in cluster.hosts)
    while load > _FULLEST * cluster.host_memory_mib * max(1, len(cluster.hosts) - 1):
        if cluster.name:
            add_host(vcenter, cluster, rng)
        else:
            cluster.host_memory_mib *= 2


def _level(host: Host, placed: defaultdict[Host, list[Machine]]) -> None:
    """Move machines away until the host is no fuller than others may be."""
    for machine in [machine for machine in placed[host] if machine.on]:
        if host.load_mib <= _FULLEST * host.cluster.host_memory_mib:
            break
        host.load_mib -= machine.memory_mib
        placed[host].remove(machine)
        machine.host = least_loaded(host.cluster)
        machine.host.load_mib += machine.memory_mib
        placed[machine.host].append(machine)


def _evacuate(host: Host, machines: list[Machine], rng: Random) -> None:
    """Into maintenance mode: no machine runs there any more, a few that are off stay registered."""
    host.maintenance = True
    staying = rng.randint(1, 3)
    for machine in machines:
        if machine.on or staying == 0:
            machine.host = least_loaded(host.cluster)
            machine.host.load_mib += machine.memory_mib if machine.on else 0
        else:
            staying -= 1
    host.load_mib = 0


def settle_storage(vcenter: VCenter, rng: Random) -> None:
    """Give new datastores their size and extend those that run full, but for a few that stay tight."""
    used: Counter[Datastore] = Counter()
    for machine in vcenter.machines:
        for datastore, _, in_use in machine.storage():
            used[datastore] += in_use
    new = [store for store in vcenter.datastores if store.for_machines and not store.capacity_mib]
    for datastore in portion(rng, [store for store in new if used[store]], _TIGHT_DATASTORES, one_from=4):
        datastore.roomy = False
    for datastore in new:
        if datastore.roomy:
            wanted = used[datastore] / rng.uniform(0.42, 0.82)
            datastore.capacity_mib = _rounded_up(max(wanted, MIB_PER_TIB), MIB_PER_TIB // 2)
        else:
            datastore.capacity_mib = _rounded_up(used[datastore] / rng.uniform(0.92, 0.965), MIB_PER_GIB)
    for datastore in vcenter.datastores:
        fullest = 0.88 if datastore.roomy else 0.98
        if datastore.for_machines and used[datastore] > fullest * datastore.capacity_mib:
            step = MIB_PER_TIB if datastore.roomy else 64 * MIB_PER_GIB
            wanted = used[datastore] / (0.75 if datastore.roomy else 0.94)
            datastore.capacity_mib = _rounded_up(wanted, step)


def _rounded_up(value: float, step: int) -> int:
    return -(-int(value) // step) * step
