"""Two hosts with two workers each on one database: other instance directories, other host names, one inventory."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from data.database import DatabaseManager
from data.demo import write_demo
from data.ingest.locking import import_lock
from tests.serving import Product, ask, of_both_workers, product

pytestmark = pytest.mark.services

BODY, STEP, STOP = "overview-sentence.children", "data-import-step.children", "data-import-stop.n_clicks"
STATES = "data-import-history-body.children"
JOBS, STORE = "data-import-body.children", "data-import-refused.children"
NAMED = ("unshare", "--uts", "sh", "-c", 'hostname {} && exec "$@"', "sh")
"""Starts a command on a host of another name, where that is allowed."""
WHOLE_SECONDS = 60


@pytest.fixture(params=["postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    request.getfixturevalue(f"{request.param}_server")
    return new_database(request.param)


@pytest.fixture
def cache(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of the cache."""
    if request.param == "files":
        return {}
    return {"VMWARE_INV_CACHE_REDIS_URL": request.getfixturevalue("redis_url")}


@pytest.fixture
def start(url: str, tmp_path: Path) -> Iterator[Callable[..., Product]]:
    """Starts the product on one more host."""
    with ExitStack() as started:

        def start_host(name: str, **settings: str) -> Product:
            folder = tmp_path / name
            folder.mkdir()
            named = tuple(part.format(name) for part in NAMED)
            is_allowed = not subprocess.run([*named, "true"], capture_output=True, check=False).returncode
            return started.enter_context(product(folder, url, *(named if is_allowed else ()), **settings))

        yield start_host
    DatabaseManager(url).clear_cache()


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of two vCenters."""
    return write_demo(tmp_path_factory.mktemp("exports"), vms=20, seed=1, vcenters=2)


def upload(host: Product, export: Path) -> int:
    path = f"/data-import/upload?file={export.name}"
    answer = ask(host.port, "POST", path, body=export.read_bytes(), patience_seconds=WHOLE_SECONDS)
    return int(json.loads(answer.text)["job"])


def phase(host: Product, job: int) -> str:
    answer = host.call(STEP, 1, "", f"job={job}", "", 0, patience_seconds=WHOLE_SECONDS)
    reached: str = json.loads(answer.text)["response"]["data-import-phase"]["data"]
    return reached.removeprefix(f"{job} ")


def reach(host: Product, job: int, *phases: str) -> None:
    while (now := phase(host, job)) not in phases:
        assert now not in {"failed", "cancelled", "done"}, now


def store(host: Product, export: Path) -> int:
    """Upload an export, and have it stored as the preview shows it."""
    job = upload(host, export)
    reach(host, job, "preview")
    answer = host.call(STORE, 1, "", f"job={job}", patience_seconds=WHOLE_SECONDS)
    assert json.loads(answer.text)["response"]["data-import-refused"]["children"] == ""
    return job


@pytest.mark.parametrize(
    ("url", "cache"),
    [("postgresql", "files"), ("postgresql", "redis"), ("mariadb", "files")],
    indirect=True,
)
def test_an_import_through_one_host_is_seen_by_each_worker_of_both_at_the_next_request(
    start: Callable[..., Product], cache: dict[str, str], exports: list[Path]
) -> None:
    first, second = start("host-a", **cache), start("host-b", **cache)
    for export in exports:
        for host in (first, second):  # what each worker knows, and its cache, is of before
            assert {
                answer.status for answer in of_both_workers(lambda host=host: host.call(BODY, "", 0))
            } == {200}
        before = second.call(BODY, "", 0).text
        reach(first, store(first, export), "done")
        seen = [
            answer.text
            for host in (second, first)
            for answer in of_both_workers(lambda host=host: host.call(BODY, "", 0))
        ]
        assert len(set(seen)) == 1
        assert seen[0] != before


def test_a_host_that_starts_leaves_the_import_of_another_alone_shows_it_and_can_cancel_it(
    start: Callable[..., Product], url: str, exports: list[Path], tmp_path: Path
) -> None:
    first = start("host-a")
    with import_lock(url, on_wait=lambda: None):
        job = store(first, exports[0])
        reach(first, job, "queued")
        second = start("host-b")
        assert second.call(JOBS, "", "").status == 200
        assert exports[0].name in second.call(JOBS, "", "").text
        assert phase(second, job) == phase(first, job) == "queued"
        uploads = tmp_path / "host-a/instance/uploads"
        assert list(uploads.glob("*/*"))
        second.call(STOP, 1, "", f"job={job}", patience_seconds=WHOLE_SECONDS)
        assert phase(first, job) == phase(second, job) == "cancelled"
    while list(uploads.glob("*/*")):  # the process on the first host clears up
        pass
    assert "Nothing is imported yet" in second.call(BODY, "", 0).text


def test_imports_on_two_hosts_run_one_after_the_other(
    start: Callable[..., Product], url: str, exports: list[Path]
) -> None:
    hosts = start("host-a"), start("host-b")
    with import_lock(url, on_wait=lambda: None):
        jobs = [store(host, export) for host, export in zip(hosts, exports, strict=True)]
        for host, job in zip(hosts, jobs, strict=True):
            reach(host, job, "queued")
    for host, job in zip(hosts, reversed(jobs), strict=True):  # each learns of the other's
        reach(host, job, "done")
    for host in hosts:
        assert all(name in host.call(STATES, "", 0, None).text for name in ("vc-fra-01", "vc-ams-01"))
