"""Ids of the frame around every page. Pages have their own in `Ids`."""

from __future__ import annotations

from enum import StrEnum


class Shell(StrEnum):
    """Ids of the frame's components."""

    PERSON = "person"
    """What belongs to the person: a local store of `SessionKeys`."""
    VISIT = "visit"
    """What belongs to the visit: a session store of `SessionKeys`."""
    REFRESH = "refresh"
    """A counter that every body callback has as Input: raising it draws the page anew."""
    AS_OF = "shell-as-of"
    """A store: the day that the page looks back to, in ISO form; empty: the newest states."""
    TOASTS = "toasts"
    CONNECTION = "shell-connection"
    """Says that the server does not answer (`assets/connection.js`)."""
    FAILURE = "failure"
    """A store with the error of a page's body; the browser decides where it is shown."""
    MAIN = "main"

    MENU = "shell-menu"
    MENU_TOGGLE = "shell-menu-toggle"
    MENU_CLOSE = "shell-menu-close"
    MENU_COLLAPSE = "shell-menu-collapse"
    BACKDROP = "shell-backdrop"
    QUICK_STATS = "shell-quick-stats"

    SEARCH = "shell-search"
    """The button that opens the palette."""
    PALETTE = "palette"
    PALETTE_TEXT = "palette-text"
    PALETTE_LIST = "palette-list"
    PALETTE_STATUS = "palette-status"
    """Says how much was found."""
    DATABASE = "shell-database"
    FRESHNESS = "shell-freshness"
    FRESHNESS_DOT = "shell-freshness-dot"
    FRESHNESS_TIME = "shell-freshness-time"
    FRESHNESS_DETAIL = "shell-freshness-detail"
    REFRESH_BUTTON = "shell-refresh-button"
    THEME_BUTTON = "shell-theme-button"
    THEME_ICON = "shell-theme-icon"

    BANNER = "shell-banner"
    BANNER_TEXT = "shell-banner-text"
    REMOVE_DEMO = "shell-remove-demo"
    DEBUG = "shell-debug"


LOCATION = "_pages_location"
"""Dash's own `dcc.Location` of its pages."""
