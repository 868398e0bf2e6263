"""Jobs that failed, as errors, where no job object could say so: images and chat.

A rejection is the request's fault and is 400; everything else is ours and is 500. Clients must not
repeat either by themselves: it would make, and charge, another job.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from hinode.api.json_text import json_response
from hinode.core.jobs.types import CANCELED, Job, JobError

_OF_THE_REQUEST = frozenset(
    {CANCELED.code, "moderation_blocked", "first_frame_unreadable", "source_missing"}
)
_USELESS_AGAIN = {"x-should-retry": "false"}
_UNKNOWN = JobError("server_error", "The job failed.")


def failed_answer(job: Job) -> Response:
    """Answer for a job that failed or was canceled."""
    response = json_response({"error": failed_error(job)}, _USELESS_AGAIN)
    response.status_code = 400 if _reason(job).code in _OF_THE_REQUEST else 500
    return response


def failed_error(job: Job) -> dict[str, Any]:
    """Return the members of the error envelope."""
    reason = _reason(job)
    blamed = reason.code in _OF_THE_REQUEST
    return {
        "message": reason.message,
        "type": "invalid_request_error" if blamed else "server_error",
        "param": None,
        "code": reason.code,
    }


def _reason(job: Job) -> JobError:
    return job.error or _UNKNOWN
