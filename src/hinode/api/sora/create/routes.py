"""Routes that create videos and images, and that store what these are made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import MULTIPART, read_fields
from hinode.api.context import ApiContext
from hinode.api.file_names import tidy_file_name
from hinode.api.input_loader import InputLoader
from hinode.api.job_route import tell_route
from hinode.api.json_text import json_response
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body, request_body
from hinode.api.sora.countries import check_country
from hinode.api.sora.create import schemas, serializers
from hinode.api.sora.create.creation import CreatedJob, JobCreator
from hinode.api.sora.create.prompt_enhancement import enhance
from hinode.api.sora.create.sources import load_images, orientation_of
from hinode.api.sora.create.timeline import Timeline, parse_timeline
from hinode.api.sora.openapi import DOCS
from hinode.api.unread_fields import report_unread, tell_ignored
from hinode.api.values import Upload, Value
from hinode.api.video_images import with_decoded_images
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.service import HEAD_BYTES
from hinode.core.files.types import File, NewFile
from hinode.core.text_checks import check_prompt
from hinode.media.image_header import ACCEPTED, read_size, sniff
from hinode.media.types import ArtifactRole

_DOCS = DOCS.of("create")

MAX_JSON_BYTES = 1_000_000
"""Bytes of a body without files: the longest prompt fits, escaped."""

UPLOAD_LIFETIME = timedelta(days=30)
"""How long an upload is kept: nobody deletes one."""

_PURPOSE, _UNNAMED = "vision", "image"
_EXTENSION = "/backend/project_y/profile/drafts/{gen_id}/long_video_extension"
_FAILURES = (400, 403, 404, 429, 503)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of creates and uploads."""
    routes = CreateRoutes(context)
    for path, endpoint, operation, response, body in (
        (
            "/backend/nf/create", routes.create, "soraCreate",
            schemas.CreatedTask, schemas.SoraCreateVideo,
        ),
        (
            "/backend/nf/bulk_create", routes.bulk_create, "soraBulkCreate",
            schemas.CreatedTasks, schemas.SoraCreateVideo,
        ),
        (
            "/backend/nf/create/storyboard", routes.create_storyboard, "soraCreateStoryboard",
            schemas.CreatedTask, schemas.CreateStoryboard,
        ),
        (
            "/backend/video_gen", routes.create_images, "soraCreatePictures",
            schemas.CreatedTask, schemas.CreateImages,
        ),
        (_EXTENSION, routes.extend, "soraExtend", schemas.CreatedTask, schemas.SoraExtendVideo),
    ):  # fmt: skip
        table.add(
            _DOCS, "POST", path, endpoint, operation, response, *_FAILURES, body=json_body(body)
        )
    upload = request_body(schemas.ImageUpload, MULTIPART)
    table.add(
        _DOCS, "POST", "/backend/uploads", routes.upload, "soraUpload",
        schemas.UploadedImage, 400, 403, body=upload,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/backend/project_y/file/upload", routes.upload_file, "soraUploadFile",
        schemas.UploadedFileObject, 400, 403, body=upload,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/backend/editor/enhance_prompt", routes.enhance_prompt, "soraEnhancePrompt",
        schemas.EnhancedPrompt, 400, 403, body=json_body(schemas.EnhancePrompt),
    )  # fmt: skip


