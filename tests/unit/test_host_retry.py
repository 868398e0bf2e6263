"""A call that the host's failure stopped is repeated; other errors are raised."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from hinode.core.host_failures import HostFailure
from hinode.workflows.host_retry import MAX_PAUSE_SECONDS, HostRetry


def test_a_call_is_repeated_until_the_host_works() -> None:
    tries: list[int] = []

    def call(number: int) -> int:
        tries.append(number)
        if len(tries) == 1:
            raise OSError(errno.ENOSPC, "full")
        return number

    assert asyncio.run(HostRetry().call(call, 7)) == 7
    assert tries == [7, 7]


def test_other_errors_are_raised_at_once() -> None:
    def call() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        asyncio.run(HostRetry().call(call))


def test_a_shutdown_ends_the_repeats() -> None:
    retry = HostRetry()

    def call() -> None:
        retry.shutting_down.set()
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(retry.call(call))


def test_the_limit_ends_the_repeats() -> None:
    tries: list[int] = []

    def call() -> None:
        tries.append(1)
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(TimeoutError):
        asyncio.run(HostRetry(timedelta(seconds=0.7)).call(call))
    assert len(tries) == 3


def test_pauses_grow_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[float] = []

    async def note(_self: HostRetry, seconds: float) -> None:
        found.append(seconds)

    async def fail() -> None:
        with HostRetry().repeats() as repeats:
            for _ in range(2000):
                await repeats.pause(HostFailure.DISK, OSError(errno.EIO, "broken"))

    monkeypatch.setattr(HostRetry, "pause", note)
    asyncio.run(fail())
    assert found[:3] == [0.5, 1.0, 2.0]
    assert found[-1] == MAX_PAUSE_SECONDS


def test_repeats_of_many_are_logged_in_one_line_and_each_with_its_count() -> None:
    def once() -> Callable[[], None]:
        errors = [OSError(errno.ENFILE, "handles")]

        def call() -> None:
            if errors:
                raise errors.pop()

        return call

    async def many() -> None:
        retry = HostRetry()
        await asyncio.gather(*(retry.call(once()) for _ in range(20)))

    with capture_logs() as logged:
        asyncio.run(many())
    fails = [one for one in logged if one["event"] == "the host fails calls"]
    assert [one["part"] for one in fails] == [HostFailure.FILE_HANDLES]
    repeated = [one for one in logged if one["event"] == "repeated while the host failed"]
    assert [one["repeats"] for one in repeated] == [1] * 20
