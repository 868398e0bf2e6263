"""Types of characters, which can appear in videos, and of cameos, the clips that show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from hinode.core.accounts.types import Profile


class Visibility(StrEnum):
    """The accounts that may use a character in videos: its owner's, or all."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Character:
    """A character of an account; ``key`` is the storage key of its square image.

    Prompts mention it by ``@username``, or by its ``name`` if it has no username. ``instructions``
    describe its behaviour, ``safety_instructions`` what it must not be shown doing; both are free
    text. ``cameo_id`` is the cameo from which it was made, None for a character from a clip.
    With ``consent`` the uploader of the clip stated that the person shown agrees.
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
    consent: bool = False


@dataclass(frozen=True, slots=True)
class VisibleCharacters:
    """Characters of one account that a caller may see; ``own``: the account is the caller's."""

    characters: list[Character]
    owner: Profile | None
    own: bool
    has_more: bool = False


class CameoState(StrEnum):
    """The state of a cameo; the only transitions are from processing to ready or failed."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Range:
    """A time range of a clip in seconds."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class CharacterHints:
    """Suggested names and instructions for a new character."""

    display_name: str
    username: str
    instructions: str


@dataclass(frozen=True, slots=True)
class Cameo:
    """A clip from which the image of a character is extracted.

    ``clip_key`` is the storage key of the clip, None after processing; ``image_key`` that of the
    image, None before; ``reason`` the reason of a failure. ``attempts`` counts the attempts of
    workers to process it. ``consent`` is that of a character.
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
    consent: bool = False


@dataclass(frozen=True, slots=True)
class CharacterCreate:
    """The data of a new character; ``image`` is a file (WebP), None: the cameo's."""

    cameo_id: UUID
    username: str
    name: str
    image: Path | None = None
    instructions: str | None = None
    safety_instructions: str | None = None


@dataclass(frozen=True, slots=True)
class CharacterChanges:
    """Fields to update; None leaves a field unchanged. ``image`` is a file (WebP)."""

    username: str | None = None
    name: str | None = None
    image: Path | None = None
    visibility: Visibility | None = None
    instructions: str | None = None
    safety_instructions: str | None = None
