"""What every kind of export comes to: sheets of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from data.vocabulary import FileFormat

MAX_SHOWN = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A row of a CSV file that does not have as many cells as the header."""

    number: int
    """As `rows()` counts, from 1. It yields a blank row there, or what can be read of it."""
    text: str
    """As it stands in the file."""
    reason: str
    """What is wrong with it, and what was done: the second half of a sentence that begins with the row."""


class Sheet(Protocol):
    """A table of cells."""

    @property
    def name(self) -> str:
        """Of the sheet; of a CSV file its name without folder and suffix."""

    @property
    def height(self) -> int:
        """Rows, at least 1; near the truth once `rows()` was called."""

    @property
    def damaged(self) -> Sequence[DamagedRow]:
        """The damaged rows that were met in the last run over `rows()`; none in a workbook."""

    def rows(self) -> Iterator[Sequence[Any]]:
        """The rows from the top, all of one length; blank cells are ""."""


@dataclass(frozen=True, slots=True)
class Book:
    """An export that is open."""

    format: FileFormat
    sheets: tuple[Sheet, ...]
    """Worksheets only, in the order of the file."""
    created: datetime | None
    """When it was made, as far as the file itself says; of the former dashboard's database the last import."""


def shown(text: str) -> str:
    """Text out of a file, or about one, as it may stand in a sentence."""
    return "".join(filter(str.isprintable, text))[:MAX_SHOWN].strip()
