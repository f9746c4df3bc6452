"""What is in a file and what storing it would change, before anything is stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from data.database import DatabaseManager
from data.errors import VCenterNeededError
from data.ingest.answers import (
    Comparison,
    Export,
    File,
    preview_of,
    preview_of_stored,
    state_preview,
    tab_summaries,
    tabs_together,
    together,
    warnings_of,
)
from data.ingest.comparing import choices_of, compare_export, telling
from data.ingest.listing import changes_listed, list_rejections
from data.ingest.reading import Read, file_of, read_file, stored_before
from data.ingest.retention import would_go
from data.ingest.vcenters import VCenterChoice, known_vcenters
from data.progress import OnProgress, unheard
from data.results import CHANGES_FILE, REJECTED_FILE, ImportPreview, RetentionRule
from data.vocabulary import JobPhase
from data.workbook.spool import Reading


def preview_file(
    db_url: str,
    path: Path,
    *,
    vcenter: str | None = None,
    exported_at: datetime | None = None,
    on_progress: OnProgress = unheard,
    file_name: str | None = None,
    directory: Path | None = None,
    retention: RetentionRule | None = None,
) -> ImportPreview:
    """What is in a file and what storing it would change. Writes nothing into the database.

    With a directory it leaves `rejected.csv` there if something is not taken over as it is, and `changes.csv` if
    there is a state to compare with. With a retention rule it warns of a state that this would drop soon. Args and
    errors are those of `import_file`, except that a vCenter that must be named and a header that must be mapped are
    part of the answer.
    """
    manager = DatabaseManager(db_url)
    file = file_of(path, file_name, vcenter, exported_at)
    if stored := stored_before(manager, file):
        return preview_of_stored(file, stored)
    with read_file(manager, file, on_progress, directory) as read, manager.get_session() as session:
        if directory:
            _list_rejections(directory, read.reading)
        preview = _preview(session, file, read, on_progress, directory)
        passing = _passing(session, preview, retention) if retention else ()
        return dataclasses.replace(preview, warnings=(*preview.warnings, *passing))


def _list_rejections(directory: Path, reading: Reading) -> None:
    (directory / REJECTED_FILE).unlink(missing_ok=True)
    if reading.content.rejected:
        list_rejections(directory, reading.rejections())


def _preview(
    session: Session, file: File, read: Read, report: OnProgress, directory: Path | None
) -> ImportPreview:
    names = tuple(vcenter.name for vcenter in known_vcenters(session) if not vcenter.is_demo)
    choices: Sequence[VCenterChoice | None]
    try:
        choices = choices_of(session, file, read.exports)
    except VCenterNeededError:
        choices = [None] * len(read.exports)
    states, warnings, tabs = [], [], []
    with ExitStack() as lists:
        if directory:
            (directory / CHANGES_FILE).unlink(missing_ok=True)
        write = None
        for export, choice in zip(read.exports, choices, strict=True):
            comparison = None
            if choice and not choice.is_guess:
                if directory and write is None and choice.current_import_id:
                    write = lists.enter_context(changes_listed(directory))
                comparison = compare_export(
                    session,
                    export,
                    choice,
                    on_change=write and partial(write, choice.name),
                    on_compared=telling(report, JobPhase.READING),
                )
            states.append(state_preview(export, choice, comparison))
            warnings.append((choice.name if choice else "", _warnings(export, comparison)))
            tabs.append(tab_summaries(export))
    return preview_of(
        file,
        read.reading.content,
        states=states,
        warnings=together(warnings),
        known_vcenters=names,
        tabs=tabs_together(tabs),
        rvtools_versions=[export.rvtools_version for export in read.exports],
    )


def _warnings(export: Export, comparison: Comparison | None) -> tuple[str, ...]:
    if comparison is None:
        return warnings_of(export)
    return warnings_of(export, comparison.choice, comparison.standing)


def _passing(session: Session, preview: ImportPreview, retention: RetentionRule) -> Iterator[str]:
    """Warnings of states that the retention rule would drop."""
    ids = {vcenter.name: vcenter.id for vcenter in known_vcenters(session)}
    for state in preview.states:
        vcenter, time = ids.get(state.vcenter or ""), state.exported_at
        if vcenter and time and would_go(session, retention, vcenter_id=vcenter, exported_at=time):
            yield (
                f"{state.vcenter}: the export is so old that the retention rule drops it with the next import, "
                "unless it is pinned."
            )
