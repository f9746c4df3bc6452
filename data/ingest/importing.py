"""Imports an export: read, recognise, compare, store, publish. All of it or nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Insert, insert
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager, used_bytes
from data.errors import ConflictError, FileRefusedError
from data.ingest.answers import (
    Export,
    File,
    result_of,
    state_of,
    tab_summaries,
    tabs_together,
    together,
    unchanged_result,
    warnings_of,
)
from data.ingest.comparing import choices_of, compare_export, standing_of, telling
from data.ingest.locking import import_lock
from data.ingest.publishing import (
    Publication,
    changed_identities,
    off_before,
    profile_of,
    publish,
    retire,
    settle,
)
from data.ingest.reading import READ_PCT, Read, file_of, read_file, states_of, stored_before
from data.ingest.states import PublishedState, flag_promoted, hide_states, published_states
from data.ingest.storing import Draft, Storing
from data.ingest.upkeep import sweep_locked
from data.ingest.vcenters import VCenterChoice
from data.ingest.writing import BatchWriter
from data.progress import OnProgress, unheard
from data.results import ImportedState, ImportResult, TabSummary
from data.vocabulary import ImportStatus, JobPhase

log = logging.getLogger(__name__)

STORED_PCT = 97
"""Where storing ends on the way to 100 %."""


def import_file(
    db_url: str,
    path: Path,
    *,
    vcenter: str | None = None,
    exported_at: datetime | None = None,
    is_demo: bool = False,
    dry_run: bool = False,
    replace: bool = False,
    on_progress: OnProgress = unheard,
    file_name: str | None = None,
    directory: Path | None = None,
) -> ImportResult:
    """Store an export as dated states, one of each vCenter in it. A file that is stored already changes nothing.

    Two imports into one database run one after the other. A crash or an exception anywhere leaves the old states
    visible; what was written meanwhile is removed with the next import or start.

    Args:
        db_url: the database, with the schema in place.
        path: the file.
        vcenter: name of its vCenter, if the operator says it. All of the file is stored under it.
        exported_at: wall-clock time of the export, if the operator says it.
        is_demo: it is part of the demo estate.
        dry_run: check and compare only, write nothing.
        replace: drop the other states of its vCenters, unless they are pinned.
        on_progress: told about progress.
        file_name: its original name, if `path` has another.
        directory: what was read lies here, or shall lie here, to be used again; the caller removes it.

    Raises:
        FileRefusedError: the file is no RVTools export, or cannot be read.
        VCenterNeededError: nothing says which vCenter it comes from.
        ConflictError: demo data and real data would mix, the file names one vCenter in two ways, or states that are
            to be dropped were pinned meanwhile.
    """
    manager = DatabaseManager(db_url)
    file = file_of(path, file_name, vcenter, exported_at, is_demo=is_demo, replace=replace)
    if stored := stored_before(manager, file):
        return unchanged_result(file, stored)
    with read_file(manager, file, on_progress, directory) as read:
        if not read.exports:
            raise FileRefusedError(
                "No column of the file is known as the name of a machine, such as “VM” in RVTools' tab vInfo. "
                "Say which one it is on the import page."
            )
        if dry_run:
            return _check(manager, file, read, on_progress)
        with import_lock(
            db_url, lambda: on_progress(JobPhase.QUEUED, READ_PCT, "Waiting for another import to finish.")
        ) as lock:
            if stored := stored_before(manager, file):
                return unchanged_result(file, stored)
            sweep_locked(db_url, lock)
            return _store(BatchWriter(manager, lock), file, read, on_progress)


def _check(manager: DatabaseManager, file: File, read: Read, report: OnProgress) -> ImportResult:
    """The answer of a dry run."""
    states, warnings = [], []
    with manager.get_session() as session:
        for export, choice in zip(read.exports, choices_of(session, file, read.exports), strict=True):
            comparison = compare_export(
                session, export, choice, on_compared=telling(report, JobPhase.READING)
            )
            states.append(state_of(export, comparison, None))
            warnings.append((choice.name, warnings_of(export, choice, comparison.standing)))
    tabs = tabs_together([tab_summaries(export) for export in read.exports])
    return result_of(file, states, together(warnings), tabs, is_stored=False)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A state whose rows are stored."""

    publication: Publication
    state: ImportedState
    warnings: tuple[str, ...]
    tabs: tuple[TabSummary, ...]


