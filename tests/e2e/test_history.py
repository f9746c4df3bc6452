"""Looking back, a machine's history and the history of imports in a real browser."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait
from sqlalchemy.orm import Session

from data.database import DatabaseManager
from data.generations import raise_generation
from layouts.shared.history_ids import HistoryIds
from tests.factories import EXPORTED_AT, add_machine, add_state, add_vcenter

AXE = (Path(__file__).parent / "axe/axe.min.js").read_text()
FIND = (
    "const done = arguments[0]; axe.run(document).then(found => done(found.violations.map(rule => rule.id)));"
)
SECONDS = 60
"""A job starts a process that imports the whole program."""
STATES = 4


def store(session: Session) -> None:
    """Four states of vc-north, 30 days apart, and one of vc-south; 60 machines, of which one half moves each time."""
    north, south = add_vcenter(session, "vc-north"), add_vcenter(session, "vc-south")
    for number in range(STATES):
        days = timedelta(days=30 * (STATES - 1 - number))
        state = add_state(session, north, EXPORTED_AT - days, machines=60)
        for index in range(60):
            if index == 59 and number < 2:
                continue
            add_machine(
                session,
                state,
                f"app-{index:02}",
                host=f"esx-{number}" if index % 2 else "esx-x",
                memory_mib=4096 if index or number < 3 else 8192,
                in_use_mib=100.0 + number,
            )
    state = add_state(session, south, EXPORTED_AT - timedelta(days=1), machines=1)
    add_machine(session, state, "south-1")
    raise_generation(session)


class Browser:
    """What an operator does and sees."""

    def __init__(self, dash: DashComposite) -> None:
        self.dash = dash
        self.driver = dash.driver

    def open(self, path: str) -> None:
        self.driver.get(self.dash.server.url + path)
        self.dash.wait_for_element("h1")

    def all(self, selector: str) -> list[WebElement]:
        found: list[WebElement] = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found

    def one(self, selector: str) -> WebElement:
        return self.until(lambda: next((one for one in self.all(selector) if one.is_displayed()), None))

    def click(self, selector: str) -> None:
        element = self.one(selector)
        self.driver.execute_script(
            "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element
        )
        element.click()

    def reads(self, selector: str, text: str) -> None:
        self.until(lambda: text in self.one(selector).text)

    def until(self, condition: Callable[[], Any]) -> Any:
        waiting = WebDriverWait(
            self.driver, SECONDS, ignored_exceptions=(StaleElementReferenceException, IndexError)
        )
        return waiting.until(lambda _driver: condition())

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.driver.current_url).query)

    @property
    def focused(self) -> WebElement:
        element: WebElement = self.driver.switch_to.active_element
        return element

    def use(self, width: int, theme: str) -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    def violations(self) -> list[str]:
        if not self.driver.execute_script("return typeof axe !== 'undefined'"):
            self.driver.execute_script(AXE)
        found: list[str] = self.driver.execute_async_script(FIND)
        return found


@pytest.fixture
def browser(
    dash_duo: DashComposite, server: Flask, manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browser]:
    """The dashboard over the states; the processes of its jobs find the same database."""
    monkeypatch.setenv("VMWARE_INV_DB_URL", manager.db_url)
    with manager.session_scope() as session:
        store(session)
    dash_duo.start_server(server.extensions["dash"], navigate=False)
    opened = Browser(dash_duo)
    opened.use(1400, "light")
    yield opened
    assert dash_duo.get_logs() == []


CHIP = '[data-filter="as_of"]'
SENTENCE = "#overview-sentence"


def test_a_day_is_chosen_by_keyboard_carried_by_links_and_left_again(browser: Browser) -> None:
    browser.open("/?power=poweredOn")
    browser.reads(SENTENCE, "61 machines")
    browser.until(lambda: browser.one("#shell-freshness").text.startswith("Imported"))
    browser.one(f"{CHIP} .panel-opener").send_keys(Keys.ENTER)
    browser.until(lambda: len(browser.all(f"{CHIP} .choice")) == STATES + 2)
    assert browser.one(f'{CHIP} .choice[aria-selected="true"]').text == "Newest"
    newest = browser.one(f"{CHIP} .choice")
    browser.until(lambda: browser.focused.get_attribute("type") == "date")
    newest.send_keys(Keys.ARROW_DOWN)
    assert browser.focused.text.split("\n") == ["23 Nov 2026", "vc-north"]
    browser.focused.send_keys(Keys.END)
    browser.focused.send_keys(Keys.ENTER)

    browser.reads(SENTENCE, "59 machines, as of 25 Aug 2026")
    assert browser.query == {"power": ["poweredOn"], "as_of": ["2026-08-25"]}, "the other filters stay"
    assert browser.focused.text == "As of\n 25 Aug 2026", "the focus is back on the chip"
    assert "is-active" in (browser.one(f"{CHIP} .chip").get_attribute("class") or "")
    browser.reads("#shell-freshness", "As of 25 Aug 2026")
    assert "Older states are shown" in (browser.one("#shell-freshness").get_attribute("title") or "")

    browser.click("#menu-vm_explorer")
    browser.reads("#vm-explorer-sentence", "as of 25 Aug 2026")
    browser.reads("#shell-freshness", "As of 25 Aug 2026")
    browser.click('.ag-row .ag-cell[col-id="name"]')
    browser.click(".detail-actions a")
    browser.reads("#machine-sentence", "exported 25 Aug 2026, 06:00, as of 25 Aug 2026")
    browser.click(f"{CHIP} .chip-remove")
    browser.reads("#machine-sentence", "exported 23 Nov 2026, 06:00")
    browser.until(lambda: browser.one("#shell-freshness").text.startswith("Imported"))
    assert browser.query == {}


def test_a_day_without_states_leads_to_the_first_one_and_clearing_filters_keeps_the_day(
    browser: Browser,
) -> None:
    browser.open("/vm-explorer?as_of=2026-01-01&q=app")
    browser.reads(".empty-state", "The first one was exported on 25 Aug 2026.")
    browser.click(".empty-state .btn-primary")
    browser.reads("#vm-explorer-sentence", "59 machines, as of 25 Aug 2026")
    assert browser.query == {"as_of": ["2026-08-25"], "q": ["app"]}
    browser.click(".chips > .chip-clear")
    browser.until(lambda: browser.query == {"as_of": ["2026-08-25"]})
    browser.driver.execute_script(
        """const field = document.getElementById("vm-explorer-filter-day");
        field.value = "2026-11-01";  // typing depends on the language of the browser
        field.dispatchEvent(new Event("input", {bubbles: true}));"""
    )
    browser.reads("#vm-explorer-sentence", "60 machines, as of 1 Nov 2026")


def test_the_history_of_a_machine_is_a_tab_with_noise_on_demand(browser: Browser) -> None:
    browser.open("/vm-explorer/1?tab=history")
    browser.reads(".timeline", "Resized 23 Nov 2026, 06:00\nMemory: 4 GiB")
    assert [line.text.split("\n")[0] for line in browser.all(".timeline-step")] == [
        "Resized 23 Nov 2026, 06:00",
        "Unchanged in 2 imports, 24 Sep 2026 to 24 Oct 2026",
        "First seen 25 Aug 2026, 06:00",
    ]
    browser.one(".switch").send_keys(Keys.SPACE)
    browser.until(lambda: browser.query == {"tab": ["history"], "noise": ["1"]})
    browser.until(lambda: len(browser.all(".timeline-step")) == STATES)
    browser.until(lambda: browser.focused.get_attribute("aria-checked") == "true")  # the focus stays on it
    browser.driver.refresh()
    browser.reads(".timeline", "In use")
    browser.driver.find_element(By.LINK_TEXT, "24 Sep 2026, 06:00").click()
    browser.reads("#machine-sentence", "as of 24 Sep 2026")
    browser.open("/vm-explorer?machine=1&tab=history")
    browser.reads("#vm-explorer-detail-panel", "Unchanged in 2 imports")
    browser.open("/vm-explorer/60?as_of=2026-09-01")
    browser.reads(".empty-state", "app-59 did not exist in any state as of 1 Sep 2026.")


def test_two_states_are_compared_and_a_link_shows_the_same(browser: Browser) -> None:
    browser.open("/data-import")
    browser.one("[data-compare]")
    earlier = Select(browser.one(f"#{HistoryIds.BEFORE}"))
    assert earlier.first_selected_option.text == "24 Oct 2026, 06:00"
    earlier.select_by_visible_text("25 Aug 2026, 06:00")
    browser.click("[data-compare]")
    figures = browser.until(lambda: [one.text.split("\n")[:2] for one in browser.all("[data-kind]")])
    assert dict(figures) == {
        "New": "+1", "Gone": "0", "Renamed": "0", "Moved": "29", "Resized": "1", "Changed": "0",
    }  # fmt: skip
    browser.reads(".comparison-range", "31 changes, 25 Aug 2026, 06:00 to 23 Nov 2026, 06:00")
    browser.click('[data-kind="moved"]')
    browser.reads(".comparison-range", "29 changes")
    browser.until(lambda: browser.focused.get_attribute("data-kind") == "moved")
    browser.one(f"#{HistoryIds.FIND}").send_keys("app-0")
    browser.reads(".comparison-range", "5 changes")
    assert browser.focused.get_attribute("id") == HistoryIds.FIND
    assert browser.focused.get_attribute("value") == "app-0"
    shown = browser.one("#data-import-comparison-body").text
    assert "esx-0" in shown
    address = browser.driver.current_url

    browser.open("/")
    browser.driver.get(address)
    browser.until(lambda: browser.one("#data-import-comparison-body").text == shown)
    assert browser.one(f"#{HistoryIds.FIND}").get_attribute("value") == "app-0"
    assert browser.one('[data-kind="moved"]').get_attribute("aria-pressed") == "true"
    browser.click('[data-kind="moved"]')
    browser.one(".comparison [data-noise]").click()
    browser.until(lambda: browser.query["noise"] == ["1"])
    browser.one(f"#{HistoryIds.FIND}").send_keys(Keys.CONTROL, "a")
    browser.focused.send_keys(Keys.DELETE)
    browser.reads(".comparison-range", "Changes 1 to 50 of 90")
    browser.click("[data-start]:not([disabled])")
    browser.reads(".comparison-range", "Changes 51 to 90 of 90")


def test_states_are_pinned_and_deleted_after_a_question_and_vcenters_hidden(browser: Browser) -> None:
    browser.open("/data-import")
    rows = f"#{HistoryIds.BODY} tbody tr"
    browser.until(lambda: len(browser.all(rows)) == STATES + 1)
    browser.click('[data-action="pin"]')
    browser.reads(rows, "pinned")
    browser.until(lambda: browser.focused.get_attribute("data-action") == "unpin")
    browser.reads(".toasts", "stays until it is unpinned")

    delete = '[data-action="delete"]'
    browser.click(delete)
    browser.reads(".modal.show", "Delete the state of 24 Oct 2026, 06:00?")
    browser.reads(".modal.show", "The 60 machines of vc-north as of that day")
    browser.until(lambda: browser.focused.text == "Cancel")
    browser.focused.send_keys(Keys.ENTER)
    browser.until(lambda: not browser.all(".modal.show"))
    browser.until(lambda: browser.focused.get_attribute("data-action") == "delete")
    assert len(browser.all(rows)) == STATES + 1

    browser.click(delete)
    browser.reads(".modal.show", "Delete the state of 24 Oct 2026, 06:00?")
    browser.click(f"#{HistoryIds.DIALOG_CONFIRM}")
    browser.until(lambda: len(browser.all(rows)) == STATES)
    assert "24 Oct 2026" not in browser.one(f"#{HistoryIds.BODY}").text
    browser.until(lambda: browser.focused.tag_name == "summary")

    browser.click('.history-vcenter:last-child [data-action="hide"]')
    browser.reads(".history-vcenter.is-hidden", "vc-south")
    browser.until(lambda: browser.all("#shell-quick-stats .number")[0].text == "60")
    browser.click('[data-action="show"]')
    browser.until(lambda: browser.all("#shell-quick-stats .number")[0].text == "61")


@pytest.mark.parametrize(("width", "theme"), [(1400, "dark"), (390, "light")])
def test_nothing_sticks_out_and_axe_finds_nothing(browser: Browser, width: int, theme: str) -> None:
    browser.use(width, theme)
    for path, ready in (
        ("/data-import?before=1&after=4&noise=1", ".comparison-range"),
        ("/vm-explorer/1?tab=history&as_of=2026-10-01", ".timeline"),
        ("/?as_of=2026-01-01", ".empty-state"),
    ):
        browser.open(path)
        browser.one(ready)
        browser.until(lambda: not browser.all(".skeleton"))
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= width, path
        assert browser.violations() == [], path
