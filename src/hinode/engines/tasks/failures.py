"""The error codes of the task API as failures of a job.

A code says more than its status: 429 is a server without room, or a key that has spent its limit.
What has none of these codes is judged as any upstream's answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from hinode.engines.remote.failures import Fault, UpstreamError, of_answer, of_report, said
from hinode.engines.remote.http import Answer, BadAnswer

# The documented codes, and those that Hinode has besides. A `model_not_found` is the request's
# model, as the operator spelled it. A conflict means that this key has made a task before.
FAULTS: Mapping[str, Fault] = {
    "invalid_request": Fault.REQUEST,
    "invalid_api_key": Fault.IDENTITY,
    "insufficient_credits": Fault.QUOTA,
    "ip_not_allowed": Fault.IDENTITY,
    "model_not_found": Fault.REQUEST,
    "task_not_found": Fault.LOST,
    "rate_limit_exceeded": Fault.BUSY,
    "spend_limit_exceeded": Fault.QUOTA,
    "internal_error": Fault.SERVER,
    "upstream_error": Fault.RENDER,
    "insufficient_permissions": Fault.IDENTITY,
    "model_not_allowed": Fault.IDENTITY,
    "quota_exhausted": Fault.QUOTA,
    "overloaded": Fault.BUSY,
    "idempotency_conflict": Fault.UNCERTAIN,
}


def of_refusal(answer: Answer) -> UpstreamError:
    """Return the failure that an answer without a task means."""
    code, reason = _said(answer)
    fault = FAULTS.get(code)
    if fault is None:
        return of_answer(answer)
    if fault is Fault.RENDER and answer.retry_after is not None:
        fault = Fault.BUSY  # it asks to be left alone for a while, so it is not this request
    if fault in (Fault.REQUEST, Fault.RENDER):
        fault = _moderated(fault, reason)
    return UpstreamError(fault, reason, retry_after=answer.retry_after, status=answer.status)


def _moderated(fault: Fault, reason: str) -> Fault:
    """The dialect has no code for refused content: its words tell."""
    return Fault.MODERATION if of_report(reason).fault is Fault.MODERATION else fault


def _said(answer: Answer) -> tuple[str, str]:
    try:
        return said(answer.json())
    except BadAnswer:
        return "", ""
