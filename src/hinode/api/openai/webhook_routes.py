"""The table of the webhook routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from typing import Any, Protocol

from hinode.api.openai import webhook_wire as wire
from hinode.api.openai.document import body_of, query
from hinode.api.openai.webhooks import WebhookRoutes
from hinode.api.openai.wire import Shape

_LIST_QUERY = [
    query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    query("after", {"type": "string"}, "The last endpoint of the page before."),
]
_CREATED = body_of(wire.CreateEndpoint, wire.CreateEndpoint, {})
_UPDATED = body_of(wire.UpdateEndpoint, wire.UpdateEndpoint, {})
_ROTATED = {**body_of(wire.RotateSecret, wire.RotateSecret, {}), "required": False}
_TESTED = body_of(wire.TestEndpoint, wire.TestEndpoint, {})


class Add(Protocol):
    """How a route of the dialect is added; ``statuses`` are the failures that it can have."""

    def __call__(
        self,
        method: str,
        path: str,
        endpoint: Any,
        operation: str,
        answer: type[Shape],
        *statuses: int,
        **extra: Any,
    ) -> None:
        """Serve ``path``."""
        ...


def add_webhooks(add: Add, webhooks: WebhookRoutes) -> None:
    """Serve everything about webhook endpoints."""
    every, one = "/webhook_endpoints", "/webhook_endpoints/{webhook_endpoint_id}"
    with_secret = wire.WebhookEndpointWithSecret
    add(
        "POST", every, webhooks.create, "createWebhookEndpoint", with_secret,
        400, 413, 415, requestBody=_CREATED,
    )  # fmt: skip
    add(
        "GET", every, webhooks.listing, "listWebhookEndpoints", wire.WebhookEndpointList,
        400, parameters=_LIST_QUERY,
    )  # fmt: skip
    add("GET", one, webhooks.retrieve, "retrieveWebhookEndpoint", wire.WebhookEndpoint, 404)
    add(
        "POST", one, webhooks.update, "updateWebhookEndpoint", wire.WebhookEndpoint,
        400, 404, 413, 415, requestBody=_UPDATED,
    )  # fmt: skip
    add("DELETE", one, webhooks.delete, "deleteWebhookEndpoint", wire.WebhookEndpointDeleted, 404)
    add(
        "POST", f"{one}/rotate_secret", webhooks.rotate, "rotateWebhookSecret", with_secret,
        400, 404, 413, 415, requestBody=_ROTATED,
    )  # fmt: skip
    add(
        "POST", f"{one}/test", webhooks.test, "testWebhookEndpoint", wire.WebhookEndpointTest,
        400, 404, 413, 415, requestBody=_TESTED,
    )  # fmt: skip
    add(
        "GET", "/webhook_event_types", webhooks.event_types, "listWebhookEventTypes",
        wire.WebhookEventTypes,
    )  # fmt: skip
