"""Several CSV files as one: a zip archive that depends on their names and content alone."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

_OLDEST = (1980, 1, 1, 0, 0, 0)
"""The only date in an archive: the same files give the same archive, whenever it is packed."""


def pack_csvs(files: Sequence[tuple[str, Path]], target: Path) -> None:
    """Write one archive of CSV files, each given with its name; sorted by it and not compressed.

    Several files of one name are kept apart by numbered folders.
    """
    with zipfile.ZipFile(target, "x", zipfile.ZIP_STORED) as archive:
        taken: dict[str, int] = {}
        for name, path in sorted(files, key=lambda file: file[0]):
            taken[name] = number = taken.get(name, 0) + 1
            part = zipfile.ZipInfo(name if number == 1 else f"{number}/{name}", _OLDEST)
            part.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(part, "w") as packed:
                shutil.copyfileobj(source, packed, 1 << 20)
