"""Which header is which field, however people changed it. Those of each version: test_ingest_versions.py."""

import pytest

from data.workbook.headers import ALL_TABS, Layout, layout_of, tab_name

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
    assert [tab_name(tab) for tab in ALL_TABS] == list(ALL_TABS)
    assert tab_name("vSC+VMK") == "vSC_VMK"
    assert tab_name("Sheet1") is None
