import logging
import re

import pytest
from dash import html
from dash.development.base_component import Component

from data.errors import (
    ConflictError,
    DatabaseUnavailableError,
    DataError,
    InvalidInputError,
    NoInventoryError,
    NotFoundError,
    SchemaTooNewError,
)
from layouts.shared.errors import ErrorHandler, error_state, shows_tracebacks
from tests.layouts.drawn import every, text


def failure(error: Exception) -> Exception:
    """The error with a traceback, as it is caught."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_an_expected_error_is_shown_as_it_is_with_a_hint() -> None:
    message = text(ErrorHandler.show_error(InvalidInputError("The year is missing.")))
    assert "The year is missing. Correct the value and try again." in message


@pytest.mark.parametrize("show", [ErrorHandler.show_error, error_state], ids=["message", "state"])
def test_of_a_bug_only_the_reference_is_shown(
    show: type[Component], caplog: pytest.LogCaptureFixture
) -> None:
    message = text(show(failure(KeyError("postgresql://scott:tiger@db/prod")), context="Overview"))
    found = re.search(r"Something went wrong\. Reference ([0-9a-f]{8})\.", message)
    assert found
    assert "tiger" not in message
    assert found[1] in caplog.text
    assert "tiger" in caplog.text, "the log has the traceback"


def test_the_traceback_is_on_the_page_only_in_debug() -> None:
    error = failure(ZeroDivisionError("x"))
    assert not list(every(ErrorHandler.show_error(error), html.Pre))
    token = shows_tracebacks.set(True)
    try:
        (traceback,) = every(ErrorHandler.show_error(error), html.Pre)
    finally:
        shows_tracebacks.reset(token)
    assert "test_errors.py" in text(traceback)


def test_details_fold_open_and_can_be_left_out() -> None:
    error = NotFoundError("Gone.")
    (details,) = every(ErrorHandler.show_error(error, context="Machine 7"), html.Details)
    assert "Machine 7" in text(details)
    assert not list(every(ErrorHandler.show_error(error, show_details=False), html.Details))


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (DatabaseUnavailableError("x"), "database is running"),
        (SchemaTooNewError("x"), "newer one"),
        (ConnectionRefusedError("x"), "running and reachable"),
        (ConflictError("x"), "Refresh the page"),
        (FileNotFoundError("x"), "moved or deleted"),
        (PermissionError("x"), "permissions"),
        (InvalidInputError("x"), "Correct the value"),
        (NoInventoryError("x"), "Data Import"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_kind_of_error_has_its_hint(error: Exception, hint: str) -> None:
    assert hint in text(ErrorHandler.show_error(error))


def test_an_expected_error_is_logged_as_a_warning_without_traceback(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "layouts.shared.errors")
    ErrorHandler.show_error(failure(NotFoundError("No machine has the id 7.")), context="Machine")
    (record,) = caplog.records
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)
    assert "No machine has the id 7." in record.getMessage()


@pytest.mark.parametrize("kind", ["warning", "info", "success"])
def test_other_messages_look_alike(kind: str) -> None:
    message = getattr(ErrorHandler, f"show_{kind}")("Two rows were left out.")
    assert (message.color, text(message)) == (kind, "Two rows were left out.")


def test_messages_that_need_nothing_go_by_themselves_and_errors_stay() -> None:
    assert ErrorHandler.show_success("Stored.").duration == 8000
    assert getattr(ErrorHandler.show_error(DataError("x")), "duration", None) is None


def test_a_new_message_is_not_taken_for_the_one_just_dismissed() -> None:
    assert ErrorHandler.show_info("x").key != ErrorHandler.show_info("x").key


def test_a_layout_that_fails_becomes_a_page_with_the_error() -> None:
    def layout(**_query: str) -> Component:
        raise NotFoundError("There is no such view.")

    page = ErrorHandler.handle_page_error(layout)(view="x")
    assert [text(heading) for heading in every(page, html.H1)] == ["This page cannot be shown"]
    assert "There is no such view." in text(page)


def test_a_layout_that_works_is_left_alone() -> None:
    assert text(ErrorHandler.handle_page_error(html.P)("x")) == "x"
