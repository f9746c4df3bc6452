"""Numbers with units as they are typed and shown: a size is in MiB in the database, “8 GiB” on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from data.units import KIB_PER_MIB, MIB_PER_GIB, MIB_PER_PIB, MIB_PER_TIB
from data.vocabulary import Kind

MAX_DIGITS = 20
"""Characters of a number."""


class UnreadableError(ValueError):
    """What was typed cannot be understood."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it was typed, digits after the point included."""

    number: Decimal
    unit: str
    """One of `UNITS`; empty where a column has none."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers that are shown as a certain text."""

    low: float
    high: float
    has_low: bool = True
    has_high: bool = True
    """Whether the bound belongs to them."""


_SIZES = {"KiB": 1 / KIB_PER_MIB, "MiB": 1, "GiB": MIB_PER_GIB, "TiB": MIB_PER_TIB, "PiB": MIB_PER_PIB}
UNITS: dict[Kind, dict[str, float]] = {
    Kind.MIB: _SIZES,
    Kind.KIB: {unit: KIB_PER_MIB * mib for unit, mib in _SIZES.items()},
    Kind.MHZ: {"MHz": 1, "GHz": 1000},
    Kind.PCT: {"%": 1},
    Kind.DAYS: {"days": 1, "weeks": 7},
}
"""Kind -> the units that can be typed -> how much of the column's unit each is. A kind without units has none."""
DEFAULT_UNITS = {Kind.MIB: "GiB", Kind.KIB: "GiB", Kind.MHZ: "MHz", Kind.PCT: "%", Kind.DAYS: "days"}
"""What a number without a unit means."""
_SPELLINGS = {"%": "%", "mhz": "MHz", "ghz": "GHz"}
_SPELLINGS |= dict.fromkeys(("d", "day", "days"), "days") | dict.fromkeys(("w", "week", "weeks"), "weeks")
_SPELLINGS |= {f"{unit[0].lower()}{end}": unit for unit in _SIZES for end in ("", "b", "ib")}


def value_of(amount: Amount, kind: Kind) -> float:
    """An amount in the unit of its column.

    Example:
        >>> value_of(Amount(Decimal("1.5"), "GiB"), Kind.MIB)
        1536.0
    """
    return float(amount.number) * UNITS.get(kind, {}).get(amount.unit, 1)


def bounds_of(amount: Amount, kind: Kind) -> Bounds:
    """The values of a column that are shown as this amount, in its unit: with one decimal, or as many as were typed.

    Whole numbers, and 0 % and 100 %, are themselves alone; ages are shown as the days that are full.

    Example:
        >>> bounds_of(Amount(Decimal("8"), "GiB"), Kind.MIB)
        Bounds(low=8140.8, high=8243.2, has_low=True, has_high=True)
        >>> bounds_of(Amount(Decimal("7"), "days"), Kind.DAYS)
        Bounds(low=7.0, high=8.0, has_low=True, has_high=False)
    """
    value = value_of(amount, kind)
    if kind is Kind.INTEGER or (kind is Kind.PCT and value in (0, 100)):
        return Bounds(value, value)
    if kind is Kind.DAYS and value.is_integer():
        return Bounds(value, value + 1, has_high=False)
    decimals = max(1, -int(amount.number.as_tuple().exponent))
    half = Decimal(5).scaleb(-decimals - 1)
    low, high = (value_of(Amount(amount.number + add, amount.unit), kind) for add in (-half, half))
    is_even = amount.number.scaleb(decimals) % 2 == 0  # what lies halfway is shown as the even neighbour
    return Bounds(low, high, has_low=is_even, has_high=is_even)


def shown_as(value: float, kind: Kind) -> str:
    """A number of a column as the pages show it, in a form that can be typed: one decimal, sizes below 1,024.

    Example:
        >>> shown_as(8192, Kind.MIB), shown_as(0.5, Kind.MIB), shown_as(90.7, Kind.DAYS), shown_as(4, Kind.INTEGER)
        ('8 GiB', '512 KiB', '90 days', '4')
    """
    unit = DEFAULT_UNITS.get(kind, "")
    if kind in {Kind.MIB, Kind.KIB}:
        fitting = (name for name, factor in UNITS[kind].items() if abs(round(value / factor, 1)) < 1024)
        unit = next(fitting, "PiB") if value else "MiB"
    number = round(value / UNITS.get(kind, {}).get(unit, 1), 1)
    if kind is Kind.DAYS:
        number = int(value)
    elif kind is Kind.PCT and number in (0, 100):
        number = value
    return f"{number:.6f}".rstrip("0").rstrip(".") + (f" {unit}" if unit else "")


_AMOUNT = re.compile(r"([-+\N{MINUS SIGN}]?)\s*([0-9][0-9.,'’\s]*?)\s*([a-z%]*)", re.IGNORECASE)
_GROUP_BLANKS = re.compile(r"(?<=[0-9])['’\s](?=[0-9]{3}(?![0-9]))")
_NUMBERS = (
    (re.compile(r"[0-9]+(\.[0-9]+)?"), "", "."),
    (re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?"), ",", "."),
    (re.compile(r"[0-9]+,[0-9]+"), "", ","),
    (re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?"), ".", ","),
)
"""How a number can be written, the mark between its groups and the mark before its decimals; the first that fits."""


def read_amount(kind: Kind, text: str) -> Amount:
    """A number as it was typed, its unit empty if none was.

    Raises:
        UnreadableError: it is no number, or has a unit that the column has not.

    Example:
        >>> read_amount(Kind.MIB, "1,024.5 gb"), read_amount(Kind.DAYS, "2 weeks")
        (Amount(number=Decimal('1024.5'), unit='GiB'), Amount(number=Decimal('2'), unit='weeks'))
    """
    match = _AMOUNT.fullmatch(text)
    if not match:
        raise UnreadableError
    sign, digits, unit = match.groups()
    unit = _SPELLINGS.get(unit.casefold(), unit)
    number = _number(digits)
    is_whole = number == number.to_integral_value()
    if (unit and unit not in UNITS.get(kind, ())) or (kind is Kind.INTEGER and not is_whole):
        raise UnreadableError
    return Amount(-number if sign in {"-", "\N{MINUS SIGN}"} else number, unit)


def _number(text: str) -> Decimal:
    digits = _GROUP_BLANKS.sub("", text)
    for form, group, point in _NUMBERS:
        if len(digits) <= MAX_DIGITS and form.fullmatch(digits):
            return Decimal((digits.replace(group, "") if group else digits).replace(point, "."))
    raise UnreadableError
