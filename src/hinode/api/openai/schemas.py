"""Response schemas of the OpenAI dialect, for the OpenAPI document.

Responses are written by :mod:`hinode.api.openai.serializers`; a test validates them by these
schemas.
"""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from pydantic import Field

from hinode.api.given_parameters import GivenParameters
from hinode.api.response_schema import ResponseSchema
from hinode.core.jobs.fair_queue import MAX_AHEAD

T = TypeVar("T")


class OpenAISchema(ResponseSchema):
    """Base of the OpenAI dialect's response objects."""


class ListObject(OpenAISchema, Generic[T]):
    """A page of a list."""

    object: Literal["list"] = Field(description="Always `list`.")
    data: list[T] = Field(description="The items of the page.")
    first_id: str | None = Field(description="Id of the first item; null in an empty page.")
    last_id: str | None = Field(description="Id of the last item: `after` of the next page.")
    has_more: bool = Field(description="True if there is a next page.")


class ErrorBody(OpenAISchema):
    """An error."""

    message: str = Field(description="Explanation for people: the broken rule and a remedy.")
    type: str = Field(
        description="Class of the error: `invalid_request_error`, `insufficient_quota`, `requests` "
        "or `server_error`."
    )
    param: str | None = Field(description="The invalid field; null if the error is not about one.")
    code: str | None = Field(description="Stable error code for programs.")


class ErrorEnvelope(OpenAISchema):
    """The body of every error response."""

    error: ErrorBody = Field(description="The error.")


class VideoError(OpenAISchema):
    """The reason why a video failed."""

    code: str = Field(description="Stable error code for programs.", examples=["canceled"])
    message: str = Field(description="Explanation for people.")


class Video(OpenAISchema, GivenParameters):
    """A video job."""

    id: str = Field(
        description="Id of the video.", examples=["video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"]
    )
    object: Literal["video"] = Field(description="Always `video`.")
    model: str = Field(description="Id of the model.")
    status: Literal["queued", "in_progress", "completed", "failed"] = Field(
        description="State of the job; a canceled one is `failed`."
    )
    progress: int = Field(ge=0, le=100, description="Progress in percent.")
    created_at: int = Field(description="Time of creation in Unix seconds.")
    completed_at: int | None = Field(
        description="Time of completion in Unix seconds; null unless `completed`."
    )
    expires_at: int | None = Field(
        description="Time when the files are deleted, in Unix seconds; null if they are kept."
    )
    prompt: str | None = Field(description="The prompt.")
    size: str = Field(description="Width and height in pixels.", examples=["720x1280"])
    seconds: str = Field(description="Length in seconds.", examples=["4"])
    remixed_from_video_id: str | None = Field(description="Id of the source video of a remix.")
    error: VideoError | None = Field(
        description="Reason of the failure, code `canceled` for a canceled job; null unless "
        "`failed`."
    )
    fps: int = Field(description="Extension: frames per second.")
    num_frames: int = Field(description="Extension: number of frames of each output.")
    seed: int = Field(
        description="Extension: seed of the first output; further outputs count up from it."
    )
    priority: Literal["low", "normal", "high"] = Field(description="Extension: the priority.")
    queue_position: int | None = Field(
        description="Extension: number of jobs ahead in the queue, counted up to "
        f"{MAX_AHEAD}; null unless `queued`."
    )
    remaining_seconds: int | None = Field(
        description="Extension: estimate of the seconds until its end; null once it has ended, and "
        "if nothing tells."
    )
    outputs: int = Field(description="Extension: number of outputs.")
    engine: str = Field(
        description="Extension: engine that renders or rendered it; size, length, rate and seed "
        "are those that it renders, and change with it while the job is `queued`."
    )
    upstream: str | None = Field(
        description="Extension: the model's name at the engine's server; null for its default."
    )
    ignored: list[str] = Field(
        default=[],
        description="Extension: names of fields of the request that this server does not know and "
        "did not use; only in the response of a create, and only if there are any.",
    )


class VideoList(ListObject[Video]):
    """A page of videos."""


class VideoDeleted(OpenAISchema):
    """Confirmation of a deletion."""

    object: Literal["video.deleted"] = Field(description="Always `video.deleted`.")
    deleted: Literal[True] = Field(description="Always true.")
    id: str = Field(description="Id of the deleted video.")


class NameFamilyObject(OpenAISchema):
    """Composed model names: the head and any of the words in any order, joined by `-`."""

    head: str = Field(description="Start of the name.", examples=["sora_video2"])
    words: list[str] = Field(description="Optional words.", examples=[["landscape", "hd"]])


