"""Schemas of the OpenAI dialect's objects: the API document is made from them.

Requests are parsed by :mod:`hinode.api.openai.video_requests`; answers are written by
:mod:`hinode.api.openai.serializers`, and a test compares them with these schemas.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class OpenAISchema(BaseModel):
    """A documented object: every key that it may have, and no other."""

    model_config = ConfigDict(extra="forbid")


class ErrorBody(OpenAISchema):
    """An error: message, type, parameter and code."""

    message: str = Field(description="The rule that was broken, and what would do.")
    type: str = Field(description="`invalid_request_error`, `insufficient_quota`, `server_error`.")
    param: str | None = Field(description="The field at fault.")
    code: str | None = Field(description="Stable, for programs.")


class ErrorEnvelope(OpenAISchema):
    """Every failure, whatever its status."""

    error: ErrorBody


class VideoError(OpenAISchema):
    """The reason why a video failed."""

    code: str = Field(examples=["canceled"])
    message: str


class Video(OpenAISchema):
    """A video job: the documented keys, then ours."""

    id: str = Field(examples=["video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"])
    object: Literal["video"]
    model: str
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int = Field(ge=0, le=100)
    created_at: int = Field(description="Unix seconds.")
    completed_at: int | None
    expires_at: int | None = Field(description="When the files go, in Unix seconds.")
    prompt: str | None
    size: str = Field(examples=["720x1280"])
    seconds: str = Field(examples=["4"])
    remixed_from_video_id: str | None
    error: VideoError | None = Field(description="A canceled job has the code `canceled`.")
    fps: int
    num_frames: int = Field(description="Frames per output.")
    seed: int = Field(description="Seed of the first output; the next ones count up.")
    queue_position: int | None = Field(description="Jobs ahead, when asked for a queued job.")
    outputs: int


class VideoList(OpenAISchema):
    """A page of videos."""

    object: Literal["list"]
    data: list[Video]
    first_id: str | None
    last_id: str | None = Field(description="Ask for the next page with `after` set to it.")
    has_more: bool


class VideoDeleted(OpenAISchema):
    """The video is gone."""

    object: Literal["video.deleted"]
    deleted: Literal[True]
    id: str


class NameFamilyObject(OpenAISchema):
    """Names with words: the head, then any of the words in any order, joined by `-`."""

    head: str
    words: list[str]


class ModelDetails(OpenAISchema):
    """The parameters that a model offers."""

    kind: Literal["video", "image"]
    model: str = Field(description="The model that this name means.")
    engine: str
    description: str = Field(description="What renders it, honestly.")
    licence: str | None = Field(description="Of the engine; null where it is not installed.")
    sizes: list[str] = Field(description="The default first.")
    any_size: bool = Field(description="Every WIDTHxHEIGHT is taken by its shape.")
    seconds: list[str] = Field(description="The default first; empty for images.")
    fps: int
    max_outputs: int
    credits: int = Field(description="Price of a second, or of an image.")
    credits_per: Literal["second", "picture", "call"]
    aliases: list[str]
    names: list[NameFamilyObject]


class ModelObject(OpenAISchema):
    """A model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    hinode: ModelDetails


class ModelList(OpenAISchema):
    """All models."""

    object: Literal["list"]
    data: list[ModelObject]


class FrameRuleObject(OpenAISchema):
    """The rule for the number of frames of a video."""

    fps: int
    rule: str


class PriceObject(OpenAISchema):
    """The price of a video: `credits`, but in HD and in `sizes` what these say."""

    credits: int
    per: Literal["second", "call"]
    hd_credits: int
    sizes: dict[str, int]


class EngineOffer(OpenAISchema):
    """The engine that renders a model."""

    name: str
    installed: bool
    description: str
    licence: str | None


class VideoModel(OpenAISchema):
    """The parameters that a request for a video model may have."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    sizes: list[str]
    hd_sizes: list[str] = Field(description="Those of the sizes that are HD.")
    any_size: bool
    durations: list[str]
    hd_durations: list[str] = Field(description="The lengths that HD is rendered in.")
    default_size: str
    default_duration: str
    frames: FrameRuleObject
    canvases: list[str] = Field(description="What is really rendered; the nearest is chosen.")
    inputs: list[Literal["text", "first_frame"]]
    audio: bool | None = Field(description="Null where the engine is not installed.")
    max_outputs: int
    price: PriceObject
    engine: EngineOffer
    aliases: list[str]
    names: list[NameFamilyObject]


class VideoModelList(OpenAISchema):
    """All video models."""

    object: Literal["list"]
    data: list[VideoModel]
