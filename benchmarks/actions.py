"""What operators do, as the requests that their browsers send: recorded in Chromium, with other scopes each time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import select

from benchmarks.clients import Request
from benchmarks.pages import BLOCK, IMPORT, MACHINE, OVERVIEW, ROWS, TOTALS
from benchmarks.site import CALLBACKS, Callbacks
from data.database import DatabaseManager
from data.fields import DEFAULT_COLUMNS, VINFO
from data.models import vcenters, virtual_machines
from data.scope import Scope
from data.vocabulary import PowerState, SortDirection
from layouts import data_import, machine, overview, vm_explorer
from layouts.shared.export_box import EXPORT_PATH
from layouts.shared.filters import Filter, FilterIds
from layouts.shared.ids import LOCATION, Shell
from layouts.shared.machine_table import View
from layouts.shared.palette import PATH as FIND

PAGE, FILTER, SEARCH, DETAIL, CSV = "page", "filter or sort", "search", "detail", "CSV of 1,000 rows"
SHARES = {PAGE: 35, FILTER: 30, SEARCH: 20, DETAIL: 12, CSV: 3}
"""Percent of all actions."""
CSV_ROWS = 1000
EXPLORER = "/vm-explorer"
CONDITIONS = ("cpus:>= 8", "memory_mib:>= 16 GiB", "snapshot_age_days:> 7", "name:!test", "annotation:(any)")
_FILES = re.compile(r'<(?:script src|link rel="\w+" href)="(/[^"]+)"')

Stage = Sequence[Request]
"""Requests that a browser sends at once."""


@dataclass(frozen=True)
class Sample:
    """What operators ask for."""

    machines: Sequence[tuple[int, str]]
    """Ids and names of all machines."""
    clusters: Sequence[str]
    datacenters: Sequence[str]
    systems: Sequence[str]


def take_sample(db_url: str) -> Sample:
    """Read what is there."""
    vm = virtual_machines.c
    current = vm.import_id.in_(select(vcenters.c.current_import_id))
    manager = DatabaseManager(db_url)
    with manager.get_session() as session:
        found = session.execute(
            select(vm.machine_id, vm.name).where(current, vm.template.is_not(True)).order_by(vm.id)
        )
        machines = [(row.machine_id, row.name) for row in found]
        names = [
            [name for name in session.scalars(select(column).where(current).distinct()) if name]
            for column in (vm.cluster, vm.datacenter, vm.os_config)
        ]
    manager.clear_cache()
    return Sample(machines, *map(sorted, names))


def files_of(html: bytes) -> list[str]:
    """The scripts and styles that a page names; afterwards they are in the browser's cache."""
    return _FILES.findall(html.decode())


