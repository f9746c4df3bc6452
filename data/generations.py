"""The generation of the data: raised by every write, part of every cache key."""

from __future__ import annotations

import time

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session

from data.models import generations

_SELECT = select(generations.c.subject, generations.c.value).order_by(generations.c.subject)


def current_generation(session: Session | Connection) -> str:
    """The generation of everything stored, as a short text. One statement.

    Example:
        >>> from data.database import DatabaseManager
        >>> manager = DatabaseManager("sqlite://")
        >>> with manager.session_scope() as session:
        ...     generations.create(session.connection(), checkfirst=True)
        ...     before = current_generation(session)
        ...     raise_generation(session)
        ...     current_generation(session) != before
        True
    """
    return ".".join(f"{subject[0]}{value}" for subject, value in session.execute(_SELECT))


def raise_generation(session: Session, subject: str = "inventory", *, above: int = 0) -> None:
    """Tell every cache that `subject` ("inventory" or "labels") changes with this transaction.

    The value follows the clock and only grows: when an older copy of the database comes back, it does not
    meet answers of another content.

    Args:
        session: to write with.
        subject: what changes.
        above: a value that the new one is to be greater than, besides its own.
    """
    now = max(int(time.time()), above + 1)
    row = generations.c.subject == subject
    value = session.scalar(select(generations.c.value).where(row))
    if value is None:
        session.execute(insert(generations).values(subject=subject, value=now))
    else:
        session.execute(update(generations).where(row).values(value=max(value + 1, now)))
