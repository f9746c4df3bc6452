"""`python -m tests.data.reading_worker FILES RESULTS`: reads many files as the reader does, in one process."""

from __future__ import annotations

import gc
import sys
import tempfile
import traceback
from pathlib import Path

import msgspec

from data.errors import FileRefusedError
from data.workbook import __main__ as reader
from data.workbook.book import check_file
from data.workbook.process import ANSWER_FILE, REQUEST_FILE, Answer, Reading, Request

READ, REFUSED, RAISED = "read", "refused", "raised"


def read(path: Path, spool: Path) -> tuple[str, str]:
    """What became of a file, and what there is to say of it."""
    try:
        check_file(path)
        (spool / REQUEST_FILE).write_bytes(msgspec.json.encode(Request("", (), split=True)))
        reader.main(str(path), str(spool))
        answer = msgspec.json.decode((spool / ANSWER_FILE).read_bytes(), type=Answer)
        if answer.content is None:
            return REFUSED, answer.refusal
        reading = Reading(answer.content, spool)
        rows = sum(
            1 for workbook in reading.workbooks for tab in workbook.tabs for _row in workbook.rows(tab)
        )
        return READ, f"{rows} rows, {sum(1 for _ in reading.rejections())} rejections"
    except FileRefusedError as refused:
        return REFUSED, str(refused)
    except BaseException:  # noqa: BLE001  # that is what is looked for
        return RAISED, traceback.format_exc()


def read_all(files: Path, results: Path) -> None:
    """Read the files that are listed; a line of results for each."""
    with results.open("ab", buffering=0) as out:
        for number, path in enumerate(files.read_text().splitlines()):
            with tempfile.TemporaryDirectory() as spool:
                out.write(msgspec.json.encode((path, *read(Path(path), Path(spool)))) + b"\n")
            if number % 20 == 0:
                gc.collect()  # the reader switches it off


if __name__ == "__main__":
    reader.MAX_READER_MIB = 1024  # enough for what is read here, and hostile files are at their end sooner
    read_all(*map(Path, sys.argv[1:]))
