from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from dash import dcc, html

from data.results import (
    FieldChange,
    HeaderMapping,
    ImportedState,
    ImportPreview,
    ImportResult,
    Job,
    MachineChange,
    StateDifference,
    StatePreview,
    StoredImport,
    TabSummary,
    UnknownSheet,
)
from data.scope import Scope
from data.vocabulary import RUNNING_PHASES, ChangeKind, JobPhase
from layouts import data_import as page
from layouts.data_import import Stage
from layouts.shared import import_jobs, import_preview
from layouts.shared.import_questions import KEPT, PreviewIds, mappings_card, replace_text
from tests.layouts import drawn as seen
from tests.layouts.drawn import by_class, every, links

NOV_16, NOV_23 = datetime.fromisoformat("2026-11-16T06:00"), datetime.fromisoformat("2026-11-23T06:00")
VINFO = TabSummary(
    "vInfo", 100, 0, 0, 92, 90, ("Owner", "Application"), (), stored=True, fields=("name", "cpus")
)
EXAMPLES = (
    MachineChange(ChangeKind.NEW, None, "vm-new", "DC1 › C1"),
    MachineChange(ChangeKind.RENAMED, 7, "app02", "DC1 › C1", (FieldChange("name", "app01", "app02"),)),
    MachineChange(
        ChangeKind.RESIZED,
        8,
        "db01",
        "",
        (FieldChange("memory_mib", 4096, 8192), FieldChange("attr:Owner", None, "Anna")),
    ),
)
DIFFERENCE = StateDifference(
    NOV_16,
    new=41,
    gone=12,
    renamed=3,
    moved=88,
    resized=1,
    unchanged=7838,
    changed=5,
    examples=EXAMPLES,
)
STATE = StatePreview(
    vcenter="vc01",
    vcenter_source="VI SDK UUID",
    needs_vcenter=False,
    suggested_vcenter=None,
    exported_at=NOV_23,
    exported_at_source="vMetaData",
    machines=100,
    difference=DIFFERENCE,
    earlier_states=2,
)
PREVIEW = ImportPreview(
    file_name="export.xlsx",
    file_size_bytes=4_404_019,
    sha256="0" * 64,
    file_format="Excel workbook",
    rvtools_version="4.7.1.4",
    states=(STATE,),
    known_vcenters=("vc01",),
    tabs=(
        VINFO,
        TabSummary(
            "vDisk", 140, 2, 83, 40, 39, (), ("vDisk, column “Raw”: 1 cell is left empty.",), stored=True
        ),
        TabSummary("vSnapshot", 0, 0, 0, 21, 21, (), (), stored=True),
        TabSummary("Notes", 3, 0, 0, 2, 0, ("a", "b"), ("Notes is no tab of RVTools.",), stored=False),
    ),
    missing_tabs=("vFloppy", "vSource"),
    warnings=("One warning.", "Another."),
    rejected=3,
    mappings=(),
    unknown_sheets=(),
    unchanged=False,
)
OUTCOME = ImportResult(
    "export.xlsx",
    "stored",
    "stored",
    (
        ImportedState(3, "vc01", NOV_23, "vMetaData", 100, DIFFERENCE),
        ImportedState(4, "vc02", NOV_16, "vMetaData", 1, StateDifference(None, 1, 0, 0, 0, 0, 0)),
    ),
    ("One warning.",),
)


def stored(import_id: int, vcenter: str, exported_at: datetime, **more: Any) -> StoredImport:
    facts: dict[str, Any] = {
        "id": import_id,
        "vcenter_id": 1,
        "vcenter": vcenter,
        "file_name": "a.xlsx",
        "exported_at": exported_at,
        "exported_at_source": "vMetaData",
        "imported_at": NOV_23,
        "machines": 100,
        "warnings": (),
        "is_current": False,
        "is_demo": False,
        "is_pinned": False,
        "size_bytes": None,
        "goes_with_next": False,
    }
    return StoredImport(**facts | more)


HISTORY = [
    stored(2, "vc01", NOV_23, is_current=True),
    stored(1, "vc01", NOV_16, machines=90, is_pinned=True),
    stored(3, "demo", NOV_16, is_current=True, is_demo=True),
]


