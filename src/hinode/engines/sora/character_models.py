"""Responses about cameos in progress, characters, and their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hinode.engines.sora.account_models import UpstreamProfile
from hinode.engines.sora.json_reader import JsonReader, read_page

COMPLETED = "Completed"
FAILED = frozenset({"failed", "error"})


@dataclass(frozen=True, slots=True)
class UpstreamCameoProgress:
    """The progress of a character's clip, and the server's proposals for it."""

    status: str
    message: str | None
    username_hint: str | None
    display_name_hint: str | None
    picture_url: str | None
    instructions: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Raises :class:`hinode.engines.sora.errors.SoraInvalidResponse`, as all parsers do.

        ``instruction_set`` may be an object where the hint is a text: it is not a hint then.
        """
        fields = JsonReader(value)
        return cls(
            fields.optional_text("status") or "",
            fields.optional_text("status_message"),
            fields.optional_text("username_hint"),
            fields.optional_text("display_name_hint"),
            fields.optional_text("profile_asset_url"),
            fields.optional_text("instruction_set_hint"),
        )

    @property
    def failed(self) -> bool:
        """Return whether it failed for good."""
        return self.status in FAILED

    @property
    def ready(self) -> bool:
        """Return whether it can be finalized: clients check for any of these signs."""
        told = self.status == "finalized" or self.message == COMPLETED
        return not self.failed and told and self.picture_url is not None


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A picture that was uploaded: the pointer that finalizing takes, the id that creates take."""

    asset_pointer: str
    file_id: str | None
    url: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse the response of ``/project_y/file/upload``."""
        fields = JsonReader(value)
        return cls(
            fields.text("asset_pointer", "file_id"),
            fields.optional_text("file_id"),
            fields.optional_text("url"),
        )


@dataclass(frozen=True, slots=True)
class UpstreamCharacterPage:
    """Characters of one user."""

    items: tuple[UpstreamProfile, ...]
    cursor: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse the response of ``/project_y/profile/{user_id}/characters``."""
        items, cursor = read_page(value)
        return cls(tuple(UpstreamProfile.read(one) for one in items), cursor)


@dataclass(frozen=True, slots=True)
class UpstreamMention:
    """A user or character that a prompt may mention; ``token`` is the web page's notation."""

    token: str
    profile: UpstreamProfile

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse one of ``/project_y/profile/search_mentions``."""
        return cls(fields.text("token"), UpstreamProfile.read(fields.object("profile")))
