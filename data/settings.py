"""Every knob of the product. Values come from the environment as `VMWARE_INV_<NAME>`; `HOST` and `PORT` also bare."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from data.errors import InvalidInputError

PREFIX = "VMWARE_INV_"
DEFAULT_DATABASE = "default"
"""The name of the database of `VMWARE_INV_DB_URL`."""


def _knob(
    default: Any,
    description: str,
    *,
    unit: str = "",
    at_least: int | None = None,
    one_of: tuple[str, ...] = (),
) -> Any:
    metadata = {"description": description, "unit": unit, "at_least": at_least, "one_of": one_of}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one app. Each field's description, unit and lower limit are in its metadata.

    Example:
        >>> load_settings({"VMWARE_INV_SNAPSHOT_DAYS": "14"}).snapshot_days
        14
    """

    db_url: str = _knob("", "SQLAlchemy URL of the database; empty: SQLite in the instance directory")
    databases: Mapping[str, str] = _knob(dict, "a further database, by its name")
    instance_dir: Path = _knob(
        lambda: Path("instance"), "directory of the embedded database, uploads, cache and secret"
    )
    cache_redis_url: str = _knob(
        "", "URL of the Redis in which all hosts share the cache; empty: files in the instance directory"
    )
    host: str = _knob("127.0.0.1", "address to listen on")
    port: int = _knob(8050, "port to listen on", at_least=0)
    workers: int = _knob(2, "gunicorn worker processes", at_least=1)
    threads: int = _knob(4, "threads of each worker", at_least=1)
    allow_anonymous: bool = _knob(False, "serve everybody on a non-loopback address; there is no sign-in yet")
    allowed_hosts: tuple[str, ...] = _knob(
        (), "further names, separated by commas, that requests may use as Host"
    )
    secret_key: str = _knob("", "signs sessions; empty: generated once into the instance directory")
    log_level: str = _knob(
        "info", "debug, info, warning or error", one_of=("debug", "info", "warning", "error")
    )
    debug: bool = _knob(False, "show tracebacks and the debug panel on the page")
    max_upload_mib: int = _knob(500, "largest file that may be imported", unit="MiB", at_least=1)
    retention_days: int = _knob(
        35,
        "every state of a vCenter is kept that was exported so long before its newest one",
        unit="days",
        at_least=1,
    )
    retention_months: int = _knob(
        24,
        "before that, the last state of each month is kept for so long; 0: none",
        unit="months",
        at_least=0,
    )
    results_per_page: int = _knob(100, "rows that the grid loads at a time", unit="rows", at_least=10)
    snapshot_days: int = _knob(7, "a snapshot older than this needs attention", unit="days", at_least=0)
    backup_days: int = _knob(7, "a backup older than this needs attention", unit="days", at_least=0)
    off_days: int = _knob(
        90, "a machine off in every state for this long needs attention", unit="days", at_least=1
    )
    datastore_free_pct: int = _knob(
        10, "a datastore with less free space needs attention", unit="%", at_least=0
    )

    def database_urls(self) -> dict[str, str]:
        """Database name -> URL, the default one first."""
        return {DEFAULT_DATABASE: self.db_url, **self.databases}

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


def _boolean(text: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
        "": False,
    }
    return words[text.strip().lower()]


_PARSERS: dict[str, Callable[[str], Any]] = {
    "str": str.strip,
    "int": int,
    "bool": _boolean,
    "Path": Path,
    "tuple[str, ...]": lambda text: tuple(name.strip() for name in text.split(",") if name.strip()),
}


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises:
        InvalidInputError: a value cannot be read or is below its limit; the sentence names the variable.
    """
    env = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for knob in fields(Settings):
        variable = PREFIX + knob.name.upper()
        bare = knob.name.upper() if knob.name in {"host", "port"} else variable
        text = env.get(variable, env.get(bare))
        if knob.name == "databases" or text is None:
            continue
        values[knob.name] = _parsed(variable, text, knob)
    values["databases"] = {
        name.removeprefix(f"{PREFIX}DB_URL__").lower(): url
        for name, url in sorted(env.items())
        if name.startswith(f"{PREFIX}DB_URL__") and url
    }
    instance = Path(values.get("instance_dir", "instance")).resolve()
    values["instance_dir"] = instance
    values["db_url"] = values.get("db_url") or f"sqlite:///{instance / 'inventory.db'}"
    return Settings(**values)


def _parsed(variable: str, text: str, knob: Field[Any]) -> Any:
    at_least, one_of = knob.metadata["at_least"], knob.metadata["one_of"]
    try:
        value = _PARSERS[str(knob.type)](text)
    except (KeyError, ValueError):
        raise InvalidInputError(f"{variable} is “{text}”, which is not a valid value.") from None
    if at_least is not None and value < at_least:
        raise InvalidInputError(f"{variable} is {value}; it must be at least {at_least}.")
    if one_of and value.lower() not in one_of:
        raise InvalidInputError(f"{variable} is “{text}”; it must be one of {', '.join(one_of)}.")
    return value
