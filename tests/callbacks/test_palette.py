"""What the palette is answered over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from app import create_app
from callbacks.shared import palette
from data.database import DatabaseManager, get_engine
from data.errors import DatabaseUnavailableError
from data.generations import raise_generation
from data.settings import Settings
from tests.factories import EXPORTED_AT, add_machine, add_state, add_vcenter

CountStatements = Callable[[Engine], AbstractContextManager[list[str]]]


def find(server: Flask, text: str, **more: str) -> list[dict[str, Any]]:
    answer = server.test_client().get("/find", query_string={"q": text} | more)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    groups: list[dict[str, Any]] = answer.get_json()
    return groups


def links(groups: list[dict[str, Any]]) -> list[str]:
    return [row["href"] for group in groups for row in group["rows"]]


@pytest.fixture
def estate(manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        for number, name in enumerate(("vc-north", "vc-south")):
            state = add_state(session, add_vcenter(session, name))
            add_machine(
                session, state, f"web-{number}", cluster="web", datacenter="DC 1", host=f"esx{number}"
            )
        raise_generation(session)


@pytest.mark.usefixtures("estate")
def test_the_groups_hold_links_and_the_one_that_fits_best_is_first(server: Flask) -> None:
    groups = find(server, "web")
    assert [group["title"] for group in groups] == ["Clusters", "Machines"]
    assert links(groups) == [
        "/vm-explorer?vcenter=1&datacenter=DC+1&cluster=web",
        "/vm-explorer?vcenter=2&datacenter=DC+1&cluster=web",
        "/vm-explorer/1",
        "/vm-explorer/2",
    ]


@pytest.mark.usefixtures("estate")
def test_links_keep_the_day_and_nothing_else_of_the_page(server: Flask) -> None:
    day = (EXPORTED_AT + timedelta(days=1)).date().isoformat()
    found = links(find(server, "web-0", as_of=day, datacenter="DC9", templates="only"))
    assert found == [f"/vm-explorer/1?as_of={day}"]
    assert find(server, "web-0", as_of="1999-01-01") == []


def test_another_database_is_asked_and_stays_in_the_links(db_url: str, tmp_path: Any) -> None:
    lab = f"sqlite:///{tmp_path}/lab.db"
    server = create_app(Settings(db_url=db_url, databases={"lab": lab}, instance_dir=tmp_path / "instance"))
    with DatabaseManager(lab).session_scope() as session:
        add_machine(session, add_state(session, add_vcenter(session)), "web")
        raise_generation(session)
    assert links(find(server, "web", db="lab")) == ["/vm-explorer/1?db=lab"]
    assert find(server, "web") == []
    assert server.test_client().get("/find?q=web&db=moon").status_code == 404


@pytest.mark.usefixtures("estate")
def test_the_places_are_read_when_the_palette_opens_and_not_again_while_somebody_types(
    server: Flask, db_url: str, count_statements: CountStatements
) -> None:
    with count_statements(get_engine(db_url)) as statements:
        assert find(server, "") == []
        assert len(statements) == 1 + 2, "the generation and the places"
        for text in ("w", "we", "web"):
            del statements[:]
            assert find(server, text)
            assert len(statements) == 1 + 2, "the generation and the machines"


@pytest.mark.usefixtures("estate")
def test_what_is_imported_meanwhile_is_found(server: Flask, manager: DatabaseManager) -> None:
    assert find(server, "new") == []
    with manager.session_scope() as session:
        state = add_state(session, add_vcenter(session, "vc-east"))
        add_machine(session, state, "new-machine", cluster="new-cluster")
        raise_generation(session)
    assert [group["title"] for group in find(server, "new")] == ["Machines", "Clusters"]


@pytest.mark.parametrize("text", ["%00", "%F0%9F%9A%80", "a" * 5000, "%5B%28", "%FF"])
def test_no_text_is_too_odd(server: Flask, text: str) -> None:
    answer = server.test_client().get(f"/find?q={text}")
    assert (answer.status_code, answer.get_json()) == (200, [])


def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    server: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Iterator[None]:
        raise DatabaseUnavailableError("The database does not answer.")

    monkeypatch.setattr(palette, "read", fail)
    answer = server.test_client().get("/find?q=web")
    assert (answer.status_code, answer.text) == (503, "The database does not answer.")
