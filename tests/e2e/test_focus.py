"""The focus is never lost: whatever is drawn anew, removed or hidden, it goes on to something near."""

from collections.abc import Callable
from typing import Any

import pytest
from dash.testing.composite import DashComposite
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from layouts.shared.ids import Shell
from layouts.shared.sitemap import PAGES, Page, href
from tests.e2e.explorer import (
    SEARCH,
    SENTENCE,
    Open,
    all_of,
    chip,
    focused,
    options,
    press,
    rows_stand,
    until,
)

WATCH = """
window.losses = [];
let frames = 0;
let last = null;
const watch = () => {
  const active = document.activeElement;
  if (active && active !== document.body) { last = active.id || active.className || active.textContent; frames = 0; }
  else if (last !== null && ++frames === 5) window.losses.push(last);
  requestAnimationFrame(watch);
};
requestAnimationFrame(watch);
"""
"""Notes what had the focus when for some frames nothing has it any more."""
REACHABLE = """
const kinds = ['a[href]', 'button', 'input', 'select', 'summary', '[tabindex="0"]'];
const all = [...document.getElementById('main').querySelectorAll(kinds.join())];
return all.filter(one => one.checkVisibility() && !one.disabled);
"""
REDRAW = "dash_clientside.set_props(arguments[0], {data: arguments[1]})"
IDLE = "return !document.querySelector('.skeleton, [data-dash-is-loading=true]') && window.answered === window.sent"
COUNT = """
window.sent = window.answered = 0;
const send = window.fetch;
window.fetch = (...given) => {
  window.sent += 1;
  return send(...given).finally(() => setTimeout(() => (window.answered += 1), 100));
};
"""
LISTEN = """
window.said = [];
const heard = new WeakMap();
const listen = () => document.querySelectorAll("[role=status], [role=alert], [aria-live=polite]").forEach(one => {
  if (heard.has(one)) return;
  heard.set(one, one.textContent);
  new MutationObserver(() => {
    if (one.textContent && one.textContent !== heard.get(one)) window.said.push(one.textContent);
    heard.set(one, one.textContent);
  }).observe(one, {childList: true, subtree: true, characterData: true});
});
listen();
"""
"""Notes what is announced from now on."""
PLACES = 6
"""Of a page that have the focus, one after another, while it is drawn anew."""

Watched = Callable[[str], DashComposite]


@pytest.fixture
def watched(visit: Open, dash_duo: DashComposite) -> Watched:
    """Open an address and wait until it stands there. From then on it is noted when the focus is lost."""
    for script in (COUNT, WATCH):
        dash_duo.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    def go(path: str) -> DashComposite:
        page = visit(path)
        settle(page)
        return page

    return go


def settle(page: DashComposite) -> None:
    until(page, lambda: page.driver.execute_script(IDLE))


def losses(page: DashComposite) -> list[str]:
    """What had the focus when it was lost; looked at when all has been drawn."""
    settle(page)
    frames = "const done = arguments[0]; let left = 8;"
    page.driver.execute_async_script(
        frames + "const next = () => (left-- ? requestAnimationFrame(next) : done()); next();"
    )
    lost: list[str] = page.driver.execute_script("return window.losses")
    return lost


