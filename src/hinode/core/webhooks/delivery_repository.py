"""Statements on events, deliveries and attempts; state changes are compare-and-set."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.webhooks.tables import attempts, deliveries, events
from hinode.core.webhooks.types import Attempt, Delivery, DeliveryState, DeliveryTarget, Event

_PENDING = deliveries.c.state == DeliveryState.PENDING.value


def insert_event(conn: sa.Connection, event: Event) -> None:
    """Insert an event."""
    conn.execute(events.insert().values(**asdict(event)))


def insert_delivery(conn: sa.Connection, delivery: Delivery) -> None:
    """Insert a delivery."""
    target = delivery.target
    conn.execute(
        deliveries.insert().values(
            id=delivery.id,
            event_id=delivery.event_id,
            account_id=delivery.account_id,
            endpoint_id=target.endpoint_id,
            url=target.url,
            state=delivery.state.value,
            attempts=delivery.attempts,
            next_attempt_at=delivery.next_attempt_at,
            created_at=delivery.created_at,
        )
    )


def insert_attempt(conn: sa.Connection, attempt: Attempt) -> None:
    """Insert an attempt."""
    conn.execute(attempts.insert().values(**asdict(attempt)))


def find_event(conn: sa.Connection, event_id: UUID) -> Event | None:
    """Find an event of any account; None when there is none."""
    row = conn.execute(events.select().where(events.c.id == event_id)).one_or_none()
    return _event(row) if row else None


def find_delivery(conn: sa.Connection, delivery_id: UUID) -> Delivery | None:
    """Find a delivery of any account; None when there is none."""
    row = conn.execute(deliveries.select().where(deliveries.c.id == delivery_id)).one_or_none()
    return _delivery(row) if row else None


def targets_of(conn: sa.Connection, event_id: UUID) -> list[DeliveryTarget]:
    """Return the targets of an event's deliveries, each once."""
    query = deliveries.select().where(deliveries.c.event_id == event_id).order_by(deliveries.c.id)
    return list(dict.fromkeys(_delivery(row).target for row in conn.execute(query)))


def record_attempt(
    conn: sa.Connection,
    delivery_id: UUID,
    number: int,
    state: DeliveryState,
    *,
    retry_at: datetime | None,
    ended_at: datetime | None,
) -> bool:
    """Record attempt ``number`` of a pending delivery; return False when it was recorded before.

    Compare-and-set on the number of attempts. False also when the delivery has ended.
    """
    result = conn.execute(
        deliveries.update()
        .where(deliveries.c.id == delivery_id, _PENDING, deliveries.c.attempts == number - 1)
        .values(state=state.value, attempts=number, next_attempt_at=retry_at, ended_at=ended_at)
    )
    return result.rowcount == 1


def drop_pending(conn: sa.Connection, endpoint_id: UUID, now: datetime) -> None:
    """End the pending deliveries to an endpoint as dropped."""
    conn.execute(
        deliveries.update()
        .where(deliveries.c.endpoint_id == endpoint_id, _PENDING)
        .values(state=DeliveryState.DROPPED.value, next_attempt_at=None, ended_at=now)
    )


def delete_events_before(conn: sa.Connection, moment: datetime, limit: int) -> int:
    """Delete up to ``limit`` events created before a time, with their deliveries and attempts.

    Return the number of events.
    """
    old = list(
        conn.scalars(sa.select(events.c.id).where(events.c.created_at < moment).limit(limit))
    )
    sent = sa.select(deliveries.c.id).where(deliveries.c.event_id.in_(old))
    conn.execute(attempts.delete().where(attempts.c.delivery_id.in_(sent)))
    conn.execute(deliveries.delete().where(deliveries.c.event_id.in_(old)))
    conn.execute(events.delete().where(events.c.id.in_(old)))
    return len(old)


def _event(row: sa.Row[tuple[object, ...]]) -> Event:
    return Event(
        id=row.id,
        account_id=row.account_id,
        type=row.type,
        job_id=row.job_id,
        body=row.body,
        created_at=row.created_at,
    )


def _delivery(row: sa.Row[tuple[object, ...]]) -> Delivery:
    return Delivery(
        id=row.id,
        event_id=row.event_id,
        account_id=row.account_id,
        target=DeliveryTarget(row.endpoint_id, row.url),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
