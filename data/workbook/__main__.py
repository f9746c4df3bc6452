"""`python -m data.workbook FILE DIRECTORY`: reads FILE into DIRECTORY, as `data.workbook.process` asks for."""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path

import msgspec

from data.errors import FileRefusedError, is_full
from data.units import BYTES_PER_MIB
from data.workbook.process import (
    ANSWER_FILE,
    MAX_READER_MIB,
    MAX_READER_SECONDS,
    NO_ROOM,
    REQUEST_FILE,
    Answer,
    Progress,
    Request,
)
from data.workbook.read import read_workbook


def _report(tab: str, rows: int, share: float) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(Progress(tab, rows, share)) + b"\n")
    sys.stdout.buffer.flush()


def main(file: str, directory: str) -> None:
    """Read the workbook and leave an answer. Without an answer the reader died."""
    limit = MAX_READER_MIB * BYTES_PER_MIB
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_READER_SECONDS, MAX_READER_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # millions of cells come and go, and none is part of a cycle
    try:
        _answer(Path(file), Path(directory))
    except OSError as error:
        if is_full(error):
            sys.exit(NO_ROOM)
        raise


def _answer(file: Path, directory: Path) -> None:
    try:
        request = msgspec.json.decode((directory / REQUEST_FILE).read_bytes(), type=Request)
        answer = Answer(read_workbook(file, directory, request, _report))
    except FileRefusedError as refusal:
        answer = Answer(None, str(refusal))
    (directory / ANSWER_FILE).write_bytes(msgspec.json.encode(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