def job(phase: JobPhase, **changes: Any) -> Job:
    return replace(Job(7, "import", phase, 40, "What is being done.", "export.xlsx", None, None), **changes)


def asked(**changes: Any) -> ImportPreview:
    """A preview of one state, with another state."""
    return replace(PREVIEW, states=(replace(STATE, **changes),))


UNNAMED: dict[str, Any] = {"vcenter": None, "needs_vcenter": True, "difference": None, "earlier_states": 0}


def preview_body(preview: ImportPreview, *files: str, database: str = "") -> object:
    return import_preview.preview_body(job(JobPhase.PREVIEW, preview=preview, files=files), preview, database)


def text(root: object) -> str:
    """What stands there, as a person reads it."""
    return " ".join(seen.text(root).split())


def table(root: object) -> list[list[str]]:
    """The cells of the first table, as a person reads them."""
    return [[" ".join(cell.split()) for cell in row] for row in seen.table(root)]


def numbers(drawn: object) -> dict[str, str]:
    return {
        text(by_class(tile, "tile-label")): text(by_class(tile, "tile-number"))
        for tile in by_class(drawn, "tile")
    }


def facts(drawn: object) -> dict[str, str]:
    return {
        text(row.children[0]): text(row.children[1])
        for terms in every(drawn, html.Dl)
        for row in terms.children
    }


def by_id(drawn: object, wanted: str) -> Any:
    return next(part for part in every(drawn) if getattr(part, "id", None) == wanted)


def is_asked(drawn: object, wanted: str) -> bool:
    """Whether the operator sees a field."""
    fields = (field for field in by_class(drawn, "field"))
    field = next(field for field in fields if wanted in [getattr(part, "id", None) for part in every(field)])
    return not getattr(field, "hidden", False)


def test_only_digits_in_the_url_are_jobs() -> None:
    assert page.job_ids({"job": ["3", "x", "-1", "4", "٣", "99999999999"]}) == (3, 4)
    assert page.job_ids({"job": "5"}) == (5,)
    assert page.job_ids({}) == ()
    assert page.view_of((3, 4)) == "job=3&job=4"


def test_the_newest_job_decides_what_the_page_is_at() -> None:
    for phase in JobPhase:
        expected = {True: Stage.RUNNING, False: Stage.CHOOSING}[phase in RUNNING_PHASES]
        assert page.stage([job(phase)]) is (Stage.PREVIEW if phase is JobPhase.PREVIEW else expected)
    assert page.stage([job(JobPhase.PREVIEW), job(JobPhase.DONE)]) is Stage.CHOOSING
    assert page.stage([]) is Stage.CHOOSING


def test_the_sentence_says_where_the_import_stands() -> None:
    assert page.sentence([], []) == "Nothing is imported yet"
    assert page.sentence([], HISTORY) == "3 states of 2 vCenters"
    assert page.sentence([job(JobPhase.STORING)], HISTORY) == "export.xlsx"
    previewed = [job(JobPhase.PREVIEW, preview=PREVIEW)]
    assert page.sentence(previewed, HISTORY) == "export.xlsx · 4.2 MiB · nothing is stored yet"


def test_a_small_file_has_its_size_in_bytes() -> None:
    small = [job(JobPhase.PREVIEW, preview=replace(PREVIEW, file_size_bytes=42))]
    assert page.sentence(small, HISTORY) == "export.xlsx · 42 bytes · nothing is stored yet"


def test_a_screen_reader_hears_each_phase_once_and_not_every_row() -> None:
    reading = [
        page.announcement([job(JobPhase.READING, progress_pct=pct, message=str(pct))]) for pct in (1, 20)
    ]
    assert reading == ["Reading export.xlsx."] * 2
    assert page.announcement([job(JobPhase.STORING)]) == "Storing export.xlsx."
    assert page.announcement([job(JobPhase.QUEUED)]) == "export.xlsx waits for another import."
    assert "ready: 100 machines" in page.announcement([job(JobPhase.PREVIEW, preview=PREVIEW)])
    assert "was not imported" in page.announcement([job(JobPhase.FAILED)])
    assert page.announcement([]) == ""


