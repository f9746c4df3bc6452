"""Looking back: the chip of the day, what the pages say of a day, and the history of a machine."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from dash._utils import to_json
from flask import Flask

from callbacks import machine, overview, vm_explorer
from callbacks.shared.filters import draw_choices, first_day_after
from data.database import DatabaseManager, get_engine
from data.generations import raise_generation
from data.scope import Scope
from layouts.shared.filters import Filter
from layouts.shared.ids import Shell
from tests.callbacks.calling import call
from tests.conftest import counted_statements
from tests.factories import EXPORTED_AT, add_machine, add_state, add_vcenter
from tests.layouts.drawn import text

STATES = 5
STATUS = f"{Shell.QUICK_STATS}.children"


@pytest.fixture
def machines(manager: DatabaseManager) -> dict[str, str]:
    """Ids by name. vc-north has five states ten days apart, vc-south one, a day before the last of them.

    "mover" changes its host each time, "late" comes with the fourth state, "lost" is in the first alone.
    """
    found = {}
    with manager.session_scope() as session:
        north, south = add_vcenter(session, "vc-north"), add_vcenter(session, "vc-south")
        for number in range(STATES):
            state = add_state(session, north, EXPORTED_AT - timedelta(days=10 * (STATES - 1 - number)))
            names = ["mover", *(["late"] if number > 2 else []), *(["lost"] if number == 0 else [])]
            for name in names:
                row = add_machine(session, state, name, host=f"esx-{number}", in_use_mib=number * 10.0)
                found[name] = str(row.machine_id)
        state = add_state(session, south, EXPORTED_AT - timedelta(days=1))
        found["other"] = str(add_machine(session, state, "other").machine_id)
        raise_generation(session)
    return found


def page_of(server: Flask, machine_id: str, scope: str = "", view: str = "") -> list[str]:
    """Title, sentence, summary and body of a machine's page, as text."""
    with server.test_request_context():
        parts = orjson.loads(to_json(machine.update_body(machine_id, scope, view, 0)))
    return [str(part) for part in parts]


class TestTheDay:
    def test_the_chip_offers_the_days_that_have_states(self, server: Flask, machines: dict[str, str]) -> None:
        assert machines
        with server.test_request_context():
            offered = text(draw_choices(Filter.AS_OF, Scope(datacenters=("DC1",)), ""))
            of_south = text(draw_choices(Filter.AS_OF, Scope(vcenters=(2,)), ""))
        assert offered.startswith("Newest 23 Nov 2026 vc-north 22 Nov 2026 vc-south 13 Nov 2026 vc-north")
        assert of_south == "Newest 22 Nov 2026"

    @pytest.mark.parametrize(
        ("query", "first"),
        [
            ("as_of=2026-10-13", "2026-10-14"),
            ("as_of=2026-10-14", None),
            ("", None),
            ("as_of=2026-11-13&vcenter=2", "2026-11-22"),
            ("as_of=2026-11-13&vcenter=99", None),
        ],
    )
    def test_the_first_day_is_named_only_where_the_day_lies_before_it(
        self, server: Flask, machines: dict[str, str], query: str, first: str | None
    ) -> None:
        assert machines
        with server.test_request_context():
            found = first_day_after(Scope.from_query_string(query))
        assert (found and found.isoformat()) == first

    def test_the_pages_say_that_they_look_back(self, server: Flask, machines: dict[str, str]) -> None:
        assert machines
        with server.test_request_context():
            sentence, _ = orjson.loads(to_json(overview.update_body("as_of=2026-10-20", 0)))
            explorer, *_ = vm_explorer.update_totals("as_of=2026-10-20", 0)
        assert sentence == "2 machines, as of 20 Oct 2026"
        assert explorer == "2 machines, as of 20 Oct 2026"

    def test_a_day_before_every_state_names_the_first_on_every_page(
        self, server: Flask, machines: dict[str, str]
    ) -> None:
        assert machines
        with server.test_request_context():
            drawn = str(orjson.loads(to_json(overview.update_body("as_of=2026-01-01", 0))))
            *_, instead = vm_explorer.update_totals("as_of=2026-01-01&q=mover", 0)
        for said in (drawn, str(instead)):
            assert "The first one was exported on 14 Oct 2026." in said

    def test_the_frame_tells_the_day_and_the_figures_of_it(
        self, server: Flask, machines: dict[str, str]
    ) -> None:
        assert machines
        answer = call(server, STATUS, 0, "default", "2026-10-20").json["response"]
        assert answer[Shell.FRESHNESS_TIME] == {"dateTime": "2026-10-20"}
        assert answer[Shell.FRESHNESS]["title"] == (
            "Older states are shown, as of 20 Oct 2026. vc-north, exported 14 Oct 2026, 06:00"
        )
        assert "'children': '2'" in str(answer[Shell.QUICK_STATS])

    @pytest.mark.parametrize("day", ["", "yesterday", None])
    def test_no_day_is_the_newest_states(
        self, server: Flask, machines: dict[str, str], day: str | None
    ) -> None:
        assert machines
        answer = call(server, STATUS, 0, "default", day).json["response"]
        assert answer[Shell.FRESHNESS_TIME]["dateTime"].endswith("Z")


