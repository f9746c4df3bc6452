import json
from dataclasses import replace
from datetime import date, datetime

import pytest
from dash import dcc, html
from plotly.utils import PlotlyJSONEncoder

from data.results import (
    Attention,
    AttentionLimits,
    Change,
    DataQuality,
    FieldQuality,
    Infrastructure,
    Overview,
    PowerSplit,
    ResourceTotals,
    Share,
    TopShares,
    Unsaid,
    VmCounts,
)
from data.scope import Scope
from data.vocabulary import AttentionRule, PowerState, Templates
from layouts import overview as page
from tests.layouts.drawn import by_class, every, links, mark_scopes, text

GIB, TIB = 1024, 1024**2
FIELDS = (
    ("dns_name", "DNS name", 90),
    ("primary_ip_address", "IP address", 80),
    ("os_config", "Operating system", 100),
    ("folder", "Folder", None),
    ("datacenter", "Datacenter", 99),
    ("cluster", "Cluster", 98),
    ("host", "Host", 97),
)
ESTATE = Overview(
    counts=VmCounts(total=100, powered_on=90, powered_off=8, suspended=1, templates=7),
    totals=ResourceTotals(540, 2.5 * TIB, 40.0 * TIB, 24.4 * TIB, None),
    quality=DataQuality(tuple(FieldQuality(key, label, filled, 100) for key, label, filled in FIELDS)),
    change=Change(
        machines_now=100,
        machines_before=88,
        oldest_before=datetime.fromisoformat("2026-11-16T06:00"),
        left_out=(),
        powered_on_now=90,
        powered_on_before=93,
        vcpus_now=540,
        vcpus_before=540,
        memory_mib_now=2.5 * TIB,
        memory_mib_before=2.0 * TIB,
        in_use_mib_now=24.4 * TIB,
        in_use_mib_before=24.9 * TIB,
    ),
    infrastructure=Infrastructure(2, 3, 4, 128, 2.0 * TIB, 9, 50.0 * TIB, 10.0 * TIB),
    datacenters=(
        PowerSplit("DC1", 70, 5, 1, 1, vcenter_id=1),
        PowerSplit("DC2", 19, 3, 0, 0, vcenter_id=2, context="vc-b"),
        PowerSplit(None, 1, 0, 0, 0),
    ),
    other_datacenters=None,
    clusters=TopShares(
        (Share("C1", 60, "DC1", 1, "DC1"), Share("C2", 30, None, 2, "DC2"), Share(None, 2)), 8, 3
    ),
    operating_systems=TopShares((Share("CentOS 7 (64-bit)", 55), Share("Other", 45)), 0, 2),
    attention=(
        Attention(AttentionRule.CONSOLIDATION, 3),
        Attention(AttentionRule.DATASTORE_SPACE, 12, things=2),
        Attention(AttentionRule.TOOLS_NOT_RUNNING, 0),
        Attention(AttentionRule.OLD_SNAPSHOT, None, needs="the vSnapshot tab"),
        Attention(AttentionRule.HOST_MAINTENANCE, 50, things=1),
        Attention(AttentionRule.NO_IP, 20),
    ),
)
LIMITS = AttentionLimits()


def drawn(scope: Scope | None = None, **changes: object) -> html.Div:
    return page.body(replace(ESTATE, **changes), scope or Scope(), LIMITS)


def card(title: str, body: html.Div) -> html.Section:
    return next(part for part in every(body, html.Section) if text(part.children[0]) == title)


def tiles(body: html.Div) -> list[str]:
    return [text(tile) for tile in by_class(body, "tile")][:6]


def test_the_sentence_counts_machines_and_what_they_run_on() -> None:
    assert page.sentence(ESTATE, Scope()) == "100 machines in 2 datacenters, 3 clusters and 4 hosts"


def test_a_look_back_is_in_the_sentence_and_in_the_note_on_changes() -> None:
    then = Scope(as_of=date(2026, 9, 1))
    assert page.sentence(ESTATE, then).endswith("4 hosts, as of 1 Sep 2026")
    assert "each vCenter's state as of 1 Sep 2026 with the one before" in text(
        page.body(ESTATE, then, LIMITS)
    )
    assert "each vCenter's newest state with the one before" in text(page.body(ESTATE, Scope(), LIMITS))