def test_an_empty_database_offers_the_demo_estate() -> None:
    drawn = page.body([], [], Scope())
    assert by_id(drawn, page.Ids.LOAD_DEMO)
    assert "Nothing is imported yet" in text(drawn)


def test_a_running_first_import_is_not_called_nothing() -> None:
    assert text(page.body([job(JobPhase.READING)], [], Scope())) == ""


def test_the_bar_goes_on_where_the_upload_ended_and_ends_full() -> None:
    shown = [import_jobs.progress_pct(job(JobPhase.READING, progress_pct=pct)) for pct in range(101)]
    assert shown == sorted(shown)
    assert (shown[0], shown[-1]) == (import_jobs.UPLOAD_PCT, 100)
    assert import_jobs.progress_pct(job(JobPhase.STORING, kind="demo", progress_pct=0)) == 0, (
        "nothing is uploaded"
    )


def test_a_preview_shows_what_would_change_and_since_when() -> None:
    drawn = preview_body(PREVIEW)
    assert numbers(drawn) == {
        "New machines": "+41",
        "Gone": "−12",
        "Renamed": "3",
        "Moved": "88",
        "Resized": "1",
        "Changed": "5",
        "Unchanged": "7,838",
    }
    assert "Compared with the state of 16 Nov 2026, 06:00 of vc01" in text(drawn)


def test_a_first_state_has_nothing_to_compare_with() -> None:
    first = asked(difference=StateDifference(None, 100, 0, 0, 0, 0, 0, examples=EXAMPLES))
    drawn = preview_body(first)
    assert numbers(drawn) == {"New machines": "+100"}
    assert not by_class(drawn, "import-examples"), "every machine is new"


def test_the_machines_of_each_kind_of_change_fold_open_with_what_changed_from_and_to() -> None:
    drawn = preview_body(PREVIEW, "changes.csv", database="lab")
    new, renamed, resized = by_class(drawn, "import-examples")
    assert table(new) == [["Machine", "Place"], ["vm-new", "DC1 › C1"]]
    assert table(renamed)[1] == ["app02", "DC1 › C1", "Name: app01 to app02"]
    assert table(resized)[1][1:] == [
        "– unknown",
        "Memory: 4 GiB to 8 GiB Owner: – unknown to Anna",
    ]
    folds = [
        text(fold.children[0]) for fold in every(drawn, html.Details) if by_class(fold, "import-examples")
    ]
    assert folds == ["41 machines new", "3 machines renamed", "1 machine resized"]
    assert [link.href for link in every([new, renamed], html.A)] == ["/vm-explorer/7?db=lab"]
    assert "The first 1 of 41." in text(drawn)


def test_the_files_of_a_preview_can_be_fetched_once_they_are_there() -> None:
    assert not [link for link in every(preview_body(PREVIEW), html.A) if "/jobs/" in link.href]
    files = every(preview_body(PREVIEW, "changes.csv", "rejected.csv", database="lab"), html.A)
    addresses = {link.download: link.href for link in files if getattr(link, "download", None)}
    assert addresses == {
        "changes.csv": "/jobs/7/changes.csv?db=lab",
        "rejected.csv": "/jobs/7/rejected.csv?db=lab",
    }


def test_a_file_of_several_vcenters_shows_each_with_what_is_known_of_it() -> None:
    other = replace(STATE, vcenter="vc02", exported_at=NOV_16, machines=1)
    drawn = preview_body(replace(PREVIEW, states=(STATE, other)))
    titles = [text(title) for title in by_class(drawn, "card-title")]
    assert titles[:2] == ["What would change in vc01", "What would change in vc02"]
    lines = [text(line) for line in by_class(drawn, "import-facts")]
    assert lines[1] == "Known by VI SDK UUID Exported 16 Nov 2026, 06:00 vMetaData 1 machine"
    assert facts(drawn)["vCenters"] == "2"
    assert facts(drawn)["Machines"] == "101"
    assert not is_asked(drawn, PreviewIds.VCENTER), "one name cannot be that of both"
    assert text(by_id(drawn, PreviewIds.STORE)) == "Store these 2 states"


