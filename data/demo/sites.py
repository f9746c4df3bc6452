"""Builds the ground of a demo vCenter: datacenters, networks, clusters, hosts, datastores, applications."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from random import Random
from typing import Final

from data.demo.catalogue import (
    BUSINESS_ROLES,
    DEPARTMENTS,
    HARDWARE,
    HOST_MEMORY_GIB,
    LETTERS,
    SITES,
    SUBJECTS,
    SYSTEMS,
    TEAMS,
    Hardware,
)
from data.demo.model import (
    Application,
    Cluster,
    Datacenter,
    Datastore,
    Host,
    Network,
    VCenter,
    earlier,
    host_memory_mib,
    make_uuid,
)

_PRODUCTS: Final = (
    ("8.0.3", "24674346", "8.0.3.0"),
    ("8.0.2", "23504390", "8.0.2.0"),
    ("7.0.3", "24730281", "7.0.3.0"),
)
"""Version, build and API version of the first vCenter, the second, and all others."""

_DATACENTER_SHARES: Final = {
    1: (1.0,),
    2: (0.68, 0.32),
    3: (0.6, 0.28, 0.12),
    4: (0.55, 0.27, 0.13, 0.05),
    5: (0.52, 0.26, 0.13, 0.06, 0.03),
    6: (0.5, 0.25, 0.13, 0.07, 0.03, 0.02),
}
_SITES_PER_VCENTER: Final = 6
_PURPOSE_SHARES: Final = {"prod": 0.565, "test": 0.29, "mgmt": 0.065, "vdi": 0.06, "edge": 0.02}
_MACHINES_PER_CLUSTER: Final = 320
_MACHINES_PER_EDGE_HOST: Final = 25
_GIB_PER_MACHINE: Final = 19
_CPUS_PER_MACHINE: Final = 4.7
_STORED_TIB_PER_MACHINE: Final = 0.3


def build_sites(index: int, machines: int, at: datetime, rng: Random) -> VCenter:
    """A vCenter ready for about so many machines; `index` is its place among the vCenters of the estate."""
    version, build, api = _PRODUCTS[min(index, len(_PRODUCTS) - 1)]
    first_site = index * _SITES_PER_VCENTER
    vcenter = VCenter(
        server=f"{vcenter_name(index)}.corp.example.com",
        uuid=make_uuid(rng, ""),
        product=f"VMware vCenter Server {version} build-{build}",
        build=build,
        api_version=api,
        at=at,
        last_mac=index * 250_000,
    )
    shares = _DATACENTER_SHARES[_datacenter_count(machines)]
    for number, share in enumerate(shares):
        lap, site = divmod(first_site + number, len(SITES))
        code, name = SITES[site]
        suffix = str(lap + 1) if lap else ""
        octet = 10 + (first_site + number) % 200
        datacenter = Datacenter(f"{name} {suffix}".strip(), code + suffix, octet)
        vcenter.datacenters.append(datacenter)
        _add_networks(vcenter, datacenter, machines * share, rng)
        _add_clusters(vcenter, datacenter, machines * share, rng)
        _add_library(vcenter, datacenter, rng)
    _add_applications(vcenter, machines, shares, rng)
    return vcenter


def vcenter_name(index: int) -> str:
    """First part of the name of a vCenter, after the site of its first datacenter."""
    lap, site = divmod(index * _SITES_PER_VCENTER, len(SITES))
    return f"vc-{SITES[site][0]}-{lap + 1:02d}"


def _datacenter_count(machines: int) -> int:
    return 1 + sum(machines >= limit for limit in (30, 400, 3_000, 10_000, 30_000))


def _add_networks(vcenter: VCenter, datacenter: Datacenter, expected: float, rng: Random) -> None:
    stages = ("prd", "dev", "tst", "prd", "uat", "prd", "dev", "prd")
    words = ("APP", "WEB", "DB", "BACKEND", "SERVICES")
    for number in range(min(60, 6 + int(expected / 120))):
        stage = stages[number % len(stages)]
        vlan = 1100 + number
        datacenter.networks.append(
            Network(
                name=f"{stage.upper()}-{words[number % len(words)]}-{vlan}",
                vlan=vlan,
                prefix=(10, datacenter.octet, number * 4),
                environment=stage,
                object_id=vcenter.object_id("dvportgroup", rng),
            )
        )


def _cluster_plan(expected: float, rng: Random) -> list[tuple[str, str, float]]:
    """Name without the site, purpose and expected machines of each cluster of a datacenter."""
    if expected < 60:
        return [("PROD-01", "prod", expected)]
    shares = dict(_PURPOSE_SHARES)
    for purpose, least in (("mgmt", 500), ("vdi", 800), ("edge", 1500)):
        if expected < least:
            shares["prod"] += shares.pop(purpose)
    plan = []
    for purpose, share in shares.items():
        part = expected * share
        size = _MACHINES_PER_EDGE_HOST if purpose == "edge" else _MACHINES_PER_CLUSTER
        weights = [rng.uniform(0.5, 1.6) for _ in range(ceil(part / size))]
        for number, weight in enumerate(weights, start=1):
            name = "" if purpose == "edge" else f"{purpose.upper()}-{number:02d}"
            plan.append((name, purpose, part * weight / sum(weights)))
    return plan


def _add_clusters(vcenter: VCenter, datacenter: Datacenter, expected: float, rng: Random) -> None:
    for name, purpose, machines in _cluster_plan(expected, rng):
        alone = not name
        count = 1 if alone else max(2 if machines < 25 else 3, ceil(machines / rng.uniform(25, 38)))
        hardware, memory_gib = _fitting_hardware(machines / count, rng)
        common_name = purpose == "mgmt"
        cluster = Cluster(
            name="Management" if common_name else f"{datacenter.code.upper()}-{name}" if name else "",
            datacenter=datacenter,
            purpose=purpose,
            weight=machines,
            object_id=vcenter.object_id("domain-c", rng).replace("c-", "c"),
            storage="VMFS" if alone else rng.choices(("VMFS", "vsan", "NFS"), weights=(60, 25, 15))[0],
            hardware=hardware,
            host_memory_mib=host_memory_mib(memory_gib),
            esx_version=rng.choices((0, 1, 2, 3), weights=(10, 15, 45, 30))[0],
        )
        datacenter.clusters.append(cluster)
        for _ in range(count):
            add_host(vcenter, cluster, rng)
        if machines >= 100:
            cluster.pools = ("", "", "/Gold", "/Silver")
        _add_datastores(vcenter, cluster, machines, rng)


def _fitting_hardware(machines_per_host: float, rng: Random) -> tuple[Hardware, int]:
    cores_needed = machines_per_host * _CPUS_PER_MACHINE / rng.uniform(2.6, 4.0) / 2
    enough = [hardware for hardware in HARDWARE if hardware.cores >= cores_needed] or HARDWARE[-1:]
    gib_needed = max(256.0, machines_per_host * _GIB_PER_MACHINE / 0.58)
    return rng.choice(enough[:2]), next(gib for gib in HOST_MEMORY_GIB if gib >= gib_needed)


def add_host(vcenter: VCenter, cluster: Cluster, rng: Random) -> Host:
    """One more host of the cluster's model, on all its datastores."""
    datacenter = cluster.datacenter
    counter = f"{datacenter.code} hosts"
    number = vcenter.last_numbers[counter] = vcenter.last_numbers.get(counter, 0) + 1
    high, low = divmod(datacenter.octet, 14)
    address = f"172.{16 + low}.{high * 16 + number // 240}.{number % 240 + 10}"
    host = Host(
        name=f"esx-{datacenter.code}-{number:03d}.corp.example.com" if cluster.name else address,
        object_id=vcenter.object_id("host", rng),
        cluster=cluster,
        number=number,
        uuid=make_uuid(rng, "4c4c4544"),
        serial="".join(rng.choices(LETTERS + "23456789", k=7)),
        booted_at=earlier(rng, vcenter.at, 420),
        address=address,
    )
    cluster.hosts.append(host)
    for library in vcenter.libraries:
        if library.datacenter is datacenter:
            library.hosts.append(host)
    return host


