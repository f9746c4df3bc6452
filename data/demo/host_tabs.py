"""Rows of the tabs about clusters, resource pools and hosts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from data.demo.catalogue import ESX_VERSIONS
from data.demo.model import Cluster, Host, VCenter
from data.demo.sheets import Row, Sheet
from data.demo.totals import Load, load_by_host, load_by_pool

_BIOS_DATE: Final = datetime.fromisoformat("2024-03-15T00:00")
_CERTIFICATE_YEARS: Final = 5
_OWN_MEMORY_MIB: Final = 9000
"""What ESXi itself takes of a host's memory."""
_EFFECTIVE_CPU: Final = 0.92
_EFFECTIVE_MEMORY: Final = 0.965


def add_hosts(sheets: Mapping[str, Sheet], vcenter: VCenter) -> None:
    """Write vCluster, vRP and vHost."""
    sdk: Row = {"VI SDK Server": vcenter.server, "VI SDK UUID": vcenter.uuid}
    loads = load_by_host(vcenter.machines)
    pools = load_by_pool(vcenter.machines)
    for cluster in vcenter.clusters:
        if cluster.name:
            sheets["vCluster"].add(_cluster_row(cluster) | sdk)
        for number, pool in enumerate(dict.fromkeys(("", *cluster.pools))):
            path = cluster.pool_root + pool
            object_id = f"{cluster.object_id.replace('domain-c', 'resgroup-')}{number}"
            row = _pool_row(cluster, path, pools[path])
            sheets["vRP"].add(row | {"Object ID": object_id} | sdk)
        for host in cluster.hosts:
            sheets["vHost"].add(_host_row(host, loads[host]) | _machine_room(host, vcenter) | sdk)


def host_mhz(host: Host) -> int:
    """All processor cycles of a host."""
    hardware = host.cluster.hardware
    return 2 * hardware.cores * hardware.mhz


def _cluster_row(cluster: Cluster) -> Row:
    hosts = cluster.hosts
    working = [host for host in hosts if not host.maintenance]
    cores = 2 * cluster.hardware.cores
    return {
        "Name": cluster.name,
        "Config status": "green",
        "OverallStatus": "green" if len(working) == len(hosts) else "yellow",
        "NumHosts": len(hosts),
        "numEffectiveHosts": len(working),
        "TotalCpu": sum(map(host_mhz, hosts)),
        "NumCpuCores": cores * len(hosts),
        "NumCpuThreads": 2 * cores * len(hosts),
        "Effective Cpu": round(sum(map(host_mhz, working)) * _EFFECTIVE_CPU),
        "TotalMemory": cluster.host_memory_mib * len(hosts),
        "Effective Memory": round(cluster.host_memory_mib * len(working) * _EFFECTIVE_MEMORY),
        "Num VMotions": 37 * len(hosts) + cluster.host_memory_mib % 1000,
        "HA enabled": True,
        "Failover Level": 1,
        "AdmissionControlEnabled": len(hosts) > 2,
        "Host monitoring": "enabled",
        "HB Datastore Candidate Policy": "allFeasibleDsWithUserPreference",
        "Isolation Response": "none",
        "Restart Priority": "medium",
        "Cluster Settings": True,
        "Max Failures": 3,
        "Max Failure Window": -1,
        "Failure Interval": 30,
        "Min Up Time": 120,
        "VM Monitoring": "vmMonitoringDisabled",
        "DRS enabled": True,
        "DRS default VM behavior": "fullyAutomated",
        "DRS vmotion rate": 3,
        "DPM enabled": False,
        "DPM default behavior": "automated",
        "DPM Host Power Action Rate": 3,
        "Object ID": cluster.object_id,
        "com.vmware.vcenter.cluster.edrs.upgradeHostAdded": "true" if cluster.storage == "vsan" else "",
    }


def _pool_row(cluster: Cluster, path: str, load: Load) -> Row:
    mhz = sum(map(host_mhz, cluster.hosts))
    memory = cluster.host_memory_mib * len(cluster.hosts)
    return {
        "Resource Pool name": path.rsplit("/", 1)[1],
        "Resource Pool path": path,
        "Status": "green",
        "# VMs total": load.machines,
        "# VMs": load.running,
        "# vCPUs": load.cpus,
        "CPU limit": mhz,
        "CPU overheadLimit": 0,
        "CPU reservation": 0,
        "CPU level": "normal",
        "CPU shares": 4000,
        "CPU expandableReservation": True,
        "CPU maxUsage": mhz,
        "CPU overallUsage": load.mhz,
        "CPU reservationUsed": 0,
        "CPU reservationUsedForVm": 0,
        "CPU unreservedForPool": mhz,
        "CPU unreservedForVm": mhz,
        "Mem Configured": load.memory_mib,
        "Mem limit": memory,
        "Mem overheadLimit": 0,
        "Mem reservation": 0,
        "Mem level": "normal",
        "Mem shares": 163840,
        "Mem expandableReservation": True,
        "Mem maxUsage": memory,
        "Mem overallUsage": load.consumed_mib,
        "Mem reservationUsed": 0,
        "Mem reservationUsedForVm": 0,
        "Mem unreservedForPool": memory,
        "Mem unreservedForVm": memory,
        "QS overallCpuDemand": load.mhz * 11 // 10,
        "QS overallCpuUsage": load.mhz,
        "QS staticCpuEntitlement": mhz,
        "QS distributedCpuEntitlement": load.mhz,
        "QS balloonedMemory": load.ballooned_mib,
        "QS compressedMemory": 0,
        "QS consumedOverheadMemory": 50 * load.running,
        "QS distributedMemoryEntitlement": load.active_mib * 5 // 4,
        "QS guestMemoryUsage": load.active_mib,
        "QS hostMemoryUsage": load.consumed_mib,
        "QS overheadMemory": 70 * load.running,
        "QS privateMemory": load.consumed_mib,
        "QS sharedMemory": 0,
        "QS staticMemoryEntitlement": load.memory_mib,
        "QS swappedMemory": load.swapped_mib,
    }


