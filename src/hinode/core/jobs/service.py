"""The studio: every verb that a dialect, a page or the command line may use.

Each verb is plain synchronous code and opens the one transaction that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.assets import repository as assets
from hinode.core.assets.input_images import InputImage, stored_images
from hinode.core.assets.input_videos import inspected_clip, stored_clip
from hinode.core.assets.types import Asset
from hinode.core.auth import service as access
from hinode.core.auth import simulation, visits
from hinode.core.auth.pace import Pace
from hinode.core.auth.types import Caller, Scope
from hinode.core.auth.visits import Visit
from hinode.core.catalog.capabilities import EngineCapabilities, Requirements, check_capabilities
from hinode.core.catalog.service import Catalog
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import idempotency, repository
from hinode.core.jobs.job_derivation import DerivedRequest, derive_from_job
from hinode.core.jobs.lifecycle import DuplicateRequest, JobLifecycle, NewJob, with_queue_position
from hinode.core.jobs.limits import check_model
from hinode.core.jobs.options import DEFAULT_OPTIONS, JobOptions
from hinode.core.jobs.requests import (
    IdempotencyKey,
    ImageRequest,
    JobSource,
    UploadSource,
    VideoRequest,
)
from hinode.core.jobs.storyboard import resolve_shots
from hinode.core.jobs.types import CharacterResolver, Job, JobDetail, JobPage, JobState
from hinode.core.jobs.upload_derivation import derive_from_upload
from hinode.core.text_checks import check_prompt
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.types import ArtifactRole, MediaKind

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class JobService:
    """One studio over one database and one object store."""

    db: Database
    store: ObjectStore
    catalog: Catalog
    lifecycle: JobLifecycle
    characters: CharacterResolver
    clock: Clock
    pace: Pace
    capabilities: Mapping[str, EngineCapabilities] = field(default_factory=dict)

    def authenticate(self, secret: str | None, scope: Scope | None) -> Caller:
        """Prove who is calling, with a key that has the scope; None is satisfied with any key.

        Raises :class:`HinodeError` for a key that may not pass, from there or so often.
        """
        visit = visits.present.get() or Visit(None)
        with self.db.read() as conn:
            caller = access.authenticate(conn, secret, scope, self.clock, visit.address)
        access.keep_pace(caller, visit, self.pace)
        return replace(caller, simulation=simulation.requested.get())

    def create_video(self, caller: Caller, request: VideoRequest) -> Job:
        """Make a video job, or return the one made earlier with the same idempotency key.

        Raises :class:`HinodeError`; then nothing is stored and nothing is held.
        """
        prompt = check_prompt(request.prompt)
        earlier = self._find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        request = self._resolve_characters(caller, prompt, request)
        if isinstance(request.source, UploadSource):
            return self._create_from_clip(caller, prompt, request, request.source)
        new = self._plan_video(caller, prompt, request, request.source)
        first = request.first_frame
        images = (
            []  # an empty file is no picture, but it was meant as one
            if first is None
            else [InputImage(first, ArtifactRole.UPLOAD, 0, "input_reference")]
        )
        return self._create(caller, new, self._stored_inputs(caller, new, images))

    def create_image(self, caller: Caller, request: ImageRequest) -> Job:
        """Make a job for images; as :meth:`create_video` otherwise."""
        prompt = check_prompt(request.prompt)
        earlier = self._find_idempotent(caller, request.idempotency)
        if earlier is not None:
            return earlier
        options = JobOptions(
            style=request.style,
            picture_format=request.picture_format,
            picture_quality=request.picture_quality,
            partials=request.partials,
        )
        resolved = self.catalog.resolve(request.params, MediaKind.IMAGE)
        new = NewJob(
            new_id(), prompt, resolved, options=options, idempotency_key=request.idempotency
        )
        images = [
            InputImage(data, ArtifactRole.UPLOAD, index, "image")
            for index, data in enumerate(request.references)
        ]
        if request.mask is not None:
            images.append(InputImage(request.mask, ArtifactRole.MASK, 0, "mask"))
        return self._create(caller, new, self._stored_inputs(caller, new, images))

    def _create_from_clip(
        self, caller: Caller, prompt: str, request: VideoRequest, start: UploadSource
    ) -> Job:
        with inspected_clip(start.clip) as clip:
            derived = derive_from_upload(self.catalog, request.params, start.action, clip.facts)
            new = _derived_job(prompt, request, start, derived, None)
            stored = stored_clip(self.store, caller.account_id, new.id, clip, self.clock)
            return self._create(caller, new, stored)

    def _plan_video(
        self, caller: Caller, prompt: str, request: VideoRequest, start: JobSource | None
    ) -> NewJob:
        if start is None:
            resolved = self.catalog.resolve(request.params, MediaKind.VIDEO)
            options = JobOptions(
                style=request.style,
                shots=resolve_shots(request.shots, resolved.plan),
                characters=request.characters,
                callback=request.callback,
                watermarked_copy=request.watermarked_copy,
            )
            return NewJob(
                new_id(), prompt, resolved, options=options, idempotency_key=request.idempotency
            )
        parent = self._parent(caller, start)
        request = self._inherit_characters(caller, request, parent)
        derived = derive_from_job(self.catalog, request.params, start.action, parent)
        return _derived_job(prompt, request, start, derived, parent)

    def _resolve_characters(
        self, caller: Caller, prompt: str, request: VideoRequest
    ) -> VideoRequest:
        """Add the characters that the prompt, or a shot, calls by name."""
        words = "\n".join((prompt, *(shot.prompt for shot in request.shots)))
        with self.db.read() as conn:
            character_ids = self.characters.resolve(
                conn, caller.account_id, words, request.characters
            )
        return replace(request, characters=character_ids)

    def _inherit_characters(
        self, caller: Caller, request: VideoRequest, parent: Job
    ) -> VideoRequest:
        """Keep the characters of an own video where no others are asked for and they may be used.

        Characters of somebody else's video are in it, but not the caller's to have drawn anew.
        """
        if request.characters or parent.account_id != caller.account_id:
            return request
        with self.db.read() as conn:
            character_ids = self.characters.filter_visible(
                conn, caller.account_id, parent.options.characters
            )
        return replace(request, characters=character_ids)

    def _parent(self, caller: Caller, start: JobSource) -> Job:
        """Return the job that another one starts from: an own one, or a published one."""
        owner = start.owner or caller.account_id
        with self.db.read() as conn:
            parent = self.lifecycle.get(conn, replace(caller, account_id=owner), start.job_id)
            if parent.kind is not MediaKind.VIDEO or start.output >= parent.plan.outputs:
                raise HinodeError(ErrorCode.JOB_NOT_FOUND, "There is no such video.", param="id")
            if parent.state is not JobState.COMPLETED:
                raise _not_ready_error(parent)
            gone = assets.find(conn, parent.id, start.output, ArtifactRole.VIDEO) is None
        if gone or self._has_expired(parent):
            raise _expired_error()
        return parent

    def _stored_inputs(
        self, caller: Caller, new: NewJob, images: Sequence[InputImage]
    ) -> AbstractContextManager[list[Asset]]:
        return stored_images(self.store, caller.account_id, new.id, images, self.clock)

    def _create(
        self, caller: Caller, new: NewJob, stored: AbstractContextManager[list[Asset]]
    ) -> Job:
        """Make the job with the inputs that ``stored`` stores for as long as that succeeds."""
        check_model(caller, new.resolved.model)
        options = replace(new.options, simulate=caller.simulation)
        try:
            with stored as inputs:
                check_capabilities(
                    self.capabilities, new.resolved.model, _requirements(new, inputs)
                )
                with self.db.write() as conn:
                    made = replace(new, inputs=inputs, options=options)
                    return self.lifecycle.create(conn, caller, made)
        except DuplicateRequest:
            return self._original_job(caller, new.idempotency_key)

    def job(self, caller: Caller, job_id: UUID) -> JobDetail:
        """Return a job of the caller's account and its place in the queue."""
        with self.db.read() as conn:
            return self.lifecycle.detail(conn, caller, job_id)

    def progress_of(self, job_ids: Sequence[UUID]) -> list[JobDetail]:
        """Return the present state of jobs whose owners have been checked before."""
        with self.db.read() as conn:
            return [with_queue_position(conn, job) for job in repository.find_many(conn, job_ids)]

    def list_videos(
        self, caller: Caller, *, limit: int, after: UUID | None, ascending: bool
    ) -> JobPage:
        """Return a page of the account's video jobs."""
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
        """Cancel a job and refund it. Raises :class:`HinodeError` when it has ended otherwise."""
        with self.db.write() as conn:
            return self.lifecycle.cancel(conn, caller, job_id)

    def delete(self, caller: Caller, job_id: UUID) -> None:
        """Cancel a job if need be, then forget it and its files."""
        with self.db.write() as conn:
            keys = self.lifecycle.delete(conn, caller, job_id)
        self.store.delete(keys)

    def content(self, caller: Caller, job_id: UUID, role: ArtifactRole, output: int = 0) -> Asset:
        """Return a finished job's file. Raises :class:`HinodeError` when there is none (yet)."""
        with self.db.read() as conn:
            job = self.lifecycle.get(conn, caller, job_id)
            if job.state is not JobState.COMPLETED:
                raise _not_ready_error(job)
            asset = assets.find(conn, job.id, output, role)
        if asset is not None and not self._has_expired(job):
            return asset
        if output >= job.plan.outputs:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"This job has {job.plan.outputs} output(s); 'index' counts from 0.",
                param="index",
            )
        raise _expired_error()

    def rendered(self, caller: Caller, job_id: UUID, role: ArtifactRole) -> list[Asset]:
        """Return a finished job's files of one role, by output. Raises as :meth:`content`.

        Files whose time has come are returned as long as they are there: who has just waited for
        a job gets its answer, and links in it end by themselves.
        """
        with self.db.read() as conn:
            job = self.lifecycle.get(conn, caller, job_id)
            if job.state is not JobState.COMPLETED:
                raise _not_ready_error(job)
            files = assets.of_job(conn, job.id)
        if not files:
            raise _expired_error()
        return [one for one in files if one.role is role]

    def rendered_file(self, job_id: UUID, role: ArtifactRole, output: int) -> Asset | None:
        """Return a file of a job for those whose right to it was checked before.

        None when there is none such. Raises :class:`HinodeError` when it has expired.
        """
        with self.db.read() as conn:
            job = repository.find(conn, job_id)
            if job is not None and self._has_expired(job):
                raise _expired_error()
            return assets.find(conn, job_id, output, role)

    def unfinished_jobs(self) -> dict[JobState, int]:
        """Count the queued and the running jobs of all accounts."""
        with self.db.read() as conn:
            return repository.unfinished_count(conn)

    def _has_expired(self, job: Job) -> bool:
        """Whether a job's files are due to go, swept or not."""
        return job.expires_at is not None and job.expires_at <= self.clock.now()

    def _find_idempotent(
        self, caller: Caller, idempotency_key: IdempotencyKey | None
    ) -> Job | None:
        if idempotency_key is None:
            return None
        with self.db.read() as conn:
            job_id = idempotency.find_job(conn, caller.account_id, idempotency_key)
            return self.lifecycle.get(conn, caller, job_id) if job_id else None

    def _original_job(self, caller: Caller, idempotency_key: IdempotencyKey | None) -> Job:
        job = self._find_idempotent(caller, idempotency_key)
        if job is None:
            raise LookupError("the first request with this idempotency key has gone")
        return job


