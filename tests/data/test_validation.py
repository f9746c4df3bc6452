"""Checks of input at their edges, and driver errors as ours."""

import logging
from datetime import date

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from data.database import DatabaseManager
from data.errors import ConflictError, DatabaseUnavailableError, DataError, NotFoundError
from data.models import vcenters
from data.patterns import MAX_PATTERN
from data.validation import DataValidator, safe_query

MIB = 1024**2
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


EDGES = {
    DataValidator.validate_not_empty: (
        [("a",), (0,), (False,), (["a"],)],
        [("",), (" \t",), (None,), ([],), ({},)],
    ),
    DataValidator.validate_positive_number: (
        [(1,), (0.5,), ("3",)],
        [(0,), (-1,), ("x",), (None,), (True,), ("nan",), ("inf",)],
    ),
    DataValidator.validate_number_range: (
        [(0, 0, 1), (1, 0, 1), ("0.5", 0, 1), (9,), (-9, None, 0)],
        [(-0.1, 0, 1), (1.1, 0, 1), ("", 0, 1)],
    ),
    DataValidator.validate_file_size: ([(1,), (2 * MIB, 2)], [(0,), (-1,), (2 * MIB + 1, 2)]),
    DataValidator.validate_regex: (
        [("",), ("web-[0-9]+",), ("a" * MAX_PATTERN,)],
        [("(",), ("a{2,1}",), ("a" * (MAX_PATTERN + 1),)],
    ),
    DataValidator.validate_string_length: ([("",), ("abc", 3, 3)], [("ab", 3), ("abcd", 0, 3)]),
    DataValidator.validate_choice: ([("a", ["a", "b"]), (None, [None])], [("c", ["a", "b"]), ("a", [])]),
    DataValidator.validate_date_range: (
        [(MONDAY, MONDAY), (None, MONDAY), (MONDAY, None), (None, None)],
        [(TUESDAY, MONDAY)],
    ),
}


@pytest.mark.parametrize("check", EDGES, ids=lambda check: check.__name__)
def test_a_check_takes_its_edges_and_refuses_what_is_beyond(check) -> None:
    good, bad = EDGES[check]
    assert {check(*values) for values in good} == {(True, "")}
    for ok, message in [check(*values, name="Size") for values in bad]:
        assert not ok
        assert message.startswith("Size ")
        assert message.endswith(".")


def test_a_constraint_that_was_hurt_is_a_conflict(manager: DatabaseManager) -> None:
    with pytest.raises(ConflictError), manager.session_scope() as session:
        safe_query(session.execute, insert(vcenters), [{"name": "lab"}, {"name": "lab"}])


def test_a_failing_count_is_an_error_and_never_a_zero(
    manager: DatabaseManager, caplog: pytest.LogCaptureFixture
) -> None:
    statement = text("SELECT count(*) FROM nowhere")
    with manager.get_session() as session, pytest.raises(DataError, match=r"could not answer: .*nowhere"):
        safe_query(session.scalar, statement)
    (record,) = [record for record in caplog.records if record.name == "data.validation"]
    assert record.levelno == logging.ERROR
    assert record.exc_info


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (PoolTimeoutError("QueuePool limit of size 5 overflow 10 reached"), DatabaseUnavailableError),
        (InvalidRequestError("This session is closed"), DataError),
        (NotFoundError("No machine has the id 7."), NotFoundError),
        (ZeroDivisionError(), ZeroDivisionError),
    ],
    ids=repr,
)
def test_errors_of_the_library_become_ours_and_others_stay(raised: Exception, seen: type[Exception]) -> None:
    def query() -> int:
        raise raised

    with pytest.raises(seen) as caught:
        safe_query(query)
    assert type(caught.value) is seen


def test_what_a_query_returns_comes_back_even_nothing(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        assert safe_query(session.scalar, text("SELECT NULL")) is None
