"""Waiting for an image job, with or without a stream of events.

A client may disconnect; its job continues.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import structlog
from starlette.requests import Request

from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.openai.images import responses
from hinode.api.openai.images.finished import encoded_files
from hinode.api.openai.job_failures import failed_error
from hinode.api.openai.waiting import JobWaiting
from hinode.api.request_errors import RequestError
from hinode.core.auth.types import Caller
from hinode.core.errors import HinodeError
from hinode.core.jobs.types import Job, JobState
from hinode.media.types import ArtifactRole

log = structlog.get_logger("hinode.images")

_BROKEN: dict[str, object] = {
    "message": "The stream was interrupted by a server error; the server's log has the cause.",
    "type": "server_error",
    "param": None,
    "code": "server_error",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for an image job; ``prefix`` is that of its event types."""

    context: ApiContext
    caller: Caller
    job: Job
    prefix: str

    async def until_ended(self, request: Request) -> Job:
        """Return the job in its final state. Raises as :meth:`JobWaiting.until_ended`."""
        return await self._waiting.until_ended(request)

    async def events(self) -> AsyncIterator[bytes]:
        """Yield keep-alive comments, then the images or an error event."""
        try:
            async with aclosing(self._waiting.changes()) as changes:
                async for detail in changes:
                    if detail is None:
                        yield b": keep-alive\n\n"
                    elif detail.job.state.ended:
                        async for event in self._last_events(detail.job):
                            yield event
        except (HinodeError, RequestError) as error:
            yield _error_event({**_BROKEN, "message": str(error)})
        except Exception:
            log.exception("an image stream failed", job_id=self.job.id.hex)
            yield _error_event(_BROKEN)

    @property
    def _waiting(self) -> JobWaiting:
        return JobWaiting(self.context, self.caller, self.job)

    async def _last_events(self, job: Job) -> AsyncIterator[bytes]:
        if job.state is not JobState.COMPLETED:
            yield _error_event(failed_error(job))
            return
        partials = job.options.partials
        if partials:
            for place, picture in enumerate(await self.encoded(job, ArtifactRole.PARTIAL)):
                yield responses.partial_event(job, self.prefix, picture, place % partials)
        for picture in await self.encoded(job, ArtifactRole.IMAGE):
            yield responses.completed_event(job, self.prefix, picture)

    async def encoded(self, job: Job, role: ArtifactRole) -> list[str]:
        """Return the files of a completed job with this role, in base64.

        Raises :class:`HinodeError` if they were deleted.
        """
        return await self.context.call(
            encoded_files, self.context.core.jobs, self.caller, job, role
        )


def _error_event(error: dict[str, object]) -> bytes:
    return b"event: error\ndata: " + dump({"error": error}) + b"\n\n"
