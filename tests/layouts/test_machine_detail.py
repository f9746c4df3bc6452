from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from dash import html
from dash.development.base_component import Component

from data.results import (
    Adapter,
    AttentionLimits,
    Disk,
    MachineDatastore,
    MachineDetail,
    Partition,
    Placement,
    Snapshot,
    TabRows,
)
from data.scope import Scope
from data.vocabulary import Templates
from layouts import machine as machine_page
from layouts import vm_explorer as page
from layouts.shared.machine_detail import Tab, chosen
from layouts.shared.machine_parts import part
from layouts.shared.machine_placement import placement
from layouts.shared.machine_rows import all_fields
from tests.layouts.drawn import by_class, every, links, text

MACHINE = MachineDetail(
    machine_id=7,
    vcenter="vc-north",
    exported_at=datetime(2026, 11, 16, 6, 0),
    is_current=True,
    fields={
        "name": "prd-sql-115",
        "power_state": "poweredOn",
        "datacenter": "DC04",
        "cluster": "Cluster03",
        "host": "esx-114",
        "cpus": 16,
        "memory_mib": 65536.0,
        "provisioned_mib": 1226834.0,
        "dns_name": "prd-sql-115.corp.local",
        "tools_version": "12389",
        "tools_status": "toolsOld",
        "network_2": "backup",
        "snapshot_count": 1,
    },
    attributes={"Owner": "data platform"},
    disks=(
        Disk("Hard disk 1", 61440.0, True, "ds1", None, None, None, False),
        Disk(None, None, None, None, None, None, None, True),
    ),
    partitions=(
        Partition("C:\\", 100.0, 95.0, 5.0),
        Partition("D:\\", 200.0, 50.0, None),
        Partition("E:\\", 1.0, None, None),
    ),
    adapters=(Adapter("Network adapter 1", "Vmxnet3", "PRD", "sw", "00:50", "10.0.0.1", "fe80::1", True),),
    vcenter_id=3,
    is_only_vcenter=False,
    snapshots=(Snapshot("before", "upgrade", datetime(2026, 11, 6, 6, 0), 10.0, 2048.0),),
)


NOWHERE = Placement(TabRows("vHost", None), TabRows("vCluster", None), TabRows("vRP", None), ())
LIMITS = AttentionLimits()
LAB = Scope(database="lab", text="sql", as_of=date(2026, 11, 20))
THERE = Scope(database="lab", as_of=date(2026, 11, 20))


def head(scope: Scope = LAB, **changes: Any) -> page.Detail:
    return page.detail(replace(MACHINE, **changes), scope, [])


def content(tab: Tab, scope: Scope = LAB, **changes: Any) -> list[Component]:
    return part(replace(MACHINE, **changes), tab, scope)


def placed(
    scope: Scope = LAB,
    machine: MachineDetail = MACHINE,
    limits: AttentionLimits = LIMITS,
    **changes: Any,
) -> list[Component]:
    return placement(machine, replace(NOWHERE, **changes), scope, limits)


def test_the_head_of_a_detail_says_what_and_where_the_machine_is() -> None:
    detail = head()
    assert detail.title == "prd-sql-115"
    path = " ".join(text(by_class(detail.summary, "detail-path")).split())
    assert path == "vc-north › DC04 › Cluster03 › esx-114"
    assert [text(pill).strip() for pill in by_class(detail.summary, "pill")] == [
        "On",
        "16 vCPU",
        "64 GiB memory",
        "1.2 TiB provisioned",
    ]


def test_the_page_of_the_machine_keeps_database_and_day_and_drops_the_filters() -> None:
    (link,) = every(head().actions, html.A)
    assert link.href == "/vm-explorer/7?db=lab&as_of=2026-11-20"


@pytest.mark.parametrize(
    ("scope", "address"), [(Scope(), "/vm-explorer/7?"), (LAB, "/vm-explorer/7?db=lab&as_of=2026-11-20&")]
)
def test_the_page_of_the_machine_opens_with_the_same_tab(scope: Scope, address: str) -> None:
    actions = page.detail(MACHINE, scope, [], "storage").actions
    assert [one.href for one in every(actions, html.A)] == [f"{address}tab=storage"]
    assert [getattr(one, "data-copy") for one in every(actions, html.Button)] == [f"{address}tab=storage"]


@pytest.mark.parametrize(("tab", "shown"), [("", "general"), ("storage", "storage"), ("shoes", "general")])
@pytest.mark.parametrize("layout", [page.layout, machine_page.layout])
def test_the_tab_of_the_link_is_open_and_only_that(
    layout: Callable[..., Component], tab: str, shown: str
) -> None:
    buttons = by_class(layout(tab=tab), "tab")
    assert [getattr(one, "data-tab") for one in buttons if getattr(one, "aria-selected") == "true"] == [shown]
    assert [getattr(one, "data-tab") for one in buttons if one.tabIndex == 0] == [shown]
    assert [getattr(one, "data-tab") for one in buttons] == list(Tab)


