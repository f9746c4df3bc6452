"""The cache, in files and in Redis: what is kept, under which key, for how long, and what it counts."""

import importlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from data import answers, cache, redis_line
from data.answers import digest_of, key_of
from data.cache import clear_all_caches, clear_cache_for_function, draw, read
from data.cache_store import Store, current_store, init_cache
from data.database import DatabaseManager, get_engine
from data.errors import DatabaseUnavailableError, NotFoundError
from data.models import vcenters
from data.scope import Scope
from tests.data.questions import RICH, Answer, count_vcenters, frame, nothing, rich, uses

pytestmark = pytest.mark.sqlite_only("the cache does not know what its answers come from")


@pytest.fixture(params=["files", pytest.param("redis", marks=pytest.mark.services)])
def redis_or_none(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a Redis, or nothing for files."""
    monkeypatch.setattr(redis_line, "TIMEOUT_SECONDS", 10.0)  # other tests keep the machine busy
    return request.getfixturevalue("redis_url") if request.param == "redis" else ""


@pytest.fixture(autouse=True)
def store(tmp_path: Path, redis_or_none: str) -> Iterator[Store]:
    """The cache of an app of this test, which is at work."""
    server = Flask("test")
    init_cache(server, tmp_path / "cache", redis_or_none)
    with server.app_context():
        yield current_store()


def test_an_answer_comes_back_as_it_was(db_url: str) -> None:
    assert read(db_url, rich, Scope()) == RICH
    assert read(db_url, rich, Scope()) == RICH
    assert (uses()["rich"].hits, uses()["rich"].misses) == (1, 1)


def test_none_is_an_answer_like_any_other(db_url: str) -> None:
    assert [read(db_url, nothing, Scope()) for _ in range(2)] == [None, None]
    assert uses()["nothing"].hits == 1


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
    assert uses()["count_vcenters"].misses == 2


def test_other_options_are_another_answer(db_url: str) -> None:
    assert [read(db_url, count_vcenters, Scope(), plus=plus) for plus in (1, 2, 1)] == [1, 2, 1]
    assert uses()["count_vcenters"].misses == 2


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
    assert uses()["sized"].misses == 1


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
    assert "frame" not in uses()


def test_a_failing_query_is_not_kept_and_keeps_its_error(db_url: str) -> None:
    def find(_session: Session, _scope: Scope) -> int:
        raise NotFoundError("No machine has the id 7.")

    for _ in range(2):
        with pytest.raises(NotFoundError, match="id 7"):
            read(db_url, find, Scope())
    assert uses() == {}


def test_a_database_that_is_away_is_not_answered_from_the_cache(db_url: str) -> None:
    read(db_url, count_vcenters, Scope())
    Path(db_url.removeprefix("sqlite:///")).unlink()
    with pytest.raises(DatabaseUnavailableError):
        read(db_url, count_vcenters, Scope())


def test_every_query_of_another_tier_exists() -> None:
    for name in cache.TIERS:
        module, _, function = name.rpartition(".")
        place = f"data.{module}" if module.startswith(("ingest.", "jobs.")) else f"data.queries.{module}"
        query = getattr(importlib.import_module(place), function)
        assert cache._name(query) == name


def test_threads_that_miss_together_compute_once(
    db_url: str, store: Store, monkeypatch: pytest.MonkeyPatch
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
    assert (uses()["slow"].hits, uses()["slow"].misses) == (3, 1)


PROCESS = """
import sys
from pathlib import Path
from flask import Flask
from data import cache, cache_store, redis_line
from data.scope import Scope
redis_line.TIMEOUT_SECONDS = 10.0
def ask(session, scope) -> int:
    sys.stdin.readline()
    with open(sys.argv[3], "a") as log:
        log.write("computed\\n")
    return 7
server = Flask("worker")
cache_store.init_cache(server, Path(sys.argv[2]), sys.argv[4])
with server.app_context():
    print("asking", flush=True)
    print(*(cache.read(sys.argv[1], ask, Scope()) for _ in range(3)))
"""


def test_processes_that_miss_together_compute_once_and_count_together(
    db_url: str, tmp_path: Path, redis_or_none: str
) -> None:
    log = tmp_path / "log"
    program = [sys.executable, "-c", PROCESS, db_url, str(tmp_path / "cache"), str(log), redis_or_none]
    pipe = subprocess.PIPE
    workers = [subprocess.Popen(program, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    assert [worker.stdout.readline() for worker in workers] == ["asking\n"] * 2
    for worker in workers:
        worker.stdin.write("all are asking\n")
        worker.stdin.flush()
    assert [worker.communicate()[0] for worker in workers] == ["7 7 7\n"] * 2
    assert log.read_text() == "computed\n"
    assert (uses()["ask"].hits, uses()["ask"].misses) == (5, 1)


def test_a_drawing_is_made_once_and_reads_inside_it_are_counted_as_avoided(db_url: str) -> None:
    def build() -> list[bytes]:
        answers = [read(db_url, count_vcenters, Scope(), plus=plus) for plus in (1, 2)]
        return [b"%d" % answer for answer in answers]

    def drawn() -> list[bytes]:
        return draw(db_url, "g1", "overview", Scope(), arguments=(7,), build=build)

    assert drawn() == drawn() == [b"1", b"2"]
    use = uses()["overview"]
    assert (use.hits, use.misses, use.statements_avoided) == (1, 1, 2)


@pytest.mark.parametrize(
    "change", [{"generation": "g2"}, {"arguments": (8,)}, {"scope": Scope(text="x")}, {"name": "b"}], ids=str
)
def test_a_drawing_of_anything_else_is_made_anew(db_url: str, change: dict[str, object]) -> None:
    def drawn(content: bytes, **changes: object) -> list[bytes]:
        given = {"generation": "g1", "name": "a", "scope": Scope(), "arguments": (7,), **changes}
        place = (given.pop("generation"), given.pop("name"), given.pop("scope"))
        return draw(db_url, *place, **given, build=lambda: [content])

    assert drawn(b"1") == drawn(b"2") == [b"1"]
    assert drawn(b"3", **change) == [b"3"]


def test_asking_inside_an_answer_or_drawing_inside_a_drawing_is_refused_before_it_waits_for_itself(
    db_url: str,
) -> None:
    def asking(_session: Session, _scope: Scope) -> Answer:
        return read(db_url, rich, Scope())

    def drawing(name: str, inner: Callable[[], object]) -> None:
        draw(db_url, "g1", name, Scope(), arguments=(), build=lambda: [b"%d" % bool(inner())])

    with pytest.raises(RuntimeError, match="rich is asked for while another answer is computed"):
        read(db_url, asking, Scope())
    with pytest.raises(RuntimeError, match=r"drawn\.inner is asked for while another body is computed"):
        drawing("outer", lambda: drawing("inner", lambda: 1))
    drawing("outer", lambda: read(db_url, rich, Scope()))


def test_another_program_makes_other_answers(db_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read(db_url, count_vcenters, Scope())
    monkeypatch.setattr(answers, "PROGRAM", "another")
    read(db_url, count_vcenters, Scope())
    assert uses()["count_vcenters"].misses == 2


def test_a_program_is_the_same_wherever_and_whenever_its_files_were_put_and_no_other(tmp_path: Path) -> None:
    def program(name: str, files: dict[str, str]) -> str:
        for file, content in files.items():
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return digest_of(tmp_path / name)

    files = {"data/a.py": "1", "layouts/shared/b.py": "2", "requirements.txt": "dash==4"}
    first = program("here", files)
    os.utime(tmp_path / "here/data/a.py", (0, 0))
    assert digest_of(tmp_path / "here") == program("there", files) == first
    others = (
        {**files, "data/a.py": "2"},
        {**files, "callbacks/c.py": ""},
        {**files, "requirements.txt": "dash==5"},
        {"data/a.py": "1", "data/b.py": "2", "requirements.txt": "dash==4"},
        {"data/a.py": "1"},
    )
    assert len({first, *(program(f"other-{n}", other) for n, other in enumerate(others))}) == 6


@pytest.mark.parametrize(
    "other",
    [
        "postgresql://me:other@db:5432/estate",
        "postgresql+psycopg://you@db:5432/estate",
        "postgresql://you:p%40ss@db:5432/estate?sslmode=require&sslrootcert=/etc/ca.pem",
        "postgresql://db:5432/estate?user=you&password=secret",
    ],
)
def test_a_database_is_the_same_for_hosts_that_reach_it_as_other_users(other: str) -> None:
    assert key_of("f", other, "i1") == key_of("f", "postgresql://me:secret@db:5432/estate", "i1")


@pytest.mark.parametrize(
    "other",
    [
        "mariadb://me:secret@db:5432/estate",
        "postgresql://me:secret@db2:5432/estate",
        "postgresql://me:secret@db:5433/estate",
        "postgresql://me:secret@db:5432/lab",
        "postgresql://me:secret@db:5432/estate?options=-csearch_path%3Dlab",
    ],
)
def test_another_server_database_or_schema_is_another_database(other: str) -> None:
    assert key_of("f", other, "i1") != key_of("f", "postgresql://me:secret@db:5432/estate", "i1")


@pytest.mark.parametrize(
    ("db_address", "is_shared"),
    [
        ("sqlite:////srv/inventory.db", False),
        ("postgresql://me@localhost/estate", False),
        ("postgresql://me@127.0.0.1/estate", False),
        ("mariadb://me@/estate?unix_socket=/run/mysqld.sock", False),
        ("postgresql://me@db/estate", True),
    ],
)
def test_what_only_one_host_reaches_is_not_taken_for_that_of_another(
    db_address: str, is_shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = set()
    for host in ("one", "two"):
        monkeypatch.setattr("socket.gethostname", lambda host=host: host)
        answers._place.cache_clear()
        keys.add(key_of("f", db_address, "i1"))
    answers._place.cache_clear()
    assert (len(keys) == 1) == is_shared


def test_one_function_is_cleared_with_everything_that_was_drawn(db_url: str) -> None:
    read(db_url, count_vcenters, Scope())
    read(db_url, rich, Scope())
    draw(db_url, "g1", "overview", Scope(), arguments=(), build=lambda: [b"{}"])
    assert clear_cache_for_function(count_vcenters) == 2
    assert {name: use.entries for name, use in uses().items()} == {
        "count_vcenters": 0,
        "rich": 1,
        "overview": 0,
    }


def test_everything_is_cleared_for_all_workers(db_url: str, store: Store) -> None:
    read(db_url, count_vcenters, Scope())
    assert clear_all_caches() == 1
    assert store.entries() == []
    read(db_url, count_vcenters, Scope())
    assert uses()["count_vcenters"].misses == 2


def test_what_is_held_is_told_with_its_age(
    db_url: str, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    read(db_url, count_vcenters, Scope())
    (entry,) = store.entries()
    monkeypatch.setattr(cache.time, "time", lambda: entry.written_at + 90)
    use = uses()["count_vcenters"]
    assert (use.entries, use.size_bytes, use.oldest_age_seconds) == (1, entry.size_bytes, 90)


def test_without_an_app_a_process_has_a_cache_of_its_own(db_url: str, tmp_path: Path) -> None:
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
    assert tmp_path not in Path(directory).parents
    assert not Path(directory).exists()
