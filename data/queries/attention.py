"""The checks of "Needs attention" as conditions on machines: what is counted is what the filter shows."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, exists, or_, select

from data.fields import MACHINE_FIELD_TABS
from data.models import import_columns, imports, virtual_machines
from data.results import AttentionLimits
from data.vocabulary import AttentionRule, PowerState

MACHINE_TABS = ("vInfo", "vCPU", "vMemory", "vTools")
"""The tabs whose columns are columns of the machine."""

_vm = virtual_machines.c
_Condition = Callable[[AttentionLimits], ColumnElement[bool]]


def has_column(import_id: ColumnElement[int], field: str) -> ColumnElement[bool]:
    """Whether an export had the column of a field of the machine. A folder may stand on any of its tabs."""
    tabs = MACHINE_TABS if field == "folder" else (MACHINE_FIELD_TABS[field],)
    return exists().where(
        import_columns.c.import_id == import_id,
        import_columns.c.tab.in_(tabs),
        import_columns.c.field == field,
    )


def needs_attention(rule: AttentionRule, limits: AttentionLimits) -> ColumnElement[bool]:
    """The machines that a check finds. Those whose export cannot know are not among them."""
    return _CONDITIONS[rule](limits)


def _known(field: str) -> ColumnElement[bool]:
    return _vm.import_id.in_(select(imports.c.id).where(has_column(imports.c.id, field)).correlate(None))


_CONDITIONS: dict[AttentionRule, _Condition] = {
    AttentionRule.CONSOLIDATION: lambda _: _vm.consolidation_needed.is_(True),
    AttentionRule.DATASTORE_SPACE: lambda limits: _vm.datastore_free_pct < limits.datastore_free_pct,
    AttentionRule.TOOLS_NOT_RUNNING: lambda _: and_(
        _vm.power_state == PowerState.ON, _vm.tools_status.in_(("toolsNotRunning", "toolsNotInstalled"))
    ),
    AttentionRule.OLD_SNAPSHOT: lambda limits: _vm.snapshot_age_days > limits.snapshot_days,
    AttentionRule.NO_BACKUP: lambda limits: and_(
        or_(_vm.backup_age_days.is_(None), _vm.backup_age_days > limits.backup_days), _known("last_backup_at")
    ),
    AttentionRule.LONG_OFF: lambda limits: _vm.off_days >= limits.off_days,
    AttentionRule.HOST_MAINTENANCE: lambda _: _vm.host_in_maintenance.is_(True),
    AttentionRule.NO_DNS_NAME: lambda _: and_(_vm.dns_name.is_(None), _known("dns_name")),
    AttentionRule.NO_IP: lambda _: and_(_vm.primary_ip_address.is_(None), _known("primary_ip_address")),
}
