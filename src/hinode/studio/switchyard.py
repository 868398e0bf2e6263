"""The verbs of those who hand jobs to engines: may it start, and where to if not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.kit.clock import Clock
from hinode.studio.catalog.service import Catalog
from hinode.studio.catalog.types import Model
from hinode.studio.errors import StudioError
from hinode.studio.jobs import repository
from hinode.studio.jobs.service import JobService
from hinode.studio.jobs.types import Job, JobState
from hinode.studio.routing import repository as states
from hinode.studio.routing import service as routing
from hinode.studio.routing.types import EngineState, Trouble

if TYPE_CHECKING:
    import sqlalchemy as sa

    from hinode.db.database import Database


class Signal(StrEnum):
    """What a worker does with a queued job: hand it over, look again soon, or leave it."""

    GO = "go"
    WAIT = "wait"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class ModelNames:
    """What a model is called here, and at the server of an engine; None where that is not known."""

    own: str | None = None
    upstream: str | None = None


UNNAMED = ModelNames()
_USUAL_DELAY, _LONGEST_DELAY = 10.0, 300.0


@dataclass(frozen=True, slots=True)
class Switchyard:
    """Jobs on their way to engines.

    ``tries`` is how often a job is offered to engines that do not take it, before it fails. Moving
    it away from one that is stopped or rests is no offer.
    """

    db: Database
    jobs: JobService
    catalog: Catalog
    clock: Clock
    tries: int

    def signal(self, job_id: UUID, hop: int) -> Signal:
        """Say whether a job may be handed to its engine now.

        A job whose engine is stopped or rests goes to another one that may take it, if its model
        has one; then, and when it has ended, it is left alone.
        """
        with self.db.read() as conn:
            job = repository.find(conn, job_id)
            if job is None or job.state.ended or job.hop != hop:
                return Signal.LEAVE
            state = states.states(conn, [job.engine])[job.engine]
            if job.state is JobState.RUNNING or state == EngineState(job.engine):
                return Signal.GO
            if state.is_closed(self.clock.now()) and self._other(conn, job) is None:
                # Many jobs may wait here: they only read.
                return Signal.WAIT
        return self._signal_of_troubled(job)

    def _signal_of_troubled(self, job: Job) -> Signal:
        now = self.clock.now()
        with self.db.write() as conn:
            if routing.may_start(conn, job.engine, now):
                return Signal.GO
            other = self._other(conn, job)
            if other is None:
                return Signal.WAIT
            self.jobs.put_back(conn, job, other, tried=False)
            return Signal.LEAVE

    def took(self, engine: str) -> None:
        """Note that an engine took a job: whatever was wrong with it is over."""
        with self.db.read() as conn:
            well = states.states(conn, [engine])[engine].failures == 0
        if not well:
            with self.db.write() as conn:
                routing.took(conn, engine)

    def not_taken(self, job: Job, reason: str, rest: float | None, *, narrow: bool = False) -> bool:
        """Note that an engine did not take a job, and queue that again, elsewhere if possible.

        ``rest`` is the seconds that the engine asked for, or None. With ``narrow`` that is this
        job's affair: the job waits, and the engine does not rest. False when the job was offered
        often enough, or has ended.
        """
        now = self.clock.now()
        with self.db.write() as conn:
            if narrow:
                routing.unproven(conn, job.engine, job.started_at or now, now)
            else:
                trouble = Trouble(job.started_at or now, reason, rest)
                routing.failed(conn, job.engine, trouble, now)
            if job.tries + 1 >= self.tries:
                return False
            other = self._other(conn, job)
            delay = _delay(rest) if narrow and other is None else 0.0
            return self.jobs.put_back(conn, job, other or job.engine, tried=True, delay=delay)

    def unproven(self, job: Job) -> None:
        """Note that a job failed for its own sake: if it was to try its engine, the next one may.

        A failure that was noted because of it stays.
        """
        now = self.clock.now()
        with self.db.read() as conn:
            is_well = states.states(conn, [job.engine])[job.engine].failures == 0
        if not is_well:
            with self.db.write() as conn:
                routing.unproven(conn, job.engine, job.started_at or now, now)

    def unwell(self, job: Job, reason: str, rest: float | None) -> None:
        """Note that an engine seems broken, if the jobs of this model have somewhere else to go.

        Where they have not, each is tried: the trouble may have been of this job's making.
        """
        model, now = self._model(job), self.clock.now()
        if model is not None and len(model.routes) > 1:
            with self.db.write() as conn:
                routing.failed(conn, job.engine, Trouble(job.started_at or now, reason, rest), now)

    def model_names(self, job: Job) -> ModelNames:
        """Return what the job's model is called; no names when the settings have it no more."""
        model = self._model(job)
        if model is None:
            return UNNAMED
        return ModelNames(model.alias_of or model.id, model.upstream_at(job.engine))

    def _other(self, conn: sa.Connection, job: Job) -> str | None:
        """Return another engine for the job that may take it at once, or None.

        None for a job that was gone on with: a worker died while it handed it over, and its engine
        may have it.
        """
        model = self._model(job)
        if model is None or job.starts:
            return None
        return routing.other(conn, model, job.engine, self.clock.now())

    def _model(self, job: Job) -> Model | None:
        """Return the job's model; None when the settings have it no more since it was made."""
        try:
            return self.catalog.get(job.model)
        except StudioError:
            return None


def _delay(asked: float | None) -> float:
    """Return how long a job waits that alone was not taken."""
    return _USUAL_DELAY if asked is None else min(_LONGEST_DELAY, max(1.0, asked))
