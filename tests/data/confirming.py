"""The app for gunicorn, which also confirms previews, so that a test needs no page: POST /confirm/<job>."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app import create_app
from callbacks.shared.reading import database_url
from data import jobs
from data.scope import Scope

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def make_application() -> Application:
    """`gunicorn "tests.data.confirming:make_application()"`."""
    server = create_app()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/confirm/"):
            return server(environ, start_response)
        job_id = int(path.removeprefix("/confirm/"))
        with server.app_context():
            jobs.confirm_job(database_url(Scope()), job_id, vcenter=None, exported_at=None)
            jobs.start_job("default", job_id)
        start_response("204 No Content", [])
        return []

    return application
