"""Which header is which field, in every version and however people changed it."""

from pathlib import Path

import pytest

from data.fields import TABS, normalised
from data.workbook.headers import ALL_TABS, Layout, fields_read, layout_of, tab_name

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
    "vSnapshot": "Size MiB (vmsn), Size MiB (total)",
    "vTools": "SRM Placeholder",
    "vCluster": "Object ID, com.vmware.vcenter.cluster.edrs.upgradeHostAdded",
    "vHost": "Compliance Check State, in Maintenance Mode, in Quarantine Mode, vSAN Fault Domain Name, "
    "Memory Tiering Type, # VMs total, Domain List, Serial number, BIOS Vendor, Certificate Issuer, "
    "Certificate Start Date, Certificate Expiry Date, Certificate Status, Certificate Subject, "
    "AutoDeploy.MachineIdentity, UUID",
    "vDatastore": "# VMs total, Capacity MiB, Provisioned MiB, In Use MiB, Free MiB, Cluster capacity MiB, "
    "Cluster free space MiB, Object ID",
}
INSTEAD_IN_3_10 = {
    "vInfo": "Video Ram KB, Provisioned MB, In Use MB, Unshared MB",
    "vMemory": "Size MB",
    "vDisk": "Capacity MB",
    "vPartition": "Capacity MB, Consumed MB, Free MB, Free % ",
    "vNetwork": "IP Address",
    "vSnapshot": "Size MB (vmsn), Size MB (total)",
    "vTools": "Upgrade",
    "vDatastore": "Capacity MB, Provisioned MB, In Use MB, Free MB, Cluster capacity MB, Cluster free space MB",
}
NEW_IN_3_10 = {
    "vInfo": "Latency Sensitivity, EnableUUID, CBT",
    "vDisk": "Label, SCSI Unit #, Shared Bus",
    "vHost": "Assigned License(s), ATS Heartbeat, ATS Locking, Current CPU power man. policy, "
    "Supported CPU power man., Host Power Policy",
    "vDatastore": "Cluster name, Cluster capacity MB, Cluster free space MB",
}
LIKE_ATTRIBUTES = {"com.vmware.vcenter.cluster.edrs.upgradeHostAdded", "AutoDeploy.MachineIdentity"}
"""Custom attributes that nearly every vCenter has."""


def without(headers: dict[str, list[str]], gone: dict[str, str]) -> dict[str, list[str]]:
    return {
        tab: [header for header in names if header not in gone.get(tab, "").split(", ")]
        for tab, names in headers.items()
    }


def version(name: str) -> dict[str, list[str]]:
    """The headers of a version of RVTools."""
    headers = {tab: HEADERS_4_7[tab] for tab in TABS}
    if name in {"4.6", "4.7"}:
        return headers
    if name == "4.4":
        return without(headers, NEW_IN_4_6)
    headers = {
        tab: names + [header for header in INSTEAD_IN_3_10.get(tab, "").split(", ") if header]
        for tab, names in without(headers, NEW_SINCE_3_10).items()
        if tab != "vSource"
    }
    if name == "3.9":
        headers = without(headers, NEW_IN_3_10)
        del headers["vMetaData"]
    return headers


VERSIONS = ("3.9", "3.10", "4.4", "4.6", "4.7")


@pytest.mark.parametrize(
    ("name", "columns", "hosts"), [("3.9", 61, None), ("3.10", 64, 55), ("4.4", 81, 63), ("4.7", 90, 71)]
)
def test_the_header_lists_of_these_tests_are_as_long_as_the_real_ones(
    name: str, columns: int, hosts: int | None
) -> None:
    headers = version(name)
    assert len(headers["vInfo"]) == columns
    assert hosts is None or len(headers["vHost"]) == hosts


@pytest.mark.parametrize(("name", "tab"), [(name, tab) for name in VERSIONS for tab in version(name)])
def test_every_header_of_every_version_is_recognised(name: str, tab: str) -> None:
    headers = version(name)[tab]
    layout = layout_of(tab, headers)
    assert {attribute for attribute, _at in layout.attributes} <= LIKE_ATTRIBUTES
    assert layout.recognised == len(headers) - len(layout.attributes)


@pytest.mark.parametrize("tab", TABS)
def test_every_header_of_4_7_that_has_a_field_is_read_into_it(tab: str) -> None:
    own = {normalised(header) for header in HEADERS_4_7[tab]}
    fields = {field.key for field in fields_read(tab) if normalised(field.headers[0]) in own}
    assert {field.key for field, _at in layout_of(tab, HEADERS_4_7[tab]).fields} == fields


@pytest.mark.parametrize("tab", TABS)
def test_no_two_fields_of_a_tab_have_the_same_header_of_their_own(tab: str) -> None:
    headers = [normalised(field.headers[0]) for field in TABS[tab]]
    assert len(headers) == len(set(headers))


