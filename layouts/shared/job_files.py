"""Where the files of a job are fetched."""

from __future__ import annotations

from urllib.parse import quote, urlencode

PATH = "/jobs/<int(max=999999999):job_id>/<name>"


def job_file_address(job_id: int, name: str, database: str) -> str:
    """The address of a file that a job has made.

    Example:
        >>> job_file_address(7, "machines-2026-11-23.xlsx", ""), job_file_address(7, "a b.csv", "lab")
        ('/jobs/7/machines-2026-11-23.xlsx', '/jobs/7/a%20b.csv?db=lab')
    """
    query = f"?{urlencode({'db': database})}" if database else ""
    return f"/jobs/{job_id}/{quote(name)}{query}"
