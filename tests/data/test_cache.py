"""The cache: what is kept, under which key, for how long, and what it counts."""

import importlib
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from data import answers, cache, cache_store
from data.cache import Tier, clear_all_caches, clear_cache_for_function, draw, get_cache_uses, read
from data.cache_store import SharedStore, current_store, init_cache
from data.database import DatabaseManager, get_engine
from data.errors import DatabaseUnavailableError, DataError, NotFoundError
from data.generations import current_generation, raise_generation
from data.models import vcenters
from data.results import CacheUse
from data.scope import Scope
from data.vocabulary import PowerState


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[SharedStore]:
    """The cache of an app of this test, which is at work."""
    server = Flask("test")
    init_cache(server, tmp_path / "cache")
    with server.app_context():
        yield current_store()


@dataclass(frozen=True, slots=True)
class Answer:
    name: str
    power: PowerState
    seen: datetime | None
    shares: tuple[float, ...]


RICH = Answer("web", PowerState.ON, datetime(2026, 11, 23, 6, tzinfo=UTC), (0.5, 1.0))


def rich(_session: Session, _scope: Scope) -> Answer:
    return RICH


def count_vcenters(session: Session, _scope: Scope, *, plus: int = 0) -> int:
    return (session.scalar(text("SELECT count(*) FROM vcenters")) or 0) + plus


def nothing(session: Session, _scope: Scope) -> str | None:
    return session.scalar(select(vcenters.c.name))


def frame(session: Session, _scope: Scope) -> pd.DataFrame:
    return pd.DataFrame(session.execute(select(vcenters.c.name)).all())


def _uses() -> dict[str, CacheUse]:
    return {use.function.rpartition(".")[2]: use for use in get_cache_uses()}


def _add_vcenter(manager: DatabaseManager, name: str) -> None:
    """A write as an import does it: the generation is raised in the same transaction."""
    with manager.session_scope() as session:
        session.execute(insert(vcenters).values(name=name))
        raise_generation(session)


def test_an_answer_comes_back_as_it_was(db_url: str) -> None:
    assert read(db_url, rich, Scope()) == RICH
    assert read(db_url, rich, Scope()) == RICH
    assert (_uses()["rich"].hits, _uses()["rich"].misses) == (1, 1)


def test_a_warm_answer_costs_one_statement(db_url: str, count_statements) -> None:
    read(db_url, count_vcenters, Scope())
    with count_statements(get_engine(db_url)) as statements:
        read(db_url, count_vcenters, Scope())
    assert ["generations" in statement for statement in statements] == [True]


def test_none_is_an_answer_like_any_other(db_url: str) -> None:
    assert [read(db_url, nothing, Scope()) for _ in range(2)] == [None, None]
    assert _uses()["nothing"].hits == 1


def test_a_write_is_seen_at_once(manager: DatabaseManager) -> None:
    assert read(manager.db_url, count_vcenters, Scope()) == 0
    _add_vcenter(manager, "lab")
    assert read(manager.db_url, count_vcenters, Scope()) == 1


def test_a_write_that_is_rolled_back_keeps_the_answers(manager: DatabaseManager) -> None:
    read(manager.db_url, count_vcenters, Scope())
    with manager.session_scope() as session:
        raise_generation(session)
        session.rollback()
    read(manager.db_url, count_vcenters, Scope())
    assert _uses()["count_vcenters"].hits == 1


def test_two_writes_in_one_second_are_two_generations(manager: DatabaseManager) -> None:
    seen = set()
    for _ in range(3):
        with manager.session_scope() as session:
            raise_generation(session)
            raise_generation(session, "labels")
            seen.add(current_generation(session))
    assert len(seen) == 3


