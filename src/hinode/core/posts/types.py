"""Posts: videos that their owners have published, and the pages of feeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

LONGEST_TEXT = 2_000
"""Characters of a post's text, as widespread clients cut it."""


@dataclass(frozen=True, slots=True)
class Post:
    """A published output of a video job; it lives as long as the file does.

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
