"""Activity of the whole place: unfinished jobs of all accounts, and jobs that ended lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hinode.core.accounts import repository as accounts
from hinode.core.jobs import admin_queries
from hinode.core.jobs.admin_queries import JobFilter
from hinode.core.jobs.forecast import Forecast
from hinode.core.jobs.job_admin import JobView
from hinode.core.jobs.repository import find_many
from hinode.core.jobs.service import JobService
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobState
from hinode.core.pagination import PageQuery

MOST_JOBS = 200
"""Jobs in each state in one look, the newest."""


@dataclass(frozen=True, slots=True)
class PlaceActivity:
    """The newest unfinished jobs, and those that ended lately, oldest first."""

    unfinished: tuple[JobView, ...]
    ended: tuple[JobView, ...]

    @property
    def is_cut(self) -> bool:
        """True if more jobs may have ended than it tells of."""
        return len(self.ended) == MOST_JOBS


@dataclass(frozen=True, slots=True)
class PlaceObserver:
    """Looks at the jobs of all accounts for operators who follow them."""

    jobs: JobService

    def look(self, since: datetime) -> PlaceActivity:
        """Return the newest unfinished jobs, and those that ended since a time."""
        newest = PageQuery(MOST_JOBS)
        with self.jobs.db.read() as conn:
            queued = admin_queries.page(conn, _in(JobState.QUEUED), newest).items
            running = admin_queries.page(conn, _in(JobState.RUNNING), newest).items
            ended = find_many(conn, list(conn.scalars(_ended(since))))
            found = [*queued, *running, *ended]
            owners = accounts.by_ids(conn, {one.account_id for one in found})
            details = Forecast(conn, self.jobs.clock.now()).details(found)
        left = {one.job.id: one.remaining_seconds for one in details}

        def views(some: Iterable[Job]) -> tuple[JobView, ...]:
            return tuple(
                JobView(one, owners[one.account_id], remaining_seconds=left[one.id])
                for one in sorted(some, key=lambda job: job.id)
            )

        return PlaceActivity(views([*queued, *running]), views(ended))


def _in(state: JobState) -> JobFilter:
    return JobFilter(states=(state,))


def _ended(since: datetime) -> sa.Select[tuple[object]]:
    query = sa.select(jobs.c.id).where(sa.text("ended_at IS NOT NULL"), jobs.c.ended_at > since)
    return query.order_by(jobs.c.ended_at.desc()).limit(MOST_JOBS)
