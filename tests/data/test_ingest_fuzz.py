"""Whatever happens to a file, it is read or refused in a sentence: no traceback, no crash, no changed database."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from data.database import get_engine
from data.demo import write_demo
from data.errors import DataError
from data.ingest import import_file
from data.models import metadata
from data.workbook.book import open_book
from tests.data.exports import csv_text, write_predecessor, write_xls, write_zip
from tests.data.mutations import mutated
from tests.data.reading_worker import RAISED, READ, REFUSED
from tests.data.workbooks import Rows, table, vm, write_workbook

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples"
OUT_OF_MEMORY = "memory allocation of"
"""What the reader of workbooks says when it ends because of its limit."""
CASES = {
    "small.xlsx": 700,
    "all-tabs.xlsx": 150,
    "sheetjs.xlsx": 200,
    "inline.xlsx": 100,
    "old.xls": 150,
    "bare.csv": 300,
    "quoted.csv": 300,
    "tabs.zip": 150,
    "wrapped.zip": 50,
    "former.db": 100,
}
"""File -> how many mutations of it are read. Together at least 2,000."""
BATCH = 250
BATCHES = [
    (name, start, min(start + BATCH, cases))
    for name, cases in CASES.items()
    for start in range(0, cases, BATCH)
]
IMPORTED = 4
"""Mutations of each file that are imported, in a process each."""


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of every kind; all of them can be read."""
    folder = tmp_path_factory.mktemp("originals")
    moment = datetime(2026, 9, 1, 9, 30)
    vms = [
        vm(f"vm{n}", n, PowerOn=moment, Annotation='two\nlines, "quoted"', Folder="", Owner=f"team {n}")
        for n in range(12)
    ]
    disks = [
        {"VM": f"vm{n}", "Disk": "Hard disk 1", "Capacity MiB": 1024 * n, "VM ID": f"vm-{n}"}
        for n in range(12)
    ]
    tabs: dict[str, Rows] = {
        "vInfo": table(*vms),
        "vDisk": table(*disks),
        "vSnapshot": [["VM", "Name", "Date / time"], ["vm1", "before", moment]],
        "vLicense": [
            ["Name", "Key", "Expiration Date"],
            ["vSphere", "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "Never"],
        ],
        "vMetaData": [
            ["RVTools version", "xlsx creation datetime", "Server"],
            ["4.7", moment, "vc1.example.com"],
        ],
        "Notes": [["Who", "What"], ["me", "note"]],
    }
    write_workbook(folder / "small.xlsx", tabs)
    (demo,) = write_demo(folder / "all-tabs.xlsx", vms=10, seed=1, vcenters=1)
    assert demo == folder / "all-tabs.xlsx"
    shutil.copy(SAMPLES / "synthetic-sheetjs-3-vms.xlsx", folder / "sheetjs.xlsx")
    shutil.copy(SAMPLES / "synthetic-inline-strings-50-vms.xlsx", folder / "inline.xlsx")
    write_xls(folder / "old.xls", tabs)
    (folder / "bare.csv").write_text(csv_text(tabs["vInfo"]), encoding="utf-8", newline="")
    (folder / "quoted.csv").write_text(csv_text(tabs["vInfo"], quoted=True), encoding="utf-8", newline="")
    write_zip(folder / "tabs.zip", {f"RVTools_tab{name}.csv": csv_text(rows) for name, rows in tabs.items()})
    write_zip(folder / "wrapped.zip", {"export.xlsx": (folder / "small.xlsx").read_bytes()})
    machines = [{"vm": f"vm{n}", "vm_uuid": f"u{n}", "cpus": 2} for n in range(50)]
    write_predecessor(folder / "former.db", *machines)
    return folder


def test_there_are_at_least_two_thousand_cases() -> None:
    assert sum(CASES.values()) >= 2000


def test_every_original_can_be_read(originals: Path) -> None:
    for name in CASES:
        with open_book(originals / name) as book:
            assert any(len(list(sheet.rows())) > 3 for sheet in book.sheets), name


@pytest.mark.parametrize(("name", "start", "stop"), BATCHES)
def test_mutated_files_are_read_or_refused_in_a_sentence(
    originals: Path, tmp_path: Path, name: str, start: int, stop: int
) -> None:
    original = originals / name
    for seed in range(start, stop):
        changed = mutated(original.read_bytes(), original.suffix, seed)
        (tmp_path / f"{seed}{original.suffix}").write_bytes(changed)
    results = read_in_workers(
        [tmp_path / f"{seed}{original.suffix}" for seed in range(start, stop)], tmp_path
    )
    raised = [f"{path}: {said}" for path, outcome, said in results if outcome == RAISED]
    assert raised == []
    for path, outcome, said in results:
        assert outcome in {READ, REFUSED}
        if outcome == REFUSED:
            assert said.strip().endswith((".", ")", "?")), f"{path}: {said}"
            assert said.replace("\n", "").isprintable(), f"{path}: {said!r}"
            assert "Traceback" not in said
    if stop - start > 100:
        assert len(Counter(outcome for _path, outcome, _said in results)) == 2, (
            "mutations are neither harmless nor fatal"
        )


def read_in_workers(paths: list[Path], folder: Path) -> list[tuple[str, str, str]]:
    """What became of each file. A worker that dies of its limit of memory has refused the file it was at."""
    waiting, done = [str(path) for path in paths], []
    while waiting:
        files, results = folder / "files", folder / "results"
        files.write_text("\n".join(waiting))
        results.write_bytes(b"")
        worker = subprocess.run(
            [sys.executable, "-m", "tests.data.reading_worker", str(files), str(results)],
            cwd=ROOT,
            env=os.environ | {"RUST_BACKTRACE": "0", "TMPDIR": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        found = [
            msgspec.json.decode(line, type=tuple[str, str, str]) for line in results.read_bytes().splitlines()
        ]
        done += found
        waiting = waiting[len(found) :]
        if waiting:
            words = worker.stderr.decode(errors="replace")[-2000:]
            assert OUT_OF_MEMORY in words, f"{waiting[0]} ended the worker with {worker.returncode}: {words}"
            done.append((waiting.pop(0), REFUSED, f"{OUT_OF_MEMORY} too much."))
    return done


@pytest.mark.parametrize("name", CASES)
def test_a_refused_file_leaves_the_database_as_it_was(
    originals: Path, tmp_path: Path, db_url: str, name: str
) -> None:
    import_file(db_url, originals / "small.xlsx")
    original = originals / name
    for seed in range(10_000, 10_000 + IMPORTED):
        path = tmp_path / f"{seed}{original.suffix}"
        path.write_bytes(mutated(original.read_bytes(), original.suffix, seed))
        before = content_of(db_url)
        try:
            import_file(db_url, path, vcenter="vc-fuzz")
        except DataError:
            assert content_of(db_url) == before


def content_of(db_url: str) -> str:
    """A digest of all rows of all tables."""
    digest = hashlib.sha256()
    with get_engine(db_url).connect() as connection:
        for of in metadata.sorted_tables:
            rows = connection.execute(select(of)).all()
            digest.update(repr((of.name, sorted(map(repr, rows)))).encode())
    return digest.hexdigest()
