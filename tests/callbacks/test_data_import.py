import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, select, update

from app import create_app
from callbacks import data_import
from data import jobs
from data.database import DatabaseManager, get_engine
from data.generations import raise_generation
from data.models import imports, vcenters
from data.models import jobs as jobs_table
from data.settings import Settings
from data.vocabulary import ImportStatus, JobPhase
from layouts.data_import import UPLOAD_PATH, Ids
from layouts.shared.ids import LOCATION, Shell
from layouts.shared.import_preview import PreviewIds
from tests.callbacks.calling import call

SAMPLES = Path(__file__).parents[1] / "samples"
LAB = SAMPLES / "lab-3.10-25-tabs.xlsx"
UNNAMED = SAMPLES / "workshop-805-vms-3-tabs.xlsx"
MIB = 1024**2
BODY, MESSAGE = f"{Ids.BODY}.children", f"{Ids.MESSAGE}.children"
REFUSED = f"{PreviewIds.REFUSED}.children"


@pytest.fixture(autouse=True)
def _jobs_run_at_once(monkeypatch: pytest.MonkeyPatch, db_url: str) -> None:
    monkeypatch.setattr(jobs, "start_job", lambda _database, job_id: jobs.run_job(db_url, job_id))


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "uploads"


@pytest.fixture
def small_server(db_url: str, tmp_path: Path) -> Flask:
    """Takes files of at most 1 MiB."""
    return create_app(Settings(db_url=db_url, instance_dir=tmp_path / "instance", max_upload_mib=1))


def send(client: FlaskClient, content: bytes, name: str = "export.xlsx", **more: Any) -> Any:
    return client.post(UPLOAD_PATH, query_string={"name": name}, data=content, **more)


def upload(client: FlaskClient, file: Path) -> int:
    job_id: int = send(client, file.read_bytes(), file.name).get_json()["job"]
    return job_id


def get_job(manager: DatabaseManager, job_id: int) -> Any:
    with manager.get_session() as session:
        return jobs.get_job(session, None, job_id=job_id)  # type: ignore[arg-type]  # of no scope


def stored(manager: DatabaseManager) -> list[Any]:
    statement = select(vcenters.c.name, imports.c.exported_at, imports.c.exported_at_source)
    with manager.get_session() as session:
        return [
            tuple(row)
            for row in session.execute(statement.join(imports, imports.c.vcenter_id == vcenters.c.id))
        ]


def press(server: Flask, output: str, *values: Any) -> dict[str, Any]:
    answer: dict[str, Any] = call(server, output, *values, opening=False).get_json()
    return answer


def store(server: Flask, job_id: int, *answers: Any) -> dict[str, Any]:
    return press(server, REFUSED, 1, "", f"job={job_id}", *answers)


def test_a_file_is_streamed_to_a_directory_of_its_own_and_previewed(
    client: FlaskClient, manager: DatabaseManager, uploads: Path
) -> None:
    job = get_job(manager, upload(client, LAB))
    assert (job.phase, job.file_name, job.preview.machines) == (JobPhase.PREVIEW, LAB.name, 27)
    assert stored(manager) == [], "nothing is stored before the operator says so"
    (file,) = uploads.glob("*/*")
    assert file.read_bytes() == LAB.read_bytes()
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["../../x.xlsx", "C:\\exports\\x.xlsx", "/etc/x.xlsx", "x\n.xlsx", "\u202ex.xlsx"]
)
def test_a_files_name_is_shown_and_never_a_path(
    client: FlaskClient, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch, uploads: Path, name: str
) -> None:
    monkeypatch.setattr(jobs, "start_job", lambda *_: None)
    job_id = send(client, b"x", name).get_json()["job"]
    assert get_job(manager, job_id).file_name == "x.xlsx"
    assert [file.name for file in uploads.glob("*/*")] == ["export.xlsx"]


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_file_over_the_limit_is_refused_and_leaves_nothing(
    small_server: Flask, manager: DatabaseManager, uploads: Path, *, is_announced: bool
) -> None:
    content = b"x" * (MIB + 1)
    more: dict[str, Any] = {} if is_announced else {"environ_overrides": {"wsgi.input_terminated": True}}
    source: Any = content if is_announced else io.BytesIO(content)
    answer = small_server.test_client().post(
        UPLOAD_PATH, **({"data": source} if is_announced else {"input_stream": source}), **more
    )
    assert (answer.status_code, answer.text) == (400, "The file has 1 MiB; at most 1 MiB are allowed.")
    assert list(uploads.glob("*")) == []
    with pytest.raises(Exception, match="no import job 1"):
        get_job(manager, 1)


