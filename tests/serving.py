"""The product as it is served: gunicorn with two workers, asked over HTTP as a browser asks."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.callbacks.calling import payload
from tests.test_entry_points import GUNICORN, serving

PATIENCE_SECONDS = 8
"""An answer that takes longer is none."""


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Product:
    """A running one."""

    port: int
    rules: list[dict[str, Any]]

    def get(self, path: str, patience_seconds: float = PATIENCE_SECONDS) -> Answer:
        return ask(self.port, "GET", path, patience_seconds=patience_seconds)

    def call(self, output: str, *values: Any, patience_seconds: float = PATIENCE_SECONDS) -> Answer:
        """Send the callback that updates `output`."""
        body = json.dumps(payload(self.rules, output, *values))
        return ask(self.port, "POST", "/_dash-update-component", body=body, patience_seconds=patience_seconds)


def ask(
    port: int, method: str, path: str, *, body: str | bytes | None = None, patience_seconds: float
) -> Answer:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=patience_seconds)) as connection:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return Answer(
            answer.status, answer.read().decode(), {name.lower(): text for name, text in answer.getheaders()}
        )


def of_both_workers(question: Callable[[], Answer]) -> list[Answer]:
    """The answers to many equal questions at once: more than one worker can take."""
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda _: question(), range(16)))


@contextmanager
def product(folder: Path, db_url: str, *start: str, **more: str) -> Generator[Product]:
    """Serve a database.

    Args:
        folder: Where its instance directory is made.
        db_url: The database.
        start: Before the command that starts it, another one.
        more: Settings.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PORT": "0",
        "GUNICORN_CMD_ARGS": "--graceful-timeout 1",
        "VMWARE_INV_INSTANCE_DIR": str(folder / "instance"),
        "VMWARE_INV_DB_URL": db_url,
    }
    with serving(environment | more, *GUNICORN, before=start) as (_, port):
        rules = ask(port, "GET", "/_dash-dependencies", patience_seconds=PATIENCE_SECONDS)
        yield Product(port, json.loads(rules.text))
