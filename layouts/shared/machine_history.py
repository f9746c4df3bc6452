"""A machine through the states of its vCenter: what changed from one import to the next, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from dash import html
from dash.development.base_component import Component

from data.results import HistoryEntry, MachineHistory
from data.scope import Scope
from data.vocabulary import ChangeKind
from layouts.shared.changes import field_change
from layouts.shared.comparison import noise_switch
from layouts.shared.components import link, partial_state
from layouts.shared.formats import counted, day, listed, moment
from layouts.shared.sitemap import href

WORDS = {
    ChangeKind.RENAMED: "renamed",
    ChangeKind.MOVED: "moved",
    ChangeKind.RESIZED: "resized",
    ChangeKind.CHANGED: "changed",
}


def history(history: MachineHistory, scope: Scope, *, with_noise: bool) -> list[Component]:
    """The History tab: the newest import first, quiet ones folded into one line.

    Args:
        history: The imports of the machine's vCenter that have it, and those that miss it.
        scope: Tells the database that links lead to.
        with_noise: Whether noise was asked for.
    """
    if not history.entries:
        return [noise_switch(is_on=with_noise), partial_state("No state of this machine is stored.")]
    lines: list[Component] = []
    for title, group in groupby(history.entries, key=_title):
        if title:
            lines += [_line(title, entry, history.machine_id, scope) for entry in group]
        else:
            lines.append(_quiet(list(group)))
    return [noise_switch(is_on=with_noise), html.Ol(lines, className="timeline")]


def _title(entry: HistoryEntry) -> str:
    """What an import says of the machine; empty: nothing changed."""
    if entry.is_first:
        return "First seen"
    if ChangeKind.NEW in entry.kinds:
        return "Back again"
    if ChangeKind.GONE in entry.kinds:
        return "Gone"
    words = [word for kind, word in WORDS.items() if kind in entry.kinds]
    return (listed(words).capitalize() or "Noise only") if entry.details else ""


def _line(title: str, entry: HistoryEntry, machine_id: int, scope: Scope) -> Component:
    noise = f"Noise in {counted(entry.hidden_noise, 'field')}, too" if entry.hidden_noise else ""
    details = [html.Li(field_change(one)) for one in entry.details]
    return html.Li(
        [
            html.Div([html.Strong(title), " ", _when(entry, machine_id, scope)]),
            *([html.Ul(details, className="field-changes")] if details else []),
            *([html.Div(noise, className="timeline-note")] if noise else []),
        ],
        className="timeline-step is-gone" if ChangeKind.GONE in entry.kinds else "timeline-step",
    )


def _quiet(entries: Sequence[HistoryEntry]) -> Component:
    """Imports without a change, in one line."""
    newest, oldest = day(entries[0].exported_at), day(entries[-1].exported_at)
    when = newest if newest == oldest else f"{oldest} to {newest}"
    text = f"Unchanged in {counted(len(entries), 'import')}, {when}"
    return html.Li(text, className="timeline-step is-quiet")


def _when(entry: HistoryEntry, machine_id: int, scope: Scope) -> Component:
    """The time of an export, with the way to the machine as it was then."""
    if ChangeKind.GONE in entry.kinds:
        return html.Span(moment(entry.exported_at), className="muted")
    then = Scope(database=scope.database, as_of=entry.exported_at.date())
    return link(moment(entry.exported_at), href("machine", then, machine_id=machine_id))


def first_seen(history: MachineHistory) -> datetime:
    """Export time of the first state that has the machine."""
    return min(entry.exported_at for entry in history.entries if ChangeKind.GONE not in entry.kinds)


def not_there_yet(history: MachineHistory, scope: Scope) -> str:
    """Why there is nothing of a machine on the scope's day."""
    return (
        f"{history.name} did not exist in any state as of {day(scope.as_of)}. It was first seen in the export of "
        f"{moment(first_seen(history))}."
    )
