"""The answers of the queries: frozen records without behaviour. None means unknown, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from data.vocabulary import AttentionRule, ChangeKind, Fit, PlaceKind


@dataclass(frozen=True, slots=True)
class VmCounts:
    """Machines by power state; the three states need not add up to `total` (the state can be unknown)."""

    total: int
    powered_on: int | None
    powered_off: int | None
    suspended: int | None
    templates: int | None
    """Always counts templates, whatever the scope says of them."""


@dataclass(frozen=True, slots=True)
class ResourceTotals:
    """Sums over the machines of a scope; None where no machine says."""

    vcpus: int | None
    memory_mib: float | None
    provisioned_mib: float | None
    in_use_mib: float | None
    unshared_mib: float | None


@dataclass(frozen=True, slots=True)
class FieldQuality:
    """How many machines fill one field."""

    field: str
    label: str
    filled: int | None
    """None if no export of the scope has the column."""
    total: int


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Completeness of the seven fields an operator works with."""

    fields: tuple[FieldQuality, ...]

    @property
    def completeness_pct(self) -> float | None:
        """The mean share filled over the fields whose column exists; None without machines or fields."""
        shares = [100 * f.filled / f.total for f in self.fields if f.filled is not None and f.total]
        return sum(shares) / len(shares) if shares else None

    @property
    def absent(self) -> tuple[str, ...]:
        """Labels of the fields left out because no export has them."""
        return tuple(f.label for f in self.fields if f.filled is None)


@dataclass(frozen=True, slots=True)
class PowerSplit:
    """Machines of one datacenter by power state. `name` None stands for machines without a datacenter."""

    name: str | None
    on: int
    off: int
    suspended: int
    unknown: int
    vcenter_id: int | None = None
    """None for the machines without a datacenter and for the sum of the other datacenters."""
    context: str | None = None
    """What tells equal names apart: the vCenter's name. None while the name is unique."""

    @property
    def total(self) -> int:
        """All machines of the row."""
        return self.on + self.off + self.suspended + self.unknown


@dataclass(frozen=True, slots=True)
class Share:
    """A group and its number of machines. `name` None stands for machines without a value."""

    name: str | None
    machines: int
    context: str | None = None
    """What tells equal names apart: the datacenter, if need be with the vCenter; else None."""
    vcenter_id: int | None = None
    """Of a cluster."""
    datacenter: str | None = None
    """Of a cluster."""


@dataclass(frozen=True, slots=True)
class TopShares:
    """The largest groups, largest first, ties by name; the rest as one number."""

    top: tuple[Share, ...]
    """Last, and beyond the usual number, the machines without a value, if there are any."""
    other: int
    groups: int
    """Number of distinct groups, "(none)" not counted."""


@dataclass(frozen=True, slots=True)
class Change:
    """The newest state against the one before, over the vCenters that have both, in the scope."""

    machines_now: int
    machines_before: int
    oldest_before: datetime | None
    """Export time of the oldest state compared with; None if no vCenter has two states."""
    left_out: tuple[str, ...]
    """Names of vCenters with one state only."""
    powered_on_now: int | None = 0
    """From here on None, as is what was before, if no vCenter has two states that both know it."""
    powered_on_before: int | None = 0
    vcpus_now: int | None = 0
    vcpus_before: int | None = 0
    memory_mib_now: float | None = 0
    memory_mib_before: float | None = 0
    in_use_mib_now: float | None = 0
    in_use_mib_before: float | None = 0


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """What the machines run on. None where no export of the scope says."""

    datacenters: int | None
    clusters: int | None
    hosts: int | None
    host_cores: int | None
    host_memory_mib: float | None
    datastores: int | None
    datastore_capacity_mib: float | None
    datastore_free_mib: float | None


@dataclass(frozen=True, slots=True)
class Attention:
    """What one check found."""

    rule: AttentionRule
    machines: int | None
    """None: cannot be known; `needs` says why."""
    needs: str = ""
    """The missing tab, column or history, as words: "the vSnapshot tab", "90 days of history"."""
    things: int | None = None
    """Hosts in maintenance or datastores short of space, for the two checks that are about those."""


