"""What load balancers and service managers are told."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from data.database import DatabaseManager
from data.settings import Settings

READY = {
    "status": "ready",
    "databases": {"default": {"answers": True, "schema_is_current": True}},
    "cache": {"kind": "files", "answers": True},
}


def ready(server: Flask) -> tuple[int, dict[str, Any]]:
    answer = server.test_client().get("/health/ready")
    return answer.status_code, answer.json


def test_a_process_lives_without_asking_anybody(server: Flask, db_url: str) -> None:
    Path(db_url.removeprefix("sqlite:///")).unlink()
    answer = server.test_client().get("/health/live")
    assert (answer.status_code, answer.json) == (200, {"status": "live"})
    assert server.test_client().get("/health").text == "OK"


def test_all_is_well(server: Flask) -> None:
    assert ready(server) == (200, READY)
    assert server.test_client().get("/health/ready").headers["Cache-Control"] == "no-store"


def test_without_the_default_database_it_is_not_ready(server: Flask, db_url: str) -> None:
    Path(db_url.removeprefix("sqlite:///")).unlink()
    silent = {"answers": False, "schema_is_current": None}
    assert ready(server) == (503, {**READY, "status": "unavailable", "databases": {"default": silent}})


def test_with_the_schema_of_another_program_it_is_not_ready(server: Flask, manager: DatabaseManager) -> None:
    with manager.session_scope() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    code, told = ready(server)
    assert (code, told["status"]) == (503, "unavailable")
    assert told["databases"]["default"] == {"answers": True, "schema_is_current": False}


def test_without_the_cache_or_a_further_database_it_is_degraded_and_nothing_secret_is_told(
    db_url: str, tmp_path: Path, closed_port: int
) -> None:
    settings = Settings(
        db_url=db_url,
        databases={"lab": f"postgresql://someone:secret@127.0.0.1:{closed_port}/estate"},
        cache_redis_url=f"redis://:secret@127.0.0.1:{closed_port}",
        instance_dir=tmp_path / "instance",
        log_level="error",
    )
    server = create_app(settings)
    answer = server.test_client().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "degraded",
        "databases": {
            "default": {"answers": True, "schema_is_current": True},
            "lab": {"answers": False, "schema_is_current": None},
        },
        "cache": {"kind": "redis", "answers": False},
    }
    for secret in ("secret", "someone", "127.0.0.1", str(closed_port), "estate"):
        assert secret not in answer.text
    assert server.test_client().get("/").status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "[::1]:8050", "localhost", "10.2.3.4", ""])
def test_probes_by_address_are_answered(server: Flask, host: str) -> None:
    assert server.test_client().get("/health/live", headers={"Host": host} if host else {}).status_code == 200


def test_probes_by_a_name_that_is_not_allowed_are_refused(server: Flask) -> None:
    assert server.test_client().get("/health/live", headers={"Host": "balancer"}).status_code == 400
