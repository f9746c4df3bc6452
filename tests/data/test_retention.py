"""Which states stay, and what happens to those that go."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from data import models
from data.database import DatabaseManager
from data.ingest.retention import apply_retention, find_doomed, would_go
from data.ingest.upkeep import sweep
from data.ingest.writing import BatchWriter
from data.queries.imports import list_imports
from data.results import RetentionRule
from data.retention import doomed
from data.scope import Scope
from tests.factories import EXPORTED_AT, add_machine, add_state, add_vcenter


@dataclass(frozen=True)
class Dated:
    id: int
    exported_at: datetime
    is_pinned: bool = False


def stays(rule: RetentionRule, *times: str, pinned: tuple[str, ...] = ()) -> list[str]:
    """Those of the times whose states stay."""
    states = [
        Dated(number, datetime.fromisoformat(time), time in pinned) for number, time in enumerate(times)
    ]
    going = doomed(states, rule)
    return [time for number, time in enumerate(times) if number not in going]


def random_states(rng: random.Random) -> list[Dated]:
    """Up to 60 states over up to four years, some at the same time, in any order."""
    newest = datetime(2026, 1, 1) + timedelta(minutes=rng.randrange(60 * 24 * 700))
    span = rng.choice([1, 40, 400, 1500])
    states = []
    for id_ in range(1, rng.randrange(60) + 1):
        minutes = rng.randrange(60 * 24 * span) if rng.random() < 0.9 else 0
        states.append(Dated(id_, newest - timedelta(minutes=minutes), rng.random() < 0.1))
    rng.shuffle(states)
    return states


def month_of(time: datetime) -> tuple[int, int]:
    return time.year, time.month


def months_back(time: datetime, months: int) -> tuple[int, int]:
    """The month that lies so many before."""
    year, month = time.year, time.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return year, month


# The rule
@pytest.mark.parametrize("seed", range(200))
def test_a_state_stays_for_exactly_one_of_the_four_reasons_or_goes(seed: int) -> None:
    rng = random.Random(seed)
    states = random_states(rng)
    rule = RetentionRule(days=rng.choice([1, 7, 35, 400]), months=rng.choice([0, 1, 2, 12, 24]))
    going = doomed(states, rule)
    if not states:
        assert going == frozenset()
        return
    newest = max(states, key=lambda state: (state.exported_at, state.id))
    by_month = defaultdict(list)
    for state in states:
        by_month[month_of(state.exported_at)].append(state)
    for state in states:
        month = month_of(state.exported_at)
        is_last = state is max(by_month[month], key=lambda other: (other.exported_at, other.id))
        days_before = (newest.exported_at.date() - state.exported_at.date()).days
        reasons = (
            state is newest,
            state.is_pinned,
            days_before <= rule.days,
            is_last and month >= months_back(newest.exported_at, rule.months),
        )
        assert (state.id in going) is not any(reasons)


@pytest.mark.parametrize("seed", range(50))
def test_what_stays_does_not_depend_on_the_order_and_stays_when_the_rule_is_asked_again(seed: int) -> None:
    rng = random.Random(seed)
    states = random_states(rng)
    rule = RetentionRule(days=rng.choice([1, 35]), months=rng.choice([0, 6]))
    going = doomed(states, rule)
    assert doomed(states[::-1], rule) == going
    assert doomed([state for state in states if state.id not in going], rule) == frozenset()


def test_days_are_those_of_the_calendar() -> None:
    rule = RetentionRule(days=35, months=0)
    times = ("2026-10-18T23:59", "2026-10-19T00:00", "2026-10-19T23:59", "2026-11-23T06:00")
    assert stays(rule, *times) == list(times[1:])


def test_months_are_counted_back_from_the_month_before_that_of_the_newest_state() -> None:
    rule = RetentionRule(days=1, months=24)
    times = ("2024-10-31", "2024-11-01", "2024-11-30", "2026-11-01", "2026-11-21", "2026-11-23")
    assert stays(rule, *times) == ["2024-11-30", "2026-11-23"]
    assert stays(RetentionRule(days=1, months=25), *times) == ["2024-10-31", "2024-11-30", "2026-11-23"]
    assert stays(RetentionRule(days=1, months=1), "2025-11-30", "2025-12-01", "2026-01-31") == [
        "2025-12-01",
        "2026-01-31",
    ]


def test_without_months_only_days_count() -> None:
    assert stays(RetentionRule(days=1, months=0), "2026-10-31", "2026-11-01", "2026-11-23") == ["2026-11-23"]


def test_the_last_state_of_a_month_may_be_one_that_stays_anyway() -> None:
    rule = RetentionRule(days=35, months=24)
    times = ("2026-10-05", "2026-10-18", "2026-10-19", "2026-11-23")
    assert stays(rule, *times) == ["2026-10-19", "2026-11-23"]
    assert stays(rule, *times[:2], "2026-11-23", pinned=("2026-10-18",)) == ["2026-10-18", "2026-11-23"]


def test_of_two_states_of_one_time_the_one_stored_later_is_the_newest() -> None:
    same = datetime(2026, 11, 23)
    early = Dated(1, same - timedelta(days=40)), Dated(2, same - timedelta(days=40))
    assert doomed((*early, Dated(3, same)), RetentionRule()) == {1}


# What it does to the database
def test_retention_drops_what_the_history_announced_and_leaves_the_rest(
    manager: DatabaseManager, db_url: str
) -> None:
    with manager.session_scope() as session:
        north, south = add_vcenter(session, "vc-north"), add_vcenter(session, "vc-south", is_hidden=True)
        for vcenter in (north, south):
            for days in (100, 99, 70, 41, 40, 36, 35, 0):
                state = add_state(session, vcenter, EXPORTED_AT - timedelta(days=days))
                add_machine(session, state, "always")
                add_machine(session, state, f"only {days}")
        pinned = select(models.imports.c.id).where(
            models.imports.c.exported_at == EXPORTED_AT - timedelta(days=40)
        )
        session.execute(update(models.imports).where(models.imports.c.id.in_(pinned)).values(is_pinned=True))
    with manager.get_session() as session:
        announced = {state.id for state in list_imports(session, Scope()) if state.goes_with_next}
        before = {state.id for state in list_imports(session, Scope())}
        going = {state.id for state in find_doomed(session, RetentionRule()) if state.vcenter_id == north}
    assert going == announced
    assert apply_retention(db_url, RetentionRule()) == 2 * len(announced)
    assert apply_retention(db_url, RetentionRule()) == 0
    with manager.get_session() as session:
        assert {state.id for state in list_imports(session, Scope())} == before - announced
        stored = select(models.machines.c.name).where(models.machines.c.vcenter_id == south)
        seen = [f"only {days}" for days in (0, 35, 40, 70, 99)]
        assert sorted(session.scalars(stored)) == ["always", *seen]


def test_the_state_stored_last_stays_until_the_next_one_comes(manager: DatabaseManager, db_url: str) -> None:
    with manager.session_scope() as session:
        vcenter = add_vcenter(session)
        add_machine(session, add_state(session, vcenter), "machine")
        add_machine(session, add_state(session, vcenter, EXPORTED_AT - timedelta(days=4000)), "machine")
    with manager.get_session() as session:
        assert [state.goes_with_next for state in list_imports(session, Scope())] == [True, False]
    assert apply_retention(db_url, RetentionRule()) == 0
    with manager.session_scope() as session:
        add_machine(session, add_state(session, vcenter, EXPORTED_AT + timedelta(days=1)), "machine")
    assert apply_retention(db_url, RetentionRule()) == 1


def test_an_old_file_is_announced_to_go_before_it_is_stored(manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        vcenter = add_vcenter(session)
        add_state(session, vcenter)

        def goes(exported_at: datetime) -> bool:
            return would_go(session, RetentionRule(), vcenter_id=vcenter, exported_at=exported_at)

        assert not goes(EXPORTED_AT + timedelta(days=1))
        assert not goes(EXPORTED_AT - timedelta(days=35))
        assert not goes(EXPORTED_AT - timedelta(days=60))  # the only one of its month
        add_state(session, vcenter, EXPORTED_AT - timedelta(days=59))
        assert goes(EXPORTED_AT - timedelta(days=60))
        assert goes(EXPORTED_AT - timedelta(days=4000))
        assert not would_go(session, RetentionRule(), vcenter_id=vcenter + 1, exported_at=EXPORTED_AT)


def test_retention_that_dies_is_finished_by_the_sweep(
    manager: DatabaseManager, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = {"power_state": "poweredOff", "off_since": EXPORTED_AT - timedelta(days=50)}
    with manager.session_scope() as session:
        vcenter = add_vcenter(session)
        for days in (50, 49, 0):
            state = add_state(session, vcenter, EXPORTED_AT - timedelta(days=days))
            add_machine(session, state, "machine", **off)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(BatchWriter, "delete", die)
    with pytest.raises(KeyboardInterrupt):
        apply_retention(db_url, RetentionRule())
    monkeypatch.undo()
    with manager.get_session() as session:
        assert len(list_imports(session, Scope())) == 2
    sweep(db_url)
    rows = models.virtual_machines.c
    with manager.get_session() as session:
        assert session.scalars(select(models.imports.c.id)).all() == [2, 3]
        assert session.scalars(select(rows.off_since)).all() == [off["off_since"]] * 2
