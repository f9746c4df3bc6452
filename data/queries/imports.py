"""The history of imports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from data.models import imports, vcenters
from data.queries.matching import sum_of
from data.queries.scoping import visible
from data.results import RetentionRule, StoredImport, StoredVCenter
from data.retention import doomed
from data.scope import Scope
from data.vocabulary import ImportStatus

DEFAULT_RULE = RetentionRule()


def list_imports(session: Session, scope: Scope, *, rule: RetentionRule = DEFAULT_RULE) -> list[StoredImport]:
    """The stored states of the scope's vCenters, the last one imported first. One statement.

    Args:
        session: To ask.
        scope: The part of the estate; its day does not count.
        rule: Says which of them go with the next import.
    """
    return stored_imports(session, visible(scope), rule)


def stored_imports(
    session: Session, conditions: Iterable[ColumnElement[bool]], rule: RetentionRule
) -> list[StoredImport]:
    """The states that meet the conditions, which are about vCenters alone: the rule looks at all of one's states."""
    rows = session.execute(
        select(
            imports.c.id,
            imports.c.vcenter_id,
            vcenters.c.name.label("vcenter"),
            imports.c.file_name,
            imports.c.exported_at,
            imports.c.exported_at_source,
            imports.c.imported_at,
            func.coalesce(imports.c.machines, 0).label("machines"),
            imports.c.warnings,
            func.coalesce(imports.c.id == vcenters.c.current_import_id, False).label("is_current"),
            vcenters.c.is_demo,
            imports.c.is_pinned,
            imports.c.size_bytes,
        )
        .join_from(imports, vcenters)
        .where(imports.c.status == ImportStatus.PUBLISHED, *conditions)
        .order_by(imports.c.imported_at.desc(), imports.c.id.desc())
    ).all()
    by_vcenter = defaultdict(list)
    for row in rows:
        by_vcenter[row.vcenter_id].append(row)
    going = frozenset[int]().union(*(doomed(states, rule) for states in by_vcenter.values()))
    return [
        StoredImport(
            **{**row._mapping, "warnings": tuple(row.warnings)},  # noqa: SLF001  # the documented way to a dict
            goes_with_next=row.id in going,
        )
        for row in rows
    ]


def list_vcenters(session: Session, _scope: Scope) -> list[StoredVCenter]:
    """Every vCenter that has a stored state, hidden ones too, by name; no scope narrows them. One statement."""
    rows = session.execute(
        select(
            vcenters.c.id,
            vcenters.c.name,
            vcenters.c.is_hidden,
            vcenters.c.is_demo,
            func.count(),
            func.max(imports.c.exported_at),
            sum_of(imports.c.size_bytes),
            func.count(imports.c.size_bytes),
        )
        .join_from(vcenters, imports, imports.c.vcenter_id == vcenters.c.id)
        .where(imports.c.status == ImportStatus.PUBLISHED)
        .group_by(vcenters.c.id, vcenters.c.name, vcenters.c.is_hidden, vcenters.c.is_demo)
        .order_by(vcenters.c.name)
    )
    return [
        StoredVCenter(id_, name, hidden, demo, states, newest, size if sized == states else None)
        for id_, name, hidden, demo, states, newest, size, sized in rows
    ]
