"""A machine with everything that hangs on it: the panel beside the grid and the page of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.fields import MACHINE_FIELD_TABS, MACHINE_FIELDS
from data.results import Adapter, Disk, MachineDetail, Partition, Snapshot
from data.units import pct
from layouts.shared import formats
from layouts.shared.components import (
    Column,
    Content,
    data_table,
    definition_list,
    icon,
    known,
    partial_state,
    power,
)
from layouts.shared.machine_table import title

LOW_FREE_PCT = 10
"""A partition with less free space is marked."""
_LABELS = {field.key: field.label for field in MACHINE_FIELDS}


def copy_button(address: str) -> Component:
    """Copies the link to a machine's page. The script says on it that it did."""
    target: dict[str, Any] = {"data-copy": address}
    return html.Button("Copy link", type="button", className="btn btn-secondary", **target)


class Tab(StrEnum):
    """The parts of a detail, in their order."""

    GENERAL = "general"
    RESOURCES = "resources"
    STORAGE = "storage"
    NETWORK = "network"
    PLACEMENT = "placement"
    HISTORY = "history"
    ALL = "all"


_TITLES = {
    Tab.GENERAL: "General",
    Tab.RESOURCES: "Resources",
    Tab.STORAGE: "Storage",
    Tab.NETWORK: "Network",
    Tab.PLACEMENT: "Placement",
    Tab.HISTORY: "History",
    Tab.ALL: "All fields",
}


def pills(machine: MachineDetail) -> Component:
    """What a machine is, in a row: power, vCPU, memory, provisioned; only what is known."""
    fields = machine.fields
    cpus = fields.get("cpus")
    parts: list[Content] = [power(_text(machine, "power_state"))]
    if fields.get("template"):
        parts.append("Template")
    if cpus is not None:
        parts.append(f"{_shown(machine, 'cpus')} vCPU")
    parts += [
        f"{_shown(machine, key)}{suffix}"
        for key, suffix in (("memory_mib", " memory"), ("provisioned_mib", " provisioned"))
        if key in fields
    ]
    return html.Div([html.Span(part, className="pill") for part in parts], className="pills")


def place(machine: MachineDetail) -> str:
    """Where a machine is: vCenter, datacenter, cluster, host, as far as known.

    Example:
        >>> from datetime import datetime
        >>> detail = MachineDetail(1, "vc", datetime(2026, 1, 1), True, {"host": "h1"}, {}, None, None, None, None)
        >>> place(detail)
        'vc › h1'
    """
    steps = (_text(machine, key) for key in ("datacenter", "cluster", "host"))
    return " › ".join([machine.vcenter, *(step for step in steps if step)])


def summary(machine: MachineDetail) -> list[Component]:
    """The pills, and before them what to know of a machine that is not in the newest state."""
    if machine.is_current:
        return [pills(machine)]
    text = f"Gone: last seen in the export of {formats.moment(machine.exported_at)}."
    note = html.P([icon("exclamation-triangle"), html.Span(text)], className="partial-note", role="note")
    return [note, pills(machine)]


def tab_bar(tab: str, *, view_id: str, panel_id: str) -> Component:
    """The tabs. The script marks the open one and notes it in the view's store; the panel is drawn after that.

    Args:
        tab: The key of the tab that is open at first; unknown: the first.
        view_id: The store whose query text holds the tab.
        panel_id: What shows the content, with `tab_content` as children.
    """
    chosen = _chosen(tab)
    attributes: dict[str, Any] = {"aria-label": "Parts of the machine", "data-view": view_id}
    buttons = [_tab_button(one, panel_id, is_chosen=one is chosen) for one in Tab]
    return html.Div(buttons, className="tabs", role="tablist", **attributes)


def _tab_button(tab: Tab, panel_id: str, *, is_chosen: bool) -> Component:
    attributes: dict[str, Any] = {
        "aria-selected": "true" if is_chosen else "false",
        "aria-controls": panel_id,
        "data-tab": tab,
    }
    return html.Button(
        _TITLES[tab],
        type="button",
        role="tab",
        className="tab",
        tabIndex=0 if is_chosen else -1,
        **attributes,
    )


def tab_panel(panel_id: str, content: Component | None = None) -> Component:
    """Where the content of the open tab stands."""
    attributes: dict[str, Any] = {"aria-label": "The open part"}
    return html.Div(content, id=panel_id, role="tabpanel", className="tab-panel", tabIndex=0, **attributes)


