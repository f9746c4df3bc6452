"""The one log format."""

import logging
import re
from collections.abc import Iterator

import pytest

from data.logs import configure_logging, request_id


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    configure_logging()


def test_a_line_has_time_level_logger_request_and_message(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    token = request_id.set("4ed3894b")
    logging.getLogger("data.example").info("Imported %d machines", 7)
    request_id.reset(token)
    logging.getLogger("data.example").warning("Refused")
    first, second = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z INFO data\.example \[4ed3894b\] Imported 7 machines", first
    )
    assert second.endswith("WARNING data.example [-] Refused")


def test_configuring_again_changes_the_level_and_writes_each_line_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("debug")
    configure_logging("warning")
    logging.getLogger("data.example").info("hidden")
    logging.getLogger("data.example").error("seen")
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().err.splitlines()] == ["seen"]


@pytest.mark.parametrize(("level", "is_logged"), [("debug", True), ("info", False)])
def test_statements_are_logged_at_debug_alone(level: str, is_logged: bool) -> None:
    configure_logging(level)
    assert logging.getLogger("sqlalchemy.engine.Engine").isEnabledFor(logging.INFO) is is_logged


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="no log level “loud”"):
        configure_logging("loud")
