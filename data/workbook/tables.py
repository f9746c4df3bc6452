"""Turns the rows of one sheet into values, and counts what is met on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from data.fields import NAME_LENGTH, SDK, VM_KEY, VM_TABS, Field, normalised
from data.vocabulary import Kind
from data.workbook.cells import EXPECTED, ColumnReader, Notation, to_text
from data.workbook.dealing import MACHINE_KEYS, Cells, Sources
from data.workbook.headers import Layout, unique_names
from data.workbook.redaction import (
    REDACTED,
    mask_keys,
    mask_licence,
    names_secret,
    redact,
    redact_cells,
)
from data.workbook.rows import Row
from data.workbook.spool import ROW_NUMBER, RejectionWriter, Tab

MAX_EXAMPLE = 60
MAX_ATTRIBUTES = 1000
"""Columns of a tab that RVTools does not write."""
MAX_OTHER_ROWS = 20_000
"""Of a sheet that is no tab of RVTools."""
_KEPT, _KEPT_LENGTH = 1000, 200
"""How many distinct texts, up to which length, an attribute remembers the clean text of."""
_NOTES = frozenset(
    {
        "annotation", "snapshot_name", "description", "message", "labels", "features", "contact", "admin_name",
        "customization_info", "guest_detailed_data", "oem_string", "address", "url",
    }
)  # fmt: skip
"""Fields that people write into, so that they may hold credentials."""
_LICENCES = {("vLicense", "key"), ("vHost", "assigned_licences")}

Rows = tuple[Row, ...]


class TabReader:
    """A tab of RVTools."""

    def __init__(self, layout: Layout, rejections: RejectionWriter) -> None:
        self.name = layout.tab
        self.headers: Sequence[str] = _shown(layout)
        self.sources = Sources(layout.source)
        self.machine = _machine_places(layout)
        self.says_whose = True
        self._layout = layout
        self._rejections = rejections
        self._notation = Notation()
        self._columns = [(field, at, self._reader(field, at)) for field, at in layout.fields]
        kept = layout.attributes[:MAX_ATTRIBUTES]
        self._attributes = [Attribute(redact(name), at) for name, at in kept]

    def _reader(self, field: Field, at: int) -> ColumnReader:
        header = self._layout.headers[at]
        add = partial(self._rejections.add_cell, self._layout.tab)
        expected = EXPECTED.get(field.kind, "a number")
        return ColumnReader(
            field.kind,
            _cleaner(self._layout.tab, field),
            self._notation,
            lambda number, cell: add(number, header, cell, f"is not {expected}: left empty"),
            lambda number, cell: add(number, header, cell, f"is longer than {NAME_LENGTH} characters: cut"),
        )

    def leave(self, number: int, row: Row, reason: str) -> None:
        """Note a row that is left out."""
        self._rejections.add_row(self.name, number, self.headers, row, reason)

    def read(self, numbers: Sequence[int], rows: Rows, cells: Cells) -> Cells:
        """Values of each field, then the attributes or None, row by row."""
        for _field, at, column in self._columns:
            column.learn(cells[at])
        columns = [column.read(cells[at], numbers) for _field, at, column in self._columns]
        found: list[dict[str, str] | None] = [None] * len(rows)
        for attribute in self._attributes:
            attribute.read(cells[attribute.at], numbers, found)
        return [*columns, found]

    def remarks_on_skipped(self, count: int) -> list[str]:
        """What to say of rows that are no data."""
        if not count:
            return []
        rows = "1 row names" if count == 1 else f"{count:,} rows name"
        return [f"{self.name}: {rows} nothing to store (headers, notes or totals) and left out."]

    def tab(self, skipped: int, remarks: Sequence[str]) -> Tab:
        """What was found, once all rows are read; of the rows only how many were left out."""
        layout = self._layout
        return Tab(
            name=layout.tab,
            is_stored=True,
            rows=0,
            skipped=skipped,
            keys=tuple(field.key for field, _at in layout.fields),
            headers=sum(1 for header in layout.headers if header),
            headers_read=layout.recognised,
            attributes=tuple(attribute.name for attribute in self._attributes),
            remarks=(*self._remarks(), *remarks),
            mapped=layout.mapped,
        )

    def _remarks(self) -> Iterator[str]:
        for field, at, column in self._columns:
            place = f"{self.name}, column “{redact(self._layout.headers[at])}”"
            if column.first_refused:
                number, text = column.first_refused
                yield (
                    f"{place}: {_cells(column.refused)} not {EXPECTED.get(column.kind, 'a number')} and left empty; "
                    f"the first, in row {number:,}, is “{_shortened(text)}”."
                )
            if column.cut:
                yield f"{place}: {_cells(column.cut)} longer than {NAME_LENGTH} characters and cut."
            if column.cleaned and (self.name, field.key) not in _LICENCES:
                yield _redacted(place, column.cleaned, column.first_cleaned)
        yield from (
            _redacted(f"{self.name}, column “{attribute.name}”", attribute.cleaned, attribute.first_cleaned)
            for attribute in self._attributes
            if attribute.cleaned
        )
        more = len(self._layout.attributes) - MAX_ATTRIBUTES
        if more > 0:
            yield (
                f"{self.name} has {more + MAX_ATTRIBUTES:,} columns that RVTools does not write; "
                f"the first {MAX_ATTRIBUTES:,} are kept."
            )


class OtherReader:
    """A sheet that is no tab of RVTools: every cell is text under its header."""

    def __init__(self, name: str, headers: Sequence[str], rejections: RejectionWriter) -> None:
        self.name = name
        self.headers = unique_names(
            [redact(header) or f"Column {number}" for number, header in enumerate(headers, 1)]
        )
        places: dict[str, int] = {}
        for at, header in enumerate(headers):
            places.setdefault(normalised(header), at)
        machine = {field.key: _place(places, field) for field in VM_KEY}
        self.machine = tuple(machine[key] for key in MACHINE_KEYS)
        self.sources = Sources((_place(places, SDK[0]), _place(places, SDK[1])))
        self._named = {name for name, header in zip(self.headers, headers, strict=True) if header}
        self._rejections = rejections
        self._seen: set[str] = set()
        self._cleaned = 0
        self._first_cleaned = 0

    @property
    def says_whose(self) -> bool:
        """It has a column that names vCenters or machines."""
        return any(at is not None for at in (*self.machine, *self.sources.places))

    def leave(self, number: int, row: Row, reason: str) -> None:
        """Note a row that is left out."""
        self._rejections.add_row(self.name, number, self.headers, row[: len(self.headers)], reason)

    def read(self, numbers: Sequence[int], rows: Rows, _cells: Cells) -> Cells:
        """The row numbers, then the cells as attributes."""
        return [list(numbers), [self._attributes(*row) for row in zip(numbers, rows, strict=True)]]

    def _attributes(self, number: int, row: Row) -> dict[str, str] | None:
        texts = [to_text(cell) for cell in row[: len(self.headers)]]
        clean = redact_cells(self.headers, texts)
        changed = sum(1 for text, other in zip(texts, clean, strict=True) if text != other)
        if changed:
            self._cleaned += changed
            self._first_cleaned = self._first_cleaned or number
        found = {name: text for name, text in zip(self.headers, clean, strict=True) if text is not None}
        self._seen.update(found)
        return found or None

    def remarks_on_skipped(self, count: int) -> list[str]:
        """What to say of rows beyond those that are kept."""
        if not count:
            return []
        return [f"“{self.name}” has {MAX_OTHER_ROWS + count:,} rows; the first {MAX_OTHER_ROWS:,} are kept."]

    def tab(self, skipped: int, remarks: Sequence[str]) -> Tab:
        """What was found, once all rows are read."""
        names = tuple(name for name in self.headers if name in self._named or name in self._seen)
        redacted = [_redacted(f"“{self.name}”", self._cleaned, self._first_cleaned)] if self._cleaned else []
        return Tab(
            name=self.name,
            is_stored=True,
            rows=0,
            skipped=skipped,
            keys=(ROW_NUMBER,),
            headers=len(self._named),
            attributes=names,
            remarks=(*remarks, *redacted),
        )


class Attribute:
    """One column that RVTools does not write."""

    def __init__(self, name: str, at: int) -> None:
        self.name = name
        self.at = at
        self.cleaned = 0
        self.first_cleaned = 0
        self._is_secret = names_secret(name)
        self._clean_texts: dict[str, str] = {}

    def read(self, cells: Sequence[Any], numbers: Sequence[int], found: list[dict[str, str] | None]) -> None:
        """Add what the cells hold to the attributes of their rows."""
        name, known = self.name, self._clean_texts
        for row, cell in enumerate(cells):
            if cell == "" or (text := to_text(cell)) is None:
                continue
            clean = known.get(text)
            if clean is None:
                clean = REDACTED if self._is_secret else redact(text)
                if len(known) < _KEPT and len(text) <= _KEPT_LENGTH:
                    known[text] = clean
            if clean != text:
                self.cleaned += 1
                self.first_cleaned = self.first_cleaned or numbers[row]
            attributes = found[row]
            if attributes is None:
                attributes = found[row] = {}
            attributes[name] = clean


def _cleaner(tab: str, field: Field) -> Callable[[str], str] | None:
    if (tab, field.key) in _LICENCES:
        return mask_licence
    if field.kind is not Kind.TEXT:
        return None
    return redact if field.key in _NOTES else mask_keys


def _shown(layout: Layout) -> list[str]:
    """The headers as rejections are cleaned by: columns of licence keys count as secret ones."""
    keys = {at for field, at in layout.fields if (layout.tab, field.key) in _LICENCES}
    return ["secret" if at in keys else header for at, header in enumerate(layout.headers)]


def _machine_places(layout: Layout) -> tuple[int | None, ...]:
    if layout.tab not in VM_TABS:
        return (None,) * len(MACHINE_KEYS)
    places = {field.key: at for field, at in layout.fields}
    return tuple(places.get(key) for key in MACHINE_KEYS)


def _place(places: dict[str, int], field: Field) -> int | None:
    return next((places[name] for name in map(normalised, field.headers) if name in places), None)


def _redacted(place: str, count: int, first: int) -> str:
    if count == 1:
        return f"{place}: 1 cell looks like a credential or a licence key and was redacted, in row {first:,}."
    return (
        f"{place}: {count:,} cells look like credentials or licence keys and were redacted; "
        f"the first is in row {first:,}."
    )


def _cells(count: int) -> str:
    return "1 cell is" if count == 1 else f"{count:,} cells are"


def _shortened(text: str) -> str:
    text = redact(to_text(text) or "")
    return text if len(text) <= MAX_EXAMPLE else f"{text[:MAX_EXAMPLE]}…"
