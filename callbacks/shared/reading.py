"""How callbacks ask the data: by scope. Which database a scope means is known here and nowhere in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

import orjson
from dash.development.base_component import Component
from flask import Flask, current_app, g

from data import cache
from data.errors import NotFoundError
from data.results import AttentionLimits, RetentionRule
from data.scope import Scope
from layouts.shared.components import Content

P = ParamSpec("P")
T = TypeVar("T")
Drawing = Content | Mapping[str, object]
"""Content of a component, or the value of a property, such as a grid's block of rows."""
EXTENSION = "inventory"


@dataclass(frozen=True, slots=True)
class _Connected:
    databases: Mapping[str, str]
    limits: AttentionLimits
    results_per_page: int
    retention: RetentionRule


DEFAULT_RETENTION = RetentionRule()


def connect(
    server: Flask,
    *,
    databases: Mapping[str, str],
    limits: AttentionLimits,
    results_per_page: int = 100,
    retention: RetentionRule = DEFAULT_RETENTION,
) -> None:
    """Tell an app its databases (name -> URL, the default one first) and what else callbacks need of the settings.

    Example:
        >>> server = Flask("example")
        >>> connect(server, databases={"default": "sqlite://"}, limits=AttentionLimits())
        >>> with server.app_context():
        ...     database_names(), limits().snapshot_days
        (('default',), 7)
    """
    server.extensions[EXTENSION] = _Connected(dict(databases), limits, results_per_page, retention)


def read(
    query: Callable[Concatenate[Any, Scope, P], T], scope: Scope, /, *args: P.args, **options: P.kwargs
) -> T:
    """The answer of `query` for a scope, from the cache if it is there.

    Raises:
        NotFoundError: the scope names a database that is not configured.
        DataError: what the query raises, or the driver's refusal in our words.
    """
    return cache.read_at(database_url(scope), _generation(scope), query, scope, *args, **options)


def stream(
    query: Callable[Concatenate[Any, Scope, P], Iterator[T]],
    scope: Scope,
    /,
    *args: P.args,
    **options: P.kwargs,
) -> Iterator[T]:
    """What `query` yields for a scope, for downloads: never cached, and usable after the request."""
    return cache.stream(database_url(scope), query, scope, *args, **options)


def drawn(name: str, scope: Scope, build: Callable[[], Drawing], *arguments: object) -> orjson.Fragment:
    """What `build` draws for a component's property, as JSON that Dash sends as it is; drawn once per key.

    It depends on nothing but the data, the scope, the limits and `arguments`: a body holds no theme, no setting
    of a person and no time of day. A test sees the tree with `orjson.loads(orjson.dumps(fragment))`.

    Args:
        name: What is drawn, such as "overview".
        scope: What it is drawn of.
        build: Reads and draws; runs on a miss only. It must not call `drawn`.
        arguments: What else the drawing depends on.
    """
    return drawn_parts(name, scope, lambda: [build()], *arguments)[0]


def drawn_parts(
    name: str, scope: Scope, build: Callable[[], Sequence[Drawing]], *arguments: object
) -> list[orjson.Fragment]:
    """Like `drawn`, for a callback with several outputs: one fragment for each part that `build` returns."""
    parts = cache.draw(
        database_url(scope),
        _generation(scope),
        name,
        scope,
        arguments=(limits(), *arguments),
        build=lambda: [_encoded(part) for part in build()],
    )
    return [orjson.Fragment(part) for part in parts]


def limits() -> AttentionLimits:
    """Where the checks of "Needs attention" begin."""
    return _connected().limits


def results_per_page() -> int:
    """How many rows a grid loads at a time."""
    return _connected().results_per_page


def retention() -> RetentionRule:
    """Which states stay."""
    return _connected().retention


def database_url(scope: Scope) -> str:
    """The URL of the scope's database. Never shown, never sent.

    Raises:
        NotFoundError: no database of that name is configured.
    """
    databases = _connected().databases
    name = scope.database or next(iter(databases))
    if name not in databases:
        raise NotFoundError(f"There is no database “{name}”.")
    return databases[name]


def database_names() -> tuple[str, ...]:
    """The configured databases, the default one first."""
    return tuple(_connected().databases)


def forget_generation() -> None:
    """After a write in this request: what it reads from now on is new."""
    g.pop("generations", None)


def _connected() -> _Connected:
    connected: _Connected = current_app.extensions[EXTENSION]
    return connected


def _generation(scope: Scope) -> str:
    """The generation of the scope's data, read once per request and database."""
    url = database_url(scope)
    known: dict[str, str] = g.setdefault("generations", {})
    if url not in known:
        known[url] = cache.read_generation(url)
    return known[url]


def _encoded(content: Drawing) -> bytes:
    text = orjson.dumps(content, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)
    for character, escape in ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"/", b"\\u002f")):
        text = text.replace(character, escape)  # as Dash does, once instead of in every answer
    return text


def _plain(value: object) -> object:
    if isinstance(value, Component):
        return value.to_plotly_json()  # type: ignore[no-untyped-call]  # Dash
    raise TypeError  # orjson says of what type it is
