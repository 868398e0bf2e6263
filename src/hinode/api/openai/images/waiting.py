"""Waiting for an image job: quietly, or as a stream of events.

Whoever waits may go away; the job does not.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import structlog
from starlette.requests import Request

from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.openai.events import QUIET_SECONDS
from hinode.api.openai.images import responses
from hinode.api.openai.job_failures import failed_error
from hinode.api.openai.waiting import JobWaiting
from hinode.api.request_errors import RequestError
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import Job, JobState
from hinode.media.types import ArtifactRole
from hinode.storage import ObjectMissing

log = structlog.get_logger("hinode.images")

_BROKEN: dict[str, object] = {
    "message": "The server could not go on with this stream; its log says why.",
    "type": "server_error",
    "param": None,
    "code": "server_error",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits for a job. ``prefix`` begins the names of a stream's events."""

    context: ApiContext
    caller: Caller
    job: Job
    prefix: str

    async def until_ended(self, request: Request) -> Job:
        """Return the job in its last state; raises as :meth:`JobWaiting.until_ended`."""
        return await self._waiting.until_ended(request, QUIET_SECONDS)

    async def events(self) -> AsyncIterator[bytes]:
        """Yield comments while nothing happens, then the images, or the error."""
        try:
            async with aclosing(self._waiting.changes(QUIET_SECONDS)) as changes:
                async for detail in changes:
                    if detail is None:
                        yield b": keep-alive\n\n"
                    elif detail.job.state.ended:
                        async for event in self._last_events(detail.job):
                            yield event
        except (HinodeError, RequestError) as error:
            yield _error_event({**_BROKEN, "message": str(error)})
        except Exception:
            log.exception("a stream of images broke", job_id=self.job.id.hex)
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
        """Return the files of a finished job with a role, in base64."""
        return await self.context.call(self._encoded, job, role)

    def _encoded(self, job: Job, role: ArtifactRole) -> list[str]:
        jobs = self.context.core.jobs
        try:
            files = [
                jobs.store.get_bytes(one.key) for one in jobs.rendered(self.caller, job.id, role)
            ]
        except ObjectMissing as error:
            raise HinodeError(ErrorCode.EXPIRED, "These files are gone.", param="id") from error
        return [base64.b64encode(file).decode() for file in files]


def _error_event(error: dict[str, object]) -> bytes:
    return b"event: error\ndata: " + dump({"error": error}) + b"\n\n"
