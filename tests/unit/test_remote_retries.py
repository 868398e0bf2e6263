"""What is sent again, and what a failure says about the tries before it."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.http import OutcomeUnknown, RequestNotSent, UpstreamResponse
from hinode.engines.remote.retries import send_at_most_once, send_idempotent

OK, BUSY, BROKEN = 200, 503, 500
WRONG, KEY, CREDITS, TWICE = 400, 401, 402, 409
BACKOFF = 0.0001
Try = int | Exception
AWAY, CUT = RequestNotSent(), OutcomeUnknown()


def sent(tries: list[Try], *, again: bool) -> tuple[int | FailureKind, int]:
    """Send to a server that does this, its last doing again and again: the outcome, and how often
    it was asked.
    """
    count = 0

    async def send() -> UpstreamResponse:
        nonlocal count
        found = tries[min(count, len(tries) - 1)]
        count += 1
        if isinstance(found, Exception):
            raise found
        return UpstreamResponse(found, httpx.Headers(), b"{}")

    try:
        answer = asyncio.run((send_idempotent if again else send_at_most_once)(send, BACKOFF))
    except UpstreamError as error:
        return error.failure_kind, count
    return answer.status, count


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        ([OK], (OK, 1)),
        ([AWAY, BUSY, OK], (OK, 3)),
        ([AWAY], (FailureKind.UNREACHABLE, 3)),
        ([BUSY], (BUSY, 3)),
        ([CUT], (FailureKind.UNCERTAIN, 1)),
        ([BROKEN], (BROKEN, 1)),
    ],
    ids=["taken", "trouble passes", "away", "no room", "cut off", "broken"],
)
def test_once_means_that_it_cannot_arrive_twice(
    tries: list[Try], expected: tuple[int | FailureKind, int]
) -> None:
    assert sent(tries, again=False) == expected


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        ([CUT, BROKEN, BUSY, AWAY, OK], (OK, 5)),
        ([AWAY], (FailureKind.UNREACHABLE, 3)),
        ([BUSY], (BUSY, 3)),
        ([CUT], (FailureKind.UNCERTAIN, 6)),
        ([CUT, AWAY], (FailureKind.UNCERTAIN, 6)),
        ([AWAY, CUT, AWAY], (FailureKind.UNCERTAIN, 6)),
        ([BROKEN, AWAY], (FailureKind.UNCERTAIN, 6)),
        ([CUT, BUSY], (FailureKind.UNCERTAIN, 6)),
        ([CUT, KEY], (FailureKind.UNCERTAIN, 2)),
        ([BROKEN, CREDITS], (FailureKind.UNCERTAIN, 2)),
        ([CUT, TWICE], (FailureKind.UNCERTAIN, 2)),
        ([CUT, WRONG], (WRONG, 2)),
        ([KEY], (KEY, 1)),
    ],
    ids=[
        "trouble passes", "away", "no room", "cut off", "cut off, then away",
        "cut off in between", "broken, then away", "cut off, then no room",
        "cut off, then our key", "broken, then no credits", "cut off, then a conflict",
        "cut off, then refused", "our key",
    ],
)  # fmt: skip
def test_what_may_have_arrived_is_never_called_unsent(
    tries: list[Try], expected: tuple[int | FailureKind, int]
) -> None:
    assert sent(tries, again=True) == expected


def test_an_empty_account_is_not_asked_again() -> None:
    count = 0

    async def send() -> UpstreamResponse:
        nonlocal count
        count += 1
        return UpstreamResponse(429, httpx.Headers(), b'{"error": {"code": "insufficient_quota"}}')

    assert asyncio.run(send_idempotent(send, BACKOFF)).status == 429
    assert count == 1
