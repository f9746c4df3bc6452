"""gunicorn with the dashboard and two workers, under the load of many clients and of an import."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil  # type: ignore[import-untyped]  # ships no types

from benchmarks.estate import ROOT
from benchmarks.machine import own_mib
from benchmarks.pages import OVERVIEW
from benchmarks.report import Figure
from benchmarks.site import CALLBACKS, Site
from data.cache import read_generation
from data.jobs import get_job
from data.scope import Scope
from data.settings import Settings
from data.vocabulary import JobPhase
from layouts import data_import, overview
from layouts.shared.ids import Shell
from layouts.shared.import_questions import PreviewIds

CLIENTS = 20
SECONDS = 8
PATIENCE_SECONDS = 900
_HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients saw."""

    per_second: float
    p95_ms: float
    slowest_ms: float


class Server:
    """A running server."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._process = process

    @property
    def pid(self) -> int:
        """Of the process that watches over the workers."""
        return self._process.pid

    def workers(self) -> list[int]:
        """Process ids."""
        return [worker.pid for worker in psutil.Process(self.pid).children()]

    def workers_mib(self) -> float:
        """Memory of all workers, database pages and shared libraries left out."""
        return sum(map(own_mib, self.workers()))

    def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> bytes:
        """One request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, _HEADERS if headers is None else headers)  # type: ignore[arg-type]  # a file or bytes
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status not in {200, 204}:
            raise SystemExit(f"{method} {path} answers {answer.status}.")
        return content


@contextmanager
def serving(
    settings: Settings, *options: str, log: Path | None = None, **environment: str
) -> Iterator[Server]:
    """The dashboard under gunicorn.

    Args:
        settings: Of these, the database and the instance directory.
        options: Of gunicorn's command line.
        log: Takes what the server says; None: the terminal.
        environment: Further settings.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    surroundings = os.environ | {
        "VMWARE_INV_DB_URL": settings.db_url,
        "VMWARE_INV_INSTANCE_DIR": str(settings.instance_dir),
        "VMWARE_INV_LOG_LEVEL": "warning",
        "VMWARE_INV_WORKERS": "2",
        "PORT": str(port),
        **environment,
    }
    command = [sys.executable, "-m", "gunicorn", "app:server", *options]
    with log.open("wb") if log else nullcontext() as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL, stderr=said
        )
    server = Server(port, process)
    try:
        _await(lambda: _listens(port), "The server does not start.")
        server.send("GET", "/")
        yield server
    finally:
        process.terminate()
        process.wait()


def measure_load(site: Site, server: Server) -> Iterator[Figure]:
    """Many clients on the Overview whose answer is cached."""
    body = site.body(OVERVIEW, {overview.Ids.SCOPE: "", Shell.REFRESH: 0})
    for _ in range(CLIENTS):
        server.send("POST", CALLBACKS, body)
    load = _load(server, body, SECONDS)
    name = f"{CLIENTS} clients on the Overview, warm"
    yield Figure(
        f"{name}: requests a second", load.per_second, "/s", 500, at_least=True, predecessor="2.2 /s"
    )
    yield Figure(f"{name}: 95 % answered within", load.p95_ms, "ms", 100, predecessor="10.7 s")


def measure_import(site: Site, server: Server, workbook: Path) -> Iterator[Figure]:
    """Import a workbook through the page; the clients come in the second after its state is published."""
    body = site.body(OVERVIEW, {overview.Ids.SCOPE: "", Shell.REFRESH: 0})
    url = site.settings.db_url
    before_mib = most_mib = server.workers_mib()
    generation, misses = read_generation(url), site.misses()
    job_id = _upload(server, workbook)
    _await(lambda: _phase(site, job_id) == JobPhase.PREVIEW, "There is no preview.")
    most_mib = max(most_mib, server.workers_mib())
    answers: dict[str, object] = {
        PreviewIds.STORE: 1,
        data_import.Ids.SCOPE: "",
        data_import.Ids.VIEW: f"job={job_id}",
        PreviewIds.EXPORTED_AT: "2026-11-17 06:00",
    }
    server.send("POST", CALLBACKS, site.body(f"{PreviewIds.REFUSED}.children", answers))
    _await(lambda: read_generation(url) != generation, "The import is not published.", pause=0.01)
    load = _load(server, body, 1)
    most_mib = max(most_mib, server.workers_mib())
    _await(lambda: _phase(site, job_id) == JobPhase.DONE, "The import does not end.")
    computed = site.misses() - misses
    name = f"{CLIENTS} clients in the second after an import"
    yield Figure(f"{name}: 95 % answered within", load.p95_ms, "ms", 1000)
    yield Figure(f"{name}: slowest answer", load.slowest_ms, "ms")
    yield Figure(f"{name}: requests a second", load.per_second, "/s")
    yield Figure(f"{name}: times that the queries ran", computed["overview.get_overview"], "", 1)
    grown = max(most_mib, server.workers_mib()) - before_mib
    yield Figure(f"import by page: growth of the two workers, from {before_mib:.0f} MiB", grown, "MiB", 20)


def _upload(server: Server, workbook: Path) -> int:
    """The workbook with a remark inside, so that it is another file than the one imported before."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, workbook.name)
        shutil.copy(workbook, copy)
        with zipfile.ZipFile(copy, "a") as archive:
            archive.comment = b"benchmark"
        path = f"{data_import.UPLOAD_PATH}?{urlencode({'name': workbook.name})}"
        with copy.open("rb") as file:
            answer = server.send(
                "POST",
                path,
                file,
                {"Content-Length": str(copy.stat().st_size), "Sec-Fetch-Site": "same-origin"},
            )
    job_id: int = json.loads(answer)["job"]
    return job_id


