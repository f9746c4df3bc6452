import importlib
import re
from pathlib import Path

import pytest

from data.errors import NotFoundError
from data.scope import Scope
from layouts.shared.sitemap import PAGES, Page, PageNavigator, href, predecessor_redirect

ICONS = Path(__file__).parents[2] / "assets/01-bootstrap-icons.min.css"
PREDECESSOR = [
    "Overview", "Data Explorer", "Advanced Explorer", "VM Explorer", "VM Search", "Analytics", "Comparison",
    "Data Quality", "Resources", "Infrastructure", "Folder Analysis", "Folder Labelling", "Migration Targets",
    "Strategy Configuration", "Migration Planning", "Migration Scenarios", "Data Import", "Database Backup",
    "PDF Export", "Help",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_every_page_of_the_site_map_works(page: Page) -> None:
    assert callable(importlib.import_module(f"layouts.{page.key}").layout)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", page.key)
    assert re.fullmatch(r"(/[a-z<>_-]*)+", page.path)
    assert f".bi-{page.icon}::before" in ICONS.read_text()
    assert PageNavigator.get_current_page(page.path) == page.key


def test_no_two_pages_share_a_key_a_title_or_a_path() -> None:
    for part in ("key", "title", "path"):
        assert len({getattr(page, part) for page in PAGES}) == len(PAGES)


def test_a_link_carries_the_scope() -> None:
    assert (
        href("vm_explorer", Scope(datacenters=("A&B",), text="ü")) == "/vm-explorer?datacenter=A%26B&q=%C3%BC"
    )
    assert href("overview", Scope()) == "/"


def test_a_path_variable_cannot_leave_its_place() -> None:
    assert href("machine", machine_id="../x?y") == "/vm-explorer/..%2Fx%3Fy"


def test_a_link_to_nowhere_is_a_mistake() -> None:
    with pytest.raises(NotFoundError, match="crystal_ball"):
        href("crystal_ball")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/", "overview"),
        ("/vm-explorer/", "vm_explorer"),
        ("/vm-explorer/17", "machine"),
        ("/vm-explorer/17/x", None),
    ],
)
def test_the_current_page_is_known_by_its_path(path: str, key: str | None) -> None:
    assert PageNavigator.get_current_page(path) == key


@pytest.mark.parametrize("name", PREDECESSOR)
@pytest.mark.parametrize("gap", [" ", "_"], ids=["spaces", "underscores"])
def test_every_link_of_the_predecessor_leads_to_a_page(name: str, gap: str) -> None:
    built = {page.title: page.path for page in PAGES if page.in_menu}
    assert predecessor_redirect({"page": [name.replace(" ", gap)]}) == built.get(name, "/")


def test_a_predecessor_link_cannot_lead_to_a_page_that_needs_more() -> None:
    assert predecessor_redirect({"page": ["Machine"]}) == "/"


def test_the_category_of_a_page_is_its_section() -> None:
    assert PageNavigator.get_page_category("data_import") == "Manage"
    assert PageNavigator.get_page_category("nowhere") is None
