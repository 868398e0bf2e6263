"""Sending a request that makes something: once, or again where that is safe."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from hinode.engines.remote.failures import Fault, UpstreamError, of_answer, of_exception
from hinode.engines.remote.http import Ambiguous, Answer, BadAnswer, NotSent

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_NO_ROOM = frozenset({429, 503})
_BROKEN = frozenset({408, 500, 502, 504})
_LONGEST_ID = 500

Send = Callable[[], Awaitable[Answer]]


def says_untaken(answer: Answer) -> bool:
    """Whether an answer says that nothing was taken, so that another server may be asked."""
    return not answer.ok and of_answer(answer).untaken


def usable_id(found: object, status: int) -> str:
    """Return what an answer of that status calls a job, if it is a name that can be kept.

    Raises an uncertain :class:`hinode.engines.remote.failures.UpstreamError` for anything else.
    """
    if isinstance(found, str) and 0 < len(found) <= _LONGEST_ID and found.isprintable():
        return found
    raise UpstreamError(Fault.UNCERTAIN, status=status)


async def send_once(send: Send, tries: int = 3) -> Answer:
    """Send until it may have arrived: only what surely did not arrive is sent again.

    That is a connection that was refused, and an answer that says there was no room (429 and
    503). Raises :class:`hinode.engines.remote.failures.UpstreamError`.
    """
    return await _send(send, tries, tries, _NO_ROOM, (NotSent,), says_untaken)


async def send_again(
    send: Send,
    tries: int = 6,
    untaken: int = 3,
    refused: Callable[[Answer], bool] = says_untaken,
) -> Answer:
    """Send until there is an answer: for requests that do no more when they arrive twice.

    A server that surely has not taken it is given up after ``untaken`` tries. ``refused`` tells
    whether an answer says that nothing was taken. Raises
    :class:`hinode.engines.remote.failures.UpstreamError`: an uncertain one when an earlier try
    may have arrived, and the last one was refused or met whatever trouble.
    """
    harmless = (NotSent, Ambiguous, BadAnswer)
    return await _send(send, tries, untaken, _NO_ROOM | _BROKEN, harmless, refused)


async def _send(
    send: Send,
    tries: int,
    untaken: int,
    passing: frozenset[int],
    harmless: tuple[type[Exception], ...],
    refused: Callable[[Answer], bool],
) -> Answer:
    may_have_arrived = False
    for number in range(1, tries + 1):
        wait = _FIRST_PAUSE * 2 ** (number - 1)
        try:
            answer = await send()
        except (NotSent, Ambiguous, BadAnswer) as error:
            may_have_arrived |= not isinstance(error, NotSent)
            last = number >= (tries if may_have_arrived else untaken)
            if last or not isinstance(error, harmless):
                raise _judged(error, may_have_arrived) from error
        else:
            may_have_arrived |= answer.status in _BROKEN
            last = number >= (tries if may_have_arrived else untaken)
            if last or not _may_pass(answer, passing):
                if may_have_arrived and refused(answer):
                    raise UpstreamError(Fault.UNCERTAIN, status=answer.status)
                return answer
            wait = max(wait, answer.retry_after or 0.0)
        await asyncio.sleep(min(_LONGEST_PAUSE, wait) * random.uniform(1.0, 1.1))
    raise AssertionError("the last try returns or raises")


def _may_pass(answer: Answer, passing: frozenset[int]) -> bool:
    """Say whether another try may do better: OpenAI's 429 for an empty account will not."""
    return answer.status in passing and of_answer(answer).fault is not Fault.QUOTA


def _judged(error: NotSent | Ambiguous | BadAnswer, may_have_arrived: bool) -> UpstreamError:
    """Return the failure: what may have arrived before must not be taken for unsent."""
    if may_have_arrived and isinstance(error, NotSent):
        return UpstreamError(Fault.UNCERTAIN)
    return of_exception(error)
