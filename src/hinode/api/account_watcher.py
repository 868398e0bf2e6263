"""Notifies open event streams of what happens in accounts, with one database poll for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from hinode.core.jobs.activity import Activity
from hinode.kit.clock import Clock

INTERVAL = 0.5
"""Seconds between two polls of the followed accounts."""

OVERLAP = timedelta(seconds=30)
"""Time for which ends of jobs are seen again: clocks of several hosts differ a little."""

_MOST_UNREAD = 100

Look = Callable[[Mapping[UUID, datetime]], dict[UUID, Activity]]
log = structlog.get_logger("hinode.watcher")


class AccountWatcher:
    """Polls the followed accounts; it reads the database and so sees what every process does."""

    def __init__(self, look: Look, clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._followers: dict[UUID, set[asyncio.Queue[Activity | None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def follow(
        self, account_id: UUID, quiet_seconds: float
    ) -> AsyncGenerator[Activity | None, None]:
        """Yield the state of an account now and at each change; None after a quiet time.

        The iterator ends at shutdown, and when its reader is far behind.
        """
        queue: asyncio.Queue[Activity | None] = asyncio.Queue()
        self._followers.setdefault(account_id, set()).add(queue)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="hinode-account-watcher")
        try:
            while queue.qsize() <= _MOST_UNREAD:
                try:
                    activity = await asyncio.wait_for(queue.get(), quiet_seconds)
                except TimeoutError:
                    yield None
                    continue
                if activity is None:
                    return
                yield activity
        finally:
            self._forget(account_id, queue)

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

    def _forget(self, account_id: UUID, queue: asyncio.Queue[Activity | None]) -> None:
        queues = self._followers.get(account_id, set())
        queues.discard(queue)
        if not queues:
            self._followers.pop(account_id, None)

    async def _run(self) -> None:
        told: dict[asyncio.Queue[Activity | None], Activity] = {}
        while self._followers:
            since = dict.fromkeys(self._followers, self._clock.now() - OVERLAP)
            try:
                found = await asyncio.to_thread(self._look, since)
            except Exception:
                log.exception("accounts could not be polled; the next poll tries again")
            else:
                told = self._tell(found, told)
            await asyncio.sleep(INTERVAL)
        self._task = None

    def _tell(
        self,
        found: dict[UUID, Activity],
        told: dict[asyncio.Queue[Activity | None], Activity],
    ) -> dict[asyncio.Queue[Activity | None], Activity]:
        now: dict[asyncio.Queue[Activity | None], Activity] = {}
        for account_id, activity in found.items():
            for queue in self._followers.get(account_id, ()):
                if told.get(queue) != activity:
                    queue.put_nowait(activity)
                now[queue] = activity
        return now
