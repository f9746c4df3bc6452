"""One look for every message: errors with a hint and a reference, warnings, notes and successes."""

from __future__ import annotations

import functools
import logging
import time
import traceback
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Literal

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from data.errors import DatabaseUnavailableError, DataError
from data.logs import NO_REQUEST, request_id
from layouts.shared.components import icon

log = logging.getLogger(__name__)

shows_tracebacks: ContextVar[bool] = ContextVar("shows_tracebacks", default=False)
"""Whether error messages hold the traceback; set for each request from the `debug` setting."""

OUTAGE_SECONDS = 60.0
_outages: dict[str, float] = {}
"""What was said of databases that do not answer, and when: few sentences, for databases and reasons are few."""

Tone = Literal["danger", "warning", "info", "success"]

_ICONS: dict[Tone, str] = {
    "danger": "exclamation-octagon",
    "warning": "exclamation-triangle",
    "info": "info-circle",
    "success": "check-circle",
}
_HINTS = {
    "SchemaTooNewError": "Install the version of the dashboard that wrote this database, or a newer one.",
    "DatabaseUnavailableError": "Check that the database is running and reachable, then try again.",
    "NoInventoryError": "Import an RVTools export on the page Data Import.",
    "NotFoundError": "It may have been removed, or the link is old.",
    "ConflictError": "Refresh the page to see what it looks like now, then try again.",
    "InvalidInputError": "Correct the value and try again.",
    "IntegrityError": "The change contradicts what is stored already. Refresh the page and try again.",
    "OperationalError": "Check that the database is running and reachable, then try again.",
    "FileNotFoundError": "A file that is needed is not there. Was it moved or deleted?",
    "PermissionError": "The program may not read or write there. Check the permissions of its folder.",
    "ConnectionError": "Check that the other side is running and reachable, then try again.",
    "TimeoutError": "It took too long. Try again in a moment.",
}
"""Hints by the name of an error's class or of the nearest class it is a kind of."""


class ErrorHandler:
    """Messages for the operator. `show_error` also logs, and what it shows can be found by the reference.

    Example:
        >>> message = ErrorHandler.show_success("Stored.")
        >>> message.color
        'success'
    """

    @staticmethod
    def show_error(error: Exception, show_details: bool = True, context: str | None = None) -> Component:
        """A message about an error, for the toasts or in place of content.

        A `DataError` is shown as it is. Of anything else the operator learns only the reference: its text may
        hold paths or credentials. The traceback is in the log, and on the page only when `debug` is on.

        Args:
            error: What was raised.
            show_details: Whether there is a part that folds open.
            context: What was being done, such as "Overview".

        Example:
            >>> from data.errors import InvalidInputError
            >>> message = ErrorHandler.show_error(InvalidInputError("The year is missing."))
            >>> message.color
            'danger'
        """
        reference = log_error(error, context)
        return _message(error, reference, context, show_details=show_details)

    @staticmethod
    def show_warning(message: str) -> Component:
        """Something to look at.

        Example:
            >>> ErrorHandler.show_warning("Two rows were left out.").color
            'warning'
        """
        return _alert("warning", message)

    @staticmethod
    def show_info(message: str) -> Component:
        """Something to know.

        Example:
            >>> ErrorHandler.show_info("Nothing has changed.").color
            'info'
        """
        return _alert("info", message, duration_ms=8000)

    @staticmethod
    def show_success(message: str) -> Component:
        """Something worked.

        Example:
            >>> ErrorHandler.show_success("The estate is stored.").color
            'success'
        """
        return _alert("success", message, duration_ms=8000)

    @staticmethod
    def handle_page_error(layout: Callable[..., Component]) -> Callable[..., Component]:
        """A page's layout that becomes a page with the error when it fails.

        Example:
            >>> def broken(**query: object) -> Component:
            ...     raise NotFoundError("No such page.")
            >>> from data.errors import NotFoundError
            >>> ErrorHandler.handle_page_error(broken)().className
            'page'
        """

        @functools.wraps(layout)
        def guarded(*args: Any, **query: Any) -> Component:
            try:
                return layout(*args, **query)
            except Exception as error:  # noqa: BLE001  # the boundary of layouts: whatever it is, it is logged and shown
                return html.Div([html.H1("This page cannot be shown"), error_state(error)], className="page")

        return guarded


def error_state(error: Exception, context: str | None = None) -> Component:
    """An error in place of the content that it prevented. Logs it, as `ErrorHandler.show_error` does."""
    return _state(error, log_error(error, context), context)


def error_forms(error: Exception, context: str | None = None) -> tuple[Component, Component]:
    """An error as a state in place of content and as a message, logged once, for who cannot know which fits."""
    reference = log_error(error, context)
    return _state(error, reference, context), _message(error, reference, context)


def log_error(error: Exception, context: str | None) -> str:
    """Log an error and return the reference under which it stands there. Only bugs leave a traceback.

    That the database does not answer is a warning once a minute: every open page asks again each second.
    """
    request = request_id.get()
    reference = uuid.uuid4().hex[:8] if request == NO_REQUEST else request
    if isinstance(error, DataError):
        level = logging.DEBUG if _was_said(error) else logging.WARNING
        kind = type(error).__name__
        log.log(level, "%s: %s (reference %s, %s)", kind, error, reference, context or "no context")
    else:
        log.error("Reference %s, %s", reference, context or "no context", exc_info=error)
    return reference


def _was_said(error: DataError) -> bool:
    """Whether it is an outage that this process warned of less than a minute ago."""
    if not isinstance(error, DatabaseUnavailableError):
        return False
    now, sentence = time.monotonic(), str(error)
    if now - _outages.get(sentence, -OUTAGE_SECONDS) < OUTAGE_SECONDS:
        return True
    _outages[sentence] = now
    return False


def _state(error: Exception, reference: str, context: str | None) -> Component:
    title, *rest = _sentences(error, reference)
    return html.Div(
        [
            icon("exclamation-octagon"),
            html.H2(title),
            *[html.P(sentence) for sentence in rest],
            _details(error, reference, context),
        ],
        className="error-state",
        role="alert",
    )


def _message(
    error: Exception, reference: str, context: str | None, *, show_details: bool = True
) -> Component:
    parts: list[Component] = [html.P(sentence) for sentence in _sentences(error, reference)]
    if show_details:
        parts.append(_details(error, reference, context))
    return _alert("danger", parts, key=reference)


def _sentences(error: Exception, reference: str) -> list[str]:
    first = error.shown if isinstance(error, DataError) else f"Something went wrong. Reference {reference}."
    hint = next((_HINTS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _HINTS), None)
    return [first, hint] if hint else [first]


def _details(error: Exception, reference: str, context: str | None) -> Component:
    facts = [f"Reference {reference}", type(error).__name__, context]
    content: list[Component] = [html.Div(", ".join(fact for fact in facts if fact))]
    if shows_tracebacks.get():
        content.append(html.Pre("".join(traceback.format_exception(error))))
    return html.Details([html.Summary("Details"), *content])


def _alert(tone: Tone, content: Any, *, duration_ms: int | None = None, key: str | None = None) -> Component:
    alert: Component = dbc.Alert(
        [icon(_ICONS[tone]), html.Div(content, className="alert-text")],
        key=key or uuid.uuid4().hex,  # a new message is not the one that was just dismissed
        color=tone,
        dismissable=True,
        duration=duration_ms,
    )
    return alert
