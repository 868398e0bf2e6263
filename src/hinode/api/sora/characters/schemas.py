"""The shapes of characters and cameos, as documentation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.api.sora.schemas import SoraSchema


class CameoCreated(SoraSchema):
    """A clip was taken in; ask for the cameo until it is done."""

    id: str = Field(description="`cameo_` and 32 hexadecimal digits.")


class CameoProgressObject(SoraSchema):
    """How far a cameo is."""

    id: str
    status: Literal["processing", "finalized", "failed"]
    status_message: str = Field(description="`Completed` when it is done; why, when it failed.")
    profile_asset_url: str | None = Field(
        description="A square WebP picture, without a key, for a day; null until it is done."
    )
    display_name_hint: str
    username_hint: str
    instruction_set_hint: str
    created_at: float


class InstructionText(SoraSchema):
    """One text of an instruction set."""

    type: Literal["text"]
    value: str


class InstructionSet(SoraSchema):
    """What a character is told, as a list of texts."""

    value: list[InstructionText]


class CharacterOwner(SoraSchema):
    """Whose character it is."""

    user_id: str
    username: str | None
    display_name: str | None


class CharacterProfile(SoraSchema):
    """A character. Instructions and the cameo's id are shown to its owner only."""

    character_id: str = Field(description="`ch_` and 32 hexadecimal digits.")
    user_id: str = Field(description="The same id: characters are listed like people.")
    username: str | None = Field(description="Null for characters made by the OpenAI dialect.")
    display_name: str
    profile_picture_url: str
    permalink: None
    verified: Literal[False]
    follower_count: int
    can_cameo: bool = Field(description="Whether the caller may put it into videos.")
    visibility: Literal["public", "private"]
    owner_profile: CharacterOwner
    cameo_id: str | None
    instruction_set: InstructionSet | None
    safety_instruction_set: InstructionSet | None
    created_at: float


class CharacterCreated(SoraSchema):
    """A cameo that has become a character."""

    character: CharacterProfile


class CharacterList(SoraSchema):
    """A page of characters, newest first."""

    items: list[CharacterProfile]
    cursor: str | None = Field(description="Ask with it for the next page; null on the last.")


class CharacterDeleted(SoraSchema):
    """A character was deleted."""

    success: Literal[True]
