"""Counters in a shared file."""

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.counters import SLOTS, Count, Counters

ADD = """
import sys
from pathlib import Path
from data.counters import Count, Counters
counters = Counters(Path(sys.argv[1]))
for _ in range(500):
    counters.add("f", Count(hits=1, statements_avoided=11, seconds_saved=0.5))
"""


def test_processes_and_threads_lose_no_count(tmp_path: Path) -> None:
    path = tmp_path / "counters"
    running = [subprocess.Popen([sys.executable, "-c", ADD, str(path)]) for _ in range(2)]
    counters = Counters(path)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: counters.add("f", Count(misses=1)), range(500)))
    assert [process.wait() for process in running] == [0, 0]
    assert counters.totals() == {"f": Count(1000, 500, 11_000, 500.0)}


def test_counts_outlive_the_process_that_made_them(tmp_path: Path) -> None:
    Counters(tmp_path / "counters").add("f", Count(hits=1))
    Counters(tmp_path / "counters").add("f", Count(hits=1))
    assert Counters(tmp_path / "counters").totals() == {"f": Count(hits=2)}


def test_more_functions_than_slots_are_counted_together_in_the_last(tmp_path: Path) -> None:
    counters = Counters(tmp_path / "counters")
    for number in range(SLOTS + 3):
        counters.add(f"f{number}", Count(hits=1))
    totals = counters.totals()
    assert len(totals) == SLOTS
    assert totals[f"f{SLOTS - 1}"].hits == 4


def test_a_long_name_is_cut_and_still_one_function(tmp_path: Path) -> None:
    for _ in range(2):
        Counters(tmp_path / "counters").add("é" * 99, Count(hits=1))
    assert list(Counters(tmp_path / "counters").totals().values()) == [Count(hits=2)]


def test_the_file_has_its_room_on_the_disk_before_it_is_written_through_memory(tmp_path: Path) -> None:
    path = tmp_path / "counters"
    Counters(path)
    assert path.stat().st_blocks * 512 >= path.stat().st_size > 0


@pytest.mark.parametrize("written", [0, 100, None])
def test_on_a_full_disk_a_process_counts_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int | None
) -> None:
    def write_some(_file: int, _content: bytes, _offset: int) -> int:
        if written is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written

    monkeypatch.setattr(os, "pwrite", write_some)
    counters = Counters(tmp_path / "counters")
    counters.add("f", Count(hits=1))
    assert counters.totals() == {"f": Count(hits=1)}
    assert (tmp_path / "counters").stat().st_size == 0
