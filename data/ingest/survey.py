"""What the tabs of an export say about each of its machines, gathered before anything is stored."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern
from typing import Any

from data.fields import MERGED_TABS, VM_TABS
from data.ingest.roster import MachineKey, Roster, key_of, keys_of
from data.units import SECONDS_PER_DAY, pct
from data.workbook.spool import Workbook

ORPHAN = -1
"""In place of a machine's number: the row names a machine that vInfo does not have."""

_DATASTORE = re.compile(r"\s*\[([^\]]+)\]")


@dataclass(slots=True)
class Snapshots:
    """The snapshots of one machine."""

    count: int = 0
    size_mib: float | None = None
    oldest: datetime | None = None


@dataclass(slots=True)
class Survey:
    """One export, by the number of each machine in vInfo."""

    keys: list[MachineKey] = field(default_factory=list)
    templates: list[bool | None] = field(default_factory=list)
    folders: list[str | None] = field(default_factory=list)
    attributes: list[dict[str, str] | None] = field(default_factory=list)
    machine_of: dict[str, array[int]] = field(default_factory=dict)
    """Tab -> the machine of each of its rows, or `ORPHAN`."""
    snapshots: dict[int, Snapshots] = field(default_factory=lambda: defaultdict(Snapshots))
    adapter_words: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Addresses of a machine's adapters."""
    adapter_ids: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Networks and MAC addresses of a machine's adapters."""
    datastores: dict[int, frozenset[str]] = field(default_factory=dict)
    """Names of the datastores that hold a machine's disks."""
    has_folders: bool = False
    """Some tab has a folder column."""

    def orphans(self, tab: str) -> int:
        """Rows of a tab that belong to no machine of vInfo."""
        return self.machine_of[tab].count(ORPHAN) if tab in self.machine_of else 0


def own_keys(workbook: Workbook, tab: str) -> tuple[str, ...]:
    """Keys of the columns of vCPU, vMemory or vTools that the export has and no other tab."""
    wanted = {typed.key for typed in MERGED_TABS[tab]}
    return tuple(key for key in workbook.tabs[tab].keys if key in wanted) if tab in workbook.tabs else ()


def merged_rows(
    workbook: Workbook, found: Survey, tab: str, keys: Sequence[str]
) -> Iterator[tuple[Any, ...] | None]:
    """What vCPU, vMemory or vTools says of each machine, in the order of vInfo; None for those without a row.

    Exports have the same order on all tabs: few rows wait in memory for their turn. The first row of a machine counts.

    Args:
        workbook: the export.
        found: its survey.
        tab: one that the export has.
        keys: of the values.
    """
    positions = [workbook.tabs[tab].keys.index(key) for key in keys]
    machine_of = found.machine_of[tab]
    has_row = bytearray(len(found.keys))
    for number in machine_of:
        if number != ORPHAN:
            has_row[number] = True
    rows = zip(machine_of, workbook.rows(tab), strict=True)
    waiting: dict[int, tuple[Any, ...]] = {}
    for number, is_there in enumerate(has_row):
        while is_there and number not in waiting:
            other, row = next(rows)
            if other >= number:
                waiting.setdefault(other, tuple(row[at] for at in positions))
        yield waiting.pop(number) if is_there else None


def survey(workbook: Workbook) -> Survey:
    """Gather what the tabs say about each machine. Reads every machine tab once."""
    positions = keys_of(workbook, "vInfo")
    folder, template = workbook.position("vInfo", "folder"), workbook.position("vInfo", "template")
    found = Survey()
    for row in workbook.rows("vInfo"):
        key = key_of(row, positions)
        place = (text and intern(text) for text in key[3:])  # many machines share one
        found.keys.append(MachineKey(*key[:3], *place))
        found.templates.append(None if template is None else row[template])
        found.folders.append(None if folder is None else row[folder])
        found.attributes.append(row[-1])
    found.has_folders = folder is not None
    roster = Roster(found.keys)
    for tab, content in workbook.tabs.items():
        if tab in VM_TABS and tab != "vInfo" and content.is_known:
            _add_tab(found, workbook, tab, roster)
    return found


def _add_tab(found: Survey, workbook: Workbook, tab: str, roster: Roster) -> None:
    positions = keys_of(workbook, tab)
    folder = workbook.position(tab, "folder")
    found.has_folders |= folder is not None
    collect = _COLLECTORS.get(tab, _Nothing)(found, workbook, tab)
    machine_of = found.machine_of[tab] = array("l")
    for row in workbook.rows(tab):
        number = roster.find(key_of(row, positions))
        if number is None:
            machine_of.append(ORPHAN)
            continue
        machine_of.append(number)
        collect(number, row)
        if folder is not None and found.folders[number] is None:
            found.folders[number] = row[folder]
        if row[-1] and not row[-1].keys() <= (found.attributes[number] or {}).keys():
            found.attributes[number] = row[-1] | (found.attributes[number] or {})


class _Snapshots:
    def __init__(self, found: Survey, workbook: Workbook, tab: str) -> None:
        self._snapshots = found.snapshots
        self._size = workbook.position(tab, "size_mib")
        self._taken = workbook.position(tab, "taken_at")

    def __call__(self, number: int, row: tuple[Any, ...]) -> None:
        snapshots = self._snapshots[number]
        snapshots.count += 1
        if self._size is not None and row[self._size] is not None:
            snapshots.size_mib = (snapshots.size_mib or 0) + row[self._size]
        if self._taken is not None and (taken := row[self._taken]):
            snapshots.oldest = min(snapshots.oldest or taken, taken)


