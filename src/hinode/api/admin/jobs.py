"""Jobs of all accounts in the admin API: listed, read, canceled and retried."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.context import ApiContext
from hinode.api.cursor_pages import CursorPage, CursorQuery, parse_uuid, render_page
from hinode.api.job_filters import STATUSES, parse_moment, parse_states
from hinode.api.json_text import json_response
from hinode.api.parsing import Nullable, NullableInteger, parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import IDEMPOTENCY_KEY
from hinode.api.unix_times import to_unix
from hinode.core.jobs.job_admin import JobSelection, JobView, job_not_found
from hinode.core.jobs.reviews import JobReview
from hinode.core.jobs.tries import JobTry
from hinode.core.jobs.types import Job
from hinode.core.pagination import Page
from hinode.kit.ids import decode_id

_DOCS = DOCS.of("jobs")

_JOBS = "/v1/admin/jobs"
_JOB = _JOBS + "/{job_id}"

StatusName = Literal["queued", "running", "completed", "failed", "canceled"]


class ListJobs(CursorQuery):
    """Query of the list of jobs."""

    account: Nullable[str] = Field(
        default=None, description="Return only jobs of the account with this name."
    )
    status: Nullable[str] = Field(
        default=None,
        description=f"Return only jobs with these statuses, separated by commas: {STATUSES}.",
    )
    model: Nullable[str] = Field(
        default=None, description="Return only jobs of the model with this id."
    )

    engine: Nullable[str] = Field(default=None, description="Return only jobs of this engine.")
    created_after: NullableInteger[int] = Field(
        default=None, description="Time of creation in Unix seconds, at the earliest."
    )
    created_before: NullableInteger[int] = Field(
        default=None, description="Time of creation in Unix seconds; earlier than this."
    )

    def query(self) -> JobSelection:
        """Return the query for the service. Raises :class:`HinodeError`."""
        return JobSelection(
            self.account,
            parse_states(self.status),
            self.model,
            self.engine,
            parse_moment(self.created_after, "created_after"),
            parse_moment(self.created_before, "created_before"),
        )


class AdminJobError(AdminSchema):
    """The reason that a job failed."""

    code: str = Field(description="Stable error code.", examples=["engine_failed"])
    message: str = Field(description="Message that the owner of the job reads.")


class AdminJob(AdminSchema):
    """A job, without its prompt. Times are in Unix seconds."""

    id: str = Field(description="Id of the job (UUID), the `task_id` of ledger entries.")
    account: str = Field(description="Name of the account.")
    key_id: str | None = Field(description="Id of the API key that created it; null without one.")
    kind: Literal["video", "image"] = Field(description="`video` or `image`.")
    action: str = Field(
        description="`create`, or how it was derived from another.", examples=["create"]
    )
    parent_id: str | None = Field(description="Id of the job that it was derived from, or null.")
    retry_of: str | None = Field(description="Id of the job that it is a retry of, or null.")
    status: StatusName = Field(description="Status of the job.")
    progress: int = Field(description="Progress in percent.")
    remaining_seconds: int | None = Field(
        description="Estimate of the time until its end; null if nothing tells."
    )
    priority: Literal["low", "normal", "high"] = Field(description="Priority in the queue.")
    model: str = Field(description="Id of the model.", examples=["sora-2"])
    engine: str = Field(description="Name of the engine that renders or rendered it.")
    upstream: str | None = Field(
        description="The model's name at the engine's server; null for its default."
    )
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    fps: int = Field(description="Frames per second.")
    frames: int = Field(description="Number of frames of each output.")
    seed: int = Field(description="Seed of the first output.")
    outputs: int = Field(description="Number of outputs.")
    price: int = Field(description="Credits held for it: the highest price of its possible routes.")
    route_price: int = Field(description="Its price at this engine, of which it is charged.")
    held: int = Field(description="Credits held until it ends.")
    charged: int = Field(description="Credits charged at its end; 0 if it did not complete.")
    upstream_cost: int | None = Field(
        description="What the engine's server says that it cost there, in units of its own: "
        "credits of Runway, tokens of Ark, seconds of DashScope; null if it says nothing."
    )
    requeues: int = Field(description="Number of times that it was put back into a queue.")
    failed_submits: int = Field(description="Number of those that followed a failed submit.")
    resumes: int = Field(
        description="Number of times that a worker took it up again while it was running; to "
        "collect what was submitted is the first."
    )
    error: AdminJobError | None = Field(description="Why it failed; null if it did not.")
    created_at: int = Field(description="Time of creation.")
    started_at: int | None = Field(description="Time of the start; null before it.")
    ended_at: int | None = Field(description="Time of the end; null before it.")
    deadline_at: int = Field(description="Time at which it fails unless it has ended.")
    expires_at: int | None = Field(description="Expiry of its files; null without one.")


class AdminReview(AdminSchema):
    """A verdict of moderation; a plain pass is not kept."""

    stage: Literal["create", "render"] = Field(description="Review of the request or the output.")
    verdict: Literal["allow", "flag", "label", "block", "unreviewed"] = Field(
        description="`unreviewed`: the moderator failed, and the settings let it pass."
    )
    reason: str = Field(description="Reason of the moderator; may be empty.")
    labels: list[str] = Field(description="Labels of the moderator.")


class AdminTry(AdminSchema):
    """A try of a job at an engine. Times are in Unix seconds."""

    engine: str = Field(description="Name of the engine.")
    upstream: str | None = Field(
        description="The model's name at the engine's server; null for its default."
    )
    started_at: int | None = Field(description="Time of the start; null if it never started.")
    ended_at: int | None = Field(description="Time of the end; null for the present try.")
    outcome: Literal[
        "queued", "running", "completed", "failed", "canceled", "submit_failed", "moved"
    ] = Field(
        description="`submit_failed`: the engine did not take the job; `moved`: it left the queue "
        "or the host for another reason. Of the last try it is the status of the job."
    )
    reason: str | None = Field(description="Reason of a failure or a move; null without one.")


class AdminJobDetail(AdminJob):
    """A job with its prompt, its place in the queue, its reviews and its tries."""

    prompt: str = Field(description="The prompt.")
    queue_position: int | None = Field(
        description="Number of jobs before it in the queue of its engine; null unless queued."
    )
    moderation: list[AdminReview] = Field(description="Reviews of its content.")
    tries: list[AdminTry] = Field(
        description="Its tries, oldest first: the last 50 that it left, and the present or last."
    )


class AdminJobPage(CursorPage[AdminJob]):
    """A page of jobs, newest first."""


class AdminJobRoutes(AdminRoutes):
    """Handlers of jobs."""

    async def list_jobs(self, request: Request) -> Response:
        """List the jobs of all accounts, newest first; deleted ones are left out."""

        def page() -> Page[JobView]:
            parsed = parse(ListJobs, request.query_params)
            return self.context.core.job_admin.page(parsed.query(), parsed.page(parse_uuid))

        found = await self.call(request, page)
        return json_response(render_page(found, job_object))

    async def retrieve(self, request: Request, job_id: str) -> Response:
        """Retrieve a job of any account with its prompt."""

        def view() -> JobView:
            return self.context.core.job_admin.view(parse_job_id(job_id))

        return json_response(job_detail(await self.call(request, view)))

    async def cancel(self, request: Request, job_id: str) -> Response:
        """Cancel a job that has not ended; its credits are given back.

        A canceled job is returned unchanged; one that has completed or failed is an error.
        """

        def cancel() -> JobView:
            return self.context.core.job_admin.cancel(parse_job_id(job_id))

        return json_response(job_detail(await self.call(request, cancel)))

    async def retry(self, request: Request, job_id: str) -> Response:
        """Render a job again that has ended: a new job with the same request and seed.

        The account pays today's price. A job that has not ended is an error: 409 `not_ready`.
        """
        key = request.headers.get("idempotency-key")

        def retry() -> JobView:
            return self.context.core.job_admin.retry(parse_job_id(job_id), key)

        return json_response(job_detail(await self.call(request, retry)))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of jobs."""
    jobs = AdminJobRoutes(context)
    table.add(
        _DOCS, "GET", _JOBS, jobs.list_jobs, "adminListJobs", AdminJobPage, 400, 404,
        query=ListJobs,
    )  # fmt: skip
    table.add(_DOCS, "GET", _JOB, jobs.retrieve, "adminRetrieveJob", AdminJobDetail, 404)
    table.add(
        _DOCS, "POST", _JOB + "/cancel", jobs.cancel, "adminCancelJob", AdminJobDetail, 400, 404
    )
    table.add(
        _DOCS, "POST", _JOB + "/retry", jobs.retry, "adminRetryJob", AdminJobDetail,
        400, 402, 404, 409, parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip


def parse_job_id(text: str) -> UUID:
    """Return a job's id: a UUID, or the id of a video. Raises :class:`HinodeError`."""
    found = parse_uuid(text) or decode_id("video_", text)
    if found is None:
        raise job_not_found()
    return found


def job_object(view: JobView) -> dict[str, Any]:
    """Return the JSON of a job."""
    job, plan = view.job, view.job.plan
    error = job.error
    return {
        "id": str(job.id),
        "account": view.account.name,
        "key_id": _text(job.key_id),
        "kind": job.kind.value,
        "action": job.action.value,
        "parent_id": _text(job.parent_id),
        "retry_of": _text(job.options.retry_of),
        "status": job.state.value,
        "progress": job.progress,
        "remaining_seconds": view.remaining_seconds,
        "priority": job.priority.value,
        "model": job.model,
        "engine": job.engine,
        "upstream": job.upstream,
        "width": plan.width,
        "height": plan.height,
        "fps": plan.fps,
        "frames": plan.frames,
        "seed": plan.seed,
        "outputs": plan.outputs,
        "price": job.price,
        "route_price": job.route_price,
        "held": 0 if job.state.ended else job.price,
        "charged": job.charged if job.state.ended else 0,
        "upstream_cost": job.upstream_cost,
        "requeues": job.dispatch_no,
        "failed_submits": job.submit_failures,
        "resumes": job.resume_count,
        "error": None if error is None else {"code": error.code, "message": error.message},
        "created_at": to_unix(job.created_at),
        "started_at": to_unix(job.started_at),
        "ended_at": to_unix(job.ended_at),
        "deadline_at": to_unix(job.deadline_at),
        "expires_at": to_unix(job.expires_at),
    }


def job_detail(view: JobView) -> dict[str, Any]:
    """Return the JSON of a job with its prompt, its place in the queue, reviews and tries."""
    position = view.queue_position
    return {
        **job_object(view),
        "prompt": view.job.prompt,
        "queue_position": position,
        "moderation": [_review(one) for one in view.reviews],
        "tries": [*map(_left_try, view.tries), _last_try(view.job)],
    }


def _left_try(one: JobTry) -> dict[str, Any]:
    return {
        "engine": one.engine,
        "upstream": one.upstream,
        "started_at": to_unix(one.started_at),
        "ended_at": to_unix(one.ended_at),
        "outcome": "submit_failed" if one.submit_failed else "moved",
        "reason": one.reason,
    }


def _last_try(job: Job) -> dict[str, Any]:
    return {
        "engine": job.engine,
        "upstream": job.upstream,
        "started_at": to_unix(job.started_at),
        "ended_at": to_unix(job.ended_at),
        "outcome": job.state.value,
        "reason": job.error.message if job.error else None,
    }


def _review(one: JobReview) -> dict[str, Any]:
    found = one.review
    return {
        "stage": one.stage.value,
        "verdict": found.verdict.value,
        "reason": found.reason,
        "labels": list(found.labels),
    }


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
