"""The dialect's failures as failures of remote engines, their reasons sanitized."""

from __future__ import annotations

import re

from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.sora import errors
from hinode.engines.sora.errors import SoraClientError
from hinode.engines.sora.job_models import UpstreamDraft, UpstreamTask

_POLICY = re.compile(r"moderation|content.?polic|content.?violation|guardrail|safety", re.I)


def map_rejection(error: SoraClientError) -> UpstreamError:
    """Return the failure of a rejected request."""
    failure_kind = FailureKind.INVALID_REQUEST
    if _POLICY.search(f"{error.code or ''} {error.reason}"):
        failure_kind = FailureKind.MODERATION
    elif isinstance(error, errors.SoraInvalidResponse | errors.ServerError):
        failure_kind = FailureKind.SERVER_ERROR
    return UpstreamError(
        failure_kind, error.reason, retry_after=error.retry_after, status=error.status
    )


def map_poll_error(error: SoraClientError) -> UpstreamError:
    """Return the failure of a failed poll, if it does not pass."""
    if isinstance(error, errors.ServerUnreachable):
        return UpstreamError(FailureKind.UNREACHABLE)
    failure_kind = FailureKind.SERVER_ERROR
    if isinstance(error, errors.TokenExpired | errors.TokenInvalid):
        failure_kind = FailureKind.UNAUTHORIZED
    elif isinstance(error, errors.RateLimited | errors.ServerOverloaded):
        failure_kind = FailureKind.BUSY
    return UpstreamError(
        failure_kind, error.reason, retry_after=error.retry_after, status=error.status
    )


def map_draft_failure(draft: UpstreamDraft) -> UpstreamError:
    """Return the failure of a draft."""
    return _failure(draft.reason or "", policy=draft.violation)


def map_task_failure(task: UpstreamTask) -> UpstreamError:
    """Return the failure of a task."""
    return _failure(task.failure or "", policy=task.blocked)


def _failure(reason: str, *, policy: bool) -> UpstreamError:
    blocked = policy or bool(_POLICY.search(reason))
    return UpstreamError(FailureKind.MODERATION if blocked else FailureKind.RENDER_FAILED, reason)
