"""A copied link shows the same in a browser that has never been here, and one to something gone says so."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dash.testing.browser import Browser
from dash.testing.composite import DashComposite
from selenium.webdriver.common.keys import Keys

from tests.conftest import pytest_setup_options
from tests.e2e.explorer import (
    RANGE,
    Open,
    address,
    all_of,
    cells,
    chip,
    headings,
    names,
    rows_stand,
    sentence_says,
    title_of,
    until,
)

EXPLORER = "/vm-explorer"
VIEW = (
    f"{EXPLORER}?power=poweredOn&where=cpus%3A%3E+1&col=name&col=cpus&col=memory_mib&col=host"
    "&width=name%3A260&sort=-memory_mib&machine={machine}&tab=resources&as_of={day}"
)
SCREEN = {"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": False}
TOTALS = "#vm-explorer-totals"
SENTENCE = "#vm-explorer-sentence"


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Browser]:
    """A browser with a profile of its own, in which nothing is stored."""
    options = [pytest_setup_options()]
    with Browser("Chrome", options=options, download_path=str(tmp_path), percy_run=False) as browser:
        browser.driver.implicitly_wait(0)
        yield browser


def seen(page: Browser) -> dict[str, object]:
    """All of a view that a colleague should see, too."""
    rows_stand(page)
    until(page, lambda: all_of(page, TOTALS)[0].text and "of" in all_of(page, RANGE)[0].text)
    until(page, lambda: all(cells(page, "cpus")))
    (width,) = {round(cell.size["width"]) for cell in all_of(page, '.ag-header-row-column [col-id="name"]')}
    return {
        "rows": names(page),
        "columns": headings(page),
        "memory": cells(page, "memory_mib"),
        "width": width,
        "sentence": all_of(page, SENTENCE)[0].text,
        "totals": all_of(page, TOTALS)[0].text,
        "chips": [
            one.text for one in all_of(page, "#vm-explorer-filters .chip.is-active") if one.is_displayed()
        ],
        "machine": until(page, lambda: title_of(page)),
        "tab": [one.text for one in all_of(page, '.tab[aria-selected="true"]')],
        "detail": until(page, lambda: all_of(page, "#vm-explorer-detail-panel")[0].text),
    }


def day_of(page: DashComposite) -> str:
    """The day of the states, as links have it."""
    all_of(page, '[data-filter="as_of"] .panel-opener')[0].send_keys(Keys.ENTER)
    row = until(page, lambda: all_of(page, '[data-filter="as_of"] .choice')[1])
    return row.get_attribute("data-value") or ""


def test_a_copied_link_shows_the_same_in_a_fresh_browser(visit: Open, another: Browser) -> None:
    page = visit(EXPLORER)
    rows_stand(page)
    machine = all_of(page, ".ag-row[row-id]")[0].get_attribute("row-id")
    visit(VIEW.format(machine=machine, day=day_of(page)))
    here = seen(page)
    assert here["columns"] == ["Name", "vCPU", "Memory", "Host"]
    assert here["width"] == 260
    link = page.driver.current_url
    another.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SCREEN)
    another.driver.get(link)
    assert seen(another) == here
    assert another.driver.current_url == link
    assert another.get_logs() == []


def test_back_and_forward_lead_through_what_was_seen(visit: Open) -> None:
    page = visit("/?power=poweredOff")
    page.wait_for_element("a.attention-row")
    row = all_of(page, "a.attention-row")[0]
    target = urlsplit(row.get_attribute("href") or "")
    row.send_keys(Keys.ENTER)
    page.wait_for_text_to_equal("h1", "VM Explorer")
    rows_stand(page)
    there = all_of(page, SENTENCE)[0].text
    page.driver.back()
    page.wait_for_text_to_equal("h1", "Overview")
    until(page, lambda: all_of(page, "a.attention-row"))
    assert urlsplit(page.driver.current_url).query == "power=poweredOff"
    page.driver.forward()
    page.wait_for_text_to_equal("h1", "VM Explorer")
    sentence_says(page, there)
    assert urlsplit(page.driver.current_url).query == target.query


GONE = {
    "machine beside the grid": (
        f"{EXPLORER}?machine=99999",
        "#vm-explorer-detail",
        "No machine has the id 99999",
    ),
    "machine": (f"{EXPLORER}/99999", "main", "There is no such machine"),
    "vCenter": (f"{EXPLORER}?vcenter=99", "main", "No machine matches"),
    "datacenter": (f"{EXPLORER}?datacenter=gone", "main", "No machine matches"),
    "datacenter on Overview": ("/?datacenter=gone", "main", "No machine"),
    "column of a condition": (f"{EXPLORER}?where=nosuch%3A1", "main", "This filter cannot be used"),
    "day before the first state": (
        f"{EXPLORER}?as_of=2001-01-01",
        "main",
        "No state is as old as 1 Jan 2001",
    ),
    "day of a machine": (f"{EXPLORER}/1?as_of=2001-01-01", "main", "2001"),
    "state of a comparison": ("/data-import?before=98&after=99", "main", "not stored any more"),
    "database": (f"{EXPLORER}?db=gone", "main", "gone"),
    "database on Overview": ("/?db=gone", "main", "gone"),
}


@pytest.mark.parametrize("what", GONE)
def test_a_link_to_something_gone_says_so(visit: Open, what: str) -> None:
    path, place, words = GONE[what]
    page = visit(path)
    page.wait_for_contains_text(place, words, timeout=20)
    assert not [one for one in all_of(page, ".skeleton") if one.is_displayed()]


def test_a_column_and_an_attribute_that_are_gone_leave_the_others(visit: Open) -> None:
    page = visit(f"{EXPLORER}?col=name&col=nosuch&col=attr%3ANo+such&col=cpus")
    rows_stand(page)
    shown = headings(page)
    assert shown[0] == "Name"
    assert "vCPU" in shown
    assert "nosuch" not in shown


def test_a_value_that_is_gone_stays_on_its_chip_and_can_be_removed(visit: Open) -> None:
    page = visit(f"{EXPLORER}?datacenter=gone")
    until(page, lambda: "gone" in chip(page, "datacenter").text)
    chip(page, "datacenter").find_element("css selector", ".chip-remove").send_keys(Keys.ENTER)
    rows_stand(page)
    assert "datacenter" not in address(page)
