"""Runs the reader in a process of its own: its memory goes back when it ends, and a hostile file kills only it."""

from __future__ import annotations

import logging
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import msgspec

from data.errors import FileRefusedError
from data.workbook.book import check_file
from data.workbook.spool import Content, Workbook

log = logging.getLogger(__name__)

MAX_READER_MIB = 4 * 1024
"""Address space of the reader. 100,000 machines with 93 columns need 700 MiB."""
TICK_SECONDS = 1.0
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Progress:
    """The reader is at work on a tab. On its standard output, one JSON object per line."""

    tab: str
    rows: int
    """Of this tab, so far."""
    share: float
    """Of the whole workbook, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader leaves in the spool when it is done: what it found, or why it refuses the file."""

    content: Content | None
    refusal: str = ""


ANSWER_FILE, ERROR_FILE = "answer.json", "errors.txt"
MAX_LOGGED = 2000

OnRead = Callable[[Progress], None]
"""Called when the reader gets on, and at least every `TICK_SECONDS`."""


@contextmanager
def opened(path: Path, on_read: OnRead) -> Iterator[Workbook]:
    """Read a workbook; its rows are there until the block ends. Whatever `on_read` raises stops the reader.

    Raises:
        FileRefusedError: the file cannot be read or is not an RVTools export.
    """
    check_file(path)
    with tempfile.TemporaryDirectory(prefix="rvtools-") as name:
        spool = Path(name)
        yield Workbook(_run_reader(path, spool, on_read), spool)


def _run_reader(path: Path, spool: Path, on_read: OnRead) -> Content:
    command = [sys.executable, "-m", "data.workbook", str(path.resolve()), str(spool)]
    with (
        (spool / ERROR_FILE).open("wb") as errors,
        subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as reader,
    ):
        try:
            _listen(cast(IO[bytes], reader.stdout), on_read)
        except BaseException:
            reader.kill()
            raise
    answer_file = spool / ANSWER_FILE
    if not answer_file.exists():
        words = (spool / ERROR_FILE).read_text(encoding="utf-8", errors="replace")
        log.error("The reader of a workbook ended with status %s: %s", reader.returncode, words[-MAX_LOGGED:])
        raise FileRefusedError(
            "The file is damaged, or needs more memory than a workbook may: its reader gave up."
        )
    answer = msgspec.json.decode(answer_file.read_bytes(), type=Answer)
    if answer.content is None:
        raise FileRefusedError(answer.refusal)
    return answer.content


def _listen(pipe: IO[bytes], on_read: OnRead) -> None:
    """Pass progress on until the reader closes its end."""
    progress = Progress("vInfo", 0, 0.0)
    rest = b""
    while True:
        if select.select([pipe], [], [], TICK_SECONDS)[0]:
            received = os.read(pipe.fileno(), 1 << 16)
            if not received:
                return
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                progress = msgspec.json.decode(line, type=Progress)
                on_read(progress)
        else:
            on_read(progress)
