import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from callbacks.shared.security import check_exposure, content_security_policy, kept_secret, protect
from data.errors import InvalidInputError

SERVER = "inventory.example.org"


@pytest.fixture
def client() -> FlaskClient:
    server = Flask("guarded")
    protect(server, host="10.1.2.3", allowed_hosts=[SERVER, "Short:8443"])
    server.add_url_rule("/", view_func=lambda: "seen", methods=["GET", "POST", "PUT", "DELETE"])
    return server.test_client()


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8050",
        "127.0.0.1:8050",
        "[::1]:8050",
        "192.168.7.9",
        SERVER,
        f"{SERVER}.:443",
        "short",
    ],
)
def test_the_server_answers_to_its_names_and_to_addresses(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).text == "seen"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"{SERVER}.evil.example",
        f"x.{SERVER}",
        "localhost@evil.example",
        "localhost:80@x",
        "",
        "[",
        "ü",
    ],
)
def test_an_unknown_host_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "seen" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
    ids=str,
)
def test_a_change_from_another_origin_is_refused(
    client: FlaskClient, method: str, headers: dict[str, str]
) -> None:
    answer = client.open("/", method=method, headers={"Host": "localhost:8050", **headers})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:8050"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.a.proxy"},
    ],
    ids=str,
)
def test_a_change_from_our_own_page_or_from_no_page_is_accepted(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    assert client.post("/", headers={"Host": "localhost:8050", **headers}).text == "seen"


def test_a_link_from_another_site_may_be_followed(client: FlaskClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).text == "seen"


def test_every_answer_carries_the_headers_even_a_refusal(client: FlaskClient) -> None:
    for answer in (
        client.get("/"),
        client.get("/", headers={"Host": "evil.example"}),
        client.get("/missing"),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_scripts_run_only_from_here_or_by_their_hash() -> None:
    rules: dict[str, Any] = dict(
        rule.split(" ", 1) for rule in content_security_policy(["'sha256-x'"]).split("; ")
    )
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'sha256-x'"
    assert [name for name, sources in rules.items() if "unsafe" in sources] == ["style-src"]
    assert "http" not in " ".join(rules.values())


def test_serving_others_needs_permission_while_there_is_no_sign_in() -> None:
    with pytest.raises(InvalidInputError, match="VMWARE_INV_ALLOW_ANONYMOUS=1"):
        check_exposure("0.0.0.0", is_loopback=False, allow_anonymous=False)
    check_exposure("0.0.0.0", is_loopback=False, allow_anonymous=True)
    check_exposure("127.0.0.1", is_loopback=True, allow_anonymous=False)


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: kept_secret(tmp_path / "instance"), range(8)))
    (secret,) = secrets
    assert len(secret) == 64
    assert stat.S_IMODE((tmp_path / "instance/secret_key").stat().st_mode) == 0o600
