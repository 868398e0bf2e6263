"""Decide whether and to which engine a queued job is submitted; record the results of submits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.catalog.service import Catalog
from hinode.core.catalog.types import Model, Route
from hinode.core.engines import repository as states
from hinode.core.engines import service as routing
from hinode.core.engines.types import EngineFailure
from hinode.core.errors import HinodeError
from hinode.core.host_failures import HostFailure
from hinode.core.jobs import moves_repository as moves
from hinode.core.jobs import repository
from hinode.core.jobs.accounting import unfinished_by_engine
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.route_choice import TakenRoute, other_routes, take_other
from hinode.core.jobs.route_plans import RoutePlan, load_routes
from hinode.core.jobs.types import Job, JobState
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    import sqlalchemy as sa

    from hinode.db.database import Database


class DispatchDecision(StrEnum):
    """A worker's next step for a queued job: submit it, ask again soon, or drop it."""

    START = "start"
    WAIT = "wait"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class ModelNames:
    """A model's name in the catalog and at an engine's server; None if unknown."""

    catalog: str | None = None
    upstream: str | None = None


NO_MODEL_NAMES = ModelNames()
_DEFAULT_DELAY, _MAX_DELAY = 10.0, 300.0
_BATCH = 100
_NOT_OPEN = "the engine was stopped or in its cooldown"
_NO_WORKER = "no worker offered the engine"
_WITHDRAWN = "the route was withdrawn"
_OVERFLOW = "it had waited long enough to move to a route of overflow"
_OVERFLOW_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class EngineRouter:
    """Routes jobs to engines.

    ``max_submits`` is the number of failed submits after which a job fails. A move away from an
    engine that is stopped or in its cooldown is no submit. Cooldowns, which hosts with different
    clocks begin and wait for, go by ``shared_clock``.
    """

    db: Database
    lifecycle: JobLifecycle
    catalog: Catalog
    clock: Clock
    shared_clock: Clock
    max_submits: int

    def decide(self, job_id: UUID, dispatch_no: int) -> DispatchDecision:
        """Decide whether a job may be submitted to its engine now.

        A job whose engine is stopped or in its cooldown is queued for another engine of its model
        that accepts jobs. Then, and when the job has ended, the decision is SKIP.
        """
        with self.db.read() as conn:
            job = repository.find(conn, job_id)
            if job is None or job.state.ended or job.dispatch_no != dispatch_no:
                return DispatchDecision.SKIP
            state = states.states(conn, [job.engine])[job.engine]
            if job.state is JobState.RUNNING:
                return DispatchDecision.START
            withdrawn = self._is_withdrawn(job)
            if state.is_healthy and not (withdrawn and self._has_other(conn, job)):
                return DispatchDecision.START
        if withdrawn and self._move(job, _WITHDRAWN):
            return DispatchDecision.SKIP
        now = self.shared_clock.now()
        with self.db.read() as conn:
            if state.is_unavailable(now) and not self._has_other(conn, job):
                # Many jobs may wait here, so this path must not take the write lock.
                return DispatchDecision.WAIT
        return self._decide_unhealthy(job, now)

    def _decide_unhealthy(self, job: Job, now: datetime) -> DispatchDecision:
        with self.db.write() as conn:
            if routing.may_start(conn, job.engine, now):
                return DispatchDecision.START
            if not moves.lock_unchanged(conn, job):
                return DispatchDecision.SKIP
            other = self._take_other(conn, job)
            if other is None:
                return DispatchDecision.WAIT
            self.lifecycle.requeue(conn, job, other, submit_failed=False, reason=_NOT_OPEN)
            return DispatchDecision.SKIP

    def _is_withdrawn(self, job: Job) -> bool:
        """Return whether the job's model no longer has the route where it waits."""
        model = self._model(job)
        return model is not None and job.engine not in model.engine_names

    def move_stranded(self) -> int:
        """Move jobs that wait for an engine which no living worker offers; return their number.

        Its own worker would move them, and there is none.
        """
        now = self.clock.now()
        with self.db.read() as conn:
            waiting = [one for one, (queued, _) in unfinished_by_engine(conn).items() if queued]
            absent = self.lifecycle.presence.absent(conn, waiting, now)
            jobs = moves.stranded(conn, absent, _BATCH) if absent else []
        return sum(self._move(job, _NO_WORKER) for job in jobs)

    def _move(self, job: Job, reason: str) -> bool:
        """Move a queued job to another route that accepts it; False when there is none."""
        with self.db.write() as conn:
            if not moves.lock_unchanged(conn, job, JobState.QUEUED):
                return False
            to = self._take_other(conn, job)
            return to is not None and self.lifecycle.requeue(
                conn, job, to, submit_failed=False, reason=reason
            )

    def record_success(self, engine: str) -> None:
        """Record that an engine accepted a job, which resets its failures."""
        with self.db.read() as conn:
            well = states.states(conn, [engine])[engine].failures == 0
        if not well:
            with self.db.write() as conn:
                routing.record_success(conn, engine)

    def submit_rejected(
        self, job: Job, reason: str, retry_after: float | None, *, job_specific: bool = False
    ) -> bool:
        """Record a rejected submit and queue the job again, at another engine if possible.

        ``retry_after`` is the seconds that the engine asked for, or None. With ``job_specific``
        only this job is delayed, and the engine gets no cooldown. False when the job has reached
        ``max_submits`` or has ended.
        """
        now = self.shared_clock.now()
        started_at = self._started_at(job, now)
        with self.db.write() as conn:
            if job_specific:
                routing.probe_inconclusive(conn, job.engine, started_at, now)
            else:
                failure = EngineFailure(started_at, reason, retry_after)
                routing.record_failure(conn, job.engine, failure, now)
            if job.submit_failures + 1 >= self.max_submits or not moves.lock_unchanged(conn, job):
                return False
            other = self._take_other(conn, job)
            delay = _delay(retry_after) if job_specific and other is None else 0.0
            return self.lifecycle.requeue(
                conn, job, other, submit_failed=True, reason=reason, delay=delay
            )

    def host_failed(self, job: Job, failure: HostFailure, *, requeue: bool = False) -> datetime:
        """Start the cooldown of a job's engine after a failure of its worker's host.

        All jobs that meet one outage, as often as they repeat, are one failure of the engine.
        With ``requeue``, for a job that no engine has accepted, the job goes back to the queue.
        Otherwise its deadline is postponed. Return the deadline.
        """
        now = self.shared_clock.now()
        reason = f"failure of a worker's host: {failure.value.replace('_', ' ')}"
        engine_failure = EngineFailure(self._started_at(job, now), reason)
        with self.db.write() as conn:
            routing.record_failure(conn, job.engine, engine_failure, now)
            if requeue:
                self.lifecycle.requeue(conn, job, submit_failed=False, reason=reason)
                return job.deadline_at
            return self.lifecycle.postpone_deadline(conn, job)

    def probe_inconclusive(self, job: Job) -> None:
        """Record that a job failed for a reason that says nothing about its engine.

        If it was the engine's probe, the next job can be the probe at once.
        """
        with self.db.read() as conn:
            is_well = states.states(conn, [job.engine])[job.engine].failures == 0
        if not is_well:
            now = self.shared_clock.now()
            with self.db.write() as conn:
                routing.probe_inconclusive(conn, job.engine, self._started_at(job, now), now)

    def engine_fault(self, job: Job, reason: str, retry_after: float | None) -> None:
        """Record a failure of an engine, if the job's model has another engine.

        With one engine only, a cooldown would stop all jobs for a failure that this job may have
        caused.
        """
        model = self._model(job)
        if model is not None and len(model.routes) > 1:
            now = self.shared_clock.now()
            failure = EngineFailure(self._started_at(job, now), reason, retry_after)
            with self.db.write() as conn:
                routing.record_failure(conn, job.engine, failure, now)

    def _started_at(self, job: Job, now: datetime) -> datetime:
        """Return when a job was started, by the shared clock that shows ``now``."""
        if job.started_at is None:
            return now
        return now - max(self.clock.now() - job.started_at, timedelta(0))

    def model_names(self, job: Job) -> ModelNames:
        """Return the names of the job's model here and at the server of its route."""
        model = self._model(job)
        return ModelNames((model.alias_of or model.id) if model else None, job.upstream)

    def move_overflow(self, places: Mapping[str, int]) -> int:
        """Move jobs that have waited long enough to routes of overflow; return their number.

        ``places`` are the jobs that may wait at each engine: more would only wait elsewhere, at a
        price. Jobs that find no such route now are looked at again after a pause.
        """
        now = self.clock.now()
        with self.db.read() as conn:
            due = moves.overflowing(conn, now, _BATCH)
            waiting = {one: queued for one, (queued, _) in unfinished_by_engine(conn).items()}
        moved = 0
        for job in due:
            full = frozenset(one for one, most in places.items() if waiting.get(one, 0) >= most)
            with self.db.write() as conn:
                engine = self._overflow(conn, job, full)
            if engine is not None:
                waiting[engine] = waiting.get(engine, 0) + 1
                moved += 1
        return moved

    def _overflow(self, conn: sa.Connection, job: Job, full: frozenset[str]) -> str | None:
        """Move one job, unless a worker has started it meanwhile; return its new engine."""
        if not moves.lock_unchanged(conn, job, JobState.QUEUED):
            return None
        to = self._take_other(conn, job, full, only_overflow=True)
        if to is None:
            moves.set_overflow(conn, job.id, self.clock.now() + _OVERFLOW_PAUSE)
            return None
        self.lifecycle.requeue(conn, job, to, submit_failed=False, reason=_OVERFLOW)
        return to.plan.engine

    def _has_other(self, conn: sa.Connection, job: Job) -> bool:
        found = self._other_routes(conn, job)
        return found is not None and bool(found[2])

    def _take_other(
        self,
        conn: sa.Connection,
        job: Job,
        excluded: frozenset[str] = frozenset(),
        *,
        only_overflow: bool = False,
    ) -> TakenRoute | None:
        """Take another route that accepts the locked job at once; None if there is none."""
        found = self._other_routes(conn, job, excluded)
        if found is None:
            return None
        model, plans, routes = found
        wanted = [one for one in routes if one.overflow_after is not None or not only_overflow]
        return take_other(conn, job, model, wanted, plans, self.clock.now())

    def _other_routes(
        self, conn: sa.Connection, job: Job, excluded: frozenset[str] = frozenset()
    ) -> tuple[Model, tuple[RoutePlan, ...], list[Route]] | None:
        """Return a job's model, its plans, and the other routes that accept it at once.

        None for a job with one route, and for a resumed one: a worker died while submitting it, so
        its engine may have it.
        """
        model, text = self._model(job), moves.routes_of(conn, job.id)
        if model is None or text is None or job.resume_count:
            return None
        plans, now = load_routes(text, job), self.clock.now()
        absent = self.lifecycle.presence.absent(conn, [one.engine for one in plans], now)
        return model, plans, other_routes(conn, job, model, plans, now, excluded | absent)

    def _model(self, job: Job) -> Model | None:
        """Return the job's model; None when the settings no longer have it."""
        try:
            return self.catalog.get(job.model)
        except HinodeError:
            return None


def _delay(retry_after: float | None) -> float:
    """Return the delay in seconds of a job after a job-specific rejection."""
    return _DEFAULT_DELAY if retry_after is None else min(_MAX_DELAY, max(1.0, retry_after))
