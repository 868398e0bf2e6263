"""The schema of a chat completion: it parses, and the OpenAPI document shows it."""

from __future__ import annotations

from dataclasses import astuple
from typing import Annotated

from pydantic import Field, PlainValidator, TypeAdapter, WithJsonSchema

from hinode.api.image_inputs import image_identity
from hinode.api.openai.chat.conversation import LastUserMessage, parse_messages
from hinode.api.openai.chat.schemas import Message
from hinode.api.openai.openapi_docs import inline
from hinode.api.openai.video_requests import GenerationOptions, idempotency
from hinode.api.parsing import Flag, LenientRequestSchema, Remedy
from hinode.core.jobs.requests import IdempotencyKey

_MESSAGES = {**inline(TypeAdapter(list[Message])), "minItems": 1}


class StreamOptions(LenientRequestSchema):
    """Options of a stream."""

    include_usage: Flag = False


class CreateCompletion(GenerationOptions):
    """A request for a completion. Fields that are not listed are accepted and ignored."""

    model: Annotated[str, Remedy("`sora_video2` makes videos, `sora_image` images.")] = Field(
        examples=["sora_image", "sora_video2"]
    )
    messages: Annotated[
        LastUserMessage,
        PlainValidator(parse_messages),
        WithJsonSchema(_MESSAGES),
        Remedy('Such as [{"role": "user", "content": "A red fox runs"}].'),
    ]
    stream: Flag = False
    stream_options: StreamOptions = StreamOptions()

    def idempotency(self, key: str | None) -> IdempotencyKey | None:
        """Return a client's key for this request; how the answer is sent is no part of it."""
        turn = self.messages
        marks = [image_identity(one) for one in (*turn.pictures, turn.clip)]
        params = astuple(self.params())
        return idempotency(key, "chat.completions", turn.text, turn.clip_name, marks, *params)
