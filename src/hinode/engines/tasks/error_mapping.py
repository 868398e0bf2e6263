"""The error codes of the task API as failures of a job.

A code says more than its status: 429 is a server without room, or a key that has spent its limit.
What has none of these codes is judged as any upstream's answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from hinode.engines.remote.errors import (
    FailureKind,
    UpstreamError,
    error_from_job,
    error_from_response,
    extract_error,
)
from hinode.engines.remote.http import InvalidResponse, UpstreamResponse

# The documented codes, and those that Hinode has besides. A `model_not_found` is the request's
# model, as the operator spelled it. A conflict means that this key has made a task before.
KIND_BY_CODE: Mapping[str, FailureKind] = {
    "invalid_request": FailureKind.INVALID_REQUEST,
    "invalid_api_key": FailureKind.UNAUTHORIZED,
    "insufficient_credits": FailureKind.QUOTA,
    "ip_not_allowed": FailureKind.UNAUTHORIZED,
    "model_not_found": FailureKind.INVALID_REQUEST,
    "task_not_found": FailureKind.LOST,
    "rate_limit_exceeded": FailureKind.BUSY,
    "spend_limit_exceeded": FailureKind.QUOTA,
    "internal_error": FailureKind.SERVER_ERROR,
    "upstream_error": FailureKind.RENDER_FAILED,
    "insufficient_permissions": FailureKind.UNAUTHORIZED,
    "model_not_allowed": FailureKind.UNAUTHORIZED,
    "quota_exhausted": FailureKind.QUOTA,
    "overloaded": FailureKind.BUSY,
    "idempotency_conflict": FailureKind.UNCERTAIN,
}


def error_from_rejection(response: UpstreamResponse) -> UpstreamError:
    """Return the failure that an answer without a task means."""
    code, reason = _extract_error(response)
    failure_kind = KIND_BY_CODE.get(code)
    if failure_kind is None:
        return error_from_response(response)
    if failure_kind is FailureKind.RENDER_FAILED and response.retry_after is not None:
        failure_kind = (
            FailureKind.BUSY
        )  # it asks to be left alone for a while, so it is not this request
    if failure_kind in (FailureKind.INVALID_REQUEST, FailureKind.RENDER_FAILED):
        failure_kind = _refine_moderation(failure_kind, reason)
    return UpstreamError(
        failure_kind, reason, retry_after=response.retry_after, status=response.status
    )


def _refine_moderation(failure_kind: FailureKind, reason: str) -> FailureKind:
    """The dialect has no code for refused content: its words tell."""
    return (
        FailureKind.MODERATION
        if error_from_job(reason).failure_kind is FailureKind.MODERATION
        else failure_kind
    )


def _extract_error(response: UpstreamResponse) -> tuple[str, str]:
    try:
        return extract_error(response.json())
    except InvalidResponse:
        return "", ""