DB_HEADERS = {
    "vInfo": "VMName UUID Powerstate Template GuestHostName CPUs Memory Provisioned InUse DataCenter Cluster Host "
    "SRMPlaceHolder OSTools OS PrimaryIPAddress CreateDate NICs NumVirtualDisks Network1 Network8 Resourcepool Folder",
    "vHost": "Name Datacenter Cluster CpuModel CpuMhz NumCpu CoresPerCPU NumCpuCores MemorySize vCPUs VCPUsPerCore "
    "vSANFaultDomainName",
    "vPartition": "VMName UUID Disk CapacityMiB ConsumedMiB",
    "vMemory": "VMName UUID SizeMiB Reservation",
}


@pytest.mark.parametrize("tab", DB_HEADERS)
def test_headers_of_a_database_export_are_recognised(tab: str) -> None:
    layout = layout_of(tab, [f"{tab}{name}" for name in DB_HEADERS[tab].split()])
    assert layout.attributes == ()
    if tab == "vInfo":
        keys = {layout.headers[at].removeprefix(tab): field.key for field, at in layout.fields}
        assert (keys["UUID"], keys["CreateDate"], keys["InUse"]) == ("vm_uuid", "created_at", "in_use_mib")


def header_of(layout: Layout, key: str) -> str | None:
    return next((layout.headers[at] for field, at in layout.fields if field.key == key), None)


def position_of(layout: Layout, key: str) -> int | None:
    return next((at for field, at in layout.fields if field.key == key), None)


def test_headers_match_whatever_their_case_spaces_and_old_units() -> None:
    layout = layout_of("vInfo", ["  vm ", "POWERSTATE", "Provisioned  MB", "creation Date", "Video Ram KB"])
    assert [field.key for field, _at in layout.fields] == [
        "name", "power_state", "created_at", "video_ram_kib", "provisioned_mib",
    ]  # fmt: skip


def test_a_custom_attribute_called_name_is_an_attribute() -> None:
    headers = ["VM", "Powerstate", "Annotation", "Name", "Owner", "Datacenter", "Cluster", "Host"]
    assert layout_of("vInfo", headers).attributes == (("Name", 3), ("Owner", 4))


def test_in_vsnapshot_the_first_name_is_the_snapshot_and_the_tag_is_an_attribute() -> None:
    layout = layout_of(
        "vSnapshot", ["VM", "Powerstate", "Name", "Annotation", "Name", "Datacenter", "Cluster", "Host"]
    )
    assert position_of(layout, "snapshot_name") == 2
    assert layout.attributes == (("Name", 4),)


def test_a_tag_called_like_a_column_behind_the_tags_does_not_take_its_place() -> None:
    headers = [
        "VM",
        "Annotation",
        "Cluster",
        "Datacenter",
        "Host",
        "OS",
        "Datacenter",
        "Cluster",
        "Host",
        "VM ID",
    ]
    layout = layout_of("vInfo", headers)
    assert [position_of(layout, key) for key in ("datacenter", "cluster", "host")] == [6, 7, 8]
    assert layout.attributes == (("Cluster", 2), ("Datacenter", 3), ("Host", 4))


def test_of_equal_headers_the_first_wins_and_the_others_become_attributes() -> None:
    layout = layout_of("vInfo", ["VM", "Powerstate", "Owner", "VM", "Owner", "Owner"])
    assert position_of(layout, "name") == 0
    assert layout.attributes == (("Owner", 2), ("VM", 3), ("Owner (2)", 4), ("Owner (3)", 5))


def test_rvtools_own_header_goes_before_an_invented_one() -> None:
    layout = layout_of("vInfo", ["Hostname", "VM", "Guest Hostname", "DNS Name"])
    assert header_of(layout, "dns_name") == "DNS Name"
    assert [name for name, _at in layout.attributes] == ["Hostname", "Guest Hostname"]


def test_columns_without_a_header_are_not_read() -> None:
    layout = layout_of("vInfo", ["VM", "", "  ", "Memory"])
    assert (layout.recognised, layout.attributes) == (2, ())


@pytest.mark.parametrize("sheet", ["vInfo", "VINFO", "tabvInfo", " vInfo ", "RVTools_tabvInfo"])
def test_a_tab_is_known_by_its_name_in_any_case_and_by_the_old_names(sheet: str) -> None:
    assert tab_name(sheet) == "vInfo"


def test_every_tab_of_rvtools_is_known_and_nothing_else() -> None:
    assert set(TABS) < set(ALL_TABS)
    assert set(HEADERS_4_7) <= set(ALL_TABS)
    assert tab_name("vSC+VMK") == "vSC_VMK"
    assert tab_name("Sheet1") is None
