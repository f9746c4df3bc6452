"""Questions and writes for tests of the cache."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from data.cache import get_cache_uses
from data.database import DatabaseManager
from data.generations import raise_generation
from data.models import vcenters
from data.results import CacheUse
from data.scope import Scope
from data.vocabulary import PowerState


@dataclass(frozen=True, slots=True)
class Answer:
    name: str
    power: PowerState
    seen: datetime | None
    shares: tuple[float, ...]


RICH = Answer("web", PowerState.ON, datetime(2026, 11, 23, 6, tzinfo=UTC), (0.5, 1.0))


def rich(_session: Session, _scope: Scope) -> Answer:
    return RICH


def count_vcenters(session: Session, _scope: Scope, *, plus: int = 0) -> int:
    return (session.scalar(text("SELECT count(*) FROM vcenters")) or 0) + plus


def nothing(session: Session, _scope: Scope) -> str | None:
    return session.scalar(select(vcenters.c.name))


def frame(session: Session, _scope: Scope) -> pd.DataFrame:
    return pd.DataFrame(session.execute(select(vcenters.c.name)).all())


def uses() -> dict[str, CacheUse]:
    return {use.function.rpartition(".")[2]: use for use in get_cache_uses()}


def add_vcenter(manager: DatabaseManager, name: str) -> None:
    """A write as an import does it: the generation is raised in the same transaction."""
    with manager.session_scope() as session:
        session.execute(insert(vcenters).values(name=name))
        raise_generation(session)
