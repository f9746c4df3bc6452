"""VM Explorer over an invented estate. Modules that show something else have fixtures of the same names."""

from collections.abc import Iterator

import pytest
from dash.testing.composite import DashComposite
from flask import Flask

from app import create_app
from data.database import DatabaseManager
from data.demo import write_demo
from data.ingest import import_file
from data.settings import Settings
from tests.e2e.explorer import COUNT_REQUESTS, Open


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app over an invented estate of 300 machines in two vCenters."""
    folder = tmp_path_factory.mktemp("explorer")
    url = f"sqlite:///{folder / 'inventory.db'}"
    server = create_app(Settings(db_url=url, instance_dir=folder, log_level="warning"))
    for workbook in write_demo(folder / "demo", vms=300, seed=3, vcenters=2):
        import_file(url, workbook)
    yield server
    DatabaseManager(url).clear_cache()


@pytest.fixture
def visit(dash_duo: DashComposite, app: Flask) -> Iterator[Open]:
    """Open an address and wait for its heading. Afterwards the console must be empty."""
    dash_duo.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": COUNT_REQUESTS})
    dash_duo.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    dash_duo.start_server(app.extensions["dash"], navigate=False)

    def go(path: str) -> DashComposite:
        dash_duo.driver.get(dash_duo.server.url + path)
        dash_duo.wait_for_element("h1")
        return dash_duo

    yield go
    assert dash_duo.get_logs() == []
