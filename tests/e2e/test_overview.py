"""The Overview in a real browser: what is drawn, where it leads, in both themes and on a phone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dash.testing.composite import DashComposite
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from app import create_app
from data.database import DatabaseManager, upgrade_schema
from data.ingest import import_file
from data.settings import Settings
from layouts.overview import Ids

SAMPLE = Path(__file__).parents[1] / "samples" / "lab-3.10-25-tabs.xlsx"
DRAWN = """
const figures = [...document.querySelectorAll('.dash-graph')];
const isDrawn = figure => figure.querySelector('.main-svg') && !figure.querySelector('.dash-graph--pending');
return figures.length >= 4 && figures.every(isDrawn);
"""

Open = Callable[..., DashComposite]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an instance that holds a real export of 27 machines, one of them a template."""
    folder = tmp_path_factory.mktemp("lab")
    url = f"sqlite:///{folder / 'inventory.db'}"
    upgrade_schema(url)
    import_file(url, SAMPLE)
    yield Settings(db_url=url, instance_dir=folder / "instance", log_level="warning")
    DatabaseManager(url).clear_cache()


@pytest.fixture
def visit(dash_duo: DashComposite, lab: Settings) -> Open:
    """Open the Overview and wait until its charts are drawn."""
    dash_duo.start_server(create_app(lab).extensions["dash"], navigate=False)

    def go(query: str = "") -> DashComposite:
        dash_duo.driver.get(f"{dash_duo.server.url}/{query}")
        until(dash_duo, lambda driver: driver.execute_script(DRAWN))
        return dash_duo

    return go


def until(browser: DashComposite, condition: Callable[[Any], object]) -> None:
    WebDriverWait(browser.driver, 15).until(condition)


def at(browser: DashComposite, address: str) -> None:
    until(browser, lambda driver: driver.current_url == browser.server.url + address)


def chart(browser: DashComposite, title: str) -> WebElement:
    return browser.find_element(f'[role="img"][aria-label="{title}"]')


def colour_of_first_bar(browser: DashComposite) -> str:
    bar = chart(browser, "Machines by cluster").find_element(By.CSS_SELECTOR, ".point path")
    return bar.value_of_css_property("fill")


def test_a_bar_opens_its_machines(visit: Open) -> None:
    browser = visit()
    bar = chart(browser, "Machines by cluster").find_element(By.CSS_SELECTOR, ".point path")
    ActionChains(browser.driver).move_to_element(bar).click().perform()
    at(browser, "/vm-explorer?cluster=" + browser.driver.current_url.rpartition("=")[2])
    browser.wait_for_text_to_equal("h1", "VM Explorer")


def test_a_segment_of_the_ring_opens_its_machines(visit: Open) -> None:
    browser = visit()
    ring = chart(browser, "Virtual machines by power state").find_element(By.CSS_SELECTOR, ".slice path")
    box = ring.rect
    across = ActionChains(browser.driver)
    across.w3c_actions.pointer_action.move_to_location(
        int(box["x"] + box["width"] * 0.1), int(box["y"] + box["height"] / 2)
    )
    across.w3c_actions.pointer_action.click()
    across.perform()
    at(browser, "/vm-explorer?power=poweredOn")


def test_the_table_of_a_chart_opens_and_is_followed_by_keyboard(visit: Open) -> None:
    browser = visit()
    twin = browser.find_element(".table-twin")
    twin.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    until(browser, lambda _: twin.find_element(By.CSS_SELECTOR, "tbody a").is_displayed())
    twin.find_element(By.CSS_SELECTOR, "td a").send_keys(Keys.ENTER)
    until(browser, lambda driver: "/vm-explorer?datacenter=" in driver.current_url)
    assert browser.driver.current_url.endswith("&power=poweredOn")


def test_charts_follow_the_theme_without_asking_the_server(visit: Open) -> None:
    browser = visit()
    before = colour_of_first_bar(browser)
    browser.driver.execute_script(
        "window.sent = 0; const ask = fetch; window.fetch = (...g) => { sent++; return ask(...g); }"
    )
    browser.driver.execute_script("inventoryTheme.apply('dark')")
    until(browser, lambda _: colour_of_first_bar(browser) == "rgb(120, 170, 245)")
    assert before == "rgb(31, 95, 191)"
    assert browser.driver.execute_script("return sent") == 0


def test_the_console_stays_empty(visit: Open) -> None:
    assert visit("?templates=include&power=poweredOff&utm=x").get_logs() == []


def test_a_phone_shows_the_page_without_scrolling_sideways(visit: Open) -> None:
    browser = visit()
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser = visit()
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") == 390
    widths = browser.driver.execute_script(
        "return [...document.querySelectorAll('.main-svg')].map(s => s.clientWidth)"
    )
    assert max(widths) < 390


def test_a_changed_scope_redraws_the_page_and_is_in_the_address(visit: Open) -> None:
    browser = visit()
    browser.wait_for_text_to_equal(f"#{Ids.SENTENCE}", "26 machines in 1 datacenter, 1 cluster and 4 hosts")
    script = "dash_clientside.set_props(arguments[0], {data: 'templates=include'})"
    browser.driver.execute_script(script, Ids.SCOPE)
    browser.wait_for_text_to_equal(f"#{Ids.SENTENCE}", "27 machines in 1 datacenter, 1 cluster and 4 hosts")
    at(browser, "/?templates=include")
