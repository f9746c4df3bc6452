"""Rows for tests, put straight into the tables. What a test does not say has a sensible default."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from data import models
from data.fields import TABS

EXPORTED_AT = datetime(2026, 11, 23, 6, 0)
IMPORTED_AT = datetime(2026, 11, 23, 7, 30)
"""UTC"""
_SEARCHED = ("name", "dns_name", "primary_ip_address", "host", "annotation")
_SEARCHED_IDS = ("vm_uuid", "smbios_uuid", "network_1")
_STATE_TABLES = [table for table in models.metadata.sorted_tables if "is_current" in table.c]


@dataclass(frozen=True)
class State:
    """A state of a vCenter, to put rows into."""

    id: int
    vcenter_id: int
    is_current: bool


@dataclass(frozen=True)
class Machine:
    """A machine in a state."""

    id: int
    """virtual_machines.id"""
    machine_id: int


def add_vcenter(session: Session, name: str = "vc-north", **values: Any) -> int:
    """A vCenter without a state; returns its id."""
    return _insert(session, models.vcenters, {"name": name, "is_hidden": False, "is_demo": False} | values)


def add_state(
    session: Session,
    vcenter_id: int,
    exported_at: datetime = EXPORTED_AT,
    *,
    tabs: Collection[str] = tuple(TABS),
    without: Iterable[str] = (),
    attributes: Iterable[str] = (),
    **values: Any,
) -> State:
    """A published state, the current one of its vCenter if none was exported later.

    Args:
        session: To write with.
        vcenter_id: Whose state.
        exported_at: When it was exported.
        tabs: Those that the export had.
        without: Keys of fields whose columns it lacked, on every tab.
        attributes: Names of custom attributes that vInfo had.
        values: Further columns of `imports`; `status="unpublished"` hides it.
    """
    state_id = _insert(
        session,
        models.imports,
        {
            "vcenter_id": vcenter_id,
            "status": "published",
            "file_name": "export.xlsx",
            "file_size_bytes": 1000,
            "sha256": "0" * 64,
            "exported_at": exported_at,
            "exported_at_source": "given",
            "imported_at": IMPORTED_AT,
            "warnings": [],
        }
        | values,
    )
    fields = [(tab, field.key) for tab in tabs for field in TABS[tab] if field.key not in set(without)]
    fields += [("vInfo", f"attr:{name}") for name in attributes]
    counts = {"rows": 0, "headers": 0, "headers_read": 0, "attributes": []}
    session.execute(
        insert(models.import_tabs), [{"import_id": state_id, "tab": tab} | counts for tab in tabs]
    )
    session.execute(
        insert(models.import_columns),
        [{"import_id": state_id, "tab": tab, "field": key, "filled": 0} for tab, key in fields],
    )
    later = select(models.imports.c.id).where(
        models.imports.c.vcenter_id == vcenter_id,
        models.imports.c.status == "published",
        models.imports.c.exported_at > exported_at,
    )
    is_current = values.get("status", "published") == "published" and not session.scalars(later).all()
    if is_current:
        this_vcenter = models.vcenters.c.id == vcenter_id
        session.execute(update(models.vcenters).where(this_vcenter).values(current_import_id=state_id))
        for table in _STATE_TABLES:
            session.execute(update(table).where(table.c.vcenter_id == vcenter_id).values(is_current=False))
    return State(state_id, vcenter_id, is_current)


def add_machine(session: Session, state: State, name: str = "machine", **values: Any) -> Machine:
    """A machine that is on, no template, with 2 vCPU. The same `vm_id` in two states is the same machine."""
    row = {
        "name": name,
        "vm_id": f"vm-{name}",
        "power_state": "poweredOn",
        "template": False,
        "cpus": 2,
    } | values
    machines = models.machines
    same = (machines.c.vcenter_id == state.vcenter_id, machines.c.vm_id == row["vm_id"])
    machine_id = session.scalar(select(machines.c.id).where(*same)) or _insert(
        session,
        machines,
        {
            "vcenter_id": state.vcenter_id,
            "vm_id": row["vm_id"],
            "name": name,
            "first_import_id": state.id,
            "last_import_id": state.id,
        },
    )
    row_id = add(session, models.virtual_machines, state, machine_id=machine_id, **row)
    words, ids = (
        "\n".join(str(row[key]) for key in keys if row.get(key)) for keys in (_SEARCHED, _SEARCHED_IDS)
    )
    texts = {"text": words.casefold(), "exact_text": f"{words}\n{ids}"}
    _insert(session, models.machine_texts, {"id": row_id, "import_id": state.id} | texts)
    return Machine(row_id, machine_id)


def add_estate(session: Session, *machines: dict[str, Any], **state: Any) -> State:
    """A vCenter with one state of these machines; they are named vm-1, vm-2, … unless they say otherwise."""
    made = add_state(session, add_vcenter(session), **state)
    for number, machine in enumerate(machines, start=1):
        add_machine(session, made, **{"name": f"vm-{number}"} | machine)
    return made


def add(session: Session, table: Table, state: State, machine: Machine | None = None, **values: Any) -> int:
    """A row of any table of a state, of a machine or of none; returns its id."""
    row = {"import_id": state.id, "vcenter_id": state.vcenter_id, "is_current": state.is_current}
    if machine:
        row["virtual_machine_id"] = machine.id
    return _insert(session, table, row | values)


def add_label(session: Session, key: str, value: str) -> int:
    """A label; returns its id."""
    return _insert(
        session,
        models.labels,
        {"key": key, "value": value, "created_at": IMPORTED_AT, "updated_at": IMPORTED_AT},
    )


def _insert(session: Session, table: Table, values: dict[str, Any]) -> int:
    result = session.execute(insert(table).values(values))
    return int(result.inserted_primary_key[0])
