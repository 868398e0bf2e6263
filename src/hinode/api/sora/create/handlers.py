"""What each route that makes something asks of the studio: one hop into a thread each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hinode.api.sora.create.image_inputs import ImageLoader, orientation_of
from hinode.api.sora.create.image_requests import SoraImageRequest
from hinode.api.sora.create.params import check_plan, generation_params, is_large
from hinode.api.sora.create.requests import SoraExtensionRequest, SoraVideoRequest
from hinode.api.sora.create.sources import Source, SourceKind
from hinode.api.sora.error_params import VIDEO_ERRORS, error_param
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Caller
from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.types import Model
from hinode.core.drafts.types import Place
from hinode.core.errors import ErrorCode
from hinode.core.files.uploads import FileService
from hinode.core.jobs.quota import VideoQuota
from hinode.core.jobs.requests import ImageRequest, VideoRequest
from hinode.core.jobs.service import JobService
from hinode.core.jobs.types import Job
from hinode.core.membership import Membership
from hinode.core.posts.service import PostService
from hinode.core.posts.types import RemixSource
from hinode.media.types import JobAction, MediaKind

_CHARACTER_ERRORS = (ErrorCode.CHARACTER_NOT_FOUND,)


@dataclass(frozen=True, slots=True)
class CreatedJob:
    """A job just made, and what its account may make now."""

    job: Job
    quota: VideoQuota


@dataclass(frozen=True, slots=True)
class SoraCreateHandlers:
    """The studio as this dialect makes things in it. All methods raise :class:`HinodeError`."""

    jobs: JobService
    accounts: Membership
    files: FileService
    posts: PostService
    images: ImageLoader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "images", ImageLoader(self.jobs, self.files))

    def create(self, secret: str | None, body: SoraVideoRequest) -> CreatedJob:
        """Make a video: from words, from a picture, or from another video."""
        caller, plan = self._authorize(secret)
        model = self.jobs.catalog.get(body.model, MediaKind.VIDEO)
        parent = None if body.target is None else self._parent(caller, body.target)
        self._check_plan(plan, model, body, parent)
        image = None if body.image is None else self.images.load(caller, body.image)
        request = VideoRequest(
            prompt=body.prompt,
            params=generation_params(body, model, orientation_of(image) if image else None),
            first_frame=image,
            source=parent.source if parent else None,
            style=body.style,
            shots=body.shots,
            characters=body.characters,
            watermarked_copy=True,
        )
        job = self._create_video(caller, request, "remix_target_id")
        if parent is not None:
            self.posts.count_remix(parent.source)
        return self._created(caller, job)

    def extend(self, secret: str | None, body: SoraExtensionRequest) -> CreatedJob:
        """Make a video that goes on where another one ends."""
        caller, plan = self._authorize(secret)
        video = body.video
        with error_param(video.param):
            parent = self.posts.job_source(
                caller, JobAction.EXTENSION, Place(video.id, video.output_index)
            )
        model = self.jobs.catalog.get(parent.job.model, MediaKind.VIDEO)
        large = is_large(model, parent.job.plan.size)
        check_plan(plan, model, large=large, seconds=body.seconds)
        params = GenerationParams(duration=str(body.seconds))
        request = VideoRequest(body.prompt, params, source=parent.source, watermarked_copy=True)
        return self._created(caller, self._create_video(caller, request, video.param))

    def create_images(self, secret: str | None, body: SoraImageRequest) -> CreatedJob:
        """Make pictures. They cost credits, and do not count among a plan's videos."""
        _, caller = self._with_plan(self.accounts.caller(secret))
        references = tuple(self.images.load(caller, one) for one in body.sources)
        params = GenerationParams(size=str(body.size), outputs=body.outputs)
        request = ImageRequest(body.prompt, params, references)
        return self._created(caller, self.jobs.create_image(caller, request))

    def _create_video(self, caller: Caller, request: VideoRequest, parent_param: str) -> Job:
        with error_param(parent_param, VIDEO_ERRORS), error_param("cameo_ids", _CHARACTER_ERRORS):
            return self.jobs.create_video(caller, request)

    def _authorize(self, secret: str | None) -> tuple[Caller, Plan]:
        """Prove who is calling, and that their plan and credits allow one more video."""
        plan, caller = self._with_plan(self.accounts.caller(secret))
        self.accounts.check_quota(caller)
        return caller, plan

    def _with_plan(self, caller: Caller) -> tuple[Plan, Caller]:
        plan = self.accounts.plan_of(caller)
        return plan, replace(caller, plan=self.accounts.plan_limits(plan))

    def _parent(self, caller: Caller, target: Source) -> RemixSource:
        with error_param(target.param):
            if target.kind is SourceKind.POST:
                return self.posts.remix_source(caller, target.id)
            return self.posts.job_source(
                caller, JobAction.REMIX, Place(target.id, target.output_index)
            )

    def _check_plan(
        self, plan: Plan, model: Model, body: SoraVideoRequest, parent: RemixSource | None
    ) -> None:
        """A remix lasts as long as its parent where no length is asked for."""
        params = generation_params(body, model, None)
        seconds = int(params.duration) if params.duration else 0
        if parent is not None and not seconds:
            seconds = parent.job.plan.seconds
        check_plan(plan, model, large=bool(params.hd), seconds=seconds)

    def _created(self, caller: Caller, job: Job) -> CreatedJob:
        return CreatedJob(job, self.accounts.quota(caller))
