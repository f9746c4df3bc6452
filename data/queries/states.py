"""The states a scope looks at, and what their exports had: without a tab or column a figure is unknown, not 0."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from data.fields import MACHINE_FIELD_TABS
from data.models import import_columns, import_tabs, imports, vcenters
from data.queries.scoping import stored_by, visible
from data.results import StateDay
from data.scope import Scope


@dataclass(frozen=True, slots=True)
class State:
    """The state of a vCenter that a scope looks at."""

    id: int
    """imports.id"""
    vcenter_id: int
    vcenter: str
    is_demo: bool
    exported_at: datetime
    exported_at_source: str
    imported_at: datetime
    before_id: int | None
    """The published state exported before it, if there is one."""
    before_exported_at: datetime | None
    history: timedelta
    """How long before this state the first one was exported."""
    states: int
    """Published states of the vCenter."""


def find_states(session: Session, scope: Scope) -> list[State]:
    """One per visible vCenter that has a state, the oldest export first. One statement."""
    rows = session.execute(
        select(
            vcenters.c.id.label("vcenter_id"),
            vcenters.c.name.label("vcenter"),
            vcenters.c.is_demo,
            vcenters.c.current_import_id,
            imports.c.id,
            imports.c.exported_at,
            imports.c.exported_at_source,
            imports.c.imported_at,
        )
        .join_from(vcenters, imports, imports.c.vcenter_id == vcenters.c.id)
        .where(*visible(scope), stored_by(scope))
        .order_by(vcenters.c.id, imports.c.exported_at, imports.c.id)
    )
    found = []
    for _, group in groupby(rows, key=lambda row: row.vcenter_id):
        series = list(group)
        chosen = series[-1:] if scope.as_of else [row for row in series if row.id == row.current_import_id]
        for row in chosen:
            earlier = [other for other in series if other.exported_at < row.exported_at]
            found.append(
                State(
                    row.id,
                    row.vcenter_id,
                    row.vcenter,
                    row.is_demo,
                    row.exported_at,
                    row.exported_at_source,
                    row.imported_at,
                    earlier[-1].id if earlier else None,
                    earlier[-1].exported_at if earlier else None,
                    row.exported_at - series[0].exported_at,
                    len(series),
                )
            )
    return sorted(found, key=lambda state: (state.exported_at, state.vcenter))


def list_state_days(session: Session, scope: Scope) -> list[StateDay]:
    """The days on which the scope's vCenters have states, newest first; its own day does not count. One statement."""
    rows = session.execute(
        select(imports.c.exported_at, vcenters.c.name)
        .join_from(imports, vcenters, imports.c.vcenter_id == vcenters.c.id)
        .where(*visible(scope), stored_by(scope.with_(as_of=None)))
    )
    days: dict[date, set[str]] = {}
    for exported_at, name in rows:
        days.setdefault(exported_at.date(), set()).add(name)
    return [StateDay(day, tuple(sorted(days[day], key=str.casefold))) for day in sorted(days, reverse=True)]


@dataclass(frozen=True, slots=True)
class Exports:
    """Which tabs and columns the exports behind some states had."""

    states: frozenset[int]
    tabs: frozenset[tuple[int, str]]
    columns: frozenset[tuple[int, str, str]]

    def with_tab(self, *tabs: str) -> frozenset[int]:
        """The states whose exports had all these tabs."""
        return frozenset(i for i in self.states if all((i, tab) in self.tabs for tab in tabs))

    def with_column(self, field: str, tab: str | None = None) -> frozenset[int]:
        """The states whose exports had a column: of the machine, if no tab is named."""
        tab = tab or MACHINE_FIELD_TABS[field]
        return frozenset(i for i in self.states if (i, tab, field) in self.columns)

    def of(self, states: Collection[int]) -> Exports:
        """Of some of these states alone."""
        return replace(self, states=self.states.intersection(states))


_ASKED_FIELDS = (
    "cluster",
    "consolidation_needed",
    "datacenter",
    "dns_name",
    "host",
    "in_maintenance_mode",
    "last_backup_at",
    "power_state",
    "primary_ip_address",
    "template",
    "tools_status",
)


def find_exports(session: Session, ids: Collection[int]) -> Exports:
    """What the exports of the states with these ids had. One statement."""
    tabs = select(import_tabs.c.import_id, import_tabs.c.tab, literal("")).where(
        import_tabs.c.import_id.in_(ids)
    )
    columns = select(import_columns.c.import_id, import_columns.c.tab, import_columns.c.field).where(
        import_columns.c.import_id.in_(ids), import_columns.c.field.in_(_ASKED_FIELDS)
    )
    rows = session.execute(union_all(tabs, columns)).all()
    return Exports(
        states=frozenset(ids),
        tabs=frozenset((state, tab) for state, tab, field in rows if not field),
        columns=frozenset((state, tab, field) for state, tab, field in rows if field),
    )
