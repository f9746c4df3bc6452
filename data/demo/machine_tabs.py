"""Rows of the tabs that have machines as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from data.demo.model import Disk, Machine, Nic, Snapshot, VCenter
from data.demo.sheets import Row, Sheet
from data.vocabulary import PowerState

_UNKNOWN_DATE: Final = datetime.fromisoformat("1969-12-31T18:00")
"""What RVTools writes when vCenter does not know the date: the epoch in local time."""

_TOOLS_CURRENT: Final = 12389
_TOOLS_OLD: Final = (12325, 11365, 10346)
_BOOT_MIB: Final = 1014
_BOOT_USED_MIB: Final = 290

_UNREACHABLE_BLANKS: Final = (
    "DNS Name", "Guest state", "Heartbeat", "Consolidation Needed", "Suspended To Memory", "Change Version",
    "Overall Cpu Readiness", "Active Memory", "Primary IP Address", "Num Monitors", "Video Ram KiB",
    "DAS protection", "In Use MiB", "Unshared MiB", "Boot Required", "Boot retry enabled", "Boot BIOS setup",
    "Reboot PowerOff", "EFI Secure boot", "Firmware", "Fixed Passthru HotPlug", "EnableUUID",
)  # fmt: skip


def add_machines(sheets: Mapping[str, Sheet], vcenter: VCenter) -> None:
    """Write all machines, in the order of their names as RVTools does."""
    for machine in sorted(vcenter.machines, key=lambda machine: (machine.name, machine.vm_id)):
        rows = _Rows(vcenter, machine)
        sheets["vInfo"].add(rows.info())
        sheets["vCPU"].add(rows.cpu())
        sheets["vMemory"].add(rows.memory())
        sheets["vTools"].add(rows.tools())
        if machine.system_owned:
            continue
        for disk in machine.disks:
            sheets["vDisk"].add(rows.disk(disk))
        for partition in rows.partitions():
            sheets["vPartition"].add(partition)
        for number, nic in enumerate(machine.nics, start=1):
            sheets["vNetwork"].add(rows.network(number, nic))
        sheets["vCD"].add(rows.cd())
        if machine.usb:
            sheets["vUSB"].add(rows.usb())
        for number, snapshot in enumerate(machine.snapshots, start=1):
            sheets["vSnapshot"].add(rows.snapshot(number, snapshot))
    for machine in vcenter.strays:
        rows = _Rows(vcenter, machine)
        sheets["vTools"].add(rows.tools())
        for partition in rows.partitions():
            sheets["vPartition"].add(partition)


def tools_status(machine: Machine) -> str:
    """State of VMware Tools as vSphere sees it: in a machine that is off they do not run."""
    if machine.on or machine.tools == "toolsNotInstalled":
        return machine.tools
    return "toolsNotRunning"


def partitions(machine: Machine, disk: Disk) -> Iterator[tuple[str, int, int]]:
    """File systems of the guest on a disk: mount point, capacity and consumed MiB."""
    capacity, used = disk.capacity_mib, disk.guest_mib
    if machine.system.family == "windows":
        yield f"{'CDEFGHIJK'[disk.number - 1]}:\\", capacity - (615 if disk.number == 1 else 3), used
    elif disk.number == 1:
        boot = min(_BOOT_USED_MIB, used // 10)
        yield "/boot", _BOOT_MIB, boot
        rest = capacity - _BOOT_MIB - 4
        if capacity >= 60 * 1024:
            yield "/var", rest // 3, (used - boot) // 4
            rest, used = rest - rest // 3, used - (used - boot) // 4
        yield "/", rest, used - boot
    else:
        mount = machine.role.mount
        yield mount if disk.number == 2 else f"{mount}/data{disk.number - 1}", capacity - 1, used


class _Rows:
    """The rows of one machine, with what its tabs have in common."""

    def __init__(self, vcenter: VCenter, machine: Machine) -> None:
        self.vcenter = vcenter
        self.machine = machine
        cluster = machine.host.cluster
        self.head: Row = {
            "VM": machine.name,
            "Powerstate": machine.power.value,
            "Template": machine.template,
            "SRM Placeholder": False,
        }
        asked = machine.reachable and machine.tools != "toolsNotInstalled"
        self.place: Row = {
            "Annotation": machine.annotation,
            "Datacenter": cluster.datacenter.name,
            "Cluster": cluster.name,
            "Host": machine.host.name,
            "OS according to the configuration file": machine.system.config,
            "OS according to the VMware Tools": machine.system.tools if asked else "",
            "VM ID": machine.vm_id,
            "VM UUID": machine.uuid,
            "VI SDK Server": vcenter.server,
            "VI SDK UUID": vcenter.uuid,
        }
        self.tail: Row = self.place | {"Folder": machine.folder.path}
        self.attributes: Row = self._attributes()

    def _attributes(self) -> Row:
        machine = self.machine
        backup = machine.last_backup_at
        row: Row = {"NB_LAST_BACKUP": backup.isoformat(" ") if backup else ""}
        if machine.tagged and machine.application:
            row["CODE_CCX"] = machine.application.code
            row["Env"] = machine.environment.tag
            row["Owner"] = machine.application.owner
        return row

    @property
    def _home(self) -> str:
        return f"[{self.machine.home.name}] {self.machine.file_name}/"

    @property
    def _vm_ref(self) -> str:
        return str(int(self.machine.vm_id.removeprefix("vm-")) % 900 + 1)

    def info(self) -> Row:
        """The machine's row of vInfo. `Folder` stays empty, as in every real export of 4.6 and 4.7."""
        row = self.head | self.place | self.attributes | self._runtime() | self._size() | self._settings()
        if not self.machine.reachable:
            for header in _UNREACHABLE_BLANKS:
                row.pop(header, None)
        return row

    def _runtime(self) -> Row:
        machine, vcenter = self.machine, self.vcenter
        busy = 1 + round(machine.cpu_load * 6)
        return {
            "Config status": "green",
            "DNS Name": machine.dns_name,
            "Connection state": "connected" if machine.reachable else "inaccessible",
            "Guest state": "running" if machine.guest_known else "notRunning",
            "Heartbeat": "green" if machine.guest_known else "gray",
            "Consolidation Needed": machine.consolidation,
            "PowerOn": machine.powered_on_at,
            "Suspended To Memory": False,
            "Suspend time": machine.suspended_at,
            "Suspend Interval": "0",
            "Creation date": machine.created_at or _UNKNOWN_DATE,
            "Change Version": machine.changed_at,
            "Overall Cpu Readiness": f"{busy}%" if machine.on else "",
            "Active Memory": machine.active_mib,
            "min Required EVC Mode Key": machine.host.cluster.hardware.evc if machine.on else "",
            "Primary IP Address": machine.address,
            "Resource pool": "" if machine.template else machine.host.cluster.pool_root + machine.pool,
            "Folder ID": machine.folder.object_id,
            "vApp": machine.vapp,
            "DAS protection": "True" if machine.on and machine.host.cluster.name else "",
            "Cluster rule(s)": "antiAffinity" if machine.rule else "",
            "Cluster rule name(s)": machine.rule,
            "Customization Info": "IDLE",
            "Guest Detailed Data": machine.system.detail if machine.guest_known else "",
            "SMBIOS UUID": machine.smbios_uuid,
            "VI SDK Server type": vcenter.product,
            "VI SDK API Version": vcenter.api_version,
        }

    def _size(self) -> Row:
        machine = self.machine
        provisioned = in_use = 0
        for _, promised, taken in machine.storage():
            provisioned += promised
            in_use += taken
        row: Row = {
            "CPUs": machine.cpus,
            "Memory": machine.memory_mib,
            "NICs": len(machine.nics),
            "Disks": len(machine.disks),
            "Total disk capacity MiB": sum(disk.capacity_mib for disk in machine.disks),
            "Num Monitors": 1,
            "Video Ram KiB": 8192 if machine.system.family == "windows" else 4096,
            "Provisioned MiB": provisioned,
            "In Use MiB": in_use,
            "Unshared MiB": in_use,
        }
        for number, nic in enumerate(machine.nics[:8], start=1):
            row[f"Network #{number}"] = nic.network.name
        return row

    def _settings(self) -> Row:
        machine = self.machine
        windows = machine.system.family == "windows"
        return {
            "Fixed Passthru HotPlug": False,
            "Latency Sensitivity": "normal",
            "EnableUUID": "TRUE" if machine.hardware_version >= 19 else "",
            "CBT": "TRUE" if machine.last_backup_at else "",
            "FT State": "notConfigured",
            "FT Latency": "gray",
            "FT Bandwidth": -1,
            "FT Sec. Latency": -1,
            "HA Restart Priority": "high" if machine.role.code in {"dc", "ora"} else "medium",
            "HA Isolation Response": "none",
            "HA VM Monitoring": "vmMonitoringDisabled",
            "Boot Required": False,
            "Boot delay": 0,
            "Boot retry delay": 10000,
            "Boot retry enabled": False,
            "Boot BIOS setup": False,
            "Reboot PowerOff": False,
            "EFI Secure boot": machine.efi and windows,
            "Firmware": "efi" if machine.efi else "bios",
            "HW version": machine.hardware_version,
            "HW upgrade status": "none",
            "HW upgrade policy": "never",
            "Path": f"{self._home}{machine.file_name}.vmx",
            "Log directory": self._home,
            "Snapshot directory": self._home,
            "Suspend directory": self._home,
        }

    def cpu(self) -> Row:
        """The machine's row of vCPU."""
        machine = self.machine
        most = machine.cpus * machine.host.cluster.hardware.mhz
        return {
            **self.head,
            **self.tail,
            "CPUs": machine.cpus,
            "Sockets": machine.cpus // machine.cores_per_socket,
            "Cores p/s": machine.cores_per_socket,
            "Max": most if machine.on else 0,
            "Overall": machine.cpu_mhz,
            "Level": "normal",
            "Shares": machine.cpus * 1000,
            "Reservation": 0,
            "Entitlement": most * 7 // 10 if machine.on else 0,
            "DRS Entitlement": machine.cpu_mhz * 11 // 10,
            "Limit": -1,
            "Hot Add": machine.hardware_version >= 15,
            "Hot Remove": False,
            "Numa Hotadd Exposed": False,
        }

    def memory(self) -> Row:
        """The machine's row of vMemory."""
        machine = self.machine
        consumed, on = machine.consumed_mib, machine.on
        shared = consumed // 60
        return {
            **self.head,
            **self.tail,
            **self.attributes,
            "Size MiB": machine.memory_mib,
            "Memory Reservation Locked To Max": machine.role.code == "hana",
            "Overhead": 0,
            "Max": machine.memory_mib if on else 0,
            "Consumed": consumed,
            "Consumed Overhead": 40 + machine.cpus * 9 if on else 0,
            "Private": consumed - shared,
            "Shared": shared,
            "Swapped": machine.swapped_mib,
            "Ballooned": machine.ballooned_mib,
            "Active": machine.active_mib,
            "Entitlement": machine.memory_mib + 90 if on else 0,
            "DRS Entitlement": machine.active_mib * 5 // 4,
            "Level": "normal",
            "Shares": machine.memory_mib * 10,
            "Reservation": machine.memory_mib if machine.role.code == "hana" else 0,
            "Limit": -1,
            "Hot Add": machine.hardware_version >= 15,
        }

    def disk(self, disk: Disk) -> Row:
        """A row of vDisk. `Disk Path` names the guest's file systems on the disk, where they are known."""
        machine = self.machine
        file = machine.file_name if disk.number == 1 else f"{machine.file_name}_{disk.number - 1}"
        mounts = [mount for mount, _, _ in partitions(machine, disk)] if machine.guest_known else []
        return {
            **self.head,
            **self.tail,
            **self.attributes,
            "Disk": f"Hard disk {disk.number}",
            "Disk Key": str(disk.key),
            "Disk UUID": disk.uuid,
            "Disk Path": ", ".join(mounts),
            "Capacity MiB": disk.capacity_mib,
            "Raw": bool(disk.raw_lun),
            "Disk Mode": "persistent",
            "Sharing mode": "sharingNone",
            "Thin": disk.thin,
            "Eagerly Scrub": not disk.thin and not disk.raw_lun and machine.role.code in {"ora", "sql"},
            "Split": False,
            "Write Through": False,
            "Level": "normal",
            "Shares": 1000,
            "Reservation": 0,
            "Limit": -1,
            "Controller": "VMware paravirtual SCSI" if machine.hardware_version >= 13 else "LSI Logic SAS",
            "Label": "SCSI controller 0",
            "SCSI Unit #": 7,
            "Unit #": disk.number - 1,
            "Shared Bus": "noSharing",
            "Path": f"[{disk.datastore.name}] {machine.file_name}/{file}.vmdk",
            "Raw LUN ID": disk.raw_lun,
            "Raw Comp. Mode": "physicalMode" if disk.raw_lun else "",
        }

    def partitions(self) -> Iterator[Row]:
        """Rows of vPartition: none while the guest cannot be asked."""
        machine = self.machine
        if not machine.guest_known:
            return
        for disk in machine.disks:
            for mount, capacity, used in partitions(machine, disk):
                consumed = min(used, capacity)
                yield {
                    **self.head,
                    **self.tail,
                    "Disk Key": str(disk.key) if machine.hardware_version >= 14 else "",
                    "Disk": mount,
                    "Capacity MiB": capacity,
                    "Consumed MiB": consumed,
                    "Free MiB": capacity - consumed,
                    "Free %": (capacity - consumed) * 100 // capacity,
                }

    def network(self, number: int, nic: Nic) -> Row:
        """A row of vNetwork."""
        machine = self.machine
        hardware = nic.mac.replace(":", "")
        return {
            **self.head,
            **self.tail,
            "NIC label": f"Network adapter {number}",
            "Adapter": nic.adapter,
            "Network": nic.network.name,
            "Switch": machine.host.cluster.datacenter.switch,
            "Connected": machine.on,
            "Starts Connected": True,
            "Mac Address": nic.mac,
            "Type": "assigned",
            "IPv4 Address": nic.address,
            "IPv6 Address": f"fe80::250:56ff:fe{hardware[6:8]}:{hardware[8:]}" if nic.address else "",
            "Direct Path IO": False,
        }

    def cd(self) -> Row:
        """The machine's row of vCD."""
        machine = self.machine
        library = f"{machine.host.cluster.datacenter.code.upper()}-ISO"
        return {
            **self.head,
            **self.tail,
            "Device Node": "CD/DVD drive 1",
            "Connected": machine.cd_connected and machine.on,
            "Starts Connected": machine.cd_connected,
            "Device Type": f"ISO [{library}] install/tools.iso" if machine.cd_connected else "Remote ATAPI",
            "VMRef": self._vm_ref,
        }

    def usb(self) -> Row:
        """The machine's row of vUSB, whose header of the guest system is spelt in its own way."""
        tail = {header.replace("VMware Tools", "VMware tools"): value for header, value in self.tail.items()}
        return {
            **self.head,
            **tail,
            "Device Node": "USB controller",
            "Device Type": "VirtualUSBController",
            "Connected": self.machine.on,
            "EHCI enabled": True,
            "Auto connect": False,
            "Bus number": 0,
            "VMRef": self._vm_ref,
        }

    def snapshot(self, number: int, snapshot: Snapshot) -> Row:
        """A row of vSnapshot, which has no `Template` and no `SRM Placeholder`."""
        machine = self.machine
        return {
            "VM": machine.name,
            "Powerstate": machine.power.value,
            **self.tail,
            **self.attributes,
            "Name": snapshot.name,
            "Description": snapshot.description,
            "Date / time": snapshot.taken_at,
            "Filename": f"{self._home}{machine.file_name}-Snapshot{number}.vmsn",
            "Size MiB (vmsn)": round(min(snapshot.size_mib, 0.03), 2),
            "Size MiB (total)": snapshot.size_mib,
            "Quiesced": snapshot.quiesced,
            "State": "poweredOn" if machine.power is PowerState.SUSPENDED else machine.power.value,
        }

    def tools(self) -> Row:
        """The machine's row of vTools."""
        machine = self.machine
        status = tools_status(machine)
        known = machine.guest_known
        old = machine.tools == "toolsOld"
        version = _TOOLS_OLD[machine.hardware_version % 3] if old else _TOOLS_CURRENT
        return {
            **self.head,
            **self.tail,
            "VM Version": machine.hardware_version,
            "Tools": status,
            "Tools Version": 0 if status == "toolsNotInstalled" else version,
            "Required Version": _TOOLS_CURRENT,
            "Upgradeable": "Yes" if old and known else "No",
            "Upgrade Policy": "manual",
            "Sync time": False,
            "App status": "none",
            "Heartbeat status": "appStatusGreen" if known else "appStatusGray",
            "Kernel Crash state": False,
            "Operation Ready": known,
            "State change support": known,
            "Interactive Guest": known and machine.system.family == "windows",
            "VMRef": self._vm_ref,
        }
