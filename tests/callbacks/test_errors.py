from typing import Any

import pytest
from dash import Dash, Input, Output, html
from dash.exceptions import PreventUpdate
from flask import Flask, Response, abort
from werkzeug.test import TestResponse

from callbacks.shared.errors import on_error, register_errors
from callbacks.shared.wiring import CallbackGroup
from data.errors import DatabaseUnavailableError, InvalidInputError, NotFoundError
from layouts.shared.ids import Shell
from tests.callbacks.calling import call

callback = CallbackGroup()
FAILURES: dict[str, Exception] = {
    "expected": InvalidInputError("The year is missing."),
    "bug": ZeroDivisionError("a secret path"),
    "away": DatabaseUnavailableError.of("PostgreSQL on secret.example.org", "nobody listens there"),
}
AWAY = "The database does not answer: nobody listens there."


@callback(Output("page-body", "children"), Input("way", "data"))
def update_body(way: str) -> Any:
    if way in FAILURES:
        raise FAILURES[way]
    if way == "unserialisable":
        return object()
    raise PreventUpdate


@callback(Output("page-note", "children"), Output("other-body", "children"), Input("way", "data"))
def update_two(way: str) -> Any:
    if way == "arity":
        return ["one"]
    raise FAILURES[way]


@callback(Output("page-title", "children"), Input("way", "data"))
def update_title(way: str) -> Any:
    raise FAILURES[way]


@pytest.fixture(params=[False, True], ids=["live", "debug"])
def debug(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def make_server(*, debug: bool = False) -> Flask:
    server = Flask("failing")
    register_errors(server, debug=debug)
    app = Dash("failing", server=server, assets_folder="none", on_error=on_error)
    ids = ("page-body", "page-note", "page-title", "other-body", "way", Shell.TOASTS, Shell.FAILURE)
    app.layout = html.Div([html.Div(id=name) for name in ids])
    callback.register(app)
    return server


def side_update(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    content = answer.get_json()
    assert content["response"] in ({}, {"page-body": {}}), "the outputs stay as they are"
    updates: dict[str, Any] = content["sideUpdate"]
    return updates


@pytest.mark.parametrize("opening", [True, False], ids=["opening", "later"])
@pytest.mark.parametrize("way", ["expected", "bug", "unserialisable"])
def test_a_body_that_fails_is_sent_in_both_forms_for_the_browser_to_choose(way: str, opening: bool) -> None:
    updates = side_update(call(make_server(), "page-body.children", way, opening=opening))
    failure = updates.pop(Shell.FAILURE)["data"]
    assert updates == {}
    assert (failure["bodies"], failure["isOpening"]) == (["page-body"], opening)
    assert failure["state"]["props"]["className"] == "error-state"
    assert failure["message"]["type"] == "Alert"


@pytest.mark.parametrize("way", ["bug", "arity"])
def test_of_several_outputs_only_the_body_can_become_the_error(way: str) -> None:
    updates = side_update(call(make_server(), "page-note.children", way))
    assert updates[Shell.FAILURE]["data"]["bodies"] == ["other-body"]


def test_a_callback_without_a_body_fails_with_a_toast() -> None:
    updates = side_update(call(make_server(), "page-title.children", "bug"))
    assert list(updates) == [Shell.TOASTS]


@pytest.mark.parametrize("output", ["page-body.children", "page-note.children", "page-title.children"])
def test_without_its_database_a_callback_says_so_in_the_status_and_a_header_and_names_no_host(
    output: str,
) -> None:
    answer = call(make_server(), output, "away")
    assert (answer.status_code, answer.headers["X-Unavailable"]) == (503, AWAY)
    assert answer.get_json()["sideUpdate"]
    assert AWAY in answer.text
    assert "secret.example.org" not in answer.text


def test_an_outage_is_a_warning_once_a_minute_however_many_pages_ask(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("layouts.shared.errors.time.monotonic", lambda: now)
    monkeypatch.setattr("layouts.shared.errors._outages", {})
    server = make_server()
    for _ in range(3):
        call(server, "page-body.children", "away")
    now += 61
    call(server, "page-body.children", "away")
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 2
    assert "PostgreSQL on secret.example.org does not answer" in warnings[0]


def test_an_error_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    call(make_server(), "page-body.children", "bug")
    assert len([record for record in caplog.records if record.exc_info]) == 1


def test_a_traceback_reaches_the_page_only_in_debug(debug: bool) -> None:
    answer = call(make_server(debug=debug), "page-body.children", "bug")
    assert ("a secret path" in answer.text) is debug


def test_nothing_to_update_is_no_error() -> None:
    assert call(make_server(), "page-body.children", "fine").status_code == 204


def test_an_unknown_callback_is_answered_with_a_toast() -> None:
    unknown = {"output": "x.y", "outputs": {"id": "x", "property": "y"}, "inputs": [], "changedPropIds": []}
    answer = make_server().test_client().post("/_dash-update-component", json=unknown)
    assert list(side_update(answer)) == [Shell.TOASTS]


@pytest.mark.parametrize("sent", [b"", b"[1", b"[]", b'"x"', b"7", b'{"outputs": {}}'])
def test_what_no_browser_sends_is_refused_without_a_traceback(sent: bytes) -> None:
    answer = (
        make_server()
        .test_client()
        .post("/_dash-update-component", data=sent, content_type="application/json")
    )
    assert answer.status_code in {200, 400}
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (NotFoundError("No machine has the id 7."), 404, "No machine has the id 7."),
        (InvalidInputError("Bad column."), 400, "Bad column."),
        (DatabaseUnavailableError("The database is gone."), 503, "The database is gone."),
        (FAILURES["away"], 503, AWAY),
        (KeyError("secret"), 500, "Something went wrong. Reference"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_route_that_fails_answers_in_a_sentence(error: Exception, code: int, text: str) -> None:
    def fail() -> Response:
        raise error

    server = make_server()
    server.add_url_rule("/export.csv", view_func=fail)
    answer = server.test_client().get("/export.csv")
    assert answer.status_code == code
    assert text in answer.text
    assert "secret" not in answer.text


def test_http_errors_stay_what_they_are() -> None:
    server = make_server()
    server.add_url_rule("/closed", view_func=lambda: abort(403, "Not today."))
    answer = server.test_client().get("/closed")
    assert (answer.status_code, answer.text) == (403, "Not today.")


def test_every_request_has_an_id_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    answer = call(make_server(), "page-body.children", "bug")
    reference = answer.text.split("Something went wrong. Reference ")[1][:8]
    assert reference in caplog.text
