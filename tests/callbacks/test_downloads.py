"""What is exported is what is shown: every form, all rows, of one state, or no file at all."""

import csv
import http.client
import io
import json
import os
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app import create_app
from data import jobs
from data.database import DatabaseManager, upgrade_schema
from data.demo import write_demo
from data.errors import ConflictError
from data.fields import DEFAULT_COLUMNS, MACHINE_FIELDS
from data.ingest import import_file
from data.ingest.states import delete_states
from data.queries import machines as queries
from data.settings import Settings
from data.spreadsheets import harmless
from data.vocabulary import Kind
from layouts.shared import formats
from layouts.shared.export_box import MAX_SELECTED, ExportIds
from layouts.shared.machine_table import View, title_with_unit
from layouts.vm_explorer import Ids
from tests.callbacks.calling import call
from tests.factories import add_estate, add_machine, add_state
from tests.test_entry_points import serving

LAB = Path(__file__).parents[1] / "samples" / "lab-3.10-25-tabs.xlsx"
MACHINES = 26
"""Of the sample, without its template."""
BLOCK = 50
FIELDS = {field.key: field.kind for field in MACHINE_FIELDS}
TEXTS = {Kind.NAME, Kind.TEXT}
ATTRIBUTES = ("attr:Owner", "attr:Nowhere")
SCOPES = (
    "",
    "templates=include",
    "power=poweredOff&power=",
    "q=web",
    "q=no+such+machine",
    "attention=powered_off",
    "as_of=2018-05-01",
    "datacenter=Datacenter1",
    "vcenter=2&created_from=2024-01-01",
    "q=%5E%5Ba-m%5D&pattern=1",
    "where=cpus:%3E+2&where=attr:Owner:%21%28none%29",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app over the lab's export and an invented estate, whose jobs run in this process when they are started."""
    folder = tmp_path_factory.mktemp("downloads")
    url = f"sqlite:///{folder / 'inventory.db'}"
    server = create_app(
        Settings(db_url=url, instance_dir=folder, log_level="warning", results_per_page=BLOCK)
    )
    (demo,) = write_demo(folder / "demo.xlsx", vms=120, seed=3)
    for workbook in (LAB, demo):
        import_file(url, workbook)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            jobs, "start_job", lambda _database, job_id: jobs.run_job(url, job_id, directory=folder / "jobs")
        )
        patch.setattr(queries, "CHUNK_ROWS", 37)
        yield server
    DatabaseManager(url).clear_cache()


def asked(app: Flask, form: str, query: str = "", ids: list[int] | None = None) -> TestResponse:
    address, client = f"/export/machines.{form}?{query}", app.test_client()
    if ids is None:
        return client.get(address)
    return client.post(address, data={"ids": ",".join(map(str, ids))})


def content(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    return answer.get_data().decode("utf-8-sig")


def csv_rows(app: Flask, query: str = "", ids: list[int] | None = None) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(asked(app, "csv", query, ids)), newline="")))


def table_rows(app: Flask, query: str = "", ids: list[int] | None = None) -> list[list[str]]:
    return [line.split("\t") for line in content(asked(app, "txt", query, ids)).split("\n")[:-1]]


def json_rows(app: Flask, query: str = "", ids: list[int] | None = None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content(asked(app, "jsonl", query, ids)).split("\n")[:-1]]


def excel_rows(app: Flask, scope: str = "", view: str = "", ids: list[int] | None = None) -> list[list[Any]]:
    request = {"machines": ids or []}
    started = call(app, f"{ExportIds.JOB}.data", request, scope, view, opening=False).get_json()
    job = started["response"][ExportIds.JOB]["data"]
    link = call(app, f"{ExportIds.BOX}.hidden", job, 1).get_json()["response"][ExportIds.LINK]["children"]
    with app.test_client().get(link["props"]["href"]) as file:
        workbook = openpyxl.load_workbook(io.BytesIO(file.data))
    return [list(row) for row in workbook["Machines"].values]


