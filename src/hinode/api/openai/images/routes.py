"""The image routes of the OpenAI dialect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.openai.auth import secret_of
from hinode.api.openai.image_loading import load_pictures
from hinode.api.openai.images.handlers import ImageVerbs
from hinode.api.openai.images.requests import (
    ImageCreation,
    read_edit,
    read_generation,
    read_variation,
)
from hinode.api.openai.images.responses import images_object
from hinode.api.openai.images.waiting import Waiting
from hinode.api.openai.job_failures import failed_answer
from hinode.api.openai.responses import json_answer
from hinode.api.values import Fields
from hinode.core.jobs.types import JobState
from hinode.media.types import ArtifactRole

_SSE_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


@dataclass(slots=True)
class ImageRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    verbs: ImageVerbs = field(init=False)

    def __post_init__(self) -> None:
        self.verbs = ImageVerbs(self.context.core.jobs)

    async def generate(self, request: Request) -> Response:
        """Make pictures from a prompt and answer when they are ready.

        A client that goes away does not lose its job: with the same `Idempotency-Key` it gets the
        pictures later.
        """
        return await self._make(request, read_generation)

    async def edit(self, request: Request) -> Response:
        """Make pictures from up to 16 others; with a mask, change the first only in part."""
        return await self._make(request, read_edit)

    async def vary(self, request: Request) -> Response:
        """Make pictures that are like another one."""
        return await self._make(request, read_variation)

    async def _make(self, request: Request, read: Callable[[Fields], ImageCreation]) -> Response:
        # The caller is proven before the body is read: strangers cannot make us read megabytes.
        caller = await self.context.call(self.verbs.caller, secret_of(request))
        creation = read(await read_fields(request, self.context.upload_limit))
        # What is refused anyway is refused before we connect to anybody.
        self.verbs.check(creation)
        named = (*creation.pictures, creation.mask) if creation.mask else creation.pictures
        loaded = await load_pictures(self.context, caller, named)
        key = request.headers.get("idempotency-key")
        job = await self.context.call(self.verbs.create, caller, creation, loaded, key)
        waiting = Waiting(self.context, self.verbs, caller, job, creation.verb.events)
        if creation.delivery.stream:
            events = waiting.events()
            return StreamingResponse(events, media_type="text/event-stream", headers=_SSE_HEADERS)
        return await self._finished(request, waiting, inline=creation.delivery.inline)

    async def _finished(self, request: Request, waiting: Waiting, *, inline: bool) -> Response:
        job = await waiting.until_ended(request)
        if job.state is not JobState.COMPLETED:
            return failed_answer(job)
        if inline:
            encode = self.verbs.encoded
            found = await self.context.call(encode, waiting.caller, job, ArtifactRole.IMAGE)
            pictures = [{"b64_json": one} for one in found]
        else:
            assets = await self.context.call(self.verbs.rendered, waiting.caller, job)
            link = self.context.links.output_url
            pictures = [{"url": link(request, job, one.output)} for one in assets]
        return json_answer(images_object(job, pictures))
