"""The Excel export of VM Explorer, from the click to the file."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from data import jobs
from data.database import DatabaseManager
from data.scope import Scope
from data.settings import Settings
from data.vocabulary import JobPhase
from layouts.shared.export_box import ExportIds
from tests.callbacks.calling import call
from tests.factories import add_estate

BOX = f"{ExportIds.BOX}.hidden"


@pytest.fixture
def app(manager: DatabaseManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An app over three machines, whose jobs run in this process when they are started."""
    with manager.session_scope() as session:
        add_estate(session, {"name": "web"}, {"name": "db", "power_state": "poweredOff"}, {"name": "old"})
    server = create_app(
        Settings(db_url=manager.db_url, instance_dir=tmp_path / "instance", log_level="warning")
    )
    monkeypatch.setattr(
        jobs,
        "start_job",
        lambda _database, job_id: jobs.run_job(manager.db_url, job_id, directory=tmp_path / "jobs"),
    )
    return server


def started(
    app: Flask, scope: str = "", view: str = "", before: dict[str, Any] | None = None
) -> dict[str, Any]:
    request = {"machines": []}
    answer = call(app, f"{ExportIds.JOB}.data", request, scope, view, before, opening=False)
    followed: dict[str, Any] = answer.get_json()["response"][ExportIds.JOB]["data"]
    return followed


def followed(app: Flask, job: dict[str, Any] | None) -> dict[str, Any]:
    answer: dict[str, Any] = call(app, BOX, job, 1).get_json()["response"]
    return answer


def fetched(app: Flask, address: str) -> TestResponse:
    client: FlaskClient = app.test_client()
    return client.get(address)


def ended(app: Flask, job: dict[str, Any]) -> dict[str, Any]:
    """Press the button of the box; its output is also another callback's."""
    client = app.test_client()
    rules = client.get("/_dash-dependencies").get_json()
    rule = next(one for one in rules if one["inputs"] == [{"id": ExportIds.CANCEL, "property": "n_clicks"}])
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": rule["output"],
            "outputs": {"id": ExportIds.JOB, "property": rule["output"].rsplit(".", 1)[1]},
            "inputs": [{**rule["inputs"][0], "value": 1}],
            "state": [{**rule["state"][0], "value": job}],
            "changedPropIds": [f"{ExportIds.CANCEL}.n_clicks"],
        },
    )
    found: dict[str, Any] = answer.get_json()["response"]
    return found


def test_what_the_page_shows_is_written_and_can_be_fetched(app: Flask) -> None:
    answer = followed(app, started(app, "power=poweredOn", "col=name&col=cpus&sort=-name"))
    link = answer[ExportIds.LINK]["children"]["props"]
    with fetched(app, link["href"]) as file:
        workbook = openpyxl.load_workbook(io.BytesIO(file.data))
    assert list(workbook["Machines"].values) == [("Name", "vCPU"), ("web", 2), ("old", 2)]
    assert ("Power", "On") in list(workbook["About"].values)
    assert file.headers["Content-Disposition"] == "attachment; filename=machines-2026-11-23.xlsx"
    assert file.headers["Cache-Control"] == "no-store"


def test_the_box_is_hidden_until_something_is_exported_and_polls_only_while_it_is(app: Flask) -> None:
    nothing = followed(app, None)
    assert (nothing[ExportIds.BOX]["hidden"], nothing[ExportIds.POLL]["disabled"]) == (True, True)
    done = followed(app, started(app))
    assert (done[ExportIds.BOX]["hidden"], done[ExportIds.POLL]["disabled"]) == (False, True)
    assert done[ExportIds.CANCEL]["children"] == "Close"


def test_an_export_that_is_not_there_any_more_takes_the_box_away(app: Flask) -> None:
    assert followed(app, {"id": 99, "db": ""})[ExportIds.BOX]["hidden"]


def test_a_running_export_is_cancelled_and_an_ended_one_put_away(
    app: Flask, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "start_job", lambda *_: None)
    job = started(app)
    assert ended(app, job)[ExportIds.JOB]["data"] is None
    with manager.get_session() as session:
        assert jobs.get_job(session, Scope(), job_id=job["id"]).phase == JobPhase.CANCELLED


def test_another_export_takes_the_place_of_the_one_that_runs(
    app: Flask, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "start_job", lambda *_: None)
    first = started(app)
    second = started(app, before=first)
    with manager.get_session() as session:
        phases = [jobs.get_job(session, Scope(), job_id=job["id"]).phase for job in (first, second)]
    assert phases == [JobPhase.CANCELLED, JobPhase.UPLOADED]


def test_an_export_that_is_over_stays_when_another_begins(app: Flask, manager: DatabaseManager) -> None:
    first = started(app)
    started(app, before=first)
    with manager.get_session() as session:
        assert jobs.get_job(session, Scope(), job_id=first["id"]).phase == JobPhase.DONE


@pytest.mark.parametrize("number", ["99", "9" * 30, "-1", "one"])
def test_a_job_that_cannot_be_has_no_file_and_no_box(app: Flask, number: str) -> None:
    assert fetched(app, f"/jobs/{number}/rejected.csv").status_code == 404
    assert followed(app, {"id": number, "db": ""})[ExportIds.BOX]["hidden"]


@pytest.mark.parametrize("name", ["../secret_key", "..%2f..%2fsecret_key", "export.xlsx", "nothing"])
def test_only_files_that_a_job_offers_can_be_fetched(app: Flask, name: str) -> None:
    job = started(app)
    assert fetched(app, f"/jobs/{job['id']}/{name}").status_code == 404
