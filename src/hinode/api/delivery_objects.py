"""Deliveries of webhooks and callbacks, for their owners and for operators."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from hinode.api.cursor_pages import CursorQuery, render_page
from hinode.api.parsing import Nullable
from hinode.api.response_schema import ResponseSchema
from hinode.api.unix_times import to_unix
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page
from hinode.core.webhooks.types import EVENT_PREFIX, DeliveryLogEntry, DeliveryState
from hinode.kit.ids import decode_id, encode_id

DeliveryStatus = Literal["pending", "delivered", "failed", "dropped"]


class DeliveryQuery(CursorQuery):
    """Query of a list of deliveries."""

    status: Nullable[DeliveryStatus] = Field(
        default=None, description="Return only deliveries with this status."
    )

    def states(self) -> list[DeliveryState]:
        """Return the states that match; empty: all."""
        return [] if self.status is None else [DeliveryState(self.status)]


class DeliveryAttempt(ResponseSchema):
    """The last attempt of a delivery."""

    at: int = Field(description="Time of the attempt in Unix seconds.")
    status: int | None = Field(description="HTTP status of the receiver; null without an answer.")
    error: str | None = Field(description="Why there was no answer, or null.")
    latency_ms: int | None = Field(description="Duration of the attempt in milliseconds.")
    response: str | None = Field(description="Start of the receiver's answer.")


class WebhookDelivery(ResponseSchema):
    """A delivery of an event to one receiver. Times are in Unix seconds."""

    id: str = Field(description="Id of the delivery (UUID).")
    event_id: str = Field(description="Id of the event: `evt_…`.")
    event_type: str = Field(description="Type of the event.", examples=["video.completed"])
    job_id: str | None = Field(description="Id of the job (UUID), or null.")
    url: str | None = Field(description="URL of the receiver; null if its endpoint was deleted.")
    status: DeliveryStatus = Field(
        description="`dropped`: its endpoint was deleted or disabled before it was sent."
    )
    attempts: int = Field(description="Number of attempts so far.")
    created_at: int = Field(description="Time of the event.")
    next_attempt_at: int | None = Field(description="Time of the next attempt, or null.")
    last_attempt: DeliveryAttempt | None = Field(description="The last attempt, or null.")


def parse_event_id(text: str) -> UUID:
    """Return the id of an event. Raises :class:`HinodeError` (not found) for any other text."""
    found = decode_id(EVENT_PREFIX, text)
    if found is None:
        raise HinodeError(ErrorCode.EVENT_NOT_FOUND, "There is no such event.", param="id")
    return found


def render_deliveries(found: Page[DeliveryLogEntry]) -> dict[str, Any]:
    """Return the JSON of a page of deliveries."""
    return render_page(found, delivery_object)


def delivery_object(entry: DeliveryLogEntry) -> dict[str, Any]:
    """Return the JSON of a delivery."""
    return {
        "id": str(entry.id),
        "event_id": encode_id(EVENT_PREFIX, entry.event_id),
        "event_type": entry.event_type,
        "job_id": str(entry.job_id) if entry.job_id else None,
        "url": entry.url,
        "status": entry.state.value,
        "attempts": entry.attempt or 0,
        "created_at": to_unix(entry.created_at),
        "next_attempt_at": to_unix(entry.next_attempt_at),
        "last_attempt": _attempt(entry),
    }


def _attempt(entry: DeliveryLogEntry) -> dict[str, Any] | None:
    if entry.at is None:
        return None
    return {
        "at": to_unix(entry.at),
        "status": entry.status,
        "error": entry.error,
        "latency_ms": entry.latency_ms,
        "response": entry.response,
    }
