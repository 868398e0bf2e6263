"""Webhook endpoints, events, and their deliveries with every attempt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hinode.kit.ids import encode_id
from hinode.kit.webhook_signing import signature_headers

EVENT_PREFIX = "evt_"
ENDPOINT_PREFIX = "we_"

OLD_SECRET_LIFETIME = timedelta(hours=24)
"""A replaced secret keeps signing beside the new one for so long."""


class EventType(StrEnum):
    """Event types that an endpoint can subscribe to."""

    VIDEO_COMPLETED = "video.completed"
    VIDEO_FAILED = "video.failed"


class DeliveryState(StrEnum):
    """State of a delivery; a dropped one lost its endpoint before it arrived."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL of an account that receives events. Its secrets are encrypted.

    The previous secret signs beside the present one until ``old_secret_until``. A disabled
    endpoint receives nothing.
    """

    id: UUID
    account_id: UUID
    name: str
    url: str
    event_types: tuple[EventType, ...]
    secret: str
    secret_hint: str
    old_secret: str | None
    old_secret_until: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    created_at: datetime
    updated_at: datetime

    def encrypted_secrets(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, newest first, encrypted."""
        if self.old_secret and self.old_secret_until and now < self.old_secret_until:
            return [self.secret, self.old_secret]
        return [self.secret]


@dataclass(frozen=True, slots=True)
class EndpointWithSecret:
    """An endpoint with a secret just made: the only time that it can be read."""

    endpoint: Endpoint
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """An event. ``body`` is rendered once, so that every attempt sends the same bytes."""

    id: UUID
    account_id: UUID
    type: str
    job_id: UUID | None
    body: str
    created_at: datetime

    @property
    def public_id(self) -> str:
        """The id that receivers see, the same in every attempt."""
        return encode_id(EVENT_PREFIX, self.id)


@dataclass(frozen=True, slots=True)
class DeliveryTarget:
    """An endpoint, or a URL whose deliveries the account's callback secret signs."""

    endpoint_id: UUID | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one target; ``attempts`` counts those made."""

    id: UUID
    event_id: UUID
    account_id: UUID
    target: DeliveryTarget
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, as logged. ``response`` is the beginning of the receiver's answer.

    Either ``status`` or ``error`` is known. ``retry_at`` is None after the last attempt.
    """

    delivery_id: UUID
    number: int
    at: datetime
    status: int | None
    error: str | None
    latency_ms: int
    response: str
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class PreparedDelivery:
    """The request of one attempt. Without secrets it must not be sent: nothing could sign it."""

    delivery_id: UUID
    attempt: int
    event_id: str
    url: str
    body: str
    secrets: tuple[str, ...] = field(repr=False)

    def headers(self, at: datetime) -> dict[str, str]:
        """Return the headers of an attempt at this moment."""
        signed = signature_headers(self.event_id, at, self.body, self.secrets)
        return {"content-type": "application/json", **signed}


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of one attempt: a status, or an error when there was no answer.

    ``retry_after`` is the wait in seconds that the receiver asks for.
    """

    at: datetime
    latency_ms: int
    status: int | None = None
    error: str | None = None
    response: str = ""
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        """Tell a success: any status of 200 to 299."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Tell 410 Gone, by which a receiver unsubscribes."""
        return self.status == 410


@dataclass(frozen=True, slots=True)
class DeliveryLogEntry:
    """A line of the delivery log: a delivery, and one attempt of it if any was made.

    ``url`` is None when the endpoint was deleted; ``next_attempt_at`` is None once the delivery
    has ended.
    """

    event_id: UUID
    event_type: str
    job_id: UUID | None
    url: str | None
    state: DeliveryState
    created_at: datetime
    next_attempt_at: datetime | None
    attempt: int | None
    at: datetime | None
    status: int | None
    error: str | None
    latency_ms: int | None
    response: str | None
