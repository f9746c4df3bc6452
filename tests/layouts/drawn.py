"""Reading what a layout drew."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from dash import dcc, html
from dash.development.base_component import Component

from data.scope import Scope


def every(root: Any, kind: type | None = None) -> Iterator[Any]:
    """All components of a kind, in the order of the page."""
    if isinstance(root, list | tuple):
        for item in root:
            yield from every(item, kind)
    elif isinstance(root, Component):
        if kind is None or isinstance(root, kind):
            yield root
        yield from every(getattr(root, "children", None), kind)


def by_class(root: Any, name: str) -> list[Any]:
    """All components that have a class."""
    return [part for part in every(root) if name in (getattr(part, "className", None) or "").split()]


def text(root: Any) -> str:
    """What stands there, parts joined by a space."""
    if isinstance(root, list | tuple):
        return " ".join(filter(None, map(text, root)))
    if isinstance(root, Component):
        return text(getattr(root, "children", None))
    return "" if root is None else str(root)


def table(root: Any) -> list[list[str]]:
    """The cells of the first table, headings first."""
    first = next(every(root, html.Table))
    return [
        [text(cell) for cell in every(row) if isinstance(cell, html.Th | html.Td)]
        for row in every(first, html.Tr)
    ]


def links(root: Any) -> dict[str, Scope]:
    """The text of each link with the scope it carries."""
    return {text(link): Scope.from_query_string(urlsplit(link.href).query) for link in every(root, html.A)}


def mark_scopes(root: Any) -> list[Scope | None]:
    """The scopes that the marks of the first figure lead to, trace by trace; None where there is no mark."""
    figure = next(every(root, dcc.Graph)).figure
    return [
        Scope.from_query_string(urlsplit(address).query) if machines else None
        for trace in figure["data"]
        for address, machines in zip(trace["customdata"], trace.get("x") or trace["values"], strict=True)
    ]
