"""Serializers of jobs and pages; no I/O.

The video object has OpenAI's 13 documented keys in their order, nulls included, then the
extensions, of which generation parameters are there only if they were given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from hinode.api.given_parameters import given_parameters
from hinode.api.job_route import public_upstream
from hinode.api.unix_times import to_unix
from hinode.api.unread_fields import ignored_member
from hinode.core.jobs.types import Job, JobAction, JobDetail, JobState
from hinode.core.pagination import Page
from hinode.kit.ids import to_video_id

T = TypeVar("T")

STATUSES: Mapping[JobState, str] = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "in_progress",
    JobState.COMPLETED: "completed",
    JobState.FAILED: "failed",
    # The dialect has no such state, and the SDKs' poll helpers know only these four.
    JobState.CANCELED: "failed",
}

_POLL_MS = 500
_POLL_MS_PER_JOB_AHEAD = 250
_MAX_POLL_MS = 5_000


def video(detail: JobDetail, ignored: Sequence[str] = ()) -> dict[str, Any]:
    """Return the JSON of a video job; ``ignored`` are fields of its create that nothing read."""
    job = detail.job
    plan = job.plan
    completed = job.state is JobState.COMPLETED
    return {
        "id": to_video_id(job.id),
        "object": "video",
        "model": job.model,
        "status": STATUSES[job.state],
        "progress": job.progress,
        "created_at": to_unix(job.created_at),
        "completed_at": to_unix(job.ended_at) if completed else None,
        "expires_at": to_unix(job.expires_at),
        "prompt": job.prompt,
        "size": f"{plan.width}x{plan.height}",
        "seconds": str(plan.seconds),
        "remixed_from_video_id": _remixed_from(job),
        "error": {"code": job.error.code, "message": job.error.message} if job.error else None,
        "fps": plan.fps,
        "num_frames": plan.frames,
        "seed": plan.seed,
        "priority": job.priority.value,
        "queue_position": detail.queue_position,
        "remaining_seconds": detail.remaining_seconds,
        "outputs": plan.outputs,
        "engine": job.engine,
        "upstream": public_upstream(job.upstream),
        **given_parameters(job.options),
        **ignored_member(ignored),
    }


def poll_after_ms(detail: JobDetail) -> int:
    """Return the poll interval in milliseconds: 500, and 250 per job ahead, at most 5,000."""
    ahead = detail.queue_position or 0
    return min(_MAX_POLL_MS, _POLL_MS + _POLL_MS_PER_JOB_AHEAD * ahead)


def list_object(page: Page[T], render: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """Return a list object; ``last_id`` is the cursor of the next page."""
    data = [render(one) for one in page.items]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": page.has_more,
    }


def video_page(page: Page[JobDetail]) -> dict[str, Any]:
    """Return a page of jobs as a list object."""
    return list_object(page, video)


def deleted(video_id: str) -> dict[str, Any]:
    """Return the confirmation of a deletion."""
    return {"object": "video.deleted", "deleted": True, "id": video_id}


def _remixed_from(job: Job) -> str | None:
    remixed = job.action is JobAction.REMIX and job.parent_id
    return to_video_id(job.parent_id) if remixed and job.parent_id else None
