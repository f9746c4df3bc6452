"""Whether the databases and the cache answer."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from data import health
from data.cache_store import current_store, init_cache
from data.database import DatabaseManager, get_engine, schema_is_current
from data.errors import DatabaseUnavailableError
from data.health import DatabaseHealth, Health, HealthCheck

FINE = DatabaseHealth(answers=True, schema_is_current=True)
SILENT = DatabaseHealth(answers=False, schema_is_current=None)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path) -> Iterator[None]:
    server = Flask("test")
    init_cache(server, tmp_path / "cache")
    with server.app_context():
        yield


def test_a_database_with_the_schema_of_the_program_is_well(db_url: str) -> None:
    assert HealthCheck({"default": db_url}).ask() == Health({"default": FINE}, "files", cache_answers=True)


def test_another_schema_is_told_apart(db_url: str, manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not schema_is_current(db_url)
    assert HealthCheck({"default": db_url}).ask().databases == {
        "default": DatabaseHealth(answers=True, schema_is_current=False)
    }


@pytest.mark.sqlite_only("nothing is there")
def test_a_database_without_a_schema_is_told_apart(tmp_path: Path) -> None:
    assert not schema_is_current(f"sqlite:///{tmp_path / 'new.db'}")


@pytest.mark.sqlite_only("no database is asked, or one in a file that is gone")
def test_what_does_not_answer_is_told_by_its_name(db_url: str, tmp_path: Path, closed_port: int) -> None:
    gone = f"sqlite:///{tmp_path / 'gone.db'}"
    with get_engine(gone).connect():
        (tmp_path / "gone.db").touch()
    (tmp_path / "gone.db").unlink()
    nobody = f"postgresql+psycopg://me:secret@127.0.0.1:{closed_port}/estate"
    databases = {"default": db_url, "gone": gone, "nobody": nobody, "nonsense": "nonsense"}
    found = HealthCheck(databases).ask().databases
    assert found == {"default": FINE, "gone": SILENT, "nobody": SILENT, "nonsense": SILENT}
    with pytest.raises(DatabaseUnavailableError):
        schema_is_current(nobody)


@pytest.mark.sqlite_only("the database is replaced")
def test_what_hangs_is_waited_for_once_and_not_asked_again_meanwhile(
    db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.01)
    asked: list[str] = []
    goes_on = threading.Event()

    def hang(url: str) -> bool:
        asked.append(url)
        return goes_on.wait(5)

    monkeypatch.setattr(health, "schema_is_current", hang)
    monkeypatch.setattr(current_store(), "answers", goes_on.wait)
    check = HealthCheck({"default": db_url})
    for _ in range(3):
        assert check.ask() == Health({"default": SILENT}, "files", cache_answers=False)
    assert asked == [db_url]
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 5)
    goes_on.set()
    assert check.ask() == Health({"default": FINE}, "files", cache_answers=True)
    assert check.ask().databases == {"default": FINE}
    assert len(asked) >= 2


@pytest.mark.sqlite_only("no database is asked")
def test_a_bug_in_a_check_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_url: str) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(health, "schema_is_current", fail)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            HealthCheck({"default": "sqlite://"}).ask()


@pytest.mark.sqlite_only("the cache is asked")
def test_the_cache_is_told_by_its_kind_and_whether_it_answers(
    db_url: str, redis_url: str, closed_port: int, tmp_path: Path
) -> None:
    check = HealthCheck({"default": db_url})
    found = {}
    for url in (redis_url, f"redis://127.0.0.1:{closed_port}", ""):
        server = Flask("other")
        init_cache(server, tmp_path / "cache", url)
        with server.app_context():
            told = check.ask()
            found[url] = (told.cache_kind, told.cache_answers)
    assert list(found.values()) == [("redis", True), ("redis", False), ("files", True)]
    (tmp_path / "file").touch()
    store = current_store()
    store.directory = store._answers = tmp_path / "file" / "cache"
    assert not check.ask().cache_answers
