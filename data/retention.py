"""Which states of a vCenter the retention rule lets go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from data.results import RetentionRule


class DatedState(Protocol):
    """A stored state, as far as the rule looks at it."""

    @property
    def id(self) -> int:
        """Of `imports`; the later one of two that were exported at the same time."""

    @property
    def exported_at(self) -> datetime:
        """Wall-clock time of the export."""

    @property
    def is_pinned(self) -> bool:
        """The operator wants it to stay."""


def doomed(states: Sequence[DatedState], rule: RetentionRule) -> frozenset[int]:
    """Ids of those states of one vCenter that the rule lets go, counted back from the newest one.

    Days are days of the calendar: with 35 days, a state of the 35th day before stays, whatever its hour. Months
    are months of the calendar, too, and the month of the newest state is not counted: with 24 months, a newest
    state of November 2026 leaves the last state of each month from November 2024 on. The last state of a month is
    the last of all that are stored, pinned ones included.
    """
    ordered = sorted(states, key=lambda state: (state.exported_at, state.id))
    if not ordered:
        return frozenset()
    newest = ordered[-1]
    first_day = newest.exported_at.date() - timedelta(days=rule.days)
    last_of_month = {_month(state): state.id for state in ordered}
    first_month = _month(newest) - rule.months
    stays = {newest.id} | {id_ for month, id_ in last_of_month.items() if month >= first_month}
    return frozenset(
        state.id
        for state in ordered
        if state.id not in stays and not state.is_pinned and state.exported_at.date() < first_day
    )


def _month(state: DatedState) -> int:
    return state.exported_at.year * 12 + state.exported_at.month
