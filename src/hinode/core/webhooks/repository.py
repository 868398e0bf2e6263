"""Statements on webhook endpoints."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs
from hinode.core.webhooks.tables import endpoints
from hinode.core.webhooks.types import Endpoint, EventType
from hinode.media.types import MediaKind

_ENDPOINTS_OF_JOB = (
    endpoints.select()
    .join(jobs, jobs.c.account_id == endpoints.c.account_id)
    .where(
        jobs.c.id == sa.bindparam("job"),
        jobs.c.kind == MediaKind.VIDEO.value,
        endpoints.c.disabled_at.is_(None),
    )
    .order_by(endpoints.c.id)
)


def insert(conn: sa.Connection, endpoint: Endpoint) -> None:
    """Insert an endpoint."""
    conn.execute(endpoints.insert().values(**_columns(endpoint)))


def save(conn: sa.Connection, endpoint: Endpoint) -> None:
    """Update all columns of an endpoint."""
    conn.execute(
        endpoints.update().where(endpoints.c.id == endpoint.id).values(**_columns(endpoint))
    )


def delete(conn: sa.Connection, endpoint_id: UUID) -> None:
    """Delete an endpoint with its secrets."""
    conn.execute(endpoints.delete().where(endpoints.c.id == endpoint_id))


def disable(conn: sa.Connection, endpoint_id: UUID, url: str, reason: str, now: datetime) -> bool:
    """Disable an endpoint; return False if its URL has changed since the attempt was prepared."""
    result = conn.execute(
        endpoints.update()
        .where(endpoints.c.id == endpoint_id, endpoints.c.url == url)
        .values(disabled_at=now, disabled_reason=reason)
    )
    return result.rowcount == 1


def find(conn: sa.Connection, endpoint_id: UUID) -> Endpoint | None:
    """Find an endpoint of any account; None when there is none."""
    row = conn.execute(endpoints.select().where(endpoints.c.id == endpoint_id)).one_or_none()
    return _endpoint(row) if row else None


def find_own(
    conn: sa.Connection, account_id: UUID, endpoint_id: UUID, *, lock: bool = False
) -> Endpoint | None:
    """Find an endpoint of this account; ``lock`` locks its row until the transaction ends."""
    query = endpoints.select().where(
        endpoints.c.id == endpoint_id, endpoints.c.account_id == account_id
    )
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    return _endpoint(row) if row else None


def count(conn: sa.Connection, account_id: UUID) -> int:
    """Count the endpoints of an account."""
    query = sa.select(sa.func.count()).where(endpoints.c.account_id == account_id)
    return conn.scalar(query) or 0


def page(conn: sa.Connection, account_id: UUID, after: UUID | None, limit: int) -> list[Endpoint]:
    """Return up to ``limit`` endpoints of an account older than ``after``, newest first."""
    query = endpoints.select().where(endpoints.c.account_id == account_id)
    if after is not None:
        query = query.where(endpoints.c.id < after)
    rows = conn.execute(query.order_by(endpoints.c.id.desc()).limit(limit))
    return [_endpoint(row) for row in rows]


def subscribed(conn: sa.Connection, job_id: UUID, event_type: EventType) -> list[Endpoint]:
    """Return the enabled endpoints that subscribe to an event of a job; none for an image job."""
    rows = conn.execute(_ENDPOINTS_OF_JOB, {"job": job_id})
    return [one for one in map(_endpoint, rows) if event_type in one.event_types]


def subscribed_of_account(
    conn: sa.Connection, account_id: UUID, event_type: EventType
) -> list[Endpoint]:
    """Return the enabled endpoints of an account that subscribe to an event."""
    enabled = (endpoints.c.account_id == account_id) & endpoints.c.disabled_at.is_(None)
    rows = conn.execute(endpoints.select().where(enabled).order_by(endpoints.c.id))
    return [one for one in map(_endpoint, rows) if event_type in one.event_types]


def every(conn: sa.Connection) -> list[Endpoint]:
    """Return all endpoints of all accounts, oldest first."""
    return [_endpoint(row) for row in conn.execute(endpoints.select().order_by(endpoints.c.id))]


def _columns(endpoint: Endpoint) -> dict[str, object]:
    return {**asdict(endpoint), "event_types": " ".join(endpoint.event_types)}


def _endpoint(row: sa.Row[tuple[object, ...]]) -> Endpoint:
    return Endpoint(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        url=row.url,
        event_types=tuple(EventType(one) for one in row.event_types.split()),
        secret=row.secret,
        secret_hint=row.secret_hint,
        old_secret=row.old_secret,
        old_secret_until=row.old_secret_until,
        disabled_at=row.disabled_at,
        disabled_reason=row.disabled_reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
