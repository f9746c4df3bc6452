"""The lines of the palette: their words, what is marked in them, and where they lead."""

from datetime import date

import pytest

from data.results import FoundMachine, FoundPlace
from data.scope import Scope
from data.vocabulary import Fit, PlaceKind
from layouts.shared import formats
from layouts.shared.palette import MAX_AROUND, Row, groups, machines_of, marked, palette
from layouts.shared.shell import frame
from tests.layouts.drawn import text


def machine(**values: object) -> FoundMachine:
    given = {
        "machine_id": 7, "name": "web-1", "is_template": False, "vcenter": "vc-north", "datacenter": "DC1",
        "cluster": "C1", "fit": Fit.BEGINS, "found": None,
    }  # fmt: skip
    return FoundMachine(**(given | values))  # type: ignore[arg-type]  # as the fields have it


def place(kind: PlaceKind, name: str, **values: object) -> FoundPlace:
    given = {
        "kind": kind, "name": name, "vcenter_id": 3, "vcenter": "vc-north", "datacenter": None, "cluster": None,
        "fit": Fit.BEGINS, "is_ambiguous": False,
    }  # fmt: skip
    return FoundPlace(**(given | values))  # type: ignore[arg-type]  # as the fields have it


def row(found: FoundMachine | FoundPlace, text: str = "web") -> Row:
    machines, places = ([found], []) if isinstance(found, FoundMachine) else ([], [found])
    ((line,),) = [group.rows for group in groups(machines, places, Scope(), text)]
    return line


def test_a_machine_says_where_it_is_and_what_it_is() -> None:
    assert row(machine()) == Row(
        "/vm-explorer/7", "pc-display", ("", "web", "-1"), None, "vc-north › C1", "Machine"
    )
    assert row(machine(is_template=True)).kind == "Template"
    assert row(machine(cluster=None)).where == "vc-north › DC1"
    assert row(machine(cluster=None, datacenter=None)).where == "vc-north"


def test_what_has_the_text_is_shown_when_the_name_has_not() -> None:
    line = row(machine(name="db", found="web.example.com"))
    assert (line.name, line.found) == (("db", "", ""), ("", "web", ".example.com"))


def test_a_machine_without_a_name_has_a_dash() -> None:
    assert row(machine(name=None)).name == (formats.UNKNOWN, "", "")


def test_a_folder_is_called_by_its_last_part_and_says_what_is_above_it() -> None:
    line = row(place(PlaceKind.FOLDER, "/DC1/vm/Web"))
    assert (line.name, line.where) == (("", "Web", ""), "vc-north › /DC1/vm")


@pytest.mark.parametrize(
    ("found", "query"),
    [
        (place(PlaceKind.VCENTER, "vc-north"), "vcenter=3"),
        (place(PlaceKind.DATACENTER, "DC1"), "datacenter=DC1"),
        (place(PlaceKind.CLUSTER, "C1", datacenter="DC1"), "cluster=C1"),
        (place(PlaceKind.HOST, "esx"), "host=esx"),
        (place(PlaceKind.DATASTORE, "DS 1"), "datastore=DS+1"),
        (place(PlaceKind.NETWORK, "VLAN 7"), "network=VLAN+7"),
        (place(PlaceKind.FOLDER, "/DC1/vm"), "folder=%2FDC1%2Fvm"),
        (place(PlaceKind.HOST, "esx", is_ambiguous=True), "vcenter=3&host=esx"),
        (
            place(PlaceKind.CLUSTER, "C1", datacenter="DC1", is_ambiguous=True),
            "vcenter=3&datacenter=DC1&cluster=C1",
        ),
        (place(PlaceKind.CLUSTER, "C1", is_ambiguous=True), "vcenter=3&datacenter=&cluster=C1"),
    ],
)
def test_a_place_leads_to_its_machines_and_to_no_others(found: FoundPlace, query: str) -> None:
    assert machines_of(found, Scope()).query() == query
    kept = Scope(database="lab", as_of=date(2026, 9, 1))
    assert machines_of(found, kept).with_(database="", as_of=None).query() == query
    assert machines_of(found, kept).as_of == kept.as_of


def test_every_kind_of_place_has_a_group_and_those_that_fit_as_well_come_after_the_machines() -> None:
    places = [place(kind, f"web {kind}") for kind in PlaceKind]
    titles = [group.title for group in groups([machine()], places, Scope(), "web")]
    assert titles[0] == "Machines"
    assert sorted(titles[1:]) == [
        "Clusters", "Datacenters", "Datastores", "Folders", "Hosts", "Networks", "vCenters",
    ]  # fmt: skip


def test_a_place_that_fits_better_comes_before_the_machines() -> None:
    found = groups([machine()], [place(PlaceKind.CLUSTER, "web", fit=Fit.SAME)], Scope(), "web")
    assert [(group.title, group.fit) for group in found] == [("Clusters", Fit.SAME), ("Machines", Fit.BEGINS)]


def test_letters_that_grow_when_case_is_ignored_are_not_marked_in_the_wrong_place() -> None:
    assert marked("straße-web", "web") == ("straße-web", "", "")
    assert marked("ÄPFEL", "pfe") == ("Ä", "PFE", "L")


def test_of_a_long_note_the_part_around_the_match_is_shown() -> None:
    note = "a" * 200 + "web" + "b" * 200
    assert marked(note, "web") == ("…" + "a" * MAX_AROUND, "web", "b" * MAX_AROUND + "…")


def test_the_palette_is_part_of_every_page_and_says_its_keys() -> None:
    assert text(palette()) in text(frame(databases=["default"]))
    for key in ("Enter", "Ctrl Enter", "Esc"):
        assert key in text(palette())
