"""What kind of file is this, and is it safe to open? Looks at containers only and parses no cell."""

from __future__ import annotations

import io
import mmap
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Never

from data.errors import FileRefusedError
from data.units import BYTES_PER_MIB
from data.workbook.cells import UnreadableError, to_datetime
from data.workbook.headers import tab_name

EXPECTED = (
    "Needed is what RVTools exports: a workbook (.xlsx, .xlsm or .xls), a CSV file, or a .zip of CSV files; "
    "or the database of the former dashboard."
)
MAX_UNPACKED_MIB = 6 * 1024
"""100,000 machines with all tabs unpack to about 1.5 GiB."""
MAX_RATIO = 200
"""Unpacked to packed size, of one part and of all. Real sheets stay under 20, also those of 100,000 machines; a bomb
has 1,000."""
RATIO_FLOOR_MIB = 50
"""What is smaller may have any ratio: it does no harm."""
MAX_PARTS = 1000
MAX_SHEETS = 200
MAX_CELLS = 40_000_000
"""In one sheet: those of vInfo for 400,000 machines. More would not fit into the memory of the reader."""
MEASURED_MIB = 1
"""Parts of this packed size and more are unpacked once to see whether they are as large as they say."""

READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, UnicodeError)
"""What a damaged archive raises while its parts are read."""

