"""Queries on the jobs of all accounts, for the operator."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.job_lists import JobQuery, listed
from hinode.core.jobs.repository import find_many
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobState
from hinode.db.list_order import newest_first, only
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class JobFilter:
    """The account, state and model of jobs; None: any."""

    account_id: UUID | None = None
    state: JobState | None = None
    model: str | None = None


def page(conn: sa.Connection, chosen: JobFilter, after: UUID | None, limit: int) -> list[Job]:
    """Return up to ``limit`` jobs older than ``after``, newest first; deleted ones are left out."""
    if chosen.account_id is None:
        ids = _of_all_accounts(chosen, after, limit)
    else:
        states = () if chosen.state is None else (chosen.state,)
        wanted = JobQuery(limit - 1, after, states, chosen.model)
        ids = listed(chosen.account_id, MediaKind, wanted)
    found = find_many(conn, list(conn.scalars(ids)))
    return sorted(found, key=lambda job: job.id, reverse=True)


def _of_all_accounts(chosen: JobFilter, after: UUID | None, limit: int) -> sa.Select[UUID]:
    query = sa.select(jobs.c.id).where(jobs.c.deleted_at.is_(None)).limit(limit)
    if after is not None:
        query = query.where(jobs.c.id < after)
    if chosen.model is not None:
        query = query.where(jobs.c.model == chosen.model)
    if chosen.state is None:
        return query.order_by(jobs.c.id.desc())
    if chosen.state is JobState.COMPLETED:
        return query.where(jobs.c.state == chosen.state.value).order_by(jobs.c.id.desc())
    # A literal: a partial index is used only if the query repeats its condition.
    rare = query.where(only(jobs.c.state, chosen.state.value), sa.text("state <> 'completed'"))
    return rare.order_by(jobs.c.state.desc(), newest_first(jobs.c.id))
