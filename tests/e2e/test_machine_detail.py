"""A machine in detail, by keyboard and by links, in a real browser."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from dash.testing.composite import DashComposite
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.explorer import (
    NAME,
    SENTENCE,
    Open,
    address,
    all_of,
    asked,
    focused,
    names,
    press,
    rows_stand,
    title_of,
    until,
)

STEP = '[data-step="{}"]'
PANEL = "#vm-explorer-detail-panel"
LAST_IDS = "return fetch('/machines/ids?sort=-name').then(answer => answer.json())"
HOLD_IDS = """
const ask = window.fetch;
window.fetch = (address, ...more) => {
  if (!String(address).startsWith("/machines/ids")) return ask(address, ...more);
  return new Promise(resolve => (window.letGo = resolve)).then(() => ask(address, ...more));
};
"""
"""The answer with the ids waits until it is let go."""


def alt(browser: DashComposite, key: str, times: int = 1) -> None:
    chain = ActionChains(browser.driver).key_down(Keys.ALT)
    for _ in range(times):
        chain.send_keys(key)
    chain.key_up(Keys.ALT).perform()


def shows(browser: DashComposite, name: str) -> None:
    browser.wait_for_text_to_equal(".detail-title", name, timeout=20)


def name_in_row(browser: DashComposite, number: int) -> str:
    return until(browser, lambda: all_of(browser, f'.ag-row[row-index="{number}"] {NAME}')[0].text)


def open_row(browser: DashComposite, number: int) -> str:
    """Open the machine of a row with the keyboard's focus in it; its name."""
    rows_stand(browser)
    cell = until(browser, lambda: all_of(browser, f'.ag-row[row-index="{number}"] {NAME}'))[0]
    cell.click()
    shows(browser, cell.text)
    return cell.text


def test_alt_and_an_arrow_go_from_machine_to_machine_and_the_focus_stays_in_the_grid(visit: Open) -> None:
    page = visit("/vm-explorer?sort=-cpus")
    open_row(page, 1)
    second, third = name_in_row(page, 1), name_in_row(page, 2)
    alt(page, Keys.ARROW_DOWN)
    shows(page, third)
    assert focused(page).text == third
    assert all_of(page, '.ag-row.is-open[row-index="2"]')
    alt(page, Keys.ARROW_UP)
    shows(page, second)
    alt(page, Keys.ARROW_UP)
    shows(page, name_in_row(page, 0))
    alt(page, Keys.ARROW_UP)
    page.wait_for_text_to_equal("#vm-explorer-announcement", "This is the first machine")
    shows(page, name_in_row(page, 0))


def test_the_keys_work_in_the_panel_too_and_the_focus_stays_there(
    visit: Open,
) -> None:
    page = visit("/vm-explorer?tab=placement")
    open_row(page, 0)
    link = until(page, lambda: all_of(page, f"{PANEL} a"))[0]
    page.driver.execute_script("arguments[0].focus()", link)
    alt(page, Keys.ARROW_DOWN)
    shows(page, name_in_row(page, 1))
    inside = "return document.activeElement.closest('#vm-explorer-detail') !== null"
    until(page, lambda: page.driver.execute_script(inside))
    tab = all_of(page, '[data-tab="storage"]')[0]
    tab.click()
    alt(page, Keys.ARROW_DOWN)
    shows(page, name_in_row(page, 2))
    assert focused(page) == tab
    until(page, lambda: "Disks" in all_of(page, PANEL)[0].text)


def test_the_buttons_of_the_panel_do_the_same_and_say_the_keys(visit: Open) -> None:
    page = visit("/vm-explorer")
    open_row(page, 0)
    down = all_of(page, STEP.format(1))[0]
    assert down.get_attribute("title") == "Next machine (Alt ↓)"
    down.click()
    shows(page, name_in_row(page, 1))
    assert focused(page) == down
    all_of(page, STEP.format(-1))[0].click()
    shows(page, name_in_row(page, 0))


def test_steps_reach_rows_that_are_not_loaded_and_held_keys_do_not_pile_up_requests(visit: Open) -> None:
    page = visit("/vm-explorer?sort=-name")
    open_row(page, 0)
    until(page, lambda: all_of(page, "#vm-explorer-detail")[0].get_attribute("aria-busy") == "false")
    before = asked(page, "vm-explorer-detail-title")
    alt(page, Keys.ARROW_DOWN, times=130)
    until(page, lambda: title_of(page) == name_in_row(page, 130))
    machine = all_of(page, '.ag-row[row-index="130"]')[0].get_attribute("row-id")
    until(page, lambda: address(page)["machine"] == [machine])
    assert asked(page, "vm-explorer-detail-title") - before < 130


def test_from_a_machine_that_a_link_opened_far_below_the_keys_go_on_there(visit: Open) -> None:
    page = visit("/vm-explorer")
    machine = page.driver.execute_script(LAST_IDS)[240]
    page = visit(f"/vm-explorer?sort=-name&machine={machine}")
    rows_stand(page)
    until(page, lambda: title_of(page))
    alt(page, Keys.ARROW_DOWN, times=2)
    shows(page, name_in_row(page, 242))
    assert all_of(page, f'.ag-row[row-index="240"][row-id="{machine}"]')


