"""Keeps what this worker logs of a job in the database, so that operators read it with the job."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from hinode.core.host_failure_log import HostFailureLog
from hinode.core.jobs.execution import JobExecution
from hinode.core.jobs.job_log import JobLogLine
from hinode.kit.captured_lines import MOST_LINES, CapturedLine, CapturedLines, capturing
from hinode.kit.log_context import log_fields


class JobLines:
    """The lines of the jobs that this worker has, until they are written.

    They are written while a job renders and when this worker has done its part; what cannot be
    written then is in the worker's log only.
    """

    def __init__(self, execution: JobExecution, failures: HostFailureLog, worker: str) -> None:
        self._execution = execution
        self._failures = failures
        self._worker = worker
        # By the identity of the lines: a job that is resumed may be here twice for a moment.
        self._open: dict[int, tuple[UUID, CapturedLines]] = {}

    @asynccontextmanager
    async def of_job(self, job_id: UUID) -> AsyncIterator[None]:
        """Bind the job's id to the lines that are logged in the block, and keep these."""
        lines = deque[CapturedLine](maxlen=MOST_LINES)
        self._open[id(lines)] = job_id, lines
        try:
            with log_fields(job_id=job_id.hex), capturing(lines):
                yield
        finally:
            del self._open[id(lines)]
            await self._write(job_id, lines)

    async def write(self) -> None:
        """Write the lines that have come since the last time."""
        for job_id, lines in list(self._open.values()):
            await self._write(job_id, lines)

    async def _write(self, job_id: UUID, lines: CapturedLines) -> None:
        taken = [JobLogLine(self._worker, lines.popleft()) for _ in range(len(lines))]
        if not taken:
            return
        try:
            await asyncio.to_thread(self._execution.append_log, job_id, taken)
        except Exception as error:
            self._failures.record_any("log lines of a job are not kept", error)
