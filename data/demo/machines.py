"""Makes the machines of a demo vCenter and puts them on hosts, datastores and networks."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Final

from data.demo.catalogue import (
    ANNOTATIONS,
    BUSINESS_ROLES,
    ENVIRONMENTS,
    OTHER_3X,
    SHARED_ROLES,
    Environment,
    GuestOs,
    Role,
    Weighted,
)
from data.demo.model import (
    Application,
    Cluster,
    Datacenter,
    Datastore,
    Disk,
    Folder,
    Host,
    Machine,
    Nic,
    VCenter,
    earlier,
    make_uuid,
)
from data.units import MIB_PER_GIB, MIB_PER_TIB
from data.vocabulary import PowerState

_HARDWARE_VERSIONS: Final = Weighted(
    (21, 22.0), (20, 18.0), (19, 25.0), (17, 10.0), (15, 12.0), (14, 5.0), (13, 4.0), (11, 3.0), (8, 1.0)
)
_TOOLS: Final = Weighted(
    ("toolsOk", 80.5), ("toolsOld", 14.5), ("toolsNotRunning", 3.5), ("toolsNotInstalled", 1.5)
)
_NIC_COUNTS: Final = Weighted((1, 85.0), (2, 11.0), (3, 2.2), (4, 0.6), (6, 0.15), (8, 0.05), (0, 0.5))
_FIRST_DISK_GIB: Final = {"windows": (60, 80, 100, 120), "linux": (20, 32, 40, 60, 80)}
_NO_DNS_NAME: Final = 0.01
_NO_ADDRESS: Final = 0.004
_RAW_DISKS: Final = 0.05
_SHARED: Final = 0.147
_TEMPLATE_SYSTEMS: Final = tuple(
    dict.fromkeys(system for role in BUSINESS_ROLES.values[:3] for system in role.systems.values)
)


def make_machine(vcenter: VCenter, rng: Random, created_at: datetime | None) -> Machine:
    """A running machine of a random application, placed but not yet listed among the vCenter's machines."""
    application = vcenter.applications[int(len(vcenter.applications) * rng.random() ** 1.4)]
    environment = ENVIRONMENTS.pick(rng)
    role = SHARED_ROLES.pick(rng) if rng.random() < _SHARED else rng.choice(application.roles)
    datacenter = application.datacenter
    prefix = f"{datacenter.code}-{environment.code}-{role.code}"
    number = vcenter.last_numbers[prefix] = vcenter.last_numbers.get(prefix, 100) + 1
    cluster = cluster_for(datacenter, role.cluster or environment.cluster, rng)
    cpus = role.cpus.pick(rng)
    machine = _bare_machine(
        vcenter,
        rng,
        name=f"{prefix}-{number}",
        system=role.systems.pick(rng),
        environment=environment,
        application=application,
        role=role,
        folder=folder_at(vcenter, datacenter, _folder_path(application, environment), rng),
        cluster=cluster,
        cpus=cpus,
        memory_mib=memory_that_fits(int(cpus * role.gib_per_cpu.pick(rng) * MIB_PER_GIB), cluster),
        created_at=created_at,
    )
    _add_disks(machine, rng)
    _add_nics(vcenter, machine, rng)
    _add_guest(machine, rng)
    _add_attributes(vcenter, machine, rng)
    return machine


def make_template(vcenter: VCenter, rng: Random, created_at: datetime | None) -> Machine:
    """A template in the folder of templates of its datacenter."""
    machine = make_machine(vcenter, rng, created_at)
    datacenter = machine.host.cluster.datacenter
    system = rng.choice(_TEMPLATE_SYSTEMS)
    words = "".join(letter if letter.isalnum() else " " for letter in system.config.lower()).split()
    name = f"tpl-{datacenter.code}-{'-'.join(words[1:-2])}"
    count = vcenter.last_numbers[name] = vcenter.last_numbers.get(name, 0) + 1
    machine.name = machine.file_name = f"{name}-v{count}"
    machine.system = system
    machine.template, machine.application, machine.tagged = True, None, False
    machine.folder = folder_at(vcenter, datacenter, f"/{datacenter.name}/vm/Templates", rng)
    machine.cpus, machine.cores_per_socket, machine.memory_mib = 2, 1, 4 * MIB_PER_GIB
    machine.disks, machine.nics = machine.disks[:1], machine.nics[:1]
    machine.address, machine.last_backup_at, machine.pool = "", None, ""
    machine.dns_name = rng.choice(("", f"{machine.name}.corp.example.com"))
    for nic in machine.nics:
        nic.address = ""
    set_power(machine, PowerState.OFF, vcenter.at, rng)
    return machine


