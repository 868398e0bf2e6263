"""Queries on the jobs of all accounts, for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.job_lists import JobQuery, created_between, listed
from hinode.core.jobs.repository import find_many
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobState
from hinode.db.list_order import newest_first, newest_of, only
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class JobFilter:
    """The account, states, model, engine and time of creation of jobs; None and empty: any."""

    account_id: UUID | None = None
    states: Sequence[JobState] = ()
    model: str | None = None
    engine: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that rows are read for one by one."""
        found: list[sa.ColumnElement[bool]] = []
        if self.engine is not None:
            found.append(jobs.c.engine == self.engine)
        return [*found, *created_between(self.since, self.until)]


def page(conn: sa.Connection, chosen: JobFilter, after: UUID | None, limit: int) -> list[Job]:
    """Return up to ``limit`` jobs older than ``after``, newest first; deleted ones are left out."""
    if chosen.account_id is None:
        ids = _of_all_accounts(chosen, after, limit)
    else:
        wanted = JobQuery(limit - 1, after, chosen.states, chosen.model, chosen.conditions())
        ids = listed(chosen.account_id, MediaKind, wanted)
    found = find_many(conn, list(conn.scalars(ids)))
    return sorted(found, key=lambda job: job.id, reverse=True)


def _of_all_accounts(chosen: JobFilter, after: UUID | None, limit: int) -> sa.Select[UUID]:
    query = sa.select(jobs.c.id).where(jobs.c.deleted_at.is_(None), *chosen.conditions())
    query = query.limit(limit)
    if after is not None:
        query = query.where(jobs.c.id < after)
    if chosen.model is not None:
        query = query.where(jobs.c.model == chosen.model)
    if not chosen.states:
        return query.order_by(jobs.c.id.desc())
    if JobState.COMPLETED in chosen.states:
        names = [one.value for one in chosen.states]
        return query.where(jobs.c.state.in_(names)).order_by(jobs.c.id.desc())
    # A literal: a partial index is used only if the query repeats its condition.
    rare = query.where(sa.text("state <> 'completed'"))
    rare = rare.order_by(jobs.c.state.desc(), newest_first(jobs.c.id))
    parts = [rare.where(only(jobs.c.state, one.value)) for one in chosen.states]
    return newest_of(parts, limit)