def test_an_unknown_tab_shows_the_first() -> None:
    assert [chosen(tab) for tab in ("shoes", "", "all")] == [Tab.GENERAL, Tab.GENERAL, Tab.ALL]


def test_general_says_unknown_where_nothing_is_known_and_how_the_tools_are() -> None:
    general = text(content(Tab.GENERAL))
    assert "VMware Tools 12389, running, out of date" in general
    assert "Firmware – unknown" in general


def test_storage_lists_disks_fill_bars_and_snapshots() -> None:
    panel = content(Tab.STORAGE)
    words = text(panel)
    assert "Hard disk 1 60 GiB Thin ds1" in words
    assert "– unknown – unknown Raw – unknown" in words
    assert "before upgrade 6 Nov 2026, 06:00 10 days 2 GiB" in words
    bars = list(every(panel, html.Meter))
    assert [(bar.value, "is-low" in bar.className) for bar in bars] == [("95.0", True), ("25.0", False)]
    assert "5.0 % free" in words


def test_a_tab_that_the_export_lacks_is_named() -> None:
    missing: dict[str, Any] = dict.fromkeys(("disks", "partitions", "adapters", "snapshots"))
    for tab in ("vDisk", "vPartition", "vSnapshot"):
        assert f"Needs the {tab} tab." in text(content(Tab.STORAGE, **missing))
    assert "Needs the vNetwork tab." in text(content(Tab.NETWORK, **missing))


def test_a_machine_without_disks_is_not_one_of_an_export_without_the_tab() -> None:
    storage = text(content(Tab.STORAGE, disks=(), partitions=(), snapshots=()))
    assert "No disks." in storage
    assert "Needs" not in storage


def test_network_lists_the_named_networks_and_the_adapters() -> None:
    network = text(content(Tab.NETWORK))
    assert "Network 2 backup" in network
    assert "Network 1 " not in network.split("Adapters")[0]
    assert "IP addresses 10.0.0.1 ,  fe80::1" in network


def test_a_machine_that_is_gone_says_when_it_was_last_seen() -> None:
    assert "Gone: last seen in the export of 16 Nov 2026, 06:00." in text(head(is_current=False).summary)
    assert "Gone" not in text(head().summary)


def test_a_machine_of_which_next_to_nothing_is_known_is_drawn() -> None:
    bare = replace(
        MACHINE, fields={}, attributes={}, disks=None, partitions=None, adapters=None, snapshots=None
    )
    assert text(page.detail(bare, Scope(), []).title) == "– unknown"
    for tab in (Tab.GENERAL, Tab.RESOURCES, Tab.STORAGE, Tab.NETWORK):
        assert "unknown" in text(part(bare, tab, Scope()))
    assert "Needs the vDisk tab." in text(placed(machine=bare))
    assert "Needs the vHost tab." not in text(placed(machine=bare)), "it is not known on which host it is"
    assert all_fields(bare, []) == []
    assert "vc-north" in text(machine_page.sentence(bare, Scope()))


def test_the_page_of_a_machine_says_where_it_is_and_as_of_when() -> None:
    def sentence(scope: Scope) -> str:
        return " ".join(text(machine_page.sentence(MACHINE, scope)).split())

    assert sentence(Scope()) == "vc-north › DC04 › Cluster03 › esx-114 , exported 16 Nov 2026, 06:00"
    assert sentence(Scope(as_of=date(2026, 11, 20))).endswith("06:00, as of 20 Nov 2026")


def test_a_machine_that_never_was_leads_back() -> None:
    (link,) = every(machine_page.not_found("999", Scope(database="lab", text="x")), html.A)
    assert urlsplit(link.href).path == "/vm-explorer"
    assert Scope.from_query_string(urlsplit(link.href).query) == Scope(database="lab")


# Links
def test_each_step_of_the_path_leads_to_the_machines_there_on_the_same_day() -> None:
    there = THERE.with_(vcenters=(3,))
    assert links(head().summary) == {
        "vc-north": there,
        "DC04": there.with_(datacenters=("DC04",)),
        "Cluster03": there.with_(datacenters=("DC04",), clusters=("Cluster03",)),
        "esx-114": there.with_(hosts=("esx-114",)),
    }


def test_the_only_vcenter_is_no_filter_of_a_link_but_its_own() -> None:
    found = links(head(is_only_vcenter=True).summary)
    assert found["vc-north"] == THERE.with_(vcenters=(3,))
    assert found["DC04"] == THERE.with_(datacenters=("DC04",))


