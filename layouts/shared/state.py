"""Client state: what a person chose and what a visit knows, in two `dcc.Store`s keyed by `SessionKeys`.

The functions are pure: they take the content of a store and return a new one. Stores hold ids and choices,
never rows, and never a database URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from dash import html
from dash.development.base_component import Component

State = Mapping[str, Any]
"""The content of a store: JSON, so keys are texts. None while nothing is stored."""


class SessionKeys(StrEnum):
    """The keys of client state, each with the type of its value and its default. A default of None allows it.

    Example:
        >>> SessionKeys.RESULTS_PER_PAGE.value, SessionKeys.RESULTS_PER_PAGE.default
        ('results_per_page', 100)
    """

    kind: type
    default: Any

    def __new__(cls, key: str, kind: type, default: Any) -> Self:
        """A member that is its key."""
        member = str.__new__(cls, key)
        member._value_ = key
        member.kind = kind
        member.default = default
        return member

    DB_URL = ("db_url", str, "")
    """Name of a configured database, never a URL; empty: the default one."""
    CURRENT_PAGE = ("current_page", str, "overview")
    THEME = ("theme", str, "system")
    """system, light or dark"""
    SHOW_SIDEBAR = ("show_sidebar", bool, True)
    """Whether the menu shows words beside its icons."""
    RESULTS_PER_PAGE = ("results_per_page", int, 100)
    DEFAULT_DATACENTER = ("default_datacenter", str, None)
    SHOW_TEMPLATES = ("show_templates", bool, False)
    CACHE_TIMESTAMP = ("cache_timestamp", str, None)
    """When the caches were last cleared from here; ISO 8601, UTC."""
    LAST_REFRESH = ("last_refresh", str, None)
    """When the page was last refreshed; ISO 8601, UTC."""
    CONFIRM_DB_RESTORE = ("confirm_db_restore", bool, False)
    CONFIRM_LABEL_DELETE = ("confirm_label_delete", bool, False)
    SELECTED_DATACENTER = ("selected_datacenter", str, None)
    SELECTED_CLUSTER = ("selected_cluster", str, None)
    SELECTED_POWER_STATE = ("selected_power_state", str, None)
    LAST_SEARCH_TERM = ("last_search_term", str, "")
    USE_REGEX_SEARCH = ("use_regex_search", bool, False)
    IMPORT_JOB = ("import_job", str, "")
    """The open job of Data Import and its database, as query text."""
    EXPLORER_LAYOUT = ("explorer_layout", str, "")
    """The columns of VM Explorer as the person left them: order, widths, places; query text, empty: the default."""
    EXPLORER_LAYOUTS = ("explorer_layouts", dict, dict[str, str]())
    """Layouts that the person keeps: name -> query text."""
    RECENT_MACHINES = ("recent_machines", list, list[list[str]]())
    """The machines opened last, the newest first, as [database, id, name]."""

    def accepts(self, value: object) -> bool:
        """Whether the key may hold the value. A truth value is not a number."""
        if value is None:
            return self.default is None
        return isinstance(value, self.kind) and isinstance(value, bool) == (self.kind is bool)


FILTERS = (
    SessionKeys.SELECTED_DATACENTER,
    SessionKeys.SELECTED_CLUSTER,
    SessionKeys.SELECTED_POWER_STATE,
    SessionKeys.LAST_SEARCH_TERM,
    SessionKeys.USE_REGEX_SEARCH,
)
CONFIRMATIONS = (SessionKeys.CONFIRM_DB_RESTORE, SessionKeys.CONFIRM_LABEL_DELETE)


class StateManager:
    """Reads and changes the content of a store.

    Example:
        >>> state = StateManager.set(None, SessionKeys.THEME, "dark")
        >>> StateManager.get(state, SessionKeys.THEME)
        'dark'
    """

    @staticmethod
    def init_state(state: State | None = None) -> dict[str, Any]:
        """A complete state: what is stored and fits its key, defaults for the rest, nothing else.

        Example:
            >>> state = StateManager.init_state({"theme": 7, "results_per_page": 50, "old": 1})
            >>> state["theme"], state["results_per_page"], "old" in state
            ('system', 50, False)
        """
        return {str(key): StateManager.get(state, key) for key in SessionKeys}

    @staticmethod
    def get(state: State | None, key: SessionKeys, default: Any = None) -> Any:
        """The value of a key; without a fitting one `default`, and without that the key's own default.

        Example:
            >>> StateManager.get({}, SessionKeys.THEME), StateManager.get({}, SessionKeys.THEME, "light")
            ('system', 'light')
        """
        value = (state or {}).get(str(key))
        if value is not None and key.accepts(value):
            return value
        return key.default if default is None else default

    @staticmethod
    def set(state: State | None, key: SessionKeys, value: Any) -> dict[str, Any]:
        """A new state in which the key has the value.

        Raises:
            TypeError: the value is not of the key's type.

        Example:
            >>> StateManager.set({}, SessionKeys.RESULTS_PER_PAGE, "many")
            Traceback (most recent call last):
                ...
            TypeError: results_per_page holds int, not str.
        """
        if not key.accepts(value):
            raise TypeError(f"{key} holds {key.kind.__name__}, not {type(value).__name__}.")
        return {**(state or {}), str(key): value}

    @staticmethod
    def has(state: State | None, key: SessionKeys) -> bool:
        """Whether the key was set.

        Example:
            >>> StateManager.has({"theme": "dark"}, SessionKeys.THEME)
            True
        """
        return str(key) in (state or {})

    @staticmethod
    def delete(state: State | None, *keys: SessionKeys) -> dict[str, Any]:
        """A new state without the keys.

        Example:
            >>> StateManager.delete({"theme": "dark", "db_url": ""}, SessionKeys.THEME)
            {'db_url': ''}
        """
        return {name: value for name, value in (state or {}).items() if name not in keys}

    @staticmethod
    def clear_filters(state: State | None) -> dict[str, Any]:
        """A new state without the chosen filters.

        Example:
            >>> StateManager.clear_filters({"selected_cluster": "C1", "theme": "dark"})
            {'theme': 'dark'}
        """
        return StateManager.delete(state, *FILTERS)

    @staticmethod
    def clear_confirmations(state: State | None) -> dict[str, Any]:
        """A new state in which nothing is half confirmed.

        Example:
            >>> StateManager.clear_confirmations({"confirm_db_restore": True})
            {}
        """
        return StateManager.delete(state, *CONFIRMATIONS)

    @staticmethod
    def reset_to_defaults(state: State | None = None) -> dict[str, Any]:
        """A new state in which nothing is chosen. The database and the page stay.

        Example:
            >>> state = StateManager.reset_to_defaults({"db_url": "lab", "theme": "dark"})
            >>> state["db_url"], state["theme"]
            ('lab', 'system')
        """
        place = (SessionKeys.DB_URL, SessionKeys.CURRENT_PAGE)
        return StateManager.init_state({str(key): StateManager.get(state, key) for key in place})

    @staticmethod
    def get_state_summary(state: State | None) -> dict[str, Any]:
        """What differs from the defaults.

        Example:
            >>> StateManager.get_state_summary({"theme": "dark", "results_per_page": 100})
            {'theme': 'dark'}
        """
        return {
            str(key): value for key in SessionKeys if (value := StateManager.get(state, key)) != key.default
        }

    @staticmethod
    def show_debug_info(**stores: State | None) -> Component:
        """Every key of each store, a star before those that were set.

        Example:
            >>> type(StateManager.show_debug_info(person={"theme": "dark"})).__name__
            'Pre'
        """
        lines = [
            f"{'*' if StateManager.has(state, key) else ' '} {name}.{key} = {StateManager.get(state, key)!r}"
            for name, state in stores.items()
            for key in SessionKeys
        ]
        return html.Pre("\n".join(lines))
