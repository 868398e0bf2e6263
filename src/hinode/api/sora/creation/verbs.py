"""What each route that makes something asks of the studio: one hop into a thread each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hinode.api.sora.creation.asked import Asked, AskedExtension
from hinode.api.sora.creation.loading import Pictures, shape_of
from hinode.api.sora.creation.pictures import AskedPictures
from hinode.api.sora.creation.sources import Source, SourceKind
from hinode.api.sora.creation.wishes import check_plan, is_large, wish_for
from hinode.api.sora.naming import OF_VIDEOS, named
from hinode.media.kinds import JobAction, MediaKind
from hinode.studio.access.types import Caller
from hinode.studio.accounts.types import Plan
from hinode.studio.catalog.types import Model
from hinode.studio.catalog.wish import Wish
from hinode.studio.errors import ErrorCode
from hinode.studio.filing import Filing
from hinode.studio.jobs.quota import Quota
from hinode.studio.jobs.requests import ImageRequest, VideoRequest
from hinode.studio.jobs.types import Job
from hinode.studio.membership import Membership
from hinode.studio.remixing import Parent, Remixing
from hinode.studio.studio import Studio

_OF_CHARACTERS = (ErrorCode.CHARACTER_NOT_FOUND,)


@dataclass(frozen=True, slots=True)
class Created:
    """A job just made, and what its account may make now."""

    job: Job
    quota: Quota


@dataclass(frozen=True, slots=True)
class CreationVerbs:
    """The studio as this dialect makes things in it. All methods raise :class:`StudioError`."""

    studio: Studio
    members: Membership
    filing: Filing
    remixing: Remixing = field(init=False)
    pictures: Pictures = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "remixing", Remixing(self.studio.db))
        object.__setattr__(self, "pictures", Pictures(self.studio, self.filing))

    def create(self, secret: str | None, asked: Asked) -> Created:
        """Make a video: from words, from a picture, or from another video."""
        caller, plan = self._maker(secret)
        model = self.studio.catalog.get(asked.model, MediaKind.VIDEO)
        parent = None if asked.target is None else self._parent(caller, asked.target)
        self._check_plan(plan, model, asked, parent)
        picture = None if asked.picture is None else self.pictures.load(caller, asked.picture)
        request = VideoRequest(
            prompt=asked.prompt,
            wish=wish_for(asked, model, shape_of(picture) if picture else None),
            first_frame=picture,
            start=parent.start if parent else None,
            style=asked.style,
            shots=asked.shots,
            characters=asked.characters,
            marked_twin=True,
        )
        job = self._made(caller, request, "remix_target_id")
        if parent is not None:
            self.remixing.count(parent)
        return self._created(caller, job)

    def extend(self, secret: str | None, asked: AskedExtension) -> Created:
        """Make a video that goes on where another one ends."""
        caller, plan = self._maker(secret)
        video = asked.video
        with named(video.param):
            parent = self.remixing.of_job(caller, JobAction.EXTENSION, video.id, video.place)
        model = self.studio.catalog.get(parent.job.model, MediaKind.VIDEO)
        large = is_large(model, parent.job.plan.size)
        check_plan(plan, model, large=large, seconds=asked.seconds)
        wish = Wish(duration=str(asked.seconds))
        request = VideoRequest(asked.prompt, wish, start=parent.start, marked_twin=True)
        return self._created(caller, self._made(caller, request, video.param))

    def create_pictures(self, secret: str | None, asked: AskedPictures) -> Created:
        """Make pictures. They cost credits, and do not count among a plan's videos."""
        _, caller = self._with_plan(self.members.caller(secret))
        references = tuple(self.pictures.load(caller, one) for one in asked.sources)
        wish = Wish(size=str(asked.size), outputs=asked.outputs)
        request = ImageRequest(asked.prompt, wish, references)
        return self._created(caller, self.studio.create_image(caller, request))

    def _made(self, caller: Caller, request: VideoRequest, parent_param: str) -> Job:
        with named(parent_param, OF_VIDEOS), named("cameo_ids", _OF_CHARACTERS):
            return self.studio.create_video(caller, request)

    def _maker(self, secret: str | None) -> tuple[Caller, Plan]:
        """Prove who is calling, and that their plan and credits allow one more video."""
        plan, caller = self._with_plan(self.members.caller(secret))
        self.members.check_quota(caller)
        return caller, plan

    def _with_plan(self, caller: Caller) -> tuple[Plan, Caller]:
        plan = self.members.plan_of(caller)
        return plan, replace(caller, plan=self.members.plan_limits(plan))

    def _parent(self, caller: Caller, target: Source) -> Parent:
        with named(target.param):
            if target.kind is SourceKind.POST:
                return self.remixing.of_post(caller, target.id)
            return self.remixing.of_job(caller, JobAction.REMIX, target.id, target.place)

    def _check_plan(self, plan: Plan, model: Model, asked: Asked, parent: Parent | None) -> None:
        """A remix lasts as long as its parent where no length is asked for."""
        wish = wish_for(asked, model, None)
        seconds = int(wish.duration) if wish.duration else 0
        if parent is not None and not seconds:
            seconds = parent.job.plan.seconds
        check_plan(plan, model, large=bool(wish.hd), seconds=seconds)

    def _created(self, caller: Caller, job: Job) -> Created:
        return Created(job, self.members.quota(caller))
