"""State transitions of a job, each with its credits and notifications in one transaction.

A transition is a compare-and-set, and its side effects follow only if it moved the job: of two
workers that end the same job, one settles or refunds it and notifies its listeners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import is_
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.assets.types import Asset
from hinode.core.auth.priorities import granted_priority
from hinode.core.auth.types import Caller, Priority
from hinode.core.catalog.types import RenderPlan, ResolvedRequest, Route
from hinode.core.credits import service as credits
from hinode.core.credits.types import RenderedBy
from hinode.core.engines import daily_credits
from hinode.core.engines.presence import EnginePresence
from hinode.core.files.storage_quota import StorageQuota
from hinode.core.jobs import accounting, callback_credentials, idempotency, repository, reviews
from hinode.core.jobs import moves_repository as moves
from hinode.core.jobs.fair_queue import next_queue_rank
from hinode.core.jobs.limits import (
    JobLimits,
    check_concurrency,
    check_daily_quota,
    check_queue,
    check_spend,
)
from hinode.core.jobs.options import DEFAULT_OPTIONS, JobOptions
from hinode.core.jobs.requests import IdempotencyKey
from hinode.core.jobs.route_choice import (
    TakenRoute,
    check_credits_left,
    leave_day,
    routes_for_new,
    take_for_new,
)
from hinode.core.jobs.route_plans import RoutePlan, dump_routes
from hinode.core.jobs.tries import left_now
from hinode.core.jobs.types import ABANDONED, CANCELED, Job, JobAction, JobError, JobState
from hinode.kit.clock import Clock
from hinode.kit.frozen import with_changes
from hinode.media.types import DigitalSourceType
from hinode.moderation.types import Review, ReviewStage, Verdict

PASSED = Review(Verdict.ALLOW)


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
class NewJob:
    """A job to create: resolved and priced, with its inputs stored.

    ``resolved`` has the price to hold, ``routes`` the request as each route that can meet it would
    render it; empty: only as ``resolved`` has it. ``priority`` is the asked one; None: the caller's
    default. ``review`` is that of its content.
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
    routes: tuple[RoutePlan, ...] = ()
    review: Review = PASSED

    @property
    def plans(self) -> tuple[RoutePlan, ...]:
        """The request as each route that can meet it would render it."""
        model, plan, price = self.resolved.model, self.resolved.plan, self.resolved.price
        return self.routes or (RoutePlan(model.engine, model.upstream, plan, price, self.options),)

    def with_options(self, **changes: Any) -> NewJob:
        """Return the job with changes of its options, for all routes."""
        options = with_changes(self.options, **changes)
        routes = tuple(
            with_changes(one, options=with_changes(one.options, **changes)) for one in self.routes
        )
        if all(map(is_, routes, self.routes)):
            routes = self.routes
        return with_changes(self, options=options, routes=routes)


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
        model, plans = new.resolved.model, new.plans
        routes = self._routes(conn, new, now)
        taken = take_for_new(conn, model, routes, plans, now)
        priority = granted_priority(caller, new.priority)
        queue_rank = next_queue_rank(conn, caller.account_id, taken.plan.engine, priority)
        job = self._queued(caller, new, now, taken, priority, queue_rank)
        repository.insert(conn, job, dump_routes(plans), taken.overflow_at)
        reviews.save(conn, job.id, ReviewStage.CREATE, new.review)
        callback_credentials.insert(conn, job)
        accounting.record_create(conn, job)
        assets.insert(conn, new.inputs)
        self.dispatcher.enqueue(conn, job, taken.delay)
        return job

    def check(self, conn: sa.Connection, caller: Caller, new: NewJob) -> None:
        """Raise what :meth:`create` would raise now; write nothing.

        An early check before the inputs are decoded. It takes no locks, so :meth:`create` checks
        again.
        """
        now, resolved, price = self.clock.now(), new.resolved, new.resolved.price
        credits.check(conn, caller.account_id, price)
        check_concurrency(conn, caller, self.limits.max_unfinished)
        check_daily_quota(conn, caller, resolved, now, held=False)
        check_spend(conn, caller, price, now)
        self.storage_quota.check(conn, caller.account_id, 1)
        routes = self._routes(conn, new, now)
        check_credits_left(conn, resolved.model, routes, new.plans, now)

    def _routes(self, conn: sa.Connection, new: NewJob, now: datetime) -> list[Route]:
        """Return the routes for a new job, the best first, whose queue is not full."""
        model, plans = new.resolved.model, new.plans
        absent = self.presence.absent(conn, [one.engine for one in plans], now)
        routes = routes_for_new(conn, model, plans, now, absent)
        check_queue(conn, routes[0].engine, self.limits.max_queued)
        return routes

    def _queued(
        self,
        caller: Caller,
        new: NewJob,
        now: datetime,
        taken: TakenRoute,
        priority: Priority,
        queue_rank: int,
    ) -> Job:
        route = taken.plan
        return Job(
            id=new.id,
            account_id=caller.account_id,
            key_id=caller.key_id,
            kind=new.resolved.model.kind,
            action=new.action,
            parent_id=new.parent_id,
            state=JobState.QUEUED,
            model=new.resolved.model.id,
            engine=route.engine,
            upstream=route.upstream,
            prompt=new.prompt,
            plan=route.plan,
            options=route.options,
            progress=0,
            price=new.resolved.price,
            error=None,
            created_at=now,
            started_at=None,
            ended_at=None,
            deadline_at=now + self.limits.queue_timeout,
            expires_at=None,
            charged=new.resolved.price,
            route_price=route.price,
            counted_in=taken.counted_in,
            priority=priority,
            queue_rank=queue_rank,
        )

    def begin(self, conn: sa.Connection, job_id: UUID, dispatch_no: int) -> tuple[Job, bool] | None:
        """Start a queued job or resume a running one; return it and whether it was resumed.

        None when it has ended or was requeued after this dispatch. A job that was resumed more than
        ``MAX_RESUMES`` times fails.
        """
        now = self.clock.now()
        deadline = now + self._run_timeout(conn, job_id)
        moved = repository.begin(conn, job_id, dispatch_no, now, deadline)
        if not moved and not repository.resume(conn, job_id, dispatch_no, deadline, MAX_RESUMES):
            self.fail(conn, job_id, ABANDONED)
        job = repository.find(conn, job_id)
        if job is None or job.state is not JobState.RUNNING or job.dispatch_no != dispatch_no:
            return None
        return job, not moved

    def _run_timeout(self, conn: sa.Connection, job_id: UUID) -> timedelta:
        found = repository.find(conn, job_id) if self.limits.run_timeouts else None
        return self.limits.run_timeout_at(found.engine) if found else self.limits.run_timeout

    def requeue(
        self,
        conn: sa.Connection,
        job: Job,
        to: TakenRoute | None = None,
        *,
        submit_failed: bool,
        reason: str,
        delay: float = 0.0,
    ) -> bool:
        """Requeue a job that no engine has accepted; False when it has ended or was moved.

        ``to`` is another route that was taken for it; None: the same one. ``submit_failed`` counts
        a failed submit; a move away from a stopped engine is none. ``reason`` is for operators. The
        job starts after ``delay`` seconds. The new dispatch number makes the old queue entry void.
        """
        moved = to.plan.applied_to(job) if to else job
        queued = replace(
            moved,
            state=JobState.QUEUED,
            queue_rank=next_queue_rank(conn, job.account_id, moved.engine, job.priority),
            dispatch_no=job.dispatch_no + 1,
            submit_failures=job.submit_failures + submit_failed,
            deadline_at=job.created_at + self.limits.queue_timeout,
            counted_in=to.counted_in if to else job.counted_in,
        )
        left = left_now(job, self.clock.now(), reason, submit_failed=submit_failed)
        if not moves.requeue(conn, job, queued, left):
            return False
        if to is not None:
            moves.set_overflow(conn, job.id, to.overflow_at)
            daily_credits.give_back(conn, job.counted_in, job.route_price)
        accounting.record_requeue(conn, job, queued.engine)
        self.dispatcher.enqueue(conn, queued, delay)
        return True

    def postpone_deadline(self, conn: sa.Connection, job: Job) -> datetime:
        """Extend the deadline of a running job to a whole ``run_timeout`` from now.

        The limit is ``queue_timeout`` after the create. Return the deadline; it is never shortened.
        """
        latest = min(
            self.clock.now() + self.limits.run_timeout_at(job.engine),
            job.created_at + self.limits.queue_timeout,
        )
        deadline = max(job.deadline_at, latest)
        repository.set_deadline(conn, job, deadline)
        return deadline

    def complete(
        self,
        conn: sa.Connection,
        job: Job,
        files: list[Asset],
        charged: int,
        plan: RenderPlan,
        upstream_cost: int | None = None,
        origin: DigitalSourceType | None = None,
    ) -> bool:
        """Complete a running job: write its state, size and files, and settle its credits.

        ``charged`` is limited to the price of its route; ``upstream_cost`` and ``origin`` are
        only recorded. False, with nothing written, when it had ended before.
        """
        now, charged = self.clock.now(), min(charged, job.route_price)
        expires = self._expiry(job, now)
        moved = repository.transition(
            conn,
            job.id,
            JobState.COMPLETED,
            ended_at=now,
            progress=100,
            charged=charged,
            upstream_cost=upstream_cost,
            origin=origin,
            expires_at=expires,
            width=plan.width,
            height=plan.height,
            fps=plan.fps,
            frames=plan.frames,
        )
        if moved is not None:
            assets.insert(conn, files)
            credits.settle(
                conn, job.id, charged, self.clock, RenderedBy(moved.engine, moved.upstream)
            )
            daily_credits.give_back(conn, moved.counted_in, moved.route_price - charged)
            accounting.record_end(conn, moved, charged)
            self._notify(conn, job.id, JobState.COMPLETED)
        return moved is not None

    def _expiry(self, job: Job, now: datetime) -> datetime | None:
        if job.options.simulate and job.options.simulate.expire:
            return now
        return now + self.limits.retention if self.limits.retention else None

    def fail(
        self,
        conn: sa.Connection,
        job_id: UUID,
        error: JobError,
        expected: Job | None = None,
        *,
        may_cost: bool = True,
    ) -> bool:
        """Fail a job and refund its hold; False when it had ended before.

        With ``expected``, the job as this worker read it, also False when it was resumed or
        requeued since then. ``may_cost``: if it was started, the engine's server may charge for it.
        """
        moved = self._end_unsuccessfully(
            conn, job_id, JobState.FAILED, error, expected, may_cost=may_cost
        )
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
        *,
        may_cost: bool = True,
    ) -> bool:
        moved = repository.fail(conn, job_id, target, error, self.clock.now(), expected)
        if moved is not None:
            credits.refund(conn, job_id, self.clock)
            leave_day(conn, moved, may_cost=may_cost)
            accounting.record_end(conn, moved, 0)
        return moved is not None

    def _notify(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        for listener in self.listeners:
            listener.ended(conn, job_id, state)
