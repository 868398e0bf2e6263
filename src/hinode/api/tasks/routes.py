"""The routes of the tasks dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorQuery, parse_uuid, render_page
from hinode.api.errors import DialectErrors
from hinode.api.input_loader import InputLoader
from hinode.api.job_route import tell_route
from hinode.api.json_text import dump
from hinode.api.parsing import parse
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.response_headers import allow_header, options_response
from hinode.api.routing import RouteDocs, RouteTable
from hinode.api.schema_docs import IDEMPOTENCY_KEY, json_body
from hinode.api.tasks import errors, schemas, serializers
from hinode.api.tasks.first_frame import load_image, parse_image
from hinode.api.unread_fields import ignored_fields, is_strict, report_unread, tell_ignored
from hinode.api.usage import UsagePage, UsageQuery, parse_period, render_usage
from hinode.api.video_images import with_decoded_images
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.accounting import Period, UsageRow
from hinode.core.jobs.overview import VideoFiles
from hinode.core.jobs.requests import IdempotencyKey, VideoRequest
from hinode.core.jobs.types import Job
from hinode.core.pagination import Page
from hinode.core.webhooks.callback_listener import no_callback
from hinode.core.webhooks.types import EVENT_PREFIX, DeliveryLogEntry
from hinode.kit.ids import decode_id
from hinode.media.types import ArtifactRole, MediaKind

GENERATIONS = "/v1/videos/generations"
DIALECT_ERRORS = DialectErrors(
    (GENERATIONS, "/v1/tasks", "/v1/credits", "/v1/usage", "/v1/callback_secret", "/v1/callbacks"),
    errors.respond,
)

_TASK = "/v1/tasks/{task_id}"
_FAILURES: dict[int, str] = {
    400: "`invalid_request`: a parameter is missing or invalid.",
    401: "`invalid_api_key`: the key is missing or invalid.",
    402: "`insufficient_credits`: the balance is too low; no credits were held.",
    403: "`insufficient_permissions`: the key lacks the scope `tasks`.",
    404: "`task_not_found`, `model_not_found`, or `not_found` for a callback.",
    409: "`idempotency_conflict`: the key was used with another request.",
    429: "`rate_limit_exceeded`, `spend_limit_exceeded`",
    500: "`internal_error`",
    503: "`upstream_error`: the queue is full; no credits were held.",
}
_DOCS = RouteDocs("Tasks", _FAILURES, schemas.TaskErrorEnvelope, (401, 403))


@dataclass(slots=True)
class TaskRoutes:
    """Handlers of tasks, credits, usage and callbacks."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.TASKS)

    async def create(self, request: Request) -> Response:
        """Create a task that renders a video.

        The response is immediate. Poll the task, or send a `callback_url`.
        """
        caller = await self.auth.caller(request)
        fields = await read_fields(request, self.context.upload_limit)
        parsed = report_unread(request, caller, schemas.parse_create(fields))
        core, params = self.context.core, self._params(parsed)
        key, url = request.headers.get("idempotency-key"), parsed.callback_url
        base = self.context.links.base(request)
        video = VideoRequest(
            parsed.input.prompt,
            params,
            idempotency=None if key is None else IdempotencyKey(key, parsed.fingerprint()),
            callback=None if url is None else core.callbacks.accept(url, base),
            style=parsed.input.style,
            priority=parsed.priority,
            strict=is_strict(request, caller),
            named=parsed.input.named(),
        )
        loader = InputLoader(self.context, request, caller)
        job = await self._create(loader, video, parsed)
        tell_ignored(request, [f"input.{name}" for name in job.options.ignored])
        tell_route(request, job)
        return _json(serializers.created(job, ignored_fields(request)))

    async def only_post(self, request: Request) -> Response:
        """Return 405 for other methods, which `/v1/videos/{video_id}` would match."""
        raise RequestError(
            RequestErrorCode.WRONG_METHOD,
            f"{request.method[:20]} is not served here; POST is.",
            headers={"allow": allow_header(["POST"])},
        )

    async def options(self, request: Request) -> Response:
        """Return what is served here, without the methods of `/v1/videos/{video_id}`."""
        return options_response(request, ["POST"])

    async def retrieve(self, request: Request, task_id: str) -> Response:
        """Retrieve a task.

        A failed task is returned with HTTP status 200, its reason in `error`.
        """
        found = await self.auth.call(request, self._video, task_id)
        tell_route(request, found.job)
        return _json(self._task(request, found))

    async def list_tasks(self, request: Request) -> Response:
        """List tasks, newest first (extension).

        Videos created through the other dialects are included.
        """
        page = await self.auth.call(request, self._videos, request.query_params)
        return _json(render_page(page, partial(self._task, request)))

    async def remove(self, request: Request, task_id: str) -> Response:
        """Cancel an unfinished task, or delete a finished one and its files (extension).

        A canceled task is refunded and kept as failed, with the code `canceled`; a second request
        deletes it.
        """
        job_id, status = await self.auth.call(request, self._cancel_or_delete, task_id)
        return _json(serializers.deleted(job_id, status))

    async def credits(self, request: Request) -> Response:
        """Retrieve the account's credits."""
        found = await self.auth.call(request, self.context.core.overview.credits)
        return _json(serializers.credits(found))

    async def usage(self, request: Request) -> Response:
        """Retrieve the account's usage by day (UTC), model and API key (extension)."""
        period, rows = await self.auth.call(request, self._usage, request.query_params)
        return _json(render_usage(period, rows))

    async def list_callbacks(self, request: Request) -> Response:
        """List callbacks with their last attempts, newest first (extension)."""
        page = await self.auth.call(request, self._callbacks, request.query_params)
        return _json(render_page(page, serializers.callback))

    async def resend_callback(self, request: Request, callback_id: str) -> Response:
        """Resend a callback with the same body and `webhook-id` (extension)."""
        again = await self.auth.call(request, self._resend, callback_id)
        return _json(serializers.callback(again))

    async def callback_secret(self, request: Request) -> Response:
        """Retrieve the signing secret of callbacks (extension).

        Callbacks are signed by the Standard Webhooks specification.
        """
        secret = await self.auth.call(request, self.context.core.callbacks.secret)
        return _secret({"secret": secret})

    async def rotate_secret(self, request: Request) -> Response:
        """Rotate the signing secret of callbacks (extension).

        For 24 hours callbacks are signed with both secrets.
        """
        rotated = await self.auth.call(request, self.context.core.callbacks.rotate)
        return _secret(serializers.rotated(rotated))

    async def _create(
        self, loader: InputLoader, video: VideoRequest, parsed: schemas.CreateTask
    ) -> Job:
        jobs, url, others = self.context.core.jobs, parsed.image_url, parsed.input.images()
        if url is None and not others:
            return await self.context.create(jobs.create_video, loader.caller, video)
        first = None if url is None else parse_image(url)
        roles = [*([ArtifactRole.UPLOAD] if first else []), *(role for role, _ in others)]
        # Validated before any image is fetched and decoded.
        check = jobs.check_video
        earlier = await self.context.call(check, loader.caller, video, frozenset(roles))
        if earlier is not None:
            return earlier
        contents = [await load_image(loader, first)] if first else []
        contents += await loader.load([image for _, image in others])
        async with with_decoded_images(loader, video, contents, roles) as wanted:
            return await self.context.create(jobs.create_video, loader.caller, wanted)

    def _params(self, parsed: schemas.CreateTask) -> GenerationParams:
        model = self.context.core.jobs.catalog.get(parsed.model, MediaKind.VIDEO)
        params = parsed.input.params(parsed.model)
        if params.orientation not in {one.orientation for one in model.sizes}:
            raise HinodeError(
                ErrorCode.UNSUPPORTED_VALUE,
                f"'{parsed.input.aspect_ratio}' is not an aspect ratio of {model.id}.",
                param="aspect_ratio",
            )
        return params

    def _video(self, caller: Caller, task_id: str) -> VideoFiles:
        found = parse_uuid(task_id)
        if found is None:
            raise HinodeError(
                ErrorCode.JOB_NOT_FOUND, "There is no such task in this account.", param="id"
            )
        return self.context.core.overview.video(caller, found)

    def _videos(self, caller: Caller, query: Mapping[str, str]) -> Page[VideoFiles]:
        core, wanted = self.context.core, schemas.parse_list(query)
        model = None if wanted.model is None else core.jobs.catalog.get(wanted.model).id
        return core.overview.videos(caller, wanted.job_query(model))

    def _cancel_or_delete(self, caller: Caller, task_id: str) -> tuple[UUID, str]:
        """Cancel an unfinished task or delete a finished one; return the id and ``status``.

        A task that finishes in between is kept, for its owner may want the video.
        """
        jobs, job = self.context.core.jobs, self._video(caller, task_id).job
        if job.state.ended:
            jobs.delete(caller, job.id)
            return job.id, "deleted"
        jobs.cancel(caller, job.id)
        return job.id, "canceled"

    def _usage(self, caller: Caller, query: Mapping[str, str]) -> tuple[Period, list[UsageRow]]:
        overview = self.context.core.overview
        period = parse_period(query, overview.clock.now().date())
        return period, overview.usage(caller, period)

    def _callbacks(self, caller: Caller, query: Mapping[str, str]) -> Page[DeliveryLogEntry]:
        wanted = parse(CursorQuery, query).page(_callback_id)
        return self.context.core.callbacks.page(caller, wanted)

    def _resend(self, caller: Caller, callback_id: str) -> DeliveryLogEntry:
        found = _callback_id(callback_id)
        if found is None:
            raise no_callback()
        return self.context.core.callbacks.resend(caller, found)

    def _task(self, request: Request, found: VideoFiles) -> dict[str, Any]:
        base = self.context.links.base(request)
        urls = [self.context.links.video_url(base, found.job, one) for one in found.files]
        return serializers.task(found.job, urls)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes; they go before `/v1/videos/{video_id}`, which matches `generations`."""
    tasks = TaskRoutes(context)
    table.add(
        _DOCS, "POST", GENERATIONS, tasks.create, "createTask", schemas.TaskCreated,
        400, 402, 404, 409, 429, 503,
        parameters=[IDEMPOTENCY_KEY], body=json_body(schemas.CreateTask),
    )  # fmt: skip
    table.hide(GENERATIONS, tasks.only_post, "GET", "PUT", "PATCH", "DELETE")
    table.hide(GENERATIONS, tasks.options, "OPTIONS")
    table.add(
        _DOCS, "GET", "/v1/tasks", tasks.list_tasks, "listTasks", schemas.TaskPageObject, 400, 404,
        query=schemas.ListTasks,
    )  # fmt: skip
    table.add(_DOCS, "GET", _TASK, tasks.retrieve, "retrieveTask", schemas.TaskAnswer, 404)
    table.add(_DOCS, "DELETE", _TASK, tasks.remove, "removeTask", schemas.TaskRemoved, 400, 404)
    table.add(_DOCS, "GET", "/v1/credits", tasks.credits, "retrieveCredits", schemas.Credits)
    table.add(
        _DOCS, "GET", "/v1/usage", tasks.usage, "retrieveUsage", UsagePage, 400,
        query=UsageQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/v1/callback_secret", tasks.callback_secret, "retrieveCallbackSecret",
        schemas.CallbackSecret,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/v1/callback_secret/rotate", tasks.rotate_secret, "rotateCallbackSecret",
        schemas.RotatedSecret,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/v1/callbacks", tasks.list_callbacks, "listCallbacks", schemas.CallbackPage,
        400, query=CursorQuery,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/v1/callbacks/{callback_id}/resend", tasks.resend_callback,
        "resendCallback", schemas.SentCallback, 404,
    )  # fmt: skip


def _callback_id(text: str) -> UUID | None:
    return decode_id(EVENT_PREFIX, text)


def _secret(value: object) -> Response:
    response = _json(value)
    response.headers["cache-control"] = "no-store"
    return response


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
