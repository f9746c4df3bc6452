"""Changes planted between two states are found exactly: by the preview, the comparison and each machine's history.

The workbook is written by hand. What a planted change must be called is said here, not taken from the product.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.ingest import import_file, preview_file
from data.queries.comparison import compare_states
from data.queries.history import get_machine_history
from data.queries.imports import list_imports
from data.results import FieldChange, MachineChange
from data.scope import Scope
from data.vocabulary import ChangeKind
from tests.data.workbooks import vm

Record = dict[str, Any]
Change = tuple[str, str, frozenset[tuple[str, Any, Any]]]
"""Kind, name of the machine, and the details: field, before, after."""

FIELDS = {
    "VM": ("renamed", "name"),
    "Datacenter": ("moved", "datacenter"),
    "Cluster": ("moved", "cluster"),
    "Host": ("moved", "host"),
    "Folder": ("moved", "folder"),
    "Resource pool": ("moved", "resource_pool"),
    "CPUs": ("resized", "cpus"),
    "Memory": ("resized", "memory_mib"),
    "Total disk capacity MiB": ("resized", "total_disk_mib"),
    "Annotation": ("changed", "annotation"),
    "HW version": ("changed", "hw_version"),
    "VM ID": ("changed", "vm_id"),
    "Owner": ("changed", "attr:Owner"),
}
"""Header -> what a change is called, and of which field."""

EDITS: dict[int, Record] = {
    1: {"VM": "renamed"},
    2: {"VM": "vm-03"},
    3: {"VM": "vm-02"},
    4: {"VM": "VM-04"},
    5: {"Cluster": "C2", "Host": "esx9"},
    6: {"Cluster": "C2", "Host": "esx9", "Resource pool": "/DC1/C2/Resources"},
    7: {"Folder": "/DC1/vm/web"},
    8: {"Folder": "/DC1/vm/db"},
    9: {"Host": "esx2"},
    10: {"Host": "esx3"},
    11: {"Datacenter": "DC2", "Cluster": "C7", "Host": "esx7", "Folder": "/DC2/vm"},
    12: {"Resource pool": "/DC1/C1/Resources/gold"},
    13: {"CPUs": 4},
    14: {"CPUs": 1},
    15: {"Memory": 8192},
    16: {"Memory": 2048},
    17: {"Total disk capacity MiB": 20480},
    18: {"Total disk capacity MiB": 5120},
    19: {"CPUs": 8, "Memory": 65536, "Total disk capacity MiB": 40960},
    20: {"Owner": "Bob"},
    21: {"Owner": "Cy"},
    22: {"Owner": "Dee"},
    23: {"Owner": ""},
    24: {"Annotation": "written"},
    25: {"Annotation": ""},
    26: {"HW version": 21},
    27: {"VM ID": "vm-9027"},
    28: {"VM ID": "vm-9028", "Powerstate": "poweredOff"},
    40: {"VM": "moved and renamed", "Host": "esx4"},
    41: {"VM": "all at once", "Host": "esx4", "CPUs": 16},
}
NOISE: dict[int, Record] = {
    **{number: {"Powerstate": "poweredOff", "Heartbeat": "gray"} for number in (30, 31, 32)},
    33: {"NB_LAST_BACKUP": "2026-10-01 01:00:00"},
    34: {"DNS Name": "known now"},
    35: {"Cluster": ""},
    36: {"In Use MiB": 99},
}
"""Changes that nobody wants to see, and values that one side does not know."""
GONE, NEW = (51, 52, 55), {61: "vm-61", 62: "vm-62", 63: "vm-63", 65: "vm-55"}
"""Number 65 was made under the name of 55, which is gone."""
PLANTED = 40
EARLY = {1, 2, 3, 5, 7, 9, 11, 13, 15, 20, 22, 24, 27, 41, 51, 61}
"""The numbers whose change is in the state between, too."""
AWAY = 45
"""Is missing in the state between, and there again in the last."""


def machine(number: int, name: str = "") -> Record:
    more = {
        "Folder": "/DC1/vm",
        "Resource pool": "/DC1/C1/Resources",
        "Total disk capacity MiB": 10240,
        "Annotation": "" if number == 24 else "note",
        "HW version": 19,
        "Owner": "" if number == 22 else "Ann",
        "NB_LAST_BACKUP": "2026-09-01 01:00:00",
        "Heartbeat": "green",
        "In Use MiB": 10,
        "DNS Name": "" if number == 34 else f"vm-{number}.example.com",
    }
    return vm(name or f"vm-{number:02}", number) | more


def estate(edited: Collection[int], *, without: Collection[int] = (), in_use: int = 10) -> list[Record]:
    """The machines 1 to 60 with the changes of these numbers."""
    edits = EDITS | NOISE
    records = [
        machine(number) | {"In Use MiB": in_use} | (edits.get(number, {}) if number in edited else {})
        for number in range(1, 61)
        if number not in without and not (number in GONE and number in edited)
    ]
    return records + [machine(number, name) for number, name in NEW.items() if number in edited]


EVERYTHING = {*EDITS, *NOISE, *GONE, *NEW}


def planted(numbers: Iterable[int]) -> set[Change]:
    """What must be found of these numbers."""
    found: set[Change] = set()
    for number in numbers:
        if number in GONE:
            found.add(("gone", f"vm-{number}", frozenset()))
        elif number in NEW:
            found.add(("new", NEW[number], frozenset()))
        before, edits = machine(number), EDITS.get(number, {})
        details = [
            (*FIELDS[header], before[header] or None, value or None)
            for header, value in edits.items()
            if header in FIELDS
        ]
        for kind in {detail[0] for detail in details}:
            changes = frozenset(tuple(map(plain, rest)) for its, *rest in details if its == kind)
            found.add((kind, edits.get("VM", before["VM"]), changes))  # type: ignore[arg-type]  # triples
    return found


def plain(value: Any) -> Any:
    """Numbers in text columns are text."""
    return str(value) if value in {19, 21} else value


def details(changes: Iterable[FieldChange]) -> frozenset[tuple[str, Any, Any]]:
    return frozenset((change.field, change.before, change.after) for change in changes)


def told(changes: Iterable[MachineChange]) -> set[Change]:
    return {(change.kind.value, change.name, details(change.details)) for change in changes}


def compared(session: Session, before: int, after: int) -> set[Change]:
    found = compare_states(session, Scope(), before=before, after=after, stop=1000)
    assert found.total == len(found.changes)
    counts = {kind: getattr(found.difference, kind.value) for kind in ChangeKind if kind != ChangeKind.NOISE}
    assert counts == {kind: sum(change.kind is kind for change in found.changes) for kind in counts}
    return told(found.changes)


def remembered(session: Session, state: int) -> set[Change]:
    """What the histories of all machines say of one state against the one before."""
    found: set[Change] = set()
    states = {stored.id: stored for stored in list_imports(session, Scope())}
    for id_ in session.scalars(select(models.machines.c.id)).all():
        entries = get_machine_history(session, Scope(), machine_id=id_).entries
        for entry in (entry for entry in entries if entry.import_id == state):
            day = states[state].exported_at.date()
            is_gone = ChangeKind.GONE in entry.kinds
            scope = Scope() if is_gone else Scope(as_of=day)
            name = get_machine_history(session, scope, machine_id=id_).name
            for kind in entry.kinds:
                of_kind = [d for d in entry.details if FIELD_KINDS.get(d.field) == kind.value]
                found.add((kind.value, name, details(of_kind)))
    return found


FIELD_KINDS = {field: kind for kind, field in FIELDS.values()}


@pytest.fixture
def files(write: Callable[..., Path]) -> dict[str, Path]:
    return {
        "first": write(*estate(()), week=0),
        "between": write(*estate(EARLY, without=(AWAY,), in_use=11), week=2),
        "last": write(*estate(EVERYTHING, in_use=12), week=4),
        "copy": write(*estate(EVERYTHING, in_use=12)[::-1], week=5),
    }


def test_forty_planted_changes_are_found_by_preview_comparison_and_histories_alike(
    files: dict[str, Path], db_url: str, manager: DatabaseManager
) -> None:
    expected = planted(EVERYTHING)
    assert len(expected) == PLANTED
    first = import_file(db_url, files["first"]).states[0].import_id
    preview = preview_file(db_url, files["last"]).states[0].difference
    stored = import_file(db_url, files["last"]).states[0]
    last = stored.import_id
    assert preview is not None
    assert stored.difference is not None
    assert first is not None
    assert last is not None
    assert told(preview.examples) == expected
    assert told(stored.difference.examples) == expected
    with manager.get_session() as session:
        assert compared(session, first, last) == expected
        assert remembered(session, last) == expected
        both = compare_states(session, Scope(), before=first, after=last)
    quiet = 60 - len(GONE) - len(EDITS)
    assert preview.unchanged == both.difference.unchanged == quiet
    assert both.noise == quiet


def test_the_same_content_in_another_file_has_no_change(
    files: dict[str, Path], db_url: str, manager: DatabaseManager
) -> None:
    last = import_file(db_url, files["last"]).states[0].import_id
    preview = preview_file(db_url, files["copy"]).states[0].difference
    copy = import_file(db_url, files["copy"]).states[0].import_id
    assert preview is not None
    assert last is not None
    assert copy is not None
    assert (preview.examples, preview.unchanged) == ((), 61)
    with manager.get_session() as session:
        found = compare_states(session, Scope(), before=last, after=copy, with_noise=True)
        assert (found.total, found.noise, found.difference.unchanged) == (0, 0, 61)
        assert remembered(session, copy) == set()


def test_a_state_that_comes_late_is_put_between_and_everything_stays_right(
    files: dict[str, Path], db_url: str, manager: DatabaseManager
) -> None:
    ids = {name: import_file(db_url, files[name]).states[0].import_id or 0 for name in ("first", "last")}
    late = import_file(db_url, files["between"]).states[0]
    ids["between"] = late.import_id or 0
    early = planted(EARLY) | {("gone", f"vm-{AWAY}", frozenset())}
    rest = planted(EVERYTHING - EARLY) | {("new", f"vm-{AWAY}", frozenset())}
    assert late.difference is not None
    assert told(late.difference.examples) == early
    with manager.get_session() as session:
        assert compared(session, ids["first"], ids["between"]) == early
        assert compared(session, ids["between"], ids["last"]) == rest
        assert compared(session, ids["first"], ids["last"]) == planted(EVERYTHING)
        assert remembered(session, ids["between"]) == early
        assert remembered(session, ids["last"]) == rest
        columns = models.machines.c
        away = session.scalars(select(columns.id).where(columns.vm_id == f"vm-{AWAY}")).one()
        entries = get_machine_history(session, Scope(), machine_id=away).entries
        assert [entry.kinds for entry in entries] == [(ChangeKind.NEW,), (ChangeKind.GONE,), ()]
        current = [state.id for state in list_imports(session, Scope()) if state.is_current]
        assert current == [ids["last"]]
        assert len(session.scalars(select(columns.id)).all()) == 60 + len(NEW)
