"""Which rows a scope means, as conditions for a statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true

from data.conditions import parse_conditions
from data.models import imports, machine_texts, vcenters, virtual_machines
from data.queries.attention import needs_attention
from data.queries.conditions import States, holds
from data.queries.connections import connected_to
from data.queries.matching import has_id, matches, typed
from data.results import AttentionLimits
from data.scope import NONE, Scope
from data.vocabulary import ImportStatus, PowerState, Templates

vm = virtual_machines.c
DEFAULT_LIMITS = AttentionLimits()
PART_OF_AN_ID = re.compile(r"[0-9a-fA-F:-]{6,36}")
"""Of a UUID or MAC address: a UUID is the longest, and a shorter text would be in nearly every machine's."""


def visible(scope: Scope) -> list[ColumnElement[bool]]:
    """The vCenters of a scope; hidden ones belong to none."""
    conditions: list[ColumnElement[bool]] = [vcenters.c.is_hidden.is_(False)]
    if scope.vcenters:
        conditions.append(vcenters.c.id.in_(scope.vcenters))
    return conditions


def stored_by(scope: Scope) -> ColumnElement[bool]:
    """The published imports that were exported by the end of the scope's day."""
    published = imports.c.status == ImportStatus.PUBLISHED
    if scope.as_of is None:
        return published
    return and_(published, imports.c.exported_at <= _end(scope.as_of))


def state_ids(scope: Scope) -> Select[int | None]:
    """imports.id of the state of each vCenter that the scope looks at; NULL for one that has none."""
    if scope.as_of is None:
        return select(vcenters.c.current_import_id).where(*visible(scope)).correlate(None)
    newest = (
        select(imports.c.id)
        .where(imports.c.vcenter_id == vcenters.c.id, stored_by(scope))
        .order_by(imports.c.exported_at.desc(), imports.c.id.desc())
        .limit(1)
        .correlate(vcenters)
        .scalar_subquery()
    )
    return select(newest).where(*visible(scope)).correlate(None)


def machines_in(
    scope: Scope, limits: AttentionLimits, states: States | None = None
) -> list[ColumnElement[bool]]:
    """The rows of `virtual_machines` in a scope, its filters included.

    Rows of a current state have `is_current` set as well. Only a statement that is to walk an index of the
    sorted columns needs to say so.

    Args:
        scope: The part of the estate.
        limits: Where the attention checks begin.
        states: Other states than those of the scope, under its filters.
    """
    chosen = state_ids(scope) if states is None else states
    return [vm.import_id.in_(chosen), *filters(scope, limits, chosen)]


def filters(scope: Scope, limits: AttentionLimits, states: States) -> list[ColumnElement[bool]]:
    """Like `machines_in`, for a statement that says itself to which state a row must belong."""
    conditions = placed(scope, vm.datacenter, vm.cluster, vm.host, vm.vcenter_id)
    conditions.append(passes(scope.templates))
    conditions += _one_of(vm.os_config, scope.os) + _one_of(vm.folder, scope.folders)
    if scope.power:
        conditions.append(or_(*(_in_power_state(state) for state in scope.power)))
    if scope.created_from:
        conditions.append(vm.created_at >= datetime.combine(scope.created_from, time.min))
    if scope.created_to:
        conditions.append(vm.created_at <= _end(scope.created_to))
    excluded = [name for (name,) in scope.excluded("os")]
    if excluded:
        conditions.append(vm.os_config.not_in(excluded))
    if scope.text:
        conditions.append(vm.id.in_(_with_text(scope, states)))
    if scope.datastores:
        conditions.append(connected_to("datastore", scope.datastores))
    if scope.networks:
        conditions.append(connected_to("network", scope.networks))
    conditions += [holds(condition, states) for condition in parse_conditions(scope)]
    return conditions + [needs_attention(rule, limits) for rule in scope.attention]


def passes(templates: Templates) -> ColumnElement[bool]:
    """The machines that the template switch lets pass. An unknown flag counts as a machine."""
    conditions = {Templates.ONLY: vm.template.is_(True), Templates.EXCLUDE: vm.template.is_not(True)}
    return conditions.get(templates, true())


def placed(
    scope: Scope,
    datacenter: ColumnElement[Any],
    cluster: ColumnElement[Any],
    host: ColumnElement[Any],
    vcenter_id: ColumnElement[Any],
) -> list[ColumnElement[bool]]:
    """The filters of a scope that say where something is: they hold for hosts as for machines."""
    conditions = _one_of(datacenter, scope.datacenters) + _one_of(cluster, scope.clusters)
    conditions += _one_of(host, scope.hosts)
    datacenters, clusters = scope.excluded("datacenter"), scope.excluded("cluster")
    if datacenters:
        groups = [and_(vcenter_id == int(vcenter), datacenter == name) for vcenter, name in datacenters]
        conditions += [datacenter.is_not(None), not_(or_(*groups))]
    if clusters:
        groups = [
            and_(vcenter_id == int(vcenter), datacenter.is_not_distinct_from(place or None), cluster == name)
            for vcenter, place, name in clusters
        ]
        conditions += [cluster.is_not(None), not_(or_(*groups))]
    return conditions


def count_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """The number of rows for which a condition holds."""
    return func.count().filter(condition)


def _one_of(column: ColumnElement[Any], values: Sequence[str]) -> list[ColumnElement[bool]]:
    if not values:
        return []
    named = column.in_([value for value in values if value != NONE])
    return [or_(named, column.is_(None)) if NONE in values else named]


def _in_power_state(state: str) -> ColumnElement[bool]:
    if state != NONE:
        return vm.power_state == state
    return or_(vm.power_state.is_(None), vm.power_state.not_in(list(PowerState)))


def _with_text(scope: Scope, states: States) -> Select[int]:
    texts = machine_texts.c
    in_states = texts.import_id.in_(states)
    if scope.is_pattern:
        all_texts = select(texts.exact_text, texts.id).where(in_states)
        found = matches(texts.exact_text, scope.text, all_texts, texts.id)
    elif PART_OF_AN_ID.fullmatch(scope.text):
        found = has_id(texts.exact_text, scope.text)
    else:
        found = texts.text.contains(typed(scope.text), autoescape=True)
    return select(texts.id).where(in_states, found).correlate(None)


def _end(day: date) -> datetime:
    return datetime.combine(day, time.max)
