"""Callbacks ask by scope: which database that means, what is read once, what Dash is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from dash import Dash, Input, Output, html
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from callbacks.shared import reading
from data.cache_store import init_cache
from data.database import DatabaseManager, get_engine
from data.errors import NotFoundError
from data.generations import raise_generation
from data.models import vcenters
from data.results import AttentionLimits
from data.scope import Scope
from layouts.shared.components import Content
from tests.callbacks.calling import call

PRODUCTION = Scope()
LAB = Scope(database="lab")


@pytest.fixture
def lab_url(tmp_path: Path) -> Iterator[str]:
    lab = DatabaseManager(f"sqlite:///{tmp_path / 'lab.db'}")
    yield lab.db_url
    lab.clear_cache()


@pytest.fixture
def connected(db_url: str, lab_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A bare server at work, connected to two databases."""
    server = Flask("test")
    init_cache(server, tmp_path / "cache")
    reading.connect(server, databases={"production": db_url, "lab": lab_url}, limits=AttentionLimits())
    with server.app_context():
        yield server


def list_vcenters(session: Session, _scope: Scope) -> list[str]:
    return list(session.scalars(select(vcenters.c.name).order_by(vcenters.c.name)))


def stream_vcenters(session: Session, _scope: Scope) -> Iterator[str]:
    yield from session.scalars(select(vcenters.c.name))


def _add(manager: DatabaseManager, name: str) -> None:
    with manager.session_scope() as session:
        session.execute(insert(vcenters).values(name=name))
        raise_generation(session)


def _tree(fragment: orjson.Fragment) -> Any:
    """What Dash sends, as the browser sees it."""
    return orjson.loads(orjson.dumps(fragment))


def test_a_scope_without_a_database_means_the_first_one(connected: Flask, db_url: str, lab_url: str) -> None:
    assert reading.database_names() == ("production", "lab")
    assert [reading.database_url(scope) for scope in (PRODUCTION, LAB)] == [db_url, lab_url]


def test_a_database_that_is_not_configured_is_not_found(connected: Flask) -> None:
    with pytest.raises(NotFoundError, match="no database “archive”"):
        reading.read(list_vcenters, Scope(database="archive"))


def test_a_url_instead_of_a_name_is_not_found(connected: Flask) -> None:
    with pytest.raises(NotFoundError):
        reading.read(list_vcenters, Scope(database="sqlite:////etc/passwd"))


def test_the_generation_is_read_once_per_request(
    connected: Flask, db_url: str, manager: DatabaseManager, count_statements
) -> None:
    def ask() -> list[str]:
        with connected.app_context(), count_statements(get_engine(db_url)) as statements:
            for _ in range(3):
                reading.read(list_vcenters, PRODUCTION)
        return statements

    assert ["generations" in statement for statement in ask()] == [True, False]
    assert ["generations" in statement for statement in ask()] == [True]


def test_a_write_in_this_request_is_seen_after_the_generation_is_forgotten(
    connected: Flask, manager: DatabaseManager
) -> None:
    assert reading.read(list_vcenters, PRODUCTION) == []
    _add(manager, "vc1")
    reading.forget_generation()
    assert reading.read(list_vcenters, PRODUCTION) == ["vc1"]


def test_a_stream_outlives_its_request(connected: Flask, manager: DatabaseManager) -> None:
    _add(manager, "vc1")
    with connected.test_request_context():
        names = reading.stream(stream_vcenters, PRODUCTION)
    assert list(names) == ["vc1"]


def test_what_was_drawn_is_what_dash_would_have_sent(connected: Flask) -> None:
    def build() -> Content:
        return [html.A("<b> & 1/2", href="/x?a=1"), "words", html.Div([html.Span(7)], style={"width": "3%"})]

    app = Dash("test", server=connected)
    app.layout = html.Div([html.Div(id="plain"), html.Div(id="drawn"), html.Button(id="go")])
    app.callback(Output("plain", "children"), Input("go", "n_clicks"))(lambda _: build())
    app.callback(Output("drawn", "children"), Input("go", "n_clicks"))(
        lambda _: reading.drawn("body", PRODUCTION, build)
    )
    plain, drawn = [call(connected, f"{name}.children", 1).data for name in ("plain", "drawn")]
    assert drawn.replace(b'"drawn"', b'"plain"') == plain


def test_a_body_is_drawn_once_and_anew_after_a_write(connected: Flask, manager: DatabaseManager) -> None:
    def ask() -> list[str]:
        with connected.app_context():
            fragment = reading.drawn("body", PRODUCTION, lambda: reading.read(list_vcenters, PRODUCTION))
            return _tree(fragment)

    assert ask() == []
    _add(manager, "vc1")
    assert ask() == ["vc1"]
    with manager.session_scope() as session:
        session.execute(text("DELETE FROM vcenters"))  # behind the program's back: the generation stays
    assert ask() == ["vc1"]


def test_parts_for_several_outputs_are_drawn_together(connected: Flask) -> None:
    drawn = []

    def build() -> list[Content]:
        drawn.append(1)
        return ["one sentence", html.Div("body")]

    for _ in range(2):
        sentence, body = reading.drawn_parts("page", PRODUCTION, build)
    assert _tree(sentence) == "one sentence"
    assert _tree(body)["props"] == {"children": "body"}
    assert drawn == [1]


@pytest.mark.parametrize(
    ("scope", "arguments"), [(Scope(text="a"), ()), (PRODUCTION, ("sorted",))], ids=["scope", "argument"]
)
def test_another_scope_or_argument_is_drawn_by_itself(
    connected: Flask, scope: Scope, arguments: tuple[str, ...]
) -> None:
    reading.drawn("body", PRODUCTION, lambda: "first")
    assert _tree(reading.drawn("body", scope, lambda: "second", *arguments)) == "second"


def test_other_limits_are_drawn_anew(connected: Flask, db_url: str) -> None:
    reading.drawn("body", PRODUCTION, lambda: "first")
    reading.connect(connected, databases={"production": db_url}, limits=AttentionLimits(snapshot_days=30))
    assert _tree(reading.drawn("body", PRODUCTION, lambda: "second")) == "second"


def test_what_is_no_component_cannot_be_drawn(connected: Flask) -> None:
    with pytest.raises(TypeError, match="not JSON serializable: object"):
        reading.drawn("body", PRODUCTION, lambda: html.Div(object()))
