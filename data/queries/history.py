"""What changed of one machine, import by import."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import RowMapping, and_, select
from sqlalchemy.orm import Session

from data.changes import COMPARED_FIELDS, changes_between, kind_of, kinds_among
from data.errors import NotFoundError
from data.fields import ATTRIBUTE, MERGED_TABS
from data.models import import_columns, imports, machines, vcenters, virtual_machines
from data.queries.scoping import stored_by, visible, vm
from data.results import HistoryEntry, MachineHistory
from data.scope import Scope
from data.vocabulary import ChangeKind

_MACHINE_TABS = ("vInfo", *MERGED_TABS)


def get_machine_history(
    session: Session, scope: Scope, *, machine_id: int, with_noise: bool = False
) -> MachineHistory:
    """A machine in all states of its vCenter up to the scope's day, each against the state before. Two statements.

    States before the first one that has it, and those between its going and its coming back, are left out. The
    scope's filters do not count.

    Args:
        session: To ask.
        scope: The part of the estate.
        machine_id: machines.id
        with_noise: List the details that are noise, too.

    Raises:
        NotFoundError: no visible vCenter has or had it by that day.
    """
    states = _states(session, Scope(as_of=scope.as_of), machine_id)
    seen = [state for state in states if state["id"] is not None]
    if not seen:
        raise NotFoundError(f"No machine has the id {machine_id}.")
    columns = compared_columns(session, [state["import_id"] for state in states])
    entries = list(_entries(states, columns, with_noise=with_noise))
    return MachineHistory(machine_id, seen[-1]["name"] or "", tuple(reversed(entries)))


def _states(session: Session, scope: Scope, machine_id: int) -> Sequence[RowMapping]:
    """The states of the machine's vCenter, the oldest first; without values where the machine is not in it."""
    of_machine = and_(vm.import_id == imports.c.id, vm.machine_id == machines.c.id)
    statement = (
        select(
            imports.c.id.label("import_id"),
            imports.c.exported_at,
            vm.id,
            vm.attributes,
            *(vm[key] for key in COMPARED_FIELDS),
        )
        .select_from(machines)
        .join(vcenters, vcenters.c.id == machines.c.vcenter_id)
        .join(imports, imports.c.vcenter_id == vcenters.c.id)
        .outerjoin(virtual_machines, of_machine)
        .where(machines.c.id == machine_id, stored_by(scope), *visible(scope))
        .order_by(imports.c.exported_at, imports.c.id)
    )
    return session.execute(statement).mappings().all()


def compared_columns(session: Session, states: Collection[int]) -> dict[int, frozenset[str]]:
    """State -> the columns of machines that its export had, attributes as `attr:` and the name. One statement."""
    found = defaultdict(set)
    statement = select(import_columns.c.import_id, import_columns.c.field).where(
        import_columns.c.import_id.in_(states), import_columns.c.tab.in_(_MACHINE_TABS)
    )
    for state, field in session.execute(statement):
        found[state].add(field)
    return {state: frozenset(found[state]) for state in states}


def in_order(fields: Collection[str]) -> list[str]:
    """Fields as a machine's details list them: typed ones, then attributes by name."""
    typed = [key for key in COMPARED_FIELDS if key in fields]
    return typed + sorted(field for field in fields if field.startswith(ATTRIBUTE))


def values_of(row: RowMapping) -> dict[str, Any]:
    """A row of `virtual_machines` by field, its attributes among them."""
    return {**row, **{ATTRIBUTE + name: text for name, text in (row["attributes"] or {}).items()}}


def _entries(
    states: Sequence[RowMapping], columns: dict[int, frozenset[str]], *, with_noise: bool
) -> Iterator[HistoryEntry]:
    before: RowMapping | None = None
    was_seen = False
    for state in states:
        import_id, exported_at = state["import_id"], state["exported_at"]
        was_here = before is not None and before["id"] is not None
        if state["id"] is not None and before is not None and was_here:
            both = in_order(columns[before["import_id"]] & columns[import_id])
            yield _compared(before, state, both, with_noise=with_noise)
        elif state["id"] is not None:
            kinds = () if before is None else (ChangeKind.NEW,)
            yield HistoryEntry(import_id, exported_at, not was_seen, kinds, (), 0)
            was_seen = True
        elif was_here:
            yield HistoryEntry(import_id, exported_at, False, (ChangeKind.GONE,), (), 0)
        before = state


def _compared(
    before: RowMapping, state: RowMapping, fields: Sequence[str], *, with_noise: bool
) -> HistoryEntry:
    details = changes_between(values_of(before), values_of(state), fields)
    told = tuple(d for d in details if with_noise or kind_of(d.field) is not ChangeKind.NOISE)
    return HistoryEntry(
        import_id=state["import_id"],
        exported_at=state["exported_at"],
        is_first=False,
        kinds=kinds_among(told),
        details=told,
        hidden_noise=len(details) - len(told),
    )
