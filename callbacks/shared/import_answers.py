"""What the operator says of a file that is previewed: its vCenter and its export time."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from data.errors import InvalidInputError
from data.fields import NAME_LENGTH
from data.results import ImportPreview, Job
from data.validation import DataValidator
from layouts.shared.import_questions import GIVEN, KEPT, NEW_VCENTER


class Answers(NamedTuple):
    """What the operator says of a file; None where the file is to say it."""

    vcenter: str | None
    exported_at: datetime | None


def answers_to(job: Job, *, vcenter: str | None, new_vcenter: str | None, exported_at: str | None) -> Answers:
    """What was entered.

    Raises:
        InvalidInputError: something is missing or cannot be read; says what.
    """
    if job.preview is None:
        raise InvalidInputError("This import is not waiting for an answer any more.")
    return Answers(
        _vcenter_name(job.preview, vcenter, new_vcenter), _corrected_time(job.preview, exported_at)
    )


def given(preview: ImportPreview) -> Answers:
    """What a preview was told."""
    vcenters = {state.vcenter for state in preview.states if state.vcenter_source == GIVEN}
    times = {state.exported_at for state in preview.states if state.exported_at_source == GIVEN}
    return Answers(min(filter(None, vcenters), default=None), min(filter(None, times), default=None))


def _vcenter_name(preview: ImportPreview, chosen: str | None, new: str | None) -> str | None:
    """The vCenter that the operator chose; None: the one that the file says."""
    if len(preview.states) != 1 or (chosen in {None, "", KEPT} and not preview.needs_vcenter):
        return None
    name = ((new if chosen == NEW_VCENTER else chosen) or "").strip()
    if not name:
        raise InvalidInputError("Choose the vCenter, or name a new one.")
    fits, message = DataValidator.validate_string_length(
        name, maximum=NAME_LENGTH, name="The name of the vCenter"
    )
    if not fits:
        raise InvalidInputError(message)
    return name


def _corrected_time(preview: ImportPreview, text: str | None) -> datetime | None:
    """The export time that the operator gives; None: the one that the file says."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError("The export time cannot be read. It looks like 2026-11-23 06:00.") from None
    is_of_file = all(
        state.exported_at_source != GIVEN
        and state.exported_at is not None
        and state.exported_at.replace(microsecond=0) == time
        for state in preview.states
    )
    return None if is_of_file else time
