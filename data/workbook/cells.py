"""From the cells of a column to values of its kind. A cell that cannot be read is None and reported, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from data.fields import NAME_LENGTH
from data.vocabulary import Kind

EXPECTED = {Kind.INTEGER: "a whole number", Kind.BOOLEAN: "yes or no", Kind.DATETIME: "a date and time"}
"""What a cell of a kind should hold, in words; of the other kinds "a number"."""
LARGEST_INTEGER = 2**31 - 1
LARGEST_NUMBER = 2.0**53
"""Beyond it a double no longer holds every whole number: no inventory has such a value."""

_LINE_END = re.compile(r"\r\n?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""Half of a pair that makes a character: no database takes it."""
_TRUE = frozenset({"true", "yes", "1", "wahr", "vrai", "verdadero", "vero", "waar"})
_FALSE = frozenset({"false", "no", "0", "falsch", "faux", "falso", "onwaar"})
"""With the words that Excel writes into CSV files in other languages."""
_PLAIN = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(?:([,. '’\u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]+)?")
_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")
_SURELY_DECIMAL_COMMA = re.compile(
    r"[-+]?(?:0,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{4,},[0-9]+"
    r"|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,})\s?%?"
)
_UNGROUPED = re.compile(r"-?[0-9]{0,3}")
_MIN_GROUPED = 3
"""Different sizes with a dot before their last three digits, from which on it is no decimal point, if none speaks
against it."""
_COMMA_OR_DOT = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3}|(?:\.[0-9]{3})+)\s?%?")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?P<sep>[-/])(?P<month>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})"
    r"(?:[T ]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?)?"
    r" ?(?:Z|[-+][0-9]{2}:?[0-9]{2})?"
)
_DATE_AMERICAN = re.compile(
    r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"
    r" +(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?[ \u202f]*(?P<half>[AP]M)",
    re.IGNORECASE,
)
_DATE_DOTTED = re.compile(
    r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})"
    r"(?: +(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
)
_EXCEL_EPOCH = datetime.fromisoformat("1899-12-30")
_EXCEL_DAYS = range(25_571, 73_051)
"""Day numbers of Excel from 1970-01-03 to the end of 2099: a date cell that lost its format."""
_NO_DATE = frozenset({"never", "n/a", "unknown"})
_UNKNOWN_BEFORE = datetime.fromisoformat("1970-01-02")


class UnreadableError(ValueError):
    """A cell does not hold what its column holds."""


def to_text(cell: object) -> str | None:
    r"""The cell as text; None if nothing is left.

    Numbers are as they are read aloud, dates as RVTools writes them, and every line ends alike.

    Example:
        >>> to_text(11.0), to_text(0.5), to_text(" a\x00b "), to_text("  ")
        ('11', '0.5', 'ab', None)
    """
    if isinstance(cell, str):
        return (cell if cell.isprintable() else _storable(cell)).strip() or None
    if isinstance(cell, float) and abs(cell) <= LARGEST_NUMBER and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.strftime("%Y/%m/%d %H:%M:%S")
    if isinstance(cell, time):
        return cell.isoformat()
    return None if cell is None else str(cell)


def _storable(text: str) -> str:
    return _HALF_CHARACTER.sub("\ufffd", _CONTROL.sub("", _LINE_END.sub("\n", text)))


def to_boolean(cell: object) -> bool | None:
    """True, False or unknown.

    Raises:
        UnreadableError: neither yes nor no.
    """
    if isinstance(cell, bool):
        return cell
    word = (to_text(cell) or "").lower()
    if word in _FALSE:
        return False
    if word in _TRUE:
        return True
    if word:
        raise UnreadableError
    return None


def to_number(cell: object) -> float | None:
    """A finite number. Text may have thousands separators: `1,234.5`, `1.234,5`, `1 234`; `8,192` is 8192.

    Raises:
        UnreadableError: not a number, infinite, or too large.
    """
    if isinstance(cell, str):
        text = (to_text(cell) or "").replace("−", "-")
        cell = _parsed_number(text) if text else None
    if cell is None:
        return None
    if (
        isinstance(cell, bool)
        or not isinstance(cell, float | int)
        or not -LARGEST_NUMBER <= cell <= LARGEST_NUMBER
    ):
        raise UnreadableError
    return float(cell)


def to_pct(cell: object) -> float | None:
    """A number that may be text with a percent sign."""
    return to_number(cell.strip().removesuffix("%") if isinstance(cell, str) else cell)