def test_a_file_of_the_largest_size_is_taken(small_server: Flask, manager: DatabaseManager) -> None:
    assert send(small_server.test_client(), b"x" * MIB).status_code == 200
    assert get_job(manager, 1).phase == JobPhase.FAILED


def test_an_empty_file_is_refused(client: FlaskClient, uploads: Path) -> None:
    answer = send(client, b"")
    assert (answer.status_code, answer.text) == (400, "The file is empty.")
    assert list(uploads.glob("*")) == []


def test_an_upload_that_breaks_off_leaves_nothing(client: FlaskClient, uploads: Path) -> None:
    answer = send(client, b"only a part", environ_overrides={"CONTENT_LENGTH": "1000"})
    assert answer.status_code == 400
    assert list(uploads.glob("*")) == []


def test_another_site_cannot_upload(client: FlaskClient, uploads: Path) -> None:
    assert send(client, b"x", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert send(client, b"x", headers={"Origin": "http://evil.example"}).status_code == 403
    assert not uploads.exists()


def test_an_upload_into_an_unknown_database_is_refused(client: FlaskClient, uploads: Path) -> None:
    answer = client.post(UPLOAD_PATH, query_string={"db": "nowhere"}, data=b"x")
    assert (answer.status_code, answer.text) == (404, "There is no database “nowhere”.")
    assert not uploads.exists()


def test_the_body_shows_the_preview_of_the_newest_job(server: Flask, client: FlaskClient) -> None:
    job_id = upload(client, LAB)
    answer = call(server, BODY, "", f"job={job_id}").get_json()["response"]
    assert answer[Ids.STAGE] == {"data": "preview"}
    assert answer[Ids.SENTENCE]["children"].endswith("nothing is stored yet")
    assert "What would change" in str(answer[Ids.BODY])


@pytest.mark.parametrize("view", ["job=99", "job=x", "job=", "x", None])
def test_a_job_that_does_not_exist_is_left_out(server: Flask, view: str | None) -> None:
    answer = call(server, BODY, "", view or "").get_json()["response"]
    assert answer[Ids.STAGE] == {"data": ""}
    assert "Nothing is imported yet" in str(answer[Ids.BODY])


def test_a_job_whose_process_died_is_shown_as_failed(
    server: Flask, client: FlaskClient, manager: DatabaseManager
) -> None:
    job_id = upload(client, LAB)
    long_ago = datetime.fromisoformat("2026-01-01T00:00")
    with manager.session_scope() as session:
        session.execute(update(jobs_table).values(phase=JobPhase.READING, heartbeat_at=long_ago))
    answer = call(server, BODY, "", f"job={job_id}").get_json()["response"]
    assert answer[Ids.STAGE] == {"data": ""}
    assert "was not imported" in str(answer[Ids.BODY])


def test_storing_publishes_the_state_and_redraws_the_frame(
    server: Flask, client: FlaskClient, manager: DatabaseManager
) -> None:
    job_id = upload(client, LAB)
    preview = get_job(manager, job_id).preview
    answer = store(server, job_id, None, None, preview.exported_at.isoformat())
    assert answer["response"] == {PreviewIds.REFUSED: {"children": ""}}
    assert answer["sideUpdate"] == {Ids.PHASE: {"data": f"{job_id} confirmed"}}
    assert stored(manager) == [(preview.vcenter, preview.exported_at, "vMetaData")]
    followed = press(server, MESSAGE, 3, "", f"job={job_id}", f"{job_id} publishing", 5)
    assert followed["response"][Ids.BAR] == {"value": "100"}
    assert followed["response"][Ids.PHASE] == {"data": f"{job_id} done"}
    assert followed["sideUpdate"] == {Shell.REFRESH: {"data": 6}}
    again = press(server, MESSAGE, 4, "", f"job={job_id}", f"{job_id} done", 6)
    assert "sideUpdate" not in again, "the frame is redrawn once"


def test_the_export_time_can_be_corrected(
    server: Flask, client: FlaskClient, manager: DatabaseManager
) -> None:
    store(server, upload(client, LAB), None, None, "2018-04-05T06:07")
    assert [row[1:] for row in stored(manager)] == [(datetime.fromisoformat("2018-04-05T06:07"), "given")]


def output_of(client: FlaskClient, button: str) -> str:
    """What the callback of a button updates."""
    rules = client.get("/_dash-dependencies").get_json()
    return next(
        str(rule["output"]) for rule in rules if [given["id"] for given in rule["inputs"]] == [button]
    )


def test_a_button_that_was_only_drawn_stores_and_discards_nothing(
    server: Flask, client: FlaskClient, manager: DatabaseManager
) -> None:
    job_id = upload(client, LAB)
    for button in (PreviewIds.STORE, PreviewIds.DISCARD):
        answer = call(server, output_of(client, button), None, "", f"job={job_id}")
        assert answer.status_code == 204
    assert get_job(manager, job_id).phase == JobPhase.PREVIEW


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        ((None, None, ""), "Choose the vCenter, or name a new one."),
        ((" ", "  ", ""), "Choose the vCenter, or name a new one."),
        ((" ", "x" * 256, ""), "The name of the vCenter may have at most 255 characters."),
        ((" ", "workshop", "yesterday"), "The export time cannot be read. It looks like 2026-11-23 06:00."),
    ],
)
def test_what_the_operator_must_say_is_asked_until_it_is_said(
    server: Flask, client: FlaskClient, manager: DatabaseManager, answers: tuple[Any, ...], refusal: str
) -> None:
    store(server, upload(client, LAB), None, None, None)  # from now on there is a vCenter
    job_id = upload(client, UNNAMED)
    answer = store(server, job_id, *answers)
    assert answer["response"] == {PreviewIds.REFUSED: {"children": refusal}}
    assert get_job(manager, job_id).phase == JobPhase.PREVIEW


