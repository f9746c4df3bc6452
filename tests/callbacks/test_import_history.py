"""The history of imports: what is drawn, what its buttons do, and how little it asks the database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import jobs, models
from data.database import DatabaseManager, get_engine
from data.generations import raise_generation
from data.results import RetentionRule
from layouts.shared.history_ids import HistoryIds
from layouts.shared.ids import Shell
from tests.callbacks.calling import call
from tests.conftest import counted_statements
from tests.factories import EXPORTED_AT, add_machine, add_state, add_vcenter

BODY, COMPARED = f"{HistoryIds.BODY}.children", f"{HistoryIds.COMPARED}.children"
JOB = f"{HistoryIds.JOB}.data"


@pytest.fixture
def write(manager: DatabaseManager) -> Callable[[Callable[[Session], Any]], Any]:
    """Do something to the database that everybody sees."""

    def do(change: Callable[[Session], Any]) -> Any:
        with manager.session_scope() as session:
            found = change(session)
            raise_generation(session)
        return found

    return do


@pytest.fixture
def states(write: Callable[[Callable[[Session], Any]], Any]) -> list[int]:
    """Three states of vc-north, a month apart, the oldest first: a machine moves, another one is new, then gone."""

    def fill(session: Session) -> list[int]:
        vcenter = add_vcenter(session)
        made = []
        for number in range(3):
            state = add_state(session, vcenter, EXPORTED_AT - timedelta(days=30 * (2 - number)), machines=2)
            add_machine(session, state, "stays", host=f"esx-{number}", in_use_mib=float(number))
            if number == 1:
                add_machine(session, state, "guest")
            made.append(state.id)
        return made

    found: list[int] = write(fill)
    return found


@pytest.fixture(autouse=True)
def _jobs_run_at_once(monkeypatch: pytest.MonkeyPatch, db_url: str) -> None:
    monkeypatch.setattr(
        jobs, "start_job", lambda _database, job_id: jobs.run_job(db_url, job_id, retention=RetentionRule())
    )


def body(server: Flask) -> str:
    return str(call(server, BODY, "", 0).json["response"][HistoryIds.BODY]["children"])


def comparison(server: Flask, view: str) -> dict[str, Any]:
    answer: dict[str, Any] = call(server, COMPARED, "", view, 0).json["response"]
    return answer


def press(server: Flask, what: str, key: int) -> dict[str, Any]:
    """The answer to a button: outputs, and under "sideUpdate" what else it sets."""
    answer: dict[str, Any] = call(server, JOB, {"do": what, "key": str(key)}, "", 4, opening=False).get_json()
    return answer


def toast(answer: dict[str, Any]) -> str:
    return str(answer["sideUpdate"][Shell.TOASTS]["children"])


def value(manager: DatabaseManager, column: Any, key: int) -> Any:
    with manager.get_session() as session:
        return session.scalar(select(column).where(column.table.c.id == key))


class TestWhatIsDrawn:
    def test_states_stand_below_their_vcenter(self, server: Flask, states: list[int]) -> None:
        assert len(states) == 3
        drawn = body(server)
        assert "3 states of 1 vCenter" in drawn
        for word in ("vc-north", "24 Sep 2026", "24 Oct 2026", "23 Nov 2026", "current"):
            assert word in drawn

    def test_an_empty_database_has_no_history(self, server: Flask) -> None:
        assert call(server, BODY, "", 0).json["response"][HistoryIds.BODY]["children"] == []
        assert "Needs two states" in str(comparison(server, "")[HistoryIds.FORM])

    def test_two_states_or_forty_cost_the_same_statements(
        self, server: Flask, db_url: str, write: Callable[[Callable[[Session], Any]], Any]
    ) -> None:
        def fill(number: int) -> None:
            def add_them(session: Session) -> None:
                for index in range(number):
                    vcenter = add_vcenter(session, f"vc-{number}-{index}")
                    add_state(session, vcenter)
                    add_state(session, vcenter, EXPORTED_AT - timedelta(days=9))

            write(add_them)

        def asked() -> int:
            with counted_statements(get_engine(db_url)) as statements:
                body(server)
                comparison(server, "")
            return len(statements)

        fill(1)
        few = asked()
        fill(20)
        assert asked() == few

    def test_a_history_seen_before_costs_only_the_look_at_the_generation(
        self, server: Flask, db_url: str, states: list[int]
    ) -> None:
        view = f"before={states[0]}&after={states[1]}"
        body(server)
        comparison(server, view)
        with counted_statements(get_engine(db_url)) as statements:
            body(server)
            comparison(server, view)
        assert all("generations" in statement for statement in statements)


class TestTheComparison:
    def test_at_first_nothing_is_compared(self, server: Flask, states: list[int]) -> None:
        assert states
        answer = comparison(server, "")
        assert answer[HistoryIds.COMPARED]["children"] == []
        assert answer[HistoryIds.NARROWING]["hidden"] is True

    def test_a_link_names_the_states_and_what_is_listed(self, server: Flask, states: list[int]) -> None:
        answer = comparison(server, f"before={states[0]}&after={states[1]}")
        drawn = str(answer[HistoryIds.COMPARED]["children"])
        assert "guest" in drawn
        assert "esx-0" in drawn
        assert "esx-1" in drawn
        assert answer[HistoryIds.NARROWING]["hidden"] is False
        only = comparison(server, f"before={states[0]}&after={states[1]}&change=new")
        assert "esx-0" not in str(only[HistoryIds.COMPARED]["children"])
        none = comparison(server, f"before={states[0]}&after={states[1]}&find=nobody")
        assert "No change is of that kind and name." in str(none[HistoryIds.COMPARED]["children"])

    def test_noise_is_listed_only_when_asked_for(self, server: Flask, states: list[int]) -> None:
        view = f"before={states[0]}&after={states[1]}"
        assert "In use" not in str(comparison(server, view)[HistoryIds.COMPARED])
        assert "In use" in str(comparison(server, f"{view}&noise=1")[HistoryIds.COMPARED])

    def test_a_state_that_is_gone_is_said_to_be(self, server: Flask, states: list[int]) -> None:
        answer = comparison(server, f"before={states[0]}&after=999")
        assert "not stored any more" in str(answer[HistoryIds.COMPARED]["children"])

    def test_five_machines_or_fifty_cost_the_same_statements(
        self, server: Flask, db_url: str, write: Callable[[Callable[[Session], Any]], Any]
    ) -> None:
        def fill(number: int) -> list[int]:
            def add_them(session: Session) -> list[int]:
                vcenter = add_vcenter(session, f"vc-{number}")
                found = []
                for host in ("esx-1", "esx-2"):
                    days = timedelta(days=len(found))
                    state = add_state(session, vcenter, EXPORTED_AT + days)
                    for index in range(number):
                        add_machine(session, state, f"m-{index}", host=host)
                    found.append(state.id)
                return found

            found: list[int] = write(add_them)
            return found

        def asked(before: int, after: int) -> int:
            with counted_statements(get_engine(db_url)) as statements:
                assert "esx-2" in str(comparison(server, f"before={before}&after={after}"))
            return len(statements)

        few = asked(*fill(5))
        assert asked(*fill(45)) == few

    @pytest.mark.parametrize("view", ["before=x&after=-1", "of=99&change=eaten&from=-5&noise=2", "find=%00"])
    def test_an_odd_link_is_answered(self, server: Flask, states: list[int], view: str) -> None:
        assert states
        assert call(server, COMPARED, "", view, 0).status_code == 200


class TestTheButtons:
    def test_a_state_is_pinned_and_unpinned_and_the_page_drawn_anew(
        self, server: Flask, manager: DatabaseManager, states: list[int]
    ) -> None:
        answer = press(server, "pin", states[0])
        assert value(manager, models.imports.c.is_pinned, states[0]) is True
        assert answer["sideUpdate"][Shell.REFRESH] == {"data": 5}
        assert "stays until it is unpinned: 24 Sep 2026, 06:00 of vc-north" in toast(answer)
        assert "'data-action': 'unpin'" in body(server)
        press(server, "unpin", states[0])
        assert value(manager, models.imports.c.is_pinned, states[0]) is False

    def test_a_vcenter_is_hidden_and_shown_again(
        self, server: Flask, manager: DatabaseManager, states: list[int]
    ) -> None:
        vcenter = value(manager, models.imports.c.vcenter_id, states[0])
        assert "vc-north is hidden." in toast(press(server, "hide", vcenter))
        drawn = body(server)
        assert "'data-action': 'show'" in drawn
        assert "'data-action': 'pin'" not in drawn
        assert "vc-north is shown again." in toast(press(server, "show", vcenter))
        assert "'data-action': 'pin'" in body(server)

    def test_a_state_is_deleted_by_a_job_that_the_page_follows(
        self, server: Flask, manager: DatabaseManager, states: list[int]
    ) -> None:
        answer = press(server, "delete", states[0])
        job_id = answer["response"][HistoryIds.JOB]["data"]
        assert answer["response"][HistoryIds.POLL]["disabled"] is False
        assert value(manager, models.imports.c.status, states[0]) is None
        told = follow(server, job_id)
        assert told["sideUpdate"][Shell.REFRESH] == {"data": 8}
        assert "24 Sep 2026" in toast(told)
        assert "24 Sep 2026" not in body(server)

    def test_while_a_deletion_runs_nothing_changes(
        self, server: Flask, states: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "start_job", lambda *_: None)
        job_id = press(server, "delete", states[0])["response"][HistoryIds.JOB]["data"]
        assert follow(server, job_id) is None

    @pytest.mark.parametrize("job", [None, 99, 10**30])
    def test_a_deletion_that_is_not_known_is_not_followed(self, server: Flask, job: int | None) -> None:
        told = follow(server, job)
        assert told is not None
        assert [one["disabled"] for one in told["response"].values()] == [True]

    def test_a_deletion_that_fails_is_told(
        self, server: Flask, manager: DatabaseManager, states: list[int]
    ) -> None:
        press(server, "pin", states[0])
        told = follow(server, press(server, "delete", states[0])["response"][HistoryIds.JOB]["data"])
        assert "pinned" in toast(told)
        assert value(manager, models.imports.c.status, states[0]) == "published"

    @pytest.mark.parametrize("key", ["9" * 30, "-1", "one"])
    def test_what_cannot_be_a_number_of_a_state_or_a_vcenter_is_not_found(
        self, server: Flask, states: list[int], key: str
    ) -> None:
        assert len(states) == 3
        for what in ("pin", "delete", "hide"):
            answer = call(server, JOB, {"do": what, "key": key}, "", 4, opening=False).get_json()
            assert "NotFoundError" in toast(answer)
            assert "any more" in toast(answer)

    def test_a_state_that_somebody_else_deleted_is_said_to_be_gone(self, server: Flask) -> None:
        assert "This state is not stored any more." in toast(press(server, "delete", 99))


def follow(server: Flask, job_id: int | None) -> dict[str, Any] | None:
    """What the page learns of a job; None while it runs."""
    rules = server.test_client().get("/_dash-dependencies").get_json()
    output = next(
        rule["output"]
        for rule in rules
        if [part["property"] for part in rule["inputs"]] == ["n_intervals"]
        and rule["inputs"][0]["id"] == HistoryIds.POLL
    )
    answer = call(server, output, 1, job_id, "", 7, opening=False)
    return None if answer.status_code == 204 else answer.get_json()
