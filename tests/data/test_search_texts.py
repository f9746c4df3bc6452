"""The texts that are searched: what is in them, how words and patterns find it, and how an older database gets them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import null, select
from sqlalchemy.orm import Session

from data.database import DatabaseManager, get_engine, upgrade_schema
from data.errors import InvalidInputError
from data.models import machine_texts, virtual_machines
from data.patterns import TOO_SLOW
from data.queries.machines import find_machines, total_machines
from data.queries.matching import contains, matches
from data.queries.scoping import DEFAULT_LIMITS, machines_in
from data.scope import Scope
from tests.data.conftest import Store
from tests.data.workbooks import Rows, table, vm
from tests.factories import add_estate

WORDS = {
    "DNS Name": "Needle.Example.org",
    "Primary IP Address": "10.11.12.13",
    "Host": "esx-Needle",
    "Annotation": "first line\nOwner: Größe & Söhne",
}
NETWORKS = {f"Network #{number}": f"Net {number} of 8" for number in range(1, 9)}
ADAPTERS = {"IPv4 Address": "172.16.0.5, 172.16.0.6", "IPv6 Address": "FE80::5", "Network": "Backup_VLAN"}
IDS = {
    "SMBIOS UUID": "4209AAAA-0000-1111-2222-333344445555",
    "VM UUID": "5009bbbb-0000-1111-2222-333344445555",
}
MAC = "00:50:56:9A:BC:DE"
LINES = [
    "The Needle",
    *(line for text in WORDS.values() for line in text.split("\n")),
    "172.16.0.5",
    "172.16.0.6",
    "FE80::5",
]


@pytest.fixture
def found(store: Store, manager: DatabaseManager) -> Callable[..., set[str]]:
    """Names of the machines with a text, after an import of one with every searched field and one with none."""
    tabs: dict[str, Rows] = {
        "vNetwork": table(
            {"VM": "The Needle", "VM ID": "vm-1", "Mac Address": MAC} | ADAPTERS,
            {"VM": "The Needle", "VM ID": "vm-1", "Mac Address": "00:50:56:00:00:02"},
            {"VM": "The Hay", "VM ID": "vm-2", "Mac Address": "00:50:56:00:00:03"},
        )
    }
    store(vm("The Needle", 1) | WORDS | NETWORKS | IDS, vm("The Hay", 2), tabs=tabs)

    def ask(text: str, *, is_pattern: bool = False) -> set[str]:
        scope = Scope(text=text, is_pattern=is_pattern)
        with manager.get_session() as session:
            frame = find_machines(session, scope, limits=DEFAULT_LIMITS, columns=["name"])
            assert len(frame) == total_machines(session, scope, limits=DEFAULT_LIMITS).machines
        return set(frame["name"])

    return ask


@pytest.mark.parametrize("line", LINES)
def test_words_find_each_field_whole_or_in_part_ignoring_case(
    found: Callable[..., set[str]], line: str
) -> None:
    for text in (line, line.upper(), line.swapcase(), line[1:]):
        assert found(text) == {"The Needle"}


@pytest.mark.parametrize("line", [*LINES, *NETWORKS.values(), "Backup_VLAN", *IDS.values(), MAC])
def test_a_pattern_finds_each_field_as_a_line_and_its_case_where_it_asks_for_it(
    found: Callable[..., set[str]], line: str
) -> None:
    whole = f"^{re.escape(line)}$"
    assert found(whole, is_pattern=True) == {"The Needle"}
    assert found(f"^{re.escape(line.lower())}$", is_pattern=True) == {"The Needle"}
    assert found(f"(?-i){whole}", is_pattern=True) == {"The Needle"}
    if line != line.swapcase():
        assert not found(f"(?-i)^{re.escape(line.swapcase())}$", is_pattern=True)


@pytest.mark.parametrize("network", [*NETWORKS.values(), "Backup_VLAN"])
def test_words_do_not_find_all_machines_of_a_network(found: Callable[..., set[str]], network: str) -> None:
    assert not found(network)


@pytest.mark.parametrize("known", [*IDS.values(), MAC])
def test_words_find_uuids_and_mac_addresses_by_six_characters_or_more(
    found: Callable[..., set[str]], known: str
) -> None:
    for text in (known, known.lower(), known.upper(), known[-8:], known[-6:]):
        assert found(text) == {"The Needle"}
    assert not found(known[-5:])


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(TEXTS, TEXTS, st.data())
def test_every_part_of_a_name_or_note_is_found_by_words_and_by_a_pattern(
    session: Session, name: str, note: str, data: st.DataObject
) -> None:
    session.rollback()
    add_estate(session, {"name": name, "annotation": note})
    text = data.draw(st.sampled_from([name, note]))
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    for scope in (
        Scope(text=part),
        Scope(text=part.casefold()),
        Scope(text=re.escape(part), is_pattern=True),
        Scope(text=f"(?-i){re.escape(part)}", is_pattern=True),
    ):
        found = select(virtual_machines.c.name).where(*machines_in(scope, DEFAULT_LIMITS))
        assert session.scalars(found).all() == [name]


def test_words_are_no_pattern(found: Callable[..., set[str]]) -> None:
    for text in ("Need.e", "^The", "%", "Owner%e", "Needl_"):
        assert not found(text)
    assert found("owner: größe") == {"The Needle"}


def test_a_pattern_that_is_found_nowhere_finds_no_machine(found: Callable[..., set[str]]) -> None:
    assert found("^needle$", is_pattern=True) == set()
    assert found("the (needle|hay)", is_pattern=True) == {"The Needle", "The Hay"}


def test_a_scope_with_a_pattern_that_cannot_be_read_is_refused_before_any_statement(
    session: Session, count_statements: Any
) -> None:
    add_estate(session, {})
    with count_statements(session.get_bind()) as statements, pytest.raises(InvalidInputError, match="“\\)”"):
        total_machines(session, Scope(text="web-(", is_pattern=True), limits=DEFAULT_LIMITS)
    assert not statements


def test_a_pattern_that_takes_too_long_is_refused_with_a_sentence(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_estate(session, {}, {}, {})
    scope = Scope(text="vm", is_pattern=True)
    assert total_machines(session, scope, limits=DEFAULT_LIMITS).machines == 3
    monkeypatch.setattr("data.patterns.MAX_SECONDS", 0)
    with pytest.raises(InvalidInputError, match=re.escape(TOO_SLOW)):
        total_machines(session, scope, limits=DEFAULT_LIMITS)


def test_what_is_unknown_neither_matches_nor_is_anything_else(session: Session) -> None:
    texts = select(null())
    assert not any(session.execute(select(matches(null(), ".", texts), contains(null(), "", texts))).one())


@pytest.mark.sqlite_only("no server holds an older schema")
def test_a_database_of_revision_0002_gets_the_texts_that_an_import_writes_today(
    store: Store, db_url: str, rows: Any
) -> None:
    tabs: dict[str, Rows] = {
        "vNetwork": table(
            {"VM": "The Needle", "VM ID": "vm-1", "Mac Address": MAC} | ADAPTERS,
            {"VM": "unheard of", "VM ID": "vm-9", "Mac Address": "00:50:56:00:00:09", "Network": "Lost"},
            {"VM": "The Needle", "VM ID": "vm-1", "Mac Address": MAC, "Network": "DMZ"},
        )
    }
    store(vm("The Needle", 1) | WORDS | NETWORKS | IDS, vm("The Hay", 2), tabs=tabs)
    store(vm("The Needle", 1), vm("a template", 3, Template="True"), week=1)
    expected = rows(machine_texts)
    assert len(expected) == len(rows(virtual_machines)) == 4
    DatabaseManager(db_url).clear_cache()
    _as_of_revision_0002(Path(get_engine(db_url).url.database or ""))
    upgrade_schema(db_url)
    assert rows(machine_texts) == expected


def _as_of_revision_0002(file: Path) -> None:
    with sqlite3.connect(file) as old:
        old.executescript(
            """
            DROP TABLE machine_texts;
            CREATE TABLE machine_texts (
                id INTEGER NOT NULL, import_id INTEGER NOT NULL, text TEXT NOT NULL,
                CONSTRAINT pk_machine_texts PRIMARY KEY (id),
                CONSTRAINT fk_machine_texts_id_virtual_machines FOREIGN KEY(id)
                    REFERENCES virtual_machines (id) ON DELETE CASCADE,
                CONSTRAINT fk_machine_texts_import_id_imports FOREIGN KEY(import_id)
                    REFERENCES imports (id) ON DELETE CASCADE
            );
            CREATE INDEX ix_machine_texts_import_id ON machine_texts (import_id);
            INSERT INTO machine_texts SELECT id, import_id, lower(name) FROM virtual_machines;
            UPDATE alembic_version SET version_num = '0002';
            """
        )
    old.close()
