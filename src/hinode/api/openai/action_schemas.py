"""Schemas of the character routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from hinode.api.openai.schemas import OpenAISchema
from hinode.api.parsing import Flag, LenientRequestSchema, Remedy
from hinode.api.values import Upload, Value, wrong_type
from hinode.core.characters.validation import MAX_NAME_LENGTH
from hinode.kit.spool import Spooled


def _parse_clip(value: Value) -> Spooled:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Upload):
        raise wrong_type("video", "a file", value)
    return value.content


class CreateCharacter(LenientRequestSchema):
    """Parameters of a new character."""

    name: Annotated[str, Remedy("Prompts refer to the character by it.")] = Field(
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        description="Name of the character, which prompts refer to.",
        examples=["Mossy"],
    )
    video: Annotated[
        Spooled,
        PlainValidator(_parse_clip),
        WithJsonSchema({"type": "string", "format": "binary"}),
        Remedy("Send a short clip that shows the character, as a file."),
    ] = Field(description="A short video file that shows the character.")
    consent: Flag = Field(
        default=False,
        description="Extension: the person shown agrees; some servers ask for it.",
    )


class CharacterObject(OpenAISchema):
    """A character that can appear in videos."""

    id: str = Field(
        description="Id of the character.", examples=["char_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"]
    )
    name: str = Field(description="Name of the character.")
    created_at: int = Field(description="Time of creation in Unix seconds.")
    object: Literal["character"] = Field(description="Always `character`.")
