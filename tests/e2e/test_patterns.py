"""The search field and its patterns in a real browser."""

from dash.testing.composite import DashComposite
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.explorer import (
    SEARCH,
    SENTENCE,
    Open,
    address,
    all_of,
    asked,
    focused,
    names,
    press,
    rows_stand,
    sentence_says,
    until,
)

SWITCH = ".search-field .search-switch"
PROBLEM = "#vm-explorer-filter-text-problem"
HALF = "The pattern cannot be read: a “(” has no “)”."


def is_on(browser: DashComposite) -> bool:
    return all_of(browser, SWITCH)[0].get_attribute("aria-pressed") == "true"


def problem(browser: DashComposite) -> str:
    return all_of(browser, PROBLEM)[0].text


def is_marked(browser: DashComposite) -> bool:
    field = all_of(browser, SEARCH)[0]
    described = field.get_attribute("aria-describedby")
    return field.get_attribute("aria-invalid") == "true" and described == PROBLEM.removeprefix("#")


def open_explorer(visit: Open, query: str = "") -> DashComposite:
    browser = visit(f"/vm-explorer{query}")
    rows_stand(browser)
    return browser


def test_what_is_typed_is_a_pattern_while_the_switch_is_on(visit: Open) -> None:
    browser = open_explorer(visit)
    field = all_of(browser, SEARCH)[0]
    field.send_keys("^[a-m]")
    sentence_says(browser, f"0 of {len_of(browser)} machines")
    all_of(browser, SWITCH)[0].click()
    shown = until(browser, lambda: [name for name in names(browser) if name])
    assert is_on(browser)
    assert address(browser) == {"q": ["^[a-m]"], "pattern": ["1"]}
    assert focused(browser).get_attribute("id") == SEARCH.removeprefix("#")
    assert shown
    all_of(browser, SWITCH)[0].click()
    sentence_says(browser, f"0 of {len_of(browser)} machines")
    assert "pattern" not in address(browser)


def len_of(browser: DashComposite) -> str:
    """The number of all machines, as the page's sentence says it at its end."""
    return all_of(browser, SENTENCE)[0].text.removesuffix(" machines").split(" ")[-1]


def test_a_pattern_typed_half_stays_in_the_field_with_a_sentence_and_the_machines_stay(visit: Open) -> None:
    browser = open_explorer(visit)
    before = rows_stand(browser)
    all_of(browser, SWITCH)[0].click()
    all_of(browser, SEARCH)[0].send_keys("web-(")
    until(browser, lambda: problem(browser) == HALF)
    assert is_marked(browser)
    assert names(browser) == before
    assert address(browser) == {}
    assert not all_of(browser, ".toast")
    press(browser, "a|b)")
    until(browser, lambda: address(browser).get("q") == ["web-(a|b)"])
    assert not problem(browser)
    assert not is_marked(browser)


def test_a_link_with_a_pattern_shows_it_and_its_machines(visit: Open) -> None:
    browser = open_explorer(visit, "?q=%5E%5Ba-m%5D&pattern=1")
    until(browser, lambda: is_on(browser))
    assert all_of(browser, SEARCH)[0].get_attribute("value") == "^[a-m]"
    assert not problem(browser)
    assert asked(browser, f"{SEARCH.removeprefix('#')}-answer") == 1


def test_a_link_with_a_pattern_that_cannot_be_read_says_so(visit: Open) -> None:
    browser = visit("/vm-explorer?q=web-(&pattern=1")
    until(browser, lambda: problem(browser) == HALF)
    assert is_on(browser)
    assert is_marked(browser)
    assert not all_of(browser, ".toast")


def test_words_are_searched_without_asking_whether_they_are_a_pattern(visit: Open) -> None:
    browser = open_explorer(visit)
    all_of(browser, SEARCH)[0].send_keys("web-(")
    sentence_says(browser, f"0 of {len_of(browser)} machines")
    assert asked(browser, f"{SEARCH.removeprefix('#')}-answer") == 0
    assert not problem(browser)


def test_an_example_of_the_help_is_put_into_the_field_by_keyboard_alone(visit: Open) -> None:
    browser = open_explorer(visit)
    all_of(browser, SEARCH)[0].click()
    assert not all_of(browser, ".search-field .panel-opener")[0].is_displayed()
    press(browser, Keys.TAB, Keys.SPACE)  # the switch; the focus goes back to the field
    until(browser, lambda: is_on(browser))
    press(browser, Keys.TAB, Keys.TAB, Keys.ENTER)
    examples = until(
        browser, lambda: [row for row in all_of(browser, ".search-help .choice") if row.is_displayed()]
    )
    assert len(examples) == 6
    assert focused(browser) == examples[0]
    press(browser, Keys.ARROW_DOWN, Keys.ENTER)
    until(browser, lambda: address(browser).get("q") == ["web|app|db"])
    assert address(browser)["pattern"] == ["1"]
    assert focused(browser).get_attribute("id") == SEARCH.removeprefix("#")
    press(browser, Keys.TAB, Keys.TAB, Keys.ENTER)
    until(browser, lambda: focused(browser).get_attribute("role") == "option")
    press(browser, Keys.ESCAPE)
    assert "panel-opener" in (focused(browser).get_attribute("class") or "")


def test_a_chip_elsewhere_says_that_the_text_is_a_pattern_and_takes_both_away(visit: Open) -> None:
    browser = visit("/?q=web%7Capp&pattern=1")
    chip = until(
        browser, lambda: [one for one in all_of(browser, '[data-filter="q"]') if one.is_displayed()]
    )[0]
    assert chip.text.replace("\n", " ").split() == ["Text", "pattern:", "web|app"]
    chip.find_element(By.CSS_SELECTOR, ".chip-remove").click()
    until(browser, lambda: not address(browser))
