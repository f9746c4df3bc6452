"""How values read on screen: plain text, English, binary units, thousands separators, "–" for unknown.

All functions are pure and give the text that a person reads; `components.known` adds the word "unknown" for
screen readers where the text is "–".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from data.fields import MACHINE_FIELDS, Field
from data.units import KIB_PER_MIB, MIB_PER_GIB, MIB_PER_PIB, MIB_PER_TIB
from data.vocabulary import Kind, PowerState

UNKNOWN = "–"
NONE = "(none)"
"""A group of machines without a value."""
MINUS = "\N{MINUS SIGN}"

POWER_WORDS = {PowerState.ON: "On", PowerState.OFF: "Off", PowerState.SUSPENDED: "Suspended"}
_SIZES = (
    ("KiB", 1 / KIB_PER_MIB),
    ("MiB", 1),
    ("GiB", MIB_PER_GIB),
    ("TiB", MIB_PER_TIB),
    ("PiB", MIB_PER_PIB),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ALWAYS_ONE_DECIMAL = {"TiB", "PiB"}
_FIELDS = {field.key: field for field in MACHINE_FIELDS}
_LIMIT, NO_LIMIT = "limit", -1
_ADDRESS = "disk_key"
"""A number that counts nothing."""


def count(number: float | None) -> str:
    """A whole number with thousands separators.

    Example:
        >>> count(7989), count(0), count(None)
        ('7,989', '0', '–')
    """
    return UNKNOWN if number is None else f"{number:,.0f}"


def number(value: float | None) -> str:
    """A number with at most one decimal.

    Example:
        >>> number(5.41), number(1200.0), number(None)
        ('5.4', '1,200', '–')
    """
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def change(difference: float) -> str:
    """A difference of counts with its sign.

    Example:
        >>> change(112), change(-3), change(0)
        ('+112', '−3', '±0')
    """
    return f"{'+' if difference > 0 else MINUS if difference < 0 else '±'}{abs(difference):,.0f}"


def counted(amount: int | None, noun: str, plural: str = "") -> str:
    """A count with its noun.

    Example:
        >>> counted(1, "machine"), counted(37, "cluster"), counted(2, "vCPU", "vCPU")
        ('1 machine', '37 clusters', '2 vCPU')
    """
    return f"{count(amount)} {noun if amount == 1 else plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    Example:
        >>> listed(["hosts"]), listed(["a", "b", "c"])
        ('hosts', 'a, b and c')
    """
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def size(mib: float | None) -> str:
    """A size in the unit that keeps it below 1,024; TiB and PiB always with one decimal.

    Args:
        mib: MiB.

    Example:
        >>> size(24 * 1024), size(170.63 * 1024**2), size(0.5), size(0), size(None)
        ('24 GiB', '170.6 TiB', '512 KiB', '0 MiB', '–')
    """
    if mib is None:
        return UNKNOWN
    if mib == 0:
        return "0 MiB"
    for unit, factor in _SIZES:
        scaled = mib / factor
        if abs(round(scaled, 1)) < 1024 or unit == "PiB":
            break
    return f"{scaled:,.1f} {unit}" if unit in _ALWAYS_ONE_DECIMAL else f"{number(scaled)} {unit}"


def size_change(mib: float) -> str:
    """A difference of sizes with its sign.

    Example:
        >>> size_change(2048), size_change(-0.5), size_change(0)
        ('+2 GiB', '−512 KiB', '±0')
    """
    return f"{'+' if mib > 0 else MINUS}{size(abs(mib))}" if mib else "±0"


def share(pct: float | None, decimals: int = 1) -> str:
    """A percentage. What is not all never reads as 100 %, what is not nothing never as 0 %.

    Args:
        pct: 0 to 100.
        decimals: Digits after the point.

    Example:
        >>> share(97.18), share(79.4, 0), share(100), share(99.99), share(0.01), share(None)
        ('97.2 %', '79 %', '100 %', '> 99.9 %', '< 0.1 %', '–')
    """
    if pct is None:
        return UNKNOWN
    if pct in (0, 100):
        return f"{pct:.0f} %"
    step = 10.0**-decimals
    if round(pct, decimals) >= 100 > pct:
        return f"> {100 - step:.{decimals}f} %"
    if round(pct, decimals) <= 0 < pct:
        return f"< {step:.{decimals}f} %"
    return f"{pct:.{decimals}f} %"


