"""The one door to the data: answers of queries and drawn bodies, cached in three tiers.

A key holds the database, the function, its arguments, the generation of the data and the state of the
program's files, so an answer is never stale after a write or an update, and nothing need be cleared by hand. The
tiers bound memory and age all the same. All workers share one store; one miss computes while the others wait.
"""

from __future__ import annotations

import functools
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any, Concatenate, ParamSpec, TypeVar, get_type_hints

import msgspec
import pandas as pd
from sqlalchemy.orm import Session

from data.answers import Plan, counted, encode, key_of, refuse, through
from data.cache_store import MAX_AGE_SECONDS, current_store
from data.counters import Count
from data.database import get_engine, get_session_factory
from data.generations import current_generation
from data.queries.choices import list_clusters, list_datacenters, list_power_states
from data.queries.counts import count_machines, total_resources
from data.queries.labels import list_label_keys, list_label_values
from data.queries.quality import get_data_quality
from data.results import CacheUse, DataQuality, ResourceTotals, VmCounts
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
    "machine.get_machine": Tier.NEVER,  # mixes texts and times in one place, which no typed codec gives back
    "machine.get_machine_rows": Tier.NEVER,
    "machine.get_placement": Tier.NEVER,
    "machines.find_machine_ids": Tier.NEVER,  # up to all of them, and asked for once
    "palette.find_named_machines": Tier.NEVER,  # a text for each letter typed
    "palette.list_places": Tier.LONG,
    "jobs.rows.get_job": Tier.NEVER,  # a job moves on without a new generation
    "jobs.rows.list_open_jobs": Tier.NEVER,
}
"""The queries that are not in the tier MEDIUM. Frames are never kept."""

BODIES = "drawn."
"""Begins the name of every drawn body."""
_decode_parts = msgspec.msgpack.Decoder(list[bytes]).decode
_skip_json = msgspec.json.Decoder(msgspec.Raw).decode


def read_generation(db_url: str) -> str:
    """The generation of a database's data, in one statement.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> read_generation("sqlite:///:memory:") == read_generation("sqlite:///:memory:")
        True
    """
    with driver_errors(), get_engine(db_url).connect() as connection:
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
        >>> upgrade_schema("sqlite:///:memory:")
        >>> def double(session: Session, scope: Scope, *, number: int) -> int:
        ...     return 2 * number
        >>> read("sqlite:///:memory:", double, Scope(), number=21)
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
    plan: Plan[T] = _plan(query)

    def run() -> T:
        with get_session_factory(db_url)() as session, driver_errors(), counted(session):
            return query(session, scope, *args, **options)

    if not plan.seconds:
        return run()
    key = key_of(plan.name, db_url, generation, scope, args, options)
    return through(key, plan, lambda: encode(run()))


def stream(
    db_url: str,
    query: Callable[Concatenate[Session, Scope, P], Iterator[T]],
    scope: Scope,
    /,
    *args: P.args,
    **options: P.kwargs,
) -> Iterator[T]:
    """What a query yields, never cached. Between two items no transaction is open and no connection is held."""
    with get_session_factory(db_url)() as session, driver_errors():
        for item in query(session, scope, *args, **options):
            session.rollback()  # whoever reads may take minutes
            yield item


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
        build: Makes the parts, each of them JSON; may call `read`, not `draw`.
    """
    decode = _decode_parts if current_store().is_private else _decode_checked_parts
    plan = Plan(BODIES + name, "body", Tier.MEDIUM, decode)
    return through(key_of(plan.name, db_url, generation, scope, arguments), plan, lambda: encode(build()))


def clear_all_caches() -> int:
    """Forget every answer, in all workers; returns how many there were.

    Raises:
        CacheUnavailableError: the shared cache is away, and would come back with its answers.

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

    Raises:
        CacheUnavailableError: the shared cache is away, and would come back with its answers.

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


def get_cache_trouble() -> str | None:
    """A sentence about what keeps answers from being kept, or None.

    Example:
        >>> get_cache_trouble() is None
        True
    """
    return current_store().trouble()


