"""State transitions of a job, each with its credits and notifications in one transaction.

A transition is a compare-and-set, and its side effects follow only if it moved the job: of two
workers that end the same job, one settles or refunds it and notifies its listeners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.assets.types import Asset
from hinode.core.auth.priorities import granted_priority
from hinode.core.auth.types import Caller, Priority
from hinode.core.catalog.types import Model, RenderPlan, ResolvedRequest
from hinode.core.credits import service as credits
from hinode.core.engines.presence import EnginePresence
from hinode.core.engines.service import choose
from hinode.core.files.storage_quota import StorageQuota
from hinode.core.jobs import accounting, callback_credentials, idempotency, repository
from hinode.core.jobs.fair_queue import next_queue_rank
from hinode.core.jobs.limits import (
    check_concurrency,
    check_daily_quota,
    check_queue,
    check_spend,
)
from hinode.core.jobs.options import DEFAULT_OPTIONS, JobOptions
from hinode.core.jobs.requests import IdempotencyKey
from hinode.core.jobs.types import (
    ABANDONED,
    CANCELED,
    Job,
    JobAction,
    JobError,
    JobState,
)
from hinode.kit.clock import Clock


class Dispatcher(Protocol):
    """The queue of jobs, written in the transaction that creates or requeues one."""

    def enqueue(self, conn: sa.Connection, job: Job, delay: float = 0.0) -> None:
        """Enqueue a job for its engine, to start after ``delay`` seconds."""
        ...


class JobListener(Protocol):
    """A listener for ends of jobs, called in the transaction that ends one."""

    def ended(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        """Handle the end of a job in this state."""
        ...


@dataclass(frozen=True, slots=True)
class JobLimits:
    """The server's limits of jobs.

    ``queue_timeout`` runs from the create, ``run_timeout`` from each start or resume. ``retention``
    is the time for which files are kept, None: forever. ``max_unfinished`` limits the unfinished
    jobs of an account, ``max_queued`` the queued jobs of one engine; 0: no limit.
    """

    queue_timeout: timedelta
    run_timeout: timedelta
    retention: timedelta | None
    max_unfinished: int = 0
    max_queued: int = 0


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to create: resolved and priced, with its inputs stored.

    ``priority`` is the asked one; None: the caller's default.
    """

    id: UUID
    prompt: str
    resolved: ResolvedRequest
    action: JobAction = JobAction.CREATE
    parent_id: UUID | None = None
    options: JobOptions = DEFAULT_OPTIONS
    inputs: Sequence[Asset] = ()
    idempotency_key: IdempotencyKey | None = None
    priority: Priority | None = None


MAX_RESUMES = 20
"""Maximum resumes of a running job. Without a limit, a render that crashes its worker would crash
the next one forever."""


class DuplicateRequest(Exception):
    """Another request stored the same idempotency key first; the caller returns its job."""


