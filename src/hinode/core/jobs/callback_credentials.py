"""Statements on the encrypted credentials of callbacks, one ``Authorization`` header per job."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import callback_credentials
from hinode.core.jobs.types import Job


def insert(conn: sa.Connection, job: Job) -> None:
    """Insert the credentials of a new job's callback, if it has any."""
    callback = job.options.callback
    if callback is not None and callback.authorization is not None:
        values = {"job_id": job.id, "authorization": callback.authorization}
        conn.execute(callback_credentials.insert().values(values))


def find(conn: sa.Connection, job_id: UUID) -> str | None:
    """Return the encrypted header of a job's callback; None without one."""
    chosen = callback_credentials.c.job_id == job_id
    return conn.scalar(sa.select(callback_credentials.c.authorization).where(chosen))


def delete(conn: sa.Connection, job_id: UUID) -> None:
    """Delete the credentials of a job's callback."""
    conn.execute(callback_credentials.delete().where(callback_credentials.c.job_id == job_id))