def make_cluster_agent(vcenter: VCenter, cluster: Cluster, rng: Random) -> Machine:
    """A machine that vSphere runs for itself in a cluster (vCLS)."""
    datacenter = cluster.datacenter
    machine = _bare_machine(
        vcenter,
        rng,
        name=f"vCLS-{make_uuid(rng, '')}",
        system=OTHER_3X,
        environment=ENVIRONMENTS.values[0],
        application=None,
        role=BUSINESS_ROLES.values[0],
        folder=folder_at(vcenter, datacenter, f"/{datacenter.name}/vm/vCLS", rng),
        cluster=cluster,
        cpus=1,
        memory_mib=128,
        created_at=earlier(rng, vcenter.at, 900),
    )
    machine.system_owned, machine.tagged, machine.hardware_version = True, False, 11
    machine.annotation = "vSphere Cluster Service VM is deployed from an OVA that is included in vCenter."
    machine.disks.append(Disk(1, 2048, 420, thin=True, datastore=machine.home, uuid=_disk_uuid(rng)))
    return machine


def _bare_machine(
    vcenter: VCenter,
    rng: Random,
    *,
    name: str,
    system: GuestOs,
    environment: Environment,
    application: Application | None,
    role: Role,
    folder: Folder,
    cluster: Cluster,
    cpus: int,
    memory_mib: int,
    created_at: datetime | None,
) -> Machine:
    host = least_loaded(cluster)
    host.load_mib += memory_mib
    machine = Machine(
        name=name,
        file_name=name,
        vm_id=vcenter.object_id("vm", rng),
        uuid=make_uuid(rng, "50"),
        smbios_uuid=make_uuid(rng, "42"),
        system=system,
        environment=environment,
        application=application,
        role=role,
        folder=folder,
        host=host,
        home=rng.choice(machine_datastores(cluster)),
        cpus=cpus,
        cores_per_socket=rng.choice((1, 1, 2)) if cpus % 2 == 0 else 1,
        memory_mib=memory_mib,
        hardware_version=_HARDWARE_VERSIONS.pick(rng),
        efi=rng.random() < 0.55,
        created_at=created_at,
        changed_at=earlier(rng, vcenter.at, 200),
        cpu_load=0.01 + 0.35 * rng.random() ** 3,
        memory_load=0.1 + 0.8 * rng.random(),
    )
    machine.changed_at = machine.since_made(machine.changed_at)
    machine.powered_on_at = machine.since_made(earlier(rng, vcenter.at, rng.choice((20, 90, 400))))
    return machine


def cluster_for(datacenter: Datacenter, purpose: str, rng: Random) -> Cluster:
    """A cluster of the purpose, larger ones more often; where there is none, one for production."""
    fitting = [cluster for cluster in datacenter.clusters if cluster.purpose == purpose]
    fitting = fitting or [cluster for cluster in datacenter.clusters if cluster.purpose == "prod"]
    return rng.choices(fitting, weights=[cluster.weight for cluster in fitting])[0]


def least_loaded(cluster: Cluster) -> Host:
    """The host that the next machine goes to."""
    return min(
        (host for host in cluster.hosts if not host.maintenance),
        key=lambda host: (host.load_mib, host.number),
    )


