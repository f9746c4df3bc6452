"""Rows of VM Explorer are selected by mouse and keyboard, copied and exported, in a real browser."""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pytest
from dash.testing.composite import DashComposite
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.e2e.explorer import (
    NAME,
    Open,
    address,
    all_of,
    chip,
    focused,
    heading,
    hold_a_phone,
    names,
    options,
    press,
    rows_stand,
    title_of,
    until,
)
from tests.e2e.test_access import AXE, FIND

BAR = "#selection-bar"
SAID = "#selection-announcement"
CATCH_COPY = """
window.copied = null;
Object.defineProperty(navigator, "clipboard", {value: {write: async ([item]) => {
  window.copied = await (await item.getType("text/plain")).text();
}}});
"""


def click(page: DashComposite, row: int, *keys: str) -> None:
    """Click the checkbox of a row while keys are held."""
    box = all_of(page, f'.ag-row[row-index="{row}"] [col-id="selection"]')[0]
    actions = ActionChains(page.driver)
    for key in keys:
        actions.key_down(key)
    actions.click(box)
    for key in keys:
        actions.key_up(key)
    actions.perform()


def chord(page: DashComposite, held: str, key: str) -> None:
    ActionChains(page.driver).key_down(held).send_keys(key).key_up(held).perform()


def checked(page: DashComposite) -> list[int]:
    """The numbers of the rows whose boxes are checked."""
    boxes = all_of(page, ".ag-row .select-box")
    rows = [box.find_element("xpath", "ancestor::*[@row-index]") for box in boxes if box.is_selected()]
    return sorted(int(row.get_attribute("row-index") or 0) for row in rows)


def selects(page: DashComposite, rows: Sequence[int], words: str) -> None:
    """Wait until these rows are selected, the bar counts them and those who hear it know."""
    until(page, lambda: checked(page) == list(rows))
    until(page, lambda: all_of(page, "#selection-count")[0].text == f"{words} selected")
    machines = "machine" if words == "1" else "machines"
    until(page, lambda: said(page) == f"{words} {machines} selected")


def is_cleared(page: DashComposite) -> None:
    until(page, lambda: checked(page) == [])
    until(page, lambda: not all_of(page, BAR)[0].is_displayed())


def said(page: DashComposite) -> str:
    return all_of(page, SAID)[0].get_attribute("textContent") or ""


def total(page: DashComposite) -> str:
    return all_of(page, "#vm-explorer-sentence")[0].text.split()[0]


