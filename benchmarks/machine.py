"""Facts about this machine and the processes on it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

from data.units import BYTES_PER_MIB

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


def facts(*engines: str) -> list[str]:
    """What the figures were measured on, the given engines among it; nothing that names the machine."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = psutil.virtual_memory().total / 1024**3
    return [
        f"{os.cpu_count()} × {cpu[1] if cpu else platform.machine()}, {memory:.0f} GiB of memory",
        ", ".join([f"Python {platform.python_version()}", *engines, _browser()]),
    ]


def _browser() -> str:
    if not CHROMIUM:
        return "no browser"
    return subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def load_average() -> str:
    """Processes that ran or waited during the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def peak_mib(pid: int) -> float:
    """The most resident memory that a process ever had; 0 if it is gone."""
    return _status(f"/proc/{pid}/status", "VmHWM")


def own_mib(pid: int) -> float:
    """Memory of a process that no file backs, shared pages divided among those that share them; 0 if it is gone."""
    return _status(f"/proc/{pid}/smaps_rollup", "Pss_Anon")


def _status(path: str, key: str) -> float:
    try:
        found = re.search(rf"^{key}:\s+(\d+) kB", Path(path).read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) * 1024 / BYTES_PER_MIB if found else 0.0
