"""The open tab of a machine's detail, for the panel beside the grid and for its own page."""

from __future__ import annotations

from collections.abc import Sequence

from dash.development.base_component import Component

from callbacks.shared.machine_history import draw_history
from callbacks.shared.reading import limits, read
from data.queries.machine import get_machine_rows, get_placement
from data.results import MachineDetail
from data.scope import Scope
from layouts.shared.machine_detail import Tab, chosen
from layouts.shared.machine_parts import part
from layouts.shared.machine_placement import placement
from layouts.shared.machine_rows import all_fields
from layouts.shared.machine_table import View


def draw_tab(machine: MachineDetail, scope: Scope, view: View) -> Sequence[Component]:
    """What the open tab shows. What only one tab needs is read when that one is open."""
    tab, machine_id = chosen(view.tab), machine.machine_id
    if tab is Tab.HISTORY:
        return draw_history(scope, view, machine_id)
    if tab is Tab.PLACEMENT:
        return placement(machine, read(get_placement, scope, machine_id=machine_id), scope, limits())
    if tab is Tab.ALL:
        return all_fields(machine, read(get_machine_rows, scope, machine_id=machine_id))
    return part(machine, tab, scope)
