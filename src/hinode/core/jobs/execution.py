"""Operations of workers on jobs: start or resume, report progress, complete or fail."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from hinode.core.assets import repository as assets
from hinode.core.assets.types import Asset
from hinode.core.catalog.types import RenderPlan
from hinode.core.jobs import job_log, repository, reviews
from hinode.core.jobs.job_log import JobLogLine
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.types import (
    CharacterResolver,
    Job,
    JobError,
    JobState,
    ProgressReport,
    RenderOrder,
)
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.types import Artifact, ArtifactRole, DigitalSourceType, MediaKind
from hinode.moderation.types import Review, ReviewStage

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

log = structlog.get_logger("hinode.jobs")

_COUNTED = (ArtifactRole.VIDEO, ArtifactRole.IMAGE)
_ROUNDING = 1e-6  # keeps a sum of durations just above the plan from rounding the charge up


@dataclass(frozen=True, slots=True)
class JobExecution:
    """Operations of workers on the jobs of all accounts."""

    db: Database
    store: ObjectStore
    lifecycle: JobLifecycle
    characters: CharacterResolver
    clock: Clock

    def begin(
        self, job_id: UUID, ticket: Mapping[str, Any] | None = None, *, dispatch_no: int = 0
    ) -> RenderOrder | None:
        """Start a queued job or resume a running one; None when this worker must not render it.

        None for a job that has ended, was requeued after this dispatch, or was submitted by another
        worker. ``ticket`` is the engine's ticket, None before the submit.
        """
        with self.db.write() as conn:
            if ticket is None and repository.has_ticket(conn, job_id):
                return None
            begun = self.lifecycle.begin(conn, job_id, dispatch_no)
            is_new = ticket is not None and repository.save_ticket(
                conn, job_id, dispatch_no, ticket
            )
            if begun is None:
                return None
            job, resumed = begun
            return RenderOrder(
                job,
                assets.inputs_of(conn, job.id),
                _source(conn, job),
                # Deleted ones too: access was checked when the job was created.
                self.characters.files(conn, job.options.characters),
                resumed,
                repository.parent_ticket(conn, job),
                is_new,
                time.monotonic() + self.lifecycle.limits.run_timeout_at(job.engine).total_seconds(),
            )

    def is_collected(self, job_id: UUID) -> bool:
        """Return whether a worker has stored the job's ticket, and so collects it."""
        with self.db.read() as conn:
            return repository.has_ticket(conn, job_id)

    def engine_of_stopped(self, job_id: UUID) -> str | None:
        """Return the engine of a job that failed or was canceled; None for any other job."""
        with self.db.read() as conn:
            return repository.engine_of_stopped(conn, job_id)

    def report_progress(self, progress: Mapping[UUID, ProgressReport | None]) -> frozenset[UUID]:
        """Raise the progress of jobs; return those that are still running.

        None leaves a job's progress unchanged.
        """
        made = {
            job_id: replace(one, percent=min(99, one.percent))
            for job_id, one in progress.items()
            if one is not None
        }
        if made:
            with self.db.write() as conn:
                repository.raise_progress(conn, made, self.lifecycle.clock.now())
        with self.db.read() as conn:
            return repository.running_among(conn, list(progress))

    def append_log(self, job_id: UUID, lines: Sequence[JobLogLine]) -> None:
        """Keep lines of this worker's log with a job."""
        with self.db.write() as conn:
            job_log.append(conn, job_id, lines)

    def complete(
        self,
        job: Job,
        rendered: list[Artifact],
        *,
        exact: bool = True,
        origin: DigitalSourceType | None = None,
    ) -> bool:
        """Store the files and complete the job; False when it had ended before.

        ``origin`` is what the engine says that it is. Unless ``exact``, the job's size, frame rate
        and length are set to those of the files. The storage keys depend on job, output and role
        only, so a repeat after a crash overwrites the files instead of leaving a second set.
        """
        files = [self._store(job, artifact) for artifact in rendered]
        with self.db.write() as conn:
            plan = job.plan if exact else plan_as_rendered(job.plan, rendered)
            charged, cost = charge(job, rendered), _upstream_cost(rendered)
            moved = self.lifecycle.complete(conn, job, files, charged, plan, cost, origin)
        # Of a job that completed before, the keys are those of the files that it serves.
        if moved:
            _warn_of_loss(job, rendered)
        elif not self._is_completed(job.id):
            self.store.delete([file.key for file in files])
        return moved

    def _is_completed(self, job_id: UUID) -> bool:
        with self.db.read() as conn:
            job = repository.find(conn, job_id)
        return job is not None and job.state is JobState.COMPLETED

    def fail(self, job_id: UUID, error: JobError) -> bool:
        """Fail a job and refund its hold; False when it had ended before."""
        with self.db.write() as conn:
            return self.lifecycle.fail(conn, job_id, error)

    def fail_if_current(self, job: Job, error: JobError, *, may_cost: bool) -> bool:
        """Fail a job that this worker started; False when it ended or another worker resumed it.

        ``may_cost``: the engine's server may charge for it.
        """
        with self.db.write() as conn:
            return self.lifecycle.fail(conn, job.id, error, job, may_cost=may_cost)

    def save_review(self, job_id: UUID, review: Review) -> None:
        """Keep the review of a job's outputs for operators."""
        with self.db.write() as conn:
            reviews.save(conn, job_id, ReviewStage.RENDER, review)

    def _store(self, job: Job, artifact: Artifact) -> Asset:
        name = f"{artifact.output}/{artifact.role.value}{artifact.path.suffix}"
        key = f"outputs/{job.id.hex}/{name}"
        self.store.put_file(key, artifact.path, artifact.content_type)
        return Asset(
            id=new_id(),
            account_id=job.account_id,
            job_id=job.id,
            output=artifact.output,
            role=artifact.role,
            key=key,
            content_type=artifact.content_type,
            bytes=artifact.path.stat().st_size,
            digest=_digest(artifact.path),
            width=artifact.width,
            height=artifact.height,
            frames=artifact.frames,
            duration=artifact.duration,
            created_at=self.clock.now(),
        )


