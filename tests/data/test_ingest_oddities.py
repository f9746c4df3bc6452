"""What real exports do that made-up ones do not: each kind of oddity has a number here and a test of its own.

1 booleans that are text, 2 dates, 3 text that is a number, 4 numbers that are text, 5 keys, 6 folders, 7 tabs with
other machines, 8 custom attributes, 9 headers that people changed, 10 blank and extra rows, 11 placeholders, 12 long
cells and lists, 13 writers of workbooks, 14 sizes, 15 faults of RVTools itself, 16 its own data sheet.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from data.demo import write_demo
from data.ingest.survey import survey
from data.workbook.process import opened
from data.workbook.spool import Reading
from tests.data.readings import names, nothing, read, records, remarks, write_csvs
from tests.data.rvtools_versions import headers_of
from tests.data.workbooks import Rows, table, vm, write_workbook

SAMPLES = Path(__file__).parents[1] / "samples"


def values(tmp_path: Path, tab: str, header: str, cells: list[Any], **others: Any) -> list[Any]:
    """What one column of a tab gives, cell by cell."""
    keys = {"VM": "a", "VM ID": "vm-1"} if "VM" in headers_of("4.7")[tab] else {"Name": "n", "Host": "esx1"}
    rows = table(*({**keys, "Powerstate": "x", **others, header: cell} for cell in cells))
    tabs: dict[str, Rows] = {"vInfo": table(vm("a", 1))} | {tab: rows}
    with read(tmp_path, tabs) as reading:
        [workbook] = reading.workbooks
        [key] = [name for name in workbook.tabs[tab].keys if key_has(tab, name, header)]
        return [record[key] for record in records(workbook, tab)]


def key_has(tab: str, key: str, header: str) -> bool:
    from data.workbook.headers import fields_read

    return any(field.key == key and header in field.headers for field in fields_read(tab))


def test_1_booleans_are_text_of_any_case_or_native_and_a_blank_is_unknown(tmp_path: Path) -> None:
    cells = ["True", "False", "TRUE", "FALSE", True, False, ""]
    said = [True, False, True, False, True, False, None]
    for tab, header in [("vInfo", "EnableUUID"), ("vInfo", "CBT"), ("vDisk", "Thin"), ("vHost", "HT Active")]:
        assert values(tmp_path, tab, header, cells) == said


def test_2_dates_are_cells_or_text_and_the_epoch_and_never_are_unknown(tmp_path: Path) -> None:
    cells = [
        datetime(2025, 2, 26, 12, 53, 7), "2025/02/26 12:53:07", "2025/02/26", datetime(2025, 2, 26),
        datetime(1970, 1, 1), "1969/12/31 18:00:00", "1969-12-31 22:00:00", "", "Never",
    ]  # fmt: skip
    said = [datetime(2025, 2, 26, 12, 53, 7)] * 2 + [datetime(2025, 2, 26)] * 2 + [None] * 5
    assert values(tmp_path, "vInfo", "Creation date", cells) == said
    bios = [datetime(2020, 1, 1), "2019/05/06 00:00:00", "05/06/2019"]
    assert values(tmp_path, "vHost", "BIOS Date", bios) == [datetime(2020, 1, 1), datetime(2019, 5, 6), None]


def test_2_a_licence_says_when_it_expires_or_that_it_never_does(tmp_path: Path) -> None:
    cells = ["Never", datetime(2027, 1, 31), "2027/01/31 00:00:00"]
    expires = ["Never", "2027/01/31 00:00:00", "2027/01/31 00:00:00"]
    assert values(tmp_path, "vLicense", "Expiration Date", cells) == expires


@pytest.mark.parametrize(
    ("tab", "header", "cells", "said"),
    [
        ("vInfo", "Suspend Interval", ["400", 400.0], [400, 400]),
        ("vDisk", "Disk Key", ["2000", 2000.0], [2000, 2000]),
        ("vCD", "VMRef", ["00700", 700.0], ["00700", "700"]),
        ("vHost", "GMT Offset", ["0", 2.0], ["0", "2"]),
        ("vHost", "ATS Heartbeat", ["1", 1.0], ["1", "1"]),
        ("vDatastore", "Version", ["8.0", 6.82, 8.0], ["8.0", "6.82", "8"]),
        ("vSource", "Patch level", ["00700", 400.0], ["00700", "400"]),
        ("vSource", "Build", ["24022515", 24022515.0], ["24022515", "24022515"]),
        ("vSource", "Product version", ["8.0", 8.0], ["8.0", "8"]),
    ],
)
def test_3_the_column_decides_what_text_and_numbers_are_never_the_cell(
    tmp_path: Path, tab: str, header: str, cells: list[Any], said: list[Any]
) -> None:
    assert values(tmp_path, tab, header, cells) == said


def test_4_numbers_are_read_only_where_the_column_holds_numbers(tmp_path: Path) -> None:
    addresses = ["192.168.100.200", "10.0.0.1"]
    assert values(tmp_path, "vInfo", "Primary IP Address", addresses) == addresses
    assert values(tmp_path, "vInfo", "Overall Cpu Readiness", ["1.5%", "0 %", 2.5]) == [1.5, 0, 2.5]
    assert values(tmp_path, "vCPU", "Limit", [-1.0, "-1"]) == [-1, -1]
    assert values(tmp_path, "vSnapshot", "Size MiB (total)", [12.25, "12.25"]) == [12.25, 12.25]
    with read(tmp_path, {"vInfo": table(vm("007"), vm("1000"))}) as reading:
        assert names(reading.workbooks[0]) == ["007", "1000"]


def test_5_machines_may_share_a_name_and_an_smbios_uuid_and_may_have_a_name_alone(tmp_path: Path) -> None:
    same = {"SMBIOS UUID": "same"}
    rows = table(vm("a", 1) | same, vm("a", 2) | same, vm("b") | same)
    with read(tmp_path, {"vInfo": rows}) as reading:
        found = [(row["name"], row["vm_id"], row["smbios_uuid"]) for row in records(reading.workbooks[0])]
    assert found == [("a", "vm-1", "same"), ("a", "vm-2", "same"), ("b", None, "same")]


def test_6_a_folder_that_vinfo_leaves_blank_is_taken_from_other_tabs(tmp_path: Path) -> None:
    tabs = {
        "vInfo": table(vm("a", 1, Folder=""), vm("b", 2, Folder="")),
        "vCPU": table({"VM": "a", "VM ID": "vm-1", "CPUs": 2, "Sockets": 1, "Folder": "/DC1/vm/web"}),
    }
    with read(tmp_path, tabs) as reading:
        assert survey(reading.workbooks[0]).folders == ["/DC1/vm/web", None]


def test_7_tabs_may_hold_other_machines_than_vinfo_and_keep_their_rows(tmp_path: Path) -> None:
    tabs = {
        "vInfo": table(vm("a", 1)),
        "vTools": table(
            {"VM": "gone", "VM ID": "vm-9", "Tools": "toolsOk"}, {"VM": "a", "VM ID": "vm-1", "Tools": "x"}
        ),
        "vPartition": table({"VM": "gone", "VM ID": "vm-9", "Disk": "C:\\", "Capacity MiB": 5}),
    }
    with read(tmp_path, tabs) as reading:
        [workbook] = reading.workbooks
        found = survey(workbook)
        assert (names(workbook, "vTools"), names(workbook, "vPartition")) == (["a", "gone"], ["gone"])
        assert (found.orphans("vTools"), found.orphans("vPartition")) == (1, 1)
        assert reading.content.rejected == 0


def test_8_tags_called_like_columns_are_attributes_and_the_first_header_wins(tmp_path: Path) -> None:
    headers = [
        "VM", "Powerstate", "Name", "Description", "Date / time", "Annotation", "environment", "Name", "Owner",
        "Datacenter", "Cluster", "Host", "VM ID",
    ]  # fmt: skip
    cells = [
        "a",
        "poweredOn",
        "before patch",
        "d",
        "",
        "note",
        "prod",
        "tagged",
        "me",
        "DC1",
        "C1",
        "esx1",
        "vm-1",
    ]
    cluster = {"Name": "C1", "NumHosts": 3, "com.vmware.vcenter.cluster.edrs.upgradeHostAdded": "false"}
    host = {"Host": "esx1", "Datacenter": "DC1", "AutoDeploy.MachineIdentity": "x", "UUID": "u"}
    tabs = {
        "vInfo": table(vm("a", 1)), "vSnapshot": [headers, cells], "vCluster": table(cluster), "vHost": table(host),
    }  # fmt: skip
    with read(tmp_path, tabs) as reading:
        [workbook] = reading.workbooks
        [snapshot] = records(workbook, "vSnapshot")
        assert snapshot["snapshot_name"] == "before patch"
        last = {tab: next(workbook.rows(tab))[-1] for tab in ("vSnapshot", "vCluster", "vHost")}
    assert last == {
        "vSnapshot": {"environment": "prod", "Name": "tagged", "Owner": "me"},
        "vCluster": {"com.vmware.vcenter.cluster.edrs.upgradeHostAdded": "false"},
        "vHost": {"AutoDeploy.MachineIdentity": "x"},
    }


def test_9_columns_may_stand_anywhere_in_any_case_with_spaces_and_old_units(tmp_path: Path) -> None:
    headers = ["Free % ", "mine", "CAPACITY MB", "vm", "Disk", "Creation Date"]
    with read(
        tmp_path, {"vInfo": table(vm("a")), "vPartition": [headers, [7, "x", 100, "a", "C:\\", "y"]]}
    ) as reading:
        [workbook] = reading.workbooks
        [partition] = records(workbook, "vPartition")
    assert (partition["free_pct"], partition["capacity_mib"], partition["mount_point"]) == (7, 100, "C:\\")
    usb = {
        "VM": "a",
        "Device Node": "USB 1",
        "OS according to the VMware tools": "Linux",
        "Connected": "True",
    }
    with read(tmp_path, {"vInfo": table(vm("a", Creation_Date="2025/01/01")), "vUSB": table(usb)}) as reading:
        [workbook] = reading.workbooks
        assert workbook.tabs["vUSB"].attributes == ()
        assert records(workbook)[0]["created_at"] == datetime(2025, 1, 1)


def test_10_a_table_ends_where_its_content_ends_and_notes_below_it_are_no_machines(tmp_path: Path) -> None:
    header, first, second = table(vm("a", 1), vm("b", 2))
    blank = [[" ", ""] for _ in range(300)]
    total = ["Total", "", "", 4, 8192]
    with read(
        tmp_path, {"vInfo": [header, first, [], second, *blank, total, ["", "", "", 4], ["a note"]]}
    ) as reading:
        assert names(reading.workbooks[0]) == ["a", "b"]
        assert [left.row for left in reading.rejections()] == [305, 306, 307]
    with opened(SAMPLES / "libreoffice-4.6-million-row-dimension.xlsx", nothing) as reading:
        assert reading.workbooks[0].tabs["vInfo"].rows == 9
    with opened(SAMPLES / "workshop-805-vms-3-tabs.xlsx", nothing) as reading:
        assert reading.workbooks[0].tabs["vInfo"].rows == 805


def test_11_the_sentence_in_an_empty_vfileinfo_is_no_file_and_no_rejection(tmp_path: Path) -> None:
    sentence = "This tab page is empty when GetFileInfo option is not set. See the documentation."
    headers = headers_of("4.7")["vFileInfo"]
    with read(tmp_path, {"vInfo": table(vm("a")), "vFileInfo": [headers, [sentence]]}) as reading:
        tab = reading.workbooks[0].tabs["vFileInfo"]
        assert (tab.rows, tab.skipped, tab.remarks, reading.content.rejected) == (0, 0, (), 0)


def test_12_lists_and_long_cells_are_kept_whole(tmp_path: Path) -> None:
    hosts = ", ".join(f"esx{number}.example.com" for number in range(64))
    pairs = "architecture='X86' bitness='64' prettyName='Debian GNU/Linux 12'"
    assert values(tmp_path, "vDatastore", "Hosts", [hosts]) == [hosts]
    assert values(tmp_path, "vInfo", "Guest Detailed Data", [pairs]) == [pairs]
    assert values(tmp_path, "vLicense", "Features", ["x" * 32_000]) == ["x" * 32_000]


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("*.xlsx")))
def test_13_workbooks_of_every_writer_are_read_without_a_rejected_cell(sample: str) -> None:
    with opened(SAMPLES / sample, nothing) as reading:
        [workbook] = reading.workbooks
        assert workbook.tabs["vInfo"].rows > 0
        assert [left for left in reading.rejections() if left.column] == []


def test_14_a_full_export_of_all_tabs_is_read_whole(tmp_path: Path) -> None:
    [path] = write_demo(tmp_path / "demo.xlsx", vms=300, seed=1)
    with opened(path, nothing) as reading:
        [workbook] = reading.workbooks
        assert set(workbook.tabs) == set(headers_of("4.7"))
        assert all(tab.is_known for tab in workbook.part.tabs)


def test_15_an_extra_header_row_of_the_merge_tool_is_no_machine(tmp_path: Path) -> None:
    header, *rows = table(vm("a", 1), vm("b", 2))
    with read(tmp_path, {"vInfo": [header, rows[0], header, rows[1]]}) as reading:
        assert names(reading.workbooks[0]) == ["a", "b"]
        assert [(left.row, left.reason) for left in reading.rejections()] == [(3, "a header row once more")]


def test_15_quotes_and_line_breaks_in_csv_cells_do_not_move_columns(tmp_path: Path) -> None:
    text = "\ufeffVM,Powerstate,Annotation,CPUs,Memory,Datacenter,Cluster,Host,VM ID,VM UUID\r\n"
    text += '"a","poweredOn","says "hello", twice","2","4,096","DC1","C1","esx1","vm-1","u1"\r\n'
    text += '"b","poweredOff","two\nlines ""quoted""","4","8,192","DC1","C1","esx1","vm-2","u2"\r\n'
    (tmp_path / "RVTools_tabvInfo.csv").write_bytes(text.encode())
    with opened(tmp_path / "RVTools_tabvInfo.csv", nothing) as reading:
        [workbook] = reading.workbooks
        found = [(row["annotation"], row["cpus"], row["memory_mib"]) for row in records(workbook)]
    assert found == [('says "hello", twice', 2, 4096), ('two\nlines "quoted"', 4, 8192)]


