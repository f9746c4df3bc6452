"""What counts as a change of a machine between two states, and of which kind it is. One answer for all sides."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from data.fields import ATTRIBUTE, DERIVED, MACHINE_FIELDS
from data.results import FieldChange
from data.vocabulary import ChangeKind

_KINDS: dict[ChangeKind, tuple[str, ...]] = {
    ChangeKind.RENAMED: ("name",),
    ChangeKind.MOVED: ("datacenter", "cluster", "host", "folder", "resource_pool"),
    ChangeKind.RESIZED: ("cpus", "sockets", "cores_per_socket", "memory_mib", "disks", "total_disk_mib"),
    ChangeKind.NOISE: (
        # comes and goes with the power
        "power_state", "powered_on_at", "suspended_at", "suspended_to_memory", "suspend_interval", "guest_state",
        "heartbeat", "heartbeat_status", "connection_state", "config_status", "das_protection", "min_evc_mode",
        "app_status", "kernel_crash_state", "operation_ready", "state_change_support", "interactive_guest",
        "primary_ip_address",
        # is measured
        "cpu_readiness_pct", "active_memory_mib", "provisioned_mib", "in_use_mib", "unshared_mib", "cpu_usage_mhz",
        "cpu_entitlement_mhz", "cpu_drs_entitlement_mhz", "memory_overhead_mib", "memory_consumed_mib",
        "memory_consumed_overhead_mib", "memory_private_mib", "memory_shared_mib", "memory_swapped_mib",
        "memory_ballooned_mib", "memory_active_mib", "memory_entitlement_mib", "memory_drs_entitlement_mib",
        "ft_latency", "ft_bandwidth", "ft_sec_latency", "failover_in_progress", "consolidation_needed",
        # follows from where it runs, how large it is or what else changed
        "cpu_max_mhz", "memory_max_mib", "cpu_shares", "memory_shares", "folder_id", "log_directory",
        "snapshot_directory", "suspend_directory", "hw_upgrade_status", "tools_status", "tools_required_version",
        "tools_upgradeable", "guest_detailed_data", "customization_info",
        # of the export and of other programs
        "created_at", "change_version", "last_backup_at", "vi_sdk_server", "vi_sdk_uuid", "vi_sdk_server_type",
        "vi_sdk_api_version",
        *(field.key for field in DERIVED),
    ),
}  # fmt: skip
_KIND_OF = {key: kind for kind, keys in _KINDS.items() for key in keys}
_LAST_TIME = re.compile(
    r"last[ _-]*(successful|success|good)?[ _-]*(backup|bkp|check|login|logon|run|scan|seen)", re.IGNORECASE
)
"""Custom attributes that other programs write all the time, by name: NB_LAST_BACKUP, "Last seen"."""

COMPARED_FIELDS = tuple(field.key for field in MACHINE_FIELDS if field not in DERIVED)
"""Every typed column of a machine that comes from an export; with them the custom attributes are compared."""

BLANK_SAYS = frozenset({"annotation", "vapp", "cluster_rules", "cluster_rule_names"})
"""What an operator writes or leaves empty: if both exports have the column, a blank cell says "none". The same
goes for custom attributes. Everywhere else a blank says nothing: a machine that is off has no address to report."""

KINDS_OF_CHANGE = (
    ChangeKind.NEW,
    ChangeKind.GONE,
    ChangeKind.RENAMED,
    ChangeKind.MOVED,
    ChangeKind.RESIZED,
    ChangeKind.CHANGED,
    ChangeKind.NOISE,
)
"""In the order of lists."""


def kind_of(field: str) -> ChangeKind:
    """What it is called when a field differs: a key of `MACHINE_FIELDS` or `attr:` and a name.

    Example:
        >>> [kind_of(field).value for field in ("host", "attr:Owner", "in_use_mib", "attr:NB_LAST_BACKUP")]
        ['moved', 'changed', 'noise', 'noise']
    """
    if field.startswith(ATTRIBUTE) and _LAST_TIME.search(field):
        return ChangeKind.NOISE
    return _KIND_OF.get(field, ChangeKind.CHANGED)


def blank_says(field: str) -> bool:
    """Whether a blank is a value, provided that both exports have the column."""
    return field in BLANK_SAYS or field.startswith(ATTRIBUTE)


def differs(field: str, before: Any, after: Any) -> bool:
    """Whether a field that both exports have is known to be otherwise.

    Example:
        >>> differs("cpus", 2, 4), differs("cpus", None, 4), differs("annotation", None, "owner: Ann")
        (True, False, True)
    """
    if before == after:
        return False
    return (before is not None and after is not None) or blank_says(field)


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any], fields: Iterable[str]
) -> tuple[FieldChange, ...]:
    """What differs of a machine, in the order of `fields`.

    Args:
        before: Field -> value in the earlier state; a field that is left out is blank.
        after: The same of the later one.
        fields: Those whose columns both exports have, attributes as `attr:` and the name.
    """
    found = []
    for field in fields:
        then, now = before.get(field), after.get(field)
        if then != now and differs(field, then, now):
            found.append(FieldChange(field, _plain(then), _plain(now)))
    return tuple(found)


def kinds_among(details: Collection[FieldChange]) -> tuple[ChangeKind, ...]:
    """The kinds of some changes, each once, in the order of lists."""
    kinds = {kind_of(change.field) for change in details}
    return tuple(kind for kind in KINDS_OF_CHANGE if kind in kinds)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