def _add_datastores(vcenter: VCenter, cluster: Cluster, machines: float, rng: Random) -> None:
    site = cluster.datacenter.code.upper()
    label = cluster.name.replace(f"{site}-", "").replace("-", "") or cluster.hosts[0].name
    if cluster.storage == "vsan":
        cluster.datastores.append(_datastore(vcenter, cluster, f"vsanDatastore-{site}-{label}", rng))
        return
    count = max(1 if machines < 20 else 2, ceil(machines * _STORED_TIB_PER_MACHINE / rng.uniform(6, 14)))
    pod = f"{site}-{label}-POD" if count >= 4 and cluster.storage == "VMFS" else ""
    for number in range(1, count + 1):
        name = f"{site}-{label}-{cluster.storage}-{number:02d}"
        cluster.datastores.append(_datastore(vcenter, cluster, name, rng, pod=pod))
    if cluster.name and rng.random() < 0.25:
        for host in cluster.hosts:
            local = _datastore(vcenter, cluster, f"local-{host.name.split('.')[0]}", rng)
            local.kind, local.hosts, local.for_machines = "VMFS", [host], False
            local.capacity_mib, local.other_mib = 409_344, rng.randint(1_400, 9_000)
            cluster.datastores.append(local)


def _datastore(vcenter: VCenter, cluster: Cluster, name: str, rng: Random, *, pod: str = "") -> Datastore:
    short = make_uuid(rng, "6")[:22]
    addresses = {
        "VMFS": f"naa.60060160{rng.getrandbits(96):024x}",
        "NFS": f"172.31.{cluster.datacenter.clusters.index(cluster) % 250}.20 /vol/{name.lower()}",
        "vsan": f"vsan:{make_uuid(rng, '52')}",
    }
    return Datastore(
        name=name,
        object_id=vcenter.object_id("datastore", rng),
        kind=cluster.storage,
        address=addresses[cluster.storage],
        url=f"ds:///vmfs/volumes/{short}/",
        hosts=cluster.hosts,
        datacenter=cluster.datacenter,
        pod=pod,
    )


