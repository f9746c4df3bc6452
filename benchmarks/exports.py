"""All machines as files: how long they take, and what they cost the workers and the job that writes a workbook."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select

from benchmarks.machine import own_mib
from benchmarks.pages import DifferenceError
from benchmarks.report import Figure
from benchmarks.server import PATIENCE_SECONDS, Server
from benchmarks.site import CALLBACKS, Site
from data.database import DatabaseManager
from data.fields import ATTRIBUTE, DEFAULT_COLUMNS, MACHINE_FIELD_TABS
from data.jobs import get_job
from data.models import jobs
from data.queries.machines import list_attributes, total_machines
from data.results import AttentionLimits
from data.scope import Scope
from data.units import BYTES_PER_MIB
from data.vocabulary import FINAL_PHASES, JobPhase
from layouts import vm_explorer
from layouts.shared.export_box import EXPORT_PATH, ExportIds
from layouts.shared.job_files import job_file_address
from layouts.shared.machine_table import View

SAMPLE_SECONDS = 0.1
POLL_SECONDS = 0.05
CHUNK_BYTES = 1024**2


@dataclass
class _Most:
    """The most that was seen."""

    mib: float = 0.0


def measure_exports(site: Site, server: Server) -> Iterator[Figure]:
    """Every form with the default columns and with all there are, attributes included."""
    machines = site.read(total_machines, Scope(), limits=AttentionLimits()).machines
    attributes = [ATTRIBUTE + name for name in site.read(list_attributes, Scope())]
    all_columns = (*MACHINE_FIELD_TABS, *attributes)
    before_mib = server.workers_mib()
    with _watched(server.workers_mib) as workers:
        for name, columns, csv_target, excel_target in (
            ("default columns", DEFAULT_COLUMNS, 10, 20),
            (f"all {len(all_columns)} columns", all_columns, None, 90),
        ):
            view = View(columns=columns).query()
            for form, target in (("csv", csv_target), ("jsonl", None)):
                began = time.perf_counter()
                lines, size_mib = _download(server, f"{EXPORT_PATH}.{form}?{view}")
                title = f"{form.upper()} of all machines, {name} ({size_mib:.0f} MiB)"
                yield Figure(title, time.perf_counter() - began, "s", target)
                if form == "jsonl" and lines != machines:
                    raise DifferenceError(f"{lines} of {machines} machines are in the file.")
            yield from _excel(site, server, view, name, excel_target)
    grown = workers.mib - before_mib
    yield Figure(f"exports: growth of the two workers, from {before_mib:.0f} MiB", grown, "MiB", 100)


def _excel(site: Site, server: Server, view: str, name: str, target: float) -> Iterator[Figure]:
    began = time.perf_counter()
    answers: dict[str, object] = {
        ExportIds.REQUEST: {"machines": []},
        vm_explorer.Ids.SCOPE: "",
        vm_explorer.Ids.VIEW: view,
    }
    answer = server.send("POST", CALLBACKS, site.body(f"{ExportIds.JOB}.data", answers))
    job_id = json.loads(answer)["response"][ExportIds.JOB]["data"]["id"]
    with _watched(lambda: _own_mib(site, job_id)) as process:
        while (job := site.read(get_job, Scope(), job_id=job_id)).phase not in FINAL_PHASES:
            time.sleep(POLL_SECONDS)
    seconds = time.perf_counter() - began
    if job.phase != JobPhase.DONE:
        raise SystemExit(f"The export ends with: {job.message}")
    _, size_mib = _download(server, job_file_address(job_id, job.files[0], ""))
    title = f"Excel of all machines, {name} ({size_mib:.0f} MiB)"
    yield Figure(title, seconds, "s", target)
    yield Figure(f"{title}: memory of the job", process.mib, "MiB")


def _own_mib(site: Site, job_id: int) -> float:
    """Memory of the process that runs a job; 0 without one."""
    with DatabaseManager(site.settings.db_url).get_session() as session:
        process_id = session.scalar(select(jobs.c.process_id).where(jobs.c.id == job_id))
    return own_mib(process_id) if process_id else 0.0


def _download(server: Server, path: str) -> tuple[int, float]:
    """Fetch a file without keeping it; returns its lines and its MiB."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    lines = size = 0
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"GET {path} answers {answer.status}.")
        while piece := answer.read(CHUNK_BYTES):
            lines += piece.count(b"\n")
            size += len(piece)
    finally:
        connection.close()
    return lines, size / BYTES_PER_MIB


@contextmanager
def _watched(measure: Callable[[], float]) -> Iterator[_Most]:
    """The most of something while the block runs, looked at ten times a second."""
    most, ended = _Most(), threading.Event()

    def watch() -> None:
        while True:
            most.mib = max(most.mib, measure())
            if ended.wait(SAMPLE_SECONDS):
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        ended.set()
        watcher.join()
