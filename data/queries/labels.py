"""The labels that there are, whatever the scope."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.models import labels
from data.scope import Scope


def list_label_keys(session: Session, scope: Scope) -> list[str]:  # noqa: ARG001  # labels belong to no state
    """The keys of all labels, in alphabetical order. One statement."""
    return list(session.scalars(select(labels.c.key).distinct().order_by(labels.c.key)))


def list_label_values(session: Session, scope: Scope, *, key: str | None = None) -> list[str]:  # noqa: ARG001
    """The values of the labels with a key, or of all labels, in alphabetical order. One statement."""
    statement = select(labels.c.value).distinct().order_by(labels.c.value)
    return list(session.scalars(statement if key is None else statement.where(labels.c.key == key)))
