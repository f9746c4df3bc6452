"""What is in an export and what storing it would change, one vCenter after another and tab by tab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from data.fields import TABS
from data.results import (
    CHANGES_FILE,
    REJECTED_FILE,
    ImportPreview,
    Job,
    StateDifference,
    StatePreview,
    TabSummary,
)
from data.units import BYTES_PER_MIB
from data.vocabulary import ChangeKind, ExportedAtSource
from layouts.shared import import_questions
from layouts.shared.changes import change_table
from layouts.shared.components import (
    Column,
    Content,
    Tone,
    card,
    data_table,
    definition_list,
    dot,
    hidden,
    icon,
    partial_state,
    table_box,
    tile,
)
from layouts.shared.formats import UNKNOWN, change, count, counted, listed, moment, size
from layouts.shared.job_files import job_file_address

FORMER_TABS = frozenset({"vFloppy"})
"""Tabs that RVTools 4 does not write: nobody misses them."""
BYTES_PER_KIB = 1024
MAX_NAMES = 8
"""Names of attributes that are listed."""
SOURCES = {"given": "as you said", "new": "not named in the export"}
"""Words for how a vCenter or a time is known, where the source's own name does not do."""


@dataclass(frozen=True, slots=True)
class _Files:
    """What can be fetched from the job of a preview."""

    job_id: int
    names: tuple[str, ...]
    database: str

    def link(self, name: str, words: str) -> list[Component]:
        """A link to a file; nothing if the job has none of that name."""
        if name not in self.names:
            return []
        address = job_file_address(self.job_id, name, self.database)
        return [
            html.A([icon("download"), " ", words], href=address, download=name, className="import-file-link")
        ]


def preview_body(job: Job, preview: ImportPreview, database: str, *beside: Component) -> Component:
    """What would change, tab by tab what was read, and the way to store it.

    Args:
        job: That made the preview; its files can be fetched.
        preview: Of one file.
        database: What links lead to; empty for the default one.
        beside: Further cards, in the narrow column.
    """
    files = _Files(job.id, job.files, database)
    main = [
        *_changes(preview, files),
        *([_tabs(preview.tabs)] if preview.tabs else []),
        import_questions.mapping_form(preview),
        import_questions.mappings_card(preview.mappings),
    ]
    return html.Div(
        [
            html.Div(main, className="import-main"),
            html.Div([_this_export(preview, files), *beside], className="import-side"),
        ],
        className="import-columns",
    )


# What would change
def _changes(preview: ImportPreview, files: _Files) -> list[Component]:
    cards = [_state_card(state, files, is_alone=len(preview.states) == 1) for state in preview.states]
    download = files.link(CHANGES_FILE, "All changes as a file")
    return [*cards, *([html.P(download, className="import-download")] if download else [])]


def _state_card(state: StatePreview, files: _Files, *, is_alone: bool) -> Component:
    title = "What would change" if is_alone else f"What would change in {state.vcenter}"
    facts = [] if is_alone else [_facts_in_a_line(state)]
    return card(title, _compared_with(state), *facts, _tiles(state), *_examples(state.difference, files))


def _facts_in_a_line(state: StatePreview) -> Component:
    facts = [
        *([html.Span(["Known by ", _badge(state.vcenter_source)])] if state.vcenter_source else []),
        html.Span(["Exported ", *_exported(state)]),
        html.Span(counted(state.machines, "machine")),
    ]
    return html.P(facts, className="import-facts")


def _compared_with(state: StatePreview) -> str:
    if state.difference is None:
        return "Not known before you say which vCenter it is"
    if state.difference.compared_with is None:
        return f"The first state of {state.vcenter}"
    return f"Compared with the state of {moment(state.difference.compared_with)} of {state.vcenter}"


def _tiles(state: StatePreview) -> Component:
    difference = state.difference
    if difference is None:
        numbers = [tile("Machines", count(state.machines), "in this export")]
    elif difference.compared_with is None:
        numbers = [tile("New machines", change(difference.new), "all of this export", tone="good")]
    else:
        numbers = [
            tile("New machines", change(difference.new), tone="good" if difference.new else ""),
            tile("Gone", change(-difference.gone), tone="bad" if difference.gone else ""),
            tile("Renamed", count(difference.renamed), "same identity"),
            tile("Moved", count(difference.moved), "host, cluster or folder"),
            tile("Resized", count(difference.resized), "vCPU, memory or disk"),
            tile("Changed", count(difference.changed), "other settings"),
            tile("Unchanged", count(difference.unchanged), "but for power and usage"),
        ]
    return html.Div(numbers, className="tiles import-tiles")


def _examples(difference: StateDifference | None, files: _Files) -> Iterator[Component]:
    """The machines of each kind of change, folded. The first state of a vCenter needs no list: all are new."""
    if difference is None or difference.compared_with is None:
        return
    for kind, amount in _amounts(difference):
        shown = [one for one in difference.examples if one.kind == kind]
        if not shown:
            continue
        words = f"{counted(amount, 'machine')} {kind}"
        rest = [f"The first {count(len(shown))} of {count(amount)}. "] if amount > len(shown) else []
        yield html.Details(
            [
                html.Summary(f"{words}"),
                *(
                    [
                        html.P(
                            [*rest, *files.link(CHANGES_FILE, "All changes as a file")], className="card-note"
                        )
                    ]
                    if rest
                    else []
                ),
                html.Div(
                    change_table(shown, files.database, caption=words),
                    className="import-examples",
                    tabIndex=0,
                ),
            ],
            className="table-twin",
        )


