"""The checks of "Needs attention": their words, how much they matter, and the card that lists what they found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from dash import html
from dash.development.base_component import Component

from data.results import Attention, AttentionLimits
from data.scope import Scope
from data.vocabulary import AttentionRule
from layouts.shared.components import Tone, card, count_row, dot, partial_state
from layouts.shared.formats import counted
from layouts.shared.sitemap import href


class Severity(StrEnum):
    """How much a finding matters, worst first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


TONES: dict[Severity, Tone] = {Severity.HIGH: "danger", Severity.MEDIUM: "warning", Severity.LOW: "muted"}

SEVERITIES = {
    AttentionRule.CONSOLIDATION: Severity.HIGH,
    AttentionRule.DATASTORE_SPACE: Severity.HIGH,
    AttentionRule.TOOLS_NOT_RUNNING: Severity.MEDIUM,
    AttentionRule.OLD_SNAPSHOT: Severity.MEDIUM,
    AttentionRule.NO_BACKUP: Severity.MEDIUM,
    AttentionRule.LONG_OFF: Severity.MEDIUM,
    AttentionRule.HOST_MAINTENANCE: Severity.MEDIUM,
    AttentionRule.NO_DNS_NAME: Severity.LOW,
    AttentionRule.NO_IP: Severity.LOW,
}

_TEXTS: dict[AttentionRule, Callable[[AttentionLimits, str], str]] = {
    AttentionRule.CONSOLIDATION: lambda *_: "Disk consolidation needed",
    AttentionRule.DATASTORE_SPACE: lambda limits, on: f"{on} under {limits.datastore_free_pct} % free",
    AttentionRule.TOOLS_NOT_RUNNING: lambda *_: "VMware Tools not running",
    AttentionRule.OLD_SNAPSHOT: lambda limits, _: f"Snapshot older than {limits.snapshot_days} days",
    AttentionRule.NO_BACKUP: lambda limits, _: f"No backup in {limits.backup_days} days",
    AttentionRule.LONG_OFF: lambda limits, _: f"Powered off for over {limits.off_days} days",
    AttentionRule.HOST_MAINTENANCE: lambda _, on: f"{on} in maintenance",
    AttentionRule.NO_DNS_NAME: lambda *_: "No DNS name",
    AttentionRule.NO_IP: lambda *_: "No IP address",
}
_THINGS = {AttentionRule.DATASTORE_SPACE: "datastore", AttentionRule.HOST_MAINTENANCE: "host"}


def check_text(rule: AttentionRule, limits: AttentionLimits, things: int | None = None) -> str:
    """What a check looks for, as a label.

    Args:
        rule: The check.
        limits: Where it begins.
        things: The hosts or datastores it found, for the two checks that are about those.

    Example:
        >>> check_text(AttentionRule.OLD_SNAPSHOT, AttentionLimits(snapshot_days=14))
        'Snapshot older than 14 days'
        >>> check_text(AttentionRule.HOST_MAINTENANCE, AttentionLimits(), things=2)
        'On 2 hosts in maintenance'
        >>> check_text(AttentionRule.HOST_MAINTENANCE, AttentionLimits())
        'On a host in maintenance'
    """
    thing = _THINGS.get(rule, "")
    where = f"On a {thing}" if things is None else f"On {counted(things, thing)}"
    return _TEXTS[rule](limits, where)


def attention_card(checks: Sequence[Attention], scope: Scope, limits: AttentionLimits) -> Component:
    """What the checks found, worst first, each with the way to its machines; then what could not be checked."""
    found = sorted(
        (check for check in checks if check.machines),
        key=lambda check: (list(Severity).index(SEVERITIES[check.rule]), -(check.machines or 0)),
    )
    rows = [_row(check, scope, limits) for check in found]
    unknown = [
        partial_state(f"Not known: {check_text(check.rule, limits)} (needs {check.needs})")
        for check in checks
        if check.machines is None
    ]
    if rows:
        note = "Checks that found something, worst first"
    else:
        note = "No check found anything" if len(unknown) < len(checks) else "Nothing can be checked"
    findings = [html.Ul([html.Li(row) for row in rows], className="attention")] if rows else []
    return card("Needs attention", note, *findings, *unknown, span=4)


def _row(check: Attention, scope: Scope, limits: AttentionLimits) -> Component:
    severity = SEVERITIES[check.rule]
    label = [
        dot(TONES[severity]),
        html.Span(check_text(check.rule, limits, check.things), className="attention-text"),
        html.Span(severity, className="attention-severity"),
    ]
    return count_row(label, check.machines or 0, href("vm_explorer", scope.of_attention(check.rule)))
