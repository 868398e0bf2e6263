"""Request schemas of the video routes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import astuple, replace
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema, model_validator

from hinode.api.image_inputs import ImageInput, ImageInputs, at_most, image_identity
from hinode.api.json_text import dump
from hinode.api.openai.characters import CharacterIds
from hinode.api.parsing import (
    Flag,
    Integer,
    LenientRequestSchema,
    NumberText,
    PriorityField,
    Remedy,
    WrongAs,
)
from hinode.api.values import Upload, Value, missing, wrong_type
from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.types import Orientation, Size
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import IdempotencyKey, JobSource, UploadSource, VideoRequest
from hinode.core.text_checks import MAX_PROMPT
from hinode.kit.ids import from_video_id
from hinode.kit.spool import Spooled
from hinode.media.types import JobAction

SOURCE = "video"

Outputs = Annotated[
    Integer[Annotated[int, Field(ge=1, le=4)]], WrongAs(ErrorCode.UNSUPPORTED_VALUE)
]
Seed = Integer[Annotated[int, Field(ge=0, le=2**32 - 1)]]
Prompt = Annotated[str, Field(min_length=1, max_length=MAX_PROMPT)]


PRIORITY = (
    "Extension: how soon the queue takes the job, as far as the key may ask for it; by default "
    "`normal`, or the key's highest if that is `low`."
)


class GenerationOptions(LenientRequestSchema):
    """Options common to videos and chat."""

    synonyms: ClassVar[Mapping[str, str]] = {
        "n_seconds": "seconds",
        "num_seconds": "seconds",
        "n_variants": "n",
    }

    model: str | None = Field(
        default=None,
        description="Id of the model; by default the server's default video model.",
        examples=["sora-2", "sora-2-pro"],
    )
    size: str | None = Field(
        default=None,
        description="Width and height in pixels. `GET /v1/models` lists the supported sizes; the "
        "first is the default.",
        examples=["1280x720"],
    )
    duration: NumberText = Field(
        default=None, description="Alias of `seconds`, as gateways name it; send only one of them."
    )
    hd: Flag | None = Field(
        default=None,
        description="Extension: render in HD; requires a model with HD sizes and one of its HD "
        "lengths.",
    )
    n: Outputs = Field(default=1, description="Extension: number of outputs.")
    seed: Seed | None = Field(
        default=None, description="Extension: seed of the first output; by default a random one."
    )
    watermark: Flag = Field(default=False, description="Extension: add a visible watermark.")
    seconds: NumberText = Field(
        default=None,
        description="Length in seconds. `GET /v1/models` lists the supported lengths; the first is "
        "the default.",
        examples=["4"],
    )

    priority: PriorityField = Field(default=None, description=PRIORITY)

    def params(self) -> GenerationParams:
        """Return the generation parameters."""
        return GenerationParams(
            model=self.model,
            size=self.size,
            seconds=self.seconds,
            outputs=self.n,
            seed=self.seed,
            watermark=self.watermark,
            duration=self.duration,
            hd=self.hd,
        )


class VideoOptions(GenerationOptions):
    """Options common to all video routes."""

    prompt: Annotated[Prompt, Remedy("Describe the video in a sentence.")] = Field(
        description="Description of the video.", examples=["A red fox runs through snow"]
    )

    def identity(self) -> list[object]:
        """Return the request's part of an idempotency fingerprint."""
        return [self.prompt, *astuple(self.params()), self.priority]


_RATIO = re.compile(r"[1-9][0-9]{0,2}:[1-9][0-9]{0,2}")


def _checked_ratio(text: str | None) -> str | None:
    if text is None or _RATIO.fullmatch(text):
        return text
    raise HinodeError(
        ErrorCode.INVALID_VALUE,
        f"'aspect_ratio' must be WIDTH:HEIGHT, such as '16:9', not '{text[:40]}'.",
        param="aspect_ratio",
    )


Pixels = Integer[Annotated[int, Field(ge=1, le=99_999)] | None]
AspectRatio = Annotated[str | None, AfterValidator(_checked_ratio)]


def _disagree(one: str, other: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE,
        f"'{one}' and '{other}' ask for different shapes.",
        param=one,
        hint="Send one of them.",
    )


FIRST_FRAME_SYNONYMS = dict.fromkeys(
    (
        "image", "images", "image_url", "image_urls", "first_frame", "first_frame_image",
        "first_frame_url", "reference_image", "input_image", "file",
    ),
    "input_reference",
)  # fmt: skip
"""Names by which clients of other servers send the first frame of a video."""


