"""What an operator is told whose database server cannot be used yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from data.database import DatabaseManager, get_engine, schema_is_current, upgrade_schema
from data.errors import DatabaseUnavailableError
from scripts.servers import Server

pytestmark = pytest.mark.services

README = Path(__file__).parents[2] / "README.md"
NAME = "readme_test"
LATIN = "CREATE DATABASE latin_only ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


def kind_of(server: Server) -> str:
    return make_url(server.url()).get_backend_name()


@pytest.fixture
def refused(server: Server) -> Iterator[Callable[..., str]]:
    """What is said of the URL of an empty database, with some parts of it changed."""
    url = make_url(server.create_database("start_test"))

    def start(**parts: object) -> str:
        changed = url.set(**parts).render_as_string(hide_password=False)
        with pytest.raises(DatabaseUnavailableError) as told:
            upgrade_schema(changed)
        DatabaseManager(changed).clear_cache()
        assert str(url.password) not in str(told.value)
        return str(told.value)

    yield start
    server.execute("DROP DATABASE start_test")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"password": "very-secret"}, "it does not let this user in"),
        ({"username": "nobody_known"}, "it does not let this user in"),
        ({"database": "no_such_database"}, "the server has no such database"),
        ({"host": "no-such-host.invalid"}, "its host is not known"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_wrong_with_a_url_is_said(
    refused: Callable[..., str], parts: dict[str, str], reason: str
) -> None:
    said = refused(**parts)
    assert said.endswith(f" does not answer: {reason}.")
    assert "very-secret" not in said


def test_a_server_that_is_not_there_is_said(refused: Callable[..., str], closed_port: int) -> None:
    assert refused(port=closed_port).endswith(" does not answer: nobody listens there.")


def test_an_account_that_may_not_make_tables_is_said(server: Server, refused: Callable[..., str]) -> None:
    host = "" if kind_of(server) == "postgresql" else "@'%'"
    if host:
        server.execute(f"CREATE USER reader{host} IDENTIFIED BY 'r'")
        server.execute(f"GRANT SELECT ON start_test.* TO reader{host}")
    else:
        server.execute("CREATE USER reader PASSWORD 'r'")
        with get_engine(server.url("start_test")).begin() as connection:  # until PostgreSQL 14 everybody may
            connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
        DatabaseManager(server.url("start_test")).clear_cache()
    said = refused(username="reader", password="r")
    server.execute(f"DROP USER reader{host}")
    assert said.endswith(" does not answer: its user has not all rights there.")


def test_a_database_whose_texts_are_not_utf_8_is_refused_with_the_way_out(
    postgresql_server: Server,
) -> None:
    postgresql_server.execute(LATIN)
    url = postgresql_server.url("latin_only")
    with pytest.raises(DatabaseUnavailableError, match=r"has the encoding LATIN1\..* ENCODING 'UTF8'"):
        upgrade_schema(url)
    DatabaseManager(url).clear_cache()
    postgresql_server.execute("DROP DATABASE latin_only")


def test_mariadb_is_not_taken_for_mysql(mariadb_server: Server) -> None:
    url = mariadb_server.url().replace("mariadb+", "mysql+")
    with pytest.raises(DatabaseUnavailableError, match=r"is MariaDB: begin its URL with mariadb\+pymysql://"):
        upgrade_schema(url)
    DatabaseManager(url).clear_cache()


def test_what_the_readme_says_makes_a_database_that_will_do(server: Server) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", README.read_text(), re.DOTALL)
    (mine,) = [block for block in blocks if ("GRANT" in block) == (kind_of(server) == "mariadb")]
    for statement in mine.replace("inventory", NAME).split(";"):
        if statement.strip():
            server.execute(statement)
    made = make_url(server.url()).set(username=NAME, password="choose-one", database=NAME)
    url = made.render_as_string(hide_password=False)
    upgrade_schema(url)
    assert schema_is_current(url)
    DatabaseManager(url).clear_cache()
    server.execute(f"DROP DATABASE {NAME}")
    server.execute(f"DROP USER {NAME}")
