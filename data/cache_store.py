"""Where cached answers lie: in files of one directory, bounded and swept, or in Redis (`data.redis_store`).

Behind Flask-Caching. Values are bytes; nothing is pickled. All workers share the directory; beside the answers it
holds the lock files of the single flight and the counters.
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
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, cast

from cachelib.serializers import FileSystemSerializer
from flask_caching import Cache
from flask_caching.backends.filesystemcache import FileSystemCache

from data.counters import Count, Counters
from data.errors import InvalidInputError

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

    key: str
    written_at: float
    """Unix time"""
    size_bytes: int

    @property
    def name(self) -> str:
        """What was asked; empty for a file that is still being written."""
        return self.key.rpartition("~")[0]


class Counting(Protocol):
    """What the cache did, function by function."""

    def add(self, name: str, count: Count, /) -> None:
        """Add to the numbers of a function."""

    def totals(self) -> dict[str, Count]:
        """The numbers of every function, by all who share the store."""


class Store(Protocol):
    """Answers by key, and who makes one that is not there. A key is a name, "~" and a digest."""

    kind: str
    """How operators call it."""
    is_private: bool
    """Whether nobody but the product can write into it."""

    @property
    def counters(self) -> Counting:
        """What was found and what was computed."""

    def get(self, key: str) -> bytes | memoryview | None:
        """An answer that is there and not past its time."""

    def set(self, key: str, value: bytes, timeout: int) -> bool | None:
        """Keep an answer for so many seconds."""

    def entries(self) -> list[Entry]:
        """What is stored, in no order."""

    def remove(self, wanted: Callable[[str], bool]) -> int:
        """Remove the answers whose name is wanted; returns how many.

        Raises:
            CacheUnavailableError: they cannot be reached.
        """

    def single_flight(self, kind: str, key: str) -> AbstractContextManager[None]:
        """One computes inside, the others wait outside: afterwards an answer may be there.

        Drawing a body reads answers, so the kinds "body" and "answer" wait apart from each other, in that order.
        """

    def trouble(self) -> str | None:
        """A sentence about what is wrong, or None."""

    def answers(self) -> bool:
        """Whether the store can be used: looks now."""


class FileStore(FileSystemCache):
    """Answers in files named by their keys, for the processes of one machine."""

    kind = "files"
    is_private = True
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
                entries.append(Entry(file.name, status.st_mtime, status.st_size))
        return entries

    def remove(self, wanted: Callable[[str], bool]) -> int:
        """Remove the answers whose name is wanted; returns how many."""
        found = [entry for entry in self.entries() if entry.name and wanted(entry.name)]
        for entry in found:
            self._file_of(entry).unlink(missing_ok=True)
        return len(found)

    def sweep(self) -> None:
        """Remove what is past every tier, then the oldest until the bounds hold."""
        entries = sorted(self.entries(), key=lambda entry: entry.written_at)
        count, size = len(entries), sum(entry.size_bytes for entry in entries)
        for entry in entries:
            is_past = entry.written_at < time.time() - MAX_AGE_SECONDS
            if not is_past and count <= MAX_ENTRIES and size <= MAX_BYTES:
                break
            self._file_of(entry).unlink(missing_ok=True)
            count, size = count - 1, size - entry.size_bytes

    @contextmanager
    def single_flight(self, kind: str, key: str) -> Iterator[None]:
        """One thread of all processes at a time for a key, and for the few keys that share its lock file."""
        handle = self._open_lock(f"{kind}{zlib.crc32(key.encode()) % STRIPES}")
        try:
            if handle is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            if handle is not None:
                os.close(handle)

    def trouble(self) -> None:
        """What happens to files is in the log."""

    def answers(self) -> bool:
        """Whether files can be written."""
        try:
            self._make_directories()
        except OSError:
            return False
        return os.access(self._answers, os.W_OK | os.X_OK)

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

    def _file_of(self, entry: Entry) -> Path:
        return self._answers / entry.key

    def _get_filename(self, key: str) -> str:
        return f"{self._path}/{key}"


def init_cache(server: Any, directory: Path, redis_url: str = "") -> None:
    """Give a Flask app its cache.

    Args:
        server: The app.
        directory: Where files lie, which nothing else may use. Readable by its owner alone.
        redis_url: Of the Redis that is used instead; need not answer.

    Raises:
        InvalidInputError: the URL cannot be used, or its client is not installed.
    """
    options = {"CACHE_TYPE": f"{__name__}.FileStore", "CACHE_DIR": str(directory)}
    if redis_url:
        if find_spec("redis") is None:
            raise InvalidInputError(
                "VMWARE_INV_CACHE_REDIS_URL is set, and the client of Redis is not installed: "
                "pip install -r requirements-redis.txt"
            )
        options = {"CACHE_TYPE": "data.redis_store.RedisStore", "CACHE_REDIS_URL": redis_url}
    cache.init_app(server, options)
    cache.app = None  # type: ignore[assignment]  # else Flask-Caching falls back to it where no app is at work


def current_store() -> Store:
    """The cache of the app at work; without one (command line, notebook) a temporary one of this process."""
    try:
        return cast(Store, cache.cache)
    except AttributeError:  # no app
        return _own_store(os.getpid())


@functools.lru_cache(maxsize=1)
def _own_store(pid: int) -> FileStore:
    directory = tempfile.mkdtemp(prefix="inventory-cache-")
    atexit.register(lambda: shutil.rmtree(directory, ignore_errors=True) if os.getpid() == pid else None)
    return FileStore(directory)
