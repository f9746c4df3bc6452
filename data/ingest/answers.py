"""What the operator is told about a file: before it is stored, after, and when it was stored already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from data.fields import TABS
from data.ingest.identity import KnownMachine
from data.ingest.origin import StatedVCenter, local_now
from data.ingest.publishing import joined_rows
from data.ingest.survey import Survey, records
from data.ingest.vcenters import VCenterChoice
from data.results import (
    ImportedState,
    ImportPreview,
    ImportResult,
    StateDifference,
    StatePreview,
    TabSummary,
)
from data.vocabulary import ExportedAtSource, ImportOutcome
from data.workbook.spool import Content, Workbook


@dataclass(frozen=True, slots=True)
class File:
    """The file that is imported, and what the operator says about it."""

    path: Path
    name: str
    size_bytes: int
    sha256: str
    vcenter: str | None
    exported_at: datetime | None
    is_demo: bool
    replace: bool


@dataclass(frozen=True, slots=True)
class Export:
    """What a file that was read holds of one vCenter."""

    file: File
    workbook: Workbook
    survey: Survey
    stated: StatedVCenter
    exported_at: datetime
    exported_at_source: ExportedAtSource

    @property
    def rvtools_version(self) -> str | None:
        """Of the RVTools that made it; None if it does not say."""
        versions = (row.get("rvtools_version") for row in records(self.workbook, "vMetaData"))
        return next((version[:32] for version in versions if version), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an export stands among the states of its vCenter."""

    current: datetime | None
    """Export time of the newest state that stays."""
    previous_import_id: int | None
    """The state before this one."""
    others: int
    """Stored states that "replace" would drop."""

    def is_newest(self, exported_at: datetime) -> bool:
        """Whether an export of that time will be the current state."""
        return self.current is None or exported_at >= self.current


@dataclass(frozen=True, slots=True)
class Comparison:
    """An export against what is stored."""

    choice: VCenterChoice
    standing: Standing
    found: list[KnownMachine | None]
    """Who its machines are."""
    difference: StateDifference


@dataclass(frozen=True, slots=True)
class StoredState:
    """A state that came of the same file before."""

    vcenter_id: int
    file_states: int
    state: ImportedState


def warnings_of(
    export: Export, choice: VCenterChoice | None = None, standing: Standing | None = None
) -> tuple[str, ...]:
    """What the operator should know of an export, in plain sentences."""
    return tuple(_warnings(export, choice, standing))


def _warnings(export: Export, choice: VCenterChoice | None, standing: Standing | None) -> Iterator[str]:
    exported_at, current = export.exported_at, standing.current if standing else None
    yield from choice.warnings if choice else ()
    if export.exported_at_source is ExportedAtSource.ASSUMED:
        yield "Nothing says when the export was made: the time of the import is assumed."
    elif exported_at > local_now() + timedelta(days=1):
        yield f"The export is dated {exported_at:%Y-%m-%d %H:%M}, which is in the future."
    if current and exported_at < current:
        yield f"The export is older than the newest state ({current:%Y-%m-%d %H:%M}) and becomes part of the history."
    ids = [key.vm_id for key in export.survey.keys if key.vm_id]
    if shared := len(ids) - len(set(ids)):
        yield f"vInfo: {_rows(shared, 'has', 'have')} the VM ID of another row; they are kept apart."
    for tab in export.workbook.part.tabs:
        yield from tab.remarks
        if orphans := export.survey.orphans(tab.name):
            yield f"{tab.name}: {_rows(orphans, 'names a machine', 'name machines')} that vInfo does not have."


def _rows(count: int, one: str, many: str) -> str:
    return f"1 row {one}" if count == 1 else f"{count:,} rows {many}"


def together(warnings: Sequence[tuple[str, Iterable[str]]]) -> tuple[str, ...]:
    """The warnings of all vCenters of a file, with their names if there are several; each warning once.

    Args:
        warnings: of each vCenter its name and its warnings.
    """
    of: dict[str, list[str]] = {}
    for name, sentences in warnings:
        for sentence in sentences:
            of.setdefault(sentence, []).append(name)
    if len(warnings) < 2:
        return tuple(of)
    return tuple(
        sentence if len(names) == len(warnings) else f"{', '.join(names)}: {sentence}"
        for sentence, names in of.items()
    )


def state_of(export: Export, comparison: Comparison, import_id: int | None) -> ImportedState:
    """What is stored of one vCenter."""
    return ImportedState(
        import_id=import_id,
        vcenter=comparison.choice.name,
        exported_at=export.exported_at,
        exported_at_source=export.exported_at_source,
        machines=len(export.survey.keys),
        difference=comparison.difference,
    )


def result_of(
    file: File,
    states: Sequence[ImportedState],
    warnings: tuple[str, ...],
    tabs: tuple[TabSummary, ...],
    *,
    is_stored: bool,
) -> ImportResult:
    """The answer about a file that was stored, or checked only."""
    said = "; ".join(map(_in_words, states))
    return ImportResult(
        file_name=file.name,
        outcome=ImportOutcome.STORED if is_stored else ImportOutcome.CHECKED,
        message=f"{said}: {'stored' if is_stored else 'nothing was written'}.",
        states=tuple(states),
        warnings=warnings,
        tabs=tabs,
    )


