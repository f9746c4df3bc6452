"""Loads the invented estate into a database."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import exists, select

from data.database import DatabaseManager
from data.demo import write_demo
from data.errors import ConflictError
from data.ingest.importing import import_file
from data.ingest.origin import local_now
from data.models import vcenters
from data.progress import OnProgress, unheard
from data.results import ImportResult
from data.vocabulary import JobPhase

WRITTEN_PCT = 30
"""Where writing the workbooks ends on the way to 100 %."""


def load_demo(
    db_url: str,
    *,
    vms: int,
    seed: int,
    months: int = 1,
    vcenters: int | None = None,
    newest: datetime | None = None,
    on_progress: OnProgress = unheard,
    directory: Path | None = None,
) -> list[ImportResult]:
    """Invent an estate and import it, oldest state first. `data.ingest.remove_demo` takes it away again.

    Args:
        db_url: the database.
        vms: machines of the newest month.
        seed: two seeds give two estates.
        months: monthly states of each vCenter.
        vcenters: into how many the machines are divided; by default it follows their number.
        newest: export time of the newest state; by default now.
        on_progress: told about progress.
        directory: where the workbooks lie meanwhile; by default among temporary files.

    Raises:
        InvalidInputError: a number is out of its limits.
        ConflictError: a demo estate is there already.
    """
    _refuse_second(db_url)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=directory) as workbooks:
        on_progress(JobPhase.STORING, 0, "Inventing an estate.")
        written: list[Path] = []

        def on_file(path: Path) -> None:
            written.append(path)
            expected = months * (vcenters or 3)
            pct = min(WRITTEN_PCT, WRITTEN_PCT * len(written) // expected)
            on_progress(JobPhase.STORING, pct, f"Writing workbook {len(written)}.")

        files = write_demo(
            Path(workbooks, "estate"),
            vms=vms,
            seed=seed,
            months=months,
            vcenters=vcenters,
            newest=newest or local_now(),
            on_file=on_file,
        )
        return [_import(db_url, path, done, len(files), on_progress) for done, path in enumerate(files)]


def _import(db_url: str, path: Path, done: int, files: int, report: OnProgress) -> ImportResult:
    def on_progress(_phase: JobPhase, pct: int, message: str) -> None:
        share = (done + pct / 100) / files
        total = WRITTEN_PCT + round((100 - WRITTEN_PCT) * share)
        report(JobPhase.STORING, min(total, 99), f"State {done + 1} of {files}: {message}")

    with tempfile.TemporaryDirectory(dir=path.parent) as spool:
        return import_file(db_url, path, is_demo=True, on_progress=on_progress, directory=Path(spool))


def _refuse_second(db_url: str) -> None:
    with DatabaseManager(db_url).get_session() as session:
        if session.scalar(select(exists().where(vcenters.c.is_demo))):
            raise ConflictError("A demo estate is loaded already. Remove it first.")
