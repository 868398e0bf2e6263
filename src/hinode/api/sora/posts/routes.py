"""Routes of posts, feeds and user search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.ids import post_id as to_post_id
from hinode.api.sora.ids import require_generation_id, require_post_id
from hinode.api.sora.openapi import DOCS
from hinode.api.sora.posts import schemas
from hinode.api.sora.posts.serializers import feed_item_json
from hinode.api.sora.posts.share import routes as share
from hinode.api.sora.profiles import account_in_path, user_json
from hinode.api.unread_fields import report_unread
from hinode.core.accounts.usernames import LONGEST
from hinode.core.auth.types import Caller, Scope
from hinode.core.characters.user_search import FoundUser
from hinode.core.posts.types import PostFeed, PublishedVideo, Rank, TopFeed
from hinode.core.text_checks import check_storable

_DOCS = DOCS.of("posts")

MAX_BODY_BYTES = 64 * 1024
"""Bytes of a body: a text of 2,000 characters, escaped, and a few ids."""

_BASE = "/backend/project_y"
_POST = f"{_BASE}/post"
_ONE = f"{_POST}/{{post_id}}"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of posts, feeds, user search and share pages."""
    routes = PostRoutes(context)
    table.add(
        _DOCS, "POST", _POST, routes.publish, "soraPublish", schemas.PostAnswer, 400, 404,
        body=json_body(schemas.PublishPost),
    )  # fmt: skip
    table.add(_DOCS, "GET", _ONE, routes.retrieve, "soraPost", schemas.PostAnswer, 404)
    table.add(_DOCS, "DELETE", _ONE, routes.unpublish, "soraDeletePost", schemas.PostDeleted, 404)
    table.add(
        _DOCS, "GET", f"{_BASE}/profile_feed/{{user_id}}", routes.profile_feed, "soraProfileFeed",
        schemas.FeedPageObject, 400, 404, query=schemas.FeedQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", f"{_BASE}/feed", routes.public_feed, "soraFeed", schemas.FeedPageObject, 400,
        query=schemas.PublicFeedQuery,
    )  # fmt: skip
    _add_users(table, UserRoutes(context))
    share.add_routes(table, context)


def _add_users(table: RouteTable, routes: UserRoutes) -> None:
    table.add(
        _DOCS, "GET", f"{_BASE}/profile/username/{{name}}", routes.retrieve, "soraProfileNamed",
        schemas.UserOrCharacterProfile, 404,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", f"{_BASE}/profile/search_mentions", routes.search, "soraSearchMentions",
        schemas.MentionList, 400, query=schemas.MentionQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", f"{_BASE}/references/mine", routes.list_references, "soraReferences",
        schemas.ReferenceList,
    )  # fmt: skip


