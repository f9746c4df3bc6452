"""When an answer is another one: generations of the data, on every database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from data.cache import read
from data.cache_store import init_cache
from data.database import DatabaseManager, get_engine
from data.errors import DataError
from data.generations import current_generation, raise_generation
from data.scope import Scope
from tests.data.questions import add_vcenter, count_vcenters, uses


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path) -> Iterator[None]:
    """The cache of an app of this test, which is at work."""
    server = Flask("test")
    init_cache(server, tmp_path / "cache")
    with server.app_context():
        yield


def test_a_warm_answer_costs_one_statement(db_url: str, count_statements) -> None:
    read(db_url, count_vcenters, Scope())
    with count_statements(get_engine(db_url)) as statements:
        read(db_url, count_vcenters, Scope())
    assert ["generations" in statement for statement in statements] == [True]


def test_a_write_is_seen_at_once(manager: DatabaseManager) -> None:
    assert read(manager.db_url, count_vcenters, Scope()) == 0
    add_vcenter(manager, "lab")
    assert read(manager.db_url, count_vcenters, Scope()) == 1


def test_a_write_that_is_rolled_back_keeps_the_answers(manager: DatabaseManager) -> None:
    read(manager.db_url, count_vcenters, Scope())
    with manager.session_scope() as session:
        raise_generation(session)
        session.rollback()
    read(manager.db_url, count_vcenters, Scope())
    assert uses()["count_vcenters"].hits == 1


def test_two_writes_in_one_second_are_two_generations(manager: DatabaseManager) -> None:
    seen = set()
    for _ in range(3):
        with manager.session_scope() as session:
            raise_generation(session)
            raise_generation(session, "labels")
            seen.add(current_generation(session))
    assert len(seen) == 3


def test_a_generation_does_not_come_back_with_an_older_copy_of_the_database(
    manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_a_write_at(seconds: int) -> str:
        monkeypatch.setattr("data.generations.time.time", lambda: seconds)
        with manager.session_scope() as session:
            raise_generation(session)
            return current_generation(session)

    first = after_a_write_at(1_000)
    later = after_a_write_at(2_000)
    with manager.session_scope() as session:
        session.execute(text("UPDATE generations SET value = 1000"))
    assert after_a_write_at(3_000) not in {first, later}


def test_a_refused_statement_becomes_our_error(db_url: str) -> None:
    def broken(session: Session, _scope: Scope) -> int:
        return session.execute(text("SELECT id FROM nowhere")).scalar_one()

    with pytest.raises(DataError, match="nowhere"):
        read(db_url, broken, Scope())
