"""Idempotency keys: a repeat of the same request returns the first job; another body is an error.

Keys are those of an account and are removed after 24 hours by :mod:`hinode.core.jobs.cleanup`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import IdempotencyKey
from hinode.core.jobs.tables import idempotency_keys

MAX_KEY_LENGTH = 255


def find_job(conn: sa.Connection, account_id: UUID, idempotency_key: IdempotencyKey) -> UUID | None:
    """Return the id of the job created with this key; None for a new key.

    Raises :class:`HinodeError` when the fingerprint is that of another request, or the length of
    the key is invalid.
    """
    if not 1 <= len(idempotency_key.key) <= MAX_KEY_LENGTH:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} characters.",
            param="Idempotency-Key",
        )
    row = conn.execute(
        idempotency_keys.select().where(
            idempotency_keys.c.account_id == account_id,
            idempotency_keys.c.key == idempotency_key.key,
        )
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != idempotency_key.fingerprint:
        raise HinodeError(
            ErrorCode.IDEMPOTENCY_CONFLICT,
            "This Idempotency-Key was used with another request.",
            param="Idempotency-Key",
            hint="Use a new key for a new request.",
        )
    job_id: UUID = row.job_id
    return job_id


def claim(
    conn: sa.Connection,
    account_id: UUID,
    idempotency_key: IdempotencyKey,
    job_id: UUID,
    now: datetime,
) -> bool:
    """Store a key with the id of its job; False when another request stored it first.

    Runs in the transaction that creates the job. A concurrent insert of the same key waits for that
    transaction: after its commit the insert returns no row, after its rollback it succeeds.
    """
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(idempotency_keys).values(
        account_id=account_id,
        key=idempotency_key.key,
        fingerprint=idempotency_key.fingerprint,
        job_id=job_id,
        created_at=now,
    )
    made = statement.on_conflict_do_nothing().returning(idempotency_keys.c.job_id)
    return conn.execute(made).first() is not None


def delete_before(conn: sa.Connection, moment: datetime) -> int:
    """Delete the keys stored before a time; return their number."""
    return conn.execute(
        idempotency_keys.delete().where(idempotency_keys.c.created_at < moment)
    ).rowcount
