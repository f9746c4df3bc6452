"""Runs the statements of `floor.sql`, and compares their numbers with those of a page."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict, astuple
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import BindParameter, bindparam, text

from data.database import get_engine
from data.results import AttentionLimits, Overview, PowerSplit, Share
from data.vocabulary import AttentionRule

Figures = dict[str, Any]


class Floor:
    """The statements on a connection of their own, set up like the product's."""

    def __init__(self, db_url: str, limits: AttentionLimits) -> None:
        parts = re.split(
            r"^-- name: (.*)$", Path(__file__).with_name("floor.sql").read_text(), flags=re.MULTILINE
        )
        self._statements = dict(zip(parts[1::2], parts[2::2], strict=True))
        self._connection = get_engine(db_url).connect()
        self._limits = asdict(limits)
        self._states: dict[str, object] = {}
        columns, states = self._ask("states", {})
        self._found = {"states": (columns, states)}
        ids, earlier = (columns.index(name) for name in ("import_id", "before_id"))
        self._states = {
            "states": [row[ids] for row in states],
            "earlier": [row[earlier] for row in states if row[earlier]],
        }

    def rows(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        """The answer of one statement."""
        return self._ask(name, values)[1]

    def timed(self, name: str, **values: object) -> float:
        """Seconds that one statement takes."""
        started = time.perf_counter()
        self._ask(name, values)
        return time.perf_counter() - started

    def overview(self) -> tuple[float, Figures]:
        """Seconds that the statements of the Overview take, and their figures."""
        names = [name for name in self._statements if name.startswith("overview ")]
        started = time.perf_counter()
        found = {name.removeprefix("overview "): self._ask(name, {}) for name in names}
        seconds = time.perf_counter() - started
        return seconds, self._figures(found | self._found)

    def _ask(self, name: str, values: dict[str, object]) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names of the columns, and rows."""
        variant = f"{name} on {self._connection.dialect.name}"
        sql = self._statements.get(variant, self._statements[name]).rstrip(";\n")
        known = self._limits | self._states | values
        used = {name: known[name] for name in re.findall(r":(\w+)", sql)}
        lists: list[BindParameter[Any]] = [
            bindparam(name, expanding=True) for name, value in used.items() if isinstance(value, list)
        ]
        result = self._connection.execute(text(sql).bindparams(*lists), used)
        answer = list(result.keys()), [tuple(row) for row in result]
        self._connection.rollback()  # the next one sees what is there then
        return answer

    def _figures(self, tables: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> Figures:
        with closing(sqlite3.connect(":memory:")) as memory:
            for name, (columns, rows) in tables.items():
                memory.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
                marks = ", ".join("?" * len(columns))
                memory.executemany(
                    f"INSERT INTO {name} VALUES ({marks})", [[*map(_plain, row)] for row in rows]
                )
            found = memory.execute(self._statements["figures"], self._limits).fetchall()
        return {figure: json.loads(answer) for figure, answer in found}


def _plain(value: object) -> object:
    """What SQLite can keep."""
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, datetime) else value


def page_figures(overview: Overview) -> Figures:
    """The page's record in the form in which the floor answers."""
    change, places = overview.change, overview.infrastructure
    quality = {field.field: field for field in overview.quality.fields}
    blank = {key: field.total - (field.filled or 0) for key, field in quality.items()}
    found = {attention.rule: attention for attention in overview.attention}
    blanks = {AttentionRule.NO_DNS_NAME: "dns_name", AttentionRule.NO_IP: "primary_ip_address"}
    for rule, key in blanks.items():
        if found[rule].machines != blank[key]:
            raise SystemExit(f"The Overview contradicts itself about {key}.")
    others = overview.other_datacenters
    return {
        "counts": list(astuple(overview.counts)),
        "totals": list(astuple(overview.totals)),
        "change": [
            *(change.machines_now, change.powered_on_now, change.vcpus_now, change.memory_mib_now),
            *(change.in_use_mib_now, change.machines_before, change.powered_on_before, change.vcpus_before),
            *(change.memory_mib_before, change.in_use_mib_before),
        ],
        "datacenters": [[row.name, *_powers(row)] for row in overview.datacenters],
        "other datacenters": _powers(others) if others else [None] * 4,
        "clusters": _shares(overview.clusters.top),
        "other clusters": [overview.clusters.other, overview.clusters.groups],
        "places": [places.datacenters, places.clusters],
        "attention": [found[rule].machines for rule in AttentionRule if rule not in blanks],
        "blank places": [blank["datacenter"], blank["cluster"]],
        "operating systems": _shares(overview.operating_systems.top),
        "other operating systems": [overview.operating_systems.other, overview.operating_systems.groups],
        "blanks": [blank[key] for key in ("dns_name", "primary_ip_address", "folder", "host")],
        "hosts": [
            *(places.hosts, places.host_cores, places.host_memory_mib),
            found[AttentionRule.HOST_MAINTENANCE].things,
        ],
        "datastores": [
            *(places.datastores, places.datastore_capacity_mib, places.datastore_free_mib),
            found[AttentionRule.DATASTORE_SPACE].things,
        ],
    }


def _powers(row: PowerSplit) -> list[int]:
    return [row.on, row.off, row.suspended, row.unknown]


def _shares(shares: tuple[Share, ...]) -> list[list[Any]]:
    return [[share.name, share.machines] for share in shares]


def differences(page: Figures, floor: Figures) -> list[str]:
    """A sentence for each figure that is not the same on both sides."""
    return [
        f"{figure}: the page has {page.get(figure)}, the floor {floor.get(figure)}"
        for figure in sorted({*page, *floor})
        if not _same(page.get(figure), floor.get(figure))
    ]


def _same(one: object, other: object) -> bool:
    """Sums of sizes may differ in the last digits: the order of adding is not the same."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-9)
    return one == other