def to_integer(cell: object) -> int | None:
    """A whole number of 32 bits. `8.192` in text is 8192: a whole number has no thousandths.

    Raises:
        UnreadableError: not a number, not whole, or too large.
    """
    if isinstance(cell, str) and _THOUSANDS.fullmatch(cell.strip()):
        cell = cell.replace(".", "")
    number = to_number(cell)
    if number is None:
        return None
    whole = round(number)
    if abs(whole - number) > 1e-9 or not -LARGEST_INTEGER - 1 <= whole <= LARGEST_INTEGER:
        raise UnreadableError
    return whole


def to_datetime(cell: object) -> datetime | None:
    """A wall-clock time to the second; zones are dropped. The epoch, `Never` and zero are unknown.

    Raises:
        UnreadableError: not a date, or in a notation that does not say which number is the month.
    """
    if isinstance(cell, datetime):
        moment: datetime | None = cell
    elif isinstance(cell, date):
        moment = datetime.combine(cell, time())
    elif isinstance(cell, time | timedelta) or cell is None:
        return None
    elif isinstance(cell, str):
        moment = _parsed_datetime(to_text(cell) or "")
    elif isinstance(cell, bool):
        raise UnreadableError
    elif isinstance(cell, float | int):
        moment = _from_excel_days(float(cell))
    else:
        raise UnreadableError
    if moment is None:
        return None
    moment = moment.replace(tzinfo=None)
    if moment.microsecond and moment.year < 9999:
        moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    return moment if moment >= _UNKNOWN_BEFORE else None


def _parsed_number(text: str) -> float:
    if _PLAIN.fullmatch(text):
        return float(text)
    if grouped := _GROUPED.fullmatch(text):
        separator = grouped[1]
        text = text.replace(separator, "")
    elif not _DECIMAL_COMMA.fullmatch(text):
        raise UnreadableError
    text = text.replace(",", ".")
    if text.count(".") > 1:
        raise UnreadableError
    return float(text)


def _parsed_datetime(text: str) -> datetime | None:
    if not text or text.lower() in _NO_DATE:
        return None
    match = _DATE.fullmatch(text) or _DATE_AMERICAN.fullmatch(text) or _DATE_DOTTED.fullmatch(text)
    if not match:
        raise UnreadableError
    part = match.groupdict()
    hour = int(part["hour"] or 0)
    if half := part.get("half"):
        if not 1 <= hour <= 12:
            raise UnreadableError
        hour = hour % 12 + (12 if half.upper() == "PM" else 0)
    day = f"{part['year']}-{part['month']:0>2}-{part['day']:0>2}"
    try:
        return datetime.fromisoformat(f"{day} {hour:02}:{part['minute'] or '00'}:{part['second'] or '00'}")
    except ValueError:
        raise UnreadableError from None


def _from_excel_days(days: float) -> datetime | None:
    if days == 0:
        return None
    if not (_EXCEL_DAYS.start <= days < _EXCEL_DAYS.stop):
        raise UnreadableError
    return _EXCEL_EPOCH + timedelta(days=days)


CONVERTERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.NAME: to_text,
    Kind.TEXT: to_text,
    Kind.INTEGER: to_integer,
    Kind.NUMBER: to_number,
    Kind.MIB: to_number,
    Kind.KIB: to_number,
    Kind.MHZ: to_number,
    Kind.DAYS: to_number,
    Kind.PCT: to_pct,
    Kind.BOOLEAN: to_boolean,
    Kind.DATETIME: to_datetime,
}


Reject = Callable[[int, object], None]
"""Told the row number and the cell that is not taken over as it is."""
_KEPT, _KEPT_LENGTH = 1000, 200
"""How many distinct texts, up to which length, a column remembers the value of."""
_MEASURES = frozenset(Kind) - {Kind.NAME, Kind.TEXT, Kind.BOOLEAN, Kind.DATETIME, Kind.INTEGER}


class Notation:
    """How the numbers of one sheet are written where they are text.

    `8,192` is 8192 and `8.192` is 8.192, unless the sheet is written with decimal commas: some cell has a comma that
    can only be one, or dots that can only be thousands, as in `1.048.576`, or a column of sizes that has no size over
    999 but with a dot before its last three digits. From then on all are.
    """

    def __init__(self) -> None:
        self.has_decimal_comma = False

    def learn(self, cells: Sequence[Any], *, are_sizes: bool) -> None:
        """Look for a cell that tells, in a column of sizes for what all its cells tell."""
        if self.has_decimal_comma:
            return
        texts = {cell.strip() for cell in cells if cell.__class__ is str}
        self.has_decimal_comma = any(map(_SURELY_DECIMAL_COMMA.fullmatch, texts)) or (
            are_sizes and _are_grouped(texts) and not any(cell.__class__ is float for cell in cells)
        )

    def plain(self, cell: object) -> object:
        """A cell that could be read in two ways, in the way of this sheet."""
        if self.has_decimal_comma and isinstance(cell, str) and _COMMA_OR_DOT.fullmatch(cell.strip()):
            return cell.replace(".", "").replace(",", ".")
        return cell


