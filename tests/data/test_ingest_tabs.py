"""Every tab goes into its table, cell by cell. A second reader of workbooks says what the cells are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from sqlalchemy import Table, select

from data.database import DatabaseManager, upgrade_schema
from data.demo import write_demo
from data.fields import MERGED_TABS, TABS, VM_TABS, Field, normalised
from data.ingest import import_file
from data.ingest.storing import STATE_TABLES, TAB_TABLES
from data.models import (
    cd_drives,
    files,
    floppy_drives,
    hosts,
    import_columns,
    import_tabs,
    licences,
    other_rows,
    resource_pools,
    usb_devices,
    virtual_machines,
)
from data.vocabulary import Kind
from tests.data.workbooks import Rows, table, vm, write_workbook

LAB = Path(__file__).parents[1] / "samples" / "lab-3.10-25-tabs.xlsx"
UNKNOWN = {"", "Never"}
SECRET = {("vLicense", "key"), ("vHost", "assigned_licences")}
"""Masked before they are stored."""
FROM_OTHER_TABS = {("vInfo", "folder")}

Record = dict[str, Any]


class Estate:
    """A workbook that was imported, as the second reader sees it, and the database."""

    def __init__(self, path: Path, file: Path) -> None:
        url = f"sqlite:///{file}"
        upgrade_schema(url)
        self.result = import_file(url, path)
        self.manager = DatabaseManager(url)
        book = openpyxl.load_workbook(path, data_only=True)
        self.cells: dict[str, list[Record]] = {}
        for sheet in book.worksheets:
            header, *rows = sheet.iter_rows(values_only=True)
            names = [normalised(str(name)) for name in header]
            self.cells[sheet.title] = [
                dict(zip(reversed(names), reversed(row), strict=True)) for row in rows if any(row)
            ]
        self.cells.get("vFileInfo", []).clear()

    def rows(self, table: Table) -> list[Record]:
        """In the order in which they were stored."""
        with self.manager.get_session() as session:
            return [dict(row) for row in session.execute(select(table).order_by(table.c.id)).mappings()]


@pytest.fixture(scope="module")
def estates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Estate]]:
    folder = tmp_path_factory.mktemp("tabs")
    demo = write_demo(folder / "demo.xlsx", vms=150, seed=7)[0]
    found = {"demo": Estate(demo, folder / "demo.db"), "lab": Estate(LAB, folder / "lab.db")}
    yield found
    for estate in found.values():
        estate.manager.clear_cache()


def expected(field: Field, cell: Any) -> Any:
    """What a cell of a real export means."""
    if cell is None or (cell in UNKNOWN and field.kind is not Kind.TEXT):
        return None
    if field.kind is Kind.BOOLEAN:
        return {"true": True, "false": False}[str(cell).lower()]
    if field.kind is Kind.DATETIME:
        if isinstance(cell, str):
            pattern = "%m/%d/%Y %I:%M:%S %p" if cell.endswith("M") else "%Y-%m-%d %H:%M:%S"
            cell = datetime.strptime(cell.replace("/", "-"), pattern.replace("/", "-"))  # noqa: DTZ007  # times of the inventory are naive
        return None if cell < datetime(1970, 1, 2) else cell.replace(microsecond=0)
    if field.kind in {Kind.NAME, Kind.TEXT}:
        text = f"{cell:%Y/%m/%d %H:%M:%S}" if isinstance(cell, datetime) else str(cell)
        return unescape(text).replace("\r\n", "\n").strip() or None
    number = float(str(cell).removesuffix("%"))
    return int(number) if field.kind is Kind.INTEGER else number


def columns(tab: str, cells: list[Record]) -> list[tuple[Field, str]]:
    """The fields that the sheet has, each with its header."""
    found = []
    for field in MERGED_TABS.get(tab, TABS[tab]):
        header = next((name for name in map(normalised, field.headers) if cells and name in cells[0]), None)
        if header and (tab, field.key) not in SECRET | FROM_OTHER_TABS:
            found.append((field, header))
    return found


EVERY_TAB = [(name, tab) for name in ("demo", "lab") for tab in TABS]


@pytest.mark.parametrize(("name", "tab"), EVERY_TAB)
def test_every_row_of_a_tab_is_stored_with_every_cell(
    estates: dict[str, Estate], name: str, tab: str
) -> None:
    estate = estates[name]
    cells = estate.cells.get(tab, [])
    fields = columns(tab, cells)
    stored = estate.rows(TAB_TABLES.get(tab, virtual_machines))
    if tab in MERGED_TABS:
        by_id = {row["vm_id"]: row for row in stored}
        cells = [row for row in cells if row["vm id"] in by_id]
        stored = [by_id[row["vm id"]] for row in cells]
    wanted = [{field.key: expected(field, row[header]) for field, header in fields} for row in cells]
    assert [{field.key: row[field.key] for field, _header in fields} for row in stored] == wanted
    assert tab in {"vFloppy", "vUSB", "vSource", "vFileInfo"} or fields or not cells


@pytest.mark.parametrize(("name", "tabs"), [("demo", 27), ("lab", 25)])
def test_the_rows_of_every_tab_are_counted(estates: dict[str, Estate], name: str, tabs: int) -> None:
    estate = estates[name]
    with estate.manager.get_session() as session:
        statement = select(import_tabs.c.tab, import_tabs.c.rows, import_tabs.c.orphans)
        counted = {
            tab: rows + (orphans if tab in MERGED_TABS else 0)
            for tab, rows, orphans in session.execute(statement)
        }
    assert counted == {tab: len(rows) for tab, rows in estate.cells.items()}
    assert len(counted) == tabs


@pytest.mark.parametrize("name", ["demo", "lab"])
def test_no_cell_is_refused_and_no_row_is_left_out(estates: dict[str, Estate], name: str) -> None:
    tabs = [tab for tab in estates[name].result.tabs if tab.tab not in {tab for tab, _key in SECRET}]
    assert [(tab.tab, tab.remarks) for tab in tabs if tab.remarks or tab.refused] == []


@pytest.mark.parametrize(("name", "tab"), EVERY_TAB)
def test_the_filled_cells_of_every_column_are_counted(
    estates: dict[str, Estate], name: str, tab: str
) -> None:
    estate = estates[name]
    cells = estate.cells.get(tab, [])
    columns_of_tab = import_columns.c
    with estate.manager.get_session() as session:
        statement = select(columns_of_tab.field, columns_of_tab.filled).where(columns_of_tab.tab == tab)
        filled = dict(session.execute(statement).all())
    for field, header in columns(tab, cells):
        values = [expected(field, row[header]) for row in cells]
        assert filled[field.key] == len(values) - values.count(None), field.key


@pytest.mark.parametrize("name", ["demo", "lab"])
@pytest.mark.parametrize("tab", [tab for tab in VM_TABS if tab in TAB_TABLES and tab != "vInfo"])
def test_what_hangs_on_a_machine_hangs_on_the_one_it_names(
    estates: dict[str, Estate], name: str, tab: str
) -> None:
    stored = TAB_TABLES[tab]
    join = stored.outerjoin(virtual_machines, stored.c.virtual_machine_id == virtual_machines.c.id)
    statement = select(
        stored.c.vm_id, virtual_machines.c.vm_id, stored.c.template, virtual_machines.c.template
    )
    with estates[name].manager.get_session() as session:
        rows = session.execute(statement.select_from(join)).all()
    assert len(rows) == len(estates[name].cells.get(tab, []))
    machines = {row["vm id"] for row in estates[name].cells["vInfo"]}
    assert [row for row in rows if row[0] in machines and (row[0], row[2]) != (row[1], row[3])] == []
    assert [row for row in rows if row[0] not in machines and row[1] is not None] == []


def test_keys_of_licences_are_nowhere_in_the_database(estates: dict[str, Estate]) -> None:
    estate = estates["demo"]
    keys = {row["key"] for row in estate.cells["vLicense"]}
    assert len(keys) == 2
    stored = [row["key"] for row in estate.rows(licences)] + [
        row["assigned_licences"] for row in estate.rows(hosts)
    ]
    assert all(stored)
    assert not keys & set(stored)


def test_a_licence_that_never_expires_is_told_from_one_that_does_not_say(estates: dict[str, Estate]) -> None:
    written = [row["expiration date"] for row in estates["demo"].cells["vLicense"]]
    assert written[0] == "Never"
    assert [(row["expiration"], row["expires_at"]) for row in estates["demo"].rows(licences)] == [
        ("Never", None),
        (f"{written[1]:%Y/%m/%d %H:%M:%S}", written[1]),
    ]


# What the estates lack.


def stored(db_url: str, path: Path, tabs: dict[str, Rows]) -> DatabaseManager:
    import_file(db_url, write_workbook(path / "export.xlsx", tabs))
    return DatabaseManager(db_url)


def rows(manager: DatabaseManager, table: Table, *keys: str) -> list[tuple[Any, ...]]:
    with manager.get_session() as session:
        return [
            tuple(row)
            for row in session.execute(select(*(table.c[key] for key in keys)).order_by(table.c.id))
        ]


@pytest.mark.parametrize(
    ("tab", "drives"), [("vFloppy", floppy_drives), ("vCD", cd_drives), ("vUSB", usb_devices)]
)
def test_a_drive_of_a_machine_that_vinfo_lacks_is_kept_without_one(
    db_url: str, tmp_path: Path, tab: str, drives: Table
) -> None:
    tabs = {
        "vInfo": table(vm("web-1", 1), vm("db-1", 2)),
        tab: table(
            {"VM": "db-1", "VM ID": "vm-2", "Device Node": "drive 1", "Connected": "True", "Owner": "Ann"},
            {"VM": "gone-1", "VM ID": "vm-9", "Device Node": "drive 2", "Connected": "False"},
        ),
    }
    manager = stored(db_url, tmp_path, tabs)
    machines = {name: row_id for row_id, name in rows(manager, virtual_machines, "id", "name")}
    assert rows(manager, drives, "name", "virtual_machine_id", "device_node", "connected") == [
        ("db-1", machines["db-1"], "drive 1", True),
        ("gone-1", None, "drive 2", False),
    ]
    assert rows(manager, virtual_machines, "name", "attributes") == [
        ("web-1", None),
        ("db-1", {"Owner": "Ann"}),
    ]
    with manager.get_session() as session:
        counted = session.execute(
            select(import_tabs.c.rows, import_tabs.c.orphans).where(import_tabs.c.tab == tab)
        )
        assert counted.one() == (2, 1)


def test_files_are_stored_and_the_sentence_in_their_place_is_not(db_url: str, tmp_path: Path) -> None:
    sentence = "This tab page is empty when GetFileInfo option is not set in the preference window!"
    tabs = {
        "vInfo": table(vm("web-1", 1)),
        "vFileInfo": table(
            {"Friendly Path Name": sentence},
            {
                "Friendly Path Name": "[san-1] web-1/web-1.vmdk",
                "File Name": "web-1.vmdk",
                "File Type": "vmDisk",
                "File Size in bytes": 5_368_709_120,
                "Path": "ds:///vmfs/volumes/1/web-1/web-1.vmdk",
                "Internal Sort Column": "web-1",
            },
        ),
    }
    manager = stored(db_url, tmp_path, tabs)
    assert rows(manager, files, "name", "type", "size_bytes") == [("web-1.vmdk", "vmDisk", 5_368_709_120.0)]


@pytest.mark.parametrize(
    ("written", "expiration", "expires_at"),
    [
        ("2027/01/31 00:00:00", "2027/01/31 00:00:00", datetime(2027, 1, 31)),
        (datetime(2027, 1, 31), "2027/01/31 00:00:00", datetime(2027, 1, 31)),
        ("Evaluation", "Evaluation", None),
        ("", None, None),
    ],
)
def test_a_licence_has_the_date_that_it_says(
    db_url: str, tmp_path: Path, written: Any, expiration: str | None, expires_at: datetime | None
) -> None:
    licence = {"Name": "vSphere", "Labels": "x", "Expiration Date": written}
    manager = stored(db_url, tmp_path, {"vInfo": table(vm("web-1", 1)), "vLicense": table(licence)})
    assert rows(manager, licences, "expiration", "expires_at") == [(expiration, expires_at)]


def test_columns_that_rvtools_does_not_write_are_attributes_of_their_row(db_url: str, tmp_path: Path) -> None:
    pools = table({"Resource Pool name": "Gold", "Resource Pool path": "/DC1/Gold", "# VMs": 3, "Tier": "A"})
    manager = stored(db_url, tmp_path, {"vInfo": table(vm("web-1", 1)), "vRP": pools})
    assert rows(manager, resource_pools, "name", "path", "vms", "attributes") == [
        ("Gold", "/DC1/Gold", 3, {"Tier": "A"})
    ]


def test_sheets_that_rvtools_does_not_write_are_kept_row_by_row(db_url: str, tmp_path: Path) -> None:
    tabs = {
        "vInfo": table(vm("web-1", 1)),
        "Racks": [["Rack", "Room"], ["R1", "A"], ["R2", 12.0]],
    }
    manager = stored(db_url, tmp_path, tabs)
    assert rows(manager, other_rows, "sheet", "row_number", "attributes", "is_current") == [
        ("Racks", 2, {"Rack": "R1", "Room": "A"}, True),
        ("Racks", 3, {"Rack": "R2", "Room": "12"}, True),
    ]


def test_the_newer_state_takes_the_flag_from_the_rows_of_every_tab(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'inventory.db'}"
    upgrade_schema(url)
    for path in write_demo(tmp_path / "months", vms=40, seed=3, months=2, vcenters=1):
        import_file(url, path)
    manager = DatabaseManager(url)
    flagged = [table for table in STATE_TABLES if "is_current" in table.c]
    with manager.get_session() as session:
        found = {
            table.name: {*session.execute(select(table.c.import_id, table.c.is_current).distinct())}
            for table in flagged
        }
    empty = {name for name, flags in found.items() if not flags}
    assert empty <= {"files", "floppy_drives", "usb_devices", "other_rows"}
    assert [name for name in found.keys() - empty if found[name] != {(1, False), (2, True)}] == []
    manager.clear_cache()
