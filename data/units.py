"""Conversions between the units of the inventory. All sizes are binary."""

from __future__ import annotations

KIB_PER_MIB = 1024
MIB_PER_GIB = 1024
MIB_PER_TIB = 1024**2
MIB_PER_PIB = 1024**3
BYTES_PER_MIB = 1024**2
SECONDS_PER_DAY = 86_400


def exact(value: float | None) -> int | float | None:
    """A whole number as int, anything else as it is.

    Example:
        >>> exact(2048.0), exact(0.5), exact(None)
        (2048, 0.5, None)
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def pct(part: float | None, whole: float | None) -> float | None:
    """100 part / whole; unknown when either is unknown or the whole is 0.

    Example:
        >>> pct(1, 4), pct(1, 0), pct(None, 4)
        (25.0, None, None)
    """
    if part is None or not whole:
        return None
    return 100 * part / whole
