from pathlib import Path

import pytest

from data.errors import InvalidInputError
from data.settings import load_settings


def test_nothing_set_is_an_embedded_database_on_this_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings.database_urls() == {"default": f"sqlite:///{tmp_path / 'instance' / 'inventory.db'}"}
    assert (settings.host, settings.port, settings.is_loopback) == ("127.0.0.1", 8050, True)


def test_host_and_port_are_accepted_bare_and_the_long_name_wins() -> None:
    bare = {"HOST": "localhost", "PORT": "81"}
    assert (load_settings(bare).host, load_settings(bare).port) == ("localhost", 81)
    assert load_settings(bare | {"VMWARE_INV_PORT": "82"}).port == 82


def test_further_databases_have_names_in_lower_case() -> None:
    settings = load_settings(
        {"VMWARE_INV_DB_URL": "sqlite:///a.db", "VMWARE_INV_DB_URL__LAB": "sqlite:///b.db"}
    )
    assert settings.database_urls() == {"default": "sqlite:///a.db", "lab": "sqlite:///b.db"}


def test_names_of_hosts_are_separated_by_commas() -> None:
    assert load_settings({"VMWARE_INV_ALLOWED_HOSTS": "a.example, b.example,"}).allowed_hosts == (
        "a.example",
        "b.example",
    )


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.5", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("inventory.example", False),
    ],
)
def test_only_loopback_addresses_are_out_of_reach_of_others(host: str, is_loopback: bool) -> None:
    assert load_settings({"HOST": host}).is_loopback is is_loopback


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("VMWARE_INV_PORT", "many", "not a valid value"),
        ("VMWARE_INV_DEBUG", "perhaps", "not a valid value"),
        ("VMWARE_INV_WORKERS", "0", "at least 1"),
        ("VMWARE_INV_LOG_LEVEL", "loud", "one of debug, info, warning, error"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_the_name_of_its_variable(
    variable: str, value: str, problem: str
) -> None:
    with pytest.raises(InvalidInputError, match=f"{variable} is .*{problem}"):
        load_settings({variable: value})
