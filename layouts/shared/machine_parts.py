"""What the tabs of a machine's detail show: general, resources, storage, network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from dash import html
from dash.development.base_component import Component

from data.fields import ATTRIBUTE, MACHINE_FIELDS
from data.results import Adapter, Disk, MachineDetail, Partition, Snapshot
from data.scope import Scope, joined_condition
from data.units import pct
from layouts.shared import formats
from layouts.shared.components import (
    Column,
    Content,
    data_table,
    definition_list,
    icon,
    known,
    link,
    partial_state,
)
from layouts.shared.machine_detail import Tab
from layouts.shared.machine_links import linked
from layouts.shared.sitemap import href

T = TypeVar("T")
LOW_FREE_PCT = 10
"""A partition with less free space is marked; for datastores there is a setting."""
_LABELS = {field.key: field.label for field in MACHINE_FIELDS}


def part(machine: MachineDetail, tab: Tab, scope: Scope) -> list[Component]:
    """What a tab shows that needs nothing but the machine.

    Args:
        machine: In the state that is looked at.
        tab: One of General, Resources, Storage and Network.
        scope: Its database and day are kept by links.
    """
    return _CONTENTS[tab](machine, scope)


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
_TOOLS = {
    "toolsOk": "running",
    "toolsOld": "running, out of date",
    "toolsNotRunning": "not running",
    "toolsNotInstalled": "not installed",
}


def _general(machine: MachineDetail, scope: Scope) -> list[Component]:
    state = text_of(machine, "tools_status")
    known_parts = (text_of(machine, "tools_version"), _TOOLS.get(state or "", state))
    tools = ", ".join(part for part in known_parts if part) or formats.UNKNOWN
    rows = list(pairs(machine, scope, _GENERAL))
    rows.insert(_GENERAL.index("hw_version"), ("VMware Tools", tools))
    custom = [
        (name, linked(machine, scope, ATTRIBUTE + name, text)) for name, text in machine.attributes.items()
    ]
    return [definition_list(rows), *(section("Attributes", definition_list(custom)) if custom else [])]


def _resources(machine: MachineDetail, scope: Scope) -> list[Component]:
    return [definition_list(pairs(machine, scope, _RESOURCES))]


def _storage(machine: MachineDetail, scope: Scope) -> list[Component]:
    sizes = definition_list(pairs(machine, scope, ("provisioned_mib", "in_use_mib", "total_disk_mib")))
    return [
        sizes,
        *_part("Disks", "vDisk", machine.disks, "No disks.", lambda disks: _disks(machine, scope, disks)),
        *_part("Partitions", "vPartition", machine.partitions, "No partitions are known.", _partitions),
        *_part(
            "Snapshots",
            "vSnapshot",
            machine.snapshots,
            "No snapshots.",
            lambda snapshots: _snapshots(snapshots, scope),
        ),
    ]


def _network(machine: MachineDetail, scope: Scope) -> list[Component]:
    networks = [key for key in _LABELS if key.startswith("network_") and key in machine.fields]
    return [
        definition_list(pairs(machine, scope, ("primary_ip_address", "dns_name", *networks))),
        *_part(
            "Adapters",
            "vNetwork",
            machine.adapters,
            "No network adapters.",
            lambda adapters: _adapters(machine, scope, adapters),
        ),
    ]


_CONTENTS: dict[Tab, Callable[[MachineDetail, Scope], list[Component]]] = {
    Tab.GENERAL: _general,
    Tab.RESOURCES: _resources,
    Tab.STORAGE: _storage,
    Tab.NETWORK: _network,
}


def section(heading: str, *content: Component) -> list[Component]:
    """A part of a tab under its heading."""
    return [html.H3(heading, className="detail-heading"), *content]


def needs(tab: str) -> Component:
    """Why a part is unknown: the export lacks a tab."""
    return partial_state(f"Needs the {tab} tab.")


def _part(
    heading: str, tab: str, things: Sequence[T] | None, none: str, draw: Callable[[Sequence[T]], Component]
) -> list[Component]:
    """A heading and a list of things, or why there is none."""
    if things is None:
        return section(heading, needs(tab))
    return section(heading, draw(things) if things else html.P(none, className="muted"))


def _disks(machine: MachineDetail, scope: Scope, disks: Sequence[Disk]) -> Component:
    rows = [
        (
            _or_unknown(disk.label),
            formats.size(disk.capacity_mib),
            _disk_type(disk),
            linked(machine, scope, "datastore", disk.datastore),
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
    return fills(_partition(one) for one in partitions)


def _partition(partition: Partition) -> list[Component]:
    name = _or_unknown(partition.mount_point)
    used = None if partition.free_pct is None else 100 - partition.free_pct
    if used is None:
        used = pct(partition.consumed_mib, partition.capacity_mib)
    words = f"{formats.size(partition.consumed_mib)} of {formats.size(partition.capacity_mib)}"
    return fill(name, known(name), words, used)


def fills(items: Iterable[list[Component]]) -> Component:
    """Bars below one another, each made by `fill`."""
    return html.Ul([html.Li(item) for item in items], className="fills")


def fill(
    name: str,
    shown: Content,
    words: Content,
    used: float | None,
    note: str = "",
    *,
    low_free_pct: float = LOW_FREE_PCT,
) -> list[Component]:
    """How full something is: its name, how much in words, a bar; a mark where there is little left.

    Args:
        name: For screen readers.
        shown: The name as it stands there.
        words: At the right of it.
        used: 0 to 100; None: unknown, and there is no bar.
        note: What else there is to say, after the free share.
        low_free_pct: With less free than this it is marked.
    """
    head = html.Div([html.Span(shown, className="fill-name"), html.Span(words)], className="fill-head")
    if used is None:
        return [head, *([html.Div(note, className="fill-note")] if note else [])]
    is_low = used > 100 - low_free_pct
    label: dict[str, Any] = {"aria-label": f"{name}: {formats.share(used)} used"}
    bar = html.Meter(
        value=f"{used:.1f}", min="0", max="100", className=f"fill-bar{' is-low' if is_low else ''}", **label
    )
    mark: list[Component | str] = [icon("exclamation-triangle"), " "] if is_low else []
    free = " · ".join(filter(None, (f"{formats.share(100 - used)} free", note)))
    return [head, bar, html.Div([*mark, free], className="fill-note")]


def _snapshots(snapshots: Sequence[Snapshot], scope: Scope) -> Component:
    rows = [
        (
            _snapshot_name(one),
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
    others = Scope(
        database=scope.database, as_of=scope.as_of, where=(joined_condition("snapshot_count", "> 0"),)
    )
    return html.Div(
        [
            _scrolling(data_table(columns, rows, caption="Snapshots")),
            html.P(link("All machines with snapshots", href("vm_explorer", others)), className="detail-more"),
        ]
    )


def _snapshot_name(snapshot: Snapshot) -> Component:
    name = html.Span(known(_or_unknown(snapshot.name)))
    if not snapshot.description:
        return name
    return html.Span([name, html.Br(), html.Span(snapshot.description, className="muted snapshot-note")])


def _ago(snapshot: Snapshot) -> str:
    """The age at the time of the export."""
    return "" if snapshot.age_days is None else formats.age(snapshot.age_days)


def _adapters(machine: MachineDetail, scope: Scope, adapters: Sequence[Adapter]) -> Component:
    parts = [_adapter(machine, scope, one, number) for number, one in enumerate(adapters, start=1)]
    return html.Div([part for parts_of_one in parts for part in parts_of_one])


def _adapter(machine: MachineDetail, scope: Scope, adapter: Adapter, number: int) -> list[Component]:
    """Before RVTools 4.1 an adapter has no name."""
    addresses = ", ".join(filter(None, (adapter.ipv4_address, adapter.ipv6_address)))
    rows = (
        ("Network", linked(machine, scope, "network", adapter.network)),
        ("Switch", _or_unknown(adapter.switch)),
        ("IP addresses", linked(machine, scope, "ipv4_address", addresses)),
        ("MAC address", _or_unknown(adapter.mac_address)),
        ("Type", _or_unknown(adapter.adapter)),
        ("Connected", formats.yes_no(adapter.connected)),
    )
    name = adapter.label or f"Adapter {number}"
    return [html.H4(name, className="detail-subheading"), definition_list(rows)]


def _scrolling(table: Component) -> Component:
    return html.Div(table, className="detail-table", tabIndex=0)


def pairs(machine: MachineDetail, scope: Scope, keys: Iterable[str]) -> Iterator[tuple[str, Content]]:
    """Labels and values of fields, names as links."""
    for key in keys:
        text = formats.value(key, machine.fields.get(key))
        yield _LABELS[key], linked(machine, scope, key, text)


def text_of(machine: MachineDetail, key: str) -> str | None:
    """A field as text."""
    value = machine.fields.get(key)
    return None if value is None else str(value)


def _or_unknown(text: str | None) -> str:
    return text or formats.UNKNOWN
