"""The table of the webhook routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from hinode.api.openai import webhook_schemas as wire
from hinode.api.openai.openapi_docs import DOCS, body_of, query_of
from hinode.api.openai.queries import EndpointPageQuery
from hinode.api.openai.webhooks import WebhookRoutes
from hinode.api.routing import RouteTable

_CREATED = body_of(wire.CreateEndpoint, {})
_UPDATED = body_of(wire.UpdateEndpoint, {})
_ROTATED = {**body_of(wire.RotateSecret, {}), "required": False}
_TESTED = body_of(wire.SendTest, {})


def add_webhooks(table: RouteTable, webhooks: WebhookRoutes) -> None:
    """Serve everything about webhook endpoints."""
    every, one = "/v1/webhook_endpoints", "/v1/webhook_endpoints/{webhook_endpoint_id}"
    with_secret = wire.WebhookEndpointWithSecret
    table.add(
        DOCS,
        "POST", every, webhooks.create, "createWebhookEndpoint", with_secret,
        400, 413, 415, body=_CREATED,
    )  # fmt: skip
    table.add(
        DOCS,
        "GET", every, webhooks.listing, "listWebhookEndpoints", wire.WebhookEndpointList,
        400, parameters=query_of(EndpointPageQuery),
    )  # fmt: skip
    table.add(
        DOCS, "GET", one, webhooks.retrieve, "retrieveWebhookEndpoint", wire.WebhookEndpoint, 404
    )
    table.add(
        DOCS,
        "POST", one, webhooks.update, "updateWebhookEndpoint", wire.WebhookEndpoint,
        400, 404, 413, 415, body=_UPDATED,
    )  # fmt: skip
    table.add(
        DOCS,
        "DELETE",
        one,
        webhooks.delete,
        "deleteWebhookEndpoint",
        wire.WebhookEndpointDeleted,
        404,
    )
    table.add(
        DOCS,
        "POST", f"{one}/rotate_secret", webhooks.rotate, "rotateWebhookSecret", with_secret,
        400, 404, 413, 415, body=_ROTATED,
    )  # fmt: skip
    table.add(
        DOCS,
        "POST", f"{one}/test", webhooks.test, "testWebhookEndpoint", wire.WebhookEndpointTest,
        400, 404, 413, 415, body=_TESTED,
    )  # fmt: skip
    table.add(
        DOCS,
        "GET", "/v1/webhook_event_types", webhooks.event_types, "listWebhookEventTypes",
        wire.WebhookEventTypes,
    )  # fmt: skip
