"""`python -m benchmarks.operators --size 100000 --minutes 5 --stop-redis 20 --stop-database 20`.

Fifty simulated operators use the product as it runs in production: gunicorn with two workers, a database server and
Redis. One round is undisturbed; each option adds a round in the middle of which a server is stopped for so many
seconds. Prints a table and writes it into RESULTS.md.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks import report
from benchmarks.actions import Operator, Sample, Stage, files_of, take_sample
from benchmarks.clients import Browser, Outcome
from benchmarks.engines import OPTIONS, restored, version
from benchmarks.estate import CACHE, get_estate
from benchmarks.machine import facts, load_average
from benchmarks.rounds import Action, Outage, Round, by_request, columns
from benchmarks.server import Server, serving
from benchmarks.site import Callbacks
from benchmarks.usage import Usage
from data.settings import Settings
from scripts.servers import RedisServer
from scripts.servers import Server as Service

OPERATORS = 50
PAUSE_SECONDS = 8
"""Between two actions of an operator, on average."""
CONNECTIONS = 6
"""Of one browser."""


def main() -> None:
    """Run the rounds, one after the other, each on a copy of the estate and with a cold cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=list(OPTIONS), default="postgresql", help="engine of the inventory")
    parser.add_argument("--size", type=int, default=10_000, help="machines in the newest states")
    parser.add_argument("--seed", type=int, default=1, help="of the estate and of what the operators do")
    parser.add_argument("--minutes", type=float, default=5, help="that a round takes")
    parser.add_argument(
        "--stop-redis", type=float, metavar="SECONDS", help="a round without Redis in between"
    )
    parser.add_argument("--stop-database", type=float, metavar="SECONDS", help="a round without the database")
    given = parser.parse_args()
    began_at = load_average()
    estate = get_estate(given.db, given.size, given.seed)
    rounds = []
    with restored(given.db, estate.kept) as database, RedisServer() as redis:
        sample = take_sample(database.url())
        said = [*facts(version(database.url())), f"load average: {began_at} when the run began"]
        stops: list[tuple[str, Service | None, float]] = [("undisturbed", None, 0)]
        if given.stop_redis:
            stops.append((f"Redis stopped for {given.stop_redis:g} s", redis, given.stop_redis))
        if given.stop_database:
            stops.append((f"database stopped for {given.stop_database:g} s", database, given.stop_database))
        for title, service, away_seconds in stops:
            print(f"{given.minutes:g} minutes, {title}", flush=True)
            redis.stop()
            redis.start()  # with nothing in it
            with _product(database, redis) as product:
                one = Round(title, Usage(product), is_database=service is database)
                operators = _operators(product, sample, given.seed)
                _run(one, product.port, operators, 60 * given.minutes, partial(_stop, service, away_seconds))
            _tell(one)
            rounds.append(one)
        name = (
            f"{OPERATORS} operators, {given.size:,} machines in {database.title}, {given.minutes:g} minutes"
        )
    table = report.grid(columns(rounds))
    report.write(f"operators {given.db} {given.size}", name, said, table)
    print(table)


@contextmanager
def _product(database: Service, redis: RedisServer) -> Iterator[Server]:
    """The dashboard as in production; its workers are never renewed, so that their memory can be compared."""
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="run-") as folder:
        settings = Settings(db_url=database.url(), instance_dir=Path(folder), log_level="warning")
        options = ("--max-requests", "0", "--max-requests-jitter", "0")
        log = CACHE / "operators.log"
        with serving(settings, *options, log=log, VMWARE_INV_CACHE_REDIS_URL=redis.url()) as product:
            yield product


def _operators(product: Server, sample: Sample, seed: int) -> list[Operator]:
    callbacks = Callbacks(product.send("GET", "/_dash-dependencies", headers={}))
    files = files_of(product.send("GET", "/", headers={}))
    return [Operator(callbacks, sample, files, 1000 * seed + number) for number in range(OPERATORS)]


def _run(
    one: Round, port: int, operators: list[Operator], seconds: float, disturb: Callable[[], Outage | None]
) -> None:
    """Let all operators work for so many seconds, and disturb them in the middle."""
    until = time.monotonic() + seconds
    people = [threading.Thread(target=_work, args=(one, port, operator, until)) for operator in operators]
    with one.usage.watched():
        for person in people:
            person.start()
        time.sleep(seconds / 2)
        one.outage = disturb()
        for person in people:
            person.join()


def _stop(service: Service | None, away_seconds: float) -> Outage | None:
    """Stop a service, and start it again later."""
    if service is None:
        return None
    began = time.monotonic()
    service.stop()
    time.sleep(max(0, began + away_seconds - time.monotonic()))
    service.start()
    return Outage(began, time.monotonic())


def _work(one: Round, port: int, operator: Operator, until: float) -> None:
    """Act at the operator's own times; an action that takes longer than the pause delays the next one."""
    browser = Browser(port)
    pause = partial(operator.random.expovariate, 1 / PAUSE_SECONDS)
    due = time.monotonic() + pause()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        while due < until:
            time.sleep(max(0, due - time.monotonic()))
            kind, stages = operator.act()
            started = time.monotonic()
            is_done = _send(one, browser, pool, kind, stages)
            one.actions.append(Action(kind, time.monotonic() - started, is_done))
            due += pause()
    browser.close()


def _send(one: Round, browser: Browser, pool: ThreadPoolExecutor, kind: str, stages: list[Stage]) -> bool:
    """Send the stages one after the other; one that fails is the end of the action. Whether all went well."""
    for stage in stages:
        answers = list(pool.map(partial(browser.ask, kind=kind), stage))
        one.answers += answers
        if any(answer.outcome != Outcome.OK for answer in answers):
            return False
    return True


def _tell(one: Round) -> None:
    """Which requests are the slow ones, and what went wrong, the most frequent first."""
    print(report.grid(by_request(one)), flush=True)
    away = one.during()
    for when, answers in (("failed", one.failed()), ("while it was away", away)):
        said = Counter(f"{a.request.name or a.request.path}: {a.what}" for a in answers if a.what)
        for what, times in said.most_common(10):
            print(f"{times} × {when}: {what}", flush=True)


if __name__ == "__main__":
    main()
