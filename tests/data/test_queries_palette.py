"""What the palette finds, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data import models
from data.database import DatabaseManager, get_engine
from data.queries.machines import find_machines
from data.queries.palette import CANDIDATES, find_named_machines, find_places, list_places
from data.results import AttentionLimits, FoundMachine, FoundPlace
from data.scope import Scope
from data.vocabulary import Fit, PlaceKind, Templates
from tests.factories import EXPORTED_AT, add, add_estate, add_machine, add_state, add_vcenter

CountStatements = Callable[[Engine], AbstractContextManager[list[str]]]
UUID = "4212f0b1-93d4-8f7e-0b6a-1c5d3f2a9e77"


def machines(session: Session, text: str, scope: Scope | None = None, limit: int = 8) -> list[FoundMachine]:
    return find_named_machines(session, scope or Scope(), text=text, limit=limit)


def names(found: list[FoundMachine]) -> list[str | None]:
    return [machine.name for machine in found]


def places(session: Session, text: str, scope: Scope | None = None, limit: int = 4) -> list[FoundPlace]:
    return find_places(list_places(session, scope or Scope()), text=text, limit=limit)


def place_names(session: Session, kind: PlaceKind, scope: Scope | None = None) -> list[str]:
    return sorted(
        name for group in list_places(session, scope or Scope()) if group.kind is kind for name in group.names
    )


# Machines
def test_names_come_before_dns_names_before_addresses_before_what_only_contains_the_text(
    session: Session,
) -> None:
    add_estate(
        session,
        {"name": "z-note", "annotation": "was 10.1 once"},
        {"name": "z-host", "host": "10.1.0.9.example.com"},
        {"name": "a10.1z"},
        {"name": "z 10.1"},
        {"name": "z-address", "primary_ip_address": "10.1.2.3"},
        {"name": "z-dns", "dns_name": "10.1.example.com"},
        {"name": "10.1-web"},
        {"name": "10.1"},
    )
    found = machines(session, "10.1")
    assert [(machine.name, machine.fit) for machine in found] == [
        ("10.1", Fit.SAME),
        ("10.1-web", Fit.BEGINS),
        ("z-dns", Fit.BEGINS_DNS_NAME),
        ("z-address", Fit.BEGINS_ADDRESS),
        ("z 10.1", Fit.BEGINS_WORD),
        ("a10.1z", Fit.CONTAINS),
        ("z-host", Fit.ELSEWHERE),
        ("z-note", Fit.ELSEWHERE),
    ]
    assert [machine.found for machine in found] == [
        None, None, "10.1.example.com", "10.1.2.3", None, None, "10.1.0.9.example.com", "was 10.1 once",
    ]  # fmt: skip


def test_machines_that_fit_as_well_come_by_name_and_of_one_name_by_vcenter(session: Session) -> None:
    for vcenter in ("vc-south", "vc-north"):
        state = add_state(session, add_vcenter(session, vcenter))
        for name in ("web-b", "Web-A"):
            add_machine(session, state, name)
    assert [(machine.name, machine.vcenter) for machine in machines(session, "WEB")] == [
        ("Web-A", "vc-north"), ("Web-A", "vc-south"), ("web-b", "vc-north"), ("web-b", "vc-south"),
    ]  # fmt: skip


def test_where_a_machine_is_may_be_unknown_and_so_may_its_name(session: Session) -> None:
    add_estate(session, {"name": "lonely", "dns_name": "lonely.example.com"})
    session.execute(models.virtual_machines.update().values(name=None))
    (machine,) = machines(session, "lonely")
    assert (machine.name, machine.datacenter, machine.cluster) == (None, None, None)
    assert (machine.fit, machine.found) == (Fit.BEGINS_DNS_NAME, "lonely.example.com")


def test_a_whole_address_is_the_best_fit_there_is(session: Session) -> None:
    add_estate(
        session,
        {"name": "a", "primary_ip_address": "10.0.0.10"},
        {"name": "b", "primary_ip_address": "10.0.0.1"},
    )
    assert names(machines(session, "10.0.0.1")) == ["b", "a"]


def test_a_host_that_is_typed_in_full_makes_none_of_its_machines_the_best_fit(session: Session) -> None:
    add_estate(session, {"host": "esx-1"})
    assert machines(session, "esx-1")[0].fit is Fit.ELSEWHERE


@pytest.mark.parametrize("text", [UUID, UUID.upper(), UUID[:8], UUID[9:18]])
def test_a_uuid_is_found_by_all_of_it_or_by_a_part(session: Session, text: str) -> None:
    add_estate(session, {"name": "one", "vm_uuid": UUID}, {"name": "other", "vm_uuid": UUID[::-1]})
    (machine,) = machines(session, text)
    assert (machine.name, machine.found) == ("one", UUID)


@pytest.mark.parametrize(
    "text", ["00:50:56:ab:cd:ef", "00-50-56-AB-CD-EF", "00:50:56:ab", "00-50-56-", "ab:cd:ef"]
)
def test_a_mac_address_is_found_with_colons_or_dashes(session: Session, text: str) -> None:
    state = add_estate(session, {"name": "other"})
    machine = add_machine(session, state, "one")
    session.execute(
        models.machine_texts.update()
        .where(models.machine_texts.c.id == machine.id)
        .values(exact_text="one\n00:50:56:ab:cd:ef")
    )
    (found,) = machines(session, text)
    assert (found.name, found.found) == ("one", "00:50:56:ab:cd:ef")


def test_a_name_that_looks_like_a_mac_address_is_found_as_it_is_written(session: Session) -> None:
    add_estate(session, {"name": "ip-10-20-30-40"}, {"name": "other"})
    (machine,) = machines(session, "10-20-30-40")
    assert (machine.name, machine.fit) == ("ip-10-20-30-40", Fit.BEGINS_WORD)


def test_a_short_text_does_not_look_into_uuids(session: Session) -> None:
    add_estate(session, {"name": "one", "vm_uuid": UUID})
    assert machines(session, UUID[:5]) == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "/", "'"])
def test_characters_that_mean_something_in_sql_mean_themselves(session: Session, text: str) -> None:
    add_estate(session, {"name": f"web{text}1"}, {"name": "web-1"})
    assert names(machines(session, text)) == [f"web{text}1"]
    assert names(machines(session, f"web{text}")) == [f"web{text}1"]


def test_case_does_not_matter_in_any_alphabet(session: Session) -> None:
    add_estate(session, {"name": "ÄPFEL"}, {"name": "straße"})
    assert names(machines(session, "äpf")) == ["ÄPFEL"]
    assert names(machines(session, "STRASSE")) == ["straße"]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_blank_text_finds_nothing(session: Session, text: str) -> None:
    add_estate(session, {"name": "web"})
    assert machines(session, text) == []
    assert places(session, text) == []


def test_templates_are_found_and_say_so(session: Session) -> None:
    add_estate(session, {"name": "web-1", "template": True}, {"name": "web-2", "template": None})
    assert [(machine.name, machine.is_template) for machine in machines(session, "web")] == [
        ("web-1", True),
        ("web-2", False),
    ]


def test_filters_narrow_nothing_and_vcenters_do(session: Session) -> None:
    north, south = (add_state(session, add_vcenter(session, name)) for name in ("vc-north", "vc-south"))
    for state in (north, south):
        add_machine(session, state, "web", datacenter="DC1")
    assert len(machines(session, "web", Scope(datacenters=("DC9",), text="nothing"))) == 2
    (machine,) = machines(session, "web", Scope(vcenters=(south.vcenter_id,)))
    assert machine.vcenter == "vc-south"


def test_hidden_vcenters_and_states_that_are_not_published_stay_hidden(session: Session) -> None:
    hidden = add_state(session, add_vcenter(session, "vc-hidden", is_hidden=True))
    unpublished = add_state(session, add_vcenter(session, "vc-new"), status="unpublished")
    for state in (hidden, unpublished):
        add_machine(session, state, "web", host="web-host", datacenter="web-dc")
    assert machines(session, "web") == []
    assert list_places(session, Scope()) == []


def test_the_past_is_found_as_it_was(session: Session) -> None:
    vcenter = add_vcenter(session)
    old = add_state(session, vcenter, EXPORTED_AT - timedelta(days=30))
    add_machine(session, old, "before", vm_id="vm-1", cluster="old-cluster")
    new = add_state(session, vcenter, EXPORTED_AT)
    machine = add_machine(session, new, "after", vm_id="vm-1", cluster="new-cluster")
    then = Scope(as_of=(EXPORTED_AT - timedelta(days=1)).date())
    assert names(machines(session, "before")) == []
    (found,) = machines(session, "before", then)
    assert (found.machine_id, found.cluster) == (machine.machine_id, "old-cluster")
    assert place_names(session, PlaceKind.CLUSTER, then) == ["old-cluster"]
    assert place_names(session, PlaceKind.CLUSTER) == ["new-cluster"]
    assert machines(session, "before", Scope(as_of=date(1999, 1, 1))) == []


def test_a_name_that_begins_so_is_found_however_many_machines_have_the_text_elsewhere(
    session: Session,
) -> None:
    others = [{"name": f"a{number}", "annotation": "runs web"} for number in range(CANDIDATES + 1)]
    add_estate(session, *others, {"name": "web"})
    assert names(machines(session, "web", limit=1)) == ["web"]


@pytest.mark.parametrize("text", ["web", "e", "10.", "esx", "note", "4212f0b1", "zzz"])
def test_the_palette_finds_what_the_search_of_the_machines_finds(session: Session, text: str) -> None:
    add_estate(
        session,
        {"name": "web-1", "primary_ip_address": "10.0.0.1", "host": "esx-1"},
        {"name": "db", "dns_name": "web.example.com", "annotation": "Note: 10.9"},
        {"name": "template", "template": True, "vm_uuid": UUID},
    )
    scope = Scope(text=text, templates=Templates.INCLUDE)
    frame = find_machines(session, scope, limits=AttentionLimits(), columns=["name"])
    assert sorted(map(str, names(machines(session, text)))) == sorted(frame["name"])


@pytest.mark.parametrize("number", [5, 50])
def test_the_number_of_statements_does_not_grow(
    manager: DatabaseManager, db_url: str, count_statements: CountStatements, number: int
) -> None:
    with manager.session_scope() as session:
        for vcenter in range(number):
            state = add_state(session, add_vcenter(session, f"vc-{vcenter}"))
            add_machine(session, state, "web", host=f"web-{vcenter}", datacenter=f"DC{vcenter}")
    with manager.get_session() as session, count_statements(get_engine(db_url)) as statements:
        assert len(machines(session, "web", limit=100)) == number
        assert len(statements) == 2
        assert len(places(session, "web", limit=100)) == number
        assert len(statements) == 2 + 2


# Places
def test_every_kind_of_place_is_listed_once_for_its_vcenter(session: Session) -> None:
    here = {"datacenter": "DC1", "cluster": "C1", "host": "esx-1", "folder": "/DC1/vm/Web"}
    state = add_estate(session, here, here, {"name": "nowhere"})
    for _ in range(2):
        add(session, models.disks, state, datastore="DS1")
        add(session, models.network_adapters, state, network="VLAN 7")
    found = {group.kind: (group.names, group.vcenter, group.datacenter, group.cluster)
             for group in list_places(session, Scope())}  # fmt: skip
    assert found == {
        PlaceKind.VCENTER: (("vc-north",), "vc-north", None, None),
        PlaceKind.DATACENTER: (("DC1",), "vc-north", None, None),
        PlaceKind.CLUSTER: (("C1",), "vc-north", "DC1", None),
        PlaceKind.HOST: (("esx-1",), "vc-north", "DC1", "C1"),
        PlaceKind.FOLDER: (("/DC1/vm/Web",), "vc-north", None, None),
        PlaceKind.DATASTORE: (("DS1",), "vc-north", None, None),
        PlaceKind.NETWORK: (("VLAN 7",), "vc-north", None, None),
    }


def test_networks_and_datastores_of_an_export_of_vinfo_alone_are_those_that_it_names(
    session: Session,
) -> None:
    machine = {"path": "[DS1] web/web.vmx", "network_1": "VLAN 7", "network_8": "VLAN 8"}
    add_estate(session, machine, {"path": None}, {"path": "no datastore"}, tabs=["vInfo"])
    assert place_names(session, PlaceKind.DATASTORE) == ["DS1"]
    assert place_names(session, PlaceKind.NETWORK) == ["VLAN 7", "VLAN 8"]


def test_folders_are_found_by_their_last_part_and_with_a_slash_by_their_path(session: Session) -> None:
    add_estate(session, {"folder": "/DC1/vm/Prod"}, {"folder": "/DC1/vm/Prod/Web"})
    assert [place.name for place in places(session, "prod")] == ["/DC1/vm/Prod"]
    assert [place.name for place in places(session, "prod/w")] == ["/DC1/vm/Prod/Web"]


def test_the_best_of_each_kind_are_found_the_best_fit_first(session: Session) -> None:
    hosts = ("a-prod", "prod", "prod-2", "xprod", "Prod-1")
    add_estate(session, *({"host": host, "cluster": "my prod"} for host in hosts))
    found = [(place.name, place.fit) for place in places(session, "PROD", limit=3)]
    assert found == [
        ("prod", Fit.SAME),
        ("Prod-1", Fit.BEGINS),
        ("prod-2", Fit.BEGINS),
        ("my prod", Fit.BEGINS_WORD),
    ]


def test_a_name_in_two_vcenters_is_two_places_and_says_that_it_is_ambiguous(session: Session) -> None:
    for vcenter in ("vc-north", "vc-south"):
        state = add_state(session, add_vcenter(session, vcenter))
        add_machine(session, state, host=f"esx-{vcenter}", cluster="esx-cluster")
    found = [(place.name, place.vcenter, place.is_ambiguous) for place in places(session, "esx")]
    assert found == [
        ("esx-cluster", "vc-north", True),
        ("esx-cluster", "vc-south", True),
        ("esx-vc-north", "vc-north", False),
        ("esx-vc-south", "vc-south", False),
    ]


def test_clusters_are_told_apart_by_datacenter_and_a_host_that_moved_is_one_host(session: Session) -> None:
    add_estate(
        session,
        {"datacenter": "DC1", "cluster": "one", "host": "one.example.com"},
        {"datacenter": "DC2", "cluster": "one", "host": "one.example.com"},
    )
    clusters = [place for place in places(session, "one") if place.kind is PlaceKind.CLUSTER]
    assert [(place.datacenter, place.is_ambiguous) for place in clusters] == [("DC1", True), ("DC2", True)]
    hosts = [place for place in places(session, "one") if place.kind is PlaceKind.HOST]
    assert [(place.name, place.is_ambiguous) for place in hosts] == [("one.example.com", False)]
