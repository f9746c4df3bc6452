"""Which machines a scope means: every filter against plain Python over the same rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.models import vcenters
from data.queries.counts import count_machines
from data.queries.machines import find_machines, total_machines
from data.results import AttentionLimits, PowerSplit, Share
from data.scope import Scope
from data.vocabulary import AttentionRule, PowerState, Templates
from tests.factories import add_estate, add_machine, add_state, add_vcenter

LIMITS = AttentionLimits()
OLD, NEW = datetime(2026, 10, 1), datetime(2026, 11, 1)


def names(session: Session, scope: Scope) -> set[str]:
    """The machines of a scope, found as the grid finds them."""
    frame = find_machines(session, scope, limits=LIMITS, columns=["name"], stop=1000)
    assert total_machines(session, scope, limits=LIMITS).machines == len(frame)
    assert count_machines(session, scope).total == len(frame)
    return set(frame["name"])


# What a row of the oracle may hold, and what a filter may ask
_NAMES = st.sampled_from([None, "a", "A", "b", "a/b", "100%"])
_MACHINES = st.fixed_dictionaries(
    {
        "vcenter": st.integers(0, 1),
        "datacenter": _NAMES,
        "cluster": _NAMES,
        "host": _NAMES,
        "os_config": _NAMES,
        "folder": _NAMES,
        "power_state": st.sampled_from([None, *PowerState, "unheard of"]),
        "template": st.sampled_from([None, True, False]),
        "created_at": st.sampled_from([None, datetime(2026, 1, 1), datetime(2026, 1, 2, 23, 59, 59, 999999)]),
        "annotation": st.sampled_from([None, "Straße_1", "100 %", "a/b"]),
    }
)
_VALUES = st.lists(st.sampled_from(["", "a", "b", "a/b", "100%", "absent"]), max_size=2, unique=True).map(
    tuple
)
_DAYS = st.sampled_from([None, date(2026, 1, 1), date(2026, 1, 2), date.max])
_SCOPES = st.builds(
    Scope,
    datacenters=_VALUES,
    clusters=_VALUES,
    hosts=_VALUES,
    os=_VALUES,
    folders=_VALUES,
    power=st.lists(st.sampled_from(["", *PowerState]), max_size=2, unique=True).map(tuple),
    templates=st.sampled_from(Templates),
    created_from=_DAYS,
    created_to=_DAYS,
    text=st.sampled_from(["", "", "STRASSE_", "100", "%", "_", "/", "M1"]),
)


def _passes(name: str, row: dict[str, Any], scope: Scope) -> bool:
    wanted = {
        "datacenter": scope.datacenters,
        "cluster": scope.clusters,
        "host": scope.hosts,
        "os_config": scope.os,
        "folder": scope.folders,
    }
    power = row["power_state"] if row["power_state"] in list(PowerState) else ""
    created = row["created_at"]
    texts = [name, row["host"], row["annotation"]]
    return (
        all(not values or (row[key] or "") in values for key, values in wanted.items())
        and (not scope.power or power in scope.power)
        and (
            scope.templates is Templates.INCLUDE
            or (row["template"] is True) == (scope.templates is Templates.ONLY)
        )
        and (not scope.created_from or (created is not None and created.date() >= scope.created_from))
        and (not scope.created_to or (created is not None and created.date() <= scope.created_to))
        and any(scope.text.casefold() in text.casefold() for text in texts if text)
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(machines=st.lists(_MACHINES, max_size=6), scope=_SCOPES)
def test_a_filter_finds_what_plain_python_finds(
    manager: DatabaseManager, machines: list[dict[str, Any]], scope: Scope
) -> None:
    with manager.get_session() as session:
        states = [add_state(session, add_vcenter(session, name)) for name in ("vc-north", "vc-south")]
        for number, row in enumerate(machines):
            add_machine(session, states[row["vcenter"]], f"m{number}", **_without(row, "vcenter"))
        expected = {f"m{n}" for n, row in enumerate(machines) if _passes(f"m{n}", row, scope)}
        assert names(session, scope) == expected
        assert names(session, Scope.from_query_string(scope.query())) == expected


def _without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


def test_the_newest_state_of_every_vcenter_is_meant_by_default(session: Session) -> None:
    north, south = add_vcenter(session, "vc-north"), add_vcenter(session, "vc-south")
    for vcenter, when, name in ((north, OLD, "gone"), (north, NEW, "here"), (south, OLD, "there")):
        add_machine(session, add_state(session, vcenter, when), name)
    assert names(session, Scope()) == {"here", "there"}


def test_an_older_export_that_comes_in_later_changes_nothing(session: Session) -> None:
    vcenter = add_vcenter(session)
    add_machine(session, add_state(session, vcenter, NEW), "here")
    add_machine(session, add_state(session, vcenter, OLD), "gone")
    assert names(session, Scope()) == {"here"}


def test_as_of_a_day_looks_at_the_last_state_exported_by_its_end(session: Session) -> None:
    vcenter = add_vcenter(session)
    for when, name in ((OLD, "old"), (datetime(2026, 10, 5, 23, 59, 59), "late"), (NEW, "new")):
        add_machine(session, add_state(session, vcenter, when), name)
    assert names(session, Scope(as_of=date(2026, 9, 30))) == set()
    assert names(session, Scope(as_of=date(2026, 10, 4))) == {"old"}
    assert names(session, Scope(as_of=date(2026, 10, 5))) == {"late"}
    assert names(session, Scope(as_of=date.max)) == {"new"}


def test_a_state_that_is_not_published_is_not_seen(session: Session) -> None:
    vcenter = add_vcenter(session)
    add_machine(session, add_state(session, vcenter, OLD), "old")
    add_machine(session, add_state(session, vcenter, NEW, status="unpublished"), "half stored")
    assert names(session, Scope()) == names(session, Scope(as_of=date.max)) == {"old"}


def test_machines_whose_flag_was_not_taken_yet_are_not_of_the_newest_state(session: Session) -> None:
    vcenter = add_vcenter(session)
    old = add_state(session, vcenter, OLD)
    add_machine(session, add_state(session, vcenter, NEW), "here")
    add_machine(session, old, "gone")
    assert old.is_current
    assert names(session, Scope()) == {"here"}


def test_a_hidden_vcenter_is_not_seen_even_when_it_is_named(session: Session) -> None:
    hidden = add_vcenter(session, "vc-hidden", is_hidden=True)
    add_machine(session, add_state(session, hidden), "secret")
    assert names(session, Scope()) == names(session, Scope(vcenters=(hidden,))) == set()
    session.execute(vcenters.update().values(is_hidden=False))
    assert names(session, Scope()) == {"secret"}


def test_vcenters_are_chosen_by_id(session: Session) -> None:
    north, south = add_vcenter(session, "vc-north"), add_vcenter(session, "vc-south")
    add_machine(session, add_state(session, north), "n")
    add_machine(session, add_state(session, south), "s")
    assert names(session, Scope(vcenters=(north,))) == {"n"}
    assert names(session, Scope(vcenters=(north, south))) == {"n", "s"}
    assert names(session, Scope(vcenters=(999,))) == set()


def test_a_template_is_left_out_and_an_unknown_flag_counts_as_a_machine(session: Session) -> None:
    add_estate(session, {"template": True}, {"template": False}, {"template": None})
    assert names(session, Scope()) == {"vm-2", "vm-3"}
    assert names(session, Scope(templates=Templates.ONLY)) == {"vm-1"}
    assert names(session, Scope(templates=Templates.INCLUDE)) == {"vm-1", "vm-2", "vm-3"}


@pytest.mark.parametrize("field", ["dns_name", "primary_ip_address", "host", "annotation", "name"])
def test_the_text_is_searched_in(session: Session, field: str) -> None:
    add_estate(session, {"name": "other"}, {field: "Needle"} | ({} if field == "name" else {"name": "found"}))
    assert len(names(session, Scope(text="nEEdl"))) == 1


@pytest.mark.parametrize("text", ["%", "_", "/", "\\", "STRASSE", "Straße", "'"])
def test_every_character_of_the_text_stands_for_itself(session: Session, text: str) -> None:
    add_estate(session, {"annotation": "nothing"}, {"annotation": "here: % _ / \\ straße '"})
    assert names(session, Scope(text=text)) == {"vm-2"}


@pytest.mark.parametrize("text", ["00:50:56:AB:cd:ef", "00-50-56-ab-CD-EF", "00-50-56-", "ip-10-20"])
def test_a_mac_address_is_searched_with_colons_or_dashes(session: Session, text: str) -> None:
    state = add_estate(session, {"name": "other"})
    machine = add_machine(session, state, "ip-10-20-30-40")
    texts = models.machine_texts
    session.execute(
        texts.update().where(texts.c.id == machine.id).values(exact_text="ip-10-20-30-40\n00:50:56:ab:cd:ef")
    )
    assert names(session, Scope(text=text)) == {"ip-10-20-30-40"}


def test_hexadecimal_digits_longer_than_any_id_are_searched_in_names(session: Session) -> None:
    add_estate(session, {"name": "other"}, {"name": "a-" * 120})
    assert names(session, Scope(text="A-" * 110)) == {"a-" * 120}
    assert names(session, Scope(text="a" * 2000)) == set()


def test_left_out_groups_leave_the_machines_without_a_value_out_too(session: Session) -> None:
    add_estate(session, {"os_config": "a"}, {"os_config": "b"}, {"os_config": None})
    assert names(session, Scope().beyond_os([Share("a", 1), Share(None, 1)])) == {"vm-2"}


def test_a_left_out_cluster_leaves_its_namesakes_in(session: Session) -> None:
    north = add_state(session, add_vcenter(session, "vc-north"))
    south = add_state(session, add_vcenter(session, "vc-south"))
    add_machine(session, north, "left out", datacenter="DC/1", cluster="C%")
    add_machine(session, north, "other datacenter", datacenter="DC", cluster="C%")
    add_machine(session, north, "no datacenter", datacenter=None, cluster="C%")
    add_machine(session, south, "other vCenter", datacenter="DC/1", cluster="C%")
    shown = Share("C%", 1, "DC/1", north.vcenter_id, "DC/1")
    expected = {"other datacenter", "no datacenter", "other vCenter"}
    assert names(session, Scope().beyond_clusters([shown])) == expected
    assert names(session, Scope.from_query_string(Scope().beyond_clusters([shown]).query())) == expected
    without = Share("C%", 1, "vc-north", north.vcenter_id, None)
    assert names(session, Scope().beyond_clusters([shown, without])) == {"other datacenter", "other vCenter"}


def test_a_left_out_datacenter_leaves_its_namesake_in_and_machines_without_one_out(session: Session) -> None:
    north = add_state(session, add_vcenter(session, "vc-north"))
    south = add_state(session, add_vcenter(session, "vc-south"))
    for state, where in ((north, "north"), (south, "south")):
        for datacenter in ("DC1", "DC2", None):
            add_machine(session, state, f"{datacenter} {where}", datacenter=datacenter)
    shown = PowerSplit("DC1", 1, 0, 0, 0, north.vcenter_id, "vc-north")
    assert names(session, Scope().beyond_datacenters([shown])) == {"DC2 north", "DC1 south", "DC2 south"}


@pytest.mark.parametrize(
    "value", ["cluster:1/DC", "cluster:x/DC/C", "datacenter:DC", "host:1", "os", "os:", "", ":"]
)
def test_an_exclusion_that_cannot_be_read_is_ignored(value: str) -> None:
    assert Scope.from_query({"exclude": value}) == Scope()


def test_long_names_survive_the_way_through_a_link(session: Session) -> None:
    long = "/" * 255
    add_estate(session, {"datacenter": long, "cluster": long}, {"datacenter": long, "cluster": "other"})
    scope = Scope().beyond_clusters([Share(long, 1, None, 1, long)])
    assert names(session, Scope.from_query_string(scope.query())) == {"vm-2"}


# What each check finds, at its limits
@pytest.mark.parametrize(
    ("rule", "found", "spared"),
    [
        (
            AttentionRule.CONSOLIDATION,
            [{"consolidation_needed": True}],
            [{"consolidation_needed": False}, {}],
        ),
        (
            AttentionRule.DATASTORE_SPACE,
            [{"datastore_free_pct": 9.9}, {"datastore_free_pct": 0}],
            [{"datastore_free_pct": 10}, {}],
        ),
        (
            AttentionRule.TOOLS_NOT_RUNNING,
            [{"tools_status": "toolsNotRunning"}, {"tools_status": "toolsNotInstalled"}],
            [{"tools_status": "toolsOk"}, {"tools_status": "toolsOld"}, {}]
            + [
                {"tools_status": "toolsNotRunning", "power_state": power}
                for power in ("poweredOff", "suspended", None)
            ],
        ),
        (AttentionRule.OLD_SNAPSHOT, [{"snapshot_age_days": 7.1}], [{"snapshot_age_days": 7}, {}]),
        (AttentionRule.NO_BACKUP, [{"backup_age_days": 7.1}, {}], [{"backup_age_days": 7}]),
        (AttentionRule.LONG_OFF, [{"off_days": 90}], [{"off_days": 89.9}, {}]),
        (
            AttentionRule.HOST_MAINTENANCE,
            [{"host_in_maintenance": True}],
            [{"host_in_maintenance": False}, {}],
        ),
        (AttentionRule.NO_DNS_NAME, [{}, {"power_state": "poweredOff"}], [{"dns_name": "a.example.com"}]),
        (AttentionRule.NO_IP, [{}, {"power_state": "poweredOff"}], [{"primary_ip_address": "10.0.0.1"}]),
    ],
)
def test_a_check_finds(
    session: Session, rule: AttentionRule, found: list[dict[str, Any]], spared: list[dict[str, Any]]
) -> None:
    add_estate(session, *found, *spared)
    assert names(session, Scope(attention=(rule,))) == {f"vm-{n}" for n in range(1, len(found) + 1)}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (AttentionRule.NO_BACKUP, "last_backup_at"),
        (AttentionRule.NO_DNS_NAME, "dns_name"),
        (AttentionRule.NO_IP, "primary_ip_address"),
    ],
)
def test_a_blank_counts_only_where_the_export_has_the_column(
    session: Session, rule: AttentionRule, field: str
) -> None:
    add_machine(session, add_state(session, add_vcenter(session, "knows")), "blank")
    add_machine(session, add_state(session, add_vcenter(session, "cannot know"), without=[field]), "unknown")
    assert names(session, Scope(attention=(rule,))) == {"blank"}


def test_of_two_checks_both_apply(session: Session) -> None:
    add_estate(
        session,
        {"off_days": 100.0, "consolidation_needed": True},
        {"off_days": 100.0},
        {"consolidation_needed": True},
    )
    scope = Scope(attention=(AttentionRule.LONG_OFF,)).of_attention(AttentionRule.CONSOLIDATION)
    assert names(session, scope) == {"vm-1"}


def test_the_limits_of_the_checks_are_the_callers(session: Session) -> None:
    add_estate(session, {"snapshot_age_days": 10.0})
    scope = Scope(attention=(AttentionRule.OLD_SNAPSHOT,))
    assert total_machines(session, scope, limits=AttentionLimits(snapshot_days=9)).machines == 1
    assert total_machines(session, scope, limits=AttentionLimits(snapshot_days=10)).machines == 0
