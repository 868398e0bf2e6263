"""The routes of posts and feeds."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.posts.handlers import PostPage, SoraPostHandlers
from hinode.api.sora.posts.requests import read_publish_params
from hinode.api.sora.posts.serializers import feed_item_json

MAX_BODY_BYTES = 64 * 1024
"""Bytes: a text of 2,000 characters, however it is written, and a few ids."""


@dataclass(slots=True)
class SoraPostEndpoints:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    handlers: SoraPostHandlers = field(init=False)

    def __post_init__(self) -> None:
        self.handlers = SoraPostHandlers(self.context.core.posts, self.context.core.auth)

    async def publish(self, request: Request) -> Response:
        """Publish a finished video: everybody with the link can see it, without an account.

        A video that is published already stays the same post. The `openai-sentinel-token` header
        may say anything, or be missing.
        """
        caller = await self.context.call(self.handlers.caller, secret_of(request))
        wanted = read_publish_params(await read_fields(request, MAX_BODY_BYTES))
        found = await self.context.call(self.handlers.publish, caller, wanted)
        return _json(feed_item_json(found, self._urls(request)))

    async def retrieve(self, request: Request, post_id: str) -> Response:
        """Return a post of anybody's."""
        found = await self.context.call(self.handlers.retrieve, secret_of(request), post_id)
        return _json(feed_item_json(found, self._urls(request)))

    async def unpublish(self, request: Request, post_id: str) -> Response:
        """Unpublish a post; its video stays among the drafts."""
        await self.context.call(self.handlers.unpublish, secret_of(request), post_id)
        return _json({"success": True})

    async def profile_feed(self, request: Request, user_id: str) -> Response:
        """Return the posts of a person, newest first; `me` are one's own."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.handlers.profile_feed, secret, user_id, query)
        return self._feed(request, page)

    async def public_feed(self, request: Request) -> Response:
        """Return everybody's posts: the newest, or those of the last days looked at most."""
        secret, query = secret_of(request), request.query_params
        return self._feed(
            request, await self.context.call(self.handlers.public_feed, secret, query)
        )

    def _feed(self, request: Request, page: PostPage) -> Response:
        urls = self._urls(request)
        items = [feed_item_json(one, urls) for one in page.posts]
        return _json({"items": items, "cursor": page.cursor})

    def _urls(self, request: Request) -> MediaUrls:
        return MediaUrls(self.context.links, self.context.links.base(request))


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
