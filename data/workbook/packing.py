"""Several CSV files as one: which belong together, and an archive that depends on names and content alone."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data.errors import FileRefusedError
from data.workbook.headers import tab_name

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


@dataclass(frozen=True, slots=True)
class Export:
    """Files that are one export."""

    name: str
    """Of the file, or of the folder of several."""
    files: tuple[Path, ...]

    @property
    def size_bytes(self) -> int:
        """Of all files together; one that is not there has none."""
        return sum(path.stat().st_size for path in self.files if path.exists())

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """The file, or an archive of several that is gone behind the block.

        Raises:
            FileRefusedError: there is no file, since a folder holds no CSV files.
        """
        if not self.files:
            raise FileRefusedError("The folder holds no CSV files. Name the files in it that are exports.")
        if len(self.files) == 1:
            yield self.files[0]
            return
        with tempfile.TemporaryDirectory(prefix="rvtools-") as directory:
            packed = Path(directory, "export.zip")
            pack_csvs([(path.name, path) for path in self.files], packed)
            yield packed


def exports_among(paths: Sequence[Path]) -> list[Export]:
    """What is given as files and folders, in their order.

    A folder is one export: that of its CSV files. So are CSV files of one folder that are named as different tabs;
    every other file is one by itself.
    """
    exports = []
    tabs = {path: tab_name(path.stem) for path in paths if _is_csv(path)}
    done: set[Path] = set()
    for path in paths:
        if path.is_dir():
            files = tuple(sorted(file for file in path.iterdir() if _is_csv(file)))
            exports.append(Export(path.resolve().name, files))
        elif path not in done:
            siblings = [other for other in tabs if other.parent == path.parent and tabs[other]]
            is_set = len({tabs[other] for other in siblings}) == len(siblings) > 1
            if is_set and path in siblings:
                exports.append(Export(path.resolve().parent.name, tuple(siblings)))
                done.update(siblings)
            else:
                exports.append(Export(path.name, (path,)))
    return exports


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv" and not path.name.startswith(".")