def test_the_sentence_leaves_out_what_is_not_known() -> None:
    unknown = replace(ESTATE.infrastructure, datacenters=1, clusters=None, hosts=None)
    assert page.sentence(replace(ESTATE, infrastructure=unknown), Scope()) == "100 machines in 1 datacenter"
    assert (
        page.sentence(replace(ESTATE, infrastructure=replace(unknown, datacenters=None)), Scope())
        == "100 machines"
    )


def test_the_tiles_give_figures_context_and_change() -> None:
    assert tiles(drawn()) == [
        "Virtual machines 100 7 templates hidden +12 since 16 Nov",
        "Powered on 90 90.0 % · 8 off −3 since 16 Nov",
        "vCPU 540 5.4 per machine ±0 since 16 Nov",
        "Memory 2.5 TiB 25.6 GiB per machine +512 GiB since 16 Nov",
        "Storage in use 24.4 TiB 61 % of 40.0 TiB provisioned −512 GiB since 16 Nov",
        "Data completeness 94 % 10 without DNS name 20 without IP Folder left out",
    ]


def test_templates_that_are_part_of_the_figures_are_not_called_hidden() -> None:
    assert "hidden" not in text(drawn(Scope(templates=Templates.INCLUDE)))


def test_without_an_earlier_state_there_is_no_change() -> None:
    body = drawn(change=Change(0, 0, None, ("vc-a", "vc-b")))
    assert tiles(body)[0] == "Virtual machines 100 7 templates hidden"
    assert text(by_class(body, "tiles-note")) == "No change is shown: vc-a and vc-b have one state only."


def test_a_figure_that_two_states_do_not_both_know_shows_no_change() -> None:
    change = replace(ESTATE.change, in_use_mib_now=None, in_use_mib_before=None)
    storage = tiles(drawn(change=change))[4]
    assert storage.startswith("Storage in use 24.4 TiB")
    assert "since" not in storage
    assert "since 16 Nov" in tiles(drawn())[4]


def test_vcenters_that_are_not_in_a_figure_are_named() -> None:
    unsaid = (Unsaid("vc-b", ("memory_mib", "in_use_mib", "hosts")), Unsaid("vc-c", ("vcpus",)))
    notes = text(drawn(unsaid=unsaid))
    assert "Not in the export of vc-b, so without it: memory, storage in use and hosts." in notes
    assert "Not in the export of vc-c, so without it: vCPU." in notes


def test_the_oldest_state_and_the_vcenters_left_out_of_the_change_are_named() -> None:
    body = drawn(change=replace(ESTATE.change, left_out=("vc-lab",)))
    assert text(by_class(body, "tiles-note")) == (
        "Changes compare each vCenter's newest state with the one before, the oldest of 16 Nov 2026, 06:00. "
        "Not compared: vc-lab has one state only."
    )


def test_a_figure_that_no_export_has_is_unknown_and_not_0() -> None:
    body = drawn(totals=ResourceTotals(None, None, None, None, None))
    assert tiles(body)[2] == "vCPU – unknown In no export ±0 since 16 Nov"
    assert tiles(body)[4] == "Storage in use – unknown In no export −512 GiB since 16 Nov"
    body = drawn(totals=replace(ESTATE.totals, provisioned_mib=None))
    assert tiles(body)[4] == "Storage in use 24.4 TiB −512 GiB since 16 Nov"


def test_a_tile_leads_to_its_machines_within_the_scope() -> None:
    scope = Scope(database="lab", text="sql")
    found = links(by_class(drawn(scope), "tiles")[0])
    by_label = {label.split(" ")[0]: target for label, target in found.items()}

    assert by_label["Virtual"] == by_label["vCPU"] == by_label["Storage"] == scope
    assert by_label["Powered"] == scope.with_(power=("poweredOn",))
    assert by_label["10"] == scope.with_(attention=(AttentionRule.NO_DNS_NAME,))
    assert by_label["20"] == scope.with_(attention=(AttentionRule.NO_IP,))


def test_a_tile_of_no_machines_leads_nowhere() -> None:
    counts = VmCounts(total=8, powered_on=0, powered_off=8, suspended=0, templates=0)
    found = links(by_class(drawn(Scope(power=("poweredOff",)), counts=counts), "tiles")[0])
    assert not [label for label in found if label.startswith("Powered on")]


