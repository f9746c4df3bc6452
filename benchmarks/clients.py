"""A browser's connections: what was asked, how long the answer took, and whether it was one."""

from __future__ import annotations

import gzip
import http.client
import json
import select
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import brotli  # type: ignore[import-untyped]  # ships no types

from benchmarks.site import CALLBACKS
from layouts.shared.ids import Shell

HEADERS = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "same-origin"}
PATIENCE_SECONDS = 60
_BROKEN = (ConnectionError, http.client.BadStatusLine, http.client.CannotSendRequest)
"""What http.client raises before the first byte of an answer; a refused connection is among it."""
_UNPACK: dict[str | None, Callable[[bytes], bytes]] = {
    None: lambda content: content,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


class Outcome(StrEnum):
    """What became of a request."""

    OK = "ok"
    CLEAR = "clear message"
    """A status of 503, or the app's own sentence instead of what was asked for."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser asks for."""

    path: str
    name: str = ""
    """What it is called in lists; empty: its path without the query."""
    body: bytes | None = None
    """If there is one, the method is POST."""
    form: str = "application/json"
    """The type of the body."""
    rows: int = 0
    """Lines that the answer must have at least."""
    is_file: bool = False
    """Whether it is one that the browser keeps after the first visit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    request: Request
    kind: str
    """Of the action to which the request belongs."""
    started: float
    """By the monotonic clock."""
    seconds: float
    """To the last byte."""
    outcome: Outcome
    retried: bool
    what: str
    """What went wrong, if anything did."""


class Browser:
    """Connections to the server that are kept and used again, by any number of threads."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def ask(self, request: Request, kind: str) -> Answer:
        """Ask, and once more if the connection broke before the first byte."""
        started = time.monotonic()
        retried, outcome = False, Outcome.FAILED
        try:
            try:
                status, content = self._send(request, self._connection())
            except _BROKEN:
                retried = True
                status, content = self._send(request, self._fresh())
            outcome, what = judge(request, status, content)
        except (OSError, http.client.HTTPException) as error:
            what = f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - started
        return Answer(request, kind, started, seconds, outcome, retried, what)

    def close(self) -> None:
        """Close the connections that are not in use."""
        for connection in self._idle:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        """One that the server has not closed meanwhile."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._fresh()
            if not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()

    def _fresh(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)

    def _send(self, request: Request, connection: http.client.HTTPConnection) -> tuple[int, bytes]:
        """Status and content, unpacked."""
        headers = HEADERS | ({"Content-Type": request.form} if request.body else {})
        try:
            method = "GET" if request.body is None else "POST"
            connection.request(method, request.path, request.body, headers)
            answer = connection.getresponse()
            packed = answer.read()
        except BaseException:
            connection.close()
            raise
        if answer.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)
        return answer.status, _UNPACK[answer.headers["Content-Encoding"]](packed)


def judge(request: Request, status: int, content: bytes) -> tuple[Outcome, str]:
    """Whether this is what was asked for, and if not, what it is."""
    told = _told(content) if request.path.startswith(CALLBACKS) else ""
    if status == 503:
        return Outcome.CLEAR, told or content[:200].decode(errors="replace")
    if not 200 <= status < 300:
        return Outcome.FAILED, f"{status} {content[:200].decode(errors='replace')}"
    if told:
        return Outcome.CLEAR, told
    lines = content.count(b"\n")
    if lines < request.rows:
        return Outcome.FAILED, f"{lines} of {request.rows} lines"
    return Outcome.OK, ""


def _told(content: bytes) -> str:
    """What a callback tells the reader instead of, or beside, what was asked for; empty if all is well."""
    beside = json.loads(content or "{}").get("sideUpdate", {})
    told = " ".join(_words([beside[part] for part in (Shell.TOASTS, Shell.FAILURE) if part in beside]))
    return told.partition(" Details Reference ")[0]  # the number is another one each time


def _words(component: object) -> Iterator[str]:
    """The text of components."""
    if isinstance(component, str):
        yield component
    elif isinstance(component, list):
        for part in component:
            yield from _words(part)
    elif isinstance(component, dict):
        for name, part in component.items():
            if name in {"props", "children", "data", "state"}:
                yield from _words(part)
