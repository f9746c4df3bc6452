"""Which part of the estate a question is asked of. Read from the URL and written back to it here, nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Self
from urllib.parse import parse_qs, urlencode

from data.vocabulary import AttentionRule, PowerState, Templates

NONE = ""
"""The value of a filter that means "without a value", shown as "(none)". In the URL it is an empty value."""
MAX_TEXT = 500
MAX_VALUES = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Part of the estate, as of a time. The default is the newest state of every vCenter without templates.

    Each tuple means "one of these"; an empty tuple means "all". The empty string in a tuple stands for machines
    without a value. Filters of different fields are joined by "and".

    Example:
        >>> Scope.from_query({"datacenter": ["DC1", ""], "power": "poweredOn", "utm": "x"}).query()
        'datacenter=DC1&datacenter=&power=poweredOn'
        >>> Scope().query()
        ''
    """

    database: str = ""
    """Name of a configured database; empty for the default one."""
    vcenters: tuple[int, ...] = ()
    """vcenters.id"""
    as_of: date | None = None
    datacenters: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    """Values of PowerState, as they stand in the data, or empty for unknown."""
    os: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    templates: Templates = Templates.EXCLUDE
    created_from: date | None = None
    created_to: date | None = None
    """Inclusive."""
    attention: tuple[AttentionRule, ...] = ()
    text: str = ""
    """Searched in name, DNS name, IP, host, UUID and annotation, ignoring case."""
    exclude: tuple[str, ...] = ()
    """Values left out, as `field:value` (the "other" of a chart): field is one of datacenter, cluster, os."""

    @classmethod
    def from_query(cls, query: Mapping[str, str | list[str]]) -> Self:
        """The scope of a URL's query. Unknown parameters and unusable values are ignored: a link never fails."""
        return cls(
            database=_one(query, "db"),
            vcenters=tuple(int(v) for v in _many(query, "vcenter") if v.isascii() and v.isdigit() and len(v) < 10),
            as_of=_date(query, "as_of"),
            datacenters=_many(query, "datacenter"),
            clusters=_many(query, "cluster"),
            hosts=_many(query, "host"),
            power=tuple(v for v in _many(query, "power") if v in {NONE, *PowerState}),
            os=_many(query, "os"),
            folders=_many(query, "folder"),
            templates=Templates(v) if (v := _one(query, "templates")) in set(Templates) else Templates.EXCLUDE,
            created_from=_date(query, "created_from"),
            created_to=_date(query, "created_to"),
            attention=tuple(AttentionRule(v) for v in _many(query, "attention") if v in set(AttentionRule)),
            text=_one(query, "q")[:MAX_TEXT].strip(),
            exclude=tuple(v for v in _many(query, "exclude") if v.partition(":")[0] in {"datacenter", "cluster", "os"}),
        )

    @classmethod
    def from_query_string(cls, text: str) -> Self:
        """The scope of a URL's query, with or without the question mark."""
        return cls.from_query(parse_qs(text.removeprefix("?"), keep_blank_values=True))

    def query(self) -> str:
        """The scope as a URL query without the question mark; defaults are left out."""
        return urlencode(self.parameters())

    def parameters(self) -> list[tuple[str, str]]:
        """The scope as (parameter, text) pairs, in a fixed order."""
        pairs: list[tuple[str, str]] = []
        for item in fields(self):
            value = getattr(self, item.name)
            if value == item.default:
                continue
            name = _PARAMETERS.get(item.name, item.name)
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(name, v.isoformat() if isinstance(v, date) else str(v)) for v in values]
        return pairs

    def with_(self, **changes: object) -> Self:
        """A copy with some fields replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]  # field types are checked where changes are made

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the database, the date and the template switch narrows the estate."""
        return self.with_(database="", as_of=None, templates=Templates.EXCLUDE) != type(self)()


_PARAMETERS = {
    "database": "db",
    "vcenters": "vcenter",
    "datacenters": "datacenter",
    "clusters": "cluster",
    "hosts": "host",
    "folders": "folder",
    "text": "q",
}


def _many(query: Mapping[str, str | list[str]], name: str) -> tuple[str, ...]:
    value = query.get(name)
    values = [] if value is None else [value] if isinstance(value, str) else value
    return tuple(dict.fromkeys(str(v)[:MAX_TEXT] for v in values[:MAX_VALUES]))


def _one(query: Mapping[str, str | list[str]], name: str) -> str:
    values = _many(query, name)
    return values[0] if values else ""


def _date(query: Mapping[str, str | list[str]], name: str) -> date | None:
    try:
        return date.fromisoformat(_one(query, name))
    except ValueError:
        return None
