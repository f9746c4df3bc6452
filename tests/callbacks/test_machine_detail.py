"""Where the links of a machine's detail lead, asked of real rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from callbacks.shared.machine_detail import draw_tab
from callbacks.shared.reading import limits, read
from data.database import DatabaseManager
from data.demo import write_demo
from data.ingest import import_file
from data.queries.machine import get_machine
from data.queries.machines import find_machine_ids
from data.scope import Scope
from data.settings import Settings
from data.vocabulary import Templates
from layouts import vm_explorer
from layouts.shared.machine_detail import Tab
from layouts.shared.machine_table import View
from tests.layouts.drawn import links

LAB = Path(__file__).parents[1] / "samples" / "lab-3.10-25-tabs.xlsx"
EVERY_NTH = 9


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app over the lab's export and an invented estate of two vCenters."""
    folder = tmp_path_factory.mktemp("detail")
    url = f"sqlite:///{folder / 'inventory.db'}"
    server = create_app(Settings(db_url=url, instance_dir=folder, log_level="warning"))
    for workbook in (LAB, *write_demo(folder / "demo", vms=200, seed=5, vcenters=2)):
        import_file(url, workbook)
    yield server
    DatabaseManager(url).clear_cache()


def links_of(machine_id: int) -> Iterator[tuple[str, Scope]]:
    machine = read(get_machine, Scope(), machine_id=machine_id)
    yield from links(vm_explorer.detail(machine, Scope(), []).summary).items()
    for tab in Tab:
        if tab is not Tab.HISTORY:
            yield from links(draw_tab(machine, Scope(), View(tab=tab))).items()


def test_every_link_leads_to_machines_among_which_this_one_is(app: Flask) -> None:
    with app.test_request_context():
        everything = read(find_machine_ids, Scope(templates=Templates.INCLUDE), limits=limits())
        templates = read(find_machine_ids, Scope(templates=Templates.ONLY), limits=limits())
        followed: dict[Scope, set[int]] = {}
        for machine_id in (*everything[::EVERY_NTH], *templates):
            for name, scope in links_of(machine_id):
                if scope not in followed:
                    followed[scope] = set(read(find_machine_ids, scope, limits=limits()))
                assert machine_id in followed[scope], (machine_id, name, scope)
    asked = {name for scope in followed for name, _ in scope.parameters()}
    expected = "vcenter datacenter cluster host folder os datastore network q pattern where templates"
    assert asked == set(expected.split())
    narrow = [ids for scope, ids in followed.items() if scope.hosts or scope.text]
    assert all(len(ids) < len(everything) for ids in narrow)
