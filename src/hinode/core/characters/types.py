"""Characters, who can appear in videos, and cameos, the clips that they are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hinode.core.accounts.types import Profile


class Visibility(StrEnum):
    """The accounts that may put a character into videos: its owner's, or all."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Character:
    """A character of an account; ``key`` is the storage key of a square image of it.

    Prompts mention it by ``@username``, or by its ``name`` while it has none. ``instructions`` say
    how it behaves, ``safety_instructions`` what it must not be shown doing; both are free text.
    ``cameo_id`` is the cameo that it was made from, if any.
    """

    id: UUID
    account_id: UUID
    name: str
    key: str
    created_at: datetime
    visibility: Visibility = Visibility.PRIVATE
    instructions: str | None = None
    safety_instructions: str | None = None
    cameo_id: UUID | None = None
    username: str | None = None


@dataclass(frozen=True, slots=True)
class VisibleCharacters:
    """Characters of one account that a caller may see; ``own``: the account is the caller's."""

    characters: list[Character]
    owner: Profile | None
    own: bool
    has_more: bool = False


class CameoState(StrEnum):
    """The state of a cameo; it changes once, from processing to one of the others."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a clip, in seconds."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class CharacterHints:
    """Suggestions for a new character."""

    display_name: str
    username: str
    instructions: str


@dataclass(frozen=True, slots=True)
class Cameo:
    """A clip that becomes the image of a character.

    ``clip_key`` is the storage key of the clip while it is needed, ``image_key`` that of the image
    once it is made, ``reason`` why it could not be made. ``attempts`` counts how often a worker
    began to process it.
    """

    id: UUID
    account_id: UUID
    state: CameoState
    clip_key: str | None
    range: Range
    attempts: int
    image_key: str | None
    reason: str | None
    hints: CharacterHints
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CharacterCreate:
    """A character to make. ``image`` is the id of an uploaded file; None: the cameo's image."""

    cameo_id: UUID
    username: str
    name: str
    image: UUID | None = None
    instructions: str | None = None
    safety_instructions: str | None = None


@dataclass(frozen=True, slots=True)
class CharacterChanges:
    """Fields to update; None leaves a field unchanged."""

    username: str | None = None
    name: str | None = None
    image: UUID | None = None
    visibility: Visibility | None = None
    instructions: str | None = None
    safety_instructions: str | None = None
