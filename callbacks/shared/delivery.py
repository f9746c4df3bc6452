"""How answers travel: compressed, and kept by the browser as long as they stay true."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from flask import Flask, Response, g, request
from flask_compress import Compress

ASSETS = "/assets/"
SUITES = "/_dash-component-suites/"
FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
PACKED_BYTES = 8 * 1024**2
ONCE_KEPT = 2000
"""So many answers that were sent once are remembered, though not kept."""


class PackedAnswers:
    """Compressed answers that were sent twice, by a digest of their content; the least recently used dropped first.

    The same body goes out to every reader, and the scripts to every new browser. No two pages of HTML are the same.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, bytes] = OrderedDict()
        self._once: OrderedDict[str, None] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> bytes | None:
        """The compressed answer, if it is kept."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def set(self, key: str, packed: bytes) -> None:
        """Keep a compressed answer, unless it is the first time that it is sent."""
        with self._lock:
            if key in self._answers:
                return
            if key not in self._once:
                self._once[key] = None
                if len(self._once) > ONCE_KEPT:
                    self._once.popitem(last=False)
                return
            del self._once[key]
            self._answers[key] = packed
            self._bytes += len(packed)
            while self._bytes > PACKED_BYTES:
                _, dropped = self._answers.popitem(last=False)
                self._bytes -= len(dropped)


def deliver(server: Flask) -> None:
    """Compress answers and say how long they may be kept. Streamed ones are compressed as they flow."""
    server.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,  # 90 kB of JSON in 0.4 ms; a script of 1 MB in 35 ms, once
        COMPRESS_CACHE_BACKEND=PackedAnswers,
        COMPRESS_CACHE_KEY=lambda _request: g.content_digest,
    )
    Compress(server)

    @server.after_request  # runs before the compression, which was registered before it
    def prepare(response: Response) -> Response:
        is_asset = request.path.startswith(ASSETS)
        if is_asset or request.path.startswith(SUITES):
            response.headers["Cache-Control"] = FOREVER if _is_versioned(response) else ASK_FIRST
        elif request.method == "GET":
            response.headers.setdefault("Cache-Control", ASK_FIRST)
        if is_asset and response.status_code == 200:  # read it whole, so that it is compressed only once
            response.direct_passthrough = False
            response.make_sequence()
        if response.is_sequence:
            g.content_digest = hashlib.blake2b(response.get_data(), digest_size=16).hexdigest()
        return response


def _is_versioned(response: Response) -> bool:
    """Whether the address changes with the content: a version in the query or name, or Dash's fingerprint."""
    return (
        bool(request.query_string)
        or "/fonts/" in request.path
        or "max-age" in response.headers.get("Cache-Control", "")
    )
