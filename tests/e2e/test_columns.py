"""The columns of VM Explorer are ordered, sized, kept in place and remembered, in a real browser."""

from typing import Any

from dash.testing.composite import DashComposite
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.explorer import Open, address, all_of, focused, heading, headings, press, rows_stand, until

THREE = "/vm-explorer?col=name&col=cpus&col=host"


def open_chooser(page: DashComposite) -> None:
    rows_stand(page)
    all_of(page, "[data-columns] .panel-opener")[0].click()
    until(page, lambda: all_of(page, ".column-row")[0].text)


def focus_on(page: DashComposite, title: str) -> None:
    """Go to a column in the list of those that are shown."""
    row = next(row for row in all_of(page, ".column-row") if row.text == title)
    row.find_element(By.CSS_SELECTOR, ".column-name").click()


def chord(page: DashComposite, held: str, key: str) -> None:
    ActionChains(page.driver).key_down(held).send_keys(key).key_up(held).perform()


def width(page: DashComposite, name: str) -> int:
    return int(heading(page, name).size["width"])


def pinned(page: DashComposite) -> list[str]:
    found = all_of(page, ".ag-pinned-left-header .ag-header-row-column .ag-header-cell:not(.selection-cell)")
    return [head.text for head in found]


def person(page: DashComposite) -> dict[str, Any]:
    stored: dict[str, Any] = page.driver.execute_script(
        "return JSON.parse(localStorage.getItem('person')) || {}"
    )
    return stored


def test_columns_are_moved_kept_in_place_and_hidden_by_keyboard(visit: Open) -> None:
    page = visit(THREE)
    open_chooser(page)
    focus_on(page, "Host")
    chord(page, Keys.ALT, Keys.ARROW_UP)
    until(page, lambda: headings(page) == ["Name", "Host", "vCPU"])
    assert focused(page).get_attribute("aria-label") == "Host, 2 of 3", "the focus goes with it"
    press(page, "p")
    until(page, lambda: pinned(page) == ["Name", "Host"])
    assert address(page) == {"col": ["name", "host", "cpus"], "pin": ["name", "host"]}
    assert focused(page).get_attribute("aria-label") == "Host, 2 of 3, stays at the left"
    press(page, "p")
    until(page, lambda: pinned(page) == ["Name"])
    press(page, Keys.DELETE)
    until(page, lambda: headings(page) == ["Name", "vCPU"])
    assert focused(page).text == "vCPU"
    press(page, Keys.ARROW_UP, "p")
    until(page, lambda: pinned(page) == [])
    assert address(page) == {"col": ["name", "cpus"], "pin": [""]}
    press(page, Keys.ESCAPE)
    assert focused(page).text == "Columns"


def test_the_mouse_moves_a_column_and_gives_it_a_width_and_the_link_says_so(visit: Open) -> None:
    page = visit(THREE)
    rows_stand(page)
    edge = heading(page, "Host").find_element(By.CSS_SELECTOR, ".ag-header-cell-resize")
    ActionChains(page.driver).drag_and_drop_by_offset(edge, -80, 0).perform()
    until(page, lambda: address(page).get("width"))
    host = width(page, "Host")
    assert address(page)["width"] == [f"host:{host}"]

    name = heading(page, "Host").find_element(By.CSS_SELECTOR, ".ag-header-cell-text")
    moving = ActionChains(page.driver).click_and_hold(name).move_by_offset(-10, 0).pause(0.2)
    moving.move_to_element(heading(page, "vCPU")).pause(0.5).release().perform()
    until(page, lambda: headings(page) == ["Name", "Host", "vCPU"])
    until(page, lambda: address(page)["col"] == ["name", "host", "cpus"])
    link = page.driver.current_url

    page.driver.execute_script("localStorage.clear()")
    page.driver.get("about:blank")
    page.driver.get(link)
    rows_stand(page)
    assert headings(page) == ["Name", "Host", "vCPU"]
    assert width(page, "Host") == host
    assert page.driver.current_url == link


