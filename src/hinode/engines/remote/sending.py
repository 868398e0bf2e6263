"""Sending a request that makes something: once, or again where that is safe."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from hinode.engines.remote.failures import of_exception
from hinode.engines.remote.http import Ambiguous, Answer, BadAnswer, NotSent

_LONGEST_PAUSE = 15.0
_NO_ROOM = frozenset({429, 503})
_BROKEN = frozenset({408, 500, 502, 504})

Send = Callable[[], Awaitable[Answer]]


async def send_once(send: Send, tries: int = 3) -> Answer:
    """Send until it may have arrived: only what surely did not arrive is sent again.

    That is a connection that was refused, and an answer that says there was no room (429 and
    503). Raises :class:`hinode.engines.remote.failures.UpstreamError`.
    """
    return await _send(send, tries, _NO_ROOM, (NotSent,))


async def send_again(send: Send, tries: int = 6) -> Answer:
    """Send until there is an answer: for requests that do no more when they arrive twice.

    Raises :class:`hinode.engines.remote.failures.UpstreamError`.
    """
    return await _send(send, tries, _NO_ROOM | _BROKEN, (NotSent, Ambiguous, BadAnswer))


async def _send(
    send: Send, tries: int, passing: frozenset[int], harmless: tuple[type[Exception], ...]
) -> Answer:
    for number in range(1, tries + 1):
        wait = 0.25 * 2**number
        try:
            answer = await send()
        except (NotSent, Ambiguous, BadAnswer) as error:
            if number == tries or not isinstance(error, harmless):
                raise of_exception(error) from error
        else:
            if number == tries or answer.status not in passing:
                return answer
            wait = max(wait, answer.retry_after or 0.0)
        await asyncio.sleep(min(_LONGEST_PAUSE, wait) * random.uniform(1.0, 1.1))
    raise AssertionError("the last try returns or raises")
