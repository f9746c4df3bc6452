"""The palette in a real browser, by keyboard alone unless a test says otherwise."""

from collections.abc import Iterator
from typing import Any

import pytest
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from app import create_app
from data.database import DatabaseManager
from data.generations import raise_generation
from data.settings import Settings
from layouts.shared.ids import Shell
from tests.e2e.explorer import Open, all_of, focused, press, until
from tests.e2e.test_access import AXE, FIND
from tests.factories import add_machine, add_state, add_vcenter

HOLD = """
const ask = window.fetch;
window.finds = [];
window.held = [];
window.fetch = (address, ...more) => {
  if (!String(address).startsWith("/find")) return ask(address, ...more);
  window.finds.push(new URLSearchParams(address.split("?")[1]).get("q"));
  return new Promise(resolve => window.held.push(resolve)).then(() => ask(address, ...more));
};
"""
"""Answers to the palette wait until they are let go."""
LET_GO = "window.held.shift()()"
ANSWERED = f"#{Shell.PALETTE_LIST}:not([aria-busy])"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app over two vCenters, each with machines web-1 and web-2 and a host of its own in the cluster "edge"."""
    folder = tmp_path_factory.mktemp("palette")
    url = f"sqlite:///{folder / 'inventory.db'}"
    server = create_app(Settings(db_url=url, instance_dir=folder, log_level="warning"))
    with DatabaseManager(url).session_scope() as session:
        for number, vcenter in enumerate(("vc-north", "vc-south"), start=1):
            state = add_state(session, add_vcenter(session, vcenter))
            for name in ("web-1", "web-2"):
                here = {"cluster": "edge", "datacenter": "DC1", "host": f"esx-{number}"}
                add_machine(session, state, name, primary_ip_address=f"10.0.{number}.1", **here)
        raise_generation(session)
    yield server
    DatabaseManager(url).clear_cache()


def open_palette(browser: DashComposite) -> None:
    ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
    is_at(browser, Shell.PALETTE_TEXT)


def is_at(browser: DashComposite, element_id: str) -> None:
    until(browser, lambda: focused(browser).get_attribute("id") == element_id)


def is_open(browser: DashComposite) -> bool:
    return bool(browser.driver.execute_script(f"return document.getElementById('{Shell.PALETTE}').open"))


def lines(browser: DashComposite) -> list[str]:
    """The names that the palette lists."""
    script = "return [...document.querySelectorAll('.palette-name')].map(name => name.textContent)"
    found: list[str] = browser.driver.execute_script(script)
    return found


def shows(browser: DashComposite, *expected: str) -> None:
    until(browser, lambda: lines(browser) == list(expected))


def chosen(browser: DashComposite) -> str:
    """The line that Enter opens: the one that the field names as active."""
    script = (
        f"return document.getElementById(document.getElementById('{Shell.PALETTE_TEXT}')"
        ".getAttribute('aria-activedescendant'))"
    )
    row = browser.driver.execute_script(script)
    assert row.get_attribute("aria-selected") == "true"
    return str(row.find_element(By.CSS_SELECTOR, ".palette-name").text)


def finds(browser: DashComposite) -> list[str]:
    found: list[str] = browser.driver.execute_script("return window.finds")
    return found


def recent(browser: DashComposite) -> list[Any]:
    script = "return JSON.parse(localStorage.person || '{}').recent_machines || []"
    found: list[Any] = browser.driver.execute_script(script)
    return found


def searches(text: str) -> tuple[str, str]:
    return f"Search VM Explorer for “{text}”", f"“{text}” as a pattern"


def test_a_machine_is_found_and_opened(visit: Open) -> None:
    browser = visit("/")
    open_palette(browser)
    press(browser, "10.0.2.1")
    shows(browser, "web-1", "web-2", *searches("10.0.2.1"))
    assert chosen(browser) == "web-1"
    press(browser, Keys.DOWN)
    assert chosen(browser) == "web-2"
    press(browser, Keys.ENTER)
    browser.wait_for_text_to_equal("h1", "web-2")
    is_at(browser, Shell.MAIN)
    assert not is_open(browser)
    browser.driver.back()
    browser.wait_for_text_to_equal("h1", "Overview")


def test_arrows_go_round_and_home_and_end_lead_to_the_ends(visit: Open) -> None:
    browser = visit("/")
    open_palette(browser)
    press(browser, "web-1")
    first, last = "web-1", searches("web-1")[1]
    shows(browser, "web-1", "web-1", *searches("web-1"))
    for key, name in ((Keys.UP, last), (Keys.DOWN, first), (Keys.END, last), (Keys.HOME, first)):
        press(browser, key)
        assert chosen(browser) == name


def test_a_slash_opens_it_but_not_while_somebody_writes(visit: Open) -> None:
    browser = visit("/vm-explorer")
    browser.find_element("body").send_keys("/")
    is_at(browser, Shell.PALETTE_TEXT)
    press(browser, "a/b", Keys.ESCAPE)
    field = browser.find_element("#vm-explorer-filter-text")
    field.send_keys("/")
    assert field.get_attribute("value") == "/"
    assert not is_open(browser)


def test_escape_gives_the_focus_back_and_the_page_below_does_not_hear_it(visit: Open) -> None:
    browser = visit("/vm-explorer?machine=1")
    browser.wait_for_text_to_equal(".detail-title", "web-1")
    close = browser.find_element(".detail-close")
    browser.driver.execute_script("arguments[0].focus()", close)
    open_palette(browser)
    press(browser, "web", Keys.ESCAPE)
    until(browser, lambda: focused(browser) == close)
    assert not is_open(browser)
    assert browser.find_element(".detail-title").is_displayed()
    button = browser.find_element(f"#{Shell.SEARCH}")
    button.send_keys(Keys.ENTER)
    is_at(browser, Shell.PALETTE_TEXT)
    assert focused(browser).get_attribute("value") == "", "what was typed before is gone"
    press(browser, Keys.ESCAPE)
    is_at(browser, Shell.SEARCH)


def test_a_question_that_is_open_is_answered_first(visit: Open) -> None:
    browser = visit("/")
    browser.find_element("#cache-open").click()
    browser.wait_for_element(".modal.show")
    browser.find_element(".modal.show").send_keys(Keys.CONTROL, "k")
    assert not is_open(browser)


def test_the_pointer_opens_chooses_and_closes(visit: Open) -> None:
    browser = visit("/")
    browser.find_element(f"#{Shell.SEARCH}").click()
    is_at(browser, Shell.PALETTE_TEXT)
    ActionChains(browser.driver).move_by_offset(5, 880).click().perform()
    until(browser, lambda: not is_open(browser))
    browser.find_element(f"#{Shell.SEARCH}").click()
    press(browser, "edge")
    shows(browser, "edge", "edge", *searches("edge"))
    second = all_of(browser, ".palette-row")[1]
    ActionChains(browser.driver).move_to_element(second).perform()
    until(browser, lambda: second.get_attribute("aria-selected") == "true")
    second.click()
    browser.wait_for_text_to_equal("h1", "VM Explorer")
    browser.wait_for_text_to_equal("#vm-explorer-sentence", "2 of 4 machines")
    assert "vcenter=2" in browser.driver.current_url


def test_while_somebody_types_fast_one_question_is_asked_at_a_time_and_the_last_text_wins(
    visit: Open,
) -> None:
    browser = visit("/")
    browser.driver.execute_script(HOLD)
    open_palette(browser)
    press(browser, *"web-")
    assert finds(browser) == [""]
    browser.driver.execute_script(LET_GO)
    until(browser, lambda: finds(browser) == ["", "web-"])
    press(browser, *"2 no more")
    press(browser, *[Keys.BACKSPACE] * len(" no more"))
    assert finds(browser) == ["", "web-"]
    browser.driver.execute_script(LET_GO)
    until(browser, lambda: finds(browser) == ["", "web-", "web-2"])
    browser.driver.execute_script(LET_GO)
    shows(browser, "web-2", "web-2", *searches("web-2"))
    assert finds(browser) == ["", "web-", "web-2"]


def test_enter_before_the_answer_opens_what_the_answer_says(visit: Open) -> None:
    browser = visit("/")
    browser.driver.execute_script(HOLD)
    open_palette(browser)
    press(browser, "web-2", Keys.ENTER)
    assert is_open(browser)
    browser.driver.execute_script(LET_GO)
    until(browser, lambda: finds(browser) == ["", "web-2"])
    browser.driver.execute_script(LET_GO)
    browser.wait_for_text_to_equal("h1", "web-2")


def test_a_line_chosen_by_arrow_is_what_enter_opens_even_if_an_answer_comes_between(visit: Open) -> None:
    browser = visit("/")
    browser.driver.execute_script(HOLD)
    open_palette(browser)
    press(browser, "web-2", Keys.END)
    browser.driver.execute_script(LET_GO)
    until(browser, lambda: finds(browser) == ["", "web-2"])
    assert chosen(browser) == searches("web-2")[1]
    browser.driver.execute_script(LET_GO)
    shows(browser, "web-2", "web-2", *searches("web-2"))
    assert chosen(browser) == searches("web-2")[1]
    press(browser, "x", Keys.UP, Keys.ENTER)
    browser.wait_for_text_to_equal("h1", "VM Explorer")
    assert browser.driver.current_url.endswith("?q=web-2x&pattern=1")


def test_an_answer_that_comes_after_escape_opens_nothing(visit: Open) -> None:
    browser = visit("/")
    browser.driver.execute_script(HOLD)
    open_palette(browser)
    press(browser, "web-2", Keys.ENTER, Keys.ESCAPE)
    browser.driver.execute_script(LET_GO)
    open_palette(browser)
    browser.driver.execute_script("setInterval(() => window.held.length && window.held.shift()(), 50)")
    until(browser, lambda: all_of(browser, ANSWERED))
    assert lines(browser) == ["Overview", "VM Explorer", "Data Import"]


def test_a_text_taken_back_before_its_answer_leaves_nothing_to_wait_for(visit: Open) -> None:
    browser = visit("/")
    browser.driver.execute_script(HOLD)
    open_palette(browser)
    press(browser, "w")
    browser.driver.execute_script(LET_GO)
    until(browser, lambda: finds(browser) == ["", "w"])
    press(browser, Keys.BACKSPACE)
    browser.driver.execute_script(LET_GO)
    until(browser, lambda: all_of(browser, ANSWERED))
    assert lines(browser) == ["Overview", "VM Explorer", "Data Import"]


def test_pages_and_the_machines_opened_last_are_there_without_an_answer(visit: Open) -> None:
    browser = visit("/vm-explorer/1")
    browser.wait_for_text_to_equal("h1", "web-1")
    browser = visit("/vm-explorer?machine=4")
    browser.wait_for_text_to_equal(".detail-title", "web-2")
    until(browser, lambda: recent(browser) == [["", 4, "web-2"], ["", 1, "web-1"]])
    browser.driver.execute_script(HOLD)
    open_palette(browser)
    assert lines(browser) == ["web-2", "web-1", "Overview", "VM Explorer", "Data Import"]
    press(browser, "impo")
    assert lines(browser) == ["Data Import", *searches("impo")]
    press(browser, *[Keys.BACKSPACE] * 4, Keys.DOWN)
    assert chosen(browser) == "web-1"
    press(browser, Keys.ENTER)
    browser.wait_for_text_to_equal("h1", "web-1")
    until(browser, lambda: recent(browser) == [["", 1, "web-1"], ["", 4, "web-2"]])


def test_a_machine_that_is_gone_says_so_and_is_not_offered_again(visit: Open) -> None:
    browser = visit("/")
    gone = "localStorage.person = JSON.stringify({recent_machines: [['', 99, 'gone'], ['lab', 1, 'of another']]})"
    browser.driver.execute_script(gone)
    browser = visit("/")
    open_palette(browser)
    assert lines(browser)[0] == "gone"
    press(browser, Keys.ENTER)
    browser.wait_for_text_to_equal(".empty-state h2", "There is no such machine")
    until(browser, lambda: recent(browser) == [["lab", 1, "of another"]])
    open_palette(browser)
    assert lines(browser) == ["Overview", "VM Explorer", "Data Import"]


def test_what_is_typed_is_searched_in_vm_explorer_as_a_text_and_as_a_pattern(visit: Open) -> None:
    browser = visit("/data-import?datacenter=DC1&as_of=2030-01-01")
    for key, query in ((Keys.HOME, ""), (Keys.END, "&pattern=1")):
        open_palette(browser)
        press(browser, "x & y")
        shows(browser, *searches("x & y"))
        press(browser, key, Keys.ENTER)
        browser.wait_for_text_to_equal("h1", "VM Explorer")
        expected = f"/vm-explorer?as_of=2030-01-01&q=x+%26+y{query}"
        until(browser, lambda expected=expected: browser.driver.current_url.endswith(expected))


def test_ctrl_enter_opens_a_new_tab_and_the_palette_stays(visit: Open) -> None:
    browser = visit("/")
    here = browser.driver.current_window_handle
    open_palette(browser)
    press(browser, "web-1")
    shows(browser, "web-1", "web-1", *searches("web-1"))
    ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
    until(browser, lambda: len(browser.driver.window_handles) == 2)
    (other,) = set(browser.driver.window_handles) - {here}
    browser.driver.switch_to.window(other)
    browser.wait_for_text_to_equal("h1", "web-1")
    browser.driver.close()
    browser.driver.switch_to.window(here)
    assert is_open(browser)


def test_a_search_that_fails_says_so_and_the_next_letter_tries_again(visit: Open) -> None:
    browser = visit("/")
    browser.driver.execute_script(
        "window.ask = window.fetch; window.fetch = () => Promise.reject(new TypeError('offline'))"
    )
    open_palette(browser)
    press(browser, "web")
    browser.wait_for_text_to_equal(f"#{Shell.PALETTE_STATUS}", "The server does not answer.")
    assert lines(browser) == list(searches("web"))
    browser.driver.execute_script("window.fetch = window.ask")
    press(browser, "-1")
    browser.wait_for_text_to_equal(f"#{Shell.PALETTE_STATUS}", "2 suggestions")


def test_a_day_in_the_past_is_said_and_kept(visit: Open) -> None:
    browser = visit("/?as_of=2030-01-01")
    open_palette(browser)
    browser.wait_for_text_to_equal(f"#{Shell.PALETTE_STATUS}", "As of 1 Jan 2030")
    press(browser, "web-1")
    browser.wait_for_text_to_equal(f"#{Shell.PALETTE_STATUS}", "2 suggestions · As of 1 Jan 2030")
    press(browser, Keys.ENTER)
    browser.wait_for_text_to_equal("h1", "web-1")
    assert "as_of=2030-01-01" in browser.driver.current_url


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_palette_wide_and_on_a_phone(visit: Open, theme: str) -> None:
    browser = visit("/")
    preference = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", preference)
    for width in (1400, 390):
        screen = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 992}
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        open_palette(browser)
        press(browser, "e")
        until(browser, lambda: "esx-1" in lines(browser))
        browser.driver.execute_script(AXE)
        assert browser.driver.execute_async_script(FIND) == []
        scrolls = "const {scrollWidth} = document.documentElement; return scrollWidth <= innerWidth"
        assert browser.driver.execute_script(scrolls)
        press(browser, Keys.ESCAPE)
