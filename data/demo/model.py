"""The objects of a demo estate at one moment. Plain and mutable: a month changes them in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from data.demo.catalogue import Environment, GuestOs, Hardware, Role
from data.units import MIB_PER_GIB
from data.vocabulary import PowerState

T = TypeVar("T")

OVERHEAD_MIB = 64
"""Configuration, log and non-volatile memory files of every machine."""

USABLE_MEMORY = 0.998
"""What ESXi shows of the memory built in."""


@dataclass(slots=True, eq=False)
class Datacenter:
    """A datacenter; `code` starts the names of what stands in it, `octet` is second in its addresses."""

    name: str
    code: str
    octet: int
    networks: list[Network] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)

    @property
    def switch(self) -> str:
        """Name of its distributed switch."""
        return f"DSwitch-{self.code.upper()}"

    @property
    def hosts(self) -> Iterator[Host]:
        """All hosts, cluster by cluster."""
        return (host for cluster in self.clusters for host in cluster.hosts)


@dataclass(slots=True, eq=False)
class Folder:
    """An inventory folder; `path` begins with the datacenter."""

    path: str
    object_id: str


@dataclass(slots=True, eq=False)
class Network:
    """A port group with a /22 of addresses; `handed_out` counts them."""

    name: str
    vlan: int
    prefix: tuple[int, int, int]
    environment: str
    object_id: str
    handed_out: int = 0

    def next_address(self) -> str:
        """The next address, from the start again when all were handed out."""
        self.handed_out += 1
        high, low = divmod(10 + self.handed_out % 1000, 256)
        return f"{self.prefix[0]}.{self.prefix[1]}.{self.prefix[2] + high}.{low}"


@dataclass(slots=True, eq=False)
class Cluster:
    """Hosts that share datastores. A cluster without a name is a host that stands alone."""

    name: str
    datacenter: Datacenter
    purpose: str
    weight: float
    object_id: str
    storage: str
    hardware: Hardware
    host_memory_mib: int = 0
    esx_version: int = 2
    hosts: list[Host] = field(default_factory=list)
    datastores: list[Datastore] = field(default_factory=list)
    pools: tuple[str, ...] = ("",)

    @property
    def pool_root(self) -> str:
        """Path of its hidden root resource pool."""
        parent = self.name or self.hosts[0].name
        return f"/{self.datacenter.name}/{parent}/Resources"


@dataclass(slots=True, eq=False)
class Host:
    """An ESXi host; `load_mib` is the memory of the running machines placed on it."""

    name: str
    object_id: str
    cluster: Cluster
    number: int
    uuid: str
    serial: str
    booted_at: datetime
    address: str
    maintenance: bool = False
    load_mib: int = 0


@dataclass(slots=True, eq=False)
class Datastore:
    """A datastore; `other_mib` is what lies on it beside machines; one not `roomy` runs nearly full."""

    name: str
    object_id: str
    kind: str
    address: str
    url: str
    hosts: list[Host]
    datacenter: Datacenter
    capacity_mib: int = 0
    other_mib: int = 0
    pod: str = ""
    for_machines: bool = True
    roomy: bool = True


@dataclass(slots=True, eq=False)
class Disk:
    """A virtual disk; `guest_mib` is what the guest's file systems hold on it."""

    number: int
    capacity_mib: int
    guest_mib: int
    thin: bool
    datastore: Datastore
    uuid: str
    raw_lun: str = ""

    @property
    def key(self) -> int:
        """The device key of vSphere."""
        return 1999 + self.number

    @property
    def used_mib(self) -> int:
        """What the disk takes on its datastore: a thin one grows with the guest and never shrinks."""
        if not self.thin:
            return self.capacity_mib
        return min(self.capacity_mib, self.guest_mib * 27 // 25 + 64)


@dataclass(slots=True, eq=False)
class Nic:
    """A network adapter."""

    network: Network
    adapter: str
    mac: str
    address: str


@dataclass(slots=True, eq=False)
class Snapshot:
    """A snapshot; `size_mib` is all of it."""

    name: str
    description: str
    taken_at: datetime
    size_mib: float
    quiesced: bool


@dataclass(slots=True, eq=False)
class Application:
    """Machines of one purpose and owner; `depth` is the number of parts of its folders, 3 to 5."""

    name: str
    code: str
    owner: str
    department: str
    depth: int
    datacenter: Datacenter
    roles: tuple[Role, ...]


@dataclass(slots=True, eq=False)
class Machine:
    """A virtual machine or template. `file_name` is the name it was made with: its files keep it."""

    name: str
    file_name: str
    vm_id: str
    uuid: str
    smbios_uuid: str
    system: GuestOs
    environment: Environment
    application: Application | None
    role: Role
    folder: Folder
    host: Host
    home: Datastore
    cpus: int
    cores_per_socket: int
    memory_mib: int
    hardware_version: int
    efi: bool
    created_at: datetime | None
    changed_at: datetime
    power: PowerState = PowerState.ON
    powered_on_at: datetime | None = None
    suspended_at: datetime | None = None
    template: bool = False
    system_owned: bool = False
    retired: bool = False
    reachable: bool = True
    consolidation: bool = False
    tools: str = "toolsOk"
    dns_name: str = ""
    address: str = ""
    annotation: str = ""
    pool: str = ""
    rule: str = ""
    vapp: str = ""
    last_backup_at: datetime | None = None
    tagged: bool = True
    cd_connected: bool = False
    usb: bool = False
    cpu_load: float = 0.1
    memory_load: float = 0.3
    disks: list[Disk] = field(default_factory=list)
    nics: list[Nic] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)

    def since_made(self, time: datetime) -> datetime:
        """The time, or when the machine was made if that is later."""
        return max(time, self.created_at) if self.created_at else time

    @property
    def on(self) -> bool:
        """Whether it is powered on."""
        return self.power is PowerState.ON

    @property
    def guest_known(self) -> bool:
        """Whether VMware Tools is running, so that the guest can be asked."""
        return self.on and self.tools in {"toolsOk", "toolsOld"}

    @property
    def cpu_mhz(self) -> int:
        """Use of the processors now."""
        return round(self.cpus * self.host.cluster.hardware.mhz * self.cpu_load) if self.on else 0

    @property
    def consumed_mib(self) -> int:
        """Memory of the host that it takes now."""
        return round(self.memory_mib * (0.4 + 0.6 * self.memory_load)) if self.on else 0

    @property
    def active_mib(self) -> int:
        """Memory that the guest touches now."""
        return round(self.memory_mib * self.memory_load * 0.5) if self.on else 0

    @property
    def swapped_mib(self) -> int:
        """Memory swapped out by the host: only the busiest machines have any."""
        return self.memory_mib // 50 if self.on and self.memory_load > 0.97 else 0

    @property
    def ballooned_mib(self) -> int:
        """Memory taken back by the host: only the busiest machines have any."""
        return self.memory_mib // 20 if self.on and self.memory_load > 0.96 else 0

    def storage(self) -> Iterator[tuple[Datastore, int, int]]:
        """What it takes, in MiB: datastore, provisioned, in use. The home comes first, then each disk."""
        snapshots = round(sum(snapshot.size_mib for snapshot in self.snapshots))
        swap = self.memory_mib if self.on else 0
        yield self.home, OVERHEAD_MIB + self.memory_mib + snapshots, OVERHEAD_MIB + swap + snapshots
        for disk in self.disks:
            yield disk.datastore, disk.capacity_mib, disk.used_mib


