"""What is written comes back as it was, from every database; what none can hold does not get there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from data import jobs, models
from data.database import DatabaseManager, get_engine
from data.errors import InvalidInputError, RowTooLargeError
from data.ingest import import_file, sweep
from data.ingest.mapping import list_mappings, save_mapping
from data.ingest.writing import BatchWriter
from data.results import HeaderMapping
from data.scope import Scope
from data.workbook.cells import to_text
from tests.data.conftest import Store
from tests.data.exports import write_csv
from tests.data.workbooks import table, vm

TEXTS = (
    "it's \"quoted\"", "back\\slash \\N \\. \\n", "tab\tand\nlines", "100 % %s %(name)s :name ?", "NULL",
    "ünï ẞß ς İ", "😀 四 \u202e\u0301", " kept ", "{1,\"2\"}", "\x1a;--", "",
)  # fmt: skip
NUMBERS = (0.0, -0.0, 0.1, 1 / 3, -1e-7, 2.5, 1e22, 2.0**53, 123456789.123456789)
TIMES = (datetime(1970, 1, 2), datetime(2026, 3, 29, 2, 30, 59, 999999), datetime(9999, 12, 31, 23, 59, 59))
WHOLE = (0, -1, 2**31 - 1, -(2**31), 2**62)


@pytest.fixture
def machine(manager: DatabaseManager) -> int:
    """The import with the number 7, of a vCenter with a machine, whose id is returned."""
    return add_machine(manager)


def add_machine(manager: DatabaseManager) -> int:
    state = {"status": "unpublished", "file_name": "x", "file_size_bytes": 1, "sha256": "0", "vcenter_id": 1}
    times = {"exported_at": TIMES[0], "exported_at_source": "given", "imported_at": TIMES[0]}
    values = {"id": 1, "vcenter_id": 1, "name": "m", "first_import_id": 7, "last_import_id": 7}
    with manager.session_scope() as session:
        session.execute(insert(models.vcenters).values(id=1, name="vc"))
        session.execute(insert(models.imports).values(id=7, **state, **times))
        session.execute(insert(models.machines).values(values))
    return 1


KEYS = (
    "id", "import_id", "vcenter_id", "is_current", "machine_id", "name", "annotation", "cpus", "memory_mib",
    "created_at", "template", "attributes",
)  # fmt: skip


def test_every_value_comes_back_as_it_was(manager: DatabaseManager, machine: int) -> None:
    written = [
        (
            number + 1, 7, 1, number % 2 == 0, machine,
            None if number == 3 else TEXTS[number % len(TEXTS)],
            TEXTS[-1 - number % len(TEXTS)] * 50,
            WHOLE[number % len(WHOLE)],
            NUMBERS[number % len(NUMBERS)],
            None if number == 5 else TIMES[number % len(TIMES)],
            (True, False, None)[number % 3],
            None if number == 4 else {TEXTS[number % len(TEXTS)]: TEXTS[number % 7], "b": "2", "a": "1"},
        )
        for number in range(99)
    ]  # fmt: skip
    BatchWriter(manager).insert(models.virtual_machines, KEYS, iter(written))
    columns = [models.virtual_machines.c[key] for key in KEYS]
    with manager.get_session() as session:
        found = [
            tuple(row) for row in session.execute(select(*columns).order_by(models.virtual_machines.c.id))
        ]
    assert found == written
    kinds = [tuple(map(type, row)) for row in found]
    assert kinds == [tuple(map(type, row)) for row in written]


def test_rows_of_a_mebibyte_are_written_whole(manager: DatabaseManager, machine: int) -> None:
    texts = [letter * (1 << 20) for letter in ("é", "\\", "'", "x")]
    writer = BatchWriter(manager)
    rows = ((number, 7, 1, False, machine, text) for number, text in enumerate(texts, 1))
    writer.insert(
        models.virtual_machines,
        ("id", "import_id", "vcenter_id", "is_current", "machine_id", "annotation"),
        rows,
    )
    with manager.get_session() as session:
        found = session.scalars(
            select(models.virtual_machines.c.annotation).order_by(models.virtual_machines.c.id)
        )
        assert list(found) == texts


def test_a_row_that_the_server_does_not_take_is_told_and_nothing_is_stored(
    db_url: str, store: Store, rows: Callable[..., list[Any]]
) -> None:
    """PostgreSQL takes 2,704 bytes into an index: not four names of 255 characters of four bytes each."""
    name = "".join(map(chr, range(0x20000, 0x20000 + 255)))  # which cannot be compressed
    largest = vm(
        "a", 1, Datacenter=name, Cluster=name, Powerstate=name, OS_according_to_the_VMware_Tools=name
    )
    largest |= {"VM Tools": name, "DNS Name": name, "Host": name, "Annotation": name * 100}
    tools = {"vTools": table({"VM": "a", "VM ID": "vm-1", "VM UUID": "uuid-1", "Tools": name})}
    if get_engine(db_url).dialect.name == "postgresql":
        with pytest.raises(
            RowTooLargeError, match=r"A row of “virtual machines” is larger than the database can"
        ):
            store(largest, tabs=tools)
        assert rows(models.imports, "status") == ["unpublished"]
        sweep(db_url)
        assert not any(rows(table) for table in (models.imports, models.vcenters, models.machines))
    else:
        store(largest, tabs=tools)
        assert rows(models.virtual_machines, "tools_status", "cluster") == [(name, name)]
    store(vm("a", 1), week=1)
    assert rows(models.imports, "status")[-1] == "published"


def test_a_row_beyond_the_largest_packet_says_so(new_database: Callable[[str], str]) -> None:
    manager = DatabaseManager(new_database("mariadb"))
    machine = add_machine(manager)
    with get_engine(manager.db_url).connect() as connection:
        most = connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one()
    keys = ("id", "import_id", "vcenter_id", "is_current", "machine_id", "annotation")
    with pytest.raises(RowTooLargeError, match=r"bytes, and the server takes .* \(max_allowed_packet\)"):
        BatchWriter(manager).insert(models.virtual_machines, keys, [(1, 7, 1, False, machine, "x" * most)])


def test_control_characters_and_halves_of_characters_are_repaired_where_cells_are_read() -> None:
    assert to_text("a\x00b\ud800c\udfffd") == "ab\ufffdc\ufffdd"
    assert to_text("\U0001f600") == "\U0001f600"


def test_a_file_full_of_them_is_stored_alike(
    db_url: str, tmp_path: Path, rows: Callable[..., list[Any]]
) -> None:
    odd = "x\x01y\x1f"
    path = write_csv(
        tmp_path / "vInfo.csv", table(vm(odd, 1, Annotation=odd, Folder="f" * 900, **{f"Own{odd}": odd}))
    )
    import_file(db_url, path, vcenter=f" vc\x00\ud800{'n' * 300} ", file_name="export\x00\udc80.csv")
    assert rows(models.virtual_machines, "name", "annotation", "attributes") == [
        ("xy", "xy", {"Ownxy": "xy"})
    ]
    assert rows(models.imports, "file_name") == ["export\ufffd.csv"]
    assert rows(models.vcenters, "name") == [f"vc\ufffd{'n' * 252}"]


def test_what_stands_in_place_of_a_uuid_is_stored_as_far_as_it_fits(
    store: Store, rows: Callable[..., list[Any]]
) -> None:
    long = "İ" * 255
    store(vm("a", 1, VI_SDK_UUID=long, VI_SDK_Server=long))
    store(vm("a", 1), vm("b", 2, VI_SDK_UUID=long, VI_SDK_Server=long), week=1)
    assert all(len(uuid) <= 64 for uuid in rows(models.vcenters, "instance_uuid"))


def test_what_an_operator_types_is_stored_alike(db_url: str, manager: DatabaseManager, write: Any) -> None:
    job_id = jobs.create_job(db_url, path=write(vm("a", 1)), file_name="x.xlsx")
    jobs.run_job(db_url, job_id)
    jobs.revise_job(db_url, job_id, vcenter="new\x00\ud800", exported_at=None)
    preview = jobs.run_job(db_url, job_id).preview
    assert preview
    assert preview.states[0].vcenter == "new\ufffd"
    save_mapping(db_url, HeaderMapping("vInfo", "Own\x00ed\udcff by", "annotation"))
    with manager.get_session() as session:
        assert [mapping.header for mapping in list_mappings(session, Scope())] == ["owned\ufffd by"]
    with pytest.raises(InvalidInputError):
        save_mapping(db_url, HeaderMapping("vInfo", "\x00", "annotation"))
