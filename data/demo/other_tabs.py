"""Rows of the tabs about the vCenter, the export itself and what RVTools warns of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from data.demo.host_tabs import lacks_time
from data.demo.machine_tabs import partitions, tools_status
from data.demo.model import Disk, Machine, VCenter
from data.demo.sheets import Row, Sheet
from data.demo.totals import load_by_host, space_by_datastore

RVTOOLS_VERSION: Final = "4.7.1.4"
_CPUS_PER_CORE: Final = 4
_MACHINES_PER_DATASTORE: Final = 25
_FREE_PCT: Final = 10


def add_others(sheets: Mapping[str, Sheet], vcenter: VCenter) -> None:
    """Write vSource, vLicense, vFileInfo, vHealth and vMetaData."""
    sdk: Row = {"VI SDK Server": vcenter.server, "VI SDK UUID": vcenter.uuid}
    sheets["vSource"].add(_source(vcenter) | sdk)
    for licence in _licences(vcenter):
        sheets["vLicense"].add(licence | sdk)
    sheets["vFileInfo"].add(
        {
            "Friendly Path Name": "This tab page is empty when GetFileInfo option is not set "
            "in the preference window!"
        }
    )
    for name, message, kind in _messages(vcenter):
        sheets["vHealth"].add({"Name": name, "Message": message, "Message type": kind} | sdk)
    sheets["vMetaData"].add(
        {
            "RVTools major version": RVTOOLS_VERSION.rsplit(".", 2)[0],
            "RVTools version": RVTOOLS_VERSION,
            "xlsx creation datetime": vcenter.at,
            "Server": vcenter.server,
        }
    )


def _source(vcenter: VCenter) -> Row:
    return {
        "Name": "VMware vCenter Server",
        "OS type": "linux-x64",
        "API type": "VirtualCenter",
        "API version": vcenter.api_version,
        "Version": vcenter.api_version.removesuffix(".0"),
        "Patch level": "00700",
        "Build": vcenter.build,
        "Fullname": vcenter.product,
        "Product name": "VMware VirtualCenter Server",
        "Product version": vcenter.api_version[:3],
        "Product line": "vpx",
        "Vendor": "VMware, Inc.",
    }


def _licences(vcenter: VCenter) -> Iterator[Row]:
    cores = sum(2 * host.cluster.hardware.cores for host in vcenter.hosts)
    yield {
        "Name": "vCenter Server 8 Standard",
        "Key": "DEMO0-00000-00000-00000-00000",
        "Cost Unit": "server",
        "Total": 2,
        "Used": 1,
        "Expiration Date": "Never",
        "Features": "vCenter Server",
    }
    yield {
        "Name": "VMware vSphere 8 Enterprise Plus",
        "Key": "DEMO1-00000-00000-00000-00000",
        "Labels": "Demo",
        "Cost Unit": "core",
        "Total": cores * 6 // 5,
        "Used": cores,
        "Expiration Date": vcenter.at.replace(hour=0, minute=0, second=0) + timedelta(days=410),
        "Features": "Distributed Resource Scheduler, Fault Tolerance (8 vCPU), High Availability, vMotion",
    }


def _messages(vcenter: VCenter) -> Iterator[tuple[str, str, str]]:
    for machine in vcenter.machines:
        yield from _machine_messages(machine, vcenter)
    loads = load_by_host(vcenter.machines)
    for host in vcenter.hosts:
        per_core = loads[host].cpus / (2 * host.cluster.hardware.cores)
        if per_core > _CPUS_PER_CORE:
            limit = f"The threshold value is {_CPUS_PER_CORE}"
            yield (
                host.name,
                f"There are {per_core:.2f} virtual CPUs active per core on this host. {limit}",
                "CPU",
            )
        if lacks_time(host):
            yield host.name, "NTP Server value is null!", "NTP"
            yield host.name, "NTPD service is not running!", "NTPD"
    for datastore, space in space_by_datastore(vcenter).items():
        free = (datastore.capacity_mib - space.in_use_mib) * 100 // datastore.capacity_mib
        if free < _FREE_PCT:
            limit = f"The threshold value is {_FREE_PCT}%"
            yield datastore.name, f"On this datastore is {free}% disk space available. {limit}", "Storage"
        if space.running > _MACHINES_PER_DATASTORE:
            limit = f"The threshold value is {_MACHINES_PER_DATASTORE}"
            yield (
                datastore.name,
                f"There are {space.running} VMs active on this datastore. {limit}",
                "Storage",
            )


def _machine_messages(machine: Machine, vcenter: VCenter) -> Iterator[tuple[str, str, str]]:
    if machine.template or machine.system_owned:
        return
    for snapshot in machine.snapshots:
        days = (vcenter.at - snapshot.taken_at).days
        yield machine.name, f"VM has an active snapshot! It is {days} days old.", "Snapshot"
    if machine.cd_connected and machine.on:
        yield machine.name, "VM has a CDROM device connected!", "CDROM"
    if machine.on and tools_status(machine) != "toolsOk":
        text = "VMware tools are out of date, not running or not installed!"
        yield machine.name, text, "VM Tools"
    if machine.name != machine.file_name:
        yield (
            machine.name,
            f"Inconsistent Foldername! VMname = {machine.name} Foldername = {machine.file_name}",
            "Foldername",
        )
    if machine.consolidation:
        yield machine.name, "VM disk consolidation is needed!", "Consolidation"
    for disk in machine.disks if machine.guest_known else ():
        yield from _disk_messages(machine, disk)


def _disk_messages(machine: Machine, disk: Disk) -> Iterator[tuple[str, str, str]]:
    for mount, capacity, used in partitions(machine, disk):
        free = max(0, capacity - used) * 100 // capacity
        if free < _FREE_PCT:
            limit = f"The threshold value is {_FREE_PCT}%"
            yield machine.name, f"On disk {mount} is {free}% disk space available! {limit}", "VM disk"
