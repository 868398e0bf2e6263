"""Statements that queue a job again, at the same route or at another one of its model."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs import tries
from hinode.core.jobs.options import dump_options
from hinode.core.jobs.repository import job_of, unchanged_since
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.tries import JobTry
from hinode.core.jobs.types import Job, JobState


def requeue(conn: sa.Connection, job: Job, queued: Job, left: JobTry) -> bool:
    """Write a job that is queued again with its route; False when it was moved meanwhile.

    ``left`` is the try that it leaves. It was moved when it has ended, or was resumed or requeued
    since ``job`` was read.
    """
    unfinished = jobs.c.state.in_([JobState.QUEUED.value, JobState.RUNNING.value])
    plan, counted = queued.plan, queued.counted_in
    result = conn.execute(
        jobs.update()
        .where(jobs.c.id == job.id, unchanged_since(job), unfinished)
        .values(
            state=JobState.QUEUED.value,
            engine=queued.engine,
            upstream=queued.upstream,
            width=plan.width,
            height=plan.height,
            fps=plan.fps,
            frames=plan.frames,
            seed=plan.seed,
            options=dump_options(queued.options),
            route_price=queued.route_price,
            counted_model=counted.model if counted else None,
            counted_day=counted.day if counted else None,
            queue_rank=queued.queue_rank,
            dispatch_no=queued.dispatch_no,
            submit_failures=queued.submit_failures,
            tries=tries.extended(conn, job, left),
            started_at=None,
            expected_end_at=None,
            deadline_at=queued.deadline_at,
        )
    )
    return result.rowcount == 1


def lock_unchanged(conn: sa.Connection, job: Job, state: JobState | None = None) -> bool:
    """Lock a job until the transaction ends; False when it was moved since it was read.

    With ``state`` also False when it is in another one; without, when it has ended.
    """
    states = [JobState.QUEUED, JobState.RUNNING] if state is None else [state]
    query = sa.select(jobs.c.id).where(
        jobs.c.id == job.id, unchanged_since(job), jobs.c.state.in_([one.value for one in states])
    )
    return conn.scalar(query.with_for_update()) is not None


def routes_of(conn: sa.Connection, job_id: UUID) -> str | None:
    """Return the JSON of a job's routes; None if it has one."""
    return conn.scalar(sa.select(jobs.c.routes).where(jobs.c.id == job_id))


def overflowing(conn: sa.Connection, now: datetime, limit: int) -> list[Job]:
    """Return up to ``limit`` queued jobs that may move to an overflow route, oldest first."""
    query = (
        jobs.select()
        .where(sa.text("state = 'queued' AND overflow_at IS NOT NULL"), jobs.c.overflow_at <= now)
        .order_by(jobs.c.id)
        .limit(limit)
    )
    return [job_of(row) for row in conn.execute(query)]


def stranded(conn: sa.Connection, engines: Collection[str], limit: int) -> list[Job]:
    """Return up to ``limit`` jobs with other routes that are queued at engines, oldest first."""
    query = (
        jobs.select()
        .where(sa.text("state = 'queued'"), jobs.c.engine.in_(engines), jobs.c.routes.is_not(None))
        .order_by(jobs.c.id)
        .limit(limit)
    )
    return [job_of(row) for row in conn.execute(query)]


def set_overflow(conn: sa.Connection, job_id: UUID, at: datetime | None) -> None:
    """Set when a job may move to the next overflow route while it is queued; None: never."""
    conn.execute(jobs.update().where(jobs.c.id == job_id).values(overflow_at=at))
