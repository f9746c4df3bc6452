"""Two states of a vCenter, machine by machine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, case, cast, exists, false, or_, select
from sqlalchemy.orm import Session

from data.changes import (
    COMPARED_FIELDS,
    KINDS_OF_CHANGE,
    blank_says,
    changes_between,
    kind_of,
)
from data.errors import InvalidInputError, NotFoundError
from data.fields import ATTRIBUTE
from data.models import imports, vcenters, virtual_machines
from data.queries.history import compared_columns, in_order, values_of
from data.queries.imports import DEFAULT_RULE, stored_imports
from data.queries.scoping import visible, vm
from data.results import MachineChange, RetentionRule, StateComparison, StateDifference, StoredImport
from data.scope import Scope
from data.vocabulary import ChangeKind

MAX_PAGE = 1000
"""Changes on one page."""
_COMPARED_KINDS = (
    ChangeKind.RENAMED,
    ChangeKind.MOVED,
    ChangeKind.RESIZED,
    ChangeKind.CHANGED,
    ChangeKind.NOISE,
)


@dataclass(frozen=True, slots=True)
class _Machine:
    """A machine that is in one of the states, or in both and differs."""

    id: int
    names: tuple[str, ...]
    """In the later state, and in the earlier one if it had another."""
    kinds: frozenset[ChangeKind]


def compare_states(
    session: Session,
    scope: Scope,
    *,
    before: int,
    after: int,
    kinds: tuple[ChangeKind, ...] = (),
    text: str = "",
    start: int = 0,
    stop: int = 100,
    with_noise: bool = False,
    rule: RetentionRule = DEFAULT_RULE,
) -> StateComparison:
    """What changed from one state to another. Five statements, whatever the size.

    Only columns that both exports have are compared. The earlier export is always the one before, whichever way
    round they are named; a state against itself has no changes.

    Args:
        session: To ask.
        scope: Of it only the visible vCenters count.
        before: imports.id of one state.
        after: imports.id of the other.
        kinds: List only these; empty: all.
        text: List only machines with this in their name, before or after, ignoring case.
        start: Number of the first change listed, from 0.
        stop: Number of the change after the last; a page has 1,000 at most.
        with_noise: List machines that differ in noise, too; their number is always told.
        rule: Of the retention, for what the answer says of the two states.

    Raises:
        NotFoundError: one of the states is not stored (any more), or its vCenter is hidden.
        InvalidInputError: the states belong to two vCenters.
    """
    earlier, later = _pair(session, scope, (before, after), rule)
    columns = compared_columns(session, [earlier.id, later.id])
    fields = in_order(columns[earlier.id] & columns[later.id])
    stayed = _stayed(session, earlier.id, later.id, fields)
    machines = [*stayed, *_gone(session, earlier.id, later.id)]
    counts = Counter(kind for machine in machines for kind in machine.kinds)
    quiet = Counter(machine.kinds <= {ChangeKind.NOISE} for machine in stayed)[True]
    wanted = set(kinds or KINDS_OF_CHANGE) - (set() if with_noise else {ChangeKind.NOISE})
    asked = _asked(machines, wanted, text)
    page = asked[max(start, 0) : min(stop, max(start, 0) + MAX_PAGE)]
    return StateComparison(
        before=earlier,
        after=later,
        difference=StateDifference(
            compared_with=earlier.exported_at,
            new=counts[ChangeKind.NEW],
            gone=counts[ChangeKind.GONE],
            renamed=counts[ChangeKind.RENAMED],
            moved=counts[ChangeKind.MOVED],
            resized=counts[ChangeKind.RESIZED],
            changed=counts[ChangeKind.CHANGED],
            unchanged=quiet,
        ),
        noise=sum(machine.kinds == {ChangeKind.NOISE} for machine in stayed),
        changes=_described(session, earlier.id, later.id, page, fields),
        total=len(asked),
    )


def _pair(
    session: Session, scope: Scope, ids: tuple[int, int], rule: RetentionRule
) -> tuple[StoredImport, StoredImport]:
    owners = select(imports.c.vcenter_id).where(imports.c.id.in_(ids))
    of_both = [*visible(Scope(database=scope.database)), vcenters.c.id.in_(owners)]
    stored = {state.id: state for state in stored_imports(session, of_both, rule)}
    for id_ in ids:
        if id_ not in stored:
            raise NotFoundError(f"There is no state with the number {id_} any more.")
    first, second = sorted((stored[id_] for id_ in ids), key=lambda state: (state.exported_at, state.id))
    if first.vcenter_id != second.vcenter_id:
        raise InvalidInputError(
            f"The states belong to two vCenters, {first.vcenter} and {second.vcenter}. "
            "Only states of one vCenter can be compared."
        )
    return first, second


def _stayed(session: Session, earlier: int, later: int, fields: Sequence[str]) -> list[_Machine]:
    """The machines of the later state."""
    then, now = virtual_machines.alias("earlier"), virtual_machines.alias("later")
    typed = [key for key in fields if not key.startswith(ATTRIBUTE)]
    flags: ColumnElement[int] = case((then.c.id.is_(None), 1 << len(_COMPARED_KINDS)), else_=0)
    for bit, kind in enumerate(_COMPARED_KINDS):
        differ = [_differs(key, then, now) for key in typed if kind_of(key) is kind]
        flags += case((or_(false(), *differ), 1 << bit), else_=0)
    other_name = case((then.c.name != now.c.name, then.c.name))
    texts = [cast(side.c.attributes, Text) for side in (then, now)]
    attributes = [case((texts[0].is_distinct_from(texts[1]), text)) for text in texts]
    statement = (
        select(now.c.machine_id, flags, now.c.name, other_name, *attributes)
        .select_from(now)
        .outerjoin(then, and_(then.c.machine_id == now.c.machine_id, then.c.import_id == earlier))
        .where(now.c.import_id == later)
    )
    names = {field.removeprefix(ATTRIBUTE): kind_of(field) for field in fields if field.startswith(ATTRIBUTE)}
    return [_flagged(row, names) for row in session.execute(statement)]


def _differs(field: str, then: FromClause, now: FromClause) -> ColumnElement[bool]:
    """`data.changes.differs` as a condition; NULL where nothing is said."""
    if blank_says(field):
        return then.c[field].is_distinct_from(now.c[field])
    return then.c[field] != now.c[field]


def _flagged(row: Sequence[Any], attributes: Mapping[str, ChangeKind]) -> _Machine:
    """One row of `_stayed`. Attributes are compared here: the order in which a state lists them says nothing."""
    machine, flags, name, other_name, then, now = row
    names = (name or "", other_name) if other_name else (name or "",)
    if flags >> len(_COMPARED_KINDS):
        return _Machine(machine, names, frozenset({ChangeKind.NEW}))
    kinds = {kind for bit, kind in enumerate(_COMPARED_KINDS) if flags >> bit & 1}
    if attributes and (then or now):
        before, after = json.loads(then or "{}") or {}, json.loads(now or "{}") or {}
        kinds |= {kind for name, kind in attributes.items() if before.get(name) != after.get(name)}
    return _Machine(machine, names, frozenset(kinds))


def _gone(session: Session, earlier: int, later: int) -> list[_Machine]:
    now = virtual_machines.alias("later")
    there = exists().where(now.c.machine_id == vm.machine_id, now.c.import_id == later)
    statement = select(vm.machine_id, vm.name).where(vm.import_id == earlier, ~there)
    kinds = frozenset({ChangeKind.GONE})
    return [_Machine(machine, (name or "",), kinds) for machine, name in session.execute(statement)]


def _asked(
    machines: Iterable[_Machine], kinds: Collection[ChangeKind], text: str
) -> list[tuple[ChangeKind, _Machine]]:
    """The changes of these kinds, by kind and name."""
    wanted = text.casefold().strip()
    found = [
        (kind, machine)
        for machine in machines
        for kind in machine.kinds
        if kind in kinds and (not wanted or any(wanted in name.casefold() for name in machine.names))
    ]
    order = {kind: number for number, kind in enumerate(KINDS_OF_CHANGE)}
    found.sort(key=lambda item: (order[item[0]], item[1].names[0].casefold(), item[1].names[0], item[1].id))
    return found


def _described(
    session: Session,
    earlier: int,
    later: int,
    page: Sequence[tuple[ChangeKind, _Machine]],
    fields: Sequence[str],
) -> tuple[MachineChange, ...]:
    ids = {machine.id for _, machine in page}
    statement = select(vm.import_id, vm.machine_id, vm.attributes, *(vm[key] for key in COMPARED_FIELDS))
    rows = session.execute(statement.where(vm.machine_id.in_(ids), vm.import_id.in_((earlier, later))))
    values = {(row["import_id"], row["machine_id"]): values_of(row) for row in rows.mappings()}
    changes = []
    for kind, machine in page:
        then, now = values.get((earlier, machine.id)), values.get((later, machine.id))
        shown = now or then or {}
        of_kind = [field for field in fields if kind_of(field) is kind] if then and now else []
        changes.append(
            MachineChange(
                kind=kind,
                machine_id=machine.id,
                name=machine.names[0],
                place=" / ".join(filter(None, (shown.get("datacenter"), shown.get("cluster")))),
                details=changes_between(then or {}, now or {}, of_kind),
            )
        )
    return tuple(changes)
