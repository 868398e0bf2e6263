"""Routes of drafts and tasks: finished and unfinished work of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.context import ApiContext
from hinode.api.job_route import tell_route
from hinode.api.json_text import json_response
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.sora.drafts import schemas
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.drafts.serializers import draft_json
from hinode.api.sora.drafts.task_serializers import task_json
from hinode.api.sora.ids import generation_id, parse_task_id, require_generation_id, task_id
from hinode.api.sora.openapi import DOCS
from hinode.api.sora.posts.serializers import post_summary
from hinode.api.sora.profiles import user_json
from hinode.core.auth.types import Caller, Scope
from hinode.core.characters.user_search import FoundUser
from hinode.core.drafts.types import Draft, OutputPosition, Task
from hinode.core.pagination import Page
from hinode.core.posts.types import Post

_DOCS = DOCS.of("drafts")

_DRAFTS = "/backend/project_y/profile/drafts"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of drafts and tasks."""
    routes = DraftRoutes(context)
    for version, suffix in (("", ""), ("V2", "/v2")):
        table.add(
            _DOCS, "GET", f"/backend/nf/pending{suffix}", routes.pending, f"soraPending{version}",
            schemas.PendingTasks,
        )  # fmt: skip
        table.add(
            _DOCS, "GET", _DRAFTS + suffix, routes.list_drafts, f"soraDrafts{version}",
            schemas.DraftList, 400, query=schemas.DraftQuery,
        )  # fmt: skip
    for version, suffix in (("V2", "/v2"), ("", "")):
        one = f"{_DRAFTS}{suffix}/{{generation}}"
        table.add(
            _DOCS, "GET", one, routes.retrieve, f"soraDraft{version}", schemas.DraftResponse, 404
        )
        table.add(
            _DOCS, "DELETE", one, routes.delete, f"soraDeleteDraft{version}", schemas.DraftDeleted,
            404,
        )  # fmt: skip
    table.add(
        _DOCS, "POST", f"{_DRAFTS}/{{generation}}/read", routes.mark_reviewed, "soraReadDraft",
        schemas.DraftResponse, 404,
    )  # fmt: skip
    for path, endpoint, operation in (
        ("/backend/v2/recent_tasks", routes.list_image_tasks, "soraRecentTasks"),
        ("/backend/video_gen", routes.list_tasks, "soraTasks"),
    ):
        table.add(
            _DOCS, "GET", path, endpoint, operation, schemas.TaskList, 400,
            query=schemas.TaskQuery,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DraftListing:
    """Drafts, the posts of those that are published, and the characters in them.

    ``characters`` has those that the ``viewer``'s account may use now; ``after`` is the cursor of
    the next page.
    """

    drafts: list[Draft]
    after: OutputPosition | None
    posts: Mapping[OutputPosition, Post]
    characters: Mapping[UUID, FoundUser]
    viewer: UUID


@dataclass(slots=True)
class DraftRoutes:
    """Handlers of drafts and tasks."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.SORA)

    async def pending(self, request: Request) -> Response:
        """List the account's unfinished videos, newest first.

        Videos created through any dialect are included. A video that is no longer listed has ended
        and is among the drafts.
        """
        tasks = await self.auth.call(request, self.context.core.drafts.pending)
        urls = self._urls(request)
        return json_response([task_json(one, urls) for one in tasks])

    async def list_drafts(self, request: Request) -> Response:
        """List the account's drafts: ended videos, the last to end first.

        Failed and canceled videos are included, with a reason.
        """
        found = await self.auth.call(request, self._list, dict(request.query_params))
        cursor = generation_id(found.after) if found.after else None
        return json_response({"items": self._items(request, found), "cursor": cursor})

    async def retrieve(self, request: Request, generation: str) -> Response:
        """Retrieve a draft."""
        return self._one(request, await self.auth.call(request, self._retrieve, generation))

    async def mark_reviewed(self, request: Request, generation: str) -> Response:
        """Mark a draft as reviewed.

        The body is ignored.
        """
        return self._one(request, await self.auth.call(request, self._mark_reviewed, generation))

    async def delete(self, request: Request, generation: str) -> Response:
        """Delete a draft and its files.

        With the id of an unfinished task, the task is canceled first.
        """
        await self.auth.call(request, self._delete, generation)
        return json_response({"success": True})

    async def list_image_tasks(self, request: Request) -> Response:
        """List the account's image tasks, newest first.

        Videos are left out, because clients look for an image in the first page only.
        """
        return await self._task_page(request, videos=False)

    async def list_tasks(self, request: Request) -> Response:
        """List the account's tasks, videos and images, newest first."""
        return await self._task_page(request, videos=True)

    def _list(self, caller: Caller, params: dict[str, str]) -> DraftListing:
        query = parse(schemas.DraftQuery, params)
        page = self.context.core.drafts.page(caller, query.limit, query.after)
        return self._listing(caller, page.drafts, page.next)

    def _retrieve(self, caller: Caller, generation: str) -> DraftListing:
        place = require_generation_id(generation)
        return self._listing(caller, [self.context.core.drafts.get(caller, place)])

    def _mark_reviewed(self, caller: Caller, generation: str) -> DraftListing:
        place = require_generation_id(generation)
        return self._listing(caller, [self.context.core.drafts.mark_reviewed(caller, place)])

    def _delete(self, caller: Caller, name: str) -> None:
        job_id = parse_task_id(name)
        if job_id is None:
            job_id = self.context.core.drafts.get(caller, require_generation_id(name)).job.id
        self.context.core.jobs.delete(caller, job_id)

    def _tasks(self, caller: Caller, params: dict[str, str], *, videos: bool) -> Page[Task]:
        query = parse(schemas.TaskQuery, params)
        return self.context.core.drafts.tasks(caller, query.limit, query.before_job, videos=videos)

    def _listing(
        self, caller: Caller, drafts: list[Draft], after: OutputPosition | None = None
    ) -> DraftListing:
        character_ids = {one for draft in drafts for one in draft.job.options.characters}
        return DraftListing(
            drafts,
            after,
            self.context.core.posts.posts_of(drafts),
            self.context.core.user_search.characters_by_id(caller, character_ids),
            caller.account_id,
        )

    async def _task_page(self, request: Request, *, videos: bool) -> Response:
        params = dict(request.query_params)
        page = await self.auth.call(request, self._tasks, params, videos=videos)
        urls = self._urls(request)
        return json_response(
            {
                "task_responses": [task_json(one, urls) for one in page.items],
                "last_id": task_id(page.items[-1].job.id) if page.items else None,
                "has_more": page.has_more,
            }
        )

    def _one(self, request: Request, found: DraftListing) -> Response:
        tell_route(request, found.drafts[0].job)
        return json_response({"draft": self._items(request, found)[0]})

    def _items(self, request: Request, found: DraftListing) -> list[dict[str, Any]]:
        urls = self._urls(request)
        posts = {place: post_summary(one, urls.base) for place, one in found.posts.items()}
        characters = {
            one: user_json(user, found.viewer, urls.links, urls.base)
            for one, user in found.characters.items()
        }
        return [draft_json(one, urls, posts.get(one.place), characters) for one in found.drafts]

    def _urls(self, request: Request) -> MediaUrls:
        return MediaUrls(self.context.links, self.context.links.base(request))
