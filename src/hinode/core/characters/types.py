"""Characters: somebody who can appear in videos, by name and picture; and cameos, their making."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Visibility(StrEnum):
    """Who may put a character into videos: its owner, or everyone."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody of an account; ``key`` is the storage key of a square picture of them.

    ``username`` is what ``@`` calls them by; None: their ``name`` does. ``instructions`` say how
    they behave, ``safety_instructions`` what they are not to be shown doing; both are free text.
    ``cameo_id`` is the cameo that they were made from, if they were.
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
class CharacterPage:
    """One page of a list of characters."""

    characters: list[Character]
    has_more: bool


class CameoState(StrEnum):
    """How far a cameo is; it moves once, from processing to one of the others."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a clip: from and to, in seconds, the start first."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Hints:
    """What a new character could be called, and how it could be described."""

    display_name: str
    username: str
    instructions: str


@dataclass(frozen=True, slots=True)
class Cameo:
    """A clip of somebody, on its way to a character.

    ``clip_key`` is the storage key of the clip while it is needed, ``portrait_key`` that of the
    picture once there is one, ``reason`` why there is none. ``starts`` counts how often workers
    have begun with it.
    """

    id: UUID
    account_id: UUID
    state: CameoState
    clip_key: str | None
    range: Range
    starts: int
    portrait_key: str | None
    reason: str | None
    hints: Hints
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewCharacter:
    """What a cameo is to become. ``picture`` is an uploaded file's id; None: the cameo's own."""

    cameo_id: UUID
    username: str
    name: str
    picture: UUID | None = None
    instructions: str | None = None
    safety_instructions: str | None = None


@dataclass(frozen=True, slots=True)
class CharacterChange:
    """What is to change of a character; None leaves it as it is."""

    username: str | None = None
    name: str | None = None
    picture: UUID | None = None
    visibility: Visibility | None = None
    instructions: str | None = None
    safety_instructions: str | None = None
