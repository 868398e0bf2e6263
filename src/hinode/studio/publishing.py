"""The verbs of posts: published, looked at, listed and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.kit.clock import Clock
from hinode.studio.access.types import Caller
from hinode.studio.assets import repository as assets
from hinode.studio.assets.types import Asset
from hinode.studio.jobs import repository as jobs
from hinode.studio.jobs.types import Job
from hinode.studio.posts import repository, service
from hinode.studio.posts.types import Post, Rank

if TYPE_CHECKING:
    from hinode.db.database import Database

TOP_AGE = timedelta(days=7)
"""How long a post can be in the top feed."""


@dataclass(frozen=True, slots=True)
class Published:
    """A post with the job that made its video, and the files of that job."""

    post: Post
    job: Job
    files: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of posts; ``after`` is where the next one begins, None: this is the last."""

    posts: list[Published]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class TopFeed:
    """A page of the posts that were looked at most."""

    posts: list[Published]
    after: Rank | None


@dataclass(frozen=True, slots=True)
class Publishing:
    """What may be done with posts. All methods raise :class:`StudioError`."""

    db: Database
    clock: Clock

    def publish(self, caller: Caller, job_id: UUID, output: int, text: str) -> Published:
        """Publish a finished video of the caller's; one that is published stays the same post."""
        with self.db.write() as conn:
            post = service.publish(conn, caller, job_id, output, text, self.clock.now())
            return self._one(conn, post)

    def get(self, post_id: UUID) -> Published:
        """Return a post of anybody's."""
        with self.db.read() as conn:
            return self._one(conn, service.find(conn, post_id))

    def visit(self, post_id: UUID) -> Published:
        """Return a post as :meth:`get` does, and count that somebody looked at it."""
        found = self.get(post_id)
        with self.db.write() as conn:
            repository.count_view(conn, post_id)
        return found

    def take_back(self, caller: Caller, post_id: UUID) -> None:
        """Unpublish a post of the caller's; its video stays theirs."""
        with self.db.write() as conn:
            service.delete(conn, caller, post_id)

    def newest(self, account_id: UUID | None, limit: int, after: UUID | None) -> Feed:
        """Return a page of an account's posts, or of everybody's, newest first."""
        with self.db.read() as conn:
            found = repository.newest(conn, account_id, limit + 1, after)
            page = found[:limit]
            more = page[-1].id if len(found) > limit else None
            return Feed(self._visible(conn, page), more)

    def top(self, limit: int, after: Rank | None) -> TopFeed:
        """Return a page of the posts of the last days that were looked at and remixed most."""
        since = self.clock.now() - TOP_AGE
        with self.db.read() as conn:
            found = repository.top(conn, since, limit + 1, after)
            page = found[:limit]
            more = page[-1][0] if len(found) > limit else None
            return TopFeed(self._visible(conn, [post for _, post in page]), more)

    def _one(self, conn: sa.Connection, post: Post) -> Published:
        visible = self._visible(conn, [post])
        if not visible:
            raise service.unknown()
        return visible[0]

    def _visible(self, conn: sa.Connection, posts: Sequence[Post]) -> list[Published]:
        """Add jobs and files; leave out those whose files are due to go, swept or not."""
        ids = [post.job_id for post in posts]
        now = self.clock.now()
        alive = {
            job.id: job
            for job in jobs.find_many(conn, ids)
            if job.expires_at is None or job.expires_at > now
        }
        files = assets.of_jobs(conn, list(alive))
        return [
            Published(post, alive[post.job_id], tuple(files[post.job_id]))
            for post in posts
            if post.job_id in alive
        ]
