"""Copies of a whole inventory between databases of any kind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from app import create_app
from data import models
from data.copying import NOT_COPIED, TABLES, Fingerprint, copy_inventory
from data.database import DatabaseManager, describe
from data.errors import (
    ConflictError,
    DatabaseUnavailableError,
    InvalidInputError,
    NoInventoryError,
)
from data.fields import DEFAULT_COLUMNS
from data.generations import current_generation
from data.ingest import import_file, needs_sweep, sweep
from data.ingest.demo import load_demo
from data.ingest.locking import import_lock
from data.ingest.states import set_hidden, set_pinned
from data.queries.choices import list_choices
from data.queries.counts import count_machines, total_resources
from data.queries.estate import get_estate_status, get_stats
from data.queries.history import get_machine_history
from data.queries.imports import list_imports, list_vcenters
from data.queries.labels import list_label_keys, list_label_values
from data.queries.machine import get_machine, get_machine_rows, get_placement
from data.queries.machines import find_machines, list_attributes, total_machines
from data.queries.overview import get_overview
from data.queries.palette import find_named_machines, list_places
from data.queries.quality import get_data_quality
from data.queries.states import list_state_days
from data.results import AttentionLimits
from data.scope import FILTER_OF, Scope
from data.settings import Settings
from data.vocabulary import ImportOutcome, JobPhase, SortDirection, Templates
from tests.data.dying_copies import copy_until
from tests.engines import ENGINES
from tests.factories import add_estate, add_label

SAMPLES = Path(__file__).parents[1] / "samples"
LAB, NEXT = SAMPLES / "lab-3.10-25-tabs.xlsx", SAMPLES / "synthetic-odd-headers-17-tabs.xlsx"
LIMITS = AttentionLimits()
NOW = datetime(2026, 11, 23, 6, 0)
NewDatabase = Callable[[str], str]

ODD: dict[str, Any] = {
    "annotation": "tab\there, line\nend\r\n, \\N, 'quoted' \"twice\" \\ %s :x, ß ẞ ς İ, 😀, blank at the end ",
    "dns_name": "É.example ",
    "provisioned_mib": -0.0,
    "in_use_mib": 0.1 + 0.2,
    "unshared_mib": 1e300,
    "created_at": datetime(1000, 1, 1, 0, 0, 0, 1),
    "boot_delay_ms": 2**63 - 1,
    "template": None,
    "attributes": {
        "b": "1",
        "a": "2",
        "A": "",
        "a ": "ü",
        "$.x['y']": '"',
        "\\": "\n",
        "😀": "false",
        "Owner": None,
    },
}
"""Of one machine: what databases store differently."""


@pytest.fixture(scope="module")
def _inventory(tmp_path_factory: pytest.TempPathFactory, _schema_template: Path) -> Path:
    """Exports of all tabs, a demo of two months, labels, mapped headers, what is hidden and pinned, odd values."""
    file = tmp_path_factory.mktemp("copied") / "inventory.db"
    shutil.copy(_schema_template, file)
    url = f"sqlite:///{file}"
    manager = DatabaseManager(url)
    import_file(url, LAB)
    import_file(url, SAMPLES / "synthetic-sheetjs-3-vms.xlsx", vcenter="sheets ")
    load_demo(url, vms=12, seed=3, months=2, vcenters=1, newest=NOW)
    with manager.session_scope() as session:
        for key, value in (("env", "prod"), ("env", "Prod"), ("owner", "grün 🌱")):
            assigned = {"label_id": add_label(session, key, value), "assigned_at": NOW}
        machine = session.scalar(select(func.min(models.machines.c.id)))
        session.execute(insert(models.machine_labels).values(assigned | {"machine_id": machine}))
        session.execute(insert(models.folder_labels).values(assigned | {"vcenter_id": 1, "folder": "/a"}))
        session.execute(
            insert(models.header_mappings).values(tab="vInfo", header="vm", field="name", created_at=NOW)
        )
        row = select(func.max(models.virtual_machines.c.id)).scalar_subquery()
        session.execute(
            update(models.virtual_machines).where(models.virtual_machines.c.id == row).values(ODD)
        )
    with manager.get_session() as session:
        oldest = min(state.id for state in list_imports(session, Scope()))
    set_pinned(url, import_id=oldest, is_pinned=True)
    set_hidden(url, vcenter_id=1, is_hidden=True)
    manager.clear_cache()
    return file


@pytest.fixture
def inventory(_inventory: Path, tmp_path: Path) -> Iterator[str]:
    """URL of an SQLite database with an inventory."""
    file = tmp_path / "source.db"
    shutil.copy(_inventory, file)
    url = f"sqlite:///{file}"
    yield url
    DatabaseManager(url).clear_cache()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.services),
        pytest.param("mariadb", marks=pytest.mark.services),
    ]
)
def source(request: pytest.FixtureRequest, inventory: str, new_database: NewDatabase) -> str:
    """The same on each engine."""
    if request.param == "sqlite":
        return inventory
    url = new_database(request.param)
    assert all(table.same for table in copy_inventory(inventory, url))
    return url


def answers(db_url: str) -> Iterator[tuple[str, Any]]:
    """Everything that the pages ask: what, and the answer."""
    with DatabaseManager(db_url).get_session() as session:
        everything = Scope(templates=Templates.INCLUDE)
        yield "status", get_estate_status(session, everything)
        yield "stats", get_stats(session, include_templates=True)
        yield "imports", list_imports(session, Scope())
        yield "vcenters", list_vcenters(session, Scope())
        keys = list_label_keys(session, Scope())
        yield "labels", {key: list_label_values(session, Scope(), key=key) for key in keys}
        yield "places", list_places(session, Scope())
        yield (
            "found",
            [find_named_machines(session, Scope(), text=typed) for typed in ("a", "10.", "vm", "😀")],
        )
        days = list_state_days(session, Scope())
        yield "days", days
        for scope in (everything, Scope(text="a"), Scope(as_of=days[-1].day), Scope(where=("attr:a:2",))):
            for name, answer in of_scope(session, scope):
                yield f"{name} of {scope}", answer
        for machine_id in find_machines(session, everything, limits=LIMITS, columns=["name"])["machine_id"]:
            for question in (get_machine, get_machine_rows, get_placement, get_machine_history):
                yield f"{question.__name__} {machine_id}", question(session, Scope(), machine_id=machine_id)


def of_scope(session: Session, scope: Scope) -> Iterator[tuple[str, Any]]:
    yield "overview", get_overview(session, scope, limits=LIMITS)
    yield "counts", count_machines(session, scope, limits=LIMITS)
    yield "resources", total_resources(session, scope, limits=LIMITS)
    yield "totals", total_machines(session, scope, limits=LIMITS)
    yield "quality", get_data_quality(session, scope, limits=LIMITS)
    yield "attributes", list_attributes(session, scope)
    for field in FILTER_OF:
        yield f"choices of {field}", list_choices(session, scope, limits=LIMITS, field=field)
    for sort in (*DEFAULT_COLUMNS, "annotation", "in_use_mib", "created_at", "template", "attr:a"):
        for direction in SortDirection:
            frame = find_machines(
                session,
                scope,
                limits=LIMITS,
                columns=list(dict.fromkeys((*DEFAULT_COLUMNS, sort))),
                sort=sort,
                direction=direction,
            )
            yield f"rows by {sort} {direction}", frame.to_dict("records")


def contents(db_url: str) -> dict[str, int]:
    """Table -> rows, of those that have some."""
    with DatabaseManager(db_url).get_session() as session:
        counts = {table.name: rows_in(session, table) for table in TABLES}
    return {name: count for name, count in counts.items() if count}


def rows_in(session: Session, table: Table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def shown(db_url: str) -> list[Any]:
    """What the pages and the caches see first."""
    with DatabaseManager(db_url).get_session() as session:
        return [
            list_imports(session, Scope()),
            get_estate_status(session, Scope()).vcenters,
            list_state_days(session, Scope()),
            count_machines(session, Scope()).total,
            list_label_keys(session, Scope()),
            rows_in(session, models.header_mappings),
        ]


def at(moment: str, act: Callable[[], object]) -> Callable[[JobPhase, int, str], None]:
    """Hears of progress; acts the first time that something begins so."""
    waiting = [act]

    def hear(_phase: JobPhase, _pct: int, message: str) -> None:
        if waiting and message.startswith(moment):
            waiting.pop()()

    return hear


# The whole of it
def test_every_page_gives_the_same_answers_from_the_copy(inventory: str, source: str, db_url: str) -> None:
    tables = copy_inventory(source, db_url)
    assert [table.table for table in tables if not table.same] == []
    assert {table.table: table.rows for table in tables if table.rows} == contents(inventory)
    for (name, expected), (_name, found) in zip(answers(inventory), answers(db_url), strict=True):
        assert found == expected, name


def test_tables_are_copied_or_left_out_for_a_reason() -> None:
    assert {*TABLES, *NOT_COPIED} == set(models.metadata.sorted_tables)
    assert {table.name for table in NOT_COPIED} == {"jobs", "generations"}


def test_the_next_import_takes_ids_that_are_free(inventory: str, db_url: str) -> None:
    copy_inventory(inventory, db_url)
    assert import_file(db_url, LAB).outcome == ImportOutcome.UNCHANGED
    before = contents(db_url)
    assert import_file(db_url, NEXT, vcenter="next").outcome == ImportOutcome.STORED
    after = contents(db_url)
    assert after["imports"] == before["imports"] + 1
    assert after["disks"] == before["disks"] + 5
    with DatabaseManager(db_url).session_scope() as session:
        add_label(session, "next", "one")


def test_the_generation_is_greater_than_those_of_both(inventory: str, db_url: str) -> None:
    generations = models.generations
    ahead = {"inventory": 5_000_000_000, "labels": 4_000_000_000}
    with DatabaseManager(inventory).session_scope() as session:
        session.execute(delete(generations))
        for subject, value in ahead.items():
            session.execute(insert(generations).values(subject=subject, value=value))
    with DatabaseManager(db_url).get_session() as session:
        before = current_generation(session)
    copy_inventory(inventory, db_url)
    with DatabaseManager(db_url).get_session() as session:
        assert current_generation(session) != before
        found = dict(session.execute(select(generations)).all())
    assert found.keys() == ahead.keys()
    assert all(found[subject] > value for subject, value in ahead.items())


def test_jobs_stay_where_they_are(inventory: str, db_url: str) -> None:
    job = {"kind": "import", "phase": "done", "created_at": NOW, "payload": {}}
    with DatabaseManager(db_url).session_scope() as session:
        session.execute(insert(models.jobs).values(job | {"message": "of the target"}))
    with DatabaseManager(inventory).session_scope() as session:
        session.execute(insert(models.jobs).values(job | {"message": "of the source"}))
    copy_inventory(inventory, db_url)
    with DatabaseManager(db_url).get_session() as session:
        assert session.scalars(select(models.jobs.c.message)).all() == ["of the target"]


# While others work
def test_what_comes_into_the_source_meanwhile_is_not_copied(source: str, new_database: NewDatabase) -> None:
    before, target = contents(source), new_database("sqlite")

    def change() -> None:
        import_file(source, NEXT, vcenter="next")
        set_hidden(source, vcenter_id=1, is_hidden=False)

    assert all(table.same for table in copy_inventory(source, target, at("Copying disks", change)))
    assert contents(target) == before
    assert contents(source) != before
    with DatabaseManager(target).get_session() as session:
        hidden = {vcenter.id for vcenter in list_vcenters(session, Scope()) if vcenter.is_hidden}
    assert hidden == {1}


def test_nobody_sees_anything_before_everything_is_there(inventory: str, db_url: str) -> None:
    empty, seen = shown(db_url), []
    copy_inventory(inventory, db_url, lambda *_: seen.append(shown(db_url)))
    assert len(seen) > len(TABLES)
    assert seen.count(empty) == len(seen)
    assert shown(db_url) == shown(inventory)


def test_a_sweep_leaves_the_rows_of_a_running_copy(inventory: str, db_url: str) -> None:
    hear = at("Checking disks", lambda: sweep(db_url))
    assert all(table.same for table in copy_inventory(inventory, db_url, hear))
    assert contents(db_url) == contents(inventory)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_running_import_is_waited_for(side: str, inventory: str, db_url: str) -> None:
    def hear(phase: JobPhase, _pct: int, message: str) -> None:
        if phase == JobPhase.QUEUED:
            raise InterruptedError(message)

    busy = inventory if side == "source" else db_url
    with import_lock(busy, lambda: None), pytest.raises(InterruptedError, match="Waiting for an import"):
        copy_inventory(inventory, db_url, hear)
    assert all(table.same for table in copy_inventory(inventory, db_url))


def test_what_an_interrupted_import_left_in_the_source_is_not_copied(inventory: str, db_url: str) -> None:
    expected = contents(inventory)
    with DatabaseManager(inventory).session_scope() as session:
        add_estate(session, {"cpus": 1}, status="unpublished")
    copy_inventory(inventory, db_url)
    assert contents(db_url) == expected


# Interrupted
@pytest.mark.parametrize(
    "moment",
    ["Copying imports", "Copying disks", "Publishing", "Checking machine_labels"],
)
def test_a_copy_that_is_killed_shows_nothing_and_the_next_one_works(
    moment: str, inventory: str, db_url: str
) -> None:
    empty = shown(db_url)
    assert copy_until(moment, inventory, db_url) == -9
    assert shown(db_url) == empty
    assert needs_sweep(db_url) == (moment != "Copying imports")
    assert all(table.same for table in copy_inventory(inventory, db_url))
    assert shown(db_url) == shown(inventory)


def test_a_sweep_removes_what_a_killed_copy_left(inventory: str, db_url: str) -> None:
    assert copy_until("Publishing", inventory, db_url) == -9
    assert contents(db_url) != {}
    sweep(db_url)
    assert contents(db_url) == {}
    assert not needs_sweep(db_url)


def test_an_interruption_by_hand_shows_nothing(inventory: str, db_url: str) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    empty = shown(db_url)
    with pytest.raises(KeyboardInterrupt):
        copy_inventory(inventory, db_url, at("Copying partitions", interrupt))
    assert shown(db_url) == empty
    sweep(db_url)
    assert contents(db_url) == {}


@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("moment", ["Copying disks", "Checking disks"])
@pytest.mark.parametrize("engine", [pytest.param(name, marks=pytest.mark.services) for name in ENGINES[1:]])
def test_a_lost_connection_ends_in_a_sentence_and_shows_nothing(
    engine: str, moment: str, inventory: str, new_database: NewDatabase
) -> None:
    """Psycopg warns of a cursor that it could not close any more."""
    target = new_database(engine)
    empty = shown(target)
    with pytest.raises((DatabaseUnavailableError, ConflictError), match="lost"):
        copy_inventory(inventory, target, at(moment, lambda: cut_off(target)))
    DatabaseManager(target).clear_cache()
    assert shown(target) == empty
    assert all(table.same for table in copy_inventory(inventory, target))


def cut_off(db_url: str) -> None:
    """End all other connections to a database on a server."""
    with DatabaseManager(db_url).get_session() as session:
        if session.get_bind().dialect.name == "postgresql":
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            session.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
            return
        processes = "FROM information_schema.processlist WHERE db = database() AND id <> connection_id()"
        for number in session.scalars(text(f"SELECT id {processes}")).all():
            session.execute(text(f"KILL {number}"))


# What is not the same
def test_a_value_that_changed_on_its_way_is_found_and_nothing_is_published(
    inventory: str, db_url: str
) -> None:
    disks = models.disks

    def damage() -> None:
        with DatabaseManager(db_url).session_scope() as session:
            last = session.scalar(select(func.max(disks.c.id)))
            session.execute(update(disks).where(disks.c.id == last).values(capacity_mib=1.25))

    tables = copy_inventory(inventory, db_url, at("Copying partitions", damage))
    (different,) = (table for table in tables if not table.same)
    assert different.table == "disks"
    assert different.rows == different.rows_copied
    assert different.checksum != different.checksum_copied
    assert not shown(db_url)[0]
    assert all(table.same for table in copy_inventory(inventory, db_url))


def test_a_row_that_is_lost_is_found_and_nothing_is_published(inventory: str, db_url: str) -> None:
    tables = copy_inventory(inventory, db_url, at("Copying partitions", lambda: lose_a_disk(db_url)))
    (different,) = (table for table in tables if not table.same)
    assert (different.table, different.rows_copied) == ("disks", different.rows - 1)
    assert not shown(db_url)[0]


def lose_a_disk(db_url: str) -> None:
    disks = models.disks
    with DatabaseManager(db_url).session_scope() as session:
        last = session.scalar(select(func.max(disks.c.id)))
        session.execute(delete(disks).where(disks.c.id == last))


def test_what_becomes_visible_at_once_is_compared_too(inventory: str, db_url: str) -> None:
    def rename() -> None:
        with DatabaseManager(db_url).session_scope() as session:
            of_first = models.vcenters.c.id == 1
            session.execute(update(models.vcenters).where(of_first).values(name="renamed"))

    tables = copy_inventory(inventory, db_url, at("Publishing", rename))
    assert [table.table for table in tables if not table.same] == ["vcenters"]
    assert not shown(db_url)[0]
    assert not shown(db_url)[4]


def test_labels_that_somebody_made_meanwhile_are_not_mixed_in(inventory: str, db_url: str) -> None:
    def label() -> None:
        with DatabaseManager(db_url).session_scope() as session:
            add_label(session, "mine", "one")

    with pytest.raises(ConflictError, match=r"not empty: it holds labels \(1\)"):
        copy_inventory(inventory, db_url, at("Publishing", label))
    assert not shown(db_url)[0]


# Refused
def test_a_target_that_holds_something_is_refused_with_what_it_holds(inventory: str, db_url: str) -> None:
    with DatabaseManager(db_url).session_scope() as session:
        add_estate(session, {"cpus": 1}, {"cpus": 2})
        add_label(session, "env", "prod")
    before = contents(db_url)
    with pytest.raises(ConflictError) as refused:
        copy_inventory(inventory, db_url)
    assert str(refused.value) == (
        f"The database {describe(db_url)} is not empty: it holds vCenters (1), states (1), machines (2), "
        "labels (1). Copy into an empty one."
    )
    assert contents(db_url) == before


def test_an_empty_source_is_refused(db_url: str, inventory: str) -> None:
    with pytest.raises(NoInventoryError, match="holds no inventory: there is nothing to copy"):
        copy_inventory(db_url, inventory)


def test_a_database_is_not_copied_into_itself(db_url: str) -> None:
    with pytest.raises(InvalidInputError, match="the same database"):
        copy_inventory(db_url, db_url)


@pytest.mark.parametrize("engine", [pytest.param(name, marks=pytest.mark.services) for name in ENGINES[1:]])
def test_a_row_that_the_target_cannot_hold_is_named_by_its_table(
    engine: str, inventory: str, new_database: NewDatabase
) -> None:
    with DatabaseManager(inventory).session_scope() as session:
        session.execute(update(models.hosts).values(name="h" * 300))
    target = new_database(engine)
    with pytest.raises(
        InvalidInputError, match=r"does not take a row of the table hosts: .*\bvar|Data too long"
    ):
        copy_inventory(inventory, target)
    assert not shown(target)[0]


# The checksum
def of_rows(*rows: tuple[Any, ...]) -> tuple[int, str]:
    found = Fingerprint()
    found.add(rows)
    return found.rows, found.checksum


def test_the_order_of_rows_and_of_keys_does_not_matter() -> None:
    rows = [(number, {"a": str(number), "b": "x"}) for number in range(100)]
    turned = [(number, {"b": "x", "a": str(number)}) for number in reversed(range(100))]
    assert of_rows(*rows) == of_rows(*turned)


VALUES: list[Any] = [
    None, True, False, 0, 1, 2, 2**53, 2**53 + 1, 0.5, 1.0, 1e300, 1e300 * 1.0000000000000002, "", " ", "a", "A",
    "a ", "1", "é", "e\u0301", "None", NOW, NOW + timedelta(microseconds=1), str(NOW), {}, {"a": None}, {"a": ""},
    {"a": "1", "b": "2"}, {"a": "2", "b": "1"}, [], ["a", "b"], ["b", "a"],
]  # fmt: skip


def test_values_that_differ_have_other_checksums() -> None:
    sums = {of_rows((value,))[1] for value in VALUES}
    assert len(sums) == len(VALUES)


def test_values_are_told_apart_by_their_rows_and_columns() -> None:
    places = [[("a", "b")], [("b", "a")], [("ab", "")], [("a",), ("b",)], [("a", "b"), ("a", "b")], []]
    assert len({of_rows(*rows) for rows in places}) == len(places)


# The command
@pytest.fixture
def run(tmp_path: Path, inventory: str, db_url: str, closed_port: int) -> Callable[..., Result]:
    """Run the command between `default`, which holds an inventory, and others."""
    databases = {
        "target": db_url,
        "empty": f"sqlite:///{tmp_path}/empty.db",
        "away": f"postgresql+psycopg://someone:topsecret@127.0.0.1:{closed_port}/x",
    }
    settings = Settings(db_url=inventory, databases=databases, instance_dir=tmp_path / "instance")
    runner = create_app(settings).test_cli_runner()
    return lambda *arguments: runner.invoke(args=["inventory", "copy", *arguments])


def test_the_command_says_what_was_copied_and_that_it_is_the_same(
    run: Callable[..., Result], db_url: str
) -> None:
    done = run("--from", "default", "--to", "target")
    assert done.exit_code == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["table", "rows", "checksum", "same"]
    assert {name: int(rows.replace(",", "")) for name, rows, _, _ in lines[1:] if rows != "0"} == contents(
        db_url
    )
    assert {same for *_, same in lines[1:]} == {"yes"}
    again = run("--from", "default", "--to", "target")
    assert again.exit_code == 2
    assert "is not empty" in again.stderr


@pytest.mark.sqlite_only("the command is the same for all")
def test_the_command_answers_in_json(run: Callable[..., Result]) -> None:
    tables = json.loads(run("--from", "default", "--to", "target", "--json").stdout)
    assert tables[0].keys() == {"table", "rows", "checksum", "rows_copied", "checksum_copied", "same"}
    assert [table["table"] for table in tables] == [table.name for table in TABLES]


@pytest.mark.sqlite_only("the command is the same for all")
@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("default", "default"), "Source and target are the same database"),
        (("empty", "target"), "holds no inventory"),
        (("default", "nowhere"), "There is no database “nowhere”"),
        (("default", "away"), "does not answer"),
    ],
)
def test_the_command_refuses_in_a_sentence(
    run: Callable[..., Result], names: tuple[str, str], sentence: str
) -> None:
    refused = run("--from", names[0], "--to", names[1])
    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert "topsecret" not in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.sqlite_only("the command is the same for all")
def test_the_command_names_what_differs(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(source: str, target: str, _on_progress: object) -> object:
        return copy_inventory(source, target, at("Copying partitions", lambda: lose_a_disk(target)))

    monkeypatch.setattr("data.cli.copy_inventory", lossy)
    refused = run("--from", "default", "--to", "target")
    assert refused.exit_code == 2
    assert "Nothing was published: the copy is not the same in disks (" in refused.stderr