@dataclass(slots=True, eq=False)
class VCenter:
    """One vCenter at one moment. `strays` are machines that only some tabs know."""

    server: str
    uuid: str
    product: str
    build: str
    api_version: str
    at: datetime
    datacenters: list[Datacenter] = field(default_factory=list)
    libraries: list[Datastore] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    machines: list[Machine] = field(default_factory=list)
    strays: list[Machine] = field(default_factory=list)
    last_object: int = 1000
    last_mac: int = 0
    last_numbers: dict[str, int] = field(default_factory=dict)

    @property
    def clusters(self) -> Iterator[Cluster]:
        """All clusters, and the hosts that stand alone as clusters without a name."""
        return (cluster for datacenter in self.datacenters for cluster in datacenter.clusters)

    @property
    def hosts(self) -> Iterator[Host]:
        """All hosts, cluster by cluster."""
        return (host for cluster in self.clusters for host in cluster.hosts)

    @property
    def datastores(self) -> Iterator[Datastore]:
        """All datastores, cluster by cluster, then the libraries."""
        yield from (datastore for cluster in self.clusters for datastore in cluster.datastores)
        yield from self.libraries

    def object_id(self, kind: str, rng: Random) -> str:
        """A managed object reference nobody had before, such as `vm-1234`."""
        self.last_object += rng.randint(1, 4)
        return f"{kind}-{self.last_object}"

    def mac(self) -> str:
        """A hardware address nobody had before, of VMware's range."""
        self.last_mac += 1
        number = self.last_mac * 7919 % 0x400000
        return f"00:50:56:{number >> 16 | 0x80:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def host_memory_mib(gib: int) -> int:
    """Memory of a host as ESXi reports it."""
    return int(gib * MIB_PER_GIB * USABLE_MEMORY)


def ordinary_machines(vcenter: VCenter) -> list[Machine]:
    """All that are neither templates nor vSphere's own."""
    return [machine for machine in vcenter.machines if not machine.template and not machine.system_owned]


def portion(rng: Random, things: Sequence[T], ratio: float, *, one_from: int = 40) -> list[T]:
    """A random share of the things, and no fewer than one when there are `one_from` of them or more."""
    return rng.sample(things, max(int(len(things) >= one_from), round(len(things) * ratio)))


def make_uuid(rng: Random, start: str) -> str:
    """A UUID with the given first digits."""
    digits = start + f"{rng.getrandbits(128):032x}"[len(start) :]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def earlier(rng: Random, at: datetime, days: float) -> datetime:
    """A whole second within so many days before `at`."""
    return at - timedelta(seconds=rng.randint(60, max(61, int(days * 86_400))))
