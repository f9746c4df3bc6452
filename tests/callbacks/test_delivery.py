import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from callbacks.shared.delivery import PackedAnswers, deliver

TEXT = "machine " * 1000


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    (tmp_path / "style.css").write_text(TEXT)
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts/inter-5.woff2").write_bytes(b"font")
    server = Flask("delivering", static_folder=str(tmp_path), static_url_path="/assets")
    deliver(server)
    server.add_url_rule("/body", view_func=lambda: {"text": TEXT}, methods=["GET", "POST"])

    @server.get("/export.csv")
    def export() -> Response:
        def rows() -> Iterator[str]:
            yield from (f"machine-{number}\n" for number in range(5000))

        return Response(rows(), mimetype="text/plain")

    @server.get("/_dash-component-suites/<name>")
    def suite(name: str) -> Response:
        answer = Response(TEXT, mimetype="text/javascript")
        if ".v4" in name:
            answer.cache_control.max_age = 31536000  # as Dash does for a fingerprint
        else:
            answer.add_etag()
        return answer

    return server.test_client()


def get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.get(path, headers=named, buffered=True)  # and closed, as a server does


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, deflate, br, zstd", "br"), ("gzip, deflate", "gzip"), ("", None)]
)
def test_an_answer_is_compressed_as_the_browser_can_read_it(
    client: FlaskClient, accepted: str, encoding: str | None
) -> None:
    for path in ("/body", "/assets/style.css"):
        answer = get(client, path, Accept_Encoding=accepted)
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
        assert answer.headers.get("Content-Encoding") == encoding
        assert TEXT in unpack(answer.data).decode()


def test_the_same_content_is_compressed_twice_at_most_and_another_gets_its_own(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    compress = brotli.compress
    monkeypatch.setattr(
        brotli, "compress", lambda data, **options: sizes.append(len(data)) or compress(data, **options)
    )
    for path in ("/body", "/assets/style.css"):
        for _ in range(4):
            get(client, path, Accept_Encoding="br")
    client.post("/body", headers={"Accept-Encoding": "br"})
    assert len(sizes) == 4  # an answer is kept when it is sent the second time


def test_a_download_is_compressed_as_it_flows(client: FlaskClient) -> None:
    for encoding in ("br", "gzip"):
        answer = get(client, "/export.csv", Accept_Encoding=encoding)
        assert answer.headers["Content-Encoding"] == encoding
        assert "Content-Length" not in answer.headers


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/assets/style.css?m=1795444940.4", True),
        ("/assets/fonts/inter-5.woff2", True),
        ("/_dash-component-suites/dcc.v4_4_1m17.min.js", True),
        ("/assets/style.css", False),
        ("/_dash-component-suites/async-graph.js", False),
        ("/body", False),
    ],
)
def test_what_has_a_version_in_its_address_is_kept_for_a_year_and_nothing_else(
    client: FlaskClient, path: str, kept: bool
) -> None:
    expected = "public, max-age=31536000, immutable" if kept else "no-cache"
    assert get(client, path, Accept_Encoding="br").headers["Cache-Control"] == expected


@pytest.mark.parametrize("path", ["/assets/style.css", "/_dash-component-suites/async-graph.js"])
def test_what_is_asked_again_is_not_sent_again(client: FlaskClient, path: str) -> None:
    tag = get(client, path, Accept_Encoding="br").headers["ETag"]
    again = get(client, path, Accept_Encoding="br", If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")


def test_the_least_recently_used_answer_is_dropped_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("callbacks.shared.delivery.PACKED_BYTES", 20)
    kept = PackedAnswers()
    for key in ("a", "a", "b", "b"):
        kept.set(key, b"0123456789")
    kept.get("a")
    for key in ("c", "c"):
        kept.set(key, b"0123456789")
    assert [key for key in "abc" if kept.get(key)] == ["a", "c"]


def test_an_answer_that_is_sent_once_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callbacks.shared.delivery.ONCE_KEPT", 2)
    kept = PackedAnswers()
    for key in ("a", "b", "c", "a", "c"):
        kept.set(key, key.encode())
    assert [key for key in "abc" if kept.get(key)] == ["c"]
