"""Notifies waiting requests of job changes, with one database poll for all of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from uuid import UUID

from hinode.api.polling_watcher import PollingWatcher
from hinode.core.jobs.types import JobDetail

Look = Callable[[Sequence[UUID]], list[JobDetail]]


class JobWatcher(PollingWatcher[JobDetail]):
    """Polls the followed jobs and notifies their followers of changes.

    ``look`` returns the jobs with these ids; deleted ones are left out. Followers hear at least
    every ``quiet_seconds``.
    """

    subject = "jobs"
    interval = 0.25

    def __init__(self, look: Look, quiet_seconds: float) -> None:
        super().__init__()
        self._look = look
        self._quiet_seconds = quiet_seconds

    async def follow(self, job_id: UUID) -> AsyncGenerator[JobDetail | None, None]:
        """Yield the job now and at each change; None after some time without a change.

        The iterator ends after the job's final state, when the job is deleted, and at shutdown.
        """
        async with aclosing(self.states(job_id, self._quiet_seconds)) as states:
            async for detail in states:
                yield detail
                if detail is not None and detail.job.state.ended:
                    return

    def poll(self, followed: Sequence[UUID]) -> Mapping[UUID, JobDetail | None]:
        """Return the jobs; None for a deleted one."""
        found = {one.job.id: one for one in self._look(followed)}
        return {job_id: found.get(job_id) for job_id in followed}
