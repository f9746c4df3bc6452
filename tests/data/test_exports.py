"""Excel exports: every machine of the scope, in the order and with the columns of the view, each cell of its type."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from data.database import DatabaseManager
from data.errors import ConflictError, InvalidInputError
from data.exports import machines, write_export
from data.ingest.states import delete_states
from data.queries import machines as queries
from data.vocabulary import JobPhase
from tests.factories import add_estate, add_machine, add_state

COLUMNS = ("name", "cpus", "memory_mib", "template", "created_at", "attr:Owner")
MACHINES: tuple[dict[str, object], ...] = (
    {
        "name": "web-1",
        "memory_mib": 4096.5,
        "created_at": datetime(2026, 1, 2, 3, 4, 5),
        "attributes": {"Owner": "=HYPERLINK(1)"},
    },
    {"name": "db-1", "cpus": None, "power_state": "poweredOff"},
    {"name": "http://tpl", "template": True},
)


@pytest.fixture
def estate(manager: DatabaseManager) -> DatabaseManager:
    with manager.session_scope() as session:
        add_estate(session, *MACHINES, attributes=["Owner"])
    return manager


def exported(
    manager: DatabaseManager,
    directory: Path,
    *,
    scope: str = "",
    columns: Sequence[str] = COLUMNS,
    sort: str = "name",
) -> openpyxl.Workbook:
    payload = {
        "scope": scope,
        "columns": list(columns),
        "titles": [f"{column} (unit)" for column in columns],
        "sort": sort,
        "direction": "asc",
        "filters": [["Power", "On"]] if scope else [],
    }
    (name,) = write_export(manager.db_url, payload, directory, lambda _phase, _pct, _message: None)
    assert [path.name for path in directory.glob("*.xlsx*")] == [name]
    return openpyxl.load_workbook(directory / name)


def values(sheet: Worksheet) -> list[tuple[object, ...]]:
    return list(sheet.iter_rows(values_only=True))


def test_all_machines_of_the_scope_are_exported_with_cells_of_their_types(
    estate: DatabaseManager, tmp_path: Path
) -> None:
    assert values(exported(estate, tmp_path)["Machines"]) == [
        tuple(f"{column} (unit)" for column in COLUMNS),
        ("db-1", None, None, False, None, None),
        ("web-1", 2, 4096.5, False, datetime(2026, 1, 2, 3, 4, 5), "=HYPERLINK(1)"),
    ]


def test_text_is_never_a_formula_or_a_link(estate: DatabaseManager, tmp_path: Path) -> None:
    sheet = exported(estate, tmp_path, scope="templates=include")["Machines"]
    kinds = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds["=HYPERLINK(1)"] == "s"
    assert kinds["http://tpl"] == "s"
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_the_filters_of_the_scope_hold_and_are_said_on_a_sheet_of_their_own(
    estate: DatabaseManager, tmp_path: Path
) -> None:
    workbook = exported(estate, tmp_path, scope="power=poweredOff", columns=["name"])
    assert values(workbook["Machines"])[1:] == [("db-1",)]
    about = dict(values(workbook["About"]))  # type: ignore[arg-type]
    assert about["Machines"] == "1"
    assert about["Power"] == "On"
    assert about["State of vc-north"] == "exported 2026-11-23 06:00"


def test_the_header_is_frozen_and_every_column_can_be_filtered(
    estate: DatabaseManager, tmp_path: Path
) -> None:
    sheet = exported(estate, tmp_path)["Machines"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:F3")


def test_more_machines_than_a_sheet_holds_go_on_in_the_next(
    estate: DatabaseManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machines, "SHEET_ROWS", 1)
    workbook = exported(estate, tmp_path, scope="templates=include", columns=["name"])
    found = [values(workbook[name])[1:] for name in workbook.sheetnames if name.startswith("Machines")]
    assert found == [[("db-1",)], [("http://tpl",)], [("web-1",)]]


def test_a_scope_without_machines_gives_a_sheet_with_the_header_alone(
    estate: DatabaseManager, tmp_path: Path
) -> None:
    assert values(exported(estate, tmp_path, scope="q=nowhere", columns=["name"])["Machines"]) == [
        ("name (unit)",)
    ]


def test_progress_ends_under_a_hundred_and_an_export_that_is_stopped_leaves_no_file_of_its_name(
    estate: DatabaseManager, tmp_path: Path
) -> None:
    said: list[tuple[JobPhase, int, str]] = []

    def stop(phase: JobPhase, pct: int, message: str) -> None:
        said.append((phase, pct, message))
        raise KeyboardInterrupt

    payload = {"scope": "", "columns": ["name"], "titles": ["Name"]}
    with pytest.raises(KeyboardInterrupt):
        write_export(estate.db_url, payload, tmp_path, stop)
    assert said == [(JobPhase.WRITING, 99, "Writing machines, 2 of 2.")]
    assert not list(tmp_path.glob("*.xlsx"))


def test_a_column_that_does_not_exist_is_refused(estate: DatabaseManager, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no column “shoes”"):
        exported(estate, tmp_path, columns=["shoes"])


class TestWhileTheDataChanges:
    """The job reads in blocks of two machines; something happens after the first block is written."""

    PAYLOAD: ClassVar = {"scope": "", "columns": ["name", "cpus"], "titles": ["Name", "vCPU"]}

    @pytest.fixture(autouse=True)
    def _in_blocks(self, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries, "CHUNK_ROWS", 2)
        with manager.session_scope() as session:
            add_estate(session, *({"cpus": 1} for _ in range(5)), exported_at=datetime(2026, 11, 1))

    def written(
        self, manager: DatabaseManager, directory: Path, happening: Callable[[], None]
    ) -> openpyxl.Workbook:
        steps = iter([happening])

        def report(*_: object) -> None:
            next(steps, lambda: None)()

        (name,) = write_export(manager.db_url, self.PAYLOAD, directory, report)
        return openpyxl.load_workbook(directory / name)

    def test_a_workbook_is_of_the_state_it_names_when_a_newer_one_is_imported(
        self, manager: DatabaseManager, tmp_path: Path
    ) -> None:
        def add_newer() -> None:
            with manager.session_scope() as session:
                state = add_state(session, 1, datetime(2026, 11, 2))
                for number in range(1, 6):
                    add_machine(session, state, f"vm-{number}", cpus=2)

        workbook = self.written(manager, tmp_path, add_newer)
        assert [cpus for _, cpus in values(workbook["Machines"])[1:]] == [1] * 5
        about = dict(values(workbook["About"]))  # type: ignore[arg-type]
        assert about["State of vc-north"] == "exported 2026-11-01 00:00"
        assert [path.name for path in tmp_path.glob("*.xlsx")] == ["machines-2026-11-01.xlsx"]

    def test_there_is_no_workbook_of_a_state_that_is_deleted(
        self, manager: DatabaseManager, tmp_path: Path
    ) -> None:
        with pytest.raises(ConflictError, match="deleted or replaced"):
            self.written(manager, tmp_path, lambda: delete_states(manager.db_url, [1]))
        assert not list(tmp_path.glob("*.xlsx"))


@pytest.mark.sqlite_only("PostgreSQL holds no NUL, and imports drop it")
def test_cells_that_a_workbook_cannot_hold_are_written_as_far_as_it_can(
    manager: DatabaseManager, tmp_path: Path
) -> None:
    columns = ("name", "annotation", "dns_name", "guest_state", "created_at", "cpu_shares")
    odd = {
        "name": "\x00\x07\ufffe\uffff <b>&",
        "annotation": "\N{PILE OF POO}" * 20_000,
        "dns_name": "_x0041_",
        "guest_state": " two\r\n lines\t",
        "created_at": datetime(1601, 1, 1),
        "cpu_shares": -1,
    }
    with manager.session_scope() as session:
        add_estate(session, odd)
    _, row = values(exported(manager, tmp_path, columns=columns)["Machines"])
    assert tuple(unescape(cell) if isinstance(cell, str) else cell for cell in row) == (
        "\x00\x07\ufffe\uffff <b>&",
        "\N{PILE OF POO}" * 16_383,
        "_x0041_",
        " two\r\n lines\t",
        "1601-01-01 00:00:00",
        -1,
    )


def test_text_that_looks_like_markup_of_a_sheet_stays_text_wherever_it_stands(
    manager: DatabaseManager, tmp_path: Path
) -> None:
    hostile = "<r>&<t></r>"
    payload = {
        "scope": "",
        "columns": ["name", "attr:hostile"],
        "titles": ["Name", hostile],
        "filters": [[hostile, hostile]],
    }
    with manager.session_scope() as session:
        add_estate(session, {"name": hostile, "attributes": {"hostile": hostile}})
    (name,) = write_export(manager.db_url, payload, tmp_path, lambda *_: None)
    workbook = openpyxl.load_workbook(tmp_path / name)
    assert values(workbook["Machines"]) == [("Name", f"{hostile} "), (f"{hostile} ", f"{hostile} ")]
    assert values(workbook["About"])[-1] == (f"{hostile} ", f"{hostile} ")
