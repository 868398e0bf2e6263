"""The schemas of query strings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema

from hinode.api.image_inputs import FILE_PREFIX
from hinode.api.parsing import Integer, LenientRequestSchema, WrongAs
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
    """Return the type of ``after``: the id of the last thing of the page before."""

    def parse_id(text: str) -> UUID:
        found = decode_id(prefix, text)
        if found is None:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"'after' is the id of the last {noun} that you have.",
                param="after",
            )
        return found

    description = f"The last {noun} of the page before."
    documented = WithJsonSchema({"type": "string", "description": description})
    return Annotated[UUID | None, PlainValidator(parse_id), documented]


class _OrderedQuery(LenientRequestSchema):
    order: Annotated[Literal["asc", "desc"], _WRONG] = "desc"

    @property
    def ascending(self) -> bool:
        """Return whether the oldest come first."""
        return self.order == "asc"


class VideoPageQuery(_OrderedQuery):
    """The page of a list of videos."""

    limit: Integer[Annotated[int, Field(ge=0, le=100)]] = 20
    after: _cursor("video", "video_") = None  # type: ignore[valid-type]


class FilePageQuery(_OrderedQuery):
    """The page of a list of files; bounds and default are those of OpenAI's files API."""

    purpose: str | None = Field(default=None, description="Only files with this purpose.")
    limit: Integer[Annotated[int, Field(ge=1, le=10_000)]] = 10_000
    after: _cursor("file", FILE_PREFIX) = None  # type: ignore[valid-type]


class EndpointPageQuery(LenientRequestSchema):
    """The page of a list of webhook endpoints."""

    limit: Integer[Annotated[int, Field(ge=1, le=100)]] = 20
    after: _cursor("endpoint", ENDPOINT_PREFIX) = None  # type: ignore[valid-type]


class ContentQuery(LenientRequestSchema):
    """The file of a video to download."""

    variant: Annotated[Literal["video", "thumbnail", "spritesheet"], _WRONG] = "video"
    index: Integer[Annotated[int, Field(ge=0, le=99)]] = Field(
        default=0, description="Ours: which output, counted from 0."
    )