def test_boxes_select_rows_one_by_one_and_in_ranges_and_open_none(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    click(page, 1)
    selects(page, [1], "1")
    click(page, 4, Keys.SHIFT)
    selects(page, [1, 2, 3, 4], "4")
    click(page, 2)
    selects(page, [1, 3, 4], "3")
    assert address(page) == {}, "selecting is not opening"
    all_of(page, f'.ag-row[row-index="6"] {NAME}')[0].click()
    until(page, lambda: title_of(page))
    selects(page, [1, 3, 4], "3")
    click(page, 5, Keys.SHIFT)
    selects(page, [1, 2, 3, 4, 5], "5")
    all_of(page, "#selection-clear")[0].click()
    is_cleared(page)


def test_keys_select_and_the_focus_stays_in_the_grid(visit: Open) -> None:
    page = visit("/vm-explorer")
    second = rows_stand(page)[1]
    all_of(page, f'.ag-row[row-index="0"] {NAME}')[0].click()
    press(page, Keys.ARROW_DOWN, Keys.SPACE)
    selects(page, [1], "1")
    for _ in range(3):
        chord(page, Keys.SHIFT, Keys.ARROW_DOWN)
    selects(page, [1, 2, 3, 4], "4")
    chord(page, Keys.SHIFT, Keys.ARROW_UP)
    selects(page, [1, 2, 3], "3")
    press(page, Keys.ESCAPE)
    is_cleared(page)
    assert "machine" in address(page), "the first Escape ends the selection, not the detail"
    assert focused(page).get_attribute("col-id") == "name"
    press(page, Keys.ARROW_UP, Keys.ARROW_UP)
    assert focused(page).text == second


def test_tab_leads_from_any_row_to_the_bar_and_back_to_the_headings(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    click(page, 1)
    selects(page, [1], "1")
    press(page, Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.TAB)
    assert focused(page).get_attribute("id") == "selection-all"
    press(page, Keys.TAB, Keys.TAB)
    assert focused(page).get_attribute("id") == "selection-clear"
    press(page, Keys.ENTER)
    is_cleared(page)
    assert focused(page).get_attribute("col-id") == "name", "the focus is back in the grid"
    chord(page, Keys.SHIFT, Keys.TAB)
    assert "ag-header-cell" in (focused(page).get_attribute("class") or "")


def test_all_that_match_are_selected_at_once_and_single_ones_taken_out(visit: Open) -> None:
    page = visit("/vm-explorer?templates=include")
    rows_stand(page)
    all_of(page, f'.ag-row[row-index="0"] {NAME}')[0].click()
    chord(page, Keys.CONTROL, "a")
    until(page, lambda: all_of(page, "#selection-count")[0].text == "300 selected")
    click(page, 2)
    until(page, lambda: all_of(page, "#selection-count")[0].text == "299 selected")
    assert 2 not in checked(page)
    assert all_of(page, "#selection-all")[0].text == "Select all 300 that match"
    all_of(page, "#selection-all")[0].click()
    until(page, lambda: all_of(page, "#selection-count")[0].text == "300 selected")
    assert all_of(page, BAR)[0].find_elements("css selector", ":focus"), "the focus stays in the bar"
    page.driver.execute_script("document.querySelector('.ag-body-viewport').scrollTop = 1e6")
    until(page, lambda: 299 in checked(page))
    all_of(page, '.ag-header-cell[col-id="selection"]')[0].click()
    is_cleared(page)


def test_a_range_takes_rows_that_were_never_loaded(visit: Open) -> None:
    page = visit("/vm-explorer?templates=include&sort=-name")
    rows_stand(page)
    click(page, 0)
    selects(page, [0], "1")
    page.driver.execute_script("document.querySelector('.ag-body-viewport').scrollTop = 1e6")
    until(page, lambda: all_of(page, '.ag-row[row-index="299"] .select-box'))
    click(page, 299, Keys.SHIFT)
    until(page, lambda: all_of(page, "#selection-count")[0].text == "300 selected")


def test_the_selection_outlives_sorting_and_ends_with_another_scope(visit: Open) -> None:
    page = visit("/vm-explorer")
    first = rows_stand(page)[0]
    click(page, 0)
    selects(page, [0], "1")
    heading(page, "Name").click()
    until(page, lambda: names(page)[0] not in {"", first})
    until(page, lambda: checked(page) == [])
    heading(page, "Name").click()
    until(page, lambda: names(page)[0] == first)
    selects(page, [0], "1")
    chip(page, "power").find_element("css selector", ".panel-opener").click()
    until(page, lambda: options(page, "power"))[0].click()
    until(page, lambda: "power" in address(page))
    is_cleared(page)
    until(page, lambda: not said(page))


def test_selected_rows_are_copied_with_headings_in_the_order_of_the_grid(visit: Open) -> None:
    page = visit("/vm-explorer?col=name&col=cpus&sort=-name")
    page.driver.execute_script(CATCH_COPY)
    shown = rows_stand(page)
    click(page, 3)
    click(page, 1)
    selects(page, [1, 3], "2")
    all_of(page, "#selection-copy")[0].click()
    text = until(page, lambda: page.driver.execute_script("return window.copied"))
    assert [line.split("\t")[0] for line in text.splitlines()] == ["Name", shown[1], shown[3]]
    assert text.splitlines()[0] == "Name\tvCPU"
    until(page, lambda: said(page) == "Copied 2 machines")


def test_the_copy_key_copies_the_selected_rows_and_leaves_marked_text_to_the_browser(visit: Open) -> None:
    page = visit("/vm-explorer?col=name&col=cpus")
    page.driver.execute_script(CATCH_COPY)
    shown = rows_stand(page)
    click(page, 5)
    selects(page, [5], "1")
    page.driver.execute_script("getSelection().selectAllChildren(document.querySelector('h1'))")
    chord(page, Keys.CONTROL, "c")
    assert said(page) == "1 machine selected"
    page.driver.execute_script("getSelection().removeAllRanges()")
    chord(page, Keys.CONTROL, "c")
    text = until(page, lambda: page.driver.execute_script("return window.copied"))
    assert [line.split("\t")[0] for line in text.splitlines()] == ["Name", shown[5]]


def test_the_store_tells_the_export_what_is_selected(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    click(page, 0)
    click(page, 2)
    selects(page, [0, 2], "2")
    all_of(page, ".export-menu .panel-opener")[0].click()
    until(page, lambda: "2 selected machines" in all_of(page, ".export-menu")[0].text)


def test_on_a_phone_the_bar_stands_in_the_foot(visit: Open) -> None:
    page = visit("/vm-explorer")
    hold_a_phone(page)
    rows_stand(page)
    click(page, 0)
    selects(page, [0], "1")
    for button in all_of(page, f"{BAR} button"):
        box = button.rect
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 24
    assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 390


def test_another_machine_of_the_same_visit_begins_without_a_selection(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    click(page, 0)
    selects(page, [0], "1")
    page.find_element("#menu-overview").click()
    page.wait_for_text_to_equal("h1", "Overview")
    page.find_element("#menu-vm_explorer").click()
    page.wait_for_text_to_equal("h1", "VM Explorer")
    rows_stand(page)
    is_cleared(page)
    assert parse_qs(urlsplit(page.driver.current_url).query) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("is_phone", [False, True])
def test_selection_and_chooser_are_accessible(visit: Open, theme: str, is_phone: bool) -> None:
    page = visit("/vm-explorer")
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    )
    if is_phone:
        hold_a_phone(page)
    rows_stand(page)
    click(page, 0)
    selects(page, [0], "1")
    all_of(page, "[data-columns] .panel-opener")[0].click()
    until(page, lambda: all_of(page, ".column-row"))
    all_of(page, ".columns-layouts > summary")[0].click()
    page.driver.execute_script(AXE)
    assert page.driver.execute_async_script(FIND) == []
