from dataclasses import replace
from datetime import datetime

import dash_bootstrap_components as dbc
from dash import html

from data.results import ImportPreview, ImportResult, Job, StateDifference, StoredImport, TabSummary
from data.scope import Scope
from data.vocabulary import JobPhase
from layouts import data_import as page
from layouts.data_import import Stage
from layouts.shared.import_preview import PreviewIds, preview_body
from tests.layouts.drawn import by_class, every, links, table, text

NOV_16, NOV_23 = datetime.fromisoformat("2026-11-16T06:00"), datetime.fromisoformat("2026-11-23T06:00")
VINFO = TabSummary("vInfo", 100, 0, 0, 92, 90, ("Owner", "Application"), (), stored=True)
PREVIEW = ImportPreview(
    file_name="export.xlsx",
    file_size_bytes=4_404_019,
    sha256="0" * 64,
    rvtools_version="4.7.1.4",
    vcenter="vc01",
    vcenter_source="VI SDK UUID",
    needs_vcenter=False,
    known_vcenters=("vc01",),
    exported_at=NOV_23,
    exported_at_source="vMetaData",
    machines=100,
    tabs=(
        VINFO,
        TabSummary(
            "vDisk", 140, 2, 83, 40, 39, (), ("vDisk, column “Raw”: 1 cell is left empty.",), stored=True
        ),
        TabSummary("vSnapshot", 0, 0, 0, 21, 21, (), (), stored=True),
        TabSummary(
            "vHost", 0, 0, 0, 0, 0, (), ("vHost has no header row that RVTools writes.",), stored=False
        ),
        TabSummary("vUSB", 3, 0, 0, 9, 0, (), (), stored=False),
    ),
    missing_tabs=("vSource",),
    warnings=("One warning.", "Another."),
    difference=StateDifference(NOV_16, new=41, gone=12, renamed=3, moved=88, resized=19, unchanged=7838),
    unchanged=False,
)
OUTCOME = ImportResult(
    "export.xlsx",
    "stored",
    "stored",
    3,
    "vc01",
    NOV_23,
    "vMetaData",
    100,
    ("One warning.",),
    (),
    PREVIEW.difference,
)
HISTORY = [
    StoredImport(2, "vc01", "b.xlsx", NOV_23, "assumed", NOV_23, 100, ("One warning.",), True, False),
    StoredImport(1, "vc01", "a.xlsx", NOV_16, "vMetaData", NOV_23, 90, (), False, False),
    StoredImport(3, "demo", "d.xlsx", NOV_16, "given", NOV_23, 50, (), True, True),
]


def job(phase: JobPhase, **changes: object) -> Job:
    return replace(Job(7, phase, 40, "What is being done.", "export.xlsx", None, None), **changes)  # type: ignore[arg-type]


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


def by_id(drawn: object, wanted: str) -> object:
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
        expected = {True: Stage.RUNNING, False: Stage.CHOOSING}[phase in page.RUNNING]
        assert page.stage([job(phase)]) is (Stage.PREVIEW if phase is JobPhase.PREVIEW else expected)
    assert page.stage([job(JobPhase.PREVIEW), job(JobPhase.DONE)]) is Stage.CHOOSING
    assert page.stage([]) is Stage.CHOOSING


def test_the_sentence_says_where_the_import_stands() -> None:
    assert page.sentence([], []) == "Nothing is imported yet"
    assert page.sentence([], HISTORY) == "3 states of 2 vCenters"
    assert page.sentence([job(JobPhase.STORING)], HISTORY) == "export.xlsx"
    previewed = [job(JobPhase.PREVIEW, preview=PREVIEW)]
    assert page.sentence(previewed, HISTORY) == "export.xlsx · 4.2 MiB · nothing is stored yet"