def age(days: float | None) -> str:
    """A length of time in whole days.

    Example:
        >>> age(0.2), age(1.7), age(1203), age(None)
        ('under a day', '1 day', '1,203 days', '–')
    """
    if days is None:
        return UNKNOWN
    return "under a day" if 0 <= days < 1 else counted(int(days), "day")


def day(when: date | None) -> str:
    """A date.

    Example:
        >>> day(date(2026, 11, 3)), day(None)
        ('3 Nov 2026', '–')
    """
    return UNKNOWN if when is None else f"{short_day(when)} {when.year}"


def short_day(when: date) -> str:
    """A date without its year, where another text nearby has it.

    Example:
        >>> short_day(date(2026, 11, 16))
        '16 Nov'
    """
    return f"{when.day} {_MONTHS[when.month - 1]}"


def moment(when: datetime | None) -> str:
    """A date and a time to the minute, in the zone it was given in.

    Example:
        >>> moment(datetime(2026, 11, 23, 6, 0)), moment(None)
        ('23 Nov 2026, 06:00', '–')
    """
    return UNKNOWN if when is None else f"{day(when)}, {when:%H:%M}"


def yes_no(flag: bool | None) -> str:
    """A flag.

    Example:
        >>> yes_no(True), yes_no(False), yes_no(None)
        ('Yes', 'No', '–')
    """
    return UNKNOWN if flag is None else "Yes" if flag else "No"


def power(state: str | None) -> str:
    """The word for a power state; one that vSphere does not have is shown as it is.

    Example:
        >>> power("poweredOn"), power("weird"), power(None)
        ('On', 'weird', '–')
    """
    return (
        UNKNOWN
        if not state
        else POWER_WORDS.get(PowerState(state), state)
        if state in set(PowerState)
        else state
    )


_BY_KIND: dict[Kind, Callable[[float], str]] = {
    Kind.BOOLEAN: lambda flag: yes_no(bool(flag)),
    Kind.MIB: size,
    Kind.KIB: lambda kib: size(kib / KIB_PER_MIB),
    Kind.MHZ: lambda mhz: f"{number(mhz)} MHz",
    Kind.PCT: share,
    Kind.DAYS: age,
}


def value(field_key: str, content: str | float | bool | datetime | None) -> str:
    """A value of a machine's field, by what the field holds.

    Args:
        field_key: A key of `data.fields.MACHINE_FIELDS`.
        content: The value as the database gives it, None if blank.

    Example:
        >>> value("memory_mib", 65536), value("cpu_limit_mhz", 2400), value("dns_name", None)
        ('64 GiB', '2,400 MHz', '–')
        >>> value("template", False), value("power_state", "poweredOff"), value("dns_name", "a.example")
        ('No', 'Off', 'a.example')
    """
    return typed(_FIELDS[field_key], content)


def typed(field: Field, content: str | float | bool | datetime | None) -> str:
    """A value of any tab, by what its column holds. RVTools writes -1 for a limit that there is not.

    Example:
        >>> typed(_FIELDS["memory_mib"], 65536), typed(_FIELDS["memory_limit_mib"], -1)
        ('64 GiB', 'Unlimited')
    """
    if content is None or content == "":
        return UNKNOWN
    if field.key == "power_state":
        return power(str(content))
    if isinstance(content, datetime):
        return moment(content)
    if isinstance(content, str) or field.key == _ADDRESS:
        return str(content)
    if content == NO_LIMIT and _LIMIT in field.key:
        return "Unlimited"
    return _BY_KIND.get(field.kind, number)(content)
