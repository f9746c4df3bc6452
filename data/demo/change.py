"""A month in the life of a demo vCenter."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from data.demo.catalogue import ESX_VERSIONS
from data.demo.machines import (
    cluster_for,
    least_loaded,
    machine_datastores,
    make_machine,
    memory_that_fits,
    set_power,
)
from data.demo.model import Host, Machine, VCenter, earlier, ordinary_machines, portion
from data.demo.upkeep import renew_snapshots, settle_hosts, settle_storage
from data.vocabulary import PowerState

_GONE = 0.012
_RENAMED = 0.004
_RESIZED = 0.02
_EXTENDED = 0.015
_SWITCHED = 0.012
_BALANCED = 0.04
_RELOCATED = 0.004


def advance(vcenter: VCenter, at: datetime, machines: int, rng: Random) -> None:
    """Bring the vCenter forward to `at`, when it holds exactly so many machines."""
    before, vcenter.at = vcenter.at, at
    _retire_and_create(vcenter, machines, (at - before) / timedelta(days=1), rng)
    _switch(vcenter, rng)
    _resize(vcenter, rng)
    _rename(vcenter, rng)
    _move(vcenter, rng)
    _drift(vcenter, before, rng)
    renew_snapshots(vcenter, rng, days=(3, 10, 28))
    settle_hosts(vcenter, rng)
    settle_storage(vcenter, rng)


def _retire_and_create(vcenter: VCenter, wanted: int, days: float, rng: Random) -> None:
    machines = ordinary_machines(vcenter)
    surplus = max(0, len(vcenter.machines) - wanted)
    leaving = portion(rng, machines, max(_GONE, surplus / max(1, len(machines))), one_from=5)
    gone = {machine.vm_id for machine in leaving}
    vcenter.machines = [machine for machine in vcenter.machines if machine.vm_id not in gone]
    while len(vcenter.machines) < wanted:
        vcenter.machines.append(make_machine(vcenter, rng, earlier(rng, vcenter.at, days)))


def _switch(vcenter: VCenter, rng: Random) -> None:
    """Power changes; machines retired long ago stay off."""
    machines = [machine for machine in ordinary_machines(vcenter) if machine.reachable]
    running = [machine for machine in machines if machine.on]
    idle = [machine for machine in machines if not machine.on and not machine.retired]
    for machine in portion(rng, running, _SWITCHED, one_from=10):
        machine.host.load_mib -= machine.memory_mib
        set_power(machine, PowerState.OFF, vcenter.at, rng)
        machine.retired = rng.random() < 0.3
    for machine in portion(rng, idle, min(1.0, _SWITCHED * len(running) / max(1, len(idle))), one_from=1):
        machine.host = least_loaded(machine.host.cluster)
        machine.host.load_mib += machine.memory_mib
        set_power(machine, PowerState.ON, vcenter.at, rng)


def _resize(vcenter: VCenter, rng: Random) -> None:
    machines = ordinary_machines(vcenter)
    for machine in portion(rng, machines, _RESIZED, one_from=5):
        grow = machine.cpus == 1 or (machine.cpus < 48 and rng.random() < 0.65)
        machine.cpus = machine.cpus * 2 if grow else machine.cpus // 2
        machine.cores_per_socket = 1
        memory = machine.memory_mib * 2 if grow else max(512, machine.memory_mib // 2)
        memory = memory_that_fits(memory, machine.host.cluster)
        if machine.on:
            machine.host.load_mib += memory - machine.memory_mib
        machine.memory_mib = memory
        machine.changed_at = earlier(rng, vcenter.at, 25)
    for machine in portion(rng, machines, _EXTENDED, one_from=20):
        disk = rng.choice(machine.disks)
        if not disk.raw_lun:
            disk.capacity_mib = disk.capacity_mib * 3 // 2
            machine.changed_at = earlier(rng, vcenter.at, 25)


def _rename(vcenter: VCenter, rng: Random) -> None:
    for machine in portion(rng, ordinary_machines(vcenter), _RENAMED, one_from=10):
        machine.name = f"{machine.name}-{rng.choice(('old', 'new', 'v2', 'retired', 'bak'))}"


def _move(vcenter: VCenter, rng: Random) -> None:
    """Moves between hosts, and for fewer machines between clusters with all their disks."""
    running = [machine for machine in ordinary_machines(vcenter) if machine.on]
    for machine in portion(rng, running, _BALANCED, one_from=10):
        _put_on(machine, least_loaded(machine.host.cluster))
    for machine in portion(rng, running, _RELOCATED, one_from=20):
        here = machine.host.cluster
        others = {"prod": "test", "test": "prod"}.get(here.purpose, here.purpose)
        there = cluster_for(here.datacenter, others, rng)
        if (
            there is not here
            and there.name
            and machine.memory_mib == memory_that_fits(machine.memory_mib, there)
        ):
            _put_on(machine, least_loaded(there))
            machine.pool = rng.choice(there.pools)
            machine.home = rng.choice(machine_datastores(there))
            for disk in machine.disks:
                disk.datastore = machine.home


def _put_on(machine: Machine, host: Host) -> None:
    machine.host.load_mib -= machine.memory_mib
    machine.host = host
    host.load_mib += machine.memory_mib


def _drift(vcenter: VCenter, before: datetime, rng: Random) -> None:
    """Loads and file systems grow and shrink a little, backups run, hosts are patched."""
    for machine in vcenter.machines:
        machine.cpu_load = min(0.9, max(0.005, machine.cpu_load * rng.uniform(0.85, 1.17)))
        machine.memory_load = min(0.99, max(0.05, machine.memory_load + rng.uniform(-0.05, 0.052)))
        for disk in machine.disks:
            disk.guest_mib = min(
                disk.capacity_mib * 97 // 100, int(disk.guest_mib * rng.uniform(0.99, 1.025))
            )
        recent = machine.last_backup_at and before - machine.last_backup_at < timedelta(days=8)
        if recent and (machine.on or rng.random() < 0.5):
            machine.last_backup_at = earlier(rng, vcenter.at, 1.1 if rng.random() < 0.92 else 6.5)
        machine.consolidation = machine.consolidation and rng.random() < 0.3
    for machine in portion(rng, ordinary_machines(vcenter), 0.0035):
        machine.consolidation = True
    for cluster in vcenter.clusters:
        if cluster.esx_version < len(ESX_VERSIONS) - 1 and rng.random() < 0.08:
            cluster.esx_version += 1
            for host in cluster.hosts:
                host.booted_at = earlier(rng, vcenter.at, 25)
