"""Imports an RVTools workbook: read, recognise, compare, store, publish. All of it or nothing."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.errors import FileRefusedError, VCenterNeededError
from data.ingest.answers import (
    Comparison,
    Export,
    File,
    preview_of,
    preview_of_stored,
    result_of,
    warnings_of,
)
from data.ingest.difference import compare
from data.ingest.identity import known_machines, recognise
from data.ingest.locking import import_lock
from data.ingest.origin import (
    choose_vcenter,
    export_time,
    known_vcenters,
    local_now,
    stated_vcenter,
)
from data.ingest.publishing import (
    carry_off_since,
    changed_identities,
    off_machines,
    profile_of,
    publish,
    retire,
)
from data.ingest.storing import Draft, Storing
from data.ingest.survey import survey
from data.ingest.upkeep import sweep_locked
from data.ingest.writing import BatchWriter
from data.results import ImportPreview, ImportResult
from data.vocabulary import ImportOutcome, ImportStatus, JobPhase
from data.workbook.process import Progress, opened

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
    on_progress: OnProgress | None = None,
    file_name: str | None = None,
) -> ImportResult:
    """Store a workbook as a dated state of its vCenter. A file that is stored already changes nothing.

    Two imports into one database run one after the other. A crash or an exception anywhere leaves the old state
    visible; what was written meanwhile is removed with the next import or start.

    Args:
        db_url: the database, with the schema in place.
        path: the `.xlsx` file.
        vcenter: name of its vCenter, if the operator says it.
        exported_at: wall-clock time of the export, if the operator says it.
        is_demo: it is part of the demo estate.
        dry_run: check and compare only, write nothing.
        on_progress: told about progress.
        file_name: its original name, if `path` has another.

    Raises:
        FileRefusedError: the file is no RVTools export, or cannot be read.
        VCenterNeededError: nothing says which vCenter it comes from.
        ConflictError: demo data and real data would mix.
    """
    report = on_progress or (lambda _phase, _pct, _message: None)
    manager = DatabaseManager(db_url)
    file = _file(path, file_name, vcenter, exported_at, is_demo=is_demo)
    if (unchanged := _unchanged(manager, file)) is not None:
        return unchanged
    with _read(file, report) as export:
        if dry_run:
            with manager.get_session() as session:
                return result_of(export, _compare(session, export), None)
        with import_lock(
            db_url, lambda: report(JobPhase.STORING, READ_PCT, "Waiting for another import to finish.")
        ):
            if (unchanged := _unchanged(manager, file)) is not None:
                return unchanged
            sweep_locked(db_url)
            return _store(manager, export, report)


def preview_file(
    db_url: str,
    path: Path,
    *,
    vcenter: str | None = None,
    exported_at: datetime | None = None,
    on_progress: OnProgress | None = None,
    file_name: str | None = None,
) -> ImportPreview:
    """What is in a workbook and what storing it would change. Writes nothing.

    Args and errors are those of `import_file`, except that a vCenter that must be named is part of the answer.
    """
    manager = DatabaseManager(db_url)
    file = _file(path, file_name, vcenter, exported_at, is_demo=False)
    stored = _unchanged(manager, file)
    if stored is not None:
        return preview_of_stored(file, stored)
    with (
        _read(file, on_progress or (lambda _phase, _pct, _message: None)) as export,
        manager.get_session() as session,
    ):
        try:
            comparison = _compare(session, export)
        except VCenterNeededError:
            comparison = None
        return preview_of(export, comparison, known_vcenters(session))


def _file(
    path: Path, name: str | None, vcenter: str | None, exported_at: datetime | None, *, is_demo: bool
) -> File:
    path = Path(path)
    digest = sha256_of(path)
    size = path.stat().st_size
    return File(path, name or path.name, size, digest, (vcenter or "").strip() or None, exported_at, is_demo)


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


def _unchanged(manager: DatabaseManager, file: File) -> ImportResult | None:
    """The answer for a file that is stored already, under whatever name."""
    imports, vcenters = models.imports.c, models.vcenters.c
    statement = (
        select(imports.id, imports.exported_at, imports.exported_at_source, imports.machines, vcenters.name)
        .join(models.vcenters, vcenters.id == imports.vcenter_id)
        .where(imports.sha256 == file.sha256, imports.status == ImportStatus.PUBLISHED)
    )
    with manager.get_session() as session:
        stored = session.execute(statement).first()
    if stored is None:
        return None
    return ImportResult(
        file_name=file.name,
        outcome=ImportOutcome.UNCHANGED,
        message=(
            f"This file is stored already: {stored.name}, exported {stored.exported_at:%Y-%m-%d %H:%M}. "
            "Nothing was changed."
        ),
        import_id=stored.id,
        vcenter=stored.name,
        exported_at=stored.exported_at,
        exported_at_source=stored.exported_at_source,
        machines=stored.machines,
    )


@contextmanager
def _read(file: File, report: OnProgress) -> Iterator[Export]:
    def on_read(progress: Progress) -> None:
        rows = f", {progress.rows:,} rows" if progress.rows else ""
        report(JobPhase.READING, round(READ_PCT * min(progress.share, 1)), f"Reading {progress.tab}{rows}.")

    report(JobPhase.READING, 0, "Opening the workbook.")
    with opened(file.path, on_read) as workbook:
        if not workbook.tabs["vInfo"].rows:
            raise FileRefusedError("The tab vInfo has no row with a machine. Nothing was changed.")
        stated = stated_vcenter(workbook, file.vcenter)
        exported_at, source = export_time(workbook, file.name, given=file.exported_at, now=local_now())
        yield Export(file, workbook, survey(workbook), stated, exported_at, source)


def _compare(session: Session, export: Export) -> Comparison:
    choice = choose_vcenter(session, export.stated, given=export.file.vcenter, is_demo=export.file.is_demo)
    known = known_machines(session, choice.id, choice.current_import_id)
    found = recognise(export.survey.keys, known)
    imports = models.imports.c
    published = select(imports.id).where(
        imports.vcenter_id == choice.id, imports.status == ImportStatus.PUBLISHED
    )
    earlier = published.where(imports.exported_at <= export.exported_at)
    current = session.scalar(select(imports.exported_at).where(imports.id == choice.current_import_id))
    return Comparison(
        choice=choice,
        found=found,
        difference=compare(session, export.survey, found, choice.current_import_id),
        current=current,
        previous_import_id=session.scalar(
            earlier.order_by(imports.exported_at.desc(), imports.id.desc()).limit(1)
        ),
    )


def _store(manager: DatabaseManager, export: Export, report: OnProgress) -> ImportResult:
    with manager.get_session() as session:
        comparison = _compare(session, export)
        off_since = off_machines(session, comparison.previous_import_id)
    draft = _draft(manager, export, comparison)
    writer = BatchWriter(manager)
    storing = Storing(export.workbook, export.survey, draft, writer, _share_stored(export, report))
    with manager.get_session() as session:
        storing.store(session, comparison.found, off_since)
    report(JobPhase.PUBLISHING, STORED_PCT, "Publishing the new state.")
    moved = changed_identities(export.survey.keys, comparison.found) if draft.is_newest else []
    publish(
        manager, draft, comparison.choice, profile_of(export.workbook, export.survey, draft.import_id), moved
    )
    log.info("Import %d of %s is published", draft.import_id, comparison.choice.name)
    if draft.is_newest and comparison.choice.current_import_id:
        report(JobPhase.PUBLISHING, STORED_PCT + 1, "Putting the state before into the history.")
        retire(writer, comparison.choice.current_import_id)
    if not draft.is_newest:
        carry_off_since(manager, writer, draft)
    return result_of(export, comparison, draft.import_id)


def _share_stored(export: Export, report: OnProgress) -> Callable[[str, int], None]:
    """Turns rows stored of one tab into progress over all of them."""
    total = 2 * len(export.survey.keys) + sum(tab.rows for tab in export.workbook.tabs.values())
    done: dict[str, int] = {}

    def on_rows(what: str, rows: int) -> None:
        done[what] = rows
        pct = READ_PCT + (STORED_PCT - READ_PCT) * min(sum(done.values()) / total, 1)
        report(JobPhase.STORING, round(pct), f"Storing {what}, {rows:,} rows.")

    return on_rows


def _draft(manager: DatabaseManager, export: Export, comparison: Comparison) -> Draft:
    """The import that the rows are stored under, invisible until it is published; and its vCenter, if it is new."""
    file, choice = export.file, comparison.choice
    with manager.session_scope() as session:
        vcenter_id = choice.id
        if vcenter_id is None:
            values: dict[str, Any] = {"name": choice.name, "is_demo": file.is_demo, "is_hidden": False}
            vcenter_id = session.scalar(
                insert(models.vcenters).values(values).returning(models.vcenters.c.id)
            )
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
                warnings=list(warnings_of(export, comparison)),
            )
            .returning(models.imports.c.id)
        ).scalar_one()
    newest = comparison.current is None or export.exported_at >= comparison.current
    return Draft(import_id, vcenter_id, export.exported_at, newest)
