"""Several vCenters in one file: a state of each, all published at once; replacing; mappings; what is read once."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from data import models
from data.database import DatabaseManager, get_engine
from data.errors import ConflictError, FileRefusedError, InvalidInputError
from data.ingest import import_file, preview_file, sweep
from data.ingest.mapping import forget_mapping, list_mappings, save_mapping
from data.ingest.publishing import settle
from data.ingest.states import set_pinned
from data.ingest.writing import BatchWriter
from data.models import imports, machines, vcenters, virtual_machines
from data.results import HeaderMapping, ImportResult, UnknownSheet
from data.scope import Scope
from data.vocabulary import JobPhase
from data.workbook import process
from tests.data.conftest import T0, WEEK, Store
from tests.data.workbooks import table, vm, write_workbook

A, B, C = (
    {"VI_SDK_Server": f"{name}.example.com", "VI_SDK_UUID": f"uuid-of-{name}"} for name in ("a", "b", "c")
)


class BrokenOffError(Exception):
    """The import is torn down."""


def breaking_off(at: str) -> Callable[[JobPhase, int, str], None]:
    """Progress that stops an import when its message begins so."""

    def on_progress(_phase: JobPhase, _pct: int, message: str) -> None:
        if message.startswith(at):
            raise BrokenOffError

    return on_progress


def states(result: ImportResult) -> list[tuple[str, int]]:
    """The vCenters of a result and their machines."""
    return [(state.vcenter, state.machines) for state in result.states]


# --- several vCenters in one file


def test_each_vcenter_of_a_file_becomes_a_state(store: Store, rows: Any) -> None:
    result = store(vm("x", 1, **A), vm("x", 1, **B), vm("y", 2, **B))
    assert states(result) == [("a.example.com", 1), ("b.example.com", 2)]
    assert result.machines == 3
    assert rows(vcenters, "name", "instance_uuid", "current_import_id") == [
        ("a.example.com", "uuid-of-a", 1),
        ("b.example.com", "uuid-of-b", 2),
    ]
    assert rows(imports, "vcenter_id", "machines", "file_states") == [(1, 1, 2), (2, 2, 2)]
    assert rows(virtual_machines, "import_id", "name", "is_current") == [
        (1, "x", True),
        (2, "x", True),
        (2, "y", True),
    ]
    assert result.message == (
        "1 machine of a.example.com, exported 2026-09-01 09:30; 2 machines of b.example.com, "
        "exported 2026-09-01 09:30: stored."
    )


def test_rows_of_other_tabs_go_with_their_vcenter(store: Store, rows: Any) -> None:
    of_a, of_b = ({header.replace("_", " "): text for header, text in of.items()} for of in (A, B))
    host = {"Host": "esx1", "Datacenter": "DC1"}
    disk = {"VM": "x", "VM ID": "vm-1", "Disk": "1", "Capacity MiB": 10}
    tabs = {
        "vHost": table(host | of_a, host | of_b | {"Datacenter": "DC9"}),
        "vDisk": table(disk | of_a, disk | of_b | {"Capacity MiB": 20}),
    }
    store(vm("x", 1, **A), vm("x", 1, **B), tabs=tabs)
    assert rows(models.hosts, "vcenter_id", "datacenter") == [(1, "DC1"), (2, "DC9")]
    assert rows(models.disks, "vcenter_id", "virtual_machine_id", "capacity_mib") == [(1, 1, 10), (2, 2, 20)]


def test_all_states_of_a_file_are_published_in_one_transaction(
    store: Store, db_url: str, manager: DatabaseManager
) -> None:
    store(vm("x", 1, **A), vm("x", 1, **B))
    seen: set[tuple[int | None, ...]] = set()

    def look(_connection: object) -> None:
        with manager.get_session() as session:
            seen.add(tuple(session.scalars(select(vcenters.c.current_import_id).order_by(vcenters.c.id))))

    engine = get_engine(db_url)
    event.listen(engine, "begin", look := _once_at_a_time(look))
    try:
        store(vm("x", 1, **A), vm("x", 1, **B), vm("x", 1, **C), week=1)
    finally:
        event.remove(engine, "begin", look)
    assert seen == {(1, 2), (1, 2, None), (3, 4, 5)}


def _once_at_a_time(look: Callable[[object], None]) -> Callable[[object], None]:
    """Looking begins a transaction itself."""
    looking = False

    def guarded(connection: object) -> None:
        nonlocal looking
        if not looking:
            looking = True
            look(connection)
            looking = False

    return guarded


@pytest.mark.parametrize(
    "stop", ["Storing vInfo of a", "Storing identities of b", "Storing search texts of b", "Publishing"]
)
def test_a_file_of_several_vcenters_that_breaks_off_changes_none_of_them(
    stop: str, store: Store, rows: Any, db_url: str
) -> None:
    store(vm("x", 1, **A))
    with pytest.raises(BrokenOffError):
        store(vm("x", 1, **A), vm("x", 1, **B), week=1, on_progress=breaking_off(stop))
    assert rows(vcenters, "current_import_id")[0] == 1
    assert rows(imports, "status")[0] == "published"
    assert "published" not in rows(imports, "status")[1:]
    sweep(db_url)
    assert rows(vcenters, "name", "current_import_id") == [("a.example.com", 1)]
    assert rows(imports, "id") == [1]


def test_progress_over_several_vcenters_only_grows(store: Store) -> None:
    seen: list[int] = []
    vms = [vm(f"m{number}", number, **of) for of in (A, B, C) for number in range(700)]
    store(*vms)
    store(*vms, vm("new", **A), week=1, on_progress=lambda _phase, pct, _message: seen.append(pct))
    assert seen == sorted(seen)


def test_each_vcenter_is_compared_with_its_own_state_before(
    store: Store, db_url: str, write: Callable[..., Path]
) -> None:
    store(vm("x", 1, **A), vm("y", 2, **A), vm("x", 1, **B))
    preview = preview_file(db_url, write(vm("x", 1, **A), vm("x", 1, CPUs=8, **B), vm("z", 3, **C), week=1))
    assert [
        (
            state.vcenter,
            state.difference and (state.difference.new, state.difference.gone, state.difference.resized),
        )
        for state in preview.states
    ] == [("a.example.com", (0, 1, 0)), ("b.example.com", (0, 0, 1)), ("c.example.com", (1, 0, 0))]
    assert preview.machines == 3
    assert [(tab.tab, tab.rows) for tab in preview.tabs] == [("vInfo", 3)]


def test_a_file_of_several_vcenters_is_unchanged_only_if_all_its_states_are_there(
    db_url: str, write: Callable[..., Path], rows: Any, manager: DatabaseManager
) -> None:
    path = write(vm("x", 1, **A), vm("x", 1, **B))
    import_file(db_url, path)
    again = import_file(db_url, path)
    assert (again.outcome, states(again)) == ("unchanged", [("a.example.com", 1), ("b.example.com", 1)])
    assert preview_file(db_url, path).unchanged
    with manager.session_scope() as session:
        session.execute(imports.update().where(imports.c.id == 2).values(status="unpublished"))
        session.execute(vcenters.update().where(vcenters.c.id == 2).values(current_import_id=None))
    assert not preview_file(db_url, path).unchanged
    result = import_file(db_url, path)
    assert (result.outcome, states(result)) == ("stored", [("b.example.com", 1)])
    assert len(rows(imports)) == 2
    assert len(rows(vcenters)) == 2


def test_all_of_a_file_goes_under_the_vcenter_that_is_named(store: Store, rows: Any) -> None:
    result = store(vm("x", 1, **A), vm("x", 1, **B), vcenter="both")
    assert states(result) == [("both", 2)]
    assert rows(vcenters, "name", "instance_uuid", "server") == [("both", None, None)]
    assert len(rows(machines)) == 2


def test_two_new_vcenters_of_one_server_get_names_that_differ(store: Store, rows: Any) -> None:
    store(vm("x", 1, **A), vm("x", 1, **(A | {"VI_SDK_UUID": "rebuilt"})))
    assert rows(vcenters, "name", "instance_uuid") == [
        ("a.example.com", "uuid-of-a"),
        ("a.example.com (rebuilt)", "rebuilt"),
    ]


def test_the_unnamed_vcenter_becomes_the_one_of_several_that_has_its_machines(
    store: Store, rows: Any
) -> None:
    store(vm("x", 1, VI_SDK_Server="", VI_SDK_UUID=""))
    store(vm("y", 1, VM_UUID="other", **A), vm("x", 1, **B), week=1)
    assert rows(vcenters, "id", "name") == [(1, "b.example.com"), (2, "a.example.com")]
    assert rows(virtual_machines, "import_id", "machine_id", "name") == [
        (1, 1, "x"),
        (2, 2, "y"),
        (3, 1, "x"),
    ]


def test_demo_data_among_the_vcenters_of_a_file_stores_none_of_it(store: Store, rows: Any) -> None:
    store(vm("x", 1, **B), is_demo=True)
    with pytest.raises(ConflictError, match="demo estate"):
        store(vm("x", 1, **A), vm("x", 1, **B), week=1)
    assert rows(vcenters, "name") == ["b.example.com"]
    assert len(rows(imports)) == 1


def test_the_time_of_each_vcenter_is_that_of_its_own_run_of_rvtools(store: Store, rows: Any) -> None:
    runs = table(
        {"RVTools version": "4.7", "xlsx creation datetime": T0 + WEEK, "Server": "a.example.com"},
        {"RVTools version": "4.7", "xlsx creation datetime": T0, "Server": "b.example.com"},
    )
    store(vm("x", 1, **A), vm("x", 1, **B), tabs={"vMetaData": runs})
    assert rows(imports, "exported_at", "exported_at_source") == [(T0 + WEEK, "vMetaData"), (T0, "vMetaData")]


def test_warnings_name_the_vcenter_they_are_about(store: Store, rows: Any) -> None:
    store(vm("x", 1, **A), week=1)
    result = store(vm("x", 1, **A), vm("x", 1, **B))
    older = "The export is older than the newest state (2026-09-08 09:30) and becomes part of the history."
    assert f"a.example.com: {older}" in result.warnings
    assert rows(imports, "warnings", id=2) == [[older]]


# --- replacing earlier states


def test_replacing_drops_the_other_states_and_leaves_one(store: Store, rows: Any) -> None:
    for week in (0, 1):
        store(vm("a", 1), vm("b", 2), week=week)
    store(vm("a", 1), vm("c", 3), week=2, replace=True)
    assert rows(imports, "id", "status") == [(3, "published")]
    assert rows(vcenters, "current_import_id") == [3]
    assert rows(virtual_machines, "import_id", "name", "is_current") == [(3, "a", True), (3, "c", True)]
    assert rows(machines, "id", "name", "first_import_id", "last_import_id") == [
        (1, "a", 3, 3),
        (3, "c", 3, 3),
    ]


def test_replacing_leaves_pinned_states_and_other_vcenters(
    store: Store, rows: Any, manager: DatabaseManager
) -> None:
    store(vm("x", 1, **B))
    for week in (0, 1):
        store(vm("a", 1), week=week)
    with manager.session_scope() as session:
        session.execute(imports.update().where(imports.c.id == 2).values(is_pinned=True))
    store(vm("a", 1), week=2, replace=True)
    assert rows(imports, "id") == [1, 2, 4]
    assert rows(machines, "name", "first_import_id", "last_import_id") == [("x", 1, 1), ("a", 2, 4)]


def test_an_older_export_that_replaces_is_the_current_state(store: Store, rows: Any) -> None:
    store(vm("a", 1), week=2)
    store(vm("a", 1, CPUs=8), week=1, replace=True)
    assert rows(vcenters, "current_import_id") == [2]
    assert rows(virtual_machines, "import_id", "cpus", "is_current") == [(2, 8, True)]


def test_a_pinned_state_that_is_newer_than_the_replacement_becomes_the_current_one(
    store: Store, rows: Any, db_url: str
) -> None:
    store(vm("a", 1), week=1)
    store(vm("a", 1), week=2)
    set_pinned(db_url, import_id=1, is_pinned=True)
    store(vm("a", 1), week=0, replace=True)
    assert rows(vcenters, "current_import_id") == [1]
    assert rows(virtual_machines, "import_id", "is_current") == [(1, True), (3, False)]


def test_a_state_pinned_while_others_are_replaced_stops_the_replacement(
    store: Store, rows: Any, db_url: str
) -> None:
    store(vm("a", 1), week=1)

    def pin(phase: JobPhase, _pct: int, _message: str) -> None:
        if phase is JobPhase.PUBLISHING:
            set_pinned(db_url, import_id=1, is_pinned=True)

    with pytest.raises(ConflictError, match="pinned"):
        store(vm("a", 1), week=0, replace=True, on_progress=pin)
    assert rows(imports, "status") == ["published", "unpublished"]
    sweep(db_url)
    assert rows(vcenters, "current_import_id") == [1]
    assert rows(virtual_machines, "import_id", "is_current") == [(1, True)]


def test_a_replacement_that_breaks_off_leaves_every_state(store: Store, rows: Any, db_url: str) -> None:
    store(vm("a", 1))
    with pytest.raises(BrokenOffError):
        store(vm("a", 1), week=1, replace=True, on_progress=breaking_off("Publishing"))
    sweep(db_url)
    assert rows(imports, "id", "status") == [(1, "published")]


def test_the_sweep_removes_what_a_replacement_left_behind(store: Store, rows: Any, db_url: str) -> None:
    store(vm("a", 1))
    with pytest.raises(BrokenOffError):
        store(vm("a", 1), week=1, replace=True, on_progress=breaking_off("Putting"))
    assert rows(vcenters, "current_import_id") == [2]
    sweep(db_url)
    assert rows(imports, "id") == [2]
    assert rows(virtual_machines, "import_id") == [2]


def test_the_preview_says_how_many_states_a_replacement_would_drop(
    store: Store, db_url: str, write: Callable[..., Path]
) -> None:
    for week in (0, 1):
        store(vm("a", 1), week=week)
    [state] = preview_file(db_url, write(vm("a", 1), week=2)).states
    assert state.earlier_states == 2


# --- older exports


def test_an_older_export_is_settled_and_the_vcenter_says_so_until_then(
    store: Store, rows: Any, db_url: str
) -> None:
    for week in (0, 2):
        store(vm("a", 1, Powerstate="poweredOff"), week=week)
    with pytest.raises(BrokenOffError):
        store(vm("a", 1), week=1, on_progress=breaking_off("Putting"))
    assert rows(vcenters, "is_settling") == [True]
    assert rows(virtual_machines, "off_since") == [T0, T0, None]
    sweep(db_url)
    assert rows(vcenters, "is_settling") == [False]
    assert rows(virtual_machines, "off_since", "off_days") == [(T0, 0), (T0 + 2 * WEEK, 0), (None, None)]


def test_settling_again_changes_nothing(store: Store, rows: Any, manager: DatabaseManager) -> None:
    for week, power in (
        (0, "poweredOff"),
        (3, "poweredOff"),
        (4, "poweredOff"),
        (1, "poweredOn"),
        (2, "poweredOff"),
    ):
        store(vm("a", 1, Powerstate=power), week=week)
    expected = [T0, T0 + 2 * WEEK, T0 + 2 * WEEK, None, T0 + 2 * WEEK]
    assert rows(virtual_machines, "off_since") == expected
    settle(BatchWriter(manager), 1)
    assert rows(virtual_machines, "off_since") == expected


def test_what_is_known_of_states_that_were_dropped_stays_when_an_older_one_comes(
    store: Store, rows: Any, manager: DatabaseManager
) -> None:
    for week, power in enumerate(("poweredOn", "poweredOff", "poweredOff", "poweredOff")):
        store(vm("a", 1, Powerstate=power), week=week)
    with manager.session_scope() as session:
        session.execute(virtual_machines.delete().where(virtual_machines.c.import_id == 2))
        session.execute(imports.delete().where(imports.c.id == 2))
    store(vm("a", 1), vm("b", 2), week=0, tabs={"vHost": [["Host"], ["esx1"]]})
    assert rows(virtual_machines, "off_since", name="a") == [None, T0 + WEEK, T0 + WEEK, None]


def test_an_export_that_does_not_say_which_machines_are_on_interrupts_no_run_of_states(
    store: Store, rows: Any
) -> None:
    off = vm("a", 1, Powerstate="poweredOff")
    silent = {header: cell for header, cell in off.items() if header != "Powerstate"}
    store(off)
    store(silent, week=1)
    store(off, week=2)
    assert rows(virtual_machines, "off_since", "off_days") == [(T0, 0), (None, None), (T0, 14)]


def test_an_older_export_that_does_not_say_which_machines_are_on_changes_no_later_state(
    store: Store, rows: Any
) -> None:
    off = vm("a", 1, Powerstate="poweredOff")
    silent = {header: cell for header, cell in off.items() if header != "Powerstate"}
    for week in (0, 2, 3):
        store(off, week=week)
    store(silent, week=1)
    assert rows(virtual_machines, "off_since") == [T0, T0, T0, None]
    assert rows(vcenters, "is_settling") == [False]


# --- what a state takes


@pytest.mark.sqlite_only("servers do not tell")
def test_a_state_knows_what_it_takes(store: Store, rows: Any) -> None:
    store(*(vm(f"m{number}", number, Annotation="x" * 500) for number in range(400)))
    store(vm("one", 1, **B))
    [many, one] = rows(imports, "size_bytes")
    assert many > 400 * 500
    assert 0 <= one < many


# --- reading once


@pytest.fixture
def times_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often the reader was started."""
    started: list[object] = []
    run = process._run_reader

    def counted(*arguments: Any) -> Any:
        started.append(arguments)
        return run(*arguments)

    monkeypatch.setattr(process, "_run_reader", counted)
    return lambda: len(started)


