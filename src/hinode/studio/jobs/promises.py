"""Idempotency: the same key and body give the same job, another body is refused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.requests import Idempotency
from hinode.studio.jobs.tables import idempotency

MAX_KEY_LENGTH = 255


def earlier_job(conn: sa.Connection, account_id: UUID, promise: Idempotency) -> UUID | None:
    """Return the job made with this key, or None.

    Raises :class:`StudioError` when the key came with another body, or is no usable key.
    """
    if not 1 <= len(promise.key) <= MAX_KEY_LENGTH:
        raise StudioError(
            ErrorCode.INVALID_VALUE,
            f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} characters.",
            param="Idempotency-Key",
        )
    row = conn.execute(
        idempotency.select().where(
            idempotency.c.account_id == account_id, idempotency.c.key == promise.key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != promise.fingerprint:
        raise StudioError(
            ErrorCode.IDEMPOTENCY_CONFLICT,
            "This Idempotency-Key was used with another request.",
            param="Idempotency-Key",
            hint="Use a new key for a new request.",
        )
    job_id: UUID = row.job_id
    return job_id


def claim(
    conn: sa.Connection, account_id: UUID, promise: Idempotency, job_id: UUID, now: datetime
) -> bool:
    """Tie a key to a job; False when another request was first."""
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(idempotency).values(
        account_id=account_id,
        key=promise.key,
        fingerprint=promise.fingerprint,
        job_id=job_id,
        created_at=now,
    )
    made = statement.on_conflict_do_nothing().returning(idempotency.c.job_id)
    return conn.execute(made).first() is not None


def forget_before(conn: sa.Connection, moment: datetime) -> int:
    """Drop promises made before a moment; return how many."""
    return conn.execute(idempotency.delete().where(idempotency.c.created_at < moment)).rowcount