def memory_that_fits(memory_mib: int, cluster: Cluster) -> int:
    """The memory wanted, halved until a host of the cluster can hold it beside others."""
    while memory_mib > min(MIB_PER_TIB, cluster.host_memory_mib * 0.7):
        memory_mib //= 2
    return memory_mib


def machine_datastores(cluster: Cluster) -> list[Datastore]:
    """The datastores of a cluster on which machines lie."""
    return [datastore for datastore in cluster.datastores if datastore.for_machines]


def folder_at(vcenter: VCenter, datacenter: Datacenter, path: str, rng: Random) -> Folder:
    """The folder of that path, made when it is new."""
    if path not in datacenter.folders:
        datacenter.folders[path] = Folder(path, vcenter.object_id("group-v", rng).replace("v-", "v"))
    return datacenter.folders[path]


def _folder_path(application: Application, environment: Environment) -> str:
    parts = [application.datacenter.name, "vm", environment.folder]
    if application.depth == 5:
        parts.append(application.department)
    if application.depth >= 4:
        parts.append(application.name)
    return "/" + "/".join(parts)


def _add_disks(machine: Machine, rng: Random) -> None:
    role = machine.role
    sizes = [rng.choice(_FIRST_DISK_GIB[machine.system.family])]
    if role.data_gib:
        sizes += [rng.choice(role.data_gib) for _ in range(rng.randint(*role.data_disks))]
    spread = rng.random() < 0.12
    for number, gib in enumerate(sizes, start=1):
        capacity = gib * MIB_PER_GIB
        raw = role.code == "ora" and number > 1 and rng.random() < _RAW_DISKS
        machine.disks.append(
            Disk(
                number=number,
                capacity_mib=capacity,
                guest_mib=int(capacity * 0.95 * rng.betavariate(2.2, 2.4)),
                thin=not raw and rng.random() < 0.78,
                datastore=rng.choice(machine_datastores(machine.host.cluster)) if spread else machine.home,
                uuid=_disk_uuid(rng),
                raw_lun=f"naa.60060160{rng.getrandbits(96):024x}" if raw else "",
            )
        )


def _disk_uuid(rng: Random) -> str:
    return "6000C29" + make_uuid(rng, "0")[7:]


def _add_nics(vcenter: VCenter, machine: Machine, rng: Random) -> None:
    networks = machine.host.cluster.datacenter.networks
    own = [network for network in networks if network.environment == machine.environment.code]
    for number in range(_NIC_COUNTS.pick(rng)):
        network = rng.choice(networks if number else own or networks)
        adapter = "Vmxnet3" if rng.random() < 0.94 else "E1000E"
        machine.nics.append(Nic(network, adapter, vcenter.mac(), network.next_address()))


def _add_guest(machine: Machine, rng: Random) -> None:
    machine.tools = _TOOLS.pick(rng)
    unknown = machine.tools == "toolsNotInstalled"
    if not unknown and rng.random() >= _NO_DNS_NAME:
        machine.dns_name = f"{machine.file_name}.{machine.environment.domain}"
    if not unknown and machine.nics and rng.random() >= _NO_ADDRESS:
        machine.address = machine.nics[0].address
    else:
        for nic in machine.nics:
            nic.address = ""


def _add_attributes(vcenter: VCenter, machine: Machine, rng: Random) -> None:
    machine.tagged = rng.random() < 0.93
    machine.pool = rng.choice(machine.host.cluster.pools)
    if rng.random() < 0.3:
        machine.annotation = rng.choice(ANNOTATIONS)
    fate = rng.random()
    if fate >= 0.08:
        days = 250 if fate < 0.11 else 6.5 if fate < 0.2 else 1.1
        machine.last_backup_at = machine.since_made(earlier(rng, vcenter.at, days))


def set_power(machine: Machine, power: PowerState, at: datetime, rng: Random) -> None:
    """Switch the machine; the load of its host is the caller's to count."""
    machine.power = power
    machine.powered_on_at = earlier(rng, at, 12) if power is PowerState.ON else None
    machine.suspended_at = earlier(rng, at, 25) if power is PowerState.SUSPENDED else None