def test_a_preview_shows_each_tab_with_what_was_read_of_it() -> None:
    drawn = by_class(preview_body(PREVIEW), "table-box")
    _, *rows = table(drawn)
    assert [row[:3] for row in rows] == [
        ["vInfo (read)", "100", "90 of 92"],
        ["vDisk (with remarks)", "140", "39 of 40"],
        ["vSnapshot (empty)", "0", "21 of 21"],
        ["Notes (with remarks)", "3", "– unknown"],
    ]
    assert rows[0][3] == "2 further columns kept as attributes: Owner and Application."
    orphans = "83 rows name machines that vInfo does not have; kept apart."
    assert rows[1][3] == f"{orphans} Column “Raw”: 1 cell is left empty."


def test_many_attributes_are_counted_not_listed() -> None:
    many = replace(VINFO, attributes=tuple(f"a{number}" for number in range(30)))
    _, row = table(by_class(preview_body(replace(PREVIEW, tabs=(many,))), "table-box"))
    assert row[3].endswith("a7 and 22 more.")


def test_a_preview_says_what_is_known_of_the_export_and_how() -> None:
    drawn = preview_body(PREVIEW, "rejected.csv")
    assert facts(drawn) == {
        "vCenter": "vc01 VI SDK UUID",
        "Exported": "23 Nov 2026, 06:00 vMetaData",
        "File": "Excel workbook, 4.2 MiB",
        "RVTools": "4.7.1.4",
        "Machines": "100",
        "Tabs": "3 of 4",
        "Rejected": "3 rows and cells reasons",
    }
    assert "Not in this export: vSource." in text(drawn)
    assert "2 warnings" in text(drawn)


def test_a_vcenter_that_nobody_names_is_asked_for_and_never_guessed() -> None:
    drawn = preview_body(asked(**UNNAMED))
    select = by_id(drawn, PreviewIds.VCENTER)
    assert [option["label"] for option in select.options] == ["vc01", "A new one"]
    assert select.value is None
    assert is_asked(drawn, PreviewIds.VCENTER)
    assert is_asked(drawn, PreviewIds.NEW_VCENTER)
    assert by_class(drawn, "import-questions")[0].open
    assert "vCenter" not in facts(drawn)
    assert numbers(drawn) == {"Machines": "100"}


def test_the_question_begins_with_the_suggestion_if_there_is_one() -> None:
    drawn = preview_body(asked(**UNNAMED, suggested_vcenter="vc01"))
    assert by_id(drawn, PreviewIds.VCENTER).value == "vc01"


def test_the_question_shows_what_the_operator_said() -> None:
    known = preview_body(asked(vcenter_source="given"))
    assert (by_id(known, PreviewIds.VCENTER).value, by_id(known, PreviewIds.NEW_VCENTER).value) == (
        "vc01",
        "",
    )
    new = preview_body(asked(vcenter="vc09", vcenter_source="given"))
    assert by_id(new, PreviewIds.VCENTER).value == " "
    assert by_id(new, PreviewIds.NEW_VCENTER).value == "vc09"
    of_file = preview_body(PREVIEW)
    select = by_id(of_file, PreviewIds.VCENTER)
    assert select.value == KEPT
    assert select.options[0] == {"label": "vc01, as the export says", "value": KEPT}
    assert not by_class(of_file, "import-questions")[0].open


def test_an_assumed_export_time_is_marked_and_its_field_stands_open() -> None:
    assumed = preview_body(asked(exported_at=None, exported_at_source="assumed"))
    assert facts(assumed)["Exported"] == "The time of the import assumed"
    for drawn, is_open, written in (
        (assumed, True, ""),
        (preview_body(PREVIEW), False, "2026-11-23T06:00:00"),
    ):
        assert bool(by_class(drawn, "import-questions")[0].open) is is_open
        assert by_id(drawn, PreviewIds.EXPORTED_AT).value == written


