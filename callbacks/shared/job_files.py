"""The files that jobs make: reports on an import, exports."""

from __future__ import annotations

from flask import Blueprint, Response, request, send_file

from callbacks.shared.reading import database_url
from data import jobs
from data.scope import Scope
from layouts.shared.job_files import PATH

routes = Blueprint("job_files", __name__)


@routes.get(PATH)
def fetch(job_id: int, name: str) -> Response:
    """A file of a job, to be saved.

    Raises:
        NotFoundError: the job is not there any more, or has no such file.
    """
    path = jobs.job_file(database_url(Scope(database=request.args.get("db", ""))), job_id, name)
    response = send_file(path, as_attachment=True, download_name=name, max_age=0)
    response.headers["Cache-Control"] = "no-store"
    return response
