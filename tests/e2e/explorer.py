"""VM Explorer as an operator sees it, for browser tests. The fixtures `app` and `visit` are in conftest.py."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dash.testing.composite import DashComposite
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

ROW = ".ag-pinned-left-cols-container .ag-row"
NAME = '.ag-cell[col-id="name"]'
SENTENCE = "#vm-explorer-sentence"
RANGE = "#vm-explorer-range"
SEARCH = "#vm-explorer-filter-text"
COUNT_REQUESTS = """
window.asked = [];
const ask = window.fetch;
window.fetch = (...given) => {
  if (typeof given[1]?.body === "string") window.asked.push(JSON.parse(given[1].body));
  return ask(...given);
};
"""

Open = Callable[[str], DashComposite]


def until(browser: DashComposite, condition: Callable[[], Any]) -> Any:
    """Wait until a condition holds; what it gives."""
    waiting = WebDriverWait(
        browser.driver, 20, ignored_exceptions=[StaleElementReferenceException, IndexError]
    )
    return waiting.until(lambda _driver: condition())


def all_of(browser: DashComposite, selector: str) -> list[WebElement]:
    found: list[WebElement] = browser.driver.find_elements(By.CSS_SELECTOR, selector)
    return found


def names(browser: DashComposite) -> list[str]:
    """The names that the grid shows, from above."""
    rows = [(int(row.get_attribute("row-index") or 0), row.text) for row in all_of(browser, ROW)]
    return [name for _, name in sorted(rows)]


def rows_stand(browser: DashComposite) -> list[str]:
    return until(browser, lambda: [name for name in names(browser) if name] and names(browser))


def sentence_says(browser: DashComposite, text: str) -> None:
    browser.wait_for_text_to_equal(SENTENCE, text, timeout=20)


def address(browser: DashComposite) -> dict[str, list[str]]:
    return parse_qs(urlsplit(browser.driver.current_url).query, keep_blank_values=True)


def focused(browser: DashComposite) -> WebElement:
    element: WebElement = browser.driver.switch_to.active_element
    return element


def press(browser: DashComposite, *keys: str) -> None:
    for key in keys:
        focused(browser).send_keys(key)


def chip(browser: DashComposite, name: str) -> WebElement:
    return all_of(browser, f'#vm-explorer-filters [data-filter="{name}"]')[0]


def options(browser: DashComposite, name: str) -> list[WebElement]:
    return [row for row in all_of(browser, f'[data-filter="{name}"] .choice') if row.is_displayed()]


def asked(browser: DashComposite, output: str) -> int:
    """How many requests for an output the browser has sent."""
    script = "return window.asked.filter(call => (call.output || '').includes(arguments[0])).length"
    count: int = browser.driver.execute_script(script, output)
    return count


def title_of(browser: DashComposite) -> str:
    """The machine in detail; empty if none is shown."""
    return all_of(browser, ".detail-title")[0].text


def cells(browser: DashComposite, column: str) -> list[str]:
    return [cell.text for cell in all_of(browser, f'.ag-cell[col-id="{column}"]')]


def headings(browser: DashComposite) -> list[str]:
    """The headings of the columns, from the left."""
    heads = all_of(browser, ".ag-header-row-column .ag-header-cell:not(.selection-cell)")
    return [head.text for head in sorted(heads, key=lambda head: head.location["x"])]


def heading(browser: DashComposite, name: str) -> WebElement:
    return next(
        head for head in all_of(browser, ".ag-header-row-column .ag-header-cell") if head.text == name
    )


def hold_a_phone(browser: DashComposite) -> None:
    browser.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True},
    )
