"""What a machine runs on, and every row that an export has of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.errors import NotFoundError
from data.fields import TABS, VM_TABS
from data.ingest import import_file
from data.queries.machine import WORKED_OUT, get_machine, get_machine_rows, get_placement
from data.results import MachineDatastore, TabRows
from data.scope import Scope
from tests.factories import EXPORTED_AT, Machine, State, add, add_machine, add_state, add_vcenter

SAMPLES = Path(__file__).parents[1] / "samples"
PLACE = {"datacenter": "DC1", "cluster": "C1", "host": "esx1", "resource_pool": "/DC1/C1/Resources/Gold"}


@pytest.fixture
def state(session: Session) -> State:
    return add_state(session, add_vcenter(session))


@pytest.fixture
def machine(session: Session, state: State) -> Machine:
    return add_machine(session, state, "sql", **PLACE, path="[ds0] sql/sql.vmx")


def placement(session: Session, machine: Machine, scope: Scope | None = None) -> Any:
    return get_placement(session, scope or Scope(), machine_id=machine.machine_id)


def rows(session: Session, machine: Machine, scope: Scope | None = None) -> dict[str, Any]:
    found = get_machine_rows(session, scope or Scope(), machine_id=machine.machine_id)
    return {one.tab: one.rows for one in found}


# Placement
def test_placement_is_the_row_of_the_host_the_cluster_and_the_pool_of_the_same_state(
    session: Session, state: State, machine: Machine
) -> None:
    add(session, models.hosts, state, name="esx1", datacenter="DC1", cluster="C1", cores=48, dhcp=False)
    add(session, models.hosts, state, name="esx2", cores=1)
    add(session, models.clusters, state, name="C1", hosts=4)
    add(session, models.resource_pools, state, name="Gold", path=PLACE["resource_pool"], vms=7)
    add(session, models.resource_pools, state, name="Gold", path="/DC1/C2/Resources/Gold", vms=1)
    elsewhere = add_state(session, add_vcenter(session, "vc-south"))
    add(session, models.hosts, elsewhere, name="esx1", cores=2)
    found = placement(session, machine)
    host = {"name": "esx1", "datacenter": "DC1", "cluster": "C1", "cores": 48, "dhcp": False}
    assert found.host == TabRows("vHost", (host,))
    assert found.cluster == TabRows("vCluster", ({"name": "C1", "hosts": 4},))
    pool = {"name": "Gold", "path": PLACE["resource_pool"], "vms": 7}
    assert found.resource_pool == TabRows("vRP", (pool,))


def test_tabs_that_the_export_lacks_are_unknown_and_places_that_it_does_not_list_are_none(
    session: Session,
) -> None:
    vcenter = add_vcenter(session)
    machine = add_machine(session, add_state(session, vcenter, tabs=["vInfo", "vHost"]), **PLACE)
    found = placement(session, machine)
    assert (found.host.rows, found.cluster.rows, found.resource_pool.rows) == ((), None, None)


def test_a_machine_without_a_host_is_not_on_a_host_without_a_name(session: Session, state: State) -> None:
    machine = add_machine(session, state, "lost")
    for table in (models.hosts, models.clusters, models.datastores):
        add(session, table, state, config_status="green")
    add(session, models.resource_pools, state, status="green")
    found = placement(session, machine)
    assert (found.host.rows, found.cluster.rows, found.resource_pool.rows) == ((), (), ())
    assert found.datastores == ()


def test_hosts_of_one_name_are_told_apart_by_datacenter_and_cluster_and_else_all_are_named(
    session: Session, state: State, machine: Machine
) -> None:
    add(session, models.hosts, state, name="esx1", datacenter="DC1", cluster="C1", cores=1)
    add(session, models.hosts, state, name="esx1", datacenter="DC1", cluster="C2", cores=2)
    add(session, models.hosts, state, name="esx1", datacenter="DC2", cluster="C1", cores=3)
    assert [host["cores"] for host in placement(session, machine).host.rows] == [1]
    elsewhere = add_machine(session, state, "moved", host="esx1", datacenter="DC9")
    assert [host["cores"] for host in placement(session, elsewhere).host.rows] == [1, 2, 3]


def test_datastores_are_those_of_the_disks_and_of_the_configuration(
    session: Session, state: State, machine: Machine
) -> None:
    for label, datastore, size in (
        ("1", "Ds2", 10.0),
        ("2", "Ds2", 20.0),
        ("3", "ds1", None),
        ("4", None, 5.0),
    ):
        add(session, models.disks, state, machine, label=label, datastore=datastore, capacity_mib=size)
    add(session, models.disks, state, add_machine(session, state, "other"), datastore="ds9")
    add(session, models.disks, state, None, name="sql", datastore="ds8")
    add(
        session,
        models.datastores,
        state,
        name="Ds2",
        type="VMFS",
        capacity_mib=100.0,
        free_mib=5.0,
        free_pct=5.0,
    )
    add(session, models.datastores, state, name="ds9")
    facts = {"name": "Ds2", "type": "VMFS", "capacity_mib": 100.0, "free_mib": 5.0, "free_pct": 5.0}
    assert placement(session, machine).datastores == (
        MachineDatastore("ds0", 0, None, True, TabRows("vDatastore", ())),
        MachineDatastore("ds1", 1, None, False, TabRows("vDatastore", ())),
        MachineDatastore("Ds2", 2, 30.0, False, TabRows("vDatastore", (facts,))),
    )


def test_a_datastore_of_a_common_name_is_the_one_that_the_host_sees(
    session: Session, state: State, machine: Machine
) -> None:
    add(session, models.datastores, state, name="ds0", host_list="esx10, esx2", free_pct=1.0)
    add(session, models.datastores, state, name="ds0", host_list="esx3, esx1", free_pct=2.0)
    (datastore,) = placement(session, machine).datastores
    assert [one["free_pct"] for one in datastore.facts.rows] == [2.0]


def test_without_the_disks_the_configuration_still_names_its_datastore(session: Session) -> None:
    state = add_state(session, add_vcenter(session), tabs=["vInfo"])
    machine = add_machine(session, state, path="[ds 1] a/a.vmx")
    assert placement(session, machine).datastores == (
        MachineDatastore("ds 1", None, None, True, TabRows("vDatastore", None)),
    )


def test_placement_and_rows_are_those_of_the_last_state_that_has_the_machine_and_of_the_day(
    session: Session,
) -> None:
    vcenter = add_vcenter(session)
    for days, cores in ((20, 1), (10, 2)):
        state = add_state(session, vcenter, EXPORTED_AT - timedelta(days=days))
        machine = add_machine(session, state, **PLACE)
        add(session, models.hosts, state, name="esx1", cores=cores)
        add(session, models.disks, state, machine, label=f"disk of {cores}")
    add(session, models.hosts, add_state(session, vcenter, EXPORTED_AT), name="esx1", cores=3)
    then = Scope(as_of=(EXPORTED_AT - timedelta(days=15)).date())
    for scope, cores in ((Scope(), 2), (then, 1)):
        assert placement(session, machine, scope).host.rows[0]["cores"] == cores
        assert rows(session, machine, scope)["vDisk"] == ({"label": f"disk of {cores}"},)
    session.execute(delete(models.virtual_machines))
    for query in (get_placement, get_machine_rows):
        with pytest.raises(NotFoundError, match=f"id {machine.machine_id}"):
            query(session, Scope(), machine_id=machine.machine_id)


def test_a_machine_tells_whether_another_vcenter_can_be_seen(session: Session, machine: Machine) -> None:
    def is_alone() -> bool:
        return get_machine(session, Scope(vcenters=(1,)), machine_id=machine.machine_id).is_only_vcenter

    add_state(session, add_vcenter(session, "hidden", is_hidden=True))
    assert is_alone()
    add_state(session, add_vcenter(session, "vc-south"))
    assert not is_alone()


# Rows
def test_rows_are_all_of_the_machine_in_their_order_without_what_repeats_it(
    session: Session, state: State, machine: Machine
) -> None:
    other = add_machine(session, state, "other")
    who = {"name": "sql", "vm_id": "vm-sql", "template": False}
    for number in range(3):
        adapter = {"label": f"NIC {number}", "connected": number == 1}
        add(session, models.network_adapters, state, machine, **who, **adapter)
        add(session, models.network_adapters, state, other, **who, label="not mine")
    add(session, models.network_adapters, state, None, **who, label="of an orphan")
    for mount_point in ("C:\\", "D:\\"):
        add(session, models.partitions, state, machine, **who, mount_point=mount_point, free_pct=0.0)
    found = rows(session, machine)
    assert found["vNetwork"] == tuple({"label": f"NIC {n}", "connected": n == 1} for n in range(3))
    assert found["vPartition"] == (
        {"mount_point": "C:\\", "free_pct": 0.0},
        {"mount_point": "D:\\", "free_pct": 0.0},
    )
    assert found["vInfo"] == (
        {"vm_id": "vm-sql", "name": "sql", "power_state": "poweredOn", "template": False, "cpus": 2}
        | PLACE
        | {"path": "[ds0] sql/sql.vmx"},
    )


def test_tabs_come_in_the_order_of_the_workbook_and_the_columns_of_a_machine_stand_under_their_own(
    session: Session, state: State
) -> None:
    values = {"sockets": 2, "memory_shares": 10, "tools_status": "toolsOk", "snapshot_count": 0}
    machine = add_machine(session, state, **values)
    found = rows(session, machine)
    assert list(found) == [*VM_TABS, "vHealth", WORKED_OUT]
    assert found["vCPU"] == ({"sockets": 2},)
    assert found["vMemory"] == ({"memory_shares": 10},)
    assert found["vTools"] == ({"tools_status": "toolsOk"},)
    assert found[WORKED_OUT] == ({"snapshot_count": 0},)


def test_a_tab_without_a_row_of_the_machine_is_told_from_one_that_the_export_lacks(session: Session) -> None:
    state = add_state(session, add_vcenter(session), tabs=["vInfo", "vCPU", "vDisk", "vHealth"])
    found = rows(session, add_machine(session, state))
    assert {tab for tab, one in found.items() if one == ()} == {"vCPU", "vDisk", "vHealth"}
    assert {tab for tab, one in found.items() if one is None} == set(VM_TABS) - {"vInfo", "vCPU", "vDisk"}


def test_messages_are_those_that_name_the_machine(session: Session, state: State, machine: Machine) -> None:
    for name in ("sql", "sql-2", "SQL", None):
        add(session, models.health_messages, state, name=name, message=f"about {name}")
    assert rows(session, machine)["vHealth"] == ({"name": "sql", "message": "about sql"},)


def raw_rows(sample: Path) -> Iterator[tuple[str, Counter[str]]]:
    """Tab -> rows by the name of the machine, read from the cells."""
    workbook = CalamineWorkbook.from_path(sample)
    for tab in set(VM_TABS) & set(workbook.sheet_names):
        head, *lines = workbook.get_sheet_by_name(tab).to_python()
        at = head.index("VM")
        yield tab, Counter(str(line[at]) for line in lines if line[at])


@pytest.mark.parametrize("name", ["lab-3.10-25-tabs", "synthetic-inline-strings-50-vms"])
def test_every_row_of_an_export_is_one_of_its_machine(db_url: str, session: Session, name: str) -> None:
    sample = SAMPLES / f"{name}.xlsx"
    import_file(db_url, sample)
    vm = models.virtual_machines.c
    ids = {row.name: row.machine_id for row in session.execute(select(vm.name, vm.machine_id))}
    expected = dict(raw_rows(sample))
    for machine, machine_id in ids.items():
        found = get_machine_rows(session, Scope(), machine_id=machine_id)
        counted = {one.tab: len(one.rows) for one in found if one.rows is not None and one.tab in TABS}
        counted.pop("vHealth", None)
        assert counted == {tab: numbers[machine or ""] for tab, numbers in expected.items()}


def test_the_number_of_statements_does_not_grow_with_the_things_of_a_machine(
    manager: DatabaseManager, count_statements: Callable[..., Any]
) -> None:
    used = []
    for things in (1, 20):
        with manager.get_session() as session:
            state = add_state(session, add_vcenter(session, f"vc-{things}"))
            machine = add_machine(session, state, "sql", **PLACE, path="[ds0] a")
            for number in range(things):
                add(session, models.hosts, state, name="esx1")
                add(session, models.datastores, state, name=f"ds{number}")
                add(session, models.disks, state, machine, datastore=f"ds{number}")
                add(session, models.network_adapters, state, machine, label=str(number))
            with count_statements(session.get_bind()) as statements:
                get_placement(session, Scope(), machine_id=machine.machine_id)
                get_machine_rows(session, Scope(), machine_id=machine.machine_id)
            used.append(len(statements))
    assert used == [7 + 10] * 2
