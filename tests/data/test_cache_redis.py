"""The cache in Redis: what hosts share, and what happens without it."""

import logging
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from pathlib import Path

import pytest
import redis
from flask import Flask

from data import cache, redis_line, redis_store
from data.answers import encode
from data.cache import (
    Tier,
    clear_all_caches,
    clear_cache_for_function,
    draw,
    get_cache_trouble,
    get_cache_uses,
    read,
)
from data.cache_store import current_store, init_cache
from data.counters import Count
from data.database import DatabaseManager
from data.errors import CacheUnavailableError, InvalidInputError
from data.redis_store import ANSWERS, COUNTS, LOCKS, PREFIX, RedisStore
from data.scope import Scope
from scripts.servers import RedisServer
from tests.data.questions import RICH, add_vcenter, count_vcenters, rich, uses
from tests.engines import AnyServer

pytestmark = pytest.mark.sqlite_only("the cache does not know what its answers come from")

LOST = "nothing is kept until it answers again"
BACK = "answers are kept"


def of_redis(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What was logged of Redis. Other loggers say more or less, as tests before this one have set them."""
    return [record for record in caplog.records if record.name == "data.redis_line"]


@contextmanager
def at_work(url: str) -> Iterator[RedisStore]:
    """The cache of an app of its own, which is at work: as another process or host would have it."""
    server = Flask("test")
    init_cache(server, Path("unused"), url)
    with server.app_context():
        yield current_store()


@pytest.fixture
def store(redis_url: str) -> Iterator[RedisStore]:
    with at_work(redis_url) as store:
        yield store


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """Somebody else who uses the same Redis."""
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def own_server(redis_server: AnyServer) -> Iterator[RedisServer]:
    """A Redis that the test may stop."""
    with RedisServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests is no outage."""
    monkeypatch.setattr(redis_line, "TIMEOUT_SECONDS", 10.0)


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_line, "TIMEOUT_SECONDS", 0.3)


@pytest.fixture
def no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that went away is left alone for the rest of the test."""
    monkeypatch.setattr(redis_line, "PAUSE_SECONDS", 3600.0)


@pytest.fixture
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks a Redis that went away makes a thread look whether it is back."""
    monkeypatch.setattr(redis_line, "PAUSE_SECONDS", 0.0)


def let_look(db_url: str) -> None:
    """Ask, and wait for the look that follows if Redis is away."""
    read(db_url, rich, Scope())
    for thread in threading.enumerate():
        if thread.name == redis_line.LOOKING:
            thread.join()


def look_until_it_is_back(db_url: str) -> None:
    for _ in range(50):
        let_look(db_url)
        if get_cache_trouble() is None:
            return
    pytest.fail("Redis is back and was not found")


