"""The sample exports give exactly the totals of their README, and those of their cells counted another way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from data.database import DatabaseManager
from data.ingest import import_file
from data.queries.estate import get_stats
from data.results import EstateStats, ImportResult

SAMPLES = Path(__file__).parents[1] / "samples"
FILES = {
    "lab": "lab-3.10-25-tabs.xlsx",
    "workshop": "workshop-805-vms-3-tabs.xlsx",
    "libreoffice": "libreoffice-4.6-million-row-dimension.xlsx",
    "inline strings": "synthetic-inline-strings-50-vms.xlsx",
    "odd headers": "synthetic-odd-headers-17-tabs.xlsx",
    "sheetjs": "synthetic-sheetjs-3-vms.xlsx",
}
ROWS = {
    "machines": ("vms",),
    "powered on / off": ("powered_on", "powered_off"),
    "templates": ("templates",),
    "vCPU": ("vcpus",),
    "memory": ("memory_mib",),
    "provisioned": ("provisioned_mib",),
    "in use": ("in_use_mib",),
    "datacenters / clusters": ("datacenters", "clusters"),
    "hosts / cores": ("hosts", "host_cores"),
    "host memory": ("host_memory_mib",),
    "datastores / capacity": ("datastores", "datastore_capacity_mib"),
    "disks / capacity": ("disks", "disk_capacity_mib"),
    "partitions": ("partitions",),
}
"""Rows of the README's table and the figures they hold."""


def table_of_the_readme() -> dict[str, dict[str, str]]:
    """Sample -> row -> cell."""
    text = (SAMPLES / "README.md").read_text(encoding="utf-8").split("## Totals")[1]
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")
    ]
    samples, rows = lines[0][1:], lines[2:]
    return {sample: {row[0]: row[at] for row in rows} for at, sample in enumerate(samples, 1)}


README = table_of_the_readme()


def number(text: str) -> int | None:
    return None if text == "–" else int(text.replace(",", ""))


def numbers(cell: str, count: int) -> list[int | None]:
    parts = [number(part) for part in cell.split(" / ")]
    return parts * count if parts == [None] else parts


@pytest.fixture
def stored(request: pytest.FixtureRequest, db_url: str) -> ImportResult:
    return import_file(db_url, SAMPLES / FILES[request.param])


def figures(db_url: str, *, include_templates: bool) -> EstateStats:
    with DatabaseManager(db_url).get_session() as session:
        return get_stats(session, include_templates=include_templates)


@pytest.mark.parametrize(("sample", "stored"), [(name, name) for name in FILES], indirect=["stored"])
def test_a_sample_has_the_totals_of_the_readme(sample: str, stored: ImportResult, db_url: str) -> None:
    stats = figures(db_url, include_templates=True)
    for row, keys in ROWS.items():
        assert [getattr(stats, key) for key in keys] == numbers(README[sample][row], len(keys)), row
    assert (stats.vcenters, stats.imports) == (1, 1)
    assert stored.machines == stats.vms


@pytest.mark.parametrize(("sample", "stored"), [(name, name) for name in FILES], indirect=["stored"])
@pytest.mark.usefixtures("stored")
def test_a_sample_without_its_templates_has_the_totals_of_the_readme(sample: str, db_url: str) -> None:
    cell = README[sample]["vCPU / memory without templates"]
    if cell == "the same":
        cell = f"{README[sample]['vCPU']} / {README[sample]['memory']}"
    stats = figures(db_url, include_templates=False)
    templates = number(README[sample]["templates"])
    assert [stats.vcpus, stats.memory_mib] == numbers(cell, 2)
    assert stats.vms == (number(README[sample]["machines"]) or 0) - (templates or 0)
    assert stats.templates == templates


def cells_of(sample: str, tab: str) -> list[dict[str, Any]]:
    """The rows of a tab as they stand in the file, by header."""
    sheet = CalamineWorkbook.from_path(SAMPLES / FILES[sample]).get_sheet_by_name(tab)
    header, *rows = sheet.to_python()
    return [dict(zip((str(name).strip() for name in header), row, strict=True)) for row in rows if any(row)]


def total(rows: Sequence[dict[str, Any]], *headers: str) -> float:
    return sum(row[header] or 0 for row in rows for header in headers if header in row)


@pytest.mark.parametrize(("sample", "stored"), [(name, name) for name in FILES], indirect=["stored"])
@pytest.mark.usefixtures("stored")
def test_machines_and_disks_without_templates_add_up_to_the_cells_that_are_not_of_templates(
    sample: str, db_url: str
) -> None:
    machines = [row for row in cells_of(sample, "vInfo") if row.get("Template") not in {"True", "TRUE"}]
    stats = figures(db_url, include_templates=False)
    assert (stats.vms, stats.vcpus) == (len(machines), total(machines, "CPUs"))
    assert stats.provisioned_mib == total(machines, "Provisioned MB", "Provisioned MiB")
    assert stats.powered_on == sum(row["Powerstate"] == "poweredOn" for row in machines)
    if stats.disks is not None:
        disks = [row for row in cells_of(sample, "vDisk") if row.get("Template") not in {"True", "TRUE"}]
        assert (stats.disks, stats.disk_capacity_mib) == (
            len(disks),
            total(disks, "Capacity MB", "Capacity MiB"),
        )


@pytest.mark.parametrize(
    ("stored", "exported_at", "source", "vcenter"),
    [
        ("lab", "2018-04-04 17:25:31", "vMetaData", "10.21.17.40"),
        ("workshop", "2018-06-12 22:34:29", "document properties", "Unnamed vCenter"),
        ("libreoffice", "2025-10-23 13:14:57", "document properties", "Unnamed vCenter"),
        ("inline strings", "2026-06-17 21:26:30", "document properties", "vcenter.demo.local"),
        ("odd headers", "2026-06-04 19:00:14", "document properties", "Unnamed vCenter"),
    ],
    indirect=["stored"],
)
def test_a_sample_says_when_and_where_it_was_exported(
    stored: ImportResult, exported_at: str, source: str, vcenter: str
) -> None:
    [state] = stored.states
    assert (str(state.exported_at), state.exported_at_source, state.vcenter) == (exported_at, source, vcenter)


@pytest.mark.parametrize("stored", ["sheetjs"], indirect=True)
def test_a_sample_that_does_not_say_when_it_was_exported_is_marked(stored: ImportResult) -> None:
    [state] = stored.states
    assert (state.vcenter, state.exported_at_source) == ("vcenter.lab.local", "assumed")
    assert "Nothing says when the export was made: the time of the import is assumed." in stored.warnings


@pytest.mark.parametrize("stored", list(FILES), indirect=True)
def test_no_cell_of_a_sample_is_lost(stored: ImportResult) -> None:
    assert [remark for tab in stored.tabs for remark in tab.remarks] == []
    assert [(tab.tab, tab.orphans, tab.refused) for tab in stored.tabs if tab.orphans or tab.refused] == []


def test_the_readme_names_every_sample_with_a_licence_that_is_there() -> None:
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([\w.-]+\.xlsx)`", text)) == {path.name for path in SAMPLES.glob("*.xlsx")}
    licences = set(re.findall(r"\((licences/[^)]+)\)", text))
    assert licences == {f"licences/{path.name}" for path in (SAMPLES / "licences").iterdir()}
