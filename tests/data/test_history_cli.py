"""The history from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask

from data.database import DatabaseManager
from tests.factories import EXPORTED_AT, add_machine, add_state, add_vcenter

Run = Callable[..., Result]


@pytest.fixture
def run(server: Flask) -> Run:
    """Run an `inventory` command; its status must be the one that is expected."""

    def invoke(*words: str, status: int = 0) -> Result:
        result = server.test_cli_runner().invoke(args=["inventory", *words])
        assert result.exit_code == status, result.output
        return result

    return invoke


@pytest.fixture(autouse=True)
def _stored(manager: DatabaseManager) -> None:
    """Three states of vc-north, numbered 1 to 3, the second of which the rule lets go; state 4 is vc-south's."""
    with manager.session_scope() as session:
        north = add_vcenter(session, "vc-north")
        for days in (50, 51, 0):
            state = add_state(
                session, north, EXPORTED_AT - timedelta(days=days), machines=1, size_bytes=2**21
            )
            add_machine(session, state, "machine")
        add_machine(session, add_state(session, add_vcenter(session, "vc-south")), "machine")


def ids(run: Run) -> list[int]:
    return sorted(state["id"] for state in json.loads(run("states", "--json").stdout)["states"])


def test_states_are_listed_with_what_will_become_of_them(run: Run) -> None:
    run("pin", "1")
    lines = run("states").stdout.splitlines()
    assert len(lines) == 4
    assert [line.split()[0] for line in lines] == ["4", "3", "2", "1"]
    assert lines[3].split("2.0 MiB")[1].strip() == "vc-north (pinned)"
    assert lines[2].endswith("vc-north (goes with the next import)")
    assert lines[1].endswith("vc-north (current)")
    run("unpin", "1")
    assert run("states").stdout.splitlines()[3].endswith("vc-north")


def test_a_state_is_removed_unless_it_is_pinned(run: Run) -> None:
    run("pin", "1")
    assert "is pinned" in run("remove", "1", "2", status=2).stderr
    run("unpin", "1")
    assert run("remove", "1", "2").stdout == "Deleted: 1, 2.\n"
    assert ids(run) == [3, 4]
    assert "There is no state with the number 1" in run("remove", "1", status=2).stderr


def test_the_rule_is_tried_before_it_is_applied(run: Run) -> None:
    assert run("retention", "--dry-run").stdout.splitlines()[-1] == "Would go: 1."
    assert ids(run) == [1, 2, 3, 4]
    assert [state["id"] for state in json.loads(run("retention", "--json").stdout)] == [2]
    assert ids(run) == [1, 3, 4]
    assert run("retention").stdout == "Deleted: 0.\n"


def test_a_vcenter_is_hidden_and_shown_by_its_name(run: Run) -> None:
    assert run("hide", "vc-north").stdout == "vc-north is hidden.\n"
    assert ids(run) == [4]
    assert run("states").stdout.splitlines()[-1] == "Hidden: vc-north, 3 states."
    run("show", "vc-north")
    assert ids(run) == [1, 2, 3, 4]
    assert "stored: vc-north, vc-south" in run("hide", "vc-east", status=2).stderr
