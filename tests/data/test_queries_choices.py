"""What filters offer: values with the machines that have them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from data.conditions import kind_of, one_of
from data.database import DatabaseManager, upgrade_schema
from data.demo import write_demo
from data.errors import InvalidInputError
from data.fields import MACHINE_FIELDS
from data.ingest import import_file
from data.models import disks, network_adapters
from data.queries.choices import list_choices
from data.queries.machines import total_machines
from data.results import AttentionLimits, Choice, Share
from data.scope import FILTER_OF, Scope, joined_condition
from data.vocabulary import Kind
from tests.factories import add, add_estate, add_machine

LIMITS = AttentionLimits()


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """An invented estate of 150 machines."""
    folder = tmp_path_factory.mktemp("estate")
    manager = DatabaseManager(f"sqlite:///{folder / 'inventory.db'}")
    upgrade_schema(manager.db_url)
    (file,) = write_demo(folder / "demo.xlsx", vms=150, seed=4)
    import_file(manager.db_url, file)
    with manager.get_session() as session:
        yield session
    manager.clear_cache()


def choices(session: Session, field: str, scope: Scope | None = None, **options: Any) -> list[Choice]:
    return list_choices(session, scope or Scope(), limits=LIMITS, field=field, **options)


@pytest.mark.parametrize("field", ["datacenter", "cluster", "host", "os_config", "folder"])
def test_choices_are_values_with_their_machines_the_most_frequent_first(session: Session, field: str) -> None:
    values = ["b", "a", "b", None, None, None, "c"]
    add_estate(session, *({field: value} for value in values), {field: "a", "template": True})
    expected = [Choice(None, 3), Choice("b", 2), Choice("a", 1), Choice("c", 1)]
    assert choices(session, field) == expected
    assert choices(session, field, limit=2) == expected[:2]
    assert choices(session, field, search="C") == [Choice("c", 1)]
    for choice in expected:
        scope = Scope().with_(**{FILTER_OF[field]: (choice.value or "",)})
        assert total_machines(session, scope, limits=LIMITS).machines == choice.machines


def test_power_states_nobody_knows_are_offered_as_none(session: Session) -> None:
    add_estate(
        session,
        *({"power_state": state} for state in ("poweredOn", None, "strange", "poweredOff", "poweredOn")),
    )
    offered = choices(session, "power_state")
    assert offered == [Choice(None, 2), Choice("poweredOn", 2), Choice("poweredOff", 1)]
    assert total_machines(session, Scope(power=("",)), limits=LIMITS).machines == 2


def test_choices_heed_all_filters_but_their_own(session: Session) -> None:
    add_estate(
        session,
        {"cluster": "C1", "datacenter": "DC1"},
        {"cluster": "C2", "datacenter": "DC1"},
        {"cluster": "C3", "datacenter": "DC2"},
    )
    scope = Scope(clusters=("C1",), datacenters=("DC1",)).beyond_clusters([Share("C2", 1, None, 1, "DC1")])
    assert [choice.value for choice in choices(session, "cluster", scope)] == ["C1", "C2"]
    assert [choice.value for choice in choices(session, "datacenter", scope)] == ["DC1"]


def test_choices_are_found_by_any_part_whatever_the_case(session: Session) -> None:
    add_estate(session, {"folder": "/DC1/vm/KÖLN_1"}, {"folder": "/DC1/vm/KÖLNX1"}, {"folder": None})
    assert [choice.value for choice in choices(session, "folder", search="köln_")] == ["/DC1/vm/KÖLN_1"]


def test_values_of_what_is_no_column_are_not_offered(session: Session) -> None:
    with pytest.raises(InvalidInputError, match="“is_current”"):
        choices(session, "is_current")


def machines_of(session: Session, condition: tuple[str, str]) -> int:
    return total_machines(session, Scope(where=(joined_condition(*condition),)), limits=LIMITS).machines


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("annotation", ["b, c", "x", None, "x"], {"x": 2, None: 1, "b, c": 1}),
        ("attr:Cost: centre", ["x", "x", "(none)", None, None, None], {None: 3, "x": 2, "(none)": 1}),
        ("efi_secure_boot", [True, False, None, True], {"yes": 2, None: 1, "no": 1}),
        ("cpus", [8, 2, 2, None, -1], {"2": 2, None: 1, "-1": 1, "8": 1}),
        ("memory_mib", [8192, 8200, 0, 512, None, 1.5 * 1024**2], {"8 GiB": 2, None: 1, "0 MiB": 1}),
        ("memory_mib", [983, 1024, 0.5], {"1 GiB": 2, "512 KiB": 1, "983 MiB": 1}),
        ("cpu_usage_mhz", [2400, 2400.01, 0, None], {"2400 MHz": 2, None: 1, "0 MHz": 1}),
        (
            "cpu_readiness_pct",
            [0, 0.01, 100, 99.97, 9.96, None],
            {"0 %": 1, "0.01 %": 1, "99.97 %": 1, "10 %": 1},
        ),
        ("off_days", [90.2, 90.9, 91, 0.5, None], {"90 days": 2, "0 days": 1, "91 days": 1}),
        (
            "created_at",
            [datetime(2026, 1, 1), datetime(2026, 1, 1, 23, 59, 59, 999999), datetime(2026, 1, 2), None],
            {"2026-01-01": 2, None: 1, "2026-01-02": 1},
        ),
        ("vm_id", ["a", "b"], {"a": 1, "b": 1}),
    ],
)
def test_a_value_typed_as_a_condition_finds_as_many_machines_as_it_says(
    session: Session, field: str, values: list[Any], expected: dict[str | None, int]
) -> None:
    name = field.removeprefix("attr:")
    filled = [
        {"attributes": {name: value}} if "attr:" in field and value is not None else {field: value}
        for value in values
    ]
    add_estate(session, *(row if "attr:" not in next(iter(row), "") else {} for row in filled))
    offered = choices(session, field)
    assert expected.items() <= {choice.value: choice.machines for choice in offered}.items()
    assert sum(choice.machines for choice in offered) >= len(values)
    assert offered == sorted(offered, key=lambda choice: (-choice.machines, choice.value or ""))
    for choice in offered:
        is_text = kind_of(field) in {Kind.NAME, Kind.TEXT}
        typed = one_of([choice.value]) if is_text else f"= {choice.value or '(none)'}"
        assert (choice, machines_of(session, (field, typed))) == (choice, choice.machines)


@pytest.mark.parametrize("field", [field.key for field in MACHINE_FIELDS])
def test_every_column_offers_its_values(estate: Session, field: str) -> None:
    for choice in choices(estate, field):
        is_text = kind_of(field) in {Kind.NAME, Kind.TEXT}
        typed = one_of([choice.value]) if is_text else f"= {choice.value or '(none)'}"
        assert (choice, machines_of(estate, (field, typed))) == (choice, choice.machines)


def test_the_conditions_of_the_column_itself_do_not_count(session: Session) -> None:
    add_estate(session, {"host": "a", "cpus": 2}, {"host": "b", "cpus": 4}, {"host": "c", "cpus": 4})
    scope = Scope(where=("host:a", "cpus:4"))
    assert [choice.value for choice in choices(session, "host", scope)] == ["b", "c"]
    assert [choice.value for choice in choices(session, "cpus", scope)] == ["2"]


def test_datastores_and_networks_are_offered_with_the_machines_that_have_them(session: Session) -> None:
    state = add_estate(session)
    rows = {
        "one": (
            "[ds1] a.vmx",
            ["ds1", "ds1", "ds2"],
            ["n1", "n1", None],
            {"network_1": "n1", "network_2": "n2"},
        ),
        "two": ("[ds3] a.vmx", ["ds1", None], [], {"network_1": "n2", "network_8": "n2"}),
        "three": (None, [], ["n1"], {}),
        "four": ("no datastore", [], [None], {}),
        "template": ("[ds1] a.vmx", ["ds1"], ["n1"], {"template": True}),
    }
    for name, (path, stores, networks, values) in rows.items():
        machine = add_machine(session, state, name, path=path, **values)
        for store in stores:
            add(session, disks, state, machine, datastore=store)
        for network in networks:
            add(session, network_adapters, state, machine, network=network)
    add(session, disks, state, datastore="of nobody")
    assert choices(session, "datastore") == [
        Choice(None, 2),
        Choice("ds1", 2),
        Choice("ds2", 1),
        Choice("ds3", 1),
    ]
    assert choices(session, "network") == [Choice("n1", 2), Choice("n2", 2), Choice(None, 1)]
    assert choices(session, "datastore", search="DS", limit=2) == [Choice("ds1", 2), Choice("ds2", 1)]
    scope = Scope(datastores=("ds2",), networks=("n2",))
    assert choices(session, "datastore", scope) == [Choice("ds1", 2), Choice("ds2", 1), Choice("ds3", 1)]
    assert choices(session, "network", scope) == [Choice("n1", 1), Choice("n2", 1)]
    for field, attribute in (("datastore", "datastores"), ("network", "networks")):
        for choice in choices(session, field):
            only = Scope().with_(**{attribute: (choice.value or "",)})
            assert total_machines(session, only, limits=LIMITS).machines == choice.machines