def _add_library(vcenter: VCenter, datacenter: Datacenter, rng: Random) -> None:
    """A share of installation media for all hosts of the datacenter, with no machine on it."""
    name = f"{datacenter.code.upper()}-ISO"
    vcenter.libraries.append(
        Datastore(
            name=name,
            object_id=vcenter.object_id("datastore", rng),
            kind="NFS",
            address=f"172.31.250.20 /vol/{name.lower()}",
            url=f"ds:///vmfs/volumes/{rng.getrandbits(32):08x}-{rng.getrandbits(32):08x}/",
            hosts=list(datacenter.hosts),
            datacenter=datacenter,
            capacity_mib=1024 * 1024,
            other_mib=rng.randint(250_000, 620_000),
            for_machines=False,
        )
    )


def _add_applications(vcenter: VCenter, machines: int, shares: tuple[float, ...], rng: Random) -> None:
    count = max(4, machines // 30)
    names = [f"{subject} {system}" for subject in SUBJECTS for system in SYSTEMS]
    rng.shuffle(names)
    for number in range(count):
        position, datacenter, reached = (number + 0.5) / count, vcenter.datacenters[-1], 0.0
        for candidate, share in zip(vcenter.datacenters, shares, strict=True):
            reached += share
            if position < reached:
                datacenter = candidate
                break
        lap, which = divmod(number, len(names))
        vcenter.applications.append(
            Application(
                name=f"{names[which]} {lap + 1}" if lap else names[which],
                code=f"APP-{''.join(rng.choices(LETTERS, k=3))}-{rng.randint(100, 999)}",
                owner=rng.choice(TEAMS),
                department=rng.choice(DEPARTMENTS),
                depth=rng.choices((3, 4, 5), weights=(10, 55, 35))[0],
                datacenter=datacenter,
                roles=tuple(BUSINESS_ROLES.pick(rng) for _ in range(rng.randint(1, 4))),
            )
        )
    rng.shuffle(vcenter.applications)
