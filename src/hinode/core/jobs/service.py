"""Create, read, cancel and delete jobs for callers.

Each method is synchronous and writes in one transaction. Files are stored before the transaction of
a create and deleted after that of a delete: a crash leaves files without a job, which the cleanup
removes, and never a job without its files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.assets.input_images import InputImage, stored_images
from hinode.core.assets.input_videos import stored_clip
from hinode.core.assets.types import Asset
from hinode.core.auth.priorities import granted_priority
from hinode.core.auth.types import Caller
from hinode.core.catalog.capabilities import EngineCapabilities, Requirements, check_capabilities
from hinode.core.catalog.service import Catalog, GenerationParams, least_price
from hinode.core.catalog.types import ResolvedRequest
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import accounting, idempotency, repository
from hinode.core.jobs.derivation import derive_from_job, derive_from_upload
from hinode.core.jobs.errors import expired_error, not_ready_error
from hinode.core.jobs.fair_queue import count_ahead
from hinode.core.jobs.lifecycle import DuplicateRequest, JobLifecycle, NewJob
from hinode.core.jobs.limits import check_model
from hinode.core.jobs.new_jobs import derived_job, image_job, video_job
from hinode.core.jobs.requests import (
    IdempotencyKey,
    ImageRequest,
    JobSource,
    UploadSource,
    VideoRequest,
)
from hinode.core.jobs.types import CharacterResolver, Job, JobDetail, JobPage, JobState
from hinode.core.text_checks import check_prompt
from hinode.kit.clock import Clock
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage.errors import ObjectMissing

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class JobService:
    """Jobs of callers; ``capabilities`` are those of the engines of this server, by name."""

    db: Database
    store: ObjectStore
    catalog: Catalog
    lifecycle: JobLifecycle
    characters: CharacterResolver
    clock: Clock
    capabilities: Mapping[str, EngineCapabilities] = field(default_factory=dict)

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
        request = self._resolve_characters(caller, prompt, request)
        if request.first_frame is not None:
            request = replace(request, params=_following(request.params, request.first_frame))
        if isinstance(request.source, UploadSource):
            return self._create_from_clip(caller, prompt, request, request.source)
        new = self._plan_video(caller, prompt, request, request.source)
        images = [request.first_frame] if request.first_frame else []
        stored = self._stored_inputs(caller, new, images)
        return self._create(caller, new, stored, first_frame=bool(images))

    def check_video(
        self, caller: Caller, request: VideoRequest, *, first_frame: bool = False
    ) -> Job | None:
        """Check a request before its inputs are fetched and decoded, which takes time and memory.

        ``request`` has no inputs yet; ``first_frame``: it will have one. Return the job of its
        idempotency key, or None. Raises what :meth:`create_video` would raise now, except errors of
        the inputs.
        """
        prompt = check_prompt(request.prompt)
        earlier = self.find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        granted_priority(caller, request.priority)
        request = self._resolve_characters(caller, prompt, request)
        if isinstance(request.source, UploadSource):
            resolved = self._cheapest(request.params)
            needs = Requirements(request.source.action, first_frame, resolved.plan.outputs)
        else:
            new = self._plan_video(caller, prompt, request, request.source)
            resolved, needs = new.resolved, _requirements(new, first_frame=first_frame)
        self._check(caller, resolved, needs)
        return None

    def create_image(self, caller: Caller, request: ImageRequest) -> Job:
        """Create an image job; idempotency and errors are those of :meth:`create_video`."""
        prompt = check_prompt(request.prompt)
        earlier = self.find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        if request.references:
            request = replace(request, params=_following(request.params, request.references[0]))
        new = image_job(self.catalog, prompt, request)
        images = [*request.references, *([request.mask] if request.mask else [])]
        return self._create(caller, new, self._stored_inputs(caller, new, images))

    def check_image(self, caller: Caller, request: ImageRequest) -> Job | None:
        """Check a request before its images are decoded, as :meth:`check_video` does."""
        prompt = check_prompt(request.prompt)
        earlier = self.find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        granted_priority(caller, request.priority)
        new = image_job(self.catalog, prompt, request)
        self._check(caller, new.resolved, _requirements(new))
        return None

    def _check(self, caller: Caller, resolved: ResolvedRequest, requirements: Requirements) -> None:
        check_model(caller, resolved.model)
        check_capabilities(self.capabilities, resolved.model, requirements)
        with self.db.read() as conn:
            self.lifecycle.check(conn, caller, resolved)

    def _cheapest(self, params: GenerationParams) -> ResolvedRequest:
        """Return a request with the lowest price of the model, for a clip of unknown length."""
        default = GenerationParams(model=params.model)
        resolved = self.catalog.resolve(default, MediaKind.VIDEO)
        return replace(resolved, price=least_price(resolved.model))

    def _create_from_clip(
        self, caller: Caller, prompt: str, request: VideoRequest, start: UploadSource
    ) -> Job:
        if start.clip is None:
            raise ValueError("the clip must be validated before its job is created")
        derived = derive_from_upload(self.catalog, request.params, start.action, start.clip.facts)
        new = derived_job(prompt, request, start, derived, None)
        stored = stored_clip(self.store, caller.account_id, new.id, start.clip, self.clock)
        return self._create(caller, new, stored)

    def _plan_video(
        self, caller: Caller, prompt: str, request: VideoRequest, start: JobSource | None
    ) -> NewJob:
        if start is None:
            return video_job(self.catalog, prompt, request)
        parent = self._parent(caller, start)
        request = self._inherit_characters(caller, request, parent)
        derived = derive_from_job(self.catalog, request.params, start.action, parent)
        return derived_job(prompt, request, start, derived, parent)

    def _resolve_characters(
        self, caller: Caller, prompt: str, request: VideoRequest
    ) -> VideoRequest:
        """Add the characters that the prompt or a shot mentions."""
        words = "\n".join((prompt, *(shot.prompt for shot in request.shots)))
        with self.db.read() as conn:
            character_ids = self.characters.resolve(
                conn, caller.account_id, words, request.characters
            )
        return replace(request, characters=character_ids)

    def _inherit_characters(
        self, caller: Caller, request: VideoRequest, parent: Job
    ) -> VideoRequest:
        """Use the characters of the parent if the request names none.

        Only of the caller's own parent: a remix of another account's video gives no permission to
        use its characters in new videos.
        """
        if request.characters or parent.account_id != caller.account_id:
            return request
        with self.db.read() as conn:
            character_ids = self.characters.filter_visible(
                conn, caller.account_id, parent.options.characters
            )
        return replace(request, characters=character_ids)

    def _parent(self, caller: Caller, start: JobSource) -> Job:
        """Return the completed job of the source; raise :class:`HinodeError` if it has no file."""
        owner = start.owner or caller.account_id
        with self.db.read() as conn:
            parent = _own_job(conn, owner, start.job_id)
            if parent.kind is not MediaKind.VIDEO or start.output >= parent.plan.outputs:
                raise HinodeError(ErrorCode.JOB_NOT_FOUND, "There is no such video.", param="id")
            if parent.state is not JobState.COMPLETED:
                raise not_ready_error(parent)
            video = assets.find(conn, parent.id, start.output, ArtifactRole.VIDEO)
        if video is None or self._has_expired(parent) or not self._is_stored(video):
            raise expired_error()
        return parent

    def _is_stored(self, asset: Asset) -> bool:
        try:
            self.store.head(asset.key)
        except ObjectMissing:
            return False
        return True

    def _stored_inputs(
        self, caller: Caller, new: NewJob, images: Sequence[InputImage]
    ) -> AbstractContextManager[list[Asset]]:
        return stored_images(self.store, caller.account_id, new.id, images, self.clock)

    def _create(
        self,
        caller: Caller,
        new: NewJob,
        stored: AbstractContextManager[list[Asset]],
        *,
        first_frame: bool = False,
    ) -> Job:
        """Create the job; ``stored`` stores its inputs and removes them when the create fails."""
        model = new.resolved.model
        check_model(caller, model)
        check_capabilities(self.capabilities, model, _requirements(new, first_frame=first_frame))
        options = replace(new.options, simulate=caller.simulation)
        try:
            with stored as inputs, self.db.write() as conn:
                made = replace(new, inputs=inputs, options=options)
                return self.lifecycle.create(conn, caller, made)
        except DuplicateRequest:
            return self._original_job(caller, new.idempotency_key)

    def job(self, caller: Caller, job_id: UUID) -> JobDetail:
        """Return a job of the caller's account and its place in the queue.

        Raises :class:`HinodeError` when the account has no such job.
        """
        with self.db.read() as conn:
            return _with_queue_position(conn, _own_job(conn, caller.account_id, job_id))

    def progress_of(self, job_ids: Sequence[UUID]) -> list[JobDetail]:
        """Return jobs of any account; the caller checks access."""
        with self.db.read() as conn:
            return [_with_queue_position(conn, job) for job in repository.find_many(conn, job_ids)]

    def list_videos(
        self, caller: Caller, *, limit: int, after: UUID | None, ascending: bool
    ) -> JobPage:
        """Return a page of the account's video jobs after the id ``after``."""
        with self.db.read() as conn:
            return repository.page(
                conn,
                caller.account_id,
                kind=MediaKind.VIDEO,
                limit=limit,
                after=after,
                ascending=ascending,
            )

    def cancel(self, caller: Caller, job_id: UUID) -> Job:
        """Cancel a job that has not ended and refund its hold; a canceled one is unchanged.

        Raises :class:`HinodeError` when the job is unknown, or has completed or failed.
        """
        with self.db.write() as conn:
            _own_job(conn, caller.account_id, job_id)
            self.lifecycle.cancel(conn, job_id)
            job = _own_job(conn, caller.account_id, job_id)
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
            _own_job(conn, caller.account_id, job_id)
            self.lifecycle.cancel(conn, job_id, notify=False)
            repository.mark_deleted(conn, job_id, self.clock.now())
            keys = assets.delete_of_jobs(conn, [job_id])
        self.store.delete(keys)

    def content(self, caller: Caller, job_id: UUID, role: ArtifactRole, output: int = 0) -> Asset:
        """Return a file of a completed job.

        Raises :class:`HinodeError` when the job is unknown or has not completed, its files have
        expired, or it has no such output.
        """
        with self.db.read() as conn:
            job = _own_job(conn, caller.account_id, job_id)
            if job.state is not JobState.COMPLETED:
                raise not_ready_error(job)
            asset = assets.find(conn, job.id, output, role)
        if asset is not None and not self._has_expired(job):
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
            job = _own_job(conn, caller.account_id, job_id)
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
            if job is not None and self._has_expired(job):
                raise expired_error()
            return assets.find(conn, job_id, output, role)

    def unfinished_jobs(self) -> dict[JobState, int]:
        """Count the queued and the running jobs of all accounts."""
        with self.db.read() as conn:
            counts = accounting.unfinished_by_engine(conn).values()
        queued, running = (sum(one) for one in zip(*counts, strict=True)) if counts else (0, 0)
        return {JobState.QUEUED: queued, JobState.RUNNING: running}

    def _has_expired(self, job: Job) -> bool:
        """Return whether a job's files have expired, also if they are not removed yet."""
        return job.expires_at is not None and job.expires_at <= self.clock.now()

    def find_idempotent(self, caller: Caller, idempotency_key: IdempotencyKey | None) -> Job | None:
        """Return the job of the account that was created with this key; None for a new key."""
        if idempotency_key is None:
            return None
        with self.db.read() as conn:
            job_id = idempotency.find_job(conn, caller.account_id, idempotency_key)
            return _own_job(conn, caller.account_id, job_id) if job_id else None

    def _original_job(self, caller: Caller, idempotency_key: IdempotencyKey | None) -> Job:
        job = self.find_idempotent(caller, idempotency_key)
        if job is None:
            raise LookupError("the first request with this idempotency key has gone")
        return job


def _following(params: GenerationParams, image: InputImage) -> GenerationParams:
    return params.following(image.width, image.height)


def _own_job(conn: sa.Connection, account_id: UUID, job_id: UUID) -> Job:
    job = repository.find_own(conn, account_id, job_id)
    if job is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param="id"
        )
    return job


def _with_queue_position(conn: sa.Connection, job: Job) -> JobDetail:
    queued = job.state is JobState.QUEUED
    return JobDetail(job, count_ahead(conn, job.engine, job.queue_rank, job.id) if queued else None)


def _requirements(new: NewJob, *, first_frame: bool = False) -> Requirements:
    return Requirements(new.action, first_frame, new.resolved.plan.outputs)
