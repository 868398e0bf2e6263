"""The verbs of posts: published, looked at, listed and taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import profiles
from hinode.core.accounts.types import Profile
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller
from hinode.core.drafts import service as drafts
from hinode.core.drafts.types import Draft, Place
from hinode.core.posts import repository, service
from hinode.core.posts.types import Post, Rank
from hinode.kit.clock import Clock
from hinode.media.types import ArtifactRole

if TYPE_CHECKING:
    from hinode.db.database import Database

TOP_AGE = timedelta(days=7)
"""How long a post can be in the top feed."""


@dataclass(frozen=True, slots=True)
class Published:
    """A post, its video with the file that is shown to everybody, and its author."""

    post: Post
    video: Draft
    film: Asset
    author: Profile


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
    """What may be done with posts. All methods raise :class:`HinodeError`."""

    db: Database
    clock: Clock

    def publish(self, caller: Caller, place: Place, text: str) -> Published:
        """Publish a finished video of the caller's; one that is published stays the same post."""
        with self.db.write() as conn:
            post = service.publish(conn, caller, place, text, self.clock.now())
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

    def posts_of(self, videos: Collection[Draft]) -> dict[Place, Post]:
        """Return what those of these videos that are published are published as."""
        files = {film.id for one in videos if (film := one.file(ArtifactRole.VIDEO)) is not None}
        if not files:
            return {}
        with self.db.read() as conn:
            found = repository.of_files(conn, files)
        return {Place(post.job_id, post.output): post for post in found}

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
        """Add videos and authors; leave out what is due to go, swept or not."""
        places = [Place(post.job_id, post.output) for post in posts]
        videos = {one.place: one for one in drafts.of_places(conn, places, self.clock.now())}
        people = profiles.find_many(conn, list({post.account_id for post in posts}))
        return [
            Published(post, video, video.shown, people[post.account_id])
            for post, place in zip(posts, places, strict=True)
            if (video := videos.get(place)) is not None and video.shown is not None
        ]
