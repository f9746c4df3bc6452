"""Files of every kind that an export comes in are opened, and all others refused in a sentence."""

from __future__ import annotations

import shutil
import struct
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import FileRefusedError
from data.vocabulary import FileFormat
from data.workbook.book import open_book, pack_csvs
from tests.data.exports import (
    csv_text,
    write_csv,
    write_locked_xls,
    write_predecessor,
    write_xls,
    write_zip,
)
from tests.data.workbooks import write_workbook

SAMPLES = Path(__file__).parents[1] / "samples"
ROWS = [["VM", "CPUs"], ["web", "2"], ["db", "4"]]
MOMENT = datetime(2016, 5, 1, 2, 3, 4)


def sheets_of(path: Path) -> tuple[FileFormat, dict[str, list[list[Any]]]]:
    with open_book(path) as book:
        return book.format, {sheet.name: [list(row) for row in sheet.rows()] for sheet in book.sheets}


def refusal(path: Path) -> str:
    with pytest.raises(FileRefusedError) as refused:
        sheets_of(path)
    return str(refused.value)


@pytest.mark.parametrize("name", ["export.xlsx", "export.xls", "export.csv", "export.zip", "export"])
def test_a_workbook_is_read_whatever_its_suffix(tmp_path: Path, name: str) -> None:
    path = write_workbook(tmp_path / "export.bin", {"vInfo": ROWS, "vDisk": [["VM"], ["web"]]})
    path = path.rename(tmp_path / name)
    assert sheets_of(path) == (FileFormat.XLSX, {"vInfo": ROWS, "vDisk": [["VM"], ["web"]]})


def test_a_workbook_with_macros_is_read_without_them(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "export.xlsm", {"vInfo": ROWS})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"no macro at all")
    assert sheets_of(path) == (FileFormat.XLSX, {"vInfo": ROWS})


def test_a_sheet_says_how_many_rows_it_has(tmp_path: Path) -> None:
    with open_book(write_workbook(tmp_path / "export.xlsx", {"vInfo": ROWS})) as book:
        (sheet,) = book.sheets
        rows = sheet.rows()
        assert sheet.height == 3
        assert len(list(rows)) == 3


def test_a_sheet_that_claims_a_million_rows_has_those_that_are_there() -> None:
    _format, sheets = sheets_of(SAMPLES / "libreoffice-4.6-million-row-dimension.xlsx")
    assert {name: len(rows) for name, rows in sheets.items()}["vInfo"] == 10


def test_an_old_workbook_gives_text_numbers_dates_and_booleans(tmp_path: Path) -> None:
    rows = [["VM", "CPUs", "Memory", "Template", "PowerOn", "Folder"], ["wéb", 2, 4096.5, True, MOMENT, ""]]
    path = write_xls(tmp_path / "export.xlsx", {"tabvInfo": rows})
    assert sheets_of(path) == (FileFormat.XLS, {"tabvInfo": rows})


def test_the_summary_of_an_old_workbook_says_when_it_was_made(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "export.xls", {"vInfo": ROWS})
    ticks = (MOMENT - datetime(1601, 1, 1)) // timedelta(microseconds=1) * 10
    section = struct.pack("<IIIIII", 48, 2, 8, 24, 12, 32) + bytes(8) + struct.pack("<IQ", 0x40, ticks)
    summary = struct.pack("<HHI16xI", 0xFFFE, 0, 2, 1)
    summary += bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9") + struct.pack("<I", 48) + section
    path.write_bytes(path.read_bytes() + summary)
    with open_book(path) as book:
        assert book.created == MOMENT


@pytest.mark.parametrize("kind", [0, 1])
def test_an_old_workbook_with_a_password_is_refused(tmp_path: Path, kind: int) -> None:
    assert "protected with a password" in refusal(write_locked_xls(tmp_path / "export.xls", kind=kind))


def test_a_new_workbook_with_a_password_is_refused(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "export.xlsx", {"vInfo": ROWS})
    wrapped = path.read_bytes().replace("Workbook".encode("utf-16-le"), "Encrypte".encode("utf-16-le"))
    path.write_bytes(wrapped + "EncryptedPackage".encode("utf-16-le"))
    assert "protected with a password" in refusal(path)