def address(page: Page) -> str:
    variables: dict[str, Any] = {"machine_id": 1} if "<" in page.path else {}
    return href(page.key, **variables)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_a_page_that_is_drawn_anew_keeps_the_focus_wherever_it_is(watched: Watched, page: Page) -> None:
    browser = watched(address(page))
    everything = browser.driver.execute_script(REACHABLE)
    for number in range(PLACES):
        everything = browser.driver.execute_script(REACHABLE)
        one = everything[number * (len(everything) - 1) // (PLACES - 1)]
        browser.driver.execute_script("arguments[0].focus({preventScroll: true})", one)
        browser.driver.execute_script(REDRAW, Shell.REFRESH, number + 1)
        assert losses(browser) == []
    assert browser.driver.execute_script("return document.activeElement !== document.body")


def test_a_filter_that_is_removed_leaves_the_focus_near(watched: Watched) -> None:
    page = watched("/?power=poweredOn&datacenter=gone")
    chips = "#overview-filters"
    removing = [one for one in all_of(page, f"{chips} .chip-remove") if one.is_displayed()]
    assert len(removing) == 2
    for one in removing:
        one.send_keys(Keys.ENTER)
        settle(page)
        assert page.driver.execute_script(
            f"return document.querySelector('{chips}').contains(document.activeElement)"
        )
    assert losses(page) == []


def test_clearing_all_filters_leaves_the_focus_among_the_chips(watched: Watched) -> None:
    page = watched("/vm-explorer?power=poweredOn")
    rows_stand(page)
    all_of(page, ".chips > .chip-clear")[0].send_keys(Keys.ENTER)
    until(page, lambda: not all_of(page, ".chips > .chip-clear")[0].is_displayed())
    assert losses(page) == []
    assert page.driver.execute_script("return document.activeElement.closest('.chips') !== null")


def test_nothing_that_matches_and_back_again_keeps_the_focus(watched: Watched) -> None:
    page = watched("/vm-explorer?q=nosuchmachine")
    page.wait_for_text_to_equal(".empty-state h2", "No machine matches")
    all_of(page, ".empty-state .btn")[0].send_keys(Keys.ENTER)
    rows_stand(page)
    assert losses(page) == []


def test_sorting_choosing_and_tabs_keep_the_focus(watched: Watched) -> None:
    page = watched("/vm-explorer")
    rows_stand(page)
    chip(page, "power").find_element(By.CSS_SELECTOR, ".panel-opener").send_keys(Keys.ENTER)
    until(page, lambda: options(page, "power"))
    press(page, Keys.ARROW_DOWN, Keys.ENTER)
    settle(page)
    press(page, Keys.ESCAPE)
    all_of(page, ".ag-header-cell[col-id=name]")[0].click()
    press(page, Keys.ENTER)
    settle(page)
    press(page, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    until(page, lambda: focused(page).get_attribute("id") == "vm-explorer-detail")
    for tab in all_of(page, "#vm-explorer-detail .tab"):
        tab.send_keys(Keys.ENTER)
        settle(page)
    press(page, Keys.ESCAPE)
    until(page, lambda: "ag-cell" in (focused(page).get_attribute("class") or ""))
    assert losses(page) == []


def test_a_page_that_follows_a_link_begins_at_its_content(watched: Watched) -> None:
    page = watched("/")
    all_of(page, "main a.attention-row")[0].send_keys(Keys.ENTER)
    page.wait_for_text_to_equal("h1", "VM Explorer")
    assert losses(page) == []
    assert focused(page).get_attribute("id") == Shell.MAIN


def test_on_a_narrow_screen_only_the_open_machine_is_reached(watched: Watched) -> None:
    page = watched("/vm-explorer")
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    rows_stand(page)
    cell = all_of(page, ".ag-row .ag-cell[col-id=name]")[0]
    name = cell.text
    cell.click()
    until(page, lambda: focused(page).get_attribute("id") == "vm-explorer-detail")
    seen = set()
    for _ in range(40):
        press(page, Keys.TAB)
        inside = "one === document.body || one.closest('#vm-explorer-detail') !== null"
        assert page.driver.execute_script(f"const one = document.activeElement; return {inside}")
        seen.add(focused(page).text)
    assert "Open full page" in seen
    all_of(page, ".detail-close")[0].send_keys(Keys.ENTER)
    until(page, lambda: focused(page).text == name)
    assert not page.driver.execute_script("return document.querySelector('[inert]')")


def test_on_a_tablet_a_press_beside_the_open_machine_closes_it(watched: Watched) -> None:
    page = watched("/vm-explorer")
    size = {"width": 900, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    rows_stand(page)
    all_of(page, ".ag-row .ag-cell[col-id=name]")[0].click()
    panel = all_of(page, "#vm-explorer-detail")[0]
    until(page, panel.is_displayed)
    until(page, lambda: page.driver.execute_script("return document.querySelector('.grid-box').inert"))
    ActionChains(page.driver).move_by_offset(100, 500).click().perform()
    until(page, lambda: not panel.is_displayed())
    assert not page.driver.execute_script("return document.querySelector('[inert]')")


def test_what_was_found_is_announced_once(watched: Watched) -> None:
    page = watched("/vm-explorer")
    rows_stand(page)
    page.driver.execute_script(LISTEN)
    all_of(page, SEARCH)[0].send_keys("nosuchmachine")
    page.wait_for_text_to_equal(".empty-state h2", "No machine matches")
    settle(page)
    assert page.driver.execute_script("return window.said.splice(0)") == ["0 machines match"]
    all_of(page, ".empty-state .btn")[0].send_keys(Keys.ENTER)
    everything = int(rows_stand(page) and all_of(page, SENTENCE)[0].text.split()[0])
    settle(page)
    assert page.driver.execute_script("return window.said.splice(0)") == [f"{everything} machines match"]