def test_earlier_states_can_be_dropped_only_where_there_are_some() -> None:
    assert not by_id(preview_body(PREVIEW), PreviewIds.REPLACE).hidden
    assert by_id(preview_body(asked(earlier_states=0)), PreviewIds.REPLACE).hidden
    assert by_id(preview_body(asked(**UNNAMED)), PreviewIds.REPLACE).hidden


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((1,), "1 stored state of vc01 goes, whatever its date. Pinned states stay."),
        ((0, 3), "3 stored states of vc02 go, whatever their date."),
        ((2, 1), "2 stored states of vc01 and 1 stored state of vc02 go,"),
    ],
)
def test_the_second_confirmation_names_the_vcenters_and_how_many_states_go(
    amounts: tuple[int, ...], expected: str
) -> None:
    states = [
        replace(STATE, vcenter=f"vc0{number}", earlier_states=amount)
        for number, amount in enumerate(amounts, start=1)
    ]
    assert text(replace_text(states)).startswith(expected)
    assert "cannot be undone" in text(replace_text(states))


def test_the_dialog_begins_at_what_changes_nothing() -> None:
    dialog = by_id(page.layout(), PreviewIds.DIALOG)
    assert not dialog.is_open
    focused = [button.id for button in every(dialog, html.Button) if getattr(button, "autoFocus", None)]
    assert focused == [PreviewIds.DIALOG_CANCEL]


def test_a_header_that_is_not_known_can_be_given_a_field_that_nothing_fills() -> None:
    drawn = preview_body(PREVIEW)
    choices = by_id(drawn, PreviewIds.MAP_CHOICES).data
    assert list(choices) == ["vInfo"], "only tabs of RVTools have fields"
    assert [option["value"] for option in choices["vInfo"]["headers"]] == ["Owner", "Application"]
    offered = {option["value"] for option in choices["vInfo"]["fields"]}
    assert "memory_mib" in offered
    assert not offered & {"name", "cpus"}
    assert by_id(drawn, PreviewIds.MAP_TAB).value == "vInfo"


def test_a_tab_whose_columns_are_all_known_asks_nothing() -> None:
    drawn = preview_body(replace(PREVIEW, tabs=(replace(VINFO, attributes=()),)))
    hidden = [part for part in every(drawn, html.Div) if getattr(part, "hidden", False)]
    assert [part.id for whole in hidden for part in every(whole, dcc.Store)] == [PreviewIds.MAP_CHOICES]


def test_a_file_without_names_of_machines_asks_which_column_has_them_and_cannot_be_stored() -> None:
    lost = replace(
        PREVIEW, states=(), tabs=(), unknown_sheets=(UnknownSheet("Export", ("Maschine", "Kerne")),)
    )
    drawn = preview_body(lost)
    choices = by_id(drawn, PreviewIds.MAP_CHOICES).data
    assert [option["value"] for option in choices["Export"]["headers"]] == ["Maschine", "Kerne"]
    assert [option["value"] for option in choices["Export"]["fields"]] == ["name"]
    assert by_id(drawn, PreviewIds.MAP_FIELD).value == "name"
    assert by_id(drawn, PreviewIds.STORE).hidden
    assert by_id(drawn, PreviewIds.REPLACE).hidden
    assert by_class(drawn, "import-questions")[0].hidden


def test_every_column_that_was_explained_can_be_forgotten() -> None:
    drawn = mappings_card([HeaderMapping("vInfo", "kerne", "cpus")])
    assert table(drawn)[1][:3] == ["kerne", "vInfo", "vCPU"]
    assert next(every(drawn, html.Button)).id == {
        "type": "data-import-forget",
        "tab": "vInfo",
        "header": "kerne",
    }
    assert not list(every(mappings_card([]), html.Button))


def test_what_was_explained_is_listed_without_a_file_too() -> None:
    drawn = page.body([], HISTORY, Scope(), mappings=[HeaderMapping("vInfo", "kerne", "cpus")])
    assert "Columns you explained" in text(drawn)
    assert "Columns you explained" not in text(page.body([], HISTORY, Scope()))


def test_beside_a_preview_stand_the_earlier_states_of_its_vcenter_alone() -> None:
    drawn = page.body([job(JobPhase.PREVIEW, preview=PREVIEW)], HISTORY, Scope())
    tables = list(every(drawn, html.Table))
    assert table(tables[-1])[1:] == [
        ["23 Nov 2026, 06:00", "100", "current"],
        ["16 Nov 2026, 06:00", "90", "pinned"],
    ]


