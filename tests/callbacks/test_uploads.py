"""Files that browsers send arrive whole, under names of our own, or leave nothing."""

from __future__ import annotations

import errno
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from callbacks.shared.uploads import accept_uploads, receive_files
from data.errors import DiskFullError, InvalidInputError

MIB = 1024**2
Files = list[tuple[str, bytes]]


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
def app(uploads: Path) -> Flask:
    """Takes up to 1 MiB."""
    app = Flask(__name__)
    accept_uploads(app, uploads, max_mib=1)
    return app


def receive(app: Flask, files: Files, body: bytes | None = None, **more: Any) -> tuple[Path, str]:
    query = [
        (key, str(value))
        for name, content in files
        for key, value in (("file", name), ("size", len(content)))
    ]
    data = b"".join(content for _name, content in files) if body is None else body
    address = "/?" + "&".join(f"{key}={value}" for key, value in query)
    with app.test_request_context(address, method="POST", data=data, **more):
        return receive_files()


def refusal(app: Flask, uploads: Path, files: Files, body: bytes | None = None, **more: Any) -> str:
    with pytest.raises((InvalidInputError, DiskFullError, HTTPException)) as refused:
        receive(app, files, body, **more)
    assert list(uploads.rglob("*")) == [], "nothing is left"
    return str(refused.value)


@pytest.mark.parametrize("files", [[("x.csv", b"VM")], [("vInfo.csv", b"VM"), ("vDisk.csv", b"VM")]])
def test_a_full_disk_is_told(
    app: Flask, uploads: Path, monkeypatch: pytest.MonkeyPatch, files: Files
) -> None:
    def refuse(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("callbacks.shared.uploads._receive", refuse)
    assert "disk of the server is full" in refusal(app, uploads, files)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("vc1.xlsx", "export.xlsx"),
        ("vc1.XLSM", "export.xlsm"),
        ("vc1.xls", "export.xls"),
        ("machines.csv", "export.csv"),
        ("RVTools_tabvInfo.csv", "vInfo.csv"),
        ("2026-09-01.zip", "export.zip"),
        ("vmware_inventory.db", "export.db"),
        ("vc1.exe", "export"),
        ("vc1.xlsx/../../x", "export"),
        ("", "export.xlsx"),
    ],
)
def test_a_file_is_stored_under_a_name_of_our_own(app: Flask, uploads: Path, name: str, stored: str) -> None:
    path, _shown = receive(app, [(name, b"content")])
    assert (path.name, path.parent.parent, path.read_bytes()) == (stored, uploads, b"content")
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["../../x.xlsx", "C:\\exports\\x.xlsx", "/etc/x.xlsx", "x%0A.xlsx", "%E2%80%AEx.xlsx"]
)
def test_a_files_name_is_shown_without_folders_and_tricks(app: Flask, name: str) -> None:
    assert receive(app, [(name, b"content")])[1] == "x.xlsx"


def test_a_long_name_keeps_its_end(app: Flask) -> None:
    shown = receive(app, [("x" * 300 + ".csv", b"content")])[1]
    assert (len(shown), shown[-5:]) == (200, "x.csv")


def test_a_request_that_names_no_file_is_a_workbook(app: Flask) -> None:
    path, shown = receive(app, [], b"content")
    assert (path.name, shown) == ("export.xlsx", "export.xlsx")


def test_several_csv_files_in_one_request_become_one_archive(app: Flask) -> None:
    files = [("RVTools_tabvInfo.csv", b"VM\nweb\n"), ("../vDisk.CSV", b"VM,Disk\n"), ("vHost.csv", b"")]
    path, shown = receive(app, files)
    assert (path.name, shown) == ("export.zip", "3 CSV files")
    assert list(path.parent.iterdir()) == [path]
    with zipfile.ZipFile(path) as archive:
        found = {part.filename: archive.read(part) for part in archive.infolist()}
    assert found == {"RVTools_tabvInfo.csv": b"VM\nweb\n", "vDisk.CSV": b"VM,Disk\n", "vHost.csv": b""}


