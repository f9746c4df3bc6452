"""Files that are made to do harm are refused in a sentence, and nothing they hold is run, followed or expanded."""

from __future__ import annotations

import errno
import signal
import sqlite3
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from data.errors import DiskFullError, FileRefusedError
from data.workbook import book, container, csv_sheets, process
from data.workbook.book import check_file, open_book
from data.workbook.process import opened
from tests.data.exports import PREDECESSOR_TABLE, csv_text, write_predecessor, write_xls, write_zip
from tests.data.workbooks import table, vm, write_workbook

MIB = 1024**2


def read(path: Path) -> dict[str, list[list[object]]]:
    with open_book(path) as found:
        return {sheet.name: [list(row) for row in sheet.rows()] for sheet in found.sheets}


def refusal(path: Path, ask: Callable[[Path], object] = read) -> str:
    with pytest.raises(FileRefusedError) as refused:
        ask(path)
    return str(refused.value)


def rows_or_refusal(path: Path) -> tuple[list[list[object]], str]:
    """The rows of the first sheet, or the sentence that refuses the file."""
    try:
        return next(iter(read(path).values()), []), ""
    except FileRefusedError as refused:
        return [], str(refused)


def refusal_of_the_reader(path: Path) -> str:
    def ask(path: Path) -> None:
        with opened(path, lambda _progress: None):
            pass

    return refusal(path, ask)


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def workbook(path: Path, **parts: bytes) -> Path:
    """A workbook with other parts: `sheet1`, `sharedStrings`, `workbook`."""
    places = {"sheet1": "xl/worksheets/sheet1.xml"}
    write_workbook(path, {"vInfo": table(vm("web", 1))})
    changed = {places.get(name, f"xl/{name}.xml"): content for name, content in parts.items()}
    return write_zip(path, parts_of(path) | changed)