@dataclass(frozen=True, slots=True)
class JobLifecycle:
    """Transitions of jobs; each method runs in the caller's transaction."""

    dispatcher: Dispatcher
    clock: Clock
    limits: JobLimits
    listeners: Sequence[JobListener] = ()
    presence: EnginePresence = field(default_factory=EnginePresence)
    storage_quota: StorageQuota = field(default_factory=StorageQuota)

    def create(self, conn: sa.Connection, caller: Caller, new: NewJob) -> Job:
        """Write the job, its credit hold and its queue entry.

        Raises :class:`HinodeError` when the balance is too low, the queue is full, no worker offers
        an engine of the model, or a limit of the key or the account is reached; raises
        :class:`DuplicateRequest` when the idempotency key is taken.
        """
        now, idempotency_key = self.clock.now(), new.idempotency_key
        # First: a repeat must not fail for a limit that the original request has used up.
        if idempotency_key and not idempotency.claim(
            conn, caller.account_id, idempotency_key, new.id, now
        ):
            raise DuplicateRequest
        price = new.resolved.price
        # The hold locks the account's balance until the commit: concurrent creates of the account
        # wait here, so the counts of the checks below cannot change.
        credits.hold(conn, caller.account_id, new.id, price, self.clock)
        check_concurrency(conn, caller, self.limits.max_unfinished)
        check_daily_quota(conn, caller, new.resolved, now, held=True)
        check_spend(conn, caller, price, now)
        if new.inputs:
            added = sum(one.bytes for one in new.inputs)
            self.storage_quota.check(conn, caller.account_id, added)
        engine = self._choose_engine(conn, new.resolved.model, now)
        priority = granted_priority(caller, new.priority)
        queue_rank = next_queue_rank(conn, caller.account_id, engine, priority)
        job = replace(
            self._queued(caller, new, now, engine), priority=priority, queue_rank=queue_rank
        )
        repository.insert(conn, job)
        callback_credentials.insert(conn, job)
        accounting.record_create(conn, job)
        assets.insert(conn, new.inputs)
        self.dispatcher.enqueue(conn, job)
        return job

    def check(self, conn: sa.Connection, caller: Caller, resolved: ResolvedRequest) -> None:
        """Raise what :meth:`create` would raise now; write nothing.

        An early check before the inputs are decoded. It takes no locks, so :meth:`create` checks
        again.
        """
        now, price = self.clock.now(), resolved.price
        credits.check(conn, caller.account_id, price)
        check_concurrency(conn, caller, self.limits.max_unfinished)
        check_daily_quota(conn, caller, resolved, now, held=False)
        check_spend(conn, caller, price, now)
        self.storage_quota.check(conn, caller.account_id, 1)
        self._choose_engine(conn, resolved.model, now)

    def _choose_engine(self, conn: sa.Connection, model: Model, now: datetime) -> str:
        engine = choose(conn, model, now, self.presence.absent(conn, model.engine_names, now))
        check_queue(conn, engine, self.limits.max_queued)
        return engine

    def _queued(self, caller: Caller, new: NewJob, now: datetime, engine: str) -> Job:
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
            charged=new.resolved.price,
        )

    def begin(self, conn: sa.Connection, job_id: UUID, dispatch_no: int) -> tuple[Job, bool] | None:
        """Start a queued job or resume a running one; return it and whether it was resumed.

        None when it has ended or was requeued after this dispatch. A job that was resumed more than
        ``MAX_RESUMES`` times fails.
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
        """Requeue a job that no engine has accepted; False when it has ended or was moved.

        ``submit_failed`` counts a failed submit; a move away from a stopped engine is none. The job
        starts after ``delay`` seconds. The new dispatch number makes the old queue entry void.
        """
        queue_rank = next_queue_rank(conn, job.account_id, engine, job.priority)
        deadline = job.created_at + self.limits.queue_timeout
        moved = repository.requeue(
            conn, job, engine, queue_rank, deadline, job.submit_failures + submit_failed
        )
        if moved:
            accounting.record_requeue(conn, job, engine)
            queued = replace(
                job,
                state=JobState.QUEUED,
                engine=engine,
                queue_rank=queue_rank,
                dispatch_no=job.dispatch_no + 1,
            )
            self.dispatcher.enqueue(conn, queued, delay)
        return moved

    def postpone_deadline(self, conn: sa.Connection, job: Job) -> datetime:
        """Extend the deadline of a running job to a whole ``run_timeout`` from now.

        The limit is ``queue_timeout`` after the create. Return the deadline; it is never shortened.
        """
        latest = min(
            self.clock.now() + self.limits.run_timeout, job.created_at + self.limits.queue_timeout
        )
        deadline = max(job.deadline_at, latest)
        repository.set_deadline(conn, job, deadline)
        return deadline

    def complete(
        self, conn: sa.Connection, job: Job, files: list[Asset], charged: int, plan: RenderPlan
    ) -> bool:
        """Complete a running job: write its state, size and files, and settle its credits.

        ``charged`` is limited to the price. False, with nothing written, when it had ended before.
        """
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
        if moved is not None:
            assets.insert(conn, files)
            credits.settle(conn, job.id, charged, self.clock)
            accounting.record_end(conn, moved, charged)
            self._notify(conn, job.id, JobState.COMPLETED)
        return moved is not None

    def _expiry(self, job: Job, now: datetime) -> datetime | None:
        if job.options.simulate and job.options.simulate.expire:
            return now
        return now + self.limits.retention if self.limits.retention else None

    def fail(
        self, conn: sa.Connection, job_id: UUID, error: JobError, expected: Job | None = None
    ) -> bool:
        """Fail a job and refund its hold; False when it had ended before.

        With ``expected``, the job as this worker read it, also False when it was resumed or
        requeued since then.
        """
        moved = self._end_unsuccessfully(conn, job_id, JobState.FAILED, error, expected)
        if moved:
            self._notify(conn, job_id, JobState.FAILED)
        return moved

    def cancel(self, conn: sa.Connection, job_id: UUID, *, notify: bool = True) -> bool:
        """Cancel a job and refund its hold; False when it had ended before."""
        moved = self._end_unsuccessfully(conn, job_id, JobState.CANCELED, CANCELED)
        if moved and notify:
            self._notify(conn, job_id, JobState.CANCELED)
        return moved

    def _end_unsuccessfully(
        self,
        conn: sa.Connection,
        job_id: UUID,
        target: JobState,
        error: JobError,
        expected: Job | None = None,
    ) -> bool:
        moved = repository.fail(conn, job_id, target, error, self.clock.now(), expected)
        if moved is not None:
            credits.refund(conn, job_id, self.clock)
            accounting.record_end(conn, moved, 0)
        return moved is not None

    def _notify(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        for listener in self.listeners:
            listener.ended(conn, job_id, state)
