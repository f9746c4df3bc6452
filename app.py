"""Wires the parts into an app. `gunicorn app:server` and `flask --app app …` make one on first access."""

from __future__ import annotations

import hashlib
import importlib
import logging
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from dash import Dash, dcc
from dash._utils import to_json
from flask import Flask

from callbacks import MODULES
from callbacks.shared import (
    cache,
    delivery,
    errors,
    health,
    job_files,
    palette,
    reading,
    routing,
    security,
    shell,
    uploads,
)
from data.cache_store import init_cache
from data.cli import group as commands
from data.database import upgrade_schema
from data.errors import DatabaseUnavailableError, DataError
from data.jobs import note_ended, sweep_uploads
from data.logs import configure_logging
from data.results import AttentionLimits, RetentionRule
from data.settings import DEFAULT_DATABASE, Settings, load_settings
from layouts.shared.shell import INDEX, PRODUCT, frame

log = logging.getLogger(__name__)

ASSETS = Path(__file__).parent / "assets"
LARGEST_CALLBACK_BYTES = 8 * 1024**2
"""Callbacks carry ids and choices; routes that take files raise this for themselves."""
_lock = threading.Lock()


def create_app(settings: Settings | None = None) -> Flask:
    """An app, ready to be served from any number of threads. The Dash object is `extensions["dash"]`.

    Args:
        settings: Those of the environment if none are given.

    Raises:
        DataError: the operator must act first: a setting, the database, its schema. The message says how.
    """
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    security.check_exposure(
        settings.host, is_loopback=settings.is_loopback, allow_anonymous=settings.allow_anonymous
    )
    server = Flask(__name__, static_folder=None)
    server.secret_key = settings.secret_key or security.kept_secret(settings.instance_dir)
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_CALLBACK_BYTES
    _connect(server, settings)
    security.protect(server, host=settings.host, allowed_hosts=settings.allowed_hosts)
    errors.register_errors(server, debug=settings.debug)
    routing.route(server)
    delivery.deliver(server)
    health.tell(server, settings.database_urls())
    app = _dash(server, settings)
    server.cli.add_command(commands)
    _warm_up(server)
    server.config[security.CSP] = security.content_security_policy(app.csp_hashes())
    return server


def _connect(server: Flask, settings: Settings) -> None:
    """Bring every database up to date. Only the default one must answer."""
    for name, url in settings.database_urls().items():
        try:
            upgrade_schema(url)
            note_ended(url)
        except DatabaseUnavailableError as error:
            if name == DEFAULT_DATABASE:
                raise
            log.warning("The database “%s” is left out for now: %s", name, error)
    directory = settings.instance_dir / "uploads"
    sweep_uploads(settings.database_urls().values(), directory)
    init_cache(server, settings.instance_dir / "cache", settings.cache_redis_url)
    limits = AttentionLimits(
        snapshot_days=settings.snapshot_days,
        backup_days=settings.backup_days,
        off_days=settings.off_days,
        datastore_free_pct=settings.datastore_free_pct,
    )
    reading.connect(
        server,
        databases=settings.database_urls(),
        limits=limits,
        results_per_page=settings.results_per_page,
        retention=RetentionRule(settings.retention_days, settings.retention_months),
    )
    uploads.accept_uploads(server, directory, max_mib=settings.max_upload_mib)


class _Dash(Dash):
    """Dash, which would draw the layouts of all pages again for the HTML of every page, for 18 ms."""

    _drawn: orjson.Fragment | None = None

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = super()._config()  # type: ignore[no-untyped-call]
        if layouts := config.get("validation_layout"):
            self._drawn = self._drawn or orjson.Fragment(to_json(layouts))  # type: ignore[no-untyped-call]
            config["validation_layout"] = self._drawn
        return config


def _dash(server: Flask, settings: Settings) -> Dash:
    app = _Dash(
        server.name,
        server=server,  # type: ignore[arg-type]  # Dash's annotation leaves out the server itself
        title=PRODUCT,
        update_title="",
        assets_folder=str(ASSETS),
        assets_path_ignore=["lazy", "licences"],
        use_pages=True,
        pages_folder="",
        include_pages_meta=False,
        on_error=errors.on_error,
        health_endpoint="health",
        add_log_handler=False,
    )
    addresses = {"THEME_BOOT": "lazy/theme-boot.js", "LOGO": "logo.svg"}
    index = INDEX
    for mark, path in addresses.items():
        digest = hashlib.sha256((ASSETS / path).read_bytes()).hexdigest()[:8]
        index = index.replace(mark, f"{app.get_asset_url(path)}?v={digest}")
    app.index_string = index
    routing.register_pages()
    app.layout = partial(frame, databases=tuple(settings.database_urls()), is_debug=settings.debug)
    for group in (shell.callback, cache.callback):
        group.register(app)
    if settings.debug:
        shell.debug_callback.register(app)
    for name in MODULES:
        module = importlib.import_module(f"callbacks.{name}")
        module.callback.register(app)
        if hasattr(module, "routes"):
            server.register_blueprint(module.routes)
    for routes in (job_files.routes, palette.routes):
        server.register_blueprint(routes)
    server.extensions["dash"] = app
    return app


def _warm_up(server: Flask) -> None:
    """Do once what threads would race for: Dash's set-up at the first request, numpy's import at the first figure."""
    for module in ("numpy", "pandas"):
        importlib.import_module(module)
    to_json(  # type: ignore[no-untyped-call]  # Dash
        dcc.Graph(figure={"data": [{"type": "bar", "x": [1], "y": ["a"]}]})
    )
    answer = server.test_client().get("/")
    if answer.status_code != 200:
        raise RuntimeError(f"The app does not start: {answer.text}")


def __getattr__(name: str) -> Any:
    """Make `server` on first access. The flask command asks for `app` and gets the same."""
    if name not in {"server", "app"}:
        raise AttributeError(name)
    with _lock:
        if "server" not in globals():
            try:
                globals()["server"] = create_app()
            except DataError as error:
                sys.exit(str(error))
    return globals()["server"]
