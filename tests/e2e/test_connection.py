"""What an operator sees while the server is away."""

from dash.testing.composite import DashComposite

from tests.e2e.explorer import SEARCH, SENTENCE, Open, all_of, names, rows_stand, sentence_says, until

EXPLORER = "/vm-explorer"
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


def test_what_could_change_something_is_not_asked_twice_but_the_page_says_that_it_failed(visit: Open) -> None:
    page = visit("/data-import")
    until(page, lambda: all_of(page, "#shell-quick-stats")[0].text)
    go_offline(page, is_offline=True)
    page.find_element("#shell-refresh-button").click()
    page.wait_for_text_to_equal("#shell-connection", "The server does not answer.", timeout=20)
    go_offline(page, is_offline=False)
    until(page, lambda: not all_of(page, "#shell-connection")[0].text)
    page.get_logs()
