"""What filters offer: values with the machines that have them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from data.errors import InvalidInputError
from data.queries.choices import CHOICE_FIELDS, list_choices
from data.queries.machines import total_machines
from data.results import AttentionLimits, Choice, Share
from data.scope import Scope
from tests.factories import add_estate

LIMITS = AttentionLimits()


def choices(session: Session, field: str, scope: Scope | None = None, **options: Any) -> list[Choice]:
    return list_choices(session, scope or Scope(), limits=LIMITS, field=field, **options)


@pytest.mark.parametrize("field", ["datacenter", "cluster", "host", "os_config", "folder"])
def test_choices_are_values_with_their_machines_the_most_frequent_first(session: Session, field: str) -> None:
    values = ["b", "a", "b", None, None, None, "c"]
    add_estate(session, *({field: value} for value in values), {field: "a", "template": True})
    expected = [Choice(None, 3), Choice("b", 2), Choice("a", 1), Choice("c", 1)]
    assert choices(session, field) == expected
    assert choices(session, field, limit=2) == expected[:2]
    assert choices(session, field, search="C") == [Choice("c", 1)]
    for choice in expected:
        scope = Scope().with_(**{CHOICE_FIELDS[field]: (choice.value or "",)})
        assert total_machines(session, scope, limits=LIMITS).machines == choice.machines


def test_power_states_nobody_knows_are_offered_as_none(session: Session) -> None:
    add_estate(
        session,
        *({"power_state": state} for state in ("poweredOn", None, "strange", "poweredOff", "poweredOn")),
    )
    offered = choices(session, "power_state")
    assert offered == [Choice(None, 2), Choice("poweredOn", 2), Choice("poweredOff", 1)]
    assert total_machines(session, Scope(power=("",)), limits=LIMITS).machines == 2


def test_choices_heed_all_filters_but_their_own(session: Session) -> None:
    add_estate(
        session,
        {"cluster": "C1", "datacenter": "DC1"},
        {"cluster": "C2", "datacenter": "DC1"},
        {"cluster": "C3", "datacenter": "DC2"},
    )
    scope = Scope(clusters=("C1",), datacenters=("DC1",)).beyond_clusters([Share("C2", 1, None, 1, "DC1")])
    assert [choice.value for choice in choices(session, "cluster", scope)] == ["C1", "C2"]
    assert [choice.value for choice in choices(session, "datacenter", scope)] == ["DC1"]


def test_choices_are_found_by_any_part_whatever_the_case(session: Session) -> None:
    add_estate(session, {"folder": "/DC1/vm/KÖLN_1"}, {"folder": "/DC1/vm/KÖLNX1"}, {"folder": None})
    assert [choice.value for choice in choices(session, "folder", search="köln_")] == ["/DC1/vm/KÖLN_1"]


def test_values_of_what_is_no_column_are_not_offered(session: Session) -> None:
    with pytest.raises(InvalidInputError, match="“is_current”"):
        choices(session, "is_current")
