"""Schemas of query strings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema

from hinode.api.image_inputs import FILE_PREFIX
from hinode.api.parsing import Integer, LenientRequestSchema, WrongAs
from hinode.core.batches.types import BATCH_PREFIX
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.webhooks.types import ENDPOINT_PREFIX
from hinode.kit.ids import decode_id
from hinode.media.types import ArtifactRole

VARIANTS: Mapping[str, ArtifactRole] = {
    "video": ArtifactRole.VIDEO,
    "thumbnail": ArtifactRole.THUMBNAIL,
    "spritesheet": ArtifactRole.SPRITESHEET,
}
_WRONG = WrongAs(ErrorCode.INVALID_VALUE)


def _cursor(noun: str, prefix: str) -> Any:
    """Return the type of the cursor ``after``: the id of the last item of the previous page."""

    def parse_id(text: str) -> UUID:
        found = decode_id(prefix, text)
        if found is None:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"'after' must be the id of a {noun}: the 'last_id' of the previous page.",
                param="after",
            )
        return found

    description = f"Id of a {noun}, the `last_id` of the previous page; omit it for the first page."
    documented = WithJsonSchema({"type": "string", "description": description})
    return Annotated[UUID | None, PlainValidator(parse_id), documented]


class _OrderedQuery(LenientRequestSchema):
    order: Annotated[Literal["asc", "desc"], _WRONG] = Field(
        default="desc", description="Order by time of creation: `desc` is newest first."
    )

    @property
    def ascending(self) -> bool:
        """Return whether the order is oldest first."""
        return self.order == "asc"


class VideoPageQuery(_OrderedQuery):
    """Query of the list of videos."""

    limit: Integer[Annotated[int, Field(ge=0, le=100)]] = Field(
        default=20, description="Maximum number of videos in the page."
    )
    after: _cursor("video", "video_") = None  # type: ignore[valid-type]


class FilePageQuery(_OrderedQuery):
    """Query of the list of files; bounds and default are those of OpenAI's files API."""

    purpose: str | None = Field(default=None, description="Return only files with this purpose.")
    limit: Integer[Annotated[int, Field(ge=1, le=10_000)]] = Field(
        default=10_000, description="Maximum number of files in the page."
    )
    after: _cursor("file", FILE_PREFIX) = None  # type: ignore[valid-type]


class BatchPageQuery(LenientRequestSchema):
    """Query of the list of batches."""

    limit: Integer[Annotated[int, Field(ge=1, le=100)]] = Field(
        default=20, description="Maximum number of batches in the page."
    )
    after: _cursor("batch", BATCH_PREFIX) = None  # type: ignore[valid-type]


class EndpointPageQuery(LenientRequestSchema):
    """Query of the list of webhook endpoints."""

    limit: Integer[Annotated[int, Field(ge=1, le=100)]] = Field(
        default=20, description="Maximum number of endpoints in the page."
    )
    after: _cursor("endpoint", ENDPOINT_PREFIX) = None  # type: ignore[valid-type]


class ContentQuery(LenientRequestSchema):
    """Query of a download."""

    variant: Annotated[Literal["video", "thumbnail", "spritesheet"], _WRONG] = Field(
        default="video",
        description="The MP4 `video`, a WebP `thumbnail`, or a JPEG `spritesheet` of frames.",
    )
    index: Integer[Annotated[int, Field(ge=0, le=99)]] = Field(
        default=0, description="Extension: index of the output, from 0."
    )
