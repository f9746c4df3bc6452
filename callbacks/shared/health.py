"""What load balancers and service managers ask: does the process live, and is it ready for operators?"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, jsonify

from data.health import Health, HealthCheck


def tell(server: Flask, databases: Mapping[str, str]) -> None:
    """Answer `/health/live` and `/health/ready`.

    Args:
        server: The server.
        databases: Name -> URL, the default one first. The names are told, the URLs are not.
    """
    check = HealthCheck(databases)

    @server.get("/health/live")
    def live() -> Response:
        return _answer({"status": "live"}, 200)

    @server.get("/health/ready")
    def ready() -> Response:
        health = check.ask()
        status = _status(health)
        content = {
            "status": status,
            "databases": {
                name: {"answers": found.answers, "schema_is_current": found.schema_is_current}
                for name, found in health.databases.items()
            },
            "cache": {"kind": health.cache_kind, "answers": health.cache_answers},
        }
        return _answer(content, 503 if status == "unavailable" else 200)


def _status(health: Health) -> str:
    """Pages need the default database; without the cache or a further database they are only worse."""
    default, *others = (bool(found.schema_is_current) for found in health.databases.values())
    if not default:
        return "unavailable"
    return "ready" if all(others) and health.cache_answers else "degraded"


def _answer(content: Mapping[str, object], code: int) -> Response:
    response = jsonify(content)
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response
