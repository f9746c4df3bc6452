"""The machines of one export and the rows of other tabs that belong to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from data.workbook.spool import Workbook


class MachineKey(NamedTuple):
    """What tells a machine apart, as far as a row says it."""

    vm_id: str | None
    vm_uuid: str | None
    name: str | None
    datacenter: str | None
    cluster: str | None
    host: str | None

    def may_be(self, other: MachineKey) -> bool:
        """Whether neither VM ID, UUID nor datacenter speaks against both being the same machine."""
        return not (
            (self.vm_id and other.vm_id and self.vm_id != other.vm_id)
            or (self.vm_uuid and other.vm_uuid and self.vm_uuid != other.vm_uuid)
            or (self.datacenter and other.datacenter and self.datacenter != other.datacenter)
        )


def keys_of(workbook: Workbook, tab: str) -> tuple[int, ...]:
    """Positions of the parts of a `MachineKey` in the rows of a tab; -1 for those that it lacks."""
    positions = (workbook.position(tab, key) for key in MachineKey._fields)
    return tuple(-1 if position is None else position for position in positions)


def key_of(row: Sequence[object], positions: tuple[int, ...]) -> MachineKey:
    """The key in a row of a tab."""
    return MachineKey(*(None if at < 0 else row[at] for at in positions))  # type: ignore[arg-type]  # these columns are text


class Roster:
    """The machines of vInfo, by their number in the export, and how rows of other tabs find theirs."""

    def __init__(self, keys: Sequence[MachineKey]) -> None:
        self._keys = keys
        self._by_id: dict[str, list[int]] = defaultdict(list)
        self._by_uuid: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for number, key in enumerate(keys):
            if key.vm_id:
                self._by_id[key.vm_id].append(number)
            if key.vm_uuid:
                self._by_uuid[key.vm_uuid].append(number)
            if key.name:
                self._by_name[key.name].append(number)

    def find(self, key: MachineKey) -> int | None:
        """The machine that a row belongs to: by VM ID, else by VM UUID, else by name where only one fits."""
        for numbers in (self._by_id.get(key.vm_id or ""), self._by_uuid.get(key.vm_uuid or "")):
            if numbers and len(numbers) == 1 and self._keys[numbers[0]].vm_id == key.vm_id:
                return numbers[0]
            if numbers and (fitting := self._fitting(numbers, key)):
                return fitting[0]
        fitting = self._fitting(self._by_name.get(key.name or "", ()), key)
        return fitting[0] if len(fitting) == 1 else None

    def _fitting(self, numbers: Sequence[int], key: MachineKey) -> list[int]:
        """The machines that may be meant, narrowed down by name, cluster and host as long as some are left."""
        fitting = [number for number in numbers if self._keys[number].may_be(key)]
        for part in ("vm_uuid", "name", "datacenter", "cluster", "host"):
            if len(fitting) < 2:
                break
            wanted = getattr(key, part)
            fitting = [n for n in fitting if getattr(self._keys[n], part) == wanted] or fitting
        return fitting
