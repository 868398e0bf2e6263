"""The video routes of the OpenAI dialect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.downloads import send_object
from hinode.api.input_loader import InputLoader
from hinode.api.job_route import tell_route
from hinode.api.json_text import json_response
from hinode.api.openai import serializers
from hinode.api.openai.events import event_stream, event_stream_response
from hinode.api.openai.fields import read_create_fields
from hinode.api.openai.queries import VARIANTS, ContentQuery, VideoPageQuery
from hinode.api.openai.video_requests import (
    SOURCE,
    CreateVideo,
    EditVideo,
    ExtendVideo,
    RemixVideo,
    VideoOptions,
    source_id,
)
from hinode.api.parsing import parse
from hinode.api.unread_fields import ignored_fields, is_strict, report_unread, tell_ignored
from hinode.api.video_images import with_decoded_images
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import UploadSource, VideoRequest
from hinode.core.jobs.service import JobService
from hinode.core.jobs.types import Job, JobDetail
from hinode.core.pagination import Page
from hinode.kit.frozen import with_changes
from hinode.kit.ids import from_video_id
from hinode.kit.spool import Spooled
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage import ObjectMissing


@dataclass(slots=True)
class VideoRoutes:
    """Handlers of video routes; those that create videos accept an ``Idempotency-Key``."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.VIDEOS)

    @property
    def jobs(self) -> JobService:
        """The service of jobs."""
        return self.context.core.jobs

    async def create(self, request: Request) -> Response:
        """Create a video from a prompt and an optional first frame.

        The response is immediate, with the status `queued`. Poll the video, follow its events or
        register a webhook endpoint for its completion.
        """
        return _created(request, await self.create_video(request, CreateVideo))

    async def create_video(self, request: Request, schema: type[CreateVideo]) -> JobDetail:
        """Create the video of a request with this schema."""
        # Authenticated before the body is read: only callers may send megabytes.
        caller = await self.auth.caller(request)
        fields = await read_create_fields(request, self.context.upload_limit)
        body = report_unread(request, caller, parse(schema, fields))
        return await self.create_from(request, caller, body, _key(request))

    async def create_from(
        self, request: Request, caller: Caller, body: CreateVideo, key: str | None
    ) -> JobDetail:
        """Create a video from a parsed body; ``key`` is the idempotency key."""
        return await self._make(request, caller, body, body.request(key), "remix_id")

    async def remix(self, request: Request, video_id: str) -> Response:
        """Create a remix of a video: the same scene with changes from a new prompt.

        Model, size, length and seed default to those of the source video.
        """
        caller = await self.auth.caller(request)
        fields = await read_fields(request, self.context.upload_limit)
        body = report_unread(request, caller, parse(RemixVideo, fields))
        wanted = body.derived(source_id(video_id, "id"), _key(request))
        return _created(request, await self._make(request, caller, body, wanted, "id"))

    async def edit(self, request: Request) -> Response:
        """Create an edit of a video, which keeps its motion.

        The source is a video of the account or an uploaded file, at most as long as the longest
        video of `model`. The result has the length of the source, to the nearest frame, and is
        charged by whole seconds.
        """
        return await self._derived(request, EditVideo)

    async def extend(self, request: Request) -> Response:
        """Create an extension of a video: source and new part in one file.

        In the request `seconds` is the length of the new part, in the response the total length, at
        most 120 seconds. Only the new part is charged.
        """
        return await self._derived(request, ExtendVideo)

    async def retrieve(self, request: Request, video_id: str) -> Response:
        """Retrieve a video.

        A failed job is returned with HTTP status 200, its reason in `error`.
        """
        return _video_answer(request, await self.auth.call(request, self.find, video_id))

    async def listing(self, request: Request) -> Response:
        """List videos."""
        page = await self.auth.call(request, self._page, request.query_params)
        return json_response(serializers.video_page(page))

    async def cancel(self, request: Request, video_id: str) -> Response:
        """Cancel a video (extension).

        Its credits are refunded; the job fails with the code `canceled`.
        """
        return _video_answer(request, await self.auth.call(request, self._cancel, video_id))

    async def delete(self, request: Request, video_id: str) -> Response:
        """Delete a video and its files.

        An unfinished job is canceled first.
        """
        await self.auth.call(request, self._delete, video_id)
        return json_response(serializers.deleted(video_id))

    async def content(self, request: Request, video_id: str) -> Response:
        """Download a completed video, its thumbnail or its sprite sheet.

        Range requests and conditional requests are supported.
        """
        asset = await self.auth.call(request, self._content, video_id, request.query_params)
        return await self.send_file(request, video_id, asset)

    async def send_file(self, request: Request, video_id: str, asset: Asset) -> Response:
        """Return the response with a file of a video."""
        try:
            return await send_object(
                request,
                self.jobs.store,
                asset.key,
                size=asset.bytes,
                content_type=asset.content_type,
                filename=_filename(video_id, asset),
                etag=asset.digest,
                last_modified=asset.created_at,
            )
        except ObjectMissing as error:
            raise HinodeError(ErrorCode.EXPIRED, "This file was deleted.", param="id") from error

    async def events(self, request: Request, video_id: str) -> Response:
        """Stream the changes of a video as server-sent events (extension).

        Each event is a `video.updated` with the video object. The stream ends with `[DONE]` after
        the final state.
        """
        detail = await self.auth.call(request, self.find, video_id)
        stream = event_stream(self.context.watcher, detail.job.id)
        return event_stream_response(stream)

    async def _derived(self, request: Request, schema: type[EditVideo]) -> Response:
        caller = await self.auth.caller(request)
        fields = await read_create_fields(request, self.context.upload_limit)
        body = report_unread(request, caller, parse(schema, fields))
        wanted, clip = body.derived(body.video, _key(request)), body.clip
        return _created(request, await self._make(request, caller, body, wanted, SOURCE, clip))

    async def _make(
        self,
        request: Request,
        caller: Caller,
        body: VideoOptions,
        wanted: VideoRequest,
        source: str,
        clip: Spooled | None = None,
    ) -> JobDetail:
        """Create the video of a request; ``source`` is its field for the video to start from.

        ``clip`` is that video as an upload.
        """
        wanted = with_changes(wanted, strict=is_strict(request, caller))
        images = body.images()
        if not images and clip is None:
            return await self._created(request, caller, wanted, source)
        # Validated before any image is fetched or decoded.
        roles = [role for role, _ in images]
        check = self.context.call(self._check, caller, wanted, frozenset(roles), source)
        if (earlier := await check) is not None:
            return _told(request, earlier)
        loader = InputLoader(self.context, request, caller)
        contents = await loader.load([image for _, image in images])
        async with AsyncExitStack() as stack:
            if clip is not None:
                wanted = await stack.enter_async_context(_with_clip(loader, wanted, clip))
            decoded = with_decoded_images(loader, wanted, contents, roles)
            wanted = await stack.enter_async_context(decoded)
            return await self._created(request, caller, wanted, source)

    async def _created(
        self, request: Request, caller: Caller, wanted: VideoRequest, source: str
    ) -> JobDetail:
        return _told(request, await self.context.create(self._create, caller, wanted, source))

    def _check(
        self, caller: Caller, wanted: VideoRequest, images: frozenset[ArtifactRole], source: str
    ) -> Job | None:
        with _naming(source):
            return self.jobs.check_video(caller, wanted, images)

    def _create(self, caller: Caller, wanted: VideoRequest, source: str) -> Job:
        with _naming(source):
            return self.jobs.create_video(caller, wanted)

    def _page(self, caller: Caller, query: Mapping[str, str]) -> Page[JobDetail]:
        page = parse(VideoPageQuery, query)
        return self.jobs.list_videos(
            caller, limit=page.limit, after=page.after, ascending=page.ascending
        )

    def _cancel(self, caller: Caller, video_id: str) -> JobDetail:
        return JobDetail(self.jobs.cancel(caller, self._job_id(caller, video_id)), None)

    def _delete(self, caller: Caller, video_id: str) -> None:
        self.jobs.delete(caller, self._job_id(caller, video_id))

    def _content(self, caller: Caller, video_id: str, query: Mapping[str, str]) -> Asset:
        wanted = parse(ContentQuery, query)
        job_id = self._job_id(caller, video_id)
        return self.jobs.content(caller, job_id, VARIANTS[wanted.variant], wanted.index)

    def _job_id(self, caller: Caller, video_id: str) -> UUID:
        return self.find(caller, video_id).job.id

    def find(self, caller: Caller, video_id: str) -> JobDetail:
        """Return a video of the caller. Raises :class:`HinodeError` for any other id."""
        job_id = from_video_id(video_id)
        detail = self.jobs.job(caller, job_id) if job_id else None
        if detail is None or detail.job.kind is not MediaKind.VIDEO:
            raise HinodeError(
                ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param="id"
            )
        return detail


