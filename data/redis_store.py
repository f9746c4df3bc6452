"""Where cached answers lie when several hosts share them: in Redis, which holds the cache and never the truth.

Without Redis every answer is computed: what goes wrong here is told in the log and in the cache controls, and raised
nowhere. A value is the time at which it was written and the bytes of the answer.
"""

from __future__ import annotations

import secrets
import struct
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from flask_caching.backends.base import BaseCache

from data.cache_store import Entry
from data.counters import Count
from data.errors import CacheUnavailableError
from data.redis_line import RedisLine

PREFIX = "vmware-inventory:"
ANSWERS = f"{PREFIX}answer:"
LOCKS = f"{PREFIX}lock:"
COUNTS = f"{PREFIX}counts"
COUNTS_SECONDS = 7 * 86_400
"""The counters go when nothing was computed for so long."""
CHUNK = 500
"""Commands of one round trip."""

HOLD_SECONDS = 5.0
"""Who computes longer, or died, no longer keeps another process from computing."""
PATIENCE_SECONDS = 2 * HOLD_SECONDS
"""Who waited so long computes for himself."""
SHORTEST_POLL_SECONDS = 0.002
LONGEST_POLL_SECONDS = 0.01
STRIPES = 256

SPARE_SECONDS = 5.0
SPARE_BYTES = 16 * 1024**2
"""What Redis did not take stays in this process, so long and so much of it."""

_WRITTEN = struct.Struct("<d")
_RELEASE = """
if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("unlink", KEYS[1]) end
return 0
"""
"""Gives a lock back, unless its time was over and somebody else has it."""


class RedisCounters:
    """What the cache did, counted by all processes in one hash: three numbers for each function.

    Args:
        line: To Redis; while it is away nothing is counted.
    """

    FIELDS = ("hits", "misses", "statements", "microseconds")

    def __init__(self, line: RedisLine) -> None:
        self._line = line

    def add(self, name: str, count: Count) -> None:
        """Add to the numbers of `name`, in one round trip."""
        numbers = (count.hits, count.misses, count.statements_avoided, int(count.seconds_saved * 1e6))

        def send(client: Any) -> None:
            with client.pipeline(transaction=False) as pipe:
                for field, number in zip(self.FIELDS, numbers, strict=True):
                    if number:
                        pipe.hincrby(COUNTS, f"{name} {field}", number)
                if count.misses:
                    pipe.expire(COUNTS, COUNTS_SECONDS)
                pipe.execute()

        self._line.ask(send, None)

    def totals(self) -> dict[str, Count]:
        """The numbers of every function that was counted, by all processes together."""
        stored: dict[bytes, bytes] = self._line.ask(lambda client: client.hgetall(COUNTS), {})
        found: dict[str, dict[str, int]] = {}
        for key, value in stored.items():
            name, _, field = key.decode(errors="replace").rpartition(" ")
            if field in self.FIELDS and value.isdigit():
                found.setdefault(name, {})[field] = int(value)
        return {
            name: Count(
                numbers.get("hits", 0),
                numbers.get("misses", 0),
                numbers.get("statements", 0),
                numbers.get("microseconds", 0) / 1e6,
            )
            for name, numbers in found.items()
        }


