from datetime import date, datetime
from typing import Any

from dash import html

from data.results import FieldChange, HistoryEntry, MachineHistory
from data.scope import Scope
from data.vocabulary import ChangeKind
from layouts import machine as page
from layouts.shared.machine_history import history, not_there_yet
from tests.layouts.drawn import by_class, every, links, text


def entry(day: str, *details: FieldChange, kinds: tuple[ChangeKind, ...] = (), **more: Any) -> HistoryEntry:
    values: dict[str, Any] = {"is_first": False, "hidden_noise": 0} | more
    time = datetime.fromisoformat(f"{day}T06:00")
    return HistoryEntry(import_id=1, exported_at=time, kinds=kinds, details=details, **values)


FIRST = entry("2026-06-01", is_first=True)
MOVED = entry("2026-07-01", FieldChange("host", "esx-1", "esx-2"), kinds=(ChangeKind.MOVED,))


def lines(*entries: HistoryEntry, scope: Scope | None = None) -> list[str]:
    """The lines of a history, its imports given newest first."""
    drawn = history(MachineHistory(7, "sql-1", entries), scope or Scope(), with_noise=False)
    return [text(line) for line in by_class(drawn, "timeline-step")]


def test_the_newest_import_comes_first_and_says_what_changed() -> None:
    assert lines(MOVED, FIRST) == [
        "Moved   1 Jul 2026, 06:00 Host:  esx-1   to   esx-2",
        "First seen   1 Jun 2026, 06:00",
    ]


def test_values_read_as_everywhere_else() -> None:
    resized = entry(
        "2026-07-01",
        FieldChange("memory_mib", 16384, 32768),
        FieldChange("power_state", "poweredOn", "poweredOff"),
        FieldChange("created_at", None, "2026-06-30T08:15:00"),
        FieldChange("attr:Owner", "Ann", None),
        FieldChange("template", False, True),
        kinds=(ChangeKind.RESIZED, ChangeKind.CHANGED),
    )
    (line,) = lines(resized)
    assert line.startswith("Resized and changed")
    for said in ("Memory:  16 GiB   to   32 GiB", "On   to   Off", "30 Jun 2026, 08:15", "No   to   Yes"):
        assert said in line
    assert "Owner:  Ann   to   – unknown" in line


def test_quiet_imports_are_one_line_with_their_days() -> None:
    quiet = [entry(f"2026-0{month}-01") for month in (9, 8)]
    assert lines(*quiet, MOVED, FIRST)[0] == "Unchanged in 2 imports, 1 Aug 2026 to 1 Sep 2026"
    assert lines(quiet[0], MOVED, FIRST)[0] == "Unchanged in 1 import, 1 Sep 2026"


def test_an_import_with_nothing_but_noise_is_quiet_until_noise_is_shown() -> None:
    hidden = entry("2026-08-01", hidden_noise=3)
    assert lines(hidden, FIRST)[0] == "Unchanged in 1 import, 1 Aug 2026"
    shown = entry("2026-08-01", FieldChange("in_use_mib", 1, 2), kinds=(ChangeKind.NOISE,))
    assert lines(shown, FIRST)[0].startswith("Noise only")


def test_noise_beside_a_change_is_counted() -> None:
    noisy = entry("2026-07-01", FieldChange("cpus", 2, 4), kinds=(ChangeKind.RESIZED,), hidden_noise=2)
    assert lines(noisy)[0].endswith("Noise in 2 fields, too")


def test_a_machine_that_went_and_came_back_says_so() -> None:
    gone = entry("2026-07-01", kinds=(ChangeKind.GONE,))
    back = entry("2026-09-01", kinds=(ChangeKind.NEW,))
    assert lines(back, gone, FIRST) == [
        "Back again   1 Sep 2026, 06:00",
        "Gone   1 Jul 2026, 06:00",
        "First seen   1 Jun 2026, 06:00",
    ]


def test_a_time_leads_to_the_machine_as_it_was_then_except_where_it_is_gone() -> None:
    gone = entry("2026-08-01", kinds=(ChangeKind.GONE,))
    drawn = history(
        MachineHistory(7, "sql-1", (gone, MOVED, FIRST)), Scope(database="lab", text="x"), with_noise=False
    )
    assert links(drawn) == {
        "1 Jul 2026, 06:00": Scope(database="lab", as_of=date(2026, 7, 1)),
        "1 Jun 2026, 06:00": Scope(database="lab", as_of=date(2026, 6, 1)),
    }
    assert {link.href.split("?")[0] for link in every(drawn, html.A)} == {"/vm-explorer/7"}


def test_the_switch_says_whether_noise_is_shown() -> None:
    for with_noise in (False, True):
        (switch,) = by_class(history(MachineHistory(7, "a", ()), Scope(), with_noise=with_noise), "switch")
        assert (switch.role, getattr(switch, "aria-checked")) == ("switch", str(with_noise).lower())


def test_a_machine_that_came_later_says_when() -> None:
    then = Scope(as_of=date(2026, 5, 1), database="lab")
    later = MachineHistory(7, "sql-1", (MOVED, FIRST))
    assert not_there_yet(later, then) == (
        "sql-1 did not exist in any state as of 1 May 2026. It was first seen in the export of 1 Jun 2026, 06:00."
    )
    assert links(page.not_yet(later, then)) == {
        "As of 1 Jun 2026": Scope(database="lab", as_of=date(2026, 6, 1)),
        "Newest": Scope(database="lab"),
    }
