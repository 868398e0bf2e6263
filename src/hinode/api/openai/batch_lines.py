"""The requests of batches: made by the code of their routes, answered as these answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from hinode.api.context import ApiContext
from hinode.api.openai import errors
from hinode.api.openai.images.finished import finished_images
from hinode.api.openai.images.requests import CreateImage
from hinode.api.openai.images.routes import ImageRoutes
from hinode.api.openai.job_failures import failed_answer
from hinode.api.openai.serializers import video
from hinode.api.openai.video_requests import CreateVideo
from hinode.api.openai.videos import VideoRoutes
from hinode.api.parsing import parse
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.unread_fields import ignored_fields, ignored_member, report_unread
from hinode.core.auth.types import Caller, Priority, Scope
from hinode.core.batches.results import line_id
from hinode.core.batches.types import Batch, BatchLine, CreatedLine, LineFailure, LineResponse
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.host_failures import host_failure
from hinode.core.jobs.types import Job, JobDetail, JobState
from hinode.kit.thread_pool import ThreadPool
from hinode.media.decoding.decoder import Decoder
from hinode.media.types import MediaKind

VIDEOS, IMAGES = "/v1/videos", "/v1/images/generations"
SCOPES: Mapping[str, Scope] = {VIDEOS: Scope.VIDEOS, IMAGES: Scope.IMAGES}
"""The endpoints that batches serve, with the scope that a key needs."""

_THREADS = 2
# What ends by itself: the line is tried again in the next round.
_FOR_A_WHILE = frozenset(
    {
        ErrorCode.TOO_MANY_JOBS,
        ErrorCode.RATE_LIMITED,
        ErrorCode.OVERLOADED,
        ErrorCode.NO_WORKER,
        ErrorCode.MODERATION_UNAVAILABLE,
    }
)

log = structlog.get_logger("hinode.batches")


@dataclass(frozen=True, slots=True)
class BatchRequests:
    """Makes the requests of batches in a worker."""

    context: ApiContext

    @asynccontextmanager
    async def open(self, batch: Batch) -> AsyncIterator[BatchSession]:
        """Yield what makes the requests of one batch, with threads and processes of its own."""
        pool, decoder = ThreadPool(_THREADS, "hinode-batch"), Decoder()
        context = replace(self.context, thread_pool=pool, create_pool=None, decoder=decoder)
        try:
            yield BatchSession(context, batch, _application(context))
        finally:
            await decoder.close()
            pool.shutdown()


def _application(context: ApiContext) -> Starlette:
    app = Starlette()
    app.state.strict_fields = context.strict_fields
    return app


@dataclass(frozen=True, slots=True)
class BatchSession:
    """Makes the requests of one batch."""

    context: ApiContext
    batch: Batch
    app: Starlette

    async def create(self, number: int, body: dict[str, Any]) -> CreatedLine | LineFailure | None:
        """Create the job of a line; None to try again later.

        A repeat returns the same job: the line's id is its idempotency key.
        """
        try:
            return await self._create(number, body)
        except (HinodeError, RequestError) as error:
            if error.code in _FOR_A_WHILE:
                return None
            return _line_response(errors.respond(error))
        except Exception as error:
            if host_failure(error) is not None:
                return None
            log.exception("a line of a batch failed", batch=self.batch.public_id, line=number)
            failed = RequestError(RequestErrorCode.INTERNAL, "The server failed; its log says why.")
            return _line_response(errors.respond(failed))

    async def _create(self, number: int, body: dict[str, Any]) -> CreatedLine:
        caller = await self.context.call(self._caller)
        key, request = line_id(self.batch.id, number).hex, self._request()
        if self.batch.endpoint == IMAGES:
            image = report_unread(request, caller, parse(CreateImage, body))
            if image.stream:
                raise HinodeError(
                    ErrorCode.UNSUPPORTED_VALUE,
                    "A request of a batch has no stream.",
                    param="stream",
                    hint="Leave it out.",
                )
            job = await ImageRoutes(self.context).create_from(request, caller, image, key)
            return CreatedLine(job.id, {"inline": image.inline, "ignored": ignored_fields(request)})
        wanted = report_unread(request, caller, parse(CreateVideo, body))
        made = await VideoRoutes(self.context).create_from(request, caller, wanted, key)
        return CreatedLine(made.job.id, {"ignored": ignored_fields(request)})

    def answer(self, line: BatchLine, job: Job | None) -> LineResponse:
        """Return the response of a line whose job has ended; None: the job was deleted."""
        try:
            return self._answer(line, job)
        except HinodeError as error:
            return _line_response(errors.respond(error))

    def _answer(self, line: BatchLine, job: Job | None) -> LineResponse:
        if job is None:
            raise HinodeError(ErrorCode.JOB_NOT_FOUND, "The result was deleted.", param="id")
        ignored = line.details.get("ignored", ())
        failed = None if job.state is JobState.COMPLETED else _line_response(failed_answer(job))
        if job.kind is MediaKind.VIDEO:
            shown = video(JobDetail(job, None), ignored)
            return LineResponse(failed.status if failed else 200, shown)
        if failed is not None:
            return failed
        inline = bool(line.details.get("inline"))
        owner = Caller(job.account_id, job.key_id, frozenset())
        images = finished_images(self.context, self._request(), owner, job, inline=inline)
        return LineResponse(200, images | ignored_member(ignored))

    def _caller(self) -> Caller:
        key_id, scope = self.batch.key_id, SCOPES[self.batch.endpoint]
        if key_id is None:
            raise LookupError("the dialect's callers have keys")
        caller = self.context.core.auth.caller_later(key_id, scope)
        return replace(caller, default_priority=Priority.LOW)

    def _request(self) -> Request:
        """Return a request as the batch's client would have sent it, which never disconnects."""
        url = urlsplit(self.batch.base_url)
        scope = {
            "type": "http",
            "app": self.app,
            "method": "POST",
            "scheme": url.scheme,
            "path": self.batch.endpoint,
            "root_path": url.path.rstrip("/"),
            "query_string": b"",
            "headers": [(b"host", url.netloc.encode())],
        }
        return Request(scope, _never)


async def _never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets the event")


def _line_response(response: Response) -> LineResponse:
    return LineResponse(response.status_code, json.loads(bytes(response.body)))
