"""Lists of an account's jobs, with filters; each page reads its own rows only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState
from hinode.db.list_order import newest_first, only
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class JobQuery:
    """A query for a page of jobs; empty ``states`` and a ``model`` of None match all.

    ``after`` is the cursor: the id of the last job of the previous page. ``conditions`` are
    further ones, which the rows of the list are read for one by one.
    """

    limit: int
    after: UUID | None = None
    states: Collection[JobState] = ()
    model: str | None = None
    conditions: Sequence[sa.ColumnElement[bool]] = ()


def listed(account_id: UUID, kinds: Iterable[MediaKind], wanted: JobQuery) -> sa.Select[UUID]:
    """Return the query for the ids of an account's jobs, newest first, one more than the page has.

    Each kind, and with a filter each state, is a range of an index.
    """
    most = wanted.limit + 1
    parts = [part.limit(most) for kind in kinds for part in _parts(account_id, kind, wanted)]
    if len(parts) == 1:
        return parts[0]
    found = sa.union_all(*(sa.select(part.subquery()) for part in parts)).subquery()
    return sa.select(found.c.id).order_by(newest_first(found.c.id)).limit(most)


def _parts(account_id: UUID, kind: MediaKind, wanted: JobQuery) -> list[sa.Select[UUID]]:
    query = sa.select(jobs.c.id).where(
        jobs.c.account_id == account_id,
        jobs.c.kind == kind.value,
        jobs.c.deleted_at.is_(None),
        *wanted.conditions,
    )
    if wanted.after is not None:
        query = query.where(jobs.c.id < wanted.after)
    states = wanted.states or (JobState if wanted.model is not None else ())
    if not states:
        return [query.order_by(newest_first(jobs.c.id))]
    by_state: sa.UnaryExpression[Any] = jobs.c.state.desc()
    if wanted.model is not None:
        query = query.where(jobs.c.model == wanted.model)
        by_state = newest_first(jobs.c.state)  # another order, so another index
    query = query.order_by(by_state, newest_first(jobs.c.id))
    return [query.where(only(jobs.c.state, one)) for one in states]
