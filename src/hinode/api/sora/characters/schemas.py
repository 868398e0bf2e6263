"""Schemas of characters and cameos: requests are parsed, answers documented by them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema
from pydantic_core import PydanticCustomError

from hinode.api.parsing import Flag, Nullable, Remedy, RequestSchema, Required
from hinode.api.sora.ids import parse_asset_pointer, parse_character_id
from hinode.api.sora.schemas import PageLimit, SoraSchema, invalid_value
from hinode.api.values import Upload, Value
from hinode.core.characters.types import CharacterChanges, Range, Visibility
from hinode.core.errors import ErrorCode, HinodeError


def _numbers(value: Value) -> Value:
    """Convert ``"0,3"`` or ``["0", 3]`` to numbers."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) != 2 or any(isinstance(p, bool) for p in parts):
        raise _invalid_range()
    try:
        return [float(one) for one in parts]  # type: ignore[arg-type]  # refused just below
    except (TypeError, ValueError, OverflowError):
        raise _invalid_range() from None


def _invalid_range() -> HinodeError:
    return invalid_value(
        "timestamps", "'timestamps' are two numbers of seconds, a start and an end, like 0,3."
    )


_TwoNumbers = Annotated[
    list[float], BeforeValidator(_numbers, json_schema_input_type=str | list[float])
]
Timestamps = Annotated[
    Required[
        Annotated[list[float], BeforeValidator(_numbers, json_schema_input_type=str | list[float])]
    ],
    Remedy("Send the seconds that show the character, like 0,3."),
    Field(description="The start and the end in seconds, like `0,3` or `[0, 3]`."),
]


def _instructions(value: Value) -> Value:
    """Convert the object with a list of texts that the app sends to one text."""
    items = value.get("value") if isinstance(value, dict) else value
    if items is None or isinstance(items, str):
        return items
    if not isinstance(items, list):
        raise PydanticCustomError("string_type", "neither text nor a list of texts")
    texts = [item.get("value") if isinstance(item, dict) else item for item in items]
    if not all(isinstance(text, str) for text in texts):
        raise PydanticCustomError("string_type", "neither text nor a list of texts")
    return "\n".join(map(str, texts))


Instructions = Annotated[
    str | None,
    BeforeValidator(_instructions, json_schema_input_type=str | dict[str, object] | None),
]


class ChosenRange(RequestSchema):
    """The part of a video that shows the character."""

    timestamps: Timestamps

    @property
    def range(self) -> Range:
        """The part as the core has it."""
        return Range(*self.timestamps)


class CameoUpload(ChosenRange):
    """A clip that shows the character."""

    file: Annotated[
        Required[InstanceOf[Upload]],
        Remedy("Send an MP4 clip that shows the character, as a file."),
        WithJsonSchema({"type": "string", "format": "binary"}),
    ]
    consent: Flag = Field(
        default=False,
        description="Extension: the person shown agrees; some servers ask for it.",
    )


class CameoFromGeneration(ChosenRange):
    """A video of the account's own that shows the character."""

    generation_id: Annotated[Required[str], Remedy("It is the id of a draft.")] = Field(
        description="Id of the draft, `gen_…`."
    )


class CharacterFields(RequestSchema):
    """The fields of a character that a client may set."""

    display_name: Nullable[str] = Field(default=None, description="Display name.")
    profile_asset_pointer: Nullable[str] = Field(
        default=None, description="Image of the character: the `asset_pointer` of an upload."
    )
    instruction_set: Instructions = Field(
        default=None, description="Description of the character's behaviour, free text."
    )
    safety_instruction_set: Instructions = Field(
        default=None, description="What the character must not be shown doing, free text."
    )

    @property
    def image(self) -> UUID | None:
        """The uploaded file of the image. Raises :class:`HinodeError`."""
        if self.profile_asset_pointer is None:
            return None
        file_id = parse_asset_pointer(self.profile_asset_pointer)
        if file_id is None:
            raise HinodeError(
                ErrorCode.FILE_NOT_FOUND,
                "There is no such file in this account.",
                param="profile_asset_pointer",
                hint="Send the asset_pointer of an upload; without one the image stays.",
            )
        return file_id


