"""Closed sets of words that every layer uses."""

from __future__ import annotations

from enum import StrEnum


class PowerState(StrEnum):
    """The power states of vSphere, as RVTools writes them."""

    ON = "poweredOn"
    OFF = "poweredOff"
    SUSPENDED = "suspended"


class Templates(StrEnum):
    """Whether templates are part of a question. A machine with an unknown flag counts as a machine."""

    EXCLUDE = "exclude"
    INCLUDE = "include"
    ONLY = "only"


class Kind(StrEnum):
    """What a field holds. Decides its SQL type, its conversion, its alignment and its unit."""

    NAME = "name"
    """Short text that is filtered, sorted or grouped by: at most 255 characters."""
    TEXT = "text"
    """Text of any length."""
    INTEGER = "integer"
    NUMBER = "number"
    MIB = "mib"
    KIB = "kib"
    MHZ = "mhz"
    PCT = "pct"
    """A percentage from 0 to 100."""
    DAYS = "days"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    """A wall-clock time without zone: the local time of the machine that ran RVTools."""


class ExportedAtSource(StrEnum):
    """How the export time of an import is known, best first."""

    GIVEN = "given"
    METADATA = "vMetaData"
    FILE_NAME = "file name"
    DOCUMENT = "document properties"
    ASSUMED = "assumed"


class ImportStatus(StrEnum):
    """An import is visible only when it is published."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"


class ImportOutcome(StrEnum):
    """What became of a file."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CHECKED = "checked"
    """A dry run: it would be stored."""


class JobPhase(StrEnum):
    """Where a page import stands. The last four are final, `PREVIEW` waits for the operator."""

    UPLOADED = "uploaded"
    READING = "reading"
    PREVIEW = "preview"
    CONFIRMED = "confirmed"
    STORING = "storing"
    PUBLISHING = "publishing"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    DISCARDED = "discarded"


class AttentionRule(StrEnum):
    """The checks of "Needs attention", most severe first. Each counts machines."""

    CONSOLIDATION = "consolidation"
    DATASTORE_SPACE = "datastore-space"
    TOOLS_NOT_RUNNING = "tools-not-running"
    OLD_SNAPSHOT = "old-snapshot"
    NO_BACKUP = "no-backup"
    LONG_OFF = "long-off"
    HOST_MAINTENANCE = "host-maintenance"
    NO_DNS_NAME = "no-dns-name"
    NO_IP = "no-ip"


class SortDirection(StrEnum):
    """Which end of a sorted list comes first."""

    ASC = "asc"
    DESC = "desc"
