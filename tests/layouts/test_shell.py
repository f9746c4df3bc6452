from datetime import datetime
from typing import Any

import pytest
from dash import html

from data.results import EstateStatus, VCenterState
from layouts.shared import shell
from layouts.shared.ids import Shell
from layouts.shared.sitemap import PAGES
from tests.layouts.drawn import by_class, every, text


def vcenter(
    name: str, exported_at: datetime, source: str = "vMetaData", *, is_demo: bool = False
) -> VCenterState:
    return VCenterState(
        id=1,
        name=name,
        is_demo=is_demo,
        exported_at=exported_at,
        exported_at_source=source,
        imported_at=datetime(2026, 11, 23, 14, 5, 9, 123456),
        machines=3,
    )


def status(*vcenters: VCenterState, powered_on: int | None = 2) -> EstateStatus:
    return EstateStatus(
        vcenters=vcenters, machines=7989, powered_on=powered_on, has_demo=any(v.is_demo for v in vcenters)
    )


def by_id(root: Any, component_id: str) -> Any:
    (found,) = (part for part in every(root) if getattr(part, "id", None) == component_id)
    return found


def test_the_menu_lists_the_pages_of_the_site_map_in_their_sections() -> None:
    menu = by_id(shell.frame(databases=["default"]), Shell.MENU)
    links = [(text(link), link.href) for link in by_class(menu, "menu-link") if isinstance(link, html.A)]
    assert links == [(page.title, page.path) for page in PAGES if page.in_menu]
    assert [text(section) for section in by_class(menu, "menu-section")] == ["Explore", "Manage"]


def test_every_control_has_a_name_for_screen_readers() -> None:
    frame = shell.frame(databases=["a", "b"], is_debug=True)
    for control in every(frame, html.Button):
        assert text(control) or control.to_plotly_json()["props"].get("aria-label"), control
    labels = {label.htmlFor for label in every(frame, html.Label)}
    assert {Shell.PALETTE_TEXT, Shell.DATABASE} <= labels


def test_one_database_needs_no_switch() -> None:
    (alone,) = by_class(shell.frame(databases=["default"]), "database-switch")
    (two,) = by_class(shell.frame(databases=["default", "lab"]), "database-switch")
    assert (alone.hidden, two.hidden) == (True, False)
    assert by_id(two, Shell.DATABASE).options == ["default", "lab"]


@pytest.mark.parametrize("is_debug", [True, False])
def test_the_client_state_is_shown_only_in_debug(is_debug: bool) -> None:
    frame = shell.frame(databases=["default"], is_debug=is_debug)
    assert bool(by_class(frame, "debug-panel")) is is_debug


def test_quick_stats_are_exact_and_an_unknown_one_is_a_dash() -> None:
    assert text(shell.quick_stats(status(powered_on=None))) == "Machines 7,989 Powered on –"


def test_freshness_names_the_vcenter_and_when_it_was_exported() -> None:
    moment, sentence = shell.freshness(status(vcenter("vcsa01", datetime(2026, 11, 16, 6, 0))))
    assert moment == "2026-11-23T14:05:09Z"
    assert sentence == "vcsa01, exported 16 Nov 2026, 06:00"


def test_of_several_vcenters_the_oldest_is_named() -> None:
    oldest, newest = vcenter("old", datetime(2026, 11, 1)), vcenter("new", datetime(2026, 11, 2))
    assert shell.freshness(status(oldest, newest))[1].startswith("Oldest of 2 vCenters: old, exported 1 Nov")


def test_an_assumed_export_time_is_marked() -> None:
    assert shell.freshness(status(vcenter("v", datetime(2026, 11, 1), "assumed")))[1].endswith("(assumed)")


def test_without_imports_there_is_no_time() -> None:
    assert shell.freshness(status()) == (None, "Nothing is imported yet.")


def test_a_demo_estate_is_called_one_and_a_part_of_one_is_named() -> None:
    demo, real = (
        vcenter("vc-demo", datetime(2026, 11, 1), is_demo=True),
        vcenter("vc01", datetime(2026, 11, 1)),
    )
    assert shell.demo_notice(status(demo)) == "This is a demo estate: its machines are made up."
    assert "the machines of vc-demo are made up" in shell.demo_notice(status(demo, real))
    assert shell.demo_notice(status(real)) == ""
