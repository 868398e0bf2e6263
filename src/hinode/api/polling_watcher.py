"""Notifies many followers of changes with one database poll for all of them."""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

import structlog

State = TypeVar("State")
log = structlog.get_logger("hinode.watcher")


class PollingWatcher(ABC, Generic[State]):
    """Polls what is followed; it reads the database and so sees what every process does.

    ``subject`` names what it follows in the log, ``interval`` is the seconds between two polls. A
    follower that has left ``most_unread`` states unread is left behind: its iterator ends, and the
    states are dropped at once, as it may never come back.
    """

    subject: ClassVar[str]
    interval: ClassVar[float]
    most_unread: ClassVar[float] = math.inf

    def __init__(self) -> None:
        self._followers: dict[UUID, set[asyncio.Queue[State | None]]] = {}
        self._task: asyncio.Task[None] | None = None
        self.streams: Counter[UUID] = Counter()
        """Open streams of what is followed, for those that bound them."""

    @abstractmethod
    def poll(self, followed: Sequence[UUID]) -> Mapping[UUID, State | None]:
        """Return the states of what is followed; None ends the iterators of its followers."""

    async def states(
        self, followed: UUID, quiet_seconds: float
    ) -> AsyncGenerator[State | None, None]:
        """Yield the state now and at each change; None after a quiet time.

        The iterator ends at shutdown, when ``poll`` says so, and when its reader is far behind.
        """
        queue: asyncio.Queue[State | None] = asyncio.Queue()
        self._followers.setdefault(followed, set()).add(queue)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"hinode-watcher-{self.subject}")
        try:
            while True:
                try:
                    state = await asyncio.wait_for(queue.get(), quiet_seconds)
                except TimeoutError:
                    yield None
                    continue
                if state is None:
                    return
                yield state
        finally:
            self._forget(followed, queue)

    async def close(self) -> None:
        """Stop polling and end all iterators."""
        for queues in self._followers.values():
            for queue in queues:
                queue.put_nowait(None)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _forget(self, followed: UUID, queue: asyncio.Queue[State | None]) -> None:
        queues = self._followers.get(followed, set())
        queues.discard(queue)
        if not queues:
            self._followers.pop(followed, None)

    def _put(self, followed: UUID, queue: asyncio.Queue[State | None], state: State | None) -> None:
        if queue.qsize() < self.most_unread:
            queue.put_nowait(state)
            return
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
        self._forget(followed, queue)

    async def _run(self) -> None:
        told: dict[asyncio.Queue[State | None], State] = {}
        while self._followers:
            try:
                found = await asyncio.to_thread(self.poll, list(self._followers))
            except Exception:
                log.exception(f"{self.subject} could not be polled; the next poll tries again")
            else:
                told = self._tell(found, told)
            await asyncio.sleep(self.interval)
        self._task = None

    def _tell(
        self,
        found: Mapping[UUID, State | None],
        told: Mapping[asyncio.Queue[State | None], State],
    ) -> dict[asyncio.Queue[State | None], State]:
        """Put the states that are new to followers into their queues; return what each was told."""
        now: dict[asyncio.Queue[State | None], State] = {}
        for followed, state in found.items():
            for queue in tuple(self._followers.get(followed, ())):
                if state is None or told.get(queue) != state:
                    self._put(followed, queue, state)
                if state is not None:
                    now[queue] = state
        return now
