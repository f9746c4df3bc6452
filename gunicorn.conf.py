"""How gunicorn serves the dashboard. `gunicorn app:server` reads this file; its command line overrides it."""

import dataclasses
import gc
import os
import sys

from gunicorn import glogging
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config

from callbacks.shared.security import check_exposure
from data.errors import InvalidInputError
from data.jobs import start_sweep_if_needed
from data.settings import load_settings

try:
    settings = load_settings()
except InvalidInputError as error:
    sys.exit(str(error))


class Logger(glogging.Logger):
    """Hands gunicorn's messages to the app's logging, so that there is one format."""

    def setup(self, cfg: Config) -> None:
        """Undo what gunicorn sets up."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


host = settings.host.strip("[]")
bind = f"[{host}]:{settings.port}" if ":" in host else f"{host}:{settings.port}"
workers = settings.workers
worker_class = "gthread"
threads = settings.threads
preload_app = True  # one warm-up for all workers, and their memory is shared
max_requests = 20_000  # bounds what a leak can cost; with 2,000 a busy server does little but renew workers
max_requests_jitter = 2000
timeout = 60  # seconds without a sign of life, which gthread gives while requests run
graceful_timeout = 30  # seconds for an upload to end when the server stops
keepalive = 15  # seconds; spares the reconnect between two clicks
limit_request_line = 8190  # bytes; links carry the whole scope
control_socket_disable = True  # it would lie in the user's home
logger_class = Logger
loglevel = settings.log_level
if os.access("/dev/shm", os.W_OK):  # noqa: S108  # signs of life must not wait for the disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def on_starting(arbiter: Arbiter) -> None:
    """Refuse an address that others can reach, also when it comes from gunicorn's command line."""
    for address in arbiter.cfg.address:
        if isinstance(address, tuple):
            listening = dataclasses.replace(settings, host=address[0])
            try:
                check_exposure(
                    listening.host,
                    is_loopback=listening.is_loopback,
                    allow_anonymous=listening.allow_anonymous,
                )
            except InvalidInputError as refusal:
                sys.exit(str(refusal))


def when_ready(arbiter: Arbiter) -> None:
    """Make the loaded app cheap to fork, clear up in the background, and tell where the dashboard is."""
    gc.collect()
    gc.freeze()  # or else each worker goes through all of it, and copies it, with its own collections and its end
    addresses = " and ".join(str(listener) for listener in arbiter.LISTENERS)
    start_sweep_if_needed(settings.database_urls().values())
    print(f"The dashboard is at {addresses} (Ctrl+C ends it).", flush=True)