def _in_words(state: ImportedState) -> str:
    machines = "1 machine" if state.machines == 1 else f"{state.machines:,} machines"
    return f"{machines} of {state.vcenter}, exported {state.exported_at:%Y-%m-%d %H:%M}"


def unchanged_result(file: File, stored: Sequence[StoredState]) -> ImportResult:
    """The answer about a file that is stored already."""
    states = tuple(state.state for state in stored)
    said = "; ".join(f"{state.vcenter}, exported {state.exported_at:%Y-%m-%d %H:%M}" for state in states)
    return ImportResult(
        file_name=file.name,
        outcome=ImportOutcome.UNCHANGED,
        message=f"This file is stored already: {said}. Nothing was changed.",
        states=states,
    )


def state_preview(
    export: Export, choice: VCenterChoice | None, comparison: Comparison | None
) -> StatePreview:
    """What would be stored of one vCenter. Without a comparison it must be named first; a guess is a suggestion."""
    is_dated = export.exported_at_source is not ExportedAtSource.ASSUMED
    is_guess = choice is not None and choice.is_guess
    return StatePreview(
        vcenter=comparison.choice.name if comparison else None,
        vcenter_source=comparison.choice.source if comparison else export.stated.source,
        needs_vcenter=comparison is None,
        suggested_vcenter=choice.name if choice and is_guess and choice.id is not None else None,
        exported_at=export.exported_at if is_dated else None,
        exported_at_source=export.exported_at_source,
        machines=len(export.survey.keys),
        difference=comparison.difference if comparison else None,
        earlier_states=comparison.standing.others if comparison else 0,
    )


def preview_of(
    file: File,
    content: Content,
    *,
    states: Sequence[StatePreview],
    warnings: tuple[str, ...],
    known_vcenters: tuple[str, ...],
    tabs: tuple[TabSummary, ...],
    rvtools_versions: Iterable[str | None],
) -> ImportPreview:
    """What is in a file."""
    stored = {tab.tab for tab in tabs if tab.stored}
    return ImportPreview(
        file_name=file.name,
        file_size_bytes=file.size_bytes,
        sha256=file.sha256,
        file_format=content.format,
        rvtools_version=next(filter(None, rvtools_versions), None),
        states=tuple(states),
        known_vcenters=known_vcenters,
        tabs=tabs,
        missing_tabs=tuple(tab for tab in TABS if tab not in stored),
        warnings=warnings,
        rejected=content.rejected,
        mappings=content.mappings,
        unknown_sheets=content.unknown_sheets,
        unchanged=False,
    )


def preview_of_stored(file: File, stored: Sequence[StoredState]) -> ImportPreview:
    """The preview of a file that was stored before: its content is not looked at again."""
    return ImportPreview(
        file_name=file.name,
        file_size_bytes=file.size_bytes,
        sha256=file.sha256,
        file_format="",
        rvtools_version=None,
        states=tuple(
            StatePreview(
                vcenter=state.state.vcenter,
                vcenter_source="",
                needs_vcenter=False,
                suggested_vcenter=None,
                exported_at=state.state.exported_at,
                exported_at_source=state.state.exported_at_source,
                machines=state.state.machines,
                difference=None,
            )
            for state in stored
        ),
        known_vcenters=(),
        tabs=(),
        missing_tabs=(),
        warnings=(unchanged_result(file, stored).message,),
        rejected=0,
        mappings=(),
        unknown_sheets=(),
        unchanged=True,
    )


def tab_summaries(export: Export) -> tuple[TabSummary, ...]:
    """What an export holds of each tab."""
    return tuple(
        TabSummary(
            tab=tab.name,
            rows=joined_rows(tab, export.survey),
            refused=tab.skipped,
            orphans=export.survey.orphans(tab.name),
            headers=tab.headers,
            headers_read=tab.headers_read,
            attributes=tab.attributes,
            remarks=tab.remarks,
            stored=tab.is_stored,
            fields=tab.keys if tab.is_known else (),
        )
        for tab in export.workbook.part.tabs
    )


def tabs_together(tabs: Iterable[Iterable[TabSummary]]) -> tuple[TabSummary, ...]:
    """What a file holds of each tab, over all its vCenters."""
    found: dict[str, TabSummary] = {}
    for summary in (summary for summaries in tabs for summary in summaries):
        before = found.get(summary.tab)
        found[summary.tab] = _sum(before, summary) if before else summary
    return tuple(found.values())


def _sum(one: TabSummary, other: TabSummary) -> TabSummary:
    """Two vCenters in one sheet: its columns are the same, its rows are dealt out."""
    return TabSummary(
        tab=one.tab,
        rows=one.rows + other.rows,
        refused=max(one.refused, other.refused),
        orphans=one.orphans + other.orphans,
        headers=max(one.headers, other.headers),
        headers_read=max(one.headers_read, other.headers_read),
        attributes=tuple(dict.fromkeys(one.attributes + other.attributes)),
        remarks=tuple(dict.fromkeys(one.remarks + other.remarks)),
        stored=one.stored or other.stored,
        fields=tuple(dict.fromkeys(one.fields + other.fields)),
    )
