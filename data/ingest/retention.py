"""Drops the states that the retention rule lets go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.database import DatabaseManager
from data.ingest.locking import import_lock
from data.ingest.states import PublishedState, hide_states, published_states
from data.ingest.upkeep import sweep_locked
from data.progress import OnProgress, unheard
from data.results import RetentionRule
from data.retention import doomed
from data.vocabulary import ImportStatus, JobPhase


def apply_retention(db_url: str, rule: RetentionRule, on_progress: OnProgress = unheard) -> int:
    """Delete the states that the rule lets go; returns how many. Waits for an import that is running.

    The last state that was stored of a vCenter stays until the next one is, even if the rule would let it go: who
    files an old export can look at it and pin it.
    """
    with import_lock(
        db_url, lambda: on_progress(JobPhase.QUEUED, 0, "Waiting for an import to finish.")
    ) as lock:
        sweep_locked(db_url, lock)
        with DatabaseManager(db_url).session_scope() as session:
            going = find_doomed(session, rule)
            hide_states(session, going, ImportStatus.DROPPED)
            lock.make_sure()
        if going:
            message = f"Removing {len(going)} states that the retention rule lets go."
            on_progress(JobPhase.STORING, 99, message)
            sweep_locked(db_url, lock)
    return len(going)


def find_doomed(session: Session, rule: RetentionRule) -> list[PublishedState]:
    """The states that `apply_retention` deletes, in the order of their export. One statement."""
    going: list[PublishedState] = []
    for states in published_states(session).values():
        last_stored = max(state.id for state in states)
        ids = doomed(states, rule) - {last_stored}
        going += [state for state in states if state.id in ids]
    return going


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: int
    exported_at: datetime
    is_pinned: bool = False


def would_go(session: Session, rule: RetentionRule, *, vcenter_id: int, exported_at: datetime) -> bool:
    """Whether an export of that time, once it is stored, goes with the next import unless it is pinned."""
    stored = published_states(session).get(vcenter_id, [])
    candidate = _Candidate(1 + max((state.id for state in stored), default=0), exported_at)
    return candidate.id in doomed([*stored, candidate], rule)
