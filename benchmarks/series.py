"""Two years of history: what it takes on disk, and that the pages do not notice it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks.estate import CACHE, digest, import_files, write_workbooks
from benchmarks.pages import ask_block, ask_overview
from benchmarks.report import Figure
from benchmarks.site import Site
from data.scope import Scope
from data.units import BYTES_PER_MIB
from data.vocabulary import SortDirection

SIZE, MONTHS = 10_000, 24
ROUNDS = 15
SORTS = ("name", "os_config", "annotation")
LONG_AGO = Scope(as_of=date(2025, 11, 30))
NOISE = 1.15
"""Two medians of a few milliseconds that differ by no more than this share, and a millisecond, are the same."""

Ask = Callable[[Site], float]
"""Asks a site for something nobody has asked for yet; returns the seconds."""


def series_workbooks(seed: int) -> list[Path]:
    """One workbook for each of 24 months, all tabs of 10,000 machines in one vCenter, the oldest first."""
    return write_workbooks(f"series-{SIZE}-{seed}", vms=SIZE, seed=seed, months=MONTHS, vcenters=1)


def measure_series(seed: int, folder: Path) -> Iterator[Figure]:
    """The newest state alone and two years of states, asked in turns."""
    one, series = _imported(seed, "one"), _imported(seed, "all")
    size_mib, series_mib = (path.stat().st_size / BYTES_PER_MIB for path in (one, series))
    title = f"{MONTHS} monthly states of {SIZE:,} machines"
    yield Figure(f"{title}: database", series_mib, "MiB")
    yield Figure(f"{title}: each further state", (series_mib - size_mib) / (MONTHS - 1), "MiB")
    sites = [_site(one, folder / "one"), _site(series, folder / "all")]
    questions: dict[str, Ask] = {"Overview, cold": _overview(Scope())} | {
        f"VM Explorer by {column}, first block": _block(column) for column in SORTS
    }
    for name, ask in questions.items():
        least, found = (1000 * median(times) for times in _in_turns(sites, ask))
        yield Figure(f"{title}: {name} (floor: one state)", found, "ms", NOISE * least + 1, floor=least)
    times = [1000 * _overview(LONG_AGO)(sites[1]) for _ in range(ROUNDS)]
    yield Figure(f"{title}: Overview, cold, as of a year ago", median(times), "ms")


def _in_turns(sites: list[Site], ask: Ask) -> Iterator[list[float]]:
    rounds = [[ask(site) for site in sites] for _ in range(ROUNDS)]
    return map(list, zip(*rounds, strict=True))


def _overview(scope: Scope) -> Ask:
    def ask(site: Site) -> float:
        site.forget()
        return ask_overview(site, scope).seconds

    return ask


def _block(column: str) -> Ask:
    return lambda site: ask_block(site, column, SortDirection.ASC, 0).seconds


def _site(database: Path, folder: Path) -> Site:
    folder.mkdir()
    shutil.copy(database, folder / "inventory.db")
    return Site(f"sqlite:///{folder / 'inventory.db'}", folder / "instance")


def _imported(seed: int, kind: str) -> Path:
    """The database, from the cache if the sources are what they were when it was imported."""
    database = CACHE / f"series-{kind}-{seed}-{digest()}.db"
    if not database.exists():
        for old in CACHE.glob(f"series-{kind}-*"):
            old.unlink()
        files = series_workbooks(seed)
        print("Importing two years of states" if kind == "all" else "Importing one state", flush=True)
        making = CACHE / f"series-{kind}.part"
        import_files(f"sqlite:///{making}", CACHE / "instance", files if kind == "all" else files[-1:])
        making.rename(database)
    return database
