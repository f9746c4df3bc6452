"""The export menu of VM Explorer in a real browser, from the key to the file."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.webdriver.common.keys import Keys

from callbacks.shared.reading import database_url
from data import jobs
from data.scope import Scope
from tests.e2e.explorer import (
    Open,
    address,
    all_of,
    focused,
    hold_a_phone,
    names,
    press,
    rows_stand,
    until,
)

OPENER = ".export-menu .panel-opener"
QUERY = "q=web&col=name&col=cpus&sort=-name"


def files(page: DashComposite, suffix: str) -> list[Path]:
    """The files that are saved as a whole."""
    return sorted(Path(page.download_path).glob(f"*.{suffix}"))


def saved(page: DashComposite, suffix: str, count: int = 1) -> bytes:
    until(page, lambda: len(files(page, suffix)) == count)
    return max(files(page, suffix), key=lambda path: path.stat().st_mtime_ns).read_bytes()


def csv_names(content: bytes) -> list[str]:
    heading, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert heading == ["Name", "vCPU"]
    return [row[0] for row in rows]


def select(page: DashComposite, *rows: int) -> None:
    for row in rows:
        all_of(page, f'.ag-row[row-index="{row}"] [col-id="selection"]')[0].click()
    until(page, lambda: all_of(page, "#selection-bar")[0].text.startswith(f"{len(rows)} selected"))


def says(page: DashComposite, text: str) -> None:
    until(page, lambda: all_of(page, ".export-what")[0].text == text)


def test_all_that_match_are_saved_by_keys_alone_and_the_focus_comes_back(visit: Open) -> None:
    page = visit(f"/vm-explorer?{QUERY}")
    shown = rows_stand(page)
    count = all_of(page, "#vm-explorer-sentence")[0].text.split()[0]
    page.driver.execute_script("document.querySelector(arguments[0]).focus()", OPENER)
    press(page, Keys.ARROW_DOWN)
    says(page, f"{count} machines")
    press(page, Keys.ENTER)
    found = csv_names(saved(page, "csv"))
    assert (found[: len(shown)], len(found)) == (shown, int(count))
    assert focused(page).text == "Export"
    assert not all_of(page, ".export-menu .panel")[0].is_displayed()
    press(page, Keys.ENTER)
    press(page, Keys.END, Keys.ENTER)
    assert saved(page, "jsonl").count(b"\n") == int(count)


@pytest.mark.parametrize("is_phone", [False, True], ids=["wide", "phone"])
def test_selected_machines_are_saved_alone_and_the_page_stays(visit: Open, is_phone: bool) -> None:
    page = visit(f"/vm-explorer?{QUERY}")
    if is_phone:
        hold_a_phone(page)
    rows_stand(page)
    select(page, 0, 2)
    chosen = [names(page)[0], names(page)[2]]
    all_of(page, OPENER)[0].click()
    says(page, "2 selected machines")
    all_of(page, ".export-menu .choice")[0].click()
    assert csv_names(saved(page, "csv")) == chosen
    until(page, lambda: len(page.driver.window_handles) == 1)
    assert address(page)["q"] == ["web"]
    assert all_of(page, "#selection-bar")[0].text.startswith("2 selected")


def test_selected_machines_are_written_to_a_workbook_that_is_offered_when_it_is_ready(
    visit: Open, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        url = database_url(Scope())
    monkeypatch.setattr(
        jobs, "start_job", lambda _database, job_id: jobs.run_job(url, job_id, directory=tmp_path)
    )
    page = visit(f"/vm-explorer?{QUERY}")
    rows_stand(page)
    select(page, 1)
    chosen = names(page)[1]
    all_of(page, OPENER)[0].click()
    all_of(page, ".export-menu .choice")[1].click()
    page.wait_for_text_to_equal("#export-message", "The file is ready.")
    all_of(page, "#export-link a")[0].click()
    workbook = openpyxl.load_workbook(io.BytesIO(saved(page, "xlsx")))
    assert [row[0] for row in workbook["Machines"].values] == ["Name", chosen]
    assert ("Selected machines", "1") in list(workbook["About"].values)
    page.driver.refresh()
    page.wait_for_text_to_equal("#export-message", "The file is ready.")
    all_of(page, "#export-cancel")[0].click()
    until(page, lambda: not all_of(page, "#export-box")[0].is_displayed())
