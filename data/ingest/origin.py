"""Where an export comes from and when it was made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import ConflictError, FileRefusedError, VCenterNeededError
from data.models import vcenters
from data.models.schema import NAME_LENGTH
from data.vocabulary import ExportedAtSource
from data.workbook.spool import Workbook

UNNAMED = "Unnamed vCenter"
"""The name of the first vCenter when its export does not say one."""
GIVEN, NEW = "given", "new"

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


def stated_vcenter(workbook: Workbook, given: str | None) -> StatedVCenter:
    """The vCenter that the workbook names: VI SDK UUID or Server in vInfo, else vSource, else vMetaData.

    Raises:
        FileRefusedError: it names several, and the operator has not said under which one to store them.
    """
    said = StatedVCenter(None, None, NEW)
    for tab in ("vInfo", "vSource", "vMetaData"):
        pairs = workbook.tabs[tab].sources if tab in workbook.tabs else ()
        servers = {server.lower(): server for server, _uuid in pairs if server}
        uuids = {uuid.lower() for _server, uuid in pairs if uuid}
        is_one = len(uuids) == 1 or (not uuids and len(servers) == 1)
        if said.source == NEW and pairs:
            if not is_one and not given:
                raise FileRefusedError(_SEVERAL.format(", ".join(servers.values()) or ", ".join(uuids)))
            column = "VI SDK UUID" if uuids else "VI SDK Server"
            said = StatedVCenter(None, None, column if tab == "vInfo" else tab)
        if is_one and (not said.server or said.server.lower() in servers):
            said = StatedVCenter(
                said.uuid or next(iter(uuids), None),
                said.server or next(iter(servers.values()), None),
                said.source,
            )
    return said


_SEVERAL = (
    "The workbook holds several vCenters ({}). Merged exports cannot be split yet: export each vCenter on its own, "
    "or name one vCenter under which all of it is stored."
)


@dataclass(frozen=True, slots=True)
class VCenterChoice:
    """Under which vCenter a file is stored."""

    id: int | None
    """None: a new one."""
    name: str
    uuid: str | None
    server: str | None
    """What is recorded of it from now on."""
    source: str
    current_import_id: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    name: str
    uuid: str | None
    server: str | None
    is_demo: bool
    current_import_id: int | None

    def may_be(self, said: StatedVCenter) -> bool:
        """Whether nothing the export says speaks against it."""
        return not (self.uuid and said.uuid and self.uuid.lower() != said.uuid)


def known_vcenters(session: Session) -> tuple[str, ...]:
    """Names of the vCenters that an export can be stored under."""
    return tuple(known.name for known in _known(session) if not known.is_demo)


def choose_vcenter(
    session: Session, said: StatedVCenter, *, given: str | None, is_demo: bool
) -> VCenterChoice:
    """The vCenter that a file belongs to: the given one, else the stated one, else the first one ever.

    Raises:
        VCenterNeededError: nothing says which of the stored ones it is.
        ConflictError: demo data and real data would mix.
    """
    known = _known(session)
    found = _named(known, given) if given else _stated(known, said)
    if not given and not found and not (said.uuid or said.server):
        names = [vcenter.name for vcenter in known if not vcenter.is_demo]
        if names:
            raise VCenterNeededError(
                "The export does not say which vCenter it comes from. "
                f"Name it; known so far: {', '.join(f'“{name}”' for name in names)}."
            )
    source = GIVEN if given else said.source
    if found is None:
        name = given or said.server or said.uuid or UNNAMED
        return _new(known, said, name[:NAME_LENGTH], source)
    if found.is_demo != is_demo:
        raise ConflictError(
            f"“{found.name}” is a vCenter of the demo estate. Remove the demo estate before you import this file."
            if found.is_demo
            else f"“{found.name}” is a vCenter with real data: no demo data can be stored under it."
        )
    uuid, server, warnings = _agreed(known, found, said)
    return VCenterChoice(found.id, found.name, uuid, server, source, found.current_import_id, warnings)


def _known(session: Session) -> list[_Known]:
    columns = vcenters.c
    statement = select(
        columns.id,
        columns.name,
        columns.instance_uuid,
        columns.server,
        columns.is_demo,
        columns.current_import_id,
    )
    return [_Known(*row) for row in session.execute(statement.order_by(columns.name))]


def _named(known: Iterable[_Known], given: str) -> _Known | None:
    by_name = [vcenter for vcenter in known if vcenter.name == given]
    found = by_name or [vcenter for vcenter in known if vcenter.server == given]
    return found[0] if found else None


def _stated(known: Iterable[_Known], said: StatedVCenter) -> _Known | None:
    possible = [vcenter for vcenter in known if vcenter.may_be(said)]
    if said.uuid and (same := [vcenter for vcenter in possible if (vcenter.uuid or "").lower() == said.uuid]):
        return same[0]
    if not said.server:
        return None
    same = [vcenter for vcenter in possible if vcenter.server == said.server]
    same = same or [vcenter for vcenter in possible if vcenter.name == said.server and not vcenter.server]
    if len(same) > 1:
        names = " and ".join(f"“{vcenter.name}”" for vcenter in same)
        raise VCenterNeededError(
            f"The server {said.server} belongs to {names}. Name the vCenter of the export."
        )
    return same[0] if same else None


def _agreed(
    known: Iterable[_Known], found: _Known, said: StatedVCenter
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """UUID and server to record of a vCenter that exists: what is known stays, gaps are filled."""
    others = {(vcenter.uuid or "").lower(): vcenter.name for vcenter in known if vcenter.id != found.id}
    if not found.may_be(said) or said.uuid in others:
        owner = f"that of “{others[said.uuid]}”" if said.uuid in others else "another than before"
        return (
            found.uuid,
            found.server,
            (
                f"The VI SDK UUID in the export ({said.uuid}) is {owner}; stored under “{found.name}” as asked.",
            ),
        )
    return found.uuid or said.uuid, found.server or said.server, ()


def _new(known: Iterable[_Known], said: StatedVCenter, name: str, source: str) -> VCenterChoice:
    names = {vcenter.name for vcenter in known}
    uuids = {(vcenter.uuid or "").lower() for vcenter in known}
    if name in names:  # a rebuilt vCenter: same server, another UUID
        name = f"{name[: NAME_LENGTH - 50]} ({said.uuid or len(names) + 1})"
    return VCenterChoice(None, name, None if said.uuid in uuids else said.uuid, said.server, source)


def export_time(
    workbook: Workbook, file_name: str, *, given: datetime | None, now: datetime
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
        (workbook.content.document_created, ExportedAtSource.DOCUMENT),
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
