"""What each route of posts asks of the studio: prove the caller, then one verb.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.posts.asked import Publication
from hinode.api.sora.posts.ids import known_post, post_id, rank_cursor
from hinode.api.sora.posts.queries import read_cursor, read_limit, read_top_cursor, wants_top
from hinode.kit.ids import unspell
from hinode.studio.access.types import Caller
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.membership import Membership
from hinode.studio.publishing import Feed, Published, Publishing

ME = "me"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a feed and the cursor of the next one."""

    posts: list[Published]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class PostVerbs:
    """The studio as this part uses it. All methods raise :class:`StudioError`."""

    publishing: Publishing
    members: Membership

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.members.caller(secret)

    def publish(self, caller: Caller, wanted: Publication) -> Published:
        """Publish a video."""
        return self.publishing.publish(caller, wanted.place, wanted.text)

    def retrieve(self, secret: str | None, name: str) -> Published:
        """Find a post of anybody's."""
        self.caller(secret)
        return self.publishing.get(known_post(name))

    def take_back(self, secret: str | None, name: str) -> None:
        """Unpublish a post of the caller's."""
        self.publishing.take_back(self.caller(secret), known_post(name))

    def of_profile(self, secret: str | None, who: str, query: Mapping[str, str]) -> Page:
        """List the posts of an account."""
        caller, limit, after = self.caller(secret), read_limit(query), read_cursor(query)
        account_id = caller.account_id if who == ME else self._known(who)
        return _page(self.publishing.newest(account_id, limit, after))

    def public(self, secret: str | None, query: Mapping[str, str]) -> Page:
        """List the posts of everybody."""
        self.caller(secret)
        limit = read_limit(query)
        if not wants_top(query):
            return _page(self.publishing.newest(None, limit, read_cursor(query)))
        top = self.publishing.top(limit, read_top_cursor(query))
        return Page(top.posts, rank_cursor(top.after) if top.after else None)

    def _known(self, who: str) -> UUID:
        account_id = unspell("user-", who)
        if account_id is None:
            raise StudioError(
                ErrorCode.PROFILE_NOT_FOUND, "There is no such profile.", param="user_id"
            )
        return self.members.profile(account_id).account_id


def _page(feed: Feed) -> Page:
    return Page(feed.posts, post_id(feed.after) if feed.after else None)
