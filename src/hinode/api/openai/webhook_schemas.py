"""The schemas of the webhook routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from hinode.api.openai.schemas import OpenAISchema
from hinode.api.parsing import Flag, LenientRequestSchema, Remedy
from hinode.api.values import Value
from hinode.core.webhooks.endpoint_lifecycle import MAX_NAME_LENGTH, EndpointUpdate

EventTypeName = Literal["video.completed", "video.failed"]


def _as_list(value: Value) -> Value:
    return [value] if isinstance(value, str) else value


EventTypes = Annotated[list[EventTypeName], Field(min_length=1), BeforeValidator(_as_list)]


class UpdateEndpoint(LenientRequestSchema):
    """Fields to update; omitted fields are unchanged."""

    name: str | None = Field(
        default=None, min_length=1, max_length=MAX_NAME_LENGTH, examples=["renders to n8n"]
    )
    url: str | None = Field(
        default=None, max_length=2048, description="Enables a disabled endpoint, too."
    )
    event_types: EventTypes | None = None

    def update(self) -> EndpointUpdate:
        """Return what the service changes."""
        return EndpointUpdate(self.name, self.url, self.event_types)


class CreateEndpoint(UpdateEndpoint):
    """A new endpoint."""

    name: Annotated[str, Remedy("Give the endpoint a name that people know it by.")] = Field(
        min_length=1, max_length=MAX_NAME_LENGTH, examples=["renders to n8n"]
    )
    url: Annotated[str, Remedy("Name the address that events are sent to.")] = Field(
        max_length=2048,
        description="Where events are sent: https:// or http://, never to a private address.",
        examples=["https://example.com/hooks/sora"],
    )
    event_types: Annotated[
        EventTypes, Remedy("Name the events to send, such as 'video.completed'.")
    ] = Field(examples=[["video.completed"]])


class RotateSecret(LenientRequestSchema):
    """Options of a secret rotation."""

    keep_old_secret_active_for_24_hours: Flag = Field(
        default=False, description="Sign with both for 24 hours; else the old one ends now."
    )


class SendTest(LenientRequestSchema):
    """The event type to send as an example."""

    event_type: EventTypeName


class WebhookEndpoint(OpenAISchema):
    """An endpoint: the documented keys, then ours."""

    id: str = Field(examples=["we_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"])
    object: Literal["webhook_endpoint"]
    created_at: int
    updated_at: int = Field(description="Last change of the endpoint or its secret.")
    name: str
    url: str
    event_types: list[EventTypeName]
    signing_secret_hint: str
    enabled: bool = Field(description="Ours: a receiver that answers 410 is disabled.")
    disabled_reason: str | None = Field(description="Ours.")


class WebhookEndpointWithSecret(WebhookEndpoint):
    """An endpoint and its secret, in this answer only."""

    signing_secret: str = Field(description="`whsec_` and 32 bytes in base64.")


class WebhookEndpointList(OpenAISchema):
    """A page of endpoints."""

    object: Literal["list"]
    data: list[WebhookEndpoint]
    first_id: str | None
    last_id: str | None = Field(description="Ask for the next page with `after` set to it.")
    has_more: bool


class WebhookEndpointDeleted(OpenAISchema):
    """The endpoint is gone."""

    object: Literal["webhook_endpoint.deleted"]
    deleted: Literal[True]
    id: str


class WebhookEndpointTest(OpenAISchema):
    """The receiver's answer to an example."""

    object: Literal["webhook_endpoint.test"]
    success: Literal[True]
    event_type: EventTypeName
    status_code: int
    webhook_endpoint_id: str


class WebhookEventTypes(OpenAISchema):
    """The events that endpoints can listen to."""

    object: Literal["list"]
    data: list[EventTypeName]
