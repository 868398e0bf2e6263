"""The studio: every verb that a dialect, a page or the command line may use.

Each verb is plain synchronous code and opens the one transaction that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.kinds import ArtifactRole, MediaKind
from hinode.studio import simulation
from hinode.studio.access import service as access
from hinode.studio.access import visits
from hinode.studio.access.pace import Pace
from hinode.studio.access.types import Caller, Scope
from hinode.studio.access.visits import Visit
from hinode.studio.assets import repository as assets
from hinode.studio.assets.clips import examined_clip, kept_clip
from hinode.studio.assets.types import Asset
from hinode.studio.assets.uploads import Picture, kept_pictures
from hinode.studio.catalog.abilities import Ability, Demand, check_ability
from hinode.studio.catalog.service import Catalog
from hinode.studio.characters import service as characters
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs import promises, repository
from hinode.studio.jobs.admission import check_model
from hinode.studio.jobs.adoption import adopt
from hinode.studio.jobs.descent import Descent, descend
from hinode.studio.jobs.options import PLAIN, JobOptions
from hinode.studio.jobs.requests import (
    ClipStart,
    Idempotency,
    ImageRequest,
    Start,
    VideoRequest,
)
from hinode.studio.jobs.service import AlreadyMade, JobService, NewJob, place_in_queue
from hinode.studio.jobs.storyboard import fit_shots
from hinode.studio.jobs.types import Job, JobDetail, JobPage, JobState
from hinode.studio.text import check_prompt

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Studio:
    """One studio over one database and one object store."""

    db: Database
    store: ObjectStore
    catalog: Catalog
    jobs: JobService
    clock: Clock
    pace: Pace
    abilities: Mapping[str, Ability] = field(default_factory=dict)

    def authenticate(self, secret: str | None, scope: Scope | None) -> Caller:
        """Prove who is calling, with a key that has the scope; None is satisfied with any key.

        Raises :class:`StudioError` for a key that may not pass, from there or so often.
        """
        visit = visits.present.get() or Visit(None)
        with self.db.read() as conn:
            caller = access.authenticate(conn, secret, scope, self.clock, visit.address)
        access.keep_pace(caller, visit, self.pace)
        return replace(caller, simulation=simulation.asked.get())

    def create_video(self, caller: Caller, request: VideoRequest) -> Job:
        """Make a video job, or return the one made earlier with the same idempotency key.

        Raises :class:`StudioError`; then nothing is stored and nothing is held.
        """
        prompt = check_prompt(request.prompt)
        earlier = self._earlier(caller, request.idempotency)
        if earlier is not None:
            return earlier
        cast = self._cast(caller, prompt, request)
        if isinstance(request.start, ClipStart):
            return self._create_from_clip(caller, prompt, cast, request.start)
        new = self._plan_video(caller, prompt, cast, request.start)
        first = request.first_frame
        pictures = (
            []  # an empty file is no picture, but it was meant as one
            if first is None
            else [Picture(first, ArtifactRole.UPLOAD, 0, "input_reference")]
        )
        return self._create(caller, new, self._kept(caller, new, pictures))

    def create_image(self, caller: Caller, request: ImageRequest) -> Job:
        """Make a job for pictures; as :meth:`create_video` otherwise."""
        prompt = check_prompt(request.prompt)
        earlier = self._earlier(caller, request.idempotency)
        if earlier is not None:
            return earlier
        options = JobOptions(
            style=request.style,
            picture_format=request.picture_format,
            picture_quality=request.picture_quality,
            partials=request.partials,
        )
        fitted = self.catalog.fit(request.wish, MediaKind.IMAGE)
        new = NewJob(new_id(), prompt, fitted, options=options, promise=request.idempotency)
        pictures = [
            Picture(data, ArtifactRole.UPLOAD, place, "image")
            for place, data in enumerate(request.references)
        ]
        if request.mask is not None:
            pictures.append(Picture(request.mask, ArtifactRole.MASK, 0, "mask"))
        return self._create(caller, new, self._kept(caller, new, pictures))

    def _create_from_clip(
        self, caller: Caller, prompt: str, request: VideoRequest, start: ClipStart
    ) -> Job:
        with examined_clip(start.clip) as clip:
            descent = adopt(self.catalog, request.wish, start.action, clip.facts)
            new = _descendant(prompt, request, start, descent, None)
            kept = kept_clip(self.store, caller.account_id, new.id, clip, self.clock)
            return self._create(caller, new, kept)

    def _plan_video(
        self, caller: Caller, prompt: str, request: VideoRequest, start: Start | None
    ) -> NewJob:
        if start is None:
            fitted = self.catalog.fit(request.wish, MediaKind.VIDEO)
            options = JobOptions(
                style=request.style,
                shots=fit_shots(request.shots, fitted.plan),
                characters=request.characters,
                callback=request.callback,
                marked_twin=request.marked_twin,
            )
            return NewJob(new_id(), prompt, fitted, options=options, promise=request.idempotency)
        parent = self._parent(caller, start)
        request = self._inherit_cast(caller, request, parent)
        descent = descend(self.catalog, request.wish, start.action, parent)
        return _descendant(prompt, request, start, descent, parent)

    def _cast(self, caller: Caller, prompt: str, request: VideoRequest) -> VideoRequest:
        """Add the characters that the prompt, or a shot, calls by name."""
        words = "\n".join((prompt, *(shot.prompt for shot in request.shots)))
        with self.db.read() as conn:
            cast = characters.cast(conn, caller.account_id, words, request.characters)
        return replace(request, characters=cast)

    def _inherit_cast(self, caller: Caller, request: VideoRequest, parent: Job) -> VideoRequest:
        """Keep the characters of an own video where no others are asked for and they may be used.

        Characters of somebody else's video are in it, but not the caller's to have drawn anew.
        """
        if request.characters or parent.account_id != caller.account_id:
            return request
        with self.db.read() as conn:
            cast = characters.still_cast(conn, caller.account_id, parent.options.characters)
        return replace(request, characters=cast)

    def _parent(self, caller: Caller, start: Start) -> Job:
        """Return the job that another one starts from: an own one, or a published one."""
        owner = start.owner or caller.account_id
        with self.db.read() as conn:
            parent = self.jobs.get(conn, replace(caller, account_id=owner), start.job_id)
            if parent.kind is not MediaKind.VIDEO or start.output >= parent.plan.outputs:
                raise StudioError(ErrorCode.JOB_NOT_FOUND, "There is no such video.", param="id")
            if parent.state is not JobState.COMPLETED:
                raise _no_content(parent)
            gone = assets.find(conn, parent.id, start.output, ArtifactRole.VIDEO) is None
        if gone or self._has_expired(parent):
            raise _expired()
        return parent

    def _kept(
        self, caller: Caller, new: NewJob, pictures: Sequence[Picture]
    ) -> AbstractContextManager[list[Asset]]:
        return kept_pictures(self.store, caller.account_id, new.id, pictures, self.clock)

    def _create(
        self, caller: Caller, new: NewJob, kept: AbstractContextManager[list[Asset]]
    ) -> Job:
        """Make the job with the inputs that ``kept`` stores for as long as that succeeds."""
        check_model(caller, new.fitted.model)
        options = replace(new.options, simulate=caller.simulation)
        try:
            with kept as inputs:
                check_ability(self.abilities, new.fitted.model, _demand(new, inputs))
                with self.db.write() as conn:
                    made = replace(new, inputs=inputs, options=options)
                    return self.jobs.create(conn, caller, made)
        except AlreadyMade:
            return self._first_of(caller, new.promise)

    def job(self, caller: Caller, job_id: UUID) -> JobDetail:
        """Return a job of the caller's account and its place in the queue."""
        with self.db.read() as conn:
            return self.jobs.detail(conn, caller, job_id)

    def progress_of(self, job_ids: Sequence[UUID]) -> list[JobDetail]:
        """Return the present state of jobs whose owners have been checked before."""
        with self.db.read() as conn:
            return [place_in_queue(conn, job) for job in repository.find_many(conn, job_ids)]

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
        """Cancel a job and refund it. Raises :class:`StudioError` when it has ended otherwise."""
        with self.db.write() as conn:
            return self.jobs.cancel(conn, caller, job_id)

    def delete(self, caller: Caller, job_id: UUID) -> None:
        """Cancel a job if need be, then forget it and its files."""
        with self.db.write() as conn:
            keys = self.jobs.delete(conn, caller, job_id)
        self.store.delete(keys)

    def content(self, caller: Caller, job_id: UUID, role: ArtifactRole, output: int = 0) -> Asset:
        """Return a finished job's file. Raises :class:`StudioError` when there is none (yet)."""
        with self.db.read() as conn:
            job = self.jobs.get(conn, caller, job_id)
            if job.state is not JobState.COMPLETED:
                raise _no_content(job)
            asset = assets.find(conn, job.id, output, role)
        if asset is not None and not self._has_expired(job):
            return asset
        if output >= job.plan.outputs:
            raise StudioError(
                ErrorCode.INVALID_VALUE,
                f"This job has {job.plan.outputs} output(s); 'index' counts from 0.",
                param="index",
            )
        raise _expired()

    def rendered(self, caller: Caller, job_id: UUID, role: ArtifactRole) -> list[Asset]:
        """Return a finished job's files of one role, by output. Raises as :meth:`content`.

        Files whose time has come are returned as long as they are there: who has just waited for
        a job gets its answer, and links in it end by themselves.
        """
        with self.db.read() as conn:
            job = self.jobs.get(conn, caller, job_id)
            if job.state is not JobState.COMPLETED:
                raise _no_content(job)
            files = assets.of_job(conn, job.id)
        if not files:
            raise _expired()
        return [one for one in files if one.role is role]

    def rendered_file(self, job_id: UUID, role: ArtifactRole, output: int) -> Asset | None:
        """Return a file of a job for those whose right to it was checked before.

        None when there is none such. Raises :class:`StudioError` when it has expired.
        """
        with self.db.read() as conn:
            job = repository.find(conn, job_id)
            if job is not None and self._has_expired(job):
                raise _expired()
            return assets.find(conn, job_id, output, role)

    def unfinished_jobs(self) -> dict[JobState, int]:
        """Count the queued and the running jobs of all accounts."""
        with self.db.read() as conn:
            return repository.unfinished_count(conn)

    def _has_expired(self, job: Job) -> bool:
        """Whether a job's files are due to go, swept or not."""
        return job.expires_at is not None and job.expires_at <= self.clock.now()

    def _earlier(self, caller: Caller, promise: Idempotency | None) -> Job | None:
        if promise is None:
            return None
        with self.db.read() as conn:
            job_id = promises.earlier_job(conn, caller.account_id, promise)
            return self.jobs.get(conn, caller, job_id) if job_id else None

    def _first_of(self, caller: Caller, promise: Idempotency | None) -> Job:
        job = self._earlier(caller, promise)
        if job is None:
            raise LookupError("the first request with this idempotency key has gone")
        return job


