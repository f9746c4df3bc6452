"""Where databases differ by themselves: the answers are those of plain Python on each of them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.database import DatabaseManager
from data.errors import InvalidInputError
from data.generations import raise_generation
from data.models import datastores, disks, hosts
from data.queries import looking_up
from data.queries import machines as queries
from data.queries.choices import list_choices, list_clusters
from data.queries.counts import total_resources
from data.queries.estate import get_stats
from data.queries.groups import top_clusters
from data.queries.imports import list_vcenters
from data.queries.infrastructure import get_datastores, get_hosts
from data.queries.machine import get_machine
from data.queries.machines import find_machine_ids, find_machines, total_machines
from data.queries.matching import in_brackets
from data.queries.overview import get_overview
from data.queries.palette import find_named_machines
from data.queries.scoping import vm
from data.queries.states import find_exports, find_states
from data.queries.tallies import find_tallies
from data.results import AttentionLimits
from data.scope import Scope, joined_condition
from data.validation import safe_query
from data.vocabulary import SortDirection
from tests.factories import add, add_estate, add_machine, add_state, add_vcenter

LIMITS = AttentionLimits()
ASC, DESC = SortDirection.ASC, SortDirection.DESC
ATTRIBUTE = 'attr:a "quoted" \\ name. Of $[0] *Ä🖥️ '
ALIKE = ["web", "Web", "WEB", "w\u00e9b", "web ", "\uff57\uff45\uff42", "web🖥️", "we\u0301b"]
"""Equal to many a collation."""


def names(session: Session, scope: Scope) -> set[str]:
    frame = find_machines(session, scope, limits=LIMITS, columns=["name"], stop=1000)
    assert total_machines(session, scope, limits=LIMITS).machines == len(frame)
    return set(frame["name"])


def where(key: str, text: str) -> Scope:
    return Scope(where=(joined_condition(key, text),))


def values_of(session: Session, column: str, **options: Any) -> list[Any]:
    return list(
        find_machines(session, Scope(), limits=LIMITS, columns=[column], sort=column, **options)[column]
    )


def of_column(column: str, value: Any) -> dict[str, Any]:
    name = column.removeprefix("attr:")
    if name != column:
        return {"attributes": {} if value is None else {name: value}}
    return {column: value}


def ascii_folded(value: Any) -> Any:
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), value) if isinstance(value, str) else value


# Order
SORTED = {
    "cluster": ["b", "A", None, "a", "B ", "B", "Ä", "ä", "_", "Z", "[", "🖥️", "ｂ", "ß", "İ", "B\t", "10", "9"],
    "cpus": [2, None, 10, 2**53 + 1, 9, 2**31, None, 2**53, 2],
    "in_use_mib": [0.5, None, 1e15, 2.25, None, 0.0, 2.25],
    "created_at": [
        datetime(2026, 1, 1, 0, 0, 0, 2), None, datetime(2026, 1, 1), datetime(1999, 12, 31), datetime(2, 3, 4),
        datetime(2026, 1, 1, 0, 0, 0, 1), datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(2026, 1, 1),
    ],
    "template": [True, False, None, True, False],
}  # fmt: skip
SORTED["annotation"] = SORTED[ATTRIBUTE] = SORTED["cluster"]


@pytest.mark.parametrize("column", SORTED)
def test_null_comes_first_ascending_and_last_descending_and_texts_are_in_order_of_their_characters(
    session: Session, column: str
) -> None:
    values = SORTED[column]
    add_estate(session, *(of_column(column, value) for value in values))
    scope = Scope.from_query({"templates": "include"})
    expected = sorted(
        values, key=lambda value: (value is not None, value is not None and ascii_folded(value))
    )
    for direction, order in ((ASC, expected), (DESC, expected[::-1])):
        frame = find_machines(
            session, scope, limits=LIMITS, columns=[column], sort=column, direction=direction
        )
        assert [ascii_folded(value) for value in frame[column]] == [ascii_folded(value) for value in order]


_NAMES = st.none() | st.text(st.sampled_from("aAbBzZ_[äÄßẞ 🖥️0"), min_size=1, max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(_NAMES, min_size=1, max_size=12),
    column=st.sampled_from(["cluster", "annotation", "attr:Owner"]),
    direction=st.sampled_from(SortDirection),
    size=st.integers(1, 5),
)
def test_blocks_from_both_ends_give_each_machine_once_in_one_order(
    manager: DatabaseManager, values: list[str | None], column: str, direction: SortDirection, size: int
) -> None:
    numbered = list(enumerate(values))
    if direction is DESC and column == "cluster":
        numbered.reverse()  # along an index ties run with the sort
    keys = sorted(
        {(value is not None, ascii_folded(value or "")) for value in values}, reverse=direction is DESC
    )
    places = {key: place for place, key in enumerate(keys)}
    numbered.sort(key=lambda one: places[one[1] is not None, ascii_folded(one[1] or "")])
    with manager.get_session() as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "COUNTED_FROM_ROW", 1)
        add_estate(session, *({"name": f"{n}"} | of_column(column, value) for n, value in enumerate(values)))
        found = []
        for start in range(0, len(values), size):
            block = find_machines(
                session, Scope(), limits=LIMITS, columns=["name"], sort=column, direction=direction,
                start=start, stop=start + size,
            )  # fmt: skip
            found += [int(name) for name in block["name"]]
        ids = find_machine_ids(session, Scope(), limits=LIMITS, sort=column, direction=direction)
    assert found == [place for place, _ in numbered]
    assert len(ids) == len(values)


# Texts that are nearly equal
@pytest.mark.parametrize("column", ["cluster", "folder", "annotation", ATTRIBUTE])
def test_texts_that_differ_in_case_accents_or_blanks_are_different(session: Session, column: str) -> None:
    add_estate(
        session,
        *({"name": value, "vm_id": f"vm-{n}"} | of_column(column, value) for n, value in enumerate(ALIKE)),
    )
    choices = list_choices(session, Scope(), limits=LIMITS, field=column)
    assert [(choice.value, choice.machines) for choice in choices] == [(value, 1) for value in sorted(ALIKE)]
    for value in ALIKE:
        assert names(session, where(column, f'= "{value}"')) == {value}
        assert names(session, where(column, f'!= "{value}"')) == set(ALIKE) - {value}


def test_clusters_of_nearly_equal_names_are_counted_apart(session: Session) -> None:
    add_estate(session, *({"cluster": value} for value in ALIKE))
    assert get_overview(session, Scope(), limits=LIMITS).infrastructure.clusters == len(ALIKE)
    assert set(list_clusters(session, Scope())) == set(ALIKE)
    for value in ALIKE:
        assert total_machines(session, Scope(clusters=(value,)), limits=LIMITS).machines == 1
    tallies = find_tallies(session, Scope(), LIMITS, [state.id for state in find_states(session, Scope())])
    states = {state.id: state for state in find_states(session, Scope())}
    assert {share.name for share in top_clusters(tallies, states).top} == set(sorted(ALIKE)[:8])


_ODD_NAMES = [
    '"',
    "\\",
    '\\"',
    ".",
    "$",
    "[0]",
    "*",
    "-1",
    "-",
    "a b ",
    "Ä",
    "ä",
    "🖥️",
    "\\u0041",
    "A",
    "'",
    "%",
    "_",
    "{}",
]


@pytest.mark.parametrize("name", _ODD_NAMES)
def test_an_attribute_of_any_name_is_found_and_no_other(session: Session, name: str) -> None:
    others = {other: "wrong" for other in _ODD_NAMES if other != name}
    rows = [others | {name: "Right 🖥️ "}, others, {name: "wrong"}, {}]
    add_estate(session, *({"name": f"{n}", "attributes": row} for n, row in enumerate(rows)))
    column = f"attr:{name}"
    assert names(session, where(column, '= "Right 🖥️ "')) == {"0"}
    assert names(session, where(column, "right")) == {"0"}
    assert names(session, where(column, "(none)")) == {"1", "3"}
    assert names(session, where(column, "/^R.*t/")) == {"0"}
    assert values_of(session, column) == [None, None, "Right 🖥️ ", "wrong"]


# What is typed
CASES = {
    "ß": {"straße", "STRASSE"},
    "SS": {"straße", "STRASSE"},
    "ẞ": {"straße", "STRASSE"},
    "σ": {"ΣΊΣΥΦΟΣ", "σίσυφος"},
    "ς": {"ΣΊΣΥΦΟΣ", "σίσυφος"},
    "İ": {"İzmir"},
    "i": {"İzmir"},
    "k": {"\u212aelvin"},
    "%": {"100%_/\\"},
    "_": {"100%_/\\"},
    "/": {"100%_/\\"},
    "\\": {"100%_/\\"},
    "🖥": {"🖥️ a"},
}
_CASE_NAMES = ["straße", "STRASSE", "ΣΊΣΥΦΟΣ", "σίσυφος", "İzmir", "\u212aelvin", "100%_/\\", "🖥️ a", "plain"]


@pytest.mark.parametrize("typed", CASES)
@pytest.mark.parametrize("column", ["annotation", "attr:Owner"])
def test_a_part_is_found_whatever_its_case_and_marks_of_like_are_themselves(
    session: Session, column: str, typed: str
) -> None:
    add_estate(
        session,
        *({"name": name, "vm_id": f"vm-{n}"} | of_column(column, name) for n, name in enumerate(_CASE_NAMES)),
    )
    expected = {name for name in _CASE_NAMES if typed.casefold() in name.casefold()}
    assert CASES[typed] <= expected < set(_CASE_NAMES)
    assert names(session, where(column, f'"{typed}"')) == expected
    assert names(session, where(column, f"*{typed}*")) == expected
    assert names(session, Scope(text=typed)) == expected
    assert {
        one.value for one in list_choices(session, Scope(), limits=LIMITS, field=column, search=typed)
    } == expected
    found = {machine.name for machine in find_named_machines(session, Scope(), text=typed, limit=20)}
    assert found == expected


@pytest.mark.parametrize("typed", ["a*b*c", "*a", "a*", "A*C", "ab*bc", "a**c", "*", "*b*b*"])
def test_stars_stand_for_anything(session: Session, typed: str) -> None:
    values = ["abc", "ABC", "a", "abbc", "c\nab", "a\n\nc", "bab", "bb", "ab*bc", "acb"]
    add_estate(session, *({"name": f"{n}", "annotation": value} for n, value in enumerate(values)))
    pattern = ".*".join(re.escape(part) for part in typed.casefold().split("*"))
    expected = {f"{n}" for n, one in enumerate(values) if re.fullmatch(pattern, one.casefold(), re.DOTALL)}
    assert names(session, where("annotation", typed)) == expected


@pytest.mark.parametrize("typed", ["a\0b", "\0", "\ud800", "\udc80x", "a\udfff"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda session, typed: names(session, Scope(text=typed)),
        lambda session, typed: names(session, Scope(text=typed, is_pattern=True)),
        lambda session, typed: names(session, Scope(clusters=(typed,))),
        lambda session, typed: names(session, where("annotation", f'"{typed}"')),
        lambda session, typed: names(session, where("annotation", f'= "{typed}"')),
        lambda session, typed: names(session, where(f"attr:{typed}", "x")),
        lambda session, typed: list_choices(session, Scope(), limits=LIMITS, field="cluster", search=typed),
        lambda session, typed: find_named_machines(session, Scope(), text=typed),
    ],
)
def test_what_no_database_stores_is_found_nowhere_or_refused_with_a_sentence(
    session: Session, ask: Callable[[Session, str], Any], typed: str
) -> None:
    add_estate(session, {"annotation": "x", "cluster": "y"})
    found: Any = None
    with contextlib.suppress(InvalidInputError):
        found = safe_query(ask, session, typed)
    assert not found


@pytest.mark.parametrize("part", ["4206abcd", "4206ABCD", "00:50:56:AB", "00-50-56-ab", "56:ab:cd"])
def test_a_part_of_an_id_is_found_in_either_case_with_colons_or_dashes(session: Session, part: str) -> None:
    ids = [{"vm_uuid": "4206ABCD-0000-1111"}, {"vm_uuid": "4206abcd-0000-1111"}]
    macs = [{"annotation": "00:50:56:AB:CD:EF"}, {"annotation": "00-50-56-ab-cd-ef"}]
    add_estate(session, *ids, *macs, {"annotation": "0050 56ab"})
    assert names(session, Scope(text=part)) == ({"vm-1", "vm-2"} if part[0] == "4" else {"vm-3", "vm-4"})


# Numbers and times
BIG = [2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**53 + 2, 2**62]


@pytest.mark.parametrize("number", [*BIG, 2**63, 10**18])
@pytest.mark.parametrize("sign", ["=", "<", "<=", ">", ">="])
def test_whole_numbers_of_eight_bytes_are_compared_as_they_are(
    session: Session, number: int, sign: str
) -> None:
    add_estate(session, *({"name": f"{value}", "cpus": value} for value in BIG))
    typed = int(float(number))
    holds = {"=": typed.__eq__, "<": typed.__gt__, "<=": typed.__ge__, ">": typed.__lt__, ">=": typed.__le__}[
        sign
    ]
    assert names(session, where("cpus", f"{sign} {number}")) == {f"{value}" for value in BIG if holds(value)}


def test_sums_have_the_types_of_their_columns(session: Session) -> None:
    state = add_estate(
        session, {"cpus": 2**40, "memory_mib": 0.5}, {"cpus": 2**40, "memory_mib": 1}, size_bytes=2**40
    )
    add(session, hosts, state, name="h", cores=64, memory_mib=1.5)
    add(session, datastores, state, name="d", capacity_mib=1.5, free_mib=0.5)
    exports = find_exports(session, [state.id])
    resources, totals = total_resources(session, Scope()), total_machines(session, Scope(), limits=LIMITS)
    overview, stats = get_overview(session, Scope(), limits=LIMITS), get_stats(session)
    found = get_hosts(session, Scope(), exports), get_datastores(session, Scope(), exports, free_pct=10)
    whole = [
        resources.vcpus,
        totals.vcpus,
        overview.totals.vcpus,
        stats.vcpus,
        found[0].cores,
        list_vcenters(session, Scope())[0].size_bytes,
    ]
    real = [
        resources.memory_mib,
        totals.memory_mib,
        overview.totals.memory_mib,
        stats.memory_mib,
        found[0].memory_mib,
        found[1].free_mib,
    ]
    assert [(type(value), value) for value in whole] == [(int, 2**41)] * 4 + [(int, 64), (int, 2**40)]
    assert [(type(value), value) for value in real] == [(float, 1.5)] * 5 + [(float, 0.5)]


MOMENTS = [
    datetime(971, 5, 6, 7, 8, 9), datetime(1999, 12, 31, 23, 59, 59, 999999), datetime(2000, 1, 1),
    datetime(2026, 8, 22, 9, 30, 15, 123456), datetime(2026, 8, 22, 9, 30, 15, 123455), datetime(9999, 12, 31, 23, 59),
]  # fmt: skip


def test_times_before_the_year_1000_and_microseconds_are_kept_and_compared(session: Session) -> None:
    rows = [{"name": f"{n}", "created_at": moment} for n, moment in enumerate(MOMENTS)]
    add_estate(session, *rows, exported_at=datetime(2026, 11, 20, 9, 30, 15, 123456))
    assert values_of(session, "created_at") == sorted(MOMENTS)
    assert names(session, where("created_at", "< 2000")) == {"0", "1"}
    assert names(session, where("created_at", "0971-05-06")) == {"0"}
    assert names(session, where("created_at", "2000-01-01 00:00")) == {"2"}
    assert names(session, where("created_at", "older than 90 days")) == {"0", "1", "2", "4"}
    assert names(session, where("created_at", "newer than 90 days")) == {"5"}
    assert names(session, where("created_at", "newer than 99999 weeks")) == set("12345")
    assert names(session, Scope(created_from=date(1999, 12, 31), created_to=date(1999, 12, 31))) == {"1"}
    days = {
        choice.value: choice.machines
        for choice in list_choices(session, Scope(), limits=LIMITS, field="created_at")
    }
    assert days == {"0971-05-06": 1, "1999-12-31": 1, "2000-01-01": 1, "2026-08-22": 2, "9999-12-31": 1}


def test_a_link_with_an_id_that_no_column_holds_finds_nothing(session: Session) -> None:
    add_estate(session, {})
    for id_ in (2**31, 2**63, 10**30):
        scope = Scope.from_query({"vcenter": str(id_)})
        assert scope.vcenters == ()
    with pytest.raises(Exception, match=r"No machine has the id|cannot hold"):
        safe_query(get_machine, session, Scope(), machine_id=2**40)


# Places
PATHS = {
    "[ds 1] a/b.vmx": "ds 1",
    "[]": None,
    "[ds": None,
    "ds] a": None,
    "[a]b]": "a",
    "": None,
    "[Ä🖥️ ] x": "Ä🖥️ ",
}


def test_the_datastore_of_a_path_stands_in_its_brackets(session: Session) -> None:
    add_estate(session, *({"path": path} for path in PATHS))
    rows = dict(session.execute(select(vm.path, in_brackets(vm.path))).all())
    assert rows == PATHS


def test_datastores_are_those_that_hold_a_disk_of_the_place(session: Session) -> None:
    state = add_state(session, add_vcenter(session))
    for cluster, store in (("A", "ds1"), ("a", "ds2"), ("A", "DS1 "), ("A", "ds1"), (None, "ds3")):
        machine = add_machine(session, state, f"{cluster}-{store}", cluster=cluster)
        add(session, disks, state, machine, datastore=store)
    for name in ("ds1", "DS1 ", "ds2", "ds3", "ds4"):
        add(session, datastores, state, name=name, capacity_mib=10.0, free_mib=1.0, free_pct=10.0)
    exports = find_exports(session, [state.id])
    assert get_datastores(session, Scope(clusters=("A",)), exports, free_pct=11).datastores == 2
    assert get_datastores(session, Scope(clusters=("a", "")), exports, free_pct=11).short_of_space == 2
    assert get_datastores(session, Scope(), exports, free_pct=0).capacity_mib == 50


# Texts that are looked through before the statement
def test_what_was_looked_up_for_the_rows_of_a_page_is_not_looked_up_for_its_totals(
    manager: DatabaseManager, count_statements: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "MAX_CHARACTERS", 1000)
    scope = Scope(text="^(web|db)-[0-9]$", is_pattern=True)
    _commit(manager, {"name": "web-1"}, {"name": "db-2"}, {"name": "web-x"})
    with manager.get_session() as session:
        engine = session.get_bind()
        assert isinstance(engine, Engine)
        with count_statements(engine) as statements:
            assert names(session, scope) == {"web-1", "db-2"}
    reading = [one for one in statements if "machine_texts.exact_text" in one.partition("FROM")[0]]
    assert len(reading) == (0 if engine.dialect.name == "sqlite" else 1)


def test_what_was_looked_up_is_forgotten_with_the_next_generation_and_when_it_is_too_much(
    manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "MAX_CHARACTERS", 40)
    scopes = [Scope(text="^new", is_pattern=True), where("annotation", "new"), where("annotation", "*new*")]
    _commit(manager, {"name": "old"})
    with manager.get_session() as session:
        assert [names(session, scope) for scope in scopes] == [set(), set(), set()]
    _commit(manager, {"name": "new-1", "annotation": "NEW 1"})
    with manager.get_session() as session:
        assert [names(session, scope) for scope in scopes] == [{"new-1"}] * 3
    assert sum(map(len, looking_up._kept.values())) <= 40


def _commit(manager: DatabaseManager, *machines: dict[str, Any]) -> None:
    with manager.session_scope() as session:
        state = add_state(session, add_vcenter(session, f"vc-{machines[0]['name']}"))
        for machine in machines:
            add_machine(session, state, **machine)
        raise_generation(session)
