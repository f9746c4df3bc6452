"""The database of the former dashboard, as the tab vInfo that it was filled from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from data.errors import FileRefusedError
from data.workbook.cells import UnreadableError, to_datetime
from data.workbook.container import EXPECTED
from data.workbook.sheets import DamagedRow, shown

_TABLE = "virtual_machines"
_MAX_CELL_BYTES = 1_000_000
_MAX_COLUMNS = 1000
_ERRORS = (sqlite3.Error, UnicodeError)
"""Of a damaged database; the second where even what SQLite says of it is no text."""
HEADERS = {
    "vm": "VM",
    "powerstate": "Powerstate",
    "template": "Template",
    "srm_placeholder": "SRM Placeholder",
    "config_status": "Config status",
    "dns_name": "DNS Name",
    "connection_state": "Connection state",
    "guest_state": "Guest state",
    "heartbeat": "Heartbeat",
    "consolidation_needed": "Consolidation Needed",
    "poweron": "PowerOn",
    "suspend_time": "Suspend time",
    "creation_date": "Creation date",
    "change_version": "Change Version",
    "cpus": "CPUs",
    "memory": "Memory",
    "nics": "NICs",
    "disks": "Disks",
    "min_required_evc_mode_key": "min Required EVC Mode Key",
    "latency_sensitivity": "Latency Sensitivity",
    "enable_uuid": "EnableUUID",
    "cbt": "CBT",
    "primary_ip_address": "Primary IP Address",
    **{f"network_{number}": f"Network #{number}" for number in range(1, 9)},
    "num_monitors": "Num Monitors",
    "video_ram_kib": "Video Ram KiB",
    "resource_pool": "Resource pool",
    "folder": "Folder",
    "vapp": "vApp",
    "das_protection": "DAS protection",
    "ft_state": "FT State",
    "ft_latency": "FT Latency",
    "ft_bandwidth": "FT Bandwidth",
    "ft_sec_latency": "FT Sec. Latency",
    "provisioned_mib": "Provisioned MiB",
    "in_use_mib": "In Use MiB",
    "unshared_mib": "Unshared MiB",
    "ha_restart_priority": "HA Restart Priority",
    "ha_isolation_response": "HA Isolation Response",
    "ha_vm_monitoring": "HA VM Monitoring",
    "cluster_rules": "Cluster rule(s)",
    "cluster_rule_names": "Cluster rule name(s)",
    "boot_required": "Boot Required",
    "boot_delay": "Boot delay",
    "boot_retry_delay": "Boot retry delay",
    "boot_retry_enabled": "Boot retry enabled",
    "boot_bios_setup": "Boot BIOS setup",
    "firmware": "Firmware",
    "hw_version": "HW version",
    "hw_upgrade_status": "HW upgrade status",
    "hw_upgrade_policy": "HW upgrade policy",
    "hw_target": "HW target",
    "path": "Path",
    "log_directory": "Log directory",
    "snapshot_directory": "Snapshot directory",
    "suspend_directory": "Suspend directory",
    "annotation": "Annotation",
    "nb_last_backup": "NB_LAST_BACKUP",
    "datacenter": "Datacenter",
    "cluster": "Cluster",
    "host": "Host",
    "os_config": "OS according to the configuration file",
    "os_vmware_tools": "OS according to the VMware Tools",
    "vm_id": "VM ID",
    "vm_uuid": "VM UUID",
    "vi_sdk_server_type": "VI SDK Server type",
    "vi_sdk_api_version": "VI SDK API Version",
    "code_ccx": "CODE_CCX",
    "vm_nbu": "VM_NBU",
    "vm_orchid": "VM_ORCHID",
    "licence_enforcement": "Licence Enforcement",
    "env": "Env",
}
"""Column -> the header that it was read from."""


@dataclass
class PredecessorSheet:
    """The machines, as vInfo. What the file says besides its plain table and columns is never run."""

    path: Path
    name: str = field(default="vInfo", init=False)
    height: int = field(default=1, init=False)
    damaged: tuple[DamagedRow, ...] = field(default=(), init=False)
    created: datetime | None = field(default=None, init=False)
    """When the newest machine was imported (UTC)."""
    _columns: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        unwritten = self.path.with_name(f"{self.path.name}-wal")
        if unwritten.exists() and unwritten.stat().st_size:
            raise FileRefusedError(
                f"The former dashboard has not written all of its database yet: there is a {unwritten.name}. "
                "Stop it and import the file again."
            )
        with closing(self._connection()) as connection:
            try:
                self._columns = _plain_columns(connection)
                machines = connection.execute(f"SELECT count(*) FROM {_TABLE}").fetchone()[0]  # noqa: S608  # a constant
                if "imported_at" in _all_columns(connection):
                    newest = connection.execute(f"SELECT max(imported_at) FROM {_TABLE}").fetchone()[0]  # noqa: S608
                    self.created = _moment(newest)
            except _ERRORS as error:
                raise _damaged(error) from None
        self.height = machines + 1

    def rows(self) -> Iterator[Sequence[Any]]:
        """The header, then a row per machine as they were imported."""
        yield tuple(HEADERS[column] for column in self._columns)
        query = f"SELECT {', '.join(self._columns)} FROM {_TABLE} ORDER BY rowid"  # noqa: S608  # known columns only
        with closing(self._connection()) as connection:
            try:
                for row in connection.execute(query):
                    yield tuple(map(_cell, row))
            except _ERRORS as error:
                raise _damaged(error) from None

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_CELL_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MAX_COLUMNS)
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection


def _plain_columns(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The known columns that are stored; one that is computed could compute anything.

    Raises:
        FileRefusedError: no such table, or one that is none.
    """
    kinds = [row[2] for row in connection.execute("PRAGMA main.table_list") if row[1] == _TABLE]
    columns = _all_columns(connection) if kinds == ["table"] else set()
    if "vm" not in columns:
        raise FileRefusedError(
            f"The file is an SQLite database, but not that of the former dashboard: it has no table {_TABLE} "
            f"with a column vm. {EXPECTED}"
        )
    return tuple(column for column in HEADERS if column in columns)


def _all_columns(connection: sqlite3.Connection) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA main.table_xinfo({_TABLE})") if row[6] == 0}


def _cell(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else value


def _moment(value: object) -> datetime | None:
    try:
        return to_datetime(value)
    except UnreadableError:
        return None


def _damaged(error: Exception) -> FileRefusedError:
    reason = shown(str(error))
    return FileRefusedError(
        f"The database is damaged or incomplete and cannot be read ({reason}). {EXPECTED}"
    )
