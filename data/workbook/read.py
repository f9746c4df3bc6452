"""Reads an export sheet by sheet into a spool. Runs in a process of its own: see `data.workbook.process`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, compress, islice
from pathlib import Path

from data.errors import FileRefusedError
from data.fields import TABS, normalised
from data.workbook.book import open_book
from data.workbook.cells import to_text
from data.workbook.dealing import NAMES_NONE, NAMES_OTHER, UNNAMED, Dealer, GroupKey, Share, Source, dealt
from data.workbook.headers import header_text
from data.workbook.process import Request
from data.workbook.recognising import MACHINES, MAX_COLUMNS, Found, Recognised, by_tab, header_row
from data.workbook.redaction import REDACTED, names_secret
from data.workbook.rows import (
    BATCH_ROWS,
    HEADER_ROWS_SEARCHED,
    Batch,
    Row,
    TableRows,
    batches_of,
    filled,
    find_layout,
)
from data.workbook.sheets import Book, Sheet
from data.workbook.spool import MAX_REJECTIONS, Content, RejectionWriter, Tab
from data.workbook.tables import MAX_OTHER_ROWS, OtherReader, TabReader

MAX_SHEET_NAME = 31
"""Of such a sheet; Excel allows no more."""
_TAB_NAMES = {tab.lower() for tab in TABS}
TOO_MANY_ROWS = f"is beyond the first {MAX_OTHER_ROWS:,} rows of a sheet that is no tab of RVTools"

Report = Callable[[str, int, float], None]
"""Called with a tab, the rows read of it so far, and the share of the file that is read (0 to 1)."""
Reader = TabReader | OtherReader


def read_workbook(path: Path, directory: Path, request: Request, report: Report) -> Content:
    """Read every sheet, spool its rows by vCenter, and say what was found.

    Raises:
        FileRefusedError: the file cannot be read, or nothing in it can be machines.
    """
    with open_book(path) as book:
        return _Export(book, directory, request, report).content()


class _Export:
    """One file while it is read."""

    def __init__(self, book: Book, directory: Path, request: Request, report: Report) -> None:
        self._book = book
        self._directory = directory
        self._request = request
        self._report = report
        self._mappings = by_tab(request.mappings)
        self._dealer = Dealer(directory, split=request.split)
        self._rejections = RejectionWriter(directory)
        self._tabs: list[list[Tab]] = []
        """Of each part."""
        self._names: set[str] = set()
        """Of the other sheets, in lower case."""
        self._begun = 0
        """Sheets whose reading has begun."""

    def content(self) -> Content:
        """Read all sheets."""
        found = Recognised(self._book.sheets, self._mappings)
        if not self._read_machines(found):
            return self._ask(found)
        for tab, sheet in found.tabs.items():
            if tab != MACHINES:
                self._read_tab(tab, sheet)
        for sheet in found.others:
            self._read_other(sheet, sheet.remark)
        self._rejections.close()
        tabs = zip(self._dealer.parts, self._tabs, strict=True)
        parts = tuple(replace(part, tabs=tuple(own)) for part, own in tabs)
        used = {
            (tab.name, normalised(header)) for part in parts for tab in part.tabs for header in tab.mapped
        }
        return Content(
            format=self._book.format,
            parts=parts,
            document_created=self._book.created,
            rejected=self._rejections.count,
            mappings=tuple(told for told in self._request.mappings if (told.tab, told.header) in used),
        )

    def _ask(self, found: Recognised) -> Content:
        """No column is known as the machine's name: the operator may know one."""
        unknown = found.unknown_sheets()
        if not unknown:
            names = ", ".join(sheet.name for sheet in self._book.sheets[:10]) or "no sheet"
            raise FileRefusedError(
                "The file is not an RVTools export: it has no tab vInfo, and no other sheet with a header row from "
                f"which machines could be read (found: {names})."
            )
        return Content(self._book.format, (), self._book.created, unknown_sheets=unknown)

    def _read_machines(self, found: Recognised) -> bool:
        if MACHINES in found.tabs and not self._read_vinfo(found.tabs[MACHINES]):
            found.disown_machines()
            return MACHINES in found.tabs and self._read_vinfo(found.tabs[MACHINES])
        return MACHINES in found.tabs

    def _read_vinfo(self, found: Found) -> bool:
        """Read the machines and so the vCenters; False if no column names machines."""
        layout = find_layout(MACHINES, self._rows(MACHINES, found), self._mappings[MACHINES])
        if layout is None or not layout[0].names:
            return False
        header, number, rows = layout
        reader = TabReader(header, self._rejections)
        shares: dict[GroupKey, Share] = {}
        unnamed: list[tuple[int, Row]] = []
        table = TableRows(header, rows, number + 1, reader.leave)
        for numbers, batch in table.batches():
            cells = list(zip(*batch, strict=True))
            sources = reader.sources.of(cells, len(batch))
            keys = [self._dealer.group(source) for source in sources]
            for key, columns, chosen in dealt(reader.read(numbers, batch, cells), keys):
                share = shares.setdefault(key, self._share(len(shares)))
                share.add(columns, chosen, _distinct(sources, keys, key))
            if UNNAMED in keys and header.source != (None, None):
                new = compress(zip(numbers, batch, strict=True), (key == UNNAMED for key in keys))
                unnamed += islice(new, MAX_REJECTIONS - len(unnamed))
        for share in shares.values():
            share.close()
        remarks = [*reader.remarks_on_skipped(table.skipped), *self._damaged(reader, found.sheet)]
        tab = reader.tab(table.skipped, remarks)
        tabs = {key: share.of(tab) for key, share in shares.items()}
        self._dealer.settle(tabs or {UNNAMED: tab})
        if len(self._dealer.parts) > 1 and UNNAMED in tabs:
            tab = self._reject_machines(reader, tab, tabs[UNNAMED].rows, unnamed)
        for at, part in enumerate(self._dealer.parts):
            said = replace(part.tabs[0], skipped=tab.skipped, remarks=tab.remarks)
            self._tabs.append([_first_alone(at, said)])
        return True

    def _reject_machines(
        self, reader: TabReader, tab: Tab, count: int, rows: Sequence[tuple[int, Row]]
    ) -> Tab:
        """Leave out the machines that name no vCenter in a file of several; the first of them are at hand."""
        for number, row in rows:
            reader.leave(number, row, NAMES_NONE)
        self._rejections.count += count - len(rows)
        remark = _left(MACHINES, count, NAMES_NONE)
        return replace(tab, skipped=tab.skipped + count, remarks=(*tab.remarks, remark))

    def _read_tab(self, tab: str, found: Found) -> None:
        layout = find_layout(tab, self._rows(tab, found), self._mappings[tab])
        if layout is None:
            kept = len(self._tabs[0])
            self._read_other(
                found, f"{tab} has no header row that RVTools writes; its rows are kept as they are."
            )
            if len(self._tabs[0]) == kept:
                remark = f"{tab} is empty: it does not even have a header row."
                self._tabs[0].append(Tab(tab, is_stored=False, rows=0, remarks=(remark,)))
            return
        header, number, rows = layout
        reader = TabReader(header, self._rejections)
        table = TableRows(header, rows, number + 1, reader.leave)
        self._add(reader, table.batches(), lambda: table.skipped, found.sheet)

    def _read_other(self, found: Found, remark: str) -> None:
        rows = self._rows(found.sheet.name, found)
        head = list(islice(rows, HEADER_ROWS_SEARCHED))
        number, headers = header_row(head)
        if not number:
            return
        name = self._name(found.sheet.name)
        reader = OtherReader(name, headers[:MAX_COLUMNS], self._rejections)
        data = enumerate(chain(head, rows), 1)
        kept = ((at, row) for at, row in data if at != number and any(map(filled, row)))
        remarks = [remark or f"“{name}” is no tab of RVTools; its rows are kept as they are."]
        if len(headers) > MAX_COLUMNS:
            remarks.append(f"“{name}” has {len(headers):,} columns; the first {MAX_COLUMNS} are kept.")
        batches = batches_of(islice(kept, MAX_OTHER_ROWS))
        self._add(reader, batches, lambda: _leave_all(reader, kept), found.sheet, remarks)

    def _add(
        self,
        reader: Reader,
        batches: Iterable[Batch],
        skipped: Callable[[], int],
        sheet: Sheet,
        remarks: Sequence[str] = (),
    ) -> None:
        """Deal the rows of a sheet to the vCenters and add it to the tabs of each."""
        shares: dict[int, Share] = {}
        left: Counter[str] = Counter()
        for numbers, batch in batches:
            cells = list(zip(*batch, strict=True))
            sources = reader.sources.of(cells, len(batch))
            parts = self._parts_of(reader, batch, sources)
            for part, columns, chosen in dealt(reader.read(numbers, batch, cells), parts):
                if isinstance(part, str):
                    left[part] += len(chosen)
                    continue
                share = shares.setdefault(part, self._share(part))
                share.add(columns, chosen, _distinct(sources, parts, part))
            if left:
                self._leave(reader, numbers, batch, parts)
        for share in shares.values():
            share.close()
        no_data = skipped()
        said = [*remarks, *reader.remarks_on_skipped(no_data)]
        said += [_left(reader.name, count, reason) for reason, count in left.items()]
        tab = reader.tab(no_data + left.total(), [*said, *self._damaged(reader, sheet)])
        for at, own in enumerate(self._tabs):
            if at in shares or tab.is_known or at == 0:
                own.append(_first_alone(at, shares.get(at, self._share(at)).of(tab)))

    @staticmethod
    def _leave(reader: Reader, numbers: Sequence[int], batch: Sequence[Row], parts: list[int | str]) -> None:
        for number, row, part in zip(numbers, batch, parts, strict=True):
            if isinstance(part, str):
                reader.leave(number, row, part)

    def _parts_of(self, reader: Reader, batch: Sequence[Row], sources: list[Source]) -> list[int | str]:
        """The part of each row, or why it has none."""
        if len(self._tabs) == 1 or not reader.says_whose:
            return [0] * len(batch)
        known = {source: self._dealer.part_of(source) for source in set(sources)}
        parts: list[int | str] = []
        for row, source in zip(batch, sources, strict=True):
            part = known[source]
            if part is None and not any(source):
                part = self._dealer.part_of_machine(
                    [None if at is None else to_text(row[at]) for at in reader.machine]
                )
            parts.append(part if part is not None else NAMES_OTHER if any(source) else NAMES_NONE)
        return parts

    def _rows(self, tab: str, found: Found) -> Iterator[Row]:
        """The rows of a sheet; reports what is read of it."""
        sheets = len(self._book.sheets)
        start = min(self._begun, sheets - 1)
        self._begun += 1
        self._report(tab, 0, start / sheets)
        rows = found.rows()
        height = max(found.sheet.height, 1)
        for number, row in enumerate(rows):
            if number and number % BATCH_ROWS == 0:
                self._report(tab, number, (start + min(number / height, 1)) / sheets)
            yield row

    def _share(self, part: int) -> Share:
        return Share(self._directory / f"{self._begun}-{part}")

    def _name(self, sheet: str) -> str:
        """A name for another sheet, which no tab and no other one has."""
        name = first = (header_text(sheet) or "Sheet")[:MAX_SHEET_NAME]
        number = 1
        while name.lower() in self._names or name.lower() in _TAB_NAMES:
            number += 1
            end = f" ({number})"
            name = first[: MAX_SHEET_NAME - len(end)] + end
        self._names.add(name.lower())
        return name

    def _damaged(self, reader: Reader, sheet: Sheet) -> list[str]:
        """Note the rows that could not be told apart into cells."""
        damaged = sheet.damaged
        hides = any(map(names_secret, reader.headers))
        for row in damaged:
            text = REDACTED if hides else row.text
            self._rejections.add_row(reader.name, row.number, [""], [text], row.reason)
        if not damaged:
            return []
        rows = "1 row is damaged" if len(damaged) == 1 else f"{len(damaged):,} rows are damaged"
        return [f"{reader.name}: {rows}; the first, row {damaged[0].number:,}, {damaged[0].reason}."]


def _distinct(sources: Sequence[Source], keys: Sequence[object], key: object) -> dict[Source, None]:
    return dict.fromkeys(compress(sources, (other == key for other in keys)))


def _first_alone(at: int, tab: Tab) -> Tab:
    """Remarks and rows left out are those of the whole sheet: they stand with the first part."""
    return tab if at == 0 else replace(tab, skipped=0, remarks=())


def _leave_all(reader: OtherReader, rows: Iterator[tuple[int, Row]]) -> int:
    count = 0
    for number, row in rows:
        reader.leave(number, row, TOO_MANY_ROWS)
        count += 1
    return count


def _left(name: str, count: int, reason: str) -> str:
    if count == 1:
        return f"{name}: 1 row {reason}; it is left out."
    return f"{name}: {count:,} rows are left out, each of which {reason}."
