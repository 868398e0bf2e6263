"""What a server tells about posts and feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hinode.engines.sora.account_shapes import Profile
from hinode.engines.sora.fields import Fields, items_of
from hinode.engines.sora.job_shapes import Encodings


@dataclass(frozen=True, slots=True)
class Attachment:
    """A video in a post."""

    generation_id: str | None
    url: str | None
    downloadable_url: str | None
    encodings: Encodings

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises :class:`hinode.engines.sora.failures.BadAnswer`, as all readers here."""
        return cls(
            fields.maybe_text("generation_id", "id"),
            fields.maybe_text("url"),
            fields.maybe_text("downloadable_url"),
            Encodings.read(fields.maybe_object("encodings")),
        )


@dataclass(frozen=True, slots=True)
class Post:
    """A published video; ``permalink`` is its page for everyone."""

    id: str
    permalink: str | None
    text: str | None
    attachments: tuple[Attachment, ...]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read a post object."""
        return cls(
            fields.text("id", "post_id"),
            fields.maybe_text("permalink"),
            fields.maybe_text("text"),
            tuple(Attachment.read(one) for one in fields.objects("attachments")),
        )

    @classmethod
    def read_wrapped(cls, value: object) -> Self:
        """Read an answer that holds a post; some servers answer the post itself."""
        fields = Fields(value)
        return cls.read(fields.maybe_object("post") or fields)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A post and who made it."""

    post: Post
    profile: Profile | None

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read one item of a feed."""
        profile = fields.maybe_object("profile")
        return cls(Post.read(fields.object("post")), Profile.read(profile) if profile else None)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Posts of a feed; ``cursor`` asks for more."""

    items: tuple[FeedItem, ...]
    cursor: str | None

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a page of a feed."""
        items, cursor = items_of(value)
        return cls(tuple(FeedItem.read(one) for one in items), cursor)
