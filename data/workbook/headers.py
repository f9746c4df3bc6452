"""Which column of a tab is which field, by its header, never by its position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from data.fields import (
    DB_COLUMN_NAMES,
    MERGED_TABS,
    NAME_LENGTH,
    REPEATED_HEADERS,
    SDK,
    TABS,
    VM_KEY,
    VM_PLACE,
    VM_TABS,
    Field,
    normalised,
)
from data.workbook.cells import to_text

MAX_ATTRIBUTE_LENGTH = NAME_LENGTH - 15
"""Of a custom attribute; longer ones are cut. What stands before or behind it in a column of names fits, too."""
NO_MAPPINGS: Mapping[str, str] = MappingProxyType({})
SOURCE = ("vi_sdk_server", "vi_sdk_uuid")
SOURCE_KEYS = {"vMetaData": ("server", "vi_sdk_uuid")}
"""The fields that say which vCenter a row comes from, where they are other ones than `SOURCE`."""

ALL_TABS = tuple(TABS)
"""Every tab RVTools writes or wrote."""

_TAB_NAMES = {name.lower(): name for name in TABS} | {"vsc+vmk": "vSC_VMK"}
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
    source: tuple[int | None, int | None] = (None, None)
    """Where VI SDK Server and VI SDK UUID stand."""
    mapped: tuple[str, ...] = ()
    """Headers that are read because the operator said what they are."""

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


@cache
def fields_read(tab: str) -> tuple[Field, ...]:
    """The fields that are read from a tab: its own, and what joins and completes machines."""
    if tab not in VM_TABS or tab == "vInfo":
        return TABS[tab]
    place = tuple(field for field in VM_PLACE if field.key in _PLACE_READ or field.key == "power_state")
    own = MERGED_TABS.get(tab, tuple(field for field in TABS[tab] if field not in VM_KEY))
    return (*VM_KEY, *place, *own)


def layout_of(tab: str, row: Sequence[object], mapped: Mapping[str, str] = NO_MAPPINGS) -> Layout:
    """The layout that a header row gives.

    RVTools' own header of a field goes first, then what the operator said of a header, then the other headers under
    which exports carry it. So a mapping made for one file never takes a column away from another.

    Args:
        tab: RVTools' name of the tab.
        row: the cells of the header row.
        mapped: header as `normalised` gives it -> key of the field that the operator says it is.
    """
    headers = tuple(header_text(cell) for cell in row)
    fields = fields_read(tab)
    found = _Columns(tab, _usual_names(tab, headers))
    positions = found.claim(fields, lambda field: field.headers[:1])
    told = {
        key: at
        for header, key in mapped.items()
        if key not in positions
        and any(field.key == key for field in fields)
        and (at := found.take(header)) is not None
    }
    positions |= told
    positions |= found.claim([f for f in fields if f.key not in positions], lambda field: field.headers[1:])
    repeated = [field for field in _fields_met(tab) if field not in fields]
    others = found.claim(repeated, lambda field: field.headers)
    for header in REPEATED_HEADERS.get(tab, ()):
        found.take(normalised(header))
    free = [at for at in found.free if headers[at]]
    server, uuid = SOURCE_KEYS.get(tab, SOURCE)
    places = others | positions
    return Layout(
        tab,
        headers,
        tuple((field, positions[field.key]) for field in fields if field.key in positions),
        tuple(zip(unique_names([headers[at] for at in free]), free, strict=True)),
        (places.get(server), places.get(uuid)),
        tuple(headers[at] for at in told.values()),
    )


def header_text(cell: object) -> str:
    """A header cell as it is shown: one line, and a number or a date as text."""
    return " ".join((to_text(cell) or "").split())


def unique_names(headers: Sequence[str]) -> list[str]:
    """The headers as names of attributes: none too long, none twice."""
    copies: Counter[str] = Counter()
    names: dict[str, None] = {}
    for header in headers:
        first = name = header[:MAX_ATTRIBUTE_LENGTH]
        while name in names:
            copies[first] += 1
            name = f"{first} ({copies[first] + 1})"
        names[name] = None
    return list(names)


def _fields_met(tab: str) -> tuple[Field, ...]:
    """The fields that are read from a tab, then those that it only repeats."""
    return (*fields_read(tab), *(VM_PLACE if tab in VM_TABS else ()), *SDK)


@cache
def known_headers(tab: str) -> frozenset[str]:
    """Every header of a tab, as `normalised` gives it, also those that only repeat another tab."""
    own = [header for field in _fields_met(tab) for header in field.headers]
    return frozenset(map(normalised, (*own, *REPEATED_HEADERS.get(tab, ()))))


@cache
def _database_words(tab: str) -> dict[str, str]:
    """Letters of a header of a database export, less the tab in front -> the usual header."""
    usual = [header for field in reversed(_fields_met(tab)) for header in reversed(field.headers)]
    usual += REPEATED_HEADERS.get(tab, ())
    words: dict[str, str] = {}
    for header in usual:
        letters = _letters(header)
        words |= {letters.removesuffix("mib"): header, letters.removesuffix("s"): header}
        if header.startswith("# "):
            words |= {f"num{letters}": header, f"num{letters.removesuffix('s')}": header}
    if tab in VM_TABS:
        words |= {"uuid": "VM UUID", "ostools": "OS according to the VMware Tools"}
    usual.sort(key=lambda header: not header.startswith("# "))  # "Hosts" is a list and "# Hosts" their number
    return words | {_letters(header): header for header in usual} | DB_COLUMN_NAMES.get(tab, {})


def _usual_names(tab: str, headers: Sequence[str]) -> list[str]:
    """The headers as they are compared; those of a database export (`vInfoPrimaryIPAddress`) as usual ones."""
    words, start = _database_words(tab), _letters(tab)
    names = []
    for header in headers:
        letters = _letters(header) if header[:1].lower() == start[0] else ""
        usual = words.get(letters.removeprefix(start)) if letters.startswith(start) else None
        names.append(normalised(usual or header))
    return names


def _letters(header: str) -> str:
    return "".join(filter(str.isalnum, header)).lower()


class _Columns:
    """The columns of a sheet that nothing has claimed yet."""

    def __init__(self, tab: str, headers: list[str]) -> None:
        self._places: dict[str, list[int]] = {}
        for at, header in enumerate(headers):
            self._places.setdefault(header, []).append(at)
        self._tail = self._tail_start(headers) if tab in VM_TABS else 0

    @staticmethod
    def _tail_start(headers: list[str]) -> int:
        """Custom attributes stand before the last "Datacenter, Cluster": a tag of that name is not the column."""
        pairs = enumerate(pairwise(headers))
        return max((at for at, pair in pairs if pair == ("datacenter", "cluster")), default=0)

    @property
    def free(self) -> list[int]:
        """The columns, from the left."""
        return sorted(at for places in self._places.values() for at in places)

    def take(self, header: str) -> int | None:
        """Claim the first free column with the header, from the tail on if RVTools has it there."""
        places = self._places.get(header)
        if not header or not places:
            return None
        at = next((place for place in places if place >= self._tail and header in _TAIL), places[0])
        places.remove(at)
        return at

    def claim(self, fields: Sequence[Field], headers: Callable[[Field], tuple[str, ...]]) -> dict[str, int]:
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