_CHUNK = 1 << 20
_MAX_DIRECTORY_BYTES = 4 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_XLS_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook\0", "Book\0"))
_BIFF_START = re.compile(rb"\x09\x08(?:\x10\x00.{16}|\x08\x00.{8})(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""The first record of an .xls and right behind it that of a password; between them may be a write protection."""
_SQLITE = b"SQLite format 3\0"
_STRANGERS = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "a text document"),
    (b"MZ", "a program"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CORE_PROPERTIES = "docProps/core.xml"
_EXCEL_TEMPLATES = ("2006-09-16T00:00:00Z", "2015-06-05T18:17:20Z", "2015-06-05T18:19:34Z")
"""When the empty workbooks that Excel starts from were made: says nothing about this one."""
_SUMMARY = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
"""Stands in the summary of an .xls."""
_CREATED, _FILETIME = 12, 0x40
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Container(Enum):
    """What the bytes of a file are."""

    XLSX = auto()
    XLS = auto()
    CSV = auto()
    CSV_ARCHIVE = auto()
    WORKBOOK_ARCHIVE = auto()
    """A zip archive around one workbook."""
    SQLITE = auto()


def check_file(path: Path) -> None:
    """Make sure that a file is of a kind that can be imported, and of a bearable size as far as it says so.

    Raises:
        FileRefusedError: it is not; the sentence says what it seems to be and what was expected.
    """
    recognise(path)


def recognise(path: Path) -> Container:
    """What the file is by its content; its name does not matter.

    Raises:
        FileRefusedError: nothing that can be imported.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise FileRefusedError(f"The file cannot be read: {error.strerror}.") from None
    if not start:
        raise FileRefusedError(f"The file is empty. {EXPECTED}")
    if start.startswith(_OLE):
        _check_ole(path)
        return Container.XLS
    if start.startswith(_SQLITE):
        return Container.SQLITE
    if start.startswith(b"PK"):
        with open_zip(path) as archive:
            return _kind_of_archive(archive)
    _check_text(start)
    return Container.CSV


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive whose directory of parts is sound.

    Raises:
        FileRefusedError: it is not, or the parts would be too many or too large.
    """
    with _WaryFile(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (*READ_ERRORS, ValueError):
            raise FileRefusedError(
                f"The file is damaged or incomplete: its end is missing or unreadable. {EXPECTED}"
            ) from None
        with archive:
            _check_directory(archive)
            yield archive


def members(archive: zipfile.ZipFile, *suffixes: str) -> list[zipfile.ZipInfo]:
    """The files in an archive whose names end so, wherever they lie; hidden ones and those of macOS left out."""
    found = []
    for part in archive.infolist():
        place = _place(part)
        if (
            not part.filename.endswith("/")
            and place.suffix.lower() in suffixes
            and not place.name.startswith(".")
            and "__MACOSX" not in place.parts
        ):
            found.append(part)
    return found


def part_name(part: zipfile.ZipInfo) -> str:
    """The name of a file in an archive, without folders and suffix."""
    return _place(part).stem


def measure_parts(path: Path) -> None:
    """Unpack the large parts of an archive once, keeping nothing: are they as large as they say?

    Raises:
        FileRefusedError: one is not, is damaged, or is a sheet with too many cells.
    """
    with open_zip(path) as archive, path.open("rb") as file:
        for part in archive.infolist():
            if (
                part.compress_size >= MEASURED_MIB * BYTES_PER_MIB
                and part.compress_type == zipfile.ZIP_DEFLATED
            ):
                _measure(file, part)


def _place(part: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(part.filename.replace("\\", "/"))


class _WaryFile(io.FileIO):
    """A file of which nothing large is read at once: the directory of an archive is, and could be huge."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_DIRECTORY_BYTES:
            raise FileRefusedError(f"The file has more than {MAX_PARTS:,} parts. {EXPECTED}")
        return super().read(-1 if size is None else size) or b""


def _check_text(start: bytes) -> None:
    words = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = next((name for magic, name in _STRANGERS if start.startswith(magic)), None)
    if words.startswith(b"<"):
        raise FileRefusedError(
            f"The file is a web page or XML, whatever its name says. If Excel opens it, save it as .xlsx. {EXPECTED}"
        )
    is_binary = start.count(0) > len(start) // 100 and not start.startswith(_UTF16)
    if found or is_binary:
        raise FileRefusedError(f"The file is {found or 'no text'}, whatever its name says. {EXPECTED}")


def _check_ole(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        is_workbook = any(content.find(stream) >= 0 for stream in _XLS_STREAMS)
        is_encrypted = (content.find(_ENCRYPTED) >= 0 and not is_workbook) or any(
            found.start() % 64 == 0 for found in _BIFF_START.finditer(content)
        )
    if is_encrypted:
        raise FileRefusedError(
            "The workbook is protected with a password. Save it without one and import it again."
        )
    if not is_workbook:
        raise FileRefusedError(f"The file is an Office document, but not an Excel workbook. {EXPECTED}")


def _kind_of_archive(archive: zipfile.ZipFile) -> Container:
    names = {part.filename for part in archive.infolist()}
    if "[Content_Types].xml" in names:
        if any(name.endswith("workbook.bin") for name in names):
            raise FileRefusedError("The file is in the .xlsb format. Save it as .xlsx and import that file.")
        if not any(name.endswith("workbook.xml") for name in names):
            raise FileRefusedError(f"The file is an Office document, but not an Excel workbook. {EXPECTED}")
        return Container.XLSX
    if {"mimetype", "content.xml"} <= names:
        raise FileRefusedError(
            "The file is in a format of LibreOffice (such as .ods). Save it as .xlsx and import that file."
        )
    workbooks, tables = members(archive, ".xlsx", ".xlsm", ".xls"), members(archive, ".csv")
    if tables and not workbooks:
        _check_tabs(tables)
        return Container.CSV_ARCHIVE
    if len(workbooks) == 1 and not tables:
        return Container.WORKBOOK_ARCHIVE
    if workbooks:
        raise FileRefusedError(
            f"The archive holds more than one export (workbooks: {len(workbooks):,}, CSV files: {len(tables):,}). "
            "Import one at a time: an archive may hold the CSV files of one, or one workbook."
        )
    raise FileRefusedError(f"The archive holds neither a workbook nor CSV files. {EXPECTED}")


def _check_tabs(tables: list[zipfile.ZipInfo]) -> None:
    tabs = Counter(filter(None, (tab_name(part_name(part)) for part in tables)))
    tab, files = tabs.most_common(1)[0] if tabs else ("", 0)
    if files > 1:
        raise FileRefusedError(
            f"The archive holds {files:,} CSV files of the tab {tab}, so it is more than one export. Import the CSV "
            "files of one export at a time."
        )


def _check_directory(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError("The file is encrypted. Save it without a password and import it again.")
    sheets = sum(1 for part in parts if "/worksheets/" in part.filename and part.filename.endswith(".xml"))
    unpacked_mib = sum(part.file_size for part in parts) / BYTES_PER_MIB
    if len(parts) > MAX_PARTS or sheets > MAX_SHEETS or unpacked_mib > MAX_UNPACKED_MIB:
        raise FileRefusedError(
            f"The file would unpack to {unpacked_mib:,.0f} MiB in {len(parts):,} parts with {sheets:,} sheets; "
            f"at most {MAX_UNPACKED_MIB:,} MiB, {MAX_PARTS:,} parts and {MAX_SHEETS} sheets are accepted."
        )
    sizes = [(part.file_size, part.compress_size) for part in parts]
    sizes.append((sum(size for size, _packed in sizes), sum(packed for _size, packed in sizes)))
    for size, packed in sizes:
        if size > RATIO_FLOOR_MIB * BYTES_PER_MIB and size > MAX_RATIO * packed:
            raise FileRefusedError(
                f"The file, or a part of it, would unpack to {size / BYTES_PER_MIB:,.0f} MiB, more than {MAX_RATIO} "
                "times its size: no export is like that."
            )
    for part in parts:
        if part.compress_type not in _PACKINGS:
            raise FileRefusedError(f"The file is packed in an unusual way. {EXPECTED}")
    ordered = sorted(parts, key=lambda part: part.header_offset)
    if len({part.filename for part in parts}) < len(parts) or any(
        one.header_offset + one.compress_size > other.header_offset for one, other in pairwise(ordered)
    ):
        _refuse_damaged()


def _measure(file: BinaryIO, part: zipfile.ZipInfo) -> None:
    """Inflate a part up to the size that it states."""
    file.seek(part.header_offset)
    head = file.read(30)
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), io.SEEK_CUR)
    is_sheet = "/worksheets/" in part.filename
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    packed_left, size, cells = part.compress_size, 0, 0
    packed = b""
    while not inflating.eof:
        if not packed:
            packed = file.read(min(_CHUNK, packed_left))
            packed_left -= len(packed)
        try:
            text = inflating.decompress(packed, _CHUNK)
        except zlib.error:
            _refuse_damaged()
        if not text and not packed:
            _refuse_damaged()
        packed = inflating.unconsumed_tail
        size += len(text)
        cells += text.count(b"<c ") + text.count(b"<c>") if is_sheet else 0
        if size > part.file_size:
            _refuse_damaged()
        if cells > MAX_CELLS:
            raise FileRefusedError(f"A sheet has more than {MAX_CELLS:,} cells: no export is like that.")


def _refuse_damaged() -> Never:
    raise FileRefusedError(f"The file is damaged: its parts are not where or as large as it says. {EXPECTED}")


def document_created(path: Path) -> datetime | None:
    """When a workbook was made according to its document properties; None if they do not say."""
    if zipfile.is_zipfile(path):
        return _created_of_xml(path)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = content.find(_SUMMARY)
        return _created_of_ole(content[at - 28 : at + 4096]) if at >= 28 else None


def _created_of_xml(path: Path) -> datetime | None:
    with zipfile.ZipFile(path) as archive:
        if _CORE_PROPERTIES not in archive.namelist():
            return None
        try:
            with archive.open(_CORE_PROPERTIES) as file:
                text = file.read(100_000).decode("utf-8", "replace")
        except READ_ERRORS:
            return None
    for element in ("created", "modified"):
        match = re.search(rf"<dcterms:{element}\b[^>]*>([^<]*)</dcterms:{element}>", text)
        if match and match[1] not in _EXCEL_TEMPLATES:
            try:
                return to_datetime(match[1])
            except UnreadableError:
                continue
    return None


def _created_of_ole(stream: bytes) -> datetime | None:
    """From the stream of an .xls that holds its summary: a table of properties, whose places count from its start."""
    try:
        (section,) = struct.unpack_from("<I", stream, 44)
        (count,) = struct.unpack_from("<I", stream, section + 4)
        entries = (struct.unpack_from("<II", stream, section + 8 + 8 * n) for n in range(min(count, 100)))
        places = dict(entries)
        kind, ticks = struct.unpack_from("<IQ", stream, section + places[_CREATED])
        moment = datetime.fromisoformat("1601-01-01") + timedelta(microseconds=ticks // 10)
    except (struct.error, KeyError, OverflowError):
        return None
    return moment.replace(microsecond=0) if kind == _FILETIME and 1990 <= moment.year < 2100 else None
