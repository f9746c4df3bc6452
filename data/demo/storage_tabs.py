"""Rows of the tabs about datastores and the paths to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from data.demo.model import Datastore, Host, VCenter
from data.demo.sheets import Row, Sheet, joined
from data.demo.totals import Space, space_by_datastore


def add_storage(sheets: Mapping[str, Sheet], vcenter: VCenter) -> None:
    """Write vDatastore and vMultiPath."""
    sdk: Row = {"VI SDK Server": vcenter.server, "VI SDK UUID": vcenter.uuid}
    spaces = space_by_datastore(vcenter)
    pods: defaultdict[str, list[Datastore]] = defaultdict(list)
    for datastore in spaces:
        pods[datastore.pod].append(datastore)
    for datastore, space in spaces.items():
        row = _datastore_row(datastore, space)
        if datastore.pod:
            members = pods[datastore.pod]
            capacity = sum(member.capacity_mib for member in members)
            row["Cluster name"] = datastore.pod
            row["Cluster capacity MiB"] = capacity
            row["Cluster free space MiB"] = capacity - sum(spaces[member].in_use_mib for member in members)
        sheets["vDatastore"].add(row | sdk)
        for host in datastore.hosts if datastore.kind == "VMFS" else ():
            sheets["vMultiPath"].add(_path_row(host, datastore) | sdk)


def _datastore_row(datastore: Datastore, space: Space) -> Row:
    free = datastore.capacity_mib - space.in_use_mib
    vmfs = datastore.kind == "VMFS"
    row: Row = {
        "Name": datastore.name,
        "Config status": "green",
        "Address": datastore.address,
        "Accessible": True,
        "Type": datastore.kind,
        "# VMs total": space.machines,
        "# VMs": space.running,
        "Capacity MiB": datastore.capacity_mib,
        "Provisioned MiB": space.provisioned_mib,
        "In Use MiB": space.in_use_mib,
        "Free MiB": free,
        "Free %": free * 100 // datastore.capacity_mib,
        "SIOC enabled": bool(datastore.pod),
        "SIOC Threshold": 30,
        "# Hosts": len(datastore.hosts),
        "Hosts": joined(host.name for host in datastore.hosts),
        "MHA": len(datastore.hosts) > 1,
        "URL": datastore.url,
        "Object ID": datastore.object_id,
        "Storage tier": "Gold" if datastore.kind == "vsan" or datastore.pod else "Silver",
    }
    if vmfs:
        row |= {
            "Block size": 1,
            "Max Blocks": 63_963_136,
            "# Extents": 1,
            "Major Version": 6,
            "Version": "6.82",
            "VMFS Upgradeable": False,
        }
    return row


def _path_row(host: Host, datastore: Datastore) -> Row:
    number = int(datastore.object_id.removeprefix("datastore-")) % 250
    local = not datastore.for_machines
    row: Row = {
        "Host": host.name,
        "Cluster": host.cluster.name,
        "Datacenter": datastore.datacenter.name,
        "Datastore": datastore.name,
        "Disk": datastore.address,
        "Display name": f"{'Local DELL' if local else 'DGC Fibre Channel'} Disk ({datastore.address})",
        "Policy": "VMW_PSP_FIXED" if local else "VMW_PSP_RR",
        "Oper. State": "ok",
        "vStorage": "" if local else "Supported",
        "Queue depth": 64,
        "Vendor": "DELL" if local else "DGC",
        "Model": "PERC H755" if local else "VRAID",
        "Revision": "5.22" if local else "5400",
        "Level": "6",
        "Serial #": datastore.address[-14:],
        "UUID": datastore.address.removeprefix("naa."),
        "Object ID": host.object_id,
    }
    for path, name in enumerate(_paths(local=local, number=number), start=1):
        row[f"Path {path}"] = name
        row[f"Path {path} state"] = "active"
    return row


def _paths(*, local: bool, number: int) -> Iterator[str]:
    if local:
        yield "vmhba1:C2:T0:L0"
        return
    for adapter in (2, 3):
        for target in (0, 1):
            yield f"vmhba{adapter}:C0:T{target}:L{number}"
