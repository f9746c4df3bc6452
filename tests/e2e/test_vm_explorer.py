"""VM Explorer in a real browser."""

from urllib.parse import urlsplit

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.explorer import (
    NAME,
    RANGE,
    ROW,
    SEARCH,
    SENTENCE,
    Open,
    address,
    all_of,
    asked,
    cells,
    chip,
    focused,
    heading,
    headings,
    hold_a_phone,
    names,
    options,
    press,
    rows_stand,
    sentence_says,
    title_of,
    until,
)


def test_a_pasted_link_reproduces_the_view(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    all_of(page, NAME)[0].click()
    machine = until(page, lambda: address(page).get("machine"))[0]
    title = until(page, lambda: title_of(page))

    link = f"?power=poweredOn&col=name&col=host&sort=-host&machine={machine}&tab=placement"
    visit(f"/vm-explorer{link}")
    hosts = until(page, lambda: [text for text in cells(page, "host") if text])
    assert hosts == sorted(hosts, key=str.lower, reverse=True)
    assert headings(page) == ["Name", "Host"]
    page.wait_for_text_to_equal(".detail-title", title)
    assert all_of(page, '.tab[aria-selected="true"]')[0].text == "Placement"
    assert chip(page, "power").text == "Power\n: On"
    assert urlsplit(page.driver.current_url).query == link[1:]
    overview = all_of(page, "#menu-overview")[0].get_attribute("href") or ""
    assert urlsplit(overview).query == "power=poweredOn", "other pages take the scope, not the view"


def test_opening_the_page_asks_for_totals_and_rows_alone(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    until(page, lambda: all_of(page, SENTENCE)[0].text.endswith(" machines"))
    outputs = page.driver.execute_script("return window.asked.map(call => call.output)")
    frame = [output for output in outputs if "_pages_content" in output or "shell-" in output]
    rest = {output.strip(".").split(".")[0] for output in outputs if output not in frame}
    assert rest == {"vm-explorer-grid", "vm-explorer-sentence"}
    assert len(outputs) == len(frame) + len(rest) == 4


def test_a_filter_is_chosen_and_removed_by_keyboard(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    everything = all_of(page, SENTENCE)[0].text
    assert asked(page, "filter-choices") == 0, "values are fetched when a panel is opened"
    grid = all_of(page, "#vm-explorer-grid .ag-root")[0]

    chip(page, "power").find_element(By.CSS_SELECTOR, ".panel-opener").send_keys(Keys.ENTER)
    until(page, lambda: options(page, "power"))
    press(page, "off")
    until(page, lambda: [row.text.split("\n")[0] for row in options(page, "power")] == ["Off"])
    press(page, Keys.ARROW_DOWN, Keys.ENTER)
    until(page, lambda: address(page) == {"power": ["poweredOff"]})
    matching = until(page, lambda: options(page, "power")[0].text.split("\n")[1])
    sentence_says(page, f"{matching} of {everything}")
    until(page, lambda: set(cells(page, "power_state")) == {"Off"})
    press(page, Keys.ESCAPE)
    assert focused(page).text == "Power\n: Off", "the focus is back on the chip"

    press(page, Keys.TAB)
    assert focused(page).get_attribute("aria-label") == "Remove the filter “Power”"
    press(page, Keys.ENTER)
    sentence_says(page, everything)
    assert address(page) == {}
    assert grid.is_displayed(), "the same grid all the time"


def test_a_value_that_does_not_exist_any_more_is_shown_and_removable(visit: Open) -> None:
    page = visit("/vm-explorer?cluster=gone&attention=old-snapshot&vcenter=77")
    until(page, lambda: "Snapshot older than 7 days" in chip(page, "attention").text)
    assert "gone" in chip(page, "cluster").text
    assert "77" in chip(page, "vcenter").text
    page.wait_for_text_to_equal(".empty-state h2", "No machine matches")
    for name in ("cluster", "attention", "vcenter"):
        chip(page, name).find_element(By.CSS_SELECTOR, ".chip-remove").click()
    until(page, lambda: address(page) == {})
    rows_stand(page)


def test_typing_waits_for_a_pause(visit: Open) -> None:
    page = visit("/vm-explorer")
    rows_stand(page)
    before = asked(page, "vm-explorer-sentence"), asked(page, "getRowsResponse")
    all_of(page, SEARCH)[0].send_keys("dev-pg-")
    until(page, lambda: address(page) == {"q": ["dev-pg-"]})
    until(page, lambda: names(page) and all("dev-pg-" in name for name in names(page)))
    after = asked(page, "vm-explorer-sentence"), asked(page, "getRowsResponse")
    assert [late - early for early, late in zip(before, after, strict=True)] == [1, 1]


def test_machines_are_filtered_by_the_day_of_their_creation(visit: Open) -> None:
    page = visit("/vm-explorer?col=name&col=created_at&sort=created_at&created_from=2026-01-01")
    rows_stand(page)
    until(page, lambda: chip(page, "created").text == "Created\n from 1 Jan 2026")
    chip(page, "created").find_element(By.CSS_SELECTOR, ".panel-opener").click()
    until(page, lambda: focused(page).get_attribute("value") == "2026-01-01")
    page.driver.execute_script(
        """const field = document.getElementById("vm-explorer-filter-to");
        field.value = "2026-03-31";  // typing depends on the language of the browser
        field.dispatchEvent(new Event("input", {bubbles: true}));"""
    )
    until(page, lambda: address(page).get("created_to") == ["2026-03-31"])
    until(page, lambda: {"Jan", "Feb", "Mar"} >= {text.split()[1] for text in cells(page, "created_at")})
    assert chip(page, "created").text.startswith("Created\n: 1 Jan 2026 to 31 Mar 2026")


def test_everything_can_be_cleared(visit: Open) -> None:
    page = visit("/vm-explorer?q=nosuchmachine&templates=only&created_from=2020-01-01")
    page.wait_for_text_to_equal(".empty-state h2", "No machine matches")
    assert all_of(page, SEARCH)[0].get_attribute("value") == "nosuchmachine"
    all_of(page, ".empty-state .btn")[0].click()
    rows_stand(page)
    assert address(page) == {}
    assert all_of(page, SEARCH)[0].get_attribute("value") == ""
    assert not all_of(page, ".chips > .chip-clear")[0].is_displayed()


def test_the_footer_follows_the_scroll(visit: Open) -> None:
    page = visit("/vm-explorer?templates=include")
    page.wait_for_contains_text(RANGE, "of 300", timeout=20)
    assert all_of(page, RANGE)[0].text.startswith("Rows 1 to ")
    page.driver.execute_script("document.querySelector('.ag-body-viewport').scrollTop = 1e6")
    until(page, lambda: all_of(page, RANGE)[0].text.endswith("to 300 of 300"))
    until(page, lambda: all(names(page)))
    assert all_of(page, "#vm-explorer-totals")[0].text.startswith("Σ ")


def test_a_click_on_a_heading_sorts_and_is_in_the_link(visit: Open) -> None:
    page = visit("/vm-explorer?col=name&col=cpus")
    rows_stand(page)
    head = heading(page, "vCPU")
    head.click()
    until(page, lambda: address(page).get("sort") == ["cpus"])
    head.click()
    until(page, lambda: address(page).get("sort") == ["-cpus"])
    numbers = until(page, lambda: [int(text) for text in cells(page, "cpus") if text.isdigit()])
    assert numbers == sorted(numbers, reverse=True)


def test_a_row_opens_its_detail_and_escape_returns_to_it(visit: Open) -> None:
    page = visit("/vm-explorer")
    second = rows_stand(page)[1]
    all_of(page, f'.ag-row[row-index="0"] {NAME}')[0].click()
    until(page, lambda: title_of(page))
    press(page, Keys.ARROW_DOWN, Keys.ENTER)
    page.wait_for_text_to_equal(".detail-title", second)
    until(page, lambda: focused(page).get_attribute("id") == "vm-explorer-detail")
    assert [row.text for row in all_of(page, f"{ROW}.is-open")] == [second]

    all_of(page, '[data-tab="general"]')[0].send_keys(Keys.ARROW_RIGHT, Keys.NULL)
    until(page, lambda: address(page).get("tab") == ["resources"])
    until(page, lambda: "Sockets" in all_of(page, "#vm-explorer-detail-panel")[0].text)
    assert focused(page).text == "Resources"
    assert [tab.text for tab in all_of(page, '.tab[aria-selected="true"]')] == ["Resources"]

    press(page, Keys.ESCAPE)
    until(page, lambda: "machine" not in address(page))
    until(page, lambda: focused(page).text == second)
    assert not all_of(page, "#vm-explorer-detail")[0].is_displayed()


def test_columns_are_chosen_and_set_back(visit: Open) -> None:
    page = visit("/vm-explorer?col=name&col=cpus")
    rows_stand(page)
    all_of(page, "[data-columns] .panel-opener")[0].click()
    until(page, lambda: all_of(page, "[data-columns] .choice"))
    press(page, "firmw")
    shown = until(page, lambda: [r.text for r in all_of(page, "[data-columns] .choice") if r.is_displayed()])
    assert shown == ["Firmware"]
    press(page, Keys.ARROW_DOWN, Keys.ENTER)
    until(page, lambda: address(page)["col"] == ["name", "cpus", "firmware"])
    until(page, lambda: {"bios", "efi"} & set(cells(page, "firmware")))
    all_of(page, ".columns-default")[0].click()
    until(page, lambda: len(headings(page)) > 6)
    assert address(page) == {}
    press(page, Keys.ESCAPE)
    assert focused(page).text == "Columns"


def test_back_and_forward_bring_the_view_back(visit: Open) -> None:
    page = visit("/vm-explorer?q=web&sort=-name")
    first = rows_stand(page)
    chip(page, "power").find_element(By.CSS_SELECTOR, ".panel-opener").click()
    until(page, lambda: options(page, "power"))
    options(page, "power")[0].click()
    until(page, lambda: "power" in address(page))
    press(page, Keys.ESCAPE)
    filtered = all_of(page, SENTENCE)[0].text
    page.find_element("#menu-data_import").click()
    page.wait_for_text_to_equal("h1", "Data Import")
    page.driver.back()
    page.wait_for_text_to_equal("h1", "VM Explorer")
    assert address(page) == {"q": ["web"], "sort": ["-name"], "power": ["poweredOn"]}
    until(page, lambda: names(page)[:1] == first[:1] or all_of(page, SENTENCE)[0].text == filtered)


def test_a_machine_has_a_page_of_its_own(visit: Open) -> None:
    page = visit("/vm-explorer?q=web&machine=1")
    title = until(page, lambda: title_of(page))
    until(page, lambda: all_of(page, ".detail-actions a"))[0].click()
    page.wait_for_text_to_equal("h1", title)
    assert urlsplit(page.driver.current_url).path == "/vm-explorer/1"
    all_of(page, '[data-tab="storage"]')[0].click()
    until(page, lambda: address(page) == {"tab": ["storage"]})
    visit("/vm-explorer/424242")
    page.wait_for_text_to_equal(".empty-state h2", "There is no such machine")


def test_the_same_name_twice_is_two_machines(visit: Open) -> None:
    page = visit("/vm-explorer?templates=include")
    rows_stand(page)
    ids = [row.get_attribute("row-id") or "" for row in all_of(page, ROW)]
    assert len(ids) == len(set(ids))
    assert all(row_id.isdigit() for row_id in ids)


def test_on_a_phone_the_detail_fills_the_screen_and_the_chips_are_one_line(visit: Open) -> None:
    page = visit("/vm-explorer")
    hold_a_phone(page)
    rows_stand(page)
    width = page.driver.execute_script("return document.documentElement.scrollWidth")
    assert width == 390, "nothing sticks out"
    tops = {round(box.rect["y"]) for box in all_of(page, ".chip-box[data-filter]") if box.is_displayed()}
    assert len(tops) == 1
    all_of(page, NAME)[0].click()
    until(page, lambda: title_of(page))
    panel = all_of(page, "#vm-explorer-detail")[0]
    until(page, lambda: (panel.rect["x"], panel.rect["width"], panel.rect["height"]) == (0, 390, 844))
    all_of(page, ".detail-close")[0].click()
    until(page, lambda: not panel.is_displayed())