class ModelDetails(OpenAISchema):
    """Extension: parameters, price and engine of a model."""

    kind: Literal["video", "image"] = Field(description="Kind of output.")
    model: str = Field(description="Id of the model, if `id` is an alias of it.")
    engine: str = Field(description="Name of the engine that renders.")
    description: str = Field(description="Description of the engine.")
    licence: str | None = Field(
        description="Licence of the model's weights or of the engine; null if unknown."
    )
    sizes: list[str] = Field(description="Supported sizes; the first is the default.")
    any_size: bool = Field(
        description="True if any `WIDTHxHEIGHT` is accepted; the size of the nearest aspect ratio "
        "is rendered."
    )
    inputs: list[Literal["text", "first_frame", "image"]] = Field(
        description="Supported inputs; without `text` it needs the first frame, or the image to "
        "change."
    )
    seconds: list[str] = Field(
        description="Supported lengths in seconds; the first is the default. Empty for images."
    )
    fps: int = Field(description="Frames per second.")
    max_outputs: int = Field(description="Maximum of `n`.")
    parameters: list[str] = Field(
        description="Generation parameters of a request that its engines take; others are named in "
        "`ignored`."
    )
    extra_params: list[str] = Field(description="Names that `extra_params` may have.")
    loras: list[str] = Field(description="Names of the LoRAs that `lora` may have.")
    credits: int = Field(description="Price in credits per unit of `credits_per`.")
    credits_per: Literal["second", "picture", "call"] = Field(
        description="Unit of the price: a second of video, an image, or a job."
    )
    aliases: list[str] = Field(description="Other names of the model.")
    names: list[NameFamilyObject] = Field(description="Composed names of the model.")


class ModelObject(OpenAISchema):
    """A model."""

    id: str = Field(description="Id of the model.", examples=["sora-2"])
    object: Literal["model"] = Field(description="Always `model`.")
    created: int = Field(description="Time of creation in Unix seconds.")
    owned_by: str = Field(description="Always `hinode`.")
    hinode: ModelDetails = Field(description="Extension: parameters, price and engine.")


class ModelList(OpenAISchema):
    """All models."""

    object: Literal["list"] = Field(description="Always `list`.")
    data: list[ModelObject] = Field(description="The models.")


class FrameRuleObject(OpenAISchema):
    """The rule for the number of frames of a video."""

    fps: int = Field(description="Frames per second.")
    rule: str = Field(description="Formula of the number of frames.", examples=["fps * seconds"])


class PriceObject(OpenAISchema):
    """The price of a video in credits."""

    credits: int = Field(description="Price per unit of `per`.")
    per: Literal["second", "call"] = Field(description="Unit: a second of video, or a job.")
    hd_credits: int = Field(description="Price per unit in HD sizes.")
    sizes: dict[str, int] = Field(description="Prices of sizes that differ from both.")


class EngineOffer(OpenAISchema):
    """The engine that renders a model."""

    name: str = Field(description="Name of the engine.")
    installed: bool = Field(description="True if it is installed here, or a worker offered it.")
    description: str = Field(description="Description of the engine.")
    licence: str | None = Field(
        description="Licence of the model's weights or of the engine; null if unknown."
    )


class VideoModel(OpenAISchema):
    """A video model: parameters, prices and engine."""

    id: str = Field(description="Id of the model.", examples=["sora-2"])
    object: Literal["model"] = Field(description="Always `model`.")
    created: int = Field(description="Time of creation in Unix seconds.")
    owned_by: str = Field(description="Always `hinode`.")
    sizes: list[str] = Field(description="Supported sizes.")
    hd_sizes: list[str] = Field(description="Sizes that are HD.")
    any_size: bool = Field(
        description="True if any `WIDTHxHEIGHT` is accepted; the size of the nearest aspect ratio "
        "is rendered."
    )
    durations: list[str] = Field(description="Supported lengths in seconds.")
    hd_durations: list[str] = Field(description="Supported lengths in HD, in seconds.")
    default_size: str = Field(description="Size without `size` in the request.")
    default_duration: str = Field(description="Length without `seconds` in the request.")
    frames: FrameRuleObject = Field(description="Rule for the number of frames.")
    canvases: list[str] = Field(
        description="Sizes that the engine renders; the one nearest in aspect ratio is used."
    )
    inputs: list[Literal["text", "first_frame"]] = Field(
        description="Supported inputs; without `text` a new video needs a first frame."
    )
    audio: bool | None = Field(
        description="True if videos have sound; null if the engine is not installed."
    )
    max_outputs: int = Field(description="Maximum of `n`.")
    max_fps: int = Field(description="Maximum of `fps`.")
    max_total_pixels: int = Field(description="Maximum of width × height × frames of one output.")
    parameters: list[str] = Field(
        description="Generation parameters of a request that its engines take; others are named in "
        "`ignored`."
    )
    extra_params: list[str] = Field(description="Names that `extra_params` may have.")
    loras: list[str] = Field(description="Names of the LoRAs that `lora` may have.")
    price: PriceObject = Field(description="Price in credits.")
    engine: EngineOffer = Field(description="The engine that renders.")
    aliases: list[str] = Field(description="Other names of the model.")
    names: list[NameFamilyObject] = Field(description="Composed names of the model.")


class VideoModelList(OpenAISchema):
    """All video models."""

    object: Literal["list"] = Field(description="Always `list`.")
    data: list[VideoModel] = Field(description="The models.")
