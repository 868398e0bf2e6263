"""Waiting for a job, in routes that return its result: images and chat.

A client may disconnect; its job continues.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from hinode.api.context import ApiContext
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.auth.types import Caller
from hinode.core.jobs.types import Job, JobDetail


@dataclass(frozen=True, slots=True)
class JobWaiting:
    """A request that waits for the end of a job."""

    context: ApiContext
    caller: Caller
    job: Job

    async def changes(self) -> AsyncGenerator[JobDetail | None, None]:
        """Yield the job at each change up to its final state; None after a quiet time.

        Raises :class:`HinodeError` if the job is deleted, and :class:`RequestError` at shutdown.
        """
        async with aclosing(self.context.watcher.follow(self.job.id)) as details:
            async for detail in details:
                yield detail
                if detail is not None and detail.job.state.ended:
                    return
        yield JobDetail(await self._left(), None)

    async def until_ended(self, request: Request) -> Job:
        """Return the job in its final state.

        Raises as :meth:`changes`, and :class:`ClientDisconnect` if the client disconnects.
        """
        async with aclosing(self.changes()) as changes:
            async for detail in changes:
                if detail is None:
                    if await request.is_disconnected():
                        break
                elif detail.job.state.ended:
                    return detail.job
        raise ClientDisconnect

    async def _left(self) -> Job:
        """Return the job if it has ended. Raises as :meth:`changes` if not."""
        jobs = self.context.core.jobs
        detail = await self.context.call(jobs.job, self.caller, self.job.id)
        if detail.job.state.ended:
            return detail.job
        raise RequestError(
            RequestErrorCode.INTERNAL,
            "The server is shutting down; the job continues. A request with the same "
            "Idempotency-Key returns its result later.",
            headers={"x-should-retry": "false"},
        )
