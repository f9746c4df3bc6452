from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from dash import html
from dash.development.base_component import Component

from data.fields import MACHINE_FIELDS
from data.results import Adapter, Disk, MachineDetail, MachineTotals, Partition, Snapshot
from data.scope import Scope
from layouts import machine as machine_page
from layouts import vm_explorer as page
from layouts.shared.column_chooser import columns_list
from layouts.shared.machine_detail import Tab, tab_content
from layouts.shared.machine_table import View, block_rows
from tests.layouts.drawn import by_class, every, text

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
    snapshots=(Snapshot("before", "upgrade", datetime(2026, 11, 6, 6, 0), 10.0, 2048.0),),
)


def drawn(tab: str = "", **changes: Any) -> page.Detail:
    return page.detail(replace(MACHINE, **changes), Scope(database="lab", text="sql"), View(tab=tab))


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [(Scope(), "7,989 machines"), (Scope(text="sql"), "1,284 of 7,989 machines")],
)
def test_the_sentence_says_how_many_machines_match(scope: Scope, sentence: str) -> None:
    assert (
        page.sentence(MachineTotals(1284 if scope.text else 7989, 7989, None, None, None), scope) == sentence
    )


def test_one_machine_is_announced_in_the_singular() -> None:
    assert page.announcement(MachineTotals(1, 5, None, None, None)) == "1 machine matches"
    assert page.announcement(MachineTotals(0, 5, None, None, None)) == "0 machines match"


def test_sums_that_no_machine_knows_are_left_out() -> None:
    assert page.sums(MachineTotals(3, 3, None, None, None)) == ""
    assert page.sums(MachineTotals(3, 3, 8, None, 2048.0)) == "Σ 8 vCPU · 2 GiB provisioned"


def test_the_grid_loads_as_many_rows_at_a_time_as_the_setting_says() -> None:
    token = block_rows.set(250)
    try:
        grid = next(part for part in every(page.layout()) if getattr(part, "id", None) == page.Ids.GRID)
    finally:
        block_rows.reset(token)
    assert grid.dashGridOptions["cacheBlockSize"] == 250
    assert grid.dashGridOptions["maxConcurrentDatasourceRequests"] == 1, (
        "the component keeps one request only"
    )


def test_a_link_seeds_the_stores_and_the_columns() -> None:
    layout = page.layout(q="sql", col=["name", "host"], sort="-host", machine="7", tab="storage", shoes="x")
    parts = {part.id: part for part in every(layout) if isinstance(getattr(part, "id", None), str)}
    assert parts[page.Ids.SCOPE].data == "q=sql"
    assert parts[page.Ids.VIEW].data == "col=name&col=host&sort=-host&machine=7&tab=storage"
    assert [one["field"] for one in parts[page.Ids.GRID].columnDefs] == ["name", "host"]


def test_the_chooser_lists_every_column_by_its_tab_and_then_the_attributes() -> None:
    chooser = columns_list(["Owner", "Zone"])
    groups = [part for part in every(chooser, html.Div) if getattr(part, "role", None) == "group"]
    assert [getattr(group, "aria-label") for group in groups] == [
        "vInfo",
        "vCPU",
        "vMemory",
        "vTools",
        "Worked out",
        "Attributes",
    ]
    keys = [getattr(part, "data-value") for part in by_class(chooser, "choice")]
    assert set(keys) == {field.key for field in MACHINE_FIELDS} | {"attr:Owner", "attr:Zone"}
    assert len(keys) == len(set(keys))


def test_without_attributes_there_is_no_group_for_them() -> None:
    assert "Attributes" not in text(columns_list([]))


def test_nothing_imported_leads_to_the_import_of_the_same_database() -> None:
    (link,) = every(page.nothing_imported(Scope(database="lab", text="sql")), html.A)
    assert link.href == "/data-import?db=lab"


def test_a_scope_without_machines_can_be_cleared() -> None:
    (button,) = every(page.no_machines(), html.Button)
    assert getattr(button, "data-clears") == "vm-explorer-filters"


