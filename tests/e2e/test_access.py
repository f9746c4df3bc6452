"""Every page, and all that opens on it, can be used by everybody: axe-core finds nothing, and nothing sticks out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dash.testing.composite import DashComposite
from flask import Flask

from app import create_app
from data.database import DatabaseManager
from data.demo import write_demo
from data.ingest import import_file
from data.settings import Settings
from layouts.shared.machine_detail import Tab
from layouts.shared.sitemap import PAGES, Page, href
from tests.e2e.explorer import Open, all_of, until

AXE = (Path(__file__).parent / "axe/axe.min.js").read_text()
FIND = """
const done = arguments[0];
axe.run(document, {rules: {"target-size": {enabled: true}}}).then(found => done(found.violations.map(rule =>
  [rule.id, ...rule.nodes.map(node => node.target.join(" ") + ": " + node.failureSummary)].join("\\n"))));
"""
IDLE = """
return !document.querySelector('.skeleton, [data-dash-is-loading=true], .is-loading, [aria-busy=true]')
  && document.getAnimations().every(one => one.playState === 'finished')
"""
WIDER = """
const sticking = [...document.querySelectorAll('body *')].filter(one => {
  const {left, right, width} = one.getBoundingClientRect();
  return width && right > innerWidth + 1 && one.checkVisibility();
});
const isWider = document.documentElement.scrollWidth > innerWidth;
return isWider ? sticking.slice(0, 5).map(one => one.id || one.className || one.tagName) : [];
"""
WIDE, PHONE = (1400, 900), (390, 844)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app over an invented estate of two months."""
    folder = tmp_path_factory.mktemp("access")
    url = f"sqlite:///{folder / 'inventory.db'}"
    made = create_app(Settings(db_url=url, instance_dir=folder, log_level="warning"))
    for workbook in write_demo(folder / "demo", vms=60, seed=5, months=2):
        import_file(url, workbook, is_demo=True)
    yield made
    DatabaseManager(url).clear_cache()


def use(browser: DashComposite, size: tuple[int, int], theme: str = "light", scale: int = 1) -> None:
    """A screen of this size in CSS pixels, for somebody who wants this theme and nothing that moves."""
    width, height = size
    screen = {
        "width": width,
        "height": height,
        "deviceScaleFactor": scale,
        "mobile": width < 768 and scale == 1,
    }
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    wishes = {"prefers-color-scheme": theme, "prefers-reduced-motion": "reduce"}
    media = {"features": [{"name": name, "value": value} for name, value in wishes.items()]}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


def violations(browser: DashComposite) -> list[str]:
    until(browser, lambda: browser.driver.execute_script(IDLE))
    if not browser.driver.execute_script("return 'axe' in window"):
        browser.driver.execute_script(AXE)
    found: list[str] = browser.driver.execute_async_script(FIND)
    return found


def sticks_out(browser: DashComposite) -> list[str]:
    """What is wider than the screen, where the page scrolls sideways; nothing elsewhere."""
    until(browser, lambda: browser.driver.execute_script(IDLE))
    found: list[str] = browser.driver.execute_script(WIDER)
    return found


def address(page: Page) -> str:
    variables: dict[str, Any] = {"machine_id": 1} if "<" in page.path else {}
    return href(page.key, **variables)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_a_page_has_nothing_that_axe_objects_to(visit: Open, dash_duo: DashComposite, page: Page) -> None:
    for theme in ("light", "dark"):
        for size in (WIDE, PHONE):
            use(dash_duo, size, theme)
            assert violations(visit(address(page))) == [], (theme, size)


@dataclass(frozen=True)
class State:
    """Something that opens."""

    path: str
    press: tuple[str, ...]
    """What is pressed, one after another, as soon as it is there."""
    shown: str
    """What is there then."""


OVERVIEW, EXPLORER, IMPORT = "/", "/vm-explorer", "/data-import"
OPEN_COLUMNS = ".condition-box .panel-opener"
ROW = '.ag-row[row-index="0"] .ag-cell[col-id="name"]'


def condition_on(column: str) -> tuple[tuple[str, ...], str]:
    """What is pressed for a new condition on a column, and what is there then."""
    chosen = f'.condition-box .choice[data-value="{column}"]'
    return (OPEN_COLUMNS, chosen), f'.condition-fields[data-key="{column}"]'


