"""Deliver events: send, prepare and record attempts, enqueue retries, read the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
import structlog

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import callback_credentials
from hinode.core.jobs.types import JobState
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.core.webhooks import delivery_log, delivery_repository, repository
from hinode.core.webhooks.callback_headers import CallbackHeaders
from hinode.core.webhooks.callback_secrets import CallbackSecrets
from hinode.core.webhooks.payload import event_body
from hinode.core.webhooks.retry_schedule import RetrySchedule
from hinode.core.webhooks.types import (
    Attempt,
    AttemptResult,
    Delivery,
    DeliveryLogEntry,
    DeliveryState,
    DeliveryTarget,
    Endpoint,
    Event,
    EventType,
    PreparedDelivery,
)
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id, to_video_id
from hinode.kit.secret_box import DecryptionError, SecretBox

if TYPE_CHECKING:
    from hinode.db.database import Database

EVENT_LIFETIME = timedelta(days=30)
"""Retention of events in the log; afterwards they cannot be sent again."""

log = structlog.get_logger("hinode.webhooks")

GONE = "The receiver responded 410 Gone."

_MOST_ATTEMPTS = 200

DELETED_EVENTS = 1000
"""Old events that are deleted in one transaction."""

EVENTS: dict[JobState, EventType] = {
    JobState.COMPLETED: EventType.VIDEO_COMPLETED,
    JobState.FAILED: EventType.VIDEO_FAILED,
    # The dialect that has webhooks shows a canceled job as a failed one.
    JobState.CANCELED: EventType.VIDEO_FAILED,
}


class DeliveryQueue(Protocol):
    """The queue of attempts, written in the transaction that decides on the attempt."""

    def enqueue(
        self, conn: sa.Connection, delivery_id: UUID, attempt: int, partition_key: str, delay: float
    ) -> None:
        """Enqueue an attempt of a delivery, to be made after ``delay`` seconds.

        Concurrency is limited by ``partition_key``, one for each receiver: a slow receiver delays
        only its own deliveries.
        """
        ...


@dataclass(frozen=True, slots=True)
class DeliveryLifecycle:
    """Sends events and retries failed deliveries.

    Methods that take a connection run in its transaction, others in their own.
    """

    db: Database
    queue: DeliveryQueue
    secret_box: SecretBox
    secrets: CallbackSecrets
    callback_headers: CallbackHeaders
    clock: Clock
    schedule: RetrySchedule

    def ended(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        """Send the end of a job to the subscribed endpoints, in the transaction that ends it."""
        event_type = EVENTS[state]
        subscribed = repository.subscribed(conn, job_id, event_type)
        self._send_event(conn, subscribed, event_type, to_video_id(job_id), job_id)

    def send_event(
        self, conn: sa.Connection, account_id: UUID, event_type: EventType, data_id: str
    ) -> None:
        """Send an event of an account that is not about a job to the subscribed endpoints."""
        subscribed = repository.subscribed_of_account(conn, account_id, event_type)
        self._send_event(conn, subscribed, event_type, data_id, None)

    def _send_event(
        self,
        conn: sa.Connection,
        subscribed: Sequence[Endpoint],
        event_type: EventType,
        data_id: str,
        job_id: UUID | None,
    ) -> None:
        if not subscribed:
            return
        now, event_id = self.clock.now(), new_id()
        event = Event(
            id=event_id,
            account_id=subscribed[0].account_id,
            type=event_type.value,
            job_id=job_id,
            body=event_body(event_id, event_type, data_id, now),
            created_at=now,
        )
        self.send(conn, event, [DeliveryTarget(endpoint_id=one.id) for one in subscribed])

    def send(self, conn: sa.Connection, event: Event, targets: Sequence[DeliveryTarget]) -> None:
        """Store an event and enqueue its delivery to each target."""
        delivery_repository.insert_event(conn, event)
        self._enqueue(conn, event, targets)

    def resend(self, event_id: UUID) -> int:
        """Send an event again, as :meth:`resend_within` does, in a transaction of its own."""
        with self.db.write() as conn:
            return self.resend_within(conn, event_id)

    def resend_within(self, conn: sa.Connection, event_id: UUID) -> int:
        """Send an event again to all its targets, with the same id; return their number.

        Raises :class:`HinodeError` when the event is unknown, or all its endpoints were deleted or
        disabled.
        """
        event = delivery_repository.find_event(conn, event_id)
        if event is None:
            raise HinodeError(
                ErrorCode.EVENT_NOT_FOUND,
                "There is no such event.",
                param="id",
                hint="`hinode webhook deliveries` lists events; they are kept for 30 days.",
            )
        found = delivery_repository.targets_of(conn, event_id)
        targets = [one for one in found if _is_reachable(conn, one)]
        if not targets:
            raise HinodeError(
                ErrorCode.EVENT_NOT_FOUND,
                "The endpoints of this event were deleted or disabled.",
                param="id",
                hint="An update with 'url' enables an endpoint again.",
            )
        self._enqueue(conn, event, targets)
        return len(targets)

    def prepare(self, delivery_id: UUID, attempt: int) -> PreparedDelivery | None:
        """Return the request of an attempt; None if it was recorded or its target was removed."""
        with self.db.write() as conn:
            delivery = delivery_repository.find_delivery(conn, delivery_id)
            if delivery is None or delivery.state is not DeliveryState.PENDING:
                return None
            event = delivery_repository.find_event(conn, delivery.event_id)
            if event is None or delivery.attempts >= attempt:
                return None
            target = delivery.target
            endpoint = _enabled_endpoint(conn, target)
            # The endpoint was deleted or disabled after the attempt was enqueued.
            if endpoint is None and target.endpoint_id is not None:
                delivery_repository.drop_pending(conn, target.endpoint_id, self.clock.now())
                return None
            url, encrypted = self._address(conn, delivery, endpoint)
            extra = {} if endpoint is not None else self._callback_headers(conn, event)
        return PreparedDelivery(
            delivery_id,
            attempt,
            event.public_id,
            url,
            event.body,
            self._decrypt(encrypted),
            self._decrypt_headers(extra),
        )

    def record_attempt(
        self, prepared: PreparedDelivery, result: AttemptResult
    ) -> DeliveryState | None:
        """Log an attempt and enqueue its retry in one transaction.

        Return the new state of the delivery, or None if the attempt was recorded before: a worker
        that repeats an attempt after a crash must not enqueue a second retry.
        """
        delay = None
        if not (result.delivered or result.gone):
            delay = self.schedule.retry_delay(prepared.attempt, result.retry_after)
        now = self.clock.now()
        retry_at = None if delay is None else now + timedelta(seconds=delay)
        state = _state_after(result, retry_at)
        ended_at = now if retry_at is None else None
        with self.db.write() as conn:
            delivery = delivery_repository.find_delivery(conn, prepared.delivery_id)
            if delivery is None or not delivery_repository.record_attempt(
                conn, delivery.id, prepared.attempt, state, retry_at=retry_at, ended_at=ended_at
            ):
                return None
            delivery_repository.insert_attempt(conn, _attempt(prepared, result, retry_at))
            if result.gone:
                _disable(conn, delivery.target, prepared.url, now)
            if delay is not None:
                key = partition_key(delivery.target)
                self.queue.enqueue(conn, delivery.id, prepared.attempt + 1, key, delay)
        return state

    def newest(self, limit: int) -> list[DeliveryLogEntry]:
        """Return the newest deliveries of all accounts, each with its last attempt."""
        with self.db.read() as conn:
            return delivery_log.newest(conn, limit)

    def attempted_since(self, since: datetime) -> list[DeliveryLogEntry]:
        """Return the attempts of all accounts since a time, the newest 200, oldest first."""
        with self.db.read() as conn:
            return delivery_log.attempted_since(conn, since, _MOST_ATTEMPTS)

    def page(
        self, account_id: UUID | None, states: Collection[DeliveryState], wanted: PageQuery
    ) -> Page[DeliveryLogEntry]:
        """Return a page of the deliveries of an account (None: of all), newest first."""
        with self.db.read() as conn:
            read = partial(delivery_log.page, conn, account_id, states)
            return paginate(wanted, read)

    def resend_own(self, account_id: UUID, event_id: UUID) -> int:
        """Deliver an event of an account again; return the number of receivers."""
        with self.db.write() as conn:
            history = delivery_log.history(conn, event_id)
            if not history or history[0].account_id != account_id:
                raise HinodeError(ErrorCode.EVENT_NOT_FOUND, "There is no such event.", param="id")
            return self.resend_within(conn, event_id)

    def history(self, event_id: UUID) -> list[DeliveryLogEntry]:
        """Return every attempt of an event, oldest first."""
        with self.db.read() as conn:
            return delivery_log.history(conn, event_id)

    def delete_old_events(self) -> int:
        """Delete up to 1,000 events older than 30 days and their deliveries; return the number."""
        with self.db.write() as conn:
            before = self.clock.now() - EVENT_LIFETIME
            return delivery_repository.delete_events_before(conn, before, DELETED_EVENTS)

    def _enqueue(
        self, conn: sa.Connection, event: Event, targets: Sequence[DeliveryTarget]
    ) -> None:
        now, delay = self.clock.now(), self.schedule.delays[0]
        for target in targets:
            delivery = Delivery(
                id=new_id(),
                event_id=event.id,
                account_id=event.account_id,
                target=target,
                state=DeliveryState.PENDING,
                attempts=0,
                next_attempt_at=now + timedelta(seconds=delay),
                created_at=now,
                ended_at=None,
            )
            delivery_repository.insert_delivery(conn, delivery)
            self.queue.enqueue(conn, delivery.id, 1, partition_key(target), delay)

    def _address(
        self, conn: sa.Connection, delivery: Delivery, endpoint: Endpoint | None
    ) -> tuple[str, list[str]]:
        """Return the current URL and encrypted secrets: both may have changed since the event."""
        if endpoint is not None:
            return endpoint.url, endpoint.encrypted_secrets(self.clock.now())
        return delivery.target.url or "", self.secrets.encrypted_secrets(conn, delivery.account_id)

    def _callback_headers(self, conn: sa.Connection, event: Event) -> dict[str, str]:
        """Return the encrypted headers of a callback; the URL's credentials go before others."""
        found = self.callback_headers.encrypted(conn, event.account_id)
        own = callback_credentials.find(conn, event.job_id) if event.job_id else None
        return found if own is None else {**found, "authorization": own}

    def _decrypt_headers(self, encrypted: Mapping[str, str]) -> dict[str, str]:
        """Return the headers that can be decrypted; the receiver tells that one is missing."""
        headers = {}
        for name, one in encrypted.items():
            try:
                headers[name] = self.secret_box.decrypt(one)
            except DecryptionError:
                log.warning("a callback header cannot be read", header=name)
        return headers

    def _decrypt(self, encrypted: list[str]) -> tuple[str, ...]:
        """Return the secrets that can be decrypted; an old one may have another key."""
        secrets = []
        for one in encrypted:
            with suppress(DecryptionError):
                secrets.append(self.secret_box.decrypt(one))
        return tuple(secrets)