def lying(path: Path, name: str, stated: int) -> Path:
    """The archive, in which a part claims to unpack to `stated` bytes."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo(name)
    entry = content.rindex(b"PK\1\2", 0, content.rindex(name.encode()))
    content[entry + 24 : entry + 28] = struct.pack("<I", stated)
    content[part.header_offset + 22 : part.header_offset + 26] = struct.pack("<I", stated)
    path.write_bytes(content)
    return path


# --- archives


def test_a_bomb_is_refused_by_the_size_it_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_UNPACKED_MIB", 2)
    path = workbook(tmp_path / "x.xlsx", zeros=bytes(3 * MIB))
    assert path.stat().st_size < 100_000
    assert refusal(path, check_file).startswith("The file would unpack to 3 MiB in ")


def test_a_part_that_unpacks_to_more_than_any_sheet_does_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"vInfo.csv": b"VM\n" + bytes(60 * MIB)})
    assert path.stat().st_size < MIB
    assert "more than 200 times its size" in refusal(path, check_file)


def test_many_small_parts_that_together_unpack_to_more_than_any_export_does_are_refused(
    tmp_path: Path,
) -> None:
    parts = {f"{tab}.csv": b"VM\n" + bytes(20 * MIB) for tab in ("vInfo", "vDisk", "vCPU")}
    path = write_zip(tmp_path / "x.zip", parts)
    assert "more than 200 times its size" in refusal(path, check_file)


def test_a_small_part_may_be_as_repetitive_as_it_likes(tmp_path: Path) -> None:
    rows = [["VM", "Annotation"], *([f"vm{number}", "x" * 1000] for number in range(2000))]
    path = write_zip(tmp_path / "x.zip", {"vInfo.csv": csv_text(rows)})
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].file_size > 100 * archive.infolist()[0].compress_size
    assert read(path)["vInfo"] == rows


def test_a_part_that_unpacks_to_more_than_it_states_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MEASURED_MIB", 0)
    sheet = parts_of(workbook(tmp_path / "x.xlsx"))["xl/worksheets/sheet1.xml"]
    path = workbook(tmp_path / "x.xlsx", sheet1=sheet + b" " * MIB)
    assert "not where or as large as it says" in refusal(lying(path, "xl/worksheets/sheet1.xml", 5000))


def test_a_csv_part_that_unpacks_to_more_than_it_states_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"vInfo.csv": b"VM\n" + b"web\n" * MIB})
    assert "cannot be read to its end" in refusal(lying(path, "vInfo.csv", 7))


def test_a_damaged_large_part_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MEASURED_MIB", 0)
    monkeypatch.setattr(book, "CalamineWorkbook", None)
    path = workbook(tmp_path / "x.xlsx")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    content[at : at + 40] = b"\xff" * 40
    path.write_bytes(content)
    assert "not where or as large as it says" in refusal(path)


def test_parts_that_overlap_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"vInfo.csv": "VM\nweb\n" * 50, "vDisk.csv": "VM\nweb\n" * 50})
    content = bytearray(path.read_bytes())
    second = content.rindex(b"PK\1\2")
    content[second + 42 : second + 46] = struct.pack("<I", 0)  # where the other part begins
    path.write_bytes(content)
    assert "not where or as large as it says" in refusal(path, check_file)


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", "<other/>")
    assert "not where or as large as it says" in refusal(path, check_file)


def test_too_many_parts_and_sheets_are_refused(tmp_path: Path) -> None:
    sheets = {f"xl/worksheets/sheet{number}.xml": b"" for number in range(300)}
    path = write_zip(tmp_path / "x.xlsx", parts_of(workbook(tmp_path / "y.xlsx")) | sheets)
    assert "at most 6,144 MiB, 1,000 parts and 200 sheets" in refusal(path, check_file)
    path = write_zip(tmp_path / "x.zip", {f"{number}.csv": b"VM" for number in range(1001)})
    assert "in 1,001 parts" in refusal(path, check_file)


def test_a_directory_of_parts_that_does_not_fit_into_memory_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    directory = 5 * MIB
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, directory, 8, 0)
    path.write_bytes(b"PK\3\4" + bytes(4) + bytes(directory) + end)
    assert "more than 1,000 parts" in refusal(path, check_file)


def test_a_part_without_a_name_and_a_folder_named_like_a_file_are_no_tables(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"vInfo.csv": "VM\nweb\n", "vDisk.csv/": "", "nameless": "VM\nweb"})
    path.write_bytes(path.read_bytes().replace(b"nameless", b"\0ameless"))
    assert read(path) == {"vInfo": [["VM"], ["web"]]}


@pytest.mark.parametrize("name", ["vInfo.csv", "docProps/core.xml", "a.xlsx"])
def test_a_part_whose_head_has_another_name_is_refused_or_left_out(tmp_path: Path, name: str) -> None:
    parts = parts_of(workbook(tmp_path / "a.xlsx")) if name.endswith("xml") else {name: b"VM\nweb"}
    path = write_zip(tmp_path / "x.zip", parts)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        head = archive.getinfo(name).header_offset
    content[head + 7] |= 8  # the name is said to be UTF-8
    content[head + 30] = 0xC3
    path.write_bytes(content)
    rows, said = rows_or_refusal(path)
    assert (rows[0][0] == "VM" and name.endswith("xml")) if rows else "damaged" in said


def test_an_unusual_packing_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"vInfo.csv": "VM\nweb"}, zipfile.ZIP_LZMA)
    assert "packed in an unusual way" in refusal(path, check_file)


def test_a_part_with_a_password_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"vInfo.csv": "VM\nweb"})
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    assert "encrypted" in refusal(path, check_file)


def test_an_archive_in_an_archive_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    inner = write_zip(
        tmp_path / "inner.zip", {"a.xlsx": parts_of(workbook(tmp_path / "w.xlsx"))["xl/workbook.xml"]}
    )
    path = write_zip(tmp_path / "x.zip", {"b.xlsx": inner.read_bytes()})
    assert "The workbook in the archive is none" in refusal(path)


def test_the_workbook_in_an_archive_is_checked_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = workbook(tmp_path / "inner.xlsx", zeros=bytes(3 * MIB))
    path = write_zip(tmp_path / "x.zip", {"b.xlsx": inner.read_bytes()})
    monkeypatch.setattr(container, "MAX_UNPACKED_MIB", 2)
    assert "would unpack to 3 MiB" in refusal(path)


# --- workbooks


def sheet_xml(cells: bytes, before: bytes = b"") -> bytes:
    return (
        before + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>VM</t></is></c></row>'
        b'<row r="2">' + cells + b"</row></sheetData></worksheet>"
    )


def test_a_sheet_with_too_many_cells_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MEASURED_MIB", 0)
    monkeypatch.setattr(container, "MAX_CELLS", 100)
    monkeypatch.setattr(book, "CalamineWorkbook", None)
    path = workbook(tmp_path / "x.xlsx", sheet1=sheet_xml(b'<c><v>1</v></c><c r="B2"/>' * 60))
    assert "A sheet has more than 100 cells" in refusal(path)


def test_one_part_under_the_names_of_many_sheets_is_refused(tmp_path: Path) -> None:
    text = parts_of(workbook(tmp_path / "x.xlsx"))["xl/workbook.xml"].decode()
    start, end = text.index("<sheet "), text.index("</sheets>")
    sheet = text[start:end]
    many = "".join(sheet.replace('"vInfo"', f'"s{number}"') for number in range(201))
    path = workbook(tmp_path / "x.xlsx", workbook=(text[:start] + many + text[end:]).encode())
    assert refusal(path) == "The workbook has more than 200 sheets: no export is like that."


def test_two_cells_at_the_corners_of_a_sheet_do_not_take_the_program_down(tmp_path: Path) -> None:
    corners = openpyxl.Workbook()
    sheet = corners.active
    assert sheet
    sheet.title = "vInfo"
    sheet["A1"], sheet["XFD1048576"] = "VM", "x"
    corners.save(tmp_path / "x.xlsx")
    assert "needs more memory or time than an export may" in refusal_of_the_reader(tmp_path / "x.xlsx")


LAUGHS = b"<!DOCTYPE lolz [<!ENTITY l0 'lol'>" + b"".join(
    b"<!ENTITY l%d '%s'>" % (number, b"&l%d;" % (number - 1) * 10) for number in range(1, 12)
)


@pytest.mark.parametrize(
    "declared",
    [
        LAUGHS + b"]>",
        b"<!DOCTYPE x [<!ENTITY l11 SYSTEM 'file:///etc/passwd'>]>",
        b"<!DOCTYPE x [<!ENTITY l11 SYSTEM 'http://127.0.0.1:9/x'>]>",
    ],
    ids=["a billion laughs", "a file", "an address"],
)
def test_entities_of_xml_are_not_expanded(tmp_path: Path, declared: bytes) -> None:
    cell = b'<c r="A2" t="inlineStr"><is><t>a&l11;b</t></is></c>'
    path = workbook(tmp_path / "x.xlsx", sheet1=sheet_xml(cell, declared))
    rows, said = rows_or_refusal(path)
    text = f"{rows}{said}"
    assert text
    assert len(text) < 300
    assert "root" not in text


def test_deeply_nested_xml_is_read_or_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", sheet1=sheet_xml(b"<a>" * 500_000))
    rows, said = rows_or_refusal(path)
    assert rows[:1] == [["VM"]] or "damaged or incomplete" in said


@pytest.mark.parametrize(
    "cells",
    [
        b'<c r="ZZZZZZZ99999999999"><v>1</v></c>',
        b'<c r="A0"><v>1</v></c>',
        b'<c t="s"><v>99999999999999</v></c>',
        b'<c t="s"><v>-1</v></c>',
        b'<c t="d"><v>not a date</v></c>',
        b'<c s="4000000"><v>1e308</v></c>',
        b"<c><v>1e99999</v></c>",
        b'<c t="b"><v>maybe</v></c>',
        b'<c t="zz"><v>1</v></c>',
        b"<c><v>\xff\xfe</v></c>",
    ],
)
def test_a_cell_that_no_program_writes_is_read_or_refused(tmp_path: Path, cells: bytes) -> None:
    path = workbook(tmp_path / "x.xlsx", sheet1=sheet_xml(cells))
    rows, said = rows_or_refusal(path)
    assert (rows and rows[0][0] == "VM") or "damaged or incomplete" in said


@pytest.mark.parametrize("record", [b"\x85\0", b"\xfc\0", b"\x08\x02", b"\x00\x02", b"\xfd\0", b"\x0a\0"])
def test_an_old_workbook_with_a_hostile_record_is_read_or_refused(tmp_path: Path, record: bytes) -> None:
    path = write_xls(tmp_path / "x.xls", {"vInfo": [["VM", "CPUs"], ["web", 2]]})
    content = path.read_bytes()
    at = content.find(record, 512)
    path.write_bytes(content[: at + 2] + b"\xff\xff" + content[at + 4 :])
    rows, said = rows_or_refusal(path)
    assert len(rows) <= 2
    assert rows or "damaged or incomplete" in said


# --- CSV files


def test_a_giant_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"VM,CPUs\n" + b"x" * 5_000_000)
    assert "A line has more than 4,000,000 characters" in refusal(path)


def test_millions_of_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"," * 3_000_000 + b"\n")
    assert "more than 16,384 columns" in refusal(path)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", ['"a,', '"a",', '"', '"a"b,', ',"', '""a,'])
def test_a_line_of_hundreds_of_thousands_of_quotes_takes_no_longer_than_others(
    tmp_path: Path, piece: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("VM,CPUs\n" + piece * 500_000 + "\nweb,2\n")
    rows, said = rows_or_refusal(path)
    assert (rows and rows[-1] == ["web", "2"]) or "columns" in said or "characters" in said


def test_a_row_that_goes_on_for_millions_of_lines_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b'VM,CPUs\n"web,2\n' + b"db,4\n" * 400_000)
    command = (
        "import sys; from pathlib import Path; from data.workbook.book import open_book\n"
        "with open_book(Path(sys.argv[1])) as book:\n"
        "    print(sum(1 for _ in book.sheets[0].rows()))\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    rows, peak_kib = map(int, done.stdout.split())
    assert rows == 400_002
    assert peak_kib < 100 * 1024


def test_a_file_of_broken_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_sheets, "MAX_DAMAGED", 10)
    path = tmp_path / "x.csv"
    path.write_text("VM,CPUs\n" + "web,2,3,4\n" * 20)
    assert "More than 10 rows of x do not have as many cells as its header; the first is row 2" in refusal(
        path
    )


# --- databases


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(
            "CREATE TABLE machines (vm TEXT, imported_at TEXT);"
            "CREATE VIEW virtual_machines AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT CAST(i AS TEXT) AS vm, '' AS imported_at FROM n;"
            "CREATE TRIGGER t INSTEAD OF INSERT ON virtual_machines BEGIN SELECT 1; END",
            id="a view without an end",
        ),
        pytest.param(
            "CREATE VIRTUAL TABLE virtual_machines USING fts5(vm, imported_at)", id="a virtual table"
        ),
        pytest.param("CREATE TABLE virtual_machines (name TEXT, imported_at TEXT, id INTEGER)", id="no name"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, schema: str) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(schema)
    connection.close()
    assert "not that of the former dashboard" in refusal(path)


def test_what_a_database_would_run_is_not_run(tmp_path: Path) -> None:
    endless = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)"
    schema = (
        f"{PREDECESSOR_TABLE};"
        "ALTER TABLE virtual_machines ADD COLUMN host TEXT AS (hex(zeroblob(100000000))) VIRTUAL;"
        f"CREATE VIEW other AS SELECT {endless} AS x;"
        f"CREATE TRIGGER t AFTER UPDATE ON virtual_machines BEGIN SELECT {endless}; END"
    )
    path = write_predecessor(tmp_path / "x.db", {"vm": "web"}, before=schema)
    (header, row) = read(path)["vInfo"]
    assert "Host" not in header
    assert row[0] == "web"


def test_a_database_is_never_written(tmp_path: Path) -> None:
    path = write_predecessor(tmp_path / "x.db", {"vm": "web"})
    tmp_path.chmod(0o500)
    try:
        assert len(read(path)["vInfo"]) == 2
    finally:
        tmp_path.chmod(0o700)
    assert [file.name for file in tmp_path.iterdir()] == ["x.db"]


def test_odd_values_in_a_database_are_cells_all_the_same(tmp_path: Path) -> None:
    path = write_predecessor(
        tmp_path / "x.db", {"vm": b"w\xffb", "cpus": "many", "memory": 2**62, "template": "yes"}
    )
    header, row = read(path)["vInfo"]
    assert dict(zip(header, row, strict=True)).items() >= {
        "VM": "w\ufffdb", "CPUs": "many", "Memory": 2**62, "Template": "yes", "Cluster": "",
    }.items()  # fmt: skip


# --- the process that reads


def instead(monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    """Have the reader run some code before its own."""
    start = subprocess.Popen
    code = f"{first}; import runpy; runpy.run_module('data.workbook', run_name='__main__', alter_sys=True)"
    monkeypatch.setattr(
        subprocess,
        "Popen",
        lambda command, **how: start([sys.executable, "-c", code, *command[3:]], **how),
    )


def test_a_reader_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert process.MAX_READER_SECONDS >= 9 * 90, "many times what the largest export needs"
    path = tmp_path / "x.csv"
    path.write_bytes(b"VM,CPUs\n" + b"web,2\n" * 4_000_000)
    instead(monkeypatch, "from data.workbook import process; process.MAX_READER_SECONDS = 1")
    assert "needs more memory or time than an export may" in refusal_of_the_reader(path)
    assert f"ended with status -{signal.SIGKILL.value}" in caplog.text


def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = "from unittest import mock; from data.workbook import read"
    instead(
        monkeypatch, f"{full}; read.read_workbook = mock.Mock(side_effect=OSError({errno.ENOSPC}, 'full'))"
    )
    path = tmp_path / "x.csv"
    path.write_bytes(b"VM,CPUs\nweb,2\n")
    with pytest.raises(DiskFullError, match="no room"), opened(path, lambda _progress: None):
        pass
