"""Every way into the program, and the sentence it ends with when it cannot start."""

import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dash.testing.composite import DashComposite

from app import create_app
from data.settings import load_settings

ROOT = Path(__file__).parent.parent
MAKE_RUN = ("-m", "scripts.serve")  # what `make run` starts
GUNICORN = ("-m", "gunicorn", "app:server")
STATS = ("-m", "flask", "--app", "app", "inventory", "stats", "--json")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """As good as empty: a database of its own, and a port that the system chooses."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PORT": "0",
        "GUNICORN_CMD_ARGS": "--graceful-timeout 1",
        "VMWARE_INV_INSTANCE_DIR": str(tmp_path / "instance"),
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run a command to its end."""

    def run_python(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run_python


@contextmanager
def serving(
    environment: dict[str, str], *arguments: str, before: Sequence[str] = ()
) -> Generator[tuple[str, int]]:
    """Start a server, by another command that goes `before`; yields its host and its port once it listens."""
    command = [*before, sys.executable, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        try:
            line = next((line for line in server.stdout if "The dashboard is at" in line), "")
            assert line, "the server ended without listening"
            address = urlsplit(line.split()[4])
            yield address.hostname or "", address.port or 0
        finally:
            server.terminate()
            server.wait(timeout=30)


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("command", [MAKE_RUN, GUNICORN], ids=["make run", "gunicorn app:server"])
def test_a_fresh_folder_is_served_by_an_app_that_is_warm(
    environment: dict[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    with serving(environment, *command) as (host, port), ThreadPoolExecutor(20) as pool:
        assert host == "127.0.0.1"
        assert get(port, "/health")[0] == 200
        first_requests = list(pool.map(lambda _: get(port, "/")[0], range(20)))
    assert first_requests == [200] * 20
    assert (tmp_path / "instance/inventory.db").exists()


def test_the_command_line_answers_on_a_fresh_folder(run: Run) -> None:
    answer = run(*STATS)
    assert answer.returncode == 0, answer.stderr
    stats = json.loads(answer.stdout)
    assert (stats["vms"], stats["imports"], stats["host_cores"]) == (0, 0, None)


def test_a_port_in_use_is_said_before_the_database_is_touched(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = run(*MAKE_RUN, PORT=str(port))
    assert answer.returncode == 1
    advice = f"End the program that uses it, or choose another: make run PORT={port + 1}"
    assert answer.stderr.strip() == f"Port {port} on 127.0.0.1 is in use. {advice}"
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize("port", ["70000", "many"])
def test_an_impossible_port_is_refused_in_a_sentence(run: Run, port: str) -> None:
    answer = run(*MAKE_RUN, PORT=port)
    assert answer.returncode == 1
    assert port in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("command", [MAKE_RUN, GUNICORN, STATS], ids=["make run", "gunicorn", "flask stats"])
def test_a_schema_newer_than_the_program_is_refused_in_a_sentence(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    run(*STATS)
    with closing(sqlite3.connect(tmp_path / "instance/inventory.db")) as database:
        assert database.execute("UPDATE alembic_version SET version_num = '9999_future'").rowcount == 1
        database.commit()

    answer = run(*command)
    # Were the app not loaded before gunicorn forks, it would start its workers again for ever.
    assert answer.returncode == 1
    assert "newer" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("command", [MAKE_RUN, STATS], ids=["make run", "flask inventory stats"])
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:////dev/null/inventory.db", "/dev/null cannot be made"),
        (
            "postgresql+psycopg://inventory:hunter2@127.0.0.1:9/inventory",
            "The database needs psycopg, which is not installed: pip install -r requirements-postgresql.txt.",
        ),
        (
            "mariadb://inventory:hunter2@127.0.0.1:9/inventory",
            "The database needs pymysql, which is not installed: pip install -r requirements-mariadb.txt.",
        ),
        ("postgres://inventory:hunter2@127.0.0.1:9/inventory", "postgresql+psycopg://"),
        ("sqlite:///{file}", "is not an SQLite database"),
    ],
    ids=["no folder", "no driver of PostgreSQL", "no driver of MariaDB", "no such kind", "not a database"],
)
def test_a_database_that_cannot_be_used_is_named_in_a_sentence_without_its_password(
    run: Run, tmp_path: Path, command: tuple[str, ...], url: str, sentence: str
) -> None:
    (tmp_path / "file").write_bytes(b"something else" * 100)
    for driver in ("psycopg", "pymysql"):
        (tmp_path / f"{driver}.py").write_text(f"raise ModuleNotFoundError(name={driver!r})\n")
    answer = run(*command, VMWARE_INV_DB_URL=url.format(file=tmp_path / "file"), PYTHONPATH=str(tmp_path))
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "hunter2" not in answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("command", "host"),
    [(MAKE_RUN, "0.0.0.0"), (GUNICORN, "0.0.0.0"), ((*GUNICORN, "-b", "0.0.0.0:0"), "127.0.0.1")],
    ids=["make run", "gunicorn", "gunicorn -b"],
)
def test_an_address_that_others_can_reach_is_refused_without_permission(
    run: Run, command: tuple[str, ...], host: str
) -> None:
    answer = run(*command, HOST=host)
    assert answer.returncode == 1
    assert "VMWARE_INV_ALLOW_ANONYMOUS=1" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_address_that_others_can_reach_is_served_with_permission(environment: dict[str, str]) -> None:
    anonymous = {"HOST": "0.0.0.0", "VMWARE_INV_ALLOW_ANONYMOUS": "1"}
    with serving(environment | anonymous, *MAKE_RUN) as (host, port):
        assert host == "0.0.0.0"
        assert get(port, "/health")[0] == 200


def test_an_unknown_host_header_is_refused(environment: dict[str, str]) -> None:
    with serving(environment, *MAKE_RUN) as (_, port):
        assert get(port, "/", Host=f"localhost:{port}")[0] == 200
        assert get(port, "/", Host="evil.example")[0] in {400, 403, 421}


def test_two_apps_live_in_one_process(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    apps = [create_app(load_settings({"VMWARE_INV_INSTANCE_DIR": str(folder)})) for folder in folders]
    rules = [app.test_client().get("/_dash-dependencies").get_json() for app in apps]
    assert rules[0] == rules[1] != []
    assert [(folder / "inventory.db").exists() for folder in folders] == [True, True]


@pytest.mark.browser
def test_dash_duo_serves_an_app_of_the_factory(dash_duo: DashComposite, tmp_path: Path) -> None:
    server = create_app(load_settings({"VMWARE_INV_INSTANCE_DIR": str(tmp_path)}))
    dash_duo.start_server(server.extensions["dash"])
    dash_duo.wait_for_text_to_equal("h1", "Overview")
