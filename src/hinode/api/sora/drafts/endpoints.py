"""The routes of what was made and what is being made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.sora.drafts.handlers import DraftListing, SoraDraftHandlers
from hinode.api.sora.drafts.ids import generation_id, task_id
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.drafts.serializers import draft_json
from hinode.api.sora.drafts.task_serializers import task_json
from hinode.api.sora.posts.post_summary import post_summary
from hinode.api.sora.posts.profile_serializers import user_json


@dataclass(slots=True)
class SoraDraftEndpoints:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    handlers: SoraDraftHandlers = field(init=False)

    def __post_init__(self) -> None:
        context = self.context
        self.handlers = SoraDraftHandlers(
            context.core.jobs,
            context.core.drafts,
            context.core.auth,
            context.core.posts,
            context.core.user_search,
        )

    async def pending(self, request: Request) -> Response:
        """Return the account's videos that are not finished, newest first: an array.

        Whichever dialect made them. One that is missing has ended, and is among the drafts.
        """
        tasks = await self.context.call(self.handlers.pending, secret_of(request))
        urls = self._urls(request)
        return _json([task_json(one, urls) for one in tasks])

    async def drafts(self, request: Request) -> Response:
        """Return a page of the account's finished videos, the last to be finished first.

        Failed and canceled ones are among them, and say why.
        """
        secret, query = secret_of(request), request.query_params
        shown = await self.context.call(self.handlers.drafts, secret, query)
        following = shown.page.next
        cursor = generation_id(following) if following else None
        return _json({"items": self._items(request, shown), "cursor": cursor})

    async def draft(self, request: Request, generation: str) -> Response:
        """Return one draft."""
        found = await self.context.call(self.handlers.draft, secret_of(request), generation)
        return _json({"draft": self._items(request, found)[0]})

    async def review(self, request: Request, generation: str) -> Response:
        """Note that a draft was opened; nothing in the body is read."""
        found = await self.context.call(self.handlers.review, secret_of(request), generation)
        return _json({"draft": self._items(request, found)[0]})

    async def remove(self, request: Request, generation: str) -> Response:
        """Forget a draft and its files; by the id of a task, cancel it first if need be."""
        await self.context.call(self.handlers.remove, secret_of(request), generation)
        return _json({"success": True})

    async def recent_images(self, request: Request) -> Response:
        """Return a page of the account's picture tasks, the newest first.

        Clients look for a picture in one page of these, so videos do not push it out.
        """
        return await self._recent(request, videos=False)

    async def tasks(self, request: Request) -> Response:
        """Return a page of the account's tasks, videos and pictures, the newest first."""
        return await self._recent(request, videos=True)

    async def _recent(self, request: Request, *, videos: bool) -> Response:
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.handlers.recent, secret, query, videos=videos)
        urls = self._urls(request)
        return _json(
            {
                "task_responses": [task_json(one, urls) for one in page.tasks],
                "last_id": task_id(page.tasks[-1].job.id) if page.tasks else None,
                "has_more": page.has_more,
            }
        )

    def _items(self, request: Request, shown: DraftListing) -> list[dict[str, Any]]:
        urls = self._urls(request)
        posts = {place: post_summary(one, urls.base) for place, one in shown.posts.items()}
        characters = {
            one: user_json(person, shown.viewer, urls.links, urls.base)
            for one, person in shown.characters.items()
        }
        return [
            draft_json(one, urls, posts.get(one.place), characters) for one in shown.page.drafts
        ]

    def _urls(self, request: Request) -> MediaUrls:
        return MediaUrls(self.context.links, self.context.links.base(request))


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
