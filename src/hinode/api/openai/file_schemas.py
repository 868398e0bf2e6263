"""The shapes of the file routes as documentation; see :mod:`hinode.api.openai.schemas`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from hinode.api.openai.schemas import OpenAISchema

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]


class ExpiresAfter(BaseModel):
    """How long a file is kept."""

    anchor: Literal["created_at"]
    seconds: int = Field(ge=3_600, le=2_592_000)


class CreateFile(BaseModel):
    """An upload."""

    file: str = Field(
        description="A JPEG, PNG or WebP picture, or an MP4 clip.",
        json_schema_extra={"type": "string", "format": "binary"},
    )
    purpose: Purpose = Field(description="Any of these; nothing depends on it.")
    expires_after: ExpiresAfter | None = Field(
        default=None, description="As `expires_after[anchor]` and `expires_after[seconds]`."
    )


class File(OpenAISchema):
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
    data: list[File]
    first_id: str | None
    last_id: str | None = Field(description="Ask for the next page with `after` set to it.")
    has_more: bool


class FileDeleted(OpenAISchema):
    """The file is gone."""

    id: str
    object: Literal["file"]
    deleted: Literal[True]