class Operator:
    """Somebody with a browser; what is done next follows from the seed."""

    def __init__(self, callbacks: Callbacks, sample: Sample, files: Sequence[str], seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # not a secret
        self._callbacks = callbacks
        self._sample = sample
        self._files = files
        self._scope = Scope()

    def act(self) -> tuple[str, list[Stage]]:
        """The kind of the next action, and what is sent for it."""
        kind = self.random.choices(list(SHARES), list(SHARES.values()))[0]
        actions = {
            PAGE: self._open_page,
            FILTER: self._narrow,
            SEARCH: self._search,
            DETAIL: self._look_at_machine,
            CSV: self._export,
        }
        return kind, actions[kind]()

    def _open_page(self) -> list[Stage]:
        self._scope = self._filtered() if self.random.random() < 0.5 else Scope()
        page = self.random.choices(("/", EXPLORER, "/data-import"), (45, 45, 10))[0]
        bodies = {"/": self._overview, EXPLORER: self._explorer, "/data-import": self._imports}
        return self._opened(page, bodies[page]())

    def _opened(self, path: str, body: Stage) -> list[Stage]:
        query = self._scope.query()
        search = f"?{query}" if query else ""
        content = {f"{LOCATION}.pathname": path, f"{LOCATION}.search": search}
        stats = {Shell.REFRESH: 0, Shell.DATABASE: "default", Shell.AS_OF: ""}
        frame = [
            self._callback("_pages_content.children", content),
            self._callback(f"{Shell.QUICK_STATS}.children", stats),
        ]
        files, self._files = [Request(file, is_file=True) for file in self._files], ()
        page = [[Request(path + search, "page")], files] if files else [[Request(path + search, "page")]]
        return [*page, [Request("/_dash-layout"), Request("/_dash-dependencies")], frame, body]

    def _overview(self) -> Stage:
        return [self._callback(OVERVIEW, {overview.Ids.SCOPE: self._scope.query(), Shell.REFRESH: 0})]

    def _explorer(self) -> Stage:
        totals = {vm_explorer.Ids.SCOPE: self._scope.query(), Shell.REFRESH: 0}
        return [self._callback(TOTALS, totals), self._rows("name", SortDirection.ASC)]

    def _rows(self, column: str, direction: SortDirection) -> Request:
        sort = {"sort": direction, "type": "default", "colId": column}
        columns = tuple(dict.fromkeys((*DEFAULT_COLUMNS, column)))
        values = {
            vm_explorer.Ids.GRID: {"startRow": 0, "endRow": BLOCK, "sortModel": [sort], "filterModel": {}},
            vm_explorer.Ids.SCOPE: self._scope.query(),
            vm_explorer.Ids.VIEW: View(columns=columns, sort=column, direction=direction).query(),
        }
        return self._callback(ROWS, values)

    def _imports(self) -> Stage:
        ids = data_import.Ids
        values = {ids.SCOPE: self._scope.query(), ids.VIEW: "", Shell.REFRESH: 0}
        others = ("data-import-history-body.children", "data-import-comparison-body.children")
        more = {"data-import-history-whole": [], "data-import-history-view": ""}
        return [self._callback(output, values | more) for output in (IMPORT, *others)]

    def _narrow(self) -> list[Stage]:
        if self.random.random() < 0.45:
            columns = DEFAULT_COLUMNS if self.random.random() < 0.8 else [field.key for field in VINFO]
            return [[self._rows(self.random.choice(columns), self.random.choice(list(SortDirection)))]]
        pages = ((overview.PAGE, self._overview), (vm_explorer.PAGE, self._explorer))
        page, body = self.random.choice(pages)
        before, self._scope = self._scope, self._filtered()
        panels = {"cluster": Filter.CLUSTER, "datacenter": Filter.DATACENTER, "os": Filter.OS}
        name = self._scope.parameters()[0][0]
        opened = [[self._choices(page, panels[name], before)]] if name in panels else []
        return [*opened, body()]

    def _filtered(self) -> Scope:
        """Narrowed by something else than before."""
        choose = self.random.choice
        scopes = (
            Scope(clusters=(choose(self._sample.clusters),)),
            Scope(datacenters=(choose(self._sample.datacenters),)),
            Scope(os=(choose(self._sample.systems),)),
            Scope(power=(choose(list(PowerState)),)),
            Scope(where=(choose(CONDITIONS),)),
            Scope(
                clusters=(choose(self._sample.clusters),), power=(PowerState.ON,), where=(choose(CONDITIONS),)
            ),
        )
        return self.random.choices(scopes, (30, 10, 15, 15, 15, 15))[0]

    def _choices(self, page: str, of: Filter, scope: Scope) -> Request:
        """The values of a chip that is opened, as a callback for any chip asks for them."""
        ids = FilterIds(page)
        request = {"id": ids.request(of), "property": "data"}
        pattern = json.dumps({"filter": ["MATCH"], "type": ids.choices(of)["type"]}, separators=(",", ":"))
        scope_id = {overview.PAGE: overview.Ids.SCOPE, vm_explorer.PAGE: vm_explorer.Ids.SCOPE}[page]
        body = {
            "output": f"{pattern}.children",
            "outputs": {"id": ids.choices(of), "property": "children"},
            "inputs": [request | {"value": {"search": "", "at": 1}}],
            "state": [
                {"id": ids.request(of), "property": "id", "value": ids.request(of)},
                {"id": scope_id, "property": "data", "value": scope.query()},
            ],
            "changedPropIds": [f"{json.dumps(ids.request(of), separators=(',', ':'), sort_keys=True)}.data"],
        }
        return Request(CALLBACKS, f"values of {of}", json.dumps(body).encode())

    def _search(self) -> list[Stage]:
        name = self.random.choice(self._sample.machines)[1]
        text = self.random.choice((name, name[: len(name) // 2], name.split("-")[0]))
        if self.random.random() < 0.5:
            return [[Request(f"{FIND}?q={quote(typed)}")] for typed in ("", text[:1], text)]
        self._scope = Scope(text=text)
        return [self._explorer()]

    def _look_at_machine(self) -> list[Stage]:
        machine_id = self.random.choice(self._sample.machines)[0]
        if self.random.random() < 0.5:
            values = {machine.Ids.MACHINE: str(machine_id), machine.Ids.SCOPE: "", machine.Ids.VIEW: ""}
            self._scope = Scope()
            body = [self._callback(MACHINE, values | {Shell.REFRESH: 0})]
            return self._opened(f"{EXPLORER}/{machine_id}", body)
        ids = vm_explorer.Ids
        shown = {"id": machine_id, "tab": None, "noise": None, "as_of": None}
        seen: dict[str, object] = {
            ids.MACHINE: shown,
            ids.SCOPE: self._scope.query(),
            ids.VIEW: f"machine={machine_id}",
        }
        return [[self._callback(f"{ids.DETAIL_TITLE}.children", seen | {Shell.REFRESH: 0})]]

    def _export(self) -> list[Stage]:
        first = self.random.randrange(len(self._sample.machines) - CSV_ROWS)
        ids = ",".join(str(row[0]) for row in self._sample.machines[first : first + CSV_ROWS])
        form = urlencode({"ids": ids}).encode()
        return [[Request(f"{EXPORT_PATH}.csv", CSV, form, "application/x-www-form-urlencoded", CSV_ROWS + 1)]]

    def _callback(self, output: str, values: Mapping[Any, object]) -> Request:
        return Request(CALLBACKS, output, self._callbacks.body(output, values))