def partition_key(target: DeliveryTarget) -> str:
    """Return the partition key of a receiver: its endpoint's id, or the host of its URL."""
    if target.endpoint_id is not None:
        return target.endpoint_id.hex
    return urlsplit(target.url or "").netloc.lower()[:200] or "nowhere"


def _disable(conn: sa.Connection, target: DeliveryTarget, url: str, now: datetime) -> None:
    endpoint_id = target.endpoint_id
    if endpoint_id is not None and repository.disable(conn, endpoint_id, url, GONE, now):
        delivery_repository.drop_pending(conn, endpoint_id, now)


def _enabled_endpoint(conn: sa.Connection, target: DeliveryTarget) -> Endpoint | None:
    endpoint = repository.find(conn, target.endpoint_id) if target.endpoint_id else None
    return endpoint if endpoint and endpoint.disabled_at is None else None


def _is_reachable(conn: sa.Connection, target: DeliveryTarget) -> bool:
    return target.endpoint_id is None or _enabled_endpoint(conn, target) is not None


def _state_after(result: AttemptResult, retry_at: datetime | None) -> DeliveryState:
    if result.delivered:
        return DeliveryState.DELIVERED
    return DeliveryState.FAILED if retry_at is None else DeliveryState.PENDING


def _attempt(
    prepared: PreparedDelivery, result: AttemptResult, retry_at: datetime | None
) -> Attempt:
    return Attempt(
        delivery_id=prepared.delivery_id,
        number=prepared.attempt,
        at=result.at,
        status=result.status,
        error=result.error,
        latency_ms=result.latency_ms,
        response=result.response,
        retry_at=retry_at,
    )
