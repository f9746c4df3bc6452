"""The error boundary: what fails in a callback or a request becomes a message, never silence.

A page that was drawn keeps its last good state and a toast says what failed. A body that was never drawn becomes
the error, so that no skeleton stays. A page's body is the component whose id ends in `-body`; whether it was drawn
is known in the browser, so the error goes there in both forms (`showFailure` in `assets/shell.js`).

When it is the database that does not answer, the status says so, too: what only reads is not shown then but asked again
until it is answered (`assets/connection.js`).
"""

from __future__ import annotations

import secrets
from typing import Any

from dash import ctx, set_props
from dash._utils import to_json
from flask import Flask, Response, after_this_request, request
from werkzeug.exceptions import HTTPException

from data.errors import DatabaseUnavailableError, DataError, NotFoundError
from data.logs import NO_REQUEST, request_id
from layouts.shared.errors import ErrorHandler, error_forms, log_error, shows_tracebacks
from layouts.shared.ids import Shell

CALLBACK_PATH = "/_dash-update-component"
UNAVAILABLE = "X-Unavailable"
"""Header of an answer without the database: the sentence about it. ASCII."""


def on_error(error: Exception) -> None:
    """Show an error of a callback. Dash calls it within the request and leaves the outputs as they are."""
    for component_id, properties in _shown(
        error, ctx.outputs_list, is_opening=ctx.triggered_id is None
    ).items():
        set_props(component_id, properties)


def tell_unavailable(error: Exception) -> None:
    """Let the answer to this request say so in its status and headers if it is the database that does not answer."""
    if not isinstance(error, DatabaseUnavailableError):
        return
    sentence = error.shown

    @after_this_request
    def mark(response: Response) -> Response:
        response.status_code = _status(error)
        response.headers["Retry-After"] = "1"
        response.headers[UNAVAILABLE] = sentence.encode("ascii", "replace").decode()
        return response


def register_errors(server: Flask, *, debug: bool) -> None:
    """Give every request an id for the log, and install the boundary for what no callback boundary saw.

    Args:
        server: The server.
        debug: Whether messages hold tracebacks.
    """

    @server.before_request
    def begin() -> None:
        request_id.set(secrets.token_hex(4))
        shows_tracebacks.set(debug)

    @server.teardown_request
    def end(_error: BaseException | None) -> None:
        request_id.set(NO_REQUEST)

    @server.errorhandler(Exception)
    def answer(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return Response(error.description, error.code, mimetype="text/plain")
        if request.path == CALLBACK_PATH:
            return _callback_answer(error)
        reference = log_error(error, request.path)
        tell_unavailable(error)
        text = (
            error.shown if isinstance(error, DataError) else f"Something went wrong. Reference {reference}."
        )
        return Response(text, _status(error), mimetype="text/plain")


def _callback_answer(error: Exception) -> Response:
    """Answer where Dash's own boundary ends: a value that does not fit the outputs, an unknown callback."""
    call = request.get_json()
    if not isinstance(call, dict):
        return Response("This is no callback.", 400, mimetype="text/plain")
    side_update = _shown(error, call.get("outputs"), is_opening=not call.get("changedPropIds"))
    answer = {"multi": True, "response": {}, "sideUpdate": side_update}
    return Response(
        to_json(answer),  # type: ignore[no-untyped-call]  # Dash has no types there
        mimetype="application/json",
    )


def _shown(error: Exception, outputs: Any, *, is_opening: bool) -> dict[str, dict[str, Any]]:
    """Component id -> properties that show an error, whatever was to be updated."""
    tell_unavailable(error)
    found = outputs if isinstance(outputs, list) else [outputs]
    listed = [o for o in found if isinstance(o, dict) and {"id", "property"} <= o.keys()]
    context = ", ".join(f"{output['id']}.{output['property']}" for output in listed)
    bodies = [o["id"] for o in listed if str(o["id"]).endswith("-body") and o["property"] == "children"]
    if not bodies:
        return {str(Shell.TOASTS): {"children": ErrorHandler.show_error(error, context=context)}}
    state, message = error_forms(error, context)
    failure = {"bodies": bodies, "isOpening": is_opening, "state": state, "message": message}
    return {str(Shell.FAILURE): {"data": failure}}


def _status(error: Exception) -> int:
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, DatabaseUnavailableError):
        return 503
    return 400 if isinstance(error, DataError) else 500
