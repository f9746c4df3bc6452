"""The main tasks by keyboard alone: import, find, filter, open, export. Nothing here clicks, and no script acts."""

import csv
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from layouts.shared.ids import Shell
from layouts.shared.import_questions import PreviewIds
from tests.e2e.explorer import Open, address, all_of, cells, focused, options, rows_stand, title_of, until

LAB = Path(__file__).parents[1] / "samples/lab-3.10-25-tabs.xlsx"
FARTHEST = 80
"""So many steps of the Tab key are too many."""


def type_in(page: DashComposite, *keys: str) -> None:
    """Press keys, as a keyboard does: whatever has the focus gets them."""
    for key in keys:
        ActionChains(page.driver).send_keys(key).perform()


def chord(page: DashComposite, modifier: str, key: str) -> None:
    ActionChains(page.driver).key_down(modifier).send_keys(key).key_up(modifier).perform()


def tab_to(page: DashComposite, is_there: Callable[[WebElement], bool]) -> WebElement:
    """Press Tab until something has the focus; it must be seen then."""
    for _ in range(FARTHEST):
        type_in(page, Keys.TAB)
        if is_there(focused(page)):
            assert focused(page).is_displayed()
            return focused(page)
    raise AssertionError(f"not reached with {FARTHEST} steps")


def named(name: str) -> Callable[[WebElement], bool]:
    return lambda element: element.accessible_name.strip().startswith(name)


def is_heading(element: WebElement) -> bool:
    return element.get_attribute("role") == "columnheader"


def test_an_export_is_imported(
    dash_duo: DashComposite, server: Flask, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VMWARE_INV_DB_URL", db_url)
    monkeypatch.setenv("VMWARE_INV_INSTANCE_DIR", str(tmp_path / "instance"))
    dash_duo.start_server(server.extensions["dash"])
    dash_duo.wait_for_text_to_equal("h1", "Overview")
    tab_to(dash_duo, named("Data Import"))
    type_in(dash_duo, Keys.ENTER)
    dash_duo.wait_for_text_to_equal("h1", "Data Import")
    files = tab_to(dash_duo, lambda element: element.get_attribute("type") == "file")
    files.send_keys(str(LAB))  # stands for the dialog of the system, which Space opens
    dash_duo.wait_for_element(f"#{PreviewIds.STORE}", timeout=60)
    tab_to(dash_duo, lambda element: element.get_attribute("id") == PreviewIds.STORE)
    type_in(dash_duo, Keys.ENTER)
    dash_duo.wait_for_contains_text("main", "27 machines of 10.21.17.40", timeout=60)
    tab_to(dash_duo, lambda element: urlsplit(element.get_attribute("href") or "").path == "/")
    type_in(dash_duo, Keys.ENTER)
    dash_duo.wait_for_text_to_equal("h1", "Overview")
    dash_duo.wait_for_contains_text("main", "26")


def test_a_machine_is_found_from_any_page(visit: Open) -> None:
    page = visit("/")
    page.wait_for_element("a.attention-row")
    chord(page, Keys.CONTROL, "k")
    until(page, lambda: focused(page).get_attribute("id") == Shell.PALETTE_TEXT)
    type_in(page, "sql")
    first = '#palette-list:not([aria-busy]) [aria-selected="true"]'
    until(page, lambda: all_of(page, f"{first} .palette-kind")[0].text == "Machine")
    chosen = all_of(page, f"{first} .palette-name")[0].text
    assert "sql" in chosen
    type_in(page, Keys.ENTER)
    page.wait_for_text_to_equal("h1", chosen)
    assert focused(page).get_attribute("id") == Shell.MAIN


def test_machines_are_filtered_by_a_chip_and_by_a_column(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    tab_to(page, named("Power"))
    type_in(page, Keys.ENTER)
    until(page, lambda: focused(page).get_attribute("type") == "search")
    type_in(page, "off")
    until(page, lambda: len(options(page, "power")) == 1)
    type_in(page, Keys.ARROW_DOWN, Keys.ENTER)
    until(page, lambda: address(page) == {"power": ["poweredOff"]})
    type_in(page, Keys.ESCAPE)
    assert focused(page).text.startswith("Power")

    tab_to(page, is_heading)
    while "vCPU" not in focused(page).text:
        type_in(page, Keys.ARROW_RIGHT)
    chord(page, Keys.ALT, Keys.ARROW_DOWN)
    until(
        page, lambda: "vCPU" in all_of(page, ".condition-title")[0].text and focused(page).tag_name == "input"
    )
    type_in(page, "> 2", Keys.ENTER)
    until(page, lambda: address(page).get("where") == ["cpus:> 2"])
    type_in(page, Keys.ESCAPE)
    until(
        page,
        lambda: (
            [text for text in cells(page, "cpus") if text]
            and all(int(text) > 2 for text in cells(page, "cpus") if text)
        ),
    )
    assert set(filter(None, cells(page, "power_state"))) == {"Off"}
    assert "vCPU" in focused(page).text, "the focus is back on the heading"


def test_a_machine_is_opened_looked_through_and_closed(visit: Open) -> None:
    page = visit("/vm-explorer")
    second = rows_stand(page)[1]
    tab_to(page, is_heading)
    until(page, lambda: _cell_after_down(page))
    type_in(page, Keys.ARROW_DOWN, Keys.ENTER)
    page.wait_for_text_to_equal(".detail-title", second)
    until(page, lambda: focused(page).get_attribute("id") == "vm-explorer-detail")
    tab_to(page, named("General"))
    type_in(page, Keys.ARROW_RIGHT)
    until(page, lambda: address(page).get("tab") == ["resources"])
    chord(page, Keys.ALT, Keys.ARROW_DOWN)
    until(page, lambda: title_of(page) not in {"", second})
    tab_to(page, named("Open full page"))
    type_in(page, Keys.ESCAPE)
    until(page, lambda: address(page).get("machine") is None)
    until(page, lambda: focused(page).get_attribute("role") == "gridcell")


def _cell_after_down(page: DashComposite) -> bool:
    """One row further down: from the headings over the fields of the filters to the first machine."""
    type_in(page, Keys.ARROW_DOWN)
    return "ag-cell" in (focused(page).get_attribute("class") or "").split()


def test_what_is_shown_is_exported(visit: Open) -> None:
    page = visit("/vm-explorer?power=poweredOff&col=name&col=power_state")
    expected = rows_stand(page)
    tab_to(page, named("Export"))
    type_in(page, Keys.ENTER)
    until(page, lambda: focused(page).text.startswith("CSV"))
    type_in(page, Keys.ENTER)
    files = Path(page.download_path)
    until(page, lambda: list(files.glob("*.csv")))
    (file,) = files.glob("*.csv")
    with file.open(encoding="utf-8-sig", newline="") as rows:
        first, *others = csv.reader(rows)
    assert first == ["Name", "Power"]
    assert {power for _name, power in others} == {"poweredOff"}
    assert [name.lstrip("'") for name, _power in others][: len(expected)] == expected
