"""The cache controls: what the dialog shows and what its buttons clear."""

from pathlib import Path

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict
from flask import Flask

from app import create_app
from callbacks.shared import cache
from callbacks.shared.cache import CacheManager
from data.cache import get_vm_counts, read
from data.cache_store import current_store
from data.database import get_engine
from data.errors import CacheUnavailableError, InvalidInputError
from data.queries.counts import total_resources
from data.scope import Scope
from data.settings import Settings
from layouts.shared.cache_controls import Ids
from layouts.shared.shell import frame
from layouts.shared.state import SessionKeys
from tests.layouts.drawn import every, table, text


def _entries() -> dict[str, int]:
    return {use.function: use.entries for use in CacheManager.get_cache_info() if use.entries}


@pytest.fixture
def asked(server: Flask, db_url: str):
    """The app at work, after two questions of which one was asked twice."""
    with server.app_context():
        current_store().remove(lambda _: True)
        get_vm_counts(db_url)
        get_vm_counts(db_url)
        read(db_url, total_resources, Scope())
        yield server


def _press(button: Ids, function: str | None = None) -> tuple:
    context_value.set(AttributeDict(triggered_inputs=[{"prop_id": f"{button}.n_clicks", "value": 1}]))
    return cache.clear_cache(1, 1, function, 4, {"theme": "dark"})


def test_the_dialog_shows_every_function_with_its_figures(asked: Flask) -> None:
    is_open, content, options = cache.open_dialog(1)
    assert is_open
    rows = {row[0]: row[1:] for row in table(content)}
    hits, misses, share, held, *_, avoided = rows["Count machines"]
    assert (hits, misses, share, avoided) == ("1", "1", "50.0 %", "1")
    assert held.startswith("1 (")
    assert {"label": "Count machines", "value": "counts.count_machines"} in options


def test_one_function_is_cleared_and_the_page_drawn_anew(asked: Flask) -> None:
    _, refreshes, visit, message = _press(Ids.CLEAR_ONE, "counts.count_machines")
    assert _entries() == {"counts.total_resources": 1}
    assert refreshes == 5
    assert visit["theme"] == "dark"
    assert visit[SessionKeys.CACHE_TIMESTAMP].endswith("+00:00")
    assert "1 cached answer" in text(message)


def test_everything_is_cleared(asked: Flask) -> None:
    _press(Ids.CLEAR_ALL, "counts.count_machines")
    assert _entries() == {}


def test_without_a_choice_nothing_is_cleared(asked: Flask) -> None:
    with pytest.raises(InvalidInputError, match="Choose the answer"):
        _press(Ids.CLEAR_ONE)
    assert _entries() == {"counts.count_machines": 1, "counts.total_resources": 1}


def test_opening_the_dialog_needs_no_statement(asked: Flask, db_url: str, count_statements) -> None:
    with count_statements(get_engine(db_url)) as statements:
        cache.open_dialog(1)
    assert statements == []


def test_without_redis_the_dialog_says_so_and_nothing_can_be_cleared(
    db_url: str, tmp_path: Path, closed_port: int
) -> None:
    url = f"redis://:secret@127.0.0.1:{closed_port}"
    settings = Settings(db_url=db_url, instance_dir=tmp_path, cache_redis_url=url, log_level="error")
    with create_app(settings).app_context():
        get_vm_counts(db_url)
        _, content, options = cache.open_dialog(1)
        assert "Redis cannot be reached: answers are computed anew instead of kept." in text(content)
        assert "Nothing was asked" not in text(content)
        assert options == []
        with pytest.raises(CacheUnavailableError, match="Redis cannot be reached"):
            _press(Ids.CLEAR_ALL)


def test_the_menu_has_the_controls() -> None:
    assert Ids.OPEN in {part.id for part in every(frame(databases=["default"])) if getattr(part, "id", None)}
