"""The datastores that hold machines, and the networks they are connected to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, exists, or_, select, union

from data.models import disks, network_adapters, virtual_machines
from data.queries.matching import in_brackets
from data.scope import NONE

_vm = virtual_machines.c
_OF_DISKS = (disks, "datastore", (in_brackets(_vm.path),))
"""Where the disks are, and the machine's configuration."""
_OF_ADAPTERS = (network_adapters, "network", tuple(_vm[f"network_{number}"] for number in range(1, 9)))
"""What vNetwork says, and vInfo."""
CONNECTIONS: dict[str, tuple[Table, str, tuple[ColumnElement[Any], ...]]] = {
    "datastore": _OF_DISKS,
    "network": _OF_ADAPTERS,
}
"""What a machine may have several of -> the table and column that names one, and what the machine itself says."""


def connected_to(what: str, names: Collection[str]) -> ColumnElement[bool]:
    """Whether a machine has one of these datastores or networks; `NONE` stands for having none.

    Args:
        what: A key of `CONNECTIONS`.
        names: As the export has them.
    """
    table, key, own = CONNECTIONS[what]
    of_machine = exists().where(table.c.virtual_machine_id == _vm.id)
    named = [name for name in names if name != NONE]
    tests = (
        [of_machine.where(table.c[key].in_(named)), *(content.in_(named) for content in own)] if named else []
    )
    if NONE in names:
        tests.append(
            ~or_(of_machine.where(table.c[key].is_not(None)), *(content.is_not(None) for content in own))
        )
    return or_(*tests)


def connections_of(what: str, machines: Sequence[ColumnElement[bool]]) -> Select[str]:
    """The name of each datastore or network of each machine for which these conditions hold."""
    table, key, own = CONNECTIONS[what]
    of_rows = select(table.c[key].label("value"), _vm.id).join_from(
        virtual_machines, table, table.c.virtual_machine_id == _vm.id
    )
    parts = [of_rows.where(*machines, table.c[key].is_not(None))]
    parts += [select(content.label("value"), _vm.id).where(*machines, content.is_not(None)) for content in own]
    return select(union(*parts).subquery().c.value)  # the id tells the pairs apart