@dataclass(frozen=True, slots=True)
class AttentionLimits:
    """Where the checks begin; from the settings."""

    snapshot_days: int = 7
    backup_days: int = 7
    off_days: int = 90
    datastore_free_pct: int = 10


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Figures that an export leaves out and others of the scope do not: sums are without its vCenter."""

    vcenter: str
    figures: tuple[str, ...]
    """`power_state`, `vcpus`, `memory_mib`, `in_use_mib`, `hosts`, `datastores`; in this order."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the Overview shows of a scope."""

    counts: VmCounts
    totals: ResourceTotals
    quality: DataQuality
    change: Change
    infrastructure: Infrastructure
    datacenters: tuple[PowerSplit, ...]
    """The eight largest, largest first, then the machines without a datacenter, if there are any."""
    other_datacenters: PowerSplit | None
    """The sum of all others; None if there are none."""
    clusters: TopShares
    operating_systems: TopShares
    attention: tuple[Attention, ...]
    unsaid: tuple[Unsaid, ...] = ()


@dataclass(frozen=True, slots=True)
class VCenterState:
    """One vCenter and its newest state."""

    id: int
    name: str
    is_demo: bool
    exported_at: datetime
    exported_at_source: str
    imported_at: datetime
    """UTC"""
    machines: int


@dataclass(frozen=True, slots=True)
class EstateStatus:
    """What the frame of every page shows. Empty `vcenters`: nothing is imported yet."""

    vcenters: tuple[VCenterState, ...]
    """Oldest export first."""
    machines: int
    powered_on: int | None
    has_demo: bool


@dataclass(frozen=True, slots=True)
class StateDay:
    """A day on which states were exported."""

    day: date
    vcenters: tuple[str, ...]
    """Names of the vCenters that have a state of this day, in alphabetical order."""


@dataclass(frozen=True, slots=True)
class MachineTotals:
    """The foot of the grid: the machines that match and their sums."""

    machines: int
    machines_all: int
    """Without the filters, that of vCenters included: as of the same day and with the same template switch."""
    vcpus: int | None
    memory_mib: float | None
    provisioned_mib: float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter offers, with the machines that have it."""

    value: str | None
    machines: int


@dataclass(frozen=True, slots=True)
class Disk:
    """A virtual disk."""

    label: str | None
    capacity_mib: float | None
    thin: bool | None
    datastore: str | None
    path: str | None
    controller: str | None
    mode: str | None
    raw: bool | None


@dataclass(frozen=True, slots=True)
class Partition:
    """A file system inside a machine."""

    mount_point: str | None
    capacity_mib: float | None
    consumed_mib: float | None
    free_pct: float | None


@dataclass(frozen=True, slots=True)
class Adapter:
    """A network adapter."""

    label: str | None
    adapter: str | None
    network: str | None
    switch: str | None
    mac_address: str | None
    ipv4_address: str | None
    ipv6_address: str | None
    connected: bool | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of a machine."""

    name: str | None
    description: str | None
    taken_at: datetime | None
    age_days: float | None
    size_mib: float | None


Value = str | float | int | bool | datetime
"""What a typed column holds where it is filled."""


@dataclass(frozen=True, slots=True)
class MachineDetail:
    """A machine with everything that hangs on it, in one state.

    `fields` holds the filled typed columns by key of `data.fields.MACHINE_FIELDS` (datetimes as datetime).
    Lists are None if the export lacks the tab.
    """

    machine_id: int
    vcenter_id: int
    vcenter: str
    is_only_vcenter: bool
    """No other vCenter can be seen: names of places need not be told apart by it."""
    exported_at: datetime
    is_current: bool
    """False: the machine is gone; this is the last state it was seen in."""
    fields: dict[str, Value]
    attributes: dict[str, str]
    disks: tuple[Disk, ...] | None
    partitions: tuple[Partition, ...] | None
    adapters: tuple[Adapter, ...] | None
    snapshots: tuple[Snapshot, ...] | None


@dataclass(frozen=True, slots=True)
class TabRows:
    """What a tab of an export says of one thing."""

    tab: str
    rows: tuple[dict[str, Value], ...] | None
    """In the order of the sheet, each with its filled columns by key of `data.fields.TABS`; None: the export lacks
    the tab."""


@dataclass(frozen=True, slots=True)
class MachineDatastore:
    """A datastore that holds a part of a machine."""

    name: str
    disks: int | None
    """How many of its disks; None: the export does not say where disks are."""
    disks_mib: float | None
    """Their capacity."""
    has_configuration: bool
    facts: TabRows
    """Rows of vDatastore with this name; several where the host does not tell them apart."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What a machine runs on, in the state that it was seen in. Several rows: more than one has that name."""

    host: TabRows
    cluster: TabRows
    resource_pool: TabRows
    datastores: tuple[MachineDatastore, ...]
    """In alphabetical order."""


