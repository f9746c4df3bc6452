"""`flask --app app inventory …`: what it prints, and the status it ends with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from app import create_app
from data import jobs, models
from data.database import DatabaseManager
from data.settings import Settings
from tests.data.workbooks import Rows, table, vm, write_workbook
from tests.factories import add_state, add_vcenter

SAMPLES = Path(__file__).parents[1] / "samples"
LAB = str(SAMPLES / "lab-3.10-25-tabs.xlsx")
WORKSHOP = str(SAMPLES / "workshop-805-vms-3-tabs.xlsx")
KEYS = [
    "vms",
    "powered_on",
    "powered_off",
    "suspended",
    "templates",
    "vcpus",
    "memory_mib",
    "provisioned_mib",
    "in_use_mib",
    "datacenters",
    "clusters",
    "hosts",
    "host_cores",
    "host_memory_mib",
    "datastores",
    "datastore_capacity_mib",
    "disks",
    "disk_capacity_mib",
    "partitions",
    "vm_snapshots",
    "vcenters",
    "imports",
]


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[Flask]:
    second = f"sqlite:///{tmp_path}/second.db"
    yield create_app(
        Settings(db_url=db_url, databases={"second": second}, instance_dir=tmp_path / "instance")
    )
    DatabaseManager(second).clear_cache()


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Run a command of the group `inventory`."""
    runner: FlaskCliRunner = app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=["inventory", *arguments])


Run = Callable[..., Result]


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., str]:
    """Write a workbook of these machines."""

    def write(name: str, *vms: dict[str, Any], **tabs: Rows) -> str:
        return str(write_workbook(tmp_path / name, {"vInfo": table(*vms)} | tabs))

    return write


def test_an_import_says_what_was_stored_and_the_figures_follow(run: Run) -> None:
    result = run("import", LAB)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == (
        "lab-3.10-25-tabs.xlsx: stored. 27 machines of 10.21.17.40, exported 2018-04-04 17:25: stored."
    )
    figures = json.loads(run("stats", "--json").stdout)
    assert list(figures) == KEYS
    assert (figures["vms"], figures["templates"], figures["memory_mib"]) == (26, 1, 215040)
    assert json.loads(run("stats", "--include-templates", "--json").stdout)["vms"] == 27


def test_figures_are_whole_numbers_and_null_where_unknown(run: Run) -> None:
    assert run("import", WORKSHOP).exit_code == 0
    text = run("stats", "--json").stdout
    figures = json.loads(text)
    assert (figures["disks"], figures["datastores"], figures["vm_snapshots"]) == (None, None, None)
    assert (figures["vms"], figures["hosts"], figures["partitions"]) == (795, 34, 1617)
    assert '"memory_mib": 10733908,' in text
    shown = run("stats").stdout
    assert "memory_mib" in shown
    assert "10,733,908" in shown
    assert "unknown" in shown


def test_each_file_is_stored_or_refused_on_its_own_and_a_refusal_ends_with_2(
    run: Run, workbook: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "notes.xlsx").write_text("no workbook")
    result = run("import", str(tmp_path / "notes.xlsx"), workbook("good.xlsx", vm("a", 1)), "--json")
    assert result.exit_code == 2
    answers = json.loads(result.stdout)
    assert [(answer["file_name"], answer["outcome"]) for answer in answers] == [
        ("notes.xlsx", "refused"),
        ("good.xlsx", "stored"),
    ]
    assert json.loads(run("stats", "--json").stdout)["vms"] == 1


