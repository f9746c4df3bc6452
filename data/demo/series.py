"""Writes a demo estate: one workbook per vCenter and month."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

from data.demo.change import advance
from data.demo.estate import build_vcenter
from data.demo.sites import vcenter_name
from data.demo.workbook import write_workbook
from data.errors import InvalidInputError

NEWEST: Final = datetime.fromisoformat("2026-11-16T06:00")
"""Export time of the newest state when none is asked for."""

SUFFIX: Final = ".xlsx"
FEWEST_MACHINES: Final = 10
MOST_MACHINES: Final = 100_000
_FEWEST_PER_VCENTER: Final = 5
_SHARES: Final = {1: (1.0,), 2: (0.7, 0.3), 3: (0.6, 0.3, 0.1)}
_GROWTH: Final = 0.006
"""By how much an estate grows in a month."""
_MINUTES_BETWEEN_EXPORTS: Final = 7
_WORTH_PROCESSES: Final = 3_000
"""Rows of vInfo from which on several processes are faster than one."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One workbook: the state of a vCenter after the first so many months."""

    path: Path
    seed: int
    index: int
    counts: tuple[int, ...]
    times: tuple[datetime, ...]


def write_demo(
    target: Path,
    *,
    vms: int,
    seed: int,
    months: int = 1,
    vcenters: int | None = None,
    newest: datetime | None = None,
    on_file: Callable[[Path], None] | None = None,
) -> list[Path]:
    """Write the workbooks of an invented estate; the same arguments always give the same cells.

    Args:
        target: A file when it ends in `.xlsx`, else a folder, made when missing. When a file is asked for and
            there are several workbooks, vCenter and time are added to its name.
        vms: Rows of vInfo in the newest month over all vCenters, templates included: 10 to 100,000.
        seed: Two seeds give two estates.
        months: How many monthly states of each vCenter.
        vcenters: Into how many vCenters the machines are divided, unevenly. Unless given: one for a file;
            for a folder one below 200 machines, two below 2,000, else three.
        newest: Export time of the newest state of the first vCenter; the others were exported minutes
            earlier. A zone is dropped: RVTools writes the local time of its machine.
        on_file: Called with each workbook once it is written, oldest state first.

    Returns:
        The workbooks, oldest state first.

    Raises:
        InvalidInputError: A number is out of its limits.
    """
    as_file = target.suffix == SUFFIX
    if vcenters is None:
        vcenters = 1 if as_file else 1 + (vms >= 200) + (vms >= 2_000)
    if not FEWEST_MACHINES <= vms <= MOST_MACHINES:
        raise InvalidInputError(f"A demo estate has {FEWEST_MACHINES} to {MOST_MACHINES:,} machines.")
    if months < 1:
        raise InvalidInputError("A demo estate has at least one month.")
    if not 1 <= vcenters <= vms // _FEWEST_PER_VCENTER:
        raise InvalidInputError(f"Each vCenter of a demo estate has at least {_FEWEST_PER_VCENTER} machines.")
    (target.parent if as_file else target).mkdir(parents=True, exist_ok=True)
    latest = (newest or NEWEST).replace(tzinfo=None)
    jobs = list(_jobs(target, vms=vms, seed=seed, months=months, vcenters=vcenters, newest=latest))
    for path in _written(jobs, parallel=len(jobs) > 1 and vms * months >= _WORTH_PROCESSES):
        if on_file:
            on_file(path)
    return [job.path for job in jobs]


def _jobs(
    target: Path, *, vms: int, seed: int, months: int, vcenters: int, newest: datetime
) -> Iterator[_Job]:
    for month in range(months):
        for index, size in enumerate(_sizes(vms, vcenters)):
            ages = range(months - 1, months - 2 - month, -1)
            latest = newest - timedelta(minutes=_MINUTES_BETWEEN_EXPORTS * index)
            times = tuple(_months_before(latest, age) for age in ages)
            counts = tuple(max(_FEWEST_PER_VCENTER, round(size / (1 + _GROWTH) ** age)) for age in ages)
            name = f"{vcenter_name(index)}_RVTools_export_all_{times[-1]:%Y-%m-%d_%H.%M.%S}.xlsx"
            path = target / name
            if target.suffix == SUFFIX:
                path = target if months * vcenters == 1 else target.with_name(f"{target.stem}_{name}")
            yield _Job(path, seed, index, counts, times)


def _sizes(vms: int, vcenters: int) -> list[int]:
    """Machines of each vCenter, the largest first."""
    weights = _SHARES.get(vcenters) or [1 / (index + 1) for index in range(vcenters)]
    free = vms - _FEWEST_PER_VCENTER * vcenters
    smaller = [_FEWEST_PER_VCENTER + int(free * weight / sum(weights)) for weight in weights[1:]]
    return [vms - sum(smaller), *smaller]


def _months_before(time: datetime, months: int) -> datetime:
    """The same time of day so many calendar months earlier, on the 28th at the latest."""
    if not months:
        return time
    years, month = divmod(time.year * 12 + time.month - 1 - months, 12)
    return time.replace(year=years, month=month + 1, day=min(time.day, 28))


def _written(jobs: list[_Job], *, parallel: bool) -> Iterator[Path]:
    if not parallel:
        yield from map(_write, jobs)
        return
    workers = min(len(jobs), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        yield from executor.map(_write, jobs)


def _write(job: _Job) -> Path:
    """Live through the months again from the first one: that is fast beside the writing."""
    vcenter = build_vcenter(job.index, job.counts[0], job.times[0], _random(job, 0))
    for month in range(1, len(job.counts)):
        advance(vcenter, job.times[month], job.counts[month], _random(job, month))
    write_workbook(job.path, vcenter)
    return job.path


def _random(job: _Job, month: int) -> Random:
    return Random(f"{job.seed}/{job.index}/{month}")  # noqa: S311 - invented data, no secrets