def _phase(site: Site, job_id: int) -> str:
    job = site.read(get_job, Scope(), job_id=job_id)
    if job.phase in {JobPhase.FAILED, JobPhase.UNCHANGED}:
        raise SystemExit(f"The import ends with: {job.message}")
    phase: str = job.phase
    return phase


def _await(condition: object, problem: str, pause: float = 0.1) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():  # type: ignore[operator]
        if time.monotonic() > until:
            raise SystemExit(problem)
        time.sleep(pause)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _load(server: Server, body: bytes, seconds: int) -> Load:
    """Twenty clients, each asking again as soon as it is answered: wrk, or threads where it is not installed."""
    return _wrk(server, body, seconds) if shutil.which("wrk") else _threads(server, body, seconds)


_SCRIPT = """
wrk.method = "POST"
wrk.body = [==[%s]==]
%s
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("\\n@%%f %%f %%f %%d", summary.requests / summary.duration * 1e6,
    latency:percentile(95) / 1000, latency.max / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def _wrk(server: Server, body: bytes, seconds: int) -> Load:
    headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in _HEADERS.items())
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT % (body.decode(), headers))
        script.flush()
        command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--timeout", "60s", "-s", script.name]
        output = subprocess.run(
            [*command, f"http://127.0.0.1:{server.port}{CALLBACKS}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    per_second, p95, slowest, errors = map(float, output.rpartition("@")[2].split())
    if errors:
        raise SystemExit(f"{errors:.0f} requests of the load failed.")
    return Load(per_second, p95, slowest)


def _threads(server: Server, body: bytes, seconds: int) -> Load:
    """Takes as much of the processors as the server, so the figures are lower than wrk's."""
    milliseconds: list[float] = []
    until = time.monotonic() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while time.monotonic() < until:
            started = time.perf_counter()
            connection.request("POST", CALLBACKS, body, _HEADERS)
            connection.getresponse().read()
            milliseconds.append(1000 * (time.perf_counter() - started))
        connection.close()

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    milliseconds.sort()
    return Load(len(milliseconds) / seconds, milliseconds[int(0.95 * len(milliseconds))], milliseconds[-1])
