"""One log format for everything: time (UTC), level, logger, request, message."""

from __future__ import annotations

import logging
import sys
import time
from contextvars import ContextVar

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s [%(request_id)s] %(message)s"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"
NO_REQUEST = "-"

request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)
"""Set at the start of every request; part of every line that the request logs."""


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]  # a class of typeshed alone takes the argument
    """Ours: found again when logging is configured a second time."""

    def __init__(self) -> None:
        super().__init__()
        formatter = logging.Formatter(FORMAT, TIME_FORMAT)
        formatter.converter = time.gmtime
        self.setFormatter(formatter)
        self.addFilter(_with_request)

    def emit(self, record: logging.LogRecord) -> None:
        """Write to what standard error is now; a test or a server may have exchanged it."""
        self.stream = sys.stderr
        super().emit(record)


def configure_logging(level: str = "info") -> None:
    """Log to standard error from this level on: "debug", "info", "warning" or "error".

    With "debug" the log has every SQL statement and cache hit. Calling it again changes the level.

    Raises:
        ValueError: there is no such level.

    Example:
        >>> configure_logging("warning")
        >>> logging.getLogger("data.cache").isEnabledFor(logging.INFO)
        False
        >>> configure_logging()
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"There is no log level “{level}”.")
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Handler)]:
        root.removeHandler(handler)
    root.addHandler(_Handler())
    root.setLevel(number)
    statements = logging.INFO if number <= logging.DEBUG else logging.WARNING
    logging.getLogger("sqlalchemy.engine").setLevel(statements)
    for name in ("alembic", "werkzeug"):
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def _with_request(record: logging.LogRecord) -> bool:
    record.request_id = request_id.get()
    return True
