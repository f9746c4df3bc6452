"""Deleting, pinning and hiding stored states, from rows put straight into the tables."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.errors import ConflictError, NotFoundError
from data.generations import current_generation
from data.ingest import states
from data.ingest.locking import import_lock
from data.ingest.states import delete_states, set_hidden, set_pinned
from data.ingest.storing import STATE_TABLES
from data.ingest.upkeep import sweep
from data.ingest.writing import BatchWriter
from data.queries.imports import list_imports, list_vcenters
from data.scope import Scope
from data.vocabulary import JobPhase
from tests.factories import (
    EXPORTED_AT,
    State,
    add,
    add_label,
    add_machine,
    add_state,
    add_vcenter,
)


@pytest.fixture
def estate(manager: DatabaseManager) -> tuple[int, list[State]]:
    """Three states of a vCenter: one machine is in all of them, the others come and go; one is renamed."""
    with manager.session_scope() as session:
        vcenter = add_vcenter(session)
        made = [add_state(session, vcenter, EXPORTED_AT - timedelta(days=days)) for days in (60, 30, 0)]
        for number, state in enumerate(made):
            machine = add_machine(session, state, f"name {number}", vm_id="vm-1", datacenter=f"DC{number}")
            add(session, models.disks, state, machine)
            add(session, models.hosts, state, name="esx1")
            add_machine(session, state, f"only {number}")
        add_machine(session, made[0], "early", vm_id="vm-2")
        add_machine(session, made[1], "early", vm_id="vm-2")
        seen(session, made)
        flag(session, made)
    return vcenter, made


def seen(session: Session, made: list[State]) -> None:
    """First and last seen as imports leave them."""
    rows, machines = models.virtual_machines.c, models.machines
    for machine in session.scalars(select(machines.c.id)).all():
        ids = session.scalars(
            select(rows.import_id).where(rows.machine_id == machine).order_by(rows.import_id)
        ).all()
        session.execute(
            update(machines)
            .where(machines.c.id == machine)
            .values(first_import_id=ids[0], last_import_id=ids[-1])
        )


def flag(session: Session, made: list[State]) -> None:
    """The last state alone is the current one."""
    for table in STATE_TABLES:
        if "is_current" in table.c:
            session.execute(update(table).values(is_current=table.c.import_id == made[-1].id))


def machines(manager: DatabaseManager) -> dict[str, tuple[int, int]]:
    """Name -> first and last state."""
    columns = models.machines.c
    with manager.get_session() as session:
        rows = session.execute(select(columns.name, columns.first_import_id, columns.last_import_id))
        return {name: (first, last) for name, first, last in rows}


def flagged(session: Session) -> dict[str, set[int]]:
    """Table -> the states whose rows have the flag."""
    return {
        table.name: set(session.scalars(select(table.c.import_id).where(table.c.is_current)))
        for table in STATE_TABLES
        if "is_current" in table.c and session.scalar(select(func.count()).select_from(table))
    }


def current(manager: DatabaseManager) -> list[int | None]:
    with manager.get_session() as session:
        return list(session.scalars(select(models.vcenters.c.current_import_id)))


def stored(manager: DatabaseManager) -> list[int]:
    with manager.get_session() as session:
        return sorted(state.id for state in list_imports(session, Scope()))


def rows_left(manager: DatabaseManager) -> dict[str, set[int]]:
    """Table -> the states that have rows."""
    with manager.get_session() as session:
        return {
            table.name: set(session.scalars(select(table.c.import_id)))
            for table in (*STATE_TABLES, models.import_tabs, models.import_columns)
        }


def test_after_the_newest_state_is_deleted_the_one_before_is_current(manager, db_url, estate) -> None:
    _, made = estate
    delete_states(db_url, [made[2].id])
    first, second = made[0].id, made[1].id
    assert stored(manager) == [first, second]
    assert current(manager) == [second]
    with manager.get_session() as session:
        assert set(map(frozenset, flagged(session).values())) == {frozenset({second})}
    assert machines(manager) == {
        "name 1": (first, second),
        "only 0": (first, first),
        "only 1": (second, second),
        "early": (first, second),
    }
    with manager.get_session() as session:
        place = select(models.machines.c.datacenter).where(models.machines.c.vm_id == "vm-1")
        assert session.scalar(place) == "DC1"
    for ids in rows_left(manager).values():
        assert ids <= {first, second}


def test_after_an_older_state_is_deleted_machines_were_first_and_last_seen_in_others(
    manager, db_url, estate
) -> None:
    _, made = estate
    first, second, third = (state.id for state in made)
    delete_states(db_url, [first])
    assert current(manager) == [third]
    assert machines(manager) == {
        "name 0": (second, third),
        "only 1": (second, second),
        "only 2": (third, third),
        "early": (second, second),
    }


def test_two_states_can_go_at_once_the_newest_among_them(manager, db_url, estate) -> None:
    _, made = estate
    delete_states(db_url, [made[2].id, made[1].id])
    first = made[0].id
    assert (stored(manager), current(manager)) == ([first], [first])
    assert machines(manager) == dict.fromkeys(("name 0", "only 0", "early"), (first, first))


def test_with_its_last_state_a_vcenter_goes_and_others_stay(manager, db_url, estate) -> None:
    vcenter, made = estate
    with manager.session_scope() as session:
        other = add_vcenter(session, "vc-other")
        kept = add_state(session, other)
        add_machine(session, kept, "other")
    delete_states(db_url, [state.id for state in made])
    with manager.get_session() as session:
        assert [one.id for one in list_vcenters(session, Scope())] == [other]
        assert session.scalars(select(models.vcenters.c.id)).all() == [other]
    assert machines(manager) == {"other": (kept.id, kept.id)}
    assert vcenter != other


def test_labels_of_machines_that_some_state_still_has_survive_a_deletion(manager, db_url, estate) -> None:
    _, made = estate
    labels = models.machine_labels
    with manager.session_scope() as session:
        label = add_label(session, "tier", "gold")
        ids = session.scalars(select(models.machines.c.id)).all()
        for machine in ids:
            session.execute(
                labels.insert().values(machine_id=machine, label_id=label, assigned_at=EXPORTED_AT)
            )
    delete_states(db_url, [made[1].id, made[2].id])
    with manager.get_session() as session:
        left = set(session.scalars(select(models.machines.c.id)))
        assert set(session.scalars(select(labels.c.machine_id))) == left
    assert len(left) == 3


def test_a_pinned_state_is_not_deleted_and_with_it_no_other(manager, db_url, estate) -> None:
    _, made = estate
    set_pinned(db_url, import_id=made[0].id, is_pinned=True)
    with pytest.raises(ConflictError, match="pinned"):
        delete_states(db_url, [made[2].id, made[0].id])
    assert stored(manager) == [state.id for state in made]
    set_pinned(db_url, import_id=made[0].id, is_pinned=False)
    delete_states(db_url, [made[0].id])
    assert stored(manager) == [made[1].id, made[2].id]


def test_a_removal_that_waited_says_so_before_it_changes_anything(db_url, estate, manager) -> None:
    _, made = estate
    told: list[tuple[JobPhase, list[int]]] = []
    with ThreadPoolExecutor(1) as others, import_lock(db_url, lambda: None):
        waits = Event()

        def report(phase: JobPhase, _pct: int, _message: str) -> None:
            told.append((phase, stored(manager)))
            waits.set()

        removal = others.submit(delete_states, db_url, [made[0].id], report)
        assert waits.wait(10)
    removal.result(10)
    phases = [phase for phase, _stored in told if phase is not JobPhase.QUEUED]
    assert told[0][0] is JobPhase.QUEUED
    assert phases[0] is JobPhase.STORING
    assert {phase for phase, left in told if made[0].id not in left} == {JobPhase.PUBLISHING}


def test_a_state_that_is_still_being_stored_is_not_deleted(manager, db_url, estate) -> None:
    vcenter, _ = estate
    with manager.session_scope() as session:
        coming = add_state(session, vcenter, EXPORTED_AT + timedelta(days=1), status="unpublished")
    with pytest.raises(ConflictError, match="being stored"):
        delete_states(db_url, [coming.id])
    with manager.get_session() as session:
        assert session.scalar(select(models.imports.c.status).where(models.imports.c.id == coming.id))


@pytest.mark.parametrize(
    "do",
    [
        lambda url: delete_states(url, [99]),
        lambda url: set_pinned(url, import_id=99, is_pinned=True),
        lambda url: set_hidden(url, vcenter_id=99, is_hidden=True),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(db_url, estate, do: Callable[[str], None]) -> None:
    with pytest.raises(NotFoundError, match="99"):
        do(db_url)


def test_a_state_pinned_while_its_deletion_begins_stays(manager, db_url, estate, monkeypatch) -> None:
    _, made = estate
    flags = BatchWriter.set_flags

    def pin(*args: Any) -> None:
        flags(*args)
        set_pinned(db_url, import_id=made[2].id, is_pinned=True)

    monkeypatch.setattr(BatchWriter, "set_flags", pin)
    with pytest.raises(ConflictError):
        delete_states(db_url, [made[2].id])
    monkeypatch.undo()
    sweep(db_url)
    assert current(manager) == [made[2].id]
    with manager.get_session() as session:
        assert set(map(frozenset, flagged(session).values())) == {frozenset({made[2].id})}


def test_a_hidden_vcenter_is_in_no_scope_until_it_is_shown_again(manager, db_url, estate) -> None:
    vcenter, made = estate
    set_hidden(db_url, vcenter_id=vcenter, is_hidden=True)
    assert stored(manager) == []
    with manager.get_session() as session:
        assert [one.is_hidden for one in list_vcenters(session, Scope())] == [True]
    set_hidden(db_url, vcenter_id=vcenter, is_hidden=False)
    assert stored(manager) == [state.id for state in made]


@pytest.mark.parametrize(
    "do",
    [
        lambda url, vcenter, state: set_pinned(url, import_id=state, is_pinned=True),
        lambda url, vcenter, state: set_hidden(url, vcenter_id=vcenter, is_hidden=True),
        lambda url, vcenter, state: delete_states(url, [state]),
    ],
)
def test_every_cache_is_told(manager, db_url, estate, do: Callable[[str, int, int], None]) -> None:
    vcenter, made = estate
    with manager.get_session() as session:
        before = current_generation(session)
    do(db_url, vcenter, made[1].id)
    with manager.get_session() as session:
        assert current_generation(session) != before


class Crash(BaseException):
    """Like a process that is killed: nobody catches it."""


def dies(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, call: int) -> None:
    """Let a function die in the given call of it."""
    original, calls = getattr(owner, name), iter(range(1, 1000))

    def dying(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == call:
            raise Crash
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, dying)


BEFORE = [(BatchWriter, "set_flags", call) for call in (1, 2, 3)] + [(states, "raise_generation", 1)]
AFTER = [(BatchWriter, "delete", call) for call in (1, 2, 5)]


@pytest.mark.parametrize(("moment", "is_old"), [(m, True) for m in BEFORE] + [(m, False) for m in AFTER])
def test_a_deletion_that_dies_leaves_the_old_or_the_new_picture_and_the_sweep_clears_up(
    db_url, estate, monkeypatch, moment: tuple[object, str, int], *, is_old: bool
) -> None:
    manager, (_, made) = DatabaseManager(db_url), estate
    dies(monkeypatch, *moment)
    with pytest.raises(Crash):
        delete_states(db_url, [made[2].id])
    monkeypatch.undo()
    expected = [state.id for state in (made if is_old else made[:2])]
    assert stored(manager) == expected
    assert current(manager) == expected[-1:]
    sweep(db_url)
    assert stored(manager) == expected
    assert current(manager) == expected[-1:]
    with manager.get_session() as session:
        assert set(map(frozenset, flagged(session).values())) == {frozenset(expected[-1:])}
    for ids in rows_left(manager).values():
        assert ids <= set(expected)
    assert set(machines(manager)) == (
        {"name 0", "only 0", "only 1", "only 2", "early"}
        if is_old
        else {"name 1", "only 0", "only 1", "early"}
    )
