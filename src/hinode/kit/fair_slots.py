"""Slots for costly work, given round robin between those who ask."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import TypeAlias

_Waiters: TypeAlias = "deque[asyncio.Future[None]]"


class TooManyWaiting(Exception):
    """No more may wait: of this key, or (``of_key`` is false) in all."""

    def __init__(self, *, of_key: bool) -> None:
        super().__init__("too many wait for a slot")
        self.of_key = of_key


class FairSlots:
    """A number of slots; of those who wait, each key gets one in its turn.

    One key never has all slots (unless there is only one), so that another need not wait for work
    of unknown length to end. At most ``waiting_per_key`` of a key wait, and ``waiting`` in all.
    """

    def __init__(self, slots: int, *, waiting_per_key: int, waiting: int) -> None:
        self._free = slots
        self._most_of_key = max(1, slots - 1)
        self._waiting_per_key = waiting_per_key
        self._waiting = waiting
        self._held: dict[Hashable, int] = {}
        # In the order of their turns: a key that was given a slot goes to the end.
        self._queues: OrderedDict[Hashable, _Waiters] = OrderedDict()

    @asynccontextmanager
    async def slot(self, key: Hashable) -> AsyncIterator[None]:
        """Hold a slot for the length of the block. Raises :class:`TooManyWaiting`."""
        await self._acquire(key)
        try:
            yield
        finally:
            self._release(key)

    async def _acquire(self, key: Hashable) -> None:
        if self._free and key not in self._queues and self._may_hold(key):
            self._take(key)
            return
        future = self._enqueue(key)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                # The slot was given at the moment in which its taker gave up.
                self._release(key)
            else:
                self._forget(key, future)
            raise

    def _enqueue(self, key: Hashable) -> asyncio.Future[None]:
        queue = self._queues.get(key, ())
        if len(queue) >= self._waiting_per_key:
            raise TooManyWaiting(of_key=True)
        if sum(map(len, self._queues.values())) >= self._waiting:
            raise TooManyWaiting(of_key=False)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(key, deque()).append(future)
        return future

    def _forget(self, key: Hashable, future: asyncio.Future[None]) -> None:
        queue = self._queues[key]
        queue.remove(future)
        if not queue:
            del self._queues[key]

    def _release(self, key: Hashable) -> None:
        self._free += 1
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
        self._give()

    def _give(self) -> None:
        """Give the free slots to those whose turn it is."""
        while self._free:
            key = next(filter(self._may_hold, self._queues), None)
            if key is None:
                return
            queue = self._queues.pop(key)
            future = queue.popleft()
            if queue:
                self._queues[key] = queue
            self._take(key)
            future.set_result(None)

    def _may_hold(self, key: Hashable) -> bool:
        return self._held.get(key, 0) < self._most_of_key

    def _take(self, key: Hashable) -> None:
        self._free -= 1
        self._held[key] = self._held.get(key, 0) + 1
