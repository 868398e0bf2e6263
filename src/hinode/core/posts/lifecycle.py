"""Publish videos as posts; view, list, remix and unpublish posts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import profiles
from hinode.core.assets import repository as assets
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller
from hinode.core.drafts.queries import drafts_at
from hinode.core.drafts.types import Draft, OutputPosition
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import repository as jobs
from hinode.core.jobs.requests import JobSource
from hinode.core.jobs.types import Job, JobState
from hinode.core.posts import repository
from hinode.core.posts.types import (
    MAX_TEXT_LENGTH,
    Post,
    PostFeed,
    PublishedVideo,
    Rank,
    RemixSource,
    TopFeed,
)
from hinode.core.text_checks import check_storable
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.types import ArtifactRole, JobAction, MediaKind

if TYPE_CHECKING:
    from hinode.db.database import Database

MAX_TOP_AGE = timedelta(days=7)
"""Maximum age of a post in the top feed."""


@dataclass(frozen=True, slots=True)
class PostService:
    """Posts of all accounts; all methods raise :class:`HinodeError`."""

    db: Database
    clock: Clock

    def publish(self, caller: Caller, place: OutputPosition, text: str) -> PublishedVideo:
        """Publish a completed video of the caller; return its post if it is published already."""
        with self.db.write() as conn:
            job = _own_video(conn, caller, place)
            file = _file(conn, job, place.output, self.clock.now())
            post = Post(
                id=new_id(),
                account_id=caller.account_id,
                job_id=job.id,
                output=place.output,
                asset_id=file.id,
                text=check_text(text),
                views=0,
                remixes=0,
                created_at=self.clock.now(),
            )
            return self._one(conn, repository.insert(conn, post))

    def get(self, post_id: UUID) -> PublishedVideo:
        """Return a post of any account."""
        with self.db.read() as conn:
            return self._one(conn, _get(conn, post_id))

    def view(self, post_id: UUID) -> PublishedVideo:
        """Return a post of any account, and count a view."""
        found = self.get(post_id)
        with self.db.write() as conn:
            repository.count_view(conn, post_id)
        return found

    def posts_of(self, videos: Collection[Draft]) -> dict[OutputPosition, Post]:
        """Return the posts of the published ones among the videos, by output."""
        files = {file.id for one in videos if (file := one.file(ArtifactRole.VIDEO)) is not None}
        if not files:
            return {}
        with self.db.read() as conn:
            found = repository.of_files(conn, files)
        return {OutputPosition(post.job_id, post.output): post for post in found}

    def unpublish(self, caller: Caller, post_id: UUID) -> None:
        """Delete a post of the caller; its video stays a draft."""
        with self.db.write() as conn:
            if not repository.delete_own(conn, caller.account_id, post_id):
                raise not_found()

    def newest(self, account_id: UUID | None, limit: int, after: UUID | None) -> PostFeed:
        """Return a page of an account's posts, newest first; None: of all accounts."""
        with self.db.read() as conn:
            found = repository.newest(conn, account_id, limit + 1, after)
            page = found[:limit]
            more = page[-1].id if len(found) > limit else None
            return PostFeed(self._visible(conn, page), more)

    def top(self, limit: int, after: Rank | None) -> TopFeed:
        """Return a page of the most viewed and remixed posts of the last 7 days."""
        since = self.clock.now() - MAX_TOP_AGE
        with self.db.read() as conn:
            found = repository.top(conn, since, limit + 1, after)
            page = found[:limit]
            more = page[-1][0] if len(found) > limit else None
            return TopFeed(self._visible(conn, [post for _, post in page]), more)

    def remix_source(self, caller: Caller, post_id: UUID) -> RemixSource:
        """Return the video of a post as the source of a remix; every account may remix it."""
        with self.db.read() as conn:
            post = _get(conn, post_id)
            job = jobs.find(conn, post.job_id)
        if job is None:
            raise not_found()
        owner = None if post.account_id == caller.account_id else post.account_id
        return RemixSource(JobSource(JobAction.REMIX, job.id, post.output, owner, post.id), job)

    def job_source(self, caller: Caller, action: JobAction, place: OutputPosition) -> RemixSource:
        """Return an output of the caller's job as a source; the create checks its state."""
        with self.db.read() as conn:
            job = jobs.find_own(conn, caller.account_id, place.job_id)
        if job is None:
            raise HinodeError(ErrorCode.JOB_NOT_FOUND, "There is no such video.", param="id")
        return RemixSource(JobSource(action, job.id, place.output), job)

    def count_remix(self, source: JobSource) -> None:
        """Count a remix of the post of a source; do nothing if the post was deleted."""
        if source.post is not None:
            with self.db.write() as conn:
                repository.count_remix(conn, source.post)

    def _one(self, conn: sa.Connection, post: Post) -> PublishedVideo:
        visible = self._visible(conn, [post])
        if not visible:
            raise not_found()
        return visible[0]

    def _visible(self, conn: sa.Connection, posts: Sequence[Post]) -> list[PublishedVideo]:
        """Return posts with videos and authors; posts with expired files are left out."""
        places = [OutputPosition(post.job_id, post.output) for post in posts]
        videos = {one.place: one for one in drafts_at(conn, places, self.clock.now())}
        authors = profiles.find_many(conn, list({post.account_id for post in posts}))
        return [
            PublishedVideo(post, video, video.shown, authors[post.account_id])
            for post, place in zip(posts, places, strict=True)
            if (video := videos.get(place)) is not None and video.shown is not None
        ]


def check_text(text: str) -> str:
    """Return a post's text unchanged; it may be empty.

    Raises :class:`HinodeError` when it is too long or cannot be stored.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'post_text' has {len(text)} characters; the maximum is {MAX_TEXT_LENGTH}.",
            param="post_text",
        )
    check_storable(text, "post_text")
    return text


def not_found() -> HinodeError:
    """Return the error for a post that does not exist."""
    return HinodeError(ErrorCode.POST_NOT_FOUND, "There is no such post.", param="post_id")


def _get(conn: sa.Connection, post_id: UUID) -> Post:
    post = repository.find(conn, post_id)
    if post is None:
        raise not_found()
    return post


def _own_video(conn: sa.Connection, caller: Caller, place: OutputPosition) -> Job:
    job = jobs.find_own(conn, caller.account_id, place.job_id)
    if job is None or job.kind is not MediaKind.VIDEO or place.output >= job.plan.outputs:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND,
            "There is no such video in this account.",
            param="generation_id",
        )
    if job.state is JobState.COMPLETED:
        return job
    code = ErrorCode.JOB_FAILED if job.state.ended else ErrorCode.NOT_READY
    raise HinodeError(
        code,
        f"Only a completed video can be published; this one is {job.state.value}.",
        param="generation_id",
    )


def _file(conn: sa.Connection, job: Job, output: int, now: datetime) -> Asset:
    file = assets.find(conn, job.id, output, ArtifactRole.VIDEO)
    if file is None or (job.expires_at is not None and job.expires_at <= now):
        raise HinodeError(
            ErrorCode.EXPIRED,
            "The video's file has expired.",
            param="generation_id",
            hint="Render it again.",
        )
    return file
