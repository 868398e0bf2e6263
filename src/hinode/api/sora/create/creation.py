"""Creates videos and images for requests of this dialect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from hinode.api.given_parameters import named
from hinode.api.image_inputs import ImageInput
from hinode.api.sora.create.params import check_plan, generation_params, is_large
from hinode.api.sora.create.schemas import (
    CreateImages,
    ImageSource,
    SoraCreateVideo,
    SoraExtendVideo,
    VideoImage,
)
from hinode.api.sora.create.sources import image_input, require_characters, require_output
from hinode.api.sora.create.timeline import Timeline
from hinode.api.sora.error_params import VIDEO_ERRORS, error_param
from hinode.api.sora.ids import parse_post_id
from hinode.api.sora.schemas import invalid_value
from hinode.api.values import missing
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Caller
from hinode.core.catalog.length import length_of
from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.types import Model
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.quota import VideoQuota
from hinode.core.jobs.requests import ImageRequest, VideoRequest
from hinode.core.jobs.types import Job
from hinode.core.posts.types import RemixSource
from hinode.core.services import CoreServices
from hinode.media.size import Orientation, Size
from hinode.media.types import ArtifactRole, JobAction, MediaKind

_CHARACTER_ERRORS = (ErrorCode.CHARACTER_NOT_FOUND,)
_CREDIT_ERRORS = (ErrorCode.INSUFFICIENT_CREDITS, ErrorCode.SPEND_LIMIT)


@dataclass(frozen=True, slots=True)
class CreatedJob:
    """A created job, and what its account may still make."""

    job: Job
    quota: VideoQuota


@dataclass(frozen=True, slots=True)
class VideoDraft:
    """A video that a caller with a plan may make from ``images``, if there are any."""

    caller: Caller
    body: SoraCreateVideo
    timeline: Timeline
    characters: tuple[UUID, ...]
    model: Model
    parent: RemixSource | None
    images: tuple[tuple[ArtifactRole, ImageInput], ...]

    def request(self, orientation: Orientation | None) -> VideoRequest:
        """Return the job to create, less its images; ``orientation`` is that of the frame."""
        return VideoRequest(
            prompt=self.timeline.prompt,
            params=generation_params(self.body, self.model, orientation),
            source=self.parent.source if self.parent else None,
            style=self.body.style_id,
            shots=self.timeline.shots,
            characters=self.characters,
            watermarked_copy=True,
            priority=self.body.priority,
            named=named(seed=self.body.seed),
        )


@dataclass(frozen=True, slots=True)
class ImageDraft:
    """Images that a caller with a plan may make from these."""

    caller: Caller
    request: ImageRequest
    images: tuple[ImageInput, ...]


@dataclass(frozen=True, slots=True)
class JobCreator:
    """Creates jobs. All methods raise :class:`HinodeError`."""

    core: CoreServices

    def draft_video(self, caller: Caller, body: SoraCreateVideo, timeline: Timeline) -> VideoDraft:
        """Check that a video may be created, from words, an image or another video."""
        images = tuple(_images(body))
        if body.remix_target_id and (images or timeline.shots):
            raise invalid_value(
                "remix_target_id",
                "A remix changes a video by words; it has neither images nor shots.",
            )
        characters = require_characters(body.cameo_ids or (), "cameo_ids")
        caller, plan = self._authorize(caller)
        model = self.core.jobs.catalog.get(body.model, MediaKind.VIDEO)
        parent = self._parent(caller, body.remix_target_id) if body.remix_target_id else None
        _check_plan(plan, model, body, parent)
        return VideoDraft(caller, body, timeline, characters, model, parent, images)

    def check_video(self, draft: VideoDraft, request: VideoRequest) -> None:
        """Raise what :meth:`create_video` would raise now, whatever the images hold."""
        roles = frozenset(role for role, _ in draft.images)
        with self._create_errors(draft.caller, "remix_target_id"):
            self.core.jobs.check_video(draft.caller, request, roles)

    def create_video(self, draft: VideoDraft, request: VideoRequest) -> CreatedJob:
        """Create a video of a draft."""
        job = self._create_video(draft.caller, request, "remix_target_id")
        if draft.parent is not None:
            self.core.posts.count_remix(draft.parent.source)
        return self._created(draft.caller, job)

    def extend_video(self, caller: Caller, body: SoraExtendVideo, generation: str) -> CreatedJob:
        """Create a video that continues another one; its prompt is not rewritten."""
        param = "generation_id"
        place = require_output(generation, param)
        caller, plan = self._authorize(caller)
        with error_param(param):
            parent = self.core.posts.job_source(caller, JobAction.EXTENSION, place)
        model = self.core.jobs.catalog.get(parent.job.model, MediaKind.VIDEO)
        seconds = body.extension_duration_s
        check_plan(plan, model, large=is_large(model, parent.job.plan.size), seconds=seconds)
        params = GenerationParams(
            duration=str(seconds), seed=body.seed, render=body.render_parameters()
        )
        request = VideoRequest(
            body.user_prompt,
            params,
            source=parent.source,
            style=body.style_id,
            named=named(seed=body.seed),
            watermarked_copy=True,
            priority=body.priority,
        )
        return self._created(caller, self._create_video(caller, request, param))

    def draft_images(self, caller: Caller, body: CreateImages) -> ImageDraft:
        """Check that images may be created.

        They cost credits, and do not count among a plan's videos.
        """
        items = body.inpaint_items or []
        if body.operation == "remix" and not items:
            raise missing("inpaint_items", "A remix is made from an image: name an upload.")
        _, caller = self._with_plan(caller)
        size = Size(body.width, body.height)
        params = GenerationParams(
            size=str(size),
            outputs=body.n_variants,
            seed=body.seed,
            render=body.render_parameters(),
        )
        request = ImageRequest(
            body.prompt, params, priority=body.priority, named=named(seed=body.seed)
        )
        images = tuple(_reference(index, item) for index, item in enumerate(items))
        if images:
            with self._quota_in_errors(caller):
                self.core.jobs.check_image(caller, request)
        return ImageDraft(caller, request, images)

    def create_images(self, caller: Caller, request: ImageRequest) -> CreatedJob:
        """Create images of a draft."""
        with self._quota_in_errors(caller):
            job = self.core.jobs.create_image(caller, request)
        return self._created(caller, job)

    def _create_video(self, caller: Caller, request: VideoRequest, parent_param: str) -> Job:
        with self._create_errors(caller, parent_param):
            return self.core.jobs.create_video(caller, request)

    @contextmanager
    def _create_errors(self, caller: Caller, parent_param: str) -> Iterator[None]:
        """Name the request's fields in errors of a create; show the quota in those about it."""
        named = error_param("cameo_ids", _CHARACTER_ERRORS)
        with self._quota_in_errors(caller), error_param(parent_param, VIDEO_ERRORS), named:
            yield

    @contextmanager
    def _quota_in_errors(self, caller: Caller) -> Iterator[None]:
        """Add what is left to errors about credits: to this job's price the rest is too little."""
        try:
            yield
        except HinodeError as error:
            if error.code in _CREDIT_ERRORS:
                left = self.core.profiles.quota(caller).rate_limit_fields()
                error.details = {**left, "rate_limit_reached": True}
            raise

    def _authorize(self, caller: Caller) -> tuple[Caller, Plan]:
        """Check that the caller's plan and credits allow one more video."""
        plan, caller = self._with_plan(caller)
        self.core.profiles.check_quota(caller)
        return caller, plan

    def _with_plan(self, caller: Caller) -> tuple[Plan, Caller]:
        plan = self.core.profiles.plan_of(caller)
        return plan, replace(caller, plan=self.core.profiles.plan_limits(plan))

    def _parent(self, caller: Caller, target: str) -> RemixSource:
        param = "remix_target_id"
        with error_param(param):
            post = parse_post_id(target)
            if post is not None:
                return self.core.posts.remix_source(caller, post)
            place = require_output(target, param)
            return self.core.posts.job_source(caller, JobAction.REMIX, place)

    def _created(self, caller: Caller, job: Job) -> CreatedJob:
        return CreatedJob(job, self.core.profiles.quota(caller))


