"""Send requests that create something: once, or again where that is safe."""

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

_MAX_BACKOFF = 15.0
_NO_CAPACITY = frozenset({429, 503})
_AMBIGUOUS = frozenset({408, 500, 502, 504})
_MAX_ID_LENGTH = 500

Send = Callable[[], Awaitable[UpstreamResponse]]


def is_rejection(response: UpstreamResponse) -> bool:
    """Return whether a response says that nothing was accepted: another server may be tried."""
    return not response.ok and error_from_response(response).not_accepted


def validate_remote_id(found: object, status: int) -> str:
    """Return the id of a job in a response of that status.

    Raises an uncertain :class:`hinode.engines.remote.errors.UpstreamError` for anything else.
    """
    if isinstance(found, str) and 0 < len(found) <= _MAX_ID_LENGTH and found.isprintable():
        return found
    raise UpstreamError(FailureKind.UNCERTAIN, status=status)


def is_no_capacity(response: UpstreamResponse) -> bool:
    """Return whether a retry may succeed: 429 and 503, but not OpenAI's 429 for an empty account.

    Such a response says that nothing was accepted.
    """
    return response.status in _NO_CAPACITY and not _is_out_of_credits(response)


async def send_at_most_once(
    send: Send,
    backoff: float,
    tries: int = 3,
    may_resend: Callable[[UpstreamResponse], bool] = is_no_capacity,
) -> UpstreamResponse:
    """Send until it may have arrived: only a request that certainly did not arrive is retried.

    That is after a refused connection, and after a response for which ``may_resend`` is true.
    ``backoff`` is the first pause in seconds. Raises
    :class:`hinode.engines.remote.errors.UpstreamError`.
    """
    return await _send(send, backoff, tries, tries, may_resend, (RequestNotSent,), is_rejection)


async def send_idempotent(
    send: Send,
    backoff: float,
    tries: int = 6,
    not_accepted_tries: int = 3,
    rejected: Callable[[UpstreamResponse], bool] = is_rejection,
) -> UpstreamResponse:
    """Send until there is a response: for idempotent requests.

    ``backoff`` is the first pause in seconds. After ``not_accepted_tries`` responses that certainly
    accepted nothing it gives up. ``rejected`` returns whether a response is one of these. Raises
    :class:`hinode.engines.remote.errors.UpstreamError`: an uncertain one when an earlier attempt
    may have arrived and the last one failed.
    """
    safe_errors = (RequestNotSent, OutcomeUnknown, InvalidResponse)
    return await _send(send, backoff, tries, not_accepted_tries, _may_pass, safe_errors, rejected)


def _may_pass(response: UpstreamResponse) -> bool:
    return is_no_capacity(response) or response.status in _AMBIGUOUS


async def _send(
    send: Send,
    backoff: float,
    tries: int,
    not_accepted_tries: int,
    retryable: Callable[[UpstreamResponse], bool],
    safe_errors: tuple[type[Exception], ...],
    rejected: Callable[[UpstreamResponse], bool],
) -> UpstreamResponse:
    may_have_arrived = False
    for number in range(1, tries + 1):
        wait = backoff * 2 ** (number - 1)
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
            if last or not retryable(response):
                if may_have_arrived and rejected(response):
                    raise UpstreamError(FailureKind.UNCERTAIN, status=response.status)
                return response
            wait = max(wait, response.retry_after or 0.0)
        await asyncio.sleep(min(_MAX_BACKOFF, wait) * random.uniform(1.0, 1.1))
    raise AssertionError("the last attempt returns or raises")


def _is_out_of_credits(response: UpstreamResponse) -> bool:
    return error_from_response(response).failure_kind is FailureKind.QUOTA


def _error_for(
    error: RequestNotSent | OutcomeUnknown | InvalidResponse, may_have_arrived: bool
) -> UpstreamError:
    """Return the failure; one that may have arrived in an earlier attempt is uncertain."""
    if may_have_arrived and isinstance(error, RequestNotSent):
        return UpstreamError(FailureKind.UNCERTAIN)
    return error_from_exception(error)
