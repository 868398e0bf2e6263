"""Statements that hide and restore the expired files of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets.tables import assets
from hinode.core.jobs.tables import jobs
from hinode.db.types import Timestamp

_SHOW = (
    jobs.update()
    .where(jobs.c.id == sa.bindparam("job"), jobs.c.deleted_at.is_(None))
    .values(expires_at=sa.bindparam("until", type_=Timestamp))
)
_HIDE = (
    assets.update()
    .where(assets.c.job_id == sa.bindparam("job"))
    .values(
        expired_at=sa.bindparam("at", type_=Timestamp),
        removal_due=sa.bindparam("due", type_=sa.BigInteger),
    )
)


def expired(conn: sa.Connection, now: datetime, limit: int) -> list[UUID]:
    """Return up to ``limit`` jobs whose files have expired and are not hidden yet."""
    return list(conn.scalars(sa.select(jobs.c.id).where(jobs.c.expires_at < now).limit(limit)))


def hide(conn: sa.Connection, job_ids: Sequence[UUID], removal_due: int) -> None:
    """Hide the files of jobs; ``removal_due`` is the counted uptime of their removal in ms.

    A job that was deleted or restored meanwhile is left out.
    """
    # Lock jobs before assets, in the order of all other transactions, to avoid deadlocks.
    expired = jobs.c.id.in_(job_ids) & jobs.c.expires_at.is_not(None)
    query = sa.select(jobs.c.id, jobs.c.expires_at).where(expired).with_for_update()
    found = [{"job": row.id, "at": row.expires_at} for row in conn.execute(query)]
    if found:
        conn.execute(_HIDE, [{**one, "due": removal_due} for one in found])
        chosen = jobs.c.id.in_([one["job"] for one in found])
        conn.execute(jobs.update().where(chosen).values(expires_at=None))


def hidden(
    conn: sa.Connection, limit: int, expired_after: datetime | None = None
) -> list[tuple[UUID, datetime]]:
    """Return up to ``limit`` jobs with hidden files, each with the time of their expiry."""
    query = sa.select(assets.c.job_id, assets.c.expired_at).where(assets.c.removal_due.is_not(None))
    if expired_after is not None:
        query = query.where(assets.c.expired_at > expired_after)
    return [(row[0], row[1]) for row in conn.execute(query.distinct().limit(limit))]


def restore(conn: sa.Connection, expiries: Sequence[tuple[UUID, datetime]]) -> None:
    """Restore the hidden files of jobs and set the times of their next expiry."""
    conn.execute(_SHOW, [{"job": job_id, "until": until} for job_id, until in expiries])
    of_these = assets.c.job_id.in_([job_id for job_id, _ in expiries])
    conn.execute(assets.update().where(of_these).values(expired_at=None, removal_due=None))