def test_a_screen_reader_hears_each_phase_once_and_not_every_row() -> None:
    reading = [
        page.announcement([job(JobPhase.READING, progress_pct=pct, message=str(pct))]) for pct in (1, 20)
    ]
    assert reading == ["Reading export.xlsx."] * 2
    assert page.announcement([job(JobPhase.STORING)]) == "Storing export.xlsx."
    assert "ready: 100 machines" in page.announcement([job(JobPhase.PREVIEW, preview=PREVIEW)])
    assert "was not imported" in page.announcement([job(JobPhase.FAILED)])
    assert page.announcement([]) == ""


def test_an_empty_database_offers_the_demo_estate() -> None:
    drawn = page.body([], [], Scope())
    assert by_id(drawn, page.Ids.LOAD_DEMO)
    assert "Nothing is imported yet" in text(drawn)


def test_a_running_first_import_is_not_called_nothing() -> None:
    assert text(page.body([job(JobPhase.READING)], [], Scope())) == ""


def test_the_history_is_by_vcenter_newest_first_with_how_the_time_is_known() -> None:
    head, *rows = table(page.body([], HISTORY, Scope()))
    assert head == ["vCenter", "Exported", "How known", "Imported (UTC)", "Machines", "Warnings", "File"]
    assert [row[0] for row in rows] == ["demo", "vc01", "vc01"]
    assert [row[2] for row in rows] == ["as you said", "assumed", "vMetaData"]
    assert ["current" in row[1] for row in rows] == [True, True, False]
    assert "demo" in rows[0][1]
    assert rows[1][5] == "1 warning One warning."
    assert rows[2][5] == "none"


def test_a_preview_shows_what_would_change_and_since_when() -> None:
    drawn = preview_body(PREVIEW)
    assert numbers(drawn) == {
        "New machines": "+41",
        "Gone": "−12",
        "Renamed": "3",
        "Moved": "88",
        "Resized": "19",
        "Unchanged": "7,838",
    }
    assert "Compared with the state of 16 Nov 2026, 06:00 of vc01" in text(drawn)


def test_a_first_state_has_nothing_to_compare_with() -> None:
    first = replace(PREVIEW, difference=StateDifference(None, 100, 0, 0, 0, 0, 0))
    assert numbers(preview_body(first)) == {"New machines": "+100"}


def test_a_preview_shows_each_tab_that_is_read_and_folds_those_that_are_counted() -> None:
    drawn = preview_body(PREVIEW)
    _, *rows = table(drawn)
    assert [row[:3] for row in rows] == [
        ["vInfo  (read)", "100", "90 of 92"],
        ["vDisk  (with remarks)", "140", "39 of 40"],
        ["vSnapshot  (empty)", "0", "21 of 21"],
        ["vHost  (with remarks)", "0", "– unknown"],
    ]
    assert rows[0][3] == "2 further columns kept as attributes: Owner and Application."
    orphans = "83 rows name machines that vInfo does not have; kept apart."
    assert rows[1][3] == f"{orphans} Column “Raw”: 1 cell is left empty."
    assert "1 further tab, counted and not stored yet" in text(drawn)


def test_many_attributes_are_counted_not_listed() -> None:
    many = replace(VINFO, attributes=tuple(f"a{number}" for number in range(30)))
    _, row = table(preview_body(replace(PREVIEW, tabs=(many,))))
    assert row[3].endswith("a7 and 22 more.")


def test_a_preview_says_what_is_known_of_the_export_and_how() -> None:
    drawn = preview_body(PREVIEW)
    assert facts(drawn) == {
        "vCenter": "vc01   VI SDK UUID",
        "Exported": "23 Nov 2026, 06:00   vMetaData",
        "RVTools": "4.7.1.4",
        "Machines": "100",
        "Tabs": "5 of 27",
        "Rows refused": "2",
    }
    assert "Not in this export: vSource." in text(drawn)
    assert "2 warnings" in text(drawn)
    assert not is_asked(drawn, PreviewIds.VCENTER)


