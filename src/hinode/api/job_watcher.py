"""Notifies waiting requests of job changes, with one database poll for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from uuid import UUID

import structlog

from hinode.core.jobs.types import JobDetail

INTERVAL = 0.25
"""Seconds between two polls of the followed jobs."""

Look = Callable[[Sequence[UUID]], list[JobDetail]]
log = structlog.get_logger("hinode.watcher")


class JobWatcher:
    """Polls the followed jobs and notifies their followers of changes.

    It polls the database, and so sees the changes made by every process. ``look`` returns the jobs
    with these ids; deleted ones are left out. Followers hear at least every ``quiet_seconds``.
    """

    def __init__(self, look: Look, quiet_seconds: float) -> None:
        self._look = look
        self._quiet_seconds = quiet_seconds
        self._followers: dict[UUID, set[asyncio.Queue[JobDetail | None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def follow(self, job_id: UUID) -> AsyncGenerator[JobDetail | None, None]:
        """Yield the job now and at each change; None after some time without a change.

        The iterator ends after the job's final state, when the job is deleted, and at shutdown.
        """
        queue: asyncio.Queue[JobDetail | None] = asyncio.Queue()
        self._followers.setdefault(job_id, set()).add(queue)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="hinode-watcher")
        try:
            while True:
                try:
                    detail = await asyncio.wait_for(queue.get(), self._quiet_seconds)
                except TimeoutError:
                    yield None
                    continue
                if detail is None:
                    return
                yield detail
                if detail.job.state.ended:
                    return
        finally:
            self._forget(job_id, queue)

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

    def _forget(self, job_id: UUID, queue: asyncio.Queue[JobDetail | None]) -> None:
        queues = self._followers.get(job_id, set())
        queues.discard(queue)
        if not queues:
            self._followers.pop(job_id, None)

    async def _run(self) -> None:
        seen: dict[asyncio.Queue[JobDetail | None], JobDetail] = {}
        while self._followers:
            wanted = list(self._followers)
            try:
                details = await asyncio.to_thread(self._look, wanted)
            except Exception:
                log.exception("jobs could not be polled; the next poll tries again")
            else:
                seen = self._tell(wanted, {one.job.id: one for one in details}, seen)
            await asyncio.sleep(INTERVAL)
        self._task = None

    def _tell(
        self,
        wanted: list[UUID],
        details: dict[UUID, JobDetail],
        seen: dict[asyncio.Queue[JobDetail | None], JobDetail],
    ) -> dict[asyncio.Queue[JobDetail | None], JobDetail]:
        told: dict[asyncio.Queue[JobDetail | None], JobDetail] = {}
        for job_id in wanted:
            detail = details.get(job_id)
            for queue in self._followers.get(job_id, ()):
                if detail is None or seen.get(queue) != detail:
                    queue.put_nowait(detail)
                if detail is not None:
                    told[queue] = detail
        return told
