"""What the cache did, function by function, counted by all processes in one small mapped file."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SLOTS = 256
_NAME_BYTES = 96
_SLOT = struct.Struct(f"{_NAME_BYTES}sqqqd")
_NUMBERS = struct.Struct("qqqd")


@dataclass(frozen=True, slots=True)
class Count:
    """The counters of one function since the file was made."""

    hits: int = 0
    misses: int = 0
    statements_avoided: int = 0
    seconds_saved: float = 0.0


class Counters:
    """A file of 256 slots: a name and its numbers. Threads and processes may count at once.

    Names are cut after 96 bytes; when all slots are taken, further names are counted together in the last.

    Example:
        >>> import tempfile
        >>> counters = Counters(Path(tempfile.mkdtemp()) / "counters")
        >>> counters.add("get_overview", Count(misses=1))
        >>> counters.add("get_overview", Count(hits=1, statements_avoided=11))
        >>> counters.totals()["get_overview"].statements_avoided
        11
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        weakref.finalize(self, os.close, self._file)
        self._map = self._mapped()
        self._slots: dict[str, int] = {}
        self._lock = threading.Lock()

    def _mapped(self) -> mmap.mmap:
        """The file in memory, filled first: to write into a hole of a file kills the process on a full disk.

        Without room for it this process counts alone.
        """
        size = SLOTS * _SLOT.size
        with self._locked_file():
            missing = max(0, size - os.fstat(self._file).st_size)
            try:
                has_room = os.pwrite(self._file, bytes(missing), size - missing) == missing
            except OSError:
                has_room = False
        return mmap.mmap(self._file if has_room else -1, size)

    def add(self, name: str, count: Count) -> None:
        """Add to the numbers of `name`. Takes a few microseconds."""
        with self._lock, self._locked_file():
            offset = self._offset(name) + _NAME_BYTES
            hits, misses, statements, seconds = _NUMBERS.unpack_from(self._map, offset)
            _NUMBERS.pack_into(
                self._map,
                offset,
                hits + count.hits,
                misses + count.misses,
                statements + count.statements_avoided,
                seconds + count.seconds_saved,
            )

    def totals(self) -> dict[str, Count]:
        """The numbers of every function that was counted, by all processes together."""
        with self._lock, self._locked_file():
            return {name: Count(*numbers) for name, numbers in self._used()}

    def _used(self) -> Iterator[tuple[str, tuple[int, int, int, float]]]:
        for name, *numbers in _SLOT.iter_unpack(self._map[:]):
            if name[0]:
                yield name.rstrip(b"\0").decode(errors="ignore"), tuple(numbers)

    def _offset(self, name: str) -> int:
        """Where the slot of a name begins; takes a free one for a new name."""
        if name not in self._slots:
            names = [used for used, _ in self._used()]
            short = name.encode()[:_NAME_BYTES]
            known = short.decode(errors="ignore")
            slot = names.index(known) if known in names else min(len(names), SLOTS - 1)
            if slot == len(names):
                struct.pack_into(f"{_NAME_BYTES}s", self._map, slot * _SLOT.size, short)
            self._slots[name] = slot
        return self._slots[name] * _SLOT.size

    @contextmanager
    def _locked_file(self) -> Iterator[None]:
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