def shown_rows(app: Flask, scope: str, view: str) -> list[dict[str, str]]:
    """Every row of the grid, a block at a time."""
    rows: list[dict[str, str]] = []
    while True:
        request = {"startRow": len(rows), "endRow": len(rows) + BLOCK, "sortModel": []}
        answer = call(app, f"{Ids.GRID}.getRowsResponse", request, scope, view, opening=False).get_json()
        block = answer["response"][Ids.GRID]["getRowsResponse"]
        rows += block["rowData"]
        if not block["rowData"] or len(rows) >= block["rowCount"]:
            return rows


def as_shown(column: str, value: Any) -> str:
    """A value of a file as the grid shows it."""
    if value is None or value == "":
        return formats.UNKNOWN
    if column in ATTRIBUTES:
        return str(value)
    return formats.value(column, typed(FIELDS[column], value))


def escaped(column: str, cell: str) -> str:
    """What the grid shows, as a file for spreadsheets has it."""
    return harmless(cell) if FIELDS.get(column, Kind.TEXT) in TEXTS and cell != formats.UNKNOWN else cell


def typed(kind: Kind, value: Any) -> Any:
    if not isinstance(value, str) or kind in TEXTS:
        return value
    if kind is Kind.BOOLEAN:
        return {"Yes": True, "No": False}[value]
    return datetime.fromisoformat(value) if kind is Kind.DATETIME else float(value)


@st.composite
def views(draw: st.DrawFn) -> View:
    keys = st.sampled_from((*FIELDS, *ATTRIBUTES))
    columns = draw(st.lists(keys, min_size=1, max_size=12, unique=True) | st.just(list(DEFAULT_COLUMNS)))
    return View(columns=tuple(columns), sort=draw(keys), direction=draw(st.sampled_from(("asc", "desc"))))


@settings(max_examples=15, deadline=None)
@given(scope=st.sampled_from(SCOPES), view=views())
def test_what_is_exported_is_what_is_shown_in_every_form(app: Flask, scope: str, view: View) -> None:
    columns, query = view.columns, view.query()
    shown = [[row[column] for column in columns] for row in shown_rows(app, scope, query)]
    texts = [[escaped(c, cell) for c, cell in zip(columns, row, strict=True)] for row in shown]
    titles = [title_with_unit(column) for column in columns]

    def read(rows: list[list[Any]]) -> list[list[str]]:
        return [[as_shown(c, cell) for c, cell in zip(columns, row, strict=True)] for row in rows]

    for heading, *rows in (csv_rows(app, f"{scope}&{query}"), table_rows(app, f"{scope}&{query}")):
        assert (heading, read(rows)) == (titles, texts)
    heading, *cells = excel_rows(app, scope, query)
    assert (heading, read(cells)) == (titles, shown)
    machines = json_rows(app, f"{scope}&{query}")
    assert shown == read(
        [
            [one["attributes"][c.removeprefix("attr:")] if c in ATTRIBUTES else one[c] for c in columns]
            for one in machines
        ]
    )


def test_all_machines_that_match_come_with_the_columns_chosen_in_their_order(app: Flask) -> None:
    query = "datacenter=Datacenter1&col=name&col=memory_mib&col=template&sort=-memory_mib"
    heading, *rows = csv_rows(app, query)
    assert heading == ["Name", "Memory (MiB)", "Template"]
    assert rows[0] == ["VCSA", "10240", "No"]
    assert len(rows) == MACHINES


@pytest.mark.parametrize(
    ("form", "mimetype", "start"),
    [
        ("csv", "text/csv", b"\xef\xbb\xbfName"),
        ("jsonl", "application/jsonl", b'{"name"'),
        ("txt", "text/plain", b"Name\n"),
    ],
)
def test_each_form_says_what_it_is_and_a_csv_that_it_is_utf_8(
    app: Flask, form: str, mimetype: str, start: bytes
) -> None:
    answer = asked(app, form, "col=name")
    assert answer.mimetype == mimetype
    assert answer.get_data().startswith(start)


