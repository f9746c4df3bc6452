"""What a round of the operators came to, as a column of a table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, linear_regression, quantiles

from benchmarks.actions import SHARES
from benchmarks.clients import Answer, Outcome
from benchmarks.report import number
from benchmarks.usage import Usage

P95_MS = 400
RECOVERY_SECONDS = 5
GROWTH_MIB = 2
"""What a worker may grow from the third quarter of a round to the last one and still be called flat."""
_STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Outage:
    """When a server was away, by the monotonic clock."""

    began: float
    """It was told to stop."""
    ended: float
    """It accepted connections again."""


@dataclass(frozen=True, slots=True)
class Action:
    """What an operator did."""

    kind: str
    seconds: float
    """From its first request to its last answer."""
    is_done: bool
    """Whether it came to its end."""


@dataclass
class Round:
    """Everything that was asked and answered."""

    title: str
    usage: Usage
    answers: list[Answer] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    outage: Outage | None = None
    is_database: bool = False
    """Whether it was the database that was away: then requests may be answered with a clear message meanwhile."""

    def during(self) -> list[Answer]:
        """Requests under way while the database was away, or before all was well again."""
        if self.outage is None or not self.is_database:
            return []
        began, until = self.outage.began, self.outage.ended + (self.recovery() or 0)
        return [a for a in self.answers if a.started < until and a.started + a.seconds >= began]

    def failed(self) -> list[Answer]:
        """Requests without a complete answer of what was asked for, those of `during` left out."""
        excused = set(map(id, self.during()))
        return [a for a in self.answers if a.outcome != Outcome.OK and id(a) not in excused]

    def recovery(self) -> float | None:
        """Seconds from the moment the server accepted connections to the first second of which all requests succeed.

        None if there is no such second.
        """
        if self.outage is None:
            return None
        sent = sorted(self.answers, key=lambda answer: answer.started)
        start, last = self.outage.ended, sent[-1].started
        while start + 1 <= last:
            found = [answer for answer in sent if start <= answer.started < start + 1]
            if found and all(answer.outcome == Outcome.OK for answer in found):
                return start - self.outage.ended
            start += _STEP_SECONDS
        return None


def columns(rounds: Sequence[Round]) -> list[list[str]]:
    """The table: a line for each figure, a column for each round."""
    cells = [_cells(one) for one in rounds]
    names = dict.fromkeys(name for column in cells for name in column)
    titles = ["figure", *(one.title for one in rounds)]
    return [titles, *([name, *(column.get(name, "") for column in cells)] for name in names)]


def by_request(one: Round) -> list[list[str]]:
    """A table of what was asked for, the slowest first."""
    found = defaultdict(list)
    for answer in one.answers:
        if not answer.request.is_file:
            found[answer.request.name or answer.request.path.partition("?")[0]].append(answer.seconds)
    slowest_first = sorted(found.items(), key=lambda item: -_percentiles(item[1])[1])
    lines = [[name, f"{len(seconds):,}", _spread(seconds)] for name, seconds in slowest_first]
    return [["request", "times", "p50 / p95 / p99 / max"], *lines]


def _cells(one: Round) -> dict[str, str]:
    answers = [answer for answer in one.answers if not answer.request.is_file]
    files = len(one.answers) - len(answers)
    cells = {
        "actions": f"{len(one.actions):,}",
        "requests": f"{len(answers):,}, and {files:,} files of first visits",
        "sent again on a new connection": number(sum(answer.retried for answer in one.answers)),
        "failed requests (target: 0)": _judged(len(one.failed()), 0),
    }
    steady = [answer for answer in answers if answer.outcome == Outcome.OK]
    for kind in SHARES:
        cells[f"{kind}: p50 / p95 / p99 / max"] = _spread([a.seconds for a in steady if a.kind == kind])
    everything = [answer.seconds for answer in steady]
    cells["all requests: p50 / p95 / p99 / max"] = _spread(everything)
    cells[f"all requests: p95 (target: {P95_MS} ms)"] = _judged(
        1000 * _percentiles(everything)[1], P95_MS, " ms"
    )
    cells["whole actions: p50 / p95 / p99 / max"] = _spread([a.seconds for a in one.actions if a.is_done])
    for name, share in one.usage.shares().items():
        cells[f"processor: {name}, of one core"] = f"{share:.0f} %"
    return cells | _memory(one) | _outage(one)


def _memory(one: Round) -> dict[str, str]:
    """Each worker over the second half of the round."""
    cells = {}
    workers = [samples for samples in one.usage.memory.values() if samples[-1][0] > one.usage.seconds / 2]
    for place, samples in enumerate(workers, start=1):
        half, end = one.usage.seconds / 2, one.usage.seconds
        third = [mib for at, mib in samples if half <= at < (half + end) / 2]
        fourth = [mib for at, mib in samples if at >= (half + end) / 2]
        later = [sample for sample in samples if sample[0] >= half]
        if not third or not fourth:
            continue
        slope = 60 * linear_regression(*zip(*later, strict=True)).slope
        name = f"memory of worker {place}"
        cells[f"{name}: at the beginning, in the middle, at the end"] = (
            " / ".join(f"{mib:.0f}" for mib in (samples[0][1], later[0][1], samples[-1][1])) + " MiB"
        )
        cells[f"{name}: slope over the second half"] = f"{slope:+.2f} MiB/min"
        cells[f"{name}: last quarter against the third (target: {GROWTH_MIB} MiB)"] = _judged(
            fmean(fourth) - fmean(third), GROWTH_MIB, " MiB"
        )
    return cells


def _outage(one: Round) -> dict[str, str]:
    if one.outage is None:
        return {}
    recovery = one.recovery()
    cells = {
        f"back to normal after the server was there (target: {RECOVERY_SECONDS} s)": (
            "never **missed**" if recovery is None else _judged(recovery, RECOVERY_SECONDS, " s")
        )
    }
    asked = [answer for answer in one.answers if not answer.request.is_file]
    away = [a for a in asked if one.outage.began <= a.started < one.outage.ended]
    counted = Counter(answer.outcome for answer in away)
    cells["requests while it was away: answered, clear messages, failed"] = " / ".join(
        str(counted[outcome]) for outcome in Outcome
    )
    cells["requests while it was away: p50 / p95 / p99 / max"] = _spread([answer.seconds for answer in away])
    return cells


def _percentiles(seconds: Sequence[float]) -> tuple[float, float, float, float]:
    """The 50th, 95th and 99th, and the slowest."""
    if len(seconds) < 2:
        return (seconds[0],) * 4 if seconds else (0, 0, 0, 0)
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98], max(seconds)


def _spread(seconds: Sequence[float]) -> str:
    return " / ".join(number(1000 * value) for value in _percentiles(seconds)) + " ms"


def _judged(value: float, most: float, unit: str = "") -> str:
    return f"{number(value)}{unit} {'ok' if value <= most else '**missed**'}"
