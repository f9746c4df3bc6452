"""Patterns that operators type: RE2, one dialect on every database, and no pattern takes exponential time."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import re2

from data.errors import InvalidInputError

MAX_PATTERN = 1000
MAX_SECONDS = 5.0
"""How long the texts of one question may be looked through. Usual patterns take 0.3 s for 100,000 machines; counted
repetitions within one another could take minutes."""
THE_PATTERN = "The pattern"
"""How every sentence about a pattern begins."""
TOO_SLOW = f"{THE_PATTERN} takes too long. Use fewer or smaller repetitions."

_LINES = "(?m)"
"""`^` and `$` are the ends of every line."""
_MEMORY_BYTES = 4 * 1024**2
"""Of one pattern. A larger one is refused; the state machine that it becomes starts anew when this is used up."""
_KEPT = 32
"""Patterns that stay compiled: more than one question has."""
_REASONS = {
    "missing )": "a “(” has no “)”",
    "unexpected )": "a “)” has no “(”",
    "missing ]": "“{piece}” has no “]”",
    "trailing \\": "a backslash ends it; write “\\\\” to find a backslash",
    "no argument for repetition operator": "before “{piece}” there is nothing to repeat",
    "bad repetition operator": "“{piece}” repeats a repetition; leave one out",
    "invalid repetition size": "“{piece}” is no number of repetitions; up to 1,000 are possible, "
    "multiplied where they stand within one another",
    "invalid character class range": "“{piece}” is no range and no kind of characters",
    "invalid character class": "“{piece}” is no range and no kind of characters",
    "invalid escape sequence": "“{piece}” has no meaning",
    "invalid named capture group": "“{piece}” names no group",
    "invalid perl operator": "“{piece}” has no meaning",
    "pattern too large": "it is too large; use fewer or smaller repetitions",
}
"""What RE2 says, up to its colon, in words of ours."""
_NOT_IN_RE2 = {
    ("(?=", "(?!", "(?<=", "(?<!"): "look-ahead and look-behind are not possible",
    ("(?P=", *(f"\\{digit}" for digit in range(1, 10)), "\\k", "\\g"): "back-references are not possible",
    ("\\Z",): "write “\\z” for the end of the text, or “$” for that of a line",
}
"""Beginnings of what other dialects know, and what to say of it."""


@functools.lru_cache(maxsize=_KEPT)
def compile_pattern(pattern: str) -> Callable[[str], bool]:
    r"""A test for whether a text holds a pattern, ignoring case; `(?-i)` in front asks for exact case.

    The text may have several lines: no match goes over the end of one, and `^` and `$` are the ends of each.

    Raises:
        InvalidInputError: RE2 cannot read it, or it has more than 1,000 characters.

    Example:
        >>> is_in = compile_pattern(r"^web-\d+$")
        >>> is_in("WEB-12\n10.0.0.1"), is_in("web-12.example.org")
        (True, False)
        >>> compile_pattern("web(?=-)")
        Traceback (most recent call last):
        data.errors.InvalidInputError: The pattern cannot be read: look-ahead and look-behind are not possible.
    """
    if len(pattern) > MAX_PATTERN:
        raise InvalidInputError(f"{THE_PATTERN} has more than {MAX_PATTERN:,} characters.")
    try:
        search = re2.compile((_LINES + pattern).encode(errors="surrogatepass"), _options()).search
    except re2.error as error:
        raise InvalidInputError(f"{THE_PATTERN} cannot be read: {_reason(pattern, error)}.") from None
    finally:
        re2.purge()  # its own cache holds up to 1 GiB
    return lambda text: search(text.encode(errors="surrogatepass")) is not None


class Search:
    """A pattern looked for in the texts of one question, which takes limited time."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._seconds = 0.0

    def __call__(self, text: str) -> bool:
        """Whether a text holds the pattern.

        Raises:
            InvalidInputError: all texts of the question took too long together.
        """
        if self._seconds > MAX_SECONDS:
            raise InvalidInputError(TOO_SLOW)
        started = time.perf_counter()
        is_in = compile_pattern(self._pattern)(text)
        self._seconds += time.perf_counter() - started
        return is_in


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.never_nl = True
    options.never_capture = True
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    return options


def _reason(pattern: str, error: re2.error) -> str:
    said, _, piece = error.args[0].decode(errors="replace").partition(": ")
    for beginnings, words in _NOT_IN_RE2.items():
        if any(one in pattern and one.startswith(piece or pattern) for one in beginnings):
            return words
    found = (words for known, words in _REASONS.items() if said.startswith(known))
    return next(found, "it has no meaning").format(piece=piece)