def _derived_job(
    prompt: str,
    request: VideoRequest,
    start: JobSource | UploadSource,
    derived: DerivedRequest,
    parent: Job | None,
) -> NewJob:
    """Return the job that starts from another video, or from a clip when there is no parent."""
    before = parent.options if parent else DEFAULT_OPTIONS
    options = JobOptions(
        style=request.style or before.style,
        prompt_history=derived.prompt_history,
        kept_frames=derived.kept_frames,
        source_output=start.output if isinstance(start, JobSource) else 0,
        post=start.post if isinstance(start, JobSource) else None,
        characters=request.characters,
        watermarked_copy=request.watermarked_copy,
    )
    return NewJob(
        new_id(),
        prompt,
        derived.resolved,
        action=start.action,
        parent_id=parent.id if parent else None,
        options=options,
        idempotency_key=request.idempotency,
    )


def _requirements(new: NewJob, inputs: Sequence[Asset]) -> Requirements:
    is_video = new.resolved.model.kind is MediaKind.VIDEO
    begins = is_video and any(one.role is ArtifactRole.UPLOAD for one in inputs)
    return Requirements(new.action, begins, new.resolved.plan.outputs)


def _expired_error() -> HinodeError:
    return HinodeError(
        ErrorCode.EXPIRED,
        "The files of this job have expired and were removed.",
        param="id",
        hint="Render it again, or ask the operator for a longer retention.",
    )


def _not_ready_error(job: Job) -> HinodeError:
    if job.state.ended:
        return HinodeError(
            ErrorCode.JOB_FAILED, f"This job has no content: it {_describe_end(job)}.", param="id"
        )
    return HinodeError(
        ErrorCode.NOT_READY,
        f"This job is {job.state.value} ({job.progress} %); its content is not ready.",
        param="id",
        hint="Ask for it again when the status is completed.",
    )


def _describe_end(job: Job) -> str:
    if job.state is JobState.CANCELED:
        return "was canceled"
    return f"failed ({job.error.code})" if job.error else "failed"
