"""After any sequence of imports, late imports, deletions, pins, retention and hiding the history is what it must be."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from data import models
from data.database import DatabaseManager
from data.errors import ConflictError
from data.ingest import import_file, preview_file
from data.ingest.retention import apply_retention
from data.ingest.states import delete_states, set_hidden, set_pinned
from data.ingest.storing import STATE_TABLES
from data.queries.counts import count_machines
from data.queries.imports import list_imports
from data.results import RetentionRule
from data.retention import doomed
from data.scope import Scope
from data.units import SECONDS_PER_DAY
from tests.data.workbooks import table, vm, write_workbook

FILES, STEPS = 9, 14
DAYS_BETWEEN = 17
FIRST = datetime(2026, 1, 10, 6)


@dataclass(frozen=True)
class File:
    """An export and what is in it."""

    path: Path
    spool: Path
    exported_at: datetime
    names: dict[str, str]
    """VM ID -> name."""
    off: frozenset[str]


@dataclass
class Stored:
    id: int
    file: File
    is_pinned: bool = False

    @property
    def exported_at(self) -> datetime:
        return self.file.exported_at


@dataclass
class World:
    """What must be in the database."""

    url: str
    files: list[File]
    states: list[Stored] = field(default_factory=list)
    is_hidden: bool = False
    knows_off: bool = True
    """False: retention dropped states, and what is left knows more than can be worked out from it."""

    def store(self, file: File) -> None:
        result = import_file(self.url, file.path, directory=file.spool)
        import_id = result.states[0].import_id
        assert import_id is not None
        if file not in [state.file for state in self.states]:
            self.is_hidden = self.is_hidden and bool(self.states)
            self.states.append(Stored(import_id, file))
            self.states.sort(key=lambda state: state.exported_at)

    def delete(self, chosen: list[Stored]) -> None:
        ids = [state.id for state in chosen]
        if any(state.is_pinned for state in chosen):
            with pytest.raises(ConflictError):
                delete_states(self.url, ids)
            return
        delete_states(self.url, ids)
        self.states = [state for state in self.states if state not in chosen]

    def pin(self, state: Stored) -> None:
        state.is_pinned = not state.is_pinned
        set_pinned(self.url, import_id=state.id, is_pinned=state.is_pinned)

    def retain(self, rule: RetentionRule) -> None:
        last_stored = max((state.id for state in self.states), default=0)
        going = doomed(self.states, rule) - {last_stored}
        assert apply_retention(self.url, rule) == len(going)
        self.states = [state for state in self.states if state.id not in going]
        self.knows_off = self.knows_off and not going

    def hide(self) -> None:
        if not self.states:
            return
        self.is_hidden = not self.is_hidden
        with DatabaseManager(self.url).get_session() as session:
            vcenter = session.scalars(select(models.vcenters.c.id)).one()
        set_hidden(self.url, vcenter_id=vcenter, is_hidden=self.is_hidden)

    def step(self, rng: random.Random) -> None:
        actions: list[Callable[[], None]] = [lambda: self.store(rng.choice(self.files))] * 5
        if self.states:
            some = rng.sample(self.states, min(len(self.states), rng.choice([1, 1, 2])))
            rule = RetentionRule(days=rng.choice([1, 35, 60]), months=rng.choice([0, 1, 3]))
            actions += [lambda: self.delete(some)] * 3
            actions += [lambda: self.pin(some[0]), self.hide, lambda: self.retain(rule)]
        rng.choice(actions)()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[File]:
    """Exports of one vCenter; machines come, go, are renamed and switched."""
    rng = random.Random(7)
    directory = tmp_path_factory.mktemp("exports")
    made = []
    for number in range(FILES):
        there = [machine for machine in range(1, 8) if rng.random() < 0.75] or [1]
        names = {f"vm-{machine}": f"m{machine}-{rng.randrange(3)}" for machine in there}
        off = frozenset(vm_id for vm_id in names if rng.random() < 0.6)
        exported_at = FIRST + timedelta(days=DAYS_BETWEEN * number)
        rows = [
            vm(name, int(vm_id[3:]), Powerstate="poweredOff" if vm_id in off else "poweredOn")
            for vm_id, name in names.items()
        ]
        hosts = table({"Host": "esx1", "# CPU": 2, "VI SDK Server": "vc1.example.com"})
        path = write_workbook(
            directory / f"{number}.xlsx", {"vInfo": table(*rows), "vHost": hosts}, created=exported_at
        )
        made.append(File(path, directory / f"spool-{number}", exported_at, names, off))
    return made


def check(world: World, manager: DatabaseManager) -> None:
    """Compare the database with what is worked out from the exports that are stored."""
    with manager.get_session() as session:

        def rows(statement: Any) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in session.execute(statement)]

        imports, machines, vms = models.imports.c, models.machines.c, models.virtual_machines.c
        current = world.states[-1] if world.states else None
        stored = rows(select(imports.id, imports.status, imports.exported_at, imports.machines))
        assert sorted(stored) == sorted(
            (state.id, "published", state.exported_at, len(state.file.names)) for state in world.states
        )
        pointers = rows(select(models.vcenters.c.current_import_id, models.vcenters.c.is_hidden))
        assert pointers == ([(current.id, world.is_hidden)] if current else [])
        for one in STATE_TABLES:
            if "is_current" in one.c:
                flags = rows(select(one.c.import_id, one.c.is_current).distinct())
                known = {state.id for state in world.states}
                assert {(id_, bool(current and id_ == current.id)) for id_, _ in flags} == set(flags)
                assert {id_ for id_, _ in flags} <= known
        found = rows(select(machines.vm_id, machines.name, machines.first_import_id, machines.last_import_id))
        assert sorted(found) == sorted(seen(world))
        in_states = rows(select(vms.import_id, machines.vm_id, vms.name).join(models.machines))
        assert sorted(in_states) == sorted(
            (state.id, *machine) for state in world.states for machine in state.file.names.items()
        )
        off = rows(
            select(vms.import_id, machines.vm_id, vms.off_since, vms.off_days)
            .join(models.machines)
            .where(vms.off_since.is_not(None))
        )
        if world.knows_off:
            assert sorted(off) == sorted(off_runs(world))
        visible = [] if world.is_hidden else world.states
        assert {state.id for state in list_imports(session, Scope())} == {state.id for state in visible}
        for file in world.files:
            until = [state for state in visible if state.exported_at <= file.exported_at]
            expected = len(until[-1].file.names) if until else 0
            assert count_machines(session, Scope(as_of=file.exported_at.date())).total == expected
        assert count_machines(session, Scope()).total == (len(visible[-1].file.names) if visible else 0)
        assert session.scalar(select(func.count()).select_from(models.machine_texts)) == len(in_states)


def seen(world: World) -> Iterator[tuple[str, str, int, int]]:
    """VM ID, newest name, first and last state of each machine."""
    for vm_id in {vm_id for state in world.states for vm_id in state.file.names}:
        having = [state for state in world.states if vm_id in state.file.names]
        yield vm_id, having[-1].file.names[vm_id], having[0].id, having[-1].id


def off_runs(world: World) -> Iterator[tuple[int, str, datetime, float]]:
    """State and VM ID of each machine that is off, since when and for how many days."""
    since: dict[str, datetime] = {}
    for state in world.states:
        since = {vm_id: since.get(vm_id, state.exported_at) for vm_id in state.file.off}
        for vm_id, began in since.items():
            yield state.id, vm_id, began, (state.exported_at - began).total_seconds() / SECONDS_PER_DAY


@pytest.mark.parametrize("seed", range(5))
def test_the_history_is_the_same_as_if_it_were_worked_out_from_scratch(
    seed: int, files: list[File], db_url: str, manager: DatabaseManager
) -> None:
    rng = random.Random(seed)
    world = World(db_url, files)
    for _ in range(STEPS):
        world.step(rng)
        check(world, manager)


def test_the_rule_takes_nothing_back_that_later_states_know(
    files: list[File], db_url: str, manager: DatabaseManager
) -> None:
    world = World(db_url, files)
    for file in files:
        world.store(file)
    columns = models.virtual_machines.c
    facts = select(columns.import_id, columns.machine_id, columns.off_since).where(
        columns.off_since.is_not(None)
    )
    with manager.get_session() as session:
        before = {tuple(row) for row in session.execute(facts)}
    world.retain(RetentionRule(days=1, months=2))
    check(world, manager)
    with manager.get_session() as session:
        after = {tuple(row) for row in session.execute(facts)}
    left = {state.id for state in world.states}
    assert len(left) == 3
    assert after == {row for row in before if row[0] in left}


def test_the_preview_of_an_old_export_says_that_the_rule_would_drop_it(
    files: list[File], db_url: str
) -> None:
    world = World(db_url, files)
    world.store(files[8])
    world.store(files[1])

    def warnings(file: File, rule: RetentionRule) -> tuple[str, ...]:
        preview = preview_file(db_url, file.path, directory=file.spool, retention=rule)
        return tuple(warning for warning in preview.warnings if "retention rule" in warning)

    rule = RetentionRule(days=20, months=24)
    assert files[0].exported_at.month == files[1].exported_at.month
    assert len(warnings(files[0], rule)) == 1
    assert warnings(files[2], rule) == ()
    assert len(warnings(files[2], RetentionRule(days=20, months=0))) == 1
