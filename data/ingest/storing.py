"""Puts the rows of an export into the database, under an import that nobody sees yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from data import models
from data.fields import DERIVED, MERGED_TABS, NAME_LENGTH, VM_TABS
from data.ingest.identity import KnownMachine
from data.ingest.survey import (
    ORPHAN,
    Surroundings,
    Survey,
    age_days,
    datastore_of,
    disk_paths,
    free_pct,
    merged_rows,
    own_keys,
)
from data.ingest.writing import BatchWriter, Row
from data.vocabulary import PowerState
from data.workbook.cells import UnreadableError, to_datetime
from data.workbook.spool import Workbook

TAB_TABLES: dict[str, Table] = {
    "vInfo": models.virtual_machines,
    "vDisk": models.disks,
    "vPartition": models.partitions,
    "vNetwork": models.network_adapters,
    "vFloppy": models.floppy_drives,
    "vCD": models.cd_drives,
    "vUSB": models.usb_devices,
    "vSnapshot": models.vm_snapshots,
    "vSource": models.sources,
    "vRP": models.resource_pools,
    "vCluster": models.clusters,
    "vHost": models.hosts,
    "vHBA": models.host_adapters,
    "vNIC": models.host_nics,
    "vSwitch": models.virtual_switches,
    "vPort": models.port_groups,
    "dvSwitch": models.distributed_switches,
    "dvPort": models.distributed_ports,
    "vSC_VMK": models.vmkernel_adapters,
    "vDatastore": models.datastores,
    "vMultiPath": models.storage_paths,
    "vLicense": models.licences,
    "vFileInfo": models.files,
    "vHealth": models.health_messages,
    "vMetaData": models.rvtools_runs,
}
"""Where the rows of a tab go. vCPU, vMemory and vTools become columns of the machine (`data.fields.MERGED_TABS`)."""
STATE_TABLES = (
    models.machine_texts,
    *sorted({*TAB_TABLES.values(), models.other_rows}, key=models.metadata.sorted_tables.index, reverse=True),
)
"""Every table with rows of an import, those that point to others first."""


def _expires_at(licence: dict[str, Any]) -> datetime | None:
    try:
        return to_datetime(licence.get("expiration"))
    except UnreadableError:
        return None


WORKED_OUT: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "vDatastore": ("free_pct", free_pct),
    "vLicense": ("expires_at", _expires_at),
}
"""Tab -> a column and how it follows from a row."""
SEARCHED_KEYS = ("name", "dns_name", "primary_ip_address", "host", "annotation")
"""What the text search looks at, besides the addresses of the adapters."""
SEARCHED_EXACTLY = (
    "vm_uuid", "smbios_uuid",
    "network_1", "network_2", "network_3", "network_4", "network_5", "network_6", "network_7", "network_8",
)  # fmt: skip
"""What it looks at in the exact texts alone, besides the MAC addresses and networks of the adapters."""
_STATE = ("import_id", "vcenter_id", "is_current")


@dataclass(frozen=True, slots=True)
class Draft:
    """An import that is being stored."""

    import_id: int
    vcenter_id: int
    exported_at: datetime
    is_newest: bool
    """It will be the current state of its vCenter."""

    @property
    def state(self) -> Row:
        """The values of the columns that every row of the import has."""
        return self.import_id, self.vcenter_id, self.is_newest


class Storing:
    """Stores one export. After `store` everything but its publication is done."""

    def __init__(
        self,
        workbook: Workbook,
        survey: Survey,
        draft: Draft,
        writer: BatchWriter,
        on_rows: Callable[[str, int], None],
    ) -> None:
        self._workbook = workbook
        self._survey = survey
        self._draft = draft
        self._writer = writer
        self._on_rows = on_rows
        self._texts: list[tuple[str, str]] = []
        """Of each machine the words and the ids, one per line."""

    def store(
        self, session: Session, found: list[KnownMachine | None], off_since: dict[int, datetime]
    ) -> list[int]:
        """Store all tabs; returns the id in `machines` of each machine, in the order of vInfo.

        Args:
            session: for reading; used before anything is written.
            found: who each machine is, None for new ones.
            off_since: by id in `machines`, since when the machines were off that were off in the state before.
        """
        first_machine = _next_id(session, models.machines)
        first_row = _next_id(session, models.virtual_machines)
        session.close()
        ids = self._store_identities(found, first_machine)
        for tab, content in self._workbook.tabs.items():
            if not content.is_known:
                self._store_other_sheet(tab)
            elif tab not in VM_TABS:
                self._store_vcenter_tab(tab)
        self._insert(
            models.virtual_machines, "vInfo", self._machine_keys(), self._machines(ids, first_row, off_since)
        )
        columns = ("id", "import_id", "text", "exact_text")
        self._insert(models.machine_texts, "search texts", columns, self._search_texts(first_row))
        for tab in self._survey.machine_of:
            if tab not in MERGED_TABS:
                self._store_machine_tab(tab, first_row)
        return ids

    def _insert(self, table: Table, what: str, keys: tuple[str, ...], rows: Iterator[Row]) -> None:
        self._writer.insert(table, keys, rows, lambda rows: self._on_rows(what, rows))

    def _store_identities(self, found: list[KnownMachine | None], first_id: int) -> list[int]:
        """Rows in `machines` for the new ones."""
        ids: list[int] = []
        new: list[Row] = []
        draft = self._draft
        for key, known in zip(self._survey.keys, found, strict=True):
            if known:
                ids.append(known.id)
                continue
            ids.append(first_id + len(new))
            name = key.name or key.vm_id or key.vm_uuid
            place = (key.vm_id, key.vm_uuid, name, key.datacenter)
            new.append((ids[-1], draft.vcenter_id, *place, draft.import_id, draft.import_id))
        columns = (
            "id",
            "vcenter_id",
            "vm_id",
            "vm_uuid",
            "name",
            "datacenter",
            "first_import_id",
            "last_import_id",
        )
        self._insert(models.machines, "identities", columns, iter(new))
        return ids

    def _store_other_sheet(self, sheet: str) -> None:
        columns = (*_STATE, "sheet", *self._workbook.tabs[sheet].keys, "attributes")
        first = (*self._draft.state, sheet[:NAME_LENGTH])
        self._insert(
            models.other_rows, sheet, columns, ((*first, *row) for row in self._workbook.rows(sheet))
        )

    def _store_vcenter_tab(self, tab: str) -> None:
        keys, rows, state = self._workbook.tabs[tab].keys, self._workbook.rows(tab), self._draft.state
        if tab in WORKED_OUT:
            keys, rows = _with_column(keys, rows, *WORKED_OUT[tab])
        self._insert(TAB_TABLES[tab], tab, (*_STATE, *keys, "attributes"), ((*state, *row) for row in rows))

    def _machine_keys(self) -> tuple[str, ...]:
        vinfo = self._workbook.tabs.get("vInfo")
        own = (key for key in (vinfo.keys if vinfo else ()) if key != "folder")
        merged = (key for tab in MERGED_TABS for key in own_keys(self._workbook, tab))
        derived = (field.key for field in DERIVED)
        return ("id", "machine_id", *_STATE, *own, *merged, *derived, "folder", "attributes")

    def _machines(self, ids: list[int], first_row: int, off_since: dict[int, datetime]) -> Iterator[Row]:
        found, workbook, state = self._survey, self._workbook, self._draft.state
        folder = workbook.position("vInfo", "folder")
        merged = [
            (merged_rows(workbook, found, tab, keys), (None,) * len(keys))
            for tab in MERGED_TABS
            if (keys := own_keys(workbook, tab))
        ]
        words_of, exact_of = _lines_of(workbook, SEARCHED_KEYS), _lines_of(workbook, SEARCHED_EXACTLY)
        derive = _Derived(workbook, found, self._draft.exported_at, off_since)
        for number, row in enumerate(workbook.rows("vInfo")):
            own = row[:-1] if folder is None else (*row[:folder], *row[folder + 1 : -1])
            others = [value for rows, absent in merged for value in next(rows) or absent]
            facts = derive.values(number, ids[number], row)
            last = found.folders[number], found.attributes[number]
            words = words_of(row, found.adapter_words.get(number, ()))
            self._texts.append((words, exact_of(row, found.adapter_ids.get(number, ()))))
            yield (first_row + number, ids[number], *state, *own, *others, *facts, *last)

    def _search_texts(self, first_row: int) -> Iterator[Row]:
        for row_id, (words, ids) in enumerate(self._texts, first_row):
            yield row_id, self._draft.import_id, words.casefold(), f"{words}\n{ids}"

    def _store_machine_tab(self, tab: str, first_row: int) -> None:
        table = TAB_TABLES[tab]
        keys = tuple(key for key in self._workbook.tabs[tab].keys if key in table.c and key != "template")
        extra = ("datastore",) if tab == "vDisk" else ()
        columns = (*_STATE, "virtual_machine_id", *keys, "template", *extra)
        self._insert(table, tab, columns, self._machine_tab_rows(tab, keys, first_row))

    def _machine_tab_rows(self, tab: str, keys: tuple[str, ...], first_row: int) -> Iterator[Row]:
        """A thing is of a template if its machine is one; only an orphan goes by its own row."""
        workbook = self._workbook
        positions = [at for key in keys if (at := workbook.position(tab, key)) is not None]
        template = workbook.position(tab, "template")
        templates = self._survey.templates
        paths = disk_paths(workbook, tab) if tab == "vDisk" else None
        for number, row in zip(self._survey.machine_of[tab], workbook.rows(tab), strict=True):
            machine = None if number == ORPHAN else first_row + number
            own = None if template is None else row[template]
            of_template = own if machine is None or templates[number] is None else templates[number]
            values = [row[at] for at in positions]
            datastore = () if paths is None else (datastore_of(row, paths),)
            yield (*self._draft.state, machine, *values, of_template, *datastore)


class _Derived:
    """Works out the columns of `data.fields.DERIVED`, in that order."""

    def __init__(
        self, workbook: Workbook, survey: Survey, exported_at: datetime, off_since: dict[int, datetime]
    ) -> None:
        self._survey = survey
        self._exported_at = exported_at
        self._off_since = off_since
        self._surroundings = Surroundings(workbook)
        self._has_snapshots = "vSnapshot" in workbook.tabs
        self._power = workbook.position("vInfo", "power_state")
        self._backup = workbook.position("vInfo", "last_backup_at")

    def values(self, number: int, machine_id: int, row: Row) -> Row:
        survey, now = self._survey, self._exported_at
        snapshots = survey.snapshots.get(number)
        count: int | None = None
        size: float | None = None
        if self._has_snapshots:
            count = snapshots.count if snapshots else 0
            size = snapshots.size_mib if snapshots else 0.0
        is_off = self._power is not None and row[self._power] == PowerState.OFF
        off_since = self._off_since.get(machine_id, now) if is_off else None
        return (
            count,
            size,
            age_days(snapshots.oldest if snapshots else None, now),
            age_days(None if self._backup is None else row[self._backup], now),
            off_since,
            age_days(off_since, now),
            self._surroundings.host_in_maintenance(survey.keys[number]),
            self._surroundings.datastore_free_pct(survey.keys[number], survey.datastores.get(number, ())),
        )


def _lines_of(workbook: Workbook, keys: tuple[str, ...]) -> Callable[[Row, Iterable[str]], str]:
    """Puts together what a row of vInfo holds under these keys, and more values; each once, in a line of its own."""
    positions = [at for key in keys if (at := workbook.position("vInfo", key)) is not None]
    return lambda row, more: "\n".join(dict.fromkeys([*(row[at] for at in positions if row[at]), *more]))


def _with_column(
    keys: tuple[str, ...], rows: Iterator[Row], column: str, work_out: Callable[[dict[str, Any]], Any]
) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Keys and rows with a column that is worked out, in front, in place of the one that was written."""
    own = [at for at, key in enumerate(keys) if key != column]
    more = ((work_out(dict(zip(keys, row, strict=False))), *(row[at] for at in own), row[-1]) for row in rows)
    return (column, *(keys[at] for at in own)), more


def _next_id(session: Session, table: Table) -> int:
    """Only imports add rows here, one import at a time: ids can be given out before the rows are written."""
    return (session.scalar(select(func.max(table.c.id))) or 0) + 1