class CreateVideo(VideoOptions):
    """Parameters of a new video."""

    synonyms: ClassVar[Mapping[str, str]] = {**VideoOptions.synonyms, **FIRST_FRAME_SYNONYMS}

    width: Pixels = Field(
        default=None, description="Extension: width in pixels, with `height` instead of `size`."
    )
    height: Pixels = Field(default=None, description="Extension: height in pixels.")
    orientation: Literal["portrait", "landscape", "square"] | None = Field(
        default=None,
        description="Extension: orientation instead of `size`; the model's first size of it is "
        "rendered.",
    )
    aspect_ratio: AspectRatio = Field(
        default=None,
        description="Extension: aspect ratio instead of `size`; the model's first size of its "
        "orientation is rendered.",
        examples=["16:9"],
    )
    input_reference: Annotated[ImageInputs, at_most(1)] = Field(
        default=(),
        description="First frame of the video (JPEG, PNG, WebP, HEIC, AVIF): an object or a "
        "URL. In a form, a file, or `input_reference[image_url]`.",
    )
    characters: CharacterIds = Field(default=(), description="Characters that appear in the video.")

    @model_validator(mode="after")
    def _check_shape(self) -> Self:
        shapes = {one for one in (self._given_orientation(), self._ratio_orientation()) if one}
        if len(shapes) > 1:
            raise _disagree("aspect_ratio", "orientation")
        if (self.width is None) != (self.height is None):
            raise missing("height" if self.height is None else "width", "Send both, or 'size'.")
        pixels = self._pixels()
        if self.size is not None and pixels not in (None, Size.parse(self.size)):
            raise _disagree("width", "size")
        return self

    def params(self) -> GenerationParams:
        """Return the generation parameters."""
        pixels = self._pixels()
        return replace(
            super().params(),
            size=self.size or (None if pixels is None else str(pixels)),
            orientation=self._given_orientation() or self._ratio_orientation(),
        )

    def _pixels(self) -> Size | None:
        return Size(self.width, self.height) if self.width and self.height else None

    def _given_orientation(self) -> Orientation | None:
        return Orientation(self.orientation) if self.orientation else None

    def _ratio_orientation(self) -> Orientation | None:
        if self.aspect_ratio is None:
            return None
        width, height = self.aspect_ratio.split(":")
        return Size(int(width), int(height)).orientation

    @property
    def first_frame(self) -> ImageInput | None:
        """The image that the video starts from."""
        return self.input_reference[0] if self.input_reference else None

    def request(self, key: str | None) -> VideoRequest:
        """Return the job to create, less its first frame; ``key`` is the idempotency key."""
        return VideoRequest(
            self.prompt,
            self.params(),
            idempotency=idempotency(
                key,
                "videos.create",
                *self.identity(),
                image_identity(self.first_frame),
                [one.hex for one in self.characters],
            ),
            characters=self.characters,
            priority=self.priority,
        )


class DeriveVideo(VideoOptions):
    """Parameters common to remixes, edits and extensions."""

    action: ClassVar[JobAction]

    def derived(self, source: UUID | Spooled, key: str | None) -> VideoRequest:
        """Return the job to create from a job's video or from a clip, which it does not hold.

        ``key`` is the idempotency key.
        """
        start: JobSource | UploadSource
        if isinstance(source, Spooled):
            mark, start = source.digest, UploadSource(self.action, None)
        else:
            mark, start = source.hex, JobSource(self.action, source)
        return VideoRequest(
            self.prompt,
            self.params(),
            source=start,
            idempotency=idempotency(key, f"videos.{self.action}", mark, *self.identity()),
            priority=self.priority,
        )


class RemixVideo(DeriveVideo):
    """Parameters of a remix."""

    action = JobAction.REMIX


def _parse_source(value: Value) -> UUID | Spooled:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    match value:
        case Upload(content):
            return content
        case {"id": str() as video_id} | (str() as video_id):
            return source_id(video_id, SOURCE)
        case {"id": other}:
            raise wrong_type(f"{SOURCE}.id", "a string", other)
        case dict():
            raise missing(f"{SOURCE}.id", "Send the id of one of your videos.")
    raise wrong_type(SOURCE, "a file, or an object with 'id'", value)


_VIDEO_ID = {
    "type": "object",
    "description": "A completed video of the account.",
    "properties": {
        "id": {
            "type": "string",
            "description": "Id of the video.",
            "examples": ["video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"],
        }
    },
    "required": ["id"],
    "additionalProperties": False,
    "x-form": {"type": "string", "format": "binary"},
}


class EditVideo(DeriveVideo):
    """Parameters of an edit."""

    action = JobAction.EDIT
    video: Annotated[
        UUID | Spooled,
        PlainValidator(_parse_source),
        WithJsonSchema(_VIDEO_ID),
        Remedy("Send a file, or the 'id' of a video in an object."),
    ] = Field(
        description="The source: a completed video by its id, in a form `video[id]`; or an MP4, "
        "MOV, WebM or Matroska file in a form."
    )


class ExtendVideo(EditVideo):
    """Parameters of an extension."""

    action = JobAction.EXTENSION
    seconds: NumberText = Field(
        default=None,
        description="Length of the new part in seconds; required.",
        examples=["8"],
    )

    @model_validator(mode="after")
    def _check_seconds(self) -> Self:
        if not self.params().has_duration:
            raise missing("seconds", "Send the length of the new part, such as '8'.")
        return self


def source_id(video_id: str, param: str) -> UUID:
    """Parse a video's id. Raises :class:`HinodeError` (not found) for anything else."""
    job_id = from_video_id(video_id)
    if job_id is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param=param
        )
    return job_id


def idempotency(key: str | None, *identity: object) -> IdempotencyKey | None:
    """Return an idempotency key with the SHA-256 fingerprint of its request; None without one."""
    if key is None:
        return None
    return IdempotencyKey(key, hashlib.sha256(dump(list(identity))).hexdigest())