def commands_of(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is sent to Redis from now on, a round trip each, as a list that grows."""
    sent: list[object] = []
    send = redis.Connection.send_packed_command

    def noted(self: redis.Connection, command: object, **options: object) -> None:
        sent.append(command)
        send(self, command, **options)

    monkeypatch.setattr(redis.Connection, "send_packed_command", noted)
    return sent


def test_hosts_share_answers_and_counts(db_url: str, redis_url: str) -> None:
    with at_work(redis_url):
        assert read(db_url, rich, Scope()) == RICH
    with at_work(redis_url):
        assert read(db_url, rich, Scope()) == RICH
        assert (uses()["rich"].hits, uses()["rich"].misses) == (1, 1)
        assert clear_all_caches() == 1
    with at_work(redis_url):
        read(db_url, rich, Scope())
        assert uses()["rich"].misses == 2


@pytest.mark.usefixtures("store")
def test_everything_has_the_prefix_of_the_product_and_an_end(db_url: str, client: redis.Redis) -> None:
    seen = set()

    def build() -> list[bytes]:
        seen.update(client.scan_iter())  # the locks are held now
        return [b"%d" % read(db_url, count_vcenters, Scope())]

    for _ in range(2):
        draw(db_url, "g1", "overview", Scope(), arguments=(), build=build)
    assert any(key.startswith(LOCKS.encode()) for key in seen)
    assert all(client.pttl(key) for key in seen)
    stored = set(client.scan_iter())
    assert len(stored) == 3
    assert not any(key.startswith(LOCKS.encode()) for key in stored)
    for key in stored | seen:
        assert key.startswith(PREFIX.encode())
        assert client.ttl(key) != -1


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("tier", [Tier.SHORT, Tier.MEDIUM, Tier.LONG])
def test_an_answer_ends_with_its_tier(
    db_url: str, client: redis.Redis, monkeypatch: pytest.MonkeyPatch, tier: Tier
) -> None:
    monkeypatch.setitem(cache.TIERS, cache._name(count_vcenters), tier)
    cache._plan.cache_clear()
    before = client.time()[0]
    read(db_url, count_vcenters, Scope())
    (key,) = client.scan_iter(match=f"{ANSWERS}*")
    after = client.time()[0]
    cache._plan.cache_clear()
    assert before + tier <= client.expiretime(key) <= after + tier + 1


@pytest.mark.usefixtures("store")
def test_a_hit_costs_two_round_trips(db_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read(db_url, rich, Scope())
    sent = commands_of(monkeypatch)
    read(db_url, rich, Scope())
    assert len(sent) == 2


@pytest.mark.usefixtures("store")
def test_what_is_not_ours_stays_and_is_not_told(db_url: str, client: redis.Redis) -> None:
    read(db_url, rich, Scope())
    client.set("other", "1")
    client.rpush(f"{ANSWERS}list~1", "1")
    client.set(f"{ANSWERS}short~1", "1")
    client.hset(COUNTS, mapping={"rich hits": "many", "rich unknown": "1", "x": "1"})
    assert {use.function: use.entries for use in get_cache_uses()} == {"tests.data.questions.rich": 1}
    clear_all_caches()
    assert client.get("other") == b"1"


def test_more_answers_than_go_into_one_round_trip_are_told_and_removed(store: RedisStore) -> None:
    for number in range(redis_store.CHUNK * 2 + 3):
        store.set(f"f~{number}", b"x", 60)
    store.set("g~1", b"x", 60)
    assert len({entry.key for entry in store.entries()}) == redis_store.CHUNK * 2 + 4
    assert store.remove(lambda name: name == "f") == redis_store.CHUNK * 2 + 3
    assert [entry.name for entry in store.entries()] == ["g"]


@pytest.mark.usefixtures("store")
def test_a_value_that_was_not_written_by_the_product_is_a_miss(
    db_url: str, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    read(db_url, rich, Scope())
    (key,) = client.scan_iter(match=f"{ANSWERS}*")
    value = client.get(key)
    chance = random.Random(7)
    damaged = [b"", b"\x00", value[:8], value[:19], value[:20], value[:-1], value + b"x", b"\xc1" * 40]
    damaged += [value[:20] + b"\x91" * 5000, value[:20] + b"\xff" * 20]
    damaged += [value[:12] + number + value[20:] for number in (b"\xff" * 8, b"\x00" * 6 + b"\xf0\x7f")]
    damaged += [value[:20] + bytes(chance.randbytes(chance.randrange(60))) for _ in range(200)]
    for content in damaged:
        client.set(key, content)
        assert read(db_url, rich, Scope()) == RICH
        assert client.get(key) != content
    client.delete(key)
    client.rpush(key, "a list")
    assert read(db_url, rich, Scope()) == RICH
    assert "Redis refuses commands" in caplog.text


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "part", [b"", b"{", b'{"a": 1}]', b"1, 2", b"nonsense", b'"a', b"[" * 100_000, b"[1]\x00"], ids=range(8)
)
def test_a_drawing_that_is_not_one_json_value_is_a_miss(
    db_url: str, client: redis.Redis, part: bytes
) -> None:
    def drawn() -> list[bytes]:
        return draw(db_url, "g1", "body", Scope(), arguments=(), build=lambda: [b"[1]", b'{"a": [2]}'])

    drawn()
    (key,) = client.scan_iter(match=f"{ANSWERS}*")
    client.set(key, client.get(key)[:20] + encode([b"[1]", part]))
    assert drawn() == [b"[1]", b'{"a": [2]}']
    assert uses()["body"].misses == 2


def test_numbers_that_the_product_did_not_write_do_not_stop_the_counting(
    db_url: str, store: RedisStore, client: redis.Redis
) -> None:
    client.set(COUNTS, "not a hash")
    read(db_url, rich, Scope())
    assert read(db_url, rich, Scope()) == RICH
    assert store.counters.totals() == {}
    client.delete(COUNTS)
    store.counters.add("f", Count(hits=2, statements_avoided=3, seconds_saved=0.5))
    assert store.counters.totals() == {"f": Count(2, 0, 3, 0.5)}


def test_processes_and_threads_lose_no_count(store: RedisStore, redis_url: str) -> None:
    program = f"""
from pathlib import Path
from flask import Flask
from data import redis_line
from data.cache_store import current_store, init_cache
from data.counters import Count
redis_line.TIMEOUT_SECONDS = 10.0
server = Flask("other")
init_cache(server, Path("unused"), {redis_url!r})
with server.app_context():
    for _ in range(100):
        current_store().counters.add("f", Count(hits=1, statements_avoided=11, seconds_saved=0.5))
"""
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: store.counters.add("f", Count(misses=1)), range(100)))
    assert [process.wait() for process in running] == [0, 0]
    assert store.counters.totals() == {"f": Count(200, 100, 2200, 100.0)}


def test_a_forked_process_has_connections_of_its_own(db_url: str, redis_url: str) -> None:
    program = f"""
import os, sys
from pathlib import Path
from flask import Flask
from data import redis_line
from data.cache import get_cache_uses, read
from data.cache_store import init_cache
from data.scope import Scope
from tests.data.questions import rich
redis_line.TIMEOUT_SECONDS = 10.0
server = Flask("other")
init_cache(server, Path("unused"), {redis_url!r})
with server.app_context():
    read({db_url!r}, rich, Scope())
    child = os.fork()
    for _ in range(50):
        read({db_url!r}, rich, Scope())
    if not child:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    print([use.hits for use in get_cache_uses()])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[100]\n"
    assert "Redis" not in ran.stderr


def _lock_of(client: redis.Redis, db_url: str, question: Callable[..., object]) -> str:
    """The name of the lock under which the answer is computed."""
    keys = []

    def ask(_session: object, _scope: Scope) -> int:
        keys.extend(client.scan_iter(match=f"{LOCKS}*"))
        return 7

    ask.__module__, ask.__qualname__ = question.__module__, question.__qualname__
    read(db_url, ask, Scope())
    clear_all_caches()
    return keys[0].decode()


@pytest.mark.usefixtures("store")
def test_who_died_while_computing_does_not_hold_up_the_others_for_ever(
    db_url: str, client: redis.Redis
) -> None:
    lock = _lock_of(client, db_url, count_vcenters)
    client.set(lock, "of a dead process", px=50)
    assert read(db_url, count_vcenters, Scope()) == 0
    assert client.get(lock) is None


@pytest.mark.usefixtures("store")
def test_who_waited_too_long_computes_for_himself(
    db_url: str, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_store, "PATIENCE_SECONDS", 0.03)
    lock = _lock_of(client, db_url, count_vcenters)
    client.set(lock, "of one that hangs")
    assert read(db_url, count_vcenters, Scope()) == 0
    assert client.get(lock) == b"of one that hangs"


def test_who_computes_has_a_lock_that_ends_by_itself(store: RedisStore, client: redis.Redis) -> None:
    with store.single_flight("answer", "f~1"):
        (lock,) = client.scan_iter(match=f"{LOCKS}*")
        assert 0 < client.pttl(lock) <= redis_store.HOLD_SECONDS * 1000
        client.set(lock, "of the next one")
    assert client.get(lock) == b"of the next one"


def test_who_waits_goes_on_with_the_answer_and_holds_no_connection_meanwhile(
    db_url: str, redis_url: str, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_line, "MAX_CONNECTIONS", 1)
    is_waited_for = threading.Event()
    monkeypatch.setattr(redis_store.time, "sleep", lambda _: is_waited_for.set())
    computed = []

    def slow(_session: object, _scope: Scope) -> int:
        computed.append(is_waited_for.wait(5))
        return 7

    with ThreadPoolExecutor(3) as threads:
        asked = []
        for _ in range(3):
            with at_work(redis_url):
                asked.append(threads.submit(copy_context().run, read, db_url, slow, Scope()))
    assert [future.result() for future in asked] == [7, 7, 7]
    assert computed == [True]


def test_redis_that_is_killed_and_started_again_is_told_once_each_way(
    db_url: str, own_server: RedisServer, looks_at_once: None, caplog: pytest.LogCaptureFixture
) -> None:
    with at_work(own_server.url()):
        read(db_url, rich, Scope())
        own_server.kill()
        for _ in range(5):
            let_look(db_url)
        assert get_cache_trouble() == "Redis cannot be reached: answers are computed anew instead of kept."
        assert get_cache_uses() == []
        assert [LOST in record.message for record in of_redis(caplog)] == [True]
        own_server.start()
        let_look(db_url)
        assert get_cache_trouble() is None
        for _ in range(3):
            assert read(db_url, rich, Scope()) == RICH
        assert uses()["rich"].misses == 1
    assert [BACK in record.message for record in of_redis(caplog)] == [False, True]
    assert own_server.password not in caplog.text


def test_connections_that_redis_closed_meanwhile_are_no_outage(
    db_url: str, own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    with at_work(own_server.url()):
        read(db_url, rich, Scope())
        own_server.stop()
        own_server.start()
        for _ in range(2):
            read(db_url, rich, Scope())
        assert (uses()["rich"].hits, uses()["rich"].misses) == (1, 1)
    assert of_redis(caplog) == []


@pytest.mark.usefixtures("no_looks", "little_patience")
def test_redis_that_hangs_is_waited_for_once(
    db_url: str, own_server: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with at_work(own_server.url()):
        read(db_url, rich, Scope())
        own_server.pause()
        sent = commands_of(monkeypatch)
        for _ in range(5):
            assert read(db_url, rich, Scope()) == RICH
            assert read(db_url, count_vcenters, Scope()) == 0
        assert len(sent) == 1
        assert get_cache_trouble() == (
            "Redis does not answer in time: answers are computed anew instead of kept."
        )
        own_server.resume()
    assert [LOST in record.message for record in of_redis(caplog)] == [True]


@pytest.mark.usefixtures("looks_at_once", "little_patience")
def test_redis_that_hung_is_used_again(db_url: str, own_server: RedisServer) -> None:
    with at_work(own_server.url()):
        read(db_url, rich, Scope())
        own_server.pause()
        let_look(db_url)
        own_server.resume()
        look_until_it_is_back(db_url)
        read(db_url, rich, Scope())
        assert uses()["rich"].hits == 1


def test_a_look_is_made_by_one_thread_at_a_time(
    db_url: str, own_server: RedisServer, monkeypatch: pytest.MonkeyPatch, looks_at_once: None
) -> None:
    looking, may_end = threading.Semaphore(0), threading.Event()
    with at_work(own_server.url()) as store:

        def look() -> bool:
            looking.release()
            return may_end.wait(5)

        monkeypatch.setattr(store._line, "answers", look)
        monkeypatch.setattr(redis_line, "LONGEST_LOOK_SECONDS", 3600.0)
        own_server.kill()
        for _ in range(5):
            read(db_url, count_vcenters, Scope())
        may_end.set()
        assert looking.acquire(timeout=5)
        assert not looking.acquire(blocking=False)


def test_an_answer_of_before_the_outage_is_not_given_after_a_write(
    db_url: str, own_server: RedisServer, looks_at_once: None, little_patience: None
) -> None:
    with at_work(own_server.url()):
        assert read(db_url, count_vcenters, Scope()) == 0
        own_server.pause()
        let_look(db_url)
        add_vcenter(DatabaseManager(db_url), "lab")
        assert read(db_url, count_vcenters, Scope()) == 1
        own_server.resume()
        look_until_it_is_back(db_url)
        assert read(db_url, count_vcenters, Scope()) == 1


def _wrong_password(server: RedisServer) -> str:
    return server.url().replace(server.password, "a-secret-of-mine")


def test_a_wrong_password_is_told_and_not_what_it_is(
    db_url: str, own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    with at_work(_wrong_password(own_server)):
        assert read(db_url, rich, Scope()) == RICH
        assert "Redis refuses the user or the password" in (get_cache_trouble() or "")
    assert [LOST in record.message for record in of_redis(caplog)] == [True]
    assert "a-secret-of-mine" not in caplog.text


def test_the_product_starts_without_redis(
    db_url: str, closed_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with at_work(f"redis://:secret@127.0.0.1:{closed_port}"):
        assert [read(db_url, rich, Scope()) for _ in range(2)] == [RICH, RICH]
    assert len(of_redis(caplog)) == 1


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$5\r\nab"])
def test_what_breaks_off_or_is_no_redis_is_an_outage(db_url: str, reply: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(100)
                    connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        with at_work(f"redis://127.0.0.1:{listening.getsockname()[1]}"):
            assert read(db_url, rich, Scope()) == RICH
            assert get_cache_trouble()
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.usefixtures("no_looks")
def test_threads_that_miss_together_without_redis_compute_once(
    db_url: str, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = threading.Semaphore(0)
    computed = []

    def slow(_session: object, _scope: Scope) -> int:
        computed.append([arrived.acquire(timeout=5) for _ in range(4)])
        return 7

    with at_work(f"redis://127.0.0.1:{closed_port}") as store:
        take_off = store.single_flight

        def noticed(kind: str, key: str) -> object:
            arrived.release()
            return take_off(kind, key)

        monkeypatch.setattr(store, "single_flight", noticed)
        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(copy_context().run, read, db_url, slow, Scope()) for _ in range(4)]
        assert [future.result() for future in asked] == [7] * 4
    assert computed == [[True] * 4]


@pytest.mark.usefixtures("no_looks")
def test_what_redis_did_not_take_stays_for_seconds_and_in_bounds(
    closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(redis_store.time, "monotonic", lambda: now)
    monkeypatch.setattr(redis_store, "SPARE_BYTES", 10)
    with at_work(f"redis://127.0.0.1:{closed_port}") as store:
        for key in "abc":
            store.set(key, b"1234", 60)
        assert [store.get(key) for key in "abc"] == [None, b"1234", b"1234"]
        store.set("big", b"12345678901", 60)
        assert [store.get(key) for key in ("b", "c", "big")] == [None] * 3
        store.set("c", b"1234", 60)
        now += redis_store.SPARE_SECONDS
        assert store.get("c") is None
        store.set("d", b"123456789", 60)
        assert store.get("d") == b"123456789"


def test_a_full_redis_keeps_no_answer_and_fails_nothing(
    db_url: str, own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    with at_work(own_server.url()) as store, redis.Redis.from_url(own_server.url()) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 1)
        assert [read(db_url, rich, Scope()) for _ in range(3)] == [RICH] * 3
        assert "Redis is full" in (get_cache_trouble() or "")
        assert store.entries() == []
        client.config_set("maxmemory", 0)
        read(db_url, count_vcenters, Scope())
        assert get_cache_trouble() is None
        assert len(store.entries()) == 1
    assert ["Redis is full" in record.message for record in of_redis(caplog)] == [True]


def test_a_user_who_may_only_read_is_told_as_a_refusal(
    db_url: str, own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    with redis.Redis.from_url(own_server.url()) as client:
        client.execute_command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@read", "+@connection")
    url = own_server.url().replace(f":{own_server.password}@", "reader:secret@")
    with at_work(url):
        assert [read(db_url, rich, Scope()) for _ in range(3)] == [RICH] * 3
        assert "Redis refuses commands" in (get_cache_trouble() or "")
    assert len(of_redis(caplog)) == 1


@pytest.mark.usefixtures("no_looks", "little_patience")
def test_what_cannot_be_cleared_is_said(db_url: str, own_server: RedisServer) -> None:
    with at_work(own_server.url()):
        read(db_url, rich, Scope())
        own_server.pause()
        with pytest.raises(CacheUnavailableError, match="could not be cleared"):
            clear_all_caches()
        with pytest.raises(CacheUnavailableError, match="could not be cleared"):
            clear_cache_for_function(rich)
        own_server.resume()


def test_a_socket_of_this_machine_will_do(db_url: str, redis_server: AnyServer) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(RedisServer(unixsocket="redis.sock", unixsocketperm="777"))
        stack.enter_context(at_work(f"unix://{server.directory}/redis.sock?password={server.password}&db=3"))
        for _ in range(2):
            read(db_url, rich, Scope())
        assert uses()["rich"].hits == 1


def test_the_number_of_a_database_keeps_products_apart(db_url: str, own_server: RedisServer) -> None:
    for number in ("1", "2"):
        with at_work(own_server.url(number)):
            read(db_url, rich, Scope())
            assert uses()["rich"].misses == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://:secret@host",
        "host:6379",
        "redis://:secret@host:port",
        "redis://:secret@host?unknown=1",
        "redis://:secret@host?db=x",
        "rediss://:secret@host?ssl_cert_reqs=maybe",
        "redis://[::1",
    ],
)
def test_a_url_that_cannot_be_used_stops_the_start(url: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^VMWARE_INV_CACHE_REDIS_URL is not the URL") as refusal:
        init_cache(Flask("test"), Path("unused"), url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["redis://", "redis://me:p%40ss@[::1]:6380/2", "rediss://cache?ssl_ca_certs=/etc/ca.pem"]
)
def test_a_url_in_any_form_is_read(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_line.RedisLine, "answers", lambda _: True)
    init_cache(Flask("test"), Path("unused"), url)


def test_without_the_client_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.cache_store.find_spec", lambda _: None)
    with pytest.raises(InvalidInputError, match=r"requirements-redis\.txt"):
        init_cache(Flask("test"), Path("unused"), "redis://host")
