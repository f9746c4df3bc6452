"""Files that browsers send: streamed to disk, never held in memory, gone again when they do not arrive whole."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from flask import Flask, current_app, request

from data.errors import InvalidInputError
from data.units import BYTES_PER_MIB
from data.validation import DataValidator

DIRECTORY = "UPLOAD_DIRECTORY"
MAX_MIB = "MAX_UPLOAD_MIB"
"""Keys of the server's configuration."""
CHUNK_BYTES = 256 * 1024
MAX_NAME = 200


def accept_uploads(server: Flask, directory: Path, *, max_mib: int) -> None:
    """Tell an app where uploads go and how large one may be."""
    server.config[DIRECTORY] = directory
    server.config[MAX_MIB] = max_mib


def max_upload_mib() -> int:
    """MiB that a file may have."""
    limit: int = current_app.config[MAX_MIB]
    return limit


def receive_file() -> Path:
    """Store the body of this request in a new directory of its own. Whoever uses the file removes the directory.

    Raises:
        InvalidInputError: the file is empty or too large.
    """
    announced = request.content_length
    if announced is not None:
        _check(announced)
    request.max_content_length = max_upload_mib() * BYTES_PER_MIB + CHUNK_BYTES  # `_check` comes first
    uploads: Path = current_app.config[DIRECTORY]
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory = Path(tempfile.mkdtemp(dir=uploads))
    try:
        path = directory / "export.xlsx"
        received = 0
        with path.open("xb") as file:
            while chunk := request.stream.read(CHUNK_BYTES):
                received += len(chunk)
                _check(received)
                file.write(chunk)
        _check(received)
    except BaseException:
        shutil.rmtree(directory)
        raise
    return path


def shown_name(name: str) -> str:
    r"""A file's name as its sender gives it, made fit to be shown. It is never a path.

    Example:
        >>> shown_name("C:\\exports\\vc01.xlsx"), shown_name("../../etc/passwd"), shown_name(" ")
        ('vc01.xlsx', 'passwd', 'export.xlsx')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(character for character in last if character.isprintable()).strip()
    return printable[:MAX_NAME] or "export.xlsx"


def _check(size_bytes: int) -> None:
    fits, message = DataValidator.validate_file_size(size_bytes, max_upload_mib())
    if not fits:
        raise InvalidInputError(message)
