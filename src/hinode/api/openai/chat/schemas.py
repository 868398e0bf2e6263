"""Schemas of messages and completions, and examples of requests."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from hinode.api.openai.schemas import OpenAISchema


class Address(BaseModel):
    """The URL of an image or a clip."""

    url: str = Field(description="`https://…`, `http://…`, `data:…;base64,…`, or plain base64.")


class TextPart(BaseModel):
    """A text part."""

    type: Literal["text"] = Field(description="Always `text`.")
    text: str = Field(description="The prompt, or a part of it.")


class ImagePart(BaseModel):
    """An image part: the first frame of a video, or a reference of an image."""

    type: Literal["image_url"] = Field(description="Always `image_url`.")
    image_url: Address | str = Field(description="The image: JPEG, PNG, WebP, HEIC or AVIF.")


class VideoPart(BaseModel):
    """A video part: a clip that becomes a character.

    Without a text only the character is created; with one, the character appears in the video.
    """

    type: Literal["video_url"] = Field(description="Always `video_url`.")
    video_url: Address | str = Field(description="The clip.")
    name: str | None = Field(
        default=None, description="Extension: name of the character; by default a random one."
    )


class Message(BaseModel):
    """A message of the conversation."""

    role: str = Field(
        description="Role of the author; the last message with the role `user` is rendered.",
        examples=["user"],
    )
    content: str | list[TextPart | ImagePart | VideoPart] | None = Field(
        description="The prompt. Directives: `{anime}` or another of the ten styles; `[5.0s]` "
        "before each shot; a share link or the id of a video to remix; `@name` of a character."
    )


class Made(OpenAISchema):
    """Extension: the created job or character."""

    id: str = Field(
        description="Id of the video, image or character.",
        examples=["video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"],
    )
    size: str | None = Field(default=None, description="Width and height in pixels.")
    seconds: str | None = Field(default=None, description="Length of a video in seconds.")
    seed: int | None = Field(default=None, description="Seed of the first output.")
    name: str | None = Field(default=None, description="Name of a character.")


class AssistantMessage(OpenAISchema):
    """The message with the result."""

    role: Literal["assistant"] = Field(description="Always `assistant`.")
    content: str = Field(
        description="An image in Markdown, or an HTML video player and a link; the URLs are "
        "signed and valid for 24 hours."
    )
    refusal: None = Field(description="Always null.")


class Choice(OpenAISchema):
    """One of `n` choices."""

    index: int = Field(description="Index of the choice, from 0.")
    message: AssistantMessage = Field(description="The result.")
    logprobs: None = Field(description="Always null.")
    finish_reason: Literal["stop"] = Field(description="Always `stop`.")


class CompletionUsage(OpenAISchema):
    """Estimated tokens: 4 bytes of text count as a token. Jobs are charged in credits."""

    prompt_tokens: int = Field(description="Tokens of the prompt.")
    completion_tokens: int = Field(description="Tokens of the result's text.")
    total_tokens: int = Field(description="Sum of both.")


class Completion(OpenAISchema):
    """A completion. With `stream` it is sent in pieces, as `chat.completion.chunk` objects."""

    id: str = Field(
        description="Id of the completion.", examples=["chatcmpl-0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"]
    )
    object: Literal["chat.completion"] = Field(description="Always `chat.completion`.")
    created: int = Field(description="Time of creation in Unix seconds.")
    model: str = Field(description="The model of the request.")
    choices: list[Choice] = Field(description="One choice per output.")
    usage: CompletionUsage = Field(description="Estimated token counts.")
    hinode: Made | None = Field(
        description="Extension: the created job or character; null for a request that a chat app "
        "made by itself, which renders nothing."
    )
