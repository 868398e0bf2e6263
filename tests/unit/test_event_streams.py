"""How many event streams of one kind may be open, and what they send while nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

import pytest
from starlette.requests import Request

from hinode.api.auth import Authenticator
from hinode.api.event_streams import MOST_STREAMS, EventStream
from hinode.api.polling_watcher import PollingWatcher
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError

SOMEBODY, ANOTHER = UUID(int=1), UUID(int=2)


class Quiet(PollingWatcher[int]):
    """A watcher of what never changes."""

    subject = "nothing"
    interval = 60.0

    def poll(self, followed: Sequence[UUID]) -> Mapping[UUID, int | None]:
        return {}


class Restless(PollingWatcher[int]):
    """A watcher of what changes with each poll."""

    subject = "a counter"
    interval = 0.0
    most_unread = 5

    def __init__(self) -> None:
        super().__init__()
        self.polls = 0

    def poll(self, followed: Sequence[UUID]) -> Mapping[UUID, int | None]:
        self.polls += 1
        return dict.fromkeys(followed, self.polls)


class Told:
    """A feed without news."""

    def events(self, state: int, /) -> Iterator[bytes]:
        return iter(())


async def beginning() -> AsyncIterator[bytes]:
    yield b"first"


def opened(watcher: Quiet, followed: UUID = SOMEBODY) -> AsyncIterator[Any]:
    caller = Caller(followed, None, frozenset())
    request = Request({"type": "http", "headers": []})
    stream = EventStream(cast(Authenticator, None), request, caller, watcher, followed)
    return cast(AsyncIterator[Any], stream.respond(beginning(), Told()).body_iterator)


def test_an_account_has_so_many_streams_and_no_more() -> None:
    async def run() -> None:
        watcher = Quiet()
        streams = [opened(watcher) for _ in range(MOST_STREAMS)]
        assert [await anext(one) for one in streams] == [b"first"] * MOST_STREAMS

        with pytest.raises(HinodeError) as raised:
            opened(watcher)
        assert (raised.value.code, raised.value.retry_after) == (ErrorCode.RATE_LIMITED, 5)
        assert await anext(opened(watcher, ANOTHER)) == b"first"

        await cast(Any, streams.pop()).aclose()
        assert await anext(opened(watcher)) == b"first"
        await watcher.close()

    asyncio.run(run())


def test_a_reader_that_stopped_reading_is_kept_nothing_for() -> None:
    async def run() -> None:
        watcher = Restless()
        states = watcher.states(SOMEBODY, 60.0)
        assert await anext(states) == 1
        assert watcher._task is not None
        await asyncio.wait_for(watcher._task, 30)
        assert (last := watcher.polls) == 1 + Restless.most_unread + 1
        assert [one async for one in states] == []

        again = watcher.states(SOMEBODY, 60.0)
        assert await anext(again) == last + 1, "who comes back is told of what is now"
        await again.aclose()
        await watcher.close()

    asyncio.run(run())
