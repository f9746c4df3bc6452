"""Looking back: every question asked as of a day is answered as the newest states were on that day."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.queries.choices import list_choices, list_datacenters
from data.queries.counts import count_machines, total_resources
from data.queries.estate import get_estate_status
from data.queries.machine import get_machine
from data.queries.machines import find_machines, list_attributes, total_machines
from data.queries.overview import get_overview
from data.queries.states import list_state_days
from data.results import AttentionLimits, StateDay
from data.scope import FILTER_OF, Scope
from data.vocabulary import AttentionRule, Templates
from tests.conftest import counted_statements
from tests.factories import add, add_machine, add_state, add_vcenter

LIMITS = AttentionLimits(off_days=40)
COLUMNS = ("name", "host", "cpus", "power_state", "attr:Owner")
EXPORTS = [
    ("vc-north", datetime(2026, 5, 4, 6), 4),
    ("vc-south", datetime(2026, 6, 20, 23, 59, 59), 3),
    ("vc-north", datetime(2026, 7, 6, 6), 6),
    ("vc-west", datetime(2026, 7, 6, 18), 2),
    ("vc-south", datetime(2026, 9, 1, 0, 0), 5),
    ("vc-north", datetime(2026, 9, 1, 12), 5),
]
"""Whose export, when, of how many machines; oldest first. vc-west has one alone."""
DAYS = [
    date(2026, 5, 3),
    date(2026, 5, 4),
    date(2026, 6, 20),
    date(2026, 7, 5),
    date(2026, 7, 6),
    date(2026, 9, 1),
]
SCOPES = [
    Scope(),
    Scope(templates=Templates.INCLUDE),
    Scope(datacenters=("DC-north",), text="vm"),
    Scope(clusters=("C1", ""), power=("poweredOn",)),
    Scope(attention=(AttentionRule.LONG_OFF,)),
    Scope(vcenters=(2,)),
    Scope(where=("attr:Owner:owner", "memory_mib:> 1", "host:!(none)"), datastores=("d1",), networks=("",)),
]


def store(session: Session, until: datetime) -> None:
    """The exports up to a time, as importing them one after another would store them."""
    vcenters: dict[str, int] = {}
    for number, (name, exported_at, machines) in enumerate(EXPORTS):
        if exported_at > until:
            continue
        if name not in vcenters:
            vcenters[name] = add_vcenter(session, name)
        tabs = ("vInfo", "vCPU", "vMemory", "vTools", "vHost", "vDatastore", "vDisk", "vSnapshot")
        state = add_state(
            session,
            vcenters[name],
            exported_at,
            tabs=tabs[: 8 - number % 3],
            attributes=["Owner", f"A{number}"],
        )
        place = {"datacenter": f"DC-{name[3:]}"}
        add(
            session,
            models.hosts,
            state,
            name="h1",
            cores=8 + number,
            in_maintenance_mode=number % 2 == 0,
            **place,
        )
        add(session, models.datastores, state, name="d1", capacity_mib=1000, free_mib=50 + number, free_pct=5)
        for index in range(machines):
            machine = add_machine(
                session,
                state,
                f"vm-{index}",
                cpus=2 + number,
                memory_mib=1024 * (number + 1),
                provisioned_mib=10.0 * index,
                cluster=f"C{index % 2}" if index else None,
                host=f"h{number}",
                template=index == 3,
                power_state="poweredOff" if index == 1 else "poweredOn",
                off_days=20 * number if index == 1 else None,
                os_config=f"OS {(index + number) % 3}",
                snapshot_age_days=number * 3 if index == 2 else None,
                attributes={"Owner": f"owner {number}"},
                **place,
            )
            add(session, models.disks, state, machine, label="disk", capacity_mib=5, datastore="d1")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, _schema_template: Path) -> Iterator[Session]:
    """All exports."""
    yield from stored(tmp_path_factory.mktemp("all"), _schema_template, EXPORTS[-1][1])


@pytest.fixture(scope="module", params=DAYS, ids=str)
def day(request: pytest.FixtureRequest) -> date:
    return request.param


@pytest.fixture(scope="module")
def then(day: date, tmp_path_factory: pytest.TempPathFactory, _schema_template: Path) -> Iterator[Session]:
    """What was stored at the end of the day."""
    end = datetime.combine(day, datetime.max.time())
    yield from stored(tmp_path_factory.mktemp("then"), _schema_template, end)


def stored(folder: Path, template: Path, until: datetime) -> Iterator[Session]:
    file = folder / "inventory.db"
    shutil.copy(template, file)
    manager = DatabaseManager(f"sqlite:///{file}")
    with manager.get_session() as session:
        store(session, until)
        yield session
    manager.clear_cache()


def answers(session: Session, scope: Scope) -> dict[str, Any]:
    """Everything that the pages ask."""
    rows = [
        find_machines(session, scope, limits=LIMITS, columns=COLUMNS, sort=sort, stop=100)
        for sort in ("name", "attr:Owner", "memory_mib")
    ]
    return {
        "overview": get_overview(session, scope, limits=LIMITS),
        "status": get_estate_status(session, scope),
        "totals": total_machines(session, scope, limits=LIMITS),
        "counts": count_machines(session, scope),
        "resources": total_resources(session, scope),
        "rows": [sorted(frame.itertuples(index=False, name=None)) for frame in rows],
        "attributes": list_attributes(session, scope),
        "datacenters": list_datacenters(session, scope),
        "choices": [list_choices(session, scope, limits=LIMITS, field=field) for field in FILTER_OF],
        "machines": [
            get_machine(session, Scope(as_of=scope.as_of), machine_id=machine_id)
            for machine_id in sorted({row[0] for row in rows[0].itertuples(index=False, name=None)})
        ],
    }


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.query() or "all")
def test_a_day_is_answered_as_the_newest_states_were_then(
    everything: Session, then: Session, day: date, scope: Scope
) -> None:
    assert answers(everything, scope.with_(as_of=day)) == answers(then, scope)


def test_a_day_between_exports_takes_the_last_state_of_each_vcenter(everything: Session) -> None:
    status = get_estate_status(everything, Scope(as_of=date(2026, 7, 10)))
    assert {state.name: state.exported_at.date() for state in status.vcenters} == {
        "vc-north": date(2026, 7, 6),
        "vc-south": date(2026, 6, 20),
        "vc-west": date(2026, 7, 6),
    }


def test_days_with_states_are_listed_newest_first_with_their_vcenters(everything: Session) -> None:
    assert list_state_days(everything, Scope(as_of=date(2026, 6, 1), datacenters=("DC-north",))) == [
        StateDay(date(2026, 9, 1), ("vc-north", "vc-south")),
        StateDay(date(2026, 7, 6), ("vc-north", "vc-west")),
        StateDay(date(2026, 6, 20), ("vc-south",)),
        StateDay(date(2026, 5, 4), ("vc-north",)),
    ]
    assert [one.day for one in list_state_days(everything, Scope(vcenters=(3,)))] == [date(2026, 7, 6)]


def test_days_of_hidden_vcenters_and_of_states_being_stored_are_not_listed(session: Session) -> None:
    add_state(session, add_vcenter(session, "hidden", is_hidden=True))
    shown = add_vcenter(session, "shown")
    add_state(session, shown, status="unpublished")
    assert list_state_days(session, Scope()) == []


def test_two_states_or_fifty_are_listed_by_one_statement(session: Session) -> None:
    vcenter = add_vcenter(session)
    for number in range(50):
        add_state(session, vcenter, datetime(2026, 1, 1) + timedelta(days=number))
    with counted_statements(session.get_bind().engine) as statements:
        assert len(list_state_days(session, Scope())) == 50
    assert len(statements) == 1
