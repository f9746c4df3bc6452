"""What the operator says of headers that the product does not know. It is used for every import from then on."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from data.database import DatabaseManager
from data.errors import InvalidInputError
from data.fields import NAME_LENGTH, TABS, normalised
from data.generations import raise_generation
from data.models import header_mappings
from data.results import HeaderMapping
from data.scope import Scope
from data.workbook.headers import fields_read, header_text

_MAPPINGS = header_mappings.c


def list_mappings(session: Session, _scope: Scope) -> list[HeaderMapping]:
    """Every mapping, by tab and header.

    Args:
        session: to ask.
        _scope: mappings belong to no part of the estate.
    """
    statement = select(_MAPPINGS.tab, _MAPPINGS.header, _MAPPINGS.field)
    rows = session.execute(statement.order_by(_MAPPINGS.tab, _MAPPINGS.header))
    return [HeaderMapping(row.tab, row.header, row.field) for row in rows]


def save_mapping(db_url: str, mapping: HeaderMapping) -> None:
    """Remember what a header means; what was said of it before is forgotten.

    Args:
        db_url: the database.
        mapping: its header is compared as `data.fields.normalised` gives it.

    Raises:
        InvalidInputError: there is no such tab or field, or the header is blank or too long.
    """
    header = normalised(header_text(mapping.header))
    if not header or len(header) > NAME_LENGTH:
        raise InvalidInputError(f"A header has 1 to {NAME_LENGTH} characters.")
    if mapping.tab not in TABS:
        raise InvalidInputError(f"“{mapping.tab}” is no tab whose columns can be mapped.")
    if mapping.field not in {field.key for field in fields_read(mapping.tab)}:
        raise InvalidInputError(f"“{mapping.field}” is no field of {mapping.tab}.")
    same = (_MAPPINGS.tab == mapping.tab, _MAPPINGS.header == header)
    with DatabaseManager(db_url).session_scope() as session:
        values = {"field": mapping.field, "created_at": datetime.now(UTC).replace(tzinfo=None)}
        changed = session.connection().execute(update(header_mappings).where(*same).values(values))
        if not changed.rowcount:
            session.execute(insert(header_mappings).values(tab=mapping.tab, header=header, **values))
        raise_generation(session)


def forget_mapping(db_url: str, *, tab: str, header: str) -> None:
    """Read a header as if nothing had been said of it. States that are stored stay as they are."""
    same = (_MAPPINGS.tab == tab, _MAPPINGS.header == normalised(header_text(header)))
    with DatabaseManager(db_url).session_scope() as session:
        session.execute(delete(header_mappings).where(*same))
        raise_generation(session)
