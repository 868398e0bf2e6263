"""The shapes of remixes, edits, extensions and characters as documentation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from hinode.api.openai.schemas import OpenAISchema

_FILE = Field(json_schema_extra={"type": "string", "format": "binary"})
_PROMPT = Field(min_length=1, max_length=32_000, examples=["Add a small dog"])


class ActionOptions(BaseModel):
    """What all of them have. Fields that are not listed are accepted and ignored."""

    prompt: str = _PROMPT
    model: str | None = Field(
        default=None,
        description="That of the video unless another is asked for; required with a file.",
    )
    size: str | None = Field(default=None, description="That of the video unless given.")
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1, description="Ours: repeatability.")
    n: int = Field(default=1, ge=1, le=4, description="Ours: outputs of one job.")
    watermark: bool = Field(default=False, description="Ours: draw a visible mark.")


class RemixVideo(ActionOptions):
    """A request for a remix."""

    seconds: str | int | None = Field(default=None, description="That of the video unless given.")


class VideoId(OpenAISchema):
    """One of your completed videos."""

    id: str = Field(examples=["video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"])


class EditVideoJson(RemixVideo):
    """A request for an edit as JSON."""

    video: VideoId


class EditVideoForm(RemixVideo):
    """A request for an edit as a form."""

    video: Annotated[str, _FILE] = Field(
        description="An MP4, MOV, WebM or Matroska file; or `video[id]`, the id of a video."
    )


class ExtendVideoJson(ActionOptions):
    """A request for an extension as JSON."""

    video: VideoId
    seconds: str | int = Field(description="Length of the new part.", examples=["8"])


class ExtendVideoForm(ActionOptions):
    """A request for an extension as a form."""

    video: Annotated[str, _FILE] = Field(
        description="An MP4, MOV, WebM or Matroska file; or `video[id]`, the id of a video."
    )
    seconds: str | int = Field(description="Length of the new part.", examples=["8"])


class CreateCharacter(BaseModel):
    """A request for a character."""

    name: str = Field(min_length=1, max_length=80, examples=["Mossy"])
    video: Annotated[str, _FILE] = Field(description="A clip that shows the character.")


class Character(OpenAISchema):
    """Somebody who can appear in videos."""

    id: str = Field(examples=["char_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"])
    name: str
    created_at: int = Field(description="Unix seconds.")
    object: Literal["character"]