def test_columns_that_do_not_exist_are_left_out(app: Flask) -> None:
    assert csv_rows(app, "col=machine_id&col=attributes&col=host&q=vcsa") == [["Host"], ["10.21.17.25"]]


def test_a_file_is_saved_under_the_day_of_the_data_and_a_table_is_shown(app: Flask) -> None:
    names = {"": "2026-11-16", "as_of=2018-05-01": "2018-05-01", "vcenter=1": "2018-04-04"}
    for query, day in names.items():
        for form in ("csv", "jsonl"):
            said = asked(app, form, query).headers["Content-Disposition"]
            assert said == f'attachment; filename="machines-{day}.{form}"'
    assert "Content-Disposition" not in asked(app, "txt").headers


def test_what_is_no_database_or_no_form_is_no_file(app: Flask) -> None:
    assert asked(app, "csv", "db=none").status_code == 404
    assert asked(app, "exe").status_code == 404


@pytest.mark.parametrize("filter_", ["q=web-(&pattern=1", "where=cpus:many", "where=shoes:web"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "txt"])
def test_a_filter_that_cannot_be_used_is_refused_in_a_sentence_before_a_file_begins(
    app: Flask, form: str, filter_: str
) -> None:
    answer = asked(app, form, filter_)
    assert answer.status_code == 400
    assert "Content-Disposition" not in answer.headers
    assert answer.text.endswith(".")


