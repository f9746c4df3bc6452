"""Lists of machines, their totals, and one machine with all that hangs on it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.errors import InvalidInputError, NotFoundError
from data.fields import DEFAULT_COLUMNS, MACHINE_FIELDS
from data.queries import machines as queries
from data.queries.choices import list_choices
from data.queries.machine import get_machine
from data.queries.machines import (
    find_machine_ids,
    find_machines,
    list_attributes,
    stream_machines,
    total_machines,
)
from data.results import Adapter, AttentionLimits, Disk, MachineTotals, Partition, Snapshot
from data.scope import Scope
from data.vocabulary import SortDirection, Templates
from tests.factories import EXPORTED_AT, add, add_estate, add_machine, add_state, add_vcenter

LIMITS = AttentionLimits()
ASC, DESC = SortDirection.ASC, SortDirection.DESC


def found(session: Session, scope: Scope | None = None, **options: Any) -> pd.DataFrame:
    return find_machines(session, scope or Scope(), limits=LIMITS, **{"columns": ["name"]} | options)


def names(frame: pd.DataFrame) -> list[str]:
    return list(frame["name"])


# Blocks
def test_a_block_holds_the_identity_and_the_columns_asked_for_in_their_order(session: Session) -> None:
    add_estate(session, {"cpus": 4, "memory_mib": None, "created_at": datetime(2026, 1, 2)})
    frame = found(session, columns=["memory_mib", "cpus", "name", "created_at"])
    assert list(frame.columns) == ["machine_id", "memory_mib", "cpus", "name", "created_at"]
    machine_id = session.scalar(text("SELECT id FROM machines"))
    assert frame.to_dict("records") == [
        {
            "machine_id": machine_id,
            "memory_mib": None,
            "cpus": 4,
            "name": "vm-1",
            "created_at": datetime(2026, 1, 2),
        }
    ]


def test_a_scope_without_machines_gives_a_frame_with_the_columns(session: Session) -> None:
    frame = found(session, columns=["cpus", "attr:Owner"])
    assert list(frame.columns) == ["machine_id", "cpus", "attr:Owner"]
    assert frame.empty


def test_text_is_sorted_without_regard_to_case_and_blanks_come_first(session: Session) -> None:
    values = ["b", "A", None, "a", "B", "Ä", "10", "9"]
    add_estate(session, *({"annotation": value, "cluster": value} for value in values))
    for column in ("annotation", "cluster"):
        ascending = list(found(session, columns=[column], sort=column)[column])
        assert ascending == [None, "10", "9", "A", "a", "b", "B", "Ä"]
        descending = list(found(session, columns=[column], sort=column, direction=DESC)[column])
        assert [value and value.lower() for value in descending] == ["ä", "b", "b", "a", "a", "9", "10", None]


def test_numbers_are_sorted_as_numbers(session: Session) -> None:
    add_estate(session, {"cpus": 10}, {"cpus": 9}, {"cpus": None}, {"cpus": 100})
    assert names(found(session, sort="cpus")) == ["vm-3", "vm-2", "vm-1", "vm-4"]
    assert names(found(session, sort="cpus", direction=DESC)) == ["vm-4", "vm-1", "vm-2", "vm-3"]


_SORTS = [*DEFAULT_COLUMNS, "annotation", "created_at", "in_use_mib", "attr:Owner"]


@pytest.mark.parametrize("direction", SortDirection)
@pytest.mark.parametrize("sort", _SORTS)
def test_blocks_follow_each_other_without_gap_or_repetition(
    session: Session, monkeypatch: pytest.MonkeyPatch, sort: str, direction: SortDirection
) -> None:
    key = sort.removeprefix("attr:")
    kinds = {field.key: field.kind for field in MACHINE_FIELDS}
    values: list[Any] = [None, "x", "Y", "x", None, "z", "y", "x"]
    if kinds.get(key) in {"integer", "mib"}:
        values = [None, 2, 1, 2, None, 10, 2, 3]
    elif kinds.get(key) == "datetime":
        values = [None if n % 3 == 0 else datetime(2026, 1, 1 + n % 4) for n in range(8)]
    rows = [{"attributes": {key: value}} if "attr:" in sort else {key: value} for value in values]
    if sort == "name":
        rows = [{"name": value or "x", "vm_id": f"vm-{n}"} for n, value in enumerate(values)]
    add_estate(session, *rows)
    monkeypatch.setattr(queries, "COUNTED_FROM_ROW", 1)
    everything = list(found(session, sort=sort, direction=direction)["machine_id"])
    assert len(set(everything)) == 8
    for size in (1, 3, 8):
        blocks = []
        for start in range(0, 8, size):
            block = found(session, sort=sort, direction=direction, start=start, stop=start + size)
            blocks += list(block["machine_id"])
        assert blocks == everything


@pytest.mark.parametrize("counted_from", [0, 1000])
def test_a_block_that_reaches_beyond_an_end_is_cut_there(
    session: Session, monkeypatch: pytest.MonkeyPatch, counted_from: int
) -> None:
    add_estate(session, {}, {}, {}, {})
    monkeypatch.setattr(queries, "COUNTED_FROM_ROW", counted_from)
    blocks = {(2, 3): ["vm-3"], (3, 10): ["vm-4"], (4, 10): [], (50, 60): [], (3, 2): [], (-5, 1): ["vm-1"]}
    for (start, stop), expected in blocks.items():
        assert names(found(session, start=start, stop=stop)) == expected


def test_a_block_has_a_largest_size(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    add_estate(session, *({} for _ in range(5)))
    monkeypatch.setattr(queries, "MAX_BLOCK_ROWS", 2)
    assert names(found(session, start=1, stop=10**9)) == ["vm-2", "vm-3"]


def test_every_column_can_be_shown_and_sorted_by(session: Session) -> None:
    add_estate(session, {})
    keys = [field.key for field in MACHINE_FIELDS]
    assert list(found(session, columns=keys).columns) == ["machine_id", *keys]
    for key in keys:
        assert len(found(session, sort=key)) == 1


@pytest.mark.parametrize(
    "column", ["no_such", "id", "is_current", "name; DROP TABLE machines", "", "attributes"]
)
def test_a_column_that_is_not_on_the_list_is_refused(session: Session, column: str) -> None:
    with pytest.raises(InvalidInputError, match="no column"):
        found(session, columns=[column])
    with pytest.raises(InvalidInputError, match="no column"):
        found(session, sort=column)
    with pytest.raises(InvalidInputError, match="no column"):
        list(stream_machines(session, Scope(), limits=LIMITS, columns=[column]))


@pytest.mark.parametrize(
    "name", ["Owner", "Größe", 'a "quoted" one', "$.x[0]", "a.b", "back\\slash", "'; DROP"]
)
def test_a_custom_attribute_of_any_name_is_shown_and_sorted_by(session: Session, name: str) -> None:
    values = ["b", "A", None, "c"]
    add_estate(session, *({"attributes": {name: value} if value else {"other": "x"}} for value in values), {})
    column = f"attr:{name}"
    frame = found(session, columns=[column], sort=column)
    assert list(frame[column]) == [None, None, "A", "b", "c"]
    frame = found(session, columns=["name", column], sort=column, direction=DESC)
    assert list(frame["name"])[:3] == ["vm-4", "vm-1", "vm-2"]


def test_a_column_may_be_asked_for_twice(session: Session) -> None:
    add_estate(session, {"attributes": {"Owner": "me"}})
    frame = found(session, columns=["name", "attr:Owner", "name", "attr:Owner"])
    assert frame.to_numpy().tolist()[0][1:] == ["vm-1", "me", "vm-1", "me"]


def test_a_stream_holds_every_machine_once_and_in_order(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_estate(session, *({"cpus": n % 3, "attributes": {"n": str(n)}} for n in range(7)))
    monkeypatch.setattr(queries, "CHUNK_ROWS", 3)
    options: dict[str, Any] = {"columns": ["name", "attr:n"], "sort": "cpus", "direction": DESC}
    frames = list(stream_machines(session, Scope(), limits=LIMITS, **options))
    assert [len(frame) for frame in frames] == [3, 3, 1]
    assert pd.concat(frames).to_numpy().tolist() == found(session, **options).to_numpy().tolist()
    assert list(stream_machines(session, Scope(text="none"), limits=LIMITS, columns=["name"])) == []


@pytest.mark.parametrize("direction", SortDirection)
@pytest.mark.parametrize("sort", ["name", "cpus", "attr:n"])
def test_ids_come_in_the_order_of_the_blocks(session: Session, sort: str, direction: SortDirection) -> None:
    add_estate(session, *({"cpus": n % 3, "attributes": {"n": str(n)}} for n in range(7)))
    options: dict[str, Any] = {"limits": LIMITS, "sort": sort, "direction": direction}
    expected = list(found(session, sort=sort, direction=direction)["machine_id"])
    assert find_machine_ids(session, Scope(), **options) == expected
    assert find_machine_ids(session, Scope(), start=2, stop=5, **options) == expected[2:5]
    assert find_machine_ids(session, Scope(), start=5, stop=2, **options) == []


def test_machines_of_one_name_are_kept_apart(session: Session) -> None:
    add_estate(session, {"name": "twin", "vm_id": "vm-1"}, {"name": "twin", "vm_id": "vm-2"})
    assert len(set(found(session)["machine_id"])) == 2


@pytest.mark.sqlite_only("the servers choose by the number of rows")
def test_the_default_columns_are_sorted_by_their_index(session: Session) -> None:
    connection = session.connection()
    for sort in DEFAULT_COLUMNS:
        for descending in (False, True):
            for reverse in (False, True):
                statement = queries._ordered(Scope(), LIMITS, sort, descending=descending, reverse=reverse)
                sql = str(statement.limit(100).compile(connection, compile_kwargs={"literal_binds": True}))
                plan = " ".join(row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
                assert f"COVERING INDEX ix_virtual_machines_current_{sort}" in plan
                assert "TEMP B-TREE" not in plan


# The foot of the grid
def test_totals_are_those_of_the_filtered_machines(session: Session) -> None:
    add_estate(
        session,
        {"cluster": "C1", "cpus": 2, "memory_mib": 1024, "provisioned_mib": 10.5},
        {"cluster": "C1", "cpus": 4, "memory_mib": None, "provisioned_mib": 10},
        {"cluster": "C2", "cpus": 8},
        {"cluster": "C1", "template": True},
    )
    totals = total_machines(session, Scope(clusters=("C1",)), limits=LIMITS)
    assert totals == MachineTotals(2, 3, 6, 1024, 20.5)
    with_templates = total_machines(
        session, Scope(clusters=("C1",), templates=Templates.INCLUDE), limits=LIMITS
    )
    assert (with_templates.machines, with_templates.machines_all) == (3, 4)
    assert total_machines(session, Scope(text="none"), limits=LIMITS) == MachineTotals(0, 3, None, None, None)


# Attributes
def test_attributes_are_those_of_machines_in_the_states_of_the_scope(session: Session) -> None:
    vcenter = add_vcenter(session)
    add_state(session, vcenter, EXPORTED_AT - timedelta(days=1), attributes=["gone"])
    state = add_state(session, vcenter, attributes=["owner", "Backup", "attr:odd"])
    columns = models.import_columns
    for tab, field in (("vMemory", "attr:owner"), ("vDisk", "attr:Tier"), ("vHost", "attr:Rack")):
        session.execute(columns.insert().values(import_id=state.id, tab=tab, field=field, filled=1))
    assert list_attributes(session, Scope()) == ["attr:odd", "Backup", "owner", "Tier"]
    assert list_attributes(session, Scope(as_of=(EXPORTED_AT - timedelta(days=1)).date())) == ["gone"]


# One machine
def test_a_machine_comes_with_all_that_hangs_on_it(session: Session) -> None:
    state = add_estate(session)
    machine = add_machine(
        session, state, "sql", cpus=4, template=False, memory_mib=0.5, attributes={"Owner": "me"}
    )
    other = add_machine(session, state, "other")
    disk = {
        "label": "Hard disk 1",
        "capacity_mib": 1024,
        "thin": True,
        "datastore": "ds",
        "path": "[ds] a.vmdk",
    }
    add(session, models.disks, state, machine, **disk, controller="SCSI 0", disk_mode="persistent", raw=False)
    add(session, models.disks, state, other, label="not mine")
    add(
        session,
        models.partitions,
        state,
        machine,
        mount_point="C:\\",
        capacity_mib=10,
        consumed_mib=9,
        free_pct=10,
    )
    adapter = {
        "label": "NIC 1",
        "adapter": "Vmxnet3",
        "network": "VLAN 1",
        "switch": "dvs",
        "mac_address": "00:50",
    }
    add(session, models.network_adapters, state, machine, **adapter, ipv4_address="10.0.0.1", connected=True)
    taken = EXPORTED_AT - timedelta(days=1, hours=12)
    add(session, models.vm_snapshots, state, machine, snapshot_name="before", taken_at=taken, size_mib=5)
    add(session, models.vm_snapshots, state, machine, snapshot_name="undated")
    detail = get_machine(session, Scope(), machine_id=machine.machine_id)
    assert (detail.machine_id, detail.vcenter, detail.exported_at) == (
        machine.machine_id,
        "vc-north",
        EXPORTED_AT,
    )
    assert detail.is_current
    assert detail.fields == {
        "name": "sql",
        "vm_id": "vm-sql",
        "power_state": "poweredOn",
        "template": False,
        "cpus": 4,
        "memory_mib": 0.5,
    }
    assert detail.attributes == {"Owner": "me"}
    assert detail.disks == (
        Disk("Hard disk 1", 1024, True, "ds", "[ds] a.vmdk", "SCSI 0", "persistent", False),
    )
    assert detail.partitions == (Partition("C:\\", 10, 9, 10),)
    assert detail.adapters == (Adapter("NIC 1", "Vmxnet3", "VLAN 1", "dvs", "00:50", "10.0.0.1", None, True),)
    assert detail.snapshots == (
        Snapshot("before", None, taken, 1.5, 5),
        Snapshot("undated", None, None, None, None),
    )


def test_a_tab_that_the_export_lacks_is_unknown_and_an_empty_one_is_empty(session: Session) -> None:
    machine = add_machine(session, add_state(session, add_vcenter(session), tabs=["vInfo", "vDisk"]))
    detail = get_machine(session, Scope(), machine_id=machine.machine_id)
    assert (detail.disks, detail.partitions, detail.adapters, detail.snapshots) == ((), None, None, None)
    assert detail.attributes == {}


def test_a_machine_that_is_gone_is_shown_as_it_was_last_seen(session: Session) -> None:
    vcenter = add_vcenter(session)
    for days, cpus in ((20, 1), (10, 2)):
        machine = add_machine(
            session, add_state(session, vcenter, EXPORTED_AT - timedelta(days=days)), cpus=cpus
        )
    add_state(session, vcenter, EXPORTED_AT)
    detail = get_machine(session, Scope(), machine_id=machine.machine_id)
    assert (detail.fields["cpus"], detail.is_current) == (2, False)
    then = Scope(as_of=(EXPORTED_AT - timedelta(days=15)).date())
    detail = get_machine(session, then, machine_id=machine.machine_id)
    assert (detail.fields["cpus"], detail.is_current) == (1, True)


@pytest.mark.parametrize("hide", ["vcenter", "unpublished", "earlier", "absent"])
def test_a_machine_that_cannot_be_seen_is_not_found(session: Session, hide: str) -> None:
    vcenter = add_vcenter(session, is_hidden=hide == "vcenter")
    state = add_state(session, vcenter, status="unpublished" if hide == "unpublished" else "published")
    machine = add_machine(session, state)
    if hide == "absent":
        session.execute(delete(models.virtual_machines))
    scope = Scope(as_of=date(2000, 1, 1)) if hide == "earlier" else Scope()
    with pytest.raises(NotFoundError, match=f"id {machine.machine_id}"):
        get_machine(session, scope, machine_id=machine.machine_id)


# Budgets
def test_no_list_uses_more_statements_for_more_machines(manager: DatabaseManager, count_statements) -> None:
    used = []
    for machines in (5, 50):
        with manager.get_session() as session:
            state = add_estate(
                session, *({"host": f"esx{n}", "attributes": {"n": str(n)}} for n in range(machines))
            )
            machine = add_machine(session, state, "with children")
            for number in range(machines):
                add(session, models.disks, state, machine, label=str(number))
            with count_statements(session.get_bind()) as statements:
                found(session, columns=["name", "attr:n"], sort="host")
                total_machines(session, Scope(text="vm"), limits=LIMITS)
                list_choices(session, Scope(), limits=LIMITS, field="host")
                list_attributes(session, Scope())
                get_machine(session, Scope(), machine_id=machine.machine_id)
            used.append(len(statements))
    assert used == [2 + 1 + 1 + 1 + 6] * 2
