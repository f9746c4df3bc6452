"""The app in this process, asked as a browser asks it: for measuring what the server does."""

from __future__ import annotations

import gc
import json
import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from data.cache import BODIES, clear_all_caches, clear_cache_for_function, get_cache_uses, read
from data.database import get_engine
from data.settings import Settings

CALLBACKS = "/_dash-update-component"
HEADERS = Headers({"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "same-origin"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the server."""

    seconds: float
    """From the entry of the request to the last byte of the answer, compression included."""
    size_bytes: int
    """As it goes over the wire."""
    statements: int


class _Errors(logging.Handler):
    """Notices what the app tells the reader in a toast, under a status of 200."""

    has_any = False

    def emit(self, _record: logging.LogRecord) -> None:
        self.has_any = True


class Callbacks:
    """What the app told the browser of its callbacks."""

    def __init__(self, answer: bytes) -> None:
        self._rules: list[dict[str, Any]] = json.loads(answer)

    def body(self, output: str, values: Mapping[str, object]) -> bytes:
        """The request with which the browser runs a callback.

        Args:
            output: Id and property; of several outputs, one.
            values: Of its inputs and states, by the id of their component, where it has several of them with the
                property; the rest are null.
        """
        rule = next(rule for rule in self._rules if output in _outputs(rule))
        inputs, states = (
            [
                part | {"value": values.get(f"{part['id']}.{part['property']}", values.get(part["id"]))}
                for part in rule[kind]
            ]
            for kind in ("inputs", "state")
        )
        outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in _outputs(rule)]
        request = {
            "output": rule["output"],
            "outputs": outputs if rule["output"].startswith("..") else outputs[0],
            "inputs": inputs,
            "state": states,
            "changedPropIds": [f"{inputs[0]['id']}.{inputs[0]['property']}"],
        }
        return json.dumps(request).encode()


class Site:
    """The app on a database of its own."""

    def __init__(self, db_url: str, instance: Path) -> None:
        self.settings = Settings(db_url=db_url, instance_dir=instance, log_level="warning")
        self._server = create_app(self.settings)
        self._statements = 0
        self._errors = _Errors(logging.ERROR)
        logging.getLogger().addHandler(self._errors)
        event.listen(get_engine(self.settings.db_url), "before_cursor_execute", self._note)
        self._callbacks = Callbacks(self._server.test_client().get("/_dash-dependencies").data)
        gc.collect()
        gc.freeze()  # as the server does it

    def _note(self, *_: object) -> None:
        self._statements += 1

    def body(self, output: str, values: Mapping[str, object]) -> bytes:
        """The request with which the browser runs a callback; takes what `Callbacks.body` takes."""
        return self._callbacks.body(output, values)

    def call(self, output: str, values: Mapping[str, object]) -> Answer:
        """Run a callback; takes what `body` takes."""
        request = EnvironBuilder(
            CALLBACKS,
            method="POST",
            data=self.body(output, values),
            content_type="application/json",
            headers=HEADERS,
        )
        return self._answer(request, f"{output} with {values}")

    def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """Fetch an address."""
        return self._answer(EnvironBuilder(path, query_string=query, headers=HEADERS), f"{path} with {query}")

    def _answer(self, request: EnvironBuilder, what: str) -> Answer:
        environ = request.get_environ()
        before, started = self._statements, time.perf_counter()
        answer, status, _ = run_wsgi_app(self._server, environ, buffered=False)
        size = sum(map(len, answer))
        seconds = time.perf_counter() - started
        if not status.startswith("200") or self._errors.has_any:
            raise SystemExit(f"{what} answers {status}.")
        return Answer(seconds, size, self._statements - before)

    def forget(self, *, bodies_alone: bool = False) -> None:
        """Make the next answers cold, or else only what was drawn of them."""
        with self._server.app_context():
            if bodies_alone:
                clear_cache_for_function(BODIES)
            else:
                clear_all_caches()

    def misses(self) -> Counter[str]:
        """How often each question was computed so far, by all processes of this instance."""
        with self._server.app_context():
            return Counter({use.function: use.misses for use in get_cache_uses()})

    def read(self, query: Any, *arguments: Any, **options: Any) -> Any:
        """The product's own answer to a question."""
        with self._server.app_context():
            return read(self.settings.db_url, query, *arguments, **options)


def _outputs(rule: dict[str, Any]) -> list[str]:
    return [name for name in rule["output"].strip(".").split("...") if "." in name]


def middle(answers: list[Answer]) -> Answer:
    """An answer of median time, size and statements."""
    return Answer(
        median(answer.seconds for answer in answers),
        round(median(answer.size_bytes for answer in answers)),
        round(median(answer.statements for answer in answers)),
    )
