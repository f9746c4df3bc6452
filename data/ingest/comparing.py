"""Compares an export with what is stored: its vCenter, its place among the states, who its machines are."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from data.ingest.answers import Comparison, Export, File, Standing
from data.ingest.difference import OnChange, OnCompared, compare
from data.ingest.identity import known_machines, recognise
from data.ingest.reading import READ_PCT
from data.ingest.states import published_states
from data.ingest.vcenters import VCenterChoice, choose_vcenters
from data.progress import OnProgress
from data.vocabulary import JobPhase


def choices_of(session: Session, file: File, exports: Sequence[Export]) -> list[VCenterChoice]:
    """The vCenters of the exports in a file; errors are those of `choose_vcenters`."""
    said = [(export.stated, export.survey.keys) for export in exports]
    return choose_vcenters(session, said, given=file.vcenter, is_demo=file.is_demo)


def standing_of(session: Session, export: Export, choice: VCenterChoice) -> Standing:
    """Where an export stands among the stored states of its vCenter."""
    states = [] if choice.id is None else published_states(session).get(choice.id, [])
    stay = [state for state in states if state.is_pinned or not export.file.replace]
    earlier = [state.id for state in states if state.exported_at <= export.exported_at]
    return Standing(
        current=stay[-1].exported_at if stay else None,
        previous_import_id=earlier[-1] if earlier else None,
        others=sum(not state.is_pinned for state in states),
    )


def compare_export(
    session: Session,
    export: Export,
    choice: VCenterChoice,
    *,
    on_change: OnChange | None = None,
    on_compared: OnCompared | None = None,
) -> Comparison:
    """Who the machines of an export are, and what it changes against the state before it."""
    standing = standing_of(session, export, choice)
    known = known_machines(session, choice.id, choice.current_import_id)
    found = recognise(export.survey.keys, known)
    difference = compare(
        session,
        export.workbook,
        export.survey,
        found,
        standing.previous_import_id,
        on_change=on_change,
        on_compared=on_compared,
    )
    return Comparison(choice, standing, found, difference)


def telling(report: OnProgress, phase: JobPhase) -> OnCompared:
    """Turns machines compared into progress, for answers that store nothing."""
    return lambda machines: report(phase, READ_PCT, f"Comparing, {machines:,} machines.")
