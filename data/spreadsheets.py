"""Text that a spreadsheet shows as it is."""

from __future__ import annotations

import re

BYTE_ORDER_MARK = "\ufeff"
"""Tells spreadsheets that the text of a CSV file is UTF-8."""
_FORMULA = re.compile(r"[=+\-@\t\r\n](?!\d+([.,]\d+)?$)")
"""What a spreadsheet takes for the beginning of a formula; a number with a sign is none."""


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run.

    Example:
        >>> harmless("=HYPERLINK(1)"), harmless("-5"), harmless("web-1")
        ("'=HYPERLINK(1)", '-5', 'web-1')
    """
    return f"'{text}" if _FORMULA.match(text) else text