def test_a_file_is_read_once_from_the_preview_to_the_store(
    db_url: str, write: Callable[..., Path], tmp_path: Path, times_read: Callable[[], int]
) -> None:
    path = write(vm("a", 1, VI_SDK_Server="", VI_SDK_UUID=""))
    assert preview_file(db_url, path, directory=tmp_path).needs_vcenter
    [state] = preview_file(db_url, path, directory=tmp_path, vcenter="Lab", exported_at=T0).states
    assert state.vcenter == "Lab"
    result = import_file(db_url, path, directory=tmp_path, vcenter="Lab", exported_at=T0)
    assert states(result) == [("Lab", 1)]
    assert times_read() == 1


def test_a_file_of_several_vcenters_is_read_again_when_all_of_it_goes_under_one(
    db_url: str, write: Callable[..., Path], tmp_path: Path, times_read: Callable[[], int]
) -> None:
    path = write(vm("x", 1, **A), vm("x", 1, **B))
    assert len(preview_file(db_url, path, directory=tmp_path).states) == 2
    assert len(preview_file(db_url, path, directory=tmp_path, vcenter="both").states) == 1
    assert times_read() == 2


def test_another_file_of_the_same_name_is_read_again(
    db_url: str, write: Callable[..., Path], tmp_path: Path, times_read: Callable[[], int]
) -> None:
    path = write(vm("a", 1))
    preview_file(db_url, path, directory=tmp_path)
    write(vm("b", 2), vm("c", 3)).replace(path)
    assert preview_file(db_url, path, directory=tmp_path).machines == 2
    assert times_read() == 2


