"""`python -m benchmarks.run --size 10000 --db sqlite`: measures the product, prints a table and writes RESULTS.md.

Ends with an error when a number of a page differs from the floor's; a missed target is only told.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks import report, series
from benchmarks.browser import measure_browser
from benchmarks.engines import ENGINES, SQLITE, copied, version
from benchmarks.estate import CACHE, Estate, get_estate
from benchmarks.exports import measure_exports
from benchmarks.floor import Floor
from benchmarks.formats import measure_formats
from benchmarks.machine import CHROMIUM, facts, load_average
from benchmarks.pages import DifferenceError, measure_explorer, measure_overview, measure_walk
from benchmarks.palette import measure_palette
from benchmarks.report import Figure
from benchmarks.server import measure_import, measure_load, serving
from benchmarks.site import Site
from data.results import AttentionLimits

TIMES_SQLITE = 1.5
"""So many times as long as on SQLite an import of all tabs may take on a server."""


def main() -> None:
    """Measure everything on one engine at one size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=ENGINES, default=SQLITE, help="engine that keeps the inventory")
    parser.add_argument("--size", type=int, default=10_000, help="machines in the newest states")
    parser.add_argument("--seed", type=int, default=1, help="of the demo estate")
    given = parser.parse_args()
    began_at = load_average()
    sqlite = None if given.db == SQLITE else report.sqlite_figures(given.size)
    estate = get_estate(given.db, given.size, given.seed)
    try:
        with (
            tempfile.TemporaryDirectory(dir=CACHE, prefix="run-") as folder,
            copied(given.db, estate.kept, Path(folder)) as db_url,
        ):
            engine = version(db_url)
            figures = [*_measure(db_url, estate, Path(folder)), *_imports(estate, given.size, sqlite)]
            if given.size == series.SIZE and sqlite is None:
                figures += [
                    *measure_formats(given.seed, Path(folder)),
                    *series.measure_series(given.seed, Path(folder)),
                ]
    except DifferenceError as difference:
        sys.exit(f"The floor says otherwise than the page.\n{difference}")
    imported = estate.all_tabs
    loads = f"{began_at} when the run began, {imported.load} when the workbooks were imported ({imported.at})"
    said = [*facts(engine), f"load average: {loads}"]
    key, title = str(given.size), f"{given.size:,} machines in {engine.split()[0]}"
    if sqlite is not None:
        key = f"{given.db} {given.size}"
        said.append("measured for SQLite alone: the formats of exports, and two years of states on the disk")
    table = report.table(figures, sqlite)
    report.write(key, title, said, table)
    print(table)


def _measure(db_url: str, estate: Estate, folder: Path) -> Iterator[Figure]:
    site = Site(db_url, folder / "instance")
    floor = Floor(db_url, AttentionLimits())
    print("Asking the pages", flush=True)
    yield from measure_overview(site, floor)
    yield from measure_explorer(site, floor)
    yield from measure_palette(site)
    yield from measure_walk(site)
    with serving(site.settings) as server:
        print("Under load", flush=True)
        yield from measure_load(site, server)
        print("All machines as files", flush=True)
        yield from measure_exports(site, server)
        if CHROMIUM and shutil.which("chromedriver"):
            print("In the browser", flush=True)
            yield from measure_browser(f"http://127.0.0.1:{server.port}/")
        else:
            print("Without a browser: Chromium or chromedriver is not installed", flush=True)
        print("While a workbook is imported", flush=True)
        yield from measure_import(site, server, estate.newest[-1])


def _imports(estate: Estate, size: int, sqlite: Mapping[str, float] | None) -> Iterator[Figure]:
    vinfo, all_tabs = estate.vinfo_alone, estate.all_tabs
    whole = "import of all tabs"
    target: float = 45 if size <= 10_000 else 480
    if sqlite and whole in sqlite:
        target = TIMES_SQLITE * sqlite[whole]
    yield Figure("import of vInfo alone", vinfo.seconds, "s", 45, predecessor="162 to 196 s")
    yield Figure(
        "import of vInfo alone: reader's memory", vinfo.reader_mib, "MiB", 1024, predecessor="1.3 GB"
    )
    yield Figure(whole, all_tabs.seconds, "s", target)
    yield Figure(f"{whole}: reader's memory", all_tabs.reader_mib, "MiB", 1024)
    yield Figure(f"{whole}: importer's memory", all_tabs.importer_mib, "MiB")


if __name__ == "__main__":
    main()