def test_a_cluster_without_a_datacenter_is_one_of_machines_without_a_datacenter() -> None:
    fields = {key: value for key, value in MACHINE.fields.items() if key != "datacenter"}
    assert links(head(fields=fields).summary)["Cluster03"].datacenters == ("",)


def test_the_links_of_a_template_show_templates() -> None:
    found = links(head(fields=MACHINE.fields | {"template": True}).summary)
    assert {scope.templates for scope in found.values()} == {Templates.INCLUDE}
    assert {scope.templates for scope in links(head().summary).values()} == {Templates.EXCLUDE}


def test_what_has_no_filter_of_its_own_leads_to_a_condition() -> None:
    named: dict[str, Any] = {
        "resource_pool": "/DC04/Pool, gold",
        "vapp": "shop",
        "os_tools": "RHEL 8",
        "folder": "/a",
    }
    within = THERE.with_(vcenters=(3,))
    found = links(placed(machine=replace(MACHINE, fields=named)))
    assert found["/DC04/Pool, gold"] == within.with_(where=('resource_pool:= "/DC04/Pool, gold"',))
    assert found["shop"] == within.with_(where=("vapp:= shop",))
    assert found["/a"] == within.with_(folders=("/a",))
    general = links(content(Tab.GENERAL, fields=named | {"os_config": "RHEL 8 (64-bit)"}))
    assert general["RHEL 8"] == THERE.with_(where=("os_tools:= RHEL 8",)), "the same in every vCenter"
    assert general["RHEL 8 (64-bit)"] == THERE.with_(os=("RHEL 8 (64-bit)",))


def test_networks_datastores_and_snapshots_lead_to_the_machines_that_have_them() -> None:
    within = THERE.with_(vcenters=(3,))
    network = links(content(Tab.NETWORK))
    assert network["backup"] == within.with_(networks=("backup",))
    assert network["PRD"] == within.with_(networks=("PRD",))
    storage = links(content(Tab.STORAGE))
    assert storage["ds1"] == within.with_(datastores=("ds1",))
    assert storage["All machines with snapshots"] == THERE.with_(where=("snapshot_count:> 0",))


def test_an_attribute_leads_to_the_machines_that_have_the_same_unless_it_is_a_text() -> None:
    attributes = {"Cost: centre": "42, b", "Notes": "n" * 101}
    found = links(content(Tab.GENERAL, attributes=attributes))
    assert found["42, b"] == THERE.with_(where=('attr:Cost%3A centre:= "42, b"',))
    assert "n" * 101 not in found


def test_a_limit_that_there_is_not_is_no_number() -> None:
    limits: dict[str, Any] = {"cpu_limit_mhz": -1, "memory_limit_mib": 2048.0, "cpu_reservation_mhz": -1}
    resources = text(content(Tab.RESOURCES, fields=limits))
    assert "CPU limit Unlimited" in resources
    assert "Memory limit 2 GiB" in resources
    assert "CPU reservation -1 MHz" in resources
    assert folds(TabRows("vDisk", ({"io_limit": -1},)), attributes={}) == {
        "vDisk": "vDisk 1 field Limit Unlimited"
    }


def test_an_adapter_without_a_name_has_a_number() -> None:
    nameless = Adapter(None, "E1000", None, None, None, None, None, None)
    network = text(content(Tab.NETWORK, adapters=(nameless, nameless)))
    assert "Adapters Adapter 1 Network – unknown" in network
    assert "Adapter 2" in network


def test_an_address_leads_to_the_machines_with_exactly_this_one() -> None:
    found = links(content(Tab.NETWORK, fields={"primary_ip_address": "10.0.0.1"}))
    assert found["10.0.0.1"] == THERE.with_(text=r"\b10\.0\.0\.1\b", is_pattern=True)
    assert found["fe80::1"] == THERE.with_(text=r"\bfe80::1\b", is_pattern=True)


# Placement
def facts(tab: str, *rows: dict[str, Any]) -> TabRows:
    return TabRows(tab, rows)


def test_placement_says_what_the_host_and_the_cluster_have() -> None:
    host = {
        "model": "R740",
        "cores": 48,
        "memory_mib": 1048576.0,
        "in_maintenance_mode": True,
        "cpu_usage_pct": 41.0,
    }
    cluster = {"hosts": 4, "ha_enabled": True, "drs_enabled": False}
    words = text(placed(host=facts("vHost", host), cluster=facts("vCluster", cluster)))
    for pair in ("Model R740", "Cores 48", "Memory 1.0 TiB", "In maintenance mode Yes", "CPU usage 41.0 %"):
        assert pair in words
    for pair in ("Hosts 4", "HA enabled Yes", "DRS enabled No", "Admission control – unknown"):
        assert pair in words


def test_placement_names_the_tabs_that_the_export_lacks() -> None:
    pool: Any = MACHINE.fields | {"resource_pool": "/a"}
    words = text(placed(machine=replace(MACHINE, fields=pool)))
    for tab in ("vHost", "vCluster", "vRP"):
        assert f"Needs the {tab} tab." in words


