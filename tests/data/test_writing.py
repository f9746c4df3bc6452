"""Rows are written in transactions that end in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select

from data.database import DatabaseManager, get_engine
from data.ingest import writing
from data.ingest.writing import FREE_SECONDS, TARGET_SECONDS, BatchWriter
from data.models import header_mappings

ROWS = 3000
NOW = datetime(2026, 9, 1)


class Clock:
    """A time that passes with statements and with sleep alone."""

    def __init__(self) -> None:
        self.now = 1.0
        self.seconds_per_statement = 0.0
        self.commits: list[float] = []
        self.begins: list[float] = []

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pass_by(self, *_: object) -> None:
        self.now += self.seconds_per_statement


@pytest.fixture
def clock(db_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock, engine = Clock(), get_engine(db_url)
    monkeypatch.setattr(writing, "time", SimpleNamespace(perf_counter=clock.perf_counter, sleep=clock.sleep))
    listeners = {
        "before_cursor_execute": clock.pass_by,
        "begin": lambda *_: clock.begins.append(clock.now),
        "commit": lambda *_: clock.commits.append(clock.now),
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    yield clock
    for name, listener in listeners.items():
        event.remove(engine, name, listener)


def write(manager: DatabaseManager) -> BatchWriter:
    writer = BatchWriter(manager)
    rows = (("vInfo", f"row {number}", "name", NOW) for number in range(ROWS))
    told: list[int] = []
    assert writer.insert(header_mappings, ("tab", "header", "field", "created_at"), rows, told.append) == ROWS
    assert (told[-1], told) == (ROWS, sorted(told))
    return writer


def test_every_row_is_written_once(manager: DatabaseManager) -> None:
    write(manager)
    with manager.get_session() as session:
        headers = list(session.scalars(select(header_mappings.c.header)))
    assert sorted(headers) == sorted(f"row {number}" for number in range(ROWS))


@pytest.mark.sqlite_only("on a server nobody waits for who writes rows that nobody sees")
@pytest.mark.parametrize("seconds", [0.03, 0.15, 0.5])
def test_a_transaction_ends_with_the_statement_in_which_its_time_is_over(
    manager: DatabaseManager, clock: Clock, seconds: float
) -> None:
    clock.seconds_per_statement = seconds
    writer = write(manager)
    assert TARGET_SECONDS <= writer.longest_seconds <= TARGET_SECONDS + seconds + 1e-9


@pytest.mark.sqlite_only("on a server nobody waits for who writes rows that nobody sees")
def test_others_find_the_database_free_between_two_transactions(
    manager: DatabaseManager, clock: Clock
) -> None:
    clock.seconds_per_statement = 0.1
    write(manager)
    assert len(clock.commits) > 10
    gaps = [began - ended for ended, began in zip(clock.commits, clock.begins[1:], strict=False)]
    assert min(gaps) >= FREE_SECONDS - 1e-9
