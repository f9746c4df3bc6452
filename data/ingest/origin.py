"""Where an export comes from and when it was made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from data.vocabulary import ExportedAtSource
from data.workbook.spool import Workbook

UUID_LENGTH = 64
"""Of what stands in its place, too."""
NEW = "new"
"""Where it is said which vCenter an export comes from: nowhere."""

_TIME_IN_NAME = re.compile(
    r"(?<![0-9])(20[0-9]{2})[-_.]?([01][0-9])[-_.]?([0-3][0-9])"
    r"(?:[-_T ]+([0-2][0-9])[-.:_h]?([0-5][0-9])(?:[-.:_]?([0-5][0-9]))?)?(?![0-9])"
)


@dataclass(frozen=True, slots=True)
class StatedVCenter:
    """What an export says of its vCenter. All None: nothing."""

    uuid: str | None
    """VI SDK UUID, in lower case."""
    server: str | None
    source: str
    """Which column or tab says it."""
    several: tuple[str, ...] = ()
    """It names these, and its machines do not say which of them is theirs."""


def stated_vcenter(workbook: Workbook) -> StatedVCenter:
    """The vCenter that an export names: VI SDK UUID or Server in vInfo, else vSource, else vMetaData."""
    said = StatedVCenter(None, None, NEW)
    for tab in ("vInfo", "vSource", "vMetaData"):
        pairs = workbook.tabs[tab].sources if tab in workbook.tabs else ()
        servers = {server.lower(): server for server, _uuid in pairs if server}
        uuids = {uuid.lower()[:UUID_LENGTH] for _server, uuid in pairs if uuid}
        is_one = len(uuids) == 1 or (not uuids and len(servers) == 1)
        if said.source == NEW and pairs:
            column = "VI SDK UUID" if uuids else "VI SDK Server"
            several = () if is_one else tuple(servers.values()) or tuple(uuids)
            said = StatedVCenter(None, None, column if tab == "vInfo" else tab, several)
        if is_one and (not said.server or said.server.lower() in servers):
            said = StatedVCenter(
                said.uuid or next(iter(uuids), None),
                said.server or next(iter(servers.values()), None),
                said.source,
                said.several,
            )
    return said


def export_time(
    workbook: Workbook,
    file_name: str,
    document_created: datetime | None,
    *,
    given: datetime | None,
    now: datetime,
) -> tuple[datetime, ExportedAtSource]:
    """When the export was made, as wall-clock time of the machine that made it, and how that is known."""
    position = workbook.position("vMetaData", "created_at")
    written = (
        [] if position is None else [row[position] for row in workbook.rows("vMetaData") if row[position]]
    )
    candidates = (
        (given, ExportedAtSource.GIVEN),
        (max(written, default=None), ExportedAtSource.METADATA),
        (time_in_name(file_name), ExportedAtSource.FILE_NAME),
        (document_created, ExportedAtSource.DOCUMENT),
    )
    known = ((time, source) for time, source in candidates if time)
    return next(known, (now.replace(microsecond=0), ExportedAtSource.ASSUMED))


def time_in_name(file_name: str) -> datetime | None:
    """The time that RVTools puts into a file name; midnight if it is only a day.

    Example:
        >>> time_in_name("RVTools_export_all_2026-09-01_09.30.00.xlsx"), time_in_name("vInfo 20260901.xlsx")
        (datetime.datetime(2026, 9, 1, 9, 30), datetime.datetime(2026, 9, 1, 0, 0))
        >>> time_in_name("estate.xlsx")
    """
    for match in _TIME_IN_NAME.finditer(file_name):
        year, month, day, hour, minute, second = (part or "00" for part in match.groups())
        try:
            return datetime.fromisoformat(f"{year}-{month}-{day} {hour}:{minute}:{second}")
        except ValueError:
            continue
    return None


def local_now() -> datetime:
    """The wall-clock time of this machine, as exports write theirs."""
    return datetime.now(UTC).astimezone().replace(tzinfo=None)