def test_placement_says_why_a_host_is_unknown() -> None:
    assert "vHost does not list it." in text(placed(host=facts("vHost")))
    assert "vHost lists 2 of this name." in text(placed(host=facts("vHost", {"cores": 1}, {"cores": 2})))
    unplaced = replace(MACHINE, fields={})
    assert "The export does not name it." in text(placed(machine=unplaced))


def test_a_datastore_says_how_full_it_is_and_what_the_machine_has_there() -> None:
    full = facts("vDatastore", {"type": "VMFS", "capacity_mib": 1024.0, "free_mib": 51.2, "free_pct": 5.0})
    stores = (
        MachineDatastore("ds1", 2, 512.0, True, full),
        MachineDatastore("ds2", 0, None, False, facts("vDatastore")),
    )
    drawn = placed(datastores=stores)
    words = text(drawn)
    assert "ds1 51.2 MiB free of 1 GiB" in words
    assert "5.0 % free · VMFS · 2 disks of 512 MiB here · configuration" in words
    assert "vDatastore does not list it" in words
    (bar,) = every(drawn, html.Meter)
    assert (bar.value, "is-low" in bar.className) == ("95.0", True)
    assert links(drawn)["ds2"].datastores == ("ds2",)


@pytest.mark.parametrize(("free_pct", "is_low"), [(20, False), (21, True)])
def test_a_datastore_is_marked_from_where_the_check_of_full_datastores_begins(
    free_pct: int, is_low: bool
) -> None:
    store = MachineDatastore("ds1", 1, 5.0, False, facts("vDatastore", {"free_pct": 20.0}))
    drawn = placed(datastores=(store,), limits=AttentionLimits(datastore_free_pct=free_pct))
    (bar,) = every(drawn, html.Meter)
    assert ("is-low" in bar.className) is is_low


def test_datastores_without_their_tab_are_named_and_the_tab_is_too() -> None:
    stores = tuple(MachineDatastore(name, 1, 5.0, False, TabRows("vDatastore", None)) for name in ("a", "b"))
    words = text(placed(datastores=stores))
    assert words.count("Needs the vDatastore tab.") == 1
    assert "1 disk of 5 MiB here" in words
    assert "No datastores are known." in text(placed(machine=replace(MACHINE, disks=())))


# All fields
def folds(*tabs: TabRows, **changes: Any) -> dict[str, str]:
    drawn = all_fields(replace(MACHINE, **changes), tabs)
    return {getattr(fold, "data-fold"): text(fold) for fold in every(drawn, html.Details)}


def test_every_row_of_every_tab_is_folded_under_its_tab() -> None:
    adapters = ({"label": "NIC 1", "connected": True}, {"label": "NIC 2", "connected": False})
    found = folds(
        TabRows("vInfo", ({"name": "a", "power_state": "poweredOn"},)),
        TabRows("vNetwork", adapters),
        TabRows("vDisk", ({"disk_key": 2000, "capacity_mib": 2048.0, "datastore": "ds1"},)),
        TabRows("vHealth", ({"message": "Consolidate", "message_type": "Storage"},)),
        TabRows("Worked out", ({"snapshot_age_days": 3.5},)),
    )
    assert found == {
        "vInfo": "vInfo 2 fields Name a Power On",
        "vNetwork": "vNetwork 2 rows NIC 1 Adapter NIC 1 Connected Yes NIC 2 Adapter NIC 2 Connected No",
        "vDisk": "vDisk 3 fields Disk key 2000 Capacity 2 GiB Datastore ds1",
        "vHealth": "vHealth 2 fields Message Consolidate Type Storage",
        "Worked out": "Worked out 1 field Oldest snapshot 3 days",
        "Attributes": "Attributes 1 field Owner data platform",
    }


def test_rows_without_a_name_are_numbered() -> None:
    rows = ({"capacity_mib": 1.0}, {"capacity_mib": 2.0})
    assert folds(TabRows("vPartition", rows), attributes={}) == {
        "vPartition": "vPartition 2 rows Row 1 Capacity 1 MiB Row 2 Capacity 2 MiB"
    }


def test_tabs_without_a_row_are_told_from_tabs_that_the_export_lacks() -> None:
    tabs = (TabRows("vCD", ()), TabRows("vUSB", ()), TabRows("vFloppy", None))
    words = text(all_fields(MACHINE, tabs))
    assert "Nothing of this machine in vCD and vUSB." in words
    assert "The export lacks vFloppy." in words


def test_attributes_stand_with_the_general_fields() -> None:
    assert "Attributes Owner data platform" in text(content(Tab.GENERAL))
    assert "Attributes" not in text(content(Tab.GENERAL, attributes={}))