class TestSelectedMachines:
    @pytest.fixture
    def ids(self, app: Flask) -> dict[str, int]:
        return {row["name"]: int(row["machine_id"]) for row in shown_rows(app, "templates=include", "")}

    def test_every_form_has_them_alone_in_the_order_of_the_view(
        self, app: Flask, ids: dict[str, int]
    ) -> None:
        names = sorted(ids)[::40]
        chosen, view = [ids[name] for name in reversed(names)], "col=name&sort=-name"
        expected = [[name] for name in sorted(map(harmless, names), key=str.casefold, reverse=True)]
        query = f"templates=include&{view}"
        assert csv_rows(app, query, chosen) == table_rows(app, query, chosen) == [["Name"], *expected]
        assert [harmless(one["name"]) for one in json_rows(app, query, chosen)] == [
            one for (one,) in expected
        ]
        excel = excel_rows(app, "templates=include", view, chosen)
        assert [[harmless(name)] for (name,) in excel] == [["Name"], *expected]

    def test_one_that_is_not_in_the_scope_is_left_out(self, app: Flask, ids: dict[str, int]) -> None:
        outside = next(name for name in ids if name != "VCSA")
        chosen = [ids["VCSA"], ids[outside], 999_999_999]
        assert csv_rows(app, "col=name&q=vcsa", chosen) == [["Name"], ["VCSA"]]
        assert excel_rows(app, "q=vcsa", "col=name", chosen) == [["Name"], ["VCSA"]]
        assert csv_rows(app, "col=name&q=vcsa", [ids[outside]]) == [["Name"]]

    @pytest.mark.parametrize("ids", ["", ",", "1,", "1;2", "one", "-1", "1.5"])
    def test_a_selection_that_cannot_be_read_is_no_file_of_all(self, app: Flask, ids: str) -> None:
        answer = app.test_client().post("/export/machines.csv", data={"ids": ids})
        assert (answer.status_code, answer.text) == (
            400,
            "No machine is selected, or the selection cannot be read.",
        )

    def test_as_many_as_may_be_selected_are_taken_and_one_more_is_refused(self, app: Flask) -> None:
        most = [999_999_999 - number for number in range(MAX_SELECTED)]
        assert csv_rows(app, "col=name", most) == [["Name"]]
        refused = asked(app, "csv", "", [*most, 1])
        assert (refused.status_code, refused.text) == (
            400,
            "At most 200,000 selected machines can be exported at once.",
        )

    def test_another_site_cannot_ask_for_them(self, app: Flask) -> None:
        client = app.test_client()
        answer = client.post(
            "/export/machines.csv", data={"ids": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403


class TestWhileTheDataChanges:
    @pytest.fixture
    def app(self, manager: DatabaseManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
        """An app over a state of ten machines with one vCPU each."""
        monkeypatch.setattr(queries, "CHUNK_ROWS", 3)
        with manager.session_scope() as session:
            add_estate(session, *({"cpus": 1} for _ in range(10)), exported_at=datetime(2026, 11, 1))
        return create_app(
            Settings(db_url=manager.db_url, instance_dir=tmp_path / "instance", log_level="warning")
        )

    @staticmethod
    def add_newer(manager: DatabaseManager) -> None:
        with manager.session_scope() as session:
            state = add_state(session, 1, datetime(2026, 11, 2))
            for number in range(1, 11):
                add_machine(session, state, f"vm-{number}", cpus=2)

    def test_a_file_is_of_the_state_it_began_with_when_a_newer_one_is_imported(
        self, app: Flask, manager: DatabaseManager
    ) -> None:
        pieces = asked(app, "jsonl", "col=cpus").iter_encoded()
        begun = next(pieces)
        self.add_newer(manager)
        rows = (begun + b"".join(pieces)).splitlines()
        assert rows == [b'{"cpus":1}'] * 10
        assert json_rows(app, "col=cpus") == [{"cpus": 2}] * 10

    def test_a_file_breaks_off_when_its_state_is_deleted(self, app: Flask, manager: DatabaseManager) -> None:
        self.add_newer(manager)
        pieces = asked(app, "jsonl", "col=cpus").iter_encoded()
        assert next(pieces) == b'{"cpus":2}\n' * 3
        delete_states(manager.db_url, [2])
        with pytest.raises(ConflictError, match="deleted or replaced"):
            next(pieces)

    def test_a_state_that_got_the_ids_of_a_deleted_one_is_not_taken_for_it(
        self, app: Flask, manager: DatabaseManager
    ) -> None:
        self.add_newer(manager)
        pieces = asked(app, "jsonl", "col=cpus").iter_encoded()
        assert next(pieces) == b'{"cpus":2}\n' * 3
        delete_states(manager.db_url, [2])
        with manager.session_scope() as session:
            state = add_state(session, 1, datetime(2026, 11, 3), imported_at=datetime(2026, 11, 24))
            for number in range(1, 11):
                add_machine(session, state, f"vm-{number}", cpus=3)
        assert state.id == 2
        with pytest.raises(ConflictError, match="deleted or replaced"):
            next(pieces)

    def test_a_slow_reader_holds_no_transaction(self, app: Flask, manager: DatabaseManager) -> None:
        pieces = asked(app, "jsonl", "col=cpus").iter_encoded()
        next(pieces)
        with manager.session_scope() as session:
            add_state(session, 1, datetime(2026, 11, 2))
        with manager.get_session() as session:
            busy, *_ = session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        assert busy == 0
        assert len(b"".join(pieces).splitlines()) == 7


def test_a_file_that_breaks_off_is_no_whole_one_for_its_reader(tmp_path: Path) -> None:
    """Over a real server: 2,000 machines fill the buffers, so the state is deleted before the rest is read."""
    url = f"sqlite:///{tmp_path / 'inventory.db'}"
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": "0",
        "VMWARE_INV_DB_URL": url,
        "VMWARE_INV_INSTANCE_DIR": str(tmp_path / "instance"),
    }
    upgrade_schema(url)
    with DatabaseManager(url).session_scope() as session:
        state = add_estate(session, *({"annotation": "long " * 2000} for _ in range(2001)))
    with serving(environment, "-m", "gunicorn", "app:server") as (host, port), socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((host, port))
        client.sendall(b"GET /export/machines.csv?col=annotation HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert (answer.status, answer.read(3)) == (200, b"\xef\xbb\xbf")
        delete_states(url, [state.id])
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