def _store(writer: BatchWriter, file: File, read: Read, report: OnProgress) -> ImportResult:
    manager = writer.manager
    with manager.get_session() as session:
        choices = choices_of(session, file, read.exports)
        there = states_of(session, file)
        count, known = len(read.exports), {state.vcenter_id for state in there}
        wanted = [pair for pair in zip(read.exports, choices, strict=True) if pair[1].id not in known]
        replaced = _replaced(session, [choice for _export, choice in wanted]) if file.replace else None
    if not wanted:
        return unchanged_result(file, there)
    read.exports.clear()
    drafts = _drafts(manager, wanted, file_states=count)
    progress = _Share(report, [export for export, _choice in wanted])
    stored: list[_Stored] = []
    for draft in drafts:
        export, choice = wanted.pop(0)
        stored.append(_store_one(writer, export, choice, draft, progress))
        del export
    older = {draft.vcenter_id for draft in drafts if not draft.is_newest}
    flag_promoted(writer, [state for state in replaced or () if state.vcenter_id in older])
    report(JobPhase.PUBLISHING, STORED_PCT, "Publishing the new state.")
    _publish(writer, stored, replaced)
    _finish(writer, stored, report, replace=file.replace)
    return result_of(
        file,
        [one.state for one in stored],
        together([(one.state.vcenter, one.warnings) for one in stored]),
        tabs_together([one.tabs for one in stored]),
        is_stored=True,
    )


def _replaced(session: Session, choices: Sequence[VCenterChoice]) -> list[PublishedState]:
    """The states that go when an export replaces them: all of its vCenters but those that are pinned."""
    stored = published_states(session)
    return [state for choice in choices for state in stored.get(choice.id or 0, ()) if not state.is_pinned]


def _publish(
    writer: BatchWriter, stored: Sequence[_Stored], replaced: Sequence[PublishedState] | None
) -> None:
    """Show the new states in one transaction, and hide those that they replace, if they are to."""
    with writer.manager.session_scope() as session:
        if (
            replaced is not None
            and _replaced(session, [one.publication.choice for one in stored]) != replaced
        ):
            raise ConflictError(
                "A state was pinned or unpinned meanwhile. Nothing was stored. Import it again."
            )
        for one in stored:
            publish(session, one.publication)
        hide_states(session, replaced or ())
        writer.lock.make_sure()
    for one in stored:
        log.info("Import %s of %s is published", one.state.import_id, one.state.vcenter)


def _store_one(
    writer: BatchWriter, export: Export, choice: VCenterChoice, draft: Draft, progress: _Share
) -> _Stored:
    """Store what a file holds of one vCenter, so that only its publication is missing."""
    manager = writer.manager
    with manager.get_session() as session:
        before = used_bytes(session)
        comparison = compare_export(session, export, choice, on_compared=progress.compared)
        off_since = off_before(session, draft.vcenter_id, draft.exported_at)
    storing = Storing(export.workbook, export.survey, draft, writer, progress.of(choice.name))
    with manager.get_session() as session:
        storing.store(session, comparison.found, off_since)
    with manager.get_session() as session:
        after = used_bytes(session)
    tabs, columns = profile_of(export.workbook, export.survey, draft.import_id)
    publication = Publication(
        draft,
        choice,
        tabs,
        columns,
        moved=changed_identities(export.survey.keys, comparison.found),
        size_bytes=None if before is None or after is None else max(after - before, 0),
    )
    return _Stored(
        publication,
        state_of(export, comparison, draft.import_id),
        warnings_of(export, choice, comparison.standing),
        tab_summaries(export),
    )


