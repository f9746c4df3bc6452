"""What the palette finds while somebody types: machines by what they are called, and the places where they are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from ipaddress import ip_address
from typing import Any

from sqlalchemy import ColumnElement, Select, case, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from data.models import import_tabs, imports, machine_texts, vcenters, virtual_machines
from data.queries.connections import CONNECTIONS
from data.queries.matching import in_small_letters, typed
from data.queries.scoping import PART_OF_AN_ID, state_ids, visible, vm
from data.results import FoundMachine, FoundPlace, Places
from data.scope import Scope
from data.vocabulary import Fit, PlaceKind

CANDIDATES = 200
"""So many of the machines that have the text are looked at closely, those first that begin with it."""
_MAC_WITH_DASHES = re.compile(r"([0-9a-f]{2}-){2,5}[0-9a-f]{0,2}")
_ID = re.compile(r"[0-9a-f:-]{17,}", re.IGNORECASE)
"""A MAC address is the shortest of them."""
_TABS = {PlaceKind.DATASTORE: "vDisk", PlaceKind.NETWORK: "vNetwork"}
"""Where places are named one per row."""
_FOUND_COLUMNS = (
    vm.machine_id,
    vm.name,
    vm.dns_name,
    vm.template,
    vcenters.c.name.label("vcenter"),
    vm.datacenter,
    vm.cluster,
    machine_texts.c.exact_text,
)


def find_named_machines(session: Session, scope: Scope, *, text: str, limit: int = 8) -> list[FoundMachine]:
    """Machines by name, DNS name, IP address, host or note, and by a part of a UUID or MAC address.

    Case does not matter. Filters of the scope narrow nothing here, and templates are found, too. Two statements;
    the first one reads the search texts of all machines.

    Args:
        session: To ask.
        scope: Its database, vCenters and day count.
        text: What was typed; blank finds nothing. MAC addresses may be written with dashes.
        limit: How many at most.

    Returns:
        The best fit first, then by name.
    """
    if not text.strip() or "\0" in text:
        return []
    wanted = typed(text.strip())
    rows = session.execute(
        select(*_FOUND_COLUMNS)
        .join_from(virtual_machines, vcenters, vcenters.c.id == vm.vcenter_id)
        .join(machine_texts, machine_texts.c.id == vm.id)
        .where(vm.id.in_(session.scalars(_candidates(scope, wanted)).all()))
    )
    found = [_machine(row, wanted) for row in rows]
    return sorted(found, key=lambda one: (one.fit, (one.name or "").casefold(), one.vcenter, one.machine_id))[
        :limit
    ]


def _candidates(scope: Scope, wanted: str) -> Select[int]:
    """Ids of rows that have the text. The search texts begin with the name, so this orders by name as well."""
    texts = machine_texts.c
    has_text = [texts.text.contains(wanted, autoescape=True)]
    if PART_OF_AN_ID.fullmatch(wanted):
        ids = {wanted, _with_colons(wanted)}
        has_text += [in_small_letters(texts.exact_text).contains(one, autoescape=True) for one in ids]
    order = case(
        (texts.text.startswith(wanted, autoescape=True), 0),
        (texts.text.contains(f"\n{wanted}", autoescape=True), 1),
        else_=2,
    )
    return (
        select(texts.id)
        .where(texts.import_id.in_(state_ids(scope)), or_(*has_text))
        .order_by(order, texts.text, texts.id)
        .limit(CANDIDATES)
    )


def _with_colons(wanted: str) -> str:
    """A MAC address, or the first half of one, as it is exported; anything else as it is."""
    return wanted.replace("-", ":") if _MAC_WITH_DASHES.fullmatch(wanted) else wanted


def _machine(row: Any, wanted: str) -> FoundMachine:
    fit, found = min(_fits(row, wanted), key=lambda one: one[0], default=(Fit.ELSEWHERE, None))
    return FoundMachine(
        row.machine_id, row.name, bool(row.template), row.vcenter, row.datacenter, row.cluster, fit, found
    )


def _fits(row: Any, wanted: str) -> Iterator[tuple[Fit, str | None]]:
    """How well the name of a machine fits, and the lines of its search text that have the text, with each line."""
    in_name = _fit(row.name or "", wanted)
    if in_name is not None:
        yield in_name, None
    for line in row.exact_text.split("\n"):
        fit = _fit(line, _with_colons(wanted) if _ID.fullmatch(line) else wanted)
        if line == row.name or fit is None:
            continue
        is_dns_name, is_address = line == row.dns_name, _is_address(line)
        if fit is Fit.SAME and (is_dns_name or is_address):
            yield Fit.SAME, line
        elif fit <= Fit.BEGINS and (is_dns_name or is_address):
            yield Fit.BEGINS_DNS_NAME if is_dns_name else Fit.BEGINS_ADDRESS, line
        else:
            yield Fit.ELSEWHERE, line


def _is_address(line: str) -> bool:
    """Whether a line is an IP or MAC address, or a UUID."""
    if _ID.fullmatch(line):
        return True
    try:
        ip_address(line)
    except ValueError:
        return False
    return True


def _fit(name: str, wanted: str) -> Fit | None:
    folded = name.casefold()
    at = folded.find(wanted)
    if at < 0:
        return None
    if at == 0:
        return Fit.SAME if folded == wanted else Fit.BEGINS
    return Fit.CONTAINS if folded[at - 1].isalnum() else Fit.BEGINS_WORD


def list_places(session: Session, scope: Scope) -> list[Places]:
    """Where the machines of a scope's states are, its filters aside. Two statements.

    Networks are those of the tab vNetwork, datastores those of the tab vDisk; where an export has no such tab,
    those that vInfo names.
    """
    named = session.execute(select(vcenters.c.id, vcenters.c.name).where(*visible(scope)))
    vcenter_names = dict(named.all())
    groups: dict[tuple[PlaceKind, int, str | None, str | None], set[str]] = defaultdict(set)
    for kind, vcenter_id, datacenter, cluster, name in session.execute(union_all(*_selected(scope))):
        groups[PlaceKind(kind), vcenter_id, datacenter, cluster].add(name)
    for vcenter_id in {vcenter_id for _, vcenter_id, _, _ in groups}:
        groups[PlaceKind.VCENTER, vcenter_id, None, None].add(vcenter_names[vcenter_id])
    return [
        Places(kind, vcenter_id, vcenter_names[vcenter_id], datacenter, cluster, tuple(sorted(names)))
        for (kind, vcenter_id, datacenter, cluster), names in groups.items()
    ]


def _selected(scope: Scope) -> Iterator[Select[Any]]:
    """Kind, vCenter, datacenter, cluster and name of every place but the vCenters themselves."""
    machines = [vm.import_id.in_(state_ids(scope))]
    yield _distinct(PlaceKind.DATACENTER, vm.vcenter_id, vm.datacenter, machines)
    yield _distinct(PlaceKind.CLUSTER, vm.vcenter_id, vm.cluster, machines, vm.datacenter)
    yield _distinct(PlaceKind.HOST, vm.vcenter_id, vm.host, machines, vm.datacenter, vm.cluster)
    yield _distinct(PlaceKind.FOLDER, vm.vcenter_id, vm.folder, machines)
    for kind, tab in _TABS.items():
        table, key, own = CONNECTIONS[kind]
        rows = [table.c.import_id.in_(state_ids(scope))]
        yield _distinct(kind, table.c.vcenter_id, table.c[key], rows)
        with_tab = select(import_tabs.c.import_id).where(import_tabs.c.tab == tab)
        states = select(imports.c.id).where(imports.c.id.in_(state_ids(scope)), imports.c.id.not_in(with_tab))
        for column in own:
            yield _distinct(kind, vm.vcenter_id, column, [vm.import_id.in_(states)])


def _distinct(
    kind: PlaceKind,
    vcenter_id: ColumnElement[int],
    name: ColumnElement[Any],
    conditions: Iterable[ColumnElement[bool]],
    *within: ColumnElement[Any],
) -> Select[Any]:
    """Names that are there.

    Args:
        kind: Of what.
        vcenter_id: Where they are.
        name: The column of the names.
        conditions: Which rows count.
        within: The columns of the datacenter and the cluster, if they tell places apart.
    """
    parts: list[Any] = [literal(str(kind)), vcenter_id, *within, *[null()] * (2 - len(within)), name]
    return select(*parts).distinct().where(*conditions, name.is_not(None))


def find_places(places: Sequence[Places], *, text: str, limit: int = 4) -> list[FoundPlace]:
    """The places whose names have a text, ignoring case; the best fit first, then by name.

    Args:
        places: Those of `list_places`.
        text: What was typed; blank finds nothing. Folders are searched by their last part, unless it has a slash.
        limit: How many of a kind at most.
    """
    wanted = text.strip().casefold()
    found: dict[PlaceKind, list[tuple[Fit, str, str, Places]]] = defaultdict(list)
    for group in places if wanted else ():
        is_by_last_part = group.kind is PlaceKind.FOLDER and "/" not in wanted
        for name in group.names:
            searched = name.rpartition("/")[2] if is_by_last_part else name
            fit = _fit(searched, wanted)
            if fit is not None:
                found[group.kind].append((fit, searched.casefold(), name, group))
    chosen = {}
    for matches in found.values():
        for fit, _, name, group in nsmallest(limit, matches, key=lambda one: (*one[:3], one[3].vcenter)):
            # A host that moved to another cluster is one host.
            within = group.datacenter if group.kind is PlaceKind.CLUSTER else None
            chosen[group.kind, group.vcenter_id, within, name] = _place(places, fit, name, group)
    return sorted(chosen.values(), key=lambda place: place.fit)


def _place(places: Sequence[Places], fit: Fit, name: str, group: Places) -> FoundPlace:
    """A place and whether a link must say in which vCenter it is. A host that moved is the same host."""
    others = (
        other for other in places if other.kind is group.kind and other is not group and name in other.names
    )
    is_ambiguous = any(
        other.vcenter_id != group.vcenter_id or group.kind is PlaceKind.CLUSTER for other in others
    )
    return FoundPlace(
        group.kind, name, group.vcenter_id, group.vcenter, group.datacenter, group.cluster, fit, is_ambiguous
    )
