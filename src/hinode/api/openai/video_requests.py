"""The schemas of requests that make videos: they parse, and the OpenAPI document shows them."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from hinode.api.image_inputs import ImageInput, ImageInputs, at_most, image_identity
from hinode.api.json_text import dump
from hinode.api.openai.characters import CharacterIds
from hinode.api.parsing import (
    Flag,
    Integer,
    LenientRequestSchema,
    NumberText,
    Remedy,
    WrongAs,
)
from hinode.api.values import Upload, Value, missing, wrong_type
from hinode.core.catalog.params import GenerationParams
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


class GenerationOptions(LenientRequestSchema):
    """The options of every request that renders. Fields that are not listed are ignored."""

    model: str | None = Field(default=None, examples=["sora-2", "sora-2-pro"])
    size: str | None = Field(
        default=None, description="`GET /v1/models` lists the sizes; the first is the default."
    )
    duration: NumberText = Field(
        default=None, description="The gateways' word for `seconds`: send one of them."
    )
    hd: Flag | None = Field(default=None, description="HD, by a pro model, not with 25 seconds.")
    n: Outputs = Field(default=1, description="Ours: outputs of one job.")
    seed: Seed | None = Field(default=None, description="Ours: repeatability.")
    watermark: Flag = Field(default=False, description="Ours: draw a visible mark.")
    seconds: NumberText = Field(default=None, description="The length; as `duration`.")

    def params(self) -> GenerationParams:
        """Return what the catalog resolves into a plan."""
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
    """The options of every request for a video."""

    prompt: Annotated[Prompt, Remedy("Say in a sentence what the video shows.")] = Field(
        examples=["A red fox runs through snow"]
    )

    def identity(self) -> list[object]:
        """Return what two requests for the same video share, whatever their spelling."""
        return [self.prompt, *astuple(self.params())]


class CreateVideo(VideoOptions):
    """A request for a video."""

    seconds: NumberText = Field(
        default=None, description="`GET /v1/models` lists the lengths; the first is the default."
    )
    input_reference: Annotated[ImageInputs, at_most(1)] = Field(
        default=(),
        description="The first frame: an object, or a URL; in a form a file (JPEG, PNG or WebP), "
        "and `input_reference[]` and `input_reference[image_url]` are read too.",
    )
    characters: CharacterIds = Field(
        default=(), description="Characters that appear, each an object with its `id`."
    )

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
        )


class DeriveVideo(VideoOptions):
    """A request for a video that starts from another one."""

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
        )


class RemixVideo(DeriveVideo):
    """A request for a remix."""

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
            raise missing(f"{SOURCE}.id", "It is the id of one of your videos.")
    raise wrong_type(SOURCE, "a file, or an object with 'id'", value)


_VIDEO_ID = {
    "type": "object",
    "description": "One of your completed videos.",
    "properties": {
        "id": {"type": "string", "examples": ["video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"]}
    },
    "required": ["id"],
    "additionalProperties": False,
    "x-form": {"type": "string", "format": "binary"},
}


class EditVideo(DeriveVideo):
    """A request for an edit."""

    action = JobAction.EDIT
    video: Annotated[
        UUID | Spooled,
        PlainValidator(_parse_source),
        WithJsonSchema(_VIDEO_ID),
        Remedy("Send a file, or the 'id' of a video in an object."),
    ] = Field(
        description="The id of a video; in a form `video[id]`, or an MP4, MOV, WebM or Matroska "
        "file."
    )

    @model_validator(mode="after")
    def _check_model(self) -> Self:
        if isinstance(self.video, Spooled) and self.model is None:
            raise missing("model", "An uploaded video has no model of its own: name one.")
        return self


class ExtendVideo(EditVideo):
    """A request for an extension: ``seconds`` is the length of the new part."""

    action = JobAction.EXTENSION
    seconds: NumberText = Field(
        default=None, description="Length of the new part; required.", examples=["8"]
    )

    @model_validator(mode="after")
    def _check_seconds(self) -> Self:
        if not self.params().has_duration:
            raise missing("seconds", "Say how many seconds are added, such as '8'.")
        return self


def source_id(video_id: str, param: str) -> UUID:
    """Return the job of a video's id. Raises :class:`HinodeError` for what is no such id."""
    job_id = from_video_id(video_id)
    if job_id is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param=param
        )
    return job_id


def idempotency(key: str | None, *identity: object) -> IdempotencyKey | None:
    """Return a client's key with a digest of what identifies its request."""
    if key is None:
        return None
    return IdempotencyKey(key, hashlib.sha256(dump(list(identity))).hexdigest())
