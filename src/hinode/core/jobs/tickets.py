"""What engines gave for the jobs that they took; later jobs there can start from these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobState

_STOPPED = (JobState.FAILED.value, JobState.CANCELED.value)


def save(conn: sa.Connection, job_id: UUID, dispatch_no: int, ticket: Mapping[str, Any]) -> bool:
    """Store a job's ticket; False when it has one, or its ``dispatch_no`` has changed."""
    text = json.dumps(dict(ticket))
    is_new = jobs.c.ticket.is_(None) | (jobs.c.ticket != text)
    here = (jobs.c.id == job_id) & (jobs.c.dispatch_no == dispatch_no)
    return conn.execute(jobs.update().where(here, is_new).values(ticket=text)).rowcount == 1


def exists(conn: sa.Connection, job_id: UUID) -> bool:
    """Say whether an engine has taken a job."""
    query = sa.select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.ticket.is_not(None))
    return conn.scalar(query) is not None


def for_parent(conn: sa.Connection, job: Job) -> dict[str, Any] | None:
    """Return the ticket of a job's parent; None when another engine rendered that.

    A ticket is for all outputs of a job: it says nothing of one among several.
    """
    if job.parent_id is None:
        return None
    query = sa.select(jobs.c.ticket).where(
        jobs.c.id == job.parent_id, jobs.c.engine == job.engine, jobs.c.outputs == 1
    )
    text = conn.scalar(query)
    found: dict[str, Any] = json.loads(text) if text else {}
    return found or None


def engine_of_stopped(conn: sa.Connection, job_id: UUID) -> str | None:
    """Return the engine of a job that failed or was canceled, deleted or not; else None."""
    query = sa.select(jobs.c.engine).where(jobs.c.id == job_id, jobs.c.state.in_(_STOPPED))
    return conn.scalar(query)