def test_a_mapping_that_comes_later_reads_the_file_again(db_url: str, tmp_path: Path, rows: Any) -> None:
    path = write_workbook(
        tmp_path / "x.xlsx", {"vInfo": table(vm("a", 1) | {"Box memory": 8192})}, created=T0
    )
    directory = tmp_path / "job"
    directory.mkdir()
    before = preview_file(db_url, path, directory=directory)
    assert (before.mappings, before.tabs[0].attributes) == ((), ("Box memory",))
    save_mapping(db_url, HeaderMapping("vInfo", " Box  Memory ", "active_memory_mib"))
    preview = preview_file(db_url, path, directory=directory)
    assert preview.mappings == (HeaderMapping("vInfo", "box memory", "active_memory_mib"),)
    import_file(db_url, path, directory=directory)
    assert rows(virtual_machines, "active_memory_mib", "attributes") == [(8192, None)]


def test_a_sheet_without_a_known_name_waits_for_its_mapping(db_url: str, tmp_path: Path, rows: Any) -> None:
    path = write_workbook(tmp_path / "x.xlsx", {"Estate": [["Box", "Cores"], ["a", 2], ["b", 4]]}, created=T0)
    preview = preview_file(db_url, path, vcenter="Lab")
    assert (preview.states, preview.needs_vcenter, preview.machines) == ((), False, 0)
    assert preview.unknown_sheets == (UnknownSheet("Estate", ("Box", "Cores")),)
    with pytest.raises(FileRefusedError, match="No column of the file is known as the name of a machine"):
        import_file(db_url, path, vcenter="Lab")
    save_mapping(db_url, HeaderMapping("vInfo", "Box", "name"))
    save_mapping(db_url, HeaderMapping("vInfo", "Cores", "cpus"))
    import_file(db_url, path, vcenter="Lab")
    assert rows(virtual_machines, "name", "cpus") == [("a", 2), ("b", 4)]


