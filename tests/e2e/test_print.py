"""On paper: the content alone, in the light tokens, nothing cut off."""

import base64

import pytest
from dash.testing.composite import DashComposite

from tests.e2e.explorer import Open, until
from tests.e2e.test_access import IDLE

CONTROLS = """
const all = [...document.querySelectorAll('button, input, select, nav, .topbar, .skip-link, .chip-remove, [role=tab]')];
const isShown = one => one.checkVisibility() && one.getBoundingClientRect().width > 1;
return all.filter(one => isShown(one) && !one.matches('.chip-label, [aria-selected=true]')).map(one => one.className);
"""
CLIPPED = """
return [...document.querySelectorAll('#main *')].filter(one => {
  const {overflowX, overflowY} = getComputedStyle(one);
  const cuts = (overflow, content, box) => overflow !== 'visible' && content > box + 1;
  return one.checkVisibility() && one.clientWidth > 1 && !one.closest('.visually-hidden')
    && (cuts(overflowX, one.scrollWidth, one.clientWidth) || cuts(overflowY, one.scrollHeight, one.clientHeight));
}).map(one => one.className);
"""
LIGHT = "return getComputedStyle(document.documentElement).getPropertyValue('--app-surface').trim()"
CUT_CARDS = """
return [...document.querySelectorAll('.tile, .card-box:not(.machine)')]
  .filter(one => one.checkVisibility() && getComputedStyle(one).breakInside !== 'avoid').length
"""


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/?power=poweredOn", ["Overview", "Power: On", "Infrastructure"]),
        ("/vm-explorer/1", ["General", "DNS name"]),
        ("/vm-explorer/1?tab=storage", ["Storage", "Disks"]),
        ("/vm-explorer?machine=1&tab=placement", ["Placement", "Host"]),
    ],
)
def test_the_content_alone_is_printed_in_the_light_tokens(
    visit: Open, dash_duo: DashComposite, path: str, words: list[str]
) -> None:
    send = dash_duo.driver.execute_cdp_cmd
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    send("Emulation.setEmulatedMedia", dark)
    page = visit(path)
    until(page, lambda: page.driver.execute_script(IDLE))
    assert page.driver.execute_script(LIGHT) == "#171e27"
    paper = {"width": 703, "height": 1032, "deviceScaleFactor": 1, "mobile": False}  # A4 without its margins
    send("Emulation.setDeviceMetricsOverride", paper)
    send("Emulation.setEmulatedMedia", {"media": "print", **dark})
    until(page, lambda: page.driver.execute_script(LIGHT) == "#ffffff")
    assert page.driver.execute_script(CONTROLS) == []
    until(page, lambda: page.driver.execute_script(CLIPPED) == [])
    assert page.driver.execute_script(CUT_CARDS) == 0
    shown = " ".join(page.find_element("#main").text.split())
    assert [word for word in words if word not in shown.replace("Power : On", "Power: On")] == []


def test_the_whole_overview_fits_on_three_pages(visit: Open) -> None:
    page = visit("/")
    until(page, lambda: page.driver.execute_script(IDLE))
    pdf = page.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    pages = base64.b64decode(pdf["data"]).count(b"/Type /Page\n")
    assert 1 <= pages <= 3
