"""Is this file a workbook that can be opened safely? Looks at the container only and parses nothing."""

from __future__ import annotations

import mmap
import re
import zipfile
from datetime import datetime
from pathlib import Path

from data.errors import FileRefusedError
from data.units import BYTES_PER_MIB
from data.workbook.cells import UnreadableError, to_datetime

MAX_UNPACKED_MIB = 6 * 1024
"""100,000 machines with all tabs unpack to about 1.5 GiB."""
MAX_PARTS = 1000
MAX_SHEETS = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CORE_PROPERTIES = "docProps/core.xml"
_EXCEL_TEMPLATES = ("2006-09-16T00:00:00Z", "2015-06-05T18:17:20Z", "2015-06-05T18:19:34Z")
"""When the empty workbooks that Excel starts from were made: says nothing about this one."""


def check_file(path: Path) -> None:
    """Make sure that the file is an Excel workbook of a bearable size.

    Raises:
        FileRefusedError: it is not; the sentence says what it seems to be.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(_OLE))
    except OSError as error:
        raise FileRefusedError(f"The file cannot be read: {error.strerror}.") from None
    if not size:
        raise FileRefusedError("The file is empty.")
    if start.startswith(_OLE):
        raise FileRefusedError(_explain_ole(path))
    if not start.startswith(b"PK"):
        raise FileRefusedError(
            "The file is not an Excel workbook, whatever its name says. An RVTools export in .xlsx format is needed."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise FileRefusedError(
            "The file is damaged or incomplete: its end is missing or unreadable."
        ) from None
    _check_parts(parts)


def _explain_ole(path: Path) -> str:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        is_encrypted = content.find(_ENCRYPTED) >= 0
    if is_encrypted:
        return "The workbook is protected with a password. Save it without one and import it again."
    return "The file is in the old .xls format. Open it in Excel, save it as .xlsx and import that file."


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError("The file is encrypted. Save it without a password and import it again.")
    if "xl/workbook.bin" in names:
        raise FileRefusedError("The file is in the .xlsb format. Save it as .xlsx and import that file.")
    if "[Content_Types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
        raise FileRefusedError(
            "The file is an archive, but not an Excel workbook. An RVTools export in .xlsx format is needed."
        )
    sheets = sum(1 for name in names if "/worksheets/" in name and name.endswith(".xml"))
    unpacked_mib = sum(part.file_size for part in parts) / BYTES_PER_MIB
    if len(parts) > MAX_PARTS or sheets > MAX_SHEETS or unpacked_mib > MAX_UNPACKED_MIB:
        raise FileRefusedError(
            f"The workbook would unpack to {unpacked_mib:,.0f} MiB in {len(parts):,} parts with {sheets:,} sheets; "
            f"at most {MAX_UNPACKED_MIB:,} MiB, {MAX_PARTS:,} parts and {MAX_SHEETS} sheets are accepted."
        )


def document_created(path: Path) -> datetime | None:
    """When the workbook was made according to its document properties; None if they do not say."""
    with zipfile.ZipFile(path) as archive:
        if _CORE_PROPERTIES not in archive.namelist():
            return None
        with archive.open(_CORE_PROPERTIES) as file:
            text = file.read(100_000).decode("utf-8", "replace")
    for element in ("created", "modified"):
        match = re.search(rf"<dcterms:{element}\b[^>]*>([^<]*)</dcterms:{element}>", text)
        if match and match[1] not in _EXCEL_TEMPLATES:
            try:
                return to_datetime(match[1])
            except UnreadableError:
                continue
    return None
