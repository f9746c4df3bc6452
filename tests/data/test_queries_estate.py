"""The frame's status, the figures of `inventory stats`, the history, and the questions of one statement each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.queries.choices import list_clusters, list_datacenters, list_power_states
from data.queries.counts import count_machines, total_resources
from data.queries.estate import get_estate_status, get_stats
from data.queries.imports import list_imports, list_vcenters
from data.queries.labels import list_label_keys, list_label_values
from data.queries.quality import get_data_quality
from data.results import EstateStatus, RetentionRule, StoredImport, StoredVCenter, VCenterState
from data.scope import Scope
from data.vocabulary import Templates
from tests.factories import (
    EXPORTED_AT,
    IMPORTED_AT,
    add,
    add_estate,
    add_label,
    add_machine,
    add_state,
    add_vcenter,
)

BEFORE = EXPORTED_AT - timedelta(days=7)


# The frame
def test_an_empty_database_has_no_vcenter(session: Session) -> None:
    add_vcenter(session, "nothing stored yet")
    assert get_estate_status(session, Scope()) == EstateStatus((), 0, 0, False)


def test_the_status_names_the_newest_states_the_oldest_export_first(session: Session) -> None:
    north, south = add_vcenter(session, "vc-north"), add_vcenter(session, "vc-south", is_demo=True)
    hidden = add_vcenter(session, "vc-hidden", is_hidden=True)
    add_machine(session, add_state(session, north, BEFORE), "gone")
    now = add_state(session, north, exported_at_source="file name")
    for number, power in enumerate(["poweredOn", "poweredOff", "suspended", None]):
        add_machine(session, now, f"vm-{number}", power_state=power, cluster=f"C{number}")
    add_machine(session, now, "template", template=True)
    add_machine(session, add_state(session, south, BEFORE), "old news")
    add_machine(session, add_state(session, hidden), "secret")
    assert get_estate_status(session, Scope()) == EstateStatus(
        (
            VCenterState(south, "vc-south", True, BEFORE, "given", IMPORTED_AT, 1),
            VCenterState(north, "vc-north", False, EXPORTED_AT, "file name", IMPORTED_AT, 4),
        ),
        machines=5,
        powered_on=2,
        has_demo=True,
    )
    with_templates = get_estate_status(session, Scope(templates=Templates.INCLUDE))
    assert (with_templates.machines, with_templates.powered_on) == (6, 3)
    assert get_estate_status(session, Scope(as_of=BEFORE.date())).machines == 2


def test_the_status_does_not_make_up_power_states(session: Session) -> None:
    add_estate(session, {"power_state": None}, without=["power_state"])
    assert get_estate_status(session, Scope()).powered_on is None


# inventory stats
def test_stats_leave_templates_out_or_in_but_never_hosts_and_datastores(session: Session) -> None:
    vcenter = add_vcenter(session)
    add_machine(session, add_state(session, vcenter, BEFORE), "gone")
    state = add_state(session, vcenter)
    sizes = {"memory_mib": 1024, "provisioned_mib": 10, "in_use_mib": 5}
    place = {"datacenter": "DC1", "cluster": "C1"}
    machine = add_machine(session, state, "machine", cpus=2, **sizes, **place)
    unknown = add_machine(
        session, state, "unknown", template=None, power_state="suspended", cpus=1, datacenter="DC1"
    )
    template = add_machine(
        session,
        state,
        "template",
        template=True,
        power_state="poweredOff",
        cpus=4,
        **sizes,
        **place | {"cluster": "C2"},
    )
    for owner in (machine, unknown, template, None):
        add(session, models.disks, state, owner, capacity_mib=100, template=None)
        add(session, models.partitions, state, owner)
        add(session, models.vm_snapshots, state, owner)
    add(session, models.disks, state, None, capacity_mib=100, template=True)
    for number in range(3):
        add(session, models.hosts, state, name=f"esx{number}", cores=8, memory_mib=2048)
        add(session, models.datastores, state, name=f"ds{number}", capacity_mib=1000)
    surroundings = {
        "hosts": 3,
        "host_cores": 24,
        "host_memory_mib": 6144,
        "datastores": 3,
        "datastore_capacity_mib": 3000,
    }
    surroundings |= {
        "vcenters": 1,
        "imports": 2,
        "templates": 1,
        "suspended": 1,
        "powered_on": 1,
        "datacenters": 1,
    }
    assert asdict(get_stats(session)) == surroundings | {
        "vms": 2,
        "powered_off": 0,
        "vcpus": 3,
        "memory_mib": 1024,
        "provisioned_mib": 10,
        "in_use_mib": 5,
        "clusters": 1,
        "disks": 3,
        "disk_capacity_mib": 300,
        "partitions": 3,
        "vm_snapshots": 3,
    }
    assert asdict(get_stats(session, include_templates=True)) == surroundings | {
        "vms": 3,
        "powered_off": 1,
        "vcpus": 7,
        "memory_mib": 2048,
        "provisioned_mib": 20,
        "in_use_mib": 10,
        "clusters": 2,
        "disks": 5,
        "disk_capacity_mib": 500,
        "partitions": 4,
        "vm_snapshots": 4,
    }


def test_stats_of_a_bare_export_are_unknown_where_it_says_nothing(session: Session) -> None:
    without = ["power_state", "template", "datacenter", "cluster", "host", "cpus"]
    add_estate(
        session, {"power_state": None, "template": None, "cpus": None}, tabs=["vInfo"], without=without
    )
    stats = asdict(get_stats(session))
    known = {key: value for key, value in stats.items() if value is not None}
    assert known == {"vms": 1, "vcenters": 1, "imports": 1}


def test_stats_of_an_empty_database_are_zero_or_unknown(session: Session) -> None:
    known = {key: value for key, value in asdict(get_stats(session)).items() if value is not None}
    assert known == {"vms": 0, "vcenters": 0, "imports": 0}


# The history
def test_the_history_lists_published_imports_the_last_one_first(session: Session) -> None:
    vcenter = add_vcenter(session, is_demo=True)
    old = add_state(
        session,
        vcenter,
        BEFORE,
        machines=7,
        warnings=["odd"],
        file_name="old.xlsx",
        is_pinned=True,
        size_bytes=10**10,
    )
    new = add_state(session, vcenter, imported_at=IMPORTED_AT + timedelta(hours=1))
    add_state(session, vcenter, EXPORTED_AT + timedelta(days=1), status="unpublished")
    add_state(session, add_vcenter(session, "vc-hidden", is_hidden=True))
    later, first = list_imports(session, Scope())
    assert (later.id, later.is_current, later.machines) == (new.id, True, 0)
    assert first == StoredImport(
        id=old.id,
        vcenter_id=vcenter,
        vcenter="vc-north",
        file_name="old.xlsx",
        exported_at=BEFORE,
        exported_at_source="given",
        imported_at=IMPORTED_AT,
        machines=7,
        warnings=("odd",),
        is_current=False,
        is_demo=True,
        is_pinned=True,
        size_bytes=10**10,
        goes_with_next=False,
    )


def test_the_history_says_which_states_the_rule_lets_go_with_the_next_import(session: Session) -> None:
    north, south = add_vcenter(session, "vc-north"), add_vcenter(session, "vc-south")
    add_state(session, north)
    going = add_state(session, north, EXPORTED_AT - timedelta(days=40))
    add_state(session, north, EXPORTED_AT - timedelta(days=41), is_pinned=True)
    last_of_september = add_state(session, north, EXPORTED_AT - timedelta(days=60))
    add_state(session, south, EXPORTED_AT - timedelta(days=400))
    states = list_imports(session, Scope(vcenters=(north, south)))
    assert [state.id for state in states if state.goes_with_next] == []
    add_state(session, north, EXPORTED_AT - timedelta(days=38))
    states = list_imports(session, Scope())
    assert [state.id for state in states if state.goes_with_next] == [going.id]
    short = list_imports(session, Scope(vcenters=(north,)), rule=RetentionRule(days=39, months=0))
    assert [state.id for state in short if state.goes_with_next] == [last_of_september.id, going.id]


def test_vcenters_of_the_history_are_all_that_have_a_state(session: Session) -> None:
    north = add_vcenter(session, "vc-north", is_demo=True)
    add_state(session, north, BEFORE, size_bytes=10)
    add_state(session, north, EXPORTED_AT, size_bytes=5)
    hidden = add_vcenter(session, "vc-hidden", is_hidden=True)
    add_state(session, hidden, BEFORE)
    add_state(session, hidden, EXPORTED_AT - timedelta(days=90), size_bytes=5)
    add_state(session, add_vcenter(session, "vc-coming"), status="unpublished")
    assert list_vcenters(session, Scope(vcenters=(north,))) == [
        StoredVCenter(hidden, "vc-hidden", True, False, 2, BEFORE, None),
        StoredVCenter(north, "vc-north", False, True, 2, EXPORTED_AT, 15),
    ]


# One statement each
def test_names_to_choose_from_are_those_of_the_machines_in_scope(session: Session) -> None:
    add_estate(
        session,
        {"datacenter": "b", "cluster": "C2", "power_state": "suspended"},
        {"datacenter": "A", "cluster": "C1"},
        {"datacenter": "b", "cluster": None, "power_state": None},
        {"datacenter": "hidden", "template": True},
    )
    assert list_datacenters(session, Scope()) == ["A", "b"]
    assert list_clusters(session, Scope(datacenters=("b",))) == ["C2"]
    assert list_power_states(session, Scope()) == ["poweredOn", "suspended"]
    assert list_datacenters(session, Scope(templates=Templates.INCLUDE)) == ["A", "b", "hidden"]


def test_labels_are_listed_by_key(session: Session) -> None:
    for key, value in (("tier", "gold"), ("tier", "bronze"), ("owner", "me"), ("wave", "gold")):
        add_label(session, key, value)
    assert list_label_keys(session, Scope()) == ["owner", "tier", "wave"]
    assert list_label_values(session, Scope()) == ["bronze", "gold", "me"]
    assert list_label_values(session, Scope(), key="tier") == ["bronze", "gold"]
    assert list_label_values(session, Scope(), key="none") == []


ONE_STATEMENT: list[Callable[..., Any]] = [
    list_datacenters,
    list_clusters,
    list_power_states,
    count_machines,
    total_resources,
    get_data_quality,
    list_label_keys,
    list_label_values,
    list_imports,
    list_vcenters,
]


@pytest.mark.parametrize("query", ONE_STATEMENT)
def test_one_statement_answers(session: Session, count_statements, query: Callable[..., Any]) -> None:
    add_estate(session, *({"datacenter": f"DC{n}"} for n in range(10)))
    for scope in (Scope(), Scope(datacenters=("DC1", ""), text="vm", as_of=EXPORTED_AT.date())):
        with count_statements(session.get_bind()) as statements:
            query(session, scope)
        assert len(statements) == 1


def test_status_and_stats_use_few_statements_whatever_the_size(
    manager: DatabaseManager, count_statements
) -> None:
    used = []
    for machines in (5, 50):
        with manager.get_session() as session:
            for name in ("vc-north", "vc-south"):
                state = add_state(session, add_vcenter(session, name), tabs=["vInfo", "vDisk"])
                for n in range(machines):
                    add(session, models.disks, state, add_machine(session, state, f"vm-{n}", host=f"esx{n}"))
            with count_statements(session.get_bind()) as status:
                get_estate_status(session, Scope())
            with count_statements(session.get_bind()) as stats:
                get_stats(session)
            used.append((len(status), len(stats)))
    assert used == [(2, 7), (2, 7)]
