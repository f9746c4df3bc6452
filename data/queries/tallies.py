"""Machines counted and summed by place and power state: the one pass behind counts, totals, groups and change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.queries.attention import needs_attention
from data.queries.matching import sum_of
from data.queries.scoping import count_where, machines_in, vm
from data.queries.states import Exports
from data.results import AttentionLimits, ResourceTotals, VmCounts
from data.scope import Scope
from data.vocabulary import AttentionRule, PowerState, Templates

RESOURCES = (vm.cpus, vm.memory_mib, vm.provisioned_mib, vm.in_use_mib, vm.unshared_mib)
"""The columns that are summed, in the order of `ResourceTotals`."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The machines of a state that share place, power state and template flag. Sums are None if none says."""

    import_id: int
    datacenter: str | None
    cluster: str | None
    power_state: str | None
    template: bool | None
    machines: int
    vcpus: int | None
    memory_mib: float | None
    provisioned_mib: float | None
    in_use_mib: float | None
    unshared_mib: float | None
    found: tuple[int, ...]
    """How many of them each check finds that was asked for."""


def find_tallies(
    session: Session,
    scope: Scope,
    limits: AttentionLimits,
    states: Collection[int],
    checks: Iterable[AttentionRule] = (),
) -> list[Tally]:
    """All machines of these states under the filters of the scope, whatever it says of templates. One statement."""
    keys = (vm.import_id, vm.datacenter, vm.cluster, vm.power_state, vm.template)
    found = [count_where(needs_attention(rule, limits)) for rule in checks]
    everything = scope.with_(templates=Templates.INCLUDE)
    statement = (
        select(*keys, func.count(), *(sum_of(column) for column in RESOURCES), *found)
        .where(*machines_in(everything, limits, states))
        .group_by(*keys)
    )
    known = len(fields(Tally)) - 1
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(statement)]
    return [Tally(*(*row[:known], row[known:])) for row in rows]


def of_templates(tallies: Iterable[Tally], templates: Templates) -> list[Tally]:
    """Those that the template switch lets pass."""
    if templates is Templates.INCLUDE:
        return list(tallies)
    return [tally for tally in tallies if (tally.template is True) == (templates is Templates.ONLY)]


def known_sum(values: Iterable[float | None]) -> float | None:
    """The sum over those that know; None if none does."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def count_machines(tallies: Iterable[Tally]) -> int:
    """How many machines."""
    return sum(tally.machines for tally in tallies)


def count_in_state(tallies: Iterable[Tally], power: PowerState) -> int:
    """How many machines of a power state."""
    return sum(tally.machines for tally in tallies if tally.power_state == power)


def count_power(with_templates: Collection[Tally], templates: Templates, exports: Exports) -> VmCounts:
    """The machines by power state."""
    tallies = of_templates(with_templates, templates)
    knows_power, knows_template = exports.with_column("power_state"), exports.with_column("template")
    on, off, suspended = (count_in_state(tallies, power) if knows_power else None for power in PowerState)
    template = count_machines(of_templates(with_templates, Templates.ONLY))
    return VmCounts(count_machines(tallies), on, off, suspended, template if knows_template else None)


def sum_resources(tallies: Collection[Tally]) -> ResourceTotals:
    """What the machines have and use."""
    vcpus = known_sum(tally.vcpus for tally in tallies)
    return ResourceTotals(
        vcpus=None if vcpus is None else int(vcpus),
        memory_mib=known_sum(tally.memory_mib for tally in tallies),
        provisioned_mib=known_sum(tally.provisioned_mib for tally in tallies),
        in_use_mib=known_sum(tally.in_use_mib for tally in tallies),
        unshared_mib=known_sum(tally.unshared_mib for tally in tallies),
    )
