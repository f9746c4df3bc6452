"""One answer through the cache: found, or computed once while others wait, counted in any case."""

from __future__ import annotations

import functools
import hashlib
import logging
import math
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import msgspec
from sqlalchemy import event, make_url
from sqlalchemy.orm import Session

from data.cache_store import Store, current_store
from data.counters import Count

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """How the answers of one function are kept."""

    name: str
    kind: Literal["answer", "body"]
    seconds: int
    """0: not kept."""
    decode: Callable[[bytes | memoryview], T]


@dataclass(slots=True)
class _Cost:
    kind: Literal["answer", "body"]
    statements: int = 0


_HEADER = struct.Struct("<Id")
"""What an answer cost, before its bytes: statements, seconds."""
_cost: ContextVar[_Cost | None] = ContextVar("cost", default=None)


def refuse(value: object) -> Any:
    """Whatever the codec does not know is a mistake, in a key as in an answer."""
    raise TypeError(f"A {type(value).__name__} can be neither part of a cache key nor cached.")


encode = msgspec.msgpack.Encoder(enc_hook=refuse, order="deterministic").encode


def key_of(name: str, db_url: str, generation: str, *arguments: object) -> str:
    """The key of an answer: equal for equal arguments in every process.

    Raises:
        TypeError: an argument is of a type without a fixed form.

    Example:
        >>> key_of("f", "sqlite://", "i1", {"a": 1, "b": 2}) == key_of("f", "sqlite://", "i1", {"b": 2, "a": 1})
        True
    """
    content = encode((PROGRAM, _place(db_url), generation, arguments))
    return f"{name}~{hashlib.blake2b(content, digest_size=16).hexdigest()}"


def through(key: str, plan: Plan[T], compute: Callable[[], bytes]) -> T:
    """The answer under a key, or else what `compute` makes and is then kept.

    Raises:
        RuntimeError: asked for while another one is computed, other than a body's answers: it could wait for itself.
    """
    outer = _cost.get()
    if outer and (outer.kind, plan.kind) != ("body", "answer"):
        raise RuntimeError(f"{plan.name} is asked for while another {outer.kind} is computed.")
    store = current_store()
    found = _found(store, key, plan)
    if found:
        return found[0]
    with store.single_flight(plan.kind, key):
        found = _found(store, key, plan)  # by now another thread may have it
        if found:
            return found[0]
        with _costing(plan.kind) as cost:
            started = time.perf_counter()
            content = compute()
            seconds = time.perf_counter() - started
        answer = plan.decode(content)  # a miss and a hit give the same
        store.set(key, _HEADER.pack(cost.statements, seconds) + content, timeout=plan.seconds)
        store.counters.add(plan.name, Count(misses=1))
        log.debug("cache miss %s: %d statements, %.3f s", key, cost.statements, seconds)
        return answer


def _found(store: Store, key: str, plan: Plan[T]) -> tuple[T] | None:
    stored = store.get(key)
    if stored is None:
        return None
    try:
        statements, seconds = _HEADER.unpack_from(stored)
        answer = plan.decode(memoryview(stored)[_HEADER.size :])
    except (struct.error, msgspec.DecodeError, RecursionError):
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        log.warning("A damaged answer in the cache is made anew: %s", key)
        return None
    _charge(statements)
    store.counters.add(plan.name, Count(hits=1, statements_avoided=statements, seconds_saved=seconds))
    log.debug("cache hit %s", key)
    return (answer,)


@contextmanager
def _costing(kind: Literal["answer", "body"]) -> Iterator[_Cost]:
    """Adds up the statements of a computation, including those that nested hits avoid."""
    cost = _Cost(kind)
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
def counted(session: Session) -> Iterator[None]:
    """Charge the statements of a session to the answer that is being computed, if one is."""
    if _cost.get() is None:
        yield
        return
    connection = session.connection()

    def count(*_: object) -> None:
        _charge(1)

    event.listen(connection, "before_cursor_execute", count)
    yield


@functools.lru_cache(maxsize=64)
def _place(db_url: str) -> tuple[object, ...]:
    """The same for all who reach a database, whatever their driver, user and password are, and for nobody else."""
    url = make_url(db_url)
    is_of_this_host = url.host in {None, "", "localhost", "127.0.0.1", "::1"}
    options = {
        name: value
        for name, value in url.query.items()
        if name != "user" and "pass" not in name and not name.startswith("ssl")
    }
    host = (socket.gethostname() if is_of_this_host else "", url.host)
    return (url.get_backend_name(), *host, url.port, url.database, options)


def digest_of(program: Path) -> str:
    """Stands for the content of a program's files: other files, other answers; the same on every host."""
    files = [file for folder in ("data", "layouts", "callbacks") for file in (program / folder).rglob("*.py")]
    libraries = program / "requirements.txt"
    if libraries.exists():
        files.append(libraries)
    digest = hashlib.blake2b(digest_size=8)
    for name, file in sorted((file.relative_to(program).as_posix(), file) for file in files):
        digest.update(encode((name, file.read_bytes())))
    return digest.hexdigest()


PROGRAM = digest_of(Path(__file__).parents[1])
"""Of the files as this process loaded them: 10 ms once, before workers are forked."""
