from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from dash import html

from data.results import (
    FieldChange,
    MachineChange,
    RetentionRule,
    StateComparison,
    StateDifference,
    StoredImport,
    StoredVCenter,
)
from data.vocabulary import ChangeKind
from layouts.shared.comparison import (
    CHANGES_PER_PAGE,
    ComparisonView,
    changes_list,
    comparable,
    comparison_form,
    figures,
    range_words,
    resolved,
)
from layouts.shared.history_ids import HistoryIds
from layouts.shared.import_history import LISTED_STATES, deletion_text, history_frame, history_section
from tests.layouts.drawn import by_class, every, links, table, text

RULE = RetentionRule()
NEWEST = StoredImport(
    id=2,
    vcenter_id=1,
    vcenter="vc-north",
    file_name="november.xlsx",
    exported_at=datetime.fromisoformat("2026-11-23T06:00"),
    exported_at_source="vMetaData",
    imported_at=datetime.fromisoformat("2026-11-23T07:30"),
    machines=100,
    warnings=("Two rows have no name.",),
    is_current=True,
    is_demo=False,
    is_pinned=False,
    size_bytes=3 * 1024**2,
    goes_with_next=False,
)
BEFORE = replace(
    NEWEST,
    id=1,
    file_name="october.xlsx",
    exported_at=datetime.fromisoformat("2026-10-23T06:00"),
    exported_at_source="assumed",
    machines=90,
    warnings=(),
    is_current=False,
    goes_with_next=True,
)
VCENTER = StoredVCenter(1, "vc-north", False, False, 2, NEWEST.exported_at, 6 * 1024**2)
HIDDEN = StoredVCenter(2, "vc-old", True, True, 4, BEFORE.exported_at, None)


def section(*imports: StoredImport, vcenters: tuple[StoredVCenter, ...] = (VCENTER,)) -> Any:
    return history_section(imports or (BEFORE, NEWEST), vcenters, RULE)


def buttons(root: Any) -> list[tuple[str, str, str]]:
    """What each button does, to which key, and what a screen reader calls it."""
    return [
        (getattr(one, "data-action"), getattr(one, "data-key"), getattr(one, "aria-label"))
        for one in every(root, html.Button)
        if hasattr(one, "data-action")
    ]


class TestTheStates:
    def test_they_stand_newest_first_with_what_is_known_of_them(self) -> None:
        heading, *rows = table(section())
        assert heading == [
            "Exported", "How known", "Imported (UTC)", "Machines", "Size", "File", "Actions",
        ]  # fmt: skip
        assert rows[0][:5] == [
            "23 Nov 2026, 06:00 current",
            "vMetaData",
            "23 Nov 2026, 07:30",
            "100",
            "3 MiB",
        ]
        assert rows[1][0] == "23 Oct 2026, 06:00 goes with the next import"
        assert rows[1][1] == "assumed: time of the import"

    def test_file_and_warnings_are_folded(self) -> None:
        (fold, plain) = by_class(section(), "history-fold")
        assert text(fold) == (
            "file and 1 warning november.xlsx "
            "Export time: vMetaData. Imported 23 Nov 2026, 07:30 (UTC). Two rows have no name."
        )
        assert text(plain).startswith("file october.xlsx")
        assert not getattr(fold, "open", False)

    def test_the_rule_and_the_size_of_all_are_said_in_words(self) -> None:
        (note,) = by_class(section(), "card-note")
        assert text(note) == (
            "2 states of 1 vCenter, 6 MiB in the database.   "
            "Every state stays for 35 days, then the last of each month for 24 months; pinned states stay."
        )

    def test_a_size_that_is_not_known_leaves_out_the_sum(self) -> None:
        (note,) = by_class(section(NEWEST, vcenters=(VCENTER, HIDDEN)), "card-note")
        assert text(note).startswith("6 states of 2 vCenters.")

    def test_every_button_says_what_it_does_to_which(self) -> None:
        assert buttons(section(NEWEST))[:2] == [
            ("pin", "2", "Pin: the state of 23 Nov 2026, 06:00 of vc-north"),
            ("delete", "2", "Delete: the state of 23 Nov 2026, 06:00 of vc-north"),
        ]

    def test_a_pinned_state_is_unpinned_first_and_cannot_be_deleted(self) -> None:
        drawn = section(replace(NEWEST, is_pinned=True))
        assert [action for action, *_ in buttons(drawn)] == ["unpin", "hide"]
        (disabled,) = (one for one in every(drawn, html.Button) if getattr(one, "disabled", False))
        assert disabled.title == "A pinned state stays. Unpin it first."

    def test_a_hidden_vcenter_stands_last_and_can_be_shown(self) -> None:
        drawn = section(vcenters=(HIDDEN, VCENTER))
        assert [text(name) for name in by_class(drawn, "history-name")] == ["vc-north", "vc-old"]
        assert buttons(drawn)[-1] == ("show", "2", "Show this vCenter: vc-old")
        assert "Its machines are in no figure, list or search." in text(drawn)

    def test_what_hiding_means_is_said_before_it_is_done(self) -> None:
        assert "Hidden, its machines are in no figure, list or search. Its states stay" in text(section())

    def test_many_states_are_folded_but_those_of_the_first_vcenter(self) -> None:
        others = [replace(NEWEST, id=100 + n, vcenter_id=3, vcenter="vc-south") for n in range(30)]
        south = replace(VCENTER, id=3, name="vc-south")
        drawn = section(NEWEST, *others, vcenters=(VCENTER, south))
        assert [getattr(fold, "open", False) for fold in by_class(drawn, "history-vcenter")] == [True, False]

    def test_the_newest_states_of_a_vcenter_are_listed_and_all_of_them_when_asked_for(self) -> None:
        days = [replace(NEWEST, id=n, exported_at=NEWEST.exported_at - timedelta(days=n)) for n in range(30)]
        drawn = section(*days)
        _, *rows = table(drawn)
        assert len(rows) == LISTED_STATES
        assert rows[0][0].startswith("23 Nov 2026")
        (more,) = by_class(drawn, "history-all")
        assert (text(more), getattr(more, "data-whole")) == ("Show all 30 states  of vc-north", "1")
        whole = history_section(days, (VCENTER,), RULE, whole=[1])
        assert len(table(whole)) == 31
        assert not by_class(whole, "history-all")

    def test_nothing_stored_is_nothing_to_draw(self) -> None:
        assert history_section((), (), RULE) == []