def _descendant(
    prompt: str,
    request: VideoRequest,
    start: Start | ClipStart,
    descent: Descent,
    parent: Job | None,
) -> NewJob:
    """Return the job that starts from another video, or from a clip when there is no parent."""
    before = parent.options if parent else PLAIN
    options = JobOptions(
        style=request.style or before.style,
        lineage=descent.lineage,
        kept_frames=descent.kept_frames,
        source_output=start.output if isinstance(start, Start) else 0,
        post=start.post if isinstance(start, Start) else None,
        characters=request.characters,
        marked_twin=request.marked_twin,
    )
    return NewJob(
        new_id(),
        prompt,
        descent.fitted,
        action=start.action,
        parent_id=parent.id if parent else None,
        options=options,
        promise=request.idempotency,
    )


def _demand(new: NewJob, inputs: Sequence[Asset]) -> Demand:
    is_video = new.fitted.model.kind is MediaKind.VIDEO
    begins = is_video and any(one.role is ArtifactRole.UPLOAD for one in inputs)
    return Demand(new.action, begins, new.fitted.plan.outputs)


def _expired() -> StudioError:
    return StudioError(
        ErrorCode.EXPIRED,
        "The files of this job have expired and were removed.",
        param="id",
        hint="Render it again, or ask the operator for a longer retention.",
    )


def _no_content(job: Job) -> StudioError:
    if job.state.ended:
        return StudioError(
            ErrorCode.JOB_FAILED, f"This job has no content: it {_ended(job)}.", param="id"
        )
    return StudioError(
        ErrorCode.NOT_READY,
        f"This job is {job.state.value} ({job.progress} %); its content is not ready.",
        param="id",
        hint="Ask for it again when the status is completed.",
    )


def _ended(job: Job) -> str:
    if job.state is JobState.CANCELED:
        return "was canceled"
    return f"failed ({job.error.code})" if job.error else "failed"