def _are_grouped(texts: set[str]) -> bool:
    """Whether all texts could have dots as thousands separators, and enough have."""
    grouped = sum(1 for text in texts if _THOUSANDS.fullmatch(text))
    return grouped >= _MIN_GROUPED and all(
        _THOUSANDS.fullmatch(text) or _UNGROUPED.fullmatch(text) for text in texts
    )


class ColumnReader:
    """Converts one column, batch by batch, and remembers what it could not take over as it is.

    Whole columns of an export repeat few values, so each distinct text is converted once.

    Args:
        kind: what the column holds.
        clean: takes secrets out of a text; None: there are none in such a column.
        notation: of the numbers in the sheet.
        refuse: told of cells that cannot be read.
        cut: told of names that are cut.
    """

    def __init__(
        self,
        kind: Kind,
        clean: Callable[[str], str] | None = None,
        notation: Notation | None = None,
        refuse: Reject = lambda _number, _cell: None,
        cut: Reject = lambda _number, _cell: None,
    ) -> None:
        self.kind = kind
        self.refused = 0
        self.first_refused: tuple[int, str] | None = None
        """Row number and text of the first cell that could not be read."""
        self.cut = 0
        self.cleaned = 0
        """Cells that had a secret."""
        self.first_cleaned = 0
        """Row number of the first of them."""
        self._refuse = refuse
        self._cut = cut
        self._clean = clean
        self._clean_texts: dict[str, str] = {}
        self._convert = CONVERTERS[kind]
        self._has_decimal_comma = False
        self._notation = (notation or Notation()) if kind in _MEASURES else None
        """None: the column has no numbers that may have decimals."""
        self._known: dict[str, Any] = {"": None}
        self._is_text = kind in {Kind.NAME, Kind.TEXT}

    def learn(self, cells: Sequence[Any]) -> None:
        """Look how the numbers are written, before any column of these rows is read."""
        if self._notation is not None:
            self._notation.learn(cells, are_sizes=self.kind in {Kind.MIB, Kind.KIB})

    def read(self, cells: Sequence[Any], numbers: Sequence[int]) -> list[Any]:
        """The values of the cells; `numbers` are their rows in the sheet."""
        if not self._is_text:
            return self._values(cells, numbers)
        values = self._texts(cells, numbers)
        return values if self._clean is None else self._cleaned(values, numbers, self._clean)

    def _texts(self, cells: Sequence[Any], numbers: Sequence[int]) -> list[str | None]:
        values = [
            (cell.strip() or None) if cell.__class__ is str and cell.isprintable() else to_text(cell)
            for cell in cells
        ]
        if self.kind is Kind.NAME and max(map(len, filter(None, values)), default=0) > NAME_LENGTH:
            for at, value in enumerate(values):
                if value is not None and len(value) > NAME_LENGTH:
                    values[at] = value[:NAME_LENGTH].rstrip()
                    self.cut += 1
                    self._cut(numbers[at], value)
        return values

    def _cleaned(
        self, values: list[str | None], numbers: Sequence[int], clean: Callable[[str], str]
    ) -> list[str | None]:
        known = self._clean_texts
        for at, value in enumerate(values):
            if value is None:
                continue
            text = known.get(value)
            if text is None:
                text = clean(value)
                if len(known) < _KEPT and len(value) <= _KEPT_LENGTH:
                    known[value] = text
            if text != value:
                values[at] = text
                self.cleaned += 1
                self.first_cleaned = self.first_cleaned or numbers[at]
        return values

    def _values(self, cells: Sequence[Any], numbers: Sequence[int]) -> list[Any]:
        convert, notation = self._convert, self._notation
        if notation is not None and notation.has_decimal_comma and not self._has_decimal_comma:
            self._has_decimal_comma = True
            self._known = {"": None}
        known = self._known
        values: list[Any] = []
        for at, cell in enumerate(cells):
            kind = cell.__class__
            if kind is float and notation is not None and -LARGEST_NUMBER <= cell <= LARGEST_NUMBER:
                values.append(cell)
                continue
            is_text = kind is str
            if is_text and cell in known:
                values.append(known[cell])
                continue
            try:
                value = convert(notation.plain(cell) if notation is not None and is_text else cell)
            except UnreadableError:
                value = None
                self.refused += 1
                self.first_refused = self.first_refused or (numbers[at], str(cell))
                self._refuse(numbers[at], cell)
            else:
                if is_text and len(known) < _KEPT and len(cell) <= _KEPT_LENGTH:
                    known[cell] = value
            values.append(value)
        return values
