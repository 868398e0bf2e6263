"""Serializers of tasks, credits and callbacks.

Objects have exactly the keys of the API's documentation, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hinode.api.given_parameters import named_parameters
from hinode.api.unread_fields import ignored_member
from hinode.core.auth.types import Priority
from hinode.core.jobs.accounting import CreditSummary
from hinode.core.jobs.types import CANCELED, Job, JobError, JobState
from hinode.core.webhooks.callback_secrets import RotatedCallbackSecret
from hinode.core.webhooks.types import EVENT_PREFIX, DeliveryLogEntry
from hinode.kit.ids import encode_id

STATUSES: Mapping[JobState, str] = {
    JobState.QUEUED: "pending",
    JobState.RUNNING: "processing",
    JobState.COMPLETED: "completed",
    JobState.FAILED: "failed",
    # The dialect has no such state; the error has the code `canceled`.
    JobState.CANCELED: "failed",
}

UPSTREAM = "upstream_error"
_OWN_CODES = frozenset({CANCELED.code, "internal_error"})
_UNKNOWN = JobError(UPSTREAM, "Video generation failed")


def task(job: Job, urls: Sequence[str]) -> dict[str, Any]:
    """Return the JSON of a task; ``urls`` are those of its videos."""
    head = {
        "id": str(job.id),
        "status": STATUSES[job.state],
        "model": job.model,
        "created_at": _unix(job.created_at),
        **_priority(job),
        **_parameters(job),
    }
    match job.state:
        case JobState.COMPLETED:
            ended = job.ended_at or job.created_at
            return {**head, "completed_at": _unix(ended), "output": _output(job, urls)}
        case JobState.FAILED | JobState.CANCELED:
            return {**head, "error": error(job)}
        case _:
            return {**head, "progress": job.progress or None}


def _priority(job: Job) -> dict[str, str]:
    """Return the priority, an extension: none in the tasks of those who do not ask for one."""
    return {} if job.priority is Priority.NORMAL else {"priority": job.priority.value}


def _parameters(job: Job) -> dict[str, Any]:
    """Return the generation parameters that were given, an extension; none without any."""
    given = named_parameters(job)
    return {"parameters": given} if given else {}


def error(job: Job) -> dict[str, str]:
    """Return the error of a failed job; errors of engines have the code `upstream_error`."""
    reason = job.error or _UNKNOWN
    code = reason.code if reason.code in _OWN_CODES else UPSTREAM
    return {"code": code, "message": reason.message}


def created(job: Job, ignored: Sequence[str] = ()) -> dict[str, Any]:
    """Return the confirmation of a create; ``ignored`` are fields that nothing read."""
    return _success({"taskId": str(job.id), **ignored_member(ignored)})


def deleted(job_id: UUID, status: str) -> dict[str, Any]:
    """Return the confirmation of a delete; ``status`` is `canceled` or `deleted`."""
    return _success({"taskId": str(job_id), "status": status})


def credits(summary: CreditSummary) -> dict[str, Any]:
    """Return the JSON of an account's credits."""
    return {
        "balance": summary.balance,
        "held": summary.held,
        "spent": summary.spent,
        "unlimited": summary.balance is None,
    }


def callback(entry: DeliveryLogEntry) -> dict[str, Any]:
    """Return the JSON of a callback: its latest delivery and the last attempt."""
    last = (
        {
            "at": _unix(entry.at),
            "status": entry.status,
            "error": entry.error,
            "latency_ms": entry.latency_ms,
            "answer": entry.response,
        }
        if entry.at
        else None
    )
    return {
        "id": encode_id(EVENT_PREFIX, entry.event_id),
        "task_id": str(entry.job_id),
        "url": entry.url,
        "status": entry.state.value,
        "tries": entry.attempt or 0,
        "created_at": _unix(entry.created_at),
        "next_try_at": _unix(entry.next_attempt_at) if entry.next_attempt_at else None,
        "last_try": last,
    }


def rotated(made: RotatedCallbackSecret) -> dict[str, Any]:
    """Return the JSON of a new callback secret."""
    return {"secret": made.secret, "old_secret_until": _unix(made.old_until)}


def _output(job: Job, urls: Sequence[str]) -> dict[str, Any]:
    metadata = {"duration": job.plan.seconds, "prompt": job.prompt}
    return {"urls": list(urls), "metadata": metadata}


def _success(data: dict[str, Any]) -> dict[str, Any]:
    return {"code": 200, "msg": "success", "data": data}


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())
