"""A call that the host's failure stopped is repeated; other errors are raised."""

from __future__ import annotations

import asyncio
import errno

import pytest

from hinode.workflows.host_retry import MAX_PAUSE_SECONDS, HostRetry, pauses


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


def test_pauses_grow_to_a_bound() -> None:
    found = [pause for pause, _ in zip(pauses(), range(8), strict=False)]
    assert found[:3] == [0.5, 1.0, 2.0]
    assert found[-1] == MAX_PAUSE_SECONDS