def test_a_generation_does_not_come_back_with_an_older_copy_of_the_database(
    manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_a_write_at(seconds: int) -> str:
        monkeypatch.setattr("data.generations.time.time", lambda: seconds)
        with manager.session_scope() as session:
            raise_generation(session)
            return current_generation(session)

    first = after_a_write_at(1_000)
    later = after_a_write_at(2_000)
    with manager.session_scope() as session:
        session.execute(text("UPDATE generations SET value = 1000"))
    assert after_a_write_at(3_000) not in {first, later}


@pytest.mark.parametrize(
    "scope",
    [
        Scope(datacenters=("DC1",)),
        Scope(datacenters=("DC1", "")),
        Scope(clusters=("DC1",)),
        Scope(as_of=date(2026, 1, 1)),
        Scope(text="DC1"),
    ],
    ids=Scope.query,
)
def test_another_scope_is_another_answer(db_url: str, scope: Scope) -> None:
    read(db_url, count_vcenters, Scope())
    read(db_url, count_vcenters, scope)
    assert _uses()["count_vcenters"].misses == 2


def test_other_options_are_another_answer(db_url: str) -> None:
    assert [read(db_url, count_vcenters, Scope(), plus=plus) for plus in (1, 2, 1)] == [1, 2, 1]
    assert _uses()["count_vcenters"].misses == 2


def test_another_database_is_another_answer(db_url: str, tmp_path: Path) -> None:
    copy = shutil.copy(db_url.removeprefix("sqlite:///"), tmp_path / "other.db")
    other = DatabaseManager(f"sqlite:///{copy}")
    with other.session_scope() as session:
        session.execute(insert(vcenters).values(name="lab"))
    assert [read(url, count_vcenters, Scope()) for url in (db_url, other.db_url)] == [0, 1]


def test_options_in_another_order_are_the_same_answer(db_url: str) -> None:
    def sized(_session: Session, _scope: Scope, *, width: int, names: dict[str, int]) -> int:
        return width + sum(names.values())

    read(db_url, sized, Scope(), width=1, names={"a": 1, "b": 2})
    read(db_url, sized, Scope(), names={"b": 2, "a": 1}, width=1)
    assert _uses()["sized"].misses == 1


@pytest.mark.parametrize(
    "value",
    [object(), pd.DataFrame({"a": [1]}), lambda: 1, Path("/")],
    ids=["object", "frame", "function", "path"],  # alike in all processes that run the tests
)
def test_an_option_that_no_key_can_hold_is_an_error(db_url: str, value: object) -> None:
    def sized(_session: Session, _scope: Scope, *, by: object) -> int:
        return 1

    with pytest.raises(TypeError, match="can be neither part of a cache key nor cached"):
        read(db_url, sized, Scope(), by=value)


def test_an_answer_of_another_type_than_declared_is_an_error_at_once(db_url: str) -> None:
    def wrong(_session: Session, _scope: Scope) -> int:
        return "seven"  # type: ignore[return-value]  # what this is about

    with pytest.raises(ValueError, match="Expected `int`"):
        read(db_url, wrong, Scope())


def test_frames_are_not_kept(db_url: str, count_statements) -> None:
    read(db_url, frame, Scope())
    with count_statements(get_engine(db_url)) as statements:
        assert read(db_url, frame, Scope()).empty
    assert len(statements) == 2
    assert "frame" not in _uses()


def test_a_failing_query_is_not_kept_and_keeps_its_error(db_url: str) -> None:
    def find(_session: Session, _scope: Scope) -> int:
        raise NotFoundError("No machine has the id 7.")

    for _ in range(2):
        with pytest.raises(NotFoundError, match="id 7"):
            read(db_url, find, Scope())
    assert _uses() == {}


def test_a_refused_statement_becomes_our_error(db_url: str) -> None:
    def broken(session: Session, _scope: Scope) -> int:
        return session.execute(text("SELECT id FROM nowhere")).scalar_one()

    with pytest.raises(DataError, match="no such table: nowhere"):
        read(db_url, broken, Scope())


def test_a_database_that_is_away_is_not_answered_from_the_cache(db_url: str) -> None:
    read(db_url, count_vcenters, Scope())
    Path(db_url.removeprefix("sqlite:///")).unlink()
    with pytest.raises(DatabaseUnavailableError):
        read(db_url, count_vcenters, Scope())


@pytest.mark.parametrize(("tier", "seconds"), [(Tier.SHORT, 60), (Tier.MEDIUM, 300), (Tier.LONG, 1800)])
def test_a_tier_ends_after_its_seconds(
    db_url: str, monkeypatch: pytest.MonkeyPatch, tier: Tier, seconds: int
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("cachelib.file.time", lambda: now)
    monkeypatch.setitem(cache.TIERS, cache._name(count_vcenters), tier)
    cache._plan.cache_clear()
    for step, misses in ((0, 1), (seconds - 1, 1), (2, 2)):
        now += step
        read(db_url, count_vcenters, Scope())
        assert _uses()["count_vcenters"].misses == misses
    cache._plan.cache_clear()


def test_every_query_of_another_tier_exists() -> None:
    for name in cache.TIERS:
        module, _, function = name.rpartition(".")
        place = f"data.{module}" if module.startswith(("ingest.", "jobs.")) else f"data.queries.{module}"
        query = getattr(importlib.import_module(place), function)
        assert cache._name(query) == name


def test_threads_that_miss_together_compute_once(
    db_url: str, store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = threading.Semaphore(0)
    computed = []
    take_off = store.single_flight

    def noticed(kind: str, key: str) -> AbstractContextManager[None]:
        arrived.release()
        return take_off(kind, key)

    def slow(_session: Session, _scope: Scope) -> int:
        computed.append([arrived.acquire(timeout=5) for _ in range(4)])
        return 7

    monkeypatch.setattr(store, "single_flight", noticed)
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(copy_context().run, read, db_url, slow, Scope()) for _ in range(4)]
    assert [future.result() for future in asked] == [7] * 4
    assert computed == [[True] * 4]
    assert (_uses()["slow"].hits, _uses()["slow"].misses) == (3, 1)


PROCESS = """
import sys
from pathlib import Path
from flask import Flask
from data import cache, cache_store
from data.scope import Scope
def ask(session, scope) -> int:
    sys.stdin.readline()
    with open(sys.argv[3], "a") as log:
        log.write("computed\\n")
    return 7
server = Flask("worker")
cache_store.init_cache(server, Path(sys.argv[2]))
with server.app_context():
    print("asking", flush=True)
    print(*(cache.read(sys.argv[1], ask, Scope()) for _ in range(3)))
"""


def test_processes_that_miss_together_compute_once_and_count_together(db_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = [sys.executable, "-c", PROCESS, db_url, str(tmp_path / "cache"), str(log)]
    pipe = subprocess.PIPE
    workers = [subprocess.Popen(program, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    assert [worker.stdout.readline() for worker in workers] == ["asking\n"] * 2
    for worker in workers:
        worker.stdin.write("all are asking\n")
        worker.stdin.flush()
    assert [worker.communicate()[0] for worker in workers] == ["7 7 7\n"] * 2
    assert log.read_text() == "computed\n"
    assert (_uses()["ask"].hits, _uses()["ask"].misses) == (5, 1)


def test_a_drawing_is_made_once_and_reads_inside_it_are_counted_as_avoided(db_url: str) -> None:
    def build() -> list[bytes]:
        answers = [read(db_url, count_vcenters, Scope(), plus=plus) for plus in (1, 2)]
        return [b"%d" % answer for answer in answers]

    def drawn() -> list[bytes]:
        return draw(db_url, "g1", "overview", Scope(), arguments=(7,), build=build)

    assert drawn() == drawn() == [b"1", b"2"]
    use = _uses()["overview"]
    assert (use.hits, use.misses, use.statements_avoided) == (1, 1, 2)


@pytest.mark.parametrize(
    "change", [{"generation": "g2"}, {"arguments": (8,)}, {"scope": Scope(text="x")}, {"name": "b"}], ids=str
)
def test_a_drawing_of_anything_else_is_made_anew(db_url: str, change: dict[str, object]) -> None:
    def drawn(content: bytes, **changes: object) -> list[bytes]:
        given = {"generation": "g1", "name": "a", "scope": Scope(), "arguments": (7,), **changes}
        place = (given.pop("generation"), given.pop("name"), given.pop("scope"))
        return draw(db_url, *place, **given, build=lambda: [content])

    assert drawn(b"first") == drawn(b"second") == [b"first"]
    assert drawn(b"third", **change) == [b"third"]


def test_asking_inside_an_answer_or_drawing_inside_a_drawing_is_refused_before_it_waits_for_itself(
    db_url: str,
) -> None:
    def asking(_session: Session, _scope: Scope) -> Answer:
        return read(db_url, rich, Scope())

    def drawing(name: str, inner: Callable[[], object]) -> None:
        draw(db_url, "g1", name, Scope(), arguments=(), build=lambda: [str(inner()).encode()])

    with pytest.raises(RuntimeError, match="rich is asked for while another answer is computed"):
        read(db_url, asking, Scope())
    with pytest.raises(RuntimeError, match=r"drawn\.inner is asked for while another body is computed"):
        drawing("outer", lambda: drawing("inner", lambda: 1))
    drawing("outer", lambda: read(db_url, rich, Scope()))


def test_other_program_files_make_other_answers(
    db_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read(db_url, count_vcenters, Scope())
    monkeypatch.setattr(answers, "PROGRAM", tmp_path)
    answers._program.cache_clear()
    read(db_url, count_vcenters, Scope())
    answers._program.cache_clear()
    assert _uses()["count_vcenters"].misses == 2


def test_one_function_is_cleared_with_everything_that_was_drawn(db_url: str) -> None:
    read(db_url, count_vcenters, Scope())
    read(db_url, rich, Scope())
    draw(db_url, "g1", "overview", Scope(), arguments=(), build=lambda: [b"{}"])
    assert clear_cache_for_function(count_vcenters) == 2
    assert {name: use.entries for name, use in _uses().items()} == {
        "count_vcenters": 0,
        "rich": 1,
        "overview": 0,
    }


def test_everything_is_cleared_for_all_workers(db_url: str, store: SharedStore) -> None:
    read(db_url, count_vcenters, Scope())
    assert clear_all_caches() == 1
    assert list(store.directory.joinpath("answers").iterdir()) == []
    read(db_url, count_vcenters, Scope())
    assert _uses()["count_vcenters"].misses == 2


def test_what_is_held_is_told_with_its_age(
    db_url: str, monkeypatch: pytest.MonkeyPatch, store: SharedStore
) -> None:
    read(db_url, count_vcenters, Scope())
    (entry,) = store.entries()
    monkeypatch.setattr(cache.time, "time", lambda: entry.written_at + 90)
    use = _uses()["count_vcenters"]
    assert (use.entries, use.size_bytes, use.oldest_age_seconds) == (1, entry.size_bytes, 90)


def test_only_the_owner_can_look_into_the_cache(db_url: str, store: SharedStore) -> None:
    read(db_url, count_vcenters, Scope())
    for path in [store.directory, *store.directory.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_damaged_answer_is_made_anew(db_url: str, store: SharedStore) -> None:
    read(db_url, rich, Scope())
    (entry,) = store.entries()
    entry.path.write_bytes(entry.path.read_bytes()[:-5])
    assert read(db_url, rich, Scope()) == RICH
    entry.path.write_bytes(b"")
    assert read(db_url, rich, Scope()) == RICH
    assert _uses()["rich"].misses == 3


def test_a_cache_directory_that_was_removed_is_made_again(db_url: str, store: SharedStore) -> None:
    read(db_url, rich, Scope())
    subprocess.run(["rm", "-r", store.directory], check=True)
    read(db_url, rich, Scope())
    assert len(store.entries()) == 1


def test_the_oldest_answers_go_when_there_are_too_many(
    store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_store, "MAX_ENTRIES", 2)
    _store_with_ages(store, {"a~1": 30, "b~2": 20, "c~3": 10})
    store.sweep()
    assert {entry.name for entry in store.entries()} == {"b", "c"}


def test_the_oldest_answers_go_when_they_take_too_much_room(
    store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store_with_ages(store, {"a~1": 30, "b~2": 20, "c~3": 10})
    monkeypatch.setattr(cache_store, "MAX_BYTES", store.entries()[0].size_bytes)
    store.sweep()
    assert {entry.name for entry in store.entries()} == {"c"}


def test_what_is_past_every_tier_goes_even_a_half_written_file(store: SharedStore) -> None:
    _store_with_ages(store, {"a~1": 1801, "b~2": 1700})
    (store.directory / "answers" / "tmp123.__wz_cache").touch()
    _set_age(store.directory / "answers" / "tmp123.__wz_cache", 1801)
    store.sweep()
    assert [entry.path.name for entry in store.entries()] == ["b~2"]


def test_storing_much_sweeps(store: SharedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.set("first~1", b"x", 60)
    monkeypatch.setattr(cache_store, "SWEEP_BYTES", 10)
    monkeypatch.setattr(cache_store, "MAX_ENTRIES", 1)
    _store_with_ages(store, {"a~1": 30})
    store.set("new~1", b"x" * 11, 60)
    assert {entry.name for entry in store.entries()} == {"first", "new"}


def test_without_an_app_a_process_has_a_cache_of_its_own(store: SharedStore, db_url: str) -> None:
    program = """
import sys
from data.cache import read, get_cache_uses
from data.cache_store import current_store
from data.scope import Scope
def ask(session, scope) -> int:
    return 7
read(sys.argv[1], ask, Scope()), read(sys.argv[1], ask, Scope())
print(*(use.hits for use in get_cache_uses()), current_store().directory)
"""
    ran = subprocess.run([sys.executable, "-c", program, db_url], capture_output=True, text=True, check=True)
    hits, directory = ran.stdout.split()
    assert hits == "1"
    assert Path(directory) != store.directory
    assert not Path(directory).exists()


def _store_with_ages(store: SharedStore, ages: dict[str, int]) -> None:
    for key, age in ages.items():
        store.set(key, b"content", 60)
        _set_age(store.directory / "answers" / key, age)


def _set_age(file: Path, seconds: int) -> None:
    written_at = time.time() - seconds
    os.utime(file, (written_at, written_at))