@dataclass(slots=True)
class PostRoutes:
    """Handlers of posts and feeds."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.SORA)

    async def publish(self, request: Request) -> Response:
        """Publish a finished video: anyone with the URL can watch it, without an account.

        Publishing a video again returns the same post. The header `openai-sentinel-token` is
        optional and ignored.
        """
        caller = await self.auth.caller(request)
        parsed = parse(schemas.PublishPost, await read_fields(request, MAX_BODY_BYTES))
        body = report_unread(request, caller, parsed, refuse=False)
        place = require_generation_id(body.attachments_to_create[0].generation_id)
        posts = self.context.core.posts
        found = await self.context.call(posts.publish, caller, place, body.post_text)
        return json_response(feed_item_json(found, self._urls(request)))

    async def retrieve(self, request: Request, post_id: str) -> Response:
        """Retrieve a post of any account."""
        found = await self.auth.call(request, self._retrieve, post_id)
        return json_response(feed_item_json(found, self._urls(request)))

    async def unpublish(self, request: Request, post_id: str) -> Response:
        """Delete a post.

        Its video is kept as a draft.
        """
        await self.auth.call(request, self._unpublish, post_id)
        return json_response({"success": True})

    async def profile_feed(self, request: Request, user_id: str) -> Response:
        """List the posts of an account, newest first.

        The id `me` is the caller.
        """
        params = dict(request.query_params)
        feed = await self.auth.call(request, self._profile_feed, user_id, params)
        return self._page(request, feed.posts, feed.after)

    async def public_feed(self, request: Request) -> Response:
        """List the posts of all accounts, newest first or by views of the last days."""
        feed = await self.auth.call(request, self._public_feed, dict(request.query_params))
        return self._page(request, feed.posts, feed.after)

    def _retrieve(self, _caller: Caller, name: str) -> PublishedVideo:
        return self.context.core.posts.get(require_post_id(name))

    def _unpublish(self, caller: Caller, name: str) -> None:
        self.context.core.posts.unpublish(caller, require_post_id(name))

    def _profile_feed(self, caller: Caller, user: str, params: dict[str, str]) -> PostFeed:
        query = parse(schemas.FeedQuery, params)
        account_id = account_in_path(self.context.core.profiles, caller, user)
        return self.context.core.posts.newest(account_id, query.limit, query.after)

    def _public_feed(self, _caller: Caller, params: dict[str, str]) -> PostFeed | TopFeed:
        query = parse(schemas.PublicFeedQuery, params)
        if query.cut == "nf2_top":
            return self.context.core.posts.top(query.limit, query.after_rank)
        return self.context.core.posts.newest(None, query.limit, query.after)

    def _page(
        self, request: Request, posts: Sequence[PublishedVideo], after: UUID | Rank | None
    ) -> Response:
        urls = self._urls(request)
        items = [feed_item_json(one, urls) for one in posts]
        return json_response({"items": items, "cursor": _cursor(after)})

    def _urls(self, request: Request) -> MediaUrls:
        return MediaUrls(self.context.links, self.context.links.base(request))


def _cursor(after: UUID | Rank | None) -> str | None:
    if after is None:
        return None
    return f"{after.score}.{to_post_id(after.id)}" if isinstance(after, Rank) else to_post_id(after)


@dataclass(slots=True)
class UserRoutes:
    """Endpoints of user search."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.SORA)

    async def retrieve(self, request: Request, name: str) -> Response:
        """Retrieve a user by username: an account, or a character that the caller may use."""
        caller, user = await self.auth.call(request, self._retrieve, name)
        return json_response(self._user(request, caller, user))

    async def search(self, request: Request) -> Response:
        """Search users by a prefix of the username, in alphabetical order."""
        caller, found = await self.auth.call(request, self._search, dict(request.query_params))
        profiles = [self._user(request, caller, one) for one in found]
        items = [{"token": f"<@{one['user_id']}>", "profile": one} for one in profiles]
        return json_response({"items": items, "cursor": None})

    async def list_references(self, request: Request) -> Response:
        """List the caller's references: always empty.

        For compatibility: Sora's web page requests them at start.
        """
        await self.auth.caller(request)
        return json_response({"items": [], "cursor": None})

    def _retrieve(self, caller: Caller, name: str) -> tuple[Caller, FoundUser]:
        return caller, self.context.core.user_search.by_username(caller, name)

    def _search(self, caller: Caller, params: dict[str, str]) -> tuple[Caller, list[FoundUser]]:
        query = parse(schemas.MentionQuery, params)
        prefix = query.username.strip().removeprefix("@")
        check_storable(prefix, "username")
        # One more character than any username has, so that a longer prefix finds nothing.
        prefix = prefix[: LONGEST + 1]
        search = self.context.core.user_search
        if query.intent == "cameo":
            return caller, search.find_characters(caller, prefix, query.limit)
        return caller, search.find_accounts(prefix, query.limit)

    def _user(self, request: Request, caller: Caller, user: FoundUser) -> dict[str, Any]:
        links = self.context.links
        return user_json(user, caller.account_id, links, links.base(request))