def test_a_bar_of_a_datacenter_leads_to_its_machines_in_that_state() -> None:
    first, second, none = (
        Scope(datacenters=("DC1",)),
        Scope(datacenters=("DC2",), vcenters=(2,)),
        Scope(datacenters=("",)),
    )

    def in_states(*scopes: Scope | None, state: str) -> list[Scope | None]:
        return [scope and scope.with_(power=(state,)) for scope in scopes]

    assert mark_scopes(card("Virtual machines by datacenter", drawn())) == [
        *in_states(first, second, none, state=PowerState.ON),
        *in_states(first, second, None, state=PowerState.OFF),
        *in_states(first, None, None, state=PowerState.SUSPENDED),
        *in_states(first, None, None, state=""),
    ]


def test_the_datacenters_that_are_not_drawn_lead_to_their_machines() -> None:
    body = drawn(other_datacenters=PowerSplit(None, 5, 1, 0, 0))
    found = links(card("Virtual machines by datacenter", body))
    assert found["In other datacenters 6"] == Scope().beyond_datacenters(ESTATE.datacenters)


def test_the_ring_shows_the_share_that_is_on_and_leads_to_each_state() -> None:
    power = card("Power state", drawn())
    figure = next(every(power, dcc.Graph)).figure

    assert text(power.children[1]) == "90.0 % of machines are running"
    assert figure["layout"]["annotations"][0]["text"].startswith("<b>90.0 %</b>")
    assert figure["data"][0]["values"] == [90, 8, 1, 1]
    states = ("poweredOn", "poweredOff", "suspended", "")
    assert mark_scopes(power) == [Scope(power=(state,)) for state in states]


def test_without_a_power_column_the_card_says_what_is_missing() -> None:
    power = card("Power state", drawn(counts=VmCounts(100, None, None, None, None)))
    assert not list(every(power, dcc.Graph))
    assert "No export has the column Powerstate." in text(power)


def test_clusters_lead_to_exactly_their_machines() -> None:
    clusters = card("Largest clusters", drawn())

    assert text(clusters.children[1]) == "By number of machines; top 2 of 3"
    assert mark_scopes(clusters) == [
        Scope(vcenters=(1,), datacenters=("DC1",), clusters=("C1",)),
        Scope(clusters=("C2",)),
        Scope(clusters=("",)),
    ]
    assert links(clusters)["In other clusters 8"] == Scope().beyond_clusters(ESTATE.clusters.top)


def test_operating_systems_that_are_all_drawn_have_no_rest() -> None:
    systems = card("Operating systems", drawn())

    assert text(systems.children[1]) == "As configured"
    assert mark_scopes(systems) == [Scope(os=("CentOS 7 (64-bit)",)), Scope(os=("Other",))]
    assert not by_class(systems, "attention-row")


def test_findings_come_worst_first_and_the_larger_of_equals_before() -> None:
    rows = [text(row) for row in by_class(card("Needs attention", drawn()), "attention-row")]
    assert rows == [
        "On 2 datastores under 10 % free high 12",
        "Disk consolidation needed high 3",
        "On 1 host in maintenance medium 50",
        "No IP address low 20",
    ]


def test_a_finding_leads_to_its_machines() -> None:
    scope = Scope(clusters=("C1",))
    found = links(card("Needs attention", drawn(scope)))
    assert found["Disk consolidation needed high 3"] == scope.with_(attention=(AttentionRule.CONSOLIDATION,))


def test_a_check_that_cannot_be_made_says_what_it_needs() -> None:
    notes = [text(note).strip() for note in by_class(card("Needs attention", drawn()), "partial-note")]
    assert notes == ["Not known: Snapshot older than 7 days (needs the vSnapshot tab)"]


def test_an_estate_without_findings_says_so() -> None:
    checks = (Attention(AttentionRule.CONSOLIDATION, 0),)
    assert "No check found anything" in text(card("Needs attention", drawn(attention=checks)))


def test_an_estate_of_which_nothing_can_be_checked_does_not_pass_for_a_healthy_one() -> None:
    checks = (Attention(AttentionRule.CONSOLIDATION, None, needs="the Consolidation Needed column"),)
    assert text(card("Needs attention", drawn(attention=checks)).children[1]) == "Nothing can be checked"


