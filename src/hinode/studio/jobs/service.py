"""The life of a job inside one transaction: made with its hold, ended with its settlement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa

from hinode.kit.clock import Clock
from hinode.studio.access import repository as keys
from hinode.studio.access.types import Caller
from hinode.studio.assets import repository as assets
from hinode.studio.assets.types import Asset
from hinode.studio.catalog.types import Fitted, RenderPlan
from hinode.studio.credits import service as credits
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs import promises, repository
from hinode.studio.jobs.admission import check_day, check_queue, check_room, spend
from hinode.studio.jobs.options import PLAIN, JobOptions
from hinode.studio.jobs.requests import Idempotency
from hinode.studio.jobs.turns import next_turn, queued_before
from hinode.studio.jobs.types import (
    ABANDONED,
    CANCELED,
    Job,
    JobAction,
    JobDetail,
    JobError,
    JobState,
)
from hinode.studio.routing.service import choose


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

    ``outstanding`` is how many unfinished jobs an account may have, and ``queued`` how many may
    wait for one engine; 0: any number.
    """

    queue: timedelta
    run: timedelta
    retention: timedelta | None
    outstanding: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job about to be made: fitted and priced, its inputs stored."""

    id: UUID
    prompt: str
    fitted: Fitted
    action: JobAction = JobAction.CREATE
    parent_id: UUID | None = None
    options: JobOptions = PLAIN
    inputs: Sequence[Asset] = ()
    promise: Idempotency | None = None


MOST_STARTS = 20
"""How often a running job is gone on with. Restarts of a server happen; a render that kills its
server each time would otherwise do so for ever."""


class AlreadyMade(Exception):
    """Another request with the same idempotency key was first; its job is the answer."""


@dataclass(frozen=True, slots=True)
class JobService:
    """The verbs of jobs; each runs in the transaction of the connection that it is given."""

    dispatcher: Dispatcher
    clock: Clock
    limits: JobLimits
    listeners: Sequence[JobListener] = ()

    def create(self, conn: sa.Connection, caller: Caller, new: NewJob) -> Job:
        """Write the job, its hold and its place in the queue: all three or nothing.

        Raises :class:`StudioError` when credits are missing, the queue is full, or a limit of the
        key or the account is reached, and :class:`AlreadyMade`.
        """
        now, promise = self.clock.now(), new.promise
        if promise and not promises.claim(conn, caller.account_id, promise, new.id, now):
            raise AlreadyMade
        price = new.fitted.price
        # First of all: from here on this account's other creates wait for this one to end.
        credits.hold(conn, caller.account_id, new.id, price, self.clock)
        check_room(conn, caller, self.limits.outstanding)
        check_day(conn, caller, new.fitted, now)
        spend(conn, caller, price, now)
        engine = choose(conn, new.fitted.model, now)
        check_queue(conn, engine, self.limits.queued)
        turn = next_turn(conn, caller.account_id, engine)
        job = self._queued(caller, new, now, engine, turn)
        repository.insert(conn, job)
        assets.insert(conn, new.inputs)
        self.dispatcher.enqueue(conn, job)
        return job

    def _queued(self, caller: Caller, new: NewJob, now: datetime, engine: str, turn: int) -> Job:
        return Job(
            id=new.id,
            account_id=caller.account_id,
            key_id=caller.key_id,
            kind=new.fitted.model.kind,
            action=new.action,
            parent_id=new.parent_id,
            state=JobState.QUEUED,
            model=new.fitted.model.id,
            engine=engine,
            prompt=new.prompt,
            plan=new.fitted.plan,
            options=new.options,
            progress=0,
            price=new.fitted.price,
            error=None,
            created_at=now,
            started_at=None,
            ended_at=None,
            deadline_at=now + self.limits.queue,
            expires_at=None,
            turn=turn,
        )

    def get(self, conn: sa.Connection, caller: Caller, job_id: UUID) -> Job:
        """Return a job of the caller's account. Raises :class:`StudioError` when it has none."""
        job = repository.find_own(conn, caller.account_id, job_id)
        if job is None:
            raise StudioError(
                ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param="id"
            )
        return job

    def detail(self, conn: sa.Connection, caller: Caller, job_id: UUID) -> JobDetail:
        """Return a job of the caller's account and its place in the queue."""
        return place_in_queue(conn, self.get(conn, caller, job_id))

    def begin(self, conn: sa.Connection, job_id: UUID, hop: int) -> tuple[Job, bool] | None:
        """Start a job that is queued at this hop, or go on with a running one; None: nothing to do.

        Returns the job and whether it was running before. A job at another hop is somebody else's.

        A job that was started too often has taken its workers down with it: it fails.
        """
        now = self.clock.now()
        deadline = now + self.limits.run
        moved = repository.begin(conn, job_id, hop, now, deadline)
        if not moved and not repository.start_again(conn, job_id, hop, deadline, MOST_STARTS):
            self.fail(conn, job_id, ABANDONED)
        job = repository.find(conn, job_id)
        if job is None or job.state is not JobState.RUNNING or job.hop != hop:
            return None
        return job, not moved

    def put_back(
        self, conn: sa.Connection, job: Job, engine: str, *, tried: bool, delay: float = 0.0
    ) -> bool:
        """Queue a job that no engine has taken again; False when it has ended or moved on.

        ``tried``: its engine was asked, so it counts. ``delay`` is in seconds.
        """
        turn = next_turn(conn, job.account_id, engine)
        deadline = job.created_at + self.limits.queue
        moved = repository.put_back(conn, job, engine, turn, deadline, job.tries + tried)
        if moved:
            queued = replace(job, state=JobState.QUEUED, engine=engine, turn=turn, hop=job.hop + 1)
            self.dispatcher.enqueue(conn, queued, delay)
        return moved

    def complete(
        self, conn: sa.Connection, job: Job, files: list[Asset], charged: int, plan: RenderPlan
    ) -> bool:
        """End a running job well: its files, what they are, its state and its settlement in one."""
        now, charged = self.clock.now(), min(charged, job.price)
        expires = self._expiry(job, now)
        moved = repository.move(
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
            self._tell(conn, job.id, JobState.COMPLETED)
        return moved

    def _expiry(self, job: Job, now: datetime) -> datetime | None:
        if job.options.simulate and job.options.simulate.expire:
            return now
        return now + self.limits.retention if self.limits.retention else None

    def fail(
        self, conn: sa.Connection, job_id: UUID, error: JobError, begun: Job | None = None
    ) -> bool:
        """End a job badly and refund it; False when it had ended before.

        With ``begun``, the job as it was begun: only if nobody has gone on with it since.
        """
        moved = self._stop(conn, job_id, JobState.FAILED, error, begun)
        if moved:
            self._tell(conn, job_id, JobState.FAILED)
        return moved

    def cancel(self, conn: sa.Connection, caller: Caller, job_id: UUID) -> Job:
        """Cancel a job that has not ended and refund it; a canceled one stays as it is.

        Raises :class:`StudioError` when the job is unknown, or has completed or failed.
        """
        job = self.get(conn, caller, job_id)
        if self._stop(conn, job_id, JobState.CANCELED, CANCELED):
            self._tell(conn, job_id, JobState.CANCELED)
        job = self.get(conn, caller, job.id)
        if job.state is not JobState.CANCELED:
            raise StudioError(
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
        self._stop(conn, job_id, JobState.CANCELED, CANCELED)
        repository.mark_deleted(conn, job_id, self.clock.now())
        return assets.delete_of_jobs(conn, [job_id])

    def _stop(
        self,
        conn: sa.Connection,
        job_id: UUID,
        target: JobState,
        error: JobError,
        begun: Job | None = None,
    ) -> bool:
        moved = repository.fail(conn, job_id, target, error, self.clock.now(), begun)
        if moved:
            credits.refund(conn, job_id, self.clock)
            repository.give_back_spent(conn, job_id)
        return moved

    def _tell(self, conn: sa.Connection, job_id: UUID, state: JobState) -> None:
        for listener in self.listeners:
            listener.ended(conn, job_id, state)


def place_in_queue(conn: sa.Connection, job: Job) -> JobDetail:
    """Add to a job its place in the queue."""
    queued = job.state is JobState.QUEUED
    return JobDetail(job, queued_before(conn, job.engine, job.turn, job.id) if queued else None)
