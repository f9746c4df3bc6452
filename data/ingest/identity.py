"""Which machine of an export is which machine of the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.ingest.roster import MachineKey
from data.models import machines

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class KnownMachine(NamedTuple):
    """A machine that was seen before, in one vCenter."""

    id: int
    vm_id: str | None
    vm_uuid: str | None
    name: str
    datacenter: str | None
    is_recent: bool
    """It is in the newest state of its vCenter."""


def known_machines(
    session: Session, vcenter_id: int | None, current_import_id: int | None
) -> list[KnownMachine]:
    """The machines of a vCenter, in the order in which they were first stored."""
    columns = machines.c
    statement = (
        select(
            columns.id,
            columns.vm_id,
            columns.vm_uuid,
            columns.name,
            columns.datacenter,
            columns.last_import_id,
        )
        .where(columns.vcenter_id == vcenter_id)
        .order_by(columns.id)
    )
    return [KnownMachine(*row[:5], row[5] == current_import_id) for row in session.execute(statement)]


def recognise(keys: Sequence[MachineKey], known: Sequence[KnownMachine]) -> list[KnownMachine | None]:
    """For each machine of an export the one that it is, or None for a new one; none is given twice.

    A machine is told apart by VM ID. VM UUID counts where one side has no VM ID, and for a machine that was
    registered anew: its VM ID is another, but nobody else has its UUID. Datacenter and name count only where one
    side has neither: a clone or a machine made anew under an old name is not taken for the old one. Where one side
    does not say the datacenter either, a name counts that only one machine has. Machines that share their key are
    paired in order.
    """
    matching = _Matching(keys, known)
    matching.pair_ids()
    matching.pair_uuids()
    matching.pair_registered_anew()
    matching.pair_names()
    matching.pair_bare_names()
    return matching.found


class _Matching:
    def __init__(self, keys: Sequence[MachineKey], known: Sequence[KnownMachine]) -> None:
        self._keys = keys
        self._known = known
        self._taken: set[int] = set()
        self.found: list[KnownMachine | None] = [None] * len(keys)

    def pair_ids(self) -> None:
        candidates = _grouped(self._known, lambda machine: machine.vm_id)
        for number, key in enumerate(self._keys):
            if key.vm_id in candidates:
                self._take_closest(number, candidates[key.vm_id])

    def pair_uuids(self) -> None:
        candidates = _grouped(self._known, lambda machine: machine.vm_uuid)
        for number in self._open():
            key = self._keys[number]
            if key.vm_uuid in candidates:
                self._take_closest(
                    number, [known for known in candidates[key.vm_uuid] if not (key.vm_id and known.vm_id)]
                )

    def pair_registered_anew(self) -> None:
        candidates = _grouped(self._known, lambda machine: machine.vm_uuid)
        uuids = Counter(key.vm_uuid for key in self._keys)
        for number in self._open():
            uuid = self._keys[number].vm_uuid
            if uuid in candidates and uuids[uuid] == len(candidates[uuid]) == 1:
                self._take_closest(number, candidates[uuid])

    def pair_names(self) -> None:
        left = (machine for machine in self._known if machine.id not in self._taken)
        candidates = _grouped(left, _place)
        rows = _grouped(self._open(), lambda number: _place(self._keys[number]))
        for place in rows.keys() & candidates.keys():
            self._pair_place(rows[place], candidates[place])

    def pair_bare_names(self) -> None:
        left = (machine for machine in self._known if machine.id not in self._taken)
        candidates = _grouped(left, lambda machine: machine.name)
        open_rows = _grouped(self._open(), lambda number: self._keys[number].name)
        names = Counter(key.name for key in self._keys)
        for name in open_rows.keys() & candidates.keys():
            if names[name] == 1:
                self._pair_name(open_rows[name][0], candidates[name])

    def _pair_name(self, number: int, candidates: list[KnownMachine]) -> None:
        """The only machine of its name in the export, with the only one that may be meant."""
        key = self._keys[number]
        candidates = [machine for machine in candidates if machine.is_recent] or candidates
        if len(candidates) != 1:
            return
        machine = candidates[0]
        is_bare = not (key.vm_id or key.vm_uuid) or not (machine.vm_id or machine.vm_uuid)
        if is_bare and not (key.datacenter and machine.datacenter):
            self._take(number, machine)

    def _pair_place(self, numbers: list[int], candidates: list[KnownMachine]) -> None:
        """Machines of one name in one datacenter: those known by name alone in order, others only if unmistakable."""
        bare = [machine for machine in candidates if not (machine.vm_id or machine.vm_uuid)]
        bare_rows = [
            number for number in numbers if not (self._keys[number].vm_id or self._keys[number].vm_uuid)
        ]
        for number, machine in zip(bare_rows, bare, strict=False):
            self._take(number, machine)
        numbers = [number for number in numbers if self.found[number] is None]
        candidates = [machine for machine in candidates if machine.id not in self._taken]
        candidates = [machine for machine in candidates if machine.is_recent] or candidates
        if len(numbers) == 1 and len(candidates) == 1 and (numbers[0] in bare_rows or candidates[0] in bare):
            self._take(numbers[0], candidates[0])

    def _take_closest(self, number: int, candidates: Iterable[KnownMachine]) -> None:
        key = self._keys[number]
        free = [machine for machine in candidates if machine.id not in self._taken]
        if free:
            self._take(number, min(free, key=lambda m: (m.vm_uuid != key.vm_uuid, m.name != key.name, m.id)))

    def _take(self, number: int, machine: KnownMachine) -> None:
        self.found[number] = machine
        self._taken.add(machine.id)

    def _open(self) -> list[int]:
        return [number for number, machine in enumerate(self.found) if machine is None]


def _place(machine: MachineKey | KnownMachine) -> tuple[str | None, str] | None:
    return (machine.datacenter, machine.name) if machine.name else None


def _grouped(items: Iterable[T], key: Callable[[T], K | None]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for item in items:
        value = key(item)
        if value is not None:
            groups[value].append(item)
    return dict(groups)