def _host_row(host: Host, load: Load) -> Row:
    cluster, hardware = host.cluster, host.cluster.hardware
    cores = 2 * hardware.cores
    memory_pct = 100 * (load.consumed_mib + _OWN_MEMORY_MIB) / cluster.host_memory_mib
    return {
        "Host": host.name,
        "Datacenter": cluster.datacenter.name,
        "Cluster": cluster.name,
        "Config status": "green",
        "Compliance Check State": "compliant",
        "in Maintenance Mode": host.maintenance,
        "in Quarantine Mode": False,
        "CPU Model": hardware.cpu_model,
        "Speed": hardware.mhz,
        "HT Available": True,
        "HT Active": True,
        "# CPU": 2,
        "Cores per CPU": hardware.cores,
        "# Cores": cores,
        "CPU usage %": min(99, 2 + round(100 * load.mhz / host_mhz(host))),
        "# Memory": cluster.host_memory_mib,
        "Memory Tiering Type": "noTiering",
        "Memory usage %": min(99, round(memory_pct)),
        "Console": 0,
        "# NICs": 4,
        "# HBAs": 4 if cluster.storage == "VMFS" else 2,
        "# VMs total": load.machines,
        "# VMs": load.running,
        "VMs per Core": load.running / cores,
        "# vCPUs": load.cpus,
        "vCPUs per Core": load.cpus / cores,
        "vRAM": load.memory_mib,
        "VM Used memory": load.consumed_mib,
        "VM Memory Swapped": load.swapped_mib,
        "VM Memory Ballooned": load.ballooned_mib,
        "VMotion support": True,
        "Storage VMotion support": True,
        "Current EVC": hardware.evc if cluster.name else "",
        "Max EVC": hardware.evc,
        "Assigned License(s)": "DEMO1-00000-00000-00000-00000",
        "ATS Heartbeat": "1",
        "ATS Locking": "1",
        "Current CPU power man. policy": "Balanced",
        "Supported CPU power man.": "ACPI P-states, ACPI C-states",
        "Host Power Policy": "dynamic",
        "ESX Version": ESX_VERSIONS[cluster.esx_version],
        "Boot time": host.booted_at,
    }


def _machine_room(host: Host, vcenter: VCenter) -> Row:
    """What is set on the host and what is known of the box."""
    hardware, datacenter = host.cluster.hardware, host.cluster.datacenter
    issued = _BIOS_DATE + timedelta(days=host.number * 37 % 700)
    row: Row = {
        "DNS Servers": f"10.{datacenter.octet}.0.10, 10.{datacenter.octet}.0.11",
        "DHCP": False,
        "Domain": "corp.example.com",
        "Domain List": "corp.example.com",
        "DNS Search Order": "corp.example.com",
        "NTP Server(s)": "" if lacks_time(host) else "ntp1.corp.example.com, ntp2.corp.example.com",
        "NTPD running": not lacks_time(host),
        "Time Zone": "UTC",
        "Time Zone Name": "UTC",
        "GMT Offset": "0",
        "Vendor": hardware.vendor,
        "Model": hardware.model,
        "Serial number": host.serial,
        "Service tag": host.serial,
        "BIOS Vendor": hardware.vendor,
        "BIOS Version": hardware.bios,
        "BIOS Date": _BIOS_DATE.strftime("%Y/%m/%d %H:%M:%S") if host.number % 18 == 7 else _BIOS_DATE,
        "Certificate Issuer": f"O={vcenter.server},C=US,CN=CA",
        "Certificate Start Date": issued,
        "Certificate Expiry Date": issued + timedelta(days=365 * _CERTIFICATE_YEARS),
        "Certificate Status": "good",
        "Certificate Subject": f"CN={host.name},O=Example,C=DE",
        "Object ID": host.object_id,
        "Rack": f"{datacenter.code.upper()}-R{host.number // 12 + 1:02d}",
        "UUID": host.uuid,
    }
    return row


def lacks_time(host: Host) -> bool:
    """Whether nobody set up time on the host."""
    return host.number % 40 == 11
