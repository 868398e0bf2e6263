"""Responses about posts and feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hinode.engines.sora.account_models import UpstreamProfile
from hinode.engines.sora.job_models import UpstreamEncodings
from hinode.engines.sora.json_reader import JsonReader, read_page


@dataclass(frozen=True, slots=True)
class UpstreamAttachment:
    """A video in a post."""

    generation_id: str | None
    url: str | None
    downloadable_url: str | None
    encodings: UpstreamEncodings

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Raises :class:`hinode.engines.sora.errors.SoraInvalidResponse`, as all parsers do."""
        return cls(
            fields.optional_text("generation_id", "id"),
            fields.optional_text("url"),
            fields.optional_text("downloadable_url"),
            UpstreamEncodings.read(fields.optional_object("encodings")),
        )


@dataclass(frozen=True, slots=True)
class UpstreamPost:
    """A published video; ``permalink`` is its page for everyone."""

    id: str
    permalink: str | None
    text: str | None
    attachments: tuple[UpstreamAttachment, ...]

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse a post object."""
        return cls(
            fields.text("id", "post_id"),
            fields.optional_text("permalink"),
            fields.optional_text("text"),
            tuple(UpstreamAttachment.read(one) for one in fields.objects("attachments")),
        )

    @classmethod
    def read_wrapped(cls, value: object) -> Self:
        """Parse a response that has a post; some servers send the post itself."""
        fields = JsonReader(value)
        return cls.read(fields.optional_object("post") or fields)


@dataclass(frozen=True, slots=True)
class UpstreamFeedItem:
    """A post and who made it."""

    post: UpstreamPost
    profile: UpstreamProfile | None

    @classmethod
    def read(cls, fields: JsonReader) -> Self:
        """Parse one item of a feed."""
        profile = fields.optional_object("profile")
        return cls(
            UpstreamPost.read(fields.object("post")),
            UpstreamProfile.read(profile) if profile else None,
        )


@dataclass(frozen=True, slots=True)
class UpstreamFeedPage:
    """Posts of a feed; ``cursor`` requests more."""

    items: tuple[UpstreamFeedItem, ...]
    cursor: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Parse a page of a feed."""
        items, cursor = read_page(value)
        return cls(tuple(UpstreamFeedItem.read(one) for one in items), cursor)
