"""What "Needs attention" finds, and why it cannot know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from data.queries.states import Exports, State
from data.queries.tallies import Tally
from data.results import Attention, AttentionLimits, DataQuality
from data.vocabulary import AttentionRule

_BLANKS = {AttentionRule.NO_DNS_NAME: "dns_name", AttentionRule.NO_IP: "primary_ip_address"}
"""Checks that the data quality has counted already."""
COUNTED = [rule for rule in AttentionRule if rule not in _BLANKS]
"""The others, which the tallies must count, in this order."""


def list_attention(
    tallies: Iterable[Tally],
    limits: AttentionLimits,
    *,
    states: Sequence[State],
    exports: Exports,
    quality: DataQuality,
    things: Mapping[AttentionRule, int],
) -> tuple[Attention, ...]:
    """All checks in their order, also those that find nothing.

    Args:
        tallies: The machines in a scope, with `COUNTED`.
        limits: Where the checks begin.
        states: Of the scope.
        exports: Of these states.
        quality: Of the same scope.
        things: The hosts or datastores behind a check.
    """
    blank = {field.field: field.total - (field.filled or 0) for field in quality.fields}
    machines = {rule: blank[field] for rule, field in _BLANKS.items()}
    found = [tally.found for tally in tallies]
    machines |= {rule: sum(numbers[place] for numbers in found) for place, rule in enumerate(COUNTED)}
    return tuple(
        Attention(rule, None, needs)
        if (needs := _missing(rule, limits, states, exports))
        else Attention(rule, machines[rule], things=things.get(rule))
        for rule in AttentionRule
    )


def _missing(rule: AttentionRule, limits: AttentionLimits, states: Sequence[State], exports: Exports) -> str:
    """What a check lacks on every vCenter, as words; empty if one of them can know."""
    days = limits.off_days
    long_known = {state.id for state in states if state.history >= timedelta(days=days)}
    knowing, words = {
        AttentionRule.CONSOLIDATION: (
            exports.with_column("consolidation_needed"),
            "the Consolidation Needed column",
        ),
        AttentionRule.DATASTORE_SPACE: (
            exports.with_tab("vDatastore", "vDisk"),
            "the vDatastore and vDisk tabs",
        ),
        AttentionRule.TOOLS_NOT_RUNNING: (exports.with_column("tools_status"), "the vTools tab"),
        AttentionRule.OLD_SNAPSHOT: (exports.with_tab("vSnapshot"), "the vSnapshot tab"),
        AttentionRule.NO_BACKUP: (exports.with_column("last_backup_at"), "a column with the last backup"),
        AttentionRule.LONG_OFF: (long_known, f"{days} days of history"),
        AttentionRule.HOST_MAINTENANCE: (
            exports.with_column("in_maintenance_mode", "vHost"),
            "the vHost column in Maintenance Mode",
        ),
        AttentionRule.NO_DNS_NAME: (exports.with_column("dns_name"), "the DNS Name column"),
        AttentionRule.NO_IP: (exports.with_column("primary_ip_address"), "the Primary IP Address column"),
    }[rule]
    return "" if knowing else words
