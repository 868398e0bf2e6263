"""The routes that make something, and those that take what it is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.sora.countries import check_country
from hinode.api.sora.create import responses
from hinode.api.sora.create.handlers import CreatedJob, SoraCreateHandlers
from hinode.api.sora.create.image_requests import read_image_request
from hinode.api.sora.create.prompt_enhancement import enhance, read_expansion
from hinode.api.sora.create.requests import (
    SoraVideoRequest,
    read_extension_request,
    read_storyboard,
    read_video_request,
)
from hinode.api.sora.create.uploads import StoredUpload, read_upload, store_upload
from hinode.api.values import Fields, Value, text
from hinode.core.auth.types import Caller

MAX_JSON_BYTES = 1_000_000
"""Of a body without files: the longest prompt fits, escaped."""


@dataclass(slots=True)
class SoraCreateEndpoints:
    """One method per route; each returns a finished response and raises for the handlers.

    The header `openai-sentinel-token` is accepted in any form and never asked for.
    """

    context: ApiContext
    handlers: SoraCreateHandlers = field(init=False)

    def __post_init__(self) -> None:
        context = self.context
        self.handlers = SoraCreateHandlers(
            context.core.jobs, context.core.auth, context.core.files, context.core.posts
        )

    async def create(self, request: Request) -> Response:
        """Make a video: from words, from a picture (`inpaint_items`), or from another video.

        The job is in `nf/pending` before the answer leaves.
        """
        return _json(responses.created_task(await self._create(request, read_video_request)))

    async def bulk_create(self, request: Request) -> Response:
        """Make up to four videos of one prompt (`nsamples`): one task with as many generations."""
        return _json(responses.created_tasks(await self._create(request, read_video_request)))

    async def create_storyboard(self, request: Request) -> Response:
        """Make a video of several shots, written into the prompt as `Shot 1:` and so on."""
        return _json(responses.created_task(await self._create(request, read_storyboard)))

    async def create_images(self, request: Request) -> Response:
        """Make pictures, from words or from an upload. `width` and `height` say their shape."""
        body = read_image_request(await self._fields(request))
        made = await self.context.call(self.handlers.create_images, secret_of(request), body)
        return _json(responses.created_task(made))

    async def extend(self, request: Request, gen_id: str) -> Response:
        """Make a longer video: the named one, and 10 or 15 seconds more."""
        body = read_extension_request(await self._fields(request), gen_id)
        made = await self.context.call(self.handlers.extend, secret_of(request), body)
        return _json(responses.created_task(made))

    async def upload(self, request: Request) -> Response:
        """Keep a picture (JPEG, PNG, WebP) for 30 days, to start a video or a picture from."""
        kept, _ = await self._store(request)
        url = self.context.links.upload_url(request, kept.file)
        return _json(responses.uploaded_image(kept.file, kept.size, url))

    async def upload_file(self, request: Request) -> Response:
        """Keep a picture, to be named by its pointer: a character's portrait, or a first frame."""
        kept, fields = await self._store(request)
        url = self.context.links.upload_url(request, kept.file)
        return _json(responses.uploaded_file(kept.file, url, text(fields, "use_case")))

    async def enhance_prompt(self, request: Request) -> Response:
        """Expand a prompt; `source` is `model`, or `template` where no text model answered."""
        await self._caller(request)
        body = read_expansion(await read_fields(request, MAX_JSON_BYTES))
        prompt, source = await enhance(body, self.context.writer)
        return _json(responses.enhanced_prompt(body, prompt, source))

    async def _create(
        self, request: Request, read: Callable[[Fields], SoraVideoRequest]
    ) -> CreatedJob:
        body = read(await self._fields(request))
        return await self.context.call(self.handlers.create, secret_of(request), body)

    async def _fields(self, request: Request) -> dict[str, Value]:
        """Read what shall be made, for callers who were proven and may be served."""
        check_country(request, self.context)
        await self._caller(request)
        return await read_fields(request, MAX_JSON_BYTES)

    async def _caller(self, request: Request) -> Caller:
        # Before the body is read: strangers cannot make us read megabytes, or learn our rules.
        return await self.context.call(self.context.core.auth.caller, secret_of(request))

    async def _store(self, request: Request) -> tuple[StoredUpload, dict[str, Value]]:
        caller = await self._caller(request)
        fields = await read_fields(request, self.context.upload_limit)
        new = read_upload(fields)
        return await self.context.call(store_upload, self.context.core.files, caller, new), fields


def _json(value: dict[str, Any]) -> Response:
    return Response(dump(value), media_type="application/json")
