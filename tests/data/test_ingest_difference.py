"""What an export changes against the state before it: machine by machine, column by column, noise left out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.changes import kind_of
from data.ingest import difference as module
from data.ingest import import_file, preview_file
from data.models import machines
from data.results import MAX_EXAMPLES, FieldChange, MachineChange, StateDifference
from data.vocabulary import ChangeKind
from tests.data.conftest import T0, WEEK, Store
from tests.data.workbooks import Rows, table, vm, write_workbook

NEW, GONE, RENAMED = ChangeKind.NEW, ChangeKind.GONE, ChangeKind.RENAMED
MOVED, RESIZED, CHANGED = ChangeKind.MOVED, ChangeKind.RESIZED, ChangeKind.CHANGED


@pytest.fixture
def difference(store: Store, db_url: str, write: Callable[..., Path]) -> Callable[..., StateDifference]:
    """Store machines, then say what a later export of others would change."""

    def compare(
        before: list[dict[str, Any]],
        after: list[dict[str, Any]],
        *,
        tabs_before: dict[str, Rows] | None = None,
        tabs: dict[str, Rows] | None = None,
        directory: Path | None = None,
    ) -> StateDifference:
        store(*before, tabs=tabs_before)
        path = write(*after, week=1, tabs=tabs)
        [state] = preview_file(db_url, path, vcenter="vc1.example.com", directory=directory).states
        assert state.difference is not None
        return state.difference

    return compare


Compare = Callable[..., StateDifference]


def counts(of: StateDifference) -> dict[str, int]:
    """The counts without the zeros."""
    return {key: value for key, value in asdict(of).items() if isinstance(value, int) and value}


def test_machines_are_new_gone_or_unchanged(difference: Compare) -> None:
    found = difference([vm("a", 1), vm("b", 2), vm("c", 3)], [vm("c", 3), vm("d", 4), vm("a", 1)])
    assert counts(found) == {"new": 1, "gone": 1, "unchanged": 2}
    assert found.compared_with == T0
    assert found.examples == (
        MachineChange(NEW, None, "d", "DC1 / C1"),
        MachineChange(GONE, 2, "b", "DC1 / C1"),
    )


def test_a_change_is_told_with_what_was_and_what_is(difference: Compare) -> None:
    after = vm("web-2", 1, Host="esx2", CPUs=8, Annotation="new", Owner="Bea")
    found = difference([vm("web-1", 1, Annotation="old", Owner="Ann")], [after])
    assert counts(found) == {"renamed": 1, "moved": 1, "resized": 1, "changed": 1}
    assert found.examples == (
        MachineChange(RENAMED, 1, "web-2", "DC1 / C1", (FieldChange("name", "web-1", "web-2"),)),
        MachineChange(MOVED, 1, "web-2", "DC1 / C1", (FieldChange("host", "esx1", "esx2"),)),
        MachineChange(RESIZED, 1, "web-2", "DC1 / C1", (FieldChange("cpus", 2, 8),)),
        MachineChange(
            CHANGED,
            1,
            "web-2",
            "DC1 / C1",
            (FieldChange("annotation", "old", "new"), FieldChange("attr:Owner", "Ann", "Bea")),
        ),
    )


@pytest.mark.parametrize(
    ("header", "before", "after"),
    [
        ("Powerstate", "poweredOn", "poweredOff"),
        ("In Use MiB", 10, 20),
        ("PowerOn", datetime(2026, 1, 1), datetime(2026, 2, 1)),
        ("Heartbeat", "green", "gray"),
        ("Consolidation Needed", "False", "True"),
    ],
)
def test_noise_is_no_change(difference: Compare, header: str, before: object, after: object) -> None:
    assert counts(difference([vm("a", 1) | {header: before}], [vm("a", 1) | {header: after}])) == {
        "unchanged": 1
    }


@pytest.mark.parametrize(
    ("column", "before", "after", "kind"),
    [
        (("vCPU", "Sockets"), 2, 4, RESIZED),
        (("vCPU", "Hot Add"), "False", "True", CHANGED),
        (("vMemory", "Reservation"), 0, 1024, CHANGED),
        (("vTools", "Upgrade Policy"), "manual", "upgradeAtPowerCycle", CHANGED),
        (("vCPU", "Folder"), "/DC1/vm/a", "/DC1/vm/b", MOVED),
        (("vTools", "Owner"), "Ann", "Bea", CHANGED),
    ],
)
def test_columns_of_other_tabs_are_compared_like_those_of_vinfo(
    difference: Compare, column: tuple[str, str], before: object, after: object, kind: ChangeKind
) -> None:
    tab, header = column

    def line(value: object) -> dict[str, Rows]:
        return {tab: table({"VM": "a", "VM ID": "vm-1", "Powerstate": "poweredOn", header: value})}

    found = difference([vm("a", 1)], [vm("a", 1)], tabs_before=line(before), tabs=line(after))
    assert counts(found) == {kind.value: 1}


def test_a_blank_says_nothing_except_where_an_operator_would_have_written_something(
    difference: Compare,
) -> None:
    before = vm("a", 1, DNS_Name="a.example.com", Annotation="note", Owner="Ann")
    found = difference([before], [vm("a", 1, DNS_Name="", Annotation="", Owner="")])
    assert [detail for change in found.examples for detail in change.details] == [
        FieldChange("annotation", "note", None),
        FieldChange("attr:Owner", "Ann", None),
    ]


def test_an_attribute_that_nobody_had_before_is_a_change_if_its_column_was_there(difference: Compare) -> None:
    found = difference([vm("a", 1, Owner="")], [vm("a", 1, Owner="Ann")])
    assert found.examples[0].details == (FieldChange("attr:Owner", None, "Ann"),)


def test_a_column_that_one_of_the_exports_lacks_is_not_compared(difference: Compare) -> None:
    after = vm("a", 1, Annotation="note", Owner="Ann")
    del after["Cluster"]
    found = difference([vm("a", 1)], [after], tabs={"vCPU": table({"VM": "a", "CPUs": 2, "Sockets": 2})})
    assert counts(found) == {"unchanged": 1}


def test_a_machine_without_a_row_in_another_tab_is_unknown_there(difference: Compare) -> None:
    one, both = ({"VM": name, "CPUs": 2, "Sockets": 2} for name in ("a", "b"))
    found = difference(
        [vm("a", 1), vm("b", 2)],
        [vm("a", 1), vm("b", 2)],
        tabs_before={"vCPU": table(one, both)},
        tabs={"vCPU": table(both | {"Sockets": 1})},
    )
    assert counts(found) == {"resized": 1, "unchanged": 1}


def test_the_first_export_of_a_vcenter_has_nothing_to_be_compared_with(store: Store) -> None:
    [state] = store(vm("a", 1), vm("b", 2)).states
    assert state.difference == StateDifference(None, 2, 0, 0, 0, 0, 0)


def test_an_older_export_is_compared_with_the_state_before_it(store: Store) -> None:
    store(vm("a", 1))
    store(vm("a", 1), vm("b", 2), vm("c", 3), week=2)
    [state] = store(vm("a", 1), vm("b", 2), week=1).states
    assert state.difference is not None
    assert (state.difference.compared_with, counts(state.difference)) == (T0, {"new": 1, "unchanged": 1})


def test_a_machine_that_comes_back_is_new_and_known(store: Store, rows: Any) -> None:
    store(vm("a", 1), vm("b", 2))
    store(vm("a", 1), week=1)
    [state] = store(vm("a", 1), vm("b", 2), week=2).states
    assert state.difference is not None
    assert state.difference.examples == (MachineChange(NEW, 2, "b", "DC1 / C1"),)
    assert rows(machines, "name") == ["a", "b"]


def test_examples_are_the_first_by_name_of_each_kind(difference: Compare) -> None:
    many = [vm(f"m{number:04}", number) for number in range(3 * MAX_EXAMPLES)]
    found = difference(many, [row | {"CPUs": 4, "Host": "esx2"} for row in reversed(many)])
    assert counts(found) == {"resized": len(many), "moved": len(many)}
    assert Counter(change.kind for change in found.examples) == {MOVED: MAX_EXAMPLES, RESIZED: MAX_EXAMPLES}
    names = [change.name for change in found.examples if change.kind is RESIZED]
    assert names == [f"m{number:04}" for number in range(MAX_EXAMPLES)]


def test_the_file_of_changes_lists_every_change_and_runs_in_no_spreadsheet(
    difference: Compare, tmp_path: Path
) -> None:
    before = [vm("a", 1, Annotation="old"), vm("gone", 2), *(vm(f"m{n}", 10 + n) for n in range(60))]
    after = [
        vm("=cmd()", 1, Annotation="+1 555"), vm("new", 3, Datacenter="DC2"),
        *(vm(f"m{n}", 10 + n, CPUs=4) for n in range(60)),
    ]  # fmt: skip
    difference(before, after, directory=tmp_path)
    with (tmp_path / "changes.csv").open(encoding="utf-8-sig", newline="") as file:
        titles, *lines = csv.reader(file)
    assert titles == ["vCenter", "Change", "Machine", "Place", "Field", "Before", "After"]
    start = "vc1.example.com"
    assert [line for line in lines if line[1] != "resized"] == [
        [start, "renamed", "'=cmd()", "DC1 / C1", "Name", "a", "'=cmd()"],
        [start, "changed", "'=cmd()", "DC1 / C1", "Annotation", "old", "'+1 555"],
        [start, "new", "new", "DC2 / C1"],
        [start, "gone", "gone", "DC1 / C1"],
    ]
    assert [line for line in lines if line[1] == "resized"] == [
        [start, "resized", f"m{n}", "DC1 / C1", "vCPU", "2", "4"] for n in range(60)
    ]


def test_there_is_no_file_of_changes_without_a_state_before(
    db_url: str, write: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "changes.csv").write_text("of a preview before")
    preview_file(db_url, write(vm("a", 1)), directory=tmp_path)
    assert not (tmp_path / "changes.csv").exists()


def test_there_is_no_file_of_changes_without_a_change(difference: Compare, tmp_path: Path) -> None:
    difference([vm("a", 1)], [vm("a", 1)], directory=tmp_path)
    assert list(tmp_path.glob("changes*")) == []


MACHINES = st.dictionaries(
    st.integers(1, 9),
    st.fixed_dictionaries(
        {
            "VM": st.sampled_from(["a", "b", "c"]),
            "CPUs": st.sampled_from([1, 2, ""]),
            "Host": st.sampled_from(["esx1", "esx2", ""]),
            "Annotation": st.sampled_from(["", "x", "y"]),
        }
    ),
    min_size=1,
)


def expected(before: dict[int, dict[str, Any]], after: dict[int, dict[str, Any]]) -> dict[str, int]:
    """The counts, worked out machine by machine in the plainest way."""
    fields = {"VM": "name", "CPUs": "cpus", "Host": "host", "Annotation": "annotation"}
    found: Counter[str] = Counter()
    found["new"], found["gone"] = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    for number in before.keys() & after.keys():
        then, now = before[number], after[number]
        kinds = {
            kind_of(key).value
            for header, key in fields.items()
            if then[header] != now[header]
            and (key == "annotation" or (then[header] != "" and now[header] != ""))
        }
        found.update(kinds or {"unchanged"})
    return {key: count for key, count in found.items() if count}


EXAMPLES = count()
"""Each example has a vCenter of its own."""


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=MACHINES, after=MACHINES)
def test_the_counts_are_those_of_a_comparison_machine_by_machine(
    before: dict[int, dict[str, Any]],
    after: dict[int, dict[str, Any]],
    db_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MACHINES_AT_A_TIME", 2)
    name = f"vc {next(EXAMPLES)}"
    results = [
        import_file(
            db_url,
            write_workbook(
                tmp_path / f"{week}.xlsx",
                {
                    "vInfo": table(
                        *(vm("", number) | row | {"VI SDK Server": name} for number, row in of.items())
                    )
                },
                created=T0 + week * WEEK,
            ),
            vcenter=name,
        )
        for week, of in enumerate((before, after))
    ]
    assert results[1].states[0].difference is not None
    assert counts(results[1].states[0].difference) == expected(before, after)


def test_the_same_machines_under_another_order_are_unchanged(
    difference: Compare,
) -> None:
    twins = [vm("twin"), vm("twin"), vm("a", 1)]
    assert counts(difference(twins, [twins[2], twins[0], twins[1]])) == {"unchanged": 3}