class TestTheQuestionBeforeADeletion:
    def test_it_names_the_state_and_what_goes(self) -> None:
        (_, button) = (b for b in every(section(), html.Button) if hasattr(b, "data-title"))
        assert getattr(button, "data-title") == "Delete the state of 23 Oct 2026, 06:00?"
        assert getattr(button, "data-text").startswith("The 90 machines of vc-north as of that day")
        assert "(3 MiB)" in getattr(button, "data-text")

    def test_deleting_the_current_one_says_which_follows(self) -> None:
        said = deletion_text(NEWEST, [BEFORE, NEWEST])
        assert "The state of 23 Oct 2026, 06:00 becomes the current one." in said
        assert "becomes" not in deletion_text(BEFORE, [BEFORE, NEWEST])

    def test_deleting_the_only_one_says_that_the_vcenter_goes(self) -> None:
        assert "the vCenter goes, too" in deletion_text(NEWEST, [NEWEST])


class TestWhatIsCompared:
    def test_a_vcenter_needs_two_states(self) -> None:
        alone = replace(NEWEST, id=9, vcenter_id=2, vcenter="vc-alone")
        assert list(comparable([alone, BEFORE, NEWEST])) == [1]
        assert text(comparison_form(resolved(ComparisonView(), {}), {})) == (
            "Needs two states of the same vCenter."
        )

    def test_at_first_the_two_newest_are_offered_and_nothing_is_compared(self) -> None:
        oldest = replace(BEFORE, id=5, exported_at=datetime.fromisoformat("2026-09-23T06:00"))
        choices = comparable([oldest, NEWEST, BEFORE])
        view = resolved(ComparisonView(), choices)
        assert (view.before, view.after) == (None, None)
        form = {one.id: one.value for one in every(comparison_form(view, choices)) if hasattr(one, "options")}
        assert form == {HistoryIds.VCENTER: "1", HistoryIds.BEFORE: "1", HistoryIds.AFTER: "2"}

    def test_the_earlier_export_is_the_one_before_whatever_the_link_says(self) -> None:
        view = resolved(ComparisonView(before=2, after=1), comparable([NEWEST, BEFORE]))
        assert (view.before, view.after) == (1, 2)

    @pytest.mark.parametrize(("before", "after"), [(1, 1), (1, 99), (99, 2), (1, 7)])
    def test_states_that_cannot_be_compared_are_not_chosen(self, before: int, after: int) -> None:
        other = [replace(one, id=one.id + 6, vcenter_id=2, vcenter="z") for one in (NEWEST, BEFORE)]
        view = resolved(ComparisonView(before=before, after=after), comparable([NEWEST, BEFORE, *other]))
        assert (view.before, view.after) == (None, None)

    def test_the_link_says_all_of_it(self) -> None:
        view = ComparisonView(
            before=1, after=2, kinds=(ChangeKind.MOVED,), text="a & b", with_noise=True, start=50
        )
        assert ComparisonView.from_query_string(view.query()) == view
        frame = history_frame({"before": "1", "after": "2", "change": ["moved"], "job": "7"})
        (store,) = (one for one in every(frame) if getattr(one, "id", None) == HistoryIds.VIEW)
        assert store.data == "before=1&after=2&change=moved"