def tab_content(machine: MachineDetail, tab: str, history: Sequence[Component] = ()) -> Sequence[Component]:
    """What a tab shows: only that is sent, for a machine has hundreds of fields.

    Args:
        machine: In the state that is looked at.
        tab: The key of the tab; unknown: the first.
        history: What the History tab shows, if that is the one.
    """
    chosen = _chosen(tab)
    return history if chosen is Tab.HISTORY else _CONTENTS[chosen](machine)


def _chosen(tab: str) -> Tab:
    return Tab(tab) if tab in set(Tab) else Tab.GENERAL


_GENERAL = (
    "dns_name",
    "primary_ip_address",
    "os_config",
    "os_tools",
    "template",
    "guest_state",
    "hw_version",
    "firmware",
    "created_at",
    "powered_on_at",
    "last_backup_at",
    "vm_id",
    "vm_uuid",
    "smbios_uuid",
    "annotation",
)
_RESOURCES = (
    "cpus",
    "sockets",
    "cores_per_socket",
    "cpu_usage_mhz",
    "cpu_readiness_pct",
    "cpu_reservation_mhz",
    "cpu_limit_mhz",
    "memory_mib",
    "memory_consumed_mib",
    "memory_active_mib",
    "memory_ballooned_mib",
    "memory_swapped_mib",
    "memory_reservation_mib",
    "memory_limit_mib",
    "disks",
    "nics",
    "provisioned_mib",
    "in_use_mib",
    "unshared_mib",
)
_PLACEMENT = (
    "datacenter",
    "cluster",
    "host",
    "resource_pool",
    "folder",
    "vapp",
    "das_protection",
    "ha_restart_priority",
    "cluster_rule_names",
    "host_in_maintenance",
    "path",
)
_TOOLS = {
    "toolsOk": "running",
    "toolsOld": "running, out of date",
    "toolsNotRunning": "not running",
    "toolsNotInstalled": "not installed",
}


def _general(machine: MachineDetail) -> list[Component]:
    state = _text(machine, "tools_status")
    parts = (_text(machine, "tools_version"), _TOOLS.get(state or "", state))
    tools = ", ".join(part for part in parts if part) or formats.UNKNOWN
    pairs = list(_pairs(machine, _GENERAL))
    pairs.insert(_GENERAL.index("hw_version"), ("VMware Tools", tools))
    return [definition_list(pairs)]


def _resources(machine: MachineDetail) -> list[Component]:
    return [definition_list(_pairs(machine, _RESOURCES))]


def _placement(machine: MachineDetail) -> list[Component]:
    return [definition_list([("vCenter", machine.vcenter), *_pairs(machine, _PLACEMENT)])]


def _storage(machine: MachineDetail) -> list[Component]:
    sizes = definition_list(_pairs(machine, ("provisioned_mib", "in_use_mib", "total_disk_mib")))
    return [
        sizes,
        *_part("Disks", machine.disks, "the vDisk tab", "No disks.", _disks),
        *_part(
            "Partitions", machine.partitions, "the vPartition tab", "No partitions are known.", _partitions
        ),
        *_part("Snapshots", machine.snapshots, "the vSnapshot tab", "No snapshots.", _snapshots),
    ]


def _network(machine: MachineDetail) -> list[Component]:
    networks = [key for key in _LABELS if key.startswith("network_") and key in machine.fields]
    pairs = _pairs(machine, ("primary_ip_address", "dns_name", *networks))
    return [
        definition_list(pairs),
        *_part("Adapters", machine.adapters, "the vNetwork tab", "No network adapters.", _adapters),
    ]


def _all_fields(machine: MachineDetail) -> list[Component]:
    groups: dict[str, list[tuple[str, Content]]] = {}
    for key in _LABELS:
        if key in machine.fields:
            groups.setdefault(MACHINE_FIELD_TABS[key], []).append((title(key), _shown(machine, key)))
    if machine.attributes:
        groups["Attributes"] = list(machine.attributes.items())
    return [
        part
        for heading, pairs in groups.items()
        for part in (html.H3(heading, className="detail-heading"), definition_list(pairs))
    ]


_CONTENTS: dict[Tab, Callable[[MachineDetail], list[Component]]] = {
    Tab.GENERAL: _general,
    Tab.RESOURCES: _resources,
    Tab.STORAGE: _storage,
    Tab.NETWORK: _network,
    Tab.PLACEMENT: _placement,
    Tab.ALL: _all_fields,
}


