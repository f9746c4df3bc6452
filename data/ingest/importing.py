"""Imports an export: read, recognise, compare, store, publish. All of it or nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager, used_bytes
from data.errors import FileRefusedError, VCenterNeededError
from data.ingest.answers import (
    Comparison,
    Export,
    File,
    Standing,
    StoredState,
    preview_of,
    preview_of_stored,
    result_of,
    state_of,
    state_preview,
    tab_summaries,
    tabs_together,
    together,
    unchanged_result,
    warnings_of,
)
from data.ingest.difference import OnChange, OnCompared, compare
from data.ingest.identity import known_machines, recognise
from data.ingest.listing import CHANGES_FILE, REJECTED_FILE, changes_listed, list_rejections
from data.ingest.locking import import_lock
from data.ingest.mapping import list_mappings
from data.ingest.origin import export_time, local_now, stated_vcenter
from data.ingest.publishing import (
    Publication,
    changed_identities,
    off_machines,
    profile_of,
    publish,
    retire,
    settle,
)
from data.ingest.retention import would_go
from data.ingest.states import hide_states, published_states
from data.ingest.storing import Draft, Storing
from data.ingest.survey import survey
from data.ingest.upkeep import sweep_locked
from data.ingest.vcenters import VCenterChoice, choose_vcenters, known_vcenters
from data.ingest.writing import BatchWriter
from data.results import ImportedState, ImportPreview, ImportResult, RetentionRule, TabSummary
from data.scope import Scope
from data.vocabulary import ImportStatus, JobPhase
from data.workbook.process import Progress, opened
from data.workbook.spool import Reading

log = logging.getLogger(__name__)

OnProgress = Callable[[JobPhase, int, str], None]
"""Told the phase, the progress in percent and what is being done. Whatever it raises stops the import."""

READ_PCT, STORED_PCT = 45, 97
"""Where reading and storing end on the way to 100 %."""


def import_file(
    db_url: str,
    path: Path,
    *,
    vcenter: str | None = None,
    exported_at: datetime | None = None,
    is_demo: bool = False,
    dry_run: bool = False,
    replace: bool = False,
    on_progress: OnProgress | None = None,
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
        ConflictError: demo data and real data would mix, or the file names one vCenter in two ways.
    """
    report = on_progress or (lambda _phase, _pct, _message: None)
    manager = DatabaseManager(db_url)
    file = _file(path, file_name, vcenter, exported_at, is_demo=is_demo, replace=replace)
    if stored := _stored_before(manager, file):
        return unchanged_result(file, stored)
    with _read(manager, file, report, directory) as read:
        if not read.exports:
            raise FileRefusedError(
                "No column of the file is known as the name of a machine, such as “VM” in RVTools' tab vInfo. "
                "Say which one it is on the import page."
            )
        if dry_run:
            return _check(manager, file, read, report)
        with import_lock(
            db_url, lambda: report(JobPhase.QUEUED, READ_PCT, "Waiting for another import to finish.")
        ):
            if stored := _stored_before(manager, file):
                return unchanged_result(file, stored)
            sweep_locked(db_url)
            return _store(manager, file, read, report)


