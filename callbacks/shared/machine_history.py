"""The history of a machine, for the panel beside the grid and for its own page."""

from __future__ import annotations

from dash.development.base_component import Component

from callbacks.shared.reading import read
from data.errors import NotFoundError
from data.queries.history import get_machine_history
from data.results import MachineHistory
from data.scope import Scope
from layouts.shared.machine_history import history
from layouts.shared.machine_table import View


def draw_history(scope: Scope, view: View, machine_id: int) -> list[Component]:
    """What the History tab shows. All states count, whatever the scope's day."""
    found = read(get_machine_history, _everything(scope), machine_id=machine_id, with_noise=view.with_noise)
    return history(found, scope, with_noise=view.with_noise)


def find_later(scope: Scope, machine_id: int) -> MachineHistory | None:
    """The history of a machine that came into being after the scope's day; None if there is no such machine."""
    if scope.as_of is None:
        return None
    try:
        return read(get_machine_history, _everything(scope), machine_id=machine_id)
    except NotFoundError:
        return None


def _everything(scope: Scope) -> Scope:
    return Scope(database=scope.database)