@pytest.mark.parametrize(
    ("answers", "expected"), [((" ", " workshop "), "workshop"), (("10.21.17.40", "x"), "10.21.17.40")]
)
def test_an_export_without_a_vcenter_goes_where_the_operator_says(
    server: Flask, client: FlaskClient, manager: DatabaseManager, answers: tuple[str, str], expected: str
) -> None:
    store(server, upload(client, LAB), None, None, None)
    store(server, upload(client, UNNAMED), *answers, None)
    assert stored(manager)[-1][0] == expected


def test_a_discarded_file_is_gone_and_its_job_leaves_the_page(
    server: Flask, client: FlaskClient, manager: DatabaseManager, uploads: Path
) -> None:
    first, second = upload(client, LAB), upload(client, UNNAMED)
    answer = press(server, output_of(client, PreviewIds.DISCARD), 1, "", f"job={first}&job={second}")
    assert answer["sideUpdate"][Ids.VIEW] == {"data": f"job={first}"}
    assert "Nothing was stored." in str(answer["sideUpdate"][Shell.TOASTS])
    assert get_job(manager, second).phase == JobPhase.DISCARDED
    assert len(list(uploads.glob("*"))) == 1, "the first one waits"


def test_the_same_file_again_changes_nothing_and_says_so(
    server: Flask, client: FlaskClient, manager: DatabaseManager
) -> None:
    store(server, upload(client, LAB), None, None, None)
    again = upload(client, LAB)
    answer = call(server, BODY, "", f"job={again}").get_json()["response"]
    assert "changes nothing" in str(answer[Ids.BODY])
    assert len(stored(manager)) == 1


def test_the_demo_estate_is_a_job_that_data_import_shows(
    server: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, int]] = []
    monkeypatch.setattr(jobs, "start_job", lambda *given: started.append(given))
    for button in (Ids.LOAD_DEMO, "overview-load-demo"):
        answer = press(server, f"{button}.data-job", 1, "datacenter=DC1")
        assert started[-1] == ("default", len(started))
        assert answer["sideUpdate"][LOCATION] == {"href": f"/data-import?job={len(started)}"}


def add_imports(manager: DatabaseManager, amount: int) -> None:
    when = datetime.fromisoformat("2026-11-23T06:00")
    row = {
        "vcenter_id": 1,
        "status": ImportStatus.PUBLISHED,
        "file_name": "x",
        "file_size_bytes": 1,
        "sha256": "0",
        "exported_at": when,
        "exported_at_source": "given",
        "imported_at": when,
        "warnings": [],
    }
    with manager.session_scope() as session:
        session.execute(insert(imports), [row] * amount)
        raise_generation(session)


def test_fifty_imports_take_as_many_statements_as_five(
    server: Flask,
    db_url: str,
    manager: DatabaseManager,
    count_statements: Callable[[Engine], AbstractContextManager[list[str]]],
) -> None:
    with manager.session_scope() as session:
        session.execute(
            insert(vcenters).values(id=1, name="vc01", current_import_id=1, is_hidden=False, is_demo=False)
        )
    counts = []
    for amount in (5, 45):
        add_imports(manager, amount)
        with server.test_request_context(), count_statements(get_engine(db_url)) as statements:
            data_import.update_body("", "", None, 0)
        counts.append(len(statements))
    assert counts == [2, 2], "the generation and the history"