@dataclass(frozen=True, slots=True)
class TabSummary:
    """What an export holds of one tab."""

    tab: str
    rows: int
    refused: int
    orphans: int
    headers: int
    headers_read: int
    attributes: tuple[str, ...]
    """Headers kept as attributes."""
    remarks: tuple[str, ...]
    stored: bool
    """False: a tab that is not stored yet; its rows are only counted."""
    fields: tuple[str, ...] = ()
    """Keys of the fields that a header fills."""


@dataclass(frozen=True, slots=True)
class HeaderMapping:
    """What the operator said of a header that the product does not know."""

    tab: str
    header: str
    """As `data.fields.normalised` gives it."""
    field: str
    """Key of one of the tab's fields."""


@dataclass(frozen=True, slots=True)
class UnknownSheet:
    """A sheet that may hold machines, but has no column known as their name."""

    sheet: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A value that differs between two states."""

    field: str
    """Key of `data.fields.MACHINE_FIELDS`, or `attr:` and the attribute's name."""
    before: str | int | float | bool | None
    """A time in ISO form; None: unknown."""
    after: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class MachineChange:
    """One machine that differs between two states."""

    kind: ChangeKind
    machine_id: int | None
    """In `machines`; None for a machine that is not stored yet."""
    name: str
    """In the later state; in the earlier one if it is gone."""
    place: str
    """Datacenter and cluster, as far as they are known."""
    details: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class StateDifference:
    """What an export would change against the newest state of its vCenter, or one state against another."""

    compared_with: datetime | None
    """Export time of the earlier state; None: the first one of this vCenter."""
    new: int
    gone: int
    renamed: int
    moved: int
    resized: int
    unchanged: int
    changed: int = 0
    """Machines with other changes than those, noise left out. One that was renamed may be among them, too."""
    examples: tuple[MachineChange, ...] = ()
    """Up to `MAX_EXAMPLES` of each kind."""


MAX_EXAMPLES = 50
"""Of each kind of change that is named on the page; the file with all of them is not limited."""


@dataclass(frozen=True, slots=True)
class StatePreview:
    """What a file would store of one vCenter."""

    vcenter: str | None
    """The name it will be stored under; None: the operator must say (`needs_vcenter`)."""
    vcenter_source: str
    """How it is known: "VI SDK UUID", "VI SDK Server", "vSource", "vMetaData", "given", "new"."""
    needs_vcenter: bool
    suggested_vcenter: str | None
    """What the question begins with; None: nothing."""
    exported_at: datetime | None
    """None: nothing says it (`exported_at_source` is "assumed")."""
    exported_at_source: str
    machines: int
    difference: StateDifference | None
    """None: unknown before the vCenter is named."""
    earlier_states: int = 0
    """Stored states of the vCenter, those that "replace" would drop."""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What is in a file, before anything is stored."""

    file_name: str
    file_size_bytes: int
    sha256: str
    file_format: str
    """A value of FileFormat."""
    rvtools_version: str | None
    states: tuple[StatePreview, ...]
    """One per vCenter in the file. Empty if the file cannot be read before a header is mapped."""
    known_vcenters: tuple[str, ...]
    tabs: tuple[TabSummary, ...]
    """Of all vCenters together."""
    missing_tabs: tuple[str, ...]
    warnings: tuple[str, ...]
    rejected: int
    """Rows and cells that were not taken over as they are; the job's `rejected.csv` lists them."""
    mappings: tuple[HeaderMapping, ...]
    """What the operator said of headers before and was used for this file."""
    unknown_sheets: tuple[UnknownSheet, ...]
    """Not empty: one of their headers must be mapped to the machine's name before anything can be read."""
    unchanged: bool
    """The same file is already stored: importing it again changes nothing."""

    @property
    def machines(self) -> int:
        """Of all vCenters together."""
        return sum(state.machines for state in self.states)

    @property
    def needs_vcenter(self) -> bool:
        """The operator must name a vCenter before the file can be stored."""
        return any(state.needs_vcenter for state in self.states)


@dataclass(frozen=True, slots=True)
class ImportedState:
    """One state that came of a file."""

    import_id: int | None
    """None: nothing was written."""
    vcenter: str
    exported_at: datetime
    exported_at_source: str
    machines: int
    difference: StateDifference | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one file."""

    file_name: str
    outcome: str
    """A value of ImportOutcome."""
    message: str
    states: tuple[ImportedState, ...] = ()
    """One per vCenter in the file."""
    warnings: tuple[str, ...] = ()
    tabs: tuple[TabSummary, ...] = ()

    @property
    def machines(self) -> int:
        """Of all states together."""
        return sum(state.machines for state in self.states)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Which states of a vCenter stay, counted back from its newest one; from the settings.

    The newest one and pinned ones always stay.
    """

    days: int = 35
    """Every state that was exported so long before."""
    months: int = 24
    """Earlier ones: the last of each month for so long."""