def test_the_head_of_a_detail_says_what_and_where_the_machine_is() -> None:
    detail = drawn()
    assert detail.title == "prd-sql-115"
    assert text(by_class(detail.summary, "detail-path")) == "vc-north › DC04 › Cluster03 › esx-114"
    assert [text(pill).strip() for pill in by_class(detail.summary, "pill")] == [
        "On",
        "16 vCPU",
        "64 GiB memory",
        "1.2 TiB provisioned",
    ]


def test_the_page_of_the_machine_keeps_database_and_day_and_drops_the_filters() -> None:
    (link,) = every(drawn().actions, html.A)
    assert link.href == "/vm-explorer/7?db=lab"


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
    assert text(drawn("shoes").content) == text(drawn("general").content)


def test_general_says_unknown_where_nothing_is_known_and_how_the_tools_are() -> None:
    general = text(drawn("general").content)
    assert "VMware Tools 12389, running, out of date" in general
    assert "Firmware – unknown" in general


def test_storage_lists_disks_fill_bars_and_snapshots() -> None:
    panel = drawn("storage").content
    words = text(panel)
    assert "Hard disk 1 60 GiB Thin ds1" in words
    assert "– unknown – unknown Raw – unknown" in words
    assert "before 6 Nov 2026, 06:00 10 days 2 GiB" in words
    bars = list(every(panel, html.Meter))
    assert [(bar.value, "is-low" in bar.className) for bar in bars] == [("95.0", True), ("25.0", False)]
    assert "5.0 % free" in words


def test_a_tab_that_the_export_lacks_is_named() -> None:
    missing: dict[str, Any] = dict.fromkeys(("disks", "partitions", "adapters", "snapshots"))
    for tab in ("vDisk", "vPartition", "vSnapshot"):
        assert f"Needs the {tab} tab." in text(drawn("storage", **missing).content)
    assert "Needs the vNetwork tab." in text(drawn("network", **missing).content)


def test_a_machine_without_disks_is_not_one_of_an_export_without_the_tab() -> None:
    storage = text(drawn("storage", disks=(), partitions=(), snapshots=()).content)
    assert "No disks." in storage
    assert "Needs" not in storage


def test_network_lists_the_named_networks_and_the_adapters() -> None:
    network = text(drawn("network").content)
    assert "Network 2 backup" in network
    assert "Network 1 " not in network.split("Adapters")[0]
    assert "10.0.0.1, fe80::1" in network


def test_all_fields_are_the_filled_ones_by_tab_and_the_attributes() -> None:
    every_field = text(drawn("all").content)
    assert "Worked out Snapshots 1" in every_field
    assert "Attributes Owner data platform" in every_field
    assert "unknown" not in every_field


def test_a_machine_that_is_gone_says_when_it_was_last_seen() -> None:
    assert "Gone: last seen in the export of 16 Nov 2026, 06:00." in text(drawn(is_current=False).summary)
    assert "Gone" not in text(drawn().summary)


def test_a_machine_of_which_next_to_nothing_is_known_is_drawn() -> None:
    bare = replace(
        MACHINE, fields={}, attributes={}, disks=None, partitions=None, adapters=None, snapshots=None
    )
    assert text(page.detail(bare, Scope(), View()).title) == "– unknown"
    for tab in Tab:
        tab_content(bare, tab)
    assert "vc-north" in machine_page.sentence(bare, Scope())


def test_the_page_of_a_machine_says_where_it_is_and_as_of_when() -> None:
    sentence = "vc-north › DC04 › Cluster03 › esx-114, exported 16 Nov 2026, 06:00"
    assert machine_page.sentence(MACHINE, Scope()) == sentence
    then = Scope(as_of=date(2026, 11, 20))
    assert machine_page.sentence(MACHINE, then) == f"{sentence}, as of 20 Nov 2026"


def test_a_machine_that_never_was_leads_back() -> None:
    (link,) = every(machine_page.not_found("999", Scope(database="lab", text="x")), html.A)
    assert urlsplit(link.href).path == "/vm-explorer"
    assert Scope.from_query_string(urlsplit(link.href).query) == Scope(database="lab")
