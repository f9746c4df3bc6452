from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pytest
from dash import no_update
from dash._utils import to_json
from dash.exceptions import PreventUpdate
from flask import Flask

from app import create_app
from callbacks import machine, vm_explorer
from callbacks.shared.filters import draw_choices
from callbacks.shared.reading import database_url
from data.database import DatabaseManager, get_engine
from data.demo import write_demo
from data.ingest import import_file
from data.scope import Scope
from data.settings import Settings
from layouts.shared.filters import Filter
from layouts.shared.machine_table import View
from tests.callbacks.calling import call
from tests.conftest import counted_statements
from tests.layouts.drawn import text

LAB = Path(__file__).parents[1] / "samples" / "lab-3.10-25-tabs.xlsx"
MACHINES = 26
"""Of the sample, without its template."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app over the lab's export and an invented estate with attributes, snapshots and templates."""
    folder = tmp_path_factory.mktemp("explorer")
    url = f"sqlite:///{folder / 'inventory.db'}"
    server = create_app(Settings(db_url=url, instance_dir=folder, log_level="warning", results_per_page=50))
    (demo,) = write_demo(folder / "demo.xlsx", vms=120, seed=3)
    for workbook in (LAB, demo):
        import_file(url, workbook)
    yield server
    DatabaseManager(url).clear_cache()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def rows_of(
    scope: str = "", view: str = "", start: int = 0, stop: int = 50, sort: Any = ()
) -> dict[str, Any]:
    request = {"startRow": start, "endRow": stop, "sortModel": list(sort)}
    answer: dict[str, Any] = sent(vm_explorer.update_rows(request, scope, view))
    return answer


def sent(answer: Any) -> Any:
    """What the browser gets of an answer."""
    return orjson.loads(to_json(answer))


@pytest.mark.usefixtures("context")
class TestTheGrid:
    def test_a_block_holds_the_rows_asked_for_and_the_count_of_all(self) -> None:
        every = rows_of(stop=1000)
        block = rows_of(start=10, stop=20)
        assert block["rowCount"] == every["rowCount"] == len(every["rowData"])
        assert block["rowData"] == every["rowData"][10:20]

    def test_every_row_is_told_apart_by_its_id(self) -> None:
        ids = [row["machine_id"] for row in rows_of("templates=include", stop=1000)["rowData"]]
        assert len(ids) == len(set(ids)) == 27 + 120

    def test_the_grid_decides_on_the_order(self) -> None:
        sort = [{"colId": "cpus", "sort": "desc"}]
        cpus = [int(row["cpus"]) for row in rows_of(sort=sort, stop=200)["rowData"] if row["cpus"] != "–"]
        assert cpus == sorted(cpus, reverse=True)
        assert len(set(cpus)) > 1

    def test_the_view_decides_on_the_order_where_the_sorted_column_is_not_shown(self) -> None:
        shown = rows_of(view="col=name&col=memory_mib&sort=-memory_mib")["rowData"]
        hidden = rows_of(view="col=name&sort=-memory_mib")["rowData"]
        assert [row["machine_id"] for row in hidden] == [row["machine_id"] for row in shown]

    @pytest.mark.parametrize(
        "sort",
        [
            [{"colId": "id; DROP TABLE machines", "sort": "asc"}],
            [{"colId": "name", "sort": "sideways"}],
            [{}],
        ],
    )
    def test_an_order_that_does_not_exist_is_the_usual_one(self, sort: list[dict[str, str]]) -> None:
        assert rows_of(sort=sort) == rows_of()

    def test_a_block_of_any_size_is_cut(self) -> None:
        assert len(rows_of(start=-5, stop=10**9)["rowData"]) <= vm_explorer.MAX_BLOCK

    def test_a_custom_attribute_is_a_column(self) -> None:
        columns = text(vm_explorer.update_columns(1, ""))
        name = columns.split("Attributes ")[1].split()[0]
        view = View(columns=("name", f"attr:{name}"), sort=f"attr:{name}").query()
        values = {row[f"attr:{name}"] for row in rows_of(view=view, stop=200)["rowData"]}
        assert len(values) > 1
        assert "–" in values, "machines without it"

    def test_a_filter_counts_what_it_lists(self) -> None:
        listed = rows_of("datacenter=Datacenter1", stop=1000)
        assert listed["rowCount"] == len(listed["rowData"]) == MACHINES

    def test_before_the_grid_asks_there_is_nothing_to_answer(self) -> None:
        assert vm_explorer.update_rows(None, "", "") is no_update

    def test_five_rows_or_fifty_cost_the_same_statements(self, app: Flask) -> None:
        rows_of(stop=1)  # the totals are kept
        with counted_statements(get_engine(database_url(Scope()))) as few:
            rows_of(stop=5)
        with counted_statements(get_engine(database_url(Scope()))) as many:
            rows_of(stop=55)
        assert len(few) == len(many)

    def test_a_block_and_a_machine_seen_before_cost_no_statement(self) -> None:
        def look() -> None:
            first, *_ = rows_of(sort=[{"colId": "host", "sort": "desc"}])["rowData"]
            vm_explorer.update_detail({"id": int(first["machine_id"])}, 0, "", "")
            machine.update_body(first["machine_id"], "", "", 0)

        engine = get_engine(database_url(Scope()))
        with counted_statements(engine) as once:
            look()
        with counted_statements(engine) as again:
            look()
        assert once
        assert not again


