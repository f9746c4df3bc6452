"""Machines: lists filtered, sorted and cut to a block by the database."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from data.errors import ConflictError, InvalidInputError
from data.fields import ATTRIBUTE, MACHINE_FIELDS, TABS
from data.models import import_columns, imports, sorting
from data.models.inventory import SORTED_COLUMNS
from data.queries.conditions import content_of
from data.queries.matching import sum_of
from data.queries.scoping import machines_in, state_ids, stored_by, vm
from data.queries.states import find_states
from data.results import AttentionLimits, MachineTotals
from data.scope import Scope
from data.vocabulary import SortDirection

CHUNK_ROWS, CHUNK_CELLS = 2000, 50_000
"""The most that a block of a stream has: of few columns many rows, so that blocks take the same memory."""
MAX_BLOCK_ROWS = 10_000
COUNTED_FROM_ROW = 1000
"""For a block that begins later the machines are counted first: past the middle it is nearer to the end."""
_FIELD_KEYS = dict.fromkeys(field.key for field in MACHINE_FIELDS)
_MACHINE_TABS = [tab for tab, fields in TABS.items() if any(field.key == "vm_uuid" for field in fields)]


def find_machines(
    session: Session,
    scope: Scope,
    *,
    limits: AttentionLimits,
    columns: Sequence[str],
    sort: str = "name",
    direction: SortDirection = SortDirection.ASC,
    start: int = 0,
    stop: int = 100,
) -> pd.DataFrame:
    """A block of the machines in a scope.

    Text is sorted without regard to ASCII case; machines without a value come first, or last when descending;
    the order of machines with the same value is always the same.

    Args:
        session: To ask.
        scope: The part of the estate.
        limits: Where the attention checks begin.
        columns: Keys of `data.fields.MACHINE_FIELDS`, or `attr:` and the name of a custom attribute.
        sort: One of these, shown or not.
        direction: Of the sort.
        start: Number of the first row, from 0.
        stop: Number of the row after the last; a block has 10,000 rows at most.

    Returns:
        One row per machine: `machine_id` and the columns asked for, as objects, sizes in MiB; None is unknown.

    Raises:
        InvalidInputError: there is no such column.
    """
    _check(columns)
    start = max(start, 0)
    rows = max(min(stop, start + MAX_BLOCK_ROWS) - start, 0)
    descending = direction is SortDirection.DESC
    if start >= COUNTED_FROM_ROW:
        total = session.scalar(select(func.count()).where(*machines_in(scope, limits))) or 0
        if start > total / 2:  # nearer to the end, so walk from there
            rows = max(min(start + rows, total) - start, 0)
            backward = _ordered(scope, limits, sort, descending=descending, reverse=True)
            ids = session.scalars(backward.offset(max(total - start - rows, 0)).limit(rows)).all()
            return _rows(session, ids[::-1], columns)
    forward = _ordered(scope, limits, sort, descending=descending)
    return _rows(session, session.scalars(forward.offset(start).limit(rows)).all(), columns)


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """Which machines a file will hold, in order: settled once, so that it tells of one state of each vCenter."""

    ids: array[int]
    """virtual_machines.id"""
    states: frozenset[tuple[int, datetime]]
    """imports.id and when that was imported: ids are given again after a deletion."""


def choose_rows(
    session: Session,
    scope: Scope,
    *,
    limits: AttentionLimits,
    sort: str = "name",
    direction: SortDirection = SortDirection.ASC,
    machines: Collection[int] = (),
) -> ChosenRows:
    """The machines in a scope, in the order of `find_machines`.

    Args:
        session: To ask.
        scope: The part of the estate.
        limits: Where the attention checks begin.
        sort: A column.
        direction: Of the sort.
        machines: Ids of machines: no others, wherever they are in the order; empty: all.

    Raises:
        InvalidInputError: there is no such column.
    """
    ordered = _ordered(scope, limits, sort, descending=direction is SortDirection.DESC)
    if machines:
        chosen = frozenset(machines)
        rows = session.execute(ordered.add_columns(vm.machine_id))
        ids = array("q", (id_ for id_, machine_id in rows if machine_id in chosen))
    else:
        ids = array("q", session.scalars(ordered))
    return ChosenRows(ids, frozenset((state.id, state.imported_at) for state in find_states(session, scope)))


def stream_rows(session: Session, rows: ChosenRows, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    """These machines, in blocks of at most 2,000 like those of `find_machines`; no block without machines.

    The transaction may be ended between two blocks, so that a slow reader holds none: rows of a state never change.

    Raises:
        InvalidInputError: there is no such column.
        ConflictError: a state was deleted or replaced since the machines were chosen.
    """
    _check(columns)
    known = select(imports.c.id, imports.c.imported_at).where(
        imports.c.id.in_([import_id for import_id, _ in rows.states]), stored_by(Scope())
    )
    length = max(1, min(CHUNK_ROWS, CHUNK_CELLS // len(columns)))
    for start in range(0, len(rows.ids), length):
        if {(row.id, row.imported_at) for row in session.execute(known)} != rows.states:
            raise ConflictError("The state was deleted or replaced while it was exported. Export it again.")
        yield _rows(session, rows.ids[start : start + length].tolist(), columns)


def find_machine_ids(
    session: Session,
    scope: Scope,
    *,
    limits: AttentionLimits,
    sort: str = "name",
    direction: SortDirection = SortDirection.ASC,
    start: int = 0,
    stop: int | None = None,
) -> list[int]:
    """Which machines are in a scope, in the order of `find_machines`; with `start` and `stop` some rows of it.

    Raises:
        InvalidInputError: there is no such column.
    """
    ordered = _ordered(scope, limits, sort, descending=direction is SortDirection.DESC)
    rows = ordered.with_only_columns(vm.machine_id).offset(max(start, 0))
    if stop is not None:
        rows = rows.limit(max(stop - max(start, 0), 0))
    return list(session.scalars(rows))


def stream_machines(
    session: Session,
    scope: Scope,
    *,
    limits: AttentionLimits,
    columns: Sequence[str],
    sort: str = "name",
    direction: SortDirection = SortDirection.ASC,
    machines: Collection[int] = (),
) -> Iterator[pd.DataFrame]:
    """The machines that `choose_rows` finds, as `stream_rows` gives them."""
    rows = choose_rows(session, scope, limits=limits, sort=sort, direction=direction, machines=machines)
    yield from stream_rows(session, rows, columns)


def total_machines(session: Session, scope: Scope, *, limits: AttentionLimits) -> MachineTotals:
    """How many machines are in a scope and what they have. One statement."""
    everything = Scope(as_of=scope.as_of, templates=scope.templates)
    machines_all = (
        select(func.count()).where(*machines_in(everything, limits)).correlate(None).scalar_subquery()
    )
    numbers = (
        func.count(),
        machines_all,
        sum_of(vm.cpus),
        sum_of(vm.memory_mib),
        sum_of(vm.provisioned_mib),
    )
    return MachineTotals(*tuple(session.execute(select(*numbers).where(*machines_in(scope, limits))).one()))


def list_attributes(session: Session, scope: Scope) -> list[str]:
    """Names of the custom attributes that the exports of a scope have on machines, in alphabetical order."""
    statement = (
        select(import_columns.c.field)
        .distinct()
        .where(
            import_columns.c.import_id.in_(state_ids(scope)),
            import_columns.c.tab.in_(_MACHINE_TABS),
            import_columns.c.field.startswith(ATTRIBUTE, autoescape=True),
        )
    )
    names = [field.removeprefix(ATTRIBUTE) for field in session.scalars(statement)]
    return sorted(names, key=lambda name: (name.casefold(), name))


def _check(columns: Iterable[str]) -> None:
    unknown = [key for key in columns if key not in _FIELD_KEYS and not key.startswith(ATTRIBUTE)]
    if unknown:
        raise InvalidInputError(f"Machines have no column “{unknown[0]}”.")


def _ordered(
    scope: Scope, limits: AttentionLimits, sort: str, *, descending: bool, reverse: bool = False
) -> Select[int]:
    """Ids of the machines in a scope, in order, or in reverse of it.

    By a sorted column of the newest states this walks its index, so ties run with the sort. Ties of other columns
    run forward: of many machines with the same value the first ones are kept, not each replaced by the next.
    """
    _check([sort])
    is_indexed = sort in SORTED_COLUMNS and scope.as_of is None
    conditions = machines_in(scope, limits)
    if is_indexed:
        conditions.append(vm.is_current.is_(True))
    key = sorting.sort_key(content_of(sort))
    ties_descend = descending and is_indexed
    return (
        select(vm.id)
        .where(*conditions)
        .order_by(
            sorting.descending(key) if descending != reverse else sorting.ascending(key),
            vm.id.desc() if ties_descend != reverse else vm.id.asc(),
        )
    )


def _rows(session: Session, ids: Sequence[int], columns: Sequence[str]) -> pd.DataFrame:
    """The columns of these machines, in the order of the ids."""
    keys = [column for column in dict.fromkeys(columns) if not column.startswith(ATTRIBUTE)]
    names = [column.removeprefix(ATTRIBUTE) for column in dict.fromkeys(columns) if column not in keys]
    last = [vm.attributes] if names else []
    rows = session.execute(
        select(vm.id, vm.machine_id, *(vm[key] for key in keys), *last).where(vm.id.in_(ids))
    )
    by_id = {row[0]: row[1:] for row in rows}
    found = [by_id[id_] for id_ in ids]
    if names:
        found = [(*row[:-1], *map((row[-1] or {}).get, names)) for row in found]
    frame = pd.DataFrame(
        found, columns=["machine_id", *keys, *(ATTRIBUTE + name for name in names)], dtype=object
    )
    return frame[["machine_id", *columns]]
