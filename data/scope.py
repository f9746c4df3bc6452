"""Which part of the estate a question is asked of. Read from the URL and written back to it here alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Self
from urllib.parse import parse_qs, quote, unquote, urlencode

from data.fields import ATTRIBUTE
from data.results import PowerSplit, Share
from data.vocabulary import AttentionRule, PowerState, Templates

NONE = ""
"""The value of a filter that means "without a value", shown as "(none)". In the URL it is an empty value."""
MAX_TEXT = 500
MAX_SEARCH = 2000
"""Characters of the text that is searched; a pattern may have fewer and is refused with a sentence."""
MAX_CONDITION = 4000
"""Characters of one condition; a longer one is refused with a sentence, never cut."""
MAX_VALUES = 200
MAX_EXCLUDED = 2000
"""Characters of one value of `exclude`: up to two names of 255 characters, quoted."""

FILTER_OF = {
    "datacenter": "datacenters",
    "cluster": "clusters",
    "host": "hosts",
    "power_state": "power",
    "os_config": "os",
    "folder": "folders",
    "datastore": "datastores",
    "network": "networks",
}
"""What has a filter of its own, a column of machines or what they are connected to -> the attribute of the scope."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Part of the estate, as of a time. The default is the newest state of every vCenter without templates.

    Each tuple means "one of these"; an empty tuple means "all". The empty string in a tuple stands for
    machines without a value. Filters of different fields are joined by "and".

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
    datastores: tuple[str, ...] = ()
    """Names of datastores on which a machine has a disk or its configuration."""
    networks: tuple[str, ...] = ()
    """Names of networks to which a machine is connected."""
    templates: Templates = Templates.EXCLUDE
    created_from: date | None = None
    created_to: date | None = None
    """Inclusive."""
    attention: tuple[AttentionRule, ...] = ()
    """Unlike the others: every one of these checks applies."""
    text: str = ""
    """Searched in name, DNS name, IP addresses, host and annotation, ignoring case; part of a UUID or MAC address
    is found as well, and a pattern in the names of networks."""
    is_pattern: bool = False
    """Whether the text is an RE2 pattern, see `data.patterns`."""
    where: tuple[str, ...] = ()
    """Conditions on single columns, joined by "and": the key of a column, a colon, and the condition as it is typed,
    see `data.conditions`."""
    exclude: tuple[str, ...] = ()
    """Groups left out (the "other" of a chart), and with them the machines without a value of that field.
    Written as `datacenter:<vCenter id>/<name>`, `cluster:<vCenter id>/<datacenter>/<name>` or `os:<name>`,
    the names URL-quoted; made by the `beyond_…` methods and read by `excluded`."""

    @classmethod
    def from_query(cls, query: Mapping[str, str | list[str]]) -> Self:
        """The scope of a URL's query. Unknown parameters and unusable values are ignored."""
        return cls(
            database=_one(query, "db"),
            vcenters=tuple(one for one in map(as_id, _many(query, "vcenter")) if one is not None),
            as_of=_date(query, "as_of"),
            datacenters=_many(query, "datacenter"),
            clusters=_many(query, "cluster"),
            hosts=_many(query, "host"),
            power=tuple(v for v in _many(query, "power") if v in {NONE, *PowerState}),
            os=_many(query, "os"),
            folders=_many(query, "folder"),
            datastores=_many(query, "datastore"),
            networks=_many(query, "network"),
            templates=_templates(query),
            created_from=_date(query, "created_from"),
            created_to=_date(query, "created_to"),
            attention=tuple(AttentionRule(v) for v in _many(query, "attention") if v in set(AttentionRule)),
            text=next(iter(_many(query, "q", MAX_SEARCH)), "").strip(),
            is_pattern=_one(query, "pattern") == "1",
            where=tuple(v for v in _many(query, "where", 2 * MAX_CONDITION) if is_condition(v)),
            exclude=tuple(v for v in _many(query, "exclude", MAX_EXCLUDED) if _is_exclusion(v)),
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
            pairs += [(name, _written(v)) for v in values]
        return pairs

    def with_(self, **changes: object) -> Self:
        """A copy with some fields replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]  # field types are checked where changes are made

    def of_datacenter(self, row: PowerSplit) -> Self:
        """Exactly the machines of a datacenter's row.

        Example:
            >>> Scope().of_datacenter(PowerSplit("DC1", 3, 1, 0, 0, vcenter_id=2, context="vc-north")).query()
            'vcenter=2&datacenter=DC1'
        """
        scope = self.with_(datacenters=(row.name or NONE,))
        return scope if row.context is None else scope.with_(vcenters=(row.vcenter_id,))

    def of_cluster(self, group: Share) -> Self:
        """Exactly the machines of a cluster.

        Example:
            >>> Scope().of_cluster(Share("C1", 3, context="DC1", vcenter_id=2, datacenter="DC1")).query()
            'vcenter=2&datacenter=DC1&cluster=C1'
            >>> Scope().of_cluster(Share("C2", 3, vcenter_id=2, datacenter="DC1")).query()
            'cluster=C2'
        """
        scope = self.with_(clusters=(group.name or NONE,))
        if group.context is None:
            return scope
        return scope.with_(vcenters=(group.vcenter_id,), datacenters=(group.datacenter or NONE,))

    def of_os(self, group: Share) -> Self:
        """Exactly the machines of an operating system."""
        return self.with_(os=(group.name or NONE,))

    def of_attention(self, rule: AttentionRule) -> Self:
        """The machines that a check finds."""
        return self.with_(attention=tuple(dict.fromkeys((*self.attention, rule))))

    def beyond_datacenters(self, shown: Iterable[PowerSplit]) -> Self:
        """The machines of the datacenters that are not shown: the "other" of the chart."""
        named = (row for row in shown if row.name is not None)
        return self._beyond(_exclusion("datacenter", row.vcenter_id, row.name) for row in named)

    def beyond_clusters(self, shown: Iterable[Share]) -> Self:
        """The machines of the clusters that are not shown.

        Example:
            >>> shown = [Share("a/b", 3, vcenter_id=2, datacenter="DC1"), Share(None, 1)]
            >>> Scope().beyond_clusters(shown).exclude
            ('cluster:2/DC1/a%2Fb',)
        """
        named = (group for group in shown if group.name is not None)
        return self._beyond(_exclusion("cluster", g.vcenter_id, g.datacenter, g.name) for g in named)

    def beyond_os(self, shown: Iterable[Share]) -> Self:
        """The machines of the operating systems that are not shown."""
        return self._beyond(_exclusion("os", g.name) for g in shown if g.name is not None)

    def _beyond(self, values: Iterable[str]) -> Self:
        return self.with_(exclude=tuple(dict.fromkeys((*self.exclude, *values))))

    def excluded(self, field: str) -> list[tuple[str, ...]]:
        """The excluded groups of a field: the parts after the colon; an unknown datacenter is empty text."""
        pairs = (value.partition(":") for value in self.exclude)
        return [_parts(rest) for name, _, rest in pairs if name == field]

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the database, the date and the template switch narrows the estate."""
        return self.with_(database="", as_of=None, templates=Templates.EXCLUDE) != type(self)()


def _written(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "1" if value is True else str(value)


def is_condition(text: str) -> bool:
    """Whether a text names a column and says something of it. Whether there is such a column is asked later.

    Example:
        >>> is_condition("cpus:> 4"), is_condition("attr:Owner:web"), is_condition("cpus:"), is_condition("cpus")
        (True, True, False, False)
    """
    key, condition = split_condition(text)
    return bool(key and condition.strip())


def split_condition(text: str) -> tuple[str, str]:
    """The column and the condition of a value of `where`. The name of an attribute is quoted as in a URL.

    Example:
        >>> split_condition("cpus:> 4"), split_condition("attr:Cost%3A centre:web")
        (('cpus', '> 4'), ('attr:Cost: centre', 'web'))
    """
    is_attribute = text.startswith(ATTRIBUTE)
    key, _, condition = text.removeprefix(ATTRIBUTE).partition(":")
    return (ATTRIBUTE + unquote(key) if is_attribute and key else key), condition


def joined_condition(key: str, condition: str) -> str:
    """A value of `where`.

    Example:
        >>> joined_condition("attr:Cost: centre", "web")
        'attr:Cost%3A centre:web'
    """
    if not key.startswith(ATTRIBUTE):
        return f"{key}:{condition}"
    return f"{ATTRIBUTE}{quote(key.removeprefix(ATTRIBUTE), safe=' ')}:{condition}"


def as_id(value: object) -> int | None:
    """The id that a URL or a store of the browser holds; None for what cannot be one.

    Example:
        >>> [as_id(value) for value in ("7", 7, "seven", "-7", 10**20, None)]
        [7, 7, None, None, None, None]
    """
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


_PARAMETERS = {
    "database": "db",
    "vcenters": "vcenter",
    "datacenters": "datacenter",
    "clusters": "cluster",
    "hosts": "host",
    "folders": "folder",
    "datastores": "datastore",
    "networks": "network",
    "text": "q",
    "is_pattern": "pattern",
}


_EXCLUSION_PARTS = {"datacenter": 2, "cluster": 3, "os": 1}


def _exclusion(field: str, *parts: str | int | None) -> str:
    return f"{field}:" + "/".join(quote(str(NONE if part is None else part), safe=" ") for part in parts)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(unquote(part) for part in text.split("/"))


def _is_exclusion(value: str) -> bool:
    field, _, rest = value.partition(":")
    parts = _parts(rest)
    names_a_group = len(parts) == _EXCLUSION_PARTS.get(field) and parts[-1] != NONE
    return names_a_group and (field == "os" or as_id(parts[0]) is not None)


def _many(query: Mapping[str, str | list[str]], name: str, longest: int = MAX_TEXT) -> tuple[str, ...]:
    value = query.get(name)
    values = [] if value is None else [value] if isinstance(value, str) else value
    return tuple(dict.fromkeys(str(v)[:longest] for v in values[:MAX_VALUES]))


def _templates(query: Mapping[str, str | list[str]]) -> Templates:
    value = _one(query, "templates")
    return Templates(value) if value in set(Templates) else Templates.EXCLUDE


def _one(query: Mapping[str, str | list[str]], name: str) -> str:
    values = _many(query, name)
    return values[0] if values else ""


def _date(query: Mapping[str, str | list[str]], name: str) -> date | None:
    try:
        return date.fromisoformat(_one(query, name))
    except ValueError:
        return None
