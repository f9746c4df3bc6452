"""The schema: made by the revisions, equal to the tables that the program uses."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from data.database import MIGRATIONS, SCHEMA_REVISION, DatabaseManager, get_engine, upgrade_schema
from data.errors import DatabaseUnavailableError, SchemaTooNewError
from data.models import metadata


def _definitions(url: str) -> dict[str, list[str]]:
    """Name -> parts of the statement that made it, in an order that does not matter."""
    with get_engine(url).connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {name: sorted(re.split(r",\s+|\s+\)$", " ".join(sql.split()))) for name, sql in rows}


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
