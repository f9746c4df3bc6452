"""The export menu and the box of a workbook's job."""

from dataclasses import replace

from dash import html

from data.results import Job
from data.vocabulary import JobPhase
from layouts.shared.export_box import export_menu, file_link
from tests.layouts.drawn import by_class, every, text

JOB = Job(
    7, "export", JobPhase.DONE, 100, "The file is ready.", "Export", None, None, files=("machines.xlsx",)
)


def test_the_menu_offers_every_form_and_stays_closed_until_it_is_opened() -> None:
    menu = export_menu("grid")
    items = [part for part in every(menu) if getattr(part, "role", None) == "menuitem"]
    assert [text(item) for item in items] == [
        "CSV plain table",
        "Excel workbook with filters",
        "JSON lines for scripts",
    ]
    assert [getattr(item, "data-value") for item in items] == ["csv", "xlsx", "jsonl"]
    (panel,), (opener,) = by_class(menu, "panel"), by_class(menu, "panel-opener")
    assert panel.hidden
    assert (getattr(opener, "aria-haspopup"), getattr(opener, "aria-expanded")) == ("menu", "false")


def test_a_file_is_offered_when_it_is_ready_and_not_before() -> None:
    (link,) = every(file_link(JOB, "/jobs/7/machines.xlsx"), html.A)
    assert (text(link).strip(), link.href) == ("machines.xlsx", "/jobs/7/machines.xlsx")
    assert file_link(replace(JOB, phase=JobPhase.WRITING), "/jobs/7/machines.xlsx") == ""
    assert file_link(replace(JOB, phase=JobPhase.FAILED, files=()), "") == ""