def test_16_vmetadata_may_be_missing_and_has_a_row_per_source_in_a_merged_workbook(tmp_path: Path) -> None:
    machines = [vm("a", 1), vm("b", 1) | {"VI SDK Server": "vc2", "VI SDK UUID": "other"}]
    with read(tmp_path, {"vInfo": table(*machines)}) as reading:
        assert len(reading.workbooks) == 2
    meta = [{"RVTools version": "4.7.1", "Server": server} for server in ("vc1.example.com", "vc2")]
    with read(tmp_path, {"vInfo": table(*machines), "vMetaData": table(*meta)}) as reading:
        assert [[row["server"] for row in records(found, "vMetaData")] for found in reading.workbooks] == [
            ["vc1.example.com"],
            ["vc2"],
        ]


def cells_of(path: Path) -> dict[str, list[list[Any]]]:
    with CalamineWorkbook.from_path(path) as workbook:
        return {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in workbook.sheet_names
        }


def content_of(reading: Reading) -> list[Any]:
    """All that was read, as far as it does not say where it lies."""
    found: list[Any] = [reading.content.rejected, list(reading.rejections()), sorted(remarks(reading))]
    for workbook in reading.workbooks:
        found.append((workbook.part.server, workbook.part.uuid))
        for name, tab in sorted(workbook.tabs.items()):
            said = (
                tab.rows,
                tab.skipped,
                tab.keys,
                tab.attributes,
                tab.filled,
                tab.sources,
                tab.headers_read,
            )
            found += [name, *said, *workbook.rows(name)]
    return found


