"""The cache in files: bounds, age, damage, and who may read it."""

import os
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from data import cache, cache_store
from data.cache import Tier, read
from data.cache_store import FileStore, current_store, init_cache
from data.scope import Scope
from tests.data.questions import RICH, count_vcenters, rich, uses

pytestmark = pytest.mark.sqlite_only("the cache does not know what its answers come from")


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[FileStore]:
    """The cache of an app of this test, which is at work."""
    server = Flask("test")
    init_cache(server, tmp_path / "cache")
    with server.app_context():
        yield current_store()


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
        assert uses()["count_vcenters"].misses == misses
    cache._plan.cache_clear()


def test_only_the_owner_can_look_into_the_cache(db_url: str, store: FileStore) -> None:
    read(db_url, count_vcenters, Scope())
    for path in [store.directory, *store.directory.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_damaged_answer_is_made_anew(db_url: str, store: FileStore) -> None:
    read(db_url, rich, Scope())
    (entry,) = store.entries()
    file = store.directory / "answers" / entry.key
    file.write_bytes(file.read_bytes()[:-5])
    assert read(db_url, rich, Scope()) == RICH
    file.write_bytes(b"")
    assert read(db_url, rich, Scope()) == RICH
    assert uses()["rich"].misses == 3


def test_a_cache_directory_that_was_removed_is_made_again(db_url: str, store: FileStore) -> None:
    read(db_url, rich, Scope())
    subprocess.run(["rm", "-r", store.directory], check=True)
    read(db_url, rich, Scope())
    assert len(store.entries()) == 1


def test_the_oldest_answers_go_when_there_are_too_many(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_store, "MAX_ENTRIES", 2)
    _store_with_ages(store, {"a~1": 30, "b~2": 20, "c~3": 10})
    store.sweep()
    assert {entry.name for entry in store.entries()} == {"b", "c"}


def test_the_oldest_answers_go_when_they_take_too_much_room(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store_with_ages(store, {"a~1": 30, "b~2": 20, "c~3": 10})
    monkeypatch.setattr(cache_store, "MAX_BYTES", store.entries()[0].size_bytes)
    store.sweep()
    assert {entry.name for entry in store.entries()} == {"c"}


def test_what_is_past_every_tier_goes_even_a_half_written_file(store: FileStore) -> None:
    _store_with_ages(store, {"a~1": 1801, "b~2": 1700})
    (store.directory / "answers" / "tmp123.__wz_cache").touch()
    _set_age(store.directory / "answers" / "tmp123.__wz_cache", 1801)
    store.sweep()
    assert [entry.key for entry in store.entries()] == ["b~2"]


def test_storing_much_sweeps(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.set("first~1", b"x", 60)
    monkeypatch.setattr(cache_store, "SWEEP_BYTES", 10)
    monkeypatch.setattr(cache_store, "MAX_ENTRIES", 1)
    _store_with_ages(store, {"a~1": 30})
    store.set("new~1", b"x" * 11, 60)
    assert {entry.name for entry in store.entries()} == {"first", "new"}


def _store_with_ages(store: FileStore, ages: dict[str, int]) -> None:
    for key, age in ages.items():
        store.set(key, b"content", 60)
        _set_age(store.directory / "answers" / key, age)


def _set_age(file: Path, seconds: int) -> None:
    written_at = time.time() - seconds
    os.utime(file, (written_at, written_at))
