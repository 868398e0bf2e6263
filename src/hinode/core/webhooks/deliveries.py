"""Deciding about deliveries: who hears of a job's end, what a try sends, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import JobState
from hinode.core.webhooks import journal, repository
from hinode.core.webhooks.callback_secrets import CallbackSecrets
from hinode.core.webhooks.payload import video_event_body
from hinode.core.webhooks.schedule import Schedule
from hinode.core.webhooks.types import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    Event,
    EventType,
    Outcome,
    Parcel,
    Target,
)
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.kit.sealing import SealBroken, Sealer

GONE = "The receiver answered 410 Gone."

EVENTS: dict[JobState, EventType] = {
    JobState.COMPLETED: EventType.VIDEO_COMPLETED,
    JobState.FAILED: EventType.VIDEO_FAILED,
    # This dialect shows a canceled job as a failed one, and tells of it in the same way.
    JobState.CANCELED: EventType.VIDEO_FAILED,
}


class DeliveryQueue(Protocol):
    """Whoever makes the tries; told inside the transaction that decides on one."""

    def enqueue(
        self, conn: sa.Connection, delivery_id: UUID, number: int, lane: str, delay: float
    ) -> None:
        """Make try ``number`` of a delivery after ``delay`` seconds.

        Deliveries with the same ``lane`` go to the same receiver, which may be slow.
        """
        ...


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """The verbs of deliveries; each runs in the transaction of the connection it is given."""

    queue: DeliveryQueue
    sealer: Sealer
    secrets: CallbackSecrets
    clock: Clock
    schedule: Schedule

    def ended(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        """Tell the endpoints that listen to a job's end; without any, one query is all."""
        event_type = EVENTS[state]
        listening = repository.listening(conn, job_id, event_type)
        if not listening:
            return
        now, event_id = self.clock.now(), new_id()
        event = Event(
            id=event_id,
            account_id=listening[0].account_id,
            type=event_type.value,
            job_id=job_id,
            body=video_event_body(event_id, event_type, job_id, now),
            created_at=now,
        )
        self.announce(conn, event, [Target(endpoint_id=one.id) for one in listening])

    def announce(self, conn: sa.Connection, event: Event, targets: Sequence[Target]) -> None:
        """Write an event and send it to these targets."""
        journal.insert_event(conn, event)
        self._send(conn, event, targets)

    def resend(self, conn: sa.Connection, event_id: UUID) -> int:
        """Send an event anew to everywhere it was sent, with the same id. Returns how many.

        Raises :class:`HinodeError` when it is unknown or has nowhere to go any more.
        """
        event = journal.find_event(conn, event_id)
        if event is None:
            raise HinodeError(
                ErrorCode.EVENT_NOT_FOUND,
                "There is no such event.",
                param="id",
                hint="`hinode webhook deliveries` shows them; they are kept for 30 days.",
            )
        targets = [one for one in journal.targets_of(conn, event_id) if _reachable(conn, one)]
        if not targets:
            raise HinodeError(
                ErrorCode.EVENT_NOT_FOUND,
                "The endpoints of this event were deleted or disabled.",
                param="id",
                hint="Naming its URL in an update enables an endpoint again.",
            )
        self._send(conn, event, targets)
        return len(targets)

    def take(self, conn: sa.Connection, delivery_id: UUID, number: int) -> Parcel | None:
        """Return what try ``number`` sends; None when it was made or has nowhere to go."""
        delivery = journal.find_delivery(conn, delivery_id)
        if delivery is None or delivery.state is not DeliveryState.PENDING:
            return None
        event = journal.find_event(conn, delivery.event_id)
        if event is None or delivery.tries >= number:
            return None
        target = delivery.target
        endpoint = _listener(conn, target)
        if endpoint is None and target.endpoint_id is not None:
            journal.drop_pending(conn, target.endpoint_id, self.clock.now())
            return None
        url, sealed = self._address(conn, delivery, endpoint)
        secrets = self._opened(sealed)
        return Parcel(delivery_id, number, event.public_id, url, event.body, secrets)

    def settle(self, conn: sa.Connection, parcel: Parcel, outcome: Outcome) -> DeliveryState | None:
        """Log a try and decide what follows; None when another had been quicker."""
        delivery = journal.find_delivery(conn, parcel.delivery_id)
        wait = None
        if not (outcome.delivered or outcome.gone):
            wait = self.schedule.wait_after(parcel.number, outcome.retry_after)
        now = self.clock.now()
        next_at = None if wait is None else now + timedelta(seconds=wait)
        state = _state(outcome, next_at)
        ended_at = now if next_at is None else None
        if delivery is None or not journal.move(
            conn, delivery.id, parcel.number, state, next_at=next_at, ended_at=ended_at
        ):
            return None
        journal.insert_attempt(conn, _attempt(parcel, outcome, next_at))
        if outcome.gone:
            _disable(conn, delivery.target, parcel.url, now)
        if wait is not None:
            lane = lane_of(delivery.target)
            self.queue.enqueue(conn, delivery.id, parcel.number + 1, lane, wait)
        return state

    def _send(self, conn: sa.Connection, event: Event, targets: Sequence[Target]) -> None:
        now, wait = self.clock.now(), self.schedule.delays[0]
        for target in targets:
            delivery = Delivery(
                id=new_id(),
                event_id=event.id,
                account_id=event.account_id,
                target=target,
                state=DeliveryState.PENDING,
                tries=0,
                next_at=now + timedelta(seconds=wait),
                created_at=now,
                ended_at=None,
            )
            journal.insert_delivery(conn, delivery)
            self.queue.enqueue(conn, delivery.id, 1, lane_of(target), wait)

    def _address(
        self, conn: sa.Connection, delivery: Delivery, endpoint: Endpoint | None
    ) -> tuple[str, list[str]]:
        """Return the URL and the sealed secrets as they are now: both may have changed."""
        if endpoint is not None:
            return endpoint.url, endpoint.sealed_secrets(self.clock.now())
        return delivery.target.url or "", self.secrets.signing(conn, delivery.account_id)

    def _opened(self, sealed: list[str]) -> tuple[str, ...]:
        """Return the secrets that this server can read: perhaps only those made since."""
        opened = []
        for one in sealed:
            with suppress(SealBroken):
                opened.append(self.sealer.open(one))
        return tuple(opened)


