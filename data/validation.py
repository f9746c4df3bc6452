"""Checks of what people enter, and driver errors in our own words.

Each check returns `(ok, message)`: the message is a sentence for the form, empty when the value is fine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from math import isfinite
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DataError as DriverDataError
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from data.errors import ConflictError, DatabaseUnavailableError, DataError, InvalidInputError
from data.patterns import THE_PATTERN, compile_pattern

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

MAX_FILE_MIB = 500
OK = (True, "")


class DataValidator:
    """The checks. `name` is what the form calls the field and begins the message.

    Example:
        >>> DataValidator.validate_not_empty("  ", "Name")
        (False, 'Name must not be empty.')
    """

    @staticmethod
    def validate_not_empty(value: object, name: str = "The field") -> tuple[bool, str]:
        """Something other than None, blanks or an empty collection.

        Example:
            >>> DataValidator.validate_not_empty(0)
            (True, '')
        """
        blank = value is None or (isinstance(value, str) and not value.strip())
        empty = isinstance(value, Collection) and not value
        return (False, f"{name} must not be empty.") if blank or empty else OK

    @staticmethod
    def validate_positive_number(value: object, name: str = "The number") -> tuple[bool, str]:
        """A finite number above 0, as a number or as text.

        Example:
            >>> DataValidator.validate_positive_number("0")
            (False, 'The number must be greater than 0.')
        """
        number = _number(value)
        if number is None:
            return False, f"{name} must be a number."
        return OK if number > 0 else (False, f"{name} must be greater than 0.")

    @staticmethod
    def validate_number_range(
        value: object, minimum: float | None = None, maximum: float | None = None, name: str = "The number"
    ) -> tuple[bool, str]:
        """A finite number from minimum to maximum, both included; None leaves an end open.

        Example:
            >>> DataValidator.validate_number_range(101, 0, 100, "The share")
            (False, 'The share must be at most 100.')
        """
        number = _number(value)
        if number is None:
            return False, f"{name} must be a number."
        if minimum is not None and number < minimum:
            return False, f"{name} must be at least {minimum:g}."
        if maximum is not None and number > maximum:
            return False, f"{name} must be at most {maximum:g}."
        return OK

    @staticmethod
    def validate_date_range(
        start: date | None, end: date | None, name: str = "The period"
    ) -> tuple[bool, str]:
        """A start that is not after the end; None leaves an end open.

        Example:
            >>> DataValidator.validate_date_range(date(2026, 2, 1), date(2026, 1, 1))
            (False, 'The period ends before it begins.')
        """
        if start is not None and end is not None and start > end:
            return False, f"{name} ends before it begins."
        return OK

    @staticmethod
    def validate_file_size(
        size_bytes: int, max_mib: float = MAX_FILE_MIB, name: str = "The file"
    ) -> tuple[bool, str]:
        """Not empty and not larger than `max_mib` MiB.

        Example:
            >>> DataValidator.validate_file_size(3 * 1024**2, max_mib=2)
            (False, 'The file has 3 MiB; at most 2 MiB are allowed.')
        """
        size_mib = size_bytes / 1024**2
        if size_bytes <= 0:
            return False, f"{name} is empty."
        if size_mib > max_mib:
            return False, f"{name} has {size_mib:.4g} MiB; at most {max_mib:g} MiB are allowed."
        return OK

    @staticmethod
    def validate_regex(pattern: str, name: str = "The pattern") -> tuple[bool, str]:
        """An RE2 pattern of at most 1,000 characters, see `data.patterns`. Says what cannot be read.

        Example:
            >>> DataValidator.validate_regex("web-(")
            (False, 'The pattern cannot be read: a “(” has no “)”.')
        """
        try:
            compile_pattern(pattern)
        except InvalidInputError as error:
            return False, f"{name}{str(error).removeprefix(THE_PATTERN)}"
        return OK

    @staticmethod
    def validate_string_length(
        value: str, minimum: int = 0, maximum: int | None = None, name: str = "The text"
    ) -> tuple[bool, str]:
        """From minimum to maximum characters, both included.

        Example:
            >>> DataValidator.validate_string_length("ab", 3)
            (False, 'The text needs at least 3 characters.')
        """
        if len(value) < minimum:
            return False, f"{name} needs at least {minimum:,} characters."
        if maximum is not None and len(value) > maximum:
            return False, f"{name} may have at most {maximum:,} characters."
        return OK

    @staticmethod
    def validate_choice(
        value: object, choices: Collection[object], name: str = "The choice"
    ) -> tuple[bool, str]:
        """One of the choices.

        Example:
            >>> DataValidator.validate_choice("gold", ["basic", "silver"])
            (False, 'The choice must be one of: basic, silver.')
        """
        if value in choices:
            return OK
        return False, f"{name} must be one of: {', '.join(str(choice) for choice in choices)}."


def safe_query(query: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `query` returns. Whatever the driver refuses becomes a `DataError`; there is no default answer.

    Raises:
        ConflictError: a constraint of the database was hurt.
        InvalidInputError: the database cannot hold a value.
        DatabaseUnavailableError: it does not answer, or all connections stay busy for 30 s.
        DataError: anything else the driver says; the log has the traceback.

    Example:
        >>> from sqlalchemy import create_engine, text
        >>> with create_engine("sqlite://").connect() as connection:
        ...     safe_query(connection.scalar, text("SELECT 1 + 1"))
        2
    """
    with driver_errors():
        return query(*args, **kwargs)


@contextmanager
def driver_errors() -> Iterator[None]:
    """Like `safe_query`, for a block."""
    try:
        yield
    except IntegrityError as error:
        raise ConflictError("The database refused the change: it conflicts with what is stored.") from error
    except DriverDataError as error:
        raise InvalidInputError("The database cannot hold one of the values.") from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise InvalidInputError("No database holds such a text or number.") from error
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError("All connections to the database are busy. Try again.") from error
    except DBAPIError as error:
        log.exception("The database refused a statement")
        raise DataError(f"The database could not answer: {_first_line(error.orig)}.") from error
    except SQLAlchemyError as error:
        log.exception("A statement could not be run")
        raise DataError(f"The question could not be asked: {_first_line(error)}.") from error


def _first_line(error: object) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None
