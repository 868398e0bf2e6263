"""The image routes of the OpenAI dialect."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.context import ApiContext
from hinode.api.input_loader import InputLoader
from hinode.api.job_route import tell_route
from hinode.api.json_text import json_response
from hinode.api.openai.events import event_stream_response
from hinode.api.openai.fields import read_create_fields
from hinode.api.openai.images import schemas
from hinode.api.openai.images.finished import finished_images
from hinode.api.openai.images.requests import CreateImage, EditImage, ImageOptions, VaryImage
from hinode.api.openai.images.waiting import Waiting
from hinode.api.openai.job_failures import failed_answer
from hinode.api.openai.openapi_docs import DOCS
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import IDEMPOTENCY_KEY, any_body
from hinode.api.unread_fields import is_strict, report_unread, tell_ignored
from hinode.core.auth.types import Caller, Scope
from hinode.core.jobs.requests import ImageRequest
from hinode.core.jobs.types import Job, JobState

_DOCS = DOCS.of("images")


@dataclass(slots=True)
class ImageRoutes:
    """Handlers of image routes; all accept an ``Idempotency-Key``."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.IMAGES)

    async def generate(self, request: Request) -> Response:
        """Create images from a prompt.

        The response is sent when the images are ready. The job continues if the client disconnects;
        a request with the same `Idempotency-Key` returns its images.
        """
        return await self._make(request, CreateImage)

    async def edit(self, request: Request) -> Response:
        """Create edited images from up to 16 images and a prompt.

        With a mask, only the masked area of the first image is edited.
        """
        return await self._make(request, EditImage)

    async def vary(self, request: Request) -> Response:
        """Create variations of an image."""
        return await self._make(request, VaryImage)

    async def _make(self, request: Request, schema: type[ImageOptions]) -> Response:
        # Authenticated before the body is read: only callers may send megabytes.
        caller = await self.auth.caller(request)
        fields = await read_create_fields(request, self.context.upload_limit)
        body = report_unread(request, caller, parse(schema, fields))
        key = request.headers.get("idempotency-key")
        await self.context.check_store()
        job = await self.create_from(request, caller, body, key)
        waiting = Waiting(self.context, caller, job, body.event_prefix)
        if body.stream:
            events = waiting.events()
            return event_stream_response(events)
        return await self._finished(request, waiting, inline=body.inline)

    async def create_from(
        self, request: Request, caller: Caller, body: ImageOptions, key: str | None
    ) -> Job:
        """Create the job of a parsed body; ``key`` is the idempotency key."""
        wanted = replace(body.request(key), strict=is_strict(request, caller))
        job = await self._create(request, caller, body, wanted)
        tell_ignored(request, job.options.ignored)
        return job

    async def _create(
        self, request: Request, caller: Caller, body: ImageOptions, wanted: ImageRequest
    ) -> Job:
        jobs, pictures = self.context.core.jobs, body.pictures
        masks = (body.mask_image,) if body.mask_image else ()
        if not pictures:
            return await self.context.create(jobs.create_image, caller, wanted)
        # Validated before any image is fetched or decoded.
        earlier = await self.context.call(jobs.check_image, caller, wanted)
        if earlier is not None:
            return earlier
        loader = InputLoader(self.context, request, caller)
        contents = await loader.load((*pictures, *masks))
        params = ["image"] * len(pictures) + ["mask"] * len(masks)
        async with loader.decoded(contents, params, masks=len(masks)) as images:
            references, (mask, *_) = images[: len(pictures)], [*images[len(pictures) :], None]
            wanted = replace(wanted, references=tuple(references), mask=mask)
            return await self.context.create(jobs.create_image, caller, wanted)

    async def _finished(self, request: Request, waiting: Waiting, *, inline: bool) -> Response:
        job = await waiting.until_ended(request)
        tell_route(request, job)
        if job.state is not JobState.COMPLETED:
            return failed_answer(job)
        shown = await self.context.call(
            finished_images, self.context, request, waiting.caller, job, inline=inline
        )
        return json_response(shown)


_WRONG = (400, 404, 409, 413, 415, 429)


def add_images(table: RouteTable, context: ApiContext) -> None:
    """Add the image routes."""
    images = ImageRoutes(context)
    routes = (
        ("generations", images.generate, "createImage", CreateImage),
        ("edits", images.edit, "createImageEdit", EditImage),
        ("variations", images.vary, "createImageVariation", VaryImage),
    )
    for name, endpoint, operation, schema in routes:
        table.add(
            _DOCS,
            "POST", f"/v1/images/{name}", endpoint, operation, schemas.Images, *_WRONG,
            body=any_body(schema), parameters=[IDEMPOTENCY_KEY],
        )  # fmt: skip