@dataclass(frozen=True, slots=True)
class StoredImport:
    """A line in the history of imports."""

    id: int
    vcenter_id: int
    vcenter: str
    file_name: str
    exported_at: datetime
    exported_at_source: str
    imported_at: datetime
    """UTC"""
    machines: int
    warnings: tuple[str, ...]
    is_current: bool
    is_demo: bool
    is_pinned: bool
    size_bytes: int | None
    """What it takes in the database; None: unknown."""
    goes_with_next: bool
    """The retention rule will drop it with the next import."""


@dataclass(frozen=True, slots=True)
class StoredVCenter:
    """A vCenter in the history of imports, hidden ones included."""

    id: int
    name: str
    is_hidden: bool
    is_demo: bool
    states: int
    newest: datetime | None
    """Export time of its newest state."""
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class StateComparison:
    """Two states of one vCenter, machine by machine."""

    before: StoredImport
    after: StoredImport
    difference: StateDifference
    """Counts over the whole states; `examples` is empty."""
    noise: int
    """Machines that differ in nothing but noise."""
    changes: tuple[MachineChange, ...]
    """One page of the changes that were asked for, by kind and name."""
    total: int
    """Changes that were asked for, on all pages."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What one import says of a machine, against the state before."""

    import_id: int
    exported_at: datetime
    is_first: bool
    """The first stored state of the vCenter that has it."""
    kinds: tuple[ChangeKind, ...]
    """Empty: nothing changed. NEW for a machine that was not in the state before, GONE for one that was."""
    details: tuple[FieldChange, ...]
    """Without noise, unless it was asked for."""
    hidden_noise: int
    """Details left out because they are noise."""


@dataclass(frozen=True, slots=True)
class MachineHistory:
    """A machine through all states of its vCenter, the newest first."""

    machine_id: int
    name: str
    entries: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the page sees it."""

    id: int
    kind: str
    """A value of JobKind."""
    phase: str
    """A value of JobPhase."""
    progress_pct: int
    message: str
    file_name: str
    preview: ImportPreview | None
    outcome: ImportResult | None
    files: tuple[str, ...] = ()
    """Names of files that can be fetched from the job: `REJECTED_FILE`, `CHANGES_FILE`, the export."""


REJECTED_FILE, CHANGES_FILE = "rejected.csv", "changes.csv"
"""What the preview of an import leaves for the operator."""


@dataclass(frozen=True, slots=True)
class EstateStats:
    """The figures of `inventory stats`, under these names. None: unknown."""

    vms: int
    powered_on: int | None
    powered_off: int | None
    suspended: int | None
    templates: int | None
    vcpus: int | None
    memory_mib: float | None
    provisioned_mib: float | None
    in_use_mib: float | None
    datacenters: int | None
    clusters: int | None
    hosts: int | None
    host_cores: int | None
    host_memory_mib: float | None
    datastores: int | None
    datastore_capacity_mib: float | None
    disks: int | None
    disk_capacity_mib: float | None
    partitions: int | None
    vm_snapshots: int | None
    vcenters: int
    imports: int


@dataclass(frozen=True, slots=True)
class CacheUse:
    """What the cache did for one function, in all workers together since the cache directory was made."""

    function: str
    """Module and name of a query, such as "overview.get_overview", or the name of a drawn body."""
    hits: int
    misses: int
    entries: int
    """Answers held now, including some that are past their time and not swept yet."""
    size_bytes: int
    oldest_age_seconds: float | None
    """Age of its oldest answer; None without entries."""
    statements_avoided: int
    seconds_saved: float


@dataclass(frozen=True, slots=True)
class FoundMachine:
    """A machine that the palette finds."""

    machine_id: int
    name: str | None
    is_template: bool
    vcenter: str
    datacenter: str | None
    cluster: str | None
    fit: Fit
    found: str | None
    """What has the text, as exported: a DNS name, an address, a line of a note; None if the name has."""


@dataclass(frozen=True, slots=True)
class Places:
    """Places of one kind that lie in the same place themselves."""

    kind: PlaceKind
    vcenter_id: int
    vcenter: str
    datacenter: str | None
    """Only of clusters and hosts, like the cluster of hosts."""
    cluster: str | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that the palette finds."""

    kind: PlaceKind
    name: str
    vcenter_id: int
    vcenter: str
    datacenter: str | None
    cluster: str | None
    fit: Fit
    is_ambiguous: bool
    """Whether another one of this kind has the name: in another vCenter, or a cluster in another datacenter."""