def test_csv_files_of_a_folder_have_its_name(app: Flask) -> None:
    address = (
        "/?file=vInfo.csv&size=3&file=vDisk.csv&size=3&folder=C:\\x\\RVTools_export_all_2026-09-01_09.30.00"
    )
    with app.test_request_context(address, method="POST", data=b"VM\nVM\n"):
        assert receive_files()[1] == "RVTools_export_all_2026-09-01_09.30.00"


def test_the_same_csv_files_in_another_order_are_the_same_archive(app: Flask) -> None:
    files = [("vInfo.csv", b"VM\nweb\n"), ("vDisk.csv", b"VM,Disk\n")]
    assert receive(app, files)[0].read_bytes() == receive(app, files[::-1])[0].read_bytes()


def test_workbooks_are_not_one_export_together(app: Flask, uploads: Path) -> None:
    said = refusal(app, uploads, [("vInfo.csv", b"VM\n"), ("vc1.xlsx", b"x")])
    assert said == "Only CSV files can be one export together. Import every other file by itself."


@pytest.mark.parametrize("body", [b"", b"VM\nweb\n", b"VM\nweb\nVM,Disk"])
def test_files_of_which_not_all_arrives_are_refused(app: Flask, uploads: Path, body: bytes) -> None:
    said = refusal(app, uploads, [("vInfo.csv", b"VM\nweb\n"), ("vDisk.csv", b"VM,Disk\n")], body)
    assert said == "The upload broke off: not all of the files arrived."


def test_more_than_was_announced_is_refused(app: Flask, uploads: Path) -> None:
    said = refusal(app, uploads, [("vInfo.csv", b"VM\n"), ("vDisk.csv", b"VM\n")], b"VM\nVM\nmore")
    assert said == "More arrived than the files that were announced."


@pytest.mark.parametrize("size", ["", "-1", "many", "9" * 5000])
def test_several_files_must_say_their_sizes(app: Flask, uploads: Path, size: str) -> None:
    address = f"/?file=vInfo.csv&size=3&file=vDisk.csv&size={size}"
    with (
        app.test_request_context(address, method="POST", data=b"VM\nVM\n"),
        pytest.raises(InvalidInputError, match="each must say its size"),
    ):
        receive_files()
    assert not uploads.exists()


def test_more_files_than_an_export_has_are_refused(app: Flask, uploads: Path) -> None:
    assert "At most 200 files" in refusal(
        app, uploads, [(f"{number}.csv", b"") for number in range(201)], b"x"
    )


@pytest.mark.parametrize("names", [["vc1.xlsx"], ["vInfo.csv", "vDisk.csv"]])
@pytest.mark.parametrize("is_announced", [True, False])
def test_more_than_the_limit_is_refused(
    app: Flask, uploads: Path, names: list[str], *, is_announced: bool
) -> None:
    size = MIB // len(names) + 1
    files = [(name, b"x" * size) for name in names]
    body = io.BytesIO(b"x" * size * len(names))
    more = (
        {} if is_announced else {"input_stream": body, "environ_overrides": {"wsgi.input_terminated": True}}
    )
    if is_announced:
        said = refusal(app, uploads, files)
    else:
        query = "&".join(f"file={name}&size={size}" for name in names)
        with (
            app.test_request_context(f"/?{query}", method="POST", **more),
            pytest.raises(InvalidInputError) as refused,
        ):
            receive_files()
        said = str(refused.value)
    assert said == "The file has 1 MiB; at most 1 MiB are allowed."
    assert list(uploads.rglob("*")) == []


def test_a_file_of_the_largest_size_is_taken(app: Flask) -> None:
    assert receive(app, [("x.xlsx", b"x" * MIB)])[0].stat().st_size == MIB


def test_an_empty_file_is_refused(app: Flask, uploads: Path) -> None:
    assert refusal(app, uploads, [("vc1.xlsx", b"")]) == "The file is empty."


def test_an_upload_that_breaks_off_is_refused(app: Flask, uploads: Path) -> None:
    said = refusal(app, uploads, [("vc1.xlsx", b"only a part")], environ_overrides={"CONTENT_LENGTH": "1000"})
    assert said.startswith("400 Bad Request")
