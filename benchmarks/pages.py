"""What the server needs for the pages: time, statements and bytes of the answers of their callbacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from benchmarks.floor import Floor, differences, page_figures
from benchmarks.report import Figure
from benchmarks.site import Answer, Site, middle
from data.fields import ATTRIBUTE, DEFAULT_COLUMNS, VINFO
from data.queries.machines import list_attributes, total_machines
from data.queries.overview import get_overview
from data.results import AttentionLimits
from data.scope import Scope
from data.vocabulary import SortDirection
from layouts import data_import, machine, overview, vm_explorer
from layouts.shared.ids import Shell
from layouts.shared.machine_table import View

ROUNDS = 15
WORST = 3
"""So many of the slowest sorts are measured again."""
BLOCK = 100
SEARCH = "sql"
PATTERNS = (r"^.*-sql-\d+$", "(a+)+$")
"""The second one keeps engines that go back and try again busy for years."""
OVERVIEW = f"{overview.Ids.BODY}.children"
ROWS = f"{vm_explorer.Ids.GRID}.getRowsResponse"
TOTALS = f"{vm_explorer.Ids.TOTALS}.children"
MACHINE = f"{machine.Ids.BODY}.children"
IMPORT = f"{data_import.Ids.BODY}.children"
_LIMITS = AttentionLimits()


class DifferenceError(Exception):
    """A page and the floor do not say the same."""


def _check(found: Sequence[str]) -> None:
    if found:
        raise DifferenceError("\n".join(found))


def measure_overview(site: Site, floor: Floor) -> Iterator[Figure]:
    """The body of the Overview, cold and warm."""
    _check(differences(page_figures(site.read(get_overview, Scope(), limits=_LIMITS)), floor.overview()[1]))
    cold, floors = [], []
    for _ in range(ROUNDS):
        site.forget()
        cold.append(ask_overview(site, Scope()))
        floors.append(floor.overview()[0])
    page, least = middle(cold), 1000 * median(floors)
    warm = middle([ask_overview(site, Scope()) for _ in range(ROUNDS)])
    yield Figure(
        "Overview, cold: server",
        1000 * page.seconds,
        "ms",
        1.5 * least + 10,
        floor=least,
        predecessor="0.41 s",
    )
    yield Figure("Overview, cold: statements", page.statements, "", 12, predecessor="15")
    yield Figure("Overview, warm: server", 1000 * warm.seconds, "ms", 5, predecessor="0.41 s")
    yield Figure("Overview, warm: statements", warm.statements, "", 1)


def measure_explorer(site: Site, floor: Floor) -> Iterator[Figure]:
    """Blocks of rows at both ends of every sort, and the text search."""
    machines = site.read(total_machines, Scope(), limits=_LIMITS).machines
    _check(_different_totals(site, floor, Scope(), "totals"))
    searched = Scope(text=SEARCH)
    _check(_different_totals(site, floor, searched, "search"))
    last = (machines - 1) // BLOCK * BLOCK
    others = [field.key for field in VINFO if field.key not in DEFAULT_COLUMNS]
    attributes = [ATTRIBUTE + name for name in site.read(list_attributes, Scope())]
    groups = (
        ("default columns", DEFAULT_COLUMNS, 30, 30, ""),
        ("other vInfo columns", others, 150, 300, "0.6 s"),
        ("custom attributes", attributes, 300, 400, "0.6 s"),
    )
    for name, columns, first_ms, last_ms, predecessor in groups:
        for end, start, target in (("first", 0, first_ms), ("last", last, last_ms)):
            worst, usual = _ends(site, columns, start)
            title = f"VM Explorer, {name}, {end} block"
            yield Figure(
                f"{title}, slowest sort: {worst[0]}", worst[1], "ms", target, predecessor=predecessor
            )
            yield Figure(f"{title}, median of the sorts", usual, "ms")
    floors = [1000 * floor.timed("search", text=SEARCH) for _ in range(ROUNDS)]
    yield Figure(
        f"VM Explorer, search “{SEARCH}” with rows, count and totals",
        _searched_ms(site, searched), "ms", 300, floor=median(floors), predecessor="0.6 s",
    )  # fmt: skip
    for pattern in PATTERNS:
        scope = Scope(text=pattern, is_pattern=True)
        yield Figure(
            f"VM Explorer, pattern “{pattern}” with rows, count and totals",
            _searched_ms(site, scope),
            "ms",
            1000,
        )


def _searched_ms(site: Site, scope: Scope) -> float:
    """The first block, the count and the totals of a scope."""
    answers = []
    for _ in range(ROUNDS):
        site.forget()
        rows, totals = _rows(site, "name", SortDirection.ASC, 0, scope), _totals(site, scope)
        answers.append(1000 * (rows.seconds + totals.seconds))
    return median(answers)


def _different_totals(site: Site, floor: Floor, scope: Scope, statement: str) -> list[str]:
    found = site.read(total_machines, scope, limits=_LIMITS)
    page = [found.machines, found.vcpus, found.memory_mib, found.provisioned_mib]
    return differences({statement: page}, {statement: floor.rows(statement, text=scope.text)[0]})


def _ends(site: Site, columns: Sequence[str], start: int) -> tuple[tuple[str, float], float]:
    """The slowest sort with its milliseconds, and the median of all sorts."""
    ask_block(
        site, columns[0], SortDirection.ASC, start
    )  # the total is there: it does not change with the sort
    sorts = [(column, direction) for column in columns for direction in SortDirection]
    once = {sort: 1000 * ask_block(site, *sort, start).seconds for sort in sorts}
    slowest = sorted(sorts, key=lambda sort: -once[sort])[:WORST]
    again = {
        f"{column} {direction}": 1000
        * middle([ask_block(site, column, direction, start) for _ in range(5)]).seconds
        for column, direction in slowest
    }
    return max(again.items(), key=lambda item: item[1]), median(once.values())


def ask_block(site: Site, column: str, direction: SortDirection, start: int) -> Answer:
    """A block that nobody has asked for yet."""
    site.forget(bodies_alone=True)
    return _rows(site, column, direction, start)


def _rows(
    site: Site, column: str, direction: SortDirection, start: int, scope: Scope | None = None
) -> Answer:
    """A block in the order of a column, which is shown beside the default ones."""
    request = {
        "startRow": start,
        "endRow": start + BLOCK,
        "sortModel": [{"colId": column, "sort": direction}],
        "filterModel": {},
    }
    view = View(columns=tuple(dict.fromkeys((*DEFAULT_COLUMNS, column))), sort=column, direction=direction)
    ids = vm_explorer.Ids
    values: dict[str, object] = {
        ids.GRID: request,
        ids.SCOPE: (scope or Scope()).query(),
        ids.VIEW: view.query(),
    }
    return site.call(ROWS, values)


def ask_overview(site: Site, scope: Scope) -> Answer:
    """The body of the Overview."""
    return site.call(OVERVIEW, {overview.Ids.SCOPE: scope.query(), Shell.REFRESH: 0})


def _totals(site: Site, scope: Scope) -> Answer:
    return site.call(TOTALS, {vm_explorer.Ids.SCOPE: scope.query(), Shell.REFRESH: 0})


def measure_walk(site: Site) -> Iterator[Figure]:
    """Ten pages one after the other, and the same again; and the largest of their answers."""
    scopes = _scopes(site)
    site.forget()
    first = list(_walk(site, scopes))
    again = list(_walk(site, scopes))
    for what, generations, target in (
        ("", 1, 95),
        (", with the generation that each request reads", 0, None),
    ):
        before, after = (
            sum(answer.statements - generations for answer in answers) for answers in (first, again)
        )
        name = f"ten-page walk repeated: statements saved{what} ({before} and {after})"
        yield Figure(name, 100 * (1 - after / before), "%", target, at_least=True)
    largest = max(answer.size_bytes for answer in first) / 1000
    yield Figure("largest answer of a page, compressed", largest, "kB", 150, predecessor="12.6 MB")


def _scopes(site: Site) -> list[Scope]:
    found = site.read(get_overview, Scope(), limits=_LIMITS)
    return [
        Scope(),
        Scope().of_datacenter(found.datacenters[0]),
        Scope().of_cluster(found.clusters.top[0]),
        Scope().of_os(found.operating_systems.top[0]),
    ]


def _walk(site: Site, scopes: Iterable[Scope]) -> Iterator[Answer]:
    """Four times from the Overview to VM Explorer, then a machine and the imports."""
    for scope in scopes:
        yield ask_overview(site, scope)
        yield _totals(site, scope)
        yield _rows(site, "name", SortDirection.ASC, 0, scope)
    ids = machine.Ids
    yield site.call(MACHINE, {ids.MACHINE: "1", ids.SCOPE: "", ids.VIEW: "", Shell.REFRESH: 0})
    yield site.call(IMPORT, {data_import.Ids.SCOPE: "", data_import.Ids.VIEW: "", Shell.REFRESH: 0})
