"""The Overview on a real estate: its counts agree with VM Explorer's, and it asks the database little."""

import gzip
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from dash import dcc, html
from flask import Flask

from app import create_app
from data.database import DatabaseManager, get_engine, upgrade_schema
from data.demo import write_demo
from data.ingest import import_file
from data.queries.machines import total_machines
from data.queries.overview import get_overview
from data.results import AttentionLimits
from data.scope import Scope
from data.settings import Settings
from data.vocabulary import AttentionRule, Templates
from layouts import overview as page
from tests.callbacks.calling import call
from tests.conftest import counted_statements
from tests.layouts.drawn import by_class, every, text

LIMITS = AttentionLimits()
BODY = f"{page.Ids.BODY}.children"
SCOPES = {
    "the whole estate": Scope(),
    "with templates": Scope(templates=Templates.INCLUDE),
    "one vCenter": Scope(vcenters=(1,)),
    "what is off": Scope(power=("poweredOff",)),
    "two filters": Scope(datacenters=("Frankfurt", "Amsterdam"), text="prd"),
    "a check": Scope(attention=(AttentionRule.NO_BACKUP,)),
    "conditions": Scope(
        where=("memory_mib:<= 16", "folder:!Decommissioned", "created_at:newer than 2000 days")
    ),
}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a database with two vCenters in two states each, 300 machines."""
    folder = tmp_path_factory.mktemp("estate")
    url = f"sqlite:///{folder / 'inventory.db'}"
    upgrade_schema(url)
    for file in sorted(
        write_demo(folder / "files", vms=300, seed=5, months=2, vcenters=2), key=lambda f: f.name[-24:]
    ):
        import_file(url, file)
    yield url
    DatabaseManager(url).clear_cache()


@pytest.fixture(scope="module")
def server_of_estate(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    instance = tmp_path_factory.mktemp("instance")
    return create_app(Settings(db_url=estate, instance_dir=instance, log_level="warning"))


def _number(part: Any) -> int:
    return int(re.findall(r"[\d,]+", text(part))[-1].replace(",", ""))


def _promises(body: Any) -> Iterator[tuple[str, int]]:
    """Every address on the page with the number of machines that the page says are there."""
    yield from _marks(body)
    yield from _cells(body)
    legend = [link for part in by_class(body, "legend") for link in every(part, html.A)]
    rows = [row for row in by_class(body, "attention-row") if isinstance(row, html.A) and not _is_share(row)]
    counted = [
        tile for tile in by_class(body, "tile") if text(tile).startswith(("Virtual machines", "Powered on"))
    ]
    yield from ((link.href, _number(link)) for link in (*legend, *rows))
    yield from (
        (tile.href, _number(by_class(tile, "tile-number"))) for tile in counted if isinstance(tile, html.A)
    )
    yield from ((link.href, _number(link)) for link in every(by_class(body, "tile-note"), html.A))


def _is_share(row: html.A) -> bool:
    return text(row).endswith("%")


def _marks(body: Any) -> Iterator[tuple[str, int]]:
    for trace in (trace for graph in every(body, dcc.Graph) for trace in graph.figure["data"]):
        amounts = trace.get("x") or trace["values"]
        yield from (
            (href, amount) for href, amount in zip(trace["customdata"], amounts, strict=True) if amount
        )


def _cells(body: Any) -> Iterator[tuple[str, int]]:
    for row in (row for table in every(body, html.Table) for row in every(table, html.Tr)):
        head, *cells = row.children
        yield from ((link.href, _number(cells[-1])) for link in every(head, html.A))
        yield from ((link.href, _number(link)) for link in every(cells, html.A))


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_every_mark_row_and_link_leads_to_exactly_as_many_machines_as_it_says(
    estate: str, scope: Scope
) -> None:
    with DatabaseManager(estate).session_scope() as session:
        overview = get_overview(session, scope, limits=LIMITS)
        assert overview.counts.total > 20
        promises = dict.fromkeys(_promises(page.body(overview, scope, LIMITS)))
        found = {
            href: total_machines(
                session, Scope.from_query_string(urlsplit(href).query), limits=LIMITS
            ).machines
            for href, _ in promises
        }
    assert len(promises) > 20
    assert [(href, said, found[href]) for href, said in promises if said != found[href]] == []


def test_fields_left_blank_lead_to_as_many_machines_as_completeness_lacks(estate: str) -> None:
    with DatabaseManager(estate).session_scope() as session:
        overview = get_overview(session, Scope(), limits=LIMITS)
        body = page.body(overview, Scope(), LIMITS)
        rows = {
            text(by_class(row, "attention-text")): row.href
            for row in by_class(body, "attention-row")
            if isinstance(row, html.A) and _is_share(row)
        }
        missing = {
            f.label: f.total - f.filled for f in overview.quality.fields if f.filled not in (None, f.total)
        }
        assert rows.keys() == missing.keys()
        for label, href in rows.items():
            scope = Scope.from_query_string(urlsplit(href).query)
            assert (label, total_machines(session, scope, limits=LIMITS).machines) == (label, missing[label])


def test_the_page_asks_twelve_statements_when_cold_and_one_when_warm(
    server_of_estate: Flask, estate: str
) -> None:
    with counted_statements(get_engine(estate)) as cold:
        first = call(server_of_estate, BODY, "templates=include")
    with counted_statements(get_engine(estate)) as warm:
        second = call(server_of_estate, BODY, "templates=include")

    asked, again = ([s for s in ran if not s.startswith("PRAGMA")] for ran in (cold, warm))
    assert 1 < len(asked) <= 12
    assert len(again) == 1
    assert first.json == second.json


def test_the_answer_is_small(server_of_estate: Flask) -> None:
    answer = call(server_of_estate, BODY, "")
    assert len(gzip.compress(answer.data, 6)) < 20_000


def test_the_sentence_and_the_body_come_in_one_answer(server_of_estate: Flask) -> None:
    parts = call(server_of_estate, BODY, "datacenter=Frankfurt").json["response"]
    assert "machines in 1 datacenter" in parts[page.Ids.SENTENCE]["children"]
    assert "Virtual machines by datacenter" in str(parts[page.Ids.BODY]["children"])


def test_a_scope_without_machines_says_so(server_of_estate: Flask) -> None:
    parts = call(server_of_estate, BODY, "q=no+such+machine").json["response"]
    assert parts[page.Ids.SENTENCE]["children"] == "0 machines"
    assert "No machine matches" in str(parts[page.Ids.BODY]["children"])


def test_an_empty_database_leaves_the_body_to_the_offer_in_the_frame(server: Flask) -> None:
    parts = call(server, BODY, "").json["response"]
    assert parts[page.Ids.SENTENCE]["children"] == "Nothing is imported yet"
    assert parts[page.Ids.BODY]["children"] == []


@pytest.mark.parametrize(
    "query", ["?", "power=nonsense&templates=nonsense&as_of=x", "vcenter=99999999999", "exclude=os"]
)
def test_an_odd_query_is_answered_with_what_can_be_used_of_it(server_of_estate: Flask, query: str) -> None:
    parts = call(server_of_estate, BODY, query).json["response"]
    assert " machines in " in parts[page.Ids.SENTENCE]["children"]


def test_a_day_before_the_first_export_says_which_day_is_the_first(server_of_estate: Flask) -> None:
    parts = call(server_of_estate, BODY, "as_of=2020-01-01").json["response"]
    assert parts[page.Ids.SENTENCE]["children"] == "0 machines, as of 1 Jan 2020"
    body = str(parts[page.Ids.BODY]["children"])
    assert "No state is as old as 1 Jan 2020" in body
    assert "The first one was exported on" in body