@asynccontextmanager
async def _with_clip(
    loader: InputLoader, wanted: VideoRequest, content: Spooled
) -> AsyncIterator[VideoRequest]:
    """Examine a clip that a video starts from, for the length of the block."""
    if not isinstance(wanted.source, UploadSource):
        raise TypeError("only a request that starts from an upload has a clip")
    async with loader.clip(content) as clip:
        yield replace(wanted, source=replace(wanted.source, clip=clip))


@contextmanager
def _naming(source: str) -> Iterator[None]:
    """Name the source of a video by the request's field: the service names it ``id``."""
    try:
        yield
    except HinodeError as error:
        if error.param == "id" and error.code is not ErrorCode.CHARACTER_NOT_FOUND:
            error.param = source
        raise


def _told(request: Request, job: Job) -> JobDetail:
    """Have the answer name what the engine of a new job does not take."""
    tell_ignored(request, job.options.ignored)
    return JobDetail(job, None)


def _key(request: Request) -> str | None:
    return request.headers.get("idempotency-key")


def _filename(video_id: str, asset: Asset) -> str:
    """Return a download's file name: the video's id, the variant and the output's index."""
    variant = "" if asset.role is ArtifactRole.VIDEO else f"-{_VARIANT_OF[asset.role]}"
    output = f"-{asset.output}" if asset.output else ""
    return f"{video_id}{variant}{output}{PurePosixPath(asset.key).suffix}"


def _video_answer(request: Request, detail: JobDetail, ignored: Sequence[str] = ()) -> Response:
    """Return a video's response, with the poll interval in ``openai-poll-after-ms``."""
    tell_route(request, detail.job)
    headers = {"openai-poll-after-ms": str(serializers.poll_after_ms(detail))}
    return json_response(serializers.video(detail, ignored), headers)


def _created(request: Request, detail: JobDetail) -> Response:
    """Return a new video's response, which names the fields that nothing read."""
    return _video_answer(request, detail, ignored_fields(request))


_VARIANT_OF = {role: name for name, role in VARIANTS.items()}
