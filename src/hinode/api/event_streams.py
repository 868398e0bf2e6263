"""Server-sent events: what the streams of an account and of the place have in common."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import StreamingResponse

from hinode.api.account_watcher import OVERLAP
from hinode.api.auth import Authenticator
from hinode.api.json_text import dump
from hinode.api.polling_watcher import PollingWatcher
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock

EVENTS_CONTENT = {"text/event-stream": {"schema": {"type": "string"}}}
LAST_EVENT = {
    "name": "Last-Event-ID",
    "in": "header",
    "schema": {"type": "string"},
    "description": "`id` of the last event that was received, to resume after it.",
}

MOST_STREAMS = 50
"""Streams of one account, or of the place, in one process: each holds a connection."""

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_OLDEST = timedelta(hours=1)
_CHECK_SECONDS = 5.0
_MILLISECONDS = re.compile(r"[0-9]{1,14}")

State = TypeVar("State")
NewsT_contra = TypeVar("NewsT_contra", contravariant=True)


class Feed(Protocol[NewsT_contra]):
    """The events of one stream: what its reader was told, and what is new to it."""

    def events(self, state: NewsT_contra, /) -> Iterator[bytes]:
        """Yield the events that tell of a state."""
        ...


@dataclass(frozen=True, slots=True)
class EventStream(Generic[State]):
    """Follows ``followed`` for one reader, as long as its credentials are valid."""

    auth: Authenticator
    request: Request
    caller: Caller
    watcher: PollingWatcher[State]
    followed: UUID

    def respond(self, beginning: AsyncIterator[bytes], feed: Feed[State]) -> StreamingResponse:
        """Return the response: ``beginning``, then the events of each change.

        Raises :class:`HinodeError` when too many follow the same.
        """
        if self.watcher.streams[self.followed] >= MOST_STREAMS:
            raise HinodeError(
                ErrorCode.RATE_LIMITED,
                f"There are {MOST_STREAMS} event streams of this kind open already.",
                hint="Close one; a page needs one for all its tabs.",
                retry_after=int(_CHECK_SECONDS),
            )
        return StreamingResponse(
            self._counted(beginning, feed), media_type="text/event-stream", headers=_HEADERS
        )

    async def _counted(
        self, beginning: AsyncIterator[bytes], feed: Feed[State]
    ) -> AsyncIterator[bytes]:
        self.watcher.streams[self.followed] += 1
        try:
            async for event in self._run(beginning, feed):
                yield event
        finally:
            self.watcher.streams[self.followed] -= 1
            if not self.watcher.streams[self.followed]:
                del self.watcher.streams[self.followed]

    async def _run(
        self, beginning: AsyncIterator[bytes], feed: Feed[State]
    ) -> AsyncIterator[bytes]:
        async for event in beginning:
            yield event
        checked = written = time.monotonic()
        async with aclosing(self.watcher.states(self.followed, _CHECK_SECONDS)) as news:
            async for state in news:
                if time.monotonic() - checked >= _CHECK_SECONDS:
                    if not await self._is_still():
                        return
                    checked = time.monotonic()
                for event in () if state is None else feed.events(state):
                    written = time.monotonic()
                    yield event
                if time.monotonic() - written >= _CHECK_SECONDS:
                    written = time.monotonic()
                    yield b": keep-alive\n\n"

    async def _is_still(self) -> bool:
        """Return whether the credentials of the stream are still valid."""
        try:
            return (await self.auth.caller(self.request)).account_id == self.caller.account_id
        except HinodeError:
            return False


def event(clock: Clock, name: str, data: dict[str, Any]) -> bytes:
    """Return an event; its id is the time, from which the stream can be resumed."""
    moment = int(clock.now().timestamp() * 1000)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (moment, name.encode(), dump(data))


def resumed_at(last: str | None, now: datetime) -> tuple[datetime, bool]:
    """Return the time from which ends of jobs are told, and if the reader must begin anew."""
    if last is None:
        return now, False
    if not _MILLISECONDS.fullmatch(last):
        return now, True
    moment = datetime.fromtimestamp(int(last) / 1000, UTC)
    if not now - _OLDEST <= moment <= now + OVERLAP:
        return now, True
    return moment - OVERLAP, False
