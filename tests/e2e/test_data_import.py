"""The main job in a real browser: an export is dropped, previewed, stored and seen."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from data import jobs
from data.ingest import import_file
from data.jobs import kinds
from layouts.data_import import Ids
from layouts.shared.import_jobs import UPLOAD_PCT
from layouts.shared.import_questions import PreviewIds

SAMPLES = Path(__file__).parents[1] / "samples"
LAB = SAMPLES / "lab-3.10-25-tabs.xlsx"
UNNAMED = SAMPLES / "workshop-805-vms-3-tabs.xlsx"
AXE = (Path(__file__).parent / "axe/axe.min.js").read_text()
FIND = (
    "const done = arguments[0]; axe.run(document).then(found => done(found.violations.map(rule => rule.id)));"
)
DROP = """
const files = new DataTransfer();
for (const [name, size] of arguments[0]) files.items.add(new File([new Uint8Array(size).fill(120)], name));
for (const type of ["dragover", "drop"]) {
  const event = new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: files});
  document.getElementById(arguments[1]).dispatchEvent(event);
  if (!event.defaultPrevented) throw Error("the browser would open the file");
}
"""
FETCH = """
const [name, done] = arguments;
fetch(document.querySelector(`a[download="${name}"]`).href).then(async answer =>
  done({disposition: answer.headers.get("Content-Disposition"), text: await answer.text()}));