class _Spare:
    """The newest answers that Redis did not take, so that threads that waited for one are handed it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> bytes | None:
        until, answer = self._answers.get(key, (0.0, None))
        return answer if time.monotonic() < until else None

    def set(self, key: str, answer: bytes) -> None:
        with self._lock:
            self._drop(key)
            self._answers[key] = (time.monotonic() + SPARE_SECONDS, answer)
            self._size += len(answer)
        self.sweep()

    def sweep(self) -> None:
        """Remove what is past its time, then the oldest until the rest has room."""
        with self._lock:
            while self._answers:
                oldest = next(iter(self._answers))
                if self._size <= SPARE_BYTES and time.monotonic() < self._answers[oldest][0]:
                    break
                self._drop(oldest)

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._size = 0

    def _drop(self, key: str) -> None:
        _, answer = self._answers.pop(key, (0.0, b""))
        self._size -= len(answer)


class RedisStore(BaseCache):
    """Answers in one Redis, for any number of hosts; in this process alone while it is away.

    Raises:
        InvalidInputError: the URL cannot be used.
    """

    kind = "redis"
    is_private = False

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(**options)
        self._line = RedisLine(url)
        self._spare = _Spare()
        self._stripes = {kind: [threading.Lock() for _ in range(STRIPES)] for kind in ("body", "answer")}
        self.counters = RedisCounters(self._line)
        self._line.answers()  # or else a wrong password is told of at the first request

    @classmethod
    def factory(cls, _app: Any, config: dict[str, Any], _args: list[Any], options: dict[str, Any]) -> Self:
        """As Flask-Caching makes it."""
        return cls(config["CACHE_REDIS_URL"], **options)

    def get(self, key: str) -> bytes | memoryview | None:
        """An answer that is there; one round trip."""
        value = self._line.ask(lambda client: client.get(ANSWERS + key), None)
        if value is None:
            return self._spare.get(key) if self._line.trouble() else None
        return memoryview(value)[_WRITTEN.size :]

    def set(self, key: str, value: bytes, timeout: Any = None) -> bool:
        """Keep an answer for `timeout` seconds, or for a few in this process if Redis does not take it."""
        written = _WRITTEN.pack(time.time()) + value
        seconds = int(timeout or self.default_timeout)
        if self._line.ask(lambda client: client.set(ANSWERS + key, written, ex=seconds), None):
            self._line.note_service()
            self._spare.sweep()
            return True
        self._spare.set(key, value)
        return False

    def entries(self) -> list[Entry]:
        """What is stored in Redis, in no order."""
        return self._line.ask(self._entries, [])

    def remove(self, wanted: Callable[[str], bool]) -> int:
        """Remove the answers whose name is wanted; returns how many.

        Raises:
            CacheUnavailableError: Redis is away: what it holds would come back with it.
        """

        def unlink(client: Any) -> int:
            return sum(
                client.unlink(*(ANSWERS + key for key in keys))
                for chunk in _chunks(client)
                if (keys := [key for key in chunk if wanted(key.rpartition("~")[0])])
            )

        self._spare.clear()
        removed = self._line.ask(unlink, None)
        if removed is None:
            raise CacheUnavailableError(f"Redis {self._line.trouble()}, so its answers could not be cleared.")
        return removed

    @contextmanager
    def single_flight(self, kind: str, key: str) -> Iterator[None]:
        """One thread of this process at a time, and of all processes while they ask Redis.

        Another process that dies holds up the others for 5 s.
        """
        with self._stripes[kind][zlib.crc32(key.encode()) % STRIPES]:
            token = secrets.token_hex(8)
            lock = f"{LOCKS}{kind}:{key}"
            is_held = self._wait(lock, token, key)
            try:
                yield
            finally:
                if is_held:
                    self._line.ask(lambda client: client.eval(_RELEASE, 1, lock, token), None)

    def trouble(self) -> str | None:
        """A sentence for the cache controls."""
        trouble = self._line.trouble()
        return f"Redis {trouble}: answers are computed anew instead of kept." if trouble else None

    def answers(self) -> bool:
        """Whether Redis answers."""
        return self._line.answers()

    def _wait(self, lock: str, token: str, key: str) -> bool:
        """Wait for the lock, which is told by True, or for the answer of who has it, or for as long as is sensible."""

        def look(client: Any) -> tuple[Any, Any]:
            with client.pipeline(transaction=False) as pipe:
                pipe.set(lock, token, nx=True, px=int(HOLD_SECONDS * 1000))
                pipe.exists(ANSWERS + key)
                taken, found = pipe.execute()
                return taken, found

        until = time.monotonic() + PATIENCE_SECONDS
        pause = SHORTEST_POLL_SECONDS
        while time.monotonic() < until:
            taken, found = self._line.ask(look, (False, True))
            if taken or found:
                return bool(taken)
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_POLL_SECONDS)
        return False

    @staticmethod
    def _entries(client: Any) -> list[Entry]:
        entries = []
        for keys in _chunks(client):
            with client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.getrange(ANSWERS + key, 0, _WRITTEN.size - 1)
                    pipe.strlen(ANSWERS + key)
                replies = pipe.execute(raise_on_error=False)
            for key, written, size in zip(keys, replies[::2], replies[1::2], strict=True):
                if isinstance(written, bytes) and len(written) == _WRITTEN.size:  # or else gone, or not ours
                    entries.append(Entry(key, _WRITTEN.unpack(written)[0], size))
        return entries


def _chunks(client: Any) -> Iterator[list[str]]:
    """The keys of all answers, some at a time."""
    found = client.scan_iter(match=f"{ANSWERS}*", count=2 * CHUNK)
    keys = list({key.decode(errors="replace").removeprefix(ANSWERS) for key in found})
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
