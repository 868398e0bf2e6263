"""Webhooks: who wants to hear of what, and everything that was sent to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hinode.kit.ids import spell
from hinode.kit.signing import signed_headers

EVENT_PREFIX = "evt_"
ENDPOINT_PREFIX = "we_"

OLD_SECRET_STAYS = timedelta(hours=24)
"""How long a secret signs beside the one that replaced it."""


class EventType(StrEnum):
    """What an endpoint can listen to."""

    VIDEO_COMPLETED = "video.completed"
    VIDEO_FAILED = "video.failed"


class DeliveryState(StrEnum):
    """Where a delivery is: dropped ones lost their endpoint before they arrived."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL of an account that hears of events. Its secrets are sealed.

    The previous secret signs beside the present one until ``old_secret_until``. A disabled
    endpoint hears nothing.
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

    def sealed_secrets(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, newest first, sealed."""
        if self.old_secret and self.old_secret_until and now < self.old_secret_until:
            return [self.secret, self.old_secret]
        return [self.secret]


@dataclass(frozen=True, slots=True)
class FreshSecret:
    """An endpoint with a secret just made; the only time that it can be seen."""

    endpoint: Endpoint
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndpointPage:
    """One page of a list of endpoints."""

    endpoints: list[Endpoint]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. ``body`` is written once, so every try sends the same bytes."""

    id: UUID
    account_id: UUID
    type: str
    job_id: UUID | None
    body: str
    created_at: datetime

    @property
    def public_id(self) -> str:
        """The id that receivers see, the same on every try."""
        return spell(EVENT_PREFIX, self.id)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: an endpoint, or else a URL, which is sent what the account's own secret signs."""

    endpoint_id: UUID | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one target; ``tries`` counts those made."""

    id: UUID
    event_id: UUID
    account_id: UUID
    target: Target
    state: DeliveryState
    tries: int
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, as logged. ``answer`` is the beginning of what came back.

    Either ``status`` or ``error`` is known; ``next_at`` is when it is tried again, if ever.
    """

    delivery_id: UUID
    number: int
    at: datetime
    status: int | None
    error: str | None
    latency_ms: int
    answer: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one try sends. Without secrets nothing may be sent: it could not be signed."""

    delivery_id: UUID
    number: int
    event_id: str
    url: str
    body: str
    secrets: tuple[str, ...] = field(repr=False)

    def headers(self, at: datetime) -> dict[str, str]:
        """Return the headers of a try at this moment."""
        signed = signed_headers(self.event_id, at, self.body, self.secrets)
        return {"content-type": "application/json", **signed}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try went: a status, or an error when there was none."""

    at: datetime
    latency_ms: int
    status: int | None = None
    error: str | None = None
    answer: str = ""
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.status == 410


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of the log: a delivery, and one try of it if any was made.

    ``job_id`` is the job that it tells of; ``url`` is None when the endpoint has gone; ``next_at``
    is when it is tried again, if ever.
    """

    event_id: UUID
    event_type: str
    job_id: UUID | None
    url: str | None
    state: DeliveryState
    created_at: datetime
    next_at: datetime | None
    number: int | None
    at: datetime | None
    status: int | None
    error: str | None
    latency_ms: int | None
    answer: str | None