def _part(
    heading: str, things: Sequence[Any] | None, needs: str, none: str, draw: Callable[[Any], Component]
) -> list[Component]:
    """A heading and a list of things, or why there is none."""
    if things is None:
        content = partial_state(f"Needs {needs}.")
    else:
        content = draw(things) if things else html.P(none, className="muted")
    return [html.H3(heading, className="detail-heading"), content]


def _disks(disks: Sequence[Disk]) -> Component:
    rows = [
        (
            _or_unknown(disk.label),
            formats.size(disk.capacity_mib),
            _disk_type(disk),
            _or_unknown(disk.datastore),
        )
        for disk in disks
    ]
    columns = (Column("Disk"), Column("Capacity", is_number=True), Column("Type"), Column("Datastore"))
    return _scrolling(data_table(columns, rows, caption="Disks"))


def _disk_type(disk: Disk) -> str:
    if disk.raw:
        return "Raw"
    return formats.UNKNOWN if disk.thin is None else "Thin" if disk.thin else "Thick"


def _partitions(partitions: Sequence[Partition]) -> Component:
    return html.Ul([html.Li(_partition(one)) for one in partitions], className="fills")


def _partition(partition: Partition) -> list[Component]:
    name = _or_unknown(partition.mount_point)
    used = None if partition.free_pct is None else 100 - partition.free_pct
    if used is None:
        used = pct(partition.consumed_mib, partition.capacity_mib)
    words = f"{formats.size(partition.consumed_mib)} of {formats.size(partition.capacity_mib)}"
    head = html.Div([html.Span(name, className="fill-name"), html.Span(words)], className="fill-head")
    if used is None:
        return [head]
    is_low = used > 100 - LOW_FREE_PCT
    attributes: dict[str, Any] = {"aria-label": f"{name}: {formats.share(used)} used"}
    free = f"{formats.share(100 - used)} free"
    return [
        head,
        html.Meter(
            value=f"{used:.1f}",
            min="0",
            max="100",
            className=f"fill-bar{' is-low' if is_low else ''}",
            **attributes,
        ),
        html.Div([icon("exclamation-triangle"), " ", free] if is_low else free, className="fill-note"),
    ]


def _snapshots(snapshots: Sequence[Snapshot]) -> Component:
    rows = [
        (
            html.Span(_or_unknown(one.name), title=one.description or ""),
            html.Span(
                [
                    html.Span(known(formats.moment(one.taken_at))),
                    html.Br(),
                    html.Span(_ago(one), className="muted"),
                ]
            ),
            formats.size(one.size_mib),
        )
        for one in snapshots
    ]
    columns = (Column("Snapshot"), Column("Taken"), Column("Size", is_number=True))
    return _scrolling(data_table(columns, rows, caption="Snapshots"))


def _ago(snapshot: Snapshot) -> str:
    """The age at the time of the export."""
    return "" if snapshot.age_days is None else formats.age(snapshot.age_days)


def _adapters(adapters: Sequence[Adapter]) -> Component:
    return html.Div([part for one in adapters for part in _adapter(one)])


def _adapter(adapter: Adapter) -> list[Component]:
    addresses = ", ".join(filter(None, (adapter.ipv4_address, adapter.ipv6_address)))
    pairs = (
        ("Network", _or_unknown(adapter.network)),
        ("Switch", _or_unknown(adapter.switch)),
        ("IP addresses", _or_unknown(addresses)),
        ("MAC address", _or_unknown(adapter.mac_address)),
        ("Type", _or_unknown(adapter.adapter)),
        ("Connected", formats.yes_no(adapter.connected)),
    )
    return [html.H4(_or_unknown(adapter.label), className="detail-subheading"), definition_list(pairs)]


def _scrolling(table: Component) -> Component:
    return html.Div(table, className="detail-table", tabIndex=0)


def _pairs(machine: MachineDetail, keys: Iterable[str]) -> Iterable[tuple[str, Content]]:
    return ((_LABELS[key], _shown(machine, key)) for key in keys)


def _shown(machine: MachineDetail, key: str) -> str:
    return formats.value(key, machine.fields.get(key))


def _text(machine: MachineDetail, key: str) -> str | None:
    value = machine.fields.get(key)
    return None if value is None else str(value)


def _or_unknown(text: str | None) -> str:
    return text or formats.UNKNOWN


def name_of(machine: MachineDetail) -> Content:
    """The name of a machine."""
    return known(_or_unknown(_text(machine, "name")))
