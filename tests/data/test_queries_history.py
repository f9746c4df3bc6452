"""What changed: of one machine through all states, and between two states of a vCenter."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.changes import COMPARED_FIELDS, KINDS_OF_CHANGE, blank_says, changes_between, kind_of
from data.errors import InvalidInputError, NotFoundError
from data.fields import DERIVED, MACHINE_FIELDS
from data.queries.comparison import compare_states
from data.queries.history import get_machine_history
from data.results import FieldChange, HistoryEntry, MachineHistory, StateComparison
from data.scope import Scope
from data.vocabulary import ChangeKind
from tests.factories import EXPORTED_AT, State, add_machine, add_state, add_vcenter

NEW, GONE, RENAMED = ChangeKind.NEW, ChangeKind.GONE, ChangeKind.RENAMED
MOVED, RESIZED, CHANGED, NOISE = ChangeKind.MOVED, ChangeKind.RESIZED, ChangeKind.CHANGED, ChangeKind.NOISE
Count = Callable[[Engine], AbstractContextManager[list[str]]]


def days_ago(days: int) -> datetime:
    return EXPORTED_AT - timedelta(days=days)


def add_states(session: Session, *days: int, **values: Any) -> list[State]:
    """States of one vCenter, exported so many days ago."""
    vcenter = add_vcenter(session, f"vc-{'-'.join(map(str, days))}")
    return [add_state(session, vcenter, days_ago(number), **values) for number in days]


def history(session: Session, machine_id: int, **options: Any) -> MachineHistory:
    scope = options.pop("scope", Scope())
    return get_machine_history(session, scope, machine_id=machine_id, **options)


def compare(session: Session, before: State, after: State, **options: Any) -> StateComparison:
    return compare_states(session, Scope(), before=before.id, after=after.id, **options)


def listed(comparison: StateComparison) -> list[tuple[ChangeKind, str]]:
    return [(change.kind, change.name) for change in comparison.changes]


# The kinds
def test_every_field_has_one_kind_and_those_worked_out_are_noise() -> None:
    kinds = {field.key: kind_of(field.key) for field in MACHINE_FIELDS}
    assert {NEW, GONE}.isdisjoint(kinds.values())
    assert {key for key, kind in kinds.items() if kind is MOVED} == {
        "datacenter",
        "cluster",
        "host",
        "folder",
        "resource_pool",
    }
    assert all(kinds[field.key] is NOISE for field in DERIVED)
    assert (kinds["name"], kinds["power_state"], kinds["annotation"]) == (RENAMED, NOISE, CHANGED)
    assert set(KINDS_OF_CHANGE) == set(ChangeKind)


def test_a_blank_says_something_only_where_operators_write() -> None:
    blank = dict.fromkeys(COMPARED_FIELDS)
    filled = dict.fromkeys(COMPARED_FIELDS, "x") | {"attr:Owner": "Ann"}
    found = changes_between(blank, filled, [*COMPARED_FIELDS, "attr:Owner"])
    assert [change.field for change in found] == [key for key in COMPARED_FIELDS if blank_says(key)] + [
        "attr:Owner"
    ]
    assert "annotation" in {change.field for change in found}


# One machine
def test_a_machine_s_history_tells_its_changes_import_by_import(session: Session) -> None:
    first, second, third = add_states(session, 60, 30, 0, attributes=["Owner"])
    same = {"vm_id": "vm-1", "datacenter": "DC1"}
    add_machine(session, first, "old", **same, cpus=2, host="esx1", attributes={"Owner": "Ann"})
    add_machine(session, second, "old", **same, cpus=2, host="esx1", power_state="poweredOff")
    machine = add_machine(session, third, "new", **same, cpus=4, host=None, annotation="mine")
    found = history(session, machine.machine_id)
    assert found == MachineHistory(
        machine.machine_id,
        "new",
        (
            HistoryEntry(
                third.id,
                EXPORTED_AT,
                False,
                (RENAMED, RESIZED, CHANGED),
                (
                    FieldChange("name", "old", "new"),
                    FieldChange("annotation", None, "mine"),
                    FieldChange("cpus", 2, 4),
                ),
                hidden_noise=1,
            ),
            HistoryEntry(
                second.id,
                days_ago(30),
                False,
                (CHANGED,),
                (FieldChange("attr:Owner", "Ann", None),),
                hidden_noise=1,
            ),
            HistoryEntry(first.id, days_ago(60), True, (), (), 0),
        ),
    )
    noisy = history(session, machine.machine_id, with_noise=True).entries[0]
    assert noisy.kinds == (RENAMED, RESIZED, CHANGED, NOISE)
    assert FieldChange("power_state", "poweredOff", "poweredOn") in noisy.details
    assert noisy.hidden_noise == 0


def test_a_machine_that_went_and_came_back_has_both_entries(session: Session) -> None:
    states = add_states(session, 60, 50, 40, 30, 20, 10, 0)
    for state in (states[1], states[4], states[5]):
        add_machine(session, state, "machine", cpus=state.id)
        add_machine(session, state, "other")
    machine = add_machine(session, states[1], "brief", vm_id="vm-brief").machine_id
    entries = history(session, machine).entries
    assert [(entry.import_id, entry.kinds) for entry in entries] == [
        (states[2].id, (GONE,)),
        (states[1].id, (NEW,)),
    ]
    away = history(session, machine - 2).entries
    assert [(entry.import_id, entry.kinds, entry.is_first) for entry in away] == [
        (states[6].id, (GONE,), False),
        (states[5].id, (RESIZED,), False),
        (states[4].id, (NEW,), False),
        (states[2].id, (GONE,), False),
        (states[1].id, (NEW,), True),
    ]


def test_columns_that_one_export_lacks_are_no_change(session: Session) -> None:
    vcenter = add_vcenter(session)
    bare = add_state(session, vcenter, days_ago(30), without=["annotation", "cpus"])
    add_machine(session, bare, "machine", cpus=None)
    full = add_state(session, vcenter, EXPORTED_AT, attributes=["Owner"])
    machine = add_machine(session, full, "machine", annotation="mine", attributes={"Owner": "Ann"})
    assert history(session, machine.machine_id).entries[0].kinds == ()
    assert compare(session, bare, full).total == 0


def test_the_history_ends_with_the_day_of_the_scope_and_leaves_other_filters_out(session: Session) -> None:
    first, second = add_states(session, 30, 0)
    machine = add_machine(session, first, "machine").machine_id
    add_machine(session, second, "renamed", vm_id="vm-machine")
    late = add_machine(session, second, "late").machine_id
    as_of = days_ago(1).date()
    found = history(session, machine, scope=Scope(as_of=as_of, text="nothing", vcenters=(99,)))
    assert (found.name, [entry.import_id for entry in found.entries]) == ("machine", [first.id])
    with pytest.raises(NotFoundError):
        history(session, late, scope=Scope(as_of=as_of))


def test_a_machine_of_a_hidden_vcenter_has_no_history(session: Session) -> None:
    state = add_state(session, add_vcenter(session, is_hidden=True))
    machine = add_machine(session, state, "machine")
    for unknown in (machine.machine_id, 99):
        with pytest.raises(NotFoundError, match=str(unknown)):
            history(session, unknown)


def test_states_that_are_still_being_stored_are_in_no_history(session: Session) -> None:
    vcenter = add_vcenter(session)
    machine = add_machine(session, add_state(session, vcenter, days_ago(1)), "machine")
    add_machine(session, add_state(session, vcenter, status="unpublished"), "machine", cpus=64)
    assert len(history(session, machine.machine_id).entries) == 1


# Two states
@pytest.fixture
def pair(session: Session) -> tuple[State, State]:
    """Two states with a change of each kind."""
    before, after = add_states(session, 30, 0)
    for name, then, now in [
        ("calm", {}, {}),
        ("noisy", {"in_use_mib": 1}, {"in_use_mib": 2}),
        ("moved", {"host": "esx1"}, {"host": "esx2"}),
        ("grown", {"memory_mib": 1024}, {"memory_mib": 2048}),
        ("noted", {"annotation": "a"}, {"annotation": None}),
        ("Alpha", {"name": "alpha"}, {"name": "Alpha"}),
        ("beta", {"name": "former", "cpus": 1, "host": "esx1"}, {"name": "beta", "host": "esx9"}),
    ]:
        add_machine(session, before, **{"name": name, "vm_id": name, "datacenter": "DC1"} | then)
        place = {"datacenter": "DC1", "cluster": "C1"}
        add_machine(session, after, **{"name": name, "vm_id": name} | place | now)
    add_machine(session, before, "gone", datacenter="DC2", cluster="C2")
    add_machine(session, after, "new")
    return before, after


def test_two_states_differ_by_kind_and_name(session: Session, pair: tuple[State, State]) -> None:
    found = compare(session, *pair)
    assert listed(found) == [
        (NEW, "new"),
        (GONE, "gone"),
        (RENAMED, "Alpha"),
        (RENAMED, "beta"),
        (MOVED, "beta"),
        (MOVED, "moved"),
        (RESIZED, "beta"),
        (RESIZED, "grown"),
        (CHANGED, "noted"),
    ]
    counts = found.difference
    assert (counts.new, counts.gone, counts.renamed, counts.moved, counts.resized, counts.changed) == (
        1,
        1,
        2,
        2,
        2,
        1,
    )
    assert (counts.unchanged, found.noise, found.total) == (2, 1, 9)
    assert (counts.compared_with, found.before.id, found.after.id) == (
        days_ago(30),
        pair[0].id,
        pair[1].id,
    )
    by_kind = {(change.kind, change.name): change for change in found.changes}
    assert by_kind[MOVED, "beta"].details == (FieldChange("host", "esx1", "esx9"),)
    assert by_kind[RESIZED, "beta"].details == (FieldChange("cpus", 1, 2),)
    assert by_kind[CHANGED, "noted"].details == (FieldChange("annotation", "a", None),)
    assert (by_kind[GONE, "gone"].place, by_kind[MOVED, "moved"].place) == ("DC2 / C2", "DC1 / C1")
    assert by_kind[NEW, "new"].details == ()


def test_noise_is_listed_with_the_switch_alone(session: Session, pair: tuple[State, State]) -> None:
    assert compare(session, *pair, kinds=(NOISE,)).total == 0
    found = compare(session, *pair, kinds=(NOISE,), with_noise=True)
    assert listed(found) == [(NOISE, "noisy")]
    assert found.changes[0].details == (FieldChange("in_use_mib", 1, 2),)
    assert compare(session, *pair, with_noise=True).total == 10


def test_the_list_is_filtered_by_kind_and_by_either_name_and_cut_to_a_page(
    session: Session, pair: tuple[State, State]
) -> None:
    assert listed(compare(session, *pair, kinds=(GONE, RESIZED))) == [
        (GONE, "gone"),
        (RESIZED, "beta"),
        (RESIZED, "grown"),
    ]
    former = compare(session, *pair, text=" FORMER ")
    assert listed(former) == [(RENAMED, "beta"), (MOVED, "beta"), (RESIZED, "beta")]
    assert former.difference.new == 1
    page = compare(session, *pair, start=2, stop=4)
    assert (listed(page), page.total) == ([(RENAMED, "Alpha"), (RENAMED, "beta")], 9)
    assert compare(session, *pair, start=100, stop=200).changes == ()


def test_the_earlier_export_is_before_whichever_is_named_first(
    session: Session, pair: tuple[State, State]
) -> None:
    assert compare(session, pair[1], pair[0]) == compare(session, *pair)


def test_a_state_against_itself_has_no_changes(session: Session, pair: tuple[State, State]) -> None:
    found = compare(session, pair[0], pair[0], with_noise=True)
    assert (found.total, found.noise, found.difference.unchanged) == (0, 0, 8)


def test_states_that_cannot_be_compared_are_refused_in_a_sentence(
    session: Session, pair: tuple[State, State]
) -> None:
    other = add_state(session, add_vcenter(session, "vc-other"))
    with pytest.raises(InvalidInputError, match=r"vc-30-0 and vc-other|vc-other and vc-30-0"):
        compare(session, pair[0], other)
    hidden = add_state(session, add_vcenter(session, "vc-hidden", is_hidden=True))
    for state in (hidden, State(99, 1, is_current=False)):
        with pytest.raises(NotFoundError, match=str(state.id)):
            compare(session, pair[0], state)


def test_attributes_are_compared_by_what_they_say(session: Session) -> None:
    vcenter = add_vcenter(session)
    before = add_state(session, vcenter, days_ago(1), attributes=["Owner", "Old", "Tier", "LAST_BACKUP"])
    after = add_state(session, vcenter, attributes=["LAST_BACKUP", "Tier", "New", "Owner"])
    for name, then, now in [
        ("order", {"Owner": "Ann", "Tier": "1"}, {"Tier": "1", "Owner": "Ann"}),
        ("columns", {"Old": "x"}, {"New": "y"}),
        ("filled", {}, {"Owner": "Bob"}),
        ("other", {"Tier": "1"}, {"Tier": "2"}),
        ("saved", {"LAST_BACKUP": "1"}, {"LAST_BACKUP": "2"}),
    ]:
        add_machine(session, before, name, attributes=then)
        add_machine(session, after, name, attributes=now)
    found = compare(session, before, after)
    assert [(change.name, change.details) for change in found.changes] == [
        ("filled", (FieldChange("attr:Owner", None, "Bob"),)),
        ("other", (FieldChange("attr:Tier", "1", "2"),)),
    ]
    assert (found.difference.unchanged, found.noise) == (3, 1)


def test_statements_are_few_whatever_the_number_of_machines_and_states(
    session: Session, count_statements: Count
) -> None:
    used = []
    for size in (3, 30):
        states = add_states(session, *range(size, 0, -1))
        for state in states:
            machines = [
                add_machine(session, state, f"vm-{n}", cpus=state.id, host=f"esx{state.id}")
                for n in range(size)
            ]
        with count_statements(session.get_bind()) as one:
            entries = history(session, machines[0].machine_id).entries
        with count_statements(session.get_bind()) as two:
            found = compare(session, states[0], states[-1])
        assert (len(entries), found.total) == (size, 2 * size)
        used.append((len(one), len(two)))
    assert used == [(2, 5), (2, 5)]
