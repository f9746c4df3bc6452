"""Conditions on columns: what is typed, and the machines that it finds, counted another way."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data.amounts import read_amount, shown_as
from data.conditions import (
    EXPECTED,
    MAX_CONDITIONS,
    MAX_NUMBERS,
    Operator,
    kind_of,
    one_of,
    parse_condition,
    parse_conditions,
)
from data.database import DatabaseManager
from data.errors import InvalidInputError
from data.fields import MACHINE_FIELDS
from data.models import disks, network_adapters
from data.queries.choices import list_choices
from data.queries.counts import count_machines, total_resources
from data.queries.machines import find_machines, total_machines
from data.queries.overview import get_overview
from data.queries.quality import get_data_quality
from data.results import AttentionLimits
from data.scope import MAX_CONDITION, Scope, joined_condition
from data.vocabulary import AttentionRule, Kind, PowerState
from layouts.shared import formats
from tests.factories import EXPORTED_AT, Machine, add, add_estate, add_machine, add_state, add_vcenter

LIMITS = AttentionLimits()
KEYS = [field.key for field in MACHINE_FIELDS]
KEY_OF_KIND = {
    Kind.NAME: "dns_name",
    Kind.TEXT: "annotation",
    Kind.INTEGER: "cpus",
    Kind.MIB: "memory_mib",
    Kind.KIB: "video_ram_kib",
    Kind.MHZ: "cpu_usage_mhz",
    Kind.PCT: "cpu_readiness_pct",
    Kind.DAYS: "off_days",
    Kind.BOOLEAN: "efi_secure_boot",
    Kind.DATETIME: "created_at",
}
"""A column of each kind that machines have."""
ATTRIBUTE = "attr:Cost: centre"
with_a_session = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def where(*conditions: tuple[str, str]) -> Scope:
    """The scope of a link that holds these conditions."""
    scope = Scope(where=tuple(joined_condition(key, text) for key, text in conditions))
    return Scope.from_query_string(scope.query())


def names(session: Session, scope: Scope) -> list[str]:
    """The machines of a scope, as the grid finds them and the totals count them."""
    frame = find_machines(session, scope, limits=LIMITS, columns=["name"], stop=1000)
    assert total_machines(session, scope, limits=LIMITS).machines == len(frame)
    return sorted(frame["name"])


def add_values(session: Session, key: str, values: Iterable[Any]) -> None:
    """One machine per value, named by its place."""
    if key.startswith("attr:"):
        rows = [{"attributes": {} if value is None else {key[5:]: value}} for value in values]
    else:
        rows = [{key: value} for value in values]
    add_estate(session, *({"name": f"{place:03}"} | row for place, row in enumerate(rows)))


def found(session: Session, key: str, text: str) -> set[int]:
    """The places of the values that a condition finds."""
    return {int(name) for name in names(session, where((key, text)))}


def places(values: Iterable[Any], holds: Callable[[Any], bool]) -> set[int]:
    return {place for place, value in enumerate(values) if holds(value)}


# Every form, on every kind of column
TEXTS = [
    None,
    "web",
    "WEB-01",
    "a web",
    "db",
    "b, c",
    "Straße",
    "50%_/",
    "50%-/",
    'a"b',
    "*",
    "(none)",
    "!x",
    "= 5",
    "/x/",
]
NUMBERS = [None, -1, 0, 2, 4, 8, 1024, 2048]
MEMORY = [None, 0.5, 512, 8 * 1024, 8.04 * 1024, 8.06 * 1024, 8.25 * 1024, 16 * 1024, 1.5 * 1024**2]
TIMES = [
    None,
    datetime(2025, 12, 31, 23, 59, 59, 999999),
    datetime(2026, 1, 1),
    datetime(2026, 1, 31, 14, 5, 59),
    datetime(2026, 2, 1),
    EXPORTED_AT - timedelta(days=91),
    EXPORTED_AT - timedelta(days=90, seconds=1),
    EXPORTED_AT - timedelta(days=90),
    EXPORTED_AT - timedelta(days=89, hours=23),
    EXPORTED_AT,
]
DAYS = [None, 0.0, 0.9, 7.0, 7.9, 8.0, 14.2, 90.5]
FORMS: dict[str, tuple[list[Any], dict[str, list[Any]]]] = {
    "text": (
        TEXTS,
        {
            "web": ["web", "WEB-01", "a web"],
            "  Web  ": ["web", "WEB-01", "a web"],
            '" web"': ["a web"],
            "STRASSE": ["Straße"],
            "%_": ["50%_/"],
            "_": ["50%_/"],
            "/": ["50%_/", "50%-/", "/x/"],
            "//": [],
            '"/x/"': ["/x/"],
            '"!x"': ["!x"],
            '"= 5"': ["= 5"],
            '"a""b"': ['a"b'],
            'a"b': ['a"b'],
            '"*"': ["*"],
            '"(none)"': ["(none)"],
            "b, c": ["b, c"],
            "web*": ["web", "WEB-01"],
            "*web": ["web", "a web"],
            "w*1": ["WEB-01"],
            "*": [value for value in TEXTS if value],
            "*%*": ["50%_/", "50%-/"],
            "50%_*": ["50%_/"],
            "strasse*": ["Straße"],
            "= web": ["web"],
            "=web": ["web"],
            "= WEB": [],
            '= web, "b, c", (none)': [None, "web", "b, c"],
            '= "(none)"': ["(none)"],
            "= (None), db": [None, "db"],
            '= "a""b", "= 5"': ['a"b', "= 5"],
            "= web, db,": ["web", "db"],
            "/^web/": ["web", "WEB-01"],
            "/(?-i)^web/": ["web"],
            r"/\d$/": ["WEB-01", "= 5"],
            "(none)": [None],
            "(None)": [None],
            "(any)": [value for value in TEXTS if value],
        },
    ),
    "cpus": (
        NUMBERS,
        {
            "8": [8],
            "= 8": [8],
            "= 2, 4, (none)": [None, 2, 4],
            "2, 4": [2, 4],
            "2,4": [2, 4],
            "2;4": [2, 4],
            "= 1,024": [1024],
            "1 024": [1024],
            "2,048, 4": [4, 2048],
            "-1": [-1],
            "−1": [-1],
            "> 4": [8, 1024, 2048],
            ">4": [8, 1024, 2048],
            ">= 4": [4, 8, 1024, 2048],
            "≥ 4": [4, 8, 1024, 2048],
            "< 2": [-1, 0],
            "<= 2": [-1, 0, 2],
            "≤2": [-1, 0, 2],
            "≠ 2": [value for value in NUMBERS if value != 2],
            "2..8": [2, 4, 8],
            "2 to 8": [2, 4, 8],
            "2 … 8": [2, 4, 8],
            "= 2..8": [2, 4, 8],
            "8..": [8, 1024, 2048],
            "..2": [-1, 0, 2],
            "-1..0": [-1, 0],
            "> 99999999999999999999": [],
            "< 99999999999999999999": [value for value in NUMBERS if value is not None],
            "(none)": [None],
            "(any)": [value for value in NUMBERS if value is not None],
        },
    ),
    "memory_mib": (
        MEMORY,
        {
            "8": [8192, 8.04 * 1024],
            "8.0 GiB": [8192, 8.04 * 1024],
            "8.1": [8.06 * 1024],
            "8.2": [8.25 * 1024],
            "8.3": [],
            "8,25": [8.25 * 1024],
            "8.00": [8192],
            "= 8 gb": [8192, 8.04 * 1024],
            "8192 MB": [8192],
            "8,192 m": [8192],
            "8.192,0 MiB": [8192],
            "512 KiB": [0.5],
            "0.5 k": [],
            "= 512 MiB, 16 GiB, (none)": [None, 512, 16384],
            "= 512 MiB, 8192, 16 G": [512, 16384],
            "= 512, 8192 MiB": [512, 8192],
            "1.5 TiB": [1.5 * 1024**2],
            "1,5 T": [1.5 * 1024**2],
            ">= 16": [16384, 1.5 * 1024**2],
            "> 16 GiB": [1.5 * 1024**2],
            "> 8": [8.04 * 1024, 8.06 * 1024, 8.25 * 1024, 16384, 1.5 * 1024**2],
            "< 512 MiB": [0.5],
            "<= 512 MiB": [0.5, 512],
            "512..8192 MiB": [512, 8192],
            "512 MiB..8192": [512, 8192],
            "512 MiB..8 GiB": [512, 8192],
            "!= 8": [value for value in MEMORY if value not in {8192, 8.04 * 1024}],
            "1 PiB": [],
            "(none)": [None],
        },
    ),
    "video_ram_kib": (
        [None, 4, 4096, 1024**2],
        {"4 MiB": [4096], "4 KiB": [4], "1": [1024**2], "< 1": [4, 4096], "> 4 k": [4096, 1024**2]},
    ),
    "cpu_usage_mhz": (
        [None, 0, 2400, 2400.04, 3000],
        {
            "2,400": [2400, 2400.04],
            "2.4 GHz": [2400, 2400.04],
            "2..3 ghz": [2400, 2400.04, 3000],
            "0 MHz": [0],
        },
    ),
    "cpu_readiness_pct": (
        [None, 0, 0.04, 9.96, 10, 99.97, 100],
        {
            "0": [0],
            "0.0 %": [0],
            "10 %": [9.96, 10],
            "100": [100],
            "< 10%": [0, 0.04, 9.96],
            "(none)": [None],
        },
    ),
    "off_days": (
        DAYS,
        {
            "7": [7.0, 7.9],
            "7 days": [7.0, 7.9],
            "1 week": [7.0, 7.9],
            "0": [0.0, 0.9],
            "7.9": [7.9],
            "> 7": [7.9, 8.0, 14.2, 90.5],
            "7..14 d": [7.0, 7.9, 8.0],
            ">= 2 weeks": [14.2, 90.5],
        },
    ),
    "efi_secure_boot": (
        [None, True, False],
        {
            "yes": [True],
            "YES": [True],
            "true": [True],
            "no": [False],
            "= no": [False],
            "(none)": [None],
            "unknown": [None],
            "yes, (none)": [None, True],
            "yes, no": [True, False],
            "!= yes": [None, False],
            "(any)": [True, False],
        },
    ),
    "created_at": (
        TIMES,
        {
            "2025": TIMES[1:2],
            "2026": TIMES[2:],
            "2026-01": TIMES[2:4],
            "2026-1": TIMES[2:4],
            "2026-01-31": TIMES[3:4],
            "2026-01-31 14:05": TIMES[3:4],
            "2026-01-31 14:04": [],
            "= 2025, 2026-02-01, (none)": [None, TIMES[1], TIMES[4]],
            "< 2026": TIMES[1:2],
            "<= 2026-01": TIMES[1:4],
            "> 2026-01": TIMES[4:],
            ">= 2026-01-31": TIMES[3:],
            "2025..2026-01": TIMES[1:4],
            "2026-01-01 to 2026-01-31": TIMES[2:4],
            "..2026-01-01": TIMES[1:3],
            "2026-02..": TIMES[4:],
            "newer than 90 days": TIMES[8:],
            "Older than 90 days": TIMES[1:7],
            "90 days ago..": TIMES[7:],
            "..90 days ago": TIMES[1:8],
            "90 days ago": TIMES[6:8],
            "0 days ago": TIMES[9:],
            "13 weeks ago..90 days ago": TIMES[5:8],
            "(none)": [None],
        },
    ),
}
_TEXT_KEYS = (KEY_OF_KIND[Kind.NAME], KEY_OF_KIND[Kind.TEXT], ATTRIBUTE)
CASES = {key: forms for name, forms in FORMS.items() for key in (_TEXT_KEYS if name == "text" else (name,))}


@pytest.mark.parametrize("key", CASES)
def test_each_form_finds_its_values_and_its_negation_all_others(session: Session, key: str) -> None:
    values, forms = CASES[key]
    add_values(session, key, values)
    expected = {text: places(values, expected.__contains__) for text, expected in forms.items()}
    assert {text: found(session, key, text) for text in forms} == expected
    opposite = {text: text.strip()[1:] if text[0] in "!≠" else f"!{text}" for text in forms}
    others = {text: set(range(len(values))) - finds for text, finds in expected.items()}
    assert {text: found(session, key, opposite[text]) for text in forms} == others


# Random values and conditions against plain Python
_WORDS = st.text(st.sampled_from('aA bBßẞſsSéÉiİı%_/\\"*\n'), min_size=1, max_size=4).filter(str.strip)


@with_a_session
@given(values=st.lists(st.none() | _WORDS, max_size=6), word=_WORDS, is_attribute=st.booleans())
def test_text_is_compared_ignoring_the_case_of_every_script(
    manager: DatabaseManager, values: list[str | None], word: str, is_attribute: bool
) -> None:
    key = ATTRIBUTE if is_attribute else "annotation"
    quoted = '"{}"'.format(word.replace('"', '""'))
    with manager.get_session() as session:
        add_values(session, key, values)
        assert found(session, key, quoted) == places(
            values, lambda value: value is not None and word.casefold() in value.casefold()
        )
        pattern = ".*".join(re.escape(part) for part in word.strip().casefold().split("*"))
        if "*" in word and not word.strip().startswith(("!", '"', "/", "=")):
            assert found(session, key, word) == places(
                values,
                lambda value: bool(re.fullmatch(pattern, (value or "").casefold(), re.DOTALL)) and value,
            )


@with_a_session
@given(
    values=st.lists(st.none() | _WORDS, max_size=6),
    chosen=st.lists(st.none() | _WORDS, min_size=1, max_size=3),
)
def test_a_written_list_finds_exactly_its_values(
    manager: DatabaseManager, values: list[str | None], chosen: list[str | None]
) -> None:
    with manager.get_session() as session:
        add_values(session, "annotation", values)
        assert found(session, "annotation", one_of(chosen)) == places(values, lambda value: value in chosen)
        assert found(session, "annotation", f"!{one_of(chosen)}") == places(
            values, lambda value: value not in chosen
        )


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}
_NUMBERED = ["cpus", "memory_mib", "video_ram_kib", "cpu_usage_mhz", "cpu_readiness_pct", "off_days"]
_UNIT = {"memory_mib": " MiB", "video_ram_kib": " KiB"}


@with_a_session
@given(
    key=st.sampled_from(_NUMBERED),
    values=st.lists(st.none() | st.integers(-3, 3), max_size=6),
    sign=st.sampled_from(list(_COMPARISONS)),
    limits=st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(sorted),
)
def test_numbers_are_compared_as_numbers(
    manager: DatabaseManager, key: str, values: list[int | None], sign: str, limits: list[int]
) -> None:
    low, high = limits
    unit = _UNIT.get(key, "")
    with manager.get_session() as session:
        add_values(session, key, values)
        assert found(session, key, f"{sign} {low}{unit}") == places(
            values, lambda value: value is not None and _COMPARISONS[sign](value, low)
        )
        assert found(session, key, f"{low}..{high}{unit}") == places(
            values, lambda value: value is not None and low <= value <= high
        )


@with_a_session
@given(
    key=st.sampled_from(_NUMBERED),
    sixteenths=st.lists(st.integers(0, 10**6) | st.integers(10**6, 10**12), min_size=1, max_size=8),
)
def test_what_is_typed_as_it_is_shown_finds_all_that_is_shown_so(
    manager: DatabaseManager, key: str, sixteenths: list[int]
) -> None:
    values = [number if key == "cpus" else number / 16 for number in sixteenths]
    if key == "cpu_readiness_pct":
        values = [value % 100 for value in values]
    shown = [formats.value(key, value) for value in values]
    with manager.get_session() as session:
        add_values(session, key, values)
        for text in {text for text in shown if text[0].isdigit()}:
            same = {place for place, other in enumerate(shown) if other == text}
            assert found(session, key, text) >= same
            if key not in _UNIT:  # a size is found by a rounder one in a larger unit, too
                assert found(session, key, text) == same


@pytest.mark.parametrize(("kind", "key"), [item for item in KEY_OF_KIND.items() if item[1] in _NUMBERED])
@given(value=st.floats(0, 1e12) | st.sampled_from([0, 0.05, 99.97, 1023.96, 1048575.9]))
def test_a_number_is_written_so_that_it_is_found_again(kind: Kind, key: str, value: float) -> None:
    value = int(value) if kind is Kind.INTEGER else value
    assert parse_condition(key, shown_as(value, kind)).values == (read_amount(kind, shown_as(value, kind)),)


@with_a_session
@given(
    times=st.lists(st.none() | st.datetimes(datetime(2023, 12, 30), datetime(2024, 3, 2)), max_size=6),
    day=st.dates(date(2023, 12, 30), date(2024, 3, 2)),
    sign=st.sampled_from(list(_COMPARISONS)),
    length=st.sampled_from([4, 7, 10]),
)
def test_times_are_compared_with_whole_days_months_and_years(
    manager: DatabaseManager, times: list[datetime | None], day: date, sign: str, length: int
) -> None:
    text = day.isoformat()[:length]
    first = {4: date(day.year, 1, 1), 7: day.replace(day=1), 10: day}[length]
    last = {4: date(day.year, 12, 31), 7: day.replace(day=monthrange(day.year, day.month)[1]), 10: day}[
        length
    ]
    limit = first if sign in {"<", ">="} else last
    with manager.get_session() as session:
        add_values(session, "created_at", times)
        assert found(session, "created_at", text) == places(
            times, lambda time: time is not None and time.isoformat().startswith(text)
        )
        assert found(session, "created_at", f"{sign} {text}") == places(
            times,
            lambda time: time is not None and _COMPARISONS[sign](time.date(), limit),  # type: ignore[arg-type]
        )


# What else a scope means by them
def test_days_ago_count_from_the_export_of_each_state(session: Session) -> None:
    north, south = add_vcenter(session, "vc-north"), add_vcenter(session, "vc-south")
    early, late = EXPORTED_AT - timedelta(days=30), EXPORTED_AT
    states = {"old north": add_state(session, north, early), "north": add_state(session, north, late)}
    states["south"] = add_state(session, south, early)
    for name, state in states.items():
        add_machine(session, state, name, created_at=late - timedelta(days=35))
    scope = where(("created_at", "newer than 10 days"))
    assert names(session, scope) == ["south"]
    assert names(session, scope.with_(as_of=early.date())) == ["old north", "south"]


def test_all_conditions_hold_also_two_of_one_column(session: Session) -> None:
    add_estate(
        session, {"cpus": 2, "host": "a"}, {"cpus": 4, "host": "a"}, {"cpus": 4, "host": "b"}, {"cpus": 8}
    )
    assert names(session, where(("cpus", "> 2"), ("cpus", "< 8"))) == ["vm-2", "vm-3"]
    assert names(session, where(("cpus", "4"), ("host", "= a"))) == ["vm-2"]
    assert names(session, where(("cpus", "4")).with_(hosts=("b",))) == ["vm-3"]


def test_power_states_go_by_the_names_of_the_pages_too(session: Session) -> None:
    states = [*PowerState, None, "strange"]
    add_estate(session, *({"power_state": state} for state in states))
    assert names(session, where(("power_state", "= on"))) == ["vm-1"]
    assert names(session, where(("power_state", "= Off, Suspended"))) == ["vm-2", "vm-3"]
    assert names(session, where(("power_state", "= poweredOff"))) == ["vm-2"]
    assert names(session, where(("power_state", "(none)"))) == ["vm-4", "vm-5"]
    assert names(session, where(("power_state", "(any)"))) == ["vm-1", "vm-2", "vm-3"]
    assert names(session, where(("power_state", "strange"))) == ["vm-5"]


@pytest.mark.parametrize("name", ["Owner", "Größe: a/b", 'a "quoted" one', "$.x[0]", "a:b", "'; DROP", " x "])
def test_an_attribute_of_any_name_has_conditions(session: Session, name: str) -> None:
    add_estate(
        session, {"attributes": {name: "me"}}, {"attributes": {"other": "me"}}, {}, {"attributes": None}
    )
    assert names(session, where((f"attr:{name}", "ME"))) == ["vm-1"]
    assert names(session, where((f"attr:{name}", "!me"))) == ["vm-2", "vm-3", "vm-4"]
    assert names(session, where((f"attr:{name}", "(none)"))) == ["vm-2", "vm-3", "vm-4"]


def test_every_column_has_the_conditions_of_its_kind(session: Session) -> None:
    add_estate(session, {})
    filled = {"name", "vm_id", "power_state", "template", "cpus"}
    for key in (*KEYS, ATTRIBUTE):
        with_value, without = (names(session, where((key, text))) for text in ("(any)", "(none)"))
        assert (key, len(with_value), len(without)) == (key, key in filled, key not in filled)
        for example in re.findall("“(.+?)”", EXPECTED[kind_of(key)]):
            names(session, where((key, example)))


# Datastores and networks
def test_a_datastore_is_where_a_disk_or_the_configuration_lies(session: Session) -> None:
    state = add_estate(session)
    made: dict[str, Machine] = {
        name: add_machine(session, state, name, path=path)
        for name, path in (
            ("disk", None),
            ("path", "[ds1] vm/vm.vmx"),
            ("both", "[ds1] vm/vm.vmx"),
            ("longer", "[ds10] vm/vm.vmx"),
            ("other case", "[DS1] vm/vm.vmx"),
            ("no name", "/vmfs/volumes/ds1/vm.vmx"),
            ("no name either", "[] vm/vm.vmx"),
            ("nothing", None),
        )
    }
    for name, datastore in (
        ("disk", "ds1"),
        ("disk", "ds2"),
        ("both", "ds1"),
        ("both", "ds1"),
        ("nothing", None),
    ):
        add(session, disks, state, made[name], datastore=datastore)
    add(session, disks, state, datastore="ds1")
    assert names(session, Scope(datastores=("ds1",))) == ["both", "disk", "path"]
    assert names(session, Scope(datastores=("ds2", "ds10"))) == ["disk", "longer"]
    assert names(session, Scope(datastores=("",))) == ["no name", "no name either", "nothing"]
    assert names(session, Scope(datastores=("", "DS1"))) == [
        "no name",
        "no name either",
        "nothing",
        "other case",
    ]
    assert names(session, Scope(datastores=("ds",))) == []


def test_a_network_is_that_of_an_adapter_or_one_of_the_eight_of_vinfo(session: Session) -> None:
    state = add_estate(session)
    adapter = add_machine(session, state, "adapter")
    both = add_machine(session, state, "both", network_1="a", network_8="b")
    add_machine(session, state, "vInfo", network_8="b")
    add_machine(session, state, "nothing")
    for machine, network in ((adapter, "a"), (adapter, "c"), (both, "a"), (both, None)):
        add(session, network_adapters, state, machine, network=network)
    assert names(session, Scope(networks=("a",))) == ["adapter", "both"]
    assert names(session, Scope(networks=("b",))) == ["both", "vInfo"]
    assert names(session, Scope(networks=("c", ""))) == ["adapter", "nothing"]
    assert names(session, Scope(networks=("a",), datastores=("x",))) == []


# What cannot be used
UNUSABLE = {
    "annotation": ["!", "=", '= "a', '= "a" b', "= ,", "= a,,b", '""', "/(/", "/a(?=b)/", f"/{'a' * 1001}/"],
    "cpus": [
        "x",
        ">",
        "> x",
        "2.5",
        "8..2",
        "..",
        "1..2..3",
        "> 2, 4",
        "1e5",
        "> (none)",
        "4 GiB",
        "9" * 21,
        "٤",
    ],
    "memory_mib": ["8 x", "1,2,3.4.5", "16 days", "2 GiB..1 GiB", "--1", "1 2", "GiB"],
    "efi_secure_boot": ["maybe", "> yes", "yes no", ","],
    "created_at": [
        "2026-13",
        "2026-02-30",
        "9999",
        "31.1.2026",
        "90 days",
        "> 90 days ago",
        "older than 90",
        "90 moons ago",
        "2026..2025",
    ],
    "powered_on_at": ["1 day ago..9 days ago", "(none)..2026", "> (none)", "2026-01-31 24:00", "9" * 400],
}


@pytest.mark.parametrize("key", UNUSABLE)
def test_a_condition_that_cannot_be_read_says_what_was_expected(key: str) -> None:
    label = next(field.label for field in MACHINE_FIELDS if field.key == key)
    for text in UNUSABLE[key]:
        with pytest.raises(InvalidInputError) as caught:
            parse_condition(key, text)
        sentence = str(caught.value)
        assert label in sentence
        assert len(sentence) < 400
        assert EXPECTED[kind_of(key)] in sentence or text.startswith("/")


@pytest.mark.parametrize("key", ["nope", "is_current", "attributes", "NAME", "name; DROP", "datastore"])
def test_a_condition_on_what_is_no_column_is_refused(key: str) -> None:
    with pytest.raises(InvalidInputError, match="no column"):
        parse_condition(key, "(none)")


_LANGUAGE = st.text(
    st.sampled_from("0123456789.,-−<>=!~≥≤\"'/*()[] \n\tabGiByesnotdgMm%…\u00a0é"), max_size=30
)
_PIECES = st.lists(
    st.sampled_from(
        [
            ">=",
            "<",
            "..",
            "to",
            "!",
            "=",
            ",",
            "(none)",
            "2026-01",
            "90 days ago",
            "older than 9 d",
            "8",
            "GiB",
            "/",
            '"',
            " ",
        ]
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize("key", [*KEY_OF_KIND.values(), "power_state", ATTRIBUTE])
@settings(max_examples=200, deadline=None)
@given(text=st.text() | _LANGUAGE | _PIECES)
def test_whatever_is_typed_is_a_condition_or_a_sentence(key: str, text: str) -> None:
    try:
        condition = parse_condition(key, text)
    except InvalidInputError:
        return
    assert condition.values
    assert None not in condition.values or condition.operator is Operator.ONE_OF
    assert len(condition.values) == 1 or condition.operator in {Operator.ONE_OF, Operator.BETWEEN}


@with_a_session
@given(key=st.sampled_from([*KEY_OF_KIND.values(), ATTRIBUTE]), text=_LANGUAGE | _PIECES)
def test_whatever_can_be_read_can_be_asked(manager: DatabaseManager, key: str, text: str) -> None:
    with manager.get_session() as session:
        add_estate(session, {})
        scope = Scope(where=(joined_condition(key, text),))
        try:
            parse_conditions(scope)
        except InvalidInputError:
            return
        assert len(names(session, scope)) in {0, 1}


def test_a_condition_that_is_too_long_is_refused_and_never_cut() -> None:
    values = [f"a-name-of-its-own-{number}" for number in range(MAX_CONDITION // 20)]
    short, long = one_of(values[:100]), one_of(values)
    assert len(where(("name", short)).where) == 1
    parse_conditions(where(("name", short)))
    with pytest.raises(InvalidInputError, match="4,000 characters"):
        parse_conditions(where(("name", long)))
    with pytest.raises(InvalidInputError, match="200 values"):
        parse_conditions(where(("name", one_of(map(str, range(201))))))
    with pytest.raises(InvalidInputError, match="20 values"):
        parse_conditions(where(("cpus", "= " + ", ".join(map(str, range(21))))))


def test_as_many_conditions_as_are_allowed_are_answered(session: Session) -> None:
    add_estate(session, {"memory_mib": 4096}, {"memory_mib": None})
    most = "= " + ", ".join(map(str, range(MAX_NUMBERS)))
    conditions = [("memory_mib", most)] * MAX_CONDITIONS
    scope = Scope(
        where=tuple(
            joined_condition(key, f"{text}{' ' * place}") for place, (key, text) in enumerate(conditions)
        )
    )
    assert names(session, scope) == ["vm-1"]
    assert get_overview(session, scope, limits=LIMITS).counts.total == 1
    with pytest.raises(InvalidInputError, match="At most 20 conditions"):
        names(session, scope.with_(where=(*scope.where, "cpus:2")))


@pytest.mark.parametrize(
    "scope",
    [Scope(text="(", is_pattern=True), Scope(where=("cpus:many",)), Scope(where=("cpus:2", "nope:2"))],
    ids=lambda scope: scope.query(),
)
def test_every_question_refuses_a_scope_that_cannot_be_used(session: Session, scope: Scope) -> None:
    add_estate(session, {})
    questions: list[Callable[[], object]] = [
        lambda: find_machines(session, scope, limits=LIMITS, columns=["name"]),
        lambda: total_machines(session, scope, limits=LIMITS),
        lambda: list_choices(session, scope, limits=LIMITS, field="host"),
        lambda: count_machines(session, scope),
        lambda: total_resources(session, scope),
        lambda: get_data_quality(session, scope),
        lambda: get_overview(session, scope, limits=LIMITS),
    ]
    for question in questions:
        with pytest.raises(InvalidInputError):
            question()


@pytest.mark.parametrize(
    "scope",
    [
        Scope(text="(", where=("cpus:2", "attr:Owner:web*")),
        Scope(text="web|db", is_pattern=True, attention=(AttentionRule.NO_IP,)),
    ],
    ids=lambda scope: scope.query(),
)
def test_a_scope_that_can_be_used_is_answered_where_nothing_matches(session: Session, scope: Scope) -> None:
    add_estate(session, {"cpus": 4})
    assert names(session, scope) == []


def test_the_check_of_old_snapshots_is_the_condition_that_says_the_same(session: Session) -> None:
    add_estate(session, {"snapshot_age_days": 7.0}, {"snapshot_age_days": 7.1}, {})
    of_check = names(session, Scope(attention=(AttentionRule.OLD_SNAPSHOT,)))
    assert of_check == names(session, where(("snapshot_age_days", f"> {LIMITS.snapshot_days}"))) == ["vm-2"]
