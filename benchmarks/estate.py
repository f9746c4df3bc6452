"""The estate that is measured: three vCenters with two states each, imported by the product itself."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

from benchmarks.engines import SQLITE, keep, make_server
from benchmarks.machine import load_average, peak_mib
from data.demo import write_demo

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "benchmarks" / "cache"
VCENTERS, MONTHS = 3, 2
_SOURCES = ("data/models", "data/ingest", "data/workbook", "data/demo", "data/fields.py", "migrations")
"""What decides how an imported database looks."""
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Import:
    """What an import of some workbooks cost."""

    seconds: float
    """From the start of the command to its end, all files together."""
    reader_mib: float
    """The most that the process which reads a workbook had in memory."""
    importer_mib: float
    """The most that the command itself had."""
    load: str
    """Of the machine, when it began."""
    at: str


@dataclass(frozen=True, slots=True)
class Estate:
    """An imported estate."""

    kept: Path
    """What `benchmarks.engines.copied` takes: the file of SQLite, the folder of a server. Never written to."""
    newest: list[Path]
    """The workbooks of the newest states."""
    vinfo_alone: Import
    all_tabs: Import


def get_estate(kind: str, size: int, seed: int) -> Estate:
    """The estate, from the cache if the sources are what they were when it was imported.

    Args:
        kind: One of `ENGINES`.
        size: Machines in the newest states.
        seed: Of the invented estate.
    """
    files = _workbooks(size, seed)
    newest = files[-VCENTERS:]
    name = f"estate-{size}-{seed}" if kind == SQLITE else f"{kind}-{size}-{seed}"
    folder = CACHE / f"{name}-{digest()}"
    if not folder.exists():
        for old in CACHE.glob(f"{name}-*"):
            shutil.rmtree(old)
        making = folder.with_suffix(".part")
        making.mkdir()
        cut = [_with_vinfo_alone(path, making / path.name) for path in newest]
        with _empty(kind, making) as (vinfo, whole):
            print("Importing vInfo alone", flush=True)
            vinfo_alone = import_files(vinfo, making / "instance", cut)
            print("Importing all tabs", flush=True)
            import_files(whole, making / "instance", files[:-VCENTERS])
            all_tabs = import_files(whole, making / "instance", newest)
        for path in (*cut, *making.glob("vinfo.db*")):
            path.unlink()
        shutil.rmtree(making / "instance")
        costs = {"vinfo_alone": asdict(vinfo_alone), "all_tabs": asdict(all_tabs)}
        (making / "imports.json").write_text(json.dumps(costs, indent=2))
        making.rename(folder)
    costs = json.loads((folder / "imports.json").read_text())
    kept = folder / "inventory.db" if kind == SQLITE else folder
    return Estate(kept, newest, Import(**costs["vinfo_alone"]), Import(**costs["all_tabs"]))


@contextmanager
def _empty(kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    """URLs of two empty databases; in the end the first one is gone, and the second one is kept in the folder."""
    if kind == SQLITE:
        yield f"sqlite:///{folder / 'vinfo.db'}", f"sqlite:///{folder / 'inventory.db'}"
        return
    with make_server(kind) as server:
        yield server.create_database("vinfo"), server.url()
        server.execute("DROP DATABASE vinfo")
        keep(server, folder)


def _workbooks(size: int, seed: int) -> list[Path]:
    """The oldest states first."""
    return write_workbooks(f"workbooks-{size}-{seed}", vms=size, seed=seed, months=MONTHS, vcenters=VCENTERS)


def write_workbooks(name: str, *, vms: int, seed: int, months: int, vcenters: int) -> list[Path]:
    """The workbooks of an invented estate, the oldest states first; from the cache if they are there."""
    folder = CACHE / name
    if not folder.exists():
        print(f"Writing workbooks: {vms:,} machines, {months} months", flush=True)
        making = folder.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        write_demo(making, vms=vms, seed=seed, months=months, vcenters=vcenters)
        making.rename(folder)
    return sorted(folder.glob("*.xlsx"), key=lambda path: (path.stem.rpartition("_all_")[2][:10], path.name))


def digest() -> str:
    """What the sources are that decide how an imported database looks."""
    found = hashlib.sha256()
    for source in _SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found.update(file.read_bytes())
    return found.hexdigest()[:12]


def _with_vinfo_alone(source: Path, target: Path) -> Path:
    """A copy of a workbook that holds nothing but its first sheet, which is vInfo."""
    others = re.compile(
        r'<sheet name="(?!vInfo")[^>]*/>|<definedNames>.*</definedNames>'
        r"|<(?:Override|Relationship) [^>]*worksheets/sheet(?!1\.xml)[^>]*/>"
    )
    with zipfile.ZipFile(source) as full, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as cut:
        for name in full.namelist():
            content = full.read(name) if re.search(r"sheet1\.xml|^(?!.*worksheets/)", name) else None
            if content is not None and name.endswith(
                ("[Content_Types].xml", "workbook.xml", "workbook.xml.rels")
            ):
                content = others.sub("", content.decode()).encode()
            if content is not None:
                cut.writestr(name, content)
    return target


def import_files(db_url: str, instance: Path, files: list[Path], *options: str) -> Import:
    """Import files with the command that an operator uses."""
    environment = os.environ | {
        "VMWARE_INV_DB_URL": db_url,
        "VMWARE_INV_INSTANCE_DIR": str(instance),
        "VMWARE_INV_LOG_LEVEL": "warning",
    }
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "app",
        "inventory",
        "import",
        *options,
        *map(str, files),
    ]
    load, at = load_average(), time.strftime("%Y-%m-%d %H:%M")
    reader_mib = importer_mib = 0.0
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            importer_mib = max(importer_mib, peak_mib(process.pid))
            readers = [child.pid for child in psutil.Process(process.pid).children()]
            reader_mib = max([reader_mib, *map(peak_mib, readers)])
            time.sleep(_POLL_SECONDS)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"The import of {', '.join(path.name for path in files)} failed.")
    return Import(seconds, reader_mib, importer_mib, load, at)
