"""How completely the machines are described."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from data.fields import MACHINE_FIELDS
from data.models import imports
from data.queries.attention import has_column
from data.queries.scoping import DEFAULT_LIMITS, filters, state_ids, vm
from data.results import AttentionLimits, DataQuality, FieldQuality
from data.scope import Scope

QUALITY_FIELDS = ("dns_name", "primary_ip_address", "os_config", "folder", "datacenter", "cluster", "host")
_LABELS = {field.key: field.label for field in MACHINE_FIELDS}


def get_data_quality(
    session: Session, scope: Scope, *, limits: AttentionLimits = DEFAULT_LIMITS
) -> DataQuality:
    """Who fills the seven fields an operator works with. One statement.

    A field is counted over the machines of the vCenters whose export has its column.
    """
    conditions = filters(scope, limits, state_ids(scope))
    of_state = select(func.count()).where(vm.import_id == imports.c.id, *conditions)
    numbers: list[ColumnElement[Any]] = [of_state.scalar_subquery()]
    for key in QUALITY_FIELDS:
        numbers += [has_column(imports.c.id, key), of_state.where(vm[key].is_(None)).scalar_subquery()]
    rows = session.execute(select(*numbers).where(imports.c.id.in_(state_ids(scope)))).all()
    return DataQuality(
        tuple(
            _field(key, [(total, *numbers[2 * place : 2 * place + 2]) for total, *numbers in rows])
            for place, key in enumerate(QUALITY_FIELDS)
        )
    )


def _field(key: str, states: list[tuple[int, bool, int]]) -> FieldQuality:
    known = [(total, total - blank) for total, is_known, blank in states if is_known]
    return FieldQuality(
        field=key,
        label=_LABELS[key],
        filled=sum(filled for _, filled in known) if known else None,
        total=sum(total for total, _ in known) if known else sum(total for total, *_ in states),
    )
