"""A tab of a workbook: takes rows by header and writes their cells as RVTools does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | bool | datetime | None
Row = dict[str, Cell]


_CELL_LIMIT: Final = 32_767


def joined(names: Iterable[str]) -> str:
    """Names joined as RVTools does, as many as a cell can hold."""
    text = ", ".join(names)
    return text if len(text) <= _CELL_LIMIT else text[:_CELL_LIMIT].rsplit(", ", 1)[0]


class Sheet:
    """One tab. Booleans become the text `True` or `False`, unknown values and empty texts no cell."""

    def __init__(
        self, worksheet: Worksheet, headers: Sequence[str], *, header_format: Format, date_format: Format
    ) -> None:
        self._worksheet = worksheet
        self._columns = {header: column for column, header in enumerate(headers)}
        self._date_format = date_format
        self._row = 0
        for header, column in self._columns.items():
            worksheet.write_string(0, column, header, header_format)
        worksheet.freeze_panes(1, 1)

    def add(self, row: Mapping[str, Cell]) -> None:
        """Append a row. A header the tab does not have is a mistake and raises KeyError."""
        self._row += 1
        worksheet = self._worksheet
        for header, value in row.items():
            column = self._columns[header]
            if value is None or value == "":
                continue
            if isinstance(value, str):
                worksheet.write_string(self._row, column, value)
            elif isinstance(value, bool):
                worksheet.write_string(self._row, column, str(value))
            elif isinstance(value, datetime):
                worksheet.write_datetime(self._row, column, value, self._date_format)
            else:
                worksheet.write_number(self._row, column, value)

    def filter_all(self) -> None:
        """Put the filter over all rows."""
        self._worksheet.autofilter(0, 0, self._row, len(self._columns) - 1)
