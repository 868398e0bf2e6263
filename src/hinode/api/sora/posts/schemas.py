"""Schemas of posts, feeds and profiles: requests are parsed, answers documented by them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, RootModel

from hinode.api.parsing import Defaulted, Nullable, Remedy, RequestSchema, Required
from hinode.api.sora.characters.schemas import CharacterProfile
from hinode.api.sora.drafts.schemas import DownloadUrls, EncodingsObject, PostSummary
from hinode.api.sora.ids import parse_post_id
from hinode.api.sora.schemas import PageLimit, SoraSchema, invalid_value
from hinode.core.posts.types import MAX_TEXT_LENGTH, Rank

_ATTACHMENT = Remedy("Send the 'generation_id' of a finished video of yours in it.")
_MAX_SCORE_DIGITS = 18


class AttachmentCreate(RequestSchema):
    """The video to publish."""

    generation_id: Annotated[Required[str], _ATTACHMENT]
    kind: Defaulted[Literal["sora"]] = "sora"


class PublishPost(RequestSchema):
    """A post to publish."""

    attachments_to_create: Annotated[
        Required[Annotated[list[AttachmentCreate], Field(min_length=1, max_length=1)]], _ATTACHMENT
    ]
    post_text: Defaulted[Annotated[str, Field(max_length=MAX_TEXT_LENGTH)]] = ""


class FeedQuery(RequestSchema):
    """A page of a feed, newest first."""

    limit: PageLimit = 8
    cursor: Nullable[str] = Field(
        default=None, description="`cursor` of the previous page; omit it for the first page."
    )

    @property
    def after(self) -> UUID | None:
        """The last post of the previous page. Raises :class:`HinodeError`."""
        after = parse_post_id(self.cursor) if self.cursor else None
        if self.cursor and after is None:
            raise _invalid_cursor()
        return after


class PublicFeedQuery(FeedQuery):
    """A page of the public feed: the newest posts, or the most viewed of the last days."""

    cut: Defaulted[Literal["nf2_latest", "nf2_top", "nf2"]] = Field(
        default="nf2_latest",
        description="`nf2_latest`: newest first; `nf2_top`: most viewed of the last days first; "
        "`nf2`: as `nf2_latest`.",
    )

    @property
    def after_rank(self) -> Rank | None:
        """The rank of the last post of the previous page. Raises :class:`HinodeError`."""
        if not self.cursor:
            return None
        score, _, name = self.cursor.partition(".")
        post_id = parse_post_id(name)
        is_score = score.isascii() and score.isdecimal() and len(score) <= _MAX_SCORE_DIGITS
        if post_id is None or not is_score:
            raise _invalid_cursor()
        return Rank(int(score), post_id)


class MentionQuery(RequestSchema):
    """A search for users whose usernames have a prefix."""

    username: Defaulted[str] = Field(
        default="", description="Prefix of the username, with or without `@`."
    )
    intent: Defaulted[Literal["users", "cameo"]] = Field(
        default="users",
        description="`users`: accounts; `cameo`: characters of the account and public ones.",
    )
    limit: PageLimit = 10


class ProfileObject(SoraSchema):
    """The profile of an account."""

    user_id: str = Field(pattern="^user-[0-9a-f]{32}$")
    username: str | None
    display_name: str
    profile_picture_url: None
    permalink: None
    verified: Literal[False]
    follower_count: int
    can_cameo: Literal[False] = Field(
        description="Always false: only characters can be used in videos."
    )
    owner_profile: None


class UserOrCharacterProfile(RootModel[ProfileObject | CharacterProfile]):
    """The profile of an account or a character."""


class MentionObject(SoraSchema):
    """A user that a prompt may mention."""

    token: str = Field(description="`<@ch_…>` mentions a character in a prompt.")
    profile: ProfileObject | CharacterProfile


class MentionList(SoraSchema):
    """The users found, in alphabetical order."""

    items: list[MentionObject]
    cursor: None


class ReferenceList(SoraSchema):
    """The references of an account: always none."""

    items: list[None] = Field(max_length=0)
    cursor: None


class PostAttachment(SoraSchema):
    """The video of a post; its links need no token."""

    id: str
    kind: Literal["sora"]
    generation_id: str
    task_id: str
    url: str
    downloadable_url: str
    download_urls: DownloadUrls
    width: int
    height: int
    n_frames: int
    prompt: str
    encodings: EncodingsObject


class PostItem(PostSummary):
    """A published video."""

    preview_image_url: str | None
    attachments: list[PostAttachment]


class PostAnswer(SoraSchema):
    """A post and its author."""

    post: PostItem
    profile: ProfileObject


class FeedPageObject(SoraSchema):
    """A page of a feed."""

    items: list[PostAnswer] = Field(description="The posts of the page.")
    cursor: str | None = Field(description="`cursor` of the next page; null on the last.")


class PostDeleted(SoraSchema):
    """Confirmation of a deletion."""

    success: Literal[True] = Field(description="Always true.")


def _invalid_cursor() -> Exception:
    return invalid_value(
        "cursor", "'cursor' must be the 'cursor' of the previous page of the same feed."
    )
