"""Queries of the delivery log, for clients and the operator."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.webhooks.tables import attempts, deliveries, endpoints, events
from hinode.core.webhooks.types import DeliveryLogEntry, DeliveryState
from hinode.db.list_order import newest_first, newest_of, only

_DELIVERIES = deliveries.join(events, events.c.id == deliveries.c.event_id).outerjoin(
    endpoints, endpoints.c.id == deliveries.c.endpoint_id
)
_ATTEMPT = attempts.c.delivery_id == deliveries.c.id
_COLUMNS = (
    deliveries.c.id,
    events.c.account_id,
    deliveries.c.event_id,
    events.c.type,
    events.c.job_id,
    sa.func.coalesce(deliveries.c.url, endpoints.c.url).label("url"),
    deliveries.c.state,
    deliveries.c.created_at,
    deliveries.c.next_attempt_at,
    attempts.c.number,
    attempts.c.at,
    attempts.c.status,
    attempts.c.error,
    attempts.c.latency_ms,
    attempts.c.response,
)
_LAST_ATTEMPT = _ATTEMPT & (attempts.c.number == deliveries.c.attempts)
_NEWER = deliveries.alias()
_CALLBACKS = (
    sa.select(*_COLUMNS)
    .select_from(_DELIVERIES.outerjoin(attempts, _LAST_ATTEMPT))
    .where(
        deliveries.c.url.is_not(None),
        ~sa.exists().where(
            _NEWER.c.event_id == deliveries.c.event_id, _NEWER.c.id > deliveries.c.id
        ),
    )
)


def newest(conn: sa.Connection, limit: int) -> list[DeliveryLogEntry]:
    """Return the newest deliveries, newest first, each with its last attempt."""
    last = _DELIVERIES.outerjoin(attempts, _LAST_ATTEMPT)
    query = sa.select(*_COLUMNS).select_from(last).order_by(deliveries.c.id.desc()).limit(limit)
    return [_entry(row) for row in conn.execute(query)]


def attempted_since(conn: sa.Connection, since: datetime, limit: int) -> list[DeliveryLogEntry]:
    """Return the attempts since a time, the newest ``limit``, oldest first."""
    made = sa.select(attempts.c.delivery_id).where(attempts.c.at > since)
    # Apart, by the index of the times: SQLite would begin with all deliveries.
    ids = set(conn.scalars(made.order_by(attempts.c.at.desc()).limit(limit)))
    query = sa.select(*_COLUMNS).select_from(_DELIVERIES.join(attempts, _ATTEMPT))
    found = query.where(deliveries.c.id.in_(ids), attempts.c.at > since).order_by(attempts.c.at)
    return [_entry(row) for row in conn.execute(found)][-limit:]


def page(
    conn: sa.Connection,
    account_id: UUID | None,
    states: Collection[DeliveryState],
    after: UUID | None,
    limit: int,
) -> list[DeliveryLogEntry]:
    """Return up to ``limit`` deliveries older than ``after``, each with its last attempt.

    ``account_id`` None: of all accounts; empty ``states``: any.
    """
    ids = list(conn.scalars(_listed(account_id, states, after, limit)))
    last = _DELIVERIES.outerjoin(attempts, _LAST_ATTEMPT)
    query = sa.select(*_COLUMNS).select_from(last).where(deliveries.c.id.in_(ids))
    return [_entry(row) for row in conn.execute(query.order_by(deliveries.c.id.desc()))]


def _listed(
    account_id: UUID | None, states: Collection[DeliveryState], after: UUID | None, limit: int
) -> sa.Select[UUID]:
    """Return the query for the ids of a page; it reads the rows of the page only."""
    query = sa.select(deliveries.c.id).limit(limit)
    if after is not None:
        query = query.where(deliveries.c.id < after)
    if account_id is not None:
        query = query.where(deliveries.c.account_id == account_id)
    elif not states or DeliveryState.DELIVERED in states:
        if states:
            query = query.where(deliveries.c.state.in_([one.value for one in states]))
        return query.order_by(deliveries.c.id.desc())
    else:
        # A literal: a partial index is used only if the query repeats its condition.
        query = query.where(sa.text("state <> 'delivered'"))
    query = query.order_by(deliveries.c.state.desc(), newest_first(deliveries.c.id))
    chosen = states or DeliveryState
    return newest_of([query.where(only(deliveries.c.state, one.value)) for one in chosen], limit)


def history(conn: sa.Connection, event_id: UUID) -> list[DeliveryLogEntry]:
    """Return every attempt of every delivery of an event, oldest first."""
    query = (
        sa.select(*_COLUMNS)
        .select_from(_DELIVERIES.outerjoin(attempts, _ATTEMPT))
        .where(deliveries.c.event_id == event_id)
        .order_by(deliveries.c.id, attempts.c.number)
    )
    return [_entry(row) for row in conn.execute(query)]


def callbacks(
    conn: sa.Connection, account_id: UUID, after: UUID | None, limit: int
) -> list[DeliveryLogEntry]:
    """Return up to ``limit`` callbacks of an account older than the event ``after``, newest first.

    Each event is returned once, with the last attempt of its newest delivery.
    """
    query = _CALLBACKS.where(deliveries.c.account_id == account_id)
    if after is not None:
        query = query.where(deliveries.c.event_id < after)
    newest = query.order_by(newest_first(deliveries.c.event_id)).limit(limit)
    return [_entry(row) for row in conn.execute(newest)]


def callback(conn: sa.Connection, account_id: UUID, event_id: UUID) -> DeliveryLogEntry | None:
    """Return a callback of an account as :func:`callbacks` does; None when there is none."""
    own = (events.c.account_id == account_id) & (events.c.id == event_id)
    row = conn.execute(_CALLBACKS.where(own)).one_or_none()
    return _entry(row) if row else None


def _entry(row: sa.Row[*tuple[Any, ...]]) -> DeliveryLogEntry:
    return DeliveryLogEntry(
        id=row.id,
        account_id=row.account_id,
        event_id=row.event_id,
        event_type=row.type,
        job_id=row.job_id,
        url=row.url,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        attempt=row.number,
        at=row.at,
        status=row.status,
        error=row.error,
        latency_ms=row.latency_ms,
        response=row.response,
    )
