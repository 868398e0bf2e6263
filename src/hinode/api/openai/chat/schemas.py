"""The schemas of messages and of completions, and examples of requests."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from hinode.api.openai.schemas import OpenAISchema

EXAMPLES = {
    "picture": {
        "summary": "Text to image, streamed",
        "value": {
            "model": "sora_image",
            "messages": [{"role": "user", "content": "画小猫"}],
            "stream": True,
        },
    },
    "video": {
        "summary": "A storyboard in a style",
        "value": {
            "model": "sora_video2-landscape",
            "messages": [
                {"role": "user", "content": "{anime} [5.0s]a cat wakes up [5.0s]the cat runs"}
            ],
            "stream": True,
        },
    },
}


class Address(BaseModel):
    """The URL of an image or a clip."""

    url: str = Field(description="`https://…`, `http://…`, `data:…;base64,…`, or bare base64.")


class TextPart(BaseModel):
    """Words."""

    type: Literal["text"]
    text: str


class ImagePart(BaseModel):
    """An image to start from."""

    type: Literal["image_url"]
    image_url: Address | str


class VideoPart(BaseModel):
    """A clip that shows a character; alone, or with words that say what the character does."""

    type: Literal["video_url"]
    video_url: Address | str
    name: str | None = Field(default=None, description="Ours: the character's name.")


class Message(BaseModel):
    """A message; the last one of the user counts."""

    role: str = Field(examples=["user"])
    content: str | list[TextPart | ImagePart | VideoPart] | None = Field(
        description="What to render. Known marks: `{anime}` and nine other styles, "
        "`[5.0s]` before each shot, a share link or an id to remix, `@name` of a character."
    )


class Made(OpenAISchema):
    """Ours: what was made, for programs."""

    id: str = Field(examples=["video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"])
    size: str | None = None
    seconds: str | None = None
    seed: int | None = None
    name: str | None = Field(default=None, description="Of a character.")


class AssistantMessage(OpenAISchema):
    """The answer as text: Markdown with the image, or an HTML player and a link."""

    role: Literal["assistant"]
    content: str
    refusal: None


class Choice(OpenAISchema):
    """One of `n` answers."""

    index: int
    message: AssistantMessage
    logprobs: None
    finish_reason: Literal["stop"]


class CompletionUsage(OpenAISchema):
    """Estimated: nothing here is a language model."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(OpenAISchema):
    """A completion. With `stream` its pieces come as `chat.completion.chunk` objects."""

    id: str = Field(examples=["chatcmpl-0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"])
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: CompletionUsage
    hinode: Made
