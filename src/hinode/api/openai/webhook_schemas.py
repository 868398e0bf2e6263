"""Schemas of the webhook routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from hinode.api.openai.schemas import ListObject, OpenAISchema
from hinode.api.parsing import Flag, LenientRequestSchema, Remedy
from hinode.api.values import Value
from hinode.core.webhooks.endpoint_lifecycle import MAX_NAME_LENGTH, EndpointUpdate

EventTypeName = Literal[
    "video.completed", "video.failed", "batch.completed", "batch.failed", "batch.expired",
    "batch.cancelled",
]  # fmt: skip


def _as_list(value: Value) -> Value:
    return [value] if isinstance(value, str) else value


EventTypes = Annotated[list[EventTypeName], Field(min_length=1), BeforeValidator(_as_list)]


class UpdateEndpoint(LenientRequestSchema):
    """Fields to update; omitted fields are unchanged."""

    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        description="Name of the endpoint.",
        examples=["renders to n8n"],
    )
    url: str | None = Field(
        default=None,
        max_length=2048,
        description="URL that receives events; sending it also enables a disabled endpoint.",
    )
    event_types: EventTypes | None = Field(default=None, description="Event types to send.")

    def update(self) -> EndpointUpdate:
        """Return the update for the service."""
        return EndpointUpdate(self.name, self.url, self.event_types)


class CreateEndpoint(UpdateEndpoint):
    """Parameters of a new endpoint."""

    name: Annotated[str, Remedy("Send a name for the endpoint.")] = Field(
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        description="Name of the endpoint.",
        examples=["renders to n8n"],
    )
    url: Annotated[str, Remedy("Send the URL that receives events.")] = Field(
        max_length=2048,
        description="URL that receives events, `https://` or `http://`; hosts with private "
        "addresses are rejected unless the operator allows them.",
        examples=["https://example.com/hooks/sora"],
    )
    event_types: Annotated[
        EventTypes, Remedy("Send the event types, such as 'video.completed'.")
    ] = Field(description="Event types to send.", examples=[["video.completed"]])


class RotateSecret(LenientRequestSchema):
    """Options of a secret rotation."""

    keep_old_secret_active_for_24_hours: Flag = Field(
        default=False,
        description="Sign with both secrets for 24 hours; by default the old one ends at once.",
    )


class SendTest(LenientRequestSchema):
    """Parameters of a test event."""

    event_type: EventTypeName = Field(description="Event type of the test.")


class WebhookEndpoint(OpenAISchema):
    """A webhook endpoint."""

    id: str = Field(
        description="Id of the endpoint.", examples=["we_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"]
    )
    object: Literal["webhook_endpoint"] = Field(description="Always `webhook_endpoint`.")
    created_at: int = Field(description="Time of creation in Unix seconds.")
    updated_at: int = Field(
        description="Time of the last change of the endpoint or its secret, in Unix seconds."
    )
    name: str = Field(description="Name of the endpoint.")
    url: str = Field(description="URL that receives events.")
    event_types: list[EventTypeName] = Field(description="Event types to send.")
    signing_secret_hint: str = Field(description="Part of the signing secret, to recognise it.")
    enabled: bool = Field(
        description="Extension: false if events are not sent; a receiver that answers 410 is "
        "disabled."
    )
    disabled_reason: str | None = Field(
        description="Extension: reason why the endpoint is disabled; null if it is enabled."
    )


class WebhookEndpointWithSecret(WebhookEndpoint):
    """An endpoint with its signing secret, which is not shown again."""

    signing_secret: str = Field(
        description="Signing secret by Standard Webhooks: `whsec_` and 32 bytes in base64."
    )


class WebhookEndpointList(ListObject[WebhookEndpoint]):
    """A page of endpoints."""


class WebhookEndpointDeleted(OpenAISchema):
    """Confirmation of a deletion."""

    object: Literal["webhook_endpoint.deleted"] = Field(
        description="Always `webhook_endpoint.deleted`."
    )
    deleted: Literal[True] = Field(description="Always true.")
    id: str = Field(description="Id of the deleted endpoint.")


class WebhookEndpointTest(OpenAISchema):
    """The result of a test event."""

    object: Literal["webhook_endpoint.test"] = Field(description="Always `webhook_endpoint.test`.")
    success: Literal[True] = Field(description="True: the receiver responded, with any status.")
    event_type: EventTypeName = Field(description="Event type of the test.")
    status_code: int = Field(description="HTTP status of the receiver's response.")
    webhook_endpoint_id: str = Field(description="Id of the endpoint.")


class WebhookEventTypes(OpenAISchema):
    """All event types."""

    object: Literal["list"] = Field(description="Always `list`.")
    data: list[EventTypeName] = Field(description="The event types.")