MOVED = MachineChange(ChangeKind.MOVED, 7, "sql-1", "DC / C1", (FieldChange("host", "esx-1", "esx-2"),))
GONE = MachineChange(ChangeKind.GONE, 8, "web-1", "DC / C2")
COMPARISON = StateComparison(
    before=BEFORE,
    after=NEWEST,
    difference=StateDifference(BEFORE.exported_at, 41, 12, 3, 88, 19, 1400, changed=4),
    noise=1300,
    changes=(GONE, MOVED),
    total=2,
)


def numbers(comparison: StateComparison, view: ComparisonView) -> list[str]:
    return [text(tile) for tile in by_class(figures(comparison, view), "tile")]


class TestTheComparison:
    def test_every_kind_is_a_figure_and_a_button(self) -> None:
        drawn = figures(COMPARISON, ComparisonView(kinds=(ChangeKind.MOVED,)))
        pressed = {
            getattr(one, "data-kind"): getattr(one, "aria-pressed") for one in every(drawn, html.Button)
        }
        assert pressed == {
            "new": "false", "gone": "false", "renamed": "false", "moved": "true", "resized": "false",
            "changed": "false",
        }  # fmt: skip
        assert [one.split()[:2] for one in numbers(COMPARISON, ComparisonView())] == [
            ["New", "+41"], ["Gone", "−12"], ["Renamed", "3"], ["Moved", "88"], ["Resized", "19"],
            ["Changed", "4"], ["Unchanged", "1,400"],
        ]  # fmt: skip

    def test_noise_is_a_figure_only_when_it_is_shown(self) -> None:
        assert "Noise 1,300" in " ".join(numbers(COMPARISON, ComparisonView(with_noise=True)))
        assert "1,300 with noise only" in numbers(COMPARISON, ComparisonView())[-1]

    def test_changes_stand_by_kind_and_lead_to_their_machines(self) -> None:
        drawn = changes_list(COMPARISON, ComparisonView(), "lab")
        assert [text(one).split()[0] for one in every(drawn, html.H3)] == ["Gone", "Moved"]
        assert {link.href for link in every(drawn, html.A)} == {
            "/vm-explorer/8?db=lab", "/vm-explorer/7?db=lab",
        }  # fmt: skip
        assert "Host:  esx-1   to   esx-2" in text(drawn)
        assert list(links(drawn)) == ["web-1", "sql-1"]

    def test_what_is_listed_is_announced(self) -> None:
        (status,) = by_class(history_frame(), "comparison-range")
        assert status.role == "status"
        between = "23 Oct 2026, 06:00 to 23 Nov 2026, 06:00"
        assert range_words(COMPARISON, ComparisonView()) == f"2 changes, {between}"
        many = replace(COMPARISON, total=1200)
        assert range_words(many, ComparisonView(start=50)) == f"Changes 51 to 52 of 1,200, {between}"

    def test_pages_turn_and_end(self) -> None:
        def turns(start: int) -> list[tuple[str, bool]]:
            drawn = changes_list(replace(COMPARISON, total=120), ComparisonView(start=start), "")
            return [(getattr(one, "data-start"), one.disabled) for one in every(drawn, html.Button)]

        step = CHANGES_PER_PAGE
        assert turns(0) == [("0", True), (str(step), False)]
        assert turns(step) == [("0", False), (str(2 * step), False)]
        assert turns(2 * step) == [(str(step), False), (str(3 * step), True)]
        assert not list(every(changes_list(COMPARISON, ComparisonView(), ""), html.Button))

    @pytest.mark.parametrize(
        ("view", "noise", "words"),
        [
            (ComparisonView(text="zzz"), 3, "No change is of that kind and name."),
            (ComparisonView(), 3, "Nothing changed but noise such as power and usage."),
            (ComparisonView(), 0, "Nothing changed."),
            (ComparisonView(with_noise=True), 3, "Nothing changed."),
        ],
    )
    def test_an_empty_list_says_why(self, view: ComparisonView, noise: int, words: str) -> None:
        nothing = replace(COMPARISON, changes=(), total=0, noise=noise)
        assert words in text(changes_list(nothing, view, ""))

    def test_a_page_beyond_the_last_change_says_so(self) -> None:
        nothing = replace(COMPARISON, changes=())
        assert "ends before" in text(changes_list(nothing, ComparisonView(start=500), ""))
