"""Closed sets of words that every layer uses."""

from __future__ import annotations

from enum import IntEnum, StrEnum


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


class FileFormat(StrEnum):
    """What kind of file an export is. The values are the words on the page."""

    XLSX = "Excel workbook"
    XLS = "Excel 97-2003 workbook"
    CSV = "CSV file"
    CSV_SET = "set of CSV files"
    PREDECESSOR = "database of the former dashboard"


class ChangeKind(StrEnum):
    """What happened to a machine between two states. A machine can be renamed, moved and resized at once."""

    NEW = "new"
    GONE = "gone"
    RENAMED = "renamed"
    MOVED = "moved"
    """Another datacenter, cluster, host, folder or resource pool."""
    RESIZED = "resized"
    """Other vCPU, memory or disk capacity."""
    CHANGED = "changed"
    """Something else that an operator configures: not power, usage and other noise."""
    NOISE = "noise"
    """Power, usage, heartbeat and whatever else changes by itself."""


class ImportStatus(StrEnum):
    """An import is visible only when it is published."""

    UNPUBLISHED = "unpublished"
    """Not yet or no longer: what an interrupted import left, or a state that was deleted or replaced."""
    PUBLISHED = "published"
    DROPPED = "dropped"
    """The retention rule let it go: its rows do, but what later states know from it stays."""


class ImportOutcome(StrEnum):
    """What became of a file."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CHECKED = "checked"
    """A dry run: it would be stored."""


class JobKind(StrEnum):
    """What a job does."""

    IMPORT = "import"
    DEMO = "demo"
    """Loads the demo estate."""
    EXPORT = "export"
    REMOVAL = "removal"
    """Of stored states."""


class JobPhase(StrEnum):
    """Where a job stands. The last five are final, `PREVIEW` waits for the operator."""

    UPLOADED = "uploaded"
    """Created; its process has not begun."""
    QUEUED = "queued"
    """Waits for another import into the same database."""
    READING = "reading"
    PREVIEW = "preview"
    CONFIRMED = "confirmed"
    STORING = "storing"
    PUBLISHING = "publishing"
    WRITING = "writing"
    """An export job writes its file."""
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    DISCARDED = "discarded"
    """The operator did not want what the preview shows."""
    CANCELLED = "cancelled"
    """The operator stopped it while it ran."""


FINAL_PHASES = frozenset(
    {JobPhase.DONE, JobPhase.UNCHANGED, JobPhase.FAILED, JobPhase.DISCARDED, JobPhase.CANCELLED}
)
"""Nothing happens to the job any more."""
RUNNING_PHASES = frozenset(JobPhase) - FINAL_PHASES - {JobPhase.PREVIEW}
"""A process works on the job, or is to take it."""


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


class PlaceKind(StrEnum):
    """What a machine can be in, on or connected to."""

    VCENTER = "vcenter"
    DATACENTER = "datacenter"
    CLUSTER = "cluster"
    HOST = "host"
    DATASTORE = "datastore"
    NETWORK = "network"
    FOLDER = "folder"


class Fit(IntEnum):
    """How well a text that somebody types fits what is found, the best first."""

    SAME = 0
    BEGINS = 1
    BEGINS_DNS_NAME = 2
    BEGINS_ADDRESS = 3
    BEGINS_WORD = 4
    CONTAINS = 5
    ELSEWHERE = 6
    """In something else than the name."""
