"""What an export changes against a stored state of its vCenter, machine by machine."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.changes import COMPARED_FIELDS, changes_between, kind_of, kinds_among
from data.fields import ATTRIBUTE, MERGED_TABS, VM_TABS
from data.ingest.identity import KnownMachine
from data.ingest.survey import Survey, merged_rows, own_keys
from data.models import import_columns, imports, virtual_machines
from data.results import MAX_EXAMPLES, FieldChange, MachineChange, StateDifference
from data.vocabulary import ChangeKind
from data.workbook.spool import Workbook

MACHINES_AT_A_TIME = 500
"""Stored machines that are in memory at once."""
COMPARED = tuple(field for field in COMPARED_FIELDS if kind_of(field) is not ChangeKind.NOISE)

_VM = virtual_machines.c
Row = tuple[Any, ...]
OnChange = Callable[[MachineChange], None]
OnCompared = Callable[[int], None]


def compare(
    session: Session,
    workbook: Workbook,
    survey: Survey,
    found: Sequence[KnownMachine | None],
    state: int | None,
    *,
    on_change: OnChange | None = None,
    on_compared: OnCompared | None = None,
) -> StateDifference:
    """Count what is new, gone and changed, noise left out. A machine can be renamed, moved and resized at once.

    Args:
        session: of the database.
        workbook: the export.
        survey: of it.
        found: who its machines are.
        state: the import to compare with; None if there is none.
        on_change: told the changes of every machine, once per kind, with the details of that kind.
        on_compared: told after each block of machines how many were compared in all.
    """
    if state is None:
        return StateDifference(None, len(survey.keys), gone=0, renamed=0, moved=0, resized=0, unchanged=0)
    both = _Columns(session, workbook, survey, state)
    changes = _Changes(both, on_change)
    stored = array("q", session.scalars(select(_VM.machine_id).where(_VM.import_id == state)))
    gone = set(stored)
    machines = zip(found, both.exported(workbook, survey), strict=True)
    while block := list(islice(machines, MACHINES_AT_A_TIME)):
        before = both.stored(session, [known.id for known, _now in block if known])
        for known, now in block:
            then = before.get(known.id) if known else None
            changes.add(known.id if known else None, then, now)
        gone -= before.keys()
        if on_compared:
            on_compared(changes.machines)
    left = iter([machine for machine in stored if machine in gone])
    while ids := list(islice(left, MACHINES_AT_A_TIME)):
        for machine, then in both.stored(session, ids).items():
            changes.add(machine, then, None)
    return changes.difference(session.scalar(select(imports.c.exported_at).where(imports.c.id == state)))


class _Machine(NamedTuple):
    """A machine as one side knows it."""

    name: str
    datacenter: str | None
    cluster: str | None
    values: Row
    """Of the columns that both sides have."""
    attributes: dict[str, str] | None


class _Columns:
    """The columns that an export and a stored state have in common, and how to read them on both sides."""

    def __init__(self, session: Session, workbook: Workbook, survey: Survey, state: int) -> None:
        had = import_columns.c
        stored = set(session.scalars(select(had.field).where(had.import_id == state, had.tab.in_(_TABS))))
        wanted = stored.intersection(COMPARED)
        self._own = [key for key in workbook.tabs["vInfo"].keys if key in wanted and key != "folder"]
        self._merged = {
            tab: keys
            for tab in MERGED_TABS
            if (keys := [key for key in own_keys(workbook, tab) if key in wanted])
        }
        merged = [key for keys in self._merged.values() for key in keys]
        self._folder = ["folder"] if survey.has_folders and "folder" in wanted else []
        self.keys = (*self._own, *merged, *self._folder)
        """Of the values of a machine."""
        exported = {name for tab in VM_TABS if tab in workbook.tabs for name in workbook.tabs[tab].attributes}
        shared = sorted(stored.intersection(ATTRIBUTE + name for name in exported))
        self.attributes = tuple(
            field.removeprefix(ATTRIBUTE) for field in shared if kind_of(field) is not ChangeKind.NOISE
        )
        """Names of the attributes that both sides have."""
        self._state = state

    def exported(self, workbook: Workbook, survey: Survey) -> Iterator[_Machine]:
        """The machines of the export, in its order."""
        own = _picker([workbook.tabs["vInfo"].keys.index(key) for key in self._own])
        merged = [
            (merged_rows(workbook, survey, tab, keys), (None,) * len(keys))
            for tab, keys in self._merged.items()
        ]
        for number, row in enumerate(workbook.rows("vInfo")):
            key = survey.keys[number]
            values = own(row)
            for rows, absent in merged:
                values += next(rows) or absent
            if self._folder:
                values += (survey.folders[number],)
            name = key.name or key.vm_id or key.vm_uuid or ""
            yield _Machine(name, key.datacenter, key.cluster, values, survey.attributes[number])

    def stored(self, session: Session, machines: Sequence[int]) -> dict[int, _Machine]:
        """These machines, by their id, as far as the state has them."""
        place = (_VM.name, _VM.datacenter, _VM.cluster)
        statement = select(_VM.machine_id, *place, _VM.attributes, *(_VM[key] for key in self.keys))
        rows = session.execute(statement.where(_VM.machine_id.in_(machines), _VM.import_id == self._state))
        return {row[0]: _Machine(row[1] or "", row[2], row[3], tuple(row[5:]), row[4]) for row in rows}


class _Changes:
    """Counts changes and keeps some of each kind."""

    def __init__(self, both: _Columns, on_change: OnChange | None) -> None:
        self.machines = 0
        self._unchanged = 0
        self._columns = both
        self._counts = dict.fromkeys(ChangeKind, 0)
        self._examples: dict[ChangeKind, list[MachineChange]] = defaultdict(list)
        self._on_change = on_change

    def add(self, machine: int | None, then: _Machine | None, now: _Machine | None) -> None:
        """Note a machine; None where a side does not have it."""
        self.machines += 1
        looks = now or then
        if looks is None:
            return
        if then is None or now is None:
            self._note(ChangeKind.NEW if then is None else ChangeKind.GONE, machine, looks, ())
            return
        details = self._details(then, now)
        for kind in kinds_among(details):
            self._note(kind, machine, looks, tuple(d for d in details if kind_of(d.field) is kind))
        self._unchanged += not details

    def _details(self, then: _Machine, now: _Machine) -> tuple[FieldChange, ...]:
        columns = self._columns
        before, after = then.attributes or {}, now.attributes or {}
        names = [name for name in columns.attributes if before.get(name) != after.get(name)]
        if then.values == now.values and not names:
            return ()
        one, other = (
            dict(zip(columns.keys, side.values, strict=True))
            | {ATTRIBUTE + name: has.get(name) for name in names}
            for side, has in ((then, before), (now, after))
        )
        pairs = zip(columns.keys, then.values, now.values, strict=True)
        differing = [key for key, was, is_ in pairs if was != is_]
        return changes_between(one, other, (*differing, *(ATTRIBUTE + name for name in names)))

    def _note(
        self, kind: ChangeKind, machine: int | None, looks: _Machine, details: tuple[FieldChange, ...]
    ) -> None:
        self._counts[kind] += 1
        place = " / ".join(filter(None, (looks.datacenter, looks.cluster)))
        change = MachineChange(kind, machine, looks.name, place, details)
        if self._on_change:
            self._on_change(change)
        kept = self._examples[kind]
        kept.append(change)
        if len(kept) > 20 * MAX_EXAMPLES:
            kept[:] = _first(kept)

    def difference(self, compared_with: Any) -> StateDifference:
        """What was counted."""
        kinds = (kind for kind in ChangeKind if kind is not ChangeKind.NOISE)
        return StateDifference(
            compared_with,
            **{kind.value: self._counts[kind] for kind in kinds},
            unchanged=self._unchanged,
            examples=tuple(change for kind in ChangeKind for change in _first(self._examples[kind])),
        )


_TABS = ("vInfo", *MERGED_TABS)
"""Whose columns are columns of the machine."""


def _first(changes: list[MachineChange]) -> list[MachineChange]:
    return sorted(changes, key=lambda c: (c.name.casefold(), c.name, c.place, c.machine_id or 0))[
        :MAX_EXAMPLES
    ]


def _picker(positions: list[int]) -> Callable[[Row], Row]:
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda row: tuple(row[at] for at in positions)