def _amounts(difference: StateDifference) -> tuple[tuple[ChangeKind, int], ...]:
    return (
        (ChangeKind.NEW, difference.new),
        (ChangeKind.GONE, difference.gone),
        (ChangeKind.RENAMED, difference.renamed),
        (ChangeKind.MOVED, difference.moved),
        (ChangeKind.RESIZED, difference.resized),
        (ChangeKind.CHANGED, difference.changed),
    )


# Tab by tab
def _tabs(tabs: Sequence[TabSummary]) -> Component:
    columns = (
        Column("Tab"),
        Column("Rows", is_number=True),
        Column("Columns read", is_number=True),
        Column("Remarks"),
    )
    return table_box(data_table(columns, map(_tab_row, tabs), caption="What the export holds, tab by tab"))


def _tab_row(tab: TabSummary) -> Sequence[Content]:
    tone, word = _tab_state(tab)
    read = f"{count(tab.headers_read)} of {count(tab.headers)}" if tab.stored else UNKNOWN
    remarks = list(_remarks(tab))
    return (
        [dot(tone), tab.tab, hidden(f" {word}")],
        count(tab.rows),
        read,
        html.Ul([html.Li(remark) for remark in remarks], className="import-remarks") if remarks else [],
    )


def _tab_state(tab: TabSummary) -> tuple[Tone, str]:
    if not tab.stored or tab.refused or tab.orphans or tab.remarks:
        return "warning", "(with remarks)"
    return ("on", "(read)") if tab.rows else ("muted", "(empty)")


def _remarks(tab: TabSummary) -> Iterator[str]:
    if tab.stored and not tab.rows:
        yield "Empty in this export."
    if tab.attributes:
        shown, more = tab.attributes[:MAX_NAMES], len(tab.attributes) - MAX_NAMES
        names = f"{', '.join(shown)} and {more} more" if more > 0 else listed(shown)
        yield f"{counted(len(tab.attributes), 'further column')} kept as attributes: {names}."
    if tab.orphans:
        verb = "row names a machine" if tab.orphans == 1 else "rows name machines"
        yield f"{count(tab.orphans)} {verb} that vInfo does not have; kept apart."
    yield from (_without_tab(remark, tab.tab) for remark in tab.remarks)


def _without_tab(remark: str, tab: str) -> str:
    """Remarks begin with their tab; in its own row that is left out."""
    if not remark.startswith((f"{tab},", f"{tab}:")):
        return remark
    rest = remark[len(tab) + 1 :].lstrip()
    return rest[:1].upper() + rest[1:]


# The file as a whole
def _this_export(preview: ImportPreview, files: _Files) -> Component:
    missing = _missing(preview)
    sentence = f"Not in this export: {listed(missing)}. Figures from there stay unknown."
    return card(
        "This export",
        None,
        definition_list(_facts(preview, files)),
        *import_questions.questions(preview),
        import_questions.buttons(preview),
        *([partial_state(sentence)] if missing and preview.states else []),
        warnings(preview.warnings),
    )


def _facts(preview: ImportPreview, files: _Files) -> list[tuple[str, Content]]:
    facts: list[tuple[str, Content]] = []
    if len(preview.states) == 1:
        state = preview.states[0]
        if not state.needs_vcenter:
            facts.append(("vCenter", known_by(state.vcenter or UNKNOWN, state.vcenter_source)))
        facts.append(("Exported", _exported(state)))
    elif preview.states:
        facts.append(("vCenters", count(len(preview.states))))
    return [
        *facts,
        ("File", f"{preview.file_format}, {file_size(preview)}"),
        ("RVTools", preview.rvtools_version or UNKNOWN),
        *([("Machines", count(preview.machines))] if preview.states else []),
        ("Tabs", _tab_count(preview)),
        ("Rejected", _rejected(preview.rejected, files)),
    ]


def file_size(preview: ImportPreview) -> str:
    """The size of the file, to the byte where it is less than a KiB."""
    if preview.file_size_bytes < BYTES_PER_KIB:
        return counted(preview.file_size_bytes, "byte")
    return size(preview.file_size_bytes / BYTES_PER_MIB)


def _tab_count(preview: ImportPreview) -> str:
    found = sum(tab.tab in TABS for tab in preview.tabs)
    return f"{found} of {found + len(_missing(preview))}"


def _missing(preview: ImportPreview) -> list[str]:
    return [tab for tab in preview.missing_tabs if tab not in FORMER_TABS]


def _rejected(amount: int, files: _Files) -> Content:
    if not amount:
        return "nothing"
    return [
        html.Span(counted(amount, "row or cell", "rows and cells")),
        " ",
        *files.link(REJECTED_FILE, "reasons"),
    ]


def _exported(state: StatePreview) -> Sequence[Component | str]:
    when = moment(state.exported_at) if state.exported_at else "The time of the import"
    return known_by(when, state.exported_at_source)


def known_by(what: str, source: str) -> Sequence[Component | str]:
    """A fact and how it is known."""
    return [html.Span(what), " ", _badge(source)] if source else [html.Span(what)]


def _badge(source: str) -> Component:
    tone = " is-warning" if source == ExportedAtSource.ASSUMED else ""
    return html.Span(SOURCES.get(source, source), className=f"badge-soft{tone}")


def warnings(warnings: Sequence[str]) -> Component:
    """Warnings, folded; nothing without any."""
    if not warnings:
        return html.Span(hidden=True)
    rows = html.Ul([html.Li(warning) for warning in warnings])
    return html.Details(
        [html.Summary(counted(len(warnings), "warning")), rows], className="table-twin import-warnings"
    )
