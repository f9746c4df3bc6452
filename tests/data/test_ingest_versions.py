"""Every header of every version of RVTools is known, and its cells are read as what the column holds."""

from datetime import datetime
from typing import Any

import pytest

from data.fields import REPEATED_HEADERS, SDK, TABS, VM_PLACE, VM_TABS, normalised
from data.workbook.cells import ColumnReader
from data.workbook.headers import ALL_TABS, fields_read, layout_of
from tests.data.rvtools_versions import HEADERS_4_7, LIKE_ATTRIBUTES, VERSIONS, headers_of

COLUMNS = {
    "3.8": {"vHost": 48, "vDatastore": 24},
    "3.9": {"vInfo": 61},
    "3.10": {
        "vInfo": 64, "vCPU": 27, "vMemory": 31, "vDisk": 34, "vPartition": 19, "vNetwork": 22, "vFloppy": 20,
        "vCD": 20, "vSnapshot": 21, "vTools": 29, "vRP": 46, "vCluster": 33, "vHost": 55, "vHBA": 13, "vNIC": 13,
        "vSwitch": 23, "vPort": 22, "dvSwitch": 26, "dvPort": 40, "vSC_VMK": 15, "vDatastore": 28,
        "vMultiPath": 35, "vLicense": 10, "vHealth": 5, "vMetaData": 4,
    },
    "4.4": {"vInfo": 81, "vHost": 63},
    "4.7": {
        "vInfo": 90, "vCPU": 29, "vMemory": 33, "vDisk": 40, "vPartition": 22, "vNetwork": 27, "vCD": 20, "vUSB": 25,
        "vSnapshot": 21, "vTools": 29, "vSource": 14, "vRP": 49, "vCluster": 35, "vHost": 71, "vHBA": 13, "vNIC": 14,
        "vSwitch": 23, "vPort": 22, "dvSwitch": 30, "dvPort": 41, "vSC_VMK": 15, "vDatastore": 30,
        "vMultiPath": 35, "vLicense": 10, "vFileInfo": 8, "vHealth": 5, "vMetaData": 4,
    },
}  # fmt: skip
"""How many columns real exports of a version have, custom attributes left out."""

EVERY_TAB = [(version, tab) for version in VERSIONS for tab in headers_of(version)]


@pytest.mark.parametrize("version", COLUMNS)
def test_the_header_lists_of_these_tests_are_as_long_as_the_real_ones(version: str) -> None:
    headers = headers_of(version)
    assert {tab: len(headers[tab]) for tab in COLUMNS[version]} == COLUMNS[version]


def test_every_tab_of_every_version_has_fields() -> None:
    assert {tab for _version, tab in EVERY_TAB} == set(TABS) == set(ALL_TABS)


def repeated(tab: str) -> set[str]:
    """Headers that say again what another column says, or serve RVTools itself."""
    place = (*VM_PLACE, *SDK) if tab in VM_TABS else ()
    return {
        normalised(header)
        for header in (
            *REPEATED_HEADERS.get(tab, ()),
            *(header for field in place for header in field.headers),
        )
    }


@pytest.mark.parametrize(("version", "tab"), EVERY_TAB)
def test_every_header_is_read_once_or_known_to_repeat_another(version: str, tab: str) -> None:
    headers = headers_of(version)[tab]
    layout = layout_of(tab, headers)
    attributes = [at for _name, at in layout.attributes]
    read = [at for _field, at in layout.fields]
    assert {headers[at] for at in attributes} <= LIKE_ATTRIBUTES
    assert len(read) == len(set(read))
    assert len({field.key for field, _at in layout.fields}) == len(read)
    left = {normalised(headers[at]) for at in range(len(headers)) if at not in {*read, *attributes}}
    assert left <= repeated(tab)


@pytest.mark.parametrize("tab", HEADERS_4_7)
def test_every_header_of_4_7_is_read_into_the_field_that_has_it_first(tab: str) -> None:
    own = {normalised(header) for header in HEADERS_4_7[tab]}
    fields = {field.key for field in fields_read(tab) if normalised(field.headers[0]) in own}
    assert {field.key for field, _at in layout_of(tab, HEADERS_4_7[tab]).fields} == fields


@pytest.mark.parametrize("tab", TABS)
def test_no_two_fields_of_a_tab_have_a_header_of_rvtools_in_common(tab: str) -> None:
    headers = [normalised(field.headers[0]) for field in TABS[tab]]
    assert len(headers) == len(set(headers))


@pytest.mark.parametrize(
    ("version", "tab", "header", "key"),
    [
        ("3.8", "vInfo", "OS", "os_config"),
        ("3.8", "vHost", "vCenter UUID", "vi_sdk_uuid"),
        ("3.8", "dvSwitch", "vCenter UUID", "vi_sdk_uuid"),
        ("3.10", "vInfo", "Provisioned MB", "provisioned_mib"),
        ("3.10", "vInfo", "Video Ram KB", "video_ram_kib"),
        ("3.10", "vDisk", "Capacity MB", "capacity_mib"),
        ("3.10", "vPartition", "Free % ", "free_pct"),
        ("3.10", "vNetwork", "IP Address", "ipv4_address"),
        ("3.10", "vSnapshot", "Size MB (total)", "size_mib"),
        ("3.10", "vRP", "Resource pool", "path"),
        ("3.10", "dvPort", "In Traffic Shapping", "in_shaping"),
        ("3.10", "dvPort", "Out Trafic Shaping", "out_shaping"),
        ("3.10", "vDatastore", "Cluster free space MB", "cluster_free_mib"),
        ("3.10", "vFloppy", "Device Node", "device_node"),
    ],
)
def test_an_older_header_is_read_into_the_field_of_the_newer_one(
    version: str, tab: str, header: str, key: str
) -> None:
    headers = headers_of(version)[tab]
    assert (key, headers.index(header)) in {(field.key, at) for field, at in layout_of(tab, headers).fields}