def _source(conn: sa.Connection, job: Job) -> Asset | None:
    if job.parent_id is None:
        return None
    return assets.find(conn, job.parent_id, job.options.source_output, ArtifactRole.VIDEO)


def charge(job: Job, rendered: list[Artifact]) -> int:
    """Return the credits to charge: its route's price for the rendered part, rounded up.

    Videos count by their length in seconds, images by their number. Where the engine says what the
    files are to be charged, it is that. At most the price.
    """
    plan, told = job.plan, _told_credits(rendered)
    if told is not None:
        return min(job.route_price, told)
    counted = [artifact for artifact in rendered if artifact.role in _COUNTED]
    if job.kind is MediaKind.IMAGE:
        done, planned = float(len(counted)), float(plan.outputs)
    else:
        done = sum(artifact.duration for artifact in counted)
        # A legal frame count can differ a little from the length that was requested and priced.
        planned = plan.outputs * min(plan.seconds, plan.frames / plan.fps)
    return min(job.route_price, math.ceil(job.route_price * done / planned - _ROUNDING))


def _told_credits(rendered: Iterable[Artifact]) -> int | None:
    """Return what the engine says that all of it is to be charged; None where it says nothing."""
    told = [one.credits for one in rendered if one.credits is not None]
    return sum(told) if told else None


def _warn_of_loss(job: Job, rendered: Iterable[Artifact]) -> None:
    """Tell the operator of a job that cost more than could be charged."""
    told = _told_credits(rendered)
    if told is not None and told > job.route_price:
        price, engine = job.route_price, job.engine
        log.warning("a job cost more than its price", engine=engine, cost=told, price=price)


def plan_as_rendered(plan: RenderPlan, rendered: list[Artifact]) -> RenderPlan:
    """Return the plan with the size, frame rate and length of the first rendered video."""
    video = next((one for one in rendered if one.role is ArtifactRole.VIDEO), None)
    if video is None or video.duration <= 0:
        return plan
    return replace(
        plan,
        width=video.width,
        height=video.height,
        fps=max(1, round(video.frames / video.duration)),
        frames=video.frames,
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _upstream_cost(rendered: Iterable[Artifact]) -> int | None:
    """Return what the engine's server says that all of it cost; None where it says nothing."""
    costs = [one.cost for one in rendered if one.cost is not None]
    return sum(costs) if costs else None
