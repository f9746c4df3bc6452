"""What the processes take while they are used: time of the processors, and memory."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil  # type: ignore[import-untyped]  # ships no types

from benchmarks.machine import own_mib
from benchmarks.server import Server

PROCESSOR_SECONDS = 1
MEMORY_SECONDS = 5
DATABASE, REDIS, WORKERS, LOAD = "database", "Redis", "workers", "load"
_PROGRAMS = {"postgres": DATABASE, "mariadbd": DATABASE, "redis-server": REDIS}


class Usage:
    """Looked at every second while `watched` runs."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ended = threading.Event()
        self._before: dict[int, float] = {}
        self._latest: dict[int, tuple[str, float]] = {}
        self.memory: dict[int, list[tuple[float, float]]] = defaultdict(list)
        """Process id of a worker -> seconds since the beginning, MiB."""
        self.seconds = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look while the block runs."""
        self._look()
        self._before = {pid: used for pid, (_, used) in self._latest.items()}
        started = time.monotonic()
        watcher = threading.Thread(target=self._watch, args=(started,))
        watcher.start()
        try:
            yield
        finally:
            self._ended.set()
            watcher.join()
            self._look()
            self.seconds = time.monotonic() - started

    def shares(self) -> dict[str, float]:
        """Percent of one processor, by what it was used for."""
        used: dict[str, float] = dict.fromkeys((WORKERS, DATABASE, REDIS, LOAD), 0.0)
        for pid, (name, seconds) in self._latest.items():
            used[name] += seconds - self._before.get(pid, 0)
        return {name: 100 * seconds / self.seconds for name, seconds in used.items()}

    def _watch(self, started: float) -> None:
        next_memory = started
        while not self._ended.wait(PROCESSOR_SECONDS):
            self._look()
            if time.monotonic() >= next_memory:
                next_memory += MEMORY_SECONDS
                for pid in self._server.workers():
                    self.memory[pid].append((time.monotonic() - started, own_mib(pid)))

    def _look(self) -> None:
        own = os.times()
        self._latest[os.getpid()] = LOAD, own.user + own.system
        for process in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                name = WORKERS if process.pid == self._server.pid else _PROGRAMS.get(process.name())
                if name:
                    self._latest[process.pid] = name, _used_seconds(process)


def _used_seconds(process: psutil.Process) -> float:
    """Of a process and all it started."""
    total = 0.0
    for member in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(member.cpu_times()[:4])  # of itself, and of its children that have ended
    return total
