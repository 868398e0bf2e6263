"""The verbs of those who hand jobs to engines: may it start, and where to if not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.catalog.service import Catalog
from hinode.core.catalog.types import Model
from hinode.core.engines import repository as states
from hinode.core.engines import service as routing
from hinode.core.engines.types import EngineFailure, EngineState
from hinode.core.errors import HinodeError
from hinode.core.jobs import repository
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.types import Job, JobState
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    import sqlalchemy as sa

    from hinode.db.database import Database


class DispatchDecision(StrEnum):
    """What a worker does with a queued job: hand it over, look again soon, or leave it."""

    START = "start"
    WAIT = "wait"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class ModelNames:
    """What a model is called here, and at the server of an engine; None where that is not known."""

    catalog: str | None = None
    upstream: str | None = None


NO_MODEL_NAMES = ModelNames()
_DEFAULT_DELAY, _MAX_DELAY = 10.0, 300.0


@dataclass(frozen=True, slots=True)
class EngineRouter:
    """Jobs on their way to engines.

    ``max_submits`` is how often a job is offered to engines that do not take it, before it fails.
    Moving it away from one that is stopped or rests is no offer.
    """

    db: Database
    lifecycle: JobLifecycle
    catalog: Catalog
    clock: Clock
    max_submits: int

    def decide(self, job_id: UUID, dispatch_no: int) -> DispatchDecision:
        """Say whether a job may be handed to its engine now.

        A job whose engine is stopped or rests goes to another one that may take it, if its model
        has one; then, and when it has ended, it is left alone.
        """
        with self.db.read() as conn:
            job = repository.find(conn, job_id)
            if job is None or job.state.ended or job.dispatch_no != dispatch_no:
                return DispatchDecision.SKIP
            state = states.states(conn, [job.engine])[job.engine]
            if job.state is JobState.RUNNING or state == EngineState(job.engine):
                return DispatchDecision.START
            if state.is_unavailable(self.clock.now()) and self._other(conn, job) is None:
                # Many jobs may wait here: they only read.
                return DispatchDecision.WAIT
        return self._decide_unhealthy(job)

    def _decide_unhealthy(self, job: Job) -> DispatchDecision:
        now = self.clock.now()
        with self.db.write() as conn:
            if routing.may_start(conn, job.engine, now):
                return DispatchDecision.START
            other = self._other(conn, job)
            if other is None:
                return DispatchDecision.WAIT
            self.lifecycle.requeue(conn, job, other, submit_failed=False)
            return DispatchDecision.SKIP

    def record_success(self, engine: str) -> None:
        """Note that an engine took a job: whatever was wrong with it is over."""
        with self.db.read() as conn:
            well = states.states(conn, [engine])[engine].failures == 0
        if not well:
            with self.db.write() as conn:
                routing.record_success(conn, engine)

    def submit_rejected(
        self, job: Job, reason: str, retry_after: float | None, *, job_specific: bool = False
    ) -> bool:
        """Note that an engine did not take a job, and queue that again, elsewhere if possible.

        ``retry_after`` is the seconds that the engine asked for, or None. With ``job_specific``
        that is this job's affair: the job waits, and the engine does not rest. False when the job
        was offered often enough, or has ended.
        """
        now = self.clock.now()
        with self.db.write() as conn:
            if job_specific:
                routing.probe_inconclusive(conn, job.engine, job.started_at or now, now)
            else:
                failure = EngineFailure(job.started_at or now, reason, retry_after)
                routing.record_failure(conn, job.engine, failure, now)
            if job.submit_failures + 1 >= self.max_submits:
                return False
            other = self._other(conn, job)
            delay = _delay(retry_after) if job_specific and other is None else 0.0
            return self.lifecycle.requeue(
                conn, job, other or job.engine, submit_failed=True, delay=delay
            )

    def probe_inconclusive(self, job: Job) -> None:
        """Note that a job failed for its own sake: if it was to try its engine, the next one may.

        A failure that was noted because of it stays.
        """
        now = self.clock.now()
        with self.db.read() as conn:
            is_well = states.states(conn, [job.engine])[job.engine].failures == 0
        if not is_well:
            with self.db.write() as conn:
                routing.probe_inconclusive(conn, job.engine, job.started_at or now, now)

    def engine_fault(self, job: Job, reason: str, retry_after: float | None) -> None:
        """Note that an engine seems broken, if the jobs of this model have somewhere else to go.

        Where they have not, each is tried: the trouble may have been of this job's making.
        """
        model, now = self._model(job), self.clock.now()
        if model is not None and len(model.routes) > 1:
            with self.db.write() as conn:
                routing.record_failure(
                    conn, job.engine, EngineFailure(job.started_at or now, reason, retry_after), now
                )

    def model_names(self, job: Job) -> ModelNames:
        """Return what the job's model is called; no names when the settings have it no more."""
        model = self._model(job)
        if model is None:
            return NO_MODEL_NAMES
        return ModelNames(model.alias_of or model.id, model.upstream_at(job.engine))

    def _other(self, conn: sa.Connection, job: Job) -> str | None:
        """Return another engine for the job that may take it at once, or None.

        None for a job that was gone on with: a worker died while it handed it over, and its engine
        may have it.
        """
        model = self._model(job)
        if model is None or job.resume_count:
            return None
        return routing.choose_other(conn, model, job.engine, self.clock.now())

    def _model(self, job: Job) -> Model | None:
        """Return the job's model; None when the settings have it no more since it was made."""
        try:
            return self.catalog.get(job.model)
        except HinodeError:
            return None


def _delay(asked: float | None) -> float:
    """Return how long a job waits that alone was not taken."""
    return _DEFAULT_DELAY if asked is None else min(_MAX_DELAY, max(1.0, asked))
