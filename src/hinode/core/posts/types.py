"""Posts, which are published videos, and the pages of feeds."""

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
"""Characters of a post's text, as widespread clients cut it."""


@dataclass(frozen=True, slots=True)
class Post:
    """A published output of a video job; it exists as long as the file does.

    ``output`` is the video's place in its job, from 0; ``asset_id`` the stored file. ``views``
    counts openings of the share page, ``remixes`` the videos that were made from the post.
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
    """The place of a post in the top feed: the highest score first, then the newest."""

    score: int
    id: UUID


@dataclass(frozen=True, slots=True)
class PublishedVideo:
    """A post, its video, the file that everybody sees, and the author."""

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
    """A page of the most viewed posts; ``after`` is the cursor of the next page."""

    posts: list[PublishedVideo]
    after: Rank | None


@dataclass(frozen=True, slots=True)
class RemixSource:
    """A video to start from, and the job that made it."""

    source: JobSource
    job: Job
