"""The one door to the data: answers of queries and drawn bodies, cached in three tiers.

A key holds the database, the function, its arguments, the generation of the data and the state of the
program's files, so an answer is never stale after a write or an update, and nothing need be cleared by hand. The
tiers bound memory and age all the same. All workers share one store; one miss computes while the others wait.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

import msgspec
import pandas as pd
from sqlalchemy import event
from sqlalchemy.orm import Session

from data.cache_store import MAX_AGE_SECONDS, SharedStore, current_store
from data.counters import Count
from data.database import get_engine, get_session_factory
from data.generations import current_generation
from data.results import CacheUse
from data.scope import Scope
from data.validation import driver_errors

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

CACHE_TTL_SHORT = 60
CACHE_TTL_MEDIUM = 300
CACHE_TTL_LONG = MAX_AGE_SECONDS
"""Seconds: 60, 300 and 1800."""


class Tier(IntEnum):
    """How long an answer is kept, in seconds."""

    NEVER = 0
    SHORT = CACHE_TTL_SHORT
    MEDIUM = CACHE_TTL_MEDIUM
    LONG = CACHE_TTL_LONG


TIERS = {
    "counts.count_machines": Tier.SHORT,
    "labels.list_label_keys": Tier.LONG,
    "labels.list_label_values": Tier.LONG,
    "machines.get_machine": Tier.NEVER,  # mixes texts and times in one place, which no typed codec gives back
    "ingest.jobs.get_job": Tier.NEVER,  # a job moves on without a new generation
}
"""The queries that are not in the tier MEDIUM. Frames are never kept."""

BODIES = "drawn."
"""Begins the name of every drawn body."""
PROGRAM = Path(__file__).parents[1]


def read_generation(db_url: str) -> str:
    """The generation of a database's data, in one statement.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite://")
        >>> read_generation("sqlite://")
        ''
    """
    with get_engine(db_url).connect() as connection:
        return current_generation(connection)


def read(
    db_url: str,
    query: Callable[Concatenate[Session, Scope, P], T],
    scope: Scope,
    /,
    *args: P.args,
    **options: P.kwargs,
) -> T:
    """The answer of `query(session, scope, *args, **options)`, from the cache if it is there.

    Raises:
        TypeError: an argument cannot be part of a key, or the answer's type cannot be kept.
        DataError: what the query raises, or the driver's refusal in our words.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite://")
        >>> def double(session: Session, scope: Scope, *, number: int) -> int:
        ...     return 2 * number
        >>> read("sqlite://", double, Scope(), number=21)
        42
    """
    return read_at(db_url, read_generation(db_url), query, scope, *args, **options)


def read_at(
    db_url: str,
    generation: str,
    query: Callable[Concatenate[Session, Scope, P], T],
    scope: Scope,
    /,
    *args: P.args,
    **options: P.kwargs,
) -> T:
    """Like `read`, where the generation was read already."""
    plan: _Plan[T] = _plan(query)

    def run() -> T:
        with get_session_factory(db_url)() as session, driver_errors(), _counted(session):
            return query(session, scope, *args, **options)

    if plan.tier is Tier.NEVER:
        return run()
    key = _key(plan.name, db_url, generation, scope, args, options)
    return _through(key, plan, lambda: _encode(run()))


def stream(
    db_url: str,
    query: Callable[Concatenate[Session, Scope, P], Iterator[T]],
    scope: Scope,
    /,
    *args: P.args,
    **options: P.kwargs,
) -> Iterator[T]:
    """What a query yields, never cached; the session stays open until the last item."""
    with get_session_factory(db_url)() as session, driver_errors():
        yield from query(session, scope, *args, **options)


def draw(
    db_url: str,
    generation: str,
    name: str,
    scope: Scope,
    *,
    arguments: Sequence[object],
    build: Callable[[], list[bytes]],
) -> list[bytes]:
    """The parts that `build` makes, from the cache if they are there.

    Args:
        db_url: Which database the parts tell of.
        generation: Of that database.
        name: What is drawn; one name, one `build`.
        scope: Part of the key, like the arguments.
        arguments: All that the parts depend on besides the data.
        build: Makes the parts; may call `read`, not `draw`.
    """
    plan = _Plan(BODIES + name, Tier.MEDIUM, _decode_parts)
    return _through(_key(plan.name, db_url, generation, scope, arguments), plan, lambda: _encode(build()))


def clear_all_caches() -> int:
    """Forget every answer, in all workers; returns how many there were.

    Example:
        >>> clear_all_caches() >= 0
        True
    """
    removed = current_store().remove(lambda _: True)
    log.info("Cleared the cache: %d answers", removed)
    return removed


def clear_cache_for_function(function: str | Callable[..., Any]) -> int:
    """Forget the answers of one function and all drawn bodies, in all workers; returns how many.

    Args:
        function: The query, one of the eight functions below, or a name of `get_cache_uses`.

    Example:
        >>> clear_cache_for_function("counts.count_machines") >= 0
        True
    """
    name = function if isinstance(function, str) else _name(EIGHT.get(function, function))
    removed = current_store().remove(lambda found: found == name or found.startswith(BODIES))
    log.info("Cleared the cache of %s: %d answers", name, removed)
    return removed


def get_cache_uses() -> list[CacheUse]:
    """What the cache did for each function, by name; all workers together."""
    store = current_store()
    counts = store.counters.totals()
    entries = [entry for entry in store.entries() if entry.name]
    uses = []
    for name in sorted({*counts, *(entry.name for entry in entries)}):
        own = [entry for entry in entries if entry.name == name]
        count = counts.get(name, Count())
        oldest = min((entry.written_at for entry in own), default=None)
        uses.append(
            CacheUse(
                function=name,
                hits=count.hits,
                misses=count.misses,
                entries=len(own),
                size_bytes=sum(entry.size_bytes for entry in own),
                oldest_age_seconds=None if oldest is None else max(0.0, time.time() - oldest),
                statements_avoided=count.statements_avoided,
                seconds_saved=count.seconds_saved,
            )
        )
    return uses


EIGHT: dict[Callable[..., Any], Callable[..., Any]] = {}


@dataclass(frozen=True, slots=True)
class _Plan(Generic[T]):
    name: str
    tier: Tier
    decode: Callable[[bytes | memoryview], T]


@dataclass(slots=True)
class _Cost:
    statements: int = 0


_HEADER = struct.Struct("<Id")
"""What an answer cost, before its bytes: statements, seconds."""
_cost: ContextVar[_Cost | None] = ContextVar("cost", default=None)
_decode_parts = msgspec.msgpack.Decoder(list[bytes]).decode


def _refuse(value: object) -> Any:
    raise TypeError(f"A {type(value).__name__} can be neither part of a cache key nor cached.")


_encode = msgspec.msgpack.Encoder(enc_hook=_refuse, order="deterministic").encode


def _through(key: str, plan: _Plan[T], compute: Callable[[], bytes]) -> T:
    store = current_store()
    found = _found(store, key, plan)
    if found:
        return found[0]
    with store.single_flight("body" if plan.name.startswith(BODIES) else "answer", key):
        found = _found(store, key, plan)  # by now another thread may have it
        if found:
            return found[0]
        with _costing() as cost:
            started = time.perf_counter()
            content = compute()
            seconds = time.perf_counter() - started
        answer = plan.decode(content)  # a miss and a hit give the same
        store.set(key, _HEADER.pack(cost.statements, seconds) + content, timeout=int(plan.tier))
        store.counters.add(plan.name, Count(misses=1))
        log.debug("cache miss %s: %d statements, %.3f s", key, cost.statements, seconds)
        return answer


def _found(store: SharedStore, key: str, plan: _Plan[T]) -> tuple[T] | None:
    stored = store.get(key)
    if stored is None:
        return None
    try:
        statements, seconds = _HEADER.unpack_from(stored)
        answer = plan.decode(memoryview(stored)[_HEADER.size :])
    except (struct.error, msgspec.DecodeError):
        log.warning("A damaged answer in the cache is made anew: %s", key)
        return None
    _charge(statements)
    store.counters.add(plan.name, Count(hits=1, statements_avoided=statements, seconds_saved=seconds))
    log.debug("cache hit %s", key)
    return (answer,)


@contextmanager
def _costing() -> Iterator[_Cost]:
    """Adds up the statements of a computation, including those that nested hits avoid."""
    cost = _Cost()
    token = _cost.set(cost)
    try:
        yield cost
    finally:
        _cost.reset(token)
        _charge(cost.statements)


def _charge(statements: int) -> None:
    cost = _cost.get()
    if cost:
        cost.statements += statements


@contextmanager
def _counted(session: Session) -> Iterator[None]:
    if _cost.get() is None:
        yield
        return
    connection = session.connection()

    def count(*_: object) -> None:
        _charge(1)

    event.listen(connection, "before_cursor_execute", count)
    yield


@functools.lru_cache(maxsize=512)
def _plan(query: Callable[..., Any]) -> _Plan[Any]:
    name = _name(query)
    tier = TIERS.get(name, Tier.MEDIUM)
    answer = get_type_hints(query)["return"]
    if tier is Tier.NEVER or answer is pd.DataFrame:
        return _Plan(name, Tier.NEVER, _refuse)
    return _Plan(name, tier, msgspec.msgpack.Decoder(answer).decode)


def _name(function: Callable[..., Any]) -> str:
    """Module and name, short and fit for a file name."""
    name = f"{function.__module__}.{function.__qualname__}".removeprefix("data.").removeprefix("queries.")
    return re.sub(r"[^\w.-]", "", name)[-80:]


def _key(name: str, db_url: str, generation: str, *arguments: object) -> str:
    content = _encode((_program(), db_url, generation, arguments))
    return f"{name}~{hashlib.blake2b(content, digest_size=16).hexdigest()}"


@functools.lru_cache(maxsize=1)
def _program() -> str:
    """Stands for the program's files as this process found them: other files, other answers."""
    files = [file for folder in ("data", "layouts", "callbacks") for file in (PROGRAM / folder).rglob("*.py")]
    state = sorted((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    return hashlib.blake2b(_encode(state), digest_size=8).hexdigest()
