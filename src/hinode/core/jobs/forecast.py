"""The time until jobs end: what a queued one waits for, and how long such jobs took lately.

A queued job waits until its engine has worked off what runs and what is ahead; as many jobs run
side by side as run now. How long a job takes follows from the last jobs of its model that its
engine completed, by their pixels. Where one of these is not known, nothing is told.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hinode.core.jobs.fair_queue import MAX_AHEAD, AheadOfModel, jobs_ahead
from hinode.core.jobs.repository import job_of
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobDetail, JobState
from hinode.db.compiled_statement import CompiledStatement

_LEARNED_FROM = 8
_ENGINE = jobs.c.engine == sa.bindparam("engine_name")
# Literals, not parameters: a partial index is used only if the query repeats its condition.
_COMPLETED = CompiledStatement(
    sa.select(
        jobs.c.started_at,
        jobs.c.ended_at,
        jobs.c.width,
        jobs.c.height,
        jobs.c.frames,
        jobs.c.outputs,
    )
    .where(
        sa.text("state = 'completed' AND started_at IS NOT NULL"),
        _ENGINE,
        jobs.c.model == sa.bindparam("model_name"),
    )
    .order_by(jobs.c.ended_at.desc())
    .limit(sa.literal_column(str(_LEARNED_FROM)))
)
_RUNNING = CompiledStatement(
    sa.select(jobs)
    .where(sa.text("state = 'running'"), _ENGINE)
    .limit(sa.literal_column(str(MAX_AHEAD)))
)


@dataclass(slots=True)
class Forecast:
    """Estimates of one moment, by the database as it is then; what jobs share is read once."""

    conn: sa.Connection
    now: datetime
    _paces: dict[tuple[str, str], float | None] = field(default_factory=dict)
    _running: dict[str, list[Job]] = field(default_factory=dict)

    def detail(self, job: Job) -> JobDetail:
        """Return a job with its place in the queue and the seconds until its end."""
        if job.state is not JobState.QUEUED:
            return JobDetail(job, None, job.remaining_seconds(self.now))
        ahead = jobs_ahead(self.conn, job.engine, job.queue_rank, job.id)
        count = sum(one.jobs for one in ahead)
        left = None if count >= MAX_AHEAD else self._of_queued(job, ahead)
        return JobDetail(job, count, None if left is None else round(left))

    def _of_queued(self, job: Job, ahead: Sequence[AheadOfModel]) -> float | None:
        own = self._taken(job.engine, job.model, _pixels(job.plan))
        if own is None:
            return None
        running = self._running_at(job.engine)
        before = [self._left(one) for one in running]
        before += [self._taken(job.engine, one.model, one.pixels) for one in ahead]
        known = [one for one in before if one is not None]
        return None if len(known) < len(before) else sum(known) / max(1, len(running)) + own

    def _left(self, job: Job) -> float | None:
        told = job.remaining_seconds(self.now)
        if told is not None or job.started_at is None:
            return told
        taken = self._taken(job.engine, job.model, _pixels(job.plan))
        passed = (self.now - job.started_at).total_seconds()
        return None if taken is None else max(0.0, taken - passed)

    def _taken(self, engine: str, model: str, pixels: int) -> float | None:
        """Return the seconds that pixels of a model take; None before one job has completed."""
        if (engine, model) not in self._paces:
            done = _COMPLETED.all(self.conn, engine_name=engine, model_name=model)
            self._paces[engine, model] = _pace(done)
        pace = self._paces[engine, model]
        return None if pace is None else pace * pixels

    def _running_at(self, engine: str) -> list[Job]:
        if engine not in self._running:
            rows = _RUNNING.all(self.conn, engine_name=engine)
            self._running[engine] = [job_of(one) for one in rows]
        return self._running[engine]


def _pace(completed: Sequence[Any]) -> float | None:
    """Return the usual seconds per pixel: the median, as one job may have waited for its model."""
    paces = [
        max(0.0, (one.ended_at - one.started_at).total_seconds()) / _pixels(one)
        for one in completed
    ]
    return statistics.median(paces) if paces else None


def _pixels(made: Any) -> int:
    """Return the pixels of all frames of a plan, or of a row with its columns."""
    return int(made.width * made.height * made.frames * made.outputs)