def test_another_old_office_document_is_refused(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "export.xls", {"vInfo": ROWS})
    path.write_bytes(
        path.read_bytes().replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le"))
    )
    assert "not an Excel workbook" in refusal(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_csv_file_is_read_in_every_dialect(
    tmp_path: Path, delimiter: str, encoding: str, *, quoted: bool
) -> None:
    rows = [
        ["VM", "Memory", "Annotation", "Host"],
        ["wéb", "8,192", 'two\nlines, a "quote"; and more', "esx1"],
        ["db", "1.024", "", "esx2"],
    ]
    path = write_csv(tmp_path / "vInfo.csv", rows, encoding=encoding, delimiter=delimiter, quoted=quoted)
    assert sheets_of(path) == (FileFormat.CSV, {"vInfo": rows})


def test_the_header_decides_about_the_separator(tmp_path: Path) -> None:
    rows = [["VM", "Annotation"], ["web", "a, b, c, d, e"], ["db", "f, g, h, i"]]
    path = write_csv(tmp_path / "vInfo.csv", rows, delimiter=";")
    assert sheets_of(path)[1] == {"vInfo": rows}


@pytest.mark.parametrize("separator", [";", "|"])
def test_the_line_in_which_excel_names_the_separator_is_no_row(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "vInfo.csv"
    path.write_text(f"sep={separator}\n" + csv_text(ROWS, delimiter=separator))
    assert sheets_of(path)[1] == {"vInfo": ROWS}


def test_a_title_above_the_header_does_not_decide_how_wide_a_csv_file_is(tmp_path: Path) -> None:
    path = tmp_path / "vInfo.csv"
    path.write_text("Our machines\n\n" + csv_text([["VM", "CPUs", "Host"], ["web", "2", "esx1"]]))
    assert sheets_of(path)[1]["vInfo"] == [
        ["Our machines", "", ""],
        ["", "", ""],
        ["VM", "CPUs", "Host"],
        ["web", "2", "esx1"],
    ]


def test_a_list_of_names_is_a_csv_file_with_one_column(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("VM\nweb\ndb\n")
    assert sheets_of(path)[1] == {"names": [["VM"], ["web"], ["db"]]}


HEADER = "VM,Powerstate,Annotation,Datacenter,Cluster,Host,OS,VM ID,VM UUID,VI SDK Server"
TAIL = ",DC1,C1,esx1,Linux,vm-1,u-1,vc1"
QUOTED_HEADER = '"' + HEADER.replace(",", '","') + '"'
QUOTED_TAIL = TAIL.replace(",", '","') + '"'


@pytest.mark.parametrize(
    ("line", "note"),
    [
        pytest.param(f'web,on,19" rack{TAIL}', '19" rack', id="a lone quote inside a bare cell"),
        pytest.param(f'web,on,"rack 19{TAIL}', '"rack 19', id="a lone quote before a bare cell"),
        pytest.param(f'web,on,"19" rack"{TAIL}', '19" rack', id="a lone quote in a quoted cell"),
        pytest.param(
            f'web,on,"the "big" one"{TAIL}', 'the "big" one', id="a pair of quotes in a quoted cell"
        ),
        pytest.param(f'web,on,"rack 19""{TAIL}', 'rack 19"', id="a lone quote at the end of a quoted cell"),
        pytest.param(f"web,on,two\nlines{TAIL}", "two\nlines", id="a line break in a bare cell"),
        pytest.param(f'web,on,"19" rack,\ntwo "lines""{TAIL}', '19" rack,\ntwo "lines"', id="all of it"),
        pytest.param(f'web,on,"19", 20" rack, x{TAIL}', None, id="nothing fits"),
    ],
)
def test_a_row_with_broken_quotes_neither_shifts_nor_swallows_others(
    tmp_path: Path, line: str, note: str | None
) -> None:
    path = tmp_path / "vInfo.csv"
    path.write_text(f"{HEADER}\nfirst,on,{TAIL}\n{line}\nlast,on,{TAIL}\n")
    with open_book(path) as book:
        (sheet,) = book.sheets
        rows = [list(row) for row in sheet.rows()]
    tail = TAIL[1:].split(",")
    assert rows[1] == ["first", "on", "", *tail]
    assert rows[-1] == ["last", "on", "", *tail]
    if note is None:
        assert sheet.damaged
        assert not any(row[0].startswith("two") for row in rows)
    else:
        assert rows[2:-1] == [["web", "on", note, *tail]]
        assert list(sheet.damaged) == []


def test_quotes_are_not_doubled_in_a_file_of_quoted_cells_and_separators(tmp_path: Path) -> None:
    path = tmp_path / "vInfo.csv"
    path.write_text(f'{QUOTED_HEADER}\n"web","on","the "big", or "small" one{QUOTED_TAIL}\n')
    assert sheets_of(path)[1]["vInfo"][1][:3] == ["web", "on", 'the "big", or "small" one']


def test_two_rows_with_a_lone_quote_each_stay_two_rows(tmp_path: Path) -> None:
    path = tmp_path / "vInfo.csv"
    lines = "".join(f'web{n},on,"rack{TAIL}\n' for n in range(3))
    path.write_text(f"{HEADER}\n{lines}")
    assert [row[0] for row in sheets_of(path)[1]["vInfo"]] == ["VM", "web0", "web1", "web2"]


PIECES = ["a", "b", '"', '""', ",", ";", "\t", " ", "\n", "\r\n", "\u00e4", "\U0001f5a5"]
CELLS = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6)
    ),
    delimiter=st.sampled_from(",;\t"),
    quoted=st.booleans(),
)
def test_whatever_is_in_the_cells_a_sound_csv_file_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str, *, quoted: bool
) -> None:
    width = len(rows[0]) if rows else 2
    path = tmp_path_factory.mktemp("csv") / "vInfo.csv"
    table = [[f"column {at}" for at in range(width)], *rows]
    write_csv(path, table, delimiter=delimiter, quoted=quoted)
    assert sheets_of(path)[1] == {"vInfo": [[cell.replace("\r\n", "\n") for cell in row] for row in table]}


