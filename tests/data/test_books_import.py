"""The same estate is stored the same, in whatever kind of file it comes; the command takes files and folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner

from app import create_app
from data.database import DatabaseManager
from data.ingest import import_file
from data.models import virtual_machines
from data.queries.estate import get_stats
from data.settings import Settings
from tests.data.exports import write_csv, write_predecessor, write_xls, write_zip
from tests.data.workbooks import Rows, table, vm, write_workbook

MOMENT = datetime(2026, 8, 1, 10, 30, 15)
NOTE = 'two lines,\nand a "quote"; done'
VMS = table(
    vm(
        "web", 1, Memory=8192, PowerOn=MOMENT, Annotation=NOTE, Owner="Ann", Template=False, EnableUUID="TRUE"
    ),
    vm("db", 2, Memory=4096, Annotation="", Owner="", Template=True, Powerstate="poweredOff", EnableUUID=""),
)
DISKS = table(
    {
        "VM": "web",
        "VM ID": "vm-1",
        "Disk": "Hard disk 1",
        "Capacity MiB": 10240,
        "VI SDK Server": "vc1.example.com",
    },
    {
        "VM": "db",
        "VM ID": "vm-2",
        "Disk": "Hard disk 1",
        "Capacity MiB": 2048,
        "VI SDK Server": "vc1.example.com",
    },
)
TABS = {"vInfo": VMS, "vDisk": DISKS}


def as_text(rows: Rows) -> list[list[str]]:
    """As a CSV file has them: dates as RVTools writes them, thousands in quotes."""
    return [
        [
            f"{cell:%Y/%m/%d %H:%M:%S}" if isinstance(cell, datetime)
            else f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool)
            else str(cell)
            for cell in row
        ]
        for row in rows
    ]  # fmt: skip


def set_of_csvs(folder: Path, **how: Any) -> Path:
    folder.mkdir()
    for name, rows in TABS.items():
        write_csv(folder / f"RVTools_tab{name}.csv", as_text(rows), **how)
    return folder


def xlsx(folder: Path) -> Path:
    return write_workbook(folder / "a.xlsx", TABS)


def renamed(folder: Path) -> Path:
    return write_workbook(folder / "a.csv", {f"tab{name}": rows for name, rows in TABS.items()})


def xls(folder: Path) -> Path:
    return write_xls(folder / "a.xls", TABS)


def csv_archive(folder: Path) -> Path:
    files = set_of_csvs(folder / "files", delimiter=";", encoding="utf-16", quoted=True)
    return write_zip(
        folder / "a.zip", {f"x/{file.name}": file.read_bytes() for file in sorted(files.iterdir())}
    )


def wrapped(folder: Path) -> Path:
    return write_zip(folder / "b.zip", {"export.xlsx": xlsx(folder).read_bytes()})


@pytest.mark.parametrize("write", [xlsx, renamed, xls, csv_archive, wrapped])
def test_an_estate_is_stored_the_same_in_every_format(
    tmp_path: Path, db_url: str, manager: DatabaseManager, write: Callable[[Path], Path]
) -> None:
    result = import_file(db_url, write(tmp_path), exported_at=datetime(2026, 9, 1))
    assert (result.outcome, result.machines) == ("stored", 2)
    with manager.get_session() as session:
        stats = get_stats(session, include_templates=True)
        web, db = session.execute(
            virtual_machines.select().order_by(virtual_machines.c.name.desc())
        ).mappings()
    assert (stats.vms, stats.memory_mib, stats.disks, stats.disk_capacity_mib) == (2, 12288, 2, 12288)
    assert (web["annotation"], web["attributes"], web["powered_on_at"]) == (NOTE, {"Owner": "Ann"}, MOMENT)
    assert (web["template"], web["enable_uuid"]) == (False, True)
    assert (db["template"], db["enable_uuid"], db["annotation"], db["power_state"]) == (
        True,
        None,
        None,
        "poweredOff",
    )


def test_one_csv_file_is_an_export_of_machines(tmp_path: Path, db_url: str, manager: DatabaseManager) -> None:
    path = write_csv(tmp_path / "machines of ours.csv", as_text(VMS), delimiter=";", encoding="cp1252")
    result = import_file(db_url, path, exported_at=datetime(2026, 9, 1))
    assert [tab.tab for tab in result.tabs if tab.rows] == ["vInfo"]
    with manager.get_session() as session:
        assert get_stats(session, include_templates=True).memory_mib == 12288


def test_a_damaged_row_is_named_in_a_warning(tmp_path: Path, db_url: str) -> None:
    path = write_csv(tmp_path / "vInfo.csv", as_text(VMS))
    with path.open("a") as file:
        file.write("mail,poweredOn,False\n")
    result = import_file(db_url, path, exported_at=datetime(2026, 9, 1))
    assert result.machines == 3
    assert any("1 row is damaged; the first, row 4, has 3 of" in warning for warning in result.warnings)


def test_the_machines_of_the_former_dashboard_are_stored_with_their_last_import_as_date(
    tmp_path: Path, db_url: str, manager: DatabaseManager
) -> None:
    machines = (
        {
            "vm": "web",
            "template": 0,
            "memory": 8192,
            "cpus": 2,
            "code_ccx": "A1",
            "vm_uuid": "u1",
            "vm_id": "vm-1",
        },
        {"vm": "db", "template": 1, "memory": 4096, "poweron": "2026-08-01 10:30:15.000000", "vm_uuid": "u2"},
    )
    result = import_file(
        db_url, write_predecessor(tmp_path / "vmware_inventory.db", *machines), vcenter="vc1"
    )
    (state,) = result.states
    assert (state.machines, state.vcenter, state.exported_at) == (2, "vc1", datetime(2026, 9, 1, 8))
    with manager.get_session() as session:
        web, db = session.execute(
            virtual_machines.select().order_by(virtual_machines.c.name.desc())
        ).mappings()
    assert (web["template"], web["memory_mib"], web["attributes"]) == (False, 8192, {"CODE_CCX": "A1"})
    assert (db["template"], db["powered_on_at"], db["cpus"]) == (True, MOMENT, None)


# --- the command


@pytest.fixture
def run(tmp_path: Path, db_url: str) -> Callable[..., Result]:
    app = create_app(Settings(db_url=db_url, instance_dir=tmp_path / "instance", max_upload_mib=1))
    runner: FlaskCliRunner = app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=["inventory", "import", *map(str, arguments)])


def answers(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def test_a_folder_of_csv_files_is_one_export(tmp_path: Path, run: Callable[..., Result]) -> None:
    folder = set_of_csvs(tmp_path / "RVTools_export_all_2026-09-01_09.30.00")
    (folder / "readme.txt").write_text("no tab")
    (answer,) = answers(run(folder, "--json"))
    assert (answer["file_name"], answer["outcome"]) == (folder.name, "stored")
    assert {tab["tab"]: tab["rows"] for tab in answer["tabs"]} == {"vInfo": 2, "vDisk": 2}
    assert answer["states"][0]["exported_at"] == "2026-09-01T09:30:00"


def test_csv_files_that_are_different_tabs_of_one_folder_are_one_export(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    folder = set_of_csvs(tmp_path / "september")
    workbook = write_workbook(
        tmp_path / "other.xlsx", {"vInfo": table(vm("x", 1, VI_SDK_Server="vc2", VI_SDK_UUID="u"))}
    )
    result = run(folder / "RVTools_tabvDisk.csv", workbook, folder / "RVTools_tabvInfo.csv", "--json")
    assert [(answer["file_name"], answer["outcome"]) for answer in answers(result)] == [
        ("september", "stored"),
        ("other.xlsx", "stored"),
    ]


def test_the_same_csv_files_again_are_unchanged_whether_as_a_folder_or_named(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    folder = set_of_csvs(tmp_path / "september")
    assert answers(run(folder, "--json"))[0]["outcome"] == "stored"
    again = run(folder / "RVTools_tabvInfo.csv", folder / "RVTools_tabvDisk.csv", "--json")
    assert [answer["outcome"] for answer in answers(again)] == ["unchanged"]


def test_csv_files_of_one_folder_with_the_same_tab_are_exports_by_themselves(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    names = ("vInfo.csv", "RVTools_tabvInfo.csv", "machines.csv")
    paths = [
        write_csv(
            tmp_path / name, as_text(table(vm(name, at, VI_SDK_Server=f"vc{at}", VI_SDK_UUID=f"u{at}")))
        )
        for at, name in enumerate(names)
    ]
    assert [answer["file_name"] for answer in answers(run(*paths, "--json"))] == list(names)


def test_a_folder_without_csv_files_is_refused_and_the_others_are_stored(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    (tmp_path / "empty").mkdir()
    result = run(tmp_path / "empty", xlsx(tmp_path))
    assert result.exit_code == 2
    assert "empty: refused. The folder holds no CSV files." in result.stderr
    assert "a.xlsx: stored." in result.stdout


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    (tmp_path / "large.xlsx").write_bytes(bytes(2 * 1024**2))
    result = run(tmp_path / "large.xlsx")
    assert result.exit_code == 2
    assert "large.xlsx: refused. The file has 2 MiB; at most 1 MiB are allowed." in result.stderr


def test_several_vcenters_in_a_file_are_printed_one_per_line(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    rows = [vm("a", 1), vm("b", 2), vm("c", 3, VI_SDK_Server="vc2.example.com", VI_SDK_UUID="other")]
    path = write_workbook(tmp_path / "both.xlsx", {"vInfo": table(*rows)})
    assert run(path, "--exported-at", "2026-09-01").stdout.splitlines()[1:] == [
        "  vc1.example.com: 2 new, 0 gone, 0 renamed, 0 moved, 0 resized, 0 unchanged, 0 changed",
        "  vc2.example.com: 1 new, 0 gone, 0 renamed, 0 moved, 0 resized, 0 unchanged, 0 changed",
    ]
    rows[0]["CPUs"] = 8
    path = write_workbook(tmp_path / "again.xlsx", {"vInfo": table(*rows)})
    assert run(path, "--exported-at", "2026-09-02").stdout.splitlines()[1:] == [
        "  vc1.example.com: 0 new, 0 gone, 0 renamed, 0 moved, 1 resized, 1 unchanged, 0 changed",
        "  vc2.example.com: 0 new, 0 gone, 0 renamed, 0 moved, 0 resized, 1 unchanged, 0 changed",
    ]


def test_replace_drops_the_earlier_states(
    tmp_path: Path, run: Callable[..., Result], manager: DatabaseManager
) -> None:
    for week in range(3):
        path = write_workbook(tmp_path / f"{week}.xlsx", {"vInfo": table(vm("web", 1, CPUs=week + 1))})
        assert run(path, "--exported-at", f"2026-09-0{week + 1}").exit_code == 0
    with manager.get_session() as session:
        assert get_stats(session).imports == 3
    path = write_workbook(tmp_path / "last.xlsx", {"vInfo": table(vm("web", 1, CPUs=9))})
    assert run(path, "--exported-at", "2026-09-09", "--replace").exit_code == 0
    with manager.get_session() as session:
        assert get_stats(session).imports == 1


def test_an_import_applies_the_retention_rule(
    tmp_path: Path, run: Callable[..., Result], manager: DatabaseManager
) -> None:
    for day in ("2020-01-01", "2026-09-01", "2026-09-02"):
        path = write_workbook(tmp_path / f"{day}.xlsx", {"vInfo": table(vm("web", 1, Annotation=day))})
        assert run(path, "--exported-at", day).exit_code == 0
    with manager.get_session() as session:
        assert get_stats(session).imports == 2


def test_nothing_is_packed_or_left_behind(
    tmp_path: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = set_of_csvs(tmp_path / "september")
    before = sorted(folder.iterdir())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    assert run(folder).exit_code == 0
    assert sorted(folder.iterdir()) == before
    assert list(scratch.iterdir()) == []
