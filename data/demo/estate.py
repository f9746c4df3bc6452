"""Builds the first state of a demo vCenter: its machines, their states and the oddities of real estates."""

from __future__ import annotations

from datetime import datetime
from random import Random

from data.demo.catalogue import FORMULA_NAMES, LONG_ANNOTATIONS, ODD_NAMES
from data.demo.machines import make_cluster_agent, make_machine, make_template, set_power
from data.demo.model import Machine, VCenter, earlier, ordinary_machines, portion
from data.demo.sites import build_sites
from data.demo.upkeep import renew_snapshots, settle_hosts, settle_storage
from data.vocabulary import PowerState

_TEMPLATES = 0.02
_FEWEST_WITH_ODDITIES = 40


def build_vcenter(index: int, machines: int, at: datetime, rng: Random) -> VCenter:
    """The first state of a vCenter, with exactly so many machines, templates included."""
    vcenter = build_sites(index, machines, at, rng)
    for cluster in vcenter.clusters:
        agents = (cluster.weight >= 40) + (cluster.weight >= 100)
        vcenter.machines += [make_cluster_agent(vcenter, cluster, rng) for _ in range(agents)]
    templates = round(machines * _TEMPLATES) if machines >= 20 else 0
    vcenter.machines += [make_template(vcenter, rng, _creation_date(vcenter, rng)) for _ in range(templates)]
    while len(vcenter.machines) < machines:
        vcenter.machines.append(make_machine(vcenter, rng, _creation_date(vcenter, rng)))
    _set_states(vcenter, rng)
    _add_oddities(vcenter, rng)
    if machines >= _FEWEST_WITH_ODDITIES:
        vcenter.strays = [make_machine(vcenter, rng, None) for _ in range(1 + machines // 1500)]
    renew_snapshots(vcenter, rng, days=(3, 14, 60, 400))
    settle_hosts(vcenter, rng)
    settle_storage(vcenter, rng)
    return vcenter


def _creation_date(vcenter: VCenter, rng: Random) -> datetime | None:
    """When a machine of the first state was made; unknown for a quarter of them."""
    return None if rng.random() < 0.25 else earlier(rng, vcenter.at, 2900 * rng.random() ** 1.5)


def _set_states(vcenter: VCenter, rng: Random) -> None:
    machines = ordinary_machines(vcenter)
    for machine in portion(rng, machines, 0.1, one_from=5):
        set_power(machine, PowerState.OFF, vcenter.at, rng)
        machine.retired = rng.random() < 0.45
        if machine.retired and machine.last_backup_at:
            machine.last_backup_at = machine.since_made(earlier(rng, vcenter.at, 300))
    running = [machine for machine in machines if machine.on]
    for machine in portion(rng, running, 0.0033):
        set_power(machine, PowerState.SUSPENDED, vcenter.at, rng)
    for machine in portion(rng, machines, 0.0007, one_from=300):
        machine.reachable = False
        set_power(machine, PowerState.OFF, vcenter.at, rng)
    _set_details(machines, rng)


def _set_details(machines: list[Machine], rng: Random) -> None:
    for machine in portion(rng, machines, 0.005):
        machine.consolidation = True
    for machine in portion(rng, machines, 0.02):
        machine.cd_connected = True
    for machine in portion(rng, machines, 0.002):
        machine.usb = True
    for machine in portion(rng, machines, 0.03):
        machine.rule = f"separate-{machine.role.code}-{rng.randint(1, 40):02d}"
    for machine in portion(rng, machines, 0.006):
        machine.vapp = f"vApp-{machine.role.code}"
    for machine in portion(rng, machines, 0.02):
        machine.annotation = rng.choice(LONG_ANNOTATIONS)


def _add_oddities(vcenter: VCenter, rng: Random) -> None:
    """What real estates hold and tidy ones do not: odd and repeated names, a shared SMBIOS UUID."""
    machines = portion(rng, ordinary_machines(vcenter), 1.0)
    count = len(machines)
    if count < _FEWEST_WITH_ODDITIES:
        return
    queue = iter(machines)
    for names, every in ((ODD_NAMES, 400), (FORMULA_NAMES, 600)):
        for number in range(1 + count // every):
            lap, which = divmod(number, len(names))
            _name(next(queue), names[which] + (f" {lap + 1}" if lap else ""))
    for _ in range(1 + count // 500):
        _name(next(queue), str(rng.randint(10_000, 99_999_999)))
    for _ in range(1 + count // 300):
        first = next(queue)
        for _ in range(rng.randint(1, 3)):
            next(queue).smbios_uuid = first.smbios_uuid
    for _ in range(1 + count // 500):
        first = next(queue)
        here = first.host.cluster.datacenter
        elsewhere = (machine for machine in queue if machine.host.cluster.datacenter is not here)
        if len(vcenter.datacenters) > 1:
            _name(next(elsewhere), first.name)


def _name(machine: Machine, name: str) -> None:
    machine.name = machine.file_name = name
