"""The delivery log as people read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.studio.webhooks.tables import attempts, deliveries, endpoints, events
from hinode.studio.webhooks.types import DeliveryState, LogEntry

_SENT = deliveries.join(events, events.c.id == deliveries.c.event_id).outerjoin(
    endpoints, endpoints.c.id == deliveries.c.endpoint_id
)
_TRY = attempts.c.delivery_id == deliveries.c.id
_COLUMNS = (
    deliveries.c.event_id,
    events.c.type,
    sa.func.coalesce(deliveries.c.url, endpoints.c.url).label("url"),
    deliveries.c.state,
    deliveries.c.created_at,
    deliveries.c.next_at,
    attempts.c.number,
    attempts.c.at,
    attempts.c.status,
    attempts.c.error,
    attempts.c.latency_ms,
    attempts.c.answer,
)


def newest(conn: sa.Connection, limit: int) -> list[LogEntry]:
    """Return the newest deliveries, newest first, each with its last try."""
    last = _SENT.outerjoin(attempts, _TRY & (attempts.c.number == deliveries.c.tries))
    query = sa.select(*_COLUMNS).select_from(last).order_by(deliveries.c.id.desc()).limit(limit)
    return [_entry(row) for row in conn.execute(query)]


def history(conn: sa.Connection, event_id: UUID) -> list[LogEntry]:
    """Return every try of every delivery of an event, oldest first."""
    query = (
        sa.select(*_COLUMNS)
        .select_from(_SENT.outerjoin(attempts, _TRY))
        .where(deliveries.c.event_id == event_id)
        .order_by(deliveries.c.id, attempts.c.number)
    )
    return [_entry(row) for row in conn.execute(query)]


def _entry(row: sa.Row[*tuple[Any, ...]]) -> LogEntry:
    return LogEntry(
        event_id=row.event_id,
        event_type=row.type,
        url=row.url,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        next_at=row.next_at,
        number=row.number,
        at=row.at,
        status=row.status,
        error=row.error,
        latency_ms=row.latency_ms,
        answer=row.answer,
    )