def test_a_step_that_waits_for_its_row_gives_way_to_the_machine_that_is_opened_meanwhile(visit: Open) -> None:
    page = visit("/vm-explorer")
    machine = page.driver.execute_script(LAST_IDS)[240]
    page = visit(f"/vm-explorer?sort=-name&machine={machine}")
    rows_stand(page)
    until(page, lambda: title_of(page))
    page.driver.execute_script(HOLD_IDS)
    alt(page, Keys.ARROW_DOWN)
    until(page, lambda: page.driver.execute_script("return Boolean(window.letGo)"))
    open_row(page, 2)
    page.driver.execute_script("window.letGo()")
    alt(page, Keys.ARROW_DOWN)
    shows(page, name_in_row(page, 3))


def test_a_machine_that_is_not_among_the_rows_of_the_grid_leads_to_those_in_sight(visit: Open) -> None:
    page = visit("/vm-explorer?sort=-cpus")
    hidden = open_row(page, 3)
    machine, other = address(page)["machine"][0], name_in_row(page, 4)
    page = visit(f"/vm-explorer?q={other}&machine={machine}")
    rows_stand(page)
    shows(page, hidden)
    assert hidden not in names(page)
    all_of(page, STEP.format(1))[0].click()
    shows(page, name_in_row(page, 0))


def test_in_a_field_of_the_page_the_keys_are_those_of_the_field(visit: Open) -> None:
    page = visit("/vm-explorer")
    first = open_row(page, 0)
    all_of(page, "#vm-explorer-filter-text")[0].click()
    alt(page, Keys.ARROW_DOWN)
    page.driver.execute_script(
        "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert title_of(page) == first


def test_every_place_of_a_machine_leads_to_the_machines_there(visit: Open) -> None:
    page = visit("/vm-explorer?tab=placement")
    name = open_row(page, 5)
    until(page, lambda: len(all_of(page, f"{PANEL} a")) > 5)
    addresses = [link.get_attribute("href") for link in all_of(page, f"{PANEL} a")]
    found: set[str] = set()
    for link in dict.fromkeys(addresses):
        query = parse_qs(urlsplit(link).query)
        page = visit("/vm-explorer?" + urlsplit(link).query + "&q=" + name)
        rows_stand(page)
        assert name in names(page), query
        found |= set(query)
    assert {"vcenter", "datacenter", "cluster", "host", "where", "folder", "datastore"} <= found


def test_a_link_in_the_panel_filters_the_page_that_is_open(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    everything = all_of(page, SENTENCE)[0].text
    open_row(page, 5)
    host = until(page, lambda: all_of(page, ".detail-path a"))[-1]
    text = host.text
    host.click()
    until(page, lambda: address(page).get("host") == [text])
    until(page, lambda: f"of {everything}" in all_of(page, SENTENCE)[0].text)


def test_what_was_unfolded_stays_so_for_the_next_machine(visit: Open) -> None:
    page = visit("/vm-explorer?tab=all&power=poweredOn")

    def opened() -> list[str | None]:
        return [fold.get_attribute("data-fold") for fold in all_of(page, "details.fold[open]")]

    def fold(tab: str) -> Callable[[], list[WebElement]]:
        return lambda: all_of(page, f'[data-fold="{tab}"] > summary')

    open_row(page, 0)
    until(page, fold("vTools"))[0].click()
    assert opened() == ["vTools"]
    all_of(page, STEP.format(1))[0].click()
    shows(page, name_in_row(page, 1))
    until(page, lambda: opened() == ["vTools"])
    all_of(page, '[data-tab="general"]')[0].click()
    until(page, lambda: not fold("vTools")())
    all_of(page, '[data-tab="all"]')[0].click()
    until(page, fold("vTools"))
    until(page, lambda: opened() == ["vTools"])


def test_a_field_is_found_by_its_name_or_value_and_looked_for_in_the_next_machine_too(visit: Open) -> None:
    page = visit("/vm-explorer?tab=all&power=poweredOn")

    def seen() -> str:
        return " | ".join(part.text for part in all_of(page, "details.fold") if part.is_displayed())

    open_row(page, 0)
    until(page, lambda: "vTools" in seen())
    field = all_of(page, "#machine-field-search")[0]
    field.send_keys("sockets")
    until(page, lambda: seen().startswith("vCPU") and "Sockets" in seen())
    assert "Cores per socket" not in seen()
    assert "vTools" not in seen()
    all_of(page, STEP.format(1))[0].click()
    shows(page, name_in_row(page, 1))
    until(page, lambda: "Sockets" in seen() and "vTools" not in seen())
    field = all_of(page, "#machine-field-search")[0]
    assert field.get_attribute("value") == "sockets"
    field.send_keys("nothing")
    page.wait_for_text_to_equal(".fold-none", "No field matches.")
    for _ in "socketsnothing":
        field.send_keys(Keys.BACKSPACE)
    until(page, lambda: "vTools" in seen())
    assert not all_of(page, "details.fold[open]")


def test_the_keys_do_nothing_when_no_machine_is_open(visit: Open) -> None:
    page = visit("/vm-explorer")
    open_row(page, 0)
    press(page, Keys.ESCAPE)
    until(page, lambda: "machine" not in address(page))
    alt(page, Keys.ARROW_DOWN)
    assert "machine" not in address(page)