@pytest.mark.parametrize(("version", "tab"), EVERY_TAB)
def test_tags_in_front_of_their_place_take_no_column_away(version: str, tab: str) -> None:
    headers = headers_of(version)[tab]
    place = headers.index("Datacenter") if tab in VM_TABS else len(headers)
    tagged = [*headers[:place], "Owner", "environment", *headers[place:]]
    plain, found = layout_of(tab, headers), layout_of(tab, tagged)
    assert {(field.key, tagged[at]) for field, at in found.fields} == {
        (field.key, headers[at]) for field, at in plain.fields
    }
    assert {name for name, _at in found.attributes} - LIKE_ATTRIBUTES == {"Owner", "environment"}


MOMENT = datetime(2026, 9, 1, 9, 30)


@pytest.mark.parametrize(
    ("tab", "header", "cell", "value"),
    [
        ("vInfo", "Suspend Interval", "0", 0),
        ("vInfo", "Overall Cpu Readiness", "0.52 %", 0.52),
        ("vInfo", "EnableUUID", "TRUE", True),
        ("vInfo", "CBT", "", None),
        ("vInfo", "Creation date", datetime(1969, 12, 31, 18), None),
        ("vInfo", "PowerOn", "2016/03/17 08:15:00", datetime(2016, 3, 17, 8, 15)),
        ("vInfo", "Primary IP Address", "192.168.100.200", "192.168.100.200"),
        ("vInfo", "VM", 4711.0, "4711"),
        ("vCPU", "Limit", -1.0, -1.0),
        ("vDisk", "Disk Key", "2000", 2000),
        ("vDisk", "Disk Key", 2000.0, 2000),
        ("vPartition", "Free %", 12.0, 12.0),
        ("vCD", "VMRef", "11", "11"),
        ("vCD", "VMRef", 11.0, "11"),
        ("vCD", "Connected", "False", False),
        ("vFloppy", "Starts Connected", "True", True),
        ("vUSB", "EHCI enabled", "True", True),
        ("vUSB", "Bus number", 0.0, 0),
        ("vUSB", "Speed", "low,full,high", "low,full,high"),
        ("vSnapshot", "Size MiB (total)", 1024.25, 1024.25),
        ("vSource", "Patch level", "00700", "00700"),
        ("vSource", "Product version", "8.0", "8.0"),
        ("vSource", "Build", 22088125.0, "22088125"),
        ("vRP", "Status", "green", "green"),
        ("vRP", "Status", 1.0, "1"),
        ("vRP", "Mem expandableReservation", "True", True),
        ("vRP", "CPU limit", 184288.0, 184288.0),
        ("vRP", "QS compressedMemory", 2048.0, 2048.0),
        ("vHost", "ATS Heartbeat", "1", "1"),
        ("vHost", "ATS Locking", 1.0, "1"),
        ("vHost", "GMT Offset", "0", "0"),
        ("vHost", "BIOS Date", "2024/03/15 00:00:00", datetime(2024, 3, 15)),
        ("vHBA", "Bus", -1.0, -1),
        ("vHBA", "Pci", "0000:00:1f.2", "0000:00:1f.2"),
        ("vNIC", "Speed", "", None),
        ("vNIC", "Speed", 25000.0, 25000),
        ("vNIC", "Duplex", "Link is down!", "Link is down!"),
        ("vNIC", "WakeOn", "False", False),
        ("vSwitch", "# Ports", 6912.0, 6912),
        ("vSwitch", "Peak", 100_000_000_000.0, 100_000_000_000.0),
        ("vPort", "VLAN", 101.0, "101"),
        ("dvSwitch", "Max Ports", 2_147_483_647.0, 2_147_483_647),
        ("dvSwitch", "Created", MOMENT, MOMENT),
        ("dvSwitch", "Version", "8.0.0", "8.0.0"),
        ("dvPort", "VLAN", "0-4094", "0-4094"),
        ("dvPort", "Check Error %", "False", False),
        ("dvPort", "Percentage", 0.0, 0.0),
        ("vSC_VMK", "MTU", 9000.0, 9000),
        ("vSC_VMK", "DHCP", "False", False),
        ("vDatastore", "Version", "6.82", "6.82"),
        ("vDatastore", "Version", 6.82, "6.82"),
        ("vMultiPath", "Path 8", "vmhba3:C0:T1:L7", "vmhba3:C0:T1:L7"),
        ("vMultiPath", "Path 8 state", "active", "active"),
        ("vMultiPath", "Level", "6", "6"),
        ("vMultiPath", "Queue depth", 64.0, 64),
        ("vLicense", "Expiration Date", "Never", "Never"),
        ("vLicense", "Expiration Date", MOMENT, "2026/09/01 09:30:00"),
        ("vLicense", "Total", 128.0, 128),
        ("vFileInfo", "File Size in bytes", 5_368_709_120.0, 5_368_709_120.0),
        ("vHealth", "Message type", "NTP", "NTP"),
        ("vMetaData", "RVTools major version", 4.7, "4.7"),
        ("vMetaData", "xlsx creation datetime", "4/4/2018 5:25:31 PM", datetime(2018, 4, 4, 17, 25, 31)),
    ],
)
def test_a_cell_is_read_as_what_its_column_holds(tab: str, header: str, cell: Any, value: Any) -> None:
    ((field, _at),) = layout_of(tab, [header]).fields
    reader = ColumnReader(field.kind)
    (found,) = reader.read([cell], [2])
    assert (found, type(found), reader.refused) == (value, type(value), 0)
