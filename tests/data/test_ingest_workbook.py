"""From a workbook to typed rows: finding tables, and refusing what is none."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from data.errors import FileRefusedError
from data.workbook import container
from data.workbook.process import Progress, opened
from data.workbook.spool import Workbook
from tests.data.readings import nothing, records
from tests.data.workbooks import CREATED, Rows, table, vm, write_workbook

Read = Callable[[dict[str, Rows]], Workbook]
SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """Write tabs into a workbook and read it back."""
    with ExitStack() as stack:
        yield lambda tabs: stack.enter_context(
            opened(write_workbook(tmp_path / "x.xlsx", tabs), nothing)
        ).workbooks[0]


def names(workbook: Workbook) -> list[str]:
    return [record["name"] for record in records(workbook)]


def test_values_keep_their_kind_between_reading_and_storing(read: Read) -> None:
    rows = table(
        vm("web", 1, Creation_date=datetime(2025, 2, 26, 12, 53), HW_version=19, CBT="TRUE", Owner="me")
    )
    workbook = read({"vInfo": rows})
    [record] = records(workbook)
    assert record["created_at"] == datetime(2025, 2, 26, 12, 53)
    assert (record["cpus"], record["memory_mib"], record["cbt"], record["hw_version"]) == (
        2,
        4096.0,
        True,
        "19",
    )
    assert next(workbook.rows("vInfo"))[-1] == {"Owner": "me"}


def test_the_header_may_stand_below_a_title_and_blank_rows(read: Read) -> None:
    header, *rows = table(vm("a"), vm("b"))
    assert names(read({"vInfo": [["Inventory of September"], [], header, *rows]})) == ["a", "b"]


def test_blank_rows_in_between_do_not_end_the_table(read: Read) -> None:
    header, first, second = table(vm("a"), vm("b"))
    assert names(read({"vInfo": [header, [], first, ["", "  "], [], second]})) == ["a", "b"]


def test_a_row_of_which_nothing_can_be_read_is_blank(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("VM,Host\nweb,esx1\n\x01\x02, \x03\ndb,esx2\n")
    with opened(path, nothing) as reading:
        assert names(reading.workbooks[0]) == ["web", "db"]


def test_repeated_headers_notes_and_totals_are_skipped_and_counted(read: Read) -> None:
    header, *rows = table(vm("a"), vm("VM"), vm("b"))
    total = ["Total", "", "", 6, 12288]
    note = ["Exported by the night shift"]
    aside = ["", "", "", 6, 12288]
    workbook = read({"vInfo": [header, *rows[:2], header, rows[2], aside, total, [], note]})
    assert names(workbook) == ["a", "VM", "b"]
    tab = workbook.tabs["vInfo"]
    assert (tab.rows, tab.skipped) == (3, 4)
    assert tab.remarks == ("vInfo: 4 rows name nothing to store (headers, notes or totals) and left out.",)


def test_a_row_between_machines_that_has_only_a_name_is_a_machine(read: Read) -> None:
    header, first, last = table(vm("a"), vm("c"))
    assert sorted(names(read({"vInfo": [header, first, ["b"], last]}))) == ["a", "b", "c"]


def test_where_no_row_has_more_than_a_name_every_name_is_a_machine(read: Read) -> None:
    assert names(read({"vInfo": [["VM", "Powerstate", "CPUs"], ["a", "", 1], ["b", "", 2]]})) == ["a", "b"]


def test_a_machine_without_a_name_is_known_by_its_id(read: Read) -> None:
    workbook = read({"vInfo": table(vm("", 7), vm("b", 8))})
    assert [(record["name"], record["vm_id"]) for record in records(workbook)] == [
        (None, "vm-7"),
        ("b", "vm-8"),
    ]


def test_unreadable_cells_are_left_empty_with_one_warning_per_column(read: Read) -> None:
    rows = table(vm("a", CPUs="many"), vm("b", CPUs="more"), vm("c"), vm("d", Template="perhaps"))
    workbook = read({"vInfo": rows})
    assert [record["cpus"] for record in records(workbook)] == [None, None, 2, 2]
    assert workbook.tabs["vInfo"].remarks == (
        "vInfo, column “Template”: 1 cell is not yes or no and left empty; the first, in row 5, is “perhaps”.",
        "vInfo, column “CPUs”: 2 cells are not a whole number and left empty; the first, in row 2, is “many”.",
    )


def test_names_that_are_too_long_are_cut_with_a_warning(read: Read) -> None:
    workbook = read({"vInfo": table(vm("x" * 256))})
    assert names(workbook) == ["x" * 255]
    assert workbook.tabs["vInfo"].remarks == (
        "vInfo, column “VM”: 1 cell is longer than 255 characters and cut.",
    )


def test_filled_cells_are_counted_per_column_and_attribute(read: Read) -> None:
    workbook = read(
        {"vInfo": table(vm("a", Owner="x", DNS_Name="a.example.com"), vm("b"), vm("c", Owner="y"))}
    )
    filled = workbook.tabs["vInfo"].filled
    assert (filled["name"], filled["dns_name"], filled["attr:Owner"]) == (3, 1, 2)


def test_a_sheet_that_rvtools_does_not_write_is_kept_row_by_row_and_named(read: Read) -> None:
    notes = [["Exported by the night shift"], ["Topic", "Note", "Topic"], [], ["Backup", "daily", 7.0]]
    workbook = read({"vInfo": table(vm("a")), "notes": notes})
    tab = workbook.tabs["notes"]
    assert (tab.is_known, tab.keys, tab.rows) == (False, ("row_number",), 2)
    assert tab.attributes == ("Topic", "Note", "Topic (2)")
    assert list(workbook.rows("notes")) == [
        (1, {"Topic": "Exported by the night shift"}),
        (4, {"Topic": "Backup", "Note": "daily", "Topic (2)": "7"}),
    ]
    assert tab.remarks == ("“notes” is no tab of RVTools; its rows are kept as they are.",)


def test_a_tab_without_its_headers_is_kept_as_another_sheet_and_named(read: Read) -> None:
    workbook = read({"vInfo": table(vm("a")), "vDisk": [["something", "else"], [1, 2]]})
    assert "vDisk" not in workbook.tabs
    assert list(workbook.rows("vDisk (2)")) == [(2, {"something": "1", "else": "2"})]
    assert workbook.part.tabs[1].remarks == (
        "vDisk has no header row that RVTools writes; its rows are kept as they are.",
    )


def test_an_empty_tab_is_named_and_an_empty_sheet_is_not(read: Read) -> None:
    workbook = read({"vInfo": table(vm("a")), "vDisk": [], "Sheet2": []})
    assert list(workbook.tabs) == ["vInfo"]
    [tab] = workbook.part.tabs[1:]
    assert (tab.name, tab.is_stored) == ("vDisk", False)
    assert tab.remarks == ("vDisk is empty: it does not even have a header row.",)


def test_a_tab_with_a_header_and_no_row_is_there_and_empty(read: Read) -> None:
    workbook = read({"vInfo": table(vm("a")), "vSnapshot": [["VM", "Powerstate", "Name", "Date / time"]]})
    assert workbook.tabs["vSnapshot"].rows == 0


def test_a_dimension_of_a_million_rows_is_only_a_claim() -> None:
    with opened(SAMPLES / "libreoffice-4.6-million-row-dimension.xlsx", nothing) as reading:
        [workbook] = reading.workbooks
        assert {name: tab.rows for name, tab in workbook.tabs.items()} == {
            "vInfo": 9, "vCPU": 9, "vMemory": 9, "vDisk": 9, "vPartition": 9, "vHost": 7,
        }  # fmt: skip


def test_inline_strings_of_openpyxl_read_like_shared_ones(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("vInfo")
    for row in table(vm("a", 1), vm("b", 2)):
        sheet.append(row)
    book.save(tmp_path / "x.xlsx")
    with opened(tmp_path / "x.xlsx", nothing) as reading:
        assert names(reading.workbooks[0]) == ["a", "b"]


def test_progress_moves_from_tab_to_tab_up_to_the_whole(tmp_path: Path) -> None:
    rows = table(*(vm(f"m{number}", number) for number in range(4500)))
    disks = table({"VM": "m1", "Disk": "Hard disk 1", "Powerstate": "poweredOn"})
    seen: list[Progress] = []
    with opened(write_workbook(tmp_path / "x.xlsx", {"vInfo": rows, "vDisk": disks}), seen.append):
        shares = [progress.share for progress in seen]
    assert shares == sorted(shares)
    assert 0.5 <= shares[-1] <= 1
    assert seen[-1].tab == "vDisk"


@pytest.mark.parametrize(
    ("properties", "created"),
    [
        ({"created": CREATED}, CREATED),
        ({"created": datetime(2006, 9, 16)}, None),
    ],
    ids=["of this file", "of the template Excel starts from"],
)
def test_document_properties_say_when_a_workbook_was_made(
    tmp_path: Path, properties: dict[str, datetime], created: datetime | None
) -> None:
    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": table(vm("a"))}, **properties)
    if created is None:
        path = without_part(path, "dcterms:modified")
    assert container.document_created(path) == created


def without_part(path: Path, element: str) -> Path:
    """The same workbook, whose document properties lack an element."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts["docProps/core.xml"].decode()
    start, end = text.index(f"<{element}"), text.index(f"</{element}>")
    parts["docProps/core.xml"] = (text[:start] + text[end + len(element) + 3 :]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileRefusedError) as refused, opened(path, nothing):
        pass
    return str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.xlsx") == "The file cannot be read: No such file or directory."


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "The file cannot be read: Is a directory."


def test_a_workbook_with_a_broken_sheet_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": table(vm("a"))})
    rewritten = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    path.write_bytes(rewritten.getvalue())
    assert "damaged" in refusal(path)


def test_a_workbook_without_machines_is_refused_with_the_sheets_it_has(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "x.xlsx", {"Budget": [["a"]], "vHost": [["Host"]]})
    assert refusal(path) == (
        "The file is not an RVTools export: it has no tab vInfo, and no other sheet with a header row from which "
        "machines could be read (found: Budget, vHost)."
    )


def test_a_reader_whose_listener_fails_is_stopped_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spools = tmp_path / "spools"
    spools.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spools))

    def stop(_progress: Progress) -> None:
        raise KeyboardInterrupt

    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": table(vm("a"))})
    with pytest.raises(KeyboardInterrupt), opened(path, stop):
        pass
    assert not list(spools.iterdir())