def preview_file(
    db_url: str,
    path: Path,
    *,
    vcenter: str | None = None,
    exported_at: datetime | None = None,
    on_progress: OnProgress | None = None,
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
    report = on_progress or (lambda _phase, _pct, _message: None)
    manager = DatabaseManager(db_url)
    file = _file(path, file_name, vcenter, exported_at)
    if stored := _stored_before(manager, file):
        return preview_of_stored(file, stored)
    with _read(manager, file, report, directory) as read, manager.get_session() as session:
        if directory:
            _list_rejections(directory, read.reading)
        preview = _preview(session, file, read, report, directory)
        passing = _passing(session, preview, retention) if retention else ()
        return dataclasses.replace(preview, warnings=(*preview.warnings, *passing))


def _file(
    path: Path,
    name: str | None,
    vcenter: str | None,
    exported_at: datetime | None,
    *,
    is_demo: bool = False,
    replace: bool = False,
) -> File:
    path = Path(path)
    digest = sha256_of(path)
    said = (vcenter or "").strip() or None
    return File(path, name or path.name, path.stat().st_size, digest, said, exported_at, is_demo, replace)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        FileRefusedError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileRefusedError(f"The file cannot be read: {error.strerror}.") from None


def _stored_before(manager: DatabaseManager, file: File) -> list[StoredState]:
    """The states that the file made, under whatever name it had; none if one of them is not there any more."""
    with manager.get_session() as session:
        stored = _states_of(session, file)
    is_complete = stored and len(stored) >= max(state.file_states for state in stored)
    return stored if is_complete else []


def _states_of(session: Session, file: File) -> list[StoredState]:
    imports, vcenters = models.imports.c, models.vcenters.c
    statement = (
        select(*imports, vcenters.name.label("vcenter"))
        .join(models.vcenters, vcenters.id == imports.vcenter_id)
        .where(imports.sha256 == file.sha256, imports.status == ImportStatus.PUBLISHED)
        .order_by(vcenters.name, imports.id)
    )
    return [
        StoredState(
            row.vcenter_id,
            row.file_states,
            ImportedState(row.id, row.vcenter, row.exported_at, row.exported_at_source, row.machines or 0),
        )
        for row in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read."""

    reading: Reading
    exports: list[Export]
    """What it holds of each vCenter that has machines in it. Taken out one by one while they are stored."""
    warnings: tuple[str, ...]


@contextmanager
def _read(
    manager: DatabaseManager, file: File, report: OnProgress, directory: Path | None
) -> Iterator[_Read]:
    def on_read(progress: Progress) -> None:
        rows = f", {progress.rows:,} rows" if progress.rows else ""
        report(JobPhase.READING, round(READ_PCT * min(progress.share, 1)), f"Reading {progress.tab}{rows}.")

    report(JobPhase.READING, 0, "Opening the file.")
    with manager.get_session() as session:
        mappings = list_mappings(session, Scope())
    with opened(
        file.path, on_read, mappings=mappings, split=file.vcenter is None, directory=directory
    ) as reading:
        report(JobPhase.READING, READ_PCT, "Looking at the machines.")
        yield _exports(file, reading)


def _exports(file: File, reading: Reading) -> _Read:
    workbooks = [workbook for workbook in reading.workbooks if workbook.tabs["vInfo"].rows]
    if reading.workbooks and not workbooks:
        raise FileRefusedError("The tab vInfo has no row with a machine. Nothing was changed.")
    exports = []
    for workbook in workbooks:
        exported_at, source = export_time(
            workbook,
            file.name,
            reading.content.document_created,
            given=file.exported_at,
            now=local_now(),
        )
        stated = stated_vcenter(workbook)
        exports.append(Export(file, workbook, survey(workbook), stated, exported_at, source))
    left_out = [
        f"{workbook.part.server or workbook.part.uuid}: the file has no machine of this vCenter, "
        "so nothing of it is stored."
        for workbook in reading.workbooks
        if workbook not in workbooks
    ]
    return _Read(reading, exports, tuple(left_out))


def _choices(session: Session, file: File, exports: Sequence[Export]) -> list[VCenterChoice]:
    said = [(export.stated, export.survey.keys) for export in exports]
    return choose_vcenters(session, said, given=file.vcenter, is_demo=file.is_demo)


def _standing(session: Session, export: Export, choice: VCenterChoice) -> Standing:
    states = [] if choice.id is None else published_states(session).get(choice.id, [])
    stay = [state for state in states if state.is_pinned or not export.file.replace]
    earlier = [state.id for state in states if state.exported_at <= export.exported_at]
    return Standing(
        current=stay[-1].exported_at if stay else None,
        previous_import_id=earlier[-1] if earlier else None,
        others=sum(not state.is_pinned for state in states),
    )


def _compare(
    session: Session,
    export: Export,
    choice: VCenterChoice,
    *,
    on_change: OnChange | None = None,
    on_compared: OnCompared | None = None,
) -> Comparison:
    """Who the machines of an export are, and what it changes against the state before it."""
    standing = _standing(session, export, choice)
    known = known_machines(session, choice.id, choice.current_import_id)
    found = recognise(export.survey.keys, known)
    difference = compare(
        session,
        export.workbook,
        export.survey,
        found,
        standing.previous_import_id,
        on_change=on_change,
        on_compared=on_compared,
    )
    return Comparison(choice, standing, found, difference)


def _check(manager: DatabaseManager, file: File, read: _Read, report: OnProgress) -> ImportResult:
    """The answer of a dry run."""
    states, warnings = [], []
    with manager.get_session() as session:
        for export, choice in zip(read.exports, _choices(session, file, read.exports), strict=True):
            comparison = _compare(session, export, choice, on_compared=_telling(report, JobPhase.READING))
            states.append(state_of(export, comparison, None))
            warnings.append((choice.name, warnings_of(export, choice, comparison.standing)))
    tabs = tabs_together([tab_summaries(export) for export in read.exports])
    return result_of(file, states, (*together(warnings), *read.warnings), tabs, is_stored=False)


def _telling(report: OnProgress, phase: JobPhase) -> OnCompared:
    return lambda machines: report(phase, READ_PCT, f"Comparing, {machines:,} machines.")


def _list_rejections(directory: Path, reading: Reading) -> None:
    (directory / REJECTED_FILE).unlink(missing_ok=True)
    if reading.content.rejected:
        list_rejections(directory, reading.rejections())


def _preview(
    session: Session, file: File, read: _Read, report: OnProgress, directory: Path | None
) -> ImportPreview:
    names = tuple(vcenter.name for vcenter in known_vcenters(session) if not vcenter.is_demo)
    choices: Sequence[VCenterChoice | None]
    try:
        choices = _choices(session, file, read.exports)
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
                comparison = _compare(
                    session,
                    export,
                    choice,
                    on_change=write and partial(write, choice.name),
                    on_compared=_telling(report, JobPhase.READING),
                )
            states.append(state_preview(export, choice, comparison))
            warnings.append((choice.name if choice else "", _warnings(export, comparison)))
            tabs.append(tab_summaries(export))
    return preview_of(
        file,
        read.reading.content,
        states=states,
        warnings=(*together(warnings), *read.warnings),
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


@dataclass(frozen=True, slots=True)
class _Stored:
    """A state whose rows are stored."""

    publication: Publication
    state: ImportedState
    warnings: tuple[str, ...]
    tabs: tuple[TabSummary, ...]


def _store(manager: DatabaseManager, file: File, read: _Read, report: OnProgress) -> ImportResult:
    with manager.get_session() as session:
        choices = _choices(session, file, read.exports)
        there = {state.vcenter_id for state in _states_of(session, file)}
    count = len(read.exports)
    wanted = [(e, choice) for e, choice in zip(read.exports, choices, strict=True) if choice.id not in there]
    read.exports.clear()
    drafts = _drafts(manager, wanted, file_states=count)
    writer = BatchWriter(manager)
    progress = _Share(report, [export for export, _choice in wanted])
    stored: list[_Stored] = []
    for draft in drafts:
        export, choice = wanted.pop(0)
        stored.append(_store_one(writer, export, choice, draft, progress))
        del export
    report(JobPhase.PUBLISHING, STORED_PCT, "Publishing the new state.")
    with manager.session_scope() as session:
        for one in stored:
            publish(session, one.publication)
        if file.replace:
            _drop_others(session, drafts)
    for one in stored:
        log.info("Import %s of %s is published", one.state.import_id, one.state.vcenter)
    _finish(writer, stored, report, replace=file.replace)
    return result_of(
        file,
        [one.state for one in stored],
        (*together([(one.state.vcenter, one.warnings) for one in stored]), *read.warnings),
        tabs_together([one.tabs for one in stored]),
        is_stored=True,
    )


def _store_one(
    writer: BatchWriter, export: Export, choice: VCenterChoice, draft: Draft, progress: _Share
) -> _Stored:
    """Store what a file holds of one vCenter, so that only its publication is missing."""
    manager = writer.manager
    with manager.get_session() as session:
        before = used_bytes(session)
        comparison = _compare(session, export, choice, on_compared=progress.compared)
        off_since = off_machines(session, comparison.standing.previous_import_id)
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


def _drop_others(session: Session, drafts: Sequence[Draft]) -> None:
    """Take the other states of the vCenters out of sight, unless they are pinned."""
    stored = published_states(session)
    hide_states(
        session,
        [
            state
            for draft in drafts
            for state in stored[draft.vcenter_id]
            if state.id != draft.import_id and not state.is_pinned
        ],
    )


def _finish(writer: BatchWriter, stored: Sequence[_Stored], report: OnProgress, *, replace: bool) -> None:
    """What follows from a publication; if it is interrupted, the next sweep does it."""
    report(JobPhase.PUBLISHING, STORED_PCT + 1, "Putting the state before into the history.")
    if replace:
        sweep_locked(writer.manager.db_url)
        return
    for one in stored:
        draft, before = one.publication.draft, one.publication.choice.current_import_id
        if not draft.is_newest:
            settle(writer.manager, draft.vcenter_id)
        elif before:
            retire(writer, before)


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
    with manager.session_scope() as session:
        return [_draft(session, export, choice, file_states) for export, choice in exports]


def _draft(session: Session, export: Export, choice: VCenterChoice, file_states: int) -> Draft:
    file, vcenter_id, standing = export.file, choice.id, _standing(session, export, choice)
    if vcenter_id is None:
        values: dict[str, Any] = {"name": choice.name, "is_demo": file.is_demo, "is_hidden": False}
        vcenter_id = session.execute(
            insert(models.vcenters).values(values).returning(models.vcenters.c.id)
        ).scalar_one()
    import_id = session.execute(
        insert(models.imports)
        .values(
            vcenter_id=vcenter_id,
            status=ImportStatus.UNPUBLISHED,
            file_name=file.name,
            file_size_bytes=file.size_bytes,
            sha256=file.sha256,
            exported_at=export.exported_at,
            exported_at_source=export.exported_at_source,
            imported_at=datetime.now(UTC).replace(tzinfo=None),
            rvtools_version=export.rvtools_version,
            machines=len(export.survey.keys),
            warnings=list(warnings_of(export, choice, standing)),
            file_states=file_states,
        )
        .returning(models.imports.c.id)
    ).scalar_one()
    return Draft(import_id, vcenter_id, export.exported_at, standing.is_newest(export.exported_at))
