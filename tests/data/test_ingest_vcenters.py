"""Rows of one file are dealt to the vCenters that they come from; a spool that stays is used again."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from data.errors import FileRefusedError
from data.results import HeaderMapping
from data.workbook.process import ANSWER_FILE, SPOOL, Progress, opened
from tests.data.readings import names, nothing, read, records, remarks, write_csvs
from tests.data.workbooks import Rows, table, vm, write_workbook

ONE, TWO = "11111111-0000-0000-0000-000000000000", "22222222-0000-0000-0000-000000000000"


def source(server: str, uuid: str) -> dict[str, str]:
    return {"VI SDK Server": server, "VI SDK UUID": uuid}


A, B, NOBODY = source("vc-a", ONE), source("vc-b", TWO), source("", "")


def machine(name: str, number: int, of: dict[str, str], **more: Any) -> dict[str, Any]:
    return vm(name, number, **more) | of


def disk(name: str, vm_id: str, of: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"VM": name, "VM ID": vm_id, "VM UUID": "", "Disk": "Hard disk 1", "Capacity MiB": 10} | of | more


def parts_of(
    folder: Path, tabs: dict[str, Rows], **options: Any
) -> list[tuple[str | None, str | None, list[str]]]:
    with read(folder, tabs, **options) as reading:
        return [(found.part.server, found.part.uuid, names(found)) for found in reading.workbooks]


def test_each_vcenter_of_a_file_is_a_part_with_its_own_rows_and_counts(tmp_path: Path) -> None:
    vinfo = table(machine("a", 1, A, Owner="me"), machine("b", 1, B), machine("c", 2, A), machine("d", 2, B))
    tabs = {
        "vInfo": [*vinfo, [], ["note"]],
        "vHost": table({"Host": "esx1", "Datacenter": "D"} | A, {"Host": "esx2", "Datacenter": "D"} | B),
        "vDisk": table(disk("a", "vm-1", A), disk("c", "vm-2", A)),
        "vMetaData": table(
            {"RVTools version": "4.7", "Server": "vc-a"}, {"RVTools version": "4.6", "Server": "VC-B"}
        ),
        "Notes": [["Topic", "Note"], ["Backup", "daily"]],
    }
    with read(tmp_path, tabs) as reading:
        one, two = reading.workbooks
        assert [(part.server, part.uuid) for part in reading.content.parts] == [("vc-a", ONE), ("vc-b", TWO)]
        assert (names(one), names(two)) == (["a", "c"], ["b", "d"])
        assert (names(one, "vHost"), names(two, "vHost")) == (["esx1"], ["esx2"])
        assert [found.tabs["vDisk"].rows for found in (one, two)] == [2, 0]
        assert [row["rvtools_version"] for row in records(two, "vMetaData")] == ["4.6"]
        vinfo_of = [found.tabs["vInfo"] for found in (one, two)]
        assert [(tab.rows, tab.skipped, tab.filled["attr:Owner"]) for tab in vinfo_of] == [
            (2, 1, 1),
            (2, 0, 0),
        ]
        assert [tab.sources for tab in vinfo_of] == [(("vc-a", ONE),), (("vc-b", TWO),)]
        assert [tab.filled["cpus"] for tab in vinfo_of] == [2, 2]
        assert ("Notes" in one.tabs, "Notes" in two.tabs) == (True, False)
        assert len(remarks(reading)) == 2


def test_one_vcenter_that_the_operator_names_takes_all_rows(tmp_path: Path) -> None:
    tabs = {"vInfo": table(machine("a", 1, A), machine("b", 1, B), machine("c", 3, NOBODY))}
    assert parts_of(tmp_path, tabs, split=False) == [(None, None, ["a", "b", "c"])]


@pytest.mark.parametrize(
    ("of", "server", "uuid"),
    [
        ([A, A, NOBODY], "vc-a", ONE),
        ([NOBODY, NOBODY, NOBODY], None, None),
        ([source("vc-a", ""), source("VC-A", ""), NOBODY], "vc-a", None),
        ([source("", ONE.upper()), source("vc-a", ONE), A], "vc-a", ONE.upper()),
        ([source("vc-a", ""), A, source("10.0.0.1", ONE)], "vc-a", ONE),
    ],
    ids=["one and blanks", "none", "server alone", "case of the UUID", "one UUID, two servers"],
)
def test_a_file_that_names_one_vcenter_or_none_is_one_part_with_all_rows(
    tmp_path: Path, of: Sequence[dict[str, str]], server: str | None, uuid: str | None
) -> None:
    rows = [machine(name, number, said) for number, (name, said) in enumerate(zip("abc", of, strict=True))]
    assert parts_of(tmp_path, {"vInfo": table(*rows)}) == [(server, uuid, ["a", "b", "c"])]


def test_vcenters_without_a_uuid_are_told_apart_by_their_server(tmp_path: Path) -> None:
    tabs = {"vInfo": table(machine("a", 1, source("x", "")), machine("b", 2, source("y", "")))}
    assert parts_of(tmp_path, tabs) == [("x", None, ["a"]), ("y", None, ["b"])]


def test_a_row_that_names_the_server_alone_belongs_to_the_vcenter_of_that_server(tmp_path: Path) -> None:
    tabs = {"vInfo": table(machine("c", 3, source("VC-A", "")), machine("a", 1, A), machine("b", 2, B))}
    assert parts_of(tmp_path, tabs) == [("vc-a", ONE, ["a", "c"]), ("vc-b", TWO, ["b"])]


def test_a_row_without_a_vcenter_goes_with_its_machine_or_is_listed(tmp_path: Path) -> None:
    tabs = {
        "vInfo": table(
            machine("a", 1, A), machine("b", 1, B), machine("c", 3, B), machine("same", 4, A), machine("same", 5, B),
            machine("nobody", 9, NOBODY),
        ),
        "vDisk": table(
            disk("x", "vm-3", NOBODY), disk("a", "vm-1", NOBODY), disk("same", "", NOBODY), disk("", "vm-1", NOBODY),
            disk("z", "", source("", "3333")), disk("other", "vm-77", NOBODY) | {"VM UUID": "uuid-4"},
        ),
        "vHost": table({"Host": "esx1", "Datacenter": "D"} | NOBODY),
    }  # fmt: skip
    none, other = (
        "names no vCenter, and its machine does not decide to which one of the file it belongs",
        "names a vCenter that no machine of vInfo names",
    )
    with read(tmp_path, tabs) as reading:
        one, two = reading.workbooks
        assert (names(one), names(two)) == (["a", "same"], ["b", "c", "same"])
        assert (
            [row["name"] for row in records(one, "vDisk")],
            [row["name"] for row in records(two, "vDisk")],
        ) == (
            ["a", "other"],
            ["x"],
        )
        found = [(left.tab, left.row, left.column, left.reason) for left in reading.rejections()]
        assert found == [
            ("vInfo", 7, "", none),
            ("vDisk", 4, "", none),
            ("vDisk", 5, "", none),
            ("vDisk", 6, "", other),
            ("vHost", 2, "", none),
        ]
        assert reading.content.rejected == 5
        assert remarks(reading) == [
            f"vInfo: 1 row {none}; it is left out.",
            f"vDisk: 2 rows are left out, each of which {none}.",
            f"vDisk: 1 row {other}; it is left out.",
            f"vHost: 1 row {none}; it is left out.",
        ]
        assert [(tab.rows, tab.skipped) for tab in (one.tabs["vDisk"], two.tabs["vDisk"])] == [(2, 3), (1, 0)]


def test_a_column_that_names_something_else_than_vcenters_is_refused(tmp_path: Path) -> None:
    rows = [machine(f"m{number}", number, source(f"server {number}", "")) for number in range(101)]
    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": table(*rows)})
    with pytest.raises(FileRefusedError, match="names more than 100 vCenters"), opened(path, nothing):
        pass


def test_everything_that_is_not_taken_over_is_listed_with_its_place_and_reason(tmp_path: Path) -> None:
    header, *rows = table(vm("a", 1, CPUs="many"), vm("b" * 300, 2), vm("c", 3, Template="perhaps"))
    vinfo = [
        ["Title"],
        header,
        *rows,
        header,
        ["", "", "", 6.0, 12288.0],
        ["Total", "", "", 6],
        [],
        ["x" * 400],
    ]
    with read(tmp_path, {"vInfo": vinfo}) as reading:
        listed = {(left.row, left.column): (left.text[:20], left.reason) for left in reading.rejections()}
    assert listed == {
        (3, "CPUs"): ("many", "is not a whole number: left empty"),
        (4, "VM"): ("b" * 20, "is longer than 255 characters: cut"),
        (5, "Template"): ("perhaps", "is not yes or no: left empty"),
        (6, ""): ("VM | Powerstate | Te", "a header row once more"),
        (7, ""): ("6 | 12288", "names nothing: a note, a total or a row of another table"),
        (8, ""): ("Total | 6", "a note or a total under the table"),
        (10, ""): ("x" * 20, "a note or a total under the table"),
    }
    assert reading.content.rejected == 7


def test_all_rejections_are_counted_and_the_first_ten_thousand_kept_and_shortened(tmp_path: Path) -> None:
    rows = table(*(vm(f"m{number}", number, CPUs="y" * 300) for number in range(10_100)))
    with read(tmp_path, {"vInfo": rows}) as reading:
        kept = list(reading.rejections())
    assert (reading.content.rejected, len(kept)) == (10_100, 10_000)
    assert {len(left.text) for left in kept} == {200}


class Steps:
    """Counts what the reader reports."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _progress: Progress) -> None:
        self.count += 1