def test_a_stored_import_says_what_changed_in_each_vcenter_and_leads_on_within_its_database() -> None:
    done = job(JobPhase.DONE, preview=PREVIEW, outcome=OUTCOME)
    drawn = page.body([done], HISTORY, Scope(database="lab", text="x"))
    assert "export.xlsx is stored" in text(drawn)
    first, second = (text(line) for line in every(drawn, html.Li) if "exported" in text(line))
    assert first.startswith("100 machines of vc01, exported 23 Nov 2026, 06:00.")
    assert "41 new, 12 gone, 3 renamed, 88 moved, 1 resized, 5 changed and 7,838 unchanged" in first
    assert "1 machine of vc02" in second
    assert "first state" in second
    assert links(drawn) == {
        "Open the Overview": Scope(database="lab"),
        "Open VM Explorer": Scope(database="lab"),
    }


def test_the_same_file_again_is_said_to_change_nothing() -> None:
    drawn = page.body(
        [job(JobPhase.UNCHANGED, message="It is stored already.", outcome=OUTCOME)], HISTORY, Scope()
    )
    assert "export.xlsx changes nothing It is stored already." in text(drawn)


def test_a_failure_gives_its_reason_and_says_once_that_nothing_was_stored() -> None:
    drawn = text(page.body([job(JobPhase.FAILED, message="It is a text file.")], [], Scope()))
    assert "export.xlsx was not imported It is a text file. Nothing of this file was stored." in drawn
    for message in ("Stopping.", "Cancelled. Nothing was stored."):
        drawn = text(page.body([job(JobPhase.CANCELLED, message=message)], HISTORY, Scope()))
        assert drawn == "export.xlsx was cancelled Nothing of this file was stored."


def test_a_set_of_files_is_spoken_of_as_many() -> None:
    several = job(JobPhase.UNCHANGED, file_name="25 CSV files", message="Stored already.")
    assert "25 CSV files change nothing" in text(page.body([several], HISTORY, Scope()))
    assert import_jobs.step(replace(several, phase=JobPhase.QUEUED)) == "25 CSV files wait for another import"


def test_a_failure_while_publishing_is_not_said_to_have_stored_nothing() -> None:
    message = "The import ended unexpectedly while its state was published."
    assert "Nothing of this file" not in text(page.body([job(JobPhase.FAILED, message=message)], [], Scope()))


def test_results_of_earlier_files_stay_above_the_preview_of_the_next() -> None:
    jobs = [
        job(JobPhase.FAILED),
        job(JobPhase.DISCARDED),
        job(JobPhase.PREVIEW, preview=replace(PREVIEW, tabs=())),
    ]
    drawn = page.body(jobs, [], Scope())
    assert len(by_class(drawn, "import-result")) == 1
    assert "Open the Overview" not in links(drawn), "the way on is to store or to discard"


def test_the_demo_estate_tells_of_itself_and_not_of_its_last_file() -> None:
    demo = Job(7, "demo", JobPhase.DONE, 100, "All of it.", "Demo estate", None, OUTCOME)
    drawn = text(page.body([demo], HISTORY, Scope()))
    assert "Demo estate is loaded All of it." in drawn
    assert "Since" not in drawn


def test_open_imports_of_others_are_named_with_the_way_to_them() -> None:
    mine = job(JobPhase.READING)
    others = [
        mine,
        job(JobPhase.PREVIEW, id=8, file_name="b.xlsx"),
        job(JobPhase.QUEUED, id=9, file_name="c.xlsx"),
        job(JobPhase.WRITING, id=10, kind="export"),
    ]
    drawn = page.body([mine], [], Scope(database="lab"), others=others)
    assert "2 other imports are open:" in text(drawn)
    assert "b.xlsx (waits for an answer)" in text(drawn)
    queries = [urlsplit(link.href).query for link in every(drawn, html.A)]
    assert queries == ["db=lab&job=8", "db=lab&job=9"]
    assert "other import" not in text(page.body([mine], [], Scope(), others=[mine]))


def test_the_limit_is_there_to_read_and_for_the_script() -> None:
    drawn = page.limit(500)
    assert drawn.children == ", up to 500 MiB each"
    assert getattr(drawn, "data-max-mib") == "500"
