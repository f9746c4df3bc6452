import pytest
from flask import Flask

from callbacks.shared import shell
from callbacks.shared.wiring import CallbackGroup
from data.errors import ConflictError, DatabaseUnavailableError
from data.ingest.locking import import_lock
from data.results import EstateStatus
from layouts.shared.ids import Shell
from tests.callbacks.calling import call

STATUS = f"{Shell.QUICK_STATS}.children"


def test_an_empty_database_says_so(server: Flask) -> None:
    answer = call(server, STATUS, 0, "default").get_json()["response"]
    assert answer[Shell.FRESHNESS] == {"title": "Nothing is imported yet."}
    assert answer[Shell.FRESHNESS_TIME] == {"dateTime": None}
    assert answer[Shell.BANNER] == {"hidden": True}


def test_a_status_that_cannot_be_read_is_not_taken_for_an_empty_one(
    server: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> EstateStatus:
        raise DatabaseUnavailableError("The database is gone.")

    monkeypatch.setattr(shell, "read", fail)
    answer = call(server, STATUS, 0, "default").get_json()
    assert answer["response"][Shell.FRESHNESS_TIME] == {"dateTime": ""}
    assert "cannot be read" in answer["response"][Shell.FRESHNESS]["title"]
    assert "sideUpdate" not in answer, "the page's body says it"


def test_an_unknown_database_is_no_database(server: Flask) -> None:
    answer = call(server, STATUS, 0, "production").get_json()["response"]
    assert answer[Shell.FRESHNESS_TIME] == {"dateTime": ""}


def test_the_demo_estate_is_not_removed_while_an_import_runs(server: Flask, db_url: str) -> None:
    is_refused = pytest.raises(ConflictError, match="An import is running")
    with import_lock(db_url, lambda: None), server.app_context(), is_refused:
        shell.remove_demo_estate(1, 3, "default")


def test_a_page_wires_its_stores_to_the_url() -> None:
    group = CallbackGroup()
    shell.wire_scope(group, "x-scope")
    shell.wire_scope(group, "y-scope", "y-view")
    assert len(group._entries) == 2
