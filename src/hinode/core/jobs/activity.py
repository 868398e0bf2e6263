"""Activity of accounts: unfinished jobs, jobs that ended lately, and credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs import accounting, repository
from hinode.core.jobs.accounting import CreditSummary
from hinode.core.jobs.job_lists import JobQuery, listed
from hinode.core.jobs.library import LibraryJob, with_files
from hinode.core.jobs.service import JobService
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState
from hinode.db.list_order import newest_first
from hinode.media.types import MediaKind

MOST_JOBS = 200
"""Jobs of each kind of news in one look, the newest."""

_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Activity:
    """The state of an account: its unfinished jobs, those that ended lately, oldest first."""

    unfinished: tuple[LibraryJob, ...]
    ended: tuple[LibraryJob, ...]
    credits: CreditSummary


@dataclass(frozen=True, slots=True)
class AccountActivity:
    """Looks at accounts for those who follow them."""

    jobs: JobService

    def look(self, since: Mapping[UUID, datetime]) -> dict[UUID, Activity]:
        """Return the state of accounts, with the jobs that ended since a time of each."""
        with self.jobs.db.read() as conn:
            now = self.jobs.clock.now()
            return {one: _activity(conn, one, moment, now) for one, moment in since.items()}


def _activity(conn: sa.Connection, account_id: UUID, since: datetime, now: datetime) -> Activity:
    unfinished = listed(account_id, MediaKind, JobQuery(MOST_JOBS, states=_UNFINISHED))
    return Activity(
        _jobs(conn, unfinished, now),
        tuple(one for kind in MediaKind for one in _ended(conn, account_id, kind, since, now)),
        accounting.credit_summary(conn, account_id),
    )


def _ended(
    conn: sa.Connection, account_id: UUID, kind: MediaKind, since: datetime, now: datetime
) -> tuple[LibraryJob, ...]:
    query = (
        sa.select(jobs.c.id)
        .where(
            jobs.c.account_id == account_id,
            jobs.c.kind == kind.value,
            sa.text("jobs.ended_at IS NOT NULL AND jobs.deleted_at IS NULL"),
            jobs.c.ended_at > since,
        )
        .order_by(jobs.c.ended_at.desc(), newest_first(jobs.c.id))
        .limit(MOST_JOBS)
    )
    return _jobs(conn, query, now)


def _jobs(conn: sa.Connection, query: sa.Select[UUID], now: datetime) -> tuple[LibraryJob, ...]:
    ids = list(conn.scalars(query))[:MOST_JOBS]
    found = repository.find_many(conn, ids) if ids else []
    return tuple(with_files(conn, sorted(found, key=lambda job: job.id), now))
