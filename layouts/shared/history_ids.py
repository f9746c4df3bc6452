"""Ids and words that the parts of the import history share."""

from __future__ import annotations

from enum import StrEnum


class HistoryIds(StrEnum):
    """The ids of the history of imports."""

    VIEW = "data-import-history-view"
    """A store: which states are compared and how, as the query of a URL."""
    ACTION = "data-import-history-action"
    """A store: the button that was pressed last, as {"do": Action, "key": id, "at": time}."""
    WHOLE = "data-import-history-whole"
    """A store: ids of the vCenters whose states are all listed, not the newest alone."""
    JOB = "data-import-history-job"
    """A store: the job that deletes a state, while it runs."""
    POLL = "data-import-history-poll"
    BODY = "data-import-history-body"

    DIALOG = "data-import-history-dialog"
    DIALOG_TITLE = "data-import-history-dialog-title"
    DIALOG_TEXT = "data-import-history-dialog-text"
    DIALOG_CANCEL = "data-import-history-dialog-cancel"
    DIALOG_CONFIRM = "data-import-history-dialog-confirm"

    COMPARISON = "data-import-comparison"
    FORM = "data-import-comparison-form"
    VCENTER = "data-import-comparison-vcenter"
    BEFORE = "data-import-comparison-before"
    AFTER = "data-import-comparison-after"
    FIGURES = "data-import-comparison-figures"
    NARROWING = "data-import-comparison-narrowing"
    """What narrows the list of changes; hidden until two states are compared."""
    FIND = "data-import-comparison-find"
    RANGE = "data-import-comparison-range"
    COMPARED = "data-import-comparison-body"


class Action(StrEnum):
    """What the buttons do to a state or a vCenter."""

    PIN = "pin"
    UNPIN = "unpin"
    DELETE = "delete"
    HIDE = "hide"
    SHOW = "show"
