"""Overview: the estate on one page. Every figure leads to its machines in VM Explorer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.results import (
    AttentionLimits,
    Change,
    DataQuality,
    FieldQuality,
    Infrastructure,
    Overview,
    PowerSplit,
    Share,
    TopShares,
    Unsaid,
    VmCounts,
)
from data.scope import FILTER_OF, NONE, Scope
from data.units import pct
from data.vocabulary import AttentionRule, PowerState, Templates
from layouts.shared import charts, formats
from layouts.shared.attention import attention_card
from layouts.shared.charts import Mark
from layouts.shared.components import (
    card,
    card_grid,
    empty_state,
    icon,
    link,
    page_frame,
    partial_state,
    skeleton_chart,
    skeleton_lines,
    skeleton_tiles,
    tile,
    tiles,
)
from layouts.shared.filters import Filter, FilterIds, as_of_words, filter_bar
from layouts.shared.formats import UNKNOWN, count, counted, listed, share, size
from layouts.shared.sitemap import href

PAGE = "overview"


class Ids(StrEnum):
    """The ids of the page."""

    SCOPE = "overview-scope"
    SENTENCE = "overview-sentence"
    BODY = "overview-body"
    LOAD_DEMO = "overview-load-demo"


FILTERS = (Filter.DATACENTER, Filter.CLUSTER, Filter.POWER, Filter.OS, Filter.TEMPLATES)


def layout(**query: str | list[str]) -> Component:
    scope = Scope.from_query(query)
    return page_frame(
        PAGE,
        sentence_id=Ids.SENTENCE,
        scope_store=dcc.Store(id=Ids.SCOPE, data=scope.query()),
        actions=[filter_bar(PAGE, Ids.SCOPE, FILTERS)],
        children=[
            html.Div(_skeleton(), id=Ids.BODY),
            html.Div(_onboarding(), className="if-empty"),
        ],
    )


def _onboarding() -> Component:
    """Nothing is imported yet. Part of the frame, seen while the body is empty: the callbacks know its button."""
    text = (
        "Import an RVTools export (.xlsx) to see the estate, or look around in a demo estate of made-up machines, "
        "which is removed in one click. On the command line: "
    )
    command = html.Code("flask --app app inventory import export.xlsx")
    return empty_state(
        "hdd-stack",
        "Nothing is imported yet",
        [text, command],
        link("Import an export", href("data_import"), "btn btn-primary"),
        html.Button("Load the demo estate", id=Ids.LOAD_DEMO, type="button", className="btn btn-secondary"),
    )


def _skeleton() -> list[Component]:
    waiting = [
        card("Virtual machines by datacenter", None, skeleton_chart(), span=8),
        card("Power state", None, skeleton_chart(), span=4),
        *(
            card(title, None, skeleton_lines(8), span=4)
            for title in ("Largest clusters", "Operating systems", "Needs attention")
        ),
    ]
    return [skeleton_tiles(6), card_grid(waiting)]


def sentence(overview: Overview, scope: Scope) -> str:
    """What the estate is or was, in one sentence."""
    places = overview.infrastructure
    nouns = ((places.datacenters, "datacenter"), (places.clusters, "cluster"), (places.hosts, "host"))
    where = listed([counted(amount, noun) for amount, noun in nouns if amount])
    machines = counted(overview.counts.total, "machine")
    return (f"{machines} in {where}" if where else machines) + as_of_words(scope)


def body(overview: Overview, scope: Scope, limits: AttentionLimits) -> Component:
    """Everything below the heading, for at least one machine."""
    notes = (_unsaid_note(overview.unsaid), _change_note(overview.change, scope))
    return html.Div(
        [
            _key_figures(overview, scope),
            *(html.P(note, className="tiles-note") for note in notes if note),
            card_grid(
                [
                    _datacenters(overview, scope),
                    _power(overview.counts, scope),
                    _largest(
                        overview.clusters,
                        title="Largest clusters",
                        thing="cluster",
                        note="By number of machines",
                        of=scope.of_cluster,
                        other=scope.beyond_clusters(overview.clusters.top),
                    ),
                    _largest(
                        overview.operating_systems,
                        title="Operating systems",
                        thing="operating system",
                        note="As configured",
                        of=scope.of_os,
                        other=scope.beyond_os(overview.operating_systems.top),
                    ),
                    attention_card(overview.attention, scope, limits),
                    _infrastructure(overview.infrastructure),
                    _completeness(overview.quality, scope),
                ]
            ),
        ]
    )


def no_machines() -> Component:
    """There is an inventory, and no machine of it is in the scope."""
    clears: dict[str, Any] = {"data-clears": FilterIds(PAGE).bar}
    return empty_state(
        "funnel",
        "No machine matches",
        "The inventory has no machine that passes all filters.",
        html.Button("Clear filters", type="button", className="btn btn-primary", **clears),
    )


def _machines(scope: Scope) -> str:
    return href("vm_explorer", scope)


# The row of tiles
def _key_figures(overview: Overview, scope: Scope) -> Component:
    counts, totals, change = overview.counts, overview.totals, overview.change
    per_vcpu = None if totals.vcpus is None else totals.vcpus / counts.total
    per_mib = None if totals.memory_mib is None else totals.memory_mib / counts.total
    on, off = share(pct(counts.powered_on, counts.total)), count(counts.powered_off)
    used = share(pct(totals.in_use_mib, totals.provisioned_mib), 0)
    hidden = counts.templates if scope.templates is Templates.EXCLUDE else None
    storage = f"{used} of {size(totals.provisioned_mib)} provisioned" if totals.provisioned_mib else ""
    machines = [
        ("Virtual machines", count(counts.total), f"{counted(hidden, 'template')} hidden" if hidden else ""),
        ("Powered on", count(counts.powered_on), f"{on} · {off} off"),
        ("vCPU", count(totals.vcpus), f"{formats.number(per_vcpu)} per machine"),
        ("Memory", size(totals.memory_mib), f"{size(per_mib)} per machine"),
        ("Storage in use", size(totals.in_use_mib), storage),
    ]
    addresses = [_machines(scope)] * 5
    addresses[1] = _machines(scope.with_(power=(PowerState.ON,))) if counts.powered_on else ""
    return tiles(
        [
            tile(
                label,
                number,
                "In no export" if number == UNKNOWN else note,
                difference,
                href=address,
            )
            for (label, number, note), difference, address in zip(
                machines, _differences(change), addresses, strict=True
            )
        ]
        + [_completeness_tile(overview, scope)]
    )


def _differences(change: Change) -> Sequence[str]:
    """The change of each of the first five tiles; empty without an earlier state."""
    if change.oldest_before is None:
        return [""] * 5
    size_change, number_change = formats.size_change, formats.change
    differences = (
        number_change(change.machines_now - change.machines_before),
        _difference(change.powered_on_now, change.powered_on_before, number_change),
        _difference(change.vcpus_now, change.vcpus_before, number_change),
        _difference(change.memory_mib_now, change.memory_mib_before, size_change),
        _difference(change.in_use_mib_now, change.in_use_mib_before, size_change),
    )
    since = formats.short_day(change.oldest_before)
    return [f"{difference} since {since}" if difference else "" for difference in differences]


def _difference(now: float | None, before: float | None, written: Callable[[float], str]) -> str:
    return "" if now is None or before is None else written(now - before)


_FIGURES = {
    "power_state": "power states",
    "vcpus": "vCPU",
    "memory_mib": "memory",
    "in_use_mib": "storage in use",
    "hosts": "hosts",
    "datastores": "datastores",
}


def _unsaid_note(unsaid: Sequence[Unsaid]) -> str:
    """Which vCenters are missing in which figures."""
    return " ".join(
        f"Not in the export of {one.vcenter}, so without it: {listed([_FIGURES[key] for key in one.figures])}."
        for one in unsaid
    )


def _change_note(change: Change, scope: Scope) -> str:
    alone = f"{listed(change.left_out)} {'has' if len(change.left_out) == 1 else 'have'} one state only"
    if change.oldest_before is None:
        return f"No change is shown: {alone}." if change.left_out else ""
    states = f"state as of {formats.day(scope.as_of)}" if scope.as_of else "newest state"
    compared = (
        f"Changes compare each vCenter's {states} with the one before, "
        f"the oldest of {formats.moment(change.oldest_before)}."
    )
    return f"{compared} Not compared: {alone}." if change.left_out else compared


def _completeness_tile(overview: Overview, scope: Scope) -> Component:
    missing = {
        field.field: field.total - field.filled
        for field in overview.quality.fields
        if field.filled is not None
    }
    words = {"dns_name": "without DNS name", "primary_ip_address": "without IP"}
    links = [
        link(f"{count(missing[key])} {text}", _machines(_blank(scope, key)))
        for key, text in words.items()
        if missing.get(key)
    ]
    absent = overview.quality.absent
    left_out = [f"{listed(absent)} left out"] if absent else []
    return tile("Data completeness", share(overview.quality.completeness_pct, 0), *links, *left_out)


# The charts
def _datacenters(overview: Overview, scope: Scope) -> Component:
    rows = overview.datacenters
    stacks = [_stack(row, scope.of_datacenter(row)) for row in rows]
    rest = overview.other_datacenters
    beyond = _machines(scope.beyond_datacenters(rows))
    other = Mark("In other datacenters", rest.total, beyond) if rest else None
    return card(
        "Virtual machines by datacenter",
        "Select a bar to open those machines in VM Explorer",
        charts.power_bars(
            stacks,
            parts=_power_marks(overview.counts, scope),
            thing="Datacenter",
            title="Virtual machines by datacenter and power state",
            other=other,
        ),
        span=8,
    )


def _stack(row: PowerSplit, scope: Scope) -> charts.Stack:
    label = formats.NONE if row.name is None else row.name
    return charts.Stack(
        Mark(label, row.total, _machines(scope), row.context or "", is_group=row.name is not None),
        tuple(
            Mark(
                f"{label}, {state.word.lower()}",
                amount,
                _machines(_in_state(scope, state)),
                row.context or "",
            )
            for state, amount in zip(charts.POWER, (row.on, row.off, row.suspended, row.unknown), strict=True)
        ),
    )


def _power_marks(counts: VmCounts, scope: Scope) -> list[Mark]:
    known = [counts.powered_on or 0, counts.powered_off or 0, counts.suspended or 0]
    amounts = [*known, counts.total - sum(known)]
    return [
        Mark(state.word, amount, _machines(_in_state(scope, state)))
        for state, amount in zip(charts.POWER, amounts, strict=True)
    ]


def _in_state(scope: Scope, state: charts.State) -> Scope:
    return scope.with_(power=(state.value,))


def _power(counts: VmCounts, scope: Scope) -> Component:
    if counts.powered_on is None:
        return card("Power state", None, partial_state("No export has the column Powerstate."), span=4)
    parts = _power_marks(counts, scope)
    running = share(pct(counts.powered_on, counts.total))
    return card(
        "Power state",
        f"{running} of machines are running",
        charts.power_donut(parts, centre=running, below="on", title="Virtual machines by power state"),
        span=4,
    )


def _largest(
    groups: TopShares, *, title: str, thing: str, note: str, of: Callable[[Share], Scope], other: Scope
) -> Component:
    named = sum(group.name is not None for group in groups.top)
    marks = [
        Mark(
            formats.NONE if group.name is None else group.name,
            group.machines,
            _machines(of(group)),
            group.context or "",
            is_group=group.name is not None,
        )
        for group in groups.top
    ]
    return card(
        title,
        f"{note}; top {named} of {count(groups.groups)}" if groups.groups > named else note,
        charts.bar_chart(
            marks,
            thing=thing.capitalize(),
            title=f"Machines by {thing}",
            other=Mark(f"In other {thing}s", groups.other, _machines(other)) if groups.other else None,
        ),
        span=4,
    )


# Infrastructure and completeness
def _infrastructure(places: Infrastructure) -> Component:
    hosts = _needs("vHost", places.host_cores, places.host_memory_mib)
    stores = _needs("vDatastore", places.datastores, places.datastore_capacity_mib, places.datastore_free_mib)
    free = share(pct(places.datastore_free_mib, places.datastore_capacity_mib)).removeprefix(UNKNOWN)
    figures = (
        ("Datacenters", count(places.datacenters), "", "Needs the column Datacenter"),
        ("Clusters", count(places.clusters), "", "Needs the column Cluster"),
        ("Hosts", count(places.hosts), "", "Needs the column Host"),
        ("Host cores", count(places.host_cores), "", hosts),
        ("Host memory", size(places.host_memory_mib), "", hosts),
        ("Datastores", count(places.datastores), "", stores),
        ("Datastore capacity", size(places.datastore_capacity_mib), "", stores),
        ("Datastore free", size(places.datastore_free_mib), free, stores),
    )
    drawn = [
        tile(label, number, needs if number == UNKNOWN else note) for label, number, note, needs in figures
    ]
    return card("Infrastructure", "What these machines run on", tiles(drawn, columns=4), span=8)


def _needs(tab: str, *figures: float | None) -> str:
    """What an unknown figure of a tab lacks: the tab, or a column if other figures of the tab are known."""
    return f"Needs the {tab} tab" if all(figure is None for figure in figures) else f"Needs a column of {tab}"


def _blank(scope: Scope, field: str) -> Scope:
    """The machines that leave a field blank."""
    rules = {"dns_name": AttentionRule.NO_DNS_NAME, "primary_ip_address": AttentionRule.NO_IP}
    if field in rules:
        return scope.of_attention(rules[field])
    return scope.with_(**{FILTER_OF[field]: (NONE,)})


def _completeness(quality: DataQuality, scope: Scope) -> Component:
    absent = [partial_state(f"Left out, in no export: {listed(quality.absent)}")] if quality.absent else []
    rows = [_field_row(field, field.filled, scope) for field in quality.fields if field.filled is not None]
    return card(
        "Data completeness",
        f"{share(quality.completeness_pct)} of these fields are filled",
        html.Ul([html.Li(row) for row in rows], className="attention"),
        *absent,
        span=4,
    )


def _field_row(field: FieldQuality, filled: int, scope: Scope) -> Component:
    blank = field.total - filled
    unread: dict[str, Any] = {"aria-hidden": "true"}
    content = [
        html.Span(field.label, className="attention-text"),
        html.Progress(value=str(filled), max=str(field.total), className="progress-line", **unread),
        html.Span(share(pct(filled, field.total)), className="attention-count"),
    ]
    if not blank:
        return html.Div([*content, html.Span(className="attention-gap")], className="attention-row")
    return link([*content, icon("chevron-right")], _machines(_blank(scope, field.field)), "attention-row")
