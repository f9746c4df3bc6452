"""What is stored: the states of every vCenter, how long they stay, and what can be done about them.

The page's frame holds `history_frame`; `callbacks.shared.import_history.wire_history` fills it in. Buttons are plain
ones that `assets/history.js` turns into an action or a question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.results import RetentionRule, StoredImport, StoredVCenter
from data.units import BYTES_PER_MIB
from data.vocabulary import ExportedAtSource
from layouts.shared.comparison import ComparisonView, comparison_frame
from layouts.shared.components import (
    Column,
    Content,
    card,
    data_table,
    hidden,
    icon,
    question_dialog,
    skeleton_lines,
    table_box,
)
from layouts.shared.formats import count, counted, day, moment, size
from layouts.shared.history_ids import Action, HistoryIds

LISTED_STATES = 12
"""So many states of each vCenter are listed at first, the newest ones: there can be dozens."""
OPEN_STATES = 24
"""With more stored states the lists of the vCenters are folded, but for the first."""
SOURCES: dict[str, str] = {
    ExportedAtSource.GIVEN: "given by hand",
    ExportedAtSource.FILE_NAME: "file name",
    ExportedAtSource.DOCUMENT: "document properties",
    ExportedAtSource.ASSUMED: "assumed: time of the import",
}
"""How an export time is known, in words; every other source is called what it is."""


def history_frame(query: Mapping[str, str | list[str]] | None = None) -> Component:
    """The place of the history in a page, with every id that its callbacks name.

    Args:
        query: Of the page's URL; says which states are compared.
    """
    return html.Div(
        [
            dcc.Store(id=HistoryIds.VIEW, data=ComparisonView.from_query(query or {}).query()),
            dcc.Store(id=HistoryIds.ACTION),
            dcc.Store(id=HistoryIds.WHOLE, data=[]),
            dcc.Store(id=HistoryIds.JOB),
            dcc.Interval(id=HistoryIds.POLL, interval=700, disabled=True),
            html.Div(card("Stored states", None, skeleton_lines(5)), id=HistoryIds.BODY),
            comparison_frame(),
            question_dialog(HistoryIds.DIALOG, title="Delete this state?", confirm="Delete"),
        ],
        className="history",
    )


def history_section(
    imports: Sequence[StoredImport],
    vcenters: Sequence[StoredVCenter],
    rule: RetentionRule,
    whole: Collection[int] = (),
) -> Content:
    """The states by vCenter, newest first, hidden vCenters at the end; nothing while nothing is stored.

    Args:
        imports: The states of the vCenters that are shown.
        vcenters: All of them.
        rule: What stays.
        whole: Ids of the vCenters whose states are all listed.
    """
    if not vcenters:
        return []
    states: dict[int, list[StoredImport]] = {}
    for stored in newest_first(imports):
        states.setdefault(stored.vcenter_id, []).append(stored)
    shown = sorted(vcenters, key=lambda one: (one.is_hidden, one.name.casefold()))
    is_short = len(imports) <= OPEN_STATES
    return [
        card(
            "Stored states",
            [html.Span(_total(vcenters)), " ", html.Span(retention_words(rule))],
            *(
                _hidden_vcenter(one)
                if one.is_hidden
                else _vcenter(
                    one,
                    states.get(one.id, []),
                    is_open=is_short or one is shown[0],
                    is_whole=one.id in whole,
                )
                for one in shown
            ),
        )
    ]


def newest_first(imports: Iterable[StoredImport]) -> list[StoredImport]:
    """States in the order of lists: by export time."""
    return sorted(imports, key=lambda stored: (stored.exported_at, stored.id), reverse=True)


def retention_words(rule: RetentionRule) -> str:
    """The retention rule as a sentence.

    Example:
        >>> retention_words(RetentionRule(35, 24))
        'Every state stays for 35 days, then the last of each month for 24 months; pinned states stay.'
        >>> retention_words(RetentionRule(1, 0))
        'Every state stays for 1 day; pinned states stay.'
    """
    months = f", then the last of each month for {counted(rule.months, 'month')}" if rule.months else ""
    return f"Every state stays for {counted(rule.days, 'day')}{months}; pinned states stay."


def _total(vcenters: Sequence[StoredVCenter]) -> str:
    states = counted(sum(one.states for one in vcenters), "state")
    sizes = [one.size_bytes for one in vcenters]
    amount = "" if None in sizes else f", {_size(sum(one or 0 for one in sizes))} in the database"
    return f"{states} of {counted(len(vcenters), 'vCenter')}{amount}."


def _size(amount: int | None) -> str:
    return size(None if amount is None else amount / BYTES_PER_MIB)


# One vCenter
def _vcenter(
    vcenter: StoredVCenter, states: Sequence[StoredImport], *, is_open: bool, is_whole: bool
) -> Component:
    listed = states if is_whole else states[:LISTED_STATES]
    table = data_table(
        _COLUMNS, [_row(state, states) for state in listed], caption=f"States of {vcenter.name}"
    )
    return html.Details(
        [
            html.Summary(
                [html.Span(vcenter.name, className="history-name"), *_badges(vcenter), _facts(vcenter)]
            ),
            table_box(table),
            *([_all_button(vcenter, len(states))] if len(listed) < len(states) else []),
            html.Div(
                [
                    _button(
                        Action.HIDE, vcenter.id, "Hide this vCenter", of=vcenter.name, symbol="eye-slash"
                    ),
                    html.Span(
                        "Hidden, its machines are in no figure, list or search. Its states stay, and it can be "
                        "shown again.",
                        className="muted",
                    ),
                ],
                className="history-foot",
            ),
        ],
        className="history-vcenter",
        open=is_open,
        **_of(vcenter),
    )


def _all_button(vcenter: StoredVCenter, states: int) -> Component:
    attributes: dict[str, Any] = {"data-whole": str(vcenter.id)}
    label: list[Component | str] = [f"Show all {count(states)} states", hidden(f" of {vcenter.name}")]
    return html.Button(label, type="button", className="btn btn-secondary btn-sm history-all", **attributes)


def _hidden_vcenter(vcenter: StoredVCenter) -> Component:
    return html.Div(
        [
            html.Div(
                [html.Span(vcenter.name, className="history-name"), *_badges(vcenter), _facts(vcenter)],
                className="history-head",
            ),
            html.Div(
                [
                    _button(Action.SHOW, vcenter.id, "Show this vCenter", of=vcenter.name, symbol="eye"),
                    html.Span("Its machines are in no figure, list or search.", className="muted"),
                ],
                className="history-foot",
            ),
        ],
        className="history-vcenter is-hidden",
        **_of(vcenter),
    )


def _of(vcenter: StoredVCenter) -> dict[str, Any]:
    """Tells the script whose states these are."""
    return {"data-vcenter": str(vcenter.id)}


def _badges(vcenter: StoredVCenter) -> list[Component]:
    words = (("demo", vcenter.is_demo), ("hidden", vcenter.is_hidden))
    return [_badge(word) for word, is_so in words if is_so]


def _facts(vcenter: StoredVCenter) -> Component:
    parts = [counted(vcenter.states, "state")]
    if vcenter.newest is not None:
        parts.append(f"newest of {day(vcenter.newest)}")
    if vcenter.size_bytes is not None:
        parts.append(_size(vcenter.size_bytes))
    return html.Span(" · ".join(parts), className="history-facts")


# One state
_COLUMNS = (
    Column("Exported"),
    Column("How known"),
    Column("Imported (UTC)"),
    Column("Machines", is_number=True),
    Column("Size", is_number=True),
    Column("File"),
    Column("Actions"),
)


def _row(state: StoredImport, states: Sequence[StoredImport]) -> Sequence[Content]:
    return (
        [html.Span(moment(state.exported_at)), *_state_badges(state)],
        _source(state),
        moment(state.imported_at),
        count(state.machines),
        _size(state.size_bytes),
        _file(state),
        html.Div([_pin(state), _delete(state, states)], className="history-actions"),
    )


def _state_badges(state: StoredImport) -> list[Component]:
    words = (("current", state.is_current), ("pinned", state.is_pinned))
    badges = [_badge(word) for word, is_so in words if is_so]
    if state.goes_with_next:
        badges.append(_badge("goes with the next import", "is-warning"))
    return badges


def _badge(word: str, tone: str = "") -> Component:
    return html.Span(word, className=f"badge-soft {tone}".strip())


def _file(state: StoredImport) -> Component:
    warnings = [html.Ul([html.Li(text) for text in state.warnings])] if state.warnings else []
    title = f"file and {counted(len(state.warnings), 'warning')}" if state.warnings else "file"
    return html.Details(
        [
            html.Summary(title),
            html.Div(state.file_name),
            html.Div(
                f"Export time: {_source(state)}. Imported {moment(state.imported_at)} (UTC).",
                className="history-narrow",
            ),
            *warnings,
        ],
        className="table-twin history-fold",
    )


def _source(state: StoredImport) -> str:
    return SOURCES.get(state.exported_at_source, state.exported_at_source)


def _pin(state: StoredImport) -> Component:
    of = _named(state)
    if state.is_pinned:
        return _button(Action.UNPIN, state.id, "Unpin", of=of, symbol="pin-angle-fill")
    return _button(Action.PIN, state.id, "Pin", of=of, symbol="pin-angle")


def _delete(state: StoredImport, states: Sequence[StoredImport]) -> Component:
    if state.is_pinned:
        return html.Button(
            [icon("trash"), " Delete"],
            type="button",
            className="btn btn-secondary btn-sm",
            disabled=True,
            title="A pinned state stays. Unpin it first.",
        )
    question: dict[str, Any] = {
        "data-title": f"Delete the state of {moment(state.exported_at)}?",
        "data-text": deletion_text(state, states),
    }
    return _button(
        Action.DELETE,
        state.id,
        "Delete",
        of=_named(state),
        symbol="trash",
        **question,
    )


def deletion_text(state: StoredImport, states: Sequence[StoredImport]) -> str:
    """What goes with a state, for the question before it is deleted.

    Args:
        state: The one to be deleted.
        states: All of its vCenter.
    """
    what = f"{counted(state.machines, 'machine')} of {state.vcenter} as of that day"
    freed = "" if state.size_bytes is None else f" ({_size(state.size_bytes)})"
    others = [other for other in newest_first(states) if other.id != state.id]
    if not others:
        return (
            f"The {what} and all that hangs on them go{freed}. It is the only state of {state.vcenter}: the vCenter "
            "goes, too. This cannot be undone."
        )
    next_one = (
        f" The state of {moment(others[0].exported_at)} becomes the current one." if state.is_current else ""
    )
    return (
        f"The {what} and all that hangs on them go{freed}; machines that no other state has go for good.{next_one} "
        "This cannot be undone."
    )


def _named(state: StoredImport) -> str:
    return f"the state of {moment(state.exported_at)} of {state.vcenter}"


def _button(action: Action, key: int, label: str, *, of: str, symbol: str, **more: Any) -> Component:
    """A button that does something to a state or a vCenter; a screen reader hears to which."""
    attributes: dict[str, Any] = {"data-action": action, "data-key": str(key), "aria-label": f"{label}: {of}"}
    return html.Button(
        [icon(symbol), f" {label}"], type="button", className="btn btn-secondary btn-sm", **attributes, **more
    )
