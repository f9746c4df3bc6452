"""Which headers each version of RVTools writes, tab by tab: those of 4.7 and what is different in the others."""

from pathlib import Path

HEADERS_4_7 = {
    tab: [header for header in headers.split(", ") if header != "..."]
    for line in Path(__file__).with_name("rvtools_4_7_headers.txt").read_text(encoding="utf-8").splitlines()
    for tab, headers in [line.split(": ", 1)]
}
NEW_IN_4_6 = {
    "vInfo": "Suspended To Memory, Suspend Interval, Overall Cpu Readiness, Active Memory, Fixed Passthru HotPlug, "
    "Op Notification Timeout, Vm Failover In Progress, Customization Info, Guest Detailed Data",
    "vHost": "Compliance Check State, Memory Tiering Type, Domain List, Certificate Issuer, Certificate Start Date, "
    "Certificate Expiry Date, Certificate Status, Certificate Subject",
}
NEW_SINCE_3_10 = {
    "vInfo": "SRM Placeholder, Suspended To Memory, Suspend Interval, Creation date, Overall Cpu Readiness, "
    "Active Memory, Total disk capacity MiB, Fixed Passthru HotPlug, min Required EVC Mode Key, "
    "Op Notification Timeout, Primary IP Address, Network #5, Network #6, Network #7, Network #8, Video Ram KiB, "
    "Folder ID, FT Role, Vm Failover In Progress, Provisioned MiB, In Use MiB, Unshared MiB, Reboot PowerOff, "
    "EFI Secure boot, Log directory, Snapshot directory, Suspend directory, Customization Info, "
    "Guest Detailed Data, SMBIOS UUID",
    "vCPU": "SRM Placeholder, Numa Hotadd Exposed",
    "vMemory": "SRM Placeholder, Size MiB, Memory Reservation Locked To Max",
    "vDisk": "SRM Placeholder, Disk Key, Disk UUID, Disk Path, Capacity MiB, Sharing mode, Internal Sort Column",
    "vPartition": "SRM Placeholder, Disk Key, Capacity MiB, Consumed MiB, Free MiB, Free %, Internal Sort Column",
    "vNetwork": "SRM Placeholder, NIC label, IPv4 Address, IPv6 Address, Direct Path IO, Internal Sort Column",
    "vCD": "SRM Placeholder",
    "vSnapshot": "Size MiB (vmsn), Size MiB (total)",
    "vTools": "SRM Placeholder",
    "vRP": "Resource Pool name, Resource Pool path, # VMs total, Object ID",
    "vCluster": "Object ID, com.vmware.vcenter.cluster.edrs.upgradeHostAdded",
    "vHost": "Compliance Check State, in Maintenance Mode, in Quarantine Mode, vSAN Fault Domain Name, "
    "Memory Tiering Type, # VMs total, Domain List, Serial number, BIOS Vendor, Certificate Issuer, "
    "Certificate Start Date, Certificate Expiry Date, Certificate Status, Certificate Subject, "
    "AutoDeploy.MachineIdentity, UUID",
    "vNIC": "Uplink port",
    "dvSwitch": "LACP Name, LACP Mode, LACP Load Balance Alg., Object ID",
    "dvPort": "In Traffic Shaping, Out Traffic Shaping, Object ID",
    "vDatastore": "# VMs total, Capacity MiB, Provisioned MiB, In Use MiB, Free MiB, Cluster capacity MiB, "
    "Cluster free space MiB, Object ID",
}
INSTEAD_IN_3_10 = {
    "vInfo": "Video Ram KB, Provisioned MB, In Use MB, Unshared MB",
    "vMemory": "Size MB",
    "vDisk": "Capacity MB",
    "vPartition": "Capacity MB, Consumed MB, Free MB, Free % ",
    "vNetwork": "IP Address",
    "vCD": "Select",
    "vSnapshot": "Size MB (vmsn), Size MB (total)",
    "vTools": "Upgrade",
    "vRP": "Resource pool",
    "dvPort": "In Traffic Shapping, Out Trafic Shaping",
    "vDatastore": "Capacity MB, Provisioned MB, In Use MB, Free MB, Cluster capacity MB, Cluster free space MB",
}
VFLOPPY = (
    "Select, VM, Powerstate, Template, Device Node, Connected, Starts Connected, Device Type, Annotation, Datacenter, "
    "Cluster, Host, Folder, OS according to the configuration file, OS according to the VMware Tools, VMRef, VM ID, "
    "VM UUID, VI SDK Server, VI SDK UUID"
)
"""The tab that RVTools 4.1 dropped."""
NEW_IN_3_10 = {
    "vInfo": "Latency Sensitivity, EnableUUID, CBT",
    "vDisk": "Label, SCSI Unit #, Shared Bus",
    "vHost": "Assigned License(s), ATS Heartbeat, ATS Locking, Current CPU power man. policy, "
    "Supported CPU power man., Host Power Policy",
    "vDatastore": "Cluster name, Cluster capacity MB, Cluster free space MB",
    "vHealth": "Message type",
}
OTHERWISE_IN_3_8 = {
    "OS according to the configuration file": "OS",
    "OS according to the VMware Tools": None,
    "VI SDK API Version": None,
    "VI SDK Server": None,
    "VI SDK UUID": "vCenter UUID",
}
"""Header of 3.9 -> that of 3.8 in all tabs; None: 3.8 has none."""
LIKE_ATTRIBUTES = {"com.vmware.vcenter.cluster.edrs.upgradeHostAdded", "AutoDeploy.MachineIdentity"}
"""Custom attributes that nearly every vCenter has."""
VERSIONS = ("3.8", "3.9", "3.10", "4.4", "4.6", "4.7")

Headers = dict[str, list[str]]


def headers_of(version: str) -> Headers:
    """Tab -> the headers that a version of RVTools writes, without custom attributes and tags."""
    if version in {"4.6", "4.7"}:
        return HEADERS_4_7
    if version == "4.4":
        return _without(HEADERS_4_7, NEW_IN_4_6)
    headers = {
        tab: names + [header for header in INSTEAD_IN_3_10.get(tab, "").split(", ") if header]
        for tab, names in _without(HEADERS_4_7, NEW_SINCE_3_10).items()
        if tab not in {"vUSB", "vSource", "vFileInfo"}
    } | {"vFloppy": VFLOPPY.split(", ")}
    if version == "3.10":
        return headers
    headers = _without(headers, NEW_IN_3_10)
    del headers["vMetaData"]
    if version == "3.9":
        return headers
    headers = _without(headers, {"vPartition": "Consumed MB"})
    del headers["vLicense"]
    return {
        tab: [name for header in names if (name := OTHERWISE_IN_3_8.get(header, header))]
        for tab, names in headers.items()
    }


def _without(headers: Headers, gone: dict[str, str]) -> Headers:
    return {
        tab: [header for header in names if header not in gone.get(tab, "").split(", ")]
        for tab, names in headers.items()
    }