def _images(body: SoraCreateVideo) -> Iterator[tuple[ArtifactRole, ImageInput]]:
    for item in body.inpaint_items or ():
        yield ArtifactRole.UPLOAD, _image(item, "inpaint_items[0]")
    if body.last_frame is not None:
        yield ArtifactRole.LAST_FRAME, _image(body.last_frame, "last_frame")
    for index, item in enumerate(body.reference_images or ()):
        yield ArtifactRole.REFERENCE, _image(item, f"reference_images[{index}]")


def _image(item: VideoImage, place: str) -> ImageInput:
    names = {
        "upload": ("upload_id", item.upload_id),
        "file": ("file_id", item.file_id),
        "generation": ("generation_id", item.generation_id),
    }
    field, name = names[item.kind]
    param = f"{place}.{field}"
    if name is None:
        raise missing(param, f"It is the id for the kind '{item.kind}'.")
    return image_input(name, param)


def _reference(index: int, item: ImageSource) -> ImageInput:
    name = item.upload_media_id or item.generation_id
    field = "upload_media_id" if item.upload_media_id or not name else "generation_id"
    param = f"inpaint_items[{index}].{field}"
    if not name:
        raise missing(param, "It is the id of an upload.")
    return image_input(name, param)


def _check_plan(
    plan: Plan, model: Model, body: SoraCreateVideo, parent: RemixSource | None
) -> None:
    """Check what the plan includes; a remix without a length is as long as its parent."""
    params = generation_params(body, model, None)
    seconds = length_of(model, params).seconds if params.has_duration else 0
    if parent is not None and not seconds:
        seconds = parent.job.plan.seconds
    check_plan(plan, model, large=bool(params.hd), seconds=seconds)