class TestTheHistoryOfAMachine:
    def test_it_tells_every_import_and_is_the_same_beside_the_grid(
        self, server: Flask, machines: dict[str, str]
    ) -> None:
        *_, body = page_of(server, machines["mover"], view="tab=history")
        assert body.count("Moved") == STATES - 1
        assert "First seen" in body
        assert "Noise in" in body
        with server.test_request_context():
            shown = {"id": int(machines["mover"])}
            panel = str(orjson.loads(to_json(vm_explorer.update_detail(shown, 0, "", "tab=history"))))
        assert body in panel

    def test_noise_is_shown_when_the_link_says_so(self, server: Flask, machines: dict[str, str]) -> None:
        *_, body = page_of(server, machines["mover"], view="tab=history&noise=1")
        assert "In use" in body
        assert "Noise in" not in body

    def test_it_tells_all_of_it_whatever_the_day(self, server: Flask, machines: dict[str, str]) -> None:
        now = page_of(server, machines["mover"], view="tab=history")
        then = page_of(server, machines["mover"], "as_of=2026-10-20", "tab=history")
        assert now[-1] == then[-1]
        assert "as of 20 Oct 2026" in then[1]

    def test_a_machine_that_came_later_says_since_when_it_exists(
        self, server: Flask, machines: dict[str, str]
    ) -> None:
        title, sentence, _, body = page_of(server, machines["late"], "as_of=2026-10-20")
        assert (title, sentence) == ("late", "Not there, as of 20 Oct 2026")
        assert "It was first seen in the export of 13 Nov 2026, 06:00." in body
        with server.test_request_context():
            panel = vm_explorer.update_detail({"id": int(machines["late"])}, 0, "as_of=2026-10-20", "")
        assert "late did not exist in any state as of 20 Oct 2026." in text(panel)

    def test_a_machine_that_never_was_is_none_on_any_day(
        self, server: Flask, machines: dict[str, str]
    ) -> None:
        assert machines
        for machine_id in ("999999", "abc"):
            assert "There is no such machine" in page_of(server, machine_id, "as_of=2026-10-20")[-1]

    def test_a_machine_that_is_gone_tells_when(self, server: Flask, machines: dict[str, str]) -> None:
        _, _, summary, body = page_of(server, machines["lost"], view="tab=history")
        assert "Gone: last seen in the export of 14 Oct 2026" in summary
        assert body.index("Gone") < body.index("First seen")
        assert "Gone" not in page_of(server, machines["lost"], "as_of=2026-10-20")[2]

    def test_one_state_or_five_cost_the_same_statements(
        self, server: Flask, db_url: str, machines: dict[str, str]
    ) -> None:
        def asked(name: str) -> int:
            with counted_statements(get_engine(db_url)) as statements:
                page_of(server, machines[name], view="tab=history")
            return len(statements)

        assert asked("mover") == asked("other")

    def test_a_history_is_read_only_when_its_tab_is_open(
        self, server: Flask, machines: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[Any] = []
        monkeypatch.setattr("callbacks.shared.machine_history.read", lambda *given, **_: read.append(given))
        page_of(server, machines["mover"])
        assert read == []