def test_a_spool_that_stays_is_used_again_for_the_same_file_mappings_and_split(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": table(vm("a", 1))})
    job = tmp_path / "job"
    mapping = HeaderMapping("vInfo", "machine", "name")

    def steps(file: Path = path, **options: Any) -> int:
        counted = Steps()
        with opened(file, counted, directory=job, **options) as reading:
            assert names(reading.workbooks[0]) == [file.stem[0].replace("x", "a")]
        return counted.count

    assert steps() > 0
    assert steps() == 0
    assert steps(mappings=[mapping]) > 0
    assert steps(mappings=[mapping]) == 0
    assert steps(mappings=[mapping], split=False) == 0
    assert steps() > 0
    assert steps(write_workbook(tmp_path / "b.xlsx", {"vInfo": table(vm("b", 1))})) > 0


def test_a_file_of_several_vcenters_is_read_anew_when_they_are_taken_as_one_or_apart(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": table(machine("a", 1, A), machine("b", 1, B))})
    found = []
    for split in (True, False, True):
        with opened(path, nothing, directory=tmp_path / "job", split=split) as reading:
            found.append([names(workbook) for workbook in reading.workbooks])
    assert found == [[["a"], ["b"]], [["a", "b"]], [["a"], ["b"]]]


def test_a_spool_that_is_not_complete_is_read_anew_and_other_files_stay(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": table(vm("a", 1))})
    job = tmp_path / "job"
    with opened(path, nothing, directory=job):
        pass
    (job / "rejected.csv").write_text("kept")
    answer = job / SPOOL / ANSWER_FILE
    whole = answer.read_bytes()
    broken = [b"", whole[:-10], json.dumps(json.loads(whole) | {"request": None}).encode()]
    for content in broken:
        answer.write_bytes(content)
        counted = Steps()
        with opened(path, counted, directory=job) as reading:
            assert names(reading.workbooks[0]) == ["a"]
        assert counted.count > 0
    assert (job / "rejected.csv").read_text() == "kept"


def test_a_reader_that_is_stopped_leaves_no_spool_that_passes_for_complete(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "x.xlsx", {"vInfo": table(vm("a", 1))})

    def stop(_progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), opened(path, stop, directory=tmp_path):
        pass
    counted = Steps()
    with opened(path, counted, directory=tmp_path) as reading:
        assert names(reading.workbooks[0]) == ["a"]
    assert counted.count > 0


def test_damaged_rows_of_csv_files_are_listed_without_secrets(tmp_path: Path) -> None:
    header = [
        "VM",
        "Powerstate",
        "CPUs",
        "Memory",
        "RootPassword",
        *(f"Network #{number}" for number in range(1, 9)),
    ]
    lines = [",".join(header), ",".join(["a", "poweredOn", "1", "2", "planted", *"12345678"])]
    lines += ['b,"powered"On,"x,planted', ",".join(["c", "poweredOn", "1", "2", "planted", *"12345678"])]
    (tmp_path / "vInfo.csv").write_text("\n".join(lines) + "\n")
    with opened(tmp_path / "vInfo.csv", nothing) as reading:
        assert names(reading.workbooks[0]) == ["a", "c"]
        [damaged] = reading.rejections()
        assert (damaged.tab, damaged.row, damaged.text) == ("vInfo", 3, "[redacted]")
        assert remarks(reading)[-1].startswith(
            "vInfo: 1 row is damaged; the first, row 3, does not have 13 cells"
        )


def test_csv_files_of_several_vcenters_are_dealt_as_workbooks_are(tmp_path: Path) -> None:
    tabs = {"vInfo": table(machine("a", 1, A), machine("b", 1, B)), "vDisk": table(disk("b", "vm-1", B))}
    with opened(write_csvs(tmp_path / "x.zip", tabs), nothing) as reading:
        one, two = reading.workbooks
        assert (names(one), names(two)) == (["a"], ["b"])
        assert [found.tabs["vDisk"].rows for found in (one, two)] == [0, 1]
