"""Where cached answers lie: files of one directory, shared by all workers, bounded and swept.

Behind Flask-Caching. Values are bytes; nothing is pickled. Beside the answers the directory holds the lock
files of the single flight and the counters.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import logging
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from cachelib.serializers import FileSystemSerializer
from flask_caching import Cache
from flask_caching.backends.filesystemcache import FileSystemCache

from data.counters import Counters

log = logging.getLogger(__name__)

MAX_BYTES = 256 * 1024**2
MAX_ENTRIES = 5000
MAX_AGE_SECONDS = 1800
"""Nothing lives longer; an answer past its time is never handed out, but lies there until then."""
SWEEP_SECONDS = 60
SWEEP_BYTES = 64 * 1024**2
"""A process looks for what can go this often, or after writing this much."""
STRIPES = 256

cache = Cache()


class _Bytes(FileSystemSerializer):
    """Values are bytes already."""

    def dump(self, value: bytes, f: IO[bytes], *_: Any) -> None:  # type: ignore[override]  # bytes, not int
        f.write(value)

    def load(self, f: IO[bytes]) -> bytes:
        return f.read()


class Entry(NamedTuple):
    """A stored answer."""

    name: str
    """Empty for a file that is still being written."""
    path: Path
    written_at: float
    """Unix time"""
    size_bytes: int


class SharedStore(FileSystemCache):
    """Answers by key. A key is a name, "~" and a digest, and is the name of its file."""

    serializer = _Bytes()

    def __init__(self, cache_dir: str, **options: Any) -> None:
        self.directory = Path(cache_dir)
        self._answers = self.directory / "answers"
        self._locks = self.directory / "locks"
        self._make_directories()
        super().__init__(str(self._answers), **{**options, "threshold": 0})  # sweep() bounds it
        self.counters = Counters(self.directory / "counters")
        self._written = 0
        self._next_sweep = 0.0

    def set(self, key: str, value: bytes, timeout: Any = None, mgmt_element: bool = False) -> bool:
        """Store for `timeout` seconds; sweeps now and then."""
        self._written += len(value)
        if self._written > SWEEP_BYTES or time.monotonic() >= self._next_sweep:
            self._written = 0
            self._next_sweep = time.monotonic() + SWEEP_SECONDS
            self.sweep()
        return bool(super().set(key, value, timeout, mgmt_element))

    def entries(self) -> list[Entry]:
        """What is stored, in no order."""
        self._make_directories()
        entries = []
        with os.scandir(self._answers) as files:
            for file in files:
                try:
                    status = file.stat()
                except FileNotFoundError:  # another process was faster
                    continue
                name = file.name.rpartition("~")[0]
                entries.append(Entry(name, Path(file.path), status.st_mtime, status.st_size))
        return entries

    def remove(self, wanted: Callable[[str], bool]) -> int:
        """Remove the answers whose name is wanted; returns how many."""
        found = [entry for entry in self.entries() if entry.name and wanted(entry.name)]
        for entry in found:
            entry.path.unlink(missing_ok=True)
        return len(found)

    def sweep(self) -> None:
        """Remove what is past every tier, then the oldest until the bounds hold."""
        entries = sorted(self.entries(), key=lambda entry: entry.written_at)
        count, size = len(entries), sum(entry.size_bytes for entry in entries)
        for entry in entries:
            is_past = entry.written_at < time.time() - MAX_AGE_SECONDS
            if not is_past and count <= MAX_ENTRIES and size <= MAX_BYTES:
                break
            entry.path.unlink(missing_ok=True)
            count, size = count - 1, size - entry.size_bytes

    @contextmanager
    def single_flight(self, kind: str, key: str) -> Iterator[None]:
        """One thread of all processes at a time for a key, and for the few keys that share its lock file.

        Drawing a body reads answers, so the kinds "body" and "answer" have locks of their own, taken in
        that order.
        """
        handle = self._open_lock(f"{kind}{zlib.crc32(key.encode()) % STRIPES}")
        try:
            if handle is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            if handle is not None:
                os.close(handle)

    def _open_lock(self, name: str) -> int | None:
        try:
            self._make_directories()
            return os.open(self._locks / name, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:  # the disk is full or read-only: answer all the same
            log.warning("No lock in the cache directory: %s", error)
            return None

    def _make_directories(self) -> None:
        for directory in (self.directory, self._answers, self._locks):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _get_filename(self, key: str) -> str:
        return f"{self._path}/{key}"


def init_cache(server: Any, directory: Path) -> None:
    """Give a Flask app its cache in `directory`, which nothing else may use. Readable by its owner alone."""
    options = {"CACHE_TYPE": f"{__name__}.SharedStore", "CACHE_DIR": str(directory)}
    cache.init_app(server, options)
    cache.app = None  # type: ignore[assignment]  # else Flask-Caching falls back to it where no app is at work


def current_store() -> SharedStore:
    """The cache of the app at work; without one (command line, notebook) a temporary one of this process."""
    try:
        return cast(SharedStore, cache.cache)
    except AttributeError:  # no app
        return _own_store(os.getpid())


@functools.lru_cache(maxsize=1)
def _own_store(pid: int) -> SharedStore:
    directory = tempfile.mkdtemp(prefix="inventory-cache-")
    atexit.register(lambda: shutil.rmtree(directory, ignore_errors=True) if os.getpid() == pid else None)
    return SharedStore(directory)