def test_what_is_not_taken_over_is_listed_in_a_file(
    db_url: str, write: Callable[..., Path], tmp_path: Path
) -> None:
    assert preview_file(db_url, write(vm("a", 1), vm("b", 2, CPUs="=two")), directory=tmp_path).rejected == 1
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        titles, *lines = csv.reader(file)
    assert titles == ["Tab", "Row", "Column", "Text", "Reason"]
    assert [line[:4] for line in lines] == [["vInfo", "3", "CPUs", "'=two"]]
    assert preview_file(db_url, write(vm("a", 1)), directory=tmp_path).rejected == 0
    assert not (tmp_path / "rejected.csv").exists()


# --- mappings


@pytest.fixture
def mappings(manager: DatabaseManager) -> Callable[[], list[HeaderMapping]]:
    """What is remembered."""

    def listed() -> list[HeaderMapping]:
        with manager.get_session() as session:
            return list_mappings(session, Scope())

    return listed


def test_a_header_has_one_meaning_the_last_one_said(
    db_url: str, mappings: Callable[[], list[HeaderMapping]]
) -> None:
    save_mapping(db_url, HeaderMapping("vInfo", "Box", "name"))
    save_mapping(db_url, HeaderMapping("vInfo", "box ", "dns_name"))
    save_mapping(db_url, HeaderMapping("vDisk", "Box", "path"))
    assert mappings() == [HeaderMapping("vDisk", "box", "path"), HeaderMapping("vInfo", "box", "dns_name")]
    forget_mapping(db_url, tab="vInfo", header="BOX")
    assert mappings() == [HeaderMapping("vDisk", "box", "path")]


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        (HeaderMapping("vNothing", "Box", "name"), "“vNothing” is no tab"),
        (HeaderMapping("vInfo", "Box", "nothing"), "“nothing” is no field of vInfo"),
        (HeaderMapping("vHost", "Box", "dns_name"), "“dns_name” is no field of vHost"),
        (HeaderMapping("vInfo", "  ", "name"), "1 to 255 characters"),
        (HeaderMapping("vInfo", "x" * 256, "name"), "1 to 255 characters"),
    ],
)
def test_a_mapping_to_nothing_is_refused(
    mapping: HeaderMapping, sentence: str, db_url: str, mappings: Callable[[], list[HeaderMapping]]
) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        save_mapping(db_url, mapping)
    assert mappings() == []