def test_a_note_of_several_lines_with_separators_is_one_cell(tmp_path: Path) -> None:
    rows = [["VM", "Annotation"], ["web", "Owner: Ann\nphone 1, 2"], ["db", "a,b\nc,d\ne,f"]]
    assert sheets_of(write_csv(tmp_path / "vInfo.csv", rows))[1] == {"vInfo": rows}


def test_a_stray_control_character_is_part_of_its_cell(tmp_path: Path) -> None:
    rows = [
        ["VM", "Annotation"],
        *(["web", "a\0b"] for _ in range(3)),
        *(["db", "nothing odd"] for _ in range(99)),
    ]
    assert sheets_of(write_csv(tmp_path / "vInfo.csv", rows))[1] == {"vInfo": rows}


def test_a_quote_that_is_never_closed_costs_its_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "vInfo.csv"
    others = "".join(f"vm{n},on,{TAIL}\n" for n in range(3000))
    path.write_text(f'{HEADER}\nweb,on,"19,20,21{TAIL}\n{others}')
    with open_book(path) as book:
        rows = list(book.sheets[0].rows())
        (damaged,) = book.sheets[0].damaged
    assert (damaged.number, damaged.text) == (2, f'web,on,"19,20,21{TAIL}')
    assert "does not have 10 cells" in damaged.reason
    assert [row[0] for row in rows[:4]] == ["VM", "", "vm0", "vm1"]
    assert len(rows) == 3002


def test_a_row_with_too_few_cells_is_filled_up_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "vInfo.csv"
    path.write_text("VM,CPUs,Host\nweb,2,esx1\ndb,4\nmail,8,esx2\n")
    with open_book(path) as book:
        rows = [list(row) for row in book.sheets[0].rows()]
        (damaged,) = book.sheets[0].damaged
    assert rows[1:] == [["web", "2", "esx1"], ["db", "4", ""], ["mail", "8", "esx2"]]
    assert (damaged.number, damaged.reason) == (3, "has 2 of 3 cells; the others were left empty")


