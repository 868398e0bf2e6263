"""Types of posts, which are published videos, and of feeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hinode.core.accounts.types import Profile
from hinode.core.assets.types import Asset
from hinode.core.drafts.types import Draft
from hinode.core.jobs.requests import JobSource
from hinode.core.jobs.types import Job

MAX_TEXT_LENGTH = 2_000
"""Maximum length of a post's text in characters; common clients truncate it there."""


@dataclass(frozen=True, slots=True)
class Post:
    """A published output of a video job; it is deleted with its file.

    ``output`` is counted from 0; ``asset_id`` is the stored file. ``views`` counts requests of the
    share page, ``remixes`` the videos that were created from the post.
    """

    id: UUID
    account_id: UUID
    job_id: UUID
    output: int
    asset_id: UUID
    text: str
    views: int
    remixes: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Rank:
    """The rank of a post in the top feed, which is also its cursor: by score, then newest first."""

    score: int
    id: UUID


@dataclass(frozen=True, slots=True)
class PublishedVideo:
    """A post, its video, the file that is shown to all, and the profile of the author."""

    post: Post
    video: Draft
    file: Asset
    author: Profile


@dataclass(frozen=True, slots=True)
class PostFeed:
    """A page of posts; ``after`` is the cursor of the next page, None on the last."""

    posts: list[PublishedVideo]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class TopFeed:
    """A page of the top feed; ``after`` is the cursor of the next page, None on the last."""

    posts: list[PublishedVideo]
    after: Rank | None


@dataclass(frozen=True, slots=True)
class RemixSource:
    """A video from which a job starts, and the job that rendered it."""

    source: JobSource
    job: Job
