"""Serializers of webhook endpoints; no I/O.

The keys of the official SDK's types come first, then the extensions.
"""

from __future__ import annotations

from typing import Any

from hinode.api.openai.serializers import list_object
from hinode.core.pagination import Page
from hinode.core.webhooks.types import (
    ENDPOINT_PREFIX,
    Endpoint,
    EndpointWithSecret,
    EventType,
)
from hinode.kit.ids import encode_id


def endpoint(one: Endpoint) -> dict[str, Any]:
    """Return the JSON of an endpoint, without its secret."""
    return {
        "id": encode_id(ENDPOINT_PREFIX, one.id),
        "object": "webhook_endpoint",
        "created_at": int(one.created_at.timestamp()),
        "updated_at": int(one.updated_at.timestamp()),
        "name": one.name,
        "url": one.url,
        "event_types": [event_type.value for event_type in one.event_types],
        "signing_secret_hint": one.secret_hint,
        "enabled": one.disabled_at is None,
        "disabled_reason": one.disabled_reason,
    }


def endpoint_with_secret(made: EndpointWithSecret) -> dict[str, Any]:
    """Return the JSON of an endpoint with its new secret."""
    return {**endpoint(made.endpoint), "signing_secret": made.secret}


def page(found: Page[Endpoint]) -> dict[str, Any]:
    """Return a page of endpoints as a list object."""
    return list_object(found, endpoint)


def deleted(endpoint_id: str) -> dict[str, Any]:
    """Return the confirmation of a deletion."""
    return {"object": "webhook_endpoint.deleted", "deleted": True, "id": endpoint_id}


def tested(endpoint_id: str, event_type: str, status: int) -> dict[str, Any]:
    """Return the result of a test; ``status`` is that of the receiver's response."""
    return {
        "object": "webhook_endpoint.test",
        "success": True,
        "event_type": event_type,
        "status_code": status,
        "webhook_endpoint_id": endpoint_id,
    }


def event_types() -> dict[str, Any]:
    """Return the list of all event types."""
    return {"object": "list", "data": [one.value for one in EventType]}
