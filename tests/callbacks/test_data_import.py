import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, select, update
from werkzeug.test import TestResponse

from app import create_app
from callbacks import data_import
from data import jobs
from data.database import DatabaseManager, get_engine
from data.generations import raise_generation
from data.ingest.mapping import save_mapping
from data.models import imports, vcenters
from data.models import jobs as jobs_table
from data.results import HeaderMapping, RetentionRule
from data.settings import Settings
from data.vocabulary import ImportStatus, JobPhase
from layouts.data_import import UPLOAD_PATH, Ids
from layouts.shared.ids import LOCATION, Shell
from layouts.shared.import_questions import FORGET, KEPT, PreviewIds
from tests.callbacks.calling import call

SAMPLES = Path(__file__).parents[1] / "samples"
LAB = SAMPLES / "lab-3.10-25-tabs.xlsx"
UNNAMED = SAMPLES / "workshop-805-vms-3-tabs.xlsx"
MIB = 1024**2
BODY, MESSAGE = f"{Ids.BODY}.children", f"{Ids.MESSAGE}.children"
REFUSED = f"{PreviewIds.REFUSED}.children"


@pytest.fixture(autouse=True)
def _jobs_run_at_once(monkeypatch: pytest.MonkeyPatch, db_url: str) -> None:
    monkeypatch.setattr(
        jobs, "start_job", lambda _database, job_id: jobs.run_job(db_url, job_id, retention=RetentionRule())
    )


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
    return client.post(UPLOAD_PATH, query_string={"file": name}, data=content, **more)


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
    (file,) = uploads.glob("*/*.xlsx")
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
    with pytest.raises(Exception, match="no job 1"):
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
    (state,) = preview.states
    answer = store(server, job_id, KEPT, "", state.exported_at.isoformat())
    assert answer["response"] == {PreviewIds.REFUSED: {"children": ""}}
    assert answer["sideUpdate"] == {Ids.PHASE: {"data": f"{job_id} confirmed"}}
    assert stored(manager) == [(state.vcenter, state.exported_at, "vMetaData")]
    followed = press(server, MESSAGE, 3, "", f"job={job_id}", f"{job_id} publishing", 5)
    assert followed["response"][Ids.BAR] == {"value": "100"}
    assert followed["response"][Ids.PHASE] == {"data": f"{job_id} done"}
    assert followed["sideUpdate"] == {Shell.REFRESH: {"data": 6}}
    again = press(server, MESSAGE, 4, "", f"job={job_id}", f"{job_id} done", 6)
    assert "sideUpdate" not in again, "the frame is redrawn once"


def test_the_export_time_can_be_corrected(
    server: Flask, client: FlaskClient, manager: DatabaseManager
) -> None:
    store(server, upload(client, LAB), KEPT, "", "2018-04-05T06:07")
    assert [row[1:] for row in stored(manager)] == [(datetime.fromisoformat("2018-04-05T06:07"), "given")]


def call_of(client: FlaskClient, pressed: dict[str, Any], *states: Any) -> dict[str, Any]:
    """The request that the browser sends for a button whose callback has no outputs.

    Args:
        client: Of the app.
        pressed: The input: id, property and value.
        states: Id and value in turn; the property is "data".
    """
    rules = client.get("/_dash-dependencies").get_json()
    name = pressed["id"] if isinstance(pressed["id"], str) else None
    rule = next(rule for rule in rules if _is_of(rule, name))
    given = [pressed] if name else [[pressed]]
    named = zip(states[::2], states[1::2], strict=True)
    written = name or json.dumps(pressed["id"], separators=(",", ":"), sort_keys=True)
    return {
        "output": rule["output"],
        "outputs": [],
        "inputs": given,
        "state": [{"id": part, "property": "data", "value": value} for part, value in named],
        "changedPropIds": [f"{written}.{pressed['property']}"],
    }


def _is_of(rule: dict[str, Any], name: str | None) -> bool:
    """Whether a callback of the server is that of a button; None: of those that forget a mapping."""
    ids = [given["id"] for given in rule["inputs"]]
    return not rule["clientside_function"] and (ids == [name] if name else FORGET in ids[0])


def forget(
    client: FlaskClient, button: dict[str, str], query: str, view: str, clicks: int | None = 1
) -> TestResponse:
    pressed = {"id": button, "property": "n_clicks", "value": clicks}
    states = (Ids.SCOPE, query, Ids.VIEW, view, Shell.REFRESH, 1)
    return client.post("/_dash-update-component", json=call_of(client, pressed, *states))


def output_of(client: FlaskClient, button: str) -> str:
    """What the callback of a button updates."""
    rules = client.get("/_dash-dependencies").get_json()
    return next(
        str(rule["output"]) for rule in rules if [given["id"] for given in rule["inputs"]] == [button]
    )


