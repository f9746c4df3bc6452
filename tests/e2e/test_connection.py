"""What an operator sees while the server is away, or its database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dash.testing.composite import DashComposite
from flask import Flask

from tests.e2e.explorer import SEARCH, SENTENCE, Open, all_of, names, rows_stand, sentence_says, until

EXPLORER = "/vm-explorer"
GONE = "The database does not answer: its file is gone."
AWAY = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


def go_offline(browser: DashComposite, *, is_offline: bool) -> None:
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": is_offline, **AWAY})


def test_what_was_typed_while_the_server_was_away_is_answered_when_it_is_back(visit: Open) -> None:
    page = visit(EXPLORER)
    rows_stand(page)
    before = all_of(page, SENTENCE)[0].text
    go_offline(page, is_offline=True)
    all_of(page, SEARCH)[0].send_keys("web")
    page.wait_for_text_to_equal("#shell-connection", "The server does not answer. Trying again …", timeout=20)
    go_offline(page, is_offline=False)
    until(page, lambda: all_of(page, SENTENCE)[0].text != before)
    found = int(all_of(page, SENTENCE)[0].text.split()[0])
    until(page, lambda: names(page) and all("web" in name for name in names(page)))
    assert found > 0
    until(page, lambda: not all_of(page, "#shell-connection")[0].text)
    page.driver.get(page.server.url + EXPLORER)
    sentence_says(page, before)
    page.get_logs()  # the browser itself notes each request that fails


def test_what_is_asked_for_once_is_not_asked_twice_but_the_page_says_that_it_failed(visit: Open) -> None:
    page = visit("/data-import")
    until(page, lambda: all_of(page, "#shell-quick-stats")[0].text)
    go_offline(page, is_offline=True)
    page.find_element("#cache-open").click()
    page.wait_for_text_to_equal("#shell-connection", "The server does not answer.", timeout=20)
    go_offline(page, is_offline=False)
    until(page, lambda: not all_of(page, "#shell-connection")[0].text)
    page.get_logs()


@pytest.fixture
def away(app: Flask) -> Iterator[Callable[[], None]]:
    """Takes the database away; afterwards, or when it is called again, it is back."""
    file = Path(app.extensions["inventory"].databases["default"].removeprefix("sqlite:///"))
    hidden = file.with_suffix(".away")

    def turn() -> None:
        if file.exists():
            file.rename(hidden)
        else:
            hidden.rename(file)

    yield turn
    if hidden.exists():
        turn()


def test_pages_wait_for_the_database_and_go_on_when_it_is_back(visit: Open, away: Callable[[], None]) -> None:
    page = visit(EXPLORER)
    rows_stand(page)
    before = all_of(page, SENTENCE)[0].text
    away()
    all_of(page, SEARCH)[0].send_keys("web")
    page.wait_for_text_to_equal("#shell-connection", f"{GONE} Trying again …", timeout=20)
    assert all_of(page, SENTENCE)[0].text == before
    away()
    until(page, lambda: all_of(page, SENTENCE)[0].text != before)
    until(page, lambda: names(page) and all("web" in name for name in names(page)))
    until(page, lambda: not all_of(page, "#shell-connection")[0].text)
    away()
    for path in ("/", "/data-import", "/vm-explorer/1"):
        page.driver.get(page.server.url + path)
        page.wait_for_text_to_equal("#shell-connection", f"{GONE} Trying again …", timeout=20)
        assert not all_of(page, "#toasts .alert")
    away()
    until(page, lambda: not all_of(page, ".skeleton") and all_of(page, "#machine-body")[0].text)
    until(page, lambda: not all_of(page, "#shell-connection")[0].text)
    page.get_logs()  # the browser itself notes each request that fails


def test_what_cannot_be_done_without_the_database_says_so_once(visit: Open, away: Callable[[], None]) -> None:
    page = visit(EXPLORER)
    rows_stand(page)
    away()
    page.find_element(".export-menu .panel-opener").click()
    all_of(page, ".export-menu .choice")[1].click()
    page.wait_for_contains_text("#toasts .alert", GONE, timeout=20)
    page.wait_for_text_to_equal("#shell-connection", GONE, timeout=20)
    away()
    until(page, lambda: not all_of(page, "#shell-connection")[0].text)
    page.get_logs()