def test_keys_give_a_column_a_width_and_the_others_share_the_rest(visit: Open) -> None:
    page = visit(THREE)
    rows_stand(page)
    before = width(page, "Name")
    heading(page, "vCPU").click()
    press(page, Keys.ARROW_LEFT)
    chord(page, Keys.ALT, Keys.ARROW_RIGHT)
    until(page, lambda: address(page).get("width"))
    assert width(page, "Name") > before
    assert address(page)["width"] == [f"name:{width(page, 'Name')}"]


def test_a_column_more_leaves_the_others_and_their_widths_as_they_are(visit: Open) -> None:
    page = visit(f"{THREE}&col=attr:Gone&width=host:333")
    open_chooser(page)
    assert width(page, "Host") == 333
    press(page, "firmw", Keys.ARROW_DOWN, Keys.ENTER)
    until(page, lambda: headings(page) == ["Name", "vCPU", "Host", "Gone", "Firmware"])
    assert width(page, "Host") == 333
    all_of(page, ".columns-default")[0].click()
    until(page, lambda: address(page) == {})
    until(page, lambda: width(page, "Host") != 333)


def test_a_layout_is_saved_chosen_and_deleted(visit: Open) -> None:
    page = visit(THREE)
    open_chooser(page)
    all_of(page, ".columns-layouts > summary")[0].click()
    all_of(page, "#vm-explorer-layout-name")[0].click()
    press(page, "Small", Keys.ENTER)
    until(page, lambda: [row.text for row in all_of(page, ".layout-row")] == ["Small"])
    all_of(page, ".columns-default")[0].click()
    until(page, lambda: address(page) == {})
    all_of(page, ".layout-name")[0].click()
    until(page, lambda: headings(page) == ["Name", "vCPU", "Host"])
    assert focused(page).text == "Small"
    all_of(page, ".layout-row [data-act='delete']")[0].click()
    until(page, lambda: all_of(page, ".layout-row") == [])
    assert until(page, lambda: person(page).get("explorer_layouts") == {})
    assert focused(page).get_attribute("id") == "vm-explorer-layout-name"


def test_the_layout_used_last_is_remembered_inside_and_a_link_from_outside_shows_what_it_says(
    visit: Open,
) -> None:
    page = visit("/vm-explorer")
    open_chooser(page)
    focus_on(page, "Power")
    press(page, Keys.DELETE)
    until(page, lambda: "Power" not in headings(page))
    chosen = address(page)
    press(page, Keys.ESCAPE)

    page.find_element("#menu-overview").click()
    page.wait_for_text_to_equal("h1", "Overview")
    page.find_element("#menu-vm_explorer").click()
    page.wait_for_text_to_equal("h1", "VM Explorer")
    rows_stand(page)
    assert headings(page)[:2] == ["Name", "vCPU"]
    assert address(page) == chosen, "the address says what is seen"

    first, at = page.driver.current_window_handle, page.driver.current_url.split("?")[0]
    page.driver.execute_script("window.open(arguments[0])", f"{at}?power=poweredOn")
    page.driver.switch_to.window(page.driver.window_handles[-1])
    rows_stand(page)
    assert headings(page)[:2] == ["Name", "vCPU"], "a link of the dashboard in a tab of its own"
    assert address(page) == {"power": ["poweredOn"], **chosen}
    page.driver.close()
    page.driver.switch_to.window(first)

    page.driver.get("about:blank")
    visit("/vm-explorer?power=poweredOn")
    rows_stand(page)
    assert headings(page)[:2] == ["Name", "Power"]
    assert address(page) == {"power": ["poweredOn"]}

    page.driver.get("about:blank")
    visit("/vm-explorer")
    rows_stand(page)
    assert headings(page)[:2] == ["Name", "vCPU"], "the bare address is a person's own way in"


def test_a_link_with_columns_changes_nothing_of_what_a_person_is_used_to(visit: Open) -> None:
    page = visit(THREE)
    rows_stand(page)
    assert headings(page) == ["Name", "vCPU", "Host"]
    page.driver.get("about:blank")
    visit("/vm-explorer")
    rows_stand(page)
    assert len(headings(page)) > 3
