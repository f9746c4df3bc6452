"""Reads a file: what it is, whether it is stored already, what it holds of each vCenter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager
from data.errors import FileRefusedError
from data.ingest.answers import Export, File, StoredState
from data.ingest.mapping import list_mappings
from data.ingest.origin import export_time, local_now, stated_vcenter
from data.ingest.survey import survey
from data.progress import OnProgress
from data.results import ImportedState
from data.scope import Scope
from data.vocabulary import ImportStatus, JobPhase
from data.workbook.cells import to_text
from data.workbook.process import Progress, opened
from data.workbook.spool import Reading

READ_PCT = 45
"""Where reading ends on the way to 100 %."""


def file_of(
    path: Path,
    name: str | None,
    vcenter: str | None,
    exported_at: datetime | None,
    *,
    is_demo: bool = False,
    replace: bool = False,
) -> File:
    """A file and what the operator says of it.

    Raises:
        FileRefusedError: it cannot be read.
    """
    path = Path(path)
    digest = sha256_of(path)
    shown, said = to_text(name or path.name) or "export", to_text(vcenter)
    return File(path, shown, path.stat().st_size, digest, said, exported_at, is_demo, replace)


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


def stored_before(manager: DatabaseManager, file: File) -> list[StoredState]:
    """The states that the file made, under whatever name it had; none if one of them is not there any more."""
    with manager.get_session() as session:
        stored = states_of(session, file)
    is_complete = stored and len(stored) >= max(state.file_states for state in stored)
    return stored if is_complete else []


def states_of(session: Session, file: File) -> list[StoredState]:
    """Those of the states that the file made that are still there."""
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
class Read:
    """A file that was read."""

    reading: Reading
    exports: list[Export]
    """What it holds of each vCenter. Taken out one by one while they are stored."""


@contextmanager
def read_file(
    manager: DatabaseManager, file: File, report: OnProgress, directory: Path | None
) -> Iterator[Read]:
    """Read a file; its rows are there until the block ends.

    Args:
        manager: the database, for what was said of headers.
        file: the file.
        report: told about progress.
        directory: where the rows shall stay, to be used again.

    Raises:
        FileRefusedError: it is no export, or has no machine.
    """

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
        yield Read(reading, _exports(file, reading))


def _exports(file: File, reading: Reading) -> list[Export]:
    exports = []
    for workbook in reading.workbooks:
        if not workbook.tabs["vInfo"].rows:
            raise FileRefusedError("The tab vInfo has no row with a machine. Nothing was changed.")
        exported_at, source = export_time(
            workbook,
            file.name,
            reading.content.document_created,
            given=file.exported_at,
            now=local_now(),
        )
        stated = stated_vcenter(workbook)
        exports.append(Export(file, workbook, survey(workbook), stated, exported_at, source))
    return exports
