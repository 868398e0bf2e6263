"""Request schemas of the video routes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import astuple
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from hinode.api.generation_parameters import StyleField, VideoImageFields, VideoParameterFields
from hinode.api.image_inputs import (
    FIRST_FRAME_NAMES,
    IMAGE_MEMBERS,
    ImageInput,
    ImageInputs,
    at_most,
    image_identity,
)
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
from hinode.api.shape import ShapeFields
from hinode.api.values import Upload, Value, missing, wrong_type
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import IdempotencyKey, JobSource, UploadSource, VideoRequest
from hinode.core.text_checks import MAX_PROMPT
from hinode.kit.ids import from_video_id
from hinode.kit.spool import Spooled
from hinode.media.types import ArtifactRole, JobAction

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


class GenerationOptions(LenientRequestSchema, ShapeFields, VideoParameterFields):
    """Options common to videos and chat."""

    synonyms: ClassVar[Mapping[str, str]] = {
        "n_seconds": "seconds",
        "num_seconds": "seconds",
        "n_variants": "n",
        "num_outputs_per_prompt": "n",
        **VideoParameterFields.synonyms,
    }

    model: str | None = Field(
        default=None,
        description="Id of the model; by default the server's default video model.",
        examples=["sora-2", "sora-2-pro"],
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
    style: StyleField = Field(default=None, description="Extension: style.")
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
            seconds=self.seconds,
            outputs=self.n,
            seed=self.seed,
            watermark=self.watermark,
            duration=self.duration,
            hd=self.hd,
            render=self.render_parameters(),
            **self.shape_params(),
        )


class VideoOptions(GenerationOptions, VideoImageFields):
    """Options common to all video routes."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **GenerationOptions.synonyms,
        **VideoImageFields.synonyms,
    }
    # Gateways send it with every request.
    without_effect: ClassVar[frozenset[str]] = frozenset({"user"})
    members: ClassVar[Mapping[str, frozenset[str]]] = VideoImageFields.members

    prompt: Annotated[Prompt, Remedy("Describe the video in a sentence.")] = Field(
        description="Description of the video.", examples=["A red fox runs through snow"]
    )

    def identity(self) -> list[object]:
        """Return the request's part of an idempotency fingerprint."""
        images = self.images_identity()
        return [self.prompt, *astuple(self.params()), self.priority, self.style, images]


def _parse_remix(value: Value) -> UUID | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise wrong_type("remix_id", "a string", value)
    # Share links name a video as `s_…`.
    return source_id(re.sub(r"^s_", "video_", value), "remix_id")


RemixId = Annotated[UUID | None, PlainValidator(_parse_remix), WithJsonSchema({"type": "string"})]


FIRST_FRAME_SYNONYMS = dict.fromkeys(
    ("image", "images", "image_url", "image_urls", *FIRST_FRAME_NAMES), "input_reference"
)
"""Names by which clients of other servers send the first frame of a video."""


class CreateVideo(VideoOptions):
    """Parameters of a new video."""

    synonyms: ClassVar[Mapping[str, str]] = {
        **VideoOptions.synonyms,
        **FIRST_FRAME_SYNONYMS,
        "remix_target_id": "remix_id",
    }
    members: ClassVar[Mapping[str, frozenset[str]]] = {
        **VideoOptions.members,
        "input_reference": IMAGE_MEMBERS,
    }

    input_reference: Annotated[ImageInputs, at_most(1)] = Field(
        default=(),
        description="First frame of the video (JPEG, PNG, WebP, HEIC, AVIF): an object or a "
        "URL. In a form, a file, or `input_reference[image_url]`.",
    )
    characters: CharacterIds = Field(default=(), description="Characters that appear in the video.")
    remix_id: RemixId = Field(
        default=None,
        description="Extension: id of a video of the account; the new video is a remix of it.",
    )

    @model_validator(mode="after")
    def _check_remix(self) -> Self:
        if self.remix_id is not None and self.input_reference:
            raise HinodeError(
                ErrorCode.UNSUPPORTED_VALUE,
                "A remix starts from its video: it takes no 'input_reference' beside 'remix_id'.",
                param="input_reference",
            )
        return self

    def images(self) -> list[tuple[ArtifactRole, ImageInput]]:
        """Return the images with their roles, the first frame first."""
        first = [(ArtifactRole.UPLOAD, one) for one in self.input_reference]
        return [*first, *super().images()]

    @property
    def first_frame(self) -> ImageInput | None:
        """The image that the video starts from."""
        return self.input_reference[0] if self.input_reference else None

    def request(self, key: str | None) -> VideoRequest:
        """Return the job to create, less its first frame; ``key`` is the idempotency key."""
        return VideoRequest(
            self.prompt,
            self.params(),
            idempotency=idempotency(key, self._fingerprinted),
            source=JobSource(JobAction.REMIX, self.remix_id) if self.remix_id else None,
            style=self.style,
            characters=self.characters,
            priority=self.priority,
        )

    def _fingerprinted(self) -> list[object]:
        return [
            "videos.create",
            *self.identity(),
            image_identity(self.first_frame),
            [one.hex for one in self.characters],
            self.remix_id and self.remix_id.hex,
        ]


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
            style=self.style,
            idempotency=idempotency(key, lambda: [f"videos.{self.action}", mark, *self.identity()]),
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

    @property
    def clip(self) -> Spooled | None:
        """The source as an uploaded file."""
        return self.video if isinstance(self.video, Spooled) else None


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


def idempotency(
    key: str | None, fingerprinted: Callable[[], list[object]]
) -> IdempotencyKey | None:
    """Return an idempotency key with the SHA-256 fingerprint of its request; None without one.

    What is ``fingerprinted`` is only put together for a key: most requests have none.
    """
    if key is None:
        return None
    return IdempotencyKey(key, hashlib.sha256(dump(fingerprinted())).hexdigest())
