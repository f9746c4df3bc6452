"""Under which vCenter an export is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import ConflictError, VCenterNeededError
from data.fields import NAME_LENGTH
from data.ingest.identity import KnownMachine, known_machines, recognise
from data.ingest.origin import NEW, StatedVCenter
from data.ingest.roster import MachineKey
from data.models import vcenters

UNNAMED = "Unnamed vCenter"
"""The name of the first vCenter when its export does not say one."""
GIVEN = "given"
"""How a vCenter is known that the operator says."""
_NOT_YET = -1
"""In place of the id of a vCenter that comes with the file."""
_SEVERAL = (
    "The export names several vCenters ({}), but its machines do not say which of them is theirs. "
    "Name one vCenter under which all of it is stored."
)


@dataclass(frozen=True, slots=True)
class VCenterChoice:
    """Under which vCenter an export is stored."""

    id: int | None
    """None: a new one."""
    name: str
    uuid: str | None
    server: str | None
    """What is recorded of it from now on, like the name."""
    source: str
    current_import_id: int | None = None
    warnings: tuple[str, ...] = ()
    is_guess: bool = False
    """Neither the export nor the operator says it."""


@dataclass(frozen=True, slots=True)
class KnownVCenter:
    """A vCenter that is stored."""

    id: int
    name: str
    uuid: str | None
    server: str | None
    is_demo: bool
    current_import_id: int | None

    def may_be(self, said: StatedVCenter) -> bool:
        """Whether nothing the export says speaks against it."""
        return not (self.uuid and said.uuid and self.uuid.lower() != said.uuid)

    @property
    def is_unnamed(self) -> bool:
        """No export and no operator has said which one it is."""
        return self.name == UNNAMED and not (self.uuid or self.server or self.is_demo)


def known_vcenters(session: Session) -> list[KnownVCenter]:
    """The vCenters that are stored, by name."""
    columns = vcenters.c
    statement = select(
        columns.id,
        columns.name,
        columns.instance_uuid,
        columns.server,
        columns.is_demo,
        columns.current_import_id,
    )
    return [KnownVCenter(*row) for row in session.execute(statement.order_by(columns.name))]


def choose_vcenters(
    session: Session,
    exports: Sequence[tuple[StatedVCenter, Sequence[MachineKey]]],
    *,
    given: str | None,
    is_demo: bool,
) -> list[VCenterChoice]:
    """The vCenters that the exports of one file belong to, in their order.

    That is the given one, else the stated one. An unnamed one that is stored becomes the stated one if that is new
    and at least half of the unnamed one's machines are in the export. An export that says nothing is stored under
    the unnamed one if at least half of its machines are known there, or if there is no vCenter yet.

    Args:
        session: to ask.
        exports: of each vCenter what is said of it, and its machines.
        given: the name that the operator says; only for one export.
        is_demo: they are part of the demo estate.

    Raises:
        VCenterNeededError: nothing says which of the stored ones it is.
        ConflictError: demo data and real data would mix, or two of the exports name the same vCenter.
    """
    known = known_vcenters(session)
    choices: list[VCenterChoice] = []
    taken = {_NOT_YET}
    for said, keys in exports:
        choice = _choose(session, known, said, keys, given=given, is_demo=is_demo)
        if choice.id in taken:
            raise ConflictError(
                f"The file names “{choice.name}” in two ways. Name one vCenter under which all of it is stored."
            )
        known = [vcenter for vcenter in known if vcenter.id != choice.id]
        known.append(
            KnownVCenter(choice.id or _NOT_YET, choice.name, choice.uuid, choice.server, is_demo, None)
        )
        if choice.id is not None:
            taken.add(choice.id)
        choices.append(choice)
    return choices


def _choose(
    session: Session,
    known: list[KnownVCenter],
    said: StatedVCenter,
    keys: Sequence[MachineKey],
    *,
    given: str | None,
    is_demo: bool,
) -> VCenterChoice:
    if said.several and not given:
        raise VCenterNeededError(_SEVERAL.format(", ".join(said.several)))
    found = _named(known, given) if given else _stated(known, said)
    unnamed = None if found or is_demo else _Unnamed.find(session, known, keys)
    if not given and not found and not (said.uuid or said.server):
        return _guess(known, unnamed)
    source = GIVEN if given else said.source
    name = (given or said.server or said.uuid or UNNAMED)[:NAME_LENGTH]
    if found is None:
        is_same = unnamed is not None and unnamed.is_half_in_export
        if unnamed and is_same and not given:
            return _renamed(unnamed, _free_name(known, said, name), said)
        uuids = {(vcenter.uuid or "").lower() for vcenter in known}
        uuid = None if said.uuid in uuids else said.uuid
        name = _free_name(known, said, name)
        twice = (_twice(unnamed),) if unnamed and is_same else ()
        return VCenterChoice(None, name, uuid, said.server, source, warnings=twice)
    if found.is_demo != is_demo:
        raise ConflictError(
            f"“{found.name}” is a vCenter of the demo estate. Remove the demo estate before you import this file."
            if found.is_demo
            else f"“{found.name}” is a vCenter with real data: no demo data can be stored under it."
        )
    uuid, server, warnings = _agreed(known, found, said)
    return VCenterChoice(found.id, found.name, uuid, server, source, found.current_import_id, warnings)


def _named(known: Iterable[KnownVCenter], given: str) -> KnownVCenter | None:
    by_name = [vcenter for vcenter in known if vcenter.name == given]
    found = by_name or [vcenter for vcenter in known if vcenter.server == given]
    return found[0] if found else None


def _stated(known: Iterable[KnownVCenter], said: StatedVCenter) -> KnownVCenter | None:
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


@dataclass(frozen=True, slots=True)
class _Unnamed:
    """The unnamed vCenter, and how much it has in common with an export."""

    vcenter: KnownVCenter
    machines: int
    """Of its newest state."""
    machines_exported: int
    machines_in_both: int

    @classmethod
    def find(
        cls, session: Session, known: Iterable[KnownVCenter], keys: Sequence[MachineKey]
    ) -> _Unnamed | None:
        """The unnamed vCenter, if it is stored."""
        vcenter = next((vcenter for vcenter in known if vcenter.is_unnamed), None)
        if vcenter is None or vcenter.current_import_id is None:
            return None
        stored = [
            machine
            for machine in known_machines(session, vcenter.id, vcenter.current_import_id)
            if machine.is_recent
        ]
        both = sum(
            1
            for key, machine in zip(keys, recognise(keys, stored), strict=True)
            if machine and _same(key, machine)
        )
        return cls(vcenter, len(stored), len(keys), both)

    @property
    def is_half_in_export(self) -> bool:
        """At least half of its machines are in the export."""
        return 0 < self.machines <= 2 * self.machines_in_both

    @property
    def has_half_of_export(self) -> bool:
        """At least half of the machines in the export are its."""
        return 0 < self.machines_exported <= 2 * self.machines_in_both


def _same(key: MachineKey, machine: KnownMachine) -> bool:
    """Whether a machine is the same beyond doubt: every vCenter counts its VM IDs from one."""
    return key.name == machine.name or bool(key.vm_uuid and key.vm_uuid == machine.vm_uuid)


def _guess(known: Iterable[KnownVCenter], unnamed: _Unnamed | None) -> VCenterChoice:
    """Where an export belongs that says nothing."""
    names = [vcenter.name for vcenter in known if not vcenter.is_demo]
    silent = "The export does not say which vCenter it comes from"
    if not names:
        warning = f"{silent}: stored under “{UNNAMED}”."
        return VCenterChoice(None, UNNAMED, None, None, NEW, None, (warning,), is_guess=True)
    if unnamed is None or not unnamed.has_half_of_export:
        raise VCenterNeededError(
            f"{silent}. Name it; known so far: {', '.join(f'“{name}”' for name in names)}."
        )
    found = unnamed.vcenter
    warning = (
        f"{silent}. {unnamed.machines_in_both:,} of its {unnamed.machines_exported:,} machines are known from "
        f"“{found.name}”: stored there."
    )
    return VCenterChoice(
        found.id, found.name, None, None, NEW, found.current_import_id, (warning,), is_guess=True
    )


def _renamed(unnamed: _Unnamed, name: str, said: StatedVCenter) -> VCenterChoice:
    """The unnamed vCenter under the name that an export says now."""
    found = unnamed.vcenter
    warning = (
        f"{unnamed.machines_in_both:,} of the {unnamed.machines:,} machines of “{found.name}” are in this export: "
        f"“{found.name}” is called “{name}” from now on and keeps its history."
    )
    return VCenterChoice(
        found.id, name, said.uuid, said.server, said.source, found.current_import_id, (warning,)
    )


def _twice(unnamed: _Unnamed) -> str:
    name = unnamed.vcenter.name
    return (
        f"{unnamed.machines_in_both:,} of the {unnamed.machines:,} machines of “{name}” are in this export and are "
        f"counted twice from now on. If they are the same, store it under “{name}”, or remove that one."
    )


def _agreed(
    known: Iterable[KnownVCenter], found: KnownVCenter, said: StatedVCenter
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


def _free_name(known: Sequence[KnownVCenter], said: StatedVCenter, name: str) -> str:
    """The name, told apart if another vCenter has it: a rebuilt one has the same server and another UUID."""
    names = {vcenter.name for vcenter in known}
    mark = f" ({(said.uuid or str(len(names) + 1))[:36]})"
    return name[: NAME_LENGTH - len(mark)] + mark if name in names else name
