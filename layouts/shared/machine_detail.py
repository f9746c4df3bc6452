"""The frame of a machine's detail, beside the grid and on the page of its own: head, tabs, keys."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.results import MachineDetail
from data.scope import Scope
from layouts.shared import formats
from layouts.shared.components import Content, icon, known, power
from layouts.shared.machine_links import linked


def step_buttons() -> list[Component]:
    """To the machine before and after this one in the grid. The script does it, and says at the ends that it cannot."""
    steps = (("-1", "chevron-up", "Previous machine", "↑"), ("1", "chevron-down", "Next machine", "↓"))
    return [_step_button(*step) for step in steps]


def _step_button(step: str, icon_name: str, words: str, key: str) -> Component:
    attributes: dict[str, Any] = {
        "data-step": step,
        "aria-label": words,
        "aria-keyshortcuts": "Alt+ArrowDown" if key == "↓" else "Alt+ArrowUp",
    }
    return html.Button(
        icon(icon_name),
        type="button",
        className="icon-button is-plain",
        title=f"{words} (Alt {key})",
        **attributes,
    )


def keys_help() -> Component:
    """The keys of the panel, for who has a keyboard."""
    keys = (("Alt ↓", "next machine"), ("Alt ↑", "previous"), ("Esc", "close"))
    return html.P([html.Span([html.Kbd(key), f" {words}"]) for key, words in keys], className="detail-keys")


def copy_button(address: str) -> Component:
    """Copies the link to a machine's page. The script says on it that it did."""
    target: dict[str, Any] = {"data-copy": address}
    return html.Button("Copy link", type="button", className="btn btn-secondary", **target)


class Tab(StrEnum):
    """The parts of a detail, in their order."""

    GENERAL = "general"
    RESOURCES = "resources"
    STORAGE = "storage"
    NETWORK = "network"
    PLACEMENT = "placement"
    HISTORY = "history"
    ALL = "all"


_TITLES = {
    Tab.GENERAL: "General",
    Tab.RESOURCES: "Resources",
    Tab.STORAGE: "Storage",
    Tab.NETWORK: "Network",
    Tab.PLACEMENT: "Placement",
    Tab.HISTORY: "History",
    Tab.ALL: "All fields",
}


def pills(machine: MachineDetail) -> Component:
    """What a machine is, in a row: power, vCPU, memory, provisioned; only what is known."""
    fields = machine.fields
    parts: list[Content] = [power(_text(machine, "power_state"))]
    if fields.get("template"):
        parts.append("Template")
    suffixes = (("cpus", " vCPU"), ("memory_mib", " memory"), ("provisioned_mib", " provisioned"))
    parts += [f"{formats.value(key, fields[key])}{suffix}" for key, suffix in suffixes if key in fields]
    return html.Div([html.Span(part, className="pill") for part in parts], className="pills")


def place(machine: MachineDetail, scope: Scope) -> list[Component | str]:
    """Where a machine is: vCenter, datacenter, cluster, host, as far as known; each leads to the machines there."""
    steps = [("vcenter", machine.vcenter)]
    steps += [(key, _text(machine, key) or "") for key in ("datacenter", "cluster", "host")]
    named = [linked(machine, scope, key, name) for key, name in steps if name]
    return [part for step in named for part in (" › ", step)][1:]


def summary(machine: MachineDetail) -> list[Component]:
    """The pills, and before them what to know of a machine that is not in the newest state."""
    if machine.is_current:
        return [pills(machine)]
    text = f"Gone: last seen in the export of {formats.moment(machine.exported_at)}."
    note = html.P([icon("exclamation-triangle"), html.Span(text)], className="partial-note", role="note")
    return [note, pills(machine)]


def tab_bar(tab: str, *, view_id: str, panel_id: str) -> Component:
    """The tabs. The script marks the open one and notes it in the view's store; the panel is drawn after that.

    Args:
        tab: The key of the tab that is open at first; unknown: the first.
        view_id: The store whose query text holds the tab.
        panel_id: What shows the content of the open tab.
    """
    opened = chosen(tab)
    attributes: dict[str, Any] = {"aria-label": "Parts of the machine", "data-view": view_id}
    buttons = [_tab_button(one, panel_id, is_chosen=one is opened) for one in Tab]
    return html.Div(buttons, className="tabs", role="tablist", **attributes)


def _tab_button(tab: Tab, panel_id: str, *, is_chosen: bool) -> Component:
    attributes: dict[str, Any] = {
        "aria-selected": "true" if is_chosen else "false",
        "aria-controls": panel_id,
        "data-tab": tab,
    }
    return html.Button(
        _TITLES[tab],
        type="button",
        role="tab",
        className="tab",
        tabIndex=0 if is_chosen else -1,
        **attributes,
    )


def tab_panel(panel_id: str, content: Component | None = None) -> Component:
    """Where the content of the open tab stands."""
    attributes: dict[str, Any] = {"aria-label": "The open part"}
    return html.Div(content, id=panel_id, role="tabpanel", className="tab-panel", tabIndex=0, **attributes)


def chosen(tab: str) -> Tab:
    """The tab that a link means; unknown: the first."""
    return Tab(tab) if tab in set(Tab) else Tab.GENERAL


def name_of(machine: MachineDetail) -> Content:
    """The name of a machine."""
    return known(_text(machine, "name") or formats.UNKNOWN)


def _text(machine: MachineDetail, key: str) -> str | None:
    value = machine.fields.get(key)
    return None if value is None else str(value)