def test_the_same_file_again_is_unchanged_and_ends_with_0(run: Run) -> None:
    assert run("import", LAB).exit_code == 0
    result = run("import", LAB, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["outcome"] == "unchanged"
    assert json.loads(run("stats", "--json").stdout)["imports"] == 1


def test_a_refusal_is_a_sentence_without_a_traceback(run: Run, tmp_path: Path) -> None:
    result = run("import", str(tmp_path / "missing.xlsx"))
    assert result.exit_code == 2
    assert "missing.xlsx: refused. The file cannot be read: No such file or directory." in result.stderr
    assert "Traceback" not in result.output


def test_a_second_nameless_export_of_other_machines_asks_for_the_option(
    run: Run, workbook: Callable[..., str]
) -> None:
    names = {"VI SDK Server": "", "VI SDK UUID": ""}
    assert run("import", workbook("one.xlsx", vm("a", 1) | names)).exit_code == 0
    two = workbook("two.xlsx", vm("b", 2) | names, vm("c", 3) | names)
    result = run("import", two)
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith("known so far: “Unnamed vCenter”. Say it with --vcenter NAME.")
    assert run("import", two, "--vcenter", "Unnamed vCenter").exit_code == 0


def test_a_dry_run_writes_nothing(run: Run) -> None:
    result = run("import", LAB, "--dry-run", "--json")
    assert result.exit_code == 0
    [answer] = json.loads(result.stdout)
    [state] = answer["states"]
    assert (answer["outcome"], state["machines"], state["difference"]["new"]) == ("checked", 27, 27)
    assert state["import_id"] is None
    assert json.loads(run("stats", "--json").stdout)["imports"] == 0


@pytest.mark.parametrize("time", ["2026-09-01T09:30", "2026-09-01 09:30:00"])
def test_the_export_time_can_be_given(run: Run, time: str) -> None:
    [answer] = json.loads(run("import", LAB, "--exported-at", time, "--json").stdout)
    [state] = answer["states"]
    assert (state["exported_at"], state["exported_at_source"]) == ("2026-09-01T09:30:00", "given")


def test_another_database_is_chosen_by_its_name(run: Run) -> None:
    assert run("import", LAB, "--database", "second").exit_code == 0
    assert json.loads(run("stats", "--json").stdout)["vms"] == 0
    assert json.loads(run("stats", "--json", "--database", "second").stdout)["vms"] == 26


@pytest.mark.parametrize(
    "command", [("stats",), ("import", LAB), ("job", "1"), ("demo", "--vms", "10", "--seed", "1")]
)
def test_an_unknown_database_is_a_sentence(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--database", "third")
    assert result.exit_code == 2
    assert "There is no database “third”; configured: default, second." in result.stderr


def test_a_demo_estate_is_loaded_once_and_marked(run: Run) -> None:
    assert run("demo", "--vms", "20", "--seed", "1", "--months", "2").exit_code == 0
    figures = json.loads(run("stats", "--include-templates", "--json").stdout)
    assert (figures["vms"], figures["imports"]) == (20, 2)
    result = run("demo", "--vms", "20", "--seed", "2")
    assert result.exit_code == 2
    assert "A demo estate is loaded already. Remove it first." in result.stderr


def test_a_demo_workbook_is_written_and_imports_like_any_other(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "demo.xlsx"
    assert run("demo", "--vms", "25", "--seed", "1", "--out", str(file)).exit_code == 0
    [answer] = json.loads(run("import", str(file), "--json").stdout)
    [state] = answer["states"]
    assert (answer["outcome"], state["machines"], state["exported_at_source"]) == ("stored", 25, "vMetaData")
    assert [
        tab["tab"] for tab in answer["tabs"] if tab["headers"] != tab["headers_read"] + len(tab["attributes"])
    ] == [tab["tab"] for tab in answer["tabs"] if not tab["stored"] and tab["headers"]]


def test_demo_numbers_out_of_their_limits_are_a_sentence(run: Run) -> None:
    result = run("demo", "--vms", "5", "--seed", "1")
    assert result.exit_code == 2
    assert "A demo estate has 10 to 100,000 machines." in result.stderr


def test_a_job_is_run_and_reported(run: Run, workbook: Callable[..., str], db_url: str) -> None:
    job_id = jobs.create_job(db_url, path=Path(workbook("x.xlsx", vm("a", 1))), file_name="vc01.xlsx")
    result = run("job", str(job_id))
    assert result.exit_code == 0
    assert result.stdout == "vc01.xlsx: preview. Ready to be stored.\n"
    failed = run("job", "99")
    assert (failed.exit_code, "There is no job 99." in failed.stderr) == (2, True)


def test_a_database_that_does_not_answer_keeps_no_other_one_from_being_swept(
    tmp_path: Path, db_url: str, manager: DatabaseManager
) -> None:
    near = f"sqlite:///{tmp_path}/near.db"
    others = {"far": f"sqlite:///{tmp_path}", "near": near}
    server = create_app(Settings(db_url=db_url, databases=others, instance_dir=tmp_path / "instance"))
    try:
        with DatabaseManager(near).session_scope() as session:
            add_state(session, add_vcenter(session), status="unpublished")
        done = server.test_cli_runner().invoke(args=["inventory", "sweep"])
        assert done.exit_code == 0
        assert [line for line in done.stderr.splitlines() if line.startswith("far: ")]
        with DatabaseManager(near).get_session() as session:
            assert session.scalars(select(models.imports.c.id)).all() == []
    finally:
        DatabaseManager(near).clear_cache()
