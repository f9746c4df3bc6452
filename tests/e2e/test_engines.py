"""One way through the whole product on every engine: import, Overview, search, pattern, filter, order, detail, file."""

from pathlib import Path

import pytest
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from data.demo import write_demo
from layouts.data_import import Ids
from layouts.shared.import_questions import PreviewIds
from tests.e2e.explorer import (
    SEARCH,
    SENTENCE,
    address,
    all_of,
    cells,
    chip,
    heading,
    names,
    options,
    press,
    rows_stand,
    title_of,
    until,
)
from tests.e2e.test_data_import import Page
from tests.e2e.test_exports import OPENER, saved

EXPLORER = "/vm-explorer?col=name&col=power_state&col=cpus"


@pytest.mark.every_engine
def test_an_export_is_imported_found_sorted_opened_and_saved_on_every_engine(
    dash_duo: DashComposite, server: Flask, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VMWARE_INV_DB_URL", db_url)
    monkeypatch.setenv("VMWARE_INV_INSTANCE_DIR", str(tmp_path / "instance"))
    (export,) = write_demo(tmp_path / "demo", vms=80, seed=3, vcenters=1)
    dash_duo.start_server(server.extensions["dash"], navigate=False)
    importing = Page(dash_duo)
    importing.open()
    importing.choose(export)
    importing.previews()
    importing.press(PreviewIds.STORE)
    importing.shows("current", Ids.HISTORY)
    importing.shows("1 state of 1 vCenter", Ids.SENTENCE)
    page = dash_duo
    page.find_element(".import-buttons a").click()
    page.wait_for_text_to_equal("h1", "Overview")
    count = until(page, lambda: [tile.text for tile in page.find_elements(".tile-number")][:1])[0]

    page.driver.get(f"{page.server.url}{EXPLORER}")
    rows_stand(page)
    assert all_of(page, SENTENCE)[0].text == f"{count} machines"
    all_of(page, ".search-field .search-switch")[0].click()
    all_of(page, SEARCH)[0].send_keys("^fra-.*[0-9]$")
    until(page, lambda: names(page) and all(name.startswith("fra-") for name in names(page)))
    assert address(page)["pattern"] == ["1"]
    chip(page, "power").find_element(By.CSS_SELECTOR, ".panel-opener").send_keys(Keys.ENTER)
    until(page, lambda: options(page, "power"))
    press(page, "on", Keys.ARROW_DOWN, Keys.ENTER)
    until(page, lambda: set(cells(page, "power_state")) == {"On"})
    press(page, Keys.ESCAPE)
    heading(page, "vCPU").click()
    until(page, lambda: address(page).get("sort") == ["cpus"])
    numbers = until(page, lambda: [int(text) for text in cells(page, "cpus") if text.isdigit()])
    until(page, lambda: [int(text) for text in cells(page, "cpus") if text.isdigit()] == sorted(numbers))
    shown = rows_stand(page)

    all_of(page, '.ag-row[row-index="0"] .ag-cell[col-id="name"]')[0].click()
    until(page, lambda: title_of(page) == shown[0])
    until(page, lambda: all_of(page, "#vm-explorer-detail-panel")[0].text)
    press(page, Keys.ESCAPE)
    page.driver.execute_script("document.querySelector(arguments[0]).focus()", OPENER)
    press(page, Keys.ARROW_DOWN, Keys.ENTER)
    heading_line, *lines = saved(page, "csv").decode("utf-8-sig").splitlines()
    assert heading_line.startswith("Name,")
    assert [line.partition(",")[0] for line in lines][: len(shown)] == shown
    assert f"{len(lines)} of {count} machines" == all_of(page, SENTENCE)[0].text
    assert page.get_logs() == []
