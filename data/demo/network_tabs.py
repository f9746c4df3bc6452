"""Rows of the tabs about adapters, switches and port groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from data.demo.model import Datacenter, Host, Network, VCenter
from data.demo.sheets import Row, Sheet, joined

_CREATED: Final = datetime.fromisoformat("2021-02-09T10:24:31")
_MANAGEMENT_VLAN: Final = 20
_KERNEL_PORTS: Final = (
    ("Management Network", "vmk0", 1500),
    ("vMotion", "vmk1", 9000),
    ("Storage", "vmk2", 9000),
)
_SHAPING: Final[Row] = {"Traffic Shaping": False, "Width": 0, "Peak": 0, "Burst": 0}
_TEAMING: Final[Row] = {
    "Policy": "loadbalance_srcid",
    "Reverse Policy": True,
    "Notify Switch": True,
    "Rolling Order": False,
    "Offload": True,
    "TSO": True,
    "Zero Copy Xmit": True,
}
_SECURITY: Final[Row] = {"Promiscuous Mode": False, "Mac Changes": False, "Forged Transmits": False}
_SHAPED_BOTH_WAYS: Final[Row] = {
    "In Traffic Shaping": False,
    "In Avg": 100_000,
    "In Peak": 100_000,
    "In Burst": 102_400,
    "Out Traffic Shaping": False,
    "Out Avg": 100_000,
    "Out Peak": 100_000,
    "Out Burst": 102_400,
}


def add_networks(sheets: Mapping[str, Sheet], vcenter: VCenter) -> None:
    """Write vHBA, vNIC, vSwitch, vPort, vSC_VMK, dvSwitch and dvPort."""
    sdk: Row = {"VI SDK Server": vcenter.server, "VI SDK UUID": vcenter.uuid}
    for host in vcenter.hosts:
        tail = sdk | {
            "Host": host.name,
            "Datacenter": host.cluster.datacenter.name,
            "Cluster": host.cluster.name,
        }
        for tab, rows in (
            ("vHBA", _adapters(host)),
            ("vNIC", _uplinks(host)),
            ("vSwitch", _switches()),
            ("vPort", _ports()),
            ("vSC_VMK", _kernel_ports(host)),
        ):
            for row in rows:
                sheets[tab].add(row | tail)
    used: Counter[Network] = Counter(nic.network for machine in vcenter.machines for nic in machine.nics)
    for datacenter in vcenter.datacenters:
        sheets["dvSwitch"].add(_distributed_switch(datacenter, used, vcenter) | sdk)
        for network in datacenter.networks:
            sheets["dvPort"].add(_distributed_port(datacenter, network, used[network]) | sdk)


def _host_mac(host: Host, number: int) -> str:
    digits = host.uuid[-11:]
    return f"0c:42:{digits[0:2]}:{digits[2:4]}:{digits[4:6]}:{number:02x}"


def _adapters(host: Host) -> Iterator[Row]:
    yield {"Device": "vmhba0", "Type": "Block SCSI", "Status": "unknown", "Bus": 0, "Pci": "0000:00:17.0",
           "Driver": "vmw_ahci", "Model": "Lewisburg SATA AHCI Controller"}  # fmt: skip
    yield {"Device": "vmhba1", "Type": "Block SCSI", "Status": "unknown", "Bus": 3, "Pci": "0000:03:00.0",
           "Driver": "lsi_mr3", "Model": "PERC H755 Front"}  # fmt: skip
    if host.cluster.storage == "VMFS":
        digits = host.uuid.replace("-", "")[-10:]
        for number in (2, 3):
            wwn = f"20 00 00 24 {digits[0:2]} {digits[2:4]} {digits[4:6]} {number:02d}"
            yield {"Device": f"vmhba{number}", "Type": "Fibre Channel", "Status": "online", "Bus": 59,
                   "Pci": f"0000:3b:00.{number - 2}", "Driver": "qlnativefc",
                   "Model": "QLE2692 Dual Port 16Gb Fibre Channel Adapter", "WWN": wwn}  # fmt: skip


def _uplinks(host: Host) -> Iterator[Row]:
    for number in range(4):
        down = number == 3 and host.number % 9 == 4
        yield {
            "Network Device": f"vmnic{number}",
            "Driver": "ixgben" if number < 2 else "nmlx5_core",
            "Speed": None if down else 10_000 if number < 2 else 25_000,
            "Duplex": "Link is down!" if down else "True",
            "MAC": _host_mac(host, number),
            "Switch": "vSwitch0" if number < 2 else host.cluster.datacenter.switch,
            "Uplink port": "" if number < 2 else f"Uplink {number - 1}",
            "PCI": f"0000:{24 + number // 2}:00.{number % 2}",
            "WakeOn": number < 2,
        }


def _switches() -> Iterator[Row]:
    yield {
        "Switch": "vSwitch0",
        "# Ports": 6912,
        "Free Ports": 6895,
        "MTU": 1500,
        **_SECURITY,
        **_SHAPING,
        **_TEAMING,
    }


def _ports() -> Iterator[Row]:
    for name, vlan in (("Management Network", _MANAGEMENT_VLAN), ("VM Network", 0)):
        yield {"Port Group": name, "Switch": "vSwitch0", "VLAN": vlan, **_SECURITY, **_SHAPING, **_TEAMING}


def _kernel_ports(host: Host) -> Iterator[Row]:
    first, second, third, fourth = host.address.split(".")
    for number, (port_group, device, mtu) in enumerate(_KERNEL_PORTS):
        yield {
            "Port Group": port_group,
            "Device": device,
            "Mac Address": _host_mac(host, number) if number == 0 else _host_mac(host, 16 + number),
            "DHCP": False,
            "IP Address": host.address
            if number == 0
            else f"{first}.{second}.{int(third) + number * 4}.{fourth}",
            "Subnet mask": "255.255.255.0",
            "Gateway": f"{first}.{second}.{third}.1" if number == 0 else "",
            "MTU": mtu,
        }


def _distributed_switch(datacenter: Datacenter, used: Counter[Network], vcenter: VCenter) -> Row:
    names = [host.name for host in datacenter.hosts]
    machines = sum(used[network] for network in datacenter.networks)
    return {
        "Switch": datacenter.switch,
        "Datacenter": datacenter.name,
        "Name": datacenter.switch,
        "Vendor": "VMware, Inc.",
        "Version": "8.0.0" if vcenter.api_version.startswith("8") else "7.0.0",
        "Created": _CREATED,
        "Host members": joined(names),
        "Max Ports": 2_147_483_647,
        "# Ports": 8 * len(names) + 128 * len(datacenter.networks),
        "# VMs": machines,
        **_SHAPED_BOTH_WAYS,
        "CDP Type": "lldp",
        "CDP Operation": "both",
        "Max MTU": 9000,
        "Object ID": datacenter.networks[0].object_id.replace("dvportgroup", "dvs"),
    }


def _distributed_port(datacenter: Datacenter, network: Network, used: int) -> Row:
    return {
        "Port": network.name,
        "Switch": datacenter.switch,
        "Type": "earlyBinding",
        "# Ports": max(128, -(-used // 64) * 64),
        "VLAN": str(network.vlan),
        "Speed": 0,
        "Full Duplex": False,
        "Blocked": False,
        "Allow Promiscuous": False,
        "Mac Changes": False,
        "Active Uplink": "Uplink 1, Uplink 2",
        "Policy": "loadbalance_loadbased",
        "Forged Transmits": False,
        **_SHAPED_BOTH_WAYS,
        "Reverse Policy": True,
        "Notify Switch": True,
        "Rolling Order": False,
        "Check Beacon": False,
        "Live Port Moving": False,
        "Check Duplex": False,
        "Check Error %": False,
        "Check Speed": "minimum",
        "Percentage": 0,
        "Block Override": True,
        "Config Reset": True,
        "Shaping Override": False,
        "Vendor Config Override": False,
        "Sec. Policy Override": False,
        "Teaming Override": False,
        "Vlan Override": False,
        "Object ID": network.object_id,
    }