@pytest.mark.usefixtures("context")
class TestFiltersThatCannotBeUsed:
    @pytest.mark.parametrize(
        ("scope", "reason"),
        [("q=web(&pattern=1", "pattern"), ("where=cpus:many", "vCPU"), ("where=shoes:1", "shoes")],
    )
    def test_the_reason_stands_in_place_of_the_grid(self, scope: str, reason: str) -> None:
        sentence, sums, announcement, instead = vm_explorer.update_totals(scope, 0)
        assert (sentence, sums) == ("This filter cannot be used", "")
        assert reason in text(instead)
        assert reason in announcement
        assert "Clear filters" in text(instead)

    def test_the_grid_gets_an_answer_without_rows(self) -> None:
        assert rows_of("q=web(&pattern=1") == {"rowData": [], "rowCount": 0}


class TestTheIds:
    @staticmethod
    def asked(app: Flask, query: str) -> list[int]:
        answer = app.test_client().get(f"/machines/ids?{query}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        ids: list[int] = answer.get_json()
        return ids

    @pytest.mark.parametrize(
        "query", ["", "datacenter=Datacenter1&sort=-name", "templates=include&sort=cpus"]
    )
    def test_they_are_those_of_the_grid_in_its_order(self, app: Flask, query: str) -> None:
        with app.test_request_context():
            shown = [int(row["machine_id"]) for row in rows_of(query, query, stop=1000)["rowData"]]
        assert self.asked(app, query) == shown
        assert self.asked(app, f"{query}&start=3&stop=7") == shown[3:7]
        assert self.asked(app, f"{query}&start=5") == shown[5:]

    def test_rows_that_are_none_have_no_ids(self, app: Flask) -> None:
        assert self.asked(app, "start=7&stop=3") == []
        assert self.asked(app, "start=100000") == []
        assert self.asked(app, "q=no+such+machine") == []

    def test_a_filter_that_cannot_be_used_is_refused(self, app: Flask) -> None:
        assert app.test_client().get("/machines/ids?q=web(&pattern=1").status_code == 400


def test_a_block_that_fails_is_blank_and_the_operator_is_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> pd.DataFrame:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(vm_explorer, "drawn", fail)
    request = {"startRow": 0, "endRow": 50, "sortModel": []}
    answer = call(app, "vm-explorer-grid.getRowsResponse", request, "", "", opening=False).get_json()
    assert answer["response"]["vm-explorer-grid"]["getRowsResponse"] == {"rowData": []}
    assert "disk on fire" not in str(answer)
    assert "toasts" in answer["sideUpdate"]


def test_the_page_size_of_the_setting_reaches_the_grid(app: Flask) -> None:
    pages = call(app, "_pages_content.children", "/vm-explorer", "").get_data(as_text=True)
    assert '"cacheBlockSize":50' in pages.replace(" ", "")


@pytest.mark.usefixtures("context")
class TestTheTotals:
    def test_they_are_those_of_the_machines_that_match(self) -> None:
        sentence, sums, announcement, instead = vm_explorer.update_totals("datacenter=Datacenter1", 0)
        assert sentence.startswith(f"{MACHINES} of ")
        assert sums == "Σ 52 vCPU · 210 GiB memory · 2.7 TiB provisioned"
        assert announcement == f"{MACHINES} machines match"
        assert instead == []

    def test_nothing_that_matches_is_said_in_place_of_the_grid(self) -> None:
        sentence, sums, announcement, instead = vm_explorer.update_totals("q=no+such+machine", 0)
        assert sentence.startswith("0 of ")
        assert sums == ""
        assert announcement == "0 machines match"
        assert "Clear filters" in text(instead)

    def test_grid_sentence_and_choices_agree(self) -> None:
        for choice in draw_choices(Filter.CLUSTER, Scope(), "")[0].children[:3]:
            scope = Scope(clusters=(getattr(choice, "data-value"),)).query()
            _, count = choice.children
            assert rows_of(scope)["rowCount"] == int(count.children)


def test_an_empty_database_leads_to_the_import(server: Flask) -> None:
    with server.test_request_context():
        sentence, _, _, instead = vm_explorer.update_totals("", 0)
    assert sentence == "0 machines"
    assert "Nothing is imported yet" in text(instead)


@pytest.mark.usefixtures("context")
class TestTheDetail:
    def test_it_is_that_of_the_row(self) -> None:
        row = rows_of("datacenter=Datacenter1")["rowData"][3]
        detail = sent(vm_explorer.update_detail({"id": int(row["machine_id"])}, 0, "", "tab=storage"))
        assert row["name"] in text(detail)

    @pytest.mark.parametrize(
        ("tab", "words"),
        [
            ("", "DNS name"),
            ("resources", "Sockets"),
            ("storage", "Hard disk 1"),
            ("network", "Adapters"),
            ("placement", "Xeon"),
            ("history", "First seen"),
            ("all", "Nothing of this machine in vFloppy"),
        ],
    )
    def test_only_the_open_tab_is_sent_and_read(self, tab: str, words: str) -> None:
        row = rows_of("datacenter=Datacenter1")["rowData"][3]
        with counted_statements(get_engine(database_url(Scope()))) as statements:
            parts = sent(vm_explorer.update_detail({"id": int(row["machine_id"])}, 1, "", f"tab={tab}"))
        assert words in text(parts[2])
        tables = {
            name for name in ("hosts", "health_messages") if any(f"FROM {name}" in one for one in statements)
        }
        assert tables == {"placement": {"hosts"}, "all": {"health_messages"}}.get(tab, set())

    def test_filters_do_not_hide_it(self) -> None:
        row = rows_of("datacenter=Datacenter1")["rowData"][3]
        assert row["name"] in text(
            sent(vm_explorer.update_detail({"id": int(row["machine_id"])}, 0, "q=other", ""))
        )

    def test_a_machine_that_never_was_is_said_to_be_none(self) -> None:
        assert "No machine has the id 999999." in text(vm_explorer.update_detail({"id": 999999}, 0, "", ""))

    def test_without_a_machine_nothing_changes(self) -> None:
        with pytest.raises(PreventUpdate):
            vm_explorer.update_detail(None, 1, "", "")

    def test_the_page_of_a_machine_shows_it(self) -> None:
        row = rows_of("datacenter=Datacenter1")["rowData"][3]
        title, sentence, summary, body = sent(machine.update_body(row["machine_id"], "", "tab=placement", 0))
        assert title == row["name"]
        assert "10.21.17.40" in text(sentence)
        assert "vCPU" in text(summary)
        assert "Resource pool" in text(body)

    @pytest.mark.parametrize("machine_id", ["999999", "abc", "", "1 OR 1=1", "٣", "9" * 30])
    def test_an_address_of_no_machine_says_so(self, machine_id: str) -> None:
        assert "There is no such machine" in text(machine.update_body(machine_id, "", "", 0)[-1])


@pytest.mark.usefixtures("context")
class TestTheChoices:
    def test_they_stand_within_the_rest_of_the_scope(self) -> None:
        within = text(draw_choices(Filter.CLUSTER, Scope(datacenters=("Datacenter1",)), ""))
        assert within == f"Cluster1 {MACHINES}"

    def test_a_chosen_value_that_no_machine_has_any_more_is_still_there(self) -> None:
        assert text(draw_choices(Filter.HOST, Scope(hosts=("gone",)), "")).startswith("gone ")

    def test_vcenters_are_listed_by_name(self) -> None:
        assert f"10.21.17.40 {MACHINES}" in text(draw_choices(Filter.VCENTER, Scope(), ""))
        assert text(draw_choices(Filter.VCENTER, Scope(), "21.17")) == f"10.21.17.40 {MACHINES}"

    @pytest.mark.parametrize("one", [Filter.DATASTORE, Filter.NETWORK])
    def test_datastores_and_networks_are_listed_with_their_machines(self, one: Filter) -> None:
        offered = draw_choices(one, Scope(), "")[0].children
        assert len(offered) > 5
        for choice in offered:
            scope = Scope.from_query({one: getattr(choice, "data-value")})
            assert f" {rows_of(scope.query())['rowCount']}" in text(choice)

    def test_beside_a_filter_that_cannot_be_used_none_are_listed(self) -> None:
        assert "when all filters can be used" in text(
            draw_choices(Filter.HOST, Scope(where=("cpus:many",)), "")
        )

    def test_checks_are_listed_with_their_limits(self) -> None:
        assert "Snapshot older than 7 days" in text(draw_choices(Filter.ATTENTION, Scope(), ""))

    @pytest.mark.parametrize("one", [Filter.DATACENTER, Filter.POWER, Filter.OS, Filter.FOLDER])
    def test_every_other_filter_offers_values(self, one: Filter) -> None:
        assert draw_choices(one, Scope(), "")[0].children
