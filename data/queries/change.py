"""What changed since the state before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.queries.matching import sum_of
from data.queries.scoping import count_where, machines_in, vm
from data.queries.states import Exports, State
from data.queries.tallies import Tally, count_in_state, count_machines, sum_resources
from data.results import AttentionLimits, Change
from data.scope import Scope
from data.vocabulary import PowerState


@dataclass(frozen=True, slots=True)
class _Figures:
    """Of one state; None if it does not know."""

    machines: int = 0
    powered_on: int | None = 0
    vcpus: int | None = 0
    memory_mib: float | None = 0
    in_use_mib: float | None = 0


def get_change(
    session: Session,
    scope: Scope,
    limits: AttentionLimits,
    *,
    states: Sequence[State],
    tallies: Iterable[Tally],
    exports: Exports,
) -> Change:
    """Over the vCenters with two states; each figure over those of them of which both states know it. One statement.

    Args:
        session: To ask.
        scope: The part of the estate.
        limits: Where the attention checks begin.
        states: Of the scope.
        tallies: The machines in the scope.
        exports: Of the states and those before.
    """
    knows_power = exports.with_column("power_state")
    now = _now(tallies, knows_power)
    before = _before(session, scope, limits, states, knows_power)
    pairs = [
        (now.get(state.id, _Figures()), before.get(state.before_id, _Figures()))
        for state in states
        if state.before_id is not None
    ]
    sums: dict[str, float | None] = {}
    for name in _Figures.__slots__:
        values = [(getattr(one, name), getattr(other, name)) for one, other in pairs]
        known = [(one, other) for one, other in values if one is not None and other is not None]
        is_known = known or not pairs
        sums[f"{name}_now"] = sum(one for one, _ in known) if is_known else None
        sums[f"{name}_before"] = sum(other for _, other in known) if is_known else None
    times = [state.before_exported_at for state in states if state.before_exported_at is not None]
    return Change(
        oldest_before=min(times, default=None),
        left_out=tuple(sorted(state.vcenter for state in states if state.before_id is None)),
        **sums,  # type: ignore[arg-type]  # sums of whole numbers are whole
    )


def _now(tallies: Iterable[Tally], knows_power: frozenset[int]) -> dict[int, _Figures]:
    groups: dict[int, list[Tally]] = defaultdict(list)
    for tally in tallies:
        groups[tally.import_id].append(tally)
    figures = {}
    for import_id, group in groups.items():
        totals = sum_resources(group)
        powered_on = count_in_state(group, PowerState.ON) if import_id in knows_power else None
        figures[import_id] = _Figures(
            count_machines(group), powered_on, totals.vcpus, totals.memory_mib, totals.in_use_mib
        )
    return figures


def _before(
    session: Session,
    scope: Scope,
    limits: AttentionLimits,
    states: Iterable[State],
    knows_power: frozenset[int],
) -> dict[int | None, _Figures]:
    earlier = [state.before_id for state in states if state.before_id is not None]
    powered_on = count_where(vm.power_state == PowerState.ON)
    sums = (sum_of(column) for column in (vm.cpus, vm.memory_mib, vm.in_use_mib))
    rows = session.execute(
        select(vm.import_id, func.count(), powered_on, *sums)
        .where(*machines_in(scope, limits, earlier))
        .group_by(vm.import_id)
    )
    return {
        import_id: _Figures(machines, on if import_id in knows_power else None, *resources)
        for import_id, machines, on, *resources in rows
    }
