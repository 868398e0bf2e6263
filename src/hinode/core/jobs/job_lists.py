"""Lists of an account's jobs, with filters; each page reads its own rows only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState
from hinode.db.list_order import newest_first, newest_of, only_between
from hinode.kit.ids import min_id_at
from hinode.media.types import MediaKind

_ID_SLACK = timedelta(minutes=1)
"""The most by which the time in a job's id differs from that of its creation."""


@dataclass(frozen=True, slots=True)
class JobQuery:
    """A query for a page of jobs; empty ``states`` and a ``model`` of None match all.

    ``after`` is the cursor: the id of the last job of the previous page; ``oldest`` is the last
    job that this page may have. ``since`` and ``until`` are bounds of the time of creation.
    ``conditions`` are further ones, which the rows of the list are read for one by one.
    ``favorites`` leaves out all others; they are few, so it comes before the states and the model.
    """

    limit: int
    after: UUID | None = None
    states: Collection[JobState] = ()
    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    conditions: Sequence[sa.ColumnElement[bool]] = ()
    favorites: bool = False
    oldest: UUID | None = None

    def bounded(self, query: sa.Select[UUID]) -> sa.Select[UUID]:
        """Return the query with the conditions and bounds of this one, without deleted jobs."""
        (oldest, before), found = self._ids(), [jobs.c.deleted_at.is_(None), *self.conditions]
        if before is not None:
            found.append(jobs.c.id < before)
        if oldest is not None:
            found.append(jobs.c.id >= oldest)
        if self.since is not None:
            found.append(jobs.c.created_at >= self.since)
        if self.until is not None:
            found.append(jobs.c.created_at < self.until)
        return query.where(*found)

    def in_states(self) -> list[sa.ColumnElement[bool]]:
        """Return the filter for each state within the bounds, for all states if none is chosen."""
        bounds = (jobs.c.id, *self._ids())
        return [only_between(jobs.c.state, one.value, *bounds) for one in self.states or JobState]

    def _ids(self) -> tuple[UUID | None, UUID | None]:
        """Return the oldest id, and the one before which they are; ids begin with a time."""
        oldest = [self.oldest, None if self.since is None else min_id_at(self.since - _ID_SLACK)]
        before = [self.after, None if self.until is None else min_id_at(self.until + _ID_SLACK)]
        return (
            max((one for one in oldest if one is not None), default=None),
            min((one for one in before if one is not None), default=None),
        )


def listed(account_id: UUID, kinds: Iterable[MediaKind], wanted: JobQuery) -> sa.Select[UUID]:
    """Return the query for the ids of an account's jobs, newest first, one more than the page has.

    Each kind, and with a filter each state, is a range of an index.
    """
    most = wanted.limit + 1
    parts = [part.limit(most) for kind in kinds for part in _parts(account_id, kind, wanted)]
    return newest_of(parts, most)


def _parts(account_id: UUID, kind: MediaKind, wanted: JobQuery) -> list[sa.Select[UUID]]:
    query = sa.select(jobs.c.id).where(jobs.c.account_id == account_id, jobs.c.kind == kind.value)
    query = wanted.bounded(query)
    if wanted.favorites:
        return [_favorites(query, wanted).order_by(newest_first(jobs.c.id))]
    if not wanted.states and wanted.model is None:
        return [query.order_by(newest_first(jobs.c.id))]
    by_state: sa.UnaryExpression[Any] = jobs.c.state.desc()
    if wanted.model is not None:
        query = query.where(jobs.c.model == wanted.model)
        by_state = newest_first(jobs.c.state)  # another order, so another index
    query = query.order_by(by_state, newest_first(jobs.c.id))
    return [query.where(one) for one in wanted.in_states()]


def _favorites(query: sa.Select[UUID], wanted: JobQuery) -> sa.Select[UUID]:
    # A literal: a partial index is used only if the query repeats its condition.
    query = query.where(sa.text("jobs.favorite"))
    if wanted.states:
        # The function keeps SQLite from the index of all jobs in a state.
        state = sa.func.coalesce(jobs.c.state, "")
        query = query.where(state.in_([one.value for one in wanted.states]))
    return query if wanted.model is None else query.where(jobs.c.model == wanted.model)