@pytest.mark.parametrize(
    ("seed", "delimiter", "quote_all"), [(1, ",", False), (2, ";", True), (3, "\t", False), (4, ",", True)]
)
def test_a_workbook_and_its_tabs_as_csv_files_give_the_same_rows(
    tmp_path: Path, seed: int, delimiter: str, quote_all: bool
) -> None:
    [path] = write_demo(tmp_path / "demo.xlsx", vms=60, seed=seed)
    tabs: Mapping[str, Rows] = cells_of(path)
    archive = write_csvs(tmp_path / "x.zip", tabs, delimiter, quote_all=quote_all)
    with opened(path, nothing) as workbook, opened(archive, nothing) as files:
        assert content_of(files) == content_of(workbook)


def test_a_workbook_with_unreadable_cells_notes_and_totals_gives_the_same_as_its_csv_files(
    tmp_path: Path,
) -> None:
    rows = table(
        vm("a", 1, CPUs="many", Annotation="pw: x1"), vm("b" * 300, 2, Owner="me"), vm("c", 3, Owner=7)
    )
    below = [["Total", "", "", 6.0, 12288.0], ["", "", "", 6.0], [], ["a note"]]
    filled_up = [[*row, *[""] * (len(rows[0]) - len(row))] for row in [*rows, rows[0], *below]]
    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": filled_up})
    archive = write_csvs(tmp_path / "x.zip", {"vInfo": filled_up})
    with opened(path, nothing) as workbook, opened(archive, nothing) as files:
        assert workbook.content.rejected == 6
        assert content_of(files) == content_of(workbook)