def lane_of(target: Target) -> str:
    """Return what deliveries to the same receiver have in common."""
    if target.endpoint_id is not None:
        return target.endpoint_id.hex
    return urlsplit(target.url or "").netloc.lower()[:200] or "nowhere"


def _disable(conn: sa.Connection, target: Target, url: str, now: datetime) -> None:
    endpoint_id = target.endpoint_id
    if endpoint_id is not None and repository.disable(conn, endpoint_id, url, GONE, now):
        journal.drop_pending(conn, endpoint_id, now)


def _listener(conn: sa.Connection, target: Target) -> Endpoint | None:
    endpoint = repository.find(conn, target.endpoint_id) if target.endpoint_id else None
    return endpoint if endpoint and endpoint.disabled_at is None else None


def _reachable(conn: sa.Connection, target: Target) -> bool:
    return target.endpoint_id is None or _listener(conn, target) is not None


def _state(outcome: Outcome, next_at: datetime | None) -> DeliveryState:
    if outcome.delivered:
        return DeliveryState.DELIVERED
    return DeliveryState.FAILED if next_at is None else DeliveryState.PENDING


def _attempt(parcel: Parcel, outcome: Outcome, next_at: datetime | None) -> Attempt:
    return Attempt(
        delivery_id=parcel.delivery_id,
        number=parcel.number,
        at=outcome.at,
        status=outcome.status,
        error=outcome.error,
        latency_ms=outcome.latency_ms,
        answer=outcome.answer,
        next_at=next_at,
    )
