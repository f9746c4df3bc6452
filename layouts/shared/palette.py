"""The palette: one field that finds machines, places and pages. `assets/palette.js` opens it and asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from data.results import FoundMachine, FoundPlace
from data.scope import FILTER_OF, MAX_TEXT, NONE, Scope
from data.vocabulary import Fit, PlaceKind
from layouts.shared import formats
from layouts.shared.components import icon
from layouts.shared.ids import Shell
from layouts.shared.sitemap import href

PATH = "/find"
"""Answers with the groups for a text: `q`, and `db` and `as_of` as in every link."""
MAX_AROUND = 60
"""Characters of a long value that are shown before what is marked, and after it."""
_KINDS = {
    PlaceKind.VCENTER: ("vCenter", "vCenters", "hdd-rack"),
    PlaceKind.DATACENTER: ("Datacenter", "Datacenters", "building"),
    PlaceKind.CLUSTER: ("Cluster", "Clusters", "boxes"),
    PlaceKind.HOST: ("Host", "Hosts", "hdd-stack"),
    PlaceKind.DATASTORE: ("Datastore", "Datastores", "database"),
    PlaceKind.NETWORK: ("Network", "Networks", "diagram-3"),
    PlaceKind.FOLDER: ("Folder", "Folders", "folder"),
}
"""What one is called, what several are, and the icon."""
_KEYS = (("↑ ↓", "choose"), ("Enter", "open"), ("Ctrl Enter", "open in a new tab"), ("Esc", "close"))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the palette."""

    href: str
    icon: str
    name: tuple[str, str, str]
    """What is before the match, the match, what is after it."""
    found: tuple[str, str, str] | None
    """The same of what has the text, if the name does not."""
    where: str
    kind: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one kind."""

    title: str
    fit: Fit
    """Of its best line."""
    rows: list[Row]


def palette_button() -> Component:
    """What looks like a search field in the top bar and opens the palette."""
    keys: dict[str, Any] = {"aria-haspopup": "dialog", "aria-keyshortcuts": "Control+K /"}
    unread: dict[str, Any] = {"aria-hidden": "true"}
    return html.Button(
        [
            icon("search"),
            html.Span("Find a machine, place or page", className="topbar-search-text"),
            html.Kbd("Ctrl K", **unread),
        ],
        id=Shell.SEARCH,
        type="button",
        className="topbar-search",
        **keys,
    )


def palette() -> Component:
    """The dialog, closed. The script gives its field the role of a combobox: the component cannot."""
    label: dict[str, Any] = {"aria-label": "Find"}
    places: dict[str, Any] = {"data-find": PATH, "data-explorer": href("vm_explorer")}
    return html.Dialog(
        [
            _field(),
            html.Div(id=Shell.PALETTE_LIST, className="palette-list", role="listbox", **label),
            html.Div(
                [
                    html.Span(id=Shell.PALETTE_STATUS, role="status"),
                    html.Span([_key(*pair) for pair in _KEYS], className="palette-keys"),
                ],
                className="palette-foot",
            ),
        ],
        id=Shell.PALETTE,
        className="palette",
        **label,
        **places,
    )


def _field() -> Component:
    close: dict[str, Any] = {"aria-label": "Close"}
    return html.Div(
        [
            icon("search"),
            html.Label("Machine, place or page", htmlFor=Shell.PALETTE_TEXT, className="visually-hidden"),
            dbc.Input(
                id=Shell.PALETTE_TEXT,
                placeholder="Name, IP, UUID, MAC, host, cluster, folder, page",
                autocomplete="off",
                maxlength=MAX_TEXT,
            ),
            html.Button(
                icon("x-lg"),
                type="button",
                className="icon-button is-plain palette-close",
                title="Close",
                **close,
            ),
        ],
        className="palette-field",
    )


def _key(key: str, meaning: str) -> Component:
    return html.Span([html.Kbd(key), f" {meaning}"])


def groups(
    machines: Sequence[FoundMachine], places: Iterable[FoundPlace], scope: Scope, text: str
) -> list[Group]:
    """What was found, those groups first that fit best; machines before places that fit as well.

    Args:
        machines: In order.
        places: In order.
        scope: What links keep: the database and the day.
        text: What was typed; it is marked.
    """
    found: list[Group] = []
    if machines:
        rows = [_machine_row(one, scope, text) for one in machines]
        found.append(Group("Machines", min(one.fit for one in machines), rows))
    for kind, (_, title, _) in _KINDS.items():
        if of_kind := [place for place in places if place.kind is kind]:
            rows = [_place_row(place, scope, text) for place in of_kind]
            found.append(Group(title, min(place.fit for place in of_kind), rows))
    return sorted(found, key=lambda group: group.fit)


def _machine_row(machine: FoundMachine, scope: Scope, text: str) -> Row:
    return Row(
        href=href("machine", scope, machine_id=machine.machine_id),
        icon="file-earmark" if machine.is_template else "pc-display",
        name=marked(machine.name or formats.UNKNOWN, text),
        found=None if machine.found is None else marked(machine.found, text),
        where=_path(machine.vcenter, machine.cluster or machine.datacenter),
        kind="Template" if machine.is_template else "Machine",
    )


def _place_row(place: FoundPlace, scope: Scope, text: str) -> Row:
    above, _, last = place.name.rpartition("/") if place.kind is PlaceKind.FOLDER else ("", "", place.name)
    within = () if place.kind is PlaceKind.VCENTER else (place.vcenter, place.datacenter, place.cluster)
    word, _, symbol = _KINDS[place.kind]
    return Row(
        href=href("vm_explorer", machines_of(place, scope)),
        icon=symbol,
        name=marked(last, text),
        found=None,
        where=_path(*within, above),
        kind=word,
    )


def machines_of(place: FoundPlace, scope: Scope) -> Scope:
    """The machines of a place. vCenter and datacenter are named only where the name alone would mean others, too."""
    if place.kind is PlaceKind.VCENTER:
        return scope.with_(vcenters=(place.vcenter_id,))
    chosen = scope.with_(**{FILTER_OF[place.kind]: (place.name,)})
    if not place.is_ambiguous:
        return chosen
    chosen = chosen.with_(vcenters=(place.vcenter_id,))
    is_cluster = place.kind is PlaceKind.CLUSTER
    return chosen.with_(datacenters=(place.datacenter or NONE,)) if is_cluster else chosen


def marked(name: str, text: str) -> tuple[str, str, str]:
    """A text before, in and after the first match, ignoring case; of a long one the part around it.

    Example:
        >>> marked("prd-SQL-1", "sql"), marked("prd-web-1", "sql")
        (('prd-', 'SQL', '-1'), ('prd-web-1', '', ''))
    """
    wanted, folded = text.strip().casefold(), name.casefold()
    at = folded.find(wanted) if len(folded) == len(name) else -1
    if at < 0:
        return _cut(name), "", ""
    before, after = name[:at], name[at + len(wanted) :]
    begin = before if len(before) <= MAX_AROUND else f"…{before[-MAX_AROUND:]}"
    return begin, name[at : at + len(wanted)], _cut(after)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_AROUND else f"{text[:MAX_AROUND]}…"


def _path(*parts: str | None) -> str:
    return " › ".join(part for part in parts if part)
