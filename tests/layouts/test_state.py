import json

import pytest

from layouts.shared.state import SessionKeys, StateManager


def test_every_key_accepts_its_own_default() -> None:
    assert [key for key in SessionKeys if not key.accepts(key.default)] == []


def test_there_are_sixteen_keys_or_more_and_their_texts_never_change() -> None:
    assert len(SessionKeys) >= 16
    assert (SessionKeys.DB_URL, SessionKeys.CURRENT_PAGE) == ("db_url", "current_page")
    assert SessionKeys.SELECTED_DATACENTER == "selected_datacenter"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (SessionKeys.THEME, 7),
        (SessionKeys.THEME, None),
        (SessionKeys.RESULTS_PER_PAGE, "100"),
        (SessionKeys.RESULTS_PER_PAGE, True),
        (SessionKeys.SHOW_TEMPLATES, 1),
        (SessionKeys.SELECTED_CLUSTER, ["C1"]),
    ],
)
def test_a_value_of_another_type_is_refused(key: SessionKeys, value: object) -> None:
    with pytest.raises(TypeError, match=str(key)):
        StateManager.set({}, key, value)


def test_a_key_without_default_can_be_emptied() -> None:
    assert StateManager.set({}, SessionKeys.SELECTED_CLUSTER, None) == {"selected_cluster": None}


def test_setting_and_deleting_leave_the_given_state_alone() -> None:
    before = {"theme": "dark"}
    assert StateManager.set(before, SessionKeys.THEME, "light") == {"theme": "light"}
    assert StateManager.delete(before, SessionKeys.THEME) == {}
    assert before == {"theme": "dark"}


def test_what_a_browser_stored_wrongly_reads_as_the_default() -> None:
    stored = {"results_per_page": "lots", "show_sidebar": "no", "theme": None}
    assert StateManager.get(stored, SessionKeys.RESULTS_PER_PAGE) == 100
    assert StateManager.get(stored, SessionKeys.SHOW_SIDEBAR) is True
    assert StateManager.get(stored, SessionKeys.THEME) == "system"


def test_false_and_zero_are_values_not_gaps() -> None:
    state = {"show_sidebar": False, "results_per_page": 0}
    assert StateManager.get(state, SessionKeys.SHOW_SIDEBAR, True) is False
    assert StateManager.get(state, SessionKeys.RESULTS_PER_PAGE, 50) == 0


def test_a_state_survives_the_way_through_the_browser() -> None:
    state = StateManager.set(StateManager.init_state(), SessionKeys.LAST_SEARCH_TERM, "größe")
    assert StateManager.init_state(json.loads(json.dumps(state))) == state


def test_clearing_filters_keeps_everything_else() -> None:
    state = StateManager.init_state()
    for key in (SessionKeys.SELECTED_DATACENTER, SessionKeys.SELECTED_CLUSTER, SessionKeys.LAST_SEARCH_TERM):
        state = StateManager.set(state, key, "x")
    cleared = StateManager.clear_filters(StateManager.set(state, SessionKeys.THEME, "dark"))
    assert StateManager.get_state_summary(cleared) == {"theme": "dark"}


def test_clearing_confirmations_leaves_nothing_half_confirmed() -> None:
    state = {"confirm_db_restore": True, "confirm_label_delete": True, "theme": "dark"}
    assert StateManager.clear_confirmations(state) == {"theme": "dark"}


def test_the_debug_panel_marks_what_was_set() -> None:
    lines = StateManager.show_debug_info(person={"theme": "dark"}, visit=None).children.splitlines()
    assert "* person.theme = 'dark'" in lines
    assert "  visit.theme = 'system'" in lines
    assert len(lines) == 2 * len(SessionKeys)
