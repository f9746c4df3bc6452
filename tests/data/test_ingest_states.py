"""What becomes of an export in the database: states, identities, what is worked out, and what a failure leaves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from data import models
from data.database import DatabaseManager
from data.errors import ConflictError, FileRefusedError
from data.generations import current_generation
from data.ingest import import_file, preview_file, remove_demo, sweep
from data.ingest.locking import import_lock
from data.ingest.storing import STATE_TABLES
from data.models import (
    import_columns,
    import_tabs,
    imports,
    machine_texts,
    machines,
    vcenters,
    virtual_machines,
)
from data.results import ImportResult, StateDifference
from data.vocabulary import JobPhase
from tests.data.conftest import T0, WEEK, Store
from tests.data.workbooks import UUID, table, vm

ANONYMOUS = {"VI_SDK_Server": "", "VI_SDK_UUID": ""}


def counts(result: ImportResult) -> dict[str, int]:
    """The counts of the difference that the only state of a result makes, without the zeros."""
    [state] = result.states
    assert state.difference
    return {key: value for key, value in asdict(state.difference).items() if isinstance(value, int) and value}


def stored_rows(manager: DatabaseManager) -> dict[str, int]:
    """Table -> rows, of everything an import writes."""
    tables = [*STATE_TABLES, machines, imports, import_tabs, import_columns, vcenters]
    with manager.get_session() as session:
        return {of.name: session.scalar(select(func.count()).select_from(of)) or 0 for of in tables}


# --- what is stored


def test_a_machine_is_stored_with_the_columns_of_vcpu_vmemory_and_vtools(store: Store, rows: Any) -> None:
    key = {"VM": "a", "VM ID": "vm-1"}
    store(
        vm("a", 1),
        tabs={
            "vCPU": table(
                key | {"CPUs": 2, "Sockets": 2, "Max": 5200, "Hot Add": "True", "Folder": "/DC1/vm/web"}
            ),
            "vMemory": table(key | {"Size MiB": 4096, "Limit": -1, "Max": 4000}),
            "vTools": table(key | {"Tools": "toolsOk", "Tools Version": 12352, "Sync time": "False"}),
        },
    )
    [stored] = rows(
        virtual_machines, "name", "cpus", "sockets", "cpu_max_mhz", "cpu_hot_add", "memory_mib", "memory_limit_mib",
        "memory_max_mib", "tools_status", "tools_version", "tools_sync_time", "folder",
    )  # fmt: skip
    assert stored == ("a", 2, 2, 5200, True, 4096, -1, 4000, "toolsOk", "12352", False, "/DC1/vm/web")


def test_rows_join_by_id_else_uuid_else_by_the_only_name_that_fits(store: Store, rows: Any) -> None:
    twins = [vm("twin", 3, Host="esx1"), vm("twin", 4, Host="esx2")]
    lines = [
        {"VM": "renamed", "VM ID": "vm-1", "VM UUID": "", "Host": "", "Tools": "by id"},
        {"VM": "renamed", "VM ID": "", "VM UUID": "uuid-2", "Host": "", "Tools": "by uuid"},
        {"VM": "twin", "VM ID": "", "VM UUID": "", "Host": "esx2", "Tools": "by host"},
        {"VM": "c", "VM ID": "", "VM UUID": "", "Host": "moved away", "Tools": "by name"},
    ]
    result = store(vm("a", 1), vm("b", 2), *twins, vm("c", 5), tabs={"vTools": table(*lines)})
    assert rows(virtual_machines, "tools_status") == ["by id", "by uuid", None, "by host", "by name"]
    assert result.warnings == ()


def test_rows_of_machines_that_vinfo_lacks_are_kept_as_orphans_with_a_warning(
    store: Store, rows: Any
) -> None:
    disks = [
        {"VM": "a", "VM ID": "vm-1", "Disk": "Hard disk 1", "Capacity MiB": 10},
        {"VM": "a", "VM ID": "vm-99", "Disk": "Hard disk 1", "Capacity MiB": 20},
        {"VM": "gone", "VM ID": "", "Disk": "Hard disk 1", "Capacity MiB": 30},
    ]
    result = store(vm("a", 1), tabs={"vDisk": table(*disks)})
    [machine] = rows(virtual_machines, "id")
    assert rows(models.disks, "virtual_machine_id", "capacity_mib") == [(machine, 10), (None, 20), (None, 30)]
    assert result.warnings == ("vDisk: 2 rows name machines that vInfo does not have.",)
    assert rows(import_tabs, "tab", "rows", "orphans") == [("vDisk", 3, 2), ("vInfo", 1, 0)]


def test_a_row_that_fits_two_machines_belongs_to_none(store: Store, rows: Any) -> None:
    store(
        vm("twin", 1),
        vm("twin", 2),
        tabs={"vPartition": table({"VM": "twin", "Disk": "/", "Capacity MiB": 1})},
    )
    assert rows(models.partitions, "virtual_machine_id") == [None]


def test_a_disk_is_of_a_template_if_its_machine_is(store: Store, rows: Any) -> None:
    disks = table({"VM": "t", "VM ID": "vm-1", "Disk": "1"}, {"VM": "m", "VM ID": "vm-2", "Disk": "1"})
    store(vm("t", 1, Template="True"), vm("m", 2), tabs={"vDisk": disks})
    assert rows(models.disks, "template") == [True, False]


def test_the_folder_comes_from_other_tabs_where_vinfo_leaves_it_blank(store: Store, rows: Any) -> None:
    folders = table(
        {"VM": "a", "Folder": "/DC1/vm/x", "CPUs": 1}, {"VM": "b", "Folder": "/DC1/vm/y", "CPUs": 1}
    )
    store(vm("a", 1, Folder=""), vm("b", 2, Folder="/own"), tabs={"vCPU": folders})
    assert rows(virtual_machines, "folder") == ["/DC1/vm/x", "/own"]
    assert (1, "vInfo", "folder", 2) in rows(import_columns)


def test_custom_attributes_of_all_tabs_meet_in_the_machine_and_vinfo_goes_first(
    store: Store, rows: Any
) -> None:
    tools = table({"VM": "a", "Powerstate": "poweredOn", "Tools": "ok", "Owner": "not this", "Name": "tag"})
    store(vm("a", 1, Owner="me", Cost_center=700), tabs={"vTools": tools})
    assert rows(virtual_machines, "attributes") == [{"Owner": "me", "Cost center": "700", "Name": "tag"}]
    profile = {field: filled for _i, tab, field, filled in rows(import_columns) if field.startswith("attr:")}
    assert profile == {"attr:Owner": 1, "attr:Cost center": 1, "attr:Name": 1}


def test_a_tag_called_name_on_snapshots_is_an_attribute_of_the_machine(store: Store, rows: Any) -> None:
    snapshots = [
        ["VM", "Powerstate", "Name", "Size MiB (total)", "Name"],
        ["a", "poweredOn", "before patch", 5, "tag"],
    ]
    store(vm("a", 1), tabs={"vSnapshot": snapshots})
    assert rows(models.vm_snapshots, "snapshot_name", "name") == [("before patch", "a")]
    assert rows(virtual_machines, "attributes") == [{"Name": "tag"}]


def test_hosts_clusters_datastores_and_sources_are_stored(store: Store, rows: Any) -> None:
    store(
        vm("a", 1),
        tabs={
            "vHost": table(
                {"Host": "esx1", "Datacenter": "DC1", "# Cores": 20, "AutoDeploy.MachineIdentity": "x"}
            ),
            "vCluster": table({"Name": "C1", "NumHosts": 1, "HA enabled": "True"}),
            "vDatastore": table(
                {"Name": "ds1", "Type": "NFS", "Capacity MiB": 200, "Free MiB": 50, "Version": 8}
            ),
            "vSource": table({"Name": "VMware vCenter Server", "Version": "8.0.3", "VI SDK UUID": UUID}),
        },
    )
    assert rows(models.hosts, "name", "cores", "attributes") == [
        ("esx1", 20, {"AutoDeploy.MachineIdentity": "x"})
    ]
    assert rows(models.clusters, "name", "hosts", "ha_enabled") == [("C1", 1, True)]
    assert rows(models.datastores, "name", "capacity_mib", "free_pct", "version") == [("ds1", 200, 25, "8")]
    assert rows(models.sources, "name", "version") == [("VMware vCenter Server", "8.0.3")]


def test_the_search_texts_hold_names_addresses_and_notes_and_the_exact_one_networks_and_ids_as_well(
    store: Store, rows: Any
) -> None:
    adapters = table(
        {"VM": "Web", "Network": "DMZ", "IPv4 Address": "10.0.0.1, 10.0.0.2", "IPv6 Address": "FE80::1"},
        {"VM": "Web", "Network": "Backup", "Mac Address": "00:50:56:AB:00:01"},
        {"VM": "unheard of", "Network": "Lost"},
    )
    machine = vm("Web", 1, DNS_Name="WEB.example.com", Primary_IP_Address="10.0.0.1", Annotation="Größe XL")
    machine |= {"Network #1": "DMZ", "Network #2": "Guests", "SMBIOS UUID": "SMBIOS-1"}
    store(machine, tabs={"vNetwork": adapters})
    [(text, exact_text)] = rows(machine_texts, "text", "exact_text")
    words = [
        "Web", "WEB.example.com", "10.0.0.1", "esx1", "Größe XL", "10.0.0.2", "FE80::1",
    ]  # fmt: skip
    assert text.split("\n") == [word.casefold() for word in words]
    ids = ["uuid-1", "SMBIOS-1", "DMZ", "Guests", "Backup", "00:50:56:AB:00:01"]
    assert exact_text.split("\n") == [*words, *ids]


def test_the_profile_says_which_columns_there_were_and_how_many_rows_fill_them(
    store: Store, rows: Any
) -> None:
    store(vm("a", 1, DNS_Name="a.example.com"), vm("b", 2))
    profile = {(tab, field): filled for _import, tab, field, filled in rows(import_columns)}
    assert profile["vInfo", "dns_name"] == 1
    assert profile["vInfo", "name"] == 2
    assert ("vInfo", "folder") not in profile


# --- what is worked out


SNAPSHOT = ["VM", "VM ID", "Powerstate", "Name", "Date / time", "Size MiB (total)"]


def test_snapshots_are_counted_measured_and_aged_from_the_export(store: Store, rows: Any) -> None:
    taken = [T0 - timedelta(days=10), T0 - timedelta(days=2, hours=12)]
    lines = [["a", "vm-1", "poweredOn", "s", time, 1.5] for time in taken]
    store(vm("a", 1), vm("b", 2), tabs={"vSnapshot": [SNAPSHOT, *lines]})
    assert rows(virtual_machines, "snapshot_count", "snapshot_size_mib", "snapshot_age_days") == [
        (2, 3.0, 10.0),
        (0, 0.0, None),
    ]


def test_without_the_tab_snapshots_are_unknown(store: Store, rows: Any) -> None:
    store(vm("a", 1))
    assert rows(virtual_machines, "snapshot_count", "snapshot_size_mib", "snapshot_age_days") == [
        (None, None, None)
    ]


def test_a_backup_ages_from_the_export_and_never_backwards(store: Store, rows: Any) -> None:
    store(
        vm("a", 1) | {"NB_LAST_BACKUP": "2026/08/30 09:30:00"},
        vm("b", 2) | {"NB_LAST_BACKUP": "2026/09/02 00:00:00"},
        vm("c", 3),
    )
    assert rows(virtual_machines, "backup_age_days") == [2, 0, None]


def test_machines_know_whether_their_host_is_in_maintenance(store: Store, rows: Any) -> None:
    hosts = [
        {"Host": "esx1", "Datacenter": "DC1", "in Maintenance Mode": "True"},
        {"Host": "esx1", "Datacenter": "DC2", "in Maintenance Mode": "False"},
        {"Host": "esx2", "Datacenter": "DC2", "in Maintenance Mode": "True"},
    ]
    machines_ = [
        vm("a", 1), vm("b", 2, Datacenter="DC2"), vm("c", 3, Host="esx2", Datacenter=""), vm("d", 4, Datacenter=""),
        vm("e", 5, Host="esx9"), vm("f", 6, Host=""), vm("g", 7, Host="esx2", Datacenter="DC1"),
    ]  # fmt: skip
    store(*machines_, tabs={"vHost": table(*hosts)})
    assert rows(virtual_machines, "host_in_maintenance") == [True, False, True, None, None, None, None]


def test_machines_know_how_free_the_fullest_of_their_datastores_is(store: Store, rows: Any) -> None:
    datastores = [
        {"Name": "full", "Type": "VMFS", "Capacity MiB": 100, "Free MiB": 5, "Free %": 5, "Hosts": "esx1"},
        {"Name": "half", "Type": "VMFS", "Capacity MiB": 100, "Free MiB": 50, "Free %": "", "Hosts": "esx1"},
        {"Name": "local", "Type": "VMFS", "Capacity MiB": 100, "Free MiB": 9, "Free %": 9, "Hosts": "esx1"},
        {
            "Name": "local",
            "Type": "VMFS",
            "Capacity MiB": 100,
            "Free MiB": 80,
            "Free %": 80,
            "Hosts": "esx2, esx3",
        },
    ]
    disks = [
        {"VM": "a", "VM ID": "vm-1", "Disk": "1", "Path": "[half] a/a.vmdk", "Disk Path": ""},
        {"VM": "a", "VM ID": "vm-1", "Disk": "2", "Path": "", "Disk Path": "[full] a/a_1.vmdk"},
        {"VM": "b", "VM ID": "vm-2", "Disk": "1", "Path": "[half] b/b.vmdk", "Disk Path": ""},
        {"VM": "c", "VM ID": "vm-3", "Disk": "1", "Path": "[local] c/c.vmdk", "Disk Path": ""},
        {"VM": "d", "VM ID": "vm-4", "Disk": "1", "Path": "[nowhere] d/d.vmdk", "Disk Path": ""},
    ]
    machines_ = [vm("a", 1), vm("b", 2), vm("c", 3, Host="esx3"), vm("d", 4), vm("e", 5)]
    store(*machines_, tabs={"vDatastore": table(*datastores), "vDisk": table(*disks)})
    assert rows(models.disks, "datastore") == ["half", "full", "half", "local", "nowhere"]
    assert rows(virtual_machines, "datastore_free_pct") == [5, 50, 80, None, None]


def test_a_machine_is_off_since_the_first_state_of_an_unbroken_run(store: Store, rows: Any) -> None:
    for week, power in enumerate(("poweredOff", "poweredOn", "poweredOff", "poweredOff", "suspended")):
        store(vm("a", 1, Powerstate=power), week=week)
    assert rows(virtual_machines, "off_since", "off_days") == [
        (T0, 0.0),
        (None, None),
        (T0 + 2 * WEEK, 0.0),
        (T0 + 2 * WEEK, 7.0),
        (None, None),
    ]


def test_an_older_state_that_comes_late_corrects_since_when_machines_are_off(store: Store, rows: Any) -> None:
    for week in (0, 2, 3):
        store(vm("a", 1, Powerstate="poweredOff"), vm("b", 2, Powerstate="poweredOff"), week=week)
    assert rows(virtual_machines, "off_days", name="a") == [0, 14, 21]
    store(vm("a", 1), vm("b", 2, Powerstate="poweredOff"), week=1)
    assert rows(virtual_machines, "off_days", name="a") == [0, 0, 7, None]
    assert rows(virtual_machines, "off_since", name="a") == [T0, T0 + 2 * WEEK, T0 + 2 * WEEK, None]
    assert rows(virtual_machines, "off_days", name="b") == [0, 14, 21, 7]


# --- identity


def test_a_newer_export_keeps_every_machine_and_adds_a_state(store: Store, rows: Any) -> None:
    store(vm("a", 1), vm("b", 2), vm("c", 3))
    before = dict(rows(machines, "vm_id", "id"))
    result = store(
        vm("c", 3), vm("renamed", 1), vm("d", 4), vm("b", 2, Datacenter="DC2", Host="esx9"), week=1
    )
    after = dict(rows(machines, "vm_id", "id"))
    assert {vm_id: after[vm_id] for vm_id in before} == before
    assert rows(machines, "vm_id", "name", "datacenter", "first_import_id", "last_import_id") == [
        ("vm-1", "renamed", "DC1", 1, 2),
        ("vm-2", "b", "DC2", 1, 2),
        ("vm-3", "c", "DC1", 1, 2),
        ("vm-4", "d", "DC1", 2, 2),
    ]
    assert counts(result) == {"new": 1, "renamed": 1, "moved": 1, "unchanged": 1}


def test_of_two_machines_with_one_name_each_keeps_its_own_identity(store: Store, rows: Any) -> None:
    store(vm("twin", 1), vm("twin", 2))
    store(vm("twin", 2), vm("twin", 1), week=1)
    assert rows(virtual_machines, "machine_id", "vm_id") == [
        (1, "vm-1"),
        (2, "vm-2"),
        (2, "vm-2"),
        (1, "vm-1"),
    ]


def test_machines_that_share_a_uuid_are_told_apart_by_vm_id(store: Store, rows: Any) -> None:
    store(vm("a", 1, VM_UUID="shared"), vm("b", 2, VM_UUID="shared"))
    store(vm("b", 2, VM_UUID="shared"), vm("new", 3, VM_UUID="shared"), week=1)
    assert rows(machines, "name") == ["a", "b", "new"]


def test_without_vm_id_the_uuid_tells_machines_apart(store: Store, rows: Any) -> None:
    def by_uuid(name: str, uuid: str) -> dict[str, Any]:
        return vm(name) | {"VM UUID": uuid}

    store(by_uuid("a", "u1"), by_uuid("b", "u2"))
    store(by_uuid("b", "u1"), by_uuid("c", "u2"), week=1)
    assert rows(machines, "id", "name") == [(1, "b"), (2, "c")]
    store(vm("c", 9, VM_UUID="u2"), week=2)
    assert rows(machines, "id", "vm_id") == [(1, None), (2, "vm-9")]


def test_equal_names_in_two_datacenters_are_two_machines(store: Store, rows: Any) -> None:
    for week in (0, 1):
        store(
            vm("web", Datacenter="DC1"),
            vm("web", Datacenter="DC2"),
            week=week,
            tabs={"vHost": [["Host"], [f"{week}"]]},
        )
    assert rows(machines, "name", "datacenter", "last_import_id") == [("web", "DC1", 2), ("web", "DC2", 2)]


def test_duplicates_in_a_file_are_distinct_and_stay_the_same_machines(store: Store, rows: Any) -> None:
    for week in (0, 1):
        result = store(
            vm("a", 1), vm("a", 1), vm("b"), vm("b"), week=week, tabs={"vHost": [["Host"], [f"{week}"]]}
        )
    assert rows(virtual_machines, "machine_id") == [1, 2, 3, 4, 1, 2, 3, 4]
    assert "vInfo: 1 row has the VM ID of another row; they are kept apart." in result.warnings


def test_a_machine_of_a_trimmed_file_is_recognised_in_a_full_one_and_back(store: Store, rows: Any) -> None:
    store(vm("a"), vm("b"))
    store(vm("a", 1), vm("b", 2), week=1)
    assert rows(machines, "name", "vm_id", "vm_uuid") == [("a", "vm-1", "uuid-1"), ("b", "vm-2", "uuid-2")]
    store(vm("b", CPUs=8), vm("a"), week=2)
    assert rows(virtual_machines, "machine_id") == [1, 2, 1, 2, 2, 1]


def test_a_machine_made_anew_under_an_old_name_is_not_the_old_one(store: Store, rows: Any) -> None:
    store(vm("a", 1))
    store(vm("a", 2), week=1)
    assert rows(machines, "vm_id") == ["vm-1", "vm-2"]
    store(vm("a"), week=2)
    assert rows(machines, "vm_id", "last_import_id") == [("vm-1", 1), ("vm-2", 3)]


def test_a_machine_that_comes_back_is_the_same(store: Store, rows: Any) -> None:
    for week, numbers in enumerate(((1, 2), (2,), (1, 2))):
        store(*(vm(f"m{number}", number) for number in numbers), week=week)
    assert rows(machines, "name", "first_import_id", "last_import_id") == [("m1", 1, 3), ("m2", 1, 3)]


# --- states


def test_a_newer_state_takes_the_place_of_the_current_one(
    store: Store, rows: Any, manager: DatabaseManager
) -> None:
    tabs = {
        "vHost": table({"Host": "esx1", "Datacenter": "DC1"}),
        "vDisk": table({"VM": "a", "Disk": "1", "Host": "esx1"}),
    }
    store(vm("a", 1), tabs=tabs)
    with manager.get_session() as session:
        before = current_generation(session)
    store(vm("a", 1), week=1, tabs=tabs)
    with manager.get_session() as session:
        assert current_generation(session) != before
    assert rows(vcenters, "current_import_id") == [2]
    for state in (virtual_machines, models.hosts, models.disks):
        assert rows(state, "import_id", "is_current") == [(1, False), (2, True)]


def test_an_older_state_becomes_history_and_changes_nothing_current(store: Store, rows: Any) -> None:
    store(vm("new name", 1), week=2)
    result = store(vm("old name", 1), vm("gone", 2), week=1)
    assert rows(vcenters, "current_import_id") == [1]
    assert rows(virtual_machines, "import_id", "is_current") == [(1, True), (2, False), (2, False)]
    assert rows(machines, "name", "first_import_id", "last_import_id") == [("new name", 2, 1), ("gone", 2, 2)]
    assert (
        "The export is older than the newest state (2026-09-15 09:30) and becomes part of the history."
        in result.warnings
    )


def test_the_same_file_again_changes_nothing_and_says_so(
    db_url: str, write: Callable[..., Path], manager: DatabaseManager, tmp_path: Path
) -> None:
    path = write(vm("a", 1))
    import_file(db_url, path)
    before = stored_rows(manager)
    with manager.get_session() as session:
        generation = current_generation(session)
    copy = tmp_path / "another name.xlsx"
    copy.write_bytes(path.read_bytes())
    result = import_file(db_url, copy)
    assert (result.outcome, result.states[0].import_id, result.machines) == ("unchanged", 1, 1)
    assert "stored already" in result.message
    assert stored_rows(manager) == before
    with manager.get_session() as session:
        assert current_generation(session) == generation


def test_a_dry_run_writes_nothing_and_compares(store: Store, manager: DatabaseManager) -> None:
    store(vm("a", 1), vm("b", 2), vm("c", 3), vm("d", 4))
    before = stored_rows(manager)
    changed = [vm("a", 1, CPUs=8), vm("b", 2, Cluster="C2"), vm("x", 3, Memory=8192, Host="esx2"), vm("e", 5)]
    result = store(*changed, week=1, dry_run=True)
    [state] = result.states
    assert state.difference is not None
    assert state.difference.compared_with == T0
    assert counts(result) == {"new": 1, "gone": 1, "renamed": 1, "moved": 2, "resized": 2}
    assert stored_rows(manager) == before


def test_a_preview_shows_the_file_and_writes_nothing(
    db_url: str, write: Callable[..., Path], manager: DatabaseManager
) -> None:
    tabs = {
        "vMetaData": table({"RVTools version": "4.7.1.4", "xlsx creation datetime": "9/2/2026 1:00:00 PM"}),
        "vCD": [["VM", "Device Node"], ["a", "CD/DVD drive 1"]],
    }
    preview = preview_file(db_url, write(vm("a", 1, Owner="me"), tabs=tabs))
    [state] = preview.states
    assert (state.vcenter, state.vcenter_source, state.needs_vcenter) == (
        "vc1.example.com",
        "VI SDK UUID",
        False,
    )
    assert (state.exported_at, state.exported_at_source) == (datetime(2026, 9, 2, 13), "vMetaData")
    assert (preview.machines, preview.rvtools_version, preview.unchanged) == (1, "4.7.1.4", False)
    assert (preview.file_format, preview.rejected, preview.mappings) == ("Excel workbook", 0, ())
    assert [(tab.tab, tab.rows, tab.stored, tab.attributes) for tab in preview.tabs] == [
        ("vInfo", 1, True, ("Owner",)),
        ("vMetaData", 1, True, ()),
        ("vCD", 1, True, ()),
    ]
    assert "vHost" in preview.missing_tabs
    assert "vCD" not in preview.missing_tabs
    assert state.difference == StateDifference(
        None, new=1, gone=0, renamed=0, moved=0, resized=0, unchanged=0
    )
    assert set(stored_rows(manager).values()) == {0}


def test_the_preview_of_a_stored_file_says_that_nothing_would_change(
    db_url: str, write: Callable[..., Path]
) -> None:
    path = write(vm("a", 1))
    import_file(db_url, path)
    preview = preview_file(db_url, path)
    assert preview.unchanged
    assert [(state.vcenter, state.machines) for state in preview.states] == [("vc1.example.com", 1)]


class BrokenOffError(Exception):
    """The import is torn down."""


STOPS = (
    "Reading vInfo",
    "Storing identities",
    "Storing vInfo",
    "Storing search texts",
    "Storing vDisk",
    "Publishing",
)


@pytest.mark.parametrize("stop", STOPS)
def test_an_import_that_breaks_off_anywhere_leaves_the_old_state(
    stop: str, store: Store, rows: Any, db_url: str, manager: DatabaseManager
) -> None:
    tabs = {
        "vDisk": table({"VM": "a", "VM ID": "vm-1", "Disk": "1"}),
        "vHost": table({"Host": "esx1", "Datacenter": "DC1"}),
    }
    store(vm("a", 1), tabs=tabs)
    before = stored_rows(manager)

    def break_off(_phase: JobPhase, _pct: int, message: str) -> None:
        if message.startswith(stop):
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        store(vm("a", 1), vm("new", 2), week=1, tabs=tabs, on_progress=break_off)
    assert rows(vcenters, "current_import_id") == [1]
    assert rows(imports, "id", "status")[0] == (1, "published")
    assert [status for _id, status in rows(imports, "id", "status")[1:]] in ([], ["unpublished"])
    sweep(db_url)
    assert stored_rows(manager) == before
    store(vm("a", 1), vm("new", 2), week=1, tabs=tabs)
    assert rows(machines, "name") == ["a", "new"]


def test_the_next_import_removes_what_a_broken_one_left(store: Store, rows: Any) -> None:
    def break_off(_phase: JobPhase, _pct: int, message: str) -> None:
        if message.startswith("Publishing"):
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        store(vm("a", 1), vm("b", 2), on_progress=break_off)
    store(vm("a", 1), vm("b", 2), week=1)
    assert rows(imports, "status") == ["published"]
    assert len(rows(vcenters)) == 1
    assert len(rows(machines)) == len(rows(virtual_machines)) == 2


def test_an_import_that_breaks_off_after_publishing_is_finished_by_the_sweep(
    store: Store, rows: Any, db_url: str
) -> None:
    store(vm("a", 1))

    def break_off(_phase: JobPhase, _pct: int, message: str) -> None:
        if message.startswith("Putting"):
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        store(vm("a", 1), week=1, on_progress=break_off)
    assert rows(vcenters, "current_import_id") == [2]
    assert rows(virtual_machines, "import_id", "is_current") == [(1, True), (2, True)]
    sweep(db_url)
    assert rows(virtual_machines, "import_id", "is_current") == [(1, False), (2, True)]


def test_a_sweep_leaves_a_running_import_alone(store: Store, rows: Any, db_url: str) -> None:
    def sweep_meanwhile(_phase: JobPhase, _pct: int, message: str) -> None:
        if message.startswith("Publishing"):
            sweep(db_url)

    store(vm("a", 1), on_progress=sweep_meanwhile)
    assert rows(imports, "status") == ["published"]
    assert len(rows(virtual_machines)) == 1


def test_a_second_import_waits_for_the_first(store: Store, rows: Any, db_url: str) -> None:
    with ExitStack() as first:
        first.enter_context(import_lock(db_url, lambda: None))
        waited: list[int] = []

        def on_progress(_phase: JobPhase, _pct: int, message: str) -> None:
            if message == "Waiting for another import to finish.":
                waited.append(len(rows(imports)))
                if len(waited) == 3:
                    first.close()

        store(vm("a", 1), on_progress=on_progress)
    assert waited == [0, 0, 0]
    assert rows(imports, "status") == ["published"]


def test_progress_only_grows_and_ends_with_publishing(store: Store) -> None:
    seen: list[tuple[JobPhase, int]] = []
    vms = [vm(f"m{number}", number) for number in range(3000)]
    store(*vms, on_progress=lambda phase, pct, _message: seen.append((phase, pct)))
    assert [pct for _phase, pct in seen] == sorted(pct for _phase, pct in seen)
    assert list(dict.fromkeys(phase for phase, _pct in seen)) == [
        JobPhase.READING,
        JobPhase.STORING,
        JobPhase.PUBLISHING,
    ]


def test_a_file_without_a_machine_is_refused_and_the_old_state_stays(store: Store, rows: Any) -> None:
    store(vm("a", 1))
    with pytest.raises(FileRefusedError, match="no row with a machine"):
        store({**vm("x"), "VM": "", "VI SDK Server": ""}, week=1)
    assert len(rows(imports)) == 1


# --- demo estates


def test_the_demo_estate_leaves_no_trace_when_it_is_removed(
    store: Store, db_url: str, manager: DatabaseManager, rows: Any
) -> None:
    store(vm("a", 1))
    before = stored_rows(manager)
    for week in (0, 1):
        store(vm("x", 1, VI_SDK_UUID="demo", VI_SDK_Server="demo"), week=week, is_demo=True)
    assert rows(vcenters, "name", "is_demo") == [("vc1.example.com", False), ("demo", True)]
    remove_demo(db_url)
    assert stored_rows(manager) == before


def test_demo_data_and_real_data_do_not_mix(store: Store) -> None:
    store(vm("a", 1))
    with pytest.raises(ConflictError, match="real data"):
        store(vm("b", 1), week=1, is_demo=True)
    store(vm("x", 1, VI_SDK_UUID="demo", VI_SDK_Server="demo"), is_demo=True)
    with pytest.raises(ConflictError, match="Remove the demo estate"):
        store(vm("y", 1, VI_SDK_UUID="demo", VI_SDK_Server="demo"), week=1)


def test_a_demo_estate_does_not_make_a_nameless_export_ambiguous(store: Store, rows: Any) -> None:
    store(vm("x", 1, VI_SDK_UUID="demo", VI_SDK_Server="demo"), is_demo=True)
    store(vm("a", 1, **ANONYMOUS))
    assert rows(vcenters, "name") == ["demo", "Unnamed vCenter"]
