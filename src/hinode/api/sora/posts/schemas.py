"""The shapes of posts, feeds and profiles as documentation: the OpenAPI page is made from them.

Answers are written by hand; a test holds these shapes against what really goes over the wire.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from hinode.api.sora.characters.schemas import CharacterProfile
from hinode.api.sora.drafts.schemas import DownloadUrls, EncodingsObject, PostSummary
from hinode.api.sora.schemas import SoraSchema


class AttachmentCreate(BaseModel):
    """Which video is to be published."""

    generation_id: str
    kind: Literal["sora"] = "sora"


class PublishRequest(BaseModel):
    """What to publish."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "attachments_to_create": [
                    {"generation_id": "gen_01k6x15t3m8q4w0c9v2r7e5abz", "kind": "sora"}
                ],
                "post_text": "",
            }
        }
    )

    attachments_to_create: list[AttachmentCreate] = Field(min_length=1, max_length=1)
    post_text: str = Field("", max_length=2_000)


class ProfileObject(SoraSchema):
    """A person."""

    user_id: str = Field(pattern="^user-[0-9a-f]{32}$")
    username: str | None
    display_name: str
    profile_picture_url: None
    permalink: None
    verified: Literal[False]
    follower_count: int
    can_cameo: Literal[False] = Field(description="Only characters are put into videos.")
    owner_profile: None


class UserOrCharacterProfile(RootModel[ProfileObject | CharacterProfile]):
    """A person or a character."""


class MentionObject(SoraSchema):
    """Somebody whom a prompt may call."""

    token: str = Field(description="`<@ch_…>` calls a character in a prompt.")
    profile: ProfileObject | CharacterProfile


class MentionList(SoraSchema):
    """Who was found, in alphabetical order."""

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


class PostResponse(SoraSchema):
    """A post and its author."""

    post: PostItem
    profile: ProfileObject


class FeedPageObject(SoraSchema):
    """A page of a feed; no ``cursor``: it is the last."""

    items: list[PostResponse]
    cursor: str | None


class PostDeleted(SoraSchema):
    """The answer to a delete."""

    success: Literal[True]
