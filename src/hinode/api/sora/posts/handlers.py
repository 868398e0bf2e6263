"""What each route of posts asks of the studio: prove the caller, then one verb.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.posts.ids import post_id, rank_cursor, require_post_id
from hinode.api.sora.posts.queries import read_cursor, read_limit, read_top_cursor, wants_top
from hinode.api.sora.posts.requests import PublishParams
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.membership import Membership
from hinode.core.posts.service import PostService
from hinode.core.posts.types import Feed, PublishedVideo
from hinode.kit.ids import unspell

ME = "me"


@dataclass(frozen=True, slots=True)
class PostPage:
    """A page of a feed and the cursor of the next one."""

    posts: list[PublishedVideo]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class SoraPostHandlers:
    """The studio as this part uses it. All methods raise :class:`HinodeError`."""

    posts: PostService
    accounts: Membership

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.accounts.caller(secret)

    def publish(self, caller: Caller, wanted: PublishParams) -> PublishedVideo:
        """Publish a video."""
        return self.posts.publish(caller, wanted.place, wanted.text)

    def retrieve(self, secret: str | None, name: str) -> PublishedVideo:
        """Find a post of anybody's."""
        self.caller(secret)
        return self.posts.get(require_post_id(name))

    def unpublish(self, secret: str | None, name: str) -> None:
        """Unpublish a post of the caller's."""
        self.posts.unpublish(self.caller(secret), require_post_id(name))

    def profile_feed(self, secret: str | None, user: str, query: Mapping[str, str]) -> PostPage:
        """List the posts of an account."""
        caller, limit, after = self.caller(secret), read_limit(query), read_cursor(query)
        account_id = caller.account_id if user == ME else self._account_id(user)
        return _page(self.posts.newest(account_id, limit, after))

    def public_feed(self, secret: str | None, query: Mapping[str, str]) -> PostPage:
        """List the posts of everybody."""
        self.caller(secret)
        limit = read_limit(query)
        if not wants_top(query):
            return _page(self.posts.newest(None, limit, read_cursor(query)))
        top = self.posts.top(limit, read_top_cursor(query))
        return PostPage(top.posts, rank_cursor(top.after) if top.after else None)

    def _account_id(self, user: str) -> UUID:
        account_id = unspell("user-", user)
        if account_id is None:
            raise HinodeError(
                ErrorCode.PROFILE_NOT_FOUND, "There is no such profile.", param="user_id"
            )
        return self.accounts.profile(account_id).account_id


def _page(feed: Feed) -> PostPage:
    return PostPage(feed.posts, post_id(feed.after) if feed.after else None)
