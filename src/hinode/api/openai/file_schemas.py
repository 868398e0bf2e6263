"""The schemas of the file routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from hinode.api.openai.schemas import OpenAISchema
from hinode.api.parsing import Integer, LenientRequestSchema, Remedy, WrongAs
from hinode.api.values import Upload, Value, wrong_type
from hinode.core.errors import ErrorCode
from hinode.core.files.service import MAX_LIFETIME_S, MIN_LIFETIME_S

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]


class ExpiresAfter(LenientRequestSchema):
    """The lifetime of a file."""

    anchor: Annotated[Literal["created_at"], WrongAs(ErrorCode.INVALID_VALUE)]
    seconds: Integer[Annotated[int, Field(ge=MIN_LIFETIME_S, le=MAX_LIFETIME_S)]]


def _parse_file(value: Value) -> Upload:
    if not isinstance(value, Upload):
        raise wrong_type("file", "a file", value)
    return value


class CreateFile(LenientRequestSchema):
    """An upload."""

    file: Annotated[
        Upload,
        PlainValidator(_parse_file),
        WithJsonSchema({"type": "string", "format": "binary"}),
        Remedy("Send the file as a part of multipart/form-data with a filename."),
    ] = Field(description="A JPEG, PNG or WebP picture, or an MP4 clip.")
    purpose: Annotated[
        Purpose,
        WrongAs(ErrorCode.INVALID_VALUE),
        Remedy("For pictures and clips: 'vision' or 'user_data'."),
    ] = Field(description="Any of these; nothing depends on it.")
    expires_after: ExpiresAfter | None = Field(
        default=None, description="As `expires_after[anchor]` and `expires_after[seconds]`."
    )


class FileObject(OpenAISchema):
    """An uploaded file."""

    id: str = Field(examples=["file-0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"])
    object: Literal["file"]
    bytes: int
    created_at: int = Field(description="Unix seconds.")
    expires_at: int | None
    filename: str
    purpose: Purpose
    status: Literal["processed"]
    status_details: None


class FileList(OpenAISchema):
    """A page of files."""

    object: Literal["list"]
    data: list[FileObject]
    first_id: str | None
    last_id: str | None = Field(description="Ask for the next page with `after` set to it.")
    has_more: bool


class FileDeleted(OpenAISchema):
    """The file is gone."""

    id: str
    object: Literal["file"]
    deleted: Literal[True]