@dataclass(slots=True)
class CreateRoutes:
    """Handlers of creates and uploads.

    The header `openai-sentinel-token` is accepted with any value and never required.
    """

    context: ApiContext
    auth: Authenticator = field(init=False)
    creator: JobCreator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.SORA)
        self.creator = JobCreator(self.context.core)

    async def create(self, request: Request) -> Response:
        """Create a video from a prompt, an image (`inpaint_items`) or another video.

        The task is in `nf/pending` when the response arrives.
        """
        return json_response(serializers.created_task(await self._create(request)))

    async def bulk_create(self, request: Request) -> Response:
        """Create up to four videos from one prompt: a task with `nsamples` generations."""
        return json_response(serializers.created_tasks(await self._create(request)))

    async def create_storyboard(self, request: Request) -> Response:
        """Create a video from a storyboard of several shots."""
        caller, fields = await self._read(request)
        body = report_unread(request, caller, parse(schemas.CreateStoryboard, fields), refuse=False)
        made = await self._create_video(request, caller, body, parse_timeline(body.prompt))
        return json_response(serializers.created_task(_told(request, made)))

    async def create_images(self, request: Request) -> Response:
        """Create images from a prompt and optional uploads."""
        caller, fields = await self._read(request)
        body = report_unread(request, caller, parse(schemas.CreateImages, fields), refuse=False)
        draft = await self.context.call(self.creator.draft_images, caller, body)
        loader = InputLoader(self.context, request, draft.caller)
        contents = await load_images(loader, draft.images)
        params = ["image"] * len(contents)
        async with loader.decoded(contents, params) as images:
            wanted = replace(draft.request, references=tuple(images))
            made = await self.context.create(self.creator.create_images, draft.caller, wanted)
        return json_response(serializers.created_task(_told(request, made)))

    async def extend(self, request: Request, gen_id: str) -> Response:
        """Create an extension of a video, 10 or 15 seconds longer."""
        caller, fields = await self._read(request)
        body = report_unread(request, caller, parse(schemas.SoraExtendVideo, fields), refuse=False)
        made = await self.context.create(self.creator.extend_video, caller, body, gen_id)
        return json_response(serializers.created_task(_told(request, made)))

    async def upload(self, request: Request) -> Response:
        """Upload an image (JPEG, PNG, WebP, HEIC, AVIF) as the input of a video or image.

        It is kept for 30 days.
        """
        body, file = await self._store(request)
        size = read_size(body.file.content.read())
        url = self.context.links.upload_url(request, file)
        return json_response(serializers.uploaded_image(file, size, url))

    async def upload_file(self, request: Request) -> Response:
        """Upload an image that requests refer to by its asset pointer.

        It can be the image of a character or a first frame, and is kept for 30 days.
        """
        body, file = await self._store(request)
        url = self.context.links.upload_url(request, file)
        return json_response(serializers.uploaded_file(file, url, body.use_case))

    async def enhance_prompt(self, request: Request) -> Response:
        """Expand a prompt with the server's text model, or else with a template."""
        caller = await self.auth.caller(request)
        fields = await read_fields(request, MAX_JSON_BYTES)
        body = report_unread(request, caller, parse(schemas.EnhancePrompt, fields), refuse=False)
        check_prompt(body.prompt)
        level, seconds = body.expansion_level, body.duration_s
        model = self.context.text_model_for(caller)
        prompt, source = await enhance(body.prompt, level, seconds, model)
        return json_response(
            {
                "enhanced_prompt": prompt,
                "source": source,
                "expansion_level": level,
                "duration_s": seconds,
            }
        )

    async def _create(self, request: Request) -> CreatedJob:
        caller, fields = await self._read(request)
        body = report_unread(request, caller, parse(schemas.SoraCreateVideo, fields), refuse=False)
        made = await self._create_video(request, caller, body, Timeline(body.prompt, ()))
        return _told(request, made)

    async def _create_video(
        self, request: Request, caller: Caller, body: schemas.SoraCreateVideo, timeline: Timeline
    ) -> CreatedJob:
        call, creator = self.context.call, self.creator
        draft = await call(creator.draft_video, caller, body, timeline)
        if not draft.images:
            return await self.context.create(creator.create_video, draft, draft.request(None))
        loader = InputLoader(self.context, request, draft.caller)
        roles = [role for role, _ in draft.images]
        contents = await load_images(loader, [image for _, image in draft.images])
        is_framed = roles[0] is not ArtifactRole.REFERENCE
        wanted = draft.request(orientation_of(contents[0]) if is_framed else None)
        await call(creator.check_video, draft, wanted)
        async with with_decoded_images(loader, wanted, contents, roles) as framed:
            return await self.context.create(creator.create_video, draft, framed)

    async def _read(self, request: Request) -> tuple[Caller, dict[str, Value]]:
        """Read the body of a create, for authenticated callers in served countries."""
        check_country(request, self.context)
        # The caller is authenticated first: strangers cannot make us read megabytes.
        caller = await self.auth.caller(request)
        return caller, await read_fields(request, MAX_JSON_BYTES)

    async def _store(self, request: Request) -> tuple[schemas.ImageUpload, File]:
        caller = await self.auth.caller(request)
        fields = await read_fields(request, self.context.upload_limit)
        body = report_unread(request, caller, parse(schemas.ImageUpload, fields), refuse=False)
        if sniff(body.file.content.head(HEAD_BYTES)) is None:
            raise HinodeError(
                ErrorCode.INVALID_IMAGE,
                "The file is not an image.",
                param="file",
                hint=f"Send a {ACCEPTED} image.",
            )
        new = _new_file(body.file, body.file_name or body.file.name)
        return body, await InputLoader(self.context, request, caller).store_file(new)


def _told(request: Request, made: CreatedJob) -> CreatedJob:
    """Have the answer's headers name a new job's route, and what its engine does not take."""
    tell_ignored(request, made.job.options.ignored)
    tell_route(request, made.job)
    return made


def _new_file(upload: Upload, name: str) -> NewFile:
    lifetime = int(UPLOAD_LIFETIME.total_seconds())
    return NewFile(upload.content, tidy_file_name(name, _UNNAMED), _PURPOSE, lifetime)
