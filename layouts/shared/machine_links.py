"""Where the things that a machine names lead to: to the machines that share them."""

from __future__ import annotations

import re

from dash import html
from dash.development.base_component import Component

from data.conditions import one_of
from data.fields import ATTRIBUTE
from data.results import MachineDetail
from data.scope import FILTER_OF, NONE, Scope, joined_condition
from data.vocabulary import Templates
from layouts.shared import formats
from layouts.shared.components import known, link
from layouts.shared.machine_table import View
from layouts.shared.sitemap import href

_ADDRESSES = {"primary_ip_address", "ipv4_address", "ipv6_address"}
_CONDITIONS = {"resource_pool", "vapp", "os_tools"}
"""Fields without a filter of their own."""
_BEYOND_PLACES = {"os_config", "os_tools"}
"""Names that mean the same in every vCenter, as attributes do."""
LONGEST_NAME = 100
"""Characters of an attribute that is still a name and not a text."""


def linked(machine: MachineDetail, scope: Scope, key: str, text: str | None) -> Component | str:
    """A value of a machine, as a link to the machines that have it as well, if it is the name of something.

    Args:
        machine: Tells apart what has the same name elsewhere.
        scope: Its database and day are kept.
        key: A field of machines or adapters, `vcenter`, `datastore`, or a custom attribute.
        text: The value; None or empty: unknown.
    """
    if not text or text == formats.UNKNOWN:
        return html.Span(known(formats.UNKNOWN))
    if key in _ADDRESSES:
        return _addresses(machine, scope, text)
    target = _sharing(machine, scope, key, text)
    return text if target is None else link(text, href("vm_explorer", target))


def machine_address(machine: MachineDetail, scope: Scope, tab: str) -> str:
    """The page of a machine, on the same day, with a tab open."""
    then = Scope(database=scope.database, as_of=scope.as_of)
    address = href("machine", then, machine_id=machine.machine_id)
    view = View(tab=tab).query()
    return address + (f"{'&' if '?' in address else '?'}{view}" if view else "")


def _sharing(machine: MachineDetail, scope: Scope, key: str, text: str) -> Scope | None:
    """The machines that share a thing; None if it is no name."""
    estate = _estate(machine, scope)
    within = estate if machine.is_only_vcenter else estate.with_(vcenters=(machine.vcenter_id,))
    if key == "cluster":
        datacenter = str(machine.fields.get("datacenter", NONE))
        return within.with_(datacenters=(datacenter,), clusters=(text,))
    if key == "vcenter":
        return estate.with_(vcenters=(machine.vcenter_id,))
    is_attribute = key.startswith(ATTRIBUTE)
    if key in _CONDITIONS or (is_attribute and len(text) <= LONGEST_NAME):
        condition = joined_condition(key, one_of([text]))
        return (estate if is_attribute or key in _BEYOND_PLACES else within).with_(where=(condition,))
    field = "network" if key.startswith("network") else key
    if (
        field not in FILTER_OF or field == "power_state"
    ):  # which reads as a word of the pages, not as it is stored
        return None
    return (estate if field in _BEYOND_PLACES else within).with_(**{FILTER_OF[field]: (text,)})


def _addresses(machine: MachineDetail, scope: Scope, text: str) -> Component:
    """Each address with the way to all machines that have it: the text alone would find longer ones, too."""
    parts: list[Component | str] = []
    for address in filter(None, (part.strip() for part in text.split(","))):
        target = _estate(machine, scope).with_(text=rf"\b{re.escape(address)}\b", is_pattern=True)
        parts += [", ", link(address, href("vm_explorer", target))]
    return html.Span(parts[1:])


def _estate(machine: MachineDetail, scope: Scope) -> Scope:
    """All machines of the scope's day; with templates where the machine is one."""
    is_template = machine.fields.get("template") is True
    templates = Templates.INCLUDE if is_template else Templates.EXCLUDE
    return Scope(database=scope.database, as_of=scope.as_of, templates=templates)