def _finish(writer: BatchWriter, stored: Sequence[_Stored], report: OnProgress, *, replace: bool) -> None:
    """What follows from a publication; if it is interrupted, the next sweep does it."""
    report(JobPhase.PUBLISHING, STORED_PCT + 1, "Putting the state before into the history.")
    if replace:
        sweep_locked(writer.manager.db_url, writer.lock)
    for one in () if replace else stored:
        draft, before = one.publication.draft, one.publication.choice.current_import_id
        if not draft.is_newest:
            settle(writer, draft.vcenter_id)
        elif before:
            retire(writer, before)
    writer.refresh_statistics()


class _Share:
    """Turns rows stored into progress over all vCenters of a file."""

    def __init__(self, report: OnProgress, exports: Sequence[Export]) -> None:
        self._report = report
        self._total = sum(
            2 * len(export.survey.keys) + sum(tab.rows for tab in export.workbook.tabs.values())
            for export in exports
        )
        self._several = len(exports) > 1
        self._done: dict[tuple[str, str], int] = {}

    def _pct(self) -> int:
        share = min(sum(self._done.values()) / self._total, 1) if self._total else 1
        return round(READ_PCT + (STORED_PCT - READ_PCT) * share)

    def compared(self, machines: int) -> None:
        """Machines were compared with those of the state before."""
        self._report(JobPhase.STORING, self._pct(), f"Comparing, {machines:,} machines.")

    def of(self, vcenter: str) -> Callable[[str, int], None]:
        """What is told of the rows of one vCenter: of what, and how many so far."""

        def on_rows(what: str, rows: int) -> None:
            self._done[vcenter, what] = rows
            of = f" of {vcenter}" if self._several else ""
            self._report(JobPhase.STORING, self._pct(), f"Storing {what}{of}, {rows:,} rows.")

        return on_rows


def _drafts(
    manager: DatabaseManager, exports: Sequence[tuple[Export, VCenterChoice]], *, file_states: int
) -> list[Draft]:
    """The imports that the rows are stored under, invisible until they are published; and vCenters that are new."""
    with manager.get_session() as session:
        standings = [standing_of(session, export, choice) for export, choice in exports]
    rows = [
        _import_row(export, warnings_of(export, choice, standing)) | {"file_states": file_states}
        for (export, choice), standing in zip(exports, standings, strict=True)
    ]
    drafts = []
    with manager.session_scope() as session:
        for row, (export, choice), standing in zip(rows, exports, standings, strict=True):
            vcenter_id = choice.id or _new_vcenter(session, choice, is_demo=export.file.is_demo)
            statement = insert(models.imports).values(row | {"vcenter_id": vcenter_id})
            import_id = _inserted(session, statement)
            newest = standing.is_newest(export.exported_at)
            drafts.append(Draft(import_id, vcenter_id, export.exported_at, newest))
    return drafts


def _import_row(export: Export, warnings: Sequence[str]) -> dict[str, Any]:
    file = export.file
    return {
        "status": ImportStatus.UNPUBLISHED,
        "file_name": file.name,
        "file_size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "exported_at": export.exported_at,
        "exported_at_source": export.exported_at_source,
        "imported_at": datetime.now(UTC).replace(tzinfo=None),
        "rvtools_version": export.rvtools_version,
        "machines": len(export.survey.keys),
        "warnings": list(warnings),
    }


def _new_vcenter(session: Session, choice: VCenterChoice, *, is_demo: bool) -> int:
    values: dict[str, Any] = {"name": choice.name, "is_demo": is_demo, "is_hidden": False}
    return _inserted(session, insert(models.vcenters).values(values))


def _inserted(session: Session, statement: Insert) -> int:
    """Insert a row; returns its id."""
    row_id: int
    (row_id,) = session.connection().execute(statement).inserted_primary_key  # type: ignore[misc]  # one row has one
    return row_id
