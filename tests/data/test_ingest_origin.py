"""Where an export comes from and when it was made: what the file says, what is asked, what is never guessed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import VCenterNeededError
from data.ingest import preview_file
from data.ingest.identity import KnownMachine, recognise
from data.ingest.roster import MachineKey
from data.models import imports, machines, vcenters, virtual_machines
from data.results import ImportResult, StateDifference, StatePreview
from tests.data.conftest import T0, Store
from tests.data.workbooks import UUID, table, vm

ANONYMOUS = {"VI_SDK_Server": "", "VI_SDK_UUID": ""}


# --- which vCenter


def test_the_vcenter_is_matched_by_uuid_then_by_server(store: Store, rows: Any) -> None:
    store(vm("a", 1))
    store(vm("a", 1, VI_SDK_Server="renamed.example.com"), week=1)
    store(vm("a", 1, VI_SDK_UUID=""), week=2)
    assert rows(vcenters, "name", "instance_uuid", "server") == [("vc1.example.com", UUID, "vc1.example.com")]
    assert len(rows(imports)) == 3


def test_a_uuid_that_comes_later_is_remembered(store: Store, rows: Any) -> None:
    store(vm("a", 1, VI_SDK_UUID=""))
    store(vm("a", 1), week=1)
    assert rows(vcenters, "name", "instance_uuid") == [("vc1.example.com", UUID)]


def test_a_server_with_another_uuid_is_another_vcenter(store: Store, rows: Any) -> None:
    store(vm("a", 1))
    store(vm("a", 1, VI_SDK_UUID="11111111-2222"), week=1)
    assert rows(vcenters, "name") == ["vc1.example.com", "vc1.example.com (11111111-2222)"]
    assert rows(machines, "vcenter_id") == [1, 2]


def test_vsource_and_vmetadata_say_the_vcenter_where_vinfo_does_not(store: Store, rows: Any) -> None:
    store(
        vm("a", 1, **ANONYMOUS),
        tabs={"vSource": table({"Name": "VMware vCenter Server", "VI SDK Server": "one"})},
    )
    store(
        vm("a", 1, **ANONYMOUS), week=1, tabs={"vMetaData": table({"RVTools version": "4", "Server": "two"})}
    )
    assert rows(vcenters, "name") == ["one", "two"]


def nameless(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    """Machines of an export that says no vCenter."""
    return [vm(f"m{number}", number, **ANONYMOUS, **more) for number in numbers]


def preview_of(db_url: str, path: Path, **options: Any) -> StatePreview:
    """The only state of a preview."""
    [state] = preview_file(db_url, path, **options).states
    return state


def test_the_first_export_without_a_vcenter_is_stored_as_an_unnamed_one_with_a_warning(
    store: Store, rows: Any
) -> None:
    result = store(*nameless(1))
    assert rows(vcenters, "name", "instance_uuid", "server") == [("Unnamed vCenter", None, None)]
    assert result.warnings == (
        "The export does not say which vCenter it comes from: stored under “Unnamed vCenter”.",
    )


def test_an_export_without_a_vcenter_goes_to_the_unnamed_one_if_half_of_its_machines_are_known_there(
    store: Store, rows: Any
) -> None:
    store(*nameless(1, 2))
    result = store(*nameless(2, 3), week=1)
    assert rows(imports, "vcenter_id") == [1, 1]
    [warning] = result.warnings
    assert warning == (
        "The export does not say which vCenter it comes from. 1 of its 2 machines are known from “Unnamed vCenter”: "
        "stored there."
    )


def test_an_export_without_a_vcenter_of_other_machines_must_be_named(store: Store, rows: Any) -> None:
    store(*nameless(1, 2))
    with pytest.raises(VCenterNeededError, match="known so far: “Unnamed vCenter”"):
        store(*nameless(2, 3, 4), week=1)
    store(*nameless(2, 3, 4), week=1, vcenter="Lab")
    assert rows(vcenters, "name") == ["Unnamed vCenter", "Lab"]


def test_an_export_without_a_vcenter_must_be_named_once_a_named_one_is_stored(store: Store) -> None:
    store(vm("m1", 1))
    with pytest.raises(VCenterNeededError, match=r"known so far: “vc1\.example\.com”"):
        store(*nameless(1), week=1)


def test_only_the_newest_state_of_the_unnamed_vcenter_counts(store: Store) -> None:
    store(*nameless(1, 2))
    store(*nameless(2, 3), week=1)
    with pytest.raises(VCenterNeededError):
        store(*nameless(1, 4), week=2)


def test_the_preview_asks_for_the_vcenter_and_suggests_the_unnamed_one_if_half_of_the_machines_match(
    store: Store, db_url: str, write: Callable[..., Path]
) -> None:
    asked = preview_of(db_url, write(*nameless(1, 2)), file_name="vc01.example.com.xlsx")
    assert (asked.needs_vcenter, asked.suggested_vcenter, asked.vcenter, asked.difference) == (
        True,
        None,
        None,
        None,
    )
    store(*nameless(1, 2))
    same = preview_of(db_url, write(*nameless(1, 3), week=1), file_name="vc01.example.com.xlsx")
    assert (same.needs_vcenter, same.suggested_vcenter, same.vcenter) == (True, "Unnamed vCenter", None)
    other = preview_of(db_url, write(*nameless(1, 3, 4), week=1))
    assert (other.needs_vcenter, other.suggested_vcenter) == (True, None)


def test_the_preview_of_a_named_export_compares_with_that_vcenter(
    store: Store, db_url: str, write: Callable[..., Path]
) -> None:
    store(vm("m1", 1), vm("m2", 2))
    path = write(*nameless(1, 3), week=1)
    preview = preview_file(db_url, path)
    assert preview.known_vcenters == ("vc1.example.com",)
    named = preview_of(db_url, path, vcenter="vc1.example.com")
    assert (named.needs_vcenter, named.vcenter, named.vcenter_source) == (False, "vc1.example.com", "given")
    assert (named.earlier_states, named.difference.new, named.difference.gone) == (1, 1, 1)  # type: ignore[union-attr]  # it has one


def test_the_unnamed_vcenter_becomes_the_named_one_that_has_half_of_its_machines(
    store: Store, rows: Any
) -> None:
    store(*nameless(1, 2))
    before = rows(machines, "id", "vm_id")
    result = store(vm("m2", 2), vm("m3", 3), vm("m4", 4), week=1)
    assert rows(vcenters, "id", "name", "instance_uuid", "server") == [
        (1, "vc1.example.com", UUID, "vc1.example.com")
    ]
    assert rows(machines, "id", "vm_id")[:2] == before
    assert result.states[0].vcenter == "vc1.example.com"
    [warning] = result.warnings
    assert warning == (
        "1 of the 2 machines of “Unnamed vCenter” are in this export: “Unnamed vCenter” is called “vc1.example.com” "
        "from now on and keeps its history."
    )
    store(vm("m2", 2), week=2)
    assert len(rows(vcenters)) == 1


def test_the_preview_says_that_the_unnamed_vcenter_becomes_the_named_one(
    store: Store, db_url: str, write: Callable[..., Path], rows: Any
) -> None:
    store(*nameless(1, 2))
    preview = preview_file(db_url, write(vm("m1", 1), vm("m2", 2, CPUs=8), week=1))
    [state] = preview.states
    assert (state.vcenter, state.vcenter_source) == ("vc1.example.com", "VI SDK UUID")
    assert (state.difference.resized, state.difference.unchanged) == (1, 1)  # type: ignore[union-attr]  # it has one
    assert preview.warnings[0].startswith("2 of the 2 machines of “Unnamed vCenter” are in this export")
    assert rows(vcenters, "name") == ["Unnamed vCenter"]


def test_a_new_vcenter_with_less_than_half_of_the_unnamed_ones_machines_is_another(
    store: Store, rows: Any
) -> None:
    store(*nameless(1, 2, 3))
    store(vm("m1", 1), vm("m4", 4), week=1)
    assert rows(vcenters, "name") == ["Unnamed vCenter", "vc1.example.com"]


def test_equal_vm_ids_of_other_machines_do_not_make_two_vcenters_one(store: Store, rows: Any) -> None:
    store(*nameless(1, 2))
    others = [vm(f"other{number}", number, VM_UUID=f"other{number}") for number in (1, 2)]
    store(*others, week=1)
    assert rows(vcenters, "name") == ["Unnamed vCenter", "vc1.example.com"]
    with pytest.raises(VCenterNeededError):
        store(*(other | {"VI SDK Server": "", "VI SDK UUID": ""} for other in others), week=2)


def test_a_new_name_for_the_machines_of_the_unnamed_vcenter_is_used_with_a_warning(
    store: Store, rows: Any
) -> None:
    store(*nameless(1, 2))
    result = store(*nameless(1, 2, 3), week=1, vcenter="Lab")
    assert rows(vcenters, "name") == ["Unnamed vCenter", "Lab"]
    [warning] = result.warnings
    assert warning.startswith(
        "2 of the 2 machines of “Unnamed vCenter” are in this export and are counted twice"
    )


def test_an_unnamed_vcenter_that_an_export_has_named_stays_what_it_is(store: Store, rows: Any) -> None:
    store(*nameless(1))
    store(vm("m1", 1), week=1, vcenter="Unnamed vCenter")
    store(vm("m1", 1, VI_SDK_UUID="other", VI_SDK_Server="other"), week=2)
    assert rows(vcenters, "name", "instance_uuid") == [("Unnamed vCenter", UUID), ("other", "other")]


def test_an_export_whose_machines_do_not_say_which_of_two_vcenters_is_theirs_must_be_named(
    store: Store, db_url: str, write: Callable[..., Path], rows: Any
) -> None:
    tabs = {"vMetaData": table({"RVTools version": "4", "Server": "one"}, {"Server": "two"})}
    with pytest.raises(VCenterNeededError, match=r"names several vCenters \(one, two\)"):
        store(*nameless(1), tabs=tabs)
    assert preview_of(db_url, write(*nameless(1), tabs=tabs)).needs_vcenter
    store(*nameless(1), tabs=tabs, vcenter="Lab")
    assert rows(vcenters, "name", "server") == [("Lab", None)]


# --- trimmed files of a known vCenter


def trimmed(*names: str, keep: tuple[str, ...] = ("VM", "CPUs")) -> list[dict[str, Any]]:
    """Machines with a few columns."""
    return [{header: vm(name)[header] for header in keep} for name in names]


def test_a_trimmed_file_of_a_known_vcenter_counts_nothing_twice(store: Store, rows: Any) -> None:
    store(vm("a", 1), vm("b", 2), vm("c", 3))
    store(*trimmed("c", "a", "new"), week=1, vcenter="vc1.example.com")
    assert rows(machines, "id", "name", "vm_id", "last_import_id") == [
        (1, "a", "vm-1", 2),
        (2, "b", "vm-2", 1),
        (3, "c", "vm-3", 2),
        (4, "new", None, 2),
    ]
    store(vm("a", 1), vm("b", 2), vm("c", 3), vm("new", 4), week=2)
    assert rows(machines, "id", "vm_id", "last_import_id") == [
        (1, "vm-1", 3),
        (2, "vm-2", 3),
        (3, "vm-3", 3),
        (4, "vm-4", 3),
    ]


def test_columns_that_a_trimmed_file_lacks_are_unknown_in_its_state(store: Store, rows: Any) -> None:
    store(vm("a", 1))
    result = store(*trimmed("a"), week=1, vcenter="vc1.example.com")
    assert rows(virtual_machines, "cpus", "memory_mib", "power_state", "cluster", "snapshot_count") == [
        (2, 4096, "poweredOn", "C1", None),
        (2, None, None, None, None),
    ]
    [state] = result.states
    assert state.difference == StateDifference(T0, 0, 0, 0, 0, 0, unchanged=1)


def test_without_a_datacenter_a_name_tells_machines_apart_only_if_one_machine_has_it(
    store: Store, rows: Any
) -> None:
    store(vm("twin", 1, Datacenter="DC1"), vm("twin", 2, Datacenter="DC2"), vm("one", 3))
    store(*trimmed("one", "twin"), week=1, vcenter="vc1.example.com")
    assert rows(virtual_machines, "machine_id", import_id=2) == [3, 4]


def test_with_a_datacenter_twins_are_told_apart_by_it(store: Store, rows: Any) -> None:
    store(vm("twin", 1, Datacenter="DC1"), vm("twin", 2, Datacenter="DC2"))
    lines = [{"VM": "twin", "Datacenter": place, "CPUs": 2} for place in ("DC2", "DC1")]
    store(*lines, week=1, vcenter="vc1.example.com")
    assert rows(virtual_machines, "machine_id", import_id=2) == [2, 1]


def test_a_name_twice_in_a_file_without_datacenters_is_no_machine_of_before(store: Store, rows: Any) -> None:
    store(vm("a", 1))
    store(*trimmed("a", "a"), week=1, vcenter="vc1.example.com")
    assert rows(virtual_machines, "machine_id", import_id=2) == [2, 3]


def test_a_machine_of_another_datacenter_with_the_same_name_is_another(store: Store, rows: Any) -> None:
    store(vm("a", 1, Datacenter="DC1"))
    store({"VM": "a", "Datacenter": "DC2", "CPUs": 2}, week=1, vcenter="vc1.example.com")
    assert rows(machines, "datacenter") == ["DC1", "DC2"]


def test_a_machine_first_seen_without_a_datacenter_is_recognised_when_it_has_one(
    store: Store, rows: Any
) -> None:
    store(*trimmed("a", "b"), vcenter="vc1.example.com")
    store(vm("a", 1), vm("b", 2), week=1)
    assert rows(machines, "id", "vm_id", "datacenter") == [(1, "vm-1", "DC1"), (2, "vm-2", "DC1")]


estates = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["DC1", "DC2"])), min_size=1, max_size=8
)


@given(estate=estates, order=st.randoms(use_true_random=False), has_places=st.booleans())
def test_no_machine_is_taken_for_two_and_every_unmistakable_one_is_found(
    estate: list[tuple[str, str]], order: random.Random, *, has_places: bool
) -> None:
    known = [
        KnownMachine(at, f"vm-{at}", f"uuid-{at}", name, place, is_recent=True)
        for at, (name, place) in enumerate(estate)
    ]
    exported = order.sample(estate, len(estate))
    keys = [
        MachineKey(None, None, name, place if has_places else None, None, None) for name, place in exported
    ]
    found = recognise(keys, known)
    taken = [machine.id for machine in found if machine]
    assert len(taken) == len(set(taken))
    alike = Counter(estate if has_places else [name for name, _place in estate])
    for (name, place), machine in zip(exported, found, strict=True):
        if alike[(name, place) if has_places else name] == 1:
            assert machine is not None
            assert (machine.name, machine.datacenter) == (name, place)


def test_a_given_name_is_matched_exactly_and_makes_a_vcenter_if_there_is_none(
    store: Store, rows: Any
) -> None:
    store(vm("a", 1, **ANONYMOUS), vcenter="Lab")
    store(vm("a", 1, **ANONYMOUS), week=1, vcenter="lab")
    assert rows(vcenters, "name") == ["Lab", "lab"]


def test_a_given_name_goes_before_what_the_export_says_with_a_warning(store: Store, rows: Any) -> None:
    store(vm("a", 1))
    store(vm("b", 1, VI_SDK_UUID="other"), vcenter="Lab")
    result = store(vm("a", 1), week=1, vcenter="Lab")
    assert rows(imports, "vcenter_id") == [1, 2, 2]
    assert result.warnings[0].startswith("The VI SDK UUID in the export")


# --- when


def exported(result: ImportResult) -> tuple[datetime, str]:
    [state] = result.states
    return state.exported_at, state.exported_at_source


def test_the_export_time_is_the_given_one_else_that_of_vmetadata_the_name_or_the_document(
    store: Store,
) -> None:
    meta = {"vMetaData": table({"RVTools version": "4.7", "xlsx creation datetime": datetime(2026, 9, 3, 8)})}
    name = "RVTools_export_all_2026-09-02_09.30.00.xlsx"
    given = datetime(2026, 9, 4)
    assert exported(store(vm("a", 1), file_name=name, tabs=meta, exported_at=given)) == (given, "given")
    assert exported(store(vm("b", 1), file_name=name, tabs=meta)) == (datetime(2026, 9, 3, 8), "vMetaData")
    assert exported(store(vm("c", 1), file_name=name)) == (datetime(2026, 9, 2, 9, 30), "file name")
    assert exported(store(vm("d", 1))) == (T0, "document properties")


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("vc01 2026-09-01.xlsx", datetime(2026, 9, 1)),
        ("20260901_0930.xlsx", datetime(2026, 9, 1, 9, 30)),
        ("RVTools_export_all_2026-13-45_2026-09-01.xlsx", datetime(2026, 9, 1)),
    ],
)
def test_a_time_in_the_file_name_is_found_in_the_usual_notations(
    store: Store, name: str, time: datetime
) -> None:
    assert exported(store(vm("a", 1), file_name=name)) == (time, "file name")


def test_an_export_from_the_future_is_stored_with_a_warning(store: Store) -> None:
    result = store(vm("a", 1), exported_at=datetime(2999, 1, 1))
    assert "The export is dated 2999-01-01 00:00, which is in the future." in result.warnings
