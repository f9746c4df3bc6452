"""The Placement tab: where a machine is, and what its host, cluster, resource pool and datastores have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dash import html
from dash.development.base_component import Component

from data.fields import TABS
from data.results import AttentionLimits, MachineDatastore, MachineDetail, Placement, TabRows, Value
from data.scope import Scope
from layouts.shared import formats
from layouts.shared.components import Content, definition_list
from layouts.shared.machine_links import linked
from layouts.shared.machine_parts import fill, fills, needs, pairs, section

_PLACE = ("datacenter", "cluster", "host", "resource_pool", "folder", "vapp")
_PROTECTION = (
    "das_protection",
    "ha_restart_priority",
    "ha_isolation_response",
    "ha_vm_monitoring",
    "ft_state",
    "cluster_rules",
    "cluster_rule_names",
)
_HOST = (
    "vendor",
    "model",
    "cpu_model",
    "cpus",
    "cores",
    "cpu_usage_pct",
    "memory_mib",
    "memory_usage_pct",
    "esx_version",
    "in_maintenance_mode",
    "booted_at",
    "vms",
    "vcpus",
)
_CLUSTER = (
    "overall_status",
    "hosts",
    "effective_hosts",
    "cores",
    "cpu_mhz",
    "memory_mib",
    "effective_memory_mib",
    "ha_enabled",
    "admission_control",
    "drs_enabled",
    "drs_behavior",
)
_POOL = (
    "status",
    "cpu_reservation_mhz",
    "cpu_limit_mhz",
    "memory_reservation_mib",
    "memory_limit_mib",
    "vms",
    "vcpus",
)


def placement(
    machine: MachineDetail, placement: Placement, scope: Scope, limits: AttentionLimits
) -> list[Component]:
    """What the tab shows.

    Args:
        machine: In the state that is looked at.
        placement: Of the same state.
        scope: Its database and day are kept by links.
        limits: Where the attention checks begin: such a full datastore is marked.
    """
    where: list[tuple[str, Content]] = [("vCenter", linked(machine, scope, "vcenter", machine.vcenter))]
    return [
        definition_list([*where, *pairs(machine, scope, _PLACE), *pairs(machine, scope, ("path",))]),
        *section("Host", _facts(placement.host, _HOST, machine.fields.get("host"))),
        *section("Cluster", _facts(placement.cluster, _CLUSTER, machine.fields.get("cluster"))),
        *section("Datastores", *_datastores(machine, placement.datastores, scope, limits)),
        *section(
            "Resource pool", _facts(placement.resource_pool, _POOL, machine.fields.get("resource_pool"))
        ),
        *section("Protection", definition_list(pairs(machine, scope, _PROTECTION))),
    ]


def _facts(found: TabRows, keys: Iterable[str], name: Value | None) -> Component:
    """What a tab says of the one thing that has a name, or why it is unknown."""
    if name is None:
        return html.P("The export does not name it.", className="muted")
    if found.rows is None:
        return needs(found.tab)
    if len(found.rows) != 1:
        number = "does not list it" if not found.rows else f"lists {len(found.rows)} of this name"
        return html.P(f"{found.tab} {number}.", className="muted")
    fields = {field.key: field for field in TABS[found.tab]}
    row = found.rows[0]
    return definition_list((fields[key].label, formats.typed(fields[key], row.get(key))) for key in keys)


def _datastores(
    machine: MachineDetail, datastores: Iterable[MachineDatastore], scope: Scope, limits: AttentionLimits
) -> list[Component]:
    listed = list(datastores)
    if not listed:
        is_known = machine.disks is not None or "path" in machine.fields
        return [html.P("No datastores are known.", className="muted") if is_known else needs("vDisk")]
    missing = [needs(one.facts.tab) for one in listed[:1] if one.facts.rows is None]
    return [*missing, fills(_datastore(machine, one, scope, limits) for one in listed)]


def _datastore(
    machine: MachineDetail, datastore: MachineDatastore, scope: Scope, limits: AttentionLimits
) -> list[Component]:
    rows = datastore.facts.rows or ()
    facts: Mapping[str, Value] = rows[0] if len(rows) == 1 else {}
    free, capacity, free_pct = (facts.get(key) for key in ("free_mib", "capacity_mib", "free_pct"))
    words = ""
    if facts:
        words = f"{formats.size(_number(free))} free of {formats.size(_number(capacity))}"
    used = None if free_pct is None else 100 - float(_number(free_pct) or 0)
    notes = [str(facts["type"])] if "type" in facts else []
    if datastore.disks:
        notes.append(
            f"{formats.counted(datastore.disks, 'disk')} of {formats.size(datastore.disks_mib)} here"
        )
    if datastore.has_configuration:
        notes.append("configuration")
    if datastore.facts.rows is not None and len(rows) != 1:
        notes.append(f"vDatastore lists {len(rows)} of this name" if rows else "vDatastore does not list it")
    name = linked(machine, scope, "datastore", datastore.name)
    return fill(datastore.name, name, words, used, " · ".join(notes), low_free_pct=limits.datastore_free_pct)


def _number(value: Value | None) -> float | None:
    return float(value) if isinstance(value, int | float) else None
