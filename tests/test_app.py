"""The factory: what it makes, and what it refuses."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from dash._utils import to_json
from flask import Flask

import app
from app import create_app
from data.errors import DatabaseUnavailableError, InvalidInputError
from data.settings import Settings


def settings(folder: Path, **more: object) -> Settings:
    return Settings(db_url=f"sqlite:///{folder / 'inventory.db'}", instance_dir=folder, **more)  # type: ignore[arg-type]


def test_two_apps_of_one_instance_share_the_secret_and_a_given_one_wins(tmp_path: Path) -> None:
    first, second = (create_app(settings(tmp_path)) for _ in range(2))
    assert first.secret_key == second.secret_key
    assert create_app(settings(tmp_path, secret_key="given")).secret_key == "given"


def test_the_policy_holds_the_hash_of_every_inline_script(server: Flask) -> None:
    answer = server.test_client().get("/")
    hashes = server.extensions["dash"].csp_hashes()
    assert len(hashes) == answer.text.count("<script>") + answer.text.count('id="_dash-renderer"')
    assert all(found in answer.headers["Content-Security-Policy"] for found in hashes)


def test_every_page_brings_the_layouts_that_dash_looks_for_ids_in(server: Flask) -> None:
    layouts = json.loads(to_json(server.extensions["dash"].validation_layout))
    for path in ("/", "/vm-explorer", "/"):
        soup = BeautifulSoup(server.test_client().get(path).text, "lxml")
        assert json.loads(soup.find(id="_dash-config").text)["validation_layout"] == layouts


def test_the_health_endpoint_answers(server: Flask) -> None:
    assert server.test_client().get("/health").status_code == 200


def test_an_address_that_others_reach_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="VMWARE_INV_ALLOW_ANONYMOUS=1"):
        create_app(settings(tmp_path / "instance", host="0.0.0.0"))
    assert not (tmp_path / "instance").exists()


def test_a_default_database_that_is_down_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnavailableError):
        create_app(Settings(db_url=f"sqlite:///{tmp_path}/file/x.db", instance_dir=tmp_path / "instance"))


def test_a_further_database_that_is_down_does_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    server = create_app(settings(tmp_path / "i", databases={"lab": f"sqlite:///{tmp_path}/file/x.db"}))
    assert server.test_client().get("/").status_code == 200
    assert "lab" in caplog.text


def test_callbacks_take_small_bodies_only(server: Flask) -> None:
    answer = server.test_client().post(
        "/_dash-update-component", json={"x": "y" * app.LARGEST_CALLBACK_BYTES}
    )
    assert answer.status_code == 413


def test_the_module_has_no_app_until_it_is_asked_for() -> None:
    with pytest.raises(AttributeError):
        app.missing  # noqa: B018
