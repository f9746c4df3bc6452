"""Runs the reader in a process of its own: its memory goes back when it ends, and a hostile file kills only it."""

from __future__ import annotations

import hashlib
import logging
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

import msgspec

from data.errors import DiskFullError, FileRefusedError
from data.fields import SYNONYMS_VERSION
from data.results import HeaderMapping
from data.workbook.book import check_file
from data.workbook.redaction import redact
from data.workbook.spool import Content, Reading

log = logging.getLogger(__name__)

MAX_READER_MIB = 4 * 1024
"""Address space of the reader. 100,000 machines with 93 columns need 700 MiB."""
MAX_READER_SECONDS = 900
"""Of processor time. 100,000 machines with all tabs need about 90."""
NO_ROOM = 28
"""Status with which the reader ends on a full disk."""
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
class Request:
    """How the reader shall read a file."""

    sha256: str
    """Of the file."""
    mappings: tuple[HeaderMapping, ...]
    split: bool
    """One part per vCenter; False: one for all."""
    version: int = SYNONYMS_VERSION


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader leaves in the spool when it is done: what it found, or why it refuses the file."""

    content: Content | None
    refusal: str = ""
    request: Request | None = None
    """What it was asked for; written last, so that a spool with it is complete."""


REQUEST_FILE, ANSWER_FILE, ERROR_FILE = "request.json", "answer.json", "errors.txt"
SPOOL = "spool"
"""Where the spool lies in the directory that the caller gives."""
MAX_LOGGED = 2000

OnRead = Callable[[Progress], None]
"""Called when the reader gets on, and at least every `TICK_SECONDS`."""


@contextmanager
def opened(
    path: Path,
    on_read: OnRead,
    *,
    mappings: Sequence[HeaderMapping] = (),
    split: bool = True,
    directory: Path | None = None,
) -> Iterator[Reading]:
    """Read a file; its rows are there until the block ends. Whatever `on_read` raises stops the reader.

    Args:
        path: the file.
        on_read: told about progress.
        mappings: what the operator said of headers.
        split: one part per vCenter in the file; False: one for all of it.
        directory: where the spool shall stay, to be used again for the same file, mappings and split; the caller
            removes it. Without, the spool goes with the block.

    Raises:
        FileRefusedError: the file cannot be read or has nothing that could be machines.
        DiskFullError: there is no room for the spool.
    """
    check_file(path)
    with path.open("rb") as file:
        request = Request(hashlib.file_digest(file, "sha256").hexdigest(), tuple(mappings), split)
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="rvtools-") as name:
            yield Reading(_run_reader(path, Path(name), request, on_read), Path(name))
        return
    spool = directory / SPOOL
    content = _complete(spool, request)
    if content is None:
        shutil.rmtree(spool, ignore_errors=True)
        spool.mkdir(parents=True)
        content = _run_reader(path, spool, request, on_read)
    yield Reading(content, spool)


def _complete(spool: Path, request: Request) -> Content | None:
    """What the spool holds if it is complete and of this request.

    A file that was found to be of one vCenter is the same undivided.
    """
    try:
        answer = msgspec.json.decode((spool / ANSWER_FILE).read_bytes(), type=Answer)
    except (OSError, msgspec.DecodeError):
        return None
    content, asked = answer.content, answer.request
    if content and len(content.parts) == 1 and asked and asked.split:
        asked = replace(asked, split=request.split)
    return content if asked == request else None


def _run_reader(path: Path, spool: Path, request: Request, on_read: OnRead) -> Content:
    (spool / REQUEST_FILE).write_bytes(msgspec.json.encode(request))
    command = [sys.executable, "-m", "data.workbook", str(path.resolve()), str(spool.resolve())]
    with (
        (spool / ERROR_FILE).open("wb") as errors,
        subprocess.Popen(
            command,
            cwd=_ROOT,
            env=os.environ | {"TMPDIR": str(spool.resolve())},  # what it unpacks goes with the spool
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as reader,
    ):
        try:
            _listen(cast(IO[bytes], reader.stdout), on_read)
        except BaseException:
            reader.kill()
            raise
    if reader.returncode == NO_ROOM:
        raise DiskFullError
    answer_file = spool / ANSWER_FILE
    if not answer_file.exists():
        words = (spool / ERROR_FILE).read_text(encoding="utf-8", errors="replace")
        log.error(
            "The reader of a workbook ended with status %s: %s",
            reader.returncode,
            redact(words)[-MAX_LOGGED:],
        )
        raise FileRefusedError(
            "The file is damaged, or needs more memory or time than an export may: its reader gave up."
        )
    answer = msgspec.json.decode(answer_file.read_bytes(), type=Answer)
    if answer.content is None:
        raise FileRefusedError(answer.refusal)
    _replace(answer_file, msgspec.json.encode(replace(answer, request=request)))
    return answer.content


def _replace(path: Path, content: bytes) -> None:
    """Write a file that is either there as a whole or as it was."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


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
