"""Deals the rows of a file to the vCenters that it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from data.errors import FileRefusedError
from data.fields import ATTRIBUTE, NAME_LENGTH
from data.workbook.cells import to_text
from data.workbook.spool import Part, SpoolWriter, Tab, Workbook

MAX_VCENTERS = 100
"""In one file. A file that names more has something else in that column."""
MAX_SOURCES = 20
NAMES_NONE = "names no vCenter, and its machine does not decide to which one of the file it belongs"
NAMES_OTHER = "names a vCenter that no machine of vInfo names"
MACHINE_KEYS = ("vm_uuid", "vm_id", "name")
"""What tells the machine of a row, the best first."""

K = TypeVar("K", bound=Hashable)
Source = tuple[str | None, str | None]
"""VI SDK Server and UUID."""
Cells = Sequence[Sequence[Any]]
"""Of some rows, column by column."""


@dataclass
class Share:
    """What one vCenter has of a sheet, while the sheet is read."""

    path: Path
    rows: int = 0
    filled: Counter[int] = field(default_factory=Counter)
    """Rows with a value, by position of the field."""
    filled_attributes: Counter[str] = field(default_factory=Counter)
    sources: dict[Source, None] = field(default_factory=dict)
    _writer: SpoolWriter | None = None

    def add(self, columns: Cells, rows: Sequence[tuple[Any, ...]], sources: Iterable[Source]) -> None:
        """Append rows; `columns` has the same values column by column. The attributes are last."""
        if self._writer is None:
            self._writer = SpoolWriter(self.path)
        self._writer.write(rows)
        self.rows += len(rows)
        *values, attributes = columns
        for at, column in enumerate(values):
            self.filled[at] += len(column) - column.count(None)
        for found in attributes:
            if found:
                self.filled_attributes.update(found.keys())
        self.sources |= dict.fromkeys(sources)

    def close(self) -> None:
        """All rows are there."""
        if self._writer is not None:
            self._writer.close()

    def of(self, tab: Tab) -> Tab:
        """The tab as this vCenter has it."""
        keys = {key: self.filled[at] for at, key in enumerate(tab.keys)}
        return replace(
            tab,
            rows=self.rows,
            filled=keys | {ATTRIBUTE + name: self.filled_attributes[name] for name in tab.attributes},
            sources=tuple(source for source in self.sources if any(source))[:MAX_SOURCES],
            spools=(self.path.name,) if self.rows else (),
        )


def together(tabs: Sequence[Tab]) -> Tab:
    """Several shares in one tab as one."""
    filled: Counter[str] = Counter()
    for tab in tabs:
        filled.update(tab.filled)
    return replace(
        tabs[0],
        rows=sum(tab.rows for tab in tabs),
        filled={key: filled[key] for key in tabs[0].filled},
        sources=tuple(dict.fromkeys(source for tab in tabs for source in tab.sources))[:MAX_SOURCES],
        spools=tuple(name for tab in tabs for name in tab.spools),
    )


def dealt(columns: Cells, keys: Sequence[K]) -> Iterator[tuple[K, Cells, list[tuple[Any, ...]]]]:
    """The rows of each key: column by column and row by row."""
    rows = list(zip(*columns, strict=True))
    different = dict.fromkeys(keys)
    if len(different) == 1:
        yield keys[0], columns, rows
        return
    for key in different:
        chosen = [row for row, other in zip(rows, keys, strict=True) if other == key]
        yield key, list(zip(*chosen, strict=True)), chosen


class Sources:
    """The vCenters that the rows of one sheet name."""

    def __init__(self, places: tuple[int | None, int | None]) -> None:
        self.places = places

    def of(self, cells: Cells, rows: int) -> list[Source]:
        """What each of some rows names."""
        server, uuid = ([""] * rows if at is None else cells[at] for at in self.places)
        known = {pair: (_name(pair[0]), _name(pair[1])) for pair in set(zip(server, uuid, strict=True))}
        return [known[pair] for pair in zip(server, uuid, strict=True)]


def _name(cell: object) -> str | None:
    text = to_text(cell)
    return text[:NAME_LENGTH].rstrip() if text else None


GroupKey = tuple[str, str]
"""What tells vCenters apart while vInfo is read: by UUID, else by server, in lower case; two blanks: not named."""
UNNAMED: GroupKey = ("", "")


class Dealer:
    """Says which vCenter a row comes from. vInfo is read first and decides which ones there are."""

    def __init__(self, directory: Path, *, split: bool) -> None:
        self.parts: list[Part] = []
        """Of each vCenter, with vInfo as its only tab."""
        self._directory = directory
        self._split = split
        self._groups: dict[GroupKey, None] = {}
        self._uuids: dict[str, int] = {}
        self._servers: dict[str, int | None] = {}
        self._rosters: list[dict[str, int | None]] | None = None

    def group(self, source: Source) -> GroupKey:
        """Where a row of vInfo goes.

        Raises:
            FileRefusedError: more vCenters than any export has.
        """
        server, uuid = source
        if not self._split:
            return UNNAMED
        key = ("uuid", uuid.lower()) if uuid else ("server", server.lower()) if server else UNNAMED
        self._groups[key] = None
        if len(self._groups) > MAX_VCENTERS:
            raise FileRefusedError(
                f"vInfo names more than {MAX_VCENTERS} vCenters in “VI SDK Server” or “VI SDK UUID”: these columns "
                "hold something else. An RVTools export names the vCenter of each machine there."
            )
        return key

    def settle(self, shares: dict[GroupKey, Tab]) -> None:
        """All of vInfo is read: make the parts. Rows that name no vCenter belong to the only one there is."""
        parts: dict[GroupKey, list[Tab]] = {key: [tab] for key, tab in shares.items() if key[0] == "uuid"}
        uuids: dict[str, set[GroupKey]] = {}
        for key, (tab,) in parts.items():
            for server in _servers(tab):
                uuids.setdefault(server, set()).add(key)
        for key, tab in shares.items():
            if key[0] == "server":
                same = uuids.get(key[1], set())
                parts.setdefault(next(iter(same)) if len(same) == 1 else key, []).append(tab)
        if len(parts) <= 1 and UNNAMED in shares:
            parts.setdefault(next(iter(parts), UNNAMED), []).append(shares[UNNAMED])
        self.parts = [_part(together(tabs)) for tabs in parts.values()]
        for at, part in enumerate(self.parts):
            if part.uuid:
                self._uuids[part.uuid.lower()] = at
            for server in _servers(part.tabs[0]):
                self._servers[server] = None if server in self._servers else at

    def part_of(self, source: Source) -> int | None:
        """The vCenter that a row names; None if it names none or one that is not there."""
        if len(self.parts) == 1:
            return 0
        server, uuid = source
        if uuid and uuid.lower() in self._uuids:
            return self._uuids[uuid.lower()]
        at = self._servers.get(server.lower()) if server else None
        return None if at is None or (uuid and self.parts[at].uuid) else at

    def part_of_machine(self, keys: Sequence[str | None]) -> int | None:
        """The vCenter of the machine with these `MACHINE_KEYS`, if one of them is found in one vCenter alone."""
        if self._rosters is None:
            self._rosters = [self._roster(key) for key in MACHINE_KEYS]
        found = (roster.get(key) for roster, key in zip(self._rosters, keys, strict=True) if key)
        return next((at for at in found if at is not None), None)

    def _roster(self, key: str) -> dict[str, int | None]:
        """Value of the field -> the vCenter that has a machine with it, None if several have."""
        roster: dict[str, int | None] = {}
        for number, part in enumerate(self.parts):
            vinfo = Workbook(part, self._directory)
            at = vinfo.position("vInfo", key)
            if at is None:
                continue
            for row in vinfo.rows("vInfo"):
                if row[at] and roster.setdefault(row[at], number) != number:
                    roster[row[at]] = None
        return roster


def _servers(tab: Tab) -> set[str]:
    return {server.lower() for server, _uuid in tab.sources if server}


def _part(vinfo: Tab) -> Part:
    """A vCenter is called what vInfo calls it first; nothing if vInfo names several and all is to be one part."""
    servers = {server.lower(): server for server, _uuid in reversed(vinfo.sources) if server}
    uuids = {uuid.lower(): uuid for _server, uuid in reversed(vinfo.sources) if uuid}
    if len(uuids) > 1 or (not uuids and len(servers) > 1):
        return Part(None, None, (vinfo,))
    first = next((server for server, _uuid in vinfo.sources if server), None)
    return Part(first, next(iter(uuids.values()), None), (vinfo,))
