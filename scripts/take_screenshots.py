"""Takes the pictures of the documents of a dashboard that runs with a demo estate.

Usage: .venv/bin/python -m scripts.take_screenshots http://127.0.0.1:8050
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

PICTURES = Path(__file__).parents[1] / "docs" / "screenshots"
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
SIZE = {"width": 1500, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
DRAWN = """
const words = (place) => document.querySelector(place)?.textContent.trim();
return document.querySelectorAll(".skeleton, .ag-row.is-loading").length === 0 &&
    [...arguments].every(words) && document.fonts.status === "loaded";
"""


def main(address: str) -> None:
    """Write the pictures."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    with webdriver.Chrome(options=options, service=service) as browser:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)
        waiting = WebDriverWait(browser, 60)

        def wait_for(*places: str) -> None:
            waiting.until(lambda shown: shown.execute_script(DRAWN, *places))

        def show(path: str, theme: str) -> None:
            scheme = {"name": "prefers-color-scheme", "value": theme}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
            browser.get(address + path)

        show("/", "light")
        wait_for("#overview-body .bars .point text", "#shell-freshness-time", "#shell-quick-stats")
        browser.save_screenshot(PICTURES / "overview.png")

        show("/vm-explorer?power=poweredOn&sort=-provisioned_mib", "dark")
        row = '.ag-row[row-index="2"] [col-id="name"]'
        wait_for(row, "#vm-explorer-range")
        browser.find_element(By.CSS_SELECTOR, row).click()
        wait_for("#vm-explorer-detail h2", "#vm-explorer-detail [role=tabpanel]")
        browser.save_screenshot(PICTURES / "explorer-dark.png")

        show("/data-import", "light")
        wait_for("#data-import-comparison-form button", "#data-import-history-body table")
        button = browser.find_element(By.CSS_SELECTOR, "#data-import-comparison-form button")
        button.send_keys(Keys.ENTER)
        wait_for("#data-import-history-body table", "#data-import-comparison-body table")
        browser.execute_script(
            "document.querySelector('#data-import-comparison-form').scrollIntoView({behavior: 'instant'});"
            "scrollBy({top: -140, behavior: 'instant'})"
        )
        browser.save_screenshot(PICTURES / "comparison.png")


if __name__ == "__main__":
    main(sys.argv[1])
