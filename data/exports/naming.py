"""What the files are called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from data.scope import Scope


def file_name(scope: Scope, exported_at: Iterable[datetime], suffix: str) -> str:
    """The name of a file of machines: with the day that the scope looks back to, else that of the newest export.

    Example:
        >>> file_name(Scope(), [datetime(2026, 11, 16), datetime(2026, 11, 23)], "csv")
        'machines-2026-11-23.csv'
        >>> file_name(Scope(), [], "csv")
        'machines.csv'
    """
    newest = max((time.date() for time in exported_at), default=None)
    day = scope.as_of or newest
    return f"machines-{day.isoformat()}.{suffix}" if day else f"machines.{suffix}"