DRAWN_BUTTONS = (
    PreviewIds.STORE,
    PreviewIds.COMPARE,
    PreviewIds.REPLACE,
    PreviewIds.DISCARD,
    PreviewIds.MAP,
)


def test_a_button_that_was_only_drawn_does_nothing(
    server: Flask, client: FlaskClient, manager: DatabaseManager
) -> None:
    job_id = upload(client, LAB)
    for button in DRAWN_BUTTONS:
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
    store(server, upload(client, LAB), KEPT, "", None)  # from now on there is a vCenter
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
    store(server, upload(client, LAB), KEPT, "", None)
    store(server, upload(client, UNNAMED), *answers, None)
    assert stored(manager)[-1][0] == expected


def test_several_csv_files_are_one_import(client: FlaskClient, manager: DatabaseManager) -> None:
    vinfo = b"VM,CPUs,VI SDK Server\r\na,2,vc01\r\nb,4,vc01\r\n"
    vdisk = b"VM,Disk,Capacity MiB\r\na,Hard disk 1,1024\r\n"
    query = [("file", "RVTools_tabvInfo.csv"), ("size", len(vinfo))]
    query += [("file", "RVTools_tabvDisk.csv"), ("size", len(vdisk))]
    answer = client.post(f"{UPLOAD_PATH}?{urlencode(query)}", data=vinfo + vdisk)
    job = get_job(manager, answer.get_json()["job"])
    assert (job.phase, job.file_name) == (JobPhase.PREVIEW, "2 CSV files")
    assert {tab.tab: tab.rows for tab in job.preview.tabs} == {"vInfo": 2, "vDisk": 1}


def compare(server: Flask, job_id: int, *answers: Any) -> dict[str, Any]:
    output = output_of(server.test_client(), PreviewIds.COMPARE)
    return press(server, output, 1, "", f"job={job_id}", *answers)


def test_comparing_shows_what_an_answer_would_change_before_anything_is_stored(
    server: Flask, client: FlaskClient, manager: DatabaseManager
) -> None:
    store(server, upload(client, LAB), KEPT, "", None)
    job_id = upload(client, UNNAMED)
    assert get_job(manager, job_id).preview.states[0].difference is None
    answer = compare(server, job_id, "10.21.17.40", "", "2026-07-04T06:07")
    assert answer["sideUpdate"] == {Ids.PHASE: {"data": f"{job_id} uploaded"}}
    job = get_job(manager, job_id)
    (state,) = job.preview.states
    assert (job.phase, state.vcenter, state.vcenter_source) == (JobPhase.PREVIEW, "10.21.17.40", "given")
    assert (state.difference.new, state.difference.gone) == (805, 27)
    assert len(stored(manager)) == 1
    compare(server, job_id, KEPT, "", "2026-07-04T06:07")
    (again,) = get_job(manager, job_id).preview.states
    assert again.needs_vcenter, "the answer is taken back"
    assert again.exported_at == datetime.fromisoformat("2026-07-04T06:07"), "this one was left"


def ask_to_replace(server: Flask, job_id: int, *answers: Any) -> dict[str, Any]:
    output = output_of(server.test_client(), PreviewIds.REPLACE)
    return press(server, output, 1, "", f"job={job_id}", *answers)


def test_earlier_states_go_only_after_a_second_confirmation_of_what_the_preview_shows(
    server: Flask, client: FlaskClient, manager: DatabaseManager, tmp_path: Path
) -> None:
    store(server, upload(client, LAB), KEPT, "", None)
    store(server, upload(client, UNNAMED), " ", "workshop", None)
    later = tmp_path / "RVTools_tabvInfo.csv"
    later.write_text("VM,CPUs,VI SDK Server\na,2,10.21.17.40\n")
    again = upload(client, later)
    said = (KEPT, "", "")
    other = ask_to_replace(server, again, "workshop", *said[1:])
    assert "Press Compare first" in str(other["response"])
    assert "sideUpdate" not in other, "the dialog stays closed"
    opened = ask_to_replace(server, again, *said)["sideUpdate"]
    assert opened[PreviewIds.DIALOG] == {"is_open": True}
    assert "1 stored state of 10.21.17.40 goes" in str(opened[PreviewIds.DIALOG_TEXT])
    assert len(stored(manager)) == 2, "nothing happens before the second confirmation"
    confirm = {"id": PreviewIds.DIALOG_CONFIRM, "property": "n_clicks", "value": 1}
    client.post(
        "/_dash-update-component",
        json=call_of(client, confirm, Ids.SCOPE, "", Ids.VIEW, f"job={again}"),
    )
    assert get_job(manager, again).phase == JobPhase.DONE
    assert sorted(row[0] for row in stored(manager)) == ["10.21.17.40", "workshop"]


