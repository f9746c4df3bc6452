"""What a reader waits for: the Overview in Chromium, on the first visit, again, and from the menu."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from benchmarks.machine import CHROMIUM
from benchmarks.report import Figure
from benchmarks.site import CALLBACKS

ROUNDS = 5
PATIENCE_SECONDS = 60
QUIET_SECONDS = 0.5
"""So long after the last chart, late requests are counted, too."""
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"),
    *("--disable-background-networking", "--window-size=1400,900"),
)
_WATCH = """
window.benchWatch = () => {
  window.benchDrawn = null;
  const look = () => {
    const figures = [...document.querySelectorAll(".dash-graph")];
    const isDrawn = figure => figure.querySelector(".main-svg") && !figure.querySelector(".dash-graph--pending");
    if (figures.length >= 4 && figures.every(isDrawn)) window.benchDrawn = performance.now();
    else requestAnimationFrame(look);
  };
  look();
};
window.benchWatch();
"""
"""Notes in every new document when all charts of the Overview are drawn: milliseconds since its navigation began."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What it took until the page was there."""

    seconds: float
    mb: float
    callbacks: int


def measure_browser(address: str) -> Iterator[Figure]:
    """The Overview, with its answer cached on the server."""
    first, warm, menu = [], [], []
    for _ in range(ROUNDS):
        with _browser() as driver:
            first.append(_open(driver, address))
            warm.append(_open(driver, address))
            _click(driver, "/vm-explorer")
            WebDriverWait(driver, PATIENCE_SECONDS).until(
                lambda driver: driver.find_elements(By.CSS_SELECTOR, ".ag-row:not(.is-loading)")
            )
            menu.append(_back(driver))
    names = (
        ("first visit", first, 3.0, 1.4, None, "6.3 to 7.3 s, 7.7 MB"),
        ("warm visit", warm, 1.0, None, None, "2.9 s"),
        ("menu click", menu, 0.8, None, 2, "1.6 s"),
    )
    for name, visits, seconds, mb, callbacks, predecessor in names:
        title = f"browser, Overview, {name}"
        yield Figure(title, median(v.seconds for v in visits), "s", seconds, predecessor=predecessor)
        yield Figure(f"{title}: over the wire", median(v.mb for v in visits), "MB", mb)
        yield Figure(f"{title}: callback requests", median(v.callbacks for v in visits), "", callbacks)


@contextmanager
def _browser() -> Iterator[webdriver.Chrome]:
    """Chromium with a new profile."""
    options = Options()
    options.binary_location = CHROMIUM
    for flag in _FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
        yield driver
    finally:
        driver.quit()


def _open(driver: webdriver.Chrome, address: str) -> Visit:
    driver.get("about:blank")
    _traffic(driver)
    driver.get(address)
    return _visit(driver, begun=0)


def _back(driver: webdriver.Chrome) -> Visit:
    time.sleep(QUIET_SECONDS)
    _traffic(driver)
    begun = driver.execute_script("window.benchBegun = performance.now(); return window.benchBegun")
    _click(driver, "/")
    driver.execute_script("window.benchWatch()")
    return _visit(driver, begun)


def _click(driver: webdriver.Chrome, path: str) -> None:
    driver.find_element(By.CSS_SELECTOR, f'.menu-link[href="{path}"]').click()


def _visit(driver: webdriver.Chrome, begun: float) -> Visit:
    drawn = WebDriverWait(driver, PATIENCE_SECONDS, 0.02).until(
        lambda driver: driver.execute_script("return window.benchDrawn")
    )
    time.sleep(QUIET_SECONDS)
    size_bytes, callbacks = _traffic(driver)
    return Visit((drawn - begun) / 1000, size_bytes / 1e6, callbacks)


def _traffic(driver: webdriver.Chrome) -> tuple[int, int]:
    """Bytes that came over the wire since the last time, headers included, and how many callbacks were asked for."""
    messages: list[dict[str, Any]] = [
        json.loads(entry["message"])["message"]
        for entry in driver.get_log("performance")  # type: ignore[no-untyped-call]  # selenium
    ]
    size = sum(m["params"]["encodedDataLength"] for m in messages if m["method"] == "Network.loadingFinished")
    asked = [m["params"]["request"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return size, sum(CALLBACKS in request["url"] for request in asked)
