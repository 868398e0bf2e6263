"""Polls the running jobs of a process together: one query and one write for a thousand jobs.

Each round writes their progress and log lines, and stops those that were canceled or ended
elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from hinode.core.host_failure_log import HostFailureLog
from hinode.core.jobs.execution import JobExecution
from hinode.workflows.job_lines import JobLines
from hinode.workflows.progress import ProgressTracker

POLL_INTERVAL_S = 0.4
"""Interval in which progress is written and cancellation noticed."""

MAX_BACKOFF_SECONDS = 10.0
"""Maximum interval while the database does not answer."""


@dataclass(frozen=True, slots=True)
class _WatchedJob:
    tracker: ProgressTracker
    stopped: asyncio.Event = field(default_factory=asyncio.Event)


class _Poller:
    """The watched jobs of one event loop and the task that polls them."""

    def __init__(self, execution: JobExecution, failures: HostFailureLog, lines: JobLines) -> None:
        self.jobs: dict[UUID, _WatchedJob] = {}
        self._execution = execution
        self._failures = failures
        self._lines = lines
        self._task = asyncio.create_task(self._run())

    def end(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        pause = POLL_INTERVAL_S
        while True:
            await asyncio.sleep(pause)
            try:
                await self._poll()
                pause = POLL_INTERVAL_S
            except Exception as error:
                pause = min(2 * pause, MAX_BACKOFF_SECONDS)
                self._failures.record_any("polling of running jobs failed; retrying", error)

    async def _poll(self) -> None:
        watched_jobs = dict(self.jobs)
        made = {job_id: one.tracker.take_news() for job_id, one in watched_jobs.items()}
        running = await asyncio.to_thread(self._execution.report_progress, made)
        for job_id, one in watched_jobs.items():
            if job_id not in running:
                one.stopped.set()
        await self._lines.write()


class CancellationMonitor:
    """Tells each running job when it must stop."""

    def __init__(self, execution: JobExecution, failures: HostFailureLog, lines: JobLines) -> None:
        self._execution = execution
        self._failures = failures
        self._lines = lines
        self._pollers: dict[asyncio.AbstractEventLoop, _Poller] = {}

    @contextmanager
    def watch(self, job_id: UUID, tracker: ProgressTracker) -> Iterator[asyncio.Event]:
        """Watch a job while the block runs; the event is set when the job must stop."""
        loop = asyncio.get_running_loop()
        poller = self._pollers.get(loop)
        if poller is None:
            poller = self._pollers[loop] = _Poller(self._execution, self._failures, self._lines)
        watched = poller.jobs[job_id] = _WatchedJob(tracker)
        try:
            yield watched.stopped
        finally:
            # A resumed job can be watched twice while its first render stops.
            if poller.jobs.get(job_id) is watched:
                del poller.jobs[job_id]
            if not poller.jobs:
                poller.end()
                self._pollers.pop(loop, None)
