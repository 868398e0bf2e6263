"""Parse the responses of providers: rejections and troubles of polls that all of them have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hinode.engines.remote.errors import (
    FailureKind,
    UpstreamError,
    error_from_job,
    error_from_response,
    extract_error,
)
from hinode.engines.remote.http import InvalidResponse, UpstreamResponse
from hinode.engines.remote.polling import PollError

_TRANSIENT = frozenset({408, 409, 425, 429})

Patterns = Sequence[tuple[re.Pattern[str], FailureKind]]
"""The meaning of a provider's codes and messages; the first match wins."""


def patterns(*pairs: tuple[str, FailureKind]) -> Patterns:
    """Return patterns of these regular expressions; case is ignored."""
    return [(re.compile(text, re.IGNORECASE), failure_kind) for text, failure_kind in pairs]


def rejection(response: UpstreamResponse, known: Patterns) -> UpstreamError:
    """Return the failure that a response without a job means.

    A 503 that is not in the words of the provider comes from a gateway: it leaves open whether the
    request arrived behind it.
    """
    found = error_from_response(response)
    try:
        code, reason = extract_error(response.json())
    except InvalidResponse:
        if response.status != 503:
            return found
        return UpstreamError(FailureKind.UNCERTAIN, status=response.status)
    failure_kind = _kind_by(known, f"{code} {reason}")
    if failure_kind is None or response.status >= 500:
        return found
    return UpstreamError(
        failure_kind, reason, retry_after=response.retry_after, status=response.status
    )


def job_failure(code: object, reason: object, known: Patterns) -> UpstreamError:
    """Return the failure that a provider's job reports."""
    words = [one if isinstance(one, str) else "" for one in (code, reason)]
    failure_kind = _kind_by(known, " ".join(words))
    if failure_kind is FailureKind.MODERATION:
        return UpstreamError(failure_kind, words[1])
    return error_from_job({"code": words[0], "message": words[1]})


def _kind_by(known: Patterns, words: str) -> FailureKind | None:
    return next((kind for pattern, kind in known if pattern.search(words)), None)


def poll_error(response: UpstreamResponse, error: UpstreamError) -> PollError:
    """Return the trouble of a poll that was answered with an error."""
    if response.status == 404:
        error = UpstreamError(FailureKind.LOST, status=404)
    transient = response.status >= 500 or response.status in _TRANSIENT
    return PollError(error, serious=not transient)


def poll_body(response: UpstreamResponse) -> dict[str, Any]:
    """Return the body of a poll. Raises :class:`PollError` for what is no JSON object."""
    try:
        return response.json()
    except InvalidResponse as error:
        raise no_job(str(error)) from error


def no_job(reason: str = "It sent no job.") -> PollError:
    """Return the trouble of a poll whose body is no job."""
    return PollError(UpstreamError(FailureKind.SERVER_ERROR, reason), serious=True)
