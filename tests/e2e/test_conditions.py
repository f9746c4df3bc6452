"""Conditions on single columns in a real browser: typed under a header, made in the panel, shown as chips."""

from dash.testing.composite import DashComposite
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.explorer import (
    Open,
    address,
    all_of,
    asked,
    cells,
    focused,
    press,
    rows_stand,
    until,
)

PANEL = ".condition-panel"


def field(browser: DashComposite, column: str) -> WebElement:
    """The field under a header."""
    return until(browser, lambda: all_of(browser, f'.condition-field [data-key="{column}"]')[0])


def chips(browser: DashComposite) -> list[str]:
    return [chip.text.replace("\n", "") for chip in all_of(browser, ".condition-chips .chip-label")]


def conditions(browser: DashComposite) -> list[str]:
    return address(browser).get("where", [])


def offered(browser: DashComposite) -> list[WebElement]:
    """The rows of the panel's list, once the server has drawn them."""
    return until(
        browser,
        lambda: (
            not all_of(browser, f"{PANEL}.is-loading")
            and [row for row in all_of(browser, f"{PANEL} .choice") if row.is_displayed()]
        ),
    )


def vcpus(browser: DashComposite) -> set[int]:
    """What the grid shows of the column vCPU."""
    rows_stand(browser)
    return {int(text) for text in cells(browser, "cpus") if text}


def add_filter(browser: DashComposite, column: str) -> None:
    """Choose a column by its name, with the keyboard alone."""
    all_of(browser, ".condition-box .panel-opener")[0].click()
    press(browser, column)
    until(browser, lambda: [row for row in offered(browser) if row.text.startswith(column)])
    until(browser, lambda: offered(browser)[0].text.startswith(column))
    press(browser, Keys.ARROW_DOWN, Keys.ENTER)
    until(browser, lambda: all_of(browser, ".condition-title")[0].text == column)
    offered(browser)


def test_a_condition_typed_under_a_header_narrows_the_grid_and_stands_in_the_link_and_as_a_chip(
    visit: Open,
) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    typed = field(page, "cpus")
    typed.send_keys("> 4")
    until(page, lambda: conditions(page) == ["cpus:> 4"])
    until(page, lambda: chips(page) == ["vCPU: > 4"])
    until(page, lambda: vcpus(page) and min(vcpus(page)) > 4)
    assert focused(page) == typed, "who types goes on typing"

    visit("/vm-explorer?where=cpus:%3E%204")
    until(page, lambda: vcpus(page) and min(vcpus(page)) > 4)
    assert field(page, "cpus").get_attribute("value") == "> 4"

    all_of(page, ".condition-chips .chip-remove")[0].click()
    until(page, lambda: conditions(page) == [] and chips(page) == [])
    until(page, lambda: focused(page).text == "Add filter")
    assert field(page, "cpus").get_attribute("value") == ""


def test_what_cannot_be_read_is_marked_with_a_sentence_and_the_grid_stays(visit: Open) -> None:
    page = visit("/vm-explorer")
    before = rows_stand(page)
    typed = field(page, "memory_mib")
    typed.send_keys("much", Keys.ENTER)
    until(page, lambda: typed.get_attribute("aria-invalid") == "true")
    bubble = until(page, lambda: all_of(page, ".condition-bubble")[0].text)
    assert bubble.startswith("“much” cannot be compared with Memory: type a size")
    assert conditions(page) == []
    assert rows_stand(page) == before
    typed.send_keys(Keys.BACKSPACE * 4, ">= 16", Keys.ENTER)
    until(page, lambda: conditions(page) == ["memory_mib:>= 16"])
    assert typed.get_attribute("aria-invalid") == "false"
    until(page, lambda: all_of(page, ".condition-bubble")[0].text == "")


def test_a_link_with_a_condition_that_cannot_be_read_marks_its_chip_and_says_why_in_its_panel(
    visit: Open,
) -> None:
    page = visit("/vm-explorer?where=memory_mib:%20much")
    until(page, lambda: "This filter cannot be used" in all_of(page, "#vm-explorer-body")[0].text)
    until(page, lambda: all_of(page, ".condition-chips .is-bad"))
    all_of(page, ".condition-chips .chip-label")[0].click()
    offered_instead = until(page, lambda: all_of(page, "#vm-explorer-condition-values")[0].text)
    assert "GiB" in offered_instead, "its values are those of the other filters"
    typed = focused(page)
    assert typed.get_attribute("aria-invalid") == "true"
    assert all_of(page, ".condition-problem")[0].text.startswith("“much” cannot be compared")
    typed.send_keys(Keys.BACKSPACE * 4, "> 4", Keys.ENTER)
    until(page, lambda: conditions(page) == ["memory_mib:> 4"])
    rows_stand(page)
    assert not all_of(page, ".condition-chips .is-bad")
    all_of(page, ".chips > .chip-clear")[0].click()
    until(page, lambda: conditions(page) == [] and not chips(page))