STATES: dict[str, dict[str, State]] = {
    "Overview": {
        "table of a chart": State(OVERVIEW, (".table-twin > summary",), ".table-twin[open] table"),
        "day": State(OVERVIEW, ('[data-filter="as_of"] .panel-opener',), '[data-filter="as_of"] .choice'),
    },
    "filters": {
        "chip": State(EXPLORER, ('[data-filter="host"] .panel-opener',), '[data-filter="host"] .choice'),
        "list of columns": State(EXPLORER, (OPEN_COLUMNS,), ".condition-box .choice"),
        "number": State(EXPLORER, *condition_on("memory_mib")),
        "text beside a condition": State(f"{EXPLORER}?where=os_config:!windows", *condition_on("annotation")),
        "date": State(EXPLORER, *condition_on("created_at")),
        "condition that cannot be read": State(f"{EXPLORER}?where=cpus:many", (), ".empty-state h2"),
        "pattern that cannot be read": State(f"{EXPLORER}?q=web-(&pattern=1", (), ".empty-state h2"),
        "help with patterns": State(
            f"{EXPLORER}?q=web&pattern=1", (".search-help-box .panel-opener",), ".search-help .choice"
        ),
    },
    "grid": {
        "columns": State(EXPLORER, ("[data-columns] > .panel-opener",), ".columns-panel .choice"),
        "export": State(EXPLORER, (".export-menu .panel-opener",), ".export-menu .choice"),
        "selection": State(EXPLORER, ('.ag-row[row-index="0"] .selection-cell',), "#selection-bar"),
        "nothing matches": State(f"{EXPLORER}?q=nosuchmachine", (), ".empty-state h2"),
        "gone machine": State(f"{EXPLORER}?machine=99999", (), "#vm-explorer-detail .partial-note"),
    },
    "detail": {tab: State(f"{EXPLORER}?tab={tab}", (ROW,), "#vm-explorer-detail-panel > *") for tab in Tab},
    "machine": {tab: State(f"{EXPLORER}/1?tab={tab}", (), "#machine-body > *") for tab in Tab},
    "Data Import": {
        "comparison": State(f"{IMPORT}?before=1&after=2", (), ".comparison-range"),
        "question": State(IMPORT, ('[data-action="delete"]',), ".modal.show .modal-footer"),
    },
}


def reach(page: DashComposite, state: State) -> None:
    for selector in state.press:
        until(page, lambda selector=selector: [one for one in all_of(page, selector) if one.is_displayed()])
        (one, *_) = [one for one in all_of(page, selector) if one.is_displayed()]
        page.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", one)
        one.click()
    until(page, lambda: [one for one in all_of(page, state.shown) if one.is_displayed()])
    page.driver.execute_script("window.scrollTo(0, 0)")  # nothing lies half under the top bar


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
@pytest.mark.parametrize("part", STATES)
def test_what_opens_has_nothing_that_axe_objects_to(
    visit: Open, dash_duo: DashComposite, part: str, size: tuple[int, int], theme: str
) -> None:
    use(dash_duo, size, theme)
    for name, state in STATES[part].items():
        page = visit(state.path)
        reach(page, state)
        assert violations(page) == [], name
        assert sticks_out(page) == [], name


def test_the_menu_on_a_phone_and_its_dialog_have_nothing_either(visit: Open, dash_duo: DashComposite) -> None:
    use(dash_duo, PHONE)
    page = visit(OVERVIEW)
    reach(page, State(OVERVIEW, ("#shell-menu-toggle",), "#shell-menu-close"))
    assert violations(page) == []
    reach(page, State(OVERVIEW, ("#cache-open",), "#cache-content table"))
    assert violations(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_a_page_needs_no_scrolling_sideways_on_the_smallest_screen_and_at_200_percent(
    visit: Open, dash_duo: DashComposite, page: Page
) -> None:
    for size, scale in (((320, 640), 1), ((640, 450), 2)):
        use(dash_duo, size, scale=scale)
        assert sticks_out(visit(address(page))) == [], size


def test_larger_letters_make_no_page_scroll_sideways(visit: Open, dash_duo: DashComposite) -> None:
    use(dash_duo, (1280, 900))
    larger = "document.documentElement.style.fontSize = '175%'"
    for page in PAGES:
        browser = visit(address(page))
        browser.driver.execute_script(larger)
        assert sticks_out(browser) == [], page.key
