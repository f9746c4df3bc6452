"""Which sheet is which tab, and what the operator says of headers that nobody knows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data.errors import FileRefusedError
from data.fields import ATTRIBUTE, NAME_LENGTH, TABS
from data.results import HeaderMapping, UnknownSheet
from data.workbook.headers import layout_of
from data.workbook.process import opened
from tests.data.readings import names, nothing, read, records, remarks
from tests.data.rvtools_versions import headers_of
from tests.data.workbooks import Rows, table, vm, write_workbook

DISK = {
    "VM": "a", "Powerstate": "poweredOn", "Disk": "Hard disk 1", "Capacity MiB": 1024, "Disk Mode": "persistent",
}  # fmt: skip
MACHINE = HeaderMapping("vInfo", "machine", "name")


def tabs_of(tmp_path: Path, tabs: Mapping[str, Rows]) -> dict[str, int]:
    """What is found in a file of one vCenter: rows by tab or other sheet."""
    with read(tmp_path, tabs) as reading:
        [workbook] = reading.workbooks
        return {name: tab.rows for name, tab in workbook.tabs.items()}


@pytest.mark.parametrize(
    "sheet", ["vInfo", "tabvInfo", "RVTools_tabvInfo", "VINFO", "Sheet1", "Tabelle1", "export all"]
)
def test_machines_are_found_whatever_their_sheet_is_called(tmp_path: Path, sheet: str) -> None:
    assert tabs_of(tmp_path, {sheet: table(vm("a", 1))}) == {"vInfo": 1}


def test_the_adapters_of_the_kernel_are_found_under_both_names_of_their_tab(tmp_path: Path) -> None:
    rows = table({"Host": "esx1", "Port Group": "Management", "Device": "vmk0", "IP Address": "10.0.0.1"})
    assert tabs_of(tmp_path, {"vInfo": table(vm("a")), "vSC+VMK": rows}) == {"vInfo": 1, "vSC_VMK": 1}


def test_a_first_sheet_that_is_no_tab_does_not_hide_those_behind_it(tmp_path: Path) -> None:
    tabs = {"Cover": [["Inventory"], ["by", "Bob"]], "Data": table(vm("a", 1)), "vDisk": table(DISK)}
    assert tabs_of(tmp_path, tabs) == {"vInfo": 1, "vDisk": 1, "Cover": 1}


def test_a_header_is_found_below_notes_that_look_like_one(tmp_path: Path) -> None:
    header, *rows = table(vm("a", 1), vm("b", 2))
    notes = [["VM", "Host"], ["all of them", "see below"], []]
    with read(tmp_path, {"vInfo": [*notes, header, *rows]}) as reading:
        assert names(reading.workbooks[0]) == ["a", "b"]


@pytest.mark.parametrize(
    "headers", [("VM",), ("VM", "Owner"), ("Owner", "VM", "Tier", "Site"), ("VM Name", "Application", "Cost")]
)
def test_a_sheet_of_names_and_a_few_columns_is_one_of_machines(
    tmp_path: Path, headers: tuple[str, ...]
) -> None:
    rows = [[f"{header} {number}" for header in headers] for number in range(3)]
    with read(tmp_path, {"Sheet1": [headers, *rows]}) as reading:
        [workbook] = reading.workbooks
        assert [name.rsplit(" ", 1)[1] for name in names(workbook)] == ["0", "1", "2"]
        others = tuple(header for header in headers if not header.startswith("VM"))
        assert workbook.tabs["vInfo"].attributes == others


@pytest.mark.parametrize("release", ["3.10", "4.7"])
def test_every_tab_of_a_version_is_known_by_its_headers_alone(tmp_path: Path, release: str) -> None:
    """Except the tabs that no header tells apart: their sheet needs its name."""
    headers = headers_of(release)
    sheets = {f"Sheet{number}": (tab, names) for number, (tab, names) in enumerate(headers.items())}
    with read(tmp_path, {sheet: [names] for sheet, (_tab, names) in sheets.items()}) as reading:
        [workbook] = reading.workbooks
        others = [sheets[name][0] for name, tab in workbook.tabs.items() if not tab.is_known]
        assert {tab for tab, found in workbook.tabs.items() if found.is_known} == set(headers) - set(others)
        assert set(others) <= {"vCD", "vFloppy"}


FOREIGN: dict[str, list[list[Any]]] = {
    "Notes": [["Name", "Note"], ["web", "restart on Sunday"]],
    "Prices": [["Name", "Vendor", "Version", "Price"], ["Windows", "Microsoft", "2022", 500]],
    "Pivot": [["Row Labels", "Count of VM", "Sum of Memory"], ["DC1", 5, 4096]],
    "People": [["Name", "Type", "Datacenter", "Cluster"], ["Bob", "admin", "DC1", "C1"]],
    "Racks": [["Host", "Rack", "Unit", "Power"], ["esx1", "R1", 12, 700]],
    "Licences": [["Name", "Key", "Price", "Renewal", "Contact"], ["vSphere", "x", 5, "May", "Bob"]],
}


@pytest.mark.parametrize("sheet", FOREIGN)
def test_a_foreign_sheet_is_taken_for_no_tab(tmp_path: Path, sheet: str) -> None:
    assert tabs_of(tmp_path, {sheet: FOREIGN[sheet], "vInfo": table(vm("a"))}) == {"vInfo": 1, sheet: 1}


def test_foreign_sheets_with_names_of_machines_do_not_take_the_place_of_the_inventory(tmp_path: Path) -> None:
    tabs = {"Owners": [["VM", "Owner"], ["a", "me"]], "Sheet2": table(vm("a", 1), vm("b", 2))}
    assert tabs_of(tmp_path, tabs) == {"vInfo": 2, "Owners": 1}


def test_a_second_sheet_for_a_tab_is_kept_as_it_is_and_named(tmp_path: Path) -> None:
    tabs = {"vInfo": table(vm("a", 1)), "tabvInfo": table(vm("b", 2)), "Sheet3": table(vm("c", 3))}
    with read(tmp_path, tabs) as reading:
        [workbook] = reading.workbooks
        assert {name: tab.rows for name, tab in workbook.tabs.items()} == {
            "vInfo": 1,
            "tabvInfo": 1,
            "Sheet3": 1,
        }
        assert names(workbook) == ["a"]
        assert remarks(reading) == [
            f"“{name}” is a second sheet for vInfo: only the first is read as such, this one is kept as it is."
            for name in ("tabvInfo", "Sheet3")
        ]


def test_a_sheet_called_vinfo_without_names_leaves_the_place_to_one_that_has_them(tmp_path: Path) -> None:
    tabs = {"vInfo": [["see", "Sheet2"]], "Sheet2": table(vm("a", 1))}
    assert tabs_of(tmp_path, tabs) == {"vInfo": 1, "vInfo (2)": 0}


def test_of_a_sheet_of_its_own_kind_only_the_first_rows_and_columns_are_kept_and_the_rest_is_counted(
    tmp_path: Path,
) -> None:
    big = [[f"h{number}" for number in range(205)], *([["x", number] for number in range(20_003)])]
    with read(tmp_path, {"vInfo": table(vm("a")), "Big": big}) as reading:
        tab = reading.workbooks[0].tabs["Big"]
        assert (tab.rows, tab.skipped, len(tab.attributes)) == (20_000, 3, 200)
        assert tab.remarks == (
            "“Big” is no tab of RVTools; its rows are kept as they are.",
            "“Big” has 205 columns; the first 200 are kept.",
            "“Big” has 20,003 rows; the first 20,000 are kept.",
        )
        assert reading.content.rejected == 3
        assert [(found.row, found.text) for found in reading.rejections()] == [
            (20_002 + number, f"x | {20_000 + number}") for number in range(3)
        ]


def test_headers_of_a_database_export_are_known_on_sheets_of_any_name(tmp_path: Path) -> None:
    tabs = ("vInfo", "vDisk", "vHost", "vDatastore", "vSnapshot", "vSC_VMK")
    headers = {tab: [f"{tab}{letters(name)}" for name in headers_of("4.7")[tab]] for tab in tabs}
    with read(tmp_path, {f"Sheet{number}": [headers[tab]] for number, tab in enumerate(tabs)}) as reading:
        [workbook] = reading.workbooks
        assert set(workbook.tabs) == set(tabs)


@pytest.mark.parametrize("tab", TABS)
def test_every_header_of_a_database_export_is_known(tab: str) -> None:
    headers = headers_of("3.10" if tab == "vFloppy" else "4.7")[tab]
    layout = layout_of(tab, [f"{tab}{letters(name)}" for name in headers])
    usual = layout_of(tab, headers)
    assert len(layout.attributes) == len(usual.attributes)
    assert {field.key for field, _at in layout.fields} == {field.key for field, _at in usual.fields}


def letters(header: str) -> str:
    return "".join(filter(str.isalnum, header.replace("# ", "Num")))


def test_a_sheet_called_vinfo_is_asked_about_before_a_list_of_owners_takes_its_place(tmp_path: Path) -> None:
    tabs = {"vInfo": [["Maschine", "CPUs"], ["a", 2]], "Owners": [["VM", "Owner"], ["a", "me"]]}
    with read(tmp_path, tabs) as reading:
        assert [unknown.sheet for unknown in reading.content.unknown_sheets] == ["Owners", "vInfo"]


def test_a_header_that_nobody_knows_is_asked_for_and_then_read(tmp_path: Path) -> None:
    rows = [["Machine", "Memory"], ["web", 4096.0], ["db", 8192.0]]
    with read(tmp_path, {"Inventory": rows, "Empty": []}) as reading:
        assert reading.workbooks == ()
        assert reading.content.parts == ()
        assert reading.content.unknown_sheets == (UnknownSheet("Inventory", ("Machine", "Memory")),)
    with read(tmp_path, {"Inventory": rows}, mappings=[MACHINE]) as reading:
        [workbook] = reading.workbooks
        assert [(row["name"], row["memory_mib"]) for row in records(workbook)] == [
            ("web", 4096.0),
            ("db", 8192.0),
        ]
        assert workbook.tabs["vInfo"].mapped == ("Machine",)
        assert reading.content.mappings == (MACHINE,)
        assert reading.content.unknown_sheets == ()


def test_sheets_below_notes_are_offered_with_their_header_row(tmp_path: Path) -> None:
    rows = [["Inventory of May", ""], [], ["Maschine", "CPU", 2024.0, datetime(2026, 9, 1)], ["web", 2, 1, 1]]
    with read(tmp_path, {"vInfo": rows}) as reading:
        [unknown] = reading.content.unknown_sheets
        assert unknown.sheet == "vInfo"
    with read(tmp_path, {"vInfo": rows}, mappings=[HeaderMapping("vInfo", "maschine", "name")]) as reading:
        assert names(reading.workbooks[0]) == ["web"]


@pytest.mark.parametrize(
    "tabs", [{"Sheet1": []}, {"Sheet1": [["only one"], ["cell"]]}, {"vHost": [["Host", "Cluster"]]}]
)
def test_where_nothing_could_be_mapped_the_file_is_refused(
    tmp_path: Path, tabs: Mapping[str, Sequence[Sequence[Any]]]
) -> None:
    path = write_workbook(tmp_path / "x.xlsx", tabs)
    with pytest.raises(FileRefusedError, match="not an RVTools export"), opened(path, nothing):
        pass


def test_a_mapping_goes_before_a_synonym_and_after_the_header_of_rvtools(tmp_path: Path) -> None:
    mappings = [
        HeaderMapping("vInfo", "hostname", "host"),
        HeaderMapping("vInfo", "machine", "name"),
        HeaderMapping("vInfo", "cost", "cpus"),
        HeaderMapping("vDisk", "cost", "capacity_mib"),
        HeaderMapping("vInfo", "tier", "no_such_field"),
        HeaderMapping("no such tab", "tier", "name"),
    ]
    row = {"VM": "a", "Machine": "m", "Hostname": "esx7", "Cost": 3, "Tier": "gold"}
    with read(tmp_path, {"vInfo": table(row)}, mappings=mappings) as reading:
        [workbook] = reading.workbooks
        [record] = records(workbook)
        assert (record["name"], record["host"], record["cpus"]) == ("a", "esx7", 3)
        assert next(workbook.rows("vInfo"))[-1] == {"Machine": "m", "Tier": "gold"}
        assert workbook.tabs["vInfo"].mapped == ("Hostname", "Cost")
        assert reading.content.mappings == (mappings[0], mappings[2])


def test_headers_that_are_numbers_dates_or_twice_there_do_no_harm(tmp_path: Path) -> None:
    headers = ["VM", 2024.0, datetime(2026, 9, 1), True, "Owner", "Owner", "", "x" * 300]
    with read(tmp_path, {"vInfo": [headers, ["a", 1, 2, 3, 4, 5, 6, 7]]}) as reading:
        [row] = reading.workbooks[0].rows("vInfo")
    assert row[-1] == {
        "2024": "1", "2026/09/01 00:00:00": "2", "True": "3", "Owner": "4", "Owner (2)": "5", "x" * 240: "7",
    }  # fmt: skip


def test_names_of_attributes_fit_the_column_that_lists_them_however_many_are_alike(tmp_path: Path) -> None:
    with read(tmp_path, {"vInfo": [["VM", *["x" * 300] * 12], ["a", *range(12)]]}) as reading:
        names = reading.workbooks[0].tabs["vInfo"].attributes
    assert len(set(names)) == 12
    assert max(len(ATTRIBUTE + name) for name in names) <= NAME_LENGTH


def test_as_many_columns_as_excel_has_are_read_with_the_first_thousand_unknown_ones(tmp_path: Path) -> None:
    headers = ["VM", "Powerstate", *(f"tag {number}" for number in range(16_382))]
    row = ["a", "poweredOn", *("x" for _ in range(16_382))]
    with read(tmp_path, {"vInfo": [headers, row], "wide": [headers[2:], row[2:]]}) as reading:
        [workbook] = reading.workbooks
        assert len(next(workbook.rows("vInfo"))[-1]) == 1000
        assert len(next(workbook.rows("wide"))[-1]) == 200
        assert workbook.tabs["vInfo"].remarks == (
            "vInfo has 16,382 columns that RVTools does not write; the first 1,000 are kept.",
        )
