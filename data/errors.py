"""The exceptions an operator can act on. Anything else that is raised is a bug."""

from __future__ import annotations

import errno
from typing import Self


class DataError(Exception):
    """Something the operator can act on. The message is a plain sentence and is shown as it is.

    Example:
        >>> str(NotFoundError("No machine has the id 7."))
        'No machine has the id 7.'
    """

    @property
    def shown(self) -> str:
        """What a page says: the message, unless it names what not every reader of pages should learn."""
        return str(self)


class NoInventoryError(DataError):
    """The question needs an inventory and none is stored yet."""


class NotFoundError(DataError):
    """What was asked for does not exist (any more)."""


class InvalidInputError(DataError):
    """A value from a form, a link, a command or a file cannot be used."""


class FileRefusedError(InvalidInputError):
    """A file is not an RVTools export, or not one that can be read. Says what was expected."""


class VCenterNeededError(InvalidInputError):
    """The export does not say which vCenter it comes from, and it cannot be guessed."""


class ConflictError(DataError):
    """Somebody else changed the same thing meanwhile, or it already exists."""


class DatabaseUnavailableError(DataError):
    """The database does not answer. The message never holds credentials.

    Args:
        message: Where the database is, too, for logs and the command line.
        reason: Why it does not answer; pages say no more than that.

    Example:
        >>> DatabaseUnavailableError("db.example.org does not answer: it is full.", reason="it is full").shown
        'The database does not answer: it is full.'
    """

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason

    @classmethod
    def of(cls, name: str, reason: str) -> Self:
        """That of the database `name`, for a reason."""
        return cls(f"The database {name} does not answer: {reason}.", reason=reason)

    @property
    def shown(self) -> str:
        """The message without the place."""
        return f"The database does not answer: {self.reason}." if self.reason else str(self)


class CacheUnavailableError(DataError):
    """The shared cache does not answer. Only who wants to change it learns of that."""


class SchemaTooNewError(DatabaseUnavailableError):
    """The database was written by a newer version of the program."""


class RowTooLargeError(InvalidInputError):
    """A row is larger than the database takes.

    Args:
        table: that it belongs to.
        size_bytes: of the row as it is sent, if that is what is too much.
        most_bytes: that the server takes.
    """

    def __init__(self, table: str, size_bytes: int | None = None, most_bytes: int = 0) -> None:
        said = f"A row of “{table.replace('_', ' ')}” is larger than the database can store"
        if size_bytes:
            said += f": it has {size_bytes:,} bytes, and the server takes {most_bytes:,} (max_allowed_packet)"
        super().__init__(f"{said}. Nothing was stored.")


class DiskFullError(DataError):
    """There is no room for a file."""

    def __init__(self) -> None:
        super().__init__("The disk of the server is full: there is no room for the file.")


def is_full(error: Exception) -> bool:
    """Whether an error says that there is no room on a disk."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
