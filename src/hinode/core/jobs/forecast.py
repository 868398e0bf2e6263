"""The time until jobs end: what a queued one waits for, and how long such jobs took lately.

A queued job waits until its engine has worked off what runs and what is ahead; as many jobs run
side by side as run now. How long a job takes follows from the last jobs of its model that its
engine completed, by their pixels. Where one of these is not known, nothing is told.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hinode.core.jobs.fair_queue import MAX_AHEAD, jobs_ahead, queue_head
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
class _QueueHead:
    """The first jobs of a queue; ``seconds`` are those of the first none, one, two, … of them."""

    places: list[tuple[int, str]] = field(default_factory=list)
    seconds: list[float | None] = field(default_factory=lambda: [0.0])


@dataclass(slots=True)
class Forecast:
    """Estimates of one moment, by the database as it is then; what jobs share is read once."""

    conn: sa.Connection
    now: datetime
    _paces: dict[tuple[str, str], float | None] = field(default_factory=dict)
    _running: dict[str, tuple[float | None, int]] = field(default_factory=dict)
    _heads: dict[str, _QueueHead] = field(default_factory=dict)

    def details(self, found: Sequence[Job]) -> list[JobDetail]:
        """Return jobs as ``detail`` does; a queue that several of them are in is read once."""
        waiting = Counter(one.engine for one in found if one.state is JobState.QUEUED)
        for engine, count in waiting.items():
            if count > 1 and engine not in self._heads:
                self._heads[engine] = self._read_head(engine)
        return [self.detail(one) for one in found]

    def detail(self, job: Job) -> JobDetail:
        """Return a job with its place in the queue and the seconds until its end."""
        if job.state is not JobState.QUEUED:
            return JobDetail(job, None, job.remaining_seconds(self.now))
        count, before = self._ahead(job)
        left = None if count >= MAX_AHEAD or before is None else self._of_queued(job, before)
        return JobDetail(job, count, None if left is None else round(left))

    def _ahead(self, job: Job) -> tuple[int, float | None]:
        """Return how many jobs are ahead in the queue, and the seconds of them all together."""
        head = self._heads.get(job.engine)
        if head is not None:
            count = bisect_left(head.places, (job.queue_rank, job.id.hex))
            return count, head.seconds[count]
        ahead = jobs_ahead(self.conn, job.engine, job.queue_rank, job.id)
        taken = _sum([self._taken(job.engine, one.model, one.pixels) for one in ahead])
        return sum(one.jobs for one in ahead), taken

    def _read_head(self, engine: str) -> _QueueHead:
        head = _QueueHead()
        before = head.seconds[0]
        for place, model, pixels in queue_head(self.conn, engine):
            taken = self._taken(engine, model, pixels)
            before = None if before is None or taken is None else before + taken
            head.places.append(place)
            head.seconds.append(before)
        return head

    def _of_queued(self, job: Job, before: float) -> float | None:
        own = self._taken(job.engine, job.model, _pixels(job.plan))
        left, side_by_side = self._running_at(job.engine)
        if own is None or left is None:
            return None
        return (left + before) / max(1, side_by_side) + own

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

    def _running_at(self, engine: str) -> tuple[float | None, int]:
        """Return the seconds that the running jobs of an engine take together, and their number."""
        if engine not in self._running:
            found = [job_of(one) for one in _RUNNING.all(self.conn, engine_name=engine)]
            self._running[engine] = _sum([self._left(one) for one in found]), len(found)
        return self._running[engine]


def _sum(seconds: Sequence[float | None]) -> float | None:
    """Return a sum; None if a part of it is not known."""
    known = [one for one in seconds if one is not None]
    return sum(known) if len(known) == len(seconds) else None


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
