"""Sending a request that makes something: once, or again where that is safe."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from hinode.engines.remote.errors import (
    FailureKind,
    UpstreamError,
    error_from_exception,
    error_from_response,
)
from hinode.engines.remote.http import (
    InvalidResponse,
    OutcomeUnknown,
    RequestNotSent,
    UpstreamResponse,
)

_INITIAL_BACKOFF = 0.5
_MAX_BACKOFF = 15.0
_RETRYABLE = frozenset({429, 503})
_AMBIGUOUS = frozenset({408, 500, 502, 504})
_MAX_ID_LENGTH = 500

Send = Callable[[], Awaitable[UpstreamResponse]]


def is_rejection(response: UpstreamResponse) -> bool:
    """Return whether an answer says that nothing was taken, so that another server may be asked."""
    return not response.ok and error_from_response(response).not_accepted


def validate_remote_id(found: object, status: int) -> str:
    """Return what an answer of that status calls a job, if it is a name that can be kept.

    Raises an uncertain :class:`hinode.engines.remote.errors.UpstreamError` for anything else.
    """
    if isinstance(found, str) and 0 < len(found) <= _MAX_ID_LENGTH and found.isprintable():
        return found
    raise UpstreamError(FailureKind.UNCERTAIN, status=status)


async def send_at_most_once(send: Send, tries: int = 3) -> UpstreamResponse:
    """Send until it may have arrived: only what surely did not arrive is sent again.

    That is a connection that was refused, and an answer that says there was no room (429 and
    503). Raises :class:`hinode.engines.remote.errors.UpstreamError`.
    """
    return await _send(send, tries, tries, _RETRYABLE, (RequestNotSent,), is_rejection)


async def send_idempotent(
    send: Send,
    tries: int = 6,
    not_accepted_tries: int = 3,
    rejected: Callable[[UpstreamResponse], bool] = is_rejection,
) -> UpstreamResponse:
    """Send until there is an answer: for requests that do no more when they arrive twice.

    A server that surely has not taken it is given up after ``not_accepted_tries`` tries.
    ``rejected`` tells whether an answer says that nothing was taken. Raises
    :class:`hinode.engines.remote.errors.UpstreamError`: an uncertain one when an earlier try
    may have arrived, and the last one was refused or met whatever trouble.
    """
    safe_errors = (RequestNotSent, OutcomeUnknown, InvalidResponse)
    return await _send(
        send, tries, not_accepted_tries, _RETRYABLE | _AMBIGUOUS, safe_errors, rejected
    )


async def _send(
    send: Send,
    tries: int,
    not_accepted_tries: int,
    retryable: frozenset[int],
    safe_errors: tuple[type[Exception], ...],
    rejected: Callable[[UpstreamResponse], bool],
) -> UpstreamResponse:
    may_have_arrived = False
    for number in range(1, tries + 1):
        wait = _INITIAL_BACKOFF * 2 ** (number - 1)
        try:
            response = await send()
        except (RequestNotSent, OutcomeUnknown, InvalidResponse) as error:
            may_have_arrived |= not isinstance(error, RequestNotSent)
            last = number >= (tries if may_have_arrived else not_accepted_tries)
            if last or not isinstance(error, safe_errors):
                raise _error_for(error, may_have_arrived) from error
        else:
            may_have_arrived |= response.status in _AMBIGUOUS
            last = number >= (tries if may_have_arrived else not_accepted_tries)
            if last or not _is_retryable(response, retryable):
                if may_have_arrived and rejected(response):
                    raise UpstreamError(FailureKind.UNCERTAIN, status=response.status)
                return response
            wait = max(wait, response.retry_after or 0.0)
        await asyncio.sleep(min(_MAX_BACKOFF, wait) * random.uniform(1.0, 1.1))
    raise AssertionError("the last try returns or raises")


def _is_retryable(response: UpstreamResponse, retryable: frozenset[int]) -> bool:
    """Say whether another try may do better: OpenAI's 429 for an empty account will not."""
    return (
        response.status in retryable
        and error_from_response(response).failure_kind is not FailureKind.QUOTA
    )


def _error_for(
    error: RequestNotSent | OutcomeUnknown | InvalidResponse, may_have_arrived: bool
) -> UpstreamError:
    """Return the failure: what may have arrived before must not be taken for unsent."""
    if may_have_arrived and isinstance(error, RequestNotSent):
        return UpstreamError(FailureKind.UNCERTAIN)
    return error_from_exception(error)
