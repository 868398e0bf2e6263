"""The life of a job inside one transaction: made with its hold, ended with its settlement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.assets.types import Asset
from hinode.core.auth import repository as keys
from hinode.core.auth.types import Caller
from hinode.core.catalog.types import RenderPlan, ResolvedRequest
from hinode.core.credits import service as credits
from hinode.core.engines.service import choose
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import idempotency, repository
from hinode.core.jobs.fair_queue import count_ahead, next_queue_rank
from hinode.core.jobs.limits import check_concurrency, check_daily_quota, check_queue, record_spend
from hinode.core.jobs.options import DEFAULT_OPTIONS, JobOptions
from hinode.core.jobs.requests import IdempotencyKey
from hinode.core.jobs.types import (
    ABANDONED,
    CANCELED,
    Job,
    JobAction,
    JobDetail,
    JobError,
    JobState,
)
from hinode.kit.clock import Clock


class Dispatcher(Protocol):
    """Whoever runs jobs; told inside the transaction that makes one."""

    def enqueue(self, conn: sa.Connection, job: Job, delay: float = 0.0) -> None:
        """Put a job into the queue of its engine after some seconds, on the same connection."""
        ...


class JobListener(Protocol):
    """Whoever wants to know how jobs end; told inside the transaction that ends one."""

    def ended(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        """Note that a job has ended in this state, on the same connection."""
        ...


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How long jobs may wait and run, and how long their files stay (None: for ever).

    ``max_unfinished`` is how many unfinished jobs an account may have, and ``max_queued`` how many
    may wait for one engine; 0: any number.
    """

    queue_timeout: timedelta
    run_timeout: timedelta
    retention: timedelta | None
    max_unfinished: int = 0
    max_queued: int = 0


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job about to be made: fitted and priced, its inputs stored."""

    id: UUID
    prompt: str
    resolved: ResolvedRequest
    action: JobAction = JobAction.CREATE
    parent_id: UUID | None = None
    options: JobOptions = DEFAULT_OPTIONS
    inputs: Sequence[Asset] = ()
    idempotency_key: IdempotencyKey | None = None


MAX_RESUMES = 20
"""How often a running job is gone on with. Restarts of a server happen; a render that kills its
server each time would otherwise do so for ever."""


class DuplicateRequest(Exception):
    """Another request with the same idempotency key was first; its job is the answer."""


@dataclass(frozen=True, slots=True)
class JobLifecycle:
    """The verbs of jobs; each runs in the transaction of the connection that it is given."""

    dispatcher: Dispatcher
    clock: Clock
    limits: JobLimits
    listeners: Sequence[JobListener] = ()

    def create(self, conn: sa.Connection, caller: Caller, new: NewJob) -> Job:
        """Write the job, its hold and its place in the queue: all three or nothing.

        Raises :class:`HinodeError` when credits are missing, the queue is full, or a limit of the
        key or the account is reached, and :class:`DuplicateRequest`.
        """
        now, idempotency_key = self.clock.now(), new.idempotency_key
        if idempotency_key and not idempotency.claim(
            conn, caller.account_id, idempotency_key, new.id, now
        ):
            raise DuplicateRequest
        price = new.resolved.price
        # First of all: from here on this account's other creates wait for this one to end.
        credits.hold(conn, caller.account_id, new.id, price, self.clock)
        check_concurrency(conn, caller, self.limits.max_unfinished)
        check_daily_quota(conn, caller, new.resolved, now)
        record_spend(conn, caller, price, now)
        engine = choose(conn, new.resolved.model, now)
        check_queue(conn, engine, self.limits.max_queued)
        queue_rank = next_queue_rank(conn, caller.account_id, engine)
        job = self._queued(caller, new, now, engine, queue_rank)
        repository.insert(conn, job)
        assets.insert(conn, new.inputs)
        self.dispatcher.enqueue(conn, job)
        return job

    def _queued(
        self, caller: Caller, new: NewJob, now: datetime, engine: str, queue_rank: int
    ) -> Job:
        return Job(
            id=new.id,
            account_id=caller.account_id,
            key_id=caller.key_id,
            kind=new.resolved.model.kind,
            action=new.action,
            parent_id=new.parent_id,
            state=JobState.QUEUED,
            model=new.resolved.model.id,
            engine=engine,
            prompt=new.prompt,
            plan=new.resolved.plan,
            options=new.options,
            progress=0,
            price=new.resolved.price,
            error=None,
            created_at=now,
            started_at=None,
            ended_at=None,
            deadline_at=now + self.limits.queue_timeout,
            expires_at=None,
            queue_rank=queue_rank,
        )

    def get(self, conn: sa.Connection, caller: Caller, job_id: UUID) -> Job:
        """Return a job of the caller's account. Raises :class:`HinodeError` when it has none."""
        job = repository.find_own(conn, caller.account_id, job_id)
        if job is None:
            raise HinodeError(
                ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param="id"
            )
        return job

    def detail(self, conn: sa.Connection, caller: Caller, job_id: UUID) -> JobDetail:
        """Return a job of the caller's account and its place in the queue."""
        return with_queue_position(conn, self.get(conn, caller, job_id))

    def begin(self, conn: sa.Connection, job_id: UUID, dispatch_no: int) -> tuple[Job, bool] | None:
        """Start a job that is queued at this dispatch_no, or go on with a running one; None:
        nothing to do.

        Returns the job and whether it was running before. A job at another dispatch_no is somebody
        else's.

        A job that was started too often has taken its workers down with it: it fails.
        """
        now = self.clock.now()
        deadline = now + self.limits.run_timeout
        moved = repository.begin(conn, job_id, dispatch_no, now, deadline)
        if not moved and not repository.resume(conn, job_id, dispatch_no, deadline, MAX_RESUMES):
            self.fail(conn, job_id, ABANDONED)
        job = repository.find(conn, job_id)
        if job is None or job.state is not JobState.RUNNING or job.dispatch_no != dispatch_no:
            return None
        return job, not moved

    def requeue(
        self, conn: sa.Connection, job: Job, engine: str, *, submit_failed: bool, delay: float = 0.0
    ) -> bool:
        """Queue a job that no engine has taken again; False when it has ended or moved on.

        ``submit_failed``: its engine was asked, so it counts. ``delay`` is in seconds.
        """
        queue_rank = next_queue_rank(conn, job.account_id, engine)
        deadline = job.created_at + self.limits.queue_timeout
        moved = repository.requeue(
            conn, job, engine, queue_rank, deadline, job.submit_failures + submit_failed
        )
        if moved:
            queued = replace(
                job,
                state=JobState.QUEUED,
                engine=engine,
                queue_rank=queue_rank,
                dispatch_no=job.dispatch_no + 1,
            )
            self.dispatcher.enqueue(conn, queued, delay)
        return moved

    def complete(
        self, conn: sa.Connection, job: Job, files: list[Asset], charged: int, plan: RenderPlan
    ) -> bool:
        """End a running job well: its files, what they are, its state and its settlement in one."""
        now, charged = self.clock.now(), min(charged, job.price)
        expires = self._expiry(job, now)
        moved = repository.transition(
            conn,
            job.id,
            JobState.COMPLETED,
            ended_at=now,
            progress=100,
            charged=charged,
            expires_at=expires,
            width=plan.width,
            height=plan.height,
            fps=plan.fps,
            frames=plan.frames,
        )
        if moved:
            assets.insert(conn, files)
            credits.settle(conn, job.id, charged, self.clock)
            if job.key_id is not None:
                keys.add_spent(conn, job.key_id, charged - job.price)
            self._notify(conn, job.id, JobState.COMPLETED)
        return moved

    def _expiry(self, job: Job, now: datetime) -> datetime | None:
        if job.options.simulate and job.options.simulate.expire:
            return now
        return now + self.limits.retention if self.limits.retention else None

    def fail(
        self, conn: sa.Connection, job_id: UUID, error: JobError, expected: Job | None = None
    ) -> bool:
        """End a job badly and refund it; False when it had ended before.

        With ``expected``, the job as it was begun: only if nobody has gone on with it since.
        """
        moved = self._end_unsuccessfully(conn, job_id, JobState.FAILED, error, expected)
        if moved:
            self._notify(conn, job_id, JobState.FAILED)
        return moved

    def cancel(self, conn: sa.Connection, caller: Caller, job_id: UUID) -> Job:
        """Cancel a job that has not ended and refund it; a canceled one stays as it is.

        Raises :class:`HinodeError` when the job is unknown, or has completed or failed.
        """
        job = self.get(conn, caller, job_id)
        if self._end_unsuccessfully(conn, job_id, JobState.CANCELED, CANCELED):
            self._notify(conn, job_id, JobState.CANCELED)
        job = self.get(conn, caller, job.id)
        if job.state is not JobState.CANCELED:
            raise HinodeError(
                ErrorCode.NOT_CANCELABLE,
                f"This job has {job.state.value} already and cannot be canceled.",
                param="id",
            )
        return job

    def delete(self, conn: sa.Connection, caller: Caller, job_id: UUID) -> list[str]:
        """Cancel the job if need be, forget it, and return the storage keys to remove.

        Nobody is told: who deletes a job asks to hear no more of it.
        """
        self.get(conn, caller, job_id)
        self._end_unsuccessfully(conn, job_id, JobState.CANCELED, CANCELED)
        repository.mark_deleted(conn, job_id, self.clock.now())
        return assets.delete_of_jobs(conn, [job_id])

    def _end_unsuccessfully(
        self,
        conn: sa.Connection,
        job_id: UUID,
        target: JobState,
        error: JobError,
        expected: Job | None = None,
    ) -> bool:
        moved = repository.fail(conn, job_id, target, error, self.clock.now(), expected)
        if moved:
            credits.refund(conn, job_id, self.clock)
            repository.refund_key_spend(conn, job_id)
        return moved

    def _notify(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        for listener in self.listeners:
            listener.ended(conn, job_id, state)


def with_queue_position(conn: sa.Connection, job: Job) -> JobDetail:
    """Add to a job its place in the queue."""
    queued = job.state is JobState.QUEUED
    return JobDetail(job, count_ahead(conn, job.engine, job.queue_rank, job.id) if queued else None)