def test_the_limits_of_the_checks_stand_in_their_names() -> None:
    limits = AttentionLimits(snapshot_days=14, backup_days=2, off_days=30, datastore_free_pct=5)
    rules = (
        AttentionRule.OLD_SNAPSHOT, AttentionRule.NO_BACKUP, AttentionRule.LONG_OFF, AttentionRule.DATASTORE_SPACE,
    )  # fmt: skip
    body = page.body(replace(ESTATE, attention=tuple(Attention(rule, 1) for rule in rules)), Scope(), limits)
    names = text(card("Needs attention", body))
    for name in ("older than 14 days", "No backup in 2 days", "for over 30 days", "under 5 % free"):
        assert name in names


def test_an_unknown_figure_names_the_tab_or_the_tab_of_the_column_that_is_missing() -> None:
    unknown = replace(
        ESTATE.infrastructure,
        host_cores=None,
        host_memory_mib=None,
        datastores=None,
        datastore_capacity_mib=None,
    )
    figures = [text(tile) for tile in by_class(card("Infrastructure", drawn(infrastructure=unknown)), "tile")]
    assert figures == [
        "Datacenters 2",
        "Clusters 3",
        "Hosts 4",
        "Host cores – unknown Needs the vHost tab",
        "Host memory – unknown Needs the vHost tab",
        "Datastores – unknown Needs a column of vDatastore",
        "Datastore capacity – unknown Needs a column of vDatastore",
        "Datastore free 10.0 TiB",
    ]


def test_completeness_lists_each_field_and_leads_to_the_machines_that_leave_it_blank() -> None:
    completeness = card("Data completeness", drawn())

    assert [text(row) for row in by_class(completeness, "attention-row")] == [
        "DNS name 90.0 %", "IP address 80.0 %", "Operating system 100 %",
        "Datacenter 99.0 %", "Cluster 98.0 %", "Host 97.0 %",
    ]  # fmt: skip
    assert links(completeness) == {
        "DNS name 90.0 %": Scope(attention=(AttentionRule.NO_DNS_NAME,)),
        "IP address 80.0 %": Scope(attention=(AttentionRule.NO_IP,)),
        "Datacenter 99.0 %": Scope(datacenters=("",)),
        "Cluster 98.0 %": Scope(clusters=("",)),
        "Host 97.0 %": Scope(hosts=("",)),
    }
    assert "Left out, in no export: Folder" in text(completeness)


@pytest.mark.parametrize(("key", "filters"), [("os_config", {"os": ("",)}), ("folder", {"folders": ("",)})])
def test_every_field_of_completeness_can_be_followed(key: str, filters: dict[str, tuple[str]]) -> None:
    quality = DataQuality((FieldQuality(key, "It", 1, 100),))
    assert links(card("Data completeness", drawn(quality=quality)))["It 1.0 %"] == Scope(**filters)


def test_the_page_draws_its_frame_without_data_whatever_the_query() -> None:
    frame = page.layout(datacenter=["DC1", ""], utm="x")
    (store,) = [store for store in every(frame, dcc.Store) if store.id == page.Ids.SCOPE]
    assert store.data == "datacenter=DC1&datacenter="
    assert len(by_class(frame, "skeleton-tile")) == 6


def test_an_empty_database_offers_an_import_and_a_demo_estate() -> None:
    (state,) = by_class(page.layout(), "if-empty")
    assert [link.href for link in every(state, html.A)] == ["/data-import"]
    assert [button.id for button in every(state, html.Button)] == [page.Ids.LOAD_DEMO]


def test_a_scope_without_machines_offers_to_clear_the_filters_of_this_page() -> None:
    (button,) = every(page.no_machines(), html.Button)
    bar = next(part for part in by_class(page.layout(), "chips"))
    assert button.to_plotly_json()["props"]["data-clears"] == bar.id


def test_the_body_of_a_large_estate_stays_small() -> None:
    names = [f"cluster-with-a-rather-long-name-{number:02}.corp.example" for number in range(10)]
    shares = TopShares(tuple(Share(name, 1, "DC", 1, "DC") for name in names), 90, 100)
    splits = tuple(PowerSplit(name, 1, 1, 1, 1, vcenter_id=1) for name in names[:8])
    body = drawn(clusters=shares, operating_systems=shares, datacenters=splits, other_datacenters=splits[0])
    assert len(json.dumps(body, cls=PlotlyJSONEncoder)) < 80_000
