"""The video routes of the OpenAI dialect."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.downloads import send_object
from hinode.api.openai import serializers
from hinode.api.openai.auth import secret_of
from hinode.api.openai.events import event_stream
from hinode.api.openai.image_loading import load_pictures
from hinode.api.openai.queries import VARIANTS
from hinode.api.openai.responses import json_answer, video_answer
from hinode.api.openai.video_handlers import VideoVerbs
from hinode.api.openai.video_requests import read_creation
from hinode.core.assets.types import Asset
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.types import ArtifactRole
from hinode.storage import ObjectMissing

_SSE_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


@dataclass(slots=True)
class VideoRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    verbs: VideoVerbs = field(init=False)

    def __post_init__(self) -> None:
        self.verbs = VideoVerbs(self.context.core.jobs)

    async def create(self, request: Request) -> Response:
        """Make a video from a prompt, and from a first frame if one is given.

        The answer comes at once, with the status `queued`. With an `Idempotency-Key` header a
        repeated request gives the job that the first one made.
        """
        # The caller is proven before the body is read: strangers cannot make us read megabytes.
        caller = await self.context.call(self.verbs.caller, secret_of(request))
        creation = read_creation(await read_fields(request, self.context.upload_limit))
        image = None
        if creation.reference is not None:
            # What is refused anyway is refused before we connect to anybody.
            self.verbs.check(creation)
            (image,) = await load_pictures(self.context, caller, [creation.reference])
        key = request.headers.get("idempotency-key")
        return video_answer(
            await self.context.call(self.verbs.create, caller, creation, image, key)
        )

    async def retrieve(self, request: Request, video_id: str) -> Response:
        """Return a video job. A failed job is an answer like any other, with status 200."""
        secret = secret_of(request)
        return video_answer(await self.context.call(self.verbs.retrieve, secret, video_id))

    async def listing(self, request: Request) -> Response:
        """Return a page of the account's videos."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.verbs.page, secret, query)
        return json_answer(serializers.video_page(page))

    async def cancel(self, request: Request, video_id: str) -> Response:
        """Stop a job and refund it (ours): it fails with the code `canceled`."""
        secret = secret_of(request)
        return video_answer(await self.context.call(self.verbs.cancel, secret, video_id))

    async def delete(self, request: Request, video_id: str) -> Response:
        """Forget a video and its files; one that is not finished is canceled first."""
        await self.context.call(self.verbs.delete, secret_of(request), video_id)
        return json_answer(serializers.deleted(video_id))

    async def content(self, request: Request, video_id: str) -> Response:
        """Download a finished video, its thumbnail or its sprite sheet; ranges are served."""
        secret, query = secret_of(request), request.query_params
        asset = await self.context.call(self.verbs.content, secret, video_id, query)
        try:
            return await send_object(
                request,
                self.context.core.jobs.store,
                asset.key,
                size=asset.bytes,
                content_type=asset.content_type,
                filename=_filename(video_id, asset),
                etag=asset.digest,
                last_modified=asset.created_at,
            )
        except ObjectMissing as error:
            raise HinodeError(ErrorCode.EXPIRED, "This file is gone.", param="id") from error

    async def events(self, request: Request, video_id: str) -> Response:
        """Follow a job as server-sent events (ours): `video.updated` until its last state."""
        detail = await self.context.call(self.verbs.retrieve, secret_of(request), video_id)
        stream = event_stream(self.context.watcher, detail.job.id)
        return StreamingResponse(stream, media_type="text/event-stream", headers=_SSE_HEADERS)


def _filename(video_id: str, asset: Asset) -> str:
    """Name a download after its video, its variant and its output."""
    variant = "" if asset.role is ArtifactRole.VIDEO else f"-{_VARIANT_OF[asset.role]}"
    output = f"-{asset.output}" if asset.output else ""
    suffix = asset.key[asset.key.rindex(".") :]
    return f"{video_id}{variant}{output}{suffix}"


_VARIANT_OF = {role: name for name, role in VARIANTS.items()}