def test_a_vcenter_that_nobody_names_is_asked_for_and_never_guessed() -> None:
    drawn = preview_body(replace(PREVIEW, vcenter=None, needs_vcenter=True, difference=None))
    select = next(every(drawn, dbc.Select))
    assert [option["label"] for option in select.options] == ["vc01", "A new one"]
    assert getattr(select, "value", None) is None
    assert is_asked(drawn, PreviewIds.VCENTER)
    assert is_asked(drawn, PreviewIds.NEW_VCENTER)
    assert "vCenter" not in facts(drawn)
    assert numbers(drawn) == {"Machines": "100"}


def test_an_assumed_export_time_is_marked_and_its_field_stands_open() -> None:
    assumed = preview_body(replace(PREVIEW, exported_at=None, exported_at_source="assumed"))
    assert facts(assumed)["Exported"] == "The time of the import   assumed"
    known = preview_body(PREVIEW)
    for drawn, is_open, written in ((assumed, True, ""), (known, False, "2026-11-23T06:00:00")):
        fold = by_class(drawn, "import-time")[0]
        assert bool(fold.open) is is_open
        assert next(i for i in every(fold, dbc.Input)).value == written


def test_beside_a_preview_stand_the_earlier_states_of_its_vcenter_alone() -> None:
    drawn = page.body([job(JobPhase.PREVIEW, preview=PREVIEW)], HISTORY, Scope())
    tables = list(every(drawn, html.Table))
    assert table(tables[-1])[1:] == [
        ["23 Nov 2026, 06:00", "100", "current"],
        ["16 Nov 2026, 06:00", "90", ""],
    ]


def test_a_stored_import_says_what_changed_and_leads_on_within_its_database() -> None:
    done = job(JobPhase.DONE, preview=PREVIEW, outcome=OUTCOME)
    drawn = page.body([done], HISTORY, Scope(database="lab", text="x"))
    assert "export.xlsx is stored" in text(drawn)
    assert "100 machines of vc01, exported 23 Nov 2026, 06:00." in text(drawn)
    assert "41 new, 12 gone, 3 renamed, 88 moved, 19 resized and 7,838 unchanged" in text(drawn)
    assert links(drawn) == {
        "Open the Overview": Scope(database="lab"),
        "Open VM Explorer": Scope(database="lab"),
    }


def test_the_same_file_again_is_said_to_change_nothing() -> None:
    drawn = page.body(
        [job(JobPhase.UNCHANGED, message="It is stored already.", outcome=OUTCOME)], HISTORY, Scope()
    )
    assert "export.xlsx changes nothing It is stored already." in text(drawn)


def test_a_failure_gives_its_reason_and_that_nothing_was_stored() -> None:
    drawn = page.body([job(JobPhase.FAILED, message="It is a text file.")], [], Scope())
    assert "export.xlsx was not imported It is a text file. Nothing of this file was stored." in text(drawn)


def test_results_of_earlier_files_stay_above_the_preview_of_the_next() -> None:
    jobs = [job(JobPhase.FAILED), job(JobPhase.DISCARDED), job(JobPhase.PREVIEW, preview=PREVIEW)]
    drawn = page.body(jobs, HISTORY, Scope())
    assert len(by_class(drawn, "import-result")) == 1
    assert not links(drawn), "the way on is to store or to discard"


def test_the_demo_estate_tells_of_itself_and_not_of_its_last_file() -> None:
    demo = Job(7, JobPhase.DONE, 100, "The demo estate is loaded.", "Demo estate", None, OUTCOME)
    drawn = text(page.body([demo], HISTORY, Scope()))
    assert "Demo estate is stored The demo estate is loaded." in drawn
    assert "Since" not in drawn


def test_the_limit_is_there_to_read_and_for_the_script() -> None:
    drawn = page.limit(500)
    assert drawn.children == ", up to 500 MiB each"
    assert getattr(drawn, "data-max-mib") == "500"
