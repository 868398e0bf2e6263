"""Jobs as tasks: Task and Generation in §5 of the dialect's facts.

A strictly typed client needs every field that is here, null or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.drafts.outcome import MODERATION_CODES, job_failure
from hinode.api.sora.drafts.serializers import encodings_json, parameters_member
from hinode.api.sora.ids import generation_id, task_id, user_id
from hinode.core.auth.types import Priority
from hinode.core.drafts.types import Draft, Task
from hinode.core.jobs.fair_queue import ahead_text
from hinode.core.jobs.types import Job, JobState
from hinode.media.types import JobAction, MediaKind

PRIORITIES = {Priority.LOW: 1, Priority.NORMAL: 2, Priority.HIGH: 3}
"""The integers of this wire; only 2 was seen in traffic."""
TASK_TYPES: Mapping[MediaKind, str] = {MediaKind.VIDEO: "video_gen", MediaKind.IMAGE: "image_gen"}
_TITLES: Mapping[MediaKind, str] = {
    MediaKind.VIDEO: "New Video",
    MediaKind.IMAGE: "Image Generation",
}
_STATUSES: Mapping[JobState, str] = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "running",
    JobState.COMPLETED: "succeeded",
    JobState.FAILED: "failed",
    JobState.CANCELED: "failed",
}
_PROCESSING_PERCENT = 99
"""Percent from which only the files are left to store."""
_MODELS = {"sora-2": "sy_8", "sora-2-pro": "sy_ore"}
_NULL_TASK_FIELDS = dict.fromkeys(
    (
        "seed", "guidance", "actions", "interpolation", "sdedit", "preset_id", "caption",
        "quality", "size", "remix_config", "storyboard_id", "story_id", "organization_id",
        "project_id", "request_id", "tracking_id",
    )
)  # fmt: skip
_NULL_GENERATION_FIELDS = dict.fromkeys(
    (
        "deleted_at", "seed", "can_download", "download_status", "is_favorite", "is_liked",
        "is_public", "is_archived", "is_featured", "like_count", "cf_thumbnail_url", "quality",
    )
)  # fmt: skip


def task_json(task: Task, urls: MediaUrls) -> dict[str, Any]:
    """Return a task in any state."""
    job, failure = task.job, _failure(task.job)
    return {
        **_NULL_TASK_FIELDS,
        "id": task_id(job.id),
        "user": user_id(job.account_id),
        "created_at": format_timestamp(job.created_at),
        "status": task_status(job),
        **_progress(task),
        "priority": PRIORITIES[job.priority],
        "type": TASK_TYPES[job.kind],
        "task_type": TASK_TYPES[job.kind],
        "prompt": job.prompt,
        "title": _TITLES[job.kind],
        "n_variants": job.plan.outputs,
        "n_frames": job.plan.frames,
        "width": job.plan.width,
        "height": job.plan.height,
        "operation": _operation(job),
        "model": _model(job),
        "inpaint_items": [],
        "is_storyboard": bool(job.options.shots),
        "generations": [_generation(one, task, urls) for one in task.drafts],
        "num_unsafe_generations": int(_is_moderated(job)),
        "moderation_result": _moderation(job),
        "needs_user_review": False,
        "failure_reason": failure,
        "error_message": failure,
        **parameters_member(job),
    }


def task_status(job: Job) -> str:
    """Return the status of a job."""
    if job.state is JobState.RUNNING and job.progress >= _PROCESSING_PERCENT:
        return "processing"
    return _STATUSES[job.state]


def format_timestamp(when: datetime) -> str:
    """Return a time as ISO 8601 with microseconds and a Z."""
    return f"{when:%Y-%m-%dT%H:%M:%S.%f}Z"


def _progress(task: Task) -> dict[str, Any]:
    # Never null: widespread clients multiply it before they look at the status.
    part = 1.0 if task.job.state is JobState.COMPLETED else task.job.progress / 100
    ahead = task.ahead
    return {
        "progress_pct": part,
        "progress_pos_in_queue": ahead,
        # Unknown: how long a render takes depends on the request.
        "estimated_queue_wait_time": None,
        "queue_status_message": None if ahead is None else _queue_message(ahead),
    }


def _queue_message(ahead: int) -> str:
    return f"In the queue; {ahead_text(ahead)} before this one." if ahead else "Next in the queue."


def _generation(draft: Draft, task: Task, urls: MediaUrls) -> dict[str, Any]:
    job, shown = draft.job, draft.shown or draft.job.plan
    return {
        **_NULL_GENERATION_FIELDS,
        "id": generation_id(draft.place),
        "task_id": task_id(job.id),
        "created_at": format_timestamp(job.ended_at or job.created_at),
        "url": urls.url_for(draft, draft.shown),
        "encodings": encodings_json(draft, urls),
        "width": shown.width,
        "height": shown.height,
        "n_frames": shown.frames,
        "prompt": job.prompt,
        "title": _TITLES[job.kind],
        "operation": _operation(job),
        "model": _model(job),
        "user": {"id": user_id(job.account_id), "username": task.owner.name},
        "moderation_result": _moderation(job),
        "task_type": TASK_TYPES[job.kind],
    }


def _operation(job: Job) -> str:
    return "simple_compose" if job.action is JobAction.CREATE else "remix"


def _model(job: Job) -> str | None:
    return _MODELS.get(job.model, job.model) if job.kind is MediaKind.VIDEO else None


def _failure(job: Job) -> str | None:
    return job_failure(job).message if task_status(job) == "failed" else None


def _is_moderated(job: Job) -> bool:
    return job.error is not None and job.error.code in MODERATION_CODES


def _moderation(job: Job) -> dict[str, Any]:
    rejected = _is_moderated(job)
    return {
        "type": "rejected" if rejected else "passed",
        "results_by_frame_index": {},
        "code": job.error.code if job.error and rejected else None,
        "is_output_rejection": rejected,
        "task_id": task_id(job.id),
    }
