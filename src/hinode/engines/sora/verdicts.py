"""What the dialect's failures mean for a job: the failures of remote engines, reasons cleaned."""

from __future__ import annotations

import re

from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.sora import failures
from hinode.engines.sora.failures import SoraFailure
from hinode.engines.sora.job_shapes import Draft, Task

_POLICY = re.compile(r"moderation|content.?polic|content.?violation|guardrail|safety", re.I)


def refusal_of(error: SoraFailure) -> UpstreamError:
    """Return the failure of a request that the server does not want."""
    fault = Fault.REQUEST
    if _POLICY.search(f"{error.code or ''} {error.reason}"):
        fault = Fault.MODERATION
    elif isinstance(error, failures.BadAnswer | failures.ServerFailed):
        fault = Fault.SERVER
    return UpstreamError(fault, error.reason, retry_after=error.retry_after, status=error.status)


def trouble_of(error: SoraFailure) -> UpstreamError:
    """Return what a failed look means, if it does not pass."""
    if isinstance(error, failures.Unreachable):
        return UpstreamError(Fault.UNSENT)
    fault = Fault.SERVER
    if isinstance(error, failures.AuthExpired | failures.AuthInvalid):
        fault = Fault.IDENTITY
    elif isinstance(error, failures.TooOften | failures.Overloaded):
        fault = Fault.BUSY
    return UpstreamError(fault, error.reason, retry_after=error.retry_after, status=error.status)


def failure_of_draft(draft: Draft) -> UpstreamError:
    """Return why a video was not made."""
    return _failure(draft.reason or "", policy=draft.violation)


def failure_of_task(task: Task) -> UpstreamError:
    """Return why a task failed."""
    return _failure(task.failure or "", policy=task.blocked)


def _failure(reason: str, *, policy: bool) -> UpstreamError:
    blocked = policy or bool(_POLICY.search(reason))
    return UpstreamError(Fault.MODERATION if blocked else Fault.RENDER, reason)
