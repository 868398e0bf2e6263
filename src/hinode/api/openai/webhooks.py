"""The webhook routes of the OpenAI dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.openai import webhook_schemas as wire
from hinode.api.openai import webhook_serializers as translate
from hinode.api.openai.openapi_docs import DOCS
from hinode.api.openai.queries import EndpointPageQuery
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import any_body
from hinode.api.unread_fields import report_unread
from hinode.api.values import Fields
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page, PageQuery
from hinode.core.webhooks.endpoint_lifecycle import no_endpoint
from hinode.core.webhooks.types import ENDPOINT_PREFIX, Endpoint
from hinode.kit.ids import decode_id
from hinode.kit.safe_fetch import FetchError, FetchPolicy
from hinode.kit.safe_post import post

_DOCS = DOCS.of("webhooks")

_BODY_BYTES = 65_536
_ANSWER_BYTES = 1_024


@dataclass(slots=True)
class WebhookRoutes:
    """Handlers of webhook routes."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.VIDEOS)

    async def create(self, request: Request) -> Response:
        """Create a webhook endpoint.

        Store its `signing_secret`: it is not shown again.
        """
        caller = await self.auth.caller(request)
        fields = await read_fields(request, _BODY_BYTES)
        update = report_unread(request, caller, parse(wire.CreateEndpoint, fields)).update()
        made = await self.context.call(self.context.core.webhooks.create, caller, update)
        return json_response(translate.endpoint_with_secret(made))

    async def listing(self, request: Request) -> Response:
        """List webhook endpoints, newest first."""
        page = await self.auth.call(request, self._page, request.query_params)
        return json_response(translate.page(page))

    async def retrieve(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Retrieve a webhook endpoint, without its secret."""
        found = await self.auth.call(request, self._get, webhook_endpoint_id)
        return json_response(translate.endpoint(found))

    async def update(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Update a webhook endpoint.

        Omitted fields are unchanged. Sending the URL enables a disabled endpoint.
        """
        caller = await self.auth.caller(request)
        fields = await read_fields(request, _BODY_BYTES)
        update = report_unread(request, caller, parse(wire.UpdateEndpoint, fields)).update()
        found = _endpoint_id(webhook_endpoint_id)
        changed = await self.context.call(self.context.core.webhooks.update, caller, found, update)
        return json_response(translate.endpoint(changed))

    async def delete(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Delete a webhook endpoint.

        Its pending deliveries are dropped.
        """
        await self.auth.call(request, self._delete, webhook_endpoint_id)
        return json_response(translate.deleted(webhook_endpoint_id))

    async def rotate(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Rotate the signing secret of a webhook endpoint.

        Store the new secret: it is not shown again. The old one can remain valid for 24 hours.
        """
        caller = await self.auth.caller(request)
        # `curl -X POST` sends neither a body nor its type.
        given = request.headers.get("content-type")
        fields: Fields = await read_fields(request, _BODY_BYTES) if given else {}
        body = report_unread(request, caller, parse(wire.RotateSecret, fields))
        keep = body.keep_old_secret_active_for_24_hours
        found = _endpoint_id(webhook_endpoint_id)
        rotate = self.context.core.webhooks.rotate
        return json_response(
            translate.endpoint_with_secret(
                await self.context.call(rotate, caller, found, keep_old=keep)
            )
        )

    async def test(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Send a test event to a webhook endpoint.

        The response has the HTTP status of the receiver.
        """
        caller = await self.auth.caller(request)
        fields = await read_fields(request, _BODY_BYTES)
        event_type = report_unread(request, caller, parse(wire.SendTest, fields)).event_type
        found, service = _endpoint_id(webhook_endpoint_id), self.context.core.webhooks
        prepared = await self.context.call(service.prepare_test, caller, found, event_type)
        headers = prepared.headers(service.clock.now())
        try:
            posted = await post(
                prepared.url, prepared.body.encode(), headers, policy=self._policy()
            )
        except FetchError as error:
            raise HinodeError(ErrorCode.WEBHOOK_UNREACHABLE, error.message) from error
        return json_response(translate.tested(webhook_endpoint_id, event_type, posted.status))

    async def event_types(self, request: Request) -> Response:
        """List webhook event types."""
        await self.auth.caller(request)
        return json_response(translate.event_types())

    def _get(self, caller: Caller, endpoint_id: str) -> Endpoint:
        return self.context.core.webhooks.get(caller, _endpoint_id(endpoint_id))

    def _delete(self, caller: Caller, endpoint_id: str) -> None:
        self.context.core.webhooks.delete(caller, _endpoint_id(endpoint_id))

    def _page(self, caller: Caller, query: Mapping[str, str]) -> Page[Endpoint]:
        body = parse(EndpointPageQuery, query)
        return self.context.core.webhooks.page(caller, PageQuery(body.limit, body.after))

    def _policy(self) -> FetchPolicy:
        return replace(self.context.fetch_policy, max_bytes=_ANSWER_BYTES)


def _endpoint_id(spelled: str) -> UUID:
    found = decode_id(ENDPOINT_PREFIX, spelled)
    if found is None:
        raise no_endpoint()
    return found


_CREATED = any_body(wire.CreateEndpoint)
_UPDATED = any_body(wire.UpdateEndpoint)
_ROTATED = any_body(wire.RotateSecret, required=False)
_TESTED = any_body(wire.SendTest)


def add_webhooks(table: RouteTable, webhooks: WebhookRoutes) -> None:
    """Add the webhook routes."""
    every, one = "/v1/webhook_endpoints", "/v1/webhook_endpoints/{webhook_endpoint_id}"
    with_secret = wire.WebhookEndpointWithSecret
    table.add(
        _DOCS,
        "POST", every, webhooks.create, "createWebhookEndpoint", with_secret,
        400, 413, 415, body=_CREATED,
    )  # fmt: skip
    table.add(
        _DOCS,
        "GET", every, webhooks.listing, "listWebhookEndpoints", wire.WebhookEndpointList,
        400, query=EndpointPageQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", one, webhooks.retrieve, "retrieveWebhookEndpoint", wire.WebhookEndpoint, 404
    )
    table.add(
        _DOCS,
        "POST", one, webhooks.update, "updateWebhookEndpoint", wire.WebhookEndpoint,
        400, 404, 413, 415, body=_UPDATED,
    )  # fmt: skip
    table.add(
        _DOCS,
        "DELETE",
        one,
        webhooks.delete,
        "deleteWebhookEndpoint",
        wire.WebhookEndpointDeleted,
        404,
    )
    table.add(
        _DOCS,
        "POST", f"{one}/rotate_secret", webhooks.rotate, "rotateWebhookSecret", with_secret,
        400, 404, 413, 415, body=_ROTATED,
    )  # fmt: skip
    table.add(
        _DOCS,
        "POST", f"{one}/test", webhooks.test, "testWebhookEndpoint", wire.WebhookEndpointTest,
        400, 404, 413, 415, body=_TESTED,
    )  # fmt: skip
    table.add(
        _DOCS,
        "GET", "/v1/webhook_event_types", webhooks.event_types, "listWebhookEventTypes",
        wire.WebhookEventTypes,
    )  # fmt: skip
