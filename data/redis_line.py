"""The line to Redis: bounded connections, short patience, and Redis is left alone while it is away.

Nobody who asks waits longer than one time-out, and while Redis is away nobody waits at all: about once a second a
thread of its own looks whether it is back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

from data.errors import InvalidInputError

log = logging.getLogger(__name__)
T = TypeVar("T")

TIMEOUT_SECONDS = 0.3
"""For a connection to be made, for one to be free, and for an answer to come."""
MAX_CONNECTIONS = 16
"""Of a process. A thread holds one while Redis answers it, never while it waits for others."""
PAUSE_SECONDS = 1.0
"""So long Redis is left alone after it failed."""
LONGEST_LOOK_SECONDS = 5.0
"""After so long another look begins even if the last one has not ended, as when names are not resolved."""
LOOKING = "look for Redis"
"""Name of the thread."""
COMPLAINT_SECONDS = 60.0
"""A Redis that answers and refuses is told of this often."""

REASONS: tuple[tuple[type[Exception], str], ...] = (
    (redis.AuthenticationError, "refuses the user or the password"),
    (redis.BusyLoadingError, "is still reading its data"),
    (redis.TimeoutError, "does not answer in time"),
    (redis.ConnectionError, "cannot be reached"),
    (redis.OutOfMemoryError, "is full"),
    (redis.ResponseError, "refuses commands"),
)


class RedisLine:
    """Questions to one Redis, from any number of threads, also after a fork.

    Args:
        url: redis://, rediss:// or unix://.

    Raises:
        InvalidInputError: the URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        try:
            options = parse_url(url)  # type: ignore[no-untyped-call]  # redis
            self._secrets = [secret for name in ("password", "username") if (secret := options.get(name))]
            options |= {
                "decode_responses": False,
                "max_connections": MAX_CONNECTIONS,
                "protocol": 2,
                "retry": Retry(NoBackoff(), 0),
                "socket_connect_timeout": TIMEOUT_SECONDS,
                "socket_timeout": TIMEOUT_SECONDS,
                "timeout": TIMEOUT_SECONDS,
            }
            self._pool = redis.BlockingConnectionPool(**options)  # type: ignore[no-untyped-call]  # redis
            self._pool.connection_class(
                **self._pool.connection_kwargs
            )  # or else the first question would fail
        except (redis.RedisError, TypeError, ValueError):
            raise InvalidInputError(
                "VMWARE_INV_CACHE_REDIS_URL is not the URL of a Redis server, such as redis://:password@host:6379/0."
            ) from None
        self._client = redis.Redis(connection_pool=self._pool)
        self._lock = threading.Lock()
        self._away: str | None = None
        self._next_look = 0.0
        self._refusal: str | None = None
        self._next_complaint = 0.0

    def ask(self, question: Callable[[Any], T], otherwise: T) -> T:
        """The answer to a question, or `otherwise` when Redis is away or refuses."""
        if self._away is not None:
            self._look_again()
            return otherwise
        try:
            return question(self._client)
        except redis.ResponseError as error:
            self._note_refusal(error)
        except (redis.RedisError, OSError, UnicodeError) as error:
            self._note_loss(error)
        return otherwise

    def answers(self) -> bool:
        """Whether Redis answers; asks now, and waits no longer than a time-out or two."""
        try:
            self._client.ping()
        except (redis.RedisError, OSError, UnicodeError) as error:
            self._note_loss(error)
            return False
        with self._lock:
            was_away, self._away = self._away, None
        if was_away is not None:
            log.warning("Redis answers again: answers are kept")
        return True

    def trouble(self) -> str | None:
        """What Redis does instead of its work, as the rest of a sentence that begins with its name."""
        return self._away or self._refusal

    def note_service(self) -> None:
        """Redis did what it had refused."""
        self._refusal = None

    def _look_again(self) -> None:
        now = time.monotonic()
        with self._lock:
            if now < self._next_look:
                return
            self._next_look = now + LONGEST_LOOK_SECONDS
        threading.Thread(target=self.answers, name=LOOKING, daemon=True).start()

    def _note_loss(self, error: Exception) -> None:
        with self._lock:
            was_away, self._away = self._away, _reason(error)
            self._next_look = time.monotonic() + PAUSE_SECONDS
        self._pool.disconnect(inuse_connections=False)
        if was_away is None:
            log.warning(
                "Redis %s: nothing is kept until it answers again (%s)", self._away, self._words(error)
            )

    def _note_refusal(self, error: redis.ResponseError) -> None:
        now = time.monotonic()
        with self._lock:
            self._refusal = _reason(error)
            is_due = now >= self._next_complaint
            if is_due:
                self._next_complaint = now + COMPLAINT_SECONDS
        if is_due:
            log.warning("Redis %s: not every answer is kept (%s)", self._refusal, self._words(error))

    def _words(self, error: Exception) -> str:
        """The first line of what was said, without user and password."""
        line = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def _reason(error: Exception) -> str:
    return next((words for kind, words in REASONS if isinstance(error, kind)), "is not understood")
