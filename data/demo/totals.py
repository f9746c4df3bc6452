"""Sums over the machines of a demo vCenter, per host, resource pool and datastore."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from data.demo.model import Datastore, Host, Machine, VCenter


@dataclass(slots=True)
class Load:
    """What machines need; all but `machines` count only those that run."""

    machines: int = 0
    running: int = 0
    cpus: int = 0
    memory_mib: int = 0
    consumed_mib: int = 0
    active_mib: int = 0
    swapped_mib: int = 0
    ballooned_mib: int = 0
    mhz: int = 0

    def add(self, machine: Machine) -> None:
        """Count one more machine."""
        self.machines += 1
        if machine.on:
            self.running += 1
            self.cpus += machine.cpus
            self.memory_mib += machine.memory_mib
            self.consumed_mib += machine.consumed_mib
            self.active_mib += machine.active_mib
            self.swapped_mib += machine.swapped_mib
            self.ballooned_mib += machine.ballooned_mib
            self.mhz += machine.cpu_mhz


@dataclass(slots=True)
class Space:
    """What machines take of a datastore."""

    machines: int = 0
    running: int = 0
    provisioned_mib: int = 0
    in_use_mib: int = 0


def load_by_host(machines: Iterable[Machine]) -> defaultdict[Host, Load]:
    """Load of each host that has machines, 0 for any other."""
    loads: defaultdict[Host, Load] = defaultdict(Load)
    for machine in machines:
        loads[machine.host].add(machine)
    return loads


def load_by_pool(machines: Iterable[Machine]) -> defaultdict[str, Load]:
    """Load of each resource pool by path; a root pool counts those below it too."""
    loads: defaultdict[str, Load] = defaultdict(Load)
    for machine in machines:
        root = machine.host.cluster.pool_root
        if not machine.template:
            loads[root].add(machine)
            if machine.pool:
                loads[root + machine.pool].add(machine)
    return loads


def space_by_datastore(vcenter: VCenter) -> dict[Datastore, Space]:
    """What lies on each datastore, machines counted once however many disks they have there."""
    spaces = {
        datastore: Space(provisioned_mib=datastore.other_mib, in_use_mib=datastore.other_mib)
        for datastore in vcenter.datastores
    }
    for machine in vcenter.machines:
        seen: set[Datastore] = set()
        for datastore, provisioned, in_use in machine.storage():
            space = spaces[datastore]
            space.provisioned_mib += provisioned
            space.in_use_mib += in_use
            if datastore not in seen:
                seen.add(datastore)
                space.machines += 1
                space.running += machine.on
    return spaces
