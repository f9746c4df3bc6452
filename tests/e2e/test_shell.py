"""The frame in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from app import create_app
from data.database import DatabaseManager
from data.generations import raise_generation
from data.settings import Settings
from layouts.shared.ids import Shell
from layouts.shared.sitemap import PAGES
from tests.factories import add_machine, add_state, add_vcenter

IN_MENU = [page for page in PAGES if page.in_menu]
SCRIPT_AT_START = "Page.addScriptToEvaluateOnNewDocument"

# Notes what the browser sends, and the theme at the moment when there is first something to paint.
WATCH = """
window.sent = [];
window.pending = 0;
window.lastAnswer = 0;
const ask = window.fetch;
window.fetch = (...given) => {
  window.sent.push(String(given[0]));
  window.pending += 1;
  return ask(...given).finally(() => { window.pending -= 1; window.lastAnswer = performance.now(); });
};
new MutationObserver((_, observer) => {
  if (document.body) { window.firstTheme = document.documentElement.dataset.bsTheme; observer.disconnect(); }
}).observe(document, {childList: true, subtree: true});
"""
IS_QUIET = "return window.pending === 0 && performance.now() - window.lastAnswer > 200"

Open = Callable[..., DashComposite]


@pytest.fixture
def visit(dash_duo: DashComposite, server: Flask) -> Open:
    """Open an address and wait until its page stands there."""
    dash_duo.driver.execute_cdp_cmd(SCRIPT_AT_START, {"source": WATCH})
    dash_duo.start_server(server.extensions["dash"], navigate=False)

    def go(path: str = "/", heading: str = "Overview") -> DashComposite:
        dash_duo.driver.get(dash_duo.server.url + path)
        dash_duo.wait_for_text_to_equal("h1", heading)
        settle(dash_duo)
        return dash_duo

    return go


def settle(browser: DashComposite) -> None:
    """Wait until the body stands there and no answer leads to another question."""
    wait(browser, lambda driver: not driver.find_elements(By.CSS_SELECTOR, ".skeleton"))
    wait(browser, lambda driver: driver.execute_script(IS_QUIET))


def wait(browser: DashComposite, condition: Callable[[Any], bool]) -> None:
    WebDriverWait(browser.driver, 10).until(condition)


def until(browser: DashComposite, script: str, expected: Any) -> None:
    wait(browser, lambda driver: driver.execute_script(f"return {script}") == expected)


def use_phone(browser: DashComposite) -> None:
    browser.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True},
    )


def prefer(browser: DashComposite, theme: str) -> None:
    browser.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    )


def callbacks_sent(browser: DashComposite) -> int:
    count: int = browser.driver.execute_script(
        "return window.sent.filter(url => url.includes('_dash-update-component')).length"
    )
    return count


def test_every_page_opens_without_a_word_in_the_console_and_without_leaving_the_origin(visit: Open) -> None:
    for page in IN_MENU:
        browser = visit(page.path, page.title)
        assert browser.get_logs() == []
        assert browser.driver.title == f"{page.title} · VMware Inventory"
        script = "return performance.getEntriesByType('resource').map(e => e.name)"
        addresses = browser.driver.execute_script(script)
        assert len(addresses) > 10
        own = (browser.server.url + "/", "data:", "blob:")
        assert [address for address in addresses if not address.startswith(own)] == []


def test_a_click_in_the_menu_changes_the_page_with_two_callbacks_and_no_reload(visit: Open) -> None:
    browser = visit("/data-import?datacenter=DC1", "Data Import")
    before = callbacks_sent(browser)
    browser.find_element("#menu-overview").click()
    browser.wait_for_text_to_equal("h1", "Overview")
    settle(browser)
    assert browser.driver.current_url.endswith("/?datacenter=DC1"), "the link carries the scope"
    assert callbacks_sent(browser) - before == 2
    until(browser, "document.querySelector('.menu-link.is-active').id", "menu-overview")
    until(browser, "document.querySelector('[aria-current=page]').id", "menu-overview")
    until(browser, "document.activeElement.id", "main")
    browser.driver.back()
    browser.wait_for_text_to_equal("h1", "Data Import")
    assert browser.get_logs() == []


def test_filters_stay_in_the_url_and_in_the_menu_links(visit: Open) -> None:
    browser = visit()
    script = "dash_clientside.set_props('overview-scope', {data: 'datacenter=DC9'})"
    browser.driver.execute_script(script)
    until(browser, "location.search", "?datacenter=DC9")
    until(browser, "document.getElementById('menu-vm_explorer').search", "?datacenter=DC9")
    browser.driver.execute_script("dash_clientside.shell.navigate('/')")
    until(browser, "document.getElementById('menu-vm_explorer').search", "")


def test_the_theme_of_the_system_is_there_with_the_first_paint(visit: Open) -> None:
    browser = visit()
    for theme in ("light", "dark"):
        prefer(browser, theme)
        browser.driver.refresh()
        browser.wait_for_text_to_equal("h1", "Overview")
        assert browser.driver.execute_script("return window.firstTheme") == theme


def test_the_chosen_theme_is_remembered_and_there_with_the_first_paint(visit: Open) -> None:
    browser = visit()
    prefer(browser, "light")
    button = browser.find_element(f"#{Shell.THEME_BUTTON}")
    for theme in ("light", "dark"):
        button.click()
        until(browser, "JSON.parse(localStorage.person).theme", theme)
        until(browser, "document.documentElement.dataset.bsTheme", theme)
    until(browser, f"document.getElementById('{Shell.THEME_BUTTON}').title", "Theme: dark")
    browser.driver.refresh()
    browser.wait_for_text_to_equal("h1", "Overview")
    assert browser.driver.execute_script("return window.firstTheme") == "dark"
    until(browser, f"document.getElementById('{Shell.THEME_BUTTON}').title", "Theme: dark")


def test_the_menu_on_a_phone_opens_takes_the_focus_and_gives_it_back(visit: Open) -> None:
    browser = visit()
    use_phone(browser)
    menu = browser.find_element(f"#{Shell.MENU}")
    toggle = browser.find_element(f"#{Shell.MENU_TOGGLE}")
    wait(browser, lambda _: not menu.is_displayed())
    toggle.click()
    until(browser, "document.activeElement.id", Shell.MENU_CLOSE)
    assert toggle.get_attribute("aria-expanded") == "true"
    assert browser.driver.execute_script("return document.querySelector('.shell-main').inert")
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    until(browser, "document.activeElement.id", Shell.MENU_TOGGLE)
    assert toggle.get_attribute("aria-expanded") == "false"
    toggle.click()
    wait(browser, lambda _: menu.is_displayed())
    browser.find_element("#menu-data_import").click()
    browser.wait_for_text_to_equal("h1", "Data Import")
    wait(browser, lambda _: not menu.is_displayed())


def test_nothing_is_wider_than_a_phone(visit: Open) -> None:
    for page in IN_MENU:
        browser = visit(page.path, page.title)
        use_phone(browser)
        until(browser, "document.documentElement.scrollWidth", 390)


def test_the_menu_can_be_narrowed_and_stays_so(visit: Open) -> None:
    browser = visit()
    browser.find_element(f"#{Shell.MENU_COLLAPSE}").click()
    until(browser, f"document.getElementById('{Shell.MENU}').offsetWidth", 64)
    browser.driver.refresh()
    until(browser, f"document.getElementById('{Shell.MENU}')?.offsetWidth", 64)
    link = browser.find_element("#menu-vm_explorer")
    assert link.accessible_name == "VM Explorer"


def test_everything_in_the_frame_is_reached_by_keyboard_in_order(visit: Open) -> None:
    browser = visit()
    browser.driver.execute_script("document.activeElement.blur()")
    reached = []
    for _ in range(16):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        active = browser.driver.switch_to.active_element
        reached.append(active.get_attribute("id") or active.get_attribute("class"))
    expected = [
        "skip-link",
        "menu-brand",
        *(f"menu-{page.key}" for page in IN_MENU),
        Shell.MENU_COLLAPSE,
        Shell.SEARCH,
        Shell.FRESHNESS,
        Shell.REFRESH_BUTTON,
        Shell.THEME_BUTTON,
    ]
    assert [name for name in reached if name in expected] == expected


def test_the_skip_link_leads_past_the_menu(visit: Open) -> None:
    browser = visit()
    browser.find_element("body").send_keys(Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(browser, "document.activeElement.id", Shell.MAIN)
    assert browser.driver.current_url.endswith("/")


def test_refresh_draws_every_page_anew_without_a_word_in_the_console(visit: Open) -> None:
    for page in IN_MENU:
        browser = visit(page.path, page.title)
        before = callbacks_sent(browser)
        browser.find_element(f"#{Shell.REFRESH_BUTTON}").click()
        wait(browser, lambda _, browser=browser, before=before: callbacks_sent(browser) >= before + 2)
        settle(browser)
        assert browser.get_logs() == []


def test_an_address_without_a_page_says_so_within_the_frame(visit: Open) -> None:
    browser = visit("/crystal-ball", "Page not found")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".menu-link.is-active")
    (log,) = browser.get_logs()
    assert "404" in log["message"]
    browser.find_element("main .state-actions a").click()
    browser.wait_for_text_to_equal("h1", "Overview")


def test_a_link_of_the_predecessor_leads_to_its_page(visit: Open) -> None:
    browser = visit("/?page=VM_Explorer", "VM Explorer")
    assert browser.driver.current_url.endswith("/vm-explorer")


def test_an_empty_estate_says_so_in_the_top_bar(visit: Open) -> None:
    visit().wait_for_text_to_equal(f"#{Shell.FRESHNESS_TIME}", "Nothing imported")


def test_a_demo_estate_carries_a_banner_and_goes_in_one_click(visit: Open, manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        state = add_state(session, add_vcenter(session, "vc-demo", is_demo=True))
        add_machine(session, state, "made-up")
        raise_generation(session)
    browser = visit()
    browser.wait_for_text_to_equal(
        f"#{Shell.BANNER_TEXT}", "This is a demo estate: its machines are made up."
    )
    browser.wait_for_contains_text(f"#{Shell.QUICK_STATS}", "Machines")
    browser.find_element(f"#{Shell.REMOVE_DEMO}").click()
    browser.wait_for_contains_text(f"#{Shell.TOASTS}", "The demo estate is removed.")
    browser.wait_for_text_to_equal(f"#{Shell.FRESHNESS_TIME}", "Nothing imported")
    wait(browser, lambda driver: not driver.find_element(By.ID, Shell.BANNER).is_displayed())
    browser.wait_for_contains_text("main", "Import an export")


def test_another_database_is_chosen_in_the_top_bar_and_stays_in_every_link(
    dash_duo: DashComposite, db_url: str, tmp_path: Any
) -> None:
    settings = Settings(
        db_url=db_url, databases={"lab": f"sqlite:///{tmp_path}/lab.db"}, instance_dir=tmp_path / "instance"
    )
    dash_duo.start_server(create_app(settings).extensions["dash"])
    dash_duo.wait_for_text_to_equal("h1", "Overview")
    Select(dash_duo.find_element(f"#{Shell.DATABASE}")).select_by_value("lab")
    until(dash_duo, "location.search", "?db=lab")
    dash_duo.find_element("#menu-vm_explorer").click()
    dash_duo.wait_for_text_to_equal("h1", "VM Explorer")
    assert dash_duo.driver.current_url.endswith("/vm-explorer?db=lab")
    dash_duo.driver.refresh()
    dash_duo.wait_for_text_to_equal("h1", "VM Explorer")
    until(dash_duo, f"document.getElementById('{Shell.DATABASE}').value", "lab")
    assert dash_duo.get_logs() == []


def test_a_body_that_fails_becomes_the_error_and_a_later_failure_leaves_the_page(
    visit: Open, server: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callbacks.shared import reading
    from data.errors import DataError

    def fail(*_: object) -> str:
        raise DataError("The question could not be asked.")

    with monkeypatch.context() as down:
        down.setattr(reading, "database_url", fail)
        browser = visit()
        browser.wait_for_text_to_equal(".error-state h2", "The question could not be asked.")
        assert not browser.driver.find_elements(By.CSS_SELECTOR, "#overview-body .skeleton")
    browser.find_element(f"#{Shell.REFRESH_BUTTON}").click()
    wait(browser, lambda d: not d.find_elements(By.CSS_SELECTOR, ".error-state"))
    monkeypatch.setattr(reading, "database_url", fail)
    browser.find_element(f"#{Shell.REFRESH_BUTTON}").click()
    browser.wait_for_contains_text(f"#{Shell.TOASTS} .alert", "The question could not be asked.")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".error-state")