def get_datacenters(db_url: str, scope: Scope | None = None) -> list[str]:
    """Names of the datacenters of a scope's machines, in alphabetical order; kept 300 s.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> get_datacenters("sqlite:///:memory:")
        []
    """
    return read(db_url, list_datacenters, scope or Scope())


def get_clusters(db_url: str, scope: Scope | None = None) -> list[str]:
    """Names of the clusters of a scope's machines, in alphabetical order; kept 300 s.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> get_clusters("sqlite:///:memory:")
        []
    """
    return read(db_url, list_clusters, scope or Scope())


def get_power_states(db_url: str, scope: Scope | None = None) -> list[str]:
    """Power states of a scope's machines, as RVTools writes them; kept 300 s.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> get_power_states("sqlite:///:memory:")
        []
    """
    return read(db_url, list_power_states, scope or Scope())


def get_vm_counts(db_url: str, scope: Scope | None = None) -> VmCounts:
    """Machines of a scope by power state, and templates; kept 60 s.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> get_vm_counts("sqlite:///:memory:").total
        0
    """
    return read(db_url, count_machines, scope or Scope())


def get_resource_totals(db_url: str, scope: Scope | None = None) -> ResourceTotals:
    """vCPUs, memory and storage of a scope's machines, in MiB; kept 300 s.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> get_resource_totals("sqlite:///:memory:").vcpus is None
        True
    """
    return read(db_url, total_resources, scope or Scope())


def get_data_quality_metrics(db_url: str, scope: Scope | None = None) -> DataQuality:
    """How completely a scope's machines are described; kept 300 s.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> get_data_quality_metrics("sqlite:///:memory:").completeness_pct is None
        True
    """
    return read(db_url, get_data_quality, scope or Scope())


def get_label_keys(db_url: str, scope: Scope | None = None) -> list[str]:
    """Keys of all labels, in alphabetical order; kept 1800 s.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> get_label_keys("sqlite:///:memory:")
        []
    """
    return read(db_url, list_label_keys, scope or Scope())


def get_label_values(db_url: str, key: str | None = None, scope: Scope | None = None) -> list[str]:
    """Values of the labels with a key, or of all labels, in alphabetical order; kept 1800 s.

    Example:
        >>> from data.database import upgrade_schema
        >>> upgrade_schema("sqlite:///:memory:")
        >>> get_label_values("sqlite:///:memory:", "owner")
        []
    """
    return read(db_url, list_label_values, scope or Scope(), key=key)


EIGHT: dict[Callable[..., Any], Callable[..., Any]] = {
    get_datacenters: list_datacenters,
    get_clusters: list_clusters,
    get_power_states: list_power_states,
    get_vm_counts: count_machines,
    get_resource_totals: total_resources,
    get_data_quality_metrics: get_data_quality,
    get_label_keys: list_label_keys,
    get_label_values: list_label_values,
}
"""The functions above and the queries that they read."""


def _decode_checked_parts(content: bytes | memoryview) -> list[bytes]:
    """Parts of a body that anybody may have written: each is one JSON value, and nothing follows it."""
    parts = _decode_parts(content)
    for part in parts:
        _skip_json(part)
    return parts


@functools.lru_cache(maxsize=512)
def _plan(query: Callable[..., Any]) -> Plan[Any]:
    name = _name(query)
    tier = TIERS.get(name, Tier.MEDIUM)
    answer = get_type_hints(query)["return"]
    if tier is Tier.NEVER or answer is pd.DataFrame:
        return Plan(name, "answer", Tier.NEVER, refuse)
    return Plan(name, "answer", tier, msgspec.msgpack.Decoder(answer).decode)


def _name(function: Callable[..., Any]) -> str:
    """Module and name, short and fit for a file name."""
    name = f"{function.__module__}.{function.__qualname__}".removeprefix("data.").removeprefix("queries.")
    return re.sub(r"[^\w.-]", "", name)[-80:]
