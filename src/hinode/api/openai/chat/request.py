"""The request schema of chat completions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Annotated, ClassVar

from pydantic import Field, PlainValidator, TypeAdapter, WithJsonSchema

from hinode.api.generation_parameters import VideoImageFields
from hinode.api.image_inputs import ImageInput, image_identity
from hinode.api.openai.chat.conversation import LastUserMessage, parse_messages
from hinode.api.openai.chat.schemas import Message
from hinode.api.openai.video_requests import GenerationOptions, RemixId, idempotency
from hinode.api.parsing import Flag, LenientRequestSchema, Remedy
from hinode.api.schema_docs import inline
from hinode.core.jobs.requests import IdempotencyKey
from hinode.media.types import ArtifactRole

_MESSAGES = {**inline(TypeAdapter(list[Message])), "minItems": 1}


class StreamOptions(LenientRequestSchema):
    """Options of a stream."""

    include_usage: Flag = Field(
        default=False, description="Send a last chunk with `usage` before `[DONE]`."
    )


class CreateCompletion(GenerationOptions, VideoImageFields):
    """Parameters of a chat completion."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **GenerationOptions.synonyms,
        **VideoImageFields.synonyms,
    }

    without_effect: ClassVar[frozenset[str]] = frozenset(
        {
            "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
            "max_completion_tokens", "max_tokens", "metadata", "modalities", "moderation",
            "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key",
            "prompt_cache_options", "prompt_cache_retention", "reasoning_effort",
            "response_format", "safety_identifier", "service_tier", "stop", "store", "temperature",
            "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity",
            "web_search_options",
        }
    )  # fmt: skip
    members: ClassVar[Mapping[str, frozenset[str]]] = VideoImageFields.members

    model: Annotated[str, Remedy("`sora_video2` makes videos, `sora_image` images.")] = Field(
        description="Id of the model; a video model renders a video, an image model images.",
        examples=["sora_image", "sora_video2"],
    )
    remix_id: RemixId = Field(
        default=None,
        description="Extension: id of a video of the account; the new video is a remix of it.",
    )
    messages: Annotated[
        LastUserMessage,
        PlainValidator(parse_messages),
        WithJsonSchema(_MESSAGES),
        Remedy('Such as [{"role": "user", "content": "A red fox runs"}].'),
    ] = Field(description="The conversation; only the last message of the user is rendered.")
    stream: Flag = Field(
        default=False, description="Send progress and result as server-sent events."
    )
    stream_options: StreamOptions = Field(
        default=StreamOptions(), description="Options of a stream."
    )

    def all_images(self) -> list[tuple[ArtifactRole, ImageInput]]:
        """Return the images of the message and of the other fields, with their roles."""
        return [*((ArtifactRole.UPLOAD, one) for one in self.messages.pictures), *self.images()]

    def idempotency(self, key: str | None) -> IdempotencyKey | None:
        """Return the idempotency key; `stream` is not part of the request's fingerprint."""
        return idempotency(key, self._fingerprinted)

    def _fingerprinted(self) -> list[object]:
        turn = self.messages
        marks = [*map(image_identity, (*turn.pictures, turn.clip)), *self.images_identity()]
        more = (self.priority, self.style, self.remix_id and self.remix_id.hex)
        params = (*astuple(self.params()), *more)
        return ["chat.completions", turn.text, turn.clip_name, marks, *params]