def test_a_row_with_too_many_cells_is_left_out_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "vInfo.csv"
    path.write_text("VM,CPUs\nweb,2,esx1\ndb,4,,\n")
    with open_book(path) as book:
        rows = [list(row) for row in book.sheets[0].rows()]
        (damaged,) = book.sheets[0].damaged
    assert rows == [["VM", "CPUs"], ["", ""], ["db", "4"]]
    assert (damaged.number, damaged.text) == (2, "web,2,esx1")


def test_a_folder_of_csv_files_in_an_archive_is_one_export(tmp_path: Path) -> None:
    disks = [["VM", "Disk"], ["web", "Hard disk 1"]]
    path = write_zip(
        tmp_path / "export.zip",
        {
            "RVTools_2016/RVTools_tabvInfo.csv": csv_text(ROWS, delimiter=";").encode("utf-16"),
            "RVTools_2016\\RVTools_tabvDisk.CSV": csv_text(disks),
            "__MACOSX/RVTools_2016/._RVTools_tabvInfo.csv": b"\0\5\x16\7",
            "RVTools_2016/readme.txt": "nothing",
            "RVTools_2016/older.zip": b"PK nothing",
        },
    )
    assert sheets_of(path) == (
        FileFormat.CSV_SET,
        {"RVTools_tabvInfo": ROWS, "RVTools_tabvDisk": disks},
    )


def test_an_archive_of_several_exports_is_refused(tmp_path: Path) -> None:
    parts = {"a/RVTools_tabvInfo.csv": csv_text(ROWS), "b/vInfo.csv": csv_text(ROWS), "b/vDisk.csv": "VM"}
    assert "2 CSV files of the tab vInfo, so it is more than one export" in refusal(
        write_zip(tmp_path / "x", parts)
    )


def test_names_in_an_archive_are_never_used_as_paths(tmp_path: Path) -> None:
    places = ["../../", f"{tmp_path}/", "C:\\"]
    path = write_zip(
        tmp_path / "x.zip",
        {f"{place}evil{number}.csv": csv_text(ROWS) for number, place in enumerate(places)},
    )
    assert list(sheets_of(path)[1]) == ["evil0", "evil1", "evil2"]
    assert [found.name for found in tmp_path.rglob("*")] == ["x.zip"]


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm", ".xls"])
def test_an_archive_with_one_workbook_is_that_workbook(tmp_path: Path, suffix: str) -> None:
    write = write_xls if suffix == ".xls" else write_workbook
    inner = write(tmp_path / f"inner{suffix}", {"vInfo": ROWS})
    path = write_zip(tmp_path / "export.zip", {f"a/b{suffix}": inner.read_bytes(), "a/readme.txt": "x"})
    found, sheets = sheets_of(path)
    assert found is (FileFormat.XLS if suffix == ".xls" else FileFormat.XLSX)
    assert sheets == {"vInfo": ROWS}


