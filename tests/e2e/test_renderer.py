"""What the product changes in Dash's renderer (assets/renderer.js)."""

from dash.testing.composite import DashComposite
from flask import Flask

COUNT_RESETS = """
const store = window.dash_stores[0];
let before = store.getState();
window.resets = 0;
store.subscribe(() => {
  const now = store.getState();
  if (now.layoutHashes !== before.layoutHashes && now.layout === before.layout) window.resets += 1;
  before = now;
});
"""


def test_a_new_page_does_not_make_all_components_look_at_each_of_its_parts(
    dash_duo: DashComposite, server: Flask
) -> None:
    dash_duo.start_server(server.extensions["dash"])
    dash_duo.wait_for_text_to_equal("h1", "Overview")
    dash_duo.driver.execute_script(COUNT_RESETS)
    dash_duo.find_element('.menu-link[href="/vm-explorer"]').click()
    dash_duo.wait_for_text_to_equal("h1", "VM Explorer")
    dash_duo.find_element('.menu-link[href="/"]').click()
    dash_duo.wait_for_text_to_equal("h1", "Overview")
    parts = len(dash_duo.find_elements("main *"))
    assert dash_duo.driver.execute_script("return window.resets") < parts / 10
    assert not dash_duo.get_logs()