def test_words_with_blanks_are_typed_without_losing_one(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    typed = field(page, "os_config")
    typed.send_keys("Windows ")
    until(page, lambda: conditions(page) == ["os_config:Windows"])
    typed.send_keys("Server")
    until(page, lambda: conditions(page) == ["os_config:Windows Server"])
    typed.send_keys(Keys.CONTROL, "a")
    typed.send_keys(Keys.BACKSPACE)
    until(page, lambda: conditions(page) == [])


def test_a_filter_is_added_by_keyboard_and_the_focus_comes_back(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    add_filter(page, "Memory")
    press(page, ">= 16 GiB", Keys.ENTER)
    until(page, lambda: chips(page) == ["Memory: >= 16 GiB"])
    press(page, Keys.ESCAPE)
    until(page, lambda: focused(page).text == "Add filter")
    assert not all_of(page, PANEL)[0].is_displayed()


def test_values_are_chosen_from_the_panel_of_a_header(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    head = all_of(page, '.ag-header-row-column .ag-header-cell[col-id="os_config"]')[0]
    page.driver.execute_script("arguments[0].focus()", head)
    press(page, Keys.ALT + Keys.ARROW_DOWN)
    first, second = (row.get_attribute("data-value") or "" for row in offered(page)[:2])
    assert "(" in first, "a value that has to be quoted"
    offered(page)[0].click()
    until(page, lambda: conditions(page) == [f'os_config:= "{first}"'])
    offered(page)[1].click()
    until(page, lambda: second in conditions(page)[0])
    rows_stand(page)
    until(page, lambda: {text for text in cells(page, "os_config") if text} <= {first, second})
    press(page, Keys.ESCAPE)
    until(page, lambda: focused(page).get_attribute("col-id") == "os_config")

    all_of(page, ".condition-chips .chip-label")[0].click()
    chosen = [row for row in offered(page) if row.get_attribute("aria-selected") == "true"]
    assert [row.get_attribute("data-value") for row in chosen] == [first, second]


def test_a_range_is_made_of_two_fields_and_a_unit(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    add_filter(page, "Provisioned")
    all_of(page, ".condition-from")[0].send_keys("100")
    all_of(page, ".condition-to")[0].send_keys("200")
    until(page, lambda: conditions(page) == ["provisioned_mib:100 GiB..200 GiB"])
    all_of(page, ".condition-exact")[0].send_keys("1.5")
    until(page, lambda: conditions(page) == ["provisioned_mib:= 1.5 GiB"])
    assert not all_of(page, ".condition-from")[0].get_attribute("value"), "one or the other"
    all_of(page, '[data-form="(none)"]')[0].click()
    until(page, lambda: conditions(page) == ["provisioned_mib:(none)"])
    assert all_of(page, f"{PANEL} [aria-pressed='true']")[0].text == "Without a value"


def test_a_datastore_is_chosen_through_add_filter_and_has_a_chip_while_it_is(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    box = all_of(page, '#vm-explorer-filters [data-filter="datastore"]')[0]
    assert not box.is_displayed()
    add = all_of(page, ".condition-box .panel-opener")[0]
    add.click()
    next(row for row in offered(page) if row.get_attribute("data-value") == "datastore").click()
    rows = until(page, lambda: all_of(page, '[data-filter="datastore"] .choice'))
    rows[0].click()
    until(page, lambda: len(address(page).get("datastore", [])) == 1)
    assert box.is_displayed()
    box.find_element("css selector", ".chip-remove").click()
    until(page, lambda: "datastore" not in address(page))
    until(page, lambda: not box.is_displayed())


def test_conditions_follow_to_other_pages_and_a_page_without_them_asks_nothing(visit: Open) -> None:
    page = visit("/")
    until(page, lambda: all_of(page, ".tile-number"))
    assert asked(page, "condition") == 0
    visit("/?where=cpus:%3E%204")
    until(page, lambda: chips(page) == ["vCPU: > 4"])
    until(page, lambda: all_of(page, "#menu-vm_explorer"))[0].click()
    until(page, lambda: vcpus(page) and min(vcpus(page)) > 4)
    assert conditions(page) == ["cpus:> 4"]
