"""The Overview: every figure counted another way, and every mark a scope that holds exactly its machines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.queries.counts import count_machines, total_resources
from data.queries.machines import total_machines
from data.queries.overview import get_overview
from data.queries.quality import get_data_quality
from data.results import Attention, AttentionLimits, Change, Infrastructure, Overview, PowerSplit, Unsaid
from data.scope import Scope
from data.vocabulary import AttentionRule, PowerState, Templates
from tests.factories import EXPORTED_AT, State, add, add_estate, add_machine, add_state, add_vcenter

LIMITS = AttentionLimits()
BEFORE = EXPORTED_AT - timedelta(days=120)


def overview_of(session: Session, scope: Scope | None = None) -> Overview:
    return get_overview(session, scope or Scope(), limits=LIMITS)


def number_in(session: Session, scope: Scope) -> int:
    """What VM Explorer shows after a click, the scope having gone through a link."""
    scope = Scope.from_query_string(scope.query())
    return total_machines(session, scope, limits=LIMITS).machines


def check_of(overview: Overview, rule: AttentionRule) -> Attention:
    return next(check for check in overview.attention if check.rule is rule)


def assert_marks_lead_to_their_machines(session: Session, scope: Scope) -> None:
    """Click everything: each count is the total of the scope behind it."""
    overview = overview_of(session, scope)
    total = number_in(session, scope)
    assert overview.counts.total == total
    assert overview.counts == count_machines(session, scope)
    assert overview.totals == total_resources(session, scope)
    assert overview.quality == get_data_quality(session, scope)
    for row in overview.datacenters:
        assert_segments_lead_to_their_machines(session, scope.of_datacenter(row), row)
    if overview.other_datacenters:
        beyond = scope.beyond_datacenters(overview.datacenters)
        assert number_in(session, beyond) == overview.other_datacenters.total
    for groups, click, beyond in (
        (overview.clusters, scope.of_cluster, scope.beyond_clusters(overview.clusters.top)),
        (overview.operating_systems, scope.of_os, scope.beyond_os(overview.operating_systems.top)),
    ):
        assert [number_in(session, click(group)) for group in groups.top] == [g.machines for g in groups.top]
        assert groups.other in {0, number_in(session, beyond)}
        assert sum(group.machines for group in groups.top) + groups.other == total
    for check in overview.attention:
        assert check.machines in {None, number_in(session, scope.of_attention(check.rule))}


def assert_segments_lead_to_their_machines(session: Session, clicked: Scope, row: PowerSplit) -> None:
    assert number_in(session, clicked) == row.total
    segments = {
        PowerState.ON: row.on,
        PowerState.OFF: row.off,
        PowerState.SUSPENDED: row.suspended,
        "": row.unknown,
    }
    for power, machines in segments.items():
        assert machines in {0, number_in(session, clicked.with_(power=(str(power),)))}


_PLACES = st.sampled_from([None, *(f"P{n}" for n in range(4))])
_MACHINES = st.fixed_dictionaries(
    {
        "vcenter": st.integers(0, 2),
        "datacenter": _PLACES,
        "cluster": st.sampled_from([None, *(f"C{n}" for n in range(6))]),
        "os_config": st.sampled_from([None, *(f"OS{n}" for n in range(12))]),
        "power_state": st.sampled_from([None, *PowerState, "unheard of"]),
        "template": st.sampled_from([None, True, False, False]),
        "dns_name": st.sampled_from([None, "a.example.com"]),
        "tools_status": st.sampled_from([None, "toolsOk", "toolsNotRunning"]),
        "off_days": st.sampled_from([None, 10.0, 100.0]),
        "backup_age_days": st.sampled_from([None, 1.0, 10.0]),
        "cpus": st.sampled_from([None, 1, 4]),
        "path": st.sampled_from([None, "[ds1] a.vmx"]),
        "disk": st.sampled_from([None, None, "ds1", "ds2"]),
        "network_1": st.sampled_from([None, "n1", "n2"]),
        "attributes": st.sampled_from([None, {}, {"Owner": "me"}]),
    }
)
_CONDITIONS = st.sampled_from(
    (
        "cpus:>= 2", "cpus:!= 4, (none)", "datacenter:!P1", "cluster:= C1, C2, (none)", "os_config:/[2-5]$/", "name:m*",
        "power_state:= on, (none)", "attr:Owner:!me", "off_days:> 90", "template:!yes", "dns_name:(none)",
    )
)  # fmt: skip
_SCOPES = st.builds(
    Scope,
    vcenters=st.sampled_from([(), (), (1, 2)]),
    datacenters=st.sampled_from([(), (), ("P1", "P2"), ("",)]),
    clusters=st.sampled_from([(), (), ("C1", "C2", "")]),
    os=st.sampled_from([(), (), ("OS1", "OS2")]),
    power=st.sampled_from([(), (), ("poweredOn", "")]),
    templates=st.sampled_from(Templates),
    attention=st.sampled_from([(), (), (AttentionRule.NO_DNS_NAME,), (AttentionRule.NO_BACKUP,)]),
    text=st.sampled_from(["", "", "m1"]),
    where=st.lists(_CONDITIONS, max_size=2, unique=True).map(tuple),
    datastores=st.sampled_from([(), (), (), ("ds1",), ("ds2", "")]),
    networks=st.sampled_from([(), (), (), ("n1",), ("n2", "")]),
)


@pytest.mark.timeout(300)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(machines=st.lists(_MACHINES, min_size=1, max_size=40), scope=_SCOPES)
def test_every_mark_leads_to_exactly_its_machines(
    manager: DatabaseManager, machines: list[dict[str, Any]], scope: Scope
) -> None:
    with manager.get_session() as session:
        vcenters = [add_vcenter(session, f"vc-{n}") for n in range(3)]
        states = [add_state(session, vcenters[0], BEFORE), *(add_state(session, id_) for id_ in vcenters)][1:]
        for number, row in enumerate(machines):
            values = {key: value for key, value in row.items() if key not in {"vcenter", "disk"}}
            machine = add_machine(session, states[row["vcenter"]], f"m{number}", **values)
            add(session, models.disks, states[row["vcenter"]], machine, datastore=row["disk"])
        assert_marks_lead_to_their_machines(session, scope)


def test_more_groups_than_are_shown_become_other(session: Session) -> None:
    places = [f"P{n:02}" for n in range(12) for _ in range(12 - n)]
    rows = [{"datacenter": place, "cluster": f"C-{place}", "os_config": f"OS-{place}"} for place in places]
    add_estate(session, *rows, {}, {})
    overview = overview_of(session)
    assert [row.name for row in overview.datacenters] == [f"P{n:02}" for n in range(8)] + [None]
    assert overview.other_datacenters == PowerSplit(None, 4 + 3 + 2 + 1, 0, 0, 0)
    assert [share.machines for share in overview.clusters.top] == [12, 11, 10, 9, 8, 7, 6, 5, 2]
    assert (overview.clusters.other, overview.clusters.groups) == (4 + 3 + 2 + 1, 12)
    assert [share.name for share in overview.operating_systems.top][-2:] == ["OS-P09", None]
    assert (overview.operating_systems.other, overview.operating_systems.groups) == (2 + 1, 12)
    assert_marks_lead_to_their_machines(session, Scope())


def test_groups_of_one_size_are_in_order_of_their_names(session: Session) -> None:
    add_estate(session, {"cluster": "b"}, {"cluster": "a"}, {"cluster": "c"}, {"cluster": "c"})
    assert [share.name for share in overview_of(session).clusters.top] == ["c", "a", "b"]


def test_equal_names_are_not_merged(session: Session) -> None:
    north = add_state(session, add_vcenter(session, "vc-north"))
    south = add_state(session, add_vcenter(session, "vc-south"))
    places = [
        (north, "DC1", "C", 4),
        (north, "DC2", "C", 3),
        (south, "DC1", "C", 2),
        (south, None, "C", 1),
        (south, "DC3", "only here", 1),
    ]
    for number, (state, datacenter, cluster, machines) in enumerate(places):
        for machine in range(machines):
            add_machine(session, state, f"{number}-{machine}", datacenter=datacenter, cluster=cluster)
    overview = overview_of(session)
    assert [(row.name, row.context, row.total) for row in overview.datacenters] == [
        ("DC1", "vc-north", 4),
        ("DC2", None, 3),
        ("DC1", "vc-south", 2),
        ("DC3", None, 1),
        (None, None, 1),
    ]
    assert [(share.name, share.context, share.machines) for share in overview.clusters.top] == [
        ("C", "DC1, vc-north", 4),
        ("C", "DC2", 3),
        ("C", "DC1, vc-south", 2),
        ("C", "vc-south", 1),
        ("only here", None, 1),
    ]
    assert (overview.infrastructure.datacenters, overview.infrastructure.clusters) == (4, 5)
    assert_marks_lead_to_their_machines(session, Scope())


def test_an_empty_database_has_an_empty_overview(session: Session) -> None:
    overview = overview_of(session)
    assert (overview.counts.total, overview.counts.powered_on, overview.totals.vcpus) == (0, None, None)
    assert (overview.datacenters, overview.other_datacenters, overview.clusters.top) == ((), None, ())
    assert overview.change == Change(0, 0, None, ())
    assert overview.infrastructure == Infrastructure(*[None] * 8)
    assert overview.quality.completeness_pct is None
    assert [check.machines for check in overview.attention] == [None] * len(AttentionRule)


def test_a_state_without_machines_is_zero_and_not_unknown(session: Session) -> None:
    add_estate(session)
    overview = overview_of(session)
    assert (overview.counts.total, overview.counts.powered_on, overview.counts.templates) == (0, 0, 0)
    assert (overview.infrastructure.hosts, overview.infrastructure.clusters) == (0, 0)


def test_counts_and_totals_leave_templates_out_and_count_them_apart(session: Session) -> None:
    add_estate(
        session,
        {"power_state": "poweredOn", "cpus": 2, "memory_mib": 1024, "in_use_mib": 0.5},
        {"power_state": "poweredOff", "cpus": None, "memory_mib": 512, "template": None},
        {"power_state": "suspended", "cpus": 4, "template": True},
        {"power_state": None},
    )
    overview = overview_of(session)
    counts, totals = overview.counts, overview.totals
    assert (counts.total, counts.powered_on, counts.powered_off, counts.suspended) == (3, 1, 1, 0)
    assert counts.templates == 1
    assert (totals.vcpus, totals.memory_mib, totals.in_use_mib, totals.provisioned_mib) == (
        4,
        1536,
        0.5,
        None,
    )
    assert_marks_lead_to_their_machines(session, Scope())
    only = overview_of(session, Scope(templates=Templates.ONLY))
    assert (only.counts.total, only.counts.suspended, only.totals.vcpus) == (1, 1, 4)


def test_a_column_that_no_export_has_is_unknown(session: Session) -> None:
    missing = ["power_state", "template", "datacenter", "cluster", "host", "dns_name"]
    add_estate(session, {"power_state": None, "template": None}, without=missing, tabs=["vInfo"])
    overview = overview_of(session)
    assert (overview.counts.total, overview.counts.powered_on, overview.counts.templates) == (1, None, None)
    assert overview.infrastructure == Infrastructure(*[None] * 8)
    assert overview.quality.absent == ("DNS name", "Datacenter", "Cluster", "Host")


def test_a_column_that_one_export_has_is_counted_there(session: Session) -> None:
    knows = add_state(session, add_vcenter(session, "knows"))
    add_machine(session, knows, "on", dns_name="on.example.com", primary_ip_address="10.0.0.1")
    add_machine(session, knows, "off", power_state="poweredOff")
    cannot = add_state(session, add_vcenter(session, "cannot"), without=["power_state", "dns_name"])
    add_machine(session, cannot, "unknown", power_state=None)
    overview = overview_of(session)
    assert (overview.counts.total, overview.counts.powered_on, overview.counts.powered_off) == (3, 1, 1)
    dns_name, ip_address = overview.quality.fields[:2]
    assert (dns_name.filled, dns_name.total) == (1, 2)
    assert (ip_address.filled, ip_address.total) == (1, 3)
    assert check_of(overview, AttentionRule.NO_DNS_NAME).machines == 1
    assert check_of(overview, AttentionRule.NO_IP).machines == 2


def test_completeness_is_the_mean_share_of_the_fields_that_exist(session: Session) -> None:
    full = {
        "dns_name": "a.example.com",
        "primary_ip_address": "10.0.0.1",
        "folder": "/a",
        "datacenter": "DC1",
        "cluster": "C1",
        "host": "esx1",
    }
    add_estate(session, full, {"dns_name": "b.example.com"}, {"template": True}, without=["os_config"])
    quality = overview_of(session).quality
    assert [(field.field, field.filled) for field in quality.fields] == [
        ("dns_name", 2),
        ("primary_ip_address", 1),
        ("os_config", None),
        ("folder", 1),
        ("datacenter", 1),
        ("cluster", 1),
        ("host", 1),
    ]
    assert quality.completeness_pct == pytest.approx((100 + 5 * 50) / 6)


def test_folders_of_other_tabs_make_the_folder_known(session: Session) -> None:
    state = add_state(session, add_vcenter(session), without=["folder"])
    session.execute(
        models.import_columns.insert().values(import_id=state.id, tab="vCPU", field="folder", filled=1)
    )
    add_machine(session, state, folder="/DC1/vm")
    folder = next(field for field in overview_of(session).quality.fields if field.field == "folder")
    assert (folder.filled, folder.total) == (1, 1)


# Hosts and datastores
def add_host(session: Session, state: State, name: str, **values: Any) -> None:
    add(session, models.hosts, state, name=name, **values)


def test_hosts_are_the_rows_of_their_tab(session: Session) -> None:
    state = add_estate(session, {"host": "esx1"}, {"host": "esx7"})
    add_host(session, state, "esx1", cores=16, memory_mib=1024)
    add_host(session, state, "esx2", cores=16, memory_mib=None)
    add_host(session, state, "esx3", cores=None, memory_mib=None)
    found = overview_of(session).infrastructure
    assert (found.hosts, found.host_cores, found.host_memory_mib) == (3, 32, 1024)


def test_without_their_tab_hosts_are_the_distinct_names_of_each_vcenter(session: Session) -> None:
    north = add_state(session, add_vcenter(session, "vc-north"), tabs=["vInfo"])
    south = add_state(session, add_vcenter(session, "vc-south"), tabs=["vInfo"])
    listed = add_state(session, add_vcenter(session, "vc-listed"))
    for state in (north, south):
        for number, host in enumerate(["esx1", "esx1", "esx2", None]):
            add_machine(session, state, f"m{number}", host=host, template=number == 2)
    add_host(session, listed, "esx1", cores=8)
    found = overview_of(session).infrastructure
    assert (found.hosts, found.host_cores, found.host_memory_mib) == (2 + 2 + 1, 8, None)


def test_hosts_and_datastores_follow_the_filters_of_place_alone(session: Session) -> None:
    state = add_estate(session, {"datacenter": "DC1"}, {"datacenter": "DC2"}, {"datacenter": "DC2"})
    machine = add_machine(session, state, "with disk", datacenter="DC1", host="esx1")
    for name, datacenter in (("esx1", "DC1"), ("esx2", "DC1"), ("esx3", "DC2")):
        add_host(session, state, name, datacenter=datacenter, in_maintenance_mode=name == "esx2")
    for name in ("used", "unused"):
        add(session, models.datastores, state, name=name, capacity_mib=100, free_mib=5, free_pct=5)
    add(session, models.disks, state, machine, datastore="used")
    everywhere, place = (
        overview_of(session),
        overview_of(session, Scope(datacenters=("DC1",), text="no such")),
    )
    assert (everywhere.infrastructure.hosts, place.infrastructure.hosts) == (3, 2)
    assert (everywhere.infrastructure.datastores, place.infrastructure.datastores) == (2, 1)
    assert check_of(place, AttentionRule.HOST_MAINTENANCE) == Attention(
        AttentionRule.HOST_MAINTENANCE, 0, things=1
    )
    assert check_of(place, AttentionRule.DATASTORE_SPACE).things == 1
    assert overview_of(session, Scope(hosts=("esx1",))).infrastructure.hosts == 1


def test_datastores_short_of_space_are_counted_below_the_limit(session: Session) -> None:
    state = add_estate(session, {"datastore_free_pct": 9.0})
    for free_pct in (9.9, 10, None, 0):
        add(session, models.datastores, state, name=f"ds-{free_pct}", capacity_mib=1000, free_pct=free_pct)
    overview = overview_of(session)
    assert check_of(overview, AttentionRule.DATASTORE_SPACE) == Attention(
        AttentionRule.DATASTORE_SPACE, 1, things=2
    )
    assert overview.infrastructure.datastore_capacity_mib == 4000
    assert overview.infrastructure.datastore_free_mib is None


# Needs attention
@pytest.mark.parametrize(
    ("rule", "without", "tabs", "needs"),
    [
        (AttentionRule.CONSOLIDATION, ["consolidation_needed"], (), "the Consolidation Needed column"),
        (AttentionRule.DATASTORE_SPACE, [], ("vDisk",), "the vDatastore and vDisk tabs"),
        (AttentionRule.DATASTORE_SPACE, [], ("vDatastore",), "the vDatastore and vDisk tabs"),
        (AttentionRule.TOOLS_NOT_RUNNING, [], ("vTools",), "the vTools tab"),
        (AttentionRule.OLD_SNAPSHOT, [], ("vSnapshot",), "the vSnapshot tab"),
        (AttentionRule.NO_BACKUP, ["last_backup_at"], (), "a column with the last backup"),
        (AttentionRule.HOST_MAINTENANCE, ["in_maintenance_mode"], (), "the vHost column in Maintenance Mode"),
        (AttentionRule.NO_DNS_NAME, ["dns_name"], (), "the DNS Name column"),
        (AttentionRule.NO_IP, ["primary_ip_address"], (), "the Primary IP Address column"),
    ],
)
def test_a_check_says_what_it_needs(
    session: Session, rule: AttentionRule, without: list[str], tabs: tuple[str, ...], needs: str
) -> None:
    vcenter = add_vcenter(session)
    had = [tab for tab in ("vInfo", "vDisk", "vDatastore", "vTools", "vSnapshot", "vHost") if tab not in tabs]
    add_machine(session, add_state(session, vcenter, tabs=had, without=without))
    assert check_of(overview_of(session), rule) == Attention(rule, None, needs)
    add_machine(session, add_state(session, add_vcenter(session, "knows")), "m")
    assert check_of(overview_of(session), rule).machines is not None


def test_off_for_long_is_unknown_with_less_history(session: Session) -> None:
    vcenter = add_vcenter(session)
    add_state(session, vcenter, EXPORTED_AT - timedelta(days=89, hours=23))
    add_machine(session, add_state(session, vcenter), power_state="poweredOff", off_days=89.9)
    rule = AttentionRule.LONG_OFF
    assert check_of(overview_of(session), rule) == Attention(rule, None, "90 days of history")
    add_state(session, vcenter, EXPORTED_AT - timedelta(days=90))
    assert check_of(overview_of(session), rule).machines == 0


# Change
def test_change_compares_each_vcenter_with_its_state_before(session: Session) -> None:
    north, south, new = (add_vcenter(session, name) for name in ("vc-north", "vc-south", "vc-new"))
    states = [
        (north, EXPORTED_AT - timedelta(days=60), ["long ago"]),
        (north, EXPORTED_AT - timedelta(days=30), ["a", "b"]),
        (south, EXPORTED_AT - timedelta(days=7), ["c"]),
        (north, EXPORTED_AT, ["a", "b", "d"]),
        (south, EXPORTED_AT - timedelta(days=1), []),
        (new, EXPORTED_AT, ["e", "f"]),
    ]
    for vcenter, when, machines in states:
        state = add_state(session, vcenter, when)
        for name in machines:
            power = "poweredOff" if name == "b" and when == EXPORTED_AT else "poweredOn"
            add_machine(session, state, name, cpus=2, memory_mib=10.5, in_use_mib=7, power_state=power)
    assert overview_of(session).change == Change(
        machines_now=3,
        machines_before=3,
        oldest_before=EXPORTED_AT - timedelta(days=30),
        left_out=("vc-new",),
        powered_on_now=2,
        powered_on_before=3,
        vcpus_now=6,
        vcpus_before=6,
        memory_mib_now=31.5,
        memory_mib_before=31.5,
        in_use_mib_now=21,
        in_use_mib_before=21,
    )


def test_change_stays_in_the_scope(session: Session) -> None:
    vcenter = add_vcenter(session)
    before, now = add_state(session, vcenter, BEFORE), add_state(session, vcenter)
    for state, clusters in ((before, ["C1", "C1", "C2"]), (now, ["C1", "C2", "C2"])):
        for number, cluster in enumerate(clusters):
            add_machine(session, state, f"vm-{number}", cluster=cluster)
    add_machine(session, before, "template", cluster="C1", template=True)
    change = overview_of(session, Scope(clusters=("C1",))).change
    assert (change.machines_now, change.machines_before) == (1, 2)
    searched = overview_of(session, Scope(text="vm-2")).change
    assert (searched.machines_now, searched.machines_before) == (1, 1)


def test_a_sum_that_one_state_does_not_know_is_not_compared(session: Session) -> None:
    vcenter = add_vcenter(session)
    before = add_state(session, vcenter, BEFORE, without=["power_state"])
    now = add_state(session, vcenter)
    add_machine(session, before, in_use_mib=None, cpus=2, power_state=None)
    add_machine(session, now, in_use_mib=500, cpus=4)
    change = overview_of(session).change
    assert (change.in_use_mib_now, change.in_use_mib_before) == (None, None)
    assert (change.powered_on_now, change.powered_on_before) == (None, None)
    assert (change.vcpus_now, change.vcpus_before) == (4, 2)


def test_what_one_of_two_exports_leaves_out_is_told(session: Session) -> None:
    full = add_state(session, add_vcenter(session, "vc-full"))
    trimmed = add_state(session, add_vcenter(session, "vc-trimmed"), without=["power_state"])
    add_machine(session, full, in_use_mib=500, memory_mib=4, cpus=2)
    add_machine(session, trimmed, in_use_mib=None, memory_mib=None, cpus=2, power_state=None)
    assert overview_of(session).unsaid == (Unsaid("vc-trimmed", ("power_state", "memory_mib", "in_use_mib")),)


def test_what_no_export_says_is_not_told_of_any_of_them(session: Session) -> None:
    for name in ("vc-a", "vc-b"):
        add_machine(session, add_state(session, add_vcenter(session, name)), in_use_mib=None)
    assert overview_of(session).unsaid == ()


def test_power_states_that_the_newest_export_lacks_are_not_compared(session: Session) -> None:
    vcenter = add_vcenter(session)
    add_machine(session, add_state(session, vcenter, BEFORE))
    add_machine(session, add_state(session, vcenter, without=["power_state"]), power_state=None)
    overview = overview_of(session)
    assert overview.counts.powered_on is None
    assert (overview.change.powered_on_now, overview.change.powered_on_before) == (None, None)


def test_the_current_state_is_the_one_that_the_vcenter_names(session: Session) -> None:
    vcenter = add_vcenter(session)
    named, newer = (add_state(session, vcenter, when) for when in (BEFORE, EXPORTED_AT))
    add_machine(session, named, "vm-1", datacenter="DC1")
    add_machine(session, newer, "vm-2", datacenter="DC2")
    session.execute(models.vcenters.update().values(current_import_id=named.id))
    assert [row.name for row in overview_of(session).datacenters] == ["DC1"]
    assert_marks_lead_to_their_machines(session, Scope())


def test_looking_back_shows_the_state_of_that_day(session: Session) -> None:
    vcenter = add_vcenter(session)
    for days, machines in ((20, 1), (10, 2), (0, 3)):
        state = add_state(session, vcenter, EXPORTED_AT - timedelta(days=days))
        for number in range(machines):
            add_machine(session, state, f"vm-{number}")
    overview = overview_of(session, Scope(as_of=(EXPORTED_AT - timedelta(days=5)).date()))
    assert (overview.counts.total, overview.change.machines_before) == (2, 1)
    assert overview_of(session, Scope(as_of=date(2000, 1, 1))).counts.total == 0
    assert_marks_lead_to_their_machines(session, Scope(as_of=(EXPORTED_AT - timedelta(days=5)).date()))


# Budget
def test_the_number_of_statements_does_not_depend_on_the_size(
    manager: DatabaseManager, count_statements
) -> None:
    used = []
    for machines in (5, 50):
        with manager.get_session() as session:
            for name in ("vc-north", "vc-south"):
                vcenter = add_vcenter(session, name)
                states = [
                    add_state(session, vcenter, when, tabs=["vInfo", "vDisk"])
                    for when in (BEFORE, EXPORTED_AT)
                ]
                for state in states:
                    for n in range(machines):
                        place = {
                            "datacenter": f"DC{n}",
                            "cluster": f"C{n}",
                            "os_config": f"OS{n}",
                            "host": f"esx{n}",
                        }
                        add_machine(session, state, f"vm-{n}", **place)
            with count_statements(session.get_bind()) as statements:
                overview_of(session)
            used.append(len(statements))
    assert used[0] == used[1] <= 11
