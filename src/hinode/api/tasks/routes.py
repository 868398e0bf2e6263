"""The routes of the tasks dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.tasks import serializers
from hinode.api.tasks.first_frame import load_picture
from hinode.api.tasks.handlers import TaskVerbs
from hinode.api.tasks.requests import read_creation
from hinode.api.usage import render_usage
from hinode.core.jobs.overview import VideoFiles


@dataclass(slots=True)
class TaskRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    verbs: TaskVerbs = field(init=False)

    def __post_init__(self) -> None:
        context = self.context
        self.verbs = TaskVerbs(context.core.jobs, context.core.overview, context.core.callbacks)

    async def create(self, request: Request) -> Response:
        """Make a video from a prompt, and from a first frame if one is given.

        The answer comes at once. With an `Idempotency-Key` header a repeated request gives the
        task that the first one made.
        """
        # The caller is proven before the body is read: strangers cannot make us read megabytes.
        caller = await self.context.call(self.verbs.caller, secret_of(request))
        creation = read_creation(await read_fields(request, self.context.upload_limit))
        image = None
        if creation.image_url is not None:
            # What is refused anyway is refused before we connect to anybody.
            self.verbs.check(creation)
            image = await load_picture(creation.image_url, self.context.fetch_policy)
        key, base = request.headers.get("idempotency-key"), self.context.links.base(request)
        job = await self.context.call(self.verbs.create, caller, creation, image, key, base)
        return _json(serializers.created(job))

    async def not_here(self, request: Request) -> Response:
        """Refuse other methods where tasks are made; a video's route would take them else."""
        raise RequestError(
            RequestErrorCode.WRONG_METHOD,
            f"{request.method[:20]} is not served here; POST is.",
            headers={"allow": "POST"},
        )

    async def retrieve(self, request: Request, task_id: str) -> Response:
        """Return a task. A failed task is an answer like any other, with status 200."""
        secret = secret_of(request)
        found = await self.context.call(self.verbs.retrieve, secret, task_id)
        return _json(self._task(request, found))

    async def listing(self, request: Request) -> Response:
        """Return a page of the account's tasks (ours), newest first, whoever made them."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.verbs.page, secret, query)
        tasks = [self._task(request, one) for one in page.videos]
        return _json(serializers.page(tasks, page.has_more))

    async def remove(self, request: Request, task_id: str) -> Response:
        """Cancel a task and refund it, or forget a finished one and its files (ours).

        A canceled task stays, as failed with the code `canceled`; deleting it again forgets it.
        """
        secret = secret_of(request)
        job_id, status = await self.context.call(self.verbs.remove, secret, task_id)
        return _json(serializers.deleted(job_id, status))

    async def credits(self, request: Request) -> Response:
        """Return the account's credits: what is left, what unfinished jobs hold, what was spent."""
        return _json(
            serializers.credits(await self.context.call(self.verbs.credits, secret_of(request)))
        )

    async def usage(self, request: Request) -> Response:
        """Return what the account made, by day (UTC), model and key (ours)."""
        secret, query = secret_of(request), request.query_params
        period, rows = await self.context.call(self.verbs.usage, secret, query)
        return _json(render_usage(period, rows))

    async def callbacks(self, request: Request) -> Response:
        """Return a page of the account's callbacks and how they went, newest first (ours)."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.verbs.sent, secret, query)
        sent = [serializers.callback(one) for one in page.items]
        return _json(serializers.page(sent, page.has_more))

    async def resend(self, request: Request, callback_id: str) -> Response:
        """Send a callback again: the same body with the same `webhook-id` (ours)."""
        secret = secret_of(request)
        again = await self.context.call(self.verbs.resend, secret, callback_id)
        return _json(serializers.callback(again))

    async def rotate_secret(self, request: Request) -> Response:
        """Make a new callback secret; the old one signs beside it for 24 hours (ours)."""
        rotated = await self.context.call(self.verbs.rotate_secret, secret_of(request))
        response = _json(serializers.rotated(rotated))
        response.headers["cache-control"] = "no-store"
        return response

    async def callback_secret(self, request: Request) -> Response:
        """Return the secret that callbacks are signed with, by Standard Webhooks (ours)."""
        secret = await self.context.call(self.verbs.callback_secret, secret_of(request))
        response = _json({"secret": secret})
        response.headers["cache-control"] = "no-store"
        return response

    def _task(self, request: Request, found: VideoFiles) -> dict[str, Any]:
        base = self.context.links.base(request)
        urls = [self.context.links.video_url(base, found.job, one) for one in found.files]
        return serializers.task(found.job, urls)


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
