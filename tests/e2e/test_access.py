"""Every page can be used by everybody: axe-core finds nothing, in both themes, wide and narrow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from app import create_app
from data.database import DatabaseManager
from data.demo import write_demo
from data.ingest import import_file
from data.settings import Settings
from layouts.shared.sitemap import PAGES, Page, href

AXE = (Path(__file__).parent / "axe/axe.min.js").read_text()
FIND = """
const done = arguments[0];
axe.run(document).then(found => done(found.violations.map(rule =>
  [rule.id, ...rule.nodes.map(node => node.target.join(" ") + ": " + node.failureSummary)].join("\\n"))));
"""
IDLE = "return !document.querySelector('.skeleton') && !document.querySelector('[data-dash-is-loading=true]')"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app over an invented estate."""
    folder = tmp_path_factory.mktemp("access")
    url = f"sqlite:///{folder / 'inventory.db'}"
    made = create_app(Settings(db_url=url, instance_dir=folder, log_level="warning"))
    for workbook in write_demo(folder / "demo", vms=60, seed=5):
        import_file(url, workbook, is_demo=True)
    yield made
    DatabaseManager(url).clear_cache()


def violations(browser: DashComposite) -> list[str]:
    WebDriverWait(browser.driver, 20).until(lambda driver: driver.execute_script(IDLE))
    browser.driver.execute_script(AXE)
    found: list[str] = browser.driver.execute_async_script(FIND)
    return found


def address(page: Page) -> str:
    variables: dict[str, Any] = {"machine_id": 1} if "<" in page.path else {}
    return href(page.key, **variables)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_a_page_has_nothing_that_axe_objects_to(dash_duo: DashComposite, server: Flask, page: Page) -> None:
    dash_duo.start_server(server.extensions["dash"], navigate=False)
    for theme in ("light", "dark"):
        for width, height in ((1400, 900), (390, 844)):
            screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 992}
            dash_duo.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            preference = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
            dash_duo.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", preference)
            dash_duo.driver.get(dash_duo.server.url + address(page))
            dash_duo.wait_for_element("h1")
            assert violations(dash_duo) == [], (theme, width)


def test_what_opens_over_the_page_has_nothing_either(dash_duo: DashComposite, server: Flask) -> None:
    dash_duo.start_server(server.extensions["dash"])
    dash_duo.wait_for_element("h1")
    dash_duo.find_element("#cache-open").click()
    dash_duo.wait_for_contains_text("#cache-content", "Hits")
    WebDriverWait(dash_duo.driver, 10).until(
        lambda driver: (
            driver.find_element(By.CSS_SELECTOR, ".modal.show").value_of_css_property("opacity") == "1"
        )
    )
    assert violations(dash_duo) == []
