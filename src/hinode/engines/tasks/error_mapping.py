"""The error codes of the task API as failures of a job.

A code says more than its status: 429 is a server without capacity, or a key at its spend limit.
A response without one of these codes is mapped as that of any upstream.
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

# The documented codes, and those of Hinode. `model_not_found` is the request's model, as the
# operator configured it. A conflict means that the idempotency key was used before.
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
    """Return the failure that a response without a task means."""
    code, reason = _extract_error(response)
    failure_kind = KIND_BY_CODE.get(code)
    if failure_kind is None:
        return error_from_response(response)
    if failure_kind is FailureKind.RENDER_FAILED and response.retry_after is not None:
        failure_kind = FailureKind.BUSY  # it requests a pause, so this request is not at fault
    if failure_kind in (FailureKind.INVALID_REQUEST, FailureKind.RENDER_FAILED):
        failure_kind = _refine_moderation(failure_kind, reason)
    return UpstreamError(
        failure_kind, reason, retry_after=response.retry_after, status=response.status
    )


def _refine_moderation(failure_kind: FailureKind, reason: str) -> FailureKind:
    """Recognize rejected content by its message: the dialect has no code for it."""
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
