"""Callbacks that stay beside their functions and can be registered on more than one app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dash import ClientsideFunction, Dash

F = TypeVar("F", bound=Callable[..., Any])


class CallbackGroup:
    """The callbacks of a module. `dash.callback` is global and serves one app only; this is neither.

    A decorated function stays what it is, so tests call it directly.

    Example:
        >>> from dash import Input, Output
        >>> callback = CallbackGroup()
        >>> @callback(Output("sum", "children"), Input("number", "value"))
        ... def update_sum(number: int) -> int:
        ...     return number + 1
        >>> update_sum(1)
        2
    """

    def __init__(self) -> None:
        self._entries: list[Callable[[Dash], object]] = []

    def __call__(self, *dependencies: Any, **options: Any) -> Callable[[F], F]:
        """Decorate a function. Takes what `dash.callback` takes."""

        def keep(function: F) -> F:
            self._entries.append(lambda app: app.callback(*dependencies, **options)(function))
            return function

        return keep

    def clientside(self, namespace: str, function: str, *dependencies: Any, **options: Any) -> None:
        """Let `dash_clientside.<namespace>.<function>` of a script in `assets/` answer in the browser."""
        target = ClientsideFunction(namespace, function)
        self._entries.append(
            lambda app: app.clientside_callback(target, *dependencies, **options)  # type: ignore[no-untyped-call]  # Dash
        )

    def register(self, app: Dash) -> None:
        """Put all callbacks of the group on an app."""
        for entry in self._entries:
            entry(app)
