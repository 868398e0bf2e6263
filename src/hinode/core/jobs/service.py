"""Create, read, cancel and delete jobs for callers.

Each method is synchronous and writes in one transaction. Files are stored before the transaction of
a create and deleted after that of a delete: a crash leaves files without a job, which the cleanup
removes, and never a job without its files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.accounts.types import Plan
from hinode.core.assets import repository as assets
from hinode.core.assets.input_images import InputImage, stored_images
from hinode.core.assets.input_videos import InputClip, stored_clip
from hinode.core.assets.types import Asset
from hinode.core.auth.priorities import granted_priority
from hinode.core.auth.types import Caller
from hinode.core.catalog.capabilities import EngineCapabilities
from hinode.core.catalog.service import Catalog, GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import accounting, callback_credentials, idempotency, repository
from hinode.core.jobs.errors import expired_error, not_ready_error
from hinode.core.jobs.forecast import Forecast
from hinode.core.jobs.lifecycle import DuplicateRequest, JobLifecycle, NewJob
from hinode.core.jobs.marking import with_forced_mark
from hinode.core.jobs.moderation import review_new
from hinode.core.jobs.planning import JobPlanner, own_job
from hinode.core.jobs.requests import (
    IdempotencyKey,
    ImageRequest,
    UploadSource,
    VideoRequest,
)
from hinode.core.jobs.types import CharacterResolver, Job, JobDetail, JobState
from hinode.core.pagination import Page
from hinode.core.text_checks import check_prompt
from hinode.kit.clock import Clock
from hinode.media.types import ArtifactRole, MediaKind
from hinode.moderation.gate import ModerationGate

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class JobService:
    """Jobs of callers; ``capabilities`` are those of the engines of this server, by name.

    Everything that accounts of ``marked_plans`` render bears the visible mark.
    """

    db: Database
    store: ObjectStore
    catalog: Catalog
    lifecycle: JobLifecycle
    characters: CharacterResolver
    clock: Clock
    capabilities: Mapping[str, EngineCapabilities] = field(default_factory=dict)
    moderation: ModerationGate | None = None
    marked_plans: frozenset[Plan] = frozenset()

    @property
    def planner(self) -> JobPlanner:
        """The planner of jobs."""
        return JobPlanner(
            self.db, self.store, self.catalog, self.characters, self.clock, self.capabilities
        )

    def create_video(self, caller: Caller, request: VideoRequest) -> Job:
        """Create a video job, or return the one created with the same idempotency key.

        When it raises :class:`HinodeError`, no file is stored and no credit is held.
        """
        prompt = check_prompt(request.prompt)
        # Before the request is resolved: a repeat gets its job even if the model, a character or
        # the source has gone since. A concurrent repeat is caught by the insert of the key.
        earlier = self.find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        request = with_forced_mark(self.db, self.marked_plans, caller, request)
        request = self.planner.with_characters(caller, prompt, request)
        frame = request.first_frame or request.last_frame
        if frame is not None:
            request = replace(request, params=_following(request.params, frame))
        source = request.source
        clip = source.clip if isinstance(source, UploadSource) else None
        if isinstance(source, UploadSource) and clip is None:
            raise ValueError("the clip must be validated before its job is created")
        new = self.planner.plan_video(caller, prompt, request, _roles(request))
        new = review_new(self.moderation, caller, new, request.images)
        if clip is None:
            return self._create(caller, new, self._stored_inputs(caller, new, request.images))
        return self._create(caller, new, self._stored_with_clip(caller, new, request.images, clip))

    def check_video(
        self,
        caller: Caller,
        request: VideoRequest,
        images: frozenset[ArtifactRole] = frozenset(),
    ) -> Job | None:
        """Check a request before its inputs are fetched and decoded, which takes time and memory.

        ``request`` has no inputs yet; ``images`` are the roles of those that it will have. Return
        the job of its idempotency key, or None. Raises what :meth:`create_video` would raise now,
        except errors of the inputs.
        """
        prompt = check_prompt(request.prompt)
        earlier = self.find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        granted_priority(caller, request.priority)
        request = self.planner.with_characters(caller, prompt, request)
        self.check(caller, self.planner.plan_video(caller, prompt, request, images))
        return None

    def create_image(self, caller: Caller, request: ImageRequest) -> Job:
        """Create an image job; idempotency and errors are those of :meth:`create_video`."""
        prompt = check_prompt(request.prompt)
        earlier = self.find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        request = with_forced_mark(self.db, self.marked_plans, caller, request)
        if request.references:
            request = replace(request, params=_following(request.params, request.references[0]))
        new = self.planner.plan_image(
            caller, prompt, request, from_pictures=bool(request.references)
        )
        images = [*request.references, *([request.mask] if request.mask else [])]
        new = review_new(self.moderation, caller, new, images)
        return self._create(caller, new, self._stored_inputs(caller, new, images))

    def check_image(
        self, caller: Caller, request: ImageRequest, *, from_pictures: bool = True
    ) -> Job | None:
        """Check a request before its images are decoded, as :meth:`check_video` does."""
        prompt = check_prompt(request.prompt)
        earlier = self.find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        granted_priority(caller, request.priority)
        new = self.planner.plan_image(caller, prompt, request, from_pictures=from_pictures)
        self.check(caller, new)
        return None

    def check(self, caller: Caller, new: NewJob) -> None:
        """Raise what a create of this job would raise now; write nothing."""
        with self.db.read() as conn:
            self.lifecycle.check(conn, caller, new)

    @contextmanager
    def _stored_with_clip(
        self, caller: Caller, new: NewJob, images: Sequence[InputImage], clip: InputClip
    ) -> Iterator[list[Asset]]:
        """Store a clip and images and yield their assets; delete them if the block raises."""
        with (
            stored_clip(self.store, caller.account_id, new.id, clip, self.clock) as source,
            self._stored_inputs(caller, new, images) as inputs,
        ):
            yield [*source, *inputs]

    def _stored_inputs(
        self, caller: Caller, new: NewJob, images: Sequence[InputImage]
    ) -> AbstractContextManager[list[Asset]]:
        return stored_images(self.store, caller.account_id, new.id, images, self.clock)

    def _create(
        self,
        caller: Caller,
        new: NewJob,
        stored: AbstractContextManager[list[Asset]],
    ) -> Job:
        """Create the job; ``stored`` stores its inputs and removes them when the create fails."""
        new = new.with_options(simulate=caller.simulation)
        try:
            with stored as inputs, self.db.write() as conn:
                new = replace(new, inputs=inputs) if inputs else new
                return self.lifecycle.create(conn, caller, new)
        except DuplicateRequest:
            return self._original_job(caller, new.idempotency_key)

    def job(self, caller: Caller, job_id: UUID) -> JobDetail:
        """Return a job of the caller's account, its place in the queue and the time left.

        Raises :class:`HinodeError` when the account has no such job.
        """
        with self.db.read() as conn:
            job = own_job(conn, caller.account_id, job_id)
            return Forecast(conn, self.clock.now()).detail(job)

    def progress_of(self, job_ids: Sequence[UUID]) -> list[JobDetail]:
        """Return jobs of any account; the caller checks access."""
        with self.db.read() as conn:
            forecast = Forecast(conn, self.clock.now())
            return forecast.details(repository.find_many(conn, job_ids))

    def list_videos(
        self, caller: Caller, *, limit: int, after: UUID | None, ascending: bool
    ) -> Page[JobDetail]:
        """Return a page of the account's video jobs after the id ``after``."""
        with self.db.read() as conn:
            found = repository.page(
                conn,
                caller.account_id,
                kind=MediaKind.VIDEO,
                limit=limit,
                after=after,
                ascending=ascending,
            )
            details = Forecast(conn, self.clock.now()).details(found.items)
        return Page(details, found.has_more)

    def cancel(self, caller: Caller, job_id: UUID) -> Job:
        """Cancel a job that has not ended and refund its hold; a canceled one is unchanged.

        Raises :class:`HinodeError` when the job is unknown, or has completed or failed.
        """
        with self.db.write() as conn:
            own_job(conn, caller.account_id, job_id)
            self.lifecycle.cancel(conn, job_id)
            job = own_job(conn, caller.account_id, job_id)
        if job.state is not JobState.CANCELED:
            raise HinodeError(
                ErrorCode.NOT_CANCELABLE,
                f"This job has {job.state.value} already and cannot be canceled.",
                param="id",
                hint="Delete it to remove its files.",
            )
        return job

    def delete(self, caller: Caller, job_id: UUID) -> None:
        """Delete a job and its files; cancel it first if it has not ended.

        No webhook is sent for such a cancel: the client asked to delete the job.
        """
        with self.db.write() as conn:
            own_job(conn, caller.account_id, job_id)
            self.lifecycle.cancel(conn, job_id, notify=False)
            repository.mark_deleted(conn, job_id, self.clock.now())
            callback_credentials.delete(conn, job_id)
            keys = assets.delete_of_jobs(conn, [job_id])
        self.store.delete(keys)

    def content(self, caller: Caller, job_id: UUID, role: ArtifactRole, output: int = 0) -> Asset:
        """Return a file of a completed job.

        Raises :class:`HinodeError` when the job is unknown or has not completed, its files have
        expired, or it has no such output.
        """
        with self.db.read() as conn:
            job = own_job(conn, caller.account_id, job_id)
            if job.state is not JobState.COMPLETED:
                raise not_ready_error(job)
            asset = assets.find(conn, job.id, output, role)
        if asset is not None and not job.expired(self.clock.now()):
            return asset
        if output >= job.plan.outputs:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"This job has {job.plan.outputs} output(s); 'index' counts from 0.",
                param="index",
            )
        raise expired_error()

    def rendered(self, caller: Caller, job_id: UUID, role: ArtifactRole) -> list[Asset]:
        """Return a completed job's files of one role, by output. Raises as :meth:`content`.

        Expired files are returned until the cleanup removes them, so that a client that waited for
        the job gets its response; the signed URLs in the response expire on their own.
        """
        with self.db.read() as conn:
            job = own_job(conn, caller.account_id, job_id)
            if job.state is not JobState.COMPLETED:
                raise not_ready_error(job)
            files = assets.of_job(conn, job.id)
        if not files:
            raise expired_error()
        return [one for one in files if one.role is role]

    def rendered_file(self, job_id: UUID, role: ArtifactRole, output: int) -> Asset | None:
        """Return a file of a job of any account, or None; the caller checks access.

        Raises :class:`HinodeError` when the job's files have expired.
        """
        with self.db.read() as conn:
            job = repository.find(conn, job_id)
            if job is None:
                return None
            if job.expired(self.clock.now()):
                raise expired_error()
            return assets.find(conn, job_id, output, role)

    def unfinished_jobs(self) -> dict[JobState, int]:
        """Count the queued and the running jobs of all accounts."""
        with self.db.read() as conn:
            counts = accounting.unfinished_by_engine(conn).values()
        queued, running = (sum(one) for one in zip(*counts, strict=True)) if counts else (0, 0)
        return {JobState.QUEUED: queued, JobState.RUNNING: running}

    def find_idempotent(self, caller: Caller, idempotency_key: IdempotencyKey | None) -> Job | None:
        """Return the job of the account that was created with this key; None for a new key."""
        if idempotency_key is None:
            return None
        with self.db.read() as conn:
            job_id = idempotency.find_job(conn, caller.account_id, idempotency_key)
            return own_job(conn, caller.account_id, job_id) if job_id else None

    def _original_job(self, caller: Caller, idempotency_key: IdempotencyKey | None) -> Job:
        job = self.find_idempotent(caller, idempotency_key)
        if job is None:
            raise LookupError("the first request with this idempotency key has gone")
        return job


def _roles(request: VideoRequest) -> frozenset[ArtifactRole]:
    return frozenset(one.role for one in request.images)


def _following(params: GenerationParams, image: InputImage) -> GenerationParams:
    return params.following(image.width, image.height)