class _Disks:
    def __init__(self, found: Survey, workbook: Workbook, tab: str) -> None:
        self._datastores = found.datastores
        self._shared: dict[frozenset[str], frozenset[str]] = {}
        self._paths = disk_paths(workbook, tab)

    def __call__(self, number: int, row: tuple[Any, ...]) -> None:
        if name := datastore_of(row, self._paths):
            names = self._datastores.get(number, frozenset()) | {name}
            self._datastores[number] = self._shared.setdefault(names, names)


class _Adapters:
    def __init__(self, found: Survey, workbook: Workbook, tab: str) -> None:
        self._words, self._ids = found.adapter_words, found.adapter_ids
        positions = (workbook.position(tab, key) for key in ("ipv4_address", "ipv6_address"))
        self._addresses = [at for at in positions if at is not None]
        self._network = workbook.position(tab, "network")
        self._mac = workbook.position(tab, "mac_address")

    def __call__(self, number: int, row: tuple[Any, ...]) -> None:
        for at in self._addresses:
            if row[at]:
                self._words[number] += row[at].split(", ")
        if self._network is not None and (network := row[self._network]):
            self._ids[number].append(intern(network))
        if self._mac is not None and (mac := row[self._mac]):
            self._ids[number].append(mac)


class _Nothing:
    def __init__(self, *_arguments: object) -> None:
        pass

    def __call__(self, number: int, row: tuple[Any, ...]) -> None:
        """A tab that says nothing about the machine itself."""


_COLLECTORS: dict[str, type[_Snapshots | _Disks | _Adapters]] = {
    "vSnapshot": _Snapshots,
    "vDisk": _Disks,
    "vNetwork": _Adapters,
}


def disk_paths(workbook: Workbook, tab: str) -> tuple[int, ...]:
    """Positions of the columns that name the file of a disk, the better one first."""
    positions = (workbook.position(tab, key) for key in ("path", "disk_path"))
    return tuple(at for at in positions if at is not None)


def datastore_of(row: tuple[Any, ...], paths: tuple[int, ...]) -> str | None:
    """The datastore in the path of a disk, `[datastore] folder/file.vmdk`."""
    for at in paths:
        if row[at] and (match := _DATASTORE.match(row[at])):
            return match[1]
    return None


class Surroundings:
    """What hosts and datastores say about the machines on them."""

    def __init__(self, workbook: Workbook) -> None:
        self._maintenance = self._hosts_in_maintenance(workbook)
        self._free = self._free_space(workbook)

    @staticmethod
    def _hosts_in_maintenance(workbook: Workbook) -> dict[str, list[tuple[str | None, bool | None]]]:
        """Host name -> datacenter and flag of each host of that name."""
        found: dict[str, list[tuple[str | None, bool | None]]] = defaultdict(list)
        for host in records(workbook, "vHost"):
            found[host.get("name") or ""].append((host.get("datacenter"), host.get("in_maintenance_mode")))
        return found

    @staticmethod
    def _free_space(workbook: Workbook) -> dict[str, list[tuple[float, set[str]]]]:
        """Datastore name -> free share and hosts of each datastore of that name."""
        found: dict[str, list[tuple[float, set[str]]]] = defaultdict(list)
        for datastore in records(workbook, "vDatastore"):
            free = free_pct(datastore)
            if free is not None:
                hosts = (datastore.get("host_list") or "").split(", ")
                found[datastore.get("name") or ""].append((free, set(hosts)))
        return found

    def host_in_maintenance(self, key: MachineKey) -> bool | None:
        """Whether the machine's host is in maintenance mode; None if no export says."""
        hosts = self._maintenance.get(key.host or "", ())
        flags = {flag for place, flag in hosts if not (place and key.datacenter) or place == key.datacenter}
        return flags.pop() if len(flags) == 1 else None

    def datastore_free_pct(self, key: MachineKey, names: Collection[str]) -> float | None:
        """The free share of the fullest datastore among these; of equal names the one that the machine's host sees."""
        shares = []
        for name in names:
            same = self._free.get(name, [])
            seen = [share for share, hosts in same if key.host in hosts] if len(same) > 1 else []
            shares += seen or [share for share, _hosts in same]
        return min(shares, default=None)


def records(workbook: Workbook, tab: str) -> Iterator[dict[str, Any]]:
    """The rows of a tab by field key; for tabs with few rows."""
    keys = workbook.tabs[tab].keys if tab in workbook.tabs else ()
    return (dict(zip(keys, row, strict=False)) for row in workbook.rows(tab))


def free_pct(datastore: dict[str, Any]) -> float | None:
    """The free share of a datastore: as written, else worked out."""
    written: float | None = datastore.get("free_pct")
    return written if written is not None else pct(datastore.get("free_mib"), datastore.get("capacity_mib"))


def age_days(then: datetime | None, now: datetime) -> float | None:
    """Days between two times, at least 0; None if the first is unknown."""
    return None if then is None else max(0.0, (now - then).total_seconds() / SECONDS_PER_DAY)