def test_a_header_that_is_explained_is_read_and_can_be_forgotten(
    server: Flask, client: FlaskClient, manager: DatabaseManager, tmp_path: Path
) -> None:
    file = tmp_path / "RVTools_tabvInfo.csv"
    file.write_text("VM;Kerne;VI SDK Server\na;2;vc01\nb;4;vc01\n")
    job_id = upload(client, file)
    assert get_job(manager, job_id).preview.tabs[0].attributes == ("Kerne",)
    output = f"{PreviewIds.MAP_REFUSED}.children"
    view = f"job={job_id}"
    lacking = press(server, output, 1, "", view, "vInfo", "Kerne", None)
    assert lacking["response"][PreviewIds.MAP_REFUSED]["children"].startswith("Choose the column")
    press(server, output, 1, "", view, "vInfo", "Kerne", "cpus")
    preview = get_job(manager, job_id).preview
    assert preview.mappings == (HeaderMapping("vInfo", "kerne", "cpus"),)
    assert preview.tabs[0].attributes == ()
    button = {"type": FORGET, "tab": "vInfo", "header": "kerne"}
    forget(client, button, "", view)
    preview = get_job(manager, job_id).preview
    assert (preview.mappings, preview.tabs[0].attributes) == ((), ("Kerne",))


def test_an_explanation_can_be_forgotten_without_a_file(client: FlaskClient, db_url: str) -> None:
    save_mapping(db_url, HeaderMapping("vInfo", "kerne", "cpus"))
    button = {"type": FORGET, "tab": "vInfo", "header": "kerne"}
    answer = forget(client, button, "", "").get_json()
    assert answer["sideUpdate"] == {Shell.REFRESH: {"data": 2}}
    assert forget(client, button, "", "", clicks=None).status_code == 204, "it was only drawn"


def test_a_sheet_without_names_of_machines_is_read_once_one_is_shown(
    server: Flask, client: FlaskClient, manager: DatabaseManager, tmp_path: Path
) -> None:
    file = tmp_path / "estate.csv"
    file.write_text("Maschine;CPUs\na;2\nb;4\n")
    job_id = upload(client, file)
    preview = get_job(manager, job_id).preview
    assert (preview.states, len(preview.unknown_sheets)) == ((), 1)
    sheet = preview.unknown_sheets[0].sheet
    answers = ("", f"job={job_id}", sheet, "Maschine", "name")
    press(server, f"{PreviewIds.MAP_REFUSED}.children", 1, *answers)
    assert get_job(manager, job_id).preview.machines == 2


def test_a_running_job_can_be_stopped_and_says_that_nothing_was_stored(
    server: Flask, client: FlaskClient, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "start_job", lambda *_: None)
    job_id = upload(client, LAB)
    stop = {"id": Ids.STOP, "property": "n_clicks", "value": 1}
    client.post(
        "/_dash-update-component", json=call_of(client, stop, Ids.SCOPE, "", Ids.VIEW, f"job={job_id}")
    )
    answer = call(server, BODY, "", f"job={job_id}").get_json()["response"]
    assert answer[Ids.STAGE] == {"data": ""}
    assert "was cancelled" in str(answer[Ids.BODY])
    assert "Nothing of this file was stored" in str(answer[Ids.BODY])


def test_what_was_rejected_can_be_fetched_from_the_preview(
    client: FlaskClient, manager: DatabaseManager, tmp_path: Path
) -> None:
    file = tmp_path / "RVTools_tabvInfo.csv"
    file.write_text("VM;CPUs;VI SDK Server\na;two;vc01\nb;4;vc01\n")
    job = get_job(manager, upload(client, file))
    assert job.preview.rejected == 1
    assert "rejected.csv" in job.files
    answer = client.get(f"/jobs/{job.id}/rejected.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=rejected.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "two" in answer.text
    answer.close()
    assert client.get(f"/jobs/{job.id}/vInfo.csv").status_code == 404, "the upload itself is not given out"


def test_open_imports_of_others_are_named(server: Flask, client: FlaskClient) -> None:
    theirs, mine = upload(client, UNNAMED), upload(client, LAB)
    drawn = str(call(server, BODY, "", f"job={mine}").get_json()["response"][Ids.BODY])
    assert "1 other import is open:" in drawn
    assert f"/data-import?job={theirs}" in drawn


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
    store(server, upload(client, LAB), KEPT, "", None)
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
    assert counts == [4, 4], "the generation, the history, the open jobs and the mappings"