def test_several_csv_files_pack_into_the_same_archive_whenever_and_in_whatever_order(tmp_path: Path) -> None:
    files = [
        ("list.csv", write_csv(tmp_path / "1", ROWS)),
        ("vDisk.csv", write_csv(tmp_path / "2", [["VM"], ["web"]])),
        ("list.csv", write_csv(tmp_path / "3", [["VM"], ["mail"]])),
    ]
    pack_csvs(files, tmp_path / "one.zip")
    touched = [(name, Path(shutil.copy(path, tmp_path / f"copy-{path.name}"))) for name, path in files]
    pack_csvs([touched[1], touched[0], touched[2]], tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with open_book(tmp_path / "one.zip") as book:
        assert [sheet.name for sheet in book.sheets] == ["list", "list", "vDisk"]
        assert [list(sheet.rows())[1][0] for sheet in book.sheets] == ["web", "mail", "web"]


def test_the_database_of_the_former_dashboard_is_the_tab_it_was_filled_from(tmp_path: Path) -> None:
    machine = {
        "vm": "web",
        "template": False,
        "cpus": 2,
        "provisioned_mib": 1024.5,
        "network_1": "lan",
        "os_config": "Linux",
        "poweron": "2026-08-01 10:00:00.000000",
        "code_ccx": "A1",
        "vm_uuid": "u-1",
    }
    path = write_predecessor(tmp_path / "vmware_inventory.db", machine, {"vm": "db", "vm_uuid": "u-2"})
    before = path.read_bytes()
    with open_book(path) as book:
        (sheet,) = book.sheets
        header, web, db = (list(row) for row in sheet.rows())
    row = dict(zip(header, web, strict=True))
    assert (book.format, book.created) == (FileFormat.PREDECESSOR, datetime(2026, 9, 1, 8))
    assert (sheet.name, sheet.height) == ("vInfo", 3)
    assert row["VM"] == "web"
    assert (row["Template"], row["CPUs"], row["Provisioned MiB"]) == (0, 2, 1024.5)
    assert (row["Network #1"], row["OS according to the configuration file"]) == ("lan", "Linux")
    assert (row["PowerOn"], row["CODE_CCX"], row["Memory"]) == ("2026-08-01 10:00:00.000000", "A1", "")
    assert dict(zip(header, db, strict=True))["VM"] == "db"
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(b"<!DOCTYPE html><table><tr><td>VM</table>", "web page or XML", id="html"),
        pytest.param(b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "web page or XML", id="xml"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "a PDF document", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "a picture", id="png"),
        pytest.param(b"\x1f\x8b\x08\0\0", "a gzip archive", id="gzip"),
        pytest.param(b"VM\0web\0\1\2", "no text", id="binary"),
        pytest.param("VM,CPUs\nweb,2\n".encode("utf-32"), "no text", id="utf-32"),
        pytest.param(b"PK\3\4 cut off", "damaged or incomplete", id="cut"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not an Excel workbook", id="ole"),
        pytest.param(b"SQLite format 3\0" + bytes(84), "damaged or incomplete", id="sqlite"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "export.xlsx"
    path.write_bytes(content)
    said = refusal(path)
    assert words in said
    assert "Needed is what RVTools exports" in said


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"[Content_Types].xml": "", "xl/workbook.bin": ""}, ".xlsb format"),
        ({"[Content_Types].xml": "", "word/document.xml": ""}, "not an Excel workbook"),
        ({"mimetype": "x", "content.xml": "", "META-INF/manifest.xml": ""}, "LibreOffice"),
        ({"readme.txt": "x"}, "neither a workbook nor CSV files"),
        ({"inner.zip": "PK"}, "neither a workbook nor CSV files"),
        ({}, "neither a workbook nor CSV files"),
        ({"a.xlsx": "", "b.xlsx": ""}, "(workbooks: 2, CSV files: 0)"),
        ({"a.xlsx": "", "vInfo.csv": "VM"}, "(workbooks: 1, CSV files: 1)"),
        ({"a.xlsx": "VM"}, "The workbook in the archive is none"),
    ],
)
def test_an_archive_of_something_else_is_refused_in_a_sentence(
    tmp_path: Path, parts: dict[str, str], words: str
) -> None:
    assert words in refusal(write_zip(tmp_path / "export.xlsx", parts))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".zip", ".db"])
def test_a_file_that_was_cut_off_is_refused_in_a_sentence(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"export{suffix}"
    rows = [["VM", "CPUs"], *([f"web{number}", f"{number}"] for number in range(500))]
    match suffix:
        case ".xlsx":
            write_workbook(path, {"vInfo": rows})
        case ".xls":
            write_xls(path, {"vInfo": rows})
        case ".zip":
            write_zip(path, {"vInfo.csv": csv_text(rows)})
        case _:
            write_predecessor(path, *({"vm": name, "vm_uuid": name} for name, _cpus in rows))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(path)


def test_a_database_that_is_being_written_is_refused(tmp_path: Path) -> None:
    path = write_predecessor(tmp_path / "x.db", {"vm": "web"})
    (tmp_path / "x.db-wal").write_bytes(b"changes")
    assert "Stop it and import the file again" in refusal(path)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = write_predecessor(tmp_path / "x.db", before="CREATE TABLE machines (vm TEXT)")
    assert "not that of the former dashboard" in refusal(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "nothing.xlsx")
