"""Types of webhooks: endpoints, events, deliveries and attempts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hinode.kit.ids import encode_id
from hinode.kit.webhook_signing import signature_headers

EVENT_PREFIX = "evt_"
ENDPOINT_PREFIX = "we_"

OLD_SECRET_LIFETIME = timedelta(hours=24)
"""Time for which a replaced secret also signs, so that receivers can be updated."""


class EventType(StrEnum):
    """Event types that an endpoint can subscribe to."""

    VIDEO_COMPLETED = "video.completed"
    VIDEO_FAILED = "video.failed"
    BATCH_COMPLETED = "batch.completed"
    BATCH_FAILED = "batch.failed"
    BATCH_EXPIRED = "batch.expired"
    BATCH_CANCELLED = "batch.cancelled"


class DeliveryState(StrEnum):
    """The state of a delivery; ``dropped``: its endpoint was deleted or disabled before."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL of an account that receives events; its secrets are encrypted.

    The old secret also signs until ``old_secret_until``. A disabled endpoint gets no deliveries.
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
        """Return the encrypted secrets that sign now, newest first."""
        if self.old_secret and self.old_secret_until and now < self.old_secret_until:
            return [self.secret, self.old_secret]
        return [self.secret]


@dataclass(frozen=True, slots=True)
class EndpointWithSecret:
    """An endpoint with its new secret, which cannot be returned again."""

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
        """The id that receivers get, the same in every attempt; they use it to find duplicates."""
        return encode_id(EVENT_PREFIX, self.id)


@dataclass(frozen=True, slots=True)
class DeliveryTarget:
    """The receiver: an endpoint, or the URL of a callback, signed with the account's secret."""

    endpoint_id: UUID | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of an event to one target; ``attempts`` is the number of recorded attempts."""

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
    """One logged attempt; ``response`` is the beginning of the response's body.

    Either ``status`` or ``error`` is set. ``retry_at`` is None after the last attempt.
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
    """The request of one attempt; with empty ``secrets`` it must not be sent, as it has no
    signature.
    """

    delivery_id: UUID
    attempt: int
    event_id: str
    url: str
    body: str
    secrets: tuple[str, ...] = field(repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def headers(self, at: datetime) -> dict[str, str]:
        """Return the headers of the request, signed for the time ``at``."""
        signed = signature_headers(self.event_id, at, self.body, self.secrets)
        return {**self.extra_headers, "content-type": "application/json", **signed}


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of one attempt: a status, or an error without a response.

    ``retry_after`` is the ``Retry-After`` of the response in seconds, or None.
    """

    at: datetime
    latency_ms: int
    status: int | None = None
    error: str | None = None
    response: str = ""
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        """True for a status of 200 to 299."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """True for 410 Gone, by which a receiver unsubscribes (Standard Webhooks)."""
        return self.status == 410


@dataclass(frozen=True, slots=True)
class DeliveryLogEntry:
    """An entry of the delivery log: a delivery, and one of its attempts or none.

    ``url`` is None when the endpoint was deleted, ``next_attempt_at`` when the delivery has ended.
    """

    id: UUID
    account_id: UUID
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
