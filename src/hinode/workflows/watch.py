"""Watching all running jobs of a process at once: one look at the database for a thousand jobs.

Each round writes the progress that was made and learns which jobs are to go on; what was canceled
or ended elsewhere is stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from hinode.studio.backstage import Backstage
from hinode.workflows.meter import Meter

ROUND_SECONDS = 0.4
"""How often progress is written and a cancellation noticed."""

LONGEST_PAUSE_SECONDS = 10.0
"""Between two rounds while the database does not answer."""

log = structlog.get_logger("hinode.render")


@dataclass(frozen=True, slots=True)
class _Watched:
    meter: Meter
    stopped: asyncio.Event = field(default_factory=asyncio.Event)


class _Rounds:
    """The jobs of one event loop, and the task that looks after them."""

    def __init__(self, backstage: Backstage) -> None:
        self.jobs: dict[UUID, _Watched] = {}
        self._backstage = backstage
        self._task = asyncio.create_task(self._run())

    def end(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        pause = ROUND_SECONDS
        while True:
            await asyncio.sleep(pause)
            try:
                await self._look()
                pause = ROUND_SECONDS
            except Exception:
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                log.exception("the running jobs could not be looked at; it is tried again")

    async def _look(self) -> None:
        asked = dict(self.jobs)
        made = {job_id: one.meter.advanced() for job_id, one in asked.items()}
        running = await asyncio.to_thread(self._backstage.look, made)
        for job_id, one in asked.items():
            if job_id not in running:
                one.stopped.set()


class Watch:
    """Says of each running job whether it has to stop."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._rounds: dict[asyncio.AbstractEventLoop, _Rounds] = {}

    @contextmanager
    def over(self, job_id: UUID, meter: Meter) -> Iterator[asyncio.Event]:
        """Watch a job while the block runs; the event is set when it is not to go on."""
        loop = asyncio.get_running_loop()
        rounds = self._rounds.get(loop) or self._rounds.setdefault(loop, _Rounds(self._backstage))
        watched = rounds.jobs[job_id] = _Watched(meter)
        try:
            yield watched.stopped
        finally:
            # A job may be here twice for a moment: taken over while its first render stops.
            if rounds.jobs.get(job_id) is watched:
                del rounds.jobs[job_id]
            if not rounds.jobs:
                rounds.end()
                self._rounds.pop(loop, None)
