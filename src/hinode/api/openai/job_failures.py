"""Error responses for failed jobs of routes that return results, not jobs: images and chat.

A failure caused by the request is 400, any other 500. ``x-should-retry: false`` keeps SDKs from
retrying, which would create and charge another job.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from hinode.api.json_text import json_response
from hinode.core.jobs.types import CANCELED, Job, JobError

_OF_THE_REQUEST = frozenset(
    {
        CANCELED.code,
        "moderation_blocked",
        "first_frame_required",
        "first_frame_unreadable",
        "first_frame_unsupported",
        "lora_unsupported",
        "source_missing",
        "source_unreadable",
        "upstream_refused",
    }
)
_USELESS_AGAIN = {"x-should-retry": "false"}
_UNKNOWN = JobError("server_error", "The job failed.")


def failed_answer(job: Job) -> Response:
    """Return the response for a failed or canceled job."""
    response = json_response({"error": failed_error(job)}, _USELESS_AGAIN)
    response.status_code = 400 if _reason(job).code in _OF_THE_REQUEST else 500
    return response


def failed_error(job: Job) -> dict[str, Any]:
    """Return the error object of a failed or canceled job."""
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
