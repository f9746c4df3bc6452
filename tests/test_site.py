"""What holds for every page, whatever it shows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dash
import pytest
from dash.development.base_component import Component
from flask import Flask
from sqlalchemy import Engine, event

from app import create_app
from data.scope import Scope
from data.settings import Settings
from layouts.shared.ids import Shell
from layouts.shared.sitemap import PAGES, Page, href
from tests.callbacks.calling import call, outputs

EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)


def layout_of(page: Page, **query: str | list[str]) -> Component:
    layout: Component = dash.page_registry[f"layouts.{page.key}"]["layout"](**query)
    return layout


def ids_in(component: Any) -> Iterator[str]:
    if isinstance(component, Component):
        yield from [component.id] if isinstance(getattr(component, "id", None), str) else []
        for child in component._traverse():
            if isinstance(getattr(child, "id", None), str):
                yield child.id


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The SQL that any engine runs."""
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        ran.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield ran
    event.remove(Engine, "before_cursor_execute", note)


@EVERY_PAGE
def test_a_layout_is_built_without_a_query_and_without_sql(
    server: Flask, page: Page, statements: list[str]
) -> None:
    with server.test_request_context():
        layout = layout_of(page)
    assert list(ids_in(layout))
    assert statements == []


def test_the_frame_and_the_index_are_built_without_sql(server: Flask, statements: list[str]) -> None:
    client = server.test_client()
    for path in ("/", "/_dash-layout", "/_dash-dependencies", "/health"):
        assert client.get(path).status_code == 200
    assert statements == []


@EVERY_PAGE
def test_unknown_and_odd_parameters_do_not_hurt(server: Flask, page: Page) -> None:
    with server.test_request_context():
        layout = layout_of(
            page, utm_source="x", datacenter=["DC1", ""], as_of="yesterday", vcenter="; DROP", self="x"
        )
    assert "This page cannot be shown" not in str(layout)


@EVERY_PAGE
def test_a_page_seeds_its_store_with_the_scope_of_the_link(server: Flask, page: Page) -> None:
    scope = Scope(datacenters=("DC1", ""), power=("poweredOn",), text="sql")
    query = {name: [v for n, v in scope.parameters() if n == name] for name, _ in scope.parameters()}
    with server.test_request_context():
        layout = layout_of(page, **query)
    stores = [part for part in layout._traverse() if str(getattr(part, "id", "")).endswith("-scope")]
    assert [store.data for store in stores] == [scope.query()]


def test_every_id_that_a_callback_names_is_on_its_page(server: Flask) -> None:
    app = server.extensions["dash"]
    on_page = set(ids_in(app.validation_layout))
    for rule in server.test_client().get("/_dash-dependencies").get_json():
        named = [part["id"] for part in rule["inputs"] + rule["state"]]
        named += [name.rsplit(".", 1)[0] for name in outputs(rule)]
        missing = {name for name in named if not name.startswith("{")} - on_page
        assert not missing, f"{missing} in the callback of {rule['output']}"


def test_no_id_stands_on_two_pages_or_twice_on_one(server: Flask) -> None:
    found = list(ids_in(server.extensions["dash"].validation_layout))
    assert sorted(found) == sorted(set(found))


@EVERY_PAGE
def test_a_page_loads_with_one_callback_for_each_body(server: Flask, page: Page) -> None:
    """What follows a job may look once, too, whether there is one."""
    rules = server.test_client().get("/_dash-dependencies").get_json()
    with server.test_request_context():
        own = set(ids_in(layout_of(page)))
    opening = [
        [name for name in outputs(rule) if name.endswith("-body.children")]
        for rule in rules
        if not rule["clientside_function"]
        and not rule["prevent_initial_call"]
        and "n_intervals" not in [part["property"] for part in rule["inputs"]]
        and {name.rsplit(".", 1)[0] for name in outputs(rule)} & own
    ]
    assert [len(bodies) for bodies in opening] == [1] * len(opening)
    assert len(opening) == len([name for name in own if name.endswith("-body")])


def test_every_body_is_drawn_anew_by_a_refresh(server: Flask) -> None:
    rules = server.test_client().get("/_dash-dependencies").get_json()
    bodies = [rule for rule in rules if any(name.endswith("-body.children") for name in outputs(rule))]
    assert len(bodies) >= len(PAGES)
    for rule in bodies:
        assert Shell.REFRESH in [part["id"] for part in rule["inputs"]], rule["output"]


def test_a_callback_without_output_belongs_to_one_page(server: Flask) -> None:
    """Dash skips a callback whose outputs are on another page; without outputs it would ask for inputs not there."""
    frame = set(ids_in(server.extensions["dash"].layout()))
    for rule in server.test_client().get("/_dash-dependencies").get_json():
        if not outputs(rule):
            places = {part["id"] in frame for part in rule["inputs"]}
            assert len(places) == 1, f"{rule['clientside_function']} is called on every page"


@pytest.mark.parametrize("path", [href(page.key) for page in PAGES if page.in_menu])
def test_an_address_of_a_page_is_answered(server: Flask, path: str) -> None:
    assert server.test_client().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/crystal-ball", "/vm-explorer/17/disks", "/favicon.ico"])
def test_an_address_without_a_page_is_not_found(server: Flask, path: str) -> None:
    answer = server.test_client().get(path)
    assert answer.status_code == 404
    assert "react-entry-point" in answer.text, "the app shows its own page"


def test_a_link_of_the_predecessor_is_redirected(server: Flask) -> None:
    answer = server.test_client().get("/?page=VM_Explorer&datacenter=DC1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/vm-explorer?datacenter=DC1")


def test_two_apps_in_one_process_answer_from_their_own_database(tmp_path: Path) -> None:
    databases = [tmp_path / f"{name}.db" for name in ("one", "two")]
    servers = [
        create_app(Settings(db_url=f"sqlite:///{file}", instance_dir=file.with_suffix("")))
        for file in databases
    ]
    for server in servers:
        assert call(server, f"{Shell.QUICK_STATS}.children", 0, "default").status_code == 200
    databases[0].unlink()
    answers = [call(server, f"{Shell.QUICK_STATS}.children", 1, "default").text for server in servers]
    assert ["cannot be read" in answer for answer in answers] == [True, False]


def test_twenty_parallel_first_requests_are_all_answered(server: Flask) -> None:
    def first(number: int) -> int:
        return call(
            server, f"{('overview', 'vm-explorer', 'data-import')[number % 3]}-body.children", "", 0
        ).status_code

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(first, range(20))) <= {200, 204}


def test_nothing_is_loaded_from_another_host(server: Flask) -> None:
    index = server.test_client().get("/").text
    sources = [
        part.split('"')[1] for part in index.split("src=")[1:] + index.split("<link")[1:] if '"' in part
    ]
    assert sources
    assert not [source for source in sources if source.startswith(("http:", "https:", "//"))]