class FinalizeCameo(CharacterFields):
    """The character that a cameo becomes."""

    cameo_id: Annotated[Required[str], Remedy("It is the answer to the upload of the clip.")]
    username: Annotated[Required[str], Remedy("Prompts mention the character by it, after an @.")]


class CharacterUpdate(CharacterFields):
    """Fields to update; absent and null fields are unchanged."""

    username: Nullable[str] = None
    visibility: Nullable[Literal["public", "private"]] = None

    @property
    def change(self) -> CharacterChanges:
        """The update as the core has it, less its image."""
        return CharacterChanges(
            username=self.username,
            name=self.display_name,
            visibility=Visibility(self.visibility) if self.visibility else None,
            instructions=self.instruction_set,
            safety_instructions=self.safety_instruction_set,
        )


class CharacterQuery(RequestSchema):
    """A page of characters."""

    limit: PageLimit = 20
    cursor: Nullable[str] = Field(
        default=None, description="`cursor` of the previous page; omit it for the first page."
    )

    @property
    def before(self) -> UUID | None:
        """The last character of the previous page. Raises :class:`HinodeError`."""
        before = parse_character_id(self.cursor) if self.cursor else None
        if self.cursor and before is None:
            raise invalid_value("cursor", "'cursor' must be the 'cursor' of the previous page.")
        return before


class CameoCreated(SoraSchema):
    """The cameo of a clip; poll it until it is done."""

    id: str = Field(description="`cameo_` and 32 hexadecimal digits.")


class CameoProgressObject(SoraSchema):
    """The state of a cameo."""

    id: str = Field(description="Id of the cameo, `cameo_…`.")
    status: Literal["processing", "finalized", "failed"] = Field(
        description="State; `finalized` when a character can be created from it."
    )
    status_message: str = Field(
        description="`Completed` when it is done, the reason when it failed."
    )
    profile_asset_url: str | None = Field(
        description="Signed URL of a square WebP image, valid for a day; null until it is done."
    )
    display_name_hint: str = Field(description="Suggested display name.")
    username_hint: str = Field(description="Suggested username.")
    instruction_set_hint: str = Field(description="Suggested instructions.")
    created_at: float = Field(description="Time of creation in Unix seconds.")


class InstructionText(SoraSchema):
    """One text of an instruction set."""

    type: Literal["text"]
    value: str


class InstructionSet(SoraSchema):
    """The instructions of a character, as a list of texts."""

    value: list[InstructionText]


class CharacterOwner(SoraSchema):
    """The owner of a character."""

    user_id: str
    username: str | None
    display_name: str | None


class CharacterProfile(SoraSchema):
    """A character; only its owner sees instructions and the cameo's id."""

    character_id: str = Field(description="`ch_` and 32 hexadecimal digits.")
    user_id: str = Field(description="The same id: characters are listed like people.")
    username: str | None = Field(description="Null for characters made by the OpenAI dialect.")
    display_name: str
    profile_picture_url: str
    permalink: None
    verified: Literal[False]
    follower_count: int
    can_cameo: bool = Field(description="True if the caller may use the character in videos.")
    visibility: Literal["public", "private"]
    owner_profile: CharacterOwner
    cameo_id: str | None
    instruction_set: InstructionSet | None
    safety_instruction_set: InstructionSet | None
    created_at: float


class CharacterCreated(SoraSchema):
    """The character that a cameo became."""

    character: CharacterProfile


class CharacterList(SoraSchema):
    """A page of characters, newest first."""

    items: list[CharacterProfile] = Field(description="The characters of the page.")
    cursor: str | None = Field(description="`cursor` of the next page; null on the last.")


class CharacterDeleted(SoraSchema):
    """Confirmation of a deletion."""

    success: Literal[True] = Field(description="Always true.")
