"""What the operator is told about a file: before it is stored, after, and when it was stored already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from data.fields import TABS
from data.ingest.identity import KnownMachine
from data.ingest.origin import StatedVCenter, VCenterChoice, local_now
from data.ingest.publishing import joined_rows
from data.ingest.survey import Survey, records
from data.results import ImportPreview, ImportResult, StateDifference, TabSummary
from data.vocabulary import ExportedAtSource, ImportOutcome
from data.workbook.spool import Workbook


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


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was read."""

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
class Comparison:
    """An export against what is stored."""

    choice: VCenterChoice
    found: list[KnownMachine | None]
    """Who its machines are."""
    difference: StateDifference
    current: datetime | None
    """Export time of the newest state of the vCenter."""
    previous_import_id: int | None
    """The state before this one."""


def warnings_of(export: Export, comparison: Comparison | None) -> tuple[str, ...]:
    """What the operator should know of an export, in plain sentences."""
    return tuple(_warnings(export, comparison))


def _warnings(export: Export, comparison: Comparison | None) -> Iterator[str]:
    exported_at, current = export.exported_at, comparison.current if comparison else None
    yield from comparison.choice.warnings if comparison else ()
    if export.exported_at_source is ExportedAtSource.ASSUMED:
        yield "Nothing says when the export was made: the time of the import is assumed."
    elif exported_at > local_now() + timedelta(days=1):
        yield f"The export is dated {exported_at:%Y-%m-%d %H:%M}, which is in the future."
    if current and exported_at < current:
        yield f"The export is older than the newest state ({current:%Y-%m-%d %H:%M}) and becomes part of the history."
    ids = [key.vm_id for key in export.survey.keys if key.vm_id]
    if shared := len(ids) - len(set(ids)):
        yield f"vInfo: {_rows(shared, 'has', 'have')} the VM ID of another row; they are kept apart."
    for tab in export.workbook.content.tabs:
        yield from tab.remarks
        if orphans := export.survey.orphans(tab.name):
            yield f"{tab.name}: {_rows(orphans, 'names a machine', 'name machines')} that vInfo does not have."


def _rows(count: int, one: str, many: str) -> str:
    return f"1 row {one}" if count == 1 else f"{count:,} rows {many}"


def result_of(export: Export, comparison: Comparison, import_id: int | None) -> ImportResult:
    """The answer about a file that was stored, or with no import id, checked only."""
    machines = len(export.survey.keys)
    name = comparison.choice.name
    what = "1 machine" if machines == 1 else f"{machines:,} machines"
    message = f"{what} of {name}, exported {export.exported_at:%Y-%m-%d %H:%M}"
    return ImportResult(
        file_name=export.file.name,
        outcome=ImportOutcome.CHECKED if import_id is None else ImportOutcome.STORED,
        message=f"{message}: {'nothing was written' if import_id is None else 'stored'}.",
        import_id=import_id,
        vcenter=name,
        exported_at=export.exported_at,
        exported_at_source=export.exported_at_source,
        machines=machines,
        warnings=warnings_of(export, comparison),
        tabs=_tab_summaries(export),
        difference=comparison.difference,
    )


def preview_of(
    export: Export, comparison: Comparison | None, known_vcenters: tuple[str, ...]
) -> ImportPreview:
    """What is in a file. Without a comparison, its vCenter must be named first."""
    is_known = export.exported_at_source is not ExportedAtSource.ASSUMED
    return ImportPreview(
        file_name=export.file.name,
        file_size_bytes=export.file.size_bytes,
        sha256=export.file.sha256,
        rvtools_version=export.rvtools_version,
        vcenter=comparison.choice.name if comparison else None,
        vcenter_source=comparison.choice.source if comparison else export.stated.source,
        needs_vcenter=comparison is None,
        known_vcenters=known_vcenters,
        exported_at=export.exported_at if is_known else None,
        exported_at_source=export.exported_at_source,
        machines=len(export.survey.keys),
        tabs=_tab_summaries(export),
        missing_tabs=tuple(tab for tab in TABS if tab not in export.workbook.tabs),
        warnings=warnings_of(export, comparison),
        difference=comparison.difference if comparison else None,
        unchanged=False,
    )


def preview_of_stored(file: File, stored: ImportResult) -> ImportPreview:
    """The preview of a file that was stored before: its content is not looked at again."""
    return ImportPreview(
        file_name=file.name,
        file_size_bytes=file.size_bytes,
        sha256=file.sha256,
        rvtools_version=None,
        vcenter=stored.vcenter,
        vcenter_source="",
        needs_vcenter=False,
        known_vcenters=(),
        exported_at=stored.exported_at,
        exported_at_source=stored.exported_at_source or "",
        machines=stored.machines or 0,
        tabs=(),
        missing_tabs=(),
        warnings=(stored.message,),
        difference=None,
        unchanged=True,
    )


def _tab_summaries(export: Export) -> tuple[TabSummary, ...]:
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
        )
        for tab in export.workbook.content.tabs
    )
