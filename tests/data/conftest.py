"""Exports that are written and imported by the tests of the data, and the rows that come of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from data.database import DatabaseManager
from data.ingest import import_file
from data.queries import looking_up
from data.results import ImportResult
from tests.data.workbooks import Rows, table, write_workbook

T0 = datetime(2026, 9, 1, 9, 30)
WEEK = timedelta(days=7)
Store = Callable[..., ImportResult]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A workbook of machines and further tabs, exported some weeks after `T0`."""
    count = iter(range(1000))

    def write_export(*vms: dict[str, Any], week: int = 0, tabs: dict[str, Rows] | None = None) -> Path:
        path = tmp_path / f"export-{next(count)}.xlsx"
        return write_workbook(path, {"vInfo": table(*vms)} | (tabs or {}), created=T0 + week * WEEK)

    return write_export


@pytest.fixture
def store(db_url: str, write: Callable[..., Path]) -> Store:
    """Import machines and further tabs as an export of a week; the other options are those of `import_file`."""

    def import_export(
        *vms: dict[str, Any], week: int = 0, tabs: dict[str, Rows] | None = None, **options: Any
    ) -> ImportResult:
        return import_file(db_url, write(*vms, week=week, tabs=tabs), **options)

    return import_export


@pytest.fixture
def rows(manager: DatabaseManager) -> Callable[..., list[Any]]:
    """All rows of a table, or its columns of these names, in the order of ids."""

    def select_rows(of: Table, *columns: str, **where: Any) -> list[Any]:
        chosen = [of.c[column] for column in columns] or [of]
        conditions = [of.c[key] == value for key, value in where.items()]
        with manager.get_session() as session:
            found = session.execute(
                select(*chosen).where(*conditions).order_by(*of.primary_key.columns)
            ).all()
        return [row[0] if len(columns) == 1 else tuple(row) for row in found]

    return select_rows


@pytest.fixture(autouse=True)
def _no_text_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of tests raise no generation, so what was looked up for some must not be used for others."""
    monkeypatch.setattr(looking_up, "MAX_CHARACTERS", 0)