"""
SECONDS = 60
"""A job starts a process that imports the whole program."""


class Page:
    """Data Import as an operator uses it."""

    def __init__(self, browser: DashComposite) -> None:
        self.browser = browser

    def open(self, query: str = "") -> None:
        self.browser.driver.get(f"{self.browser.server.url}/data-import{query}")
        self.browser.wait_for_element("h1")
        self.until(lambda: not self.browser.find_elements(".skeleton"))

    def choose(self, *files: Path) -> None:
        self.element(f"{Ids.SCOPE.removesuffix('scope')}files").send_keys("\n".join(map(str, files)))

    def element(self, element_id: str) -> Any:
        return self.browser.driver.find_element(By.ID, element_id)

    def shows(self, text: str, element_id: str = Ids.BODY) -> None:
        self.until(lambda: text in self.element(element_id).text)

    def is_shown(self, element_id: str) -> bool:
        return any(found.is_displayed() for found in self.browser.driver.find_elements(By.ID, element_id))

    def previews(self) -> None:
        self.until(lambda: self.is_shown(PreviewIds.STORE))

    def focused(self) -> str:
        """The id of the element that has the focus."""
        return str(self.run("return document.activeElement.id"))

    def open_folds(self) -> None:
        self.run("for (const fold of document.querySelectorAll('.import-questions')) fold.open = true")

    def fetch(self, name: str) -> Any:
        """A file of the job, as its link on the page gives it."""
        return self.browser.driver.execute_async_script(FETCH, name)

    def press(self, element_id: str) -> None:
        button = self.element(element_id)
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
        button.click()

    def run(self, script: str, *arguments: object) -> Any:
        return self.browser.driver.execute_script(script, *arguments)

    def until(self, condition: Callable[[], bool]) -> None:
        waiting = WebDriverWait(
            self.browser.driver, SECONDS, ignored_exceptions=(StaleElementReferenceException,)
        )
        waiting.until(lambda _driver: condition())

    def use(self, width: int, theme: str) -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        wishes = {"prefers-color-scheme": theme, "prefers-reduced-motion": "reduce"}
        media = {"features": [{"name": name, "value": value} for name, value in wishes.items()]}
        self.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


@pytest.fixture
def page(
    dash_duo: DashComposite, server: Flask, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Page:
    """The page over an empty database; the processes of its jobs find the same one."""
    monkeypatch.setenv("VMWARE_INV_DB_URL", db_url)
    monkeypatch.setenv("VMWARE_INV_INSTANCE_DIR", str(tmp_path / "instance"))
    dash_duo.start_server(server.extensions["dash"], navigate=False)
    opened = Page(dash_duo)
    opened.open()
    return opened


def test_an_export_is_previewed_stored_and_seen_and_the_same_again_changes_nothing(page: Page) -> None:
    page.choose(LAB)
    page.previews()
    page.shows("nothing is stored yet", Ids.SENTENCE)
    page.shows("+27")
    assert page.element("shell-freshness-time").text == "Nothing imported"
    page.press(PreviewIds.STORE)
    page.shows("27 machines of 10.21.17.40, exported 4 Apr 2018, 17:25.")
    page.shows("current", Ids.HISTORY)
    page.shows("Imported just now", "shell-freshness-time")
    page.choose(LAB)
    page.shows("changes nothing")
    page.shows("1 state of 1 vCenter", Ids.SENTENCE)
    page.browser.find_element(".import-buttons a").click()
    page.browser.wait_for_text_to_equal("h1", "Overview")
    page.until(lambda: [tile.text for tile in page.browser.find_elements(".tile-number")][:1] == ["26"])


def test_files_are_taken_one_after_another_and_one_that_is_no_export_changes_nothing(
    page: Page, tmp_path: Path
) -> None:
    text = tmp_path / "notes.xlsx"
    text.write_text("These are notes.")
    page.choose(text, LAB)
    page.previews()
    page.shows("notes.xlsx was not imported")
    page.shows("Nothing of this file was stored.")
    page.press(PreviewIds.DISCARD)
    page.until(lambda: page.is_shown(Ids.DROP))
    page.shows("Nothing is imported yet")
    page.shows("Nothing was stored.", "toasts")


def test_an_unfinished_import_is_found_again_after_a_reload_and_after_another_page(page: Page) -> None:
    page.choose(LAB)
    page.previews()
    assert page.run("return location.search") == "?job=1"
    page.browser.driver.refresh()
    page.previews()
    page.press("menu-overview")
    page.browser.wait_for_text_to_equal("h1", "Overview")
    page.press("menu-data_import")
    page.previews()
    page.until(lambda: page.run("return location.search") == "?job=1")
    page.press(PreviewIds.DISCARD)
    page.until(lambda: page.is_shown(Ids.DROP))
    page.press("menu-overview")
    page.browser.wait_for_text_to_equal("h1", "Overview")
    page.press("menu-data_import")
    page.shows("Nothing is imported yet")
    assert page.run("return location.search") == ""


def test_a_vcenter_that_the_export_does_not_name_is_asked_for_and_compared_before_it_is_stored(
    page: Page,
) -> None:
    page.choose(LAB)
    page.previews()
    page.press(PreviewIds.STORE)
    page.shows("is stored")
    page.choose(UNNAMED)
    page.previews()
    assert not page.is_shown(PreviewIds.NEW_VCENTER)
    page.press(PreviewIds.STORE)
    page.shows("Choose the vCenter, or name a new one.", PreviewIds.REFUSED)
    Select(page.element(PreviewIds.VCENTER)).select_by_visible_text("10.21.17.40")
    page.press(PreviewIds.COMPARE)
    page.shows("+805")
    page.shows("27 machines gone")
    page.open_folds()
    Select(page.element(PreviewIds.VCENTER)).select_by_visible_text("A new one")
    page.element(PreviewIds.NEW_VCENTER).send_keys("workshop")
    page.element(PreviewIds.EXPORTED_AT).send_keys("07042018", Keys.TAB, "060708AM", Keys.TAB)
    page.press(PreviewIds.STORE)
    page.shows("805 machines of workshop, exported 4 Jul 2018, 06:07.")
    page.shows("2 states of 2 vCenters", Ids.SENTENCE)


def test_several_csv_files_are_one_import_of_several_vcenters(page: Page, tmp_path: Path) -> None:
    vinfo, vdisk = tmp_path / "RVTools_tabvInfo.csv", tmp_path / "RVTools_tabvDisk.csv"
    vinfo.write_text("VM;CPUs;VI SDK Server\na;two;vc01\nb;4;vc02\nc;8;vc02\n")
    vdisk.write_text("VM;Disk;Capacity MiB;VI SDK Server\nb;Hard disk 1;1024;vc02\n")
    page.choose(vinfo, vdisk)
    page.previews()
    page.shows("What would change in vc01")
    page.shows("What would change in vc02")
    assert not page.is_shown(PreviewIds.VCENTER)
    fetched = page.fetch("rejected.csv")
    assert fetched["disposition"] == "attachment; filename=rejected.csv"
    assert "two" in fetched["text"]
    page.press(PreviewIds.STORE)
    page.shows("2 CSV files are stored")
    page.shows("1 machine of vc01")
    page.shows("2 machines of vc02")


def test_a_column_is_explained_and_the_explanation_forgotten(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "RVTools_tabvInfo.csv"
    file.write_text("VM;Kerne;VI SDK Server\na;2;vc01\n")
    page.choose(file)
    page.previews()
    Select(page.element(PreviewIds.MAP_HEADER)).select_by_visible_text("Kerne")
    Select(page.element(PreviewIds.MAP_FIELD)).select_by_visible_text("vCPU")
    page.press(PreviewIds.MAP)
    page.shows("Columns you explained")
    page.previews()
    assert not page.is_shown(PreviewIds.MAP), "no column is left to explain"
    page.run("document.querySelector('button[aria-label=\"Forget kerne of vInfo\"]').click()")
    page.shows("kept as attributes: Kerne")
    page.until(lambda: page.is_shown(PreviewIds.MAP))
    assert "Columns you explained" not in page.element(Ids.BODY).text


def test_earlier_states_go_only_after_a_second_confirmation(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "RVTools_tabvInfo.csv"
    for machine in "ab":
        file.write_text(f"VM;VI SDK Server\n{machine};vc01\n")
        page.choose(file)
        page.previews()
        if machine == "a":
            page.press(PreviewIds.STORE)
            page.shows("is stored")
    page.press(PreviewIds.REPLACE)
    page.until(lambda: page.focused() == PreviewIds.DIALOG_CANCEL)
    page.shows("1 stored state of vc01 goes", PreviewIds.DIALOG_TEXT)
    page.browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    page.until(lambda: not page.is_shown(PreviewIds.DIALOG_CONFIRM))
    page.until(lambda: page.focused() == PreviewIds.REPLACE)
    page.shows("nothing is stored yet", Ids.SENTENCE)
    page.press(PreviewIds.REPLACE)
    page.until(lambda: page.is_shown(PreviewIds.DIALOG_CONFIRM))
    page.press(PreviewIds.DIALOG_CONFIRM)
    page.shows("is stored")
    page.shows("1 state of 1 vCenter", Ids.SENTENCE)
    page.until(lambda: not page.is_shown(PreviewIds.DIALOG_CONFIRM))


def test_an_import_is_found_again_after_a_reload_while_it_is_stored_and_can_be_cancelled(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.choose(LAB)
    page.previews()
    monkeypatch.setattr(jobs, "start_job", lambda *_: None)  # as if its process had not begun yet
    page.press(PreviewIds.STORE)
    page.shows(f"Storing {LAB.name}", Ids.STEP)
    page.browser.driver.refresh()
    page.shows(f"Storing {LAB.name}", Ids.STEP)
    assert not page.is_shown(PreviewIds.STORE)
    page.press(Ids.STOP)
    page.shows("was cancelled")
    page.shows("Nothing of this file was stored.")
    page.until(lambda: page.is_shown(Ids.DROP))


def test_files_can_be_dropped_and_one_that_cannot_be_taken_is_named(page: Page) -> None:
    page.run(DROP, [["empty.xlsx", 0], ["notes.xlsx", 9]], Ids.DROP)
    page.shows("notes.xlsx was not imported")
    assert page.element(Ids.PROBLEM).text == "empty.xlsx is empty."
    page.run("document.querySelector('[data-max-mib]').dataset.maxMib = '0.001'")
    page.run(DROP, [["large.xlsx", 2048]], "main")
    page.shows("large.xlsx has 0 MiB; at most 0.001 MiB are allowed.", Ids.PROBLEM)


def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(page: Page, tmp_path: Path) -> None:
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100 * 1024}
    page.browser.driver.execute_cdp_cmd("Network.enable", {})
    page.browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", slow)
    large = tmp_path / "large.xlsx"
    large.write_bytes(bytes(4 * 1024**2))
    page.choose(large, LAB)
    page.shows("Uploading large.xlsx", Ids.STEP)
    page.shows("Next: lab-3.10-25-tabs.xlsx", Ids.WAITING)
    page.until(lambda: page.element(Ids.BAR).get_attribute("value") not in {"0", str(UPLOAD_PCT)})
    page.press(Ids.CANCEL)
    page.until(lambda: page.is_shown(Ids.DROP))
    assert not page.is_shown(Ids.PROGRESS)
    assert page.run("return location.search") == ""
    page.until(lambda: list((tmp_path / "instance/uploads").glob("*")) == [])


def test_the_demo_estate_is_loaded_from_the_empty_page(
    page: Page, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "DEMO_MACHINES", 20)
    monkeypatch.setattr(kinds, "DEMO_MONTHS", 1)
    threads: list[Thread] = []

    def start_here(_database: str, job_id: int) -> None:
        threads.append(Thread(target=jobs.run_job, args=(db_url, job_id)))
        threads[-1].start()

    monkeypatch.setattr(jobs, "start_job", start_here)
    page.press(Ids.LOAD_DEMO)
    page.until(lambda: page.is_shown(Ids.PROGRESS))
    page.shows("The demo estate is loaded: 20 machines")
    page.until(lambda: page.is_shown("shell-banner"))
    threads[0].join()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_preview_can_be_used_by_everybody(page: Page, db_url: str, tmp_path: Path, theme: str) -> None:
    file = tmp_path / "RVTools_tabvInfo.csv"
    file.write_text("VM;CPUs;VM ID;VI SDK Server\na;2;vm-1;vc01\nb;2;vm-2;vc01\nc;2;vm-3;vc01\n")
    import_file(db_url, file)
    file.write_text(
        "VM;CPUs;Kerne;VM ID;VI SDK Server\na2;2;x;vm-1;vc01\nb;4;x;vm-2;vc01\nd;two;x;vm-4;vc01\n"
    )
    page.use(1400, theme)
    page.choose(file)
    page.previews()
    page.run("for (const fold of document.querySelectorAll('details')) fold.open = true")
    page.shows("1 machine resized")
    for width in (1400, 390):
        page.use(width, theme)
        page.run(AXE)
        assert page.browser.driver.execute_async_script(FIND) == []
        assert page.run("return document.documentElement.scrollWidth <= innerWidth"), "no sideways scrolling"
    page.press(PreviewIds.REPLACE)
    page.until(lambda: page.is_shown(PreviewIds.DIALOG_CONFIRM))
    assert page.browser.driver.execute_async_script(FIND) == []
    assert page.browser.get_logs() == []
