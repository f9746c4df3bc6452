"""The one list of pages. Router, menu, links, tests and docs read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from data.errors import NotFoundError
from data.scope import Scope

MAIN_SECTION = "Main"
"""The first section; the menu shows it without a heading."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that works. Its modules are `layouts/<key>.py` and `callbacks/<key>.py`."""

    key: str
    path: str
    """May hold one variable, such as `<machine_id>`."""
    title: str
    section: str
    icon: str
    """A Bootstrap icon, without "bi-"."""
    sentence: str
    """What the page is for; shown under the title until the page has an answer."""
    in_menu: bool = True


PAGES = (
    Page("overview", "/", "Overview", MAIN_SECTION, "speedometer2", "The whole estate at a glance"),
    Page(
        "vm_explorer",
        "/vm-explorer",
        "VM Explorer",
        "Explore",
        "pc-display",
        "Every machine, filtered, sorted and in detail",
    ),
    Page(
        "machine",
        "/vm-explorer/<machine_id>",
        "Machine",
        "Explore",
        "pc-display",
        "Everything known about one machine",
        in_menu=False,
    ),
    Page(
        "data_import",
        "/data-import",
        "Data Import",
        "Manage",
        "upload",
        "Import an RVTools export and see what it changes",
    ),
)


def href(key: str, scope: Scope | None = None, **path_variables: object) -> str:
    """The link to a page, carrying the scope.

    Args:
        key: The page's key.
        scope: Written into the query; none: no query.
        path_variables: Values for the variables of the page's path.

    Raises:
        NotFoundError: no page has that key.

    Example:
        >>> href("vm_explorer", Scope(datacenters=("DC 1",)))
        '/vm-explorer?datacenter=DC+1'
        >>> href("machine", machine_id=17)
        '/vm-explorer/17'
    """
    page = _find(key)
    if page is None:
        raise NotFoundError(f"There is no page “{key}”.")
    path = page.path
    for name, value in path_variables.items():
        path = path.replace(f"<{name}>", quote(str(value), safe=""))
    query = scope.query() if scope else ""
    return f"{path}?{query}" if query else path


class PageNavigator:
    """Finds pages by key or title. Spaces, underscores and case do not matter.

    Example:
        >>> PageNavigator.navigate_to("VM Explorer")
        '/vm-explorer'
        >>> PageNavigator.get_current_page("/vm-explorer/17")
        'machine'
    """

    @staticmethod
    def navigate_to(page: str, scope: Scope | None = None, **path_variables: object) -> str:
        """The link that opens a page; a callback hands it to the browser.

        Raises:
            NotFoundError: there is no such page.

        Example:
            >>> PageNavigator.navigate_to("Data_Import")
            '/data-import'
        """
        return href(page, scope, **path_variables)

    @staticmethod
    def get_current_page(path: str) -> str | None:
        """The key of the page at a path of the URL; None if there is none.

        Example:
            >>> PageNavigator.get_current_page("/"), PageNavigator.get_current_page("/nowhere")
            ('overview', None)
        """
        steps = path.strip("/").split("/")
        return next((page.key for page in PAGES if _matches(steps, page.path.strip("/").split("/"))), None)

    @staticmethod
    def is_valid_page(page: str) -> bool:
        """Whether there is such a page.

        Example:
            >>> PageNavigator.is_valid_page("VM_Explorer"), PageNavigator.is_valid_page("Analytics 2")
            (True, False)
        """
        return _find(page) is not None

    @staticmethod
    def get_page_category(page: str) -> str | None:
        """The section of the menu that a page belongs to; None if there is no such page.

        Example:
            >>> PageNavigator.get_page_category("vm_explorer")
            'Explore'
        """
        found = _find(page)
        return found.section if found else None


def predecessor_redirect(query: Mapping[str, list[str]]) -> str | None:
    """Where a link of the predecessor (`/?page=VM_Explorer`) leads; None if the query is not of that kind.

    Pages that do not exist lead to the Overview. The scope is kept.

    Example:
        >>> predecessor_redirect({"page": ["VM_Explorer"], "power": ["poweredOn"]})
        '/vm-explorer?power=poweredOn'
        >>> predecessor_redirect({"page": ["Palm Reading"]}), predecessor_redirect({"q": ["sql"]})
        ('/', None)
    """
    if "page" not in query:
        return None
    page = _find(query["page"][0])
    return href(page.key if page and page.in_menu else PAGES[0].key, Scope.from_query(query))


def _find(name: str) -> Page | None:
    return _BY_NAME.get(_normal(name))


def _normal(name: str) -> str:
    return name.replace("_", " ").strip().casefold()


def _matches(steps: list[str], pattern: list[str]) -> bool:
    return len(steps) == len(pattern) and all(
        step == part or (part.startswith("<") and step) for step, part in zip(steps, pattern, strict=True)
    )


_BY_NAME = {_normal(name): page for page in PAGES for name in (page.key, page.title)}
