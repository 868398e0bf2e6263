"""The routes of posts and feeds."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bearer import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.jsontext import dump
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.posts.asked import read_publication
from hinode.api.sora.posts.post_json import item_json
from hinode.api.sora.posts.verbs import Page, PostVerbs

LARGEST_BODY = 64 * 1024
"""Bytes: a text of 2,000 characters, however it is written, and a few ids."""


@dataclass(slots=True)
class PostRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    verbs: PostVerbs = field(init=False)

    def __post_init__(self) -> None:
        self.verbs = PostVerbs(self.context.publishing, self.context.members)

    async def publish(self, request: Request) -> Response:
        """Publish a finished video: everybody with the link can see it, without an account.

        A video that is published already stays the same post. The `openai-sentinel-token` header
        may say anything, or be missing.
        """
        caller = await self.context.call(self.verbs.caller, secret_of(request))
        wanted = read_publication(await read_fields(request, LARGEST_BODY))
        found = await self.context.call(self.verbs.publish, caller, wanted)
        return _json(item_json(found, self._urls(request)))

    async def retrieve(self, request: Request, post_id: str) -> Response:
        """Return a post of anybody's."""
        found = await self.context.call(self.verbs.retrieve, secret_of(request), post_id)
        return _json(item_json(found, self._urls(request)))

    async def take_back(self, request: Request, post_id: str) -> Response:
        """Unpublish a post; its video stays among the drafts."""
        await self.context.call(self.verbs.take_back, secret_of(request), post_id)
        return _json({"success": True})

    async def of_profile(self, request: Request, user_id: str) -> Response:
        """Return the posts of a person, newest first; `me` are one's own."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.verbs.of_profile, secret, user_id, query)
        return self._feed(request, page)

    async def public(self, request: Request) -> Response:
        """Return everybody's posts: the newest, or those of the last days looked at most."""
        secret, query = secret_of(request), request.query_params
        return self._feed(request, await self.context.call(self.verbs.public, secret, query))

    def _feed(self, request: Request, page: Page) -> Response:
        urls = self._urls(request)
        items = [item_json(one, urls) for one in page.posts]
        return _json({"items": items, "cursor": page.cursor})

    def _urls(self, request: Request) -> MediaUrls:
        return MediaUrls(self.context.links, self.context.links.base(request))


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
