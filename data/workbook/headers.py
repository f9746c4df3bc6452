"""Which column of a tab is which field, by its header, never by its position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data.fields import (
    DB_COLUMN_NAMES,
    MERGED_TABS,
    REPEATED_HEADERS,
    SDK,
    TABS,
    VM_KEY,
    VM_PLACE,
    VM_TABS,
    Field,
    normalised,
)

ALL_TABS = (
    "vInfo", "vCPU", "vMemory", "vDisk", "vPartition", "vNetwork", "vFloppy", "vCD", "vUSB", "vSnapshot", "vTools",
    "vSource", "vRP", "vCluster", "vHost", "vHBA", "vNIC", "vSwitch", "vPort", "dvSwitch", "dvPort", "vSC_VMK",
    "vDatastore", "vMultiPath", "vLicense", "vFileInfo", "vHealth", "vMetaData",
)  # fmt: skip
"""Every tab RVTools writes or wrote."""

_TAB_NAMES = {name.lower(): name for name in ALL_TABS} | {"vsc+vmk": "vSC_VMK"}
_PLACE_READ = {"datacenter", "cluster", "host", "folder"}
_KEYS = {
    "vHost": ("name",),
    "vCluster": ("name",),
    "vDatastore": ("name",),
    "vFileInfo": ("name", "path"),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of one tab are read. Positions count from 0."""

    tab: str
    headers: tuple[str, ...]
    """As they stand in the sheet, trimmed; blank where a column has none."""
    fields: tuple[tuple[Field, int], ...]
    attributes: tuple[tuple[str, int], ...]
    """Custom attributes and tags: name and position."""

    @property
    def recognised(self) -> int:
        """Columns that have a header RVTools writes, also those that only repeat another tab."""
        return sum(1 for header in self.headers if header) - len(self.attributes)

    def positions(self, keys: Sequence[str]) -> tuple[int, ...]:
        """Where the fields with these keys stand, those that the sheet has."""
        return tuple(at for field, at in self.fields if field.key in keys)

    @property
    def keys(self) -> tuple[int, ...]:
        """Columns of which one must be filled: without, a row says nothing about anything."""
        if self.tab in VM_TABS:
            return self.positions(("name", "vm_id", "vm_uuid"))
        return self.positions(_KEYS.get(self.tab, ())) or tuple(at for _field, at in self.fields)

    @property
    def names(self) -> tuple[int, ...]:
        """The columns of a name, which a note or a total under the table fills, too."""
        return self.positions(("name",))


def tab_name(sheet: str) -> str | None:
    """RVTools' name of the tab that a sheet holds, or None.

    Example:
        >>> tab_name("tabvInfo"), tab_name(" VINFO "), tab_name("Sheet1")
        ('vInfo', 'vInfo', None)
    """
    name = sheet.strip().lower()
    return _TAB_NAMES.get(name) or _TAB_NAMES.get(name.removeprefix("rvtools_").removeprefix("tab"))


def fields_read(tab: str) -> tuple[Field, ...]:
    """The fields that are read from a tab: its own, and what joins and completes machines."""
    if tab not in VM_TABS or tab == "vInfo":
        return TABS[tab]
    place = tuple(field for field in VM_PLACE if field.key in _PLACE_READ or field.key == "power_state")
    own = MERGED_TABS.get(tab, tuple(field for field in TABS[tab] if field not in VM_KEY))
    return (*VM_KEY, *place, *own)


def layout_of(tab: str, row: Sequence[object]) -> Layout:
    """The layout that a header row gives."""
    headers = tuple(" ".join(str(cell).split()) for cell in row)
    fields = fields_read(tab)
    found = _Columns(tab, _usual_names(tab, fields, headers))
    positions = found.claim(fields, lambda field: field.headers[:1])
    positions |= found.claim([f for f in fields if f.key not in positions], lambda field: field.headers[1:])
    repeated = {*VM_PLACE, *SDK} if tab in VM_TABS else set(SDK)
    found.claim(repeated.difference(fields), lambda field: field.headers)
    for header in REPEATED_HEADERS.get(tab, ()):
        found.take(normalised(header))
    names: dict[str, int] = {}
    for at in found.free:
        if name := headers[at]:
            copies = sum(1 for taken in names if taken == name or taken.startswith(f"{name} ("))
            names[f"{name} ({copies + 1})" if copies else name] = at
    ordered = tuple((field, positions[field.key]) for field in fields if field.key in positions)
    return Layout(tab, headers, ordered, tuple(names.items()))


def _usual_names(tab: str, fields: Sequence[Field], headers: Sequence[str]) -> list[str]:
    """The headers as they are compared; those of a database export (`vInfoPrimaryIPAddress`) as usual ones."""
    usual = [header for field in reversed(fields) for header in reversed(field.headers)]
    usual += REPEATED_HEADERS.get(tab, ())
    words = {_letters(header): header for header in usual} | DB_COLUMN_NAMES.get(tab, {})
    short = tab.lower()
    return [
        normalised(
            words.get(_letters(header)[len(short) :], header) if header.lower().startswith(short) else header
        )
        for header in headers
    ]


def _letters(header: str) -> str:
    return "".join(filter(str.isalnum, header)).lower()


class _Columns:
    """The columns of a sheet that nothing has claimed yet."""

    def __init__(self, tab: str, headers: list[str]) -> None:
        self._headers = headers
        self.free = list(range(len(headers)))
        self._tail = self._tail_start() if tab in VM_TABS else 0

    def _tail_start(self) -> int:
        """Custom attributes stand before the last "Datacenter, Cluster": a tag of that name is not the column."""
        pairs = zip(self._headers, self._headers[1:], strict=False)
        return max((at for at, pair in enumerate(pairs) if pair == ("datacenter", "cluster")), default=0)

    def take(self, header: str) -> int | None:
        """Claim the first free column with the header, from the tail on if RVTools has it there."""
        places = [at for at in self.free if self._headers[at] == header]
        if not places:
            return None
        at = next((place for place in places if place >= self._tail and header in _TAIL), places[0])
        self.free.remove(at)
        return at

    def claim(
        self, fields: Sequence[Field] | set[Field], headers: Callable[[Field], tuple[str, ...]]
    ) -> dict[str, int]:
        """Field key -> position, for the fields of which the sheet has one of the headers."""
        places: dict[str, int] = {}
        for field in fields:
            for header in headers(field):
                if (at := self.take(normalised(header))) is not None:
                    places[field.key] = at
                    break
        return places


_TAIL = {
    normalised(header)
    for field in (*VM_KEY[1:], *VM_PLACE, *SDK)
    if field.key not in {"power_state", "template", "srm_placeholder", "annotation"}
    for header in field.headers[:1]
}
