"""The history of imports."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.models import imports, vcenters
from data.queries.scoping import visible
from data.results import StoredImport
from data.scope import Scope
from data.vocabulary import ImportStatus


def list_imports(session: Session, scope: Scope) -> list[StoredImport]:
    """The published imports of the scope's vCenters, the last one imported first. One statement."""
    rows = session.execute(
        select(
            imports.c.id,
            vcenters.c.name,
            imports.c.file_name,
            imports.c.exported_at,
            imports.c.exported_at_source,
            imports.c.imported_at,
            func.coalesce(imports.c.machines, 0),
            imports.c.warnings,
            imports.c.id == vcenters.c.current_import_id,
            vcenters.c.is_demo,
        )
        .join_from(imports, vcenters)
        .where(imports.c.status == ImportStatus.PUBLISHED, *visible(scope))
        .order_by(imports.c.imported_at.desc(), imports.c.id.desc())
    )
    return [
        StoredImport(
            id_, vcenter, name, exported_at, source, imported_at, machines, tuple(warnings), current, demo
        )
        for id_, vcenter, name, exported_at, source, imported_at, machines, warnings, current, demo in rows
    ]
