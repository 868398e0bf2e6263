"""The earlier tries that a job keeps for operators: where it was queued, and why it left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job

MOST = 50
"""Tries that a job keeps, the newest: one that waits for hours may move often."""

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class JobTry:
    """A try that ended without an end of the job; ``started_at`` is None for one never started."""

    engine: str
    upstream: str | None
    started_at: datetime | None
    ended_at: datetime
    submit_failed: bool
    reason: str


def extended(conn: sa.Connection, job: Job, ended: JobTry) -> str:
    """Return the tries of a job with one more, as its column holds them."""
    return json.dumps([_dump(one) for one in [*of_job(conn, job), ended][-MOST:]])


def left_now(job: Job, now: datetime, reason: str, *, submit_failed: bool) -> JobTry:
    """Return the try that a job leaves now."""
    short = reason[:_LONGEST_REASON]
    return JobTry(job.engine, job.upstream, job.started_at, now, submit_failed, short)


def of_job(conn: sa.Connection, job: Job) -> list[JobTry]:
    """Return the earlier tries that a job keeps, oldest first."""
    if not job.dispatch_no:  # almost all jobs
        return []
    text = conn.scalar(sa.select(jobs.c.tries).where(jobs.c.id == job.id))
    return [_load(*one) for one in json.loads(text or "[]")]


def _dump(one: JobTry) -> list[object]:
    started = None if one.started_at is None else one.started_at.timestamp()
    return [
        one.engine, one.upstream, started, one.ended_at.timestamp(), one.submit_failed, one.reason,
    ]  # fmt: skip


def _load(
    engine: str, upstream: str | None, started: float | None, ended: float, failed: bool, why: str
) -> JobTry:
    at = None if started is None else datetime.fromtimestamp(started, UTC)
    return JobTry(engine, upstream, at, datetime.fromtimestamp(ended, UTC), failed, why)
