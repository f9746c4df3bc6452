"""The schema: made by the revisions, equal to the tables that the program uses."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, String, Table, Text, UniqueConstraint, create_mock_engine, select, text
from sqlalchemy.orm import Session

from data.database import (
    MIGRATIONS,
    SCHEMA_REVISION,
    DatabaseManager,
    get_engine,
    upgrade_schema,
    used_bytes,
)
from data.errors import DatabaseUnavailableError, SchemaTooNewError
from data.fields import NAME_LENGTH
from data.ingest import import_file
from data.ingest.storing import STATE_TABLES
from data.models import generations, imports, jobs, metadata, vcenters
from tests.data.workbooks import table, vm, write_workbook

OLD = Path(__file__).with_name("database_0001.sql")
"""A database as the first version left it: two states of a vCenter with two machines, and a job that is done."""
VARCHARS_OF_A_TABLE = 15_000
"""Characters: a row of MariaDB holds 65,535 bytes, a character takes up to four."""


def _definitions(url: str) -> dict[str, list[str]]:
    """Name -> parts of the statement that made it, in an order that does not matter."""
    with get_engine(url).connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {
        name: sorted(re.split(r",\s+|\s+\)$", " ".join(sql.replace('"', "").split()))) for name, sql in rows
    }


@pytest.mark.sqlite_only("what SQLite stores of its schema; tests/services/test_schema.py asks the servers")
def test_the_revisions_make_exactly_the_tables_of_the_program(db_url: str, tmp_path: Path) -> None:
    made = f"sqlite:///{tmp_path / 'made.db'}"
    metadata.create_all(get_engine(made))
    migrated = _definitions(db_url)
    assert migrated.pop("alembic_version")
    assert migrated == _definitions(made)


def test_the_newest_revision_is_the_one_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA_REVISION


def test_a_schema_that_is_up_to_date_is_left_alone(db_url: str, count_statements) -> None:
    with count_statements(get_engine(db_url)) as statements:
        upgrade_schema(db_url)
    assert not [statement for statement in statements if statement.startswith(("CREATE", "INSERT", "UPDATE"))]


def test_the_directory_of_a_new_database_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'inventory.db'}"
    upgrade_schema(url)
    assert DatabaseManager(url).test_connection()[0]


def test_a_database_of_a_newer_program_is_refused(manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNewError, match=r"newer version of this program \(schema 9999\)"):
        upgrade_schema(manager.db_url)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE virtual_machines (id INTEGER)")
    with pytest.raises(DatabaseUnavailableError, match="tables of another program"):
        upgrade_schema(f"sqlite:///{file}")
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_processes_that_start_together_upgrade_one_after_the_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'inventory.db'}"
    program = [sys.executable, "-c", f"from data.database import upgrade_schema; upgrade_schema({url!r})"]
    running = [subprocess.Popen(program, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in running] == [""] * 3


@pytest.fixture
def old_url(tmp_path: Path) -> str:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as old:
        old.executescript(OLD.read_text(encoding="utf-8"))
    return f"sqlite:///{file}"


def _rows(engine: Engine, columns: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(f"SELECT {', '.join(of)} FROM {name}"))]
            for name, of in columns.items()
        }


@pytest.mark.sqlite_only("what SQLite stores of its schema; tests/services/test_schema.py asks the servers")
def test_an_older_database_gets_exactly_the_tables_of_the_program(old_url: str, db_url: str) -> None:
    upgrade_schema(old_url)
    assert _definitions(old_url) == _definitions(db_url)


def test_an_older_database_keeps_every_row_but_the_search_texts_when_it_is_upgraded(old_url: str) -> None:
    engine = get_engine(old_url)
    with engine.connect() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        columns = {
            name: [
                f'"{column}"'
                for column in connection.scalars(text(f"SELECT name FROM pragma_table_info('{name}')"))
            ]
            for name in names
            if name not in {"alembic_version", "machine_texts"}
        }
    before = _rows(engine, columns)
    assert len(before["virtual_machines"]) == 4
    upgrade_schema(old_url)
    assert _rows(engine, columns) == before
    with engine.connect() as connection:
        assert (
            connection.execute(select(imports.c.is_pinned, imports.c.size_bytes, imports.c.file_states)).all()
            == [(False, None, 1)] * 2
        )
        assert connection.scalars(select(vcenters.c.is_settling)).all() == [False]
        assert connection.scalars(select(jobs.c.process_id)).all() == [None]
        assert not connection.execute(text("PRAGMA foreign_key_check")).all()


def test_an_older_database_takes_the_next_export_once_it_is_upgraded(old_url: str, tmp_path: Path) -> None:
    upgrade_schema(old_url)
    tabs = {
        "vInfo": table(vm("web-1", 1), vm("app-1", 3)),
        "vCD": table({"VM": "web-1", "Device Node": "CD 1"}),
    }
    result = import_file(old_url, write_workbook(tmp_path / "november.xlsx", tabs))
    (state,) = result.states
    assert (state.vcenter, state.machines) == ("vc1.example.com", 2)
    assert (state.difference.new, state.difference.gone) == (1, 1)


def _varchars(table: Table) -> int:
    return sum(
        column.type.length or 0
        for column in table.columns
        if isinstance(column.type, String) and not isinstance(column.type, Text)
    )


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_the_short_texts_of_a_table_fit_into_a_row_of_mariadb(name: str) -> None:
    assert _varchars(metadata.tables[name]) <= VARCHARS_OF_A_TABLE


def _indexed(table: Table) -> list[Column[object]]:
    """Columns of keys and indexes, partial ones left out: MariaDB has none."""
    found = [
        column
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is None
        for column in index.columns
    ]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            found += constraint.columns
    return [*found, *table.primary_key]


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_a_text_that_is_indexed_is_short_enough_for_mariadb(name: str) -> None:
    texts = [column for column in _indexed(metadata.tables[name]) if isinstance(column.type, String)]
    assert [column.name for column in texts if not 0 < (column.type.length or 0) <= NAME_LENGTH] == []


@pytest.mark.parametrize("table", STATE_TABLES, ids=str)
def test_an_index_finds_the_rows_of_a_state_and_those_of_a_machine(table: Table) -> None:
    """SQLite looks for those of a machine with every machine that it removes."""
    first = {next(iter(columns)).name for columns in (table.primary_key, *(i.columns for i in table.indexes))}
    assert {"import_id", *({"virtual_machine_id"} & {*table.columns.keys()})} <= first


@pytest.mark.sqlite_only("servers do not tell")
def test_the_bytes_in_use_grow_with_rows_and_shrink_when_they_go(manager: DatabaseManager) -> None:
    def now() -> int:
        with manager.get_session() as session:
            return used_bytes(session) or 0

    empty = now()
    rows = [{"subject": f"{number:032}", "value": number} for number in range(5000)]
    with manager.session_scope() as session:
        session.execute(generations.insert(), rows)
    full = now()
    with manager.session_scope() as session:
        session.execute(
            generations.delete().where(generations.c.value < 5000, generations.c.subject.like("0%"))
        )
    assert full - empty > 5000 * 32
    assert now() < empty + (full - empty) / 10


def test_the_bytes_in_use_of_other_databases_are_unknown() -> None:
    engine = create_mock_engine("postgresql://", lambda *_: None)
    assert used_bytes(Session(engine)) is None  # type: ignore[arg-type]  # nothing is asked of it
