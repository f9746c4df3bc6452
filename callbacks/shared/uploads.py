"""Files that browsers send: streamed to disk, never held in memory, gone again when they do not arrive whole."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from flask import Flask, current_app, request

from data.errors import DiskFullError, InvalidInputError, is_full
from data.units import BYTES_PER_MIB
from data.validation import DataValidator
from data.workbook.headers import tab_name
from data.workbook.packing import pack_csvs

DIRECTORY = "UPLOAD_DIRECTORY"
MAX_MIB = "MAX_UPLOAD_MIB"
"""Keys of the server's configuration."""
CHUNK_BYTES = 256 * 1024
MAX_NAME = 200
MAX_FILES = 200
SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".zip", ".db", ".sqlite", ".sqlite3"})
"""That a stored file keeps; what is in it decides what it is."""


def accept_uploads(server: Flask, directory: Path, *, max_mib: int) -> None:
    """Tell an app where uploads go and how large one may be."""
    server.config[DIRECTORY] = directory
    server.config[MAX_MIB] = max_mib


def max_upload_mib() -> int:
    """MiB that a file may have."""
    limit: int = current_app.config[MAX_MIB]
    return limit


def receive_files() -> tuple[Path, str]:
    """Store the body of this request in a new directory of its own. Whoever uses the file removes the directory.

    The request's `file` names the file. Several CSV files come one after another, each with its `file` and its
    `size` in bytes, and are packed into one archive, which has the name of their `folder`.

    Returns:
        The path, and the name to show.

    Raises:
        InvalidInputError: nothing arrived, not all of it, too much, or files that are no export together.
        DiskFullError: there is no room for them.
    """
    try:
        return _receive_files()
    except OSError as error:
        if is_full(error):
            raise DiskFullError from None
        raise


def _receive_files() -> tuple[Path, str]:
    names = [shown_name(name) for name in request.args.getlist("file")] or [shown_name("")]
    sizes = _sizes(names)
    if request.content_length is not None:
        _check(request.content_length)
    request.max_content_length = max_upload_mib() * BYTES_PER_MIB + CHUNK_BYTES  # `_check` comes first
    uploads: Path = current_app.config[DIRECTORY]
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory = Path(tempfile.mkdtemp(dir=uploads))
    try:
        if len(names) == 1:
            path = directory / _stored_name(names[0])
            _check(_receive(path, max_upload_mib() * BYTES_PER_MIB + 1))
            return path, names[0]
        folder = request.args.get("folder")
        shown = shown_name(folder) if folder else f"{len(names)} CSV files"
        return _receive_csvs(directory, names, sizes), shown
    except BaseException:
        shutil.rmtree(directory)
        raise


def shown_name(name: str) -> str:
    r"""A file's name as its sender gives it, made fit to be shown. It is never a path.

    Example:
        >>> shown_name("C:\\exports\\vc01.xlsx"), shown_name("../../etc/passwd"), shown_name(" ")
        ('vc01.xlsx', 'passwd', 'export.xlsx')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(character for character in last if character.isprintable()).strip()
    return printable[-MAX_NAME:] or "export.xlsx"


def _sizes(names: list[str]) -> list[int]:
    """How many bytes of the body belong to each of several files."""
    if len(names) == 1:
        return []
    if not all(name.lower().endswith(".csv") for name in names):
        raise InvalidInputError(
            "Only CSV files can be one export together. Import every other file by itself."
        )
    sizes = request.args.getlist("size")
    are_numbers = all(size.isdecimal() and len(size) < 16 for size in sizes)
    if len(names) > MAX_FILES or len(sizes) != len(names) or not are_numbers:
        raise InvalidInputError(f"At most {MAX_FILES} files can be one export, and each must say its size.")
    return [int(size) for size in sizes]


def _stored_name(name: str) -> str:
    """A name of our own that keeps what the importer may ask for: the kind of file, and of a CSV file the tab."""
    suffix = Path(name).suffix.lower()
    tab = tab_name(Path(name).stem) if suffix == ".csv" else None
    return f"{tab or 'export'}{suffix if suffix in SUFFIXES else ''}"


def _receive_csvs(directory: Path, names: list[str], sizes: list[int]) -> Path:
    _check(sum(sizes))
    files = []
    for number, (name, size) in enumerate(zip(names, sizes, strict=True)):
        part = directory / str(number)
        if _receive(part, size) < size:
            raise InvalidInputError("The upload broke off: not all of the files arrived.")
        files.append((name, part))
    if request.stream.read(1):
        raise InvalidInputError("More arrived than the files that were announced.")
    path = directory / "export.zip"
    pack_csvs(files, path)
    for _name, part in files:
        part.unlink()
    return path


def _receive(path: Path, limit: int) -> int:
    """Write up to `limit` bytes of the body to a file; how many there were."""
    received = 0
    with path.open("xb") as file:
        while received < limit and (chunk := request.stream.read(min(CHUNK_BYTES, limit - received))):
            received += len(chunk)
            file.write(chunk)
    return received


def _check(size_bytes: int) -> None:
    fits, message = DataValidator.validate_file_size(size_bytes, max_upload_mib())
    if not fits:
        raise InvalidInputError(message)
